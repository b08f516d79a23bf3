"""Agencies get access tokens by a signed assertion and a DPoP proof, and by nothing less."""

import pytest

from giayto_crypto import b64url
from giayto_crypto.keys import LocalSigner
from giayto_wallet_api.agencies import registration
from giayto_wallet_api.runtime import Runtime

LOOKUP = "/issuer/v1/holder-keys/lookup"


async def test_the_metadata_names_the_token_endpoint(http) -> None:
    metadata = (await http.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["issuer"] == "http://127.0.0.1:8000"
    assert metadata["token_endpoint"] == "http://127.0.0.1:8000/oauth/token"
    assert metadata["token_endpoint_auth_methods_supported"] == ["private_key_jwt", "none"]
    assert metadata["dpop_signing_alg_values_supported"] == ["ES256"]


@pytest.mark.both_databases
async def test_a_token_is_given_for_an_assertion_and_a_proof(health) -> None:
    response = await health.request_token()
    assert response.status_code == 200
    body = response.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("DPoP", 300, "issuer")
    assert response.headers["cache-control"] == "no-store"


async def test_the_first_proof_is_sent_back_for_a_nonce(health) -> None:
    health.nonce = None
    response = await health.request_token(retry=False)
    assert (response.status_code, response.json()["error"]) == (400, "use_dpop_nonce")
    assert response.headers["dpop-nonce"]


async def test_a_nonce_is_not_taken_for_ever(health, clock) -> None:
    await health.request_token()
    clock.advance(minutes=6)
    response = await health.request_token(retry=False)
    assert response.json()["error"] == "use_dpop_nonce"


@pytest.mark.parametrize("nonce", ["", "!", "AAAA", "of this very second"])
async def test_a_nonce_that_was_made_up_is_not_taken(health, clock, nonce) -> None:
    now = int(clock().timestamp()).to_bytes(8)
    health.nonce = b64url.encode(now + bytes(16)) if nonce == "of this very second" else nonce
    response = await health.request_token(retry=False)
    assert response.json()["error"] == "use_dpop_nonce"


@pytest.mark.both_databases
async def test_an_assertion_works_once(health) -> None:
    assertion = health.assertion()
    assert (await health.request_token(assertion=assertion)).status_code == 200
    replayed = await health.request_token(assertion=assertion)
    assert (replayed.status_code, replayed.json()["error"]) == (401, "invalid_client")


@pytest.mark.both_databases
async def test_a_proof_works_once(health) -> None:
    await health.request_token()
    proof = health.proof("POST", "/oauth/token", nonce=health.nonce)
    assert (await health.request_token(proof=proof, retry=False)).status_code == 200
    replayed = await health.request_token(proof=proof, retry=False)
    assert (replayed.status_code, replayed.json()["error"]) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"aud": "http://127.0.0.1:8000/oauth/token"}, id="aud is the token endpoint"),
        pytest.param({"aud": ["http://127.0.0.1:8000"]}, id="aud is an array"),
        pytest.param({"aud": "https://elsewhere.example"}, id="aud is another server"),
        pytest.param({"iss": "H26:main"}, id="iss is another client"),
        pytest.param({"sub": "H26:main"}, id="sub is another client"),
        pytest.param({"sub": "H99:main", "iss": "H99:main"}, id="an unknown client"),
        pytest.param({"exp": -11}, id="expired"),
        pytest.param({"exp": 3600}, id="lives for too long"),
        pytest.param({"iat": 60}, id="from the future"),
        pytest.param({"jti": None}, id="no jti"),
        pytest.param({"jti": ""}, id="an empty jti"),
    ],
)
async def test_an_assertion_that_says_something_else_is_refused(health, police, claims) -> None:
    response = await health.request_token(assertion=health.assertion(**claims))
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


async def test_an_assertion_of_another_kind_of_token_is_refused(health) -> None:
    response = await health.request_token(assertion=health.assertion(typ="JWT"))
    assert response.json()["error"] == "invalid_client"


async def test_an_assertion_signed_by_another_key_is_refused(health) -> None:
    response = await health.request_token(assertion=health.assertion(signer=LocalSigner.generate()))
    assert response.json()["error"] == "invalid_client"


