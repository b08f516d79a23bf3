"""Compact JWE for one recipient: ECDH-ES on P-256 with AES-GCM, and nothing else (RFC 7516, RFC 7518 §4.6 and §5.3).

The grammar is checked here, strictly, before joserfc sees a token. What a header may ask for beyond the two
algorithms is refused: compression (a bomb), passwords (PBES2), wrapped keys (RSA1_5 and all others), `crit`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwe as jose
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from giayto_crypto import b64url, strict_json
from giayto_crypto.errors import GiaytoError, KeyFormatError, MalformedError
from giayto_crypto.keys import LocalSigner, PublicKey

ALGORITHM: Final = "ECDH-ES"
ENCRYPTIONS: Final = ("A128GCM", "A256GCM")
MAX_HEADER_BYTES: Final = 4 * 1024
_NONCE_BYTES = 12
_TAG_BYTES = 16
_OWN_PARAMETERS = frozenset({"alg", "enc", "kid", "epk", "zip", "crit"})
_REFUSED_PARAMETERS = ("zip", "crit", "b64", "p2s", "p2c")
_ABOUT_THE_USE = frozenset({"use", "key_ops", "alg"})
_DERIVING = frozenset({"deriveKey", "deriveBits"})


class DecryptionError(GiaytoError):
    """A well-formed encrypted message cannot be read: for another key, or altered on its way."""

    code = "decryption_failed"
    message_vi = "Không giải mã được dữ liệu nhận được."
    message_en = "The encrypted data cannot be read."


@dataclass(frozen=True, slots=True)
class DecryptedJwe:
    """What a token said under its encryption. Its sender is not known by that: anybody may encrypt to a public key."""

    header: Mapping[str, Any]
    plaintext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """A key pair that others encrypt to, named by its thumbprint. Made for one exchange and forgotten after it."""

    private_key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """Make a new key from the operating system's randomness."""
        return cls(LocalSigner.generate().private_key)

    @classmethod
    def from_pem(cls, pem: bytes) -> Self:
        """Read what `to_pem` wrote; KeyFormatError when it is something else."""
        return cls(LocalSigner.from_pem(pem).private_key)

    def to_pem(self) -> bytes:
        """Write the private key as unencrypted PKCS#8 PEM; the caller guards it."""
        return LocalSigner(self.private_key).to_pem()

    @property
    def kid(self) -> str:
        """The thumbprint of the public key (RFC 7638)."""
        return PublicKey.from_cryptography(self.private_key.public_key()).thumbprint

    @property
    def jwk(self) -> dict[str, str]:
        """The public JWK with `use`, `alg` and `kid`, to publish."""
        public = PublicKey.from_cryptography(self.private_key.public_key())
        return {**public.jwk, "use": "enc", "alg": ALGORITHM, "kid": public.thumbprint}


def require_recipient(jwk: Mapping[str, Any]) -> PublicKey:
    """Return the key of a public JWK that somebody offers to encrypt to.

    Raises:
        KeyFormatError: not EC P-256, private members, no `kid`, an `alg` other than ECDH-ES, or a `use` or `key_ops`
            that excludes key agreement (RFC 7517 §4, OpenID4VP 1.0 §8.3).
    """
    kid = jwk.get("kid")
    if not isinstance(kid, str) or not kid:
        raise KeyFormatError("JWK: a key to encrypt to needs a kid")
    if jwk.get("alg") != ALGORITHM:
        raise KeyFormatError(f"JWK: alg must be {ALGORITHM}")
    if jwk.get("use", "enc") != "enc":
        raise KeyFormatError("JWK: use is not enc")
    operations = jwk.get("key_ops", ["deriveKey"])
    if not isinstance(operations, list) or not any(one in _DERIVING for one in operations if isinstance(one, str)):
        raise KeyFormatError("JWK: key_ops does not allow key agreement")
    return _agreement_key(jwk)


def encrypt(
    plaintext: bytes, *, recipient: Mapping[str, Any], enc: str, header: Mapping[str, Any] | None = None
) -> str:
    """Encrypt to one public key.

    Args:
        plaintext: what only the recipient shall read.
        recipient: the public JWK with `kid` and `alg` ECDH-ES.
        enc: `A128GCM` or `A256GCM`.
        header: further header parameters, such as `cty`, `apu` or `apv`.

    Returns:
        The compact serialisation, with `kid` of the recipient in the header.

    Raises:
        KeyFormatError: the JWK is none to encrypt to; see `require_recipient`.
        MalformedError: `enc` is not one of the two, or `header` names a parameter that is set here.
    """
    key = require_recipient(recipient)
    _require_encryption(enc)
    further = dict(header or {})
    if not _OWN_PARAMETERS.isdisjoint(further):
        raise MalformedError("JWE: alg, enc, kid, epk, zip and crit are not the caller's to set")
    protected = {"alg": ALGORITHM, "enc": enc, "kid": recipient["kid"], **further}
    public_key = ECKey.import_key(key.cryptography_key)
    return str(jose.encrypt_compact(protected, plaintext, public_key, registry=_registry(len(plaintext))))


