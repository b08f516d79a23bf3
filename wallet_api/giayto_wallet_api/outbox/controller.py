"""`/issuer/v1/events`: what an agency was told, and what did not reach it."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, QueryParameter

from giayto_wallet_api.agencies.principal import AgencyClientDependency, requires_agency
from giayto_wallet_api.cursors import DEFAULT_PAGE, CursorParameter, LimitParameter
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.openapi import answers
from giayto_wallet_api.outbox import service
from giayto_wallet_api.problems import MalformedRequestError, NotFoundError
from giayto_wallet_api.runtime import RuntimeDependency

EventState = Literal["pending", "delivered", "dead"]
_EXAMPLE = {
    "items": [
        {
            "event_id": "evt_0f3b6c1d2e4a5f60718293a4b5c6d7e8",
            "kind": "document_declined",
            "state": "dead",
            "attempts": 12,
            "failure": "status_503",
            "occurred_at": "2026-11-22T09:32:00Z",
            "data": {"document_id": "doc_5c0d9e8f7a6b4c3d2e1f0a9b8c7d6e5f", "version": 1},
        }
    ],
    "next_cursor": None,
}


class EventItem(msgspec.Struct, frozen=True, kw_only=True):
    """An event; `data` names things only."""

    event_id: str
    kind: str
    state: EventState
    attempts: int
    failure: str | None
    occurred_at: datetime
    data: dict[str, str | int]


class EventPage(msgspec.Struct, frozen=True):
    """A page of events."""

    items: tuple[EventItem, ...]
    next_cursor: str | None = None


class EventController(Controller):
    """Events of the calling agency. Only agencies with a webhook have some."""

    path = "/issuer/v1/events"
    tags = ("agencies: events",)
    guards = (requires_agency,)

    @get(
        "/",
        summary="List events",
        responses=answers(EventPage, _EXAMPLE, InvalidTokenError, MalformedRequestError),
    )
    async def list_events(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        event_state: Annotated[EventState, QueryParameter(name="state")] = "dead",
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_PAGE,
    ) -> EventPage:
        """Return the events in one state; `dead` ones did not reach the webhook and are not tried any more."""
        async with runtime.database.read() as tx:
            rows = await service.list_events(tx, client.agency_id, event_state, after=cursor or "", limit=limit + 1)
        items = tuple(_item(row) for row in rows[:limit])
        return EventPage(items, items[-1].event_id if len(rows) > limit else None)

    @post(
        "/{event_id:str}/redeliver",
        status_code=HTTPStatus.NO_CONTENT,
        summary="Deliver a dead event again",
        responses=answers(
            None, None, InvalidTokenError, NotFoundError, status=HTTPStatus.NO_CONTENT, description="It is due again."
        ),
    )
    async def redeliver(
        self, runtime: RuntimeDependency, client: AgencyClientDependency, event_id: FromPath[str]
    ) -> None:
        """Bring a dead event back, with all its attempts."""
        async with runtime.database.transaction() as tx:
            revived = await service.redeliver(
                tx, client.agency_id, actor=client.actor, now=runtime.clock(), event_id=event_id
            )
        if not revived:
            raise NotFoundError("this agency has no such dead event")


def _item(row: Any) -> EventItem:
    return EventItem(
        event_id=row.event_id,
        kind=row.kind,
        state=row.state,
        attempts=row.attempts,
        failure=row.failure,
        occurred_at=row.occurred_at,
        data=msgspec.json.decode(row.body)["data"],
    )
