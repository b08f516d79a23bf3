"""Compact JWS with ES256, strictly (RFC 7515, RFC 8725).

Nothing is guessed from a token: the algorithm is fixed by the kind of key, the type by the purpose of the call, and
whatever a header asks for beyond that (`crit`, `b64`, embedded keys, URLs) is refused or ignored.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
from cryptography import x509

from giayto_crypto import b64url, strict_json
from giayto_crypto.errors import CertificateError, MalformedError
from giayto_crypto.keys import SIGNATURE_BYTES, PublicKey, Signer

ALGORITHM = "ES256"
MAX_TOKEN_BYTES = 64 * 1024
MAX_HEADER_BYTES = 24 * 1024
"""Room for `x5c` of 16 KiB of DER in base64 and nothing much beside it."""
MAX_BARE_HEADER_BYTES = 8 * 1024
MAX_CERTIFICATES = 4
MAX_CERTIFICATE_BYTES = 16 * 1024
REMEMBERED_HEADERS = 256
"""All credentials of one issuer carry the same header, certificate chain included, so it is read once."""

T = TypeVar("T")


class UnverifiedJws(msgspec.Struct, frozen=True):
    """A token that follows the grammar; nothing in it has been verified."""

    token: str
    header: Mapping[str, Any]
    payload_bytes: bytes
    signing_input: bytes
    signature: bytes
    max_bytes: int

    def verify(self, key: PublicKey) -> dict[str, Any]:
        """Check the signature and return the payload, a JSON object.

        Raises:
            SignatureInvalidError: the signature does not fit this key.
            MalformedError: the payload is not a strict JSON object.
        """
        key.verify(self.signature, self.signing_input)
        return self.unverified_payload()

    def unverified_payload(self) -> dict[str, Any]:
        """Read the payload without any check of the signature: only to find the key that must verify it."""
        return strict_json.loads_object(self.payload_bytes, max_bytes=self.max_bytes)

    def unverified_members(self, shape: type[T]) -> T:
        """Read the payload's members that `shape` names, as `unverified_payload` would, but leaving the rest unread.

        A duplicate is not noticed here: `verify`, which must follow, refuses it.
        """
        return strict_json.skim(self.payload_bytes, shape, max_bytes=self.max_bytes)

    def x5c(self) -> tuple[x509.Certificate, ...]:
        """Read the certificate chain of the header, leaf first (RFC 7515 §4.1.6). Nothing of it is trusted yet.

        Raises:
            CertificateError: absent, empty, too many or too large, not canonical base64 or not DER.
        """
        return tuple(_load_certificate(der) for der in self.x5c_der())

    def x5c_der(self) -> tuple[bytes, ...]:
        """The certificate chain of the header as DER, leaf first; see `x5c`."""
        chain = self.header.get("x5c")
        if not isinstance(chain, list):
            raise CertificateError(f"header: x5c with 1 to {MAX_CERTIFICATES} certificates is expected")
        if not all(isinstance(text, str) for text in chain):
            raise CertificateError("header: x5c holds strings")
        return _decode_chain(tuple(chain))


def parse(token: str, *, typ: str | None, max_bytes: int = MAX_TOKEN_BYTES) -> UnverifiedJws:
    """Read a compact JWS without verifying it.

    Args:
        token: `header.payload.signature`.
        typ: the only `typ` that is accepted, compared byte for byte (RFC 8725 §3.11); None when the header must
            carry none.
        max_bytes: longest token that is read.

    Raises:
        MalformedError: anything that is not exactly such a token.
    """
    if len(token) > max_bytes or not token.isascii():
        raise MalformedError(f"token: at most {max_bytes} ASCII characters are read", limit=max_bytes)
    parts = token.split(".")
    if len(parts) != 3:
        raise MalformedError("token: three parts separated by dots are expected")
    encoded_header, encoded_payload, encoded_signature = parts
    signature = b64url.decode(encoded_signature)
    if len(signature) != SIGNATURE_BYTES:
        raise MalformedError("token: an ES256 signature has 64 bytes")
    return UnverifiedJws(
        token=token,
        header=_parse_header(encoded_header, typ),
        payload_bytes=b64url.decode(encoded_payload),
        signing_input=token[: -len(encoded_signature) - 1].encode("ascii"),
        signature=signature,
        max_bytes=max_bytes,
    )


def sign(payload: Mapping[str, Any], *, signer: Signer, typ: str, header: Mapping[str, Any] | None = None) -> str:
    """Sign a JSON object.

    Args:
        payload: written canonically, members in the order given.
        signer: holds the P-256 key.
        typ: the token's type.
        header: further header parameters, such as `x5c` or `kid`; they follow `alg` and `typ`.
    """
    return _sign(_encode_header(typ, header or {}), payload, signer)


def sign_with_x5c(payload: Mapping[str, Any], *, signer: Signer, typ: str, x5c: Sequence[bytes]) -> str:
    """Sign a JSON object under a header that carries the signer's certificates, leaf first, given as DER."""
    return _sign(_encode_certified_header(typ, tuple(x5c)), payload, signer)


