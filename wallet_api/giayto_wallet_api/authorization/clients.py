"""Wallets that may send citizens here to log in, and where they get their answers (RFC 6749 §3.1.2, RFC 8252)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from ipaddress import ip_address
from re import compile as compile_pattern
from typing import Final
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.agencies.registration import AlreadyRegisteredError
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.authorization.tables import wallet_clients
from giayto_wallet_api.identity.sandbox_provider.authorization_request import APP_REDIRECT, CLIENT_ID
from giayto_wallet_api.problems import ProblemError
from giayto_wallet_api.store.statements import insert_if_absent

_CLIENT_ID: Final = compile_pattern(r"[\x21-\x7e]{1,255}")
_LONGEST_URI: Final = 2000


class RedirectUriError(ProblemError):
    """A redirect URI that no wallet may register."""

    status = HTTPStatus.BAD_REQUEST
    code = "redirect_uri_invalid"
    message_vi = "Địa chỉ chuyển hướng không hợp lệ."
    message_en = "The redirect URI cannot be registered."


@dataclass(frozen=True, slots=True)
class RegisteredWallet:
    """A wallet that is known here."""

    client_id: str
    name: str
    redirect_uris: tuple[str, ...]

    def may_redirect_to(self, uri: str) -> bool:
        """Whether an answer may go there: compared exactly, but for the port of a loopback address (RFC 8252 §7.3)."""
        if uri in self.redirect_uris:
            return True
        wanted = _loopback_without_port(uri)
        return wanted is not None and wanted in {_loopback_without_port(each) for each in self.redirect_uris}


OWN_WALLET: Final = RegisteredWallet(
    CLIENT_ID, "giayto", (APP_REDIRECT, "http://127.0.0.1/callback", "http://[::1]/callback")
)


async def find_wallet_client(tx: AsyncConnection, client_id: str) -> RegisteredWallet | None:
    """Return a wallet by its client identifier; None when nobody registered it."""
    if client_id == OWN_WALLET.client_id:
        return OWN_WALLET
    clients = wallet_clients.c
    query = select(clients.name, clients.redirect_uris).where(clients.client_id == client_id)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else RegisteredWallet(client_id, row.name, tuple(json.loads(row.redirect_uris)))


async def register_wallet_client(
    tx: AsyncConnection,
    *,
    client_id: str,
    name: str,
    redirect_uris: Sequence[str],
    now: datetime,
    actor: audit.Actor = audit.SYSTEM,
) -> None:
    """Let a wallet by another maker use the authorization code flow.

    Raises:
        RedirectUriError: a URI that others could receive answers at, or an unusable client identifier.
        AlreadyRegisteredError: the client identifier is taken.
    """
    if not _CLIENT_ID.fullmatch(client_id):
        raise RedirectUriError("client_id: 1 to 255 printable ASCII characters without spaces are expected")
    for uri in redirect_uris:
        _require_usable(uri)
    row = {
        "client_id": client_id,
        "name": name,
        "redirect_uris": json.dumps(list(redirect_uris)),
        "registered_at": now,
    }
    if client_id == OWN_WALLET.client_id or not await insert_if_absent(tx, wallet_clients, row):
        raise AlreadyRegisteredError("there is a wallet with this client identifier already")
    facts = {"name": name, "redirect_uris": " ".join(redirect_uris)}
    await audit.record(tx, now=now, actor=actor, action="wallet_client.registered", target=client_id, facts=facts)


def _require_usable(uri: str) -> None:
    parts = _split(uri)
    if parts is None or len(uri) > _LONGEST_URI or parts.fragment or "#" in uri:
        raise RedirectUriError("redirect_uri: an absolute URI without fragment is expected")
    is_web = parts.scheme == "https" and bool(parts.hostname)
    is_app = "." in parts.scheme and not parts.netloc  # private-use scheme in reverse domain order (RFC 8252 §7.1)
    if not (is_web or is_app or _loopback_without_port(uri) is not None):
        raise RedirectUriError(
            "redirect_uri: https, a private-use scheme such as com.example.app, or a loopback address"
        )


def _loopback_without_port(uri: str) -> tuple[str, str, str] | None:
    parts = _split(uri)
    if parts is None or parts.scheme != "http" or parts.username is not None:
        return None
    try:
        if not ip_address(parts.hostname or "").is_loopback:
            return None
    except ValueError:
        return None
    return parts.hostname or "", parts.path, parts.query


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts
