"""From unverified to authentic: the issuer's signature, the disclosures, the holder's proof (RFC 9901 §7)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec

from giayto_crypto import b64url, jws
from giayto_crypto.errors import (
    DisclosureError,
    KeyBindingError,
    KeyBindingMissingError,
    KeyFormatError,
    MalformedError,
    SignatureInvalidError,
)
from giayto_crypto.keys import PublicKey
from giayto_crypto.sdjwt.issuance import StatusReference
from giayto_crypto.sdjwt.processing import reveal_and_count
from giayto_crypto.sdjwt.token import UnverifiedSdJwt

KEY_BINDING_TYP = "kb+jwt"
MAX_KEY_BINDING_BYTES = 8 * 1024
ALWAYS_DISCLOSED = frozenset({"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"})
"""SD-JWT VC §2.2.2.2: these, and what is in them, are never selectively disclosable."""

_MADE_HERE = object()
_ABSENT = object()


class AuthenticSdJwt:
    """An SD-JWT whose issuer signature and disclosures have been checked against a given key.

    Only `verify_issuer_signature` makes one. It says nothing of the key's authority, of times, holder or status.
    `hidden_digests` counts the digests without a disclosure: claims that are held back, and decoys.
    """

    __slots__ = ("claims", "hidden_digests", "key_binding_token", "payload", "sd_jwt")

    def __init__(
        self,
        made_here: object,
        *,
        payload: Mapping[str, Any],
        claims: Mapping[str, Any],
        hidden_digests: int,
        sd_jwt: str,
        key_binding_token: str | None,
    ) -> None:
        if made_here is not _MADE_HERE:
            raise TypeError("AuthenticSdJwt is made by verify_issuer_signature only")
        self.payload = payload
        self.claims = claims
        self.hidden_digests = hidden_digests
        self.sd_jwt = sd_jwt
        self.key_binding_token = key_binding_token

    @property
    def issuer(self) -> str:
        """`iss`, as signed."""
        return self._text("iss")

    @property
    def vct(self) -> str:
        """`vct`, the document type, as signed."""
        return self._text("vct")

    @property
    def issued_at(self) -> datetime | None:
        """`iat`, rounded to the hour by our issuers."""
        return self._time("iat")

    @property
    def not_before(self) -> datetime | None:
        """`nbf`."""
        return self._time("nbf")

    @property
    def expires_at(self) -> datetime | None:
        """`exp`; whether its absence is acceptable is the policy's business."""
        return self._time("exp")

    @property
    def holder_key(self) -> PublicKey:
        """The key in `cnf.jwk` (RFC 7800 §3.2).

        Raises:
            MalformedError: no such key, or not a P-256 key.
        """
        jwk = _member(self.payload.get("cnf"), "jwk")
        if not isinstance(jwk, dict):
            raise MalformedError("credential: cnf.jwk is expected")
        try:
            return PublicKey.from_jwk(jwk)
        except KeyFormatError as error:
            raise MalformedError(f"credential: cnf holds no usable key ({error.detail})") from error

    @property
    def status(self) -> StatusReference:
        """`status.status_list` (Token Status List §6.2).

        Raises:
            MalformedError: absent, or not an index and a URI.
        """
        reference = _member(self.payload.get("status"), "status_list")
        idx, uri = _member(reference, "idx"), _member(reference, "uri")
        if type(idx) is not int or idx < 0 or not isinstance(uri, str):
            raise MalformedError("credential: status.status_list with idx and uri is expected")
        return StatusReference(uri=uri, idx=idx)

    def _text(self, name: str) -> str:
        value = self.payload.get(name)
        if not isinstance(value, str) or not value:
            raise MalformedError(f"credential: {name} must be a non-empty string")
        return value

    def _time(self, name: str) -> datetime | None:
        value = self.payload.get(name)
        return None if value is None else _read_numeric_date(value, f"credential: {name}")

    def __repr__(self) -> str:
        return "AuthenticSdJwt(…)"


