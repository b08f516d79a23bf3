"""Requests as rows: what is secret in them is encrypted, and everything is erased when its time is over.

States of a request: `pending` (also when its time has run out), then exactly one of `answered`, `declined` and
`cancelled`. Whoever settles it does so by one conditional update, so that of two who race one wins.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_verifiers.requests import PresentationRequest
from giayto_wallet_api.envelope.encryption import Place, WalletKey
from giayto_wallet_api.presentation_requests.tables import presentation_requests
from giayto_wallet_api.problems import NotFoundError
from giayto_wallet_api.server_keys import ServerKeys

StoredState = Literal["pending", "answered", "declined", "cancelled"]
State = Literal["pending", "answered", "declined", "cancelled", "expired"]
_TABLE: Final = "presentation_requests"
_KEY_PURPOSE: Final = "presentation-requests"


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """One request as it is kept. What is encrypted comes out by `RequestSecrets`."""

    row: Row[Any] = field(repr=False)

    @property
    def name(self) -> str:
        """Verifier and request: the row's primary key as text."""
        return f"{self.row.verifier_id}/{self.row.request_id}"

    def state(self, now: datetime) -> State:
        """Where the request stands."""
        if self.row.state == "pending" and now >= self.row.expires_at:
            return "expired"
        state: State = self.row.state
        return state


class RequestSecrets:
    """Encrypts and decrypts the columns of one request, each bound to its place."""

    def __init__(self, keys: ServerKeys) -> None:
        self._key = WalletKey(keys.derive(_KEY_PURPOSE))

    def seal(self, name: str, column: str, content: bytes) -> bytes:
        """Encrypt for one column of one request."""
        return self._key.encrypt(content, Place(_TABLE, name, column, 1))

    def open(self, stored: StoredRequest, column: str) -> bytes | None:
        """Decrypt a column; None when it is empty."""
        sealed: bytes | None = getattr(stored.row, column)
        return None if sealed is None else self._key.decrypt(sealed, Place(_TABLE, stored.name, column, 1))

    def request(self, stored: StoredRequest) -> PresentationRequest | None:
        """Return the request itself, or None when it was erased."""
        content = self.open(stored, "content")
        return None if content is None else PresentationRequest.from_bytes(content)


async def keep(tx: AsyncConnection, values: dict[str, Any]) -> None:
    """Store a new request."""
    await tx.execute(insert(presentation_requests).values(**values, state="pending"))


async def find(tx: AsyncConnection, verifier_id: str, request_id: str) -> StoredRequest:
    """Return a request of this verifier; NotFoundError when there is none, or it was erased altogether."""
    requests = presentation_requests.c
    query = select(presentation_requests).where(requests.verifier_id == verifier_id, requests.request_id == request_id)
    row = (await tx.execute(query)).first()
    if row is None:
        raise NotFoundError("there is no such request")
    return StoredRequest(row)


async def settle(
    tx: AsyncConnection, stored: StoredRequest, state: StoredState, *, now: datetime, **values: Any
) -> bool:
    """Settle a pending request; False when it was settled by another, or its time is over."""
    requests = presentation_requests.c
    result = await tx.execute(
        update(presentation_requests)
        .where(
            requests.verifier_id == stored.row.verifier_id,
            requests.request_id == stored.row.request_id,
            requests.state == "pending",
            requests.expires_at > now,
        )
        # The private key has done its work.
        .values(state=state, settled_at=now, content=None, **values)
    )
    return result.rowcount == 1


async def mark_fetched(tx: AsyncConnection, stored: StoredRequest, now: datetime) -> None:
    """Remember when a wallet first fetched the request object."""
    requests = presentation_requests.c
    await tx.execute(
        update(presentation_requests)
        .where(
            requests.verifier_id == stored.row.verifier_id,
            requests.request_id == stored.row.request_id,
            requests.fetched_at.is_(None),
        )
        .values(fetched_at=now)
    )


async def claim_result(tx: AsyncConnection, stored: StoredRequest, *, now: datetime, erase_at: datetime) -> bool:
    """Take the result, once; False when it was taken before. It is erased soon after."""
    requests = presentation_requests.c
    result = await tx.execute(
        update(presentation_requests)
        .where(
            requests.verifier_id == stored.row.verifier_id,
            requests.request_id == stored.row.request_id,
            requests.state == "answered",
            requests.retrieved_at.is_(None),
        )
        .values(retrieved_at=now, result=None, erase_at=erase_at)
    )
    return result.rowcount == 1


async def erase_outdated(tx: AsyncConnection, now: datetime) -> None:
    """Drop every request whose time in the store is over."""
    await tx.execute(delete(presentation_requests).where(presentation_requests.c.erase_at <= now))
