"""Agreement with PyPI's sd-jwt, which others wrote: it verifies ours, and we verify its."""

import json
from typing import Any

import pytest
from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from giayto_crypto import b64url, qr
from giayto_crypto.errors import KeyBindingError
from giayto_crypto.keys import LocalSigner
from giayto_crypto.sdjwt import (
    ClaimPath,
    Sd,
    UnverifiedSdJwt,
    present,
    verify_issuer_signature,
    verify_key_binding,
)
from sample_credentials import CLAIMS, HOLDER, ISSUER, ISSUER_URL, NOW, VCT, KnownReferences, issue

AUDIENCE, NONCE = "https://bank.example", "n-0S6_WzA2Mj"
NESTED = {
    **CLAIMS,
    "visits": [
        Sd({"on": "2026-01-05", "diagnosis": Sd("J06"), "medicines": [Sd("a"), "b"]}),
        Sd({"on": "2026-03-07", "diagnosis": Sd("I10"), "medicines": [Sd("c"), Sd("d")]}),
    ],
}
CHOICES: list[tuple[list[ClaimPath], dict[str, Any]]] = [
    ([], {}),
    ([("full_name",)], {"full_name": CLAIMS["full_name"]}),
    ([(name,) for name in CLAIMS], dict(CLAIMS)),
    (
        [("visits", 1, "medicines", 0), ("full_name",)],
        {"full_name": CLAIMS["full_name"], "visits": [{"on": "2026-03-07", "medicines": ["c"]}]},
    ),
]


def peer_key(signer: LocalSigner, *, private: bool = False) -> JWK:
    scalar = signer.private_key.private_numbers().private_value.to_bytes(32)
    return JWK.from_json(json.dumps(signer.public_key.jwk | ({"d": b64url.encode(scalar)} if private else {})))


@pytest.mark.parametrize(("paths", "expected"), CHOICES)
def test_the_peer_verifies_our_presentation(paths: list[ClaimPath], expected: dict[str, Any]) -> None:
    presentation = present(issue(NESTED), paths, holder=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW)
    verified = SDJWTVerifier(presentation, lambda *_: peer_key(ISSUER), AUDIENCE, NONCE).get_verified_payload()
    assert {name: verified[name] for name in verified if name in NESTED} == expected
    assert (verified["iss"], verified["vct"]) == (ISSUER_URL, VCT)
    assert verified["cnf"] == {"jwk": HOLDER.public_key.jwk}


@pytest.mark.parametrize(("audience", "nonce"), [("https://other.example", NONCE), (AUDIENCE, "other")])
def test_the_peer_refuses_our_presentation_to_another(audience: str, nonce: str) -> None:
    presentation = present(issue(), [], holder=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW)
    with pytest.raises(ValueError, match="Invalid"):
        SDJWTVerifier(presentation, lambda *_: peer_key(ISSUER), audience, nonce)


def test_the_peer_verifies_what_a_qr_gave_back() -> None:
    presentation = present(issue(), [("full_name",)], holder=HOLDER, audience=AUDIENCE, nonce=NONCE, now=NOW)
    unpacked = qr.unpack(qr.pack(presentation), KnownReferences())
    verified = SDJWTVerifier(unpacked, lambda *_: peer_key(ISSUER), AUDIENCE, NONCE).get_verified_payload()
    assert verified["full_name"] == CLAIMS["full_name"]


def peers_presentation(disclosed: dict[str, Any]) -> str:
    claims = {
        "iss": "https://other.example",
        SDObj("given_name"): "Ánh",
        SDObj("family_name"): "Nguyễn",
        SDObj("address"): {SDObj("city"): "Huế", "country": "VN"},
        "nationalities": [SDObj("VN"), SDObj("FR")],
    }
    issued = SDJWTIssuer(
        claims,
        peer_key(ISSUER, private=True),
        holder_key=peer_key(HOLDER),
        add_decoy_claims=True,
        extra_header_parameters={"typ": "dc+sd-jwt"},
    )
    holder = SDJWTHolder(issued.sd_jwt_issuance)
    holder.create_presentation(disclosed, NONCE, AUDIENCE, peer_key(HOLDER, private=True))
    presentation: str = holder.sd_jwt_presentation
    return presentation


@pytest.mark.parametrize(
    ("disclosed", "expected"),
    [
        ({}, {"nationalities": []}),
        ({"given_name": True}, {"given_name": "Ánh", "nationalities": []}),
        (
            {"address": {"city": True}, "nationalities": [False, True]},
            {"address": {"city": "Huế", "country": "VN"}, "nationalities": ["FR"]},
        ),
        ({"address": True}, {"address": {"country": "VN"}, "nationalities": []}),
    ],
)
def test_we_verify_the_peers_presentation(disclosed: dict[str, Any], expected: dict[str, Any]) -> None:
    presentation = peers_presentation(disclosed)
    authentic = verify_issuer_signature(UnverifiedSdJwt.parse(presentation), ISSUER.public_key)
    binding = verify_key_binding(authentic)
    assert (binding.audience, binding.nonce) == (AUDIENCE, NONCE)
    assert authentic.claims == {"iss": "https://other.example", "cnf": {"jwk": HOLDER.public_key.jwk}} | expected
    assert qr.unpack(qr.pack(presentation), KnownReferences((), (), ())) == presentation


def test_we_refuse_the_peers_presentation_with_a_disclosure_taken_away() -> None:
    token, first, *rest = peers_presentation({"given_name": True, "family_name": True}).split("~")
    assert first
    authentic = verify_issuer_signature(UnverifiedSdJwt.parse("~".join((token, *rest))), ISSUER.public_key)
    with pytest.raises(KeyBindingError, match="sd_hash"):
        verify_key_binding(authentic)
