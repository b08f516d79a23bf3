"""The conformance suite's modules for issuers that apply here, each by its name (openid_conformance/vci.toml)."""

from urllib.parse import urlencode

import pytest

from giayto_crypto import b64url, jws
from giayto_crypto.certificates import ISSUER_METADATA, verify_chain
from giayto_crypto.jwe import EncryptionKey
from giayto_crypto.keys import LocalSigner
from giayto_crypto.sdjwt import UnverifiedSdJwt

ISSUER = "http://127.0.0.1:8000"
CREDENTIAL = "/oid4vci/credential"


def refused(response, error: str, status: int = 400) -> None:
    """A Credential Error Response as §8.3.1.2 and the suite's VCIValidateCredentialErrorResponse want it."""
    assert (response.status_code, response.json().get("error")) == (status, error), response.text
    assert set(response.json()) <= {"error", "error_description"}
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    described = response.json().get("error_description", "")
    assert all(" " <= each <= "~" and each not in '"\\' for each in described)


def copies(response) -> list[UnverifiedSdJwt]:
    assert response.status_code == 200, response.text
    return [UnverifiedSdJwt.parse_issued(each["credential"]) for each in response.json()["credentials"]]


async def test_vci_issuer_metadata_test(wallet, http) -> None:
    metadata = wallet.metadata
    assert metadata["credential_issuer"] == ISSUER
    for name in ("credential", "nonce", "deferred_credential", "notification"):
        assert metadata[f"{name}_endpoint"].startswith(f"{ISSUER}/")
    assert metadata["batch_credential_issuance"]["batch_size"] >= 2
    for identifier, configuration in metadata["credential_configurations_supported"].items():
        assert (configuration["format"], configuration["scope"]) == ("dc+sd-jwt", identifier)
        assert configuration["cryptographic_binding_methods_supported"] == ["jwk"]
        assert configuration["proof_types_supported"] == {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}}
        shown = configuration["credential_metadata"]["display"]
        assert [each["locale"] for each in shown] == ["vi", "en"]
    for accept in ("*/*", "application/json", "application/json, application/jwt", None):
        headers = {} if accept is None else {"Accept": accept}
        answer = await http.get("/.well-known/openid-credential-issuer", headers=headers)
        assert answer.headers["content-type"] == "application/json"


async def test_vci_issuer_metadata_signed_test(wallet, http, clock, authority) -> None:
    answer = await http.get("/.well-known/openid-credential-issuer", headers={"Accept": "application/jwt"})
    assert answer.headers["content-type"] == "application/jwt"
    token = jws.parse(answer.text, typ="openidvci-issuer-metadata+jwt", max_bytes=1024 * 1024)
    certified = verify_chain(token.x5c(), (authority.root,), purpose=ISSUER_METADATA, now=clock())
    payload = token.verify(certified.key)
    assert (payload["sub"], payload["iat"]) == (ISSUER, int(clock().timestamp()))
    assert {name: payload[name] for name in wallet.metadata} == wallet.metadata


async def test_vci_issuer_happy_flow(fetching) -> None:
    answer = await fetching.credentials()
    (copy,) = copies(answer)
    assert copy.jws.header["typ"] == "dc+sd-jwt"
    notified = await fetching.request(
        "/oid4vci/notification",
        {"notification_id": answer.json()["notification_id"], "event": "credential_accepted"},
    )
    assert (notified.status_code, notified.content) == (204, b"")


async def test_vci_issuer_happy_flow_with_skip_notification(fetching) -> None:
    assert len(copies(await fetching.credentials())) == 1


async def test_vci_issuer_happy_flow_additional_requests(fetching) -> None:
    first, second = copies(await fetching.credentials()), copies(await fetching.credentials())
    assert first[0].jws.payload_bytes != second[0].jws.payload_bytes


async def test_vci_issuer_happy_flow_multiple_clients(depositor, new_wallet) -> None:
    for row_key in ("LK-1", "LK-2"):
        wallet = await new_wallet()
        offer = await depositor.offer(await depositor.deposit(MA_LK=row_key))
        assert (await wallet.redeem(offer["credential_offer"], offer["tx_code"])).status_code == 200
        assert len(copies(await wallet.credentials())) == 1


