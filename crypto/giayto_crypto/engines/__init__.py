"""Who does the arithmetic of P-256: OpenSSL through `cryptography`, or AWS-LC through `awscrt`.

OpenSSL is there always. AWS-LC comes with the extra `giayto-crypto[aws-lc]` and is faster for one core; it keeps the
interpreter's lock while it works, so it gains nothing from threads. A process chooses once, before it makes keys:

    engines.use("aws-lc")

Keys, signatures and refusals are the same with both; certificates and PyJWT always stay with `cryptography`.
"""

from typing import Literal, Protocol, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec

from giayto_crypto.engines.openssl import OpenSsl
from giayto_crypto.errors import GiaytoError

EngineName: TypeAlias = Literal["openssl", "aws-lc"]


class EngineMissingError(GiaytoError):
    """The engine's library is not installed."""

    code = "engine_missing"
    message_vi = "Thiếu thư viện mật mã được chọn."
    message_en = "The chosen cryptographic library is not installed."


class EngineUnknownError(GiaytoError):
    """No engine has the name that was given."""

    code = "engine_unknown"
    message_vi = "Không có thư viện mật mã tên này."
    message_en = "There is no cryptographic library of this name."


class VerifyingKey(Protocol):
    """A public key, ready to verify."""

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Tell whether `signature` (r and s, 32 bytes each) is the ES256 signature of `message`."""
        ...


class SigningKey(Protocol):
    """A private key, ready to sign."""

    def sign(self, message: bytes) -> bytes:
        """Return the ES256 signature of `message`: r and s, 32 bytes each."""
        ...


class Engine(Protocol):
    """Makes keys that work."""

    def verifying_key(self, point: bytes) -> VerifyingKey:
        """Take an uncompressed point (65 bytes, SEC 1 §2.3.3); ValueError when it is not on P-256."""
        ...

    def signing_key(self, private_key: ec.EllipticCurvePrivateKey) -> SigningKey:
        """Take a private key on P-256."""
        ...


def use(name: EngineName | str) -> None:
    """Choose the engine of all keys that this process makes from now on.

    Raises:
        EngineMissingError: its library is not installed.
        EngineUnknownError: no engine has this name.
    """
    global _current
    _current = _load(name)


def current() -> Engine:
    """Return the engine that new keys work with."""
    return _current


def _load(name: str) -> Engine:
    match name:
        case "openssl":
            return OpenSsl()
        case "aws-lc":
            try:
                from giayto_crypto.engines.aws_lc import AwsLc
            except ImportError as error:
                raise EngineMissingError("engine aws-lc: install giayto-crypto[aws-lc]") from error
            return AwsLc()
        case _:
            raise EngineUnknownError("engine: openssl or aws-lc is expected")


_current: Engine = OpenSsl()