class KeyBinding(msgspec.Struct, frozen=True):
    """What the holder signed when presenting. `audience` and `nonce` are still to be compared by the verifier."""

    issued_at: datetime
    nonce: str
    audience: str


def verify_issuer_signature(unverified: UnverifiedSdJwt, key: PublicKey) -> AuthenticSdJwt:
    """Check the issuer's signature and put the disclosures back.

    Args:
        unverified: as parsed.
        key: the issuer's key, found through certificate and trust list.

    Raises:
        SignatureInvalidError: not signed by this key.
        DisclosureError: disclosures do not fit the signed digests, or disclose what must stand in clear.
        MalformedError: the payload is not a strict JSON object.
    """
    payload = unverified.jws.verify(key)
    claims, hidden_digests = reveal_and_count(payload, unverified.disclosures)
    for name in ALWAYS_DISCLOSED:
        if claims.get(name, _ABSENT) != payload.get(name, _ABSENT):
            raise DisclosureError(f"SD-JWT VC: {name} must not be selectively disclosed")
    return AuthenticSdJwt(
        _MADE_HERE,
        payload=payload,
        claims=claims,
        hidden_digests=hidden_digests,
        sd_jwt=unverified.sd_jwt,
        key_binding_token=unverified.key_binding,
    )


def verify_key_binding(authentic: AuthenticSdJwt) -> KeyBinding:
    """Check that the holder key of the credential signed exactly this presentation (RFC 9901 §7.3).

    Raises:
        KeyBindingMissingError: no key-binding JWT.
        KeyBindingError: wrong type, key, `sd_hash`, or members of the wrong kind.
        MalformedError: the credential holds no usable holder key.
    """
    payload = _signed_by_holder(authentic)
    if payload.get("sd_hash") != sd_hash(authentic.sd_jwt):
        raise KeyBindingError("key binding: sd_hash is not that of this presentation")
    return _read_key_binding(payload)


def verify_key_binding_of_part(authentic: AuthenticSdJwt) -> KeyBinding:
    """Check that the holder key of the credential signed a presentation from which disclosures were taken out since.

    That proves possession at the time of the proof, and not which claims were shown: `sd_hash` covered all of them.
    Only for evidence that was reduced after a whole check; never instead of `verify_key_binding`.

    Raises:
        KeyBindingMissingError, KeyBindingError, MalformedError: as `verify_key_binding`, except for the hash.
    """
    payload = _signed_by_holder(authentic)
    if not isinstance(payload.get("sd_hash"), str):
        raise KeyBindingError("key binding: sd_hash is missing")
    return _read_key_binding(payload)


def _signed_by_holder(authentic: AuthenticSdJwt) -> dict[str, Any]:
    if authentic.key_binding_token is None:
        raise KeyBindingMissingError("presentation: it carries no key-binding JWT")
    holder_key = authentic.holder_key
    try:
        token = jws.parse(authentic.key_binding_token, typ=KEY_BINDING_TYP, max_bytes=MAX_KEY_BINDING_BYTES)
        return token.verify(holder_key)
    except (MalformedError, SignatureInvalidError) as error:
        raise KeyBindingError(f"key binding: {error.detail}") from error


def _read_key_binding(payload: Mapping[str, Any]) -> KeyBinding:
    nonce, audience = payload.get("nonce"), payload.get("aud")
    if not isinstance(nonce, str) or not isinstance(audience, str):
        raise KeyBindingError("key binding: nonce and aud must each be one string")
    try:
        issued_at = _read_numeric_date(payload.get("iat"), "key binding: iat")
    except MalformedError as error:
        raise KeyBindingError(error.detail) from error
    return KeyBinding(issued_at=issued_at, nonce=nonce, audience=audience)


def sd_hash(sd_jwt: str) -> str:
    """Return the digest that a key-binding JWT carries of an SD-JWT (RFC 9901 §4.3.1)."""
    return b64url.encode(sha256(sd_jwt.encode("ascii")).digest())


def _member(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def _read_numeric_date(value: Any, where: str) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedError(f"{where} must be a whole number of seconds")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise MalformedError(f"{where} is not a time") from error
