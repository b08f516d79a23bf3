"""A proof of a holder key proves that key, for this API, for this nonce, now; nothing else passes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from giayto_crypto import jws
from giayto_crypto.keys import LocalSigner
from giayto_wallet_api.holder_keys.problems import HolderKeyProofError
from giayto_wallet_api.holder_keys.proof import unverified_nonce, verify_holder_key_proof

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
AUDIENCE, NONCE = "https://vi.example", "tZignsnFbp9e0Hc5uNqXxQ"


def make_proof(
    signer: LocalSigner,
    *,
    typ: str = "giayto-holder-key+jwt",
    header: dict[str, Any] | None = None,
    **claims: object,
) -> str:
    payload = {"aud": AUDIENCE, "iat": int(NOW.timestamp()), "nonce": NONCE, **claims}
    kept = {name: value for name, value in payload.items() if value is not None}
    return jws.sign(kept, signer=signer, typ=typ, header={"jwk": signer.public_key.jwk} if header is None else header)


def verify(proof: str, now: datetime = NOW) -> object:
    return verify_holder_key_proof(proof, position=0, audience=AUDIENCE, nonce=NONCE, now=now)


@pytest.fixture
def signer() -> LocalSigner:
    return LocalSigner.generate()


def test_a_good_proof_names_its_key(signer: LocalSigner) -> None:
    assert verify(make_proof(signer)) == signer.public_key
    assert unverified_nonce(make_proof(signer)) == NONCE


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://other.example"},
        {"aud": [AUDIENCE]},
        {"aud": None},
        {"nonce": "another"},
        {"nonce": None},
        {"iat": None},
        {"iat": int((NOW - timedelta(minutes=6)).timestamp())},
        {"iat": int((NOW + timedelta(minutes=1)).timestamp())},
    ],
)
def test_a_proof_for_something_else_is_refused(signer: LocalSigner, claims: dict[str, object]) -> None:
    with pytest.raises(HolderKeyProofError, match=r"proofs\[0\]"):
        verify(make_proof(signer, **claims))


def test_a_proof_by_another_key_is_refused(signer: LocalSigner) -> None:
    with pytest.raises(HolderKeyProofError):
        verify(make_proof(LocalSigner.generate(), header={"jwk": signer.public_key.jwk}))


@pytest.mark.parametrize("typ", ["JWT", "dpop+jwt", "kb+jwt"])
def test_another_kind_of_token_is_no_proof(signer: LocalSigner, typ: str) -> None:
    with pytest.raises(HolderKeyProofError):
        verify(make_proof(signer, typ=typ))


@pytest.mark.parametrize("header", [{}, {"jwk": "key"}, {"jwk": {"kty": "oct", "k": "AA"}}])
def test_the_header_must_carry_a_public_key(signer: LocalSigner, header: dict[str, Any]) -> None:
    with pytest.raises(HolderKeyProofError):
        verify(make_proof(signer, header=header))


@pytest.mark.parametrize("proof", ["", "a.b.c", "x" * 5000])
def test_what_is_no_token_is_refused(proof: str) -> None:
    with pytest.raises(HolderKeyProofError):
        unverified_nonce(proof)
