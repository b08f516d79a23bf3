"""Bodies of changes and live events."""

from datetime import datetime

import msgspec

from giayto_wallet_api.changes.service import Change, ChangeKind

CHANGE_EXAMPLE = {
    "sequence": 7,
    "kind": "document_offered",
    "object_id": "doc_5c0d9e8f7a6b4c3d2e1f0a9b8c7d6e5f",
    "occurred_at": "2026-11-22T09:32:00Z",
}
CHANGES_EXAMPLE = {"items": [CHANGE_EXAMPLE], "next_cursor": None}
EVENTS_EXAMPLE = (
    "id: 7\nevent: document_offered\n"
    'data: {"sequence":7,"kind":"document_offered","object_id":"doc_5c0d9e8f7a6b4c3d2e1f0a9b8c7d6e5f",'
    '"occurred_at":"2026-11-22T09:32:00Z"}\n\n: alive\n\n'
)


class ChangeItem(msgspec.Struct, frozen=True):
    """One change; `object_id` names the document or the device, `sequence` is the cursor after it."""

    sequence: int
    kind: ChangeKind
    object_id: str
    occurred_at: datetime


class ChangePage(msgspec.Struct, frozen=True):
    """Changes in their order. After the last page, the `sequence` of the last change is the cursor for later."""

    items: list[ChangeItem]
    next_cursor: str | None


def change_item(change: Change) -> ChangeItem:
    """Describe a change to a client."""
    return ChangeItem(change.sequence, change.kind, change.object_id, change.occurred_at)
