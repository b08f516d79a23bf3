"""Whatever bytes arrive: an answer within bounded time and memory, and no error but the declared ones."""

import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import thread_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giayto_crypto import b64url, jws, qr, strict_json
from giayto_crypto.errors import GiaytoError
from giayto_crypto.jwt_claims import verify_claims
from giayto_crypto.keys import LocalSigner, PublicKey
from giayto_crypto.qr import base45
from giayto_crypto.sdjwt import (
    Disclosure,
    UnverifiedSdJwt,
    disclosure_paths,
    verify_issuer_signature,
    verify_key_binding,
)
from sample_credentials import (
    CLAIMS,
    ISSUER,
    X5C,
    KnownReferences,
    deflated,
    disclosure,
    issue,
    key_binding_jwt,
    lifted_body,
    present_in_person,
    profile_body,
    resign,
    sd_jwt,
    seal,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
KNOWN = KnownReferences()
PRESENTATION = present_in_person(issue(), [(name,) for name in CLAIMS])


def verify_text(text: str) -> None:
    verify_key_binding(verify_issuer_signature(UnverifiedSdJwt.parse(text), ISSUER.public_key))


def verify_qr(text: str) -> None:
    verify_text(qr.unpack(text, KNOWN))


def read_chain(text: str) -> None:
    for certificate in jws.parse(text, typ="dc+sd-jwt").x5c():
        PublicKey.from_certificate(certificate)


def check_claims(text: str) -> None:
    verify_claims(text, typ="t", key=ISSUER.public_key, audience="a", now=NOW, max_age=timedelta(minutes=1))


# Base64url and base45 have no limit of their own: those who call them look at the length first.
TEXT_PARSERS: dict[str, Callable[[str], object]] = {
    "base64url": lambda text: b64url.decode(text[:65536]),
    "base45": lambda text: base45.decode(text[:4296]),
    "JSON": lambda text: strict_json.loads(text.encode("utf-8", "surrogatepass")),
    "JWS": lambda text: jws.parse(text, typ="dc+sd-jwt").unverified_payload(),
    "x5c": read_chain,
    "claims": check_claims,
    "disclosure": Disclosure.parse,
    "SD-JWT": verify_text,
    "credential": lambda text: list(disclosure_paths(UnverifiedSdJwt.parse_issued(text))),
    "QR": verify_qr,
    "packing": qr.pack,
    "key": lambda text: LocalSigner.from_pem(text.encode("utf-8", "surrogatepass")),
}

JUNK = st.text(max_size=60)
PIECES = st.sampled_from(
    [
        *'~.=-_ \n\0é[]{}":,',
        "GT1:",
        "GT2:",
        "e30",
        "W10",
        "eyJhbGciOiJFUzI1NiIsInR5cCI6ImRjK3NkLWp3dCJ9",
        "A" * 86,
        "A" * 85,
        disclosure("name", "value")[0],
        disclosure("_sd", ["A"])[0],
        PRESENTATION.split("~")[0],
        PRESENTATION.split("~")[-1],
        "-----BEGIN PRIVATE KEY-----\n",
        '{"a":',
        '"_sd":[',
        "1e999",
        "\ud800",
    ]
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=4) | st.just("A" * 43),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["_sd", "...", "_sd_alg", "a", "cnf", "jwk", "status", "iss", "exp"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("parser", TEXT_PARSERS)
@given(
    text=JUNK | st.lists(PIECES, max_size=12).map("".join) | st.tuples(st.sampled_from(["GT1:", ""]), JUNK).map("".join)
)
def test_text_raises_only_declared_errors(parser: str, text: str) -> None:
    with suppress(GiaytoError):
        TEXT_PARSERS[parser](text)


@given(
    payload=st.dictionaries(st.sampled_from(["_sd", "_sd_alg", "iss", "iat", "cnf", "status", "a"]), JSON_VALUES),
    values=st.lists(JSON_VALUES, max_size=3),
)
def test_whatever_an_issuer_signs_raises_only_declared_errors(payload: dict[str, Any], values: list[Any]) -> None:
    """An issuer that goes wrong, or bad, must not take a wallet, a backend or a desk with it."""
    parts = [disclosure(f"name{number}", value) for number, value in enumerate(values)]
    if isinstance(payload.get("_sd"), list):
        payload["_sd"] = [*payload["_sd"], *(digest for _, digest in parts)]
    encoded = [encoded for encoded, _ in parts]
    shown = sd_jwt(payload, *encoded)
    for text in (shown, shown + key_binding_jwt(shown)):
        with suppress(GiaytoError):
            verify_text(text)
        with suppress(GiaytoError):
            list(disclosure_paths(UnverifiedSdJwt.parse(text)))
        assert qr.unpack(qr.pack(text), KNOWN) == text
    with suppress(GiaytoError):
        authentic = verify_issuer_signature(UnverifiedSdJwt.parse(shown), ISSUER.public_key)
        for name in ("issuer", "vct", "issued_at", "not_before", "expires_at", "holder_key", "status"):
            with suppress(GiaytoError):
                getattr(authentic, name)


@given(st.dictionaries(st.sampled_from(["iss", "aud", "iat", "exp", "nbf", "sub", "jti"]), JSON_VALUES))
def test_whatever_a_client_signs_raises_only_declared_errors(payload: dict[str, Any]) -> None:
    with suppress(GiaytoError):
        check_claims(jws.sign(payload, signer=ISSUER, typ="t"))


@given(
    st.dictionaries(
        st.sampled_from(["kty", "crv", "x", "y", "d", "use", "key_ops", "alg"]),
        JSON_VALUES | st.sampled_from(["EC", "P-256"]),
    )
)
def test_a_jwk_raises_only_declared_errors(jwk: dict[str, Any]) -> None:
    with suppress(GiaytoError):
        PublicKey.from_jwk(jwk)
    with suppress(GiaytoError):
        PublicKey.from_jwk(ISSUER.public_key.jwk | jwk)


@given(st.binary(max_size=40) | st.binary(min_size=33, max_size=33))
def test_a_compressed_point_raises_only_declared_errors(point: bytes) -> None:
    with suppress(GiaytoError):
        PublicKey.from_compressed(point)


@given(st.binary(max_size=40), st.integers(0, len(X5C[0]) - 1), st.integers(0, 255))
@settings(max_examples=200)
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_a_changed_certificate_raises_only_declared_errors(junk: bytes, place: int, byte: int) -> None:
    changed = X5C[0][:place] + bytes([byte]) + X5C[0][place + 1 :]
    for der in (changed, X5C[0][:place] + junk, junk):
        header = {"alg": "ES256", "typ": "dc+sd-jwt"} | jws.x5c_header([der])
        with suppress(GiaytoError):
            read_chain(resign(header, b"{}"))


@given(st.binary(max_size=300), st.sampled_from([b"", b"\x00", b"\x01", b"\x01\x00", b"\x01\x07"]))
@settings(max_examples=200)
def test_a_sealed_qr_of_any_bytes_raises_only_declared_errors(body: bytes, start: bytes) -> None:
    with suppress(GiaytoError):
        verify_qr(seal(start + body))


@given(st.lists(JSON_VALUES, max_size=5), st.binary(max_size=80), st.integers(0, 7))
@settings(max_examples=200)
def test_a_qr_of_any_items_raises_only_declared_errors(items: list[Any], tail: bytes, flags: int) -> None:
    proof = bytes(1 + 16 * (flags >> 2 & 1) + 64) if flags else b""
    body = profile_body([[len(tail) // 32, max(0, len(items) - 1)], *items], tail, flags=bytes([flags]), proof=proof)
    with suppress(GiaytoError):
        verify_qr(seal(body))


@given(st.lists(st.binary(max_size=20), max_size=6), st.integers(0, 20), st.integers(1, 2))
def test_a_lifted_qr_of_any_parts_raises_only_declared_errors(parts: list[bytes], counts: int, signatures: int) -> None:
    with suppress(GiaytoError):
        verify_qr(seal(lifted_body(*parts, counts=counts, signatures=signatures)))


def _chained(length: int) -> str:
    encoded, digest = disclosure("x", 1, salt="")
    parts = [encoded]
    for _ in range(length):
        encoded, digest = disclosure("x", {"_sd": [digest]}, salt="")
        parts.append(encoded)
    return sd_jwt({"_sd": [digest]}, *parts)


def _multiplied(levels: int) -> str:
    encoded, digest = disclosure("x", 1)
    parts = [encoded]
    for _ in range(levels):
        encoded, digest = disclosure("x", [{"_sd": [digest]} for _ in range(100)])
        parts.append(encoded)
    return sd_jwt({"_sd": [digest]}, *parts)


def _with_payload(payload: bytes) -> str:
    return resign({"alg": "ES256", "typ": "dc+sd-jwt"}, payload) + "~"


def _json_disclosure(content: bytes) -> str:
    return f"{PRESENTATION.split('~')[0]}~{b64url.encode(content)}~"


BOMBS = {
    "64 KiB of quotes": '"' * 65536,
    "64 KiB of backslashes": '"' + "\\" * 65535,
    "64 KiB of separators": "~" * 65536,
    "a token and separators": PRESENTATION.split("~")[0] + "~" * 60000,
    "64 KiB of dots": "." * 65536,
    "64 KiB of A": "A" * 65536,
    "10 MB of A": "A" * 10_000_000,
    "10 MB beyond ASCII": "é" * 10_000_000,
    "10 MB of a QR": "GT1:" + "A" * 10_000_000,
    "10 MB header": "A" * 10_000_000 + ".e30." + "A" * 86,
    "900 deep JSON": "[" * 900 + "]" * 900,
    "900 deep payload": _with_payload(b'{"a":' * 900 + b"1" + b"}" * 900),
    "900 deep header": b64url.encode(b'{"a":' * 900 + b"1" + b"}" * 900) + ".e30." + "A" * 86,
    "900 deep disclosure": _json_disclosure(b"[" * 900 + b"]" * 900),
    "48 KiB of quotes in a payload": _with_payload(b'"' * 48_000),
    "48 KiB of quotes in a disclosure": _json_disclosure(b'"' * 48_000),
    "48 KiB of empty arrays": _with_payload(b'{"a":[' + b"[]," * 15_000 + b"[]]}"),
    "a name 5000 times": _with_payload(b"{" + b",".join([b'"a":1'] * 5000) + b"}"),
    "5000 names and one twice": _with_payload(b"{" + b",".join(b'"%d":1' % n for n in range(4000)) + b',"0":1}'),
    "5000 digests": _with_payload(b'{"_sd":[' + b",".join([b'"A"'] * 5000) + b"]}"),
    "100 certificates": resign({"alg": "ES256", "typ": "dc+sd-jwt"} | jws.x5c_header([X5C[0]] * 40), b"{}") + "~",
    "400 disclosures in a chain": _chained(400),
    "100 digests each multiplied by 100": _multiplied(3),
    "inflate bomb, profile": seal(profile_body(deflated(bytes(1 << 21)))),
    "inflate bomb, lifted": seal(b"\x00\x00" + bytes(64) + deflated(bytes(1 << 21))),
    "huge varint": seal(b"\x01\x00" + bytes(14) + b"\xff" * 2000),
    "huge count of disclosures": seal(b"\x00" + b"\xff" * 6 + b"\x7f" + bytes(200) + deflated(bytes(1000))),
    "64 KiB of brackets in a QR": seal(profile_body(deflated(b"[" * 65_000))),
    "64 KiB of quotes in a QR": seal(profile_body(deflated(b'["' + b'"' * 65_000))),
    "150 items in a chain": seal(profile_body([[0, 1], *[["a", {"_sd": [0, 1]}]] * 150, ["a", 1]], bytes(16 * 151))),
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("parser", TEXT_PARSERS)
def test_bombs_are_answered_within_50_ms_and_64_mib(parser: str, bomb: str) -> None:
    read, text = TEXT_PARSERS[parser], BOMBS[bomb]
    tracemalloc.start()
    try:
        with suppress(GiaytoError):
            read(text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 << 20
    assert min(_time(read, text) for _ in range(3)) < 0.05


def _time(read: Callable[[str], object], text: str) -> float:
    begin = thread_time()
    with suppress(GiaytoError):
        read(text)
    return thread_time() - begin
