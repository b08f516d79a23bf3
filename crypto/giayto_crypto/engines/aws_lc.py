"""P-256 by AWS-LC, as `awscrt` brings it."""

from hashlib import sha256

from awscrt.crypto import EC, ECRawSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_COORDINATE_BYTES = 32
_SPKI_OF_P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
"""What stands before the uncompressed point in a SubjectPublicKeyInfo of a P-256 key (RFC 5480 §2)."""


class AwsLc:
    """See `giayto_crypto.engines.Engine`."""

    def verifying_key(self, point: bytes) -> "AwsLcVerifyingKey":
        """Take an uncompressed point; ValueError when it is not on P-256."""
        try:
            return AwsLcVerifyingKey(EC.new_key_from_der_data(_SPKI_OF_P256 + point))
        except RuntimeError as error:
            raise ValueError("the point is not on P-256") from error

    def signing_key(self, private_key: ec.EllipticCurvePrivateKey) -> "AwsLcSigningKey":
        """Take a private key on P-256."""
        pkcs8 = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return AwsLcSigningKey(EC.new_key_from_der_data(pkcs8))


class AwsLcVerifyingKey:
    """See `giayto_crypto.engines.VerifyingKey`."""

    __slots__ = ("_key",)

    def __init__(self, key: EC) -> None:
        self._key = key

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Tell whether the signature fits."""
        pair = ECRawSignature(signature[:_COORDINATE_BYTES], signature[_COORDINATE_BYTES:])
        return bool(self._key.verify(sha256(message).digest(), EC.encode_raw_signature(pair)))


class AwsLcSigningKey:
    """See `giayto_crypto.engines.SigningKey`."""

    __slots__ = ("_key",)

    def __init__(self, key: EC) -> None:
        self._key = key

    def sign(self, message: bytes) -> bytes:
        """Return r and s."""
        signature: bytes = self._key.sign(sha256(message).digest())
        pair: bytes = EC.decode_der_signature_to_padded_pair(signature, _COORDINATE_BYTES)
        return pair
