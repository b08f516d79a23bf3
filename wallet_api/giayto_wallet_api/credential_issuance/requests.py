"""Reading credential requests, plain or encrypted (OpenID4VCI 1.0 §8.2, §9.1, §10), and writing answers alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from litestar import Request, Response

from giayto_crypto import jwe, strict_json
from giayto_crypto.errors import GiaytoError
from giayto_crypto.jwe import ENCRYPTIONS, EncryptionKey
from giayto_crypto.keys import PublicKey
from giayto_wallet_api.credential_issuance.errors import (
    InvalidCredentialRequestError,
    InvalidEncryptionParametersError,
    InvalidProofError,
)
from giayto_wallet_api.credential_issuance.metadata import BATCH_SIZE

MAX_REQUEST_BYTES: Final = 512 * 1024
JWT_MEDIA_TYPE: Final = "application/jwt"
JSON_MEDIA_TYPE: Final = "application/json"


@dataclass(frozen=True, slots=True)
class ResponseEncryption:
    """How a wallet wants its answer encrypted."""

    jwk: Mapping[str, Any]
    enc: str


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """The members of a request, and how to answer it."""

    members: Mapping[str, Any]
    encryption: ResponseEncryption | None

    def __repr__(self) -> str:
        return "ReceivedRequest(…)"


async def read_request(request: Request[Any, Any, Any], key: EncryptionKey) -> ReceivedRequest:
    """Read the body of a request.

    Raises:
        InvalidCredentialRequestError: not JSON, not decryptable, or of another media type.
        InvalidEncryptionParametersError: the wanted encryption of the answer is not offered.
    """
    body = await request.body()
    media_type = request.content_type[0].lower()
    if media_type not in (JSON_MEDIA_TYPE, JWT_MEDIA_TYPE):
        raise InvalidCredentialRequestError(f"the media type must be {JSON_MEDIA_TYPE} or {JWT_MEDIA_TYPE}")
    is_encrypted = media_type == JWT_MEDIA_TYPE
    members = _read_members(_decrypt(body, key) if is_encrypted else body)
    encryption = _read_encryption(members.get("credential_response_encryption"))
    if encryption is not None and not is_encrypted:
        # Somebody on the way could have put in a key of his own (§8.2).
        raise InvalidEncryptionParametersError("a request that wants an encrypted answer must be encrypted itself")
    return ReceivedRequest(members, encryption)


def write_answer(
    content: Mapping[str, Any], status: HTTPStatus, encryption: ResponseEncryption | None
) -> Response[Any]:
    """Write an answer, encrypted where the request wants it."""
    if encryption is None:
        return Response(dict(content), status_code=status, media_type=JSON_MEDIA_TYPE)
    token = jwe.encrypt(strict_json.canonical(dict(content)), recipient=encryption.jwk, enc=encryption.enc)
    return Response(token.encode(), status_code=status, media_type=JWT_MEDIA_TYPE)


def read_proofs(members: Mapping[str, Any]) -> list[str]:
    """Return the proofs of a request.

    Raises:
        InvalidProofError: there are none, more than a batch, or of a type that the metadata do not name.
    """
    proofs = members.get("proofs")
    if not isinstance(proofs, dict) or set(proofs) != {"jwt"}:
        raise InvalidProofError("proofs with the one member jwt is expected")
    jwts = proofs["jwt"]
    if not isinstance(jwts, list) or not all(isinstance(each, str) for each in jwts):
        raise InvalidProofError("proofs.jwt: an array of JWTs is expected")
    if not 1 <= len(jwts) <= BATCH_SIZE:
        raise InvalidProofError(f"proofs.jwt: 1 to {BATCH_SIZE} proofs are taken at once")
    return jwts


def _decrypt(body: bytes, key: EncryptionKey) -> bytes:
    try:
        token = body.decode("ascii").strip()
        return jwe.decrypt(token, keys={key.kid: key.private_key}, max_bytes=MAX_REQUEST_BYTES).plaintext
    except (GiaytoError, UnicodeDecodeError) as error:
        raise InvalidCredentialRequestError("the encrypted request cannot be read: see the issuer metadata") from error


def _read_members(body: bytes) -> dict[str, Any]:
    try:
        return strict_json.loads_object(body, max_bytes=MAX_REQUEST_BYTES)
    except GiaytoError as error:
        raise InvalidCredentialRequestError(error.detail) from error


def _read_encryption(value: Any) -> ResponseEncryption | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise InvalidEncryptionParametersError("credential_response_encryption: an object is expected")
    if "zip" in value:
        raise InvalidEncryptionParametersError("credential_response_encryption: zip is not offered")
    jwk, enc = value.get("jwk"), value.get("enc")
    if not isinstance(jwk, dict) or enc not in ENCRYPTIONS:
        raise InvalidEncryptionParametersError(
            f"credential_response_encryption: jwk, and enc of {', '.join(ENCRYPTIONS)}, are expected"
        )
    named = {**jwk, "kid": jwk.get("kid") or _thumbprint(jwk)}
    try:
        jwe.require_recipient(named)
    except GiaytoError as error:
        raise InvalidEncryptionParametersError(f"credential_response_encryption: {error.detail}") from error
    return ResponseEncryption(named, enc)


def _thumbprint(jwk: Mapping[str, Any]) -> str:
    try:
        return PublicKey.from_jwk({name: jwk.get(name) for name in ("kty", "crv", "x", "y")}).thumbprint
    except GiaytoError as error:
        raise InvalidEncryptionParametersError(f"credential_response_encryption: {error.detail}") from error
