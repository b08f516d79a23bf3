"""The credential endpoints: every way to get a request wrong, encryption, deferral, notifications, withdrawal."""

import json
from base64 import b64encode

import pytest
from sqlalchemy import func, select

from giayto_crypto import b64url, jwe
from giayto_crypto.jwe import EncryptionKey
from giayto_crypto.keys import LocalSigner
from giayto_wallet_api.credential_issuance.tables import signing_intents

CREDENTIAL, DEFERRED, NOTIFICATION = "/oid4vci/credential", "/oid4vci/deferred-credential", "/oid4vci/notification"


def error_of(response) -> str:
    assert response.status_code == 400, response.text
    return str(response.json()["error"])


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"typ": "JWT"}, id="another typ"),
        pytest.param({"aud": "https://elsewhere.example"}, id="another audience"),
        pytest.param({"aud": ["http://127.0.0.1:8000"]}, id="an array of audiences"),
        pytest.param({"aud": None}, id="no audience"),
        pytest.param({"iat": -361}, id="too old"),
        pytest.param({"iat": 61}, id="from the future"),
        pytest.param({"iss": "somebody"}, id="an anonymous wallet names itself"),
        pytest.param({"nonce_left_out": True}, id="no nonce"),
        pytest.param({"header": {}}, id="no key"),
        pytest.param({"header": {"kid": "did:example:1#0"}}, id="a kid that names no key"),
        pytest.param({"header": {"jwk": {}, "kid": "x"}}, id="two keys"),
        pytest.param({"private": True}, id="a private member"),
    ],
)
async def test_a_proof_that_says_something_else_is_an_invalid_proof(fetching, changes) -> None:
    key = LocalSigner.generate()
    nonce = None if changes.pop("nonce_left_out", False) else await fetching.nonce()
    if changes.pop("private", False):
        secret = key.private_key.private_numbers().private_value.to_bytes(32)
        changes["header"] = {"jwk": {**key.public_key.jwk, "d": b64url.encode(secret)}}
    proof = fetching.key_proof(nonce, key, **changes)
    body = {"credential_configuration_id": "referral.1", "proofs": {"jwt": [proof]}}
    assert error_of(await fetching.request(CREDENTIAL, body)) == "invalid_proof"


async def test_keys_may_be_named_by_did_jwk_and_certificate(fetching, depositor, authority) -> None:
    nonce = await fetching.nonce()
    key = LocalSigner.generate()
    did = f"did:jwk:{b64url.encode(json.dumps(key.public_key.jwk).encode())}#0"
    certified = LocalSigner.generate()
    from giayto_crypto.certificates import CREDENTIAL_ISSUER

    leaf = b64encode(authority.certify(certified.public_key, CREDENTIAL_ISSUER)).decode()
    proofs = [
        fetching.key_proof(nonce, key, header={"kid": did}),
        fetching.key_proof(nonce, certified, header={"x5c": [leaf]}),
    ]
    answer = await fetching.request(
        CREDENTIAL, {"credential_configuration_id": "referral.1", "proofs": {"jwt": proofs}}
    )
    assert len(answer.json()["credentials"]) == 2


