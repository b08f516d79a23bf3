"""Bodies of changes and live events."""

from datetime import datetime

import msgspec

from giayto_wallet_api.changes.service import Change, ChangeKind

CHANGE_EXAMPLE = {
    "kind": "document_offered",
    "object_id": "doc_5c0d9e8f7a6b4c3d2e1f0a9b8c7d6e5f",
    "occurred_at": "2026-11-22T09:32:00Z",
    "cursor": "7",
}
CHANGES_EXAMPLE = {"items": [CHANGE_EXAMPLE], "next_cursor": None}
EVENTS_EXAMPLE = (
    "id: 7\nevent: document_offered\n"
    'data: {"kind":"document_offered","object_id":"doc_5c0d9e8f7a6b4c3d2e1f0a9b8c7d6e5f",'
    '"occurred_at":"2026-11-22T09:32:00Z","cursor":"7"}\n\n: alive\n\n'
)


class ChangeItem(msgspec.Struct, frozen=True):
    """One change; `object_id` names the document or the device, `cursor` goes on after it."""

    kind: ChangeKind
    object_id: str
    occurred_at: datetime
    cursor: str


class ChangePage(msgspec.Struct, frozen=True):
    """Changes in their order. After the last page, the `cursor` of the last change is the place to go on from."""

    items: list[ChangeItem]
    next_cursor: str | None


def change_item(change: Change) -> ChangeItem:
    """Describe a change to a client."""
    return ChangeItem(change.kind, change.object_id, change.occurred_at, str(change.sequence))
