"""What the token endpoint gives wallets: for a pre-authorized code, an authorization code or a refresh token."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import msgspec

from giayto_crypto import b64url
from giayto_wallet_api.authorization import one_time_records as records
from giayto_wallet_api.authorization.details import InvalidAuthorizationDetailsError, describe, read_details
from giayto_wallet_api.authorization.grants import ISSUANCE_SCOPE, Grant, create_grant, end_grant, rotate
from giayto_wallet_api.authorization.pre_authorized_codes import redeem_code
from giayto_wallet_api.authorization.steps import CODE, USED_CODE, USED_CODE_LIFETIME, CodeIssued, CodeUsed
from giayto_wallet_api.dpop.proof import DpopProof
from giayto_wallet_api.oauth.access_tokens import ACCESS_TOKEN_LIFETIME
from giayto_wallet_api.oauth.errors import InvalidGrantError, InvalidRequestError, OAuthError
from giayto_wallet_api.runtime import Runtime

PRE_AUTHORIZED_CODE: Final = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
AUTHORIZATION_CODE: Final = "authorization_code"
REFRESH_TOKEN: Final = "refresh_token"  # noqa: S105 - the name of a grant type


class WalletTokenAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 6749 §5.1 with `authorization_details` (OpenID4VCI 1.0 §6.2)."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str
    refresh_token: str
    authorization_details: list[dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class _Granted:
    grant: Grant
    refresh_token: str


async def token_for_pre_authorized_code(
    runtime: Runtime, form: Mapping[str, str], proof: DpopProof
) -> WalletTokenAnswer:
    """Exchange a pre-authorized code, with its transaction code where one is needed (§6.1)."""
    code = _required(form, "pre-authorized_code")
    asked = read_details(runtime.document_types, form.get("authorization_details"))
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        document = await redeem_code(tx, runtime.issuance.code_keys, code, form.get("tx_code"), now)
        if isinstance(document, OAuthError):
            refusal: OAuthError | None = document
        else:
            refusal = None
            if asked is not None and document.document_type not in {each.vct for each in asked}:
                raise InvalidAuthorizationDetailsError("authorization_details: another document was offered")
            grant, refresh_token = await create_grant(
                tx,
                client_id=None,
                key_thumbprint=proof.key.thumbprint,
                documents=[document],
                uses_identifiers=asked is not None,
                now=now,
            )
    if refusal is not None:
        raise refusal  # after the commit: a wrong transaction code has been counted
    return _answer(runtime, _Granted(grant, refresh_token))


async def token_for_authorization_code(
    runtime: Runtime, form: Mapping[str, str], proof: DpopProof
) -> WalletTokenAnswer:
    """Exchange an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.5).

    A code is gone after one try, whatever else is wrong with the request. One that was used before ends what came of
    it.
    """
    code, now = _required(form, "code"), runtime.clock()
    async with runtime.database.transaction() as tx:
        issued = await records.take(tx, CODE, code, now)
        granted = None
        if issued is None:
            used = await records.find(tx, USED_CODE, code, now)
            if used is not None:
                await end_grant(tx, used.grant_id, "authorization code used twice", now)
        elif _belongs(issued, form, proof):
            grant, refresh_token = await create_grant(
                tx,
                client_id=issued.client_id,
                key_thumbprint=proof.key.thumbprint,
                documents=issued.documents,
                uses_identifiers=issued.uses_identifiers,
                now=now,
            )
            granted = _Granted(grant, refresh_token)
            remembered = now + USED_CODE_LIFETIME
            await records.put(tx, USED_CODE, code, CodeUsed(grant.grant_id), expires_at=remembered, now=now)
    if granted is None:
        raise InvalidGrantError(
            "the code is unknown, used, expired, or was given to another client, key or redirect URI"
        )
    return _answer(runtime, granted)


async def token_for_refresh_token(runtime: Runtime, form: Mapping[str, str], proof: DpopProof) -> WalletTokenAnswer:
    """Exchange a refresh token for a new access token and the next refresh token (RFC 6749 §6)."""
    refresh_token, now = _required(form, "refresh_token"), runtime.clock()
    async with runtime.database.transaction() as tx:
        rotated = await rotate(
            tx,
            refresh_token,
            key_thumbprint=proof.key.thumbprint,
            client_id=form.get("client_id"),
            now=now,
        )
    if rotated is None:
        raise InvalidGrantError("the refresh token was used before; ask for a new offer or log in again")
    return _answer(runtime, _Granted(*rotated))


def _belongs(issued: CodeIssued, form: Mapping[str, str], proof: DpopProof) -> bool:
    challenge = b64url.encode(sha256(form.get("code_verifier", "").encode()).digest())
    return (
        hmac.compare_digest(challenge, issued.code_challenge)
        and form.get("redirect_uri") == issued.redirect_uri
        and form.get("client_id") == issued.client_id
        and issued.dpop_jkt in (None, proof.key.thumbprint)
    )


def _answer(runtime: Runtime, granted: _Granted) -> WalletTokenAnswer:
    grant = granted.grant
    details = describe(runtime.document_types, grant.documents) if grant.uses_identifiers else None
    access_token = runtime.access_tokens.issue(
        subject=grant.token_subject, thumbprint=grant.key_thumbprint, scope=ISSUANCE_SCOPE, now=runtime.clock()
    )
    return WalletTokenAnswer(
        access_token=access_token,
        token_type="DPoP",  # noqa: S106 - the name of a scheme
        expires_in=int(ACCESS_TOKEN_LIFETIME.total_seconds()),
        scope=ISSUANCE_SCOPE,
        refresh_token=granted.refresh_token,
        authorization_details=details,
    )


def _required(form: Mapping[str, str], name: str) -> str:
    value = form.get(name, "")
    if not value:
        raise InvalidRequestError(f"{name} is missing")
    return value
