"""Credential offers (OpenID4VCI 1.0 §4): by value, and by reference under an address that answers once.

    agency  ──► offer with a transaction code, as a QR; the code goes to the citizen another way
    citizen ──► lists what waits, opens an offer: the device's session proves who asks, so no transaction code

The pre-authorized code follows from the offer's secret by a keyed hash, so that the store holds neither in clear.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto import strict_json
from giayto_issuers.document_type.credential_configuration import configuration_id
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.authorization import one_time_records as records
from giayto_wallet_api.authorization.grants import GrantedDocument
from giayto_wallet_api.authorization.pre_authorized_codes import (
    CODE_LIFETIME,
    TX_CODE_DIGITS,
    new_tx_code,
    store_code,
)
from giayto_wallet_api.authorization.token_grants import PRE_AUTHORIZED_CODE
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.runtime import Runtime

OFFER_SCHEME: Final = "openid-credential-offer://"
OFFER_PATH: Final = "/oid4vci/credential-offers"
_SECRET_BYTES: Final = 24
_TX_CODE_DESCRIPTION: Final = "Nhập mã PIN mà cơ quan đã gửi riêng cho bạn. / Enter the PIN that the agency sent you."


class ReferencedOffer(msgspec.Struct, frozen=True):
    """What an offer by reference will be made of when it is fetched."""

    document_type: str
    has_tx_code: bool


OFFER: Final = records.Step("credential-offer", ReferencedOffer)


@dataclass(frozen=True, slots=True)
class MadeOffer:
    """An offer in both forms. `tx_code` must not travel with it."""

    content: dict[str, Any]
    by_value: str
    by_reference: str
    expires_at: datetime
    tx_code: str | None

    def __repr__(self) -> str:
        return f"MadeOffer(expires_at={self.expires_at}, …)"


async def make_offer(
    tx: AsyncConnection,
    runtime: Runtime,
    document: GrantedDocument,
    *,
    with_tx_code: bool,
    actor: audit.Actor,
    now: datetime,
) -> MadeOffer:
    """Make an offer of one document, good for `CODE_LIFETIME` and for one wallet."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    keys = runtime.issuance.code_keys
    code, expires_at = keys.code_of(secret), now + CODE_LIFETIME
    tx_code = new_tx_code() if with_tx_code else None
    await store_code(tx, keys, code, document, tx_code=tx_code, expires_at=expires_at, now=now)
    referenced = ReferencedOffer(document.document_type, with_tx_code)
    await records.put(tx, OFFER, secret, referenced, expires_at=expires_at, now=now)
    await audit.record(
        tx,
        now=now,
        actor=actor,
        action="credential.offered",
        target=document.document_id,
        facts={"document_type": document.document_type, "tx_code": with_tx_code},
    )
    content = _content(runtime, referenced, code)
    return MadeOffer(
        content=content,
        by_value=_link("credential_offer", strict_json.canonical(content).decode()),
        by_reference=_link("credential_offer_uri", f"{runtime.settings.base_url}{OFFER_PATH}/{secret}"),
        expires_at=expires_at,
        tx_code=tx_code,
    )


async def fetch_offer(runtime: Runtime, secret: str) -> dict[str, Any]:
    """Return an offer by its reference, once.

    Raises:
        NotFoundError: unknown, fetched before, or expired; all look the same.
    """
    async with runtime.database.transaction() as tx:
        referenced = await records.take(tx, OFFER, secret, runtime.clock())
    if referenced is None:
        raise NotFoundError("there is no such offer (any more): ask for a new one")
    return _content(runtime, referenced, runtime.issuance.code_keys.code_of(secret))


def _content(runtime: Runtime, offer: ReferencedOffer, code: str) -> dict[str, Any]:
    grant: dict[str, Any] = {"pre-authorized_code": code}
    if offer.has_tx_code:
        grant["tx_code"] = {"input_mode": "numeric", "length": TX_CODE_DIGITS, "description": _TX_CODE_DESCRIPTION}
    return {
        "credential_issuer": runtime.settings.base_url,
        "credential_configuration_ids": [configuration_id(runtime.document_types[offer.document_type])],
        "grants": {PRE_AUTHORIZED_CODE: grant},
    }


def _link(parameter: str, value: str) -> str:
    return f"{OFFER_SCHEME}?{urlencode({parameter: value})}"
