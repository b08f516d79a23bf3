"""The OpenAPI description of the citizen's operations: each with examples, and the examples fit their schemas."""

from typing import Any

import msgspec
import pytest

from giayto_wallet_api.changes.schemas import CHANGES_EXAMPLE, ChangePage
from giayto_wallet_api.devices import schemas as devices
from giayto_wallet_api.holder_keys import schemas as holder_keys
from giayto_wallet_api.inbox import schemas as inbox

EXAMPLES = [
    (CHANGES_EXAMPLE, ChangePage),
    (devices.ENROLMENT_EXAMPLE, devices.EnrolmentRequest),
    (devices.SESSION_REQUEST_EXAMPLE, devices.SessionRequest),
    (devices.SESSION_EXAMPLE, devices.Session),
    (devices.DEVICES_EXAMPLE, devices.DevicePage),
    (holder_keys.NONCE_EXAMPLE, holder_keys.NonceAnswer),
    (holder_keys.REGISTRATION_REQUEST_EXAMPLE, holder_keys.RegistrationRequest),
    (holder_keys.REGISTRATION_EXAMPLE, holder_keys.Registration),
    (holder_keys.POOL_EXAMPLE, holder_keys.PoolPage),
    (inbox.INBOX_EXAMPLE, inbox.InboxPage),
    (inbox.DOCUMENTS_EXAMPLE, inbox.DocumentPage),
    (inbox.DETAIL_EXAMPLE, inbox.DocumentDetail),
    (inbox.CONFIRMED_EXAMPLE, inbox.DocumentItem),
    (inbox.DECLINED_EXAMPLE, inbox.DocumentItem),
    (inbox.CONFIRM_REQUEST_EXAMPLE, inbox.ConfirmRequest),
    (inbox.DECLINE_REQUEST_EXAMPLE, inbox.DeclineRequest),
]


@pytest.mark.parametrize(("example", "kind"), EXAMPLES, ids=lambda each: getattr(each, "__name__", ""))
def test_an_example_is_what_travels(example: Any, kind: type[msgspec.Struct]) -> None:
    assert msgspec.to_builtins(msgspec.convert(example, kind)) == example


def operations(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in description["paths"].items()
        if path.startswith(("/wallet/", "/sandbox/"))
        for method, operation in item.items()
    }


async def test_citizens_routes_name_their_refusals(http) -> None:
    description = (await http.get("/schema/openapi.json")).json()
    for name, operation in operations(description).items():
        if " /wallet/" in name:
            refusals = {status for status in operation["responses"] if status.startswith("4")}
            assert "401" in refusals, name
