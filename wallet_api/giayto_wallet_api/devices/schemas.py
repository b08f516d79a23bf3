"""Bodies of enrolments, sessions and devices."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

DEVICE_EXAMPLE = {"name": "Điện thoại của tôi", "platform": "android"}
ENROLMENT_EXAMPLE = {"id_token": "eyJ…", "device": DEVICE_EXAMPLE, "holder_kind": "person"}
SESSION_REQUEST_EXAMPLE = {"device_id": "dev_7d3f0c1b5a9e4e6f8a2b1c0d9e8f7a6b"}
SESSION_EXAMPLE = {
    "wallet_id": "wal_0f9e8d7c6b5a49382716f5e4d3c2b1a0",
    "device_id": "dev_7d3f0c1b5a9e4e6f8a2b1c0d9e8f7a6b",
    "access_token": "wal_0f9e8d7c6b5a49382716f5e4d3c2b1a0.hV3…",
    "token_type": "DPoP",
    "expires_in": 900,
}
DEVICES_EXAMPLE = {
    "items": [
        {
            "device_id": "dev_7d3f0c1b5a9e4e6f8a2b1c0d9e8f7a6b",
            "name": "Điện thoại của tôi",
            "platform": "android",
            "enrolled_at": "2026-11-22T09:30:00Z",
            "current": True,
        }
    ],
    "next_cursor": None,
}


class DeviceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the phone says about itself; the name is shown to the holder only."""

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    platform: Literal["android", "ios", "web", "other"]


class EnrolmentRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A login that adds this device to the wallet of whoever logged in."""

    id_token: Annotated[
        str, Meta(max_length=8192, description="Its `nonce` is the RFC 7638 thumbprint of the device key.")
    ]
    device: DeviceBody
    holder_kind: Literal["person", "organisation"] = "person"


class SessionRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An enrolled device that asks for an access token; the DPoP proof of its key is the credential."""

    device_id: Annotated[str, Meta(max_length=64)]


class Session(msgspec.Struct, frozen=True):
    """An access token, bound to the device key; `expires_in` is in seconds."""

    wallet_id: str
    device_id: str
    access_token: str
    token_type: str
    expires_in: int


class DeviceItem(msgspec.Struct, frozen=True):
    """One device of the wallet; `current` marks the one that asks."""

    device_id: str
    name: str
    platform: str
    enrolled_at: datetime
    current: bool


class DevicePage(msgspec.Struct, frozen=True):
    """All devices of the wallet; they are few, so there is one page."""

    items: list[DeviceItem]
    next_cursor: str | None = None
