"""Both engines accept and refuse the same."""

import sys
from collections.abc import Iterator
from typing import get_args

import pytest

from giayto_crypto import engines
from giayto_crypto.engines import EngineMissingError, EngineName, EngineUnknownError
from giayto_crypto.errors import KeyFormatError, SignatureInvalidError
from giayto_crypto.keys import LocalSigner, PublicKey

ENGINES: tuple[EngineName, ...] = get_args(EngineName)
MESSAGE = b"to be signed"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.fixture(autouse=True)
def default_engine() -> Iterator[None]:
    yield
    engines.use("openssl")


def pair(r: int, s: int) -> bytes:
    return r.to_bytes(32) + s.to_bytes(32)


@pytest.mark.parametrize("signing", ENGINES)
@pytest.mark.parametrize("verifying", ENGINES)
def test_what_one_signs_the_other_verifies(signing: EngineName, verifying: EngineName) -> None:
    engines.use(signing)
    signer = LocalSigner.generate()
    signature = signer.sign(MESSAGE)
    assert len(signature) == 64
    engines.use(verifying)
    PublicKey.from_jwk(signer.public_key.jwk).verify(signature, MESSAGE)


@pytest.mark.parametrize("engine", ENGINES)
class TestEachEngine:
    @pytest.fixture(autouse=True)
    def used(self, engine: EngineName) -> None:
        engines.use(engine)

    def test_another_message_is_refused(self) -> None:
        signer = LocalSigner.generate()
        with pytest.raises(SignatureInvalidError):
            signer.public_key.verify(signer.sign(MESSAGE), MESSAGE + b".")

    def test_another_key_is_refused(self) -> None:
        with pytest.raises(SignatureInvalidError):
            LocalSigner.generate().public_key.verify(LocalSigner.generate().sign(MESSAGE), MESSAGE)

    @pytest.mark.parametrize(
        ("r", "s"),
        [(0, 0), (0, 1), (1, 0), (1, 1), (ORDER, 1), (1, ORDER), (ORDER + 1, ORDER + 1), (2**256 - 1, 2**256 - 1)],
    )
    def test_numbers_outside_the_group_are_refused(self, r: int, s: int) -> None:
        with pytest.raises(SignatureInvalidError):
            LocalSigner.generate().public_key.verify(pair(r, s), MESSAGE)

    @pytest.mark.parametrize("length", [0, 63, 65, 128])
    def test_a_signature_of_another_length_is_refused(self, length: int) -> None:
        with pytest.raises(SignatureInvalidError):
            LocalSigner.generate().public_key.verify(b"\1" * length, MESSAGE)

    @pytest.mark.parametrize("point", [b"\0" * 64, b"\1" * 64, b"\0" * 63 + b"\1"])
    def test_a_point_off_the_curve_is_refused(self, point: bytes) -> None:
        with pytest.raises(KeyFormatError, match="not on P-256"):
            PublicKey.from_coordinates(point[:32], point[32:])

    def test_a_key_keeps_its_engine(self, engine: EngineName) -> None:
        signer = LocalSigner.generate()
        engines.use("openssl" if engine == "aws-lc" else "aws-lc")
        signer.public_key.verify(signer.sign(MESSAGE), MESSAGE)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "awscrt.crypto", None)
    monkeypatch.delitem(sys.modules, "giayto_crypto.engines.aws_lc", raising=False)
    with pytest.raises(EngineMissingError, match=r"giayto-crypto\[aws-lc\]"):
        engines.use("aws-lc")


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(EngineUnknownError, match="openssl or aws-lc"):
        engines.use("rot13")
