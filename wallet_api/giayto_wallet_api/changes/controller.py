"""`/wallet/v1/changes`, `/wallet/v1/events`."""

from typing import Annotated

from litestar import Controller, get
from litestar.params import HeaderParameter
from litestar.response import ServerSentEvent

from giayto_wallet_api.changes import schemas
from giayto_wallet_api.changes.live import follow
from giayto_wallet_api.changes.service import changes_after, last_sequence
from giayto_wallet_api.cursors import DEFAULT_PAGE, CursorParameter, LimitParameter, read_sequence
from giayto_wallet_api.devices.principal import CitizenDependency, requires_citizen
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.openapi import answers
from giayto_wallet_api.problems import MalformedRequestError
from giayto_wallet_api.runtime import RuntimeDependency


class ChangeController(Controller):
    """What happened in the wallet."""

    path = "/wallet/v1"
    tags = ("citizens: changes",)
    guards = (requires_citizen,)

    @get(
        "/changes",
        summary="List changes since a cursor",
        responses=answers(schemas.ChangePage, schemas.CHANGES_EXAMPLE, MalformedRequestError, InvalidTokenError),
    )
    async def changes(
        self,
        runtime: RuntimeDependency,
        citizen: CitizenDependency,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_PAGE,
    ) -> schemas.ChangePage:
        """Return changes after the cursor, oldest first; all of them, page by page, when there is no cursor."""
        after = read_sequence(cursor, default=0)
        async with runtime.database.read() as tx:
            found = await changes_after(tx, citizen.wallet_id, after, limit + 1)
        shown = found[:limit]
        items = [schemas.change_item(change) for change in shown]
        return schemas.ChangePage(items, str(shown[-1].sequence) if len(found) > limit else None)

    @get(
        "/events",
        summary="Follow changes live",
        responses=answers(
            str,
            schemas.EVENTS_EXAMPLE,
            MalformedRequestError,
            InvalidTokenError,
            media_type="text/event-stream",
            description="A stream of server-sent events.",
        ),
    )
    async def events(
        self,
        runtime: RuntimeDependency,
        citizen: CitizenDependency,
        last_event_id: Annotated[
            str | None,
            HeaderParameter(name="Last-Event-ID", max_length=18, description="Continue after this event."),
        ] = None,
    ) -> ServerSentEvent:
        """Send changes as they happen; from now on, or after `Last-Event-ID`.

        Each event carries the change as JSON; its `id` is its number, the cursor after it. The stream ends with the
        access token.
        """
        async with runtime.database.read() as tx:
            latest = await last_sequence(tx, citizen.wallet_id)
        stream = follow(
            runtime.database,
            runtime.clock,
            citizen,
            after=read_sequence(last_event_id, default=latest),
            poll_interval=runtime.settings.events_poll_interval,
            heartbeat=runtime.settings.events_heartbeat,
        )
        return ServerSentEvent(stream)
