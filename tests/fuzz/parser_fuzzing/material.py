"""The keys, lists and documents that the inputs are made of: the same in every run, so that a finding stays one."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from giayto_crypto import b64url, jws, qr
from giayto_crypto.bundle import VerifierBundle
from giayto_crypto.certificates import CATALOGUE
from giayto_crypto.jwe import EncryptionKey
from giayto_crypto.keys import Signer
from giayto_verifiers import InMemoryReplayGuard, Policy, Verdict, Verifier
from trust_scheme import NOW, Certified
from verification_cases.stage import Stage, certified, signer

TESTS = Path(__file__).parents[2]
CASES = TESTS / "vectors" / "verification" / "cases"
QR_VECTORS = TESTS / "vectors" / "qr"
BANK = signer("Bank")
CLIENT = signer("Client")
TRANSACTION = "LOAN-2026-000017"
PURPOSE = "Thẩm định hồ sơ vay"


@cache
def stage() -> Stage:
    """Return the trust scheme."""
    return Stage("fuzzing")


@cache
def encryption_key() -> EncryptionKey:
    """Return the key that answers are encrypted to."""
    return EncryptionKey(signer("Encryption").private_key)


@cache
def cataloguer() -> Certified:
    """Return who signs editions of the catalogue."""
    return certified("Cataloguer", CATALOGUE)


@cache
def bundle() -> VerifierBundle:
    """Return what the verifier knows."""
    return stage().bundle()


@cache
def bundle_token() -> str:
    """Return the bundle as it travels."""
    return stage().bundle_token()


@cache
def credential() -> str:
    """Return a credential as it was issued."""
    return Stage("a fuzzed credential").credential()


@cache
def presentation() -> str:
    """Return a presentation that is valid."""
    return Stage("a fuzzed presentation").presentation()


@cache
def qr_text() -> str:
    """Return the presentation as a QR holds it."""
    return qr.pack(presentation())


def judged(text: str) -> Verdict:
    """Return the verdict of a verifier that remembers nothing of other presentations."""
    return Verifier(bundle(), policy=Policy(), replay_guard=InMemoryReplayGuard()).verify(text, now=NOW)


def as_text(data: bytes) -> str:
    """Return the text of any bytes, one to one."""
    return data.decode("utf-8", "surrogateescape")


def payload_of(token: str) -> bytes:
    """Return the payload of a compact JWS."""
    return b64url.decode(token.split(".")[1])


def header_of(token: str) -> bytes:
    """Return the header of a compact JWS."""
    return b64url.decode(token.split(".")[0])


def signed_as_is(payload: bytes, header: Mapping[str, Any], by: Signer) -> str:
    """Sign any payload: what a signer that went wrong, or bad, might send."""
    signing_input = f"{b64url.encode(json.dumps({'alg': 'ES256', **header}).encode())}.{b64url.encode(payload)}"
    return f"{signing_input}.{b64url.encode(by.sign(signing_input.encode()))}"


def certified_as_is(payload: bytes, typ: str, by: Certified) -> str:
    """Sign any payload as one of the trust scheme's own services."""
    return signed_as_is(payload, {"typ": typ} | jws.x5c_header(by.x5c), by.signer)


def case_texts(file_name: str) -> Iterable[bytes]:
    """Return what the cases of docs/test-cases.md show to the verifier."""
    return (file.read_bytes().strip() for file in sorted(CASES.glob(f"*/{file_name}")))


def pinned_qr_texts() -> Iterable[bytes]:
    """Return the pinned texts of the format GT1."""
    return (json.loads(file.read_text())["text"].encode() for file in sorted(QR_VECTORS.glob("*.json")))


def signed_header(header: Mapping[str, Any]) -> str:
    """Return a token with this header and a signature of nothing."""
    return f"{b64url.encode(json.dumps({'alg': 'ES256', **header}).encode())}.e30.{b64url.encode(bytes(64))}"


def nothing_believed(read: Callable[[bytes], object], header: Mapping[str, Any], by: Signer) -> Callable[[bytes], None]:
    """Return a reader of any payload under a true signature: it reaches what is checked after the signature."""

    def read_contents(payload: bytes) -> None:
        read(signed_as_is(payload, header, by).encode())

    return read_contents