def decrypt(token: str, *, keys: Mapping[str, ec.EllipticCurvePrivateKey], max_bytes: int) -> DecryptedJwe:
    """Decrypt a compact JWE.

    Args:
        token: as received.
        keys: the private keys that it may be encrypted to, by their `kid`.
        max_bytes: longest token that is read.

    Raises:
        MalformedError: not exactly a compact JWE with ECDH-ES, AES-GCM and a `kid`, or longer than `max_bytes`.
        DecryptionError: a `kid` that is not among `keys`, or altered on its way.
    """
    header = _read_header(token, max_bytes)
    private_key = keys.get(header["kid"])
    if private_key is None:
        raise DecryptionError("JWE: it is encrypted to a key that is not (or no longer) used here")
    try:
        opened = jose.decrypt_compact(token, ECKey.import_key(private_key), registry=_registry(max_bytes))
    except (JoseError, ValueError) as error:
        raise DecryptionError("JWE: it was altered, or is encrypted to another key") from error
    return DecryptedJwe(header=header, plaintext=bytes(opened.plaintext or b""))


def _read_header(token: str, max_bytes: int) -> dict[str, Any]:
    if len(token) > max_bytes or not token.isascii():
        raise MalformedError(f"JWE: at most {max_bytes} ASCII characters are read", limit=max_bytes)
    parts = token.split(".")
    if len(parts) != 5:
        raise MalformedError("JWE: five parts separated by dots are expected")
    encoded_header, encrypted_key, nonce, ciphertext, tag = parts
    header = strict_json.loads_object(b64url.decode(encoded_header), max_bytes=MAX_HEADER_BYTES, max_depth=4)
    _require_header(header)
    if encrypted_key:
        raise MalformedError(f"JWE: {ALGORITHM} has no encrypted key")
    b64url.decode(ciphertext)
    if len(b64url.decode(nonce)) != _NONCE_BYTES or len(b64url.decode(tag)) != _TAG_BYTES:
        raise MalformedError("JWE: AES-GCM has a nonce of 12 and a tag of 16 bytes")
    return header


def _require_header(header: Mapping[str, Any]) -> None:
    if header.get("alg") != ALGORITHM:
        raise MalformedError(f"JWE: alg must be {ALGORITHM}")
    _require_encryption(header.get("enc"))
    for name in _REFUSED_PARAMETERS:
        if name in header:
            raise MalformedError(f"JWE: {name} is not accepted here")
    if not isinstance(header.get("kid"), str):
        raise MalformedError("JWE: the header must name the key by kid")
    for name in ("apu", "apv"):
        if not isinstance(header.get(name, ""), str):
            raise MalformedError(f"JWE: {name} must be a string")
    _require_ephemeral_key(header.get("epk"))


def _require_ephemeral_key(epk: object) -> None:
    if not isinstance(epk, dict):
        raise MalformedError("JWE: epk is missing")
    try:
        _agreement_key(epk)
    except KeyFormatError as error:
        raise MalformedError("JWE: epk is not a public key on P-256") from error


def _agreement_key(jwk: Mapping[str, Any]) -> PublicKey:
    """Read the point. What `PublicKey` demands of the use of a key is said of keys that sign."""
    return PublicKey.from_jwk({name: value for name, value in jwk.items() if name not in _ABOUT_THE_USE})


def _require_encryption(enc: object) -> None:
    if enc not in ENCRYPTIONS:
        raise MalformedError(f"JWE: enc must be one of {', '.join(ENCRYPTIONS)}")


def _registry(max_bytes: int) -> jose.JWERegistry:
    # Unknown parameters are ignored (RFC 7516 §4); the ones that matter were judged before.
    registry = jose.JWERegistry(algorithms=[ALGORITHM, *ENCRYPTIONS], strict_check_header=False)
    registry.max_protected_header_length = 2 * MAX_HEADER_BYTES
    registry.max_ciphertext_length = 2 * max_bytes + _TAG_BYTES
    return registry
