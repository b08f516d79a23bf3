"""The verifier's test modules of the OpenID conformance suite that apply (tests/support/openid_conformance/vp.toml)."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from giayto_crypto import b64url, jws
from giayto_crypto.keys import LocalSigner
from giayto_verifiers.requests import AnswerVerdict
from openid4vp import encrypted_form, key_bound, plain_form, read_request_object
from openid4vp.own_endpoint import Bank, asking
from trust_scheme import NOW
from trust_scheme.scheme import CLAIMS, SHOWN


def uri_of(bank: Bank, opened: Any) -> str:
    query = dict(pair.split("=", 1) for pair in opened.link.partition("?")[2].split("&"))
    return str(httpx2.URL("http://x/?u=" + query["request_uri"]).params["u"])


def answered(
    bank: Bank, *, credential: str | None = None, mode: str = "direct_post.jwt", **proof: Any
) -> AnswerVerdict:
    """Fetch a request over HTTP, answer it over HTTP, and return the verdict."""
    with asking(bank, response_mode=mode) as (opened, _):
        token = httpx2.get(uri_of(bank, opened)).text
        seen = read_request_object(token)
        values: dict[str, Any] = {"holder": bank.scheme.holder, "seen": seen, "now": NOW}
        shown = key_bound(credential or bank.scheme.credential(), SHOWN, **values | proof)
        form = (encrypted_form if mode.endswith("jwt") else plain_form)(seen, {seen.query_id: [shown]})
        posted = httpx2.post(seen.claims["response_uri"], data=form)
        verdict = bank.requests.result(opened.request_id)
        assert verdict is not None
        assert posted.status_code == (400 if verdict.outcome == "invalid" else 200)
        return verdict


def reasons(verdict: AnswerVerdict) -> list[str]:
    return [str(reason) for reason in verdict.reasons]


def test_happy_flow(bank: Bank) -> None:
    verdict = answered(bank)
    shown = verdict.require_valid()["document"][0]
    assert shown.claims["full_name"] == CLAIMS["full_name"]


@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
def test_response_mode(bank: Bank, mode: str) -> None:
    assert answered(bank, mode=mode).outcome == "valid"


@pytest.mark.parametrize("by_name", [False, True])
def test_client_id_prefix(scheme, bank_certificate, server, *, by_name: bool) -> None:
    bank = Bank(scheme, bank_certificate, server, lambda: NOW, by_name=by_name)
    assert bank.identity.client_id.startswith("x509_san_dns:localhost" if by_name else "x509_hash:")
    assert answered(bank).outcome == "valid"


def test_request_method_is_a_signed_object_by_reference(bank: Bank) -> None:
    with asking(bank) as (opened, _):
        response = httpx2.get(uri_of(bank, opened))
    assert response.headers["content-type"] == "application/oauth-authz-req+jwt"
    jws.parse(response.text, typ="oauth-authz-req+jwt").verify(bank.identity.signer.public_key)


def test_request_uri_fetched_twice(bank: Bank) -> None:
    with asking(bank) as (opened, _):
        first, second = (read_request_object(httpx2.get(uri_of(bank, opened)).text) for _ in range(2))
        assert first.claims == second.claims
        shown = key_bound(bank.scheme.credential(), SHOWN, holder=bank.scheme.holder, seen=first, now=NOW)
        posted = httpx2.post(first.claims["response_uri"], data=encrypted_form(second, {second.query_id: [shown]}))
        assert posted.status_code == 200


def test_request_uri_method_post(bank: Bank) -> None:
    with asking(bank) as (opened, _):
        assert "request_uri_method=post" in opened.link
        posted = httpx2.post(uri_of(bank, opened), data={"wallet_nonce": "n-1", "wallet_metadata": "{}"})
        assert read_request_object(posted.text).claims["wallet_nonce"] == "n-1"


def test_invalid_credential_signature(bank: Bank) -> None:
    token, _, rest = bank.scheme.credential().partition("~")
    head, body, signature = token.split(".")
    flipped = bytes([b64url.decode(signature)[0] ^ 1]) + b64url.decode(signature)[1:]
    forged = f"{head}.{body}.{b64url.encode(flipped)}~{rest}"
    assert reasons(answered(bank, credential=forged)) == ["signature_invalid"]


def test_invalid_kb_jwt_signature(bank: Bank) -> None:
    assert reasons(answered(bank, holder=LocalSigner.generate())) == ["key_binding_invalid"]


def test_invalid_kb_jwt_aud(bank: Bank) -> None:
    assert reasons(answered(bank, aud="x509_hash:another")) == ["audience_mismatch"]
    assert reasons(answered(bank, aud=bank.identity.client_id.partition(":")[2])) == ["audience_mismatch"]


def test_invalid_kb_jwt_nonce(bank: Bank) -> None:
    assert reasons(answered(bank, nonce="another")) == ["challenge_mismatch"]


def test_invalid_sd_hash(bank: Bank) -> None:
    assert reasons(answered(bank, sd_hash=b64url.encode(bytes(32)))) == ["key_binding_invalid"]


def test_kb_jwt_iat_in_past(bank: Bank) -> None:
    assert reasons(answered(bank, iat=int((NOW - timedelta(days=365)).timestamp()))) == ["stale"]


def test_kb_jwt_iat_in_future(bank: Bank) -> None:
    assert reasons(answered(bank, iat=int((NOW + timedelta(days=1)).timestamp()))) == ["presented_in_future"]


def test_minimal_cnf_jwk(bank: Bank) -> None:
    credential = bank.scheme.credential()
    cnf = jws.parse(credential.partition("~")[0], typ="dc+sd-jwt").unverified_payload()["cnf"]["jwk"]
    assert set(cnf) == {"kty", "crv", "x", "y"}
    assert answered(bank, credential=credential).outcome == "valid"


def test_an_answer_is_taken_once_and_an_identical_retry_gets_the_same_reply(bank: Bank) -> None:
    with asking(bank, redirect_uri="https://bank-a.example/done") as (opened, seen):
        shown = key_bound(bank.scheme.credential(), SHOWN, holder=bank.scheme.holder, seen=seen, now=NOW)
        form = encrypted_form(seen, {seen.query_id: [shown]})
        uri = seen.claims["response_uri"]
        first, again = httpx2.post(uri, data=form), httpx2.post(uri, data=form)
        other = httpx2.post(uri, data=encrypted_form(seen, {seen.query_id: [shown]}))
        assert first.json() == again.json()
        assert (first.status_code, other.status_code) == (200, 400)
        code = first.json()["redirect_uri"].partition("response_code=")[2]
        for wrong in (None, "x"):
            with pytest.raises(Exception, match="response_code"):
                bank.requests.result(opened.request_id, response_code=wrong)
        verdict = bank.requests.result(opened.request_id, response_code=code)
        assert verdict is not None
        assert verdict.outcome == "valid"
        with pytest.raises(Exception, match="none of this name"):
            bank.requests.result(opened.request_id, response_code=code)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/../object", 404),
        ("GET", f"/{'0' * 32}/object", 404),
        ("POST", f"/{'0' * 32}/response", 404),
        ("DELETE", f"/{'0' * 32}/response", 405),
        ("GET", f"/{'0' * 32}/response", 405),
    ],
)
def test_paths_that_lead_nowhere(bank: Bank, method: str, path: str, status: int) -> None:
    assert bank.requests.handle(method, path, b"").status == status


def test_a_request_that_ran_out_or_was_taken_back(scheme, bank_certificate, server) -> None:
    now = [NOW]
    bank = Bank(scheme, bank_certificate, server, lambda: now[0])
    with asking(bank) as (opened, seen):
        assert bank.requests.result(opened.request_id) is None
        now[0] += timedelta(minutes=5)
        assert httpx2.get(uri_of(bank, opened)).status_code == 404
        posted = httpx2.post(seen.claims["response_uri"], data={"error": "x", "state": seen.claims["state"]})
        assert posted.status_code == 404
        with pytest.raises(Exception, match="in time"):
            bank.requests.result(opened.request_id)
    with asking(bank) as (opened, _):
        bank.requests.cancel(opened.request_id)
        assert httpx2.get(uri_of(bank, opened)).status_code == 404
