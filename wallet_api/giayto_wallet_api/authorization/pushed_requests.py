"""Pushed authorization requests: the only way to begin an authorization code flow here (RFC 9126, RFC 7636)."""

import secrets
from collections.abc import Mapping
from re import compile as compile_pattern
from typing import Final

from giayto_wallet_api.authorization import one_time_records as records
from giayto_wallet_api.authorization.clients import find_wallet_client
from giayto_wallet_api.authorization.details import distinct, read_details, read_scope
from giayto_wallet_api.authorization.steps import PUSHED, REQUEST_LIFETIME, PushedRequest, WalletRequest
from giayto_wallet_api.dpop.proof import DpopProof
from giayto_wallet_api.oauth.errors import InvalidClientError, InvalidRequestError, InvalidScopeError, OAuthError
from giayto_wallet_api.runtime import Runtime

REQUEST_URI_PREFIX: Final = "urn:ietf:params:oauth:request_uri:"
_SECRET_BYTES: Final = 32
_CHALLENGE: Final = compile_pattern(r"[A-Za-z0-9_-]{43}")
_THUMBPRINT: Final = compile_pattern(r"[A-Za-z0-9_-]{43}")
_STATE: Final = compile_pattern(r"[\x20-\x7e]{1,1024}")


class UnsupportedResponseTypeError(OAuthError):
    """Only the code flow is offered."""

    code = "unsupported_response_type"


async def push_request(runtime: Runtime, form: Mapping[str, str], proof: DpopProof | None) -> str:
    """Check an authorization request, keep it, and return the `request_uri` that stands for it.

    Args:
        runtime: the application's.
        form: the request's parameters; unknown ones are ignored.
        proof: of a DPoP key, when the wallet sent one: the code will be bound to it (RFC 9449 §10.1).

    Raises:
        OAuthError: its subclasses name what is wrong.
    """
    now = runtime.clock()
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    async with runtime.database.transaction() as tx:
        client = await find_wallet_client(tx, form.get("client_id", ""))
        if client is None:
            raise InvalidClientError("client_id: this wallet is not registered here")
        redirect_uri = form.get("redirect_uri", "")
        if not client.may_redirect_to(redirect_uri):
            raise InvalidRequestError("redirect_uri: not one that this wallet has registered")
        request = _read(runtime, form, proof, client_name=client.name, redirect_uri=redirect_uri)
        expires_at = now + REQUEST_LIFETIME
        await records.put(tx, PUSHED, secret, PushedRequest(request), expires_at=expires_at, now=now)
    return f"{REQUEST_URI_PREFIX}{secret}"


def _read(
    runtime: Runtime, form: Mapping[str, str], proof: DpopProof | None, *, client_name: str, redirect_uri: str
) -> WalletRequest:
    if "request_uri" in form or "request" in form:
        raise InvalidRequestError("request_uri and request are not taken here: send the parameters themselves")
    if form.get("response_type") != "code":
        raise UnsupportedResponseTypeError("response_type must be code")
    challenge = form.get("code_challenge", "")
    if form.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise InvalidRequestError("a code_challenge with code_challenge_method S256 is needed")
    state = form.get("state")
    if state is not None and not _STATE.fullmatch(state):
        raise InvalidRequestError("state: 1 to 1024 printable ASCII characters are expected")
    details = read_details(runtime.document_types, form.get("authorization_details"))
    wanted = distinct([*(details or ()), *read_scope(runtime.document_types, form.get("scope"))])
    if not wanted:
        raise InvalidScopeError("scope or authorization_details must name a document type of the issuer metadata")
    return WalletRequest(
        client_id=form["client_id"],
        client_name=client_name,
        redirect_uri=redirect_uri,
        state=state,
        code_challenge=challenge,
        dpop_jkt=_thumbprint(form, proof),
        vcts=tuple(each.vct for each in wanted),
        uses_details=details is not None,
    )


def _thumbprint(form: Mapping[str, str], proof: DpopProof | None) -> str | None:
    named = form.get("dpop_jkt")
    if named is not None and not _THUMBPRINT.fullmatch(named):
        raise InvalidRequestError("dpop_jkt: the thumbprint of a key is expected")
    if proof is None:
        return named
    if named not in (None, proof.key.thumbprint):
        raise InvalidRequestError("dpop_jkt is not the key of the DPoP proof")
    return proof.key.thumbprint
