"""Step 2, JOSE: headers, encodings and JSON that a lenient parser takes (RFC 8725)."""

import hmac
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from giayto_crypto import b64url, strict_json
from giayto_crypto.jws import x5c_header
from verification_cases.casebook import book
from verification_cases.stage import ABSENT, Stage, parts, with_signature

ALGORITHM = "RFC 8725 §3.1"
TYP = "RFC 8725 §3.11"
SIGNATURE = "RFC 7518 §3.4"
BASE64URL = "RFC 7515 §2"
JSON = "RFC 8725 §2.4"


def nested(depth: int) -> Any:
    """Return arrays one in the other."""
    return [nested(depth - 1)] if depth else 0


HEADERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "alg-none-with-signature": ("alg none, with 64 bytes in the place of the signature.", ALGORITHM, {"alg": "none"}),
    "alg-missing": ("No alg.", "RFC 7515 §4.1.1", {"alg": ABSENT}),
    "alg-in-lower-case": ("alg es256: names of algorithms are case-sensitive.", "RFC 7515 §4.1.1", {"alg": "es256"}),
    "alg-es256k": ("An algorithm of another curve, over a signature that is right.", ALGORITHM, {"alg": "ES256K"}),
    "alg-is-an-array": ("Two algorithms to choose from.", "RFC 7515 §4.1.1", {"alg": ["ES256", "none"]}),
    "typ-missing": ("No typ.", TYP, {"typ": ABSENT}),
    "typ-jwt": ("The typ of any JWT.", TYP, {"typ": "JWT"}),
    "typ-of-earlier-drafts": ("The typ vc+sd-jwt of earlier drafts.", "SD-JWT VC §2.2.1", {"typ": "vc+sd-jwt"}),
    "typ-in-upper-case": ("The typ in upper case.", "SD-JWT VC §2.2.1", {"typ": "DC+SD-JWT"}),
    "typ-of-a-key-binding": ("A credential with the typ of a key-binding JWT.", TYP, {"typ": "kb+jwt"}),
    "typ-of-a-status-list": ("A credential with the typ of a status list.", TYP, {"typ": "statuslist+jwt"}),
    "crit-not-understood": ("crit names an extension.", "RFC 7515 §4.1.11", {"crit": ["exp"], "exp": 1}),
    "crit-empty": ("An empty crit, which is not allowed either.", "RFC 7515 §4.1.11", {"crit": []}),
    "b64-false": ("An unencoded payload is announced, without crit.", "RFC 7797 §6", {"b64": False}),
    "header-of-30-kib": ("A header of 30 KiB.", "docs/credential-profile.md, Limits", {"note": "x" * 30 * 1024}),
    "header-of-10-kib-without-certificate": (
        "A header of 10 KiB that no certificate makes so long.",
        "docs/credential-profile.md, Limits",
        {"x5c": ABSENT, "note": "x" * 10 * 1024},
    ),
    "header-nested-20-deep": ("A header nested 20 deep.", "docs/credential-profile.md, Limits", {"note": nested(20)}),
}
for case_id, (flaw, clause, changes) in HEADERS.items():

    def with_header(s: Stage, changes: dict[str, Any] = changes) -> str:
        return s.bound(s.signed(s.payload(), header=changes))

    book.add(case_id, f"{flaw} The agency's signature is right.", 2, clause, "invalid", "malformed", make=with_header)


@book.invalid(2, "RFC 8725 §3.2", "malformed")
def alg_none(s: Stage) -> str:
    """An unsecured JWT: alg none and an empty signature."""
    unsecured = {"alg": "none", "typ": "dc+sd-jwt"}
    token = ".".join(b64url.encode(strict_json.canonical(part)) for part in (unsecured, s.payload()))
    return s.bound(f"{token}.~")


@book.invalid(2, "RFC 8725 §2.1", "malformed")
def alg_hs256_with_the_public_key(s: Stage) -> str:
    """alg HS256, with the agency's public key as the secret of the HMAC."""
    token, *_ = parts(s.signed(s.payload(), header={"alg": "HS256"}))
    signing_input = token.rpartition(".")[0]
    key = s.agency.signer.public_key.cryptography_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return s.bound(f"{signing_input}.{b64url.encode(hmac.digest(key, signing_input.encode(), sha256))}~")


def signature_of(s: Stage) -> tuple[str, str]:
    """Return the signing input and the encoded signature of a credential."""
    signing_input, _, signature = s.signed(s.payload()).removesuffix("~").rpartition(".")
    return signing_input, signature


