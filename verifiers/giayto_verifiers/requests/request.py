"""One presentation request: what is kept of it, and the signed request object that a wallet fetches.

Nonce, state and encryption key are fresh for each request (OpenID4VP 1.0 §5.2, §8.3, §14.1). The object may be
fetched more than once; the answer is taken once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from re import compile as compile_pattern
from secrets import token_urlsafe
from typing import Any, Final, Literal
from urllib.parse import urlencode

import msgspec

from giayto_crypto import jws
from giayto_crypto.certified_jws import sign_certified
from giayto_crypto.dcql import FORMAT, DcqlQuery
from giayto_crypto.errors import GiaytoError
from giayto_crypto.jwe import ENCRYPTIONS, EncryptionKey
from giayto_verifiers.requests.identity import VerifierIdentity
from giayto_verifiers.requests.transaction_data import read_transaction_data

TYP: Final = "oauth-authz-req+jwt"
AUDIENCE: Final = "https://self-issued.me/v2"
MEDIA_TYPE: Final = f"application/{TYP}"
REGISTRATION_INFO: Final = "urn:giayto:verifier-info:registration:1"
PURPOSE_INFO: Final = "urn:giayto:verifier-info:purpose:1"
DEFAULT_LIFETIME: Final = timedelta(minutes=5)
LONGEST_LIFETIME: Final = timedelta(minutes=15)
_RANDOM_BYTES: Final = 16
_NONCE_CHARACTERS: Final = compile_pattern(r"[A-Za-z0-9._~-]{1,200}")
_FORMATS: Final = {FORMAT: {"sd-jwt_alg_values": [jws.ALGORITHM], "kb-jwt_alg_values": [jws.ALGORITHM]}}

ResponseMode = Literal["direct_post", "direct_post.jwt"]


class RequestError(GiaytoError):
    """A presentation request cannot be made in this way."""

    code = "presentation_request_invalid"
    message_vi = "Không lập được yêu cầu xuất trình."
    message_en = "The presentation request cannot be made."


class Purpose(msgspec.Struct, frozen=True, kw_only=True):
    """What the claims are asked for, in words that the holder reads before consent."""

    code: str
    vi: str
    en: str


class PresentationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """All that must be kept until the answer has come. It holds a private key: keep it encrypted.

    Attributes:
        client_id: who asks, with its prefix; the holder's proof is made for it.
        response_uri: where the answer goes.
        response_mode: `direct_post.jwt` unless the verifier wants the answer unencrypted.
        nonce: what the holder's proof is made over; 128 random bits.
        state: names the request in the answer; 128 random bits.
        query: what is asked for.
        purpose: what for.
        created_at, expires_at: when it may be answered.
        encryption_key: PKCS#8 PEM; None in the mode `direct_post`.
        transaction_data: encoded, as the request carries it.
        registration: signed by the operator of the trust scheme: who the verifier is (docs/openid4vp.md).
    """

    client_id: str
    response_uri: str
    response_mode: ResponseMode
    nonce: str
    state: str
    query: DcqlQuery
    purpose: Purpose
    created_at: datetime
    expires_at: datetime
    encryption_key: bytes | None
    transaction_data: tuple[str, ...] = ()
    registration: str | None = None

    def decryption_key(self) -> EncryptionKey | None:
        """Return the key that the answer is encrypted to."""
        return None if self.encryption_key is None else EncryptionKey.from_pem(self.encryption_key)

    def to_bytes(self) -> bytes:
        """Write everything, the private key too."""
        return msgspec.json.encode(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "PresentationRequest":
        """Read what `to_bytes` wrote."""
        return msgspec.json.decode(data, type=cls)

    def __repr__(self) -> str:
        return f"PresentationRequest({self.client_id}, {self.purpose.code})"


def new_request(
    identity: VerifierIdentity,
    *,
    query: DcqlQuery,
    response_uri: str,
    purpose: Purpose,
    now: datetime,
    lifetime: timedelta = DEFAULT_LIFETIME,
    response_mode: ResponseMode = "direct_post.jwt",
    transaction_data: Sequence[str] = (),
    registration: str | None = None,
) -> PresentationRequest:
    """Make a request with a nonce, a state and an encryption key of its own.

    Raises:
        RequestError: another format than SD-JWT VC, a credential without holder binding, an answer that would go to
            another host than the certificate names, or a life time beyond `LONGEST_LIFETIME`.
        TransactionDataError: transaction data that no wallet could take.
    """
    _require_answerable(query)
    if not identity.may_receive_at(response_uri):
        raise RequestError("response_uri: with x509_san_dns its host must be the DNS name of the client_id")
    if not timedelta(0) < lifetime <= LONGEST_LIFETIME:
        raise RequestError("lifetime: a request lives for 15 minutes at most: an old QR invites session fixation")
    for encoded in transaction_data:
        read_transaction_data(encoded, [each.id for each in query.credentials])
    encrypted = response_mode == "direct_post.jwt"
    return PresentationRequest(
        client_id=identity.client_id,
        response_uri=response_uri,
        response_mode=response_mode,
        nonce=token_urlsafe(_RANDOM_BYTES),
        state=token_urlsafe(_RANDOM_BYTES),
        query=query,
        purpose=purpose,
        created_at=now,
        expires_at=now + lifetime,
        encryption_key=EncryptionKey.generate().to_pem() if encrypted else None,
        transaction_data=tuple(transaction_data),
        registration=registration,
    )


def request_object(
    request: PresentationRequest, identity: VerifierIdentity, *, now: datetime, wallet_nonce: str | None = None
) -> str:
    """Sign what `request_uri` serves; as often as it is fetched.

    Args:
        request: from `new_request`.
        identity: the one that the request was made for.
        now: `iat`.
        wallet_nonce: what the wallet posted, if it did (§5.10).

    Raises:
        RequestError: the identity has changed meanwhile, or the wallet's nonce is not of its grammar.
    """
    if identity.client_id != request.client_id:
        raise RequestError("client_id: the verifier's certificate was replaced since; make a new request")
    if wallet_nonce is not None and not _NONCE_CHARACTERS.fullmatch(wallet_nonce):
        raise RequestError("wallet_nonce: 1 to 200 URL-safe characters are expected")
    claims = _claims(request, now)
    if wallet_nonce is not None:
        claims["wallet_nonce"] = wallet_nonce
    return sign_certified(claims, typ=TYP, signer=identity.signer, x5c=identity.x5c)


def authorization_link(client_id: str, request_uri: str, *, endpoint: str = "openid4vp://") -> str:
    """Return what the QR holds and the same-device link leads to: a reference to the request object (RFC 9101 §5)."""
    parameters = {"client_id": client_id, "request_uri": request_uri, "request_uri_method": "post"}
    return f"{endpoint}?{urlencode(parameters)}"


def _claims(request: PresentationRequest, now: datetime) -> dict[str, Any]:
    claims: dict[str, Any] = {
        "client_id": request.client_id,
        "aud": AUDIENCE,
        "response_type": "vp_token",
        "response_mode": request.response_mode,
        "response_uri": request.response_uri,
        "nonce": request.nonce,
        "state": request.state,
        "dcql_query": request.query.to_json(),
        "client_metadata": _client_metadata(request),
        "iat": int(now.timestamp()),
        "exp": int(request.expires_at.timestamp()),
        "verifier_info": _verifier_info(request),
    }
    if request.transaction_data:
        claims["transaction_data"] = list(request.transaction_data)
    return claims


def _client_metadata(request: PresentationRequest) -> dict[str, Any]:
    metadata: dict[str, Any] = {"vp_formats_supported": _FORMATS}
    key = request.decryption_key()
    if key is not None:
        metadata["jwks"] = {"keys": [key.jwk]}
        metadata["encrypted_response_enc_values_supported"] = list(ENCRYPTIONS)
    return metadata


def _verifier_info(request: PresentationRequest) -> list[Mapping[str, Any]]:
    info: list[Mapping[str, Any]] = [{"format": PURPOSE_INFO, "data": msgspec.to_builtins(request.purpose)}]
    if request.registration is not None:
        info.append({"format": REGISTRATION_INFO, "data": request.registration})
    return info


def _require_answerable(query: DcqlQuery) -> None:
    for asked in query.credentials:
        if asked.format != FORMAT:
            raise RequestError(f"{asked.id}: only {FORMAT} can be checked here")
        if not asked.require_cryptographic_holder_binding:
            raise RequestError(f"{asked.id}: without a proof of its holder a credential proves nothing here")
        if any(each.type != "aki" for each in asked.trusted_authorities or ()):
            raise RequestError(f"{asked.id}: of trusted_authorities only aki can be checked here")
