"""Step 2, members of the credential: absent, of another kind, or out of range."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from giayto_crypto import b64url
from trust_scheme.scheme import ISS, STATUS_URI, VCT
from verification_cases.casebook import book
from verification_cases.stage import ABSENT, Stage, jwk_on, number_of, public

FIELD_PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
VC = "SD-JWT VC §2.2.2.2"
TIME = "RFC 7519 §2"
CNF = "RFC 7800 §3.2"
STATUS = "Token Status List §6.2"
COORDINATE = "RFC 7518 §6.2.1.2"


def beyond_the_field() -> dict[str, str]:
    """Return the coordinates of a point of which x is so small that the field's prime can be added to it."""
    for x in range(1, 100):
        try:
            point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x02" + x.to_bytes(32))
        except ValueError:
            continue
        numbers = point.public_numbers()
        return {"x": b64url.encode((x + FIELD_PRIME).to_bytes(32)), "y": b64url.encode(numbers.y.to_bytes(32))}
    raise ValueError("every second x has a point")


MEMBERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "iss-missing": ("No iss.", VC, {"iss": ABSENT}),
    "iss-is-an-array": ("Two issuers to choose from.", "RFC 7519 §4.1.1", {"iss": [ISS, "https://h26.agency.example"]}),
    "vct-missing": ("No vct.", VC, {"vct": ABSENT}),
    "vct-is-an-array": ("Two types to choose from.", VC, {"vct": [VCT]}),
    "iat-missing": ("No iat: whether the agency had its authority then cannot be told.", TIME, {"iat": ABSENT}),
    "iat-is-true": ("iat is true, which some languages count as 1.", TIME, {"iat": True}),
    "iat-is-a-fraction": ("iat with half a second.", TIME, {"iat": 1795338000.5}),
    "iat-negative": ("iat before 1970.", TIME, {"iat": -1}),
    "exp-missing": ("No exp: absent does not mean for ever.", "docs/credential-profile.md, Payload", {"exp": ABSENT}),
    "exp-is-null": ("exp is null.", TIME, {"exp": None}),
    "exp-is-text": ("exp as text, which some libraries convert.", TIME, {"exp": "4102444800"}),
    "exp-beyond-all-clocks": ("exp after the year 9999.", TIME, {"exp": 253_402_300_800}),
    "nbf-is-text": ("nbf as text.", TIME, {"nbf": "0"}),
    "status-missing": ("No status: the credential could never be revoked.", STATUS, {"status": ABSENT}),
    "status-without-list": ("A status of another mechanism only.", STATUS, {"status": {"other": {}}}),
    "status-index-negative": ("A negative index, which counts from the end in some languages.", STATUS, {"idx": -1}),
    "status-index-is-text": ("The index as text.", STATUS, {"idx": "5"}),
    "status-index-is-false": ("The index is false, which some languages count as 0.", STATUS, {"idx": False}),
    "status-index-is-a-fraction": ("The index is 5.0.", STATUS, {"idx": 5.0}),
    "status-uri-missing": ("An index into no list.", STATUS, {"status": {"status_list": {"idx": 5}}}),
    "cnf-missing": ("No cnf: nobody is named who could prove possession.", CNF, {"cnf": ABSENT}),
    "cnf-with-key-identifier-only": ("cnf names a key that is somewhere else.", CNF, {"cnf": {"kid": "1"}}),
    "cnf-with-key-address-only": ("cnf names a URL to fetch the key from.", CNF, {"cnf": {"jku": "https://a.example"}}),
    "cnf-of-another-curve": ("A holder key on P-384.", CNF, {"jwk": jwk_on(ec.SECP384R1(), "Holder", "P-384")}),
    "cnf-mislabelled-curve": (
        "A holder key on P-384 that calls itself P-256.",
        "RFC 7518 §6.2.1",
        {"jwk": jwk_on(ec.SECP384R1(), "Holder", "P-256")},
    ),
    "cnf-symmetric-key": ("A symmetric holder key.", CNF, {"jwk": {"kty": "oct", "k": b64url.encode(bytes(32))}}),
    "cnf-with-private-key": (
        "The holder's private key stands in the credential.",
        "RFC 7800 §3.2",
        {"jwk": {**public("Holder").jwk, "d": b64url.encode(number_of("Holder").to_bytes(32))}},
    ),
    "cnf-for-encryption": ("A holder key that is for encryption.", "RFC 7517 §4.2", {"use": "enc"}),
    "cnf-off-the-curve": (
        "A holder key that is no point of P-256.",
        "RFC 7518 §6.2.1",
        {"y": b64url.encode(bytes(32))},
    ),
    "cnf-called-another-curve": ("A holder key on P-256 that calls itself P-384.", CNF, {"crv": "P-384"}),
    "cnf-called-another-kind": ("A holder key on P-256 that calls itself an OKP key.", CNF, {"kty": "OKP"}),
    "cnf-coordinate-lengthened": (
        "A zero byte before a coordinate: one point would have two spellings.",
        COORDINATE,
        {"x": b64url.encode(b"\x00" + b64url.decode(public("Holder").jwk["x"]))},
    ),
    "cnf-coordinate-beyond-the-field": (
        "A coordinate larger than the field, which some libraries reduce: one point would have two spellings.",
        COORDINATE,
        beyond_the_field(),
    ),
}


def nested(s: Stage, changes: dict[str, Any]) -> dict[str, Any]:
    """Put members of the holder key and of the status where they belong."""
    if {"kty", "crv", "use", "x", "y"} & set(changes):
        return {"cnf": {"jwk": s.holder.public_key.jwk | changes}}
    if "jwk" in changes:
        return {"cnf": changes}
    if "idx" in changes:
        return {"status": {"status_list": {"uri": STATUS_URI, **changes}}}
    return changes


for case_id, (flaw, clause, changes) in MEMBERS.items():

    def with_members(s: Stage, changes: dict[str, Any] = changes) -> str:
        return s.plain(**nested(s, changes))

    book.add(case_id, flaw, 2, clause, "invalid", "malformed", make=with_members)
