"""The JSON blocks of the SD-JWT VC specification: payloads, and type metadata beside what giayto publishes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformance import Report
from giayto_crypto import strict_json
from giayto_crypto.catalogue import Catalogue, CatalogueClaim, CatalogueEntry
from giayto_crypto.errors import MalformedError
from giayto_crypto.keys import PublicKey
from giayto_crypto.localised import Localised
from giayto_crypto.sdjwt import (
    Sd,
    UnverifiedSdJwt,
    disclosure_paths,
    issue_credential,
    select,
    verify_issuer_signature,
)
from giayto_issuers import load_builtin_types
from sample_credentials import ISSUER, disclosure, issue, issue_values, sd_jwt
from trust_scheme import NOW, Scheme
from trust_scheme.scheme import RECORD

SET = "sd-jwt-vc-blocks"
HEADER = "decoded-header"
PAYLOADS = ["example-with-vct", "example-credential-for-claim-path", "example-sd-jwt-vc-payload-for-type-metadata"]
TYPE_METADATA = [
    "example-type-metadata-document",
    "example-type-metadata",
    "example-base-type-metadata",
    "example-child-type-metadata",
]
EXCEPTIONS = {
    "example-with-aka-vcts": "`aka_vcts` is not interpreted: authority is given for a `vct`",
    "example-metadata-jwks-uri": "JWT VC Issuer Metadata is not used: keys come from `x5c` and the trust list",
    "effective-claim-metadata-child-type": "`extends` is not resolved: a type stands whole in the verifier bundle",
}
OWN_MEMBERS = {
    *("codes", "live", "use", "live_status"),
    *("event_claim", "forms", "integration", "procedures", "legal_basis"),
}
"""What giayto adds to type metadata (docs/document-types.md); consumers ignore what they do not know (§4)."""


@pytest.fixture(scope="module")
def blocks(vectors_dir: Path) -> dict[str, Any]:
    read = json.loads((vectors_dir / "sd-jwt-vc" / "spec-json-blocks.json").read_text())
    return {block["figure"].rpartition("{#")[2].rstrip("}"): block["json"] for block in read["blocks"]}


def test_every_block_is_used(blocks: dict[str, Any]) -> None:
    assert set(blocks) == {HEADER, *PAYLOADS, *TYPE_METADATA, *EXCEPTIONS}


def test_the_header_is_what_giayto_writes(blocks: dict[str, Any], conformance: Report) -> None:
    conformance.case(SET, HEADER)
    written = issue().jws.header
    assert {name: written[name] for name in blocks[HEADER]} == blocks[HEADER]


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_payload_is_read_as_signed(blocks: dict[str, Any], name: str, conformance: Report) -> None:
    conformance.case(SET, name)
    authentic = verify_issuer_signature(UnverifiedSdJwt.parse(sd_jwt(blocks[name])), ISSUER.public_key)
    assert authentic.claims == authentic.payload == blocks[name]
    assert authentic.vct == blocks[name]["vct"]


@pytest.mark.parametrize("name", PAYLOADS)
def test_its_claims_can_be_disclosed_each(blocks: dict[str, Any], name: str, conformance: Report) -> None:
    conformance.case(SET, name)
    kept = {"vct", "vct#integrity", "cnf", "exp"}
    parts = {member: disclosure(member, value) for member, value in blocks[name].items() if member not in kept}
    payload = {member: value for member, value in blocks[name].items() if member in kept}
    payload["_sd"] = sorted(digest for _, digest in parts.values())
    shown = sd_jwt(payload, *[encoded for encoded, _ in parts.values()])
    assert verify_issuer_signature(UnverifiedSdJwt.parse(shown), ISSUER.public_key).claims == blocks[name]
    none_shown = verify_issuer_signature(UnverifiedSdJwt.parse(sd_jwt(payload)), ISSUER.public_key)
    assert none_shown.claims == {member: blocks[name][member] for member in kept & set(blocks[name])}


def test_the_holder_key_and_the_end_are_read(blocks: dict[str, Any], conformance: Report) -> None:
    conformance.case(SET, "example-with-vct")
    block = blocks["example-with-vct"]
    authentic = verify_issuer_signature(UnverifiedSdJwt.parse(sd_jwt(block)), ISSUER.public_key)
    assert authentic.holder_key == PublicKey.from_jwk(block["cnf"]["jwk"])
    assert authentic.expires_at == datetime.fromtimestamp(block["exp"], UTC)
    with pytest.raises(MalformedError):  # giayto's own profile demands iss, which the example leaves out
        _ = authentic.issuer


def test_claim_paths_choose_what_the_text_says(blocks: dict[str, Any], conformance: Report) -> None:
    """§4.6.1.1: `["degrees", null, "type"]` stands for the type of every degree."""
    conformance.case(SET, "example-credential-for-claim-path")
    claims = {name: value for name, value in blocks["example-credential-for-claim-path"].items() if name != "vct"}
    claims["degrees"] = [Sd({name: Sd(value) for name, value in degree.items()}) for degree in claims["degrees"]]
    claims["address"] = {name: Sd(value) for name, value in claims["address"].items()}
    credential = UnverifiedSdJwt.parse_issued(issue_credential(**issue_values(claims=claims)))
    pattern = ("degrees", None, "type")
    entry = _entry({}, CatalogueClaim(path=pattern, label=Localised(vi="Loại", en="Type")))
    chosen = [path for path, _ in disclosure_paths(credential) if entry.label(path) is not None]
    assert sorted(map(str, chosen)) == ["('degrees', 0, 'type')", "('degrees', 1, 'type')"]
    revealed = verify_issuer_signature(select(credential, chosen), ISSUER.public_key).claims
    assert revealed["degrees"] == [{"type": "Bachelor of Science"}, {"type": "Master of Science"}]
    street = verify_issuer_signature(select(credential, [("address", "street_address")]), ISSUER.public_key).claims
    assert street["address"] == {"street_address": "42 Market Street"}
    assert "name" not in street


@pytest.mark.parametrize("name", TYPE_METADATA)
def test_type_metadata_is_carried_unchanged(blocks: dict[str, Any], name: str, conformance: Report) -> None:
    conformance.case(SET, name)
    catalogue = Catalogue(entries=(_entry(blocks[name]),))
    (read,) = Scheme().bundle(NOW, catalogue=catalogue).catalogue
    assert read.type_metadata == blocks[name]
    assert strict_json.canonical(read.type_metadata) == strict_json.canonical(blocks[name])


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_what_is_not_interpreted_changes_nothing(blocks: dict[str, Any], name: str, conformance: Report) -> None:
    """It is carried as a claim like any other."""
    conformance.exception(SET, name, EXCEPTIONS[name])
    authentic = verify_issuer_signature(UnverifiedSdJwt.parse(sd_jwt(blocks[name])), ISSUER.public_key)
    assert authentic.claims == blocks[name]


@pytest.mark.parametrize("document_type", load_builtin_types(), ids=lambda document_type: str(document_type.code))
def test_own_type_metadata_uses_the_members_of_the_examples(blocks: dict[str, Any], document_type: Any) -> None:
    known = {shape for name in TYPE_METADATA for shape in _shapes(blocks[name])} | {
        ("claims[].path[]", "NoneType"),  # the text has it, the examples of documents do not
        ("claims[].path[]", "int"),
    }
    published = json.loads(strict_json.canonical(document_type.type_metadata()))
    assert set(_shapes(published)) <= known
    assert {claim["sd"] for claim in published["claims"]} <= {"always", "allowed", "never"}


def _entry(type_metadata: dict[str, Any], *claims: CatalogueClaim) -> CatalogueEntry:
    return CatalogueEntry(
        vct=RECORD.vct,
        code=RECORD.code,
        version=RECORD.version,
        titles=RECORD.titles,
        holder_kind=RECORD.holder_kind,
        claims=claims,
        type_metadata=type_metadata,
    )


def _shapes(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield where values stand and of what kind they are, without the members that giayto adds."""
    if isinstance(value, dict):
        for name in value.keys() - OWN_MEMBERS:
            yield from _shapes(value[name], f"{place}.{name}" if place else name)
    elif isinstance(value, list):
        for element in value:
            yield from _shapes(element, f"{place}[]")
    else:
        yield place, type(value).__name__