@book.invalid(2, BASE64URL, "malformed")
def signature_padded(s: Stage) -> str:
    """The signature with padding: a second spelling of the same token."""
    signing_input, signature = signature_of(s)
    return s.bound(f"{signing_input}.{signature}==~")


@book.invalid(2, BASE64URL, "malformed")
def signature_with_unused_bits(s: Stage) -> str:
    """The last character's unused bits are not zero: a second spelling of the same signature."""
    signing_input, signature = signature_of(s)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    varied = signature[:-1] + alphabet[alphabet.index(signature[-1]) + 1]
    return s.bound(f"{signing_input}.{varied}~")


@book.invalid(2, SIGNATURE, "malformed")
def signature_in_der(s: Stage) -> str:
    """The signature as DER, which ES256 does not use."""
    signing_input, signature = signature_of(s)
    raw = b64url.decode(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    return s.bound(f"{signing_input}.{b64url.encode(der)}~")


@book.invalid(2, SIGNATURE, "malformed")
def signature_of_63_bytes(s: Stage) -> str:
    """A signature that lost its last byte."""
    return s.bound(with_signature(s.signed(s.payload()).removesuffix("~"), lambda raw: raw[:-1]) + "~")


@book.invalid(2, SIGNATURE, "malformed")
def signature_empty(s: Stage) -> str:
    """An empty signature under a header that promises ES256."""
    signing_input, _ = signature_of(s)
    return s.bound(f"{signing_input}.~")


@book.invalid(2, JSON, "malformed")
def header_with_duplicate_member(s: Stage) -> str:
    """alg twice in the header: none, then ES256."""
    header = strict_json.canonical({"typ": "dc+sd-jwt", **x5c_header(s.agency.x5c)})
    return s.bound(s.signed(s.payload(), header=b'{"alg":"none","alg":"ES256",' + header[1:]))


PAYLOADS: dict[str, tuple[str, Any]] = {
    "payload-with-duplicate-member": (
        "exp twice: parsers that keep the first and those that keep the last judge different credentials.",
        lambda payload: payload.replace(b'"exp":', b'"exp":4102444800,"exp":', 1),
    ),
    "payload-with-escaped-duplicate-member": (
        "The same member twice, once with an escaped letter.",
        lambda payload: payload.replace(b'"exp":', b'"\\u0065xp":4102444800,"exp":', 1),
    ),
    "payload-with-nested-duplicate-member": (
        "Two status indexes.",
        lambda payload: payload.replace(b'"idx":5', b'"idx":6,"idx":5', 1),
    ),
    "payload-nested-900-deep": (
        "900 arrays one in the other, which crash a recursive parser.",
        lambda payload: payload[:-1] + b',"note":' + b"[" * 900 + b"]" * 900 + b"}",
    ),
    "payload-is-an-array": ("An array in the place of the object.", lambda payload: b"[" + payload + b"]"),
    "payload-not-utf-8": (
        "A byte that is not UTF-8.",
        lambda payload: payload.replace(b"2026-11-20", b"2026-11-20\xff"),
    ),
    "payload-with-byte-order-mark": ("A byte order mark before the JSON.", lambda payload: b"\xef\xbb\xbf" + payload),
    "payload-with-nan": ("NaN, which is not JSON.", lambda payload: payload[:-1] + b',"note":NaN}'),
    "payload-with-comment": ("A comment, which is not JSON.", lambda payload: payload[:-1] + b"/**/}"),
    "payload-with-lone-surrogate": (
        "Half a surrogate pair, which no text can hold.",
        lambda payload: payload[:-1] + b',"note":"\\ud800"}',
    ),
    "payload-with-inexact-integer": (
        "An integer of 2^53, on which readers do not agree.",
        lambda payload: payload[:-1] + b',"note":9007199254740992}',
    ),
    "payload-with-number-beyond-doubles": (
        "1e999, which some readers take for infinity.",
        lambda payload: payload[:-1] + b',"note":1e999}',
    ),
    "payload-followed-by-something": ("A second JSON text after the first.", lambda payload: payload + b"{}"),
}
for case_id, (flaw, change) in PAYLOADS.items():

    def with_payload(s: Stage, change: Any = change) -> str:
        return s.bound(s.signed(change(strict_json.canonical(s.payload()))))

    flaw += " The agency's signature is right."
    book.add(case_id, flaw, 2, JSON, "invalid", "malformed", make=with_payload)
