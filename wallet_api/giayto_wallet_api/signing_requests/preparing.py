"""What a citizen sees of documents that are not there yet: that they are being prepared, never an error."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.localised import Localised
from giayto_wallet_api.devices.principal import Citizen
from giayto_wallet_api.signing_requests.tables import ANY_DEVICE, ROTATION, preparations

MOST_SHOWN: Final = 200
BEING_PREPARED: Final = Localised(
    vi="Giấy tờ đang được chuẩn bị; ví sẽ báo khi có.",
    en="The document is being prepared; the wallet will tell you when it is here.",
)


@dataclass(frozen=True, slots=True)
class Preparation:
    """A document that an agency is preparing for this device; `document_id` once the wallet has it elsewhere."""

    preparation_id: str
    agency_id: str
    document_type: str
    document_id: str | None
    since: datetime


async def list_preparations(tx: AsyncConnection, citizen: Citizen) -> Sequence[Preparation]:
    """Return what is being prepared for the device that asks, each document once, longest waiting first."""
    shown = preparations.c
    rows = await tx.execute(
        select(
            shown.row_key,
            shown.preparation_id,
            shown.agency_id,
            shown.document_type,
            shown.document_id,
            shown.since,
        )
        .where(
            shown.wallet_id == citizen.wallet_id,
            shown.device_id.in_((ANY_DEVICE, citizen.device_id)),
            shown.reason != ROTATION,  # this device has a copy that it can show meanwhile
        )
        .order_by(shown.since, shown.device_id)
        .limit(2 * MOST_SHOWN)
    )
    by_row: dict[tuple[str, str], Preparation] = {}
    for row_key, *members in rows:
        preparation = Preparation(*members)
        by_row.setdefault((preparation.agency_id, row_key), preparation)
    return list(by_row.values())[:MOST_SHOWN]