async def test_a_key_gets_one_credential(fetching) -> None:
    key = LocalSigner.generate()
    assert error_of(await fetching.credentials([key, key])) == "invalid_proof"
    assert (await fetching.credentials([key])).status_code == 200
    assert error_of(await fetching.credentials([key])) == "invalid_proof"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing named"),
        pytest.param({"credential_identifier": "x", "credential_configuration_id": "referral.1"}, id="both named"),
    ],
)
async def test_exactly_one_thing_is_asked_for(fetching, body) -> None:
    assert error_of(await fetching.request(CREDENTIAL, body)) == "invalid_credential_request"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a":1,"a":2}', b"\xff", b"[" * 900])
async def test_what_is_not_json_is_an_invalid_request(fetching, content) -> None:
    assert error_of(await fetching.request(CREDENTIAL, content=content)) == "invalid_credential_request"


async def test_another_media_type_is_an_invalid_request(fetching) -> None:
    answer = await fetching.request(CREDENTIAL, content=b"a=b", media_type="application/x-www-form-urlencoded")
    assert error_of(answer) == "invalid_credential_request"


async def test_a_token_for_another_document_is_denied(fetching) -> None:
    assert error_of(await fetching.credentials(configuration="health-book.1")) == "credential_request_denied"


async def test_unknown_parameters_are_ignored(fetching) -> None:
    assert (await fetching.credentials(issuer_state="x", credential_metadata={})).status_code == 200


async def test_the_nonce_endpoint_asks_nothing_and_is_not_cached(http) -> None:
    first, second = await http.post("/oid4vci/nonce"), await http.post("/oid4vci/nonce")
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-store")
    assert first.json()["c_nonce"] != second.json()["c_nonce"]


@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
async def test_requests_and_answers_travel_encrypted(fetching, enc: str) -> None:
    own = EncryptionKey.generate()
    proofs = {"jwt": [fetching.key_proof(await fetching.nonce())]}
    wanted = {"jwk": {name: value for name, value in own.jwk.items() if name != "kid"}, "enc": enc}
    body = {"credential_configuration_id": "referral.1", "proofs": proofs, "credential_response_encryption": wanted}
    (recipient,) = fetching.metadata["credential_request_encryption"]["jwks"]["keys"]
    sealed = jwe.encrypt(json.dumps(body).encode(), recipient=recipient, enc=enc)
    answer = await fetching.request(CREDENTIAL, content=sealed.encode(), media_type="application/jwt")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jwt")
    opened = jwe.decrypt(answer.text, keys={own.kid: own.private_key}, max_bytes=200_000)
    assert opened.header["enc"] == enc
    assert len(json.loads(opened.plaintext)["credentials"]) == 1
    # Errors are never encrypted.
    again = jwe.encrypt(json.dumps(body).encode(), recipient=recipient, enc=enc)
    refused = await fetching.request(CREDENTIAL, content=again.encode(), media_type="application/jwt")
    assert error_of(refused) == "invalid_proof"


async def test_an_encrypted_answer_needs_an_encrypted_request(fetching) -> None:
    wanted = {"jwk": EncryptionKey.generate().jwk, "enc": "A256GCM"}
    answer = await fetching.credentials(credential_response_encryption=wanted)
    assert error_of(answer) == "invalid_encryption_parameters"


async def test_a_request_that_cannot_be_decrypted_is_an_invalid_request(fetching) -> None:
    sealed = jwe.encrypt(b"{}", recipient=EncryptionKey.generate().jwk, enc="A128GCM")
    for content in (sealed.encode(), b"x", b"\xff"):
        answer = await fetching.request(CREDENTIAL, content=content, media_type="application/jwt")
        assert error_of(answer) == "invalid_credential_request"


async def test_while_nobody_can_sign_the_wallet_comes_back(fetching, depositor, new_wallet, runtime) -> None:
    away = depositor.signer_folder.rename(depositor.signer_folder.with_name("away"))
    keys = [LocalSigner.generate() for _ in range(2)]
    waiting = await fetching.credentials(keys)
    assert waiting.status_code == 202
    transaction_id = waiting.json()["transaction_id"]
    assert waiting.json() == {"transaction_id": transaction_id, "interval": 30}
    assert (await fetching.request(DEFERRED, {"transaction_id": transaction_id})).json() == waiting.json()
    other_offer = await depositor.offer(await depositor.deposit(MA_LK="LK-2"), tx_code=False)
    other = await new_wallet()
    await other.redeem(other_offer["credential_offer"])
    assert error_of(await other.request(DEFERRED, {"transaction_id": transaction_id})) == "invalid_transaction_id"
    away.rename(depositor.signer_folder)
    issued = await fetching.request(DEFERRED, {"transaction_id": transaction_id})
    assert (issued.status_code, len(issued.json()["credentials"])) == (200, 2)
    assert error_of(await fetching.request(DEFERRED, {"transaction_id": transaction_id})) == "invalid_transaction_id"
    assert error_of(await fetching.request(DEFERRED, {})) == "invalid_credential_request"
    async with runtime.database.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(signing_intents))).scalar_one() == 2