@pytest.mark.both_databases
async def test_a_key_that_was_removed_is_refused(health, runtime: Runtime, clock) -> None:
    async with runtime.database.transaction() as tx:
        await registration.remove_client_key(
            tx,
            agency_id=health.agency_id,
            client_name="main",
            thumbprint=health.client_key.public_key.thumbprint,
            now=clock(),
        )
    assert (await health.request_token()).json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "urn:example"}, "invalid_request"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"client_assertion": None}, "invalid_request"),
        ({"resource": "https://ignored.example"}, None),
    ],
)
async def test_the_form_is_checked(health, changes, error) -> None:
    response = await health.request_token(form=changes)
    assert response.json().get("error") == error
    assert response.status_code == (400 if error else 200)


async def test_a_parameter_twice_is_refused(health, http) -> None:
    await health.request_token()
    proof = health.proof("POST", "/oauth/token", nonce=health.nonce)
    response = await http.post(
        "/oauth/token",
        content="grant_type=client_credentials&grant_type=client_credentials&client_assertion=a&client_assertion_type=b",
        headers={"content-type": "application/x-www-form-urlencoded", "dpop": proof},
    )
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("proof_changes", "code"),
    [
        pytest.param({"htm": "GET"}, "invalid_dpop_proof", id="another method"),
        pytest.param({"htu": "http://127.0.0.1:8000/oauth/token"}, "invalid_dpop_proof", id="another address"),
        pytest.param({"htu": "http://evil.example" + LOOKUP}, "invalid_dpop_proof", id="another host"),
        pytest.param({"ath": None}, "invalid_dpop_proof", id="no token hash"),
        pytest.param({"ath": "AAAA"}, "invalid_dpop_proof", id="hash of another token"),
        pytest.param({"iat": -71}, "invalid_dpop_proof", id="too old"),
        pytest.param({"iat": 11}, "invalid_dpop_proof", id="from the future"),
        pytest.param({"jti": None}, "invalid_dpop_proof", id="no jti"),
        pytest.param({"typ": "jwt"}, "invalid_dpop_proof", id="another typ"),
        pytest.param({"signer": LocalSigner.generate()}, "invalid_token", id="a key the token is not bound to"),
        pytest.param({}, None, id="the good one"),
        pytest.param({"iat": -69}, None, id="just young enough"),
    ],
)
async def test_every_request_proves_its_key(health, proof_changes, code) -> None:
    response = await health.call("POST", LOOKUP, json=health.no_questions(), proof_changes=proof_changes)
    if code is None:
        assert response.status_code == 200
    else:
        assert (response.status_code, response.json()["code"]) == (401, code)
        assert response.headers["www-authenticate"].startswith("DPoP ")


@pytest.mark.both_databases
async def test_a_request_cannot_be_replayed(health) -> None:
    token = await health.token()
    proof = health.proof("POST", LOOKUP, access_token=token)
    headers = {"authorization": f"DPoP {token}", "dpop": proof}
    first = await health.http.post(LOOKUP, json=health.no_questions(), headers=headers)
    second = await health.http.post(LOOKUP, json=health.no_questions(), headers=headers)
    assert (first.status_code, second.status_code) == (200, 401)
    assert second.json()["code"] == "invalid_dpop_proof"


@pytest.mark.both_databases
async def test_a_token_ends_after_five_minutes(health, clock) -> None:
    await health.token()
    clock.advance(seconds=299)
    assert (await health.call("POST", LOOKUP, json=health.no_questions())).status_code == 200
    clock.advance(seconds=1)
    late = await health.call("POST", LOOKUP, json=health.no_questions())
    assert (late.status_code, late.json()["code"]) == (401, "invalid_token")


async def test_a_bearer_token_is_not_enough(health) -> None:
    token = await health.token()
    response = await health.http.post(LOOKUP, json=health.no_questions(), headers={"authorization": f"Bearer {token}"})
    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")


async def test_a_token_without_proof_is_not_enough(health) -> None:
    token = await health.token()
    response = await health.http.post(LOOKUP, json=health.no_questions(), headers={"authorization": f"DPoP {token}"})
    assert (response.status_code, response.json()["code"]) == (401, "invalid_dpop_proof")


async def test_a_token_of_another_kind_is_refused(health, runtime: Runtime, clock) -> None:
    foreign = runtime.access_tokens.issue(
        subject="device:wal_1/dev_1",
        thumbprint=health.dpop_key.public_key.thumbprint,
        scope="wallet",
        now=clock(),
    )
    health.access_token = foreign
    response = await health.call("POST", LOOKUP, json=health.no_questions())
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
