"""P-256 by OpenSSL, as `cryptography` brings it."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

_COORDINATE_BYTES = 32
_CURVE = ec.SECP256R1()
_ES256 = ec.ECDSA(hashes.SHA256())


class OpenSsl:
    """See `giayto_crypto.engines.Engine`."""

    def verifying_key(self, point: bytes) -> "OpenSslVerifyingKey":
        """Take an uncompressed point; ValueError when it is not on P-256."""
        # The curve equation is checked here.
        return OpenSslVerifyingKey(ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point))

    def signing_key(self, private_key: ec.EllipticCurvePrivateKey) -> "OpenSslSigningKey":
        """Take a private key on P-256."""
        return OpenSslSigningKey(private_key)


class OpenSslVerifyingKey:
    """See `giayto_crypto.engines.VerifyingKey`."""

    __slots__ = ("_key",)

    def __init__(self, key: ec.EllipticCurvePublicKey) -> None:
        self._key = key

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Tell whether the signature fits."""
        r = int.from_bytes(signature[:_COORDINATE_BYTES])
        s = int.from_bytes(signature[_COORDINATE_BYTES:])
        try:
            self._key.verify(encode_dss_signature(r, s), message, _ES256)
        except InvalidSignature:
            return False
        return True


class OpenSslSigningKey:
    """See `giayto_crypto.engines.SigningKey`."""

    __slots__ = ("_key",)

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key

    def sign(self, message: bytes) -> bytes:
        """Return r and s."""
        r, s = decode_dss_signature(self._key.sign(message, _ES256))
        return r.to_bytes(_COORDINATE_BYTES) + s.to_bytes(_COORDINATE_BYTES)