def x5c_header(chain: Sequence[bytes]) -> dict[str, list[str]]:
    """Return the header parameter that carries a certificate chain, leaf first, given as DER."""
    return {"x5c": [b64encode(der).decode("ascii") for der in chain]}


def _sign(encoded_header: str, payload: Mapping[str, Any], signer: Signer) -> str:
    signing_input = f"{encoded_header}.{b64url.encode(strict_json.canonical(payload))}"
    return f"{signing_input}.{b64url.encode(signer.sign(signing_input.encode('ascii')))}"


@lru_cache(maxsize=REMEMBERED_HEADERS)
def _encode_certified_header(typ: str, chain: tuple[bytes, ...]) -> str:
    return _encode_header(typ, x5c_header(chain))


def _encode_header(typ: str, parameters: Mapping[str, Any]) -> str:
    return b64url.encode(strict_json.canonical({"alg": ALGORITHM, "typ": typ, **parameters}))


@lru_cache(maxsize=REMEMBERED_HEADERS)
def _parse_header(encoded: str, typ: str | None) -> Mapping[str, Any]:
    header = strict_json.loads_object(b64url.decode(encoded), max_bytes=MAX_HEADER_BYTES, max_depth=8)
    # A certificate chain has a limit of its own (x5c_der); nothing else makes a header long.
    if "x5c" not in header and len(encoded) * 3 // 4 > MAX_BARE_HEADER_BYTES:
        raise MalformedError(f"token: the header is longer than {MAX_BARE_HEADER_BYTES} bytes")
    if header.get("alg") != ALGORITHM:
        raise MalformedError("token: alg must be ES256")
    if header.get("typ") != typ or (typ is None and "typ" in header):
        raise MalformedError(f"token: typ must be {typ or 'absent'}")
    if "crit" in header or "b64" in header:
        raise MalformedError("token: crit and b64 are not understood here")
    return MappingProxyType(header)


@lru_cache(maxsize=REMEMBERED_HEADERS)
def _decode_chain(texts: tuple[str, ...]) -> tuple[bytes, ...]:
    if not 1 <= len(texts) <= MAX_CERTIFICATES:
        raise CertificateError(f"header: x5c with 1 to {MAX_CERTIFICATES} certificates is expected")
    ders = tuple(map(_decode_base64, texts))
    if sum(map(len, ders)) > MAX_CERTIFICATE_BYTES:
        raise CertificateError(f"header: x5c is larger than {MAX_CERTIFICATE_BYTES} bytes")
    return ders


def _decode_base64(text: str) -> bytes:
    # x5c is the one place in JOSE with padded, standard base64.
    try:
        der = b64decode(text, validate=True)
    except (Base64Error, ValueError) as error:
        raise CertificateError("header: x5c is not base64") from error
    if b64encode(der).decode("ascii") != text:
        raise CertificateError("header: x5c is not canonical base64")
    return der


def _load_certificate(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except (ValueError, x509.InvalidVersion) as error:
        raise CertificateError("header: x5c holds something that is not a certificate") from error
