"""P-256 keys: the only kind that giayto signs and verifies with (ES256, RFC 7518 §3.4)."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import Any, Protocol, Self, runtime_checkable

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from giayto_crypto import b64url, engines
from giayto_crypto.errors import KeyFormatError, MalformedError, SignatureInvalidError

COORDINATE_BYTES = 32
SIGNATURE_BYTES = 2 * COORDINATE_BYTES
COMPRESSED_BYTES = 1 + COORDINATE_BYTES
_FIELD_PRIME = (2**256 - 2**224 + 2**192 + 2**96 - 1).to_bytes(COORDINATE_BYTES)
_UNCOMPRESSED, _COMPRESSED_EVEN = b"\x04", 2
"""The first byte of a point in full, and of a compressed one with an even y (SEC 1 §2.3.3)."""
_CURVE = ec.SECP256R1()
_POINT_MEMBERS = frozenset({"kty", "crv", "x", "y"})
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class PublicKey:
    """A P-256 public key that is known to lie on the curve. Equal and hashable by its point."""

    __slots__ = ("__dict__", "_point")

    def __init__(self, point: bytes) -> None:
        """Take an uncompressed point (SEC 1 §2.3.3) that is known to lie on the curve; others come by `from_…`."""
        self._point = point

    @classmethod
    def from_cryptography(cls, key: ec.EllipticCurvePublicKey) -> Self:
        """Take a key of `cryptography`.

        Raises:
            KeyFormatError: the key is on another curve.
        """
        if not isinstance(key.curve, ec.SECP256R1):
            raise KeyFormatError(f"key: P-256 is expected, not {key.curve.name}")
        return cls(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> Self:
        """Read a public JWK (RFC 7517, RFC 7518 §6.2.1).

        Raises:
            KeyFormatError: not EC P-256, a private or symmetric member, `use`, `key_ops` or `alg` that exclude
                verifying with ES256, coordinates of the wrong length, or a point that is not on the curve.
        """
        if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
            raise KeyFormatError("JWK: kty EC with crv P-256 is expected")
        if jwk.keys() != _POINT_MEMBERS:
            _require_public_verifying_key(jwk)
        return cls.from_coordinates(_coordinate(jwk, "x"), _coordinate(jwk, "y"))

    @classmethod
    def from_coordinates(cls, x: bytes, y: bytes) -> Self:
        """Build a key from two big-endian coordinates of 32 bytes each."""
        # OpenSSL reduces a coordinate beyond the field, so that one point would have a second spelling.
        if len(x) != COORDINATE_BYTES or len(y) != COORDINATE_BYTES:
            raise KeyFormatError("key: a coordinate of P-256 has 32 bytes")
        if x >= _FIELD_PRIME or y >= _FIELD_PRIME:
            raise KeyFormatError("key: a coordinate is not an element of the field of P-256")
        key = cls(_UNCOMPRESSED + x + y)
        try:
            _ = key.verifying_key  # the engine checks the curve equation
        except ValueError as error:
            raise KeyFormatError("key: the point is not on P-256") from error
        return key

    @classmethod
    def from_compressed(cls, point: bytes) -> Self:
        """Build a key from a compressed point of 33 bytes (SEC 1 §2.3.4)."""
        if len(point) != COMPRESSED_BYTES:
            raise KeyFormatError("key: a compressed P-256 point has 33 bytes")
        try:
            return cls.from_cryptography(ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point))
        except ValueError as error:
            raise KeyFormatError("key: the point is not on P-256") from error

    @classmethod
    def from_certificate(cls, certificate: x509.Certificate) -> Self:
        """Return the key that a certificate certifies."""
        try:
            key = certificate.public_key()
        except (ValueError, UnsupportedAlgorithm) as error:
            raise KeyFormatError("certificate: its key cannot be read") from error
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise KeyFormatError("certificate: a P-256 key is expected")
        return cls.from_cryptography(key)

    @cached_property
    def jwk(self) -> dict[str, str]:
        """The public JWK, members in the order kty, crv, x, y."""
        x, y = self._point[1 : 1 + COORDINATE_BYTES], self._point[1 + COORDINATE_BYTES :]
        return {"kty": "EC", "crv": "P-256", "x": b64url.encode(x), "y": b64url.encode(y)}

    @cached_property
    def compressed(self) -> bytes:
        """The point in 33 bytes (SEC 1 §2.3.3)."""
        parity = self._point[-1] & 1
        return bytes([_COMPRESSED_EVEN + parity]) + self._point[1 : 1 + COORDINATE_BYTES]

    @cached_property
    def thumbprint(self) -> str:
        """The JWK thumbprint, base64url of SHA-256 (RFC 7638)."""
        jwk = self.jwk
        members = f'{{"crv":"P-256","kty":"EC","x":"{jwk["x"]}","y":"{jwk["y"]}"}}'
        return urlsafe_b64encode(sha256(members.encode()).digest()).rstrip(b"=").decode()

    @cached_property
    def cryptography_key(self) -> ec.EllipticCurvePublicKey:
        """The key as `cryptography` holds it, for certificates and PyJWT."""
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, self._point)

    @cached_property
    def verifying_key(self) -> engines.VerifyingKey:
        """The key as the engine holds it; ValueError when the point is not on the curve."""
        return engines.current().verifying_key(self._point)

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check an ES256 signature.

        Args:
            signature: r and s, 32 bytes each, big-endian (RFC 7518 §3.4).
            message: the bytes that were signed.

        Raises:
            SignatureInvalidError: wrong length or wrong signature.
        """
        if len(signature) != SIGNATURE_BYTES:
            raise SignatureInvalidError("signature: ES256 signatures have 64 bytes")
        if not self.verifying_key.verify(signature, message):
            raise SignatureInvalidError("signature: does not fit message and key")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self._point == other._point

    def __hash__(self) -> int:
        return hash(self._point)

    def __repr__(self) -> str:
        return f"PublicKey({self.thumbprint})"