async def test_vci_issuer_batch_issuance(fetching, clock) -> None:
    clock.advance(minutes=1, seconds=17)
    keys = [LocalSigner.generate() for _ in range(fetching.metadata["batch_credential_issuance"]["batch_size"])]
    batch = copies(await fetching.credentials(keys))
    payloads = [copy.jws.unverified_payload() for copy in batch]
    assert [payload["cnf"]["jwk"] for payload in payloads] == [key.public_key.jwk for key in keys]
    places = {(each["status"]["status_list"]["uri"], each["status"]["status_list"]["idx"]) for each in payloads}
    assert len(places) == len(keys)
    digests = [disclosure.digest for copy in batch for disclosure in copy.disclosures]
    assert len(set(digests)) == len(digests)
    assert {(each["iat"], each["nbf"], each["exp"]) for each in payloads} == {
        (payloads[0]["iat"], payloads[0]["nbf"], payloads[0]["exp"])
    }
    assert payloads[0]["iat"] % 3600 == 0
    too_many = await fetching.credentials([LocalSigner.generate() for _ in range(len(keys) + 1)])
    refused(too_many, "invalid_proof")


async def test_vci_issuer_fail_on_invalid_jwt_proof_signature(fetching) -> None:
    proof = fetching.key_proof(await fetching.nonce(), signer=LocalSigner.generate())
    body = {"credential_configuration_id": "referral.1", "proofs": {"jwt": [proof]}}
    refused(await fetching.request(CREDENTIAL, body), "invalid_proof")


async def test_vci_issuer_fail_on_invalid_nonce(fetching, clock) -> None:
    old = await fetching.nonce()
    clock.advance(minutes=5, seconds=1)
    await fetching.refresh()
    made_up = b64url.encode(int(clock().timestamp()).to_bytes(8) + bytes(48))
    for nonce in (old, made_up, "x", ""):
        body = {"credential_configuration_id": "referral.1", "proofs": {"jwt": [fetching.key_proof(nonce)]}}
        refused(await fetching.request(CREDENTIAL, body), "invalid_nonce")
    assert (await fetching.credentials()).status_code == 200


@pytest.mark.parametrize(
    "proofs",
    [
        pytest.param(None, id="no proofs"),
        pytest.param({}, id="no proof type"),
        pytest.param({"jwt": []}, id="an empty array"),
        pytest.param({"jwt": "x"}, id="no array"),
        pytest.param({"jwt": [1]}, id="no JWT"),
        pytest.param({"di_vp": [{}]}, id="another proof type"),
        pytest.param({"jwt": ["x"], "attestation": ["x"]}, id="two proof types"),
    ],
)
async def test_vci_issuer_fail_on_missing_proof(fetching, proofs) -> None:
    body = {"credential_configuration_id": "referral.1"} | ({} if proofs is None else {"proofs": proofs})
    refused(await fetching.request(CREDENTIAL, body), "invalid_proof")


async def test_vci_issuer_fail_on_request_with_access_token_in_query(fetching, http) -> None:
    body = {
        "credential_configuration_id": "referral.1",
        "proofs": {"jwt": [fetching.key_proof(await fetching.nonce())]},
    }
    proof = fetching.proof_of_possession("POST", ISSUER + CREDENTIAL, fetching.access_token)
    query = urlencode({"access_token": fetching.access_token})
    answer = await http.post(f"{CREDENTIAL}?{query}", json=body, headers={"DPoP": proof})
    refused(answer, "invalid_token", 401)
    assert answer.headers["www-authenticate"].startswith("DPoP ")


async def test_vci_issuer_fail_on_unknown_credential_configuration_id(fetching) -> None:
    for unknown in ("unknown", "referral", "urn:giayto:type:referral:1", 1):
        refused(await fetching.credentials(configuration=unknown), "unknown_credential_configuration")


async def test_vci_issuer_fail_on_unknown_credential_identifier(fetching, depositor) -> None:
    another = await depositor.deposit(MA_LK="LK-2")
    for unknown in ("unknown", another, 1, "x" * 1000):
        answer = await fetching.credentials(configuration=None, credential_identifier=unknown)
        refused(answer, "unknown_credential_identifier")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"enc": "A128CBC-HS256"}, id="another enc"),
        pytest.param({"enc": None}, id="no enc"),
        pytest.param({"zip": "DEF"}, id="compression"),
        pytest.param({"jwk": None}, id="no key"),
        pytest.param({"jwk": {**EncryptionKey.generate().jwk, "alg": "RSA-OAEP-256"}}, id="another alg"),
        pytest.param({"jwk": {**EncryptionKey.generate().jwk, "use": "sig"}}, id="a signing key"),
        pytest.param({"jwk": {"kty": "RSA", "alg": "ECDH-ES", "kid": "1"}}, id="another kind of key"),
    ],
)
async def test_vci_issuer_fail_on_unsupported_encryption_algorithm(fetching, changes) -> None:
    wanted = {"jwk": EncryptionKey.generate().jwk, "enc": "A128GCM", **changes}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    refused(await fetching.credentials(credential_response_encryption=wanted), "invalid_encryption_parameters")
