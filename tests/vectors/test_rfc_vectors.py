"""The examples of RFC 7638 (thumbprint), RFC 7636 (PKCE) and RFC 9449 (DPoP)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conformance import Report
from giayto_crypto import jws
from giayto_crypto.errors import KeyFormatError
from giayto_crypto.keys import PublicKey
from giayto_sdk._wallet import login
from giayto_wallet_api.dpop.problems import DpopProofError
from giayto_wallet_api.dpop.proof import verify_proof

SET = "rfc-jose-oauth"
READ = {"rfc7638_thumbprint", "rfc7636_pkce_s256", "rfc9449_dpop"}


@pytest.fixture(scope="module")
def vectors(vectors_dir: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((vectors_dir / "jose-oauth-misc" / "rfc-vectors.json").read_text())
    return read


def test_every_vector_is_used(vectors: dict[str, Any]) -> None:
    assert set(vectors) == READ


def test_the_rsa_key_of_rfc_7638_is_refused(vectors: dict[str, Any], conformance: Report) -> None:
    conformance.exception(SET, "rfc7638_thumbprint", "its key is an RSA key; thumbprints are made of P-256 keys only")
    with pytest.raises(KeyFormatError):
        PublicKey.from_jwk(vectors["rfc7638_thumbprint"]["jwk"])


def test_the_key_of_rfc_9449_has_its_thumbprint(vectors: dict[str, Any], conformance: Report) -> None:
    conformance.case(SET, "rfc9449_dpop thumbprint")
    vector = vectors["rfc9449_dpop"]
    assert PublicKey.from_jwk(vector["jwk"]).thumbprint == vector["jkt"]


def test_the_proof_of_rfc_9449_is_read(vectors: dict[str, Any], conformance: Report) -> None:
    conformance.case(SET, "rfc9449_dpop proof")
    vector = vectors["rfc9449_dpop"]
    token = jws.parse(vector["proof"], typ="dpop+jwt")
    key = PublicKey.from_jwk(token.header["jwk"])
    claims = token.verify(key)
    assert (claims["htm"], claims["htu"], claims["iat"]) == (vector["htm"], vector["htu"], vector["iat"])
    assert key.thumbprint == vector["jkt"]


def test_the_proof_of_rfc_9449_is_accepted_at_its_time_only(vectors: dict[str, Any], conformance: Report) -> None:
    conformance.case(SET, "rfc9449_dpop proof")
    vector = vectors["rfc9449_dpop"]
    request = {"method": vector["htm"], "url": vector["htu"]}
    proof = verify_proof(vector["proof"], **request, now=datetime.fromtimestamp(vector["iat"], UTC))
    assert proof.key.thumbprint == vector["jkt"]
    with pytest.raises(DpopProofError):
        verify_proof(vector["proof"], **request, now=datetime.fromtimestamp(vector["iat"] + 100, UTC))


def test_the_challenge_of_rfc_7636_is_made(
    vectors: dict[str, Any], conformance: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    conformance.case(SET, "rfc7636_pkce_s256")
    vector = vectors["rfc7636_pkce_s256"]
    monkeypatch.setattr(login, "token_urlsafe", lambda _: vector["code_verifier"])
    monkeypatch.setattr(login.Login, "_endpoint", lambda *_: "https://provider.example/authorize")
    provider: Any = None
    attempt = login.Login(provider, "wallet").begin("http://127.0.0.1/callback", "nonce")
    assert parse_qs(urlsplit(attempt.url).query)["code_challenge"] == [vector["code_challenge"]]
