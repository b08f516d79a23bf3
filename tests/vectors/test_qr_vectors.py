"""The format GT1, pinned: old texts are read for ever, and new ones are written the same way."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from giayto_crypto import qr
from giayto_crypto.errors import UnknownReferenceError
from giayto_crypto.keys import PublicKey
from giayto_crypto.qr import ReferencedIssuer, lifted, profile
from giayto_crypto.sdjwt import UnverifiedSdJwt, verify_issuer_signature, verify_key_binding
from sample_credentials import KnownReferences, opened

VECTORS = {file.stem: json.loads(file.read_text()) for file in sorted((Path(__file__).parent / "qr").glob("*.json"))}
SPARE_CHARACTERS = 12
"""Another zlib may find a slightly longer deflate stream; more than this would be another size class of QR."""

each_vector = pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)


def references(vector: dict[str, Any]) -> KnownReferences:
    issuers = (ReferencedIssuer(tuple(map(b64decode, each["x5c"])), each["iss"]) for each in vector["issuers"])
    return KnownReferences(tuple(issuers), tuple(vector["vcts"]), tuple(vector["status_uris"]))


def stored(data: bytes) -> bytes:
    """Return a deflate stream of one stored block (RFC 1951 §3.2.4): the same from every writer."""
    length = len(data)
    return b"\x01" + length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little") + data


def test_both_modes_are_pinned() -> None:
    assert {vector["mode"] for vector in VECTORS.values()} == {0, 1}
    assert len(VECTORS) >= 13


@each_vector
def test_is_read(vector: dict[str, Any]) -> None:
    for text in (vector["text"], vector["stored_text"]):
        assert opened(text)[0] == vector["mode"]
        assert qr.unpack(text, references(vector)) == vector["presentation"]


@each_vector
def test_is_written(vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(qr.pack(vector["presentation"])) <= len(vector["text"]) + SPARE_CHARACTERS
    for module in (profile, lifted):
        monkeypatch.setattr(module, "deflate", stored)
    assert qr.pack(vector["presentation"]) == vector["stored_text"]


@each_vector
def test_verifies(vector: dict[str, Any]) -> None:
    parsed = UnverifiedSdJwt.parse(vector["presentation"])
    authentic = verify_issuer_signature(parsed, PublicKey.from_jwk(vector["issuer_key"]))
    if parsed.key_binding is not None:
        verify_key_binding(authentic)


@each_vector
def test_needs_what_it_refers_to_and_nothing_else(vector: dict[str, Any]) -> None:
    nothing = KnownReferences((), (), ())
    if vector["mode"] == 0:
        assert qr.unpack(vector["text"], nothing) == vector["presentation"]
        return
    with pytest.raises(UnknownReferenceError):
        qr.unpack(vector["text"], nothing)
