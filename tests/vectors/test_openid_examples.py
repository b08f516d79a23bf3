"""The example messages of OpenID4VCI 1.0 and OpenID4VP 1.0: what giayto reads of them, and what it does not and why."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from cryptography import x509

from conformance import Report
from giayto_crypto import b64url, jws
from giayto_crypto.keys import LocalSigner, PublicKey
from giayto_crypto.sdjwt import UnverifiedSdJwt, reveal, verify_issuer_signature, verify_key_binding
from giayto_issuers import load_builtin_types
from giayto_sdk._http.client import HttpClient
from giayto_sdk._wallet.issuance import IssuerMetadata
from giayto_sdk._wallet.issuance_offers import CredentialOffer, resolve_offer
from giayto_verifiers.requests.request import _FORMATS
from giayto_wallet_api.authorization.details import InvalidAuthorizationDetailsError, read_details

ISSUER = "https://credential-issuer.example.com"
VCI, VP = "openid4vci", "openid4vp"
EXAMPLES = "1.0/examples"

OFFERS = {
    "credential_offer_authz_code.txt": CredentialOffer(ISSUER, ("UniversityDegreeCredential",), None, False),
    "credential_offer_by_reference.json": CredentialOffer(
        ISSUER, ("UniversityDegree_LDP_VC",), "adhjhdjajkdkhjhdj", True
    ),
    "credential_offer_multiple_credentials.json": CredentialOffer(
        ISSUER,
        ("UniversityDegreeCredential", "org.iso.18013.5.1.mDL"),
        "oaKazRN8I0IbtZ0C7JuMn5",
        True,
        4,
        "Please provide the one-time code that was sent via e-mail",
    ),
    "credential_offer_pre-authz_code.json": CredentialOffer(
        ISSUER,
        ("UniversityDegreeCredential",),
        "adhjhdjajkdkhjhdj",
        True,
        None,
        "Please provide the one-time code which was sent to your mobile phone via SMS",
    ),
}
DETAILS = (
    "authorization_details.json",
    "authorization_details_jwt_vc_json.json",
    "authorization_details_ldp_vc.json",
    "authorization_details_mso_doc.json",
    "authorization_details_multiple_credentials.json",
    "authorization_details_sd_jwt_vc.json",
    "authorization_details_with_as.json",
)
QUERIES = (
    "query_lang/claims_alternatives.json",
    "query_lang/complex_mdoc.json",
    "query_lang/credentials_alternatives.json",
    "query_lang/multi_credentials.json",
    "query_lang/simple.json",
    "query_lang/simple_mdoc.json",
    "query_lang/value_matching_simple.json",
    "request/dcql_jwt_vc.json",
    "request/dcql_ldp_vc.json",
)
"""Read by `test_openid4vp_vectors.py`."""
PAYLOADS = ("credentials/sd_jwt_vc.json", "credentials/sd_jwt_vc_unsecured.json")

OTHER_FORMAT = "a credential of another format: giayto reads and issues SD-JWT VC only"
NO_DIDS = "`decentralized_identifier` is not taken: verifiers are known by their certificates"
NO_DC_API = "the Digital Credentials API is not offered"
NOT_READ = {
    VCI: {
        "credential_metadata_jwt_vc_json.json": OTHER_FORMAT,
        "credential_metadata_ldp_vc.json": OTHER_FORMAT,
        "credential_metadata_mso_mdoc.json": OTHER_FORMAT,
        "credential_request_iso_mdl.json": OTHER_FORMAT,
        "credential_response_jwt_vc_json.txt": OTHER_FORMAT,
        "credential_response_ldp_vc.txt": OTHER_FORMAT,
        "credential_response_mso_mdoc.txt": OTHER_FORMAT,
        "wallet_attestation.jwt.txt": "wallets are not attested",
    },
    VP: {
        "client_metadata/mso_mdoc_verifier_metadata.json": OTHER_FORMAT,
        "client_metadata/w3c_jwt_verifier_metadata.json": OTHER_FORMAT,
        "client_metadata/w3c_ldp_verifier_metadata.json": OTHER_FORMAT,
        "credentials/jwt_vc.json": OTHER_FORMAT,
        "credentials/ldp_vc.json": OTHER_FORMAT,
        "response/jwt_vc.json": OTHER_FORMAT,
        "response/ldp_vc.json": OTHER_FORMAT,
        "digital_credentials_api/error_invalid_request.json": NO_DC_API,
        "digital_credentials_api/signed_request_payload.json": NO_DC_API,
        "digital_credentials_api/signed_request_payload_compact.json": NO_DC_API,
        "request/request_header_client_id_did.json": NO_DIDS,
        "request/request_object_client_id_did.json": NO_DIDS,
        "mdoc_redirect_handover": OTHER_FORMAT,
        "mdoc_dc_api_handover_hexes": OTHER_FORMAT,
    },
}
READ = {
    VCI: {
        *OFFERS,
        *DETAILS,
        "credential_issuer_metadata_sd_jwt_long.json",
        "credential_issuer_metadata_sd_jwt_jwt.txt",
        "credential_metadata_sd_jwt_vc.json",
        "credential_response_sd_jwt_vc.txt",
        "issuer_jwks.json",
    },
    VP: {
        *QUERIES,
        *PAYLOADS,
        "client_metadata/sd_jwt_vc_verifier_metadata.json",
        "response/kb_jwt_unsecured.json",
        "sd_jwt_vcld/01",
        "encrypted_response",
    },
}


class Examples:
    """The files of one specification; each that is read is reported as a case."""

    def __init__(self, folder: Path, vector_set: str, report: Report) -> None:
        self._folder, self._set, self._report = folder / vector_set / EXAMPLES, vector_set, report

    def text(self, name: str) -> str:
        self._report.case(self._set, name)
        return (self._folder / name).read_text("utf-8")

    def json(self, name: str) -> Any:
        """The body, where a whole HTTP response is shown."""
        text = self.text(name)
        return json.loads(text[text.index("{") :] if text.lstrip().startswith("HTTP/") else text)


@pytest.fixture
def vci(vectors_dir: Path, conformance: Report) -> Examples:
    return Examples(vectors_dir, VCI, conformance)


@pytest.fixture
def vp(vectors_dir: Path, conformance: Report) -> Examples:
    return Examples(vectors_dir, VP, conformance)


@pytest.mark.parametrize("name", OFFERS)
def test_offers_are_resolved(name: str, vci: Examples) -> None:
    link = f"openid-credential-offer://?credential_offer={quote(json.dumps(vci.json(name)))}"
    with HttpClient(ISSUER) as http:
        assert resolve_offer(link, http) == OFFERS[name]


@pytest.mark.parametrize("name", DETAILS)
def test_authorization_details_are_read(name: str, vci: Examples) -> None:
    """They name configurations of others, which is refused; naming ours, they are understood."""
    types, details = load_builtin_types(), vci.json(name)
    with pytest.raises(InvalidAuthorizationDetailsError, match="no such credential_configuration_id"):
        read_details(types, json.dumps(details))
    ours = [{**detail, "credential_configuration_id": "referral.1"} for detail in details]
    assert read_details(types, json.dumps(ours)) == [types["referral"]]


def test_issuer_metadata_are_read(vci: Examples) -> None:
    metadata = IssuerMetadata(vci.json("credential_issuer_metadata_sd_jwt_long.json"))
    assert metadata.endpoint("credential") == f"{ISSUER}/credential"
    assert metadata.endpoint("nonce") == f"{ISSUER}/nonce"
    assert metadata.batch_size > 1
    assert metadata.request_key is not None
    assert metadata.request_key["kid"] == "ac"


def test_a_credential_configuration_is_read(vci: Examples) -> None:
    metadata = IssuerMetadata(vci.json("credential_metadata_sd_jwt_vc.json"))
    configuration = metadata.configuration("SD_JWT_VC_example_in_OpenID4VCI")
    assert configuration["format"] == "dc+sd-jwt"
    assert configuration["vct"] == "SD_JWT_VC_example_in_OpenID4VCI"


def test_signed_issuer_metadata_are_verified(vci: Examples) -> None:
    token = "".join(vci.text("credential_issuer_metadata_sd_jwt_jwt.txt").split())
    parsed = jws.parse(token, typ="openidvci-issuer-metadata+jwt")
    (leaf,) = parsed.header["x5c"]
    certificate = x509.load_der_x509_certificate(b64url.decode(leaf.translate(str.maketrans("+/", "-_", "="))))
    parsed.verify(PublicKey.from_certificate(certificate))
    assert parsed.unverified_payload()["sub"] == ISSUER


def test_an_issued_credential_is_read(vci: Examples) -> None:
    text = vci.text("credential_response_sd_jwt_vc.txt")
    body = json.loads("".join(line.strip() for line in text[text.index("{") :].splitlines()))
    (item,) = body["credentials"]
    issued = UnverifiedSdJwt.parse_issued(item["credential"])
    assert issued.disclosures
    claims = reveal(issued.jws.unverified_payload(), issued.disclosures)
    assert "family_name" in claims
    assert "_sd" not in claims


def test_the_issuers_key_is_read(vci: Examples) -> None:
    (jwk,) = json.loads("".join(line.strip() for line in vci.text("issuer_jwks.json").splitlines()))["jwks"]["keys"]
    key = PublicKey.from_jwk(jwk)
    assert jwk["kid"] == f"urn:ietf:params:oauth:jwk-thumbprint:sha-256:{key.thumbprint}"


@pytest.mark.parametrize("name", PAYLOADS)
def test_payloads_are_signed_and_read_unchanged(name: str, vp: Examples) -> None:
    payload, signer = vp.json(name), LocalSigner.generate()
    token = jws.sign(payload, signer=signer, typ="dc+sd-jwt") + "~"
    parsed = UnverifiedSdJwt.parse_issued(token)
    parsed.jws.verify(signer.public_key)
    assert parsed.jws.unverified_payload() == payload


def test_what_a_verifier_says_of_formats_is_of_our_shape(vp: Examples) -> None:
    formats = vp.json("client_metadata/sd_jwt_vc_verifier_metadata.json")["vp_formats_supported"]
    assert set(_FORMATS) == set(formats)
    assert set(_FORMATS["dc+sd-jwt"]) == set(formats["dc+sd-jwt"])
    assert all(set(ours) <= set(formats["dc+sd-jwt"][name]) for name, ours in _FORMATS["dc+sd-jwt"].items())


def test_a_key_binding_jwt_with_transaction_data_is_read(vp: Examples) -> None:
    claims, signer = vp.json("response/kb_jwt_unsecured.json"), LocalSigner.generate()
    parsed = jws.parse(jws.sign(claims, signer=signer, typ="kb+jwt"), typ="kb+jwt")
    parsed.verify(signer.public_key)
    assert parsed.unverified_payload() == claims
    assert len(b64url.decode(claims["sd_hash"])) == 32


def test_a_presentation_with_linked_data_is_verified(vectors_dir: Path, conformance: Report) -> None:
    folder = vectors_dir / VP / EXAMPLES / "sd_jwt_vcld"
    conformance.case(VP, "sd_jwt_vcld/01")
    settings = yaml.safe_load((folder / "settings.yml").read_text())
    token = "".join((folder / "01/sd_jwt_presentation.txt").read_text().split())
    (jwk,) = settings["key_settings"]["issuer_keys"]
    issuer_key = PublicKey.from_jwk({name: value for name, value in jwk.items() if name != "d"})
    authentic = verify_issuer_signature(UnverifiedSdJwt.parse(token, typ="dc+sd-jwt"), issuer_key)
    assert authentic.claims == json.loads((folder / "01/verified_contents.json").read_text())
    expected = json.loads((folder / "01/kb_jwt_payload.json").read_text())
    binding = verify_key_binding(authentic)
    assert binding.nonce == expected["nonce"]
    assert binding.audience == expected["aud"]
    assert binding.issued_at == datetime.fromtimestamp(expected["iat"], UTC)


@pytest.mark.parametrize(("vector_set", "name"), [(each, name) for each in NOT_READ for name in NOT_READ[each]])
def test_what_is_not_read_has_its_reason(vector_set: str, name: str, vectors_dir: Path, conformance: Report) -> None:
    conformance.exception(vector_set, name, NOT_READ[vector_set][name])
    assert name in set(_found(vectors_dir, vector_set))


@pytest.mark.parametrize("vector_set", [VCI, VP])
def test_every_example_is_read_or_has_a_reason(vector_set: str, vectors_dir: Path) -> None:
    assert {*READ[vector_set], *NOT_READ[vector_set]} == set(_found(vectors_dir, vector_set))


def _found(vectors_dir: Path, vector_set: str) -> Iterator[str]:
    folder = vectors_dir / vector_set / EXAMPLES
    for file in folder.rglob("*"):
        name = file.relative_to(folder).as_posix()
        if name.startswith("sd_jwt_vcld/"):
            continue
        if file.is_file():
            yield name
    if vector_set == VP:
        yield "sd_jwt_vcld/01"
        yield from set(json.loads((vectors_dir / VP / "extracted.json").read_text())) - {"source"}
