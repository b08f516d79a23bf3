"""What happens in the citizen's browser between a wallet's request and its code.

    1 begin     the pushed request is taken out; the browser gets a cookie and goes to the identity provider
    2 return    the login is redeemed; what waits for this citizen is looked up and shown
    3 answer    the citizen agrees or refuses; the browser goes back to the wallet

Each step takes out the record of the one before, and 2 and 3 demand the cookie of 1: a login that one browser began
cannot be finished in another.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode, urlsplit

from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.localised import Localised
from giayto_wallet_api.agencies.authority import agency_names
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.authorization import one_time_records as records
from giayto_wallet_api.authorization.grants import GrantedDocument
from giayto_wallet_api.authorization.pushed_requests import REQUEST_URI_PREFIX
from giayto_wallet_api.authorization.steps import (
    CODE,
    CODE_LIFETIME,
    CONSENT,
    CONSENT_LIFETIME,
    LOGIN,
    LOGIN_LIFETIME,
    PUSHED,
    CodeIssued,
    ConsentAwaited,
    LoginBegun,
    WalletRequest,
)
from giayto_wallet_api.deposits.reading import documents_of_subject
from giayto_wallet_api.identity.citizen_identity import IdentityRefusedError
from giayto_wallet_api.identity.citizen_login import CALLBACK_PATH, CitizenLogin, LoginAttempt
from giayto_wallet_api.runtime import Runtime

_SECRET_BYTES: Final = 32


class UnusableLinkError(Exception):
    """Nobody may be redirected: the link was used, has expired, or belongs to another browser. The answer is a page."""


@dataclass(frozen=True, slots=True)
class LoginRedirect:
    """Where the browser goes to log in, and the cookie that it comes back with."""

    location: str
    browser_secret: str


@dataclass(frozen=True, slots=True)
class ConsentQuestion:
    """What the citizen is asked: whether this wallet may have these documents."""

    secret: str
    request: WalletRequest
    documents: tuple[tuple[Localised, Localised], ...]
    """Title of the document, name of the agency."""


async def begin(
    runtime: Runtime, login: CitizenLogin, client_id: str, request_uri: str, language: str
) -> LoginRedirect:
    """Send a browser with a pushed request to the identity provider (1).

    Raises:
        UnusableLinkError: unknown, used or expired, or of another wallet.
    """
    now = runtime.clock()
    browser_secret, state = secrets.token_urlsafe(_SECRET_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    async with runtime.database.transaction() as tx:
        pushed = await records.take(tx, PUSHED, request_uri.removeprefix(REQUEST_URI_PREFIX), now)
        if pushed is None or pushed.request.client_id != client_id:
            raise UnusableLinkError
        begun = LoginBegun(
            request=pushed.request,
            browser_hash=_hash(browser_secret),
            nonce=secrets.token_urlsafe(_SECRET_BYTES),
            code_verifier=secrets.token_urlsafe(_SECRET_BYTES),
            language=language,
        )
        await records.put(tx, LOGIN, state, begun, expires_at=now + LOGIN_LIFETIME, now=now)
    return LoginRedirect(login.begin(_attempt(runtime, begun, state)), browser_secret)


async def return_from_login(
    runtime: Runtime, login: CitizenLogin, *, state: str, code: str | None, browser_secret: str
) -> ConsentQuestion | str:
    """Find out who logged in and what waits for them (2); a text is where the browser goes instead.

    Raises:
        UnusableLinkError: unknown, used or expired, or begun in another browser.
    """
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        begun = await records.take(tx, LOGIN, state, now)
    _require_same_browser(None if begun is None else begun.browser_hash, browser_secret)
    assert begun is not None  # noqa: S101 - for the type checker: the line above refuses it
    if code is None:
        return _refusal(runtime, begun.request, "access_denied")
    try:
        identity = await login.finish(_attempt(runtime, begun, state), code, now)
    except IdentityRefusedError:
        return _refusal(runtime, begun.request, "access_denied")
    subject_hash = runtime.subject_hasher.hash(identity.subject)
    async with runtime.database.transaction() as tx:
        found = await documents_of_subject(tx, subject_hash, begun.request.vcts)
        if not found:
            return _refusal(runtime, begun.request, "access_denied")
        documents = tuple(GrantedDocument(each.agency_id, each.document_id, each.document_type) for each in found)
        awaited = ConsentAwaited(request=begun.request, browser_hash=begun.browser_hash, documents=documents)
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        await records.put(tx, CONSENT, secret, awaited, expires_at=now + CONSENT_LIFETIME, now=now)
        names = await agency_names(tx, {each.agency_id for each in documents})
    shown = tuple((runtime.document_types[each.document_type].titles, names[each.agency_id]) for each in documents)
    return ConsentQuestion(secret, begun.request, shown)


async def answer(runtime: Runtime, *, secret: str, agreed: bool, browser_secret: str) -> str:
    """Take the citizen's answer (3) and return where the browser goes: back to the wallet, with a code or without.

    Raises:
        UnusableLinkError: unknown, used or expired, or of another browser.
    """
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        awaited = await records.take(tx, CONSENT, secret, now)
        _require_same_browser(None if awaited is None else awaited.browser_hash, browser_secret)
        assert awaited is not None  # noqa: S101 - for the type checker: the line above refuses it
        request = awaited.request
        if not agreed:
            return _refusal(runtime, request, "access_denied")
        code = secrets.token_urlsafe(_SECRET_BYTES)
        await records.put(tx, CODE, code, _code_issued(awaited), expires_at=now + CODE_LIFETIME, now=now)
        await _write_down(tx, awaited, now)
    return _to_wallet(runtime, request, {"code": code})


def _code_issued(awaited: ConsentAwaited) -> CodeIssued:
    request = awaited.request
    # Several documents of one type can only be told apart by identifiers, asked for or not (OpenID4VCI 1.0 §6.2).
    several = len({each.document_type for each in awaited.documents}) < len(awaited.documents)
    return CodeIssued(
        client_id=request.client_id,
        redirect_uri=request.redirect_uri,
        code_challenge=request.code_challenge,
        dpop_jkt=request.dpop_jkt,
        documents=awaited.documents,
        uses_identifiers=request.uses_details or several,
    )


async def _write_down(tx: AsyncConnection, awaited: ConsentAwaited, now: datetime) -> None:
    await audit.record(
        tx,
        now=now,
        actor=audit.SYSTEM,
        action="issuance.consented",
        target=awaited.request.client_id[:160],
        facts={"documents": " ".join(each.document_id for each in awaited.documents)},
    )


def _attempt(runtime: Runtime, begun: LoginBegun, state: str) -> LoginAttempt:
    return LoginAttempt(
        redirect_uri=f"{runtime.settings.base_url}{CALLBACK_PATH}",
        state=state,
        nonce=begun.nonce,
        code_verifier=begun.code_verifier,
        language=begun.language,
    )


def _require_same_browser(browser_hash: str | None, browser_secret: str) -> None:
    if browser_hash is None or not hmac.compare_digest(browser_hash, _hash(browser_secret)):
        raise UnusableLinkError


def _refusal(runtime: Runtime, request: WalletRequest, error: str) -> str:
    return _to_wallet(runtime, request, {"error": error})


def _to_wallet(runtime: Runtime, request: WalletRequest, parameters: dict[str, str]) -> str:
    """Return the address of the answer, with `state` and `iss` (RFC 6749 §4.1.2, RFC 9207)."""
    answer = {**parameters, "iss": runtime.settings.base_url}
    if request.state is not None:
        answer["state"] = request.state
    separator = "&" if urlsplit(request.redirect_uri).query else "?"
    return f"{request.redirect_uri}{separator}{urlencode(answer)}"


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