async def test_a_deferred_document_that_was_withdrawn_is_denied(fetching, depositor) -> None:
    document_id = (await depositor.get("/issuer/v1/deposits"))["items"][0]["document_id"]
    away = depositor.signer_folder.rename(depositor.signer_folder.with_name("away"))
    transaction_id = (await fetching.credentials()).json()["transaction_id"]
    await depositor.agency.call("POST", f"/issuer/v1/deposits/{document_id}/withdraw", json={"reason": "mistake"})
    away.rename(depositor.signer_folder)
    answer = await fetching.request(DEFERRED, {"transaction_id": transaction_id})
    assert error_of(answer) == "credential_request_denied"


async def test_notifications_are_taken_once_however_often_they_come(fetching, depositor) -> None:
    notification_id = (await fetching.credentials()).json()["notification_id"]
    for event in ("credential_accepted", "credential_accepted", "credential_deleted"):
        body = {"notification_id": notification_id, "event": event, "event_description": "x", "more": 1}
        assert (await fetching.request(NOTIFICATION, body)).status_code == 204
    document_id = (await depositor.get("/issuer/v1/deposits"))["items"][0]["document_id"]
    (issuance,) = (await depositor.get(f"/issuer/v1/deposits/{document_id}"))["issuances"]
    assert sorted(issuance["events"]) == ["credential_accepted", "credential_deleted"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"notification_id": "unknown", "event": "credential_accepted"}, "invalid_notification_id"),
        ({"event": "credential_accepted"}, "invalid_notification_request"),
        ({"notification_id": "unknown", "event": "else"}, "invalid_notification_request"),
        ({"notification_id": "unknown", "event": ["x"]}, "invalid_notification_request"),
        (
            {"notification_id": "x", "event": "credential_failure", "event_description": 1},
            "invalid_notification_request",
        ),
        ([], "invalid_notification_request"),
    ],
)
async def test_a_notification_is_checked(fetching, body, error: str) -> None:
    assert error_of(await fetching.request(NOTIFICATION, body)) == error


async def test_a_notification_of_somebody_elses_copies_is_refused(fetching, depositor, new_wallet) -> None:
    notification_id = (await fetching.credentials()).json()["notification_id"]
    document_id = (await depositor.get("/issuer/v1/deposits"))["items"][0]["document_id"]
    other = await new_wallet()
    await other.redeem((await depositor.offer(document_id, tx_code=False))["credential_offer"])
    body = {"notification_id": notification_id, "event": "credential_accepted"}
    assert error_of(await other.request(NOTIFICATION, body)) == "invalid_notification_id"


async def test_a_document_whose_time_is_over_is_denied(depositor, wallet, clock) -> None:
    offer = await depositor.offer(await depositor.deposit(), tx_code=False)
    await wallet.redeem(offer["credential_offer"])
    clock.advance(days=30)
    await wallet.refresh()
    assert error_of(await wallet.credentials()) == "credential_request_denied"


async def test_an_agency_that_takes_its_choice_back_is_not_signed_for(fetching, depositor) -> None:
    answer = await depositor.agency.call("DELETE", f"/issuer/v1/hosted-signing/{depositor.leaf_sha256}")
    assert answer.status_code == 204
    assert (await fetching.credentials()).status_code == 202
    assert (await depositor.get("/issuer/v1/hosted-signing")) == {"certificates": []}


async def test_a_key_that_others_may_read_is_not_used(fetching, depositor) -> None:
    (depositor.signer_folder / "signer.key.pem").chmod(0o640)
    assert (await fetching.credentials()).status_code == 202
