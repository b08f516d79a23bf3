"""Signed claims that one party sends to another: client assertions, ID tokens, DPoP and key proofs.

The strict parser of `giayto_crypto.jws` reads the token first; PyJWT then checks signature, issuer and audience.
Times are checked here, against the caller's clock.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import jwt

from giayto_crypto import jws
from giayto_crypto.errors import GiaytoError, MalformedError, SignatureInvalidError
from giayto_crypto.keys import PublicKey

DEFAULT_LEEWAY = timedelta(seconds=10)


class TokenClaimsError(GiaytoError):
    """A signed token says something that is not acceptable here: wrong audience, issuer or time, or a missing claim."""

    code = "token_claims_invalid"
    message_vi = "Mã xác thực không hợp lệ hoặc đã hết hạn."
    message_en = "The token is not acceptable here or has expired."


def verify_claims(
    token: str,
    *,
    typ: str,
    key: PublicKey,
    audience: str | None,
    now: datetime,
    max_age: timedelta,
    issuer: str | None = None,
    leeway: timedelta = DEFAULT_LEEWAY,
    required: Sequence[str] = ("iat", "exp"),
) -> dict[str, Any]:
    """Verify a compact ES256 JWT and return its claims.

    Args:
        token: the token as received.
        typ: the only `typ` that is accepted.
        key: the key that must have signed it, found by the caller's own records, never by the token's word.
        audience: the sole value that `aud` must have; None when the token kind has no `aud` (DPoP).
        now: the time of the check, aware.
        max_age: oldest accepted `iat`; an `exp` later than `iat + max_age` is refused too, so that a replay store
            knows when it may forget.
        issuer: what `iss` must be; None when the token kind has no `iss`.
        leeway: how far the sender's clock may be off.
        required: claims that must be present.

    Raises:
        MalformedError: not such a token.
        SignatureInvalidError: signed by another key.
        TokenClaimsError: audience, issuer, time or a required claim.
    """
    # PyJWT would keep the last of two equal members; reading the payload strictly first refuses them.
    jws.parse(token, typ=typ).unverified_payload()
    options: Any = {
        "require": list(required),
        "verify_exp": False,
        "verify_iat": False,
        "verify_nbf": False,
        "verify_aud": audience is not None,
        "strict_aud": audience is not None,
    }
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key.cryptography_key,
            algorithms=[jws.ALGORITHM],
            audience=audience,
            issuer=issuer,
            options=options,
        )
    except jwt.InvalidSignatureError as error:
        raise SignatureInvalidError("token: the signature does not fit the expected key") from error
    except (jwt.InvalidAudienceError, jwt.InvalidIssuerError, jwt.MissingRequiredClaimError) as error:
        raise TokenClaimsError(f"token: {type(error).__name__.removesuffix('Error')}") from error
    except jwt.PyJWTError as error:
        raise MalformedError("token: not a valid JWT") from error
    _check_times(claims, now, max_age, leeway)
    return claims


def _check_times(claims: dict[str, Any], now: datetime, max_age: timedelta, leeway: timedelta) -> None:
    at, slack, age = now.timestamp(), leeway.total_seconds(), max_age.total_seconds()
    issued_at, not_before, expires_at = (_numeric_date(claims, name) for name in ("iat", "nbf", "exp"))
    if issued_at is not None and issued_at > at + slack:
        raise TokenClaimsError("token: iat lies in the future")
    if issued_at is not None and issued_at < at - age - slack:
        raise TokenClaimsError("token: iat is too old")
    if not_before is not None and not_before > at + slack:
        raise TokenClaimsError("token: nbf lies in the future")
    if expires_at is not None and expires_at <= at - slack:
        raise TokenClaimsError("token: expired")
    if expires_at is not None and issued_at is not None and expires_at > issued_at + age:
        raise TokenClaimsError("token: exp is later than allowed for this kind of token")


def _numeric_date(claims: dict[str, Any], name: str) -> int | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise TokenClaimsError(f"token: {name} must be a whole number of seconds")
    return value