@runtime_checkable
class Signer(Protocol):
    """Whatever can sign with one P-256 key: a file, a hardware module, a remote service."""

    @property
    def public_key(self) -> PublicKey:
        """The key that verifies what `sign` returns."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the ES256 signature of `message`: r and s, 32 bytes each."""
        ...


class LocalSigner:
    """A signer whose private key lies in this process: for sandboxes, devices and tests."""

    __slots__ = ("_private_key", "_public_key", "_signing_key")

    def __init__(self, private_key: ec.EllipticCurvePrivateKey) -> None:
        """Wrap a private key; KeyFormatError when it is not on P-256."""
        self._public_key = PublicKey.from_cryptography(private_key.public_key())
        self._private_key = private_key
        self._signing_key = engines.current().signing_key(private_key)

    @classmethod
    def generate(cls) -> Self:
        """Make a new key from the operating system's randomness."""
        return cls(ec.generate_private_key(_CURVE))

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """Read an unencrypted PKCS#8 or SEC 1 private key in PEM.

        Raises:
            KeyFormatError: not PEM, encrypted, or not a P-256 key.
        """
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeyFormatError("key: an unencrypted private key in PEM is expected") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise KeyFormatError("key: a P-256 key is expected")
        return cls(key)

    def to_pem(self) -> bytes:
        """Write the private key as unencrypted PKCS#8 PEM; the caller guards the file."""
        return self._private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def public_key(self) -> PublicKey:
        """The key that verifies this signer's signatures."""
        return self._public_key

    @property
    def private_key(self) -> ec.EllipticCurvePrivateKey:
        """The key as `cryptography` holds it, for building certificates."""
        return self._private_key

    def sign(self, message: bytes) -> bytes:
        """Return the ES256 signature of `message`: r and s, 32 bytes each."""
        return self._signing_key.sign(message)

    def __repr__(self) -> str:
        return f"LocalSigner({self._public_key.thumbprint})"


def _coordinate(jwk: Mapping[str, Any], name: str) -> bytes:
    text = jwk.get(name)
    if not isinstance(text, str):
        raise KeyFormatError(f"JWK: {name} is missing or not a string")
    try:
        value = b64url.decode(text)
    except MalformedError as error:
        raise KeyFormatError(f"JWK: {name} is not canonical base64url") from error
    if len(value) != COORDINATE_BYTES:
        raise KeyFormatError(f"JWK: {name} must have 32 bytes (RFC 7518 §6.2.1.2)")
    return value


def _require_public_verifying_key(jwk: Mapping[str, Any]) -> None:
    if not _PRIVATE_MEMBERS.isdisjoint(jwk):
        raise KeyFormatError("JWK: a public key must not carry private members")
    if jwk.get("use", "sig") != "sig":
        raise KeyFormatError("JWK: use is not sig")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise KeyFormatError("JWK: key_ops does not allow verify")
    if jwk.get("alg", "ES256") != "ES256":
        raise KeyFormatError("JWK: alg is not ES256")
