"""Receiving events: is this request really from the wallet backend?"""

from datetime import datetime
from pathlib import Path

from giayto_crypto import webhooks
from giayto_sdk._checking.bundles import load_anchors
from giayto_sdk._clock import system_clock


def verify_webhook(
    body: bytes,
    signature: str,
    *,
    base_url: str,
    agency_id: str,
    anchor: str | Path | bytes,
    now: datetime | None = None,
) -> str:
    """Return the identifier of an event that really comes from the wallet backend.

    Events are delivered at least once: act upon each identifier once.

    Args:
        body: of the request, byte for byte, before anything parsed it.
        signature: its header `Giayto-Signature`.
        base_url: of the wallet backend, as in the agency's configuration.
        agency_id: such as `G18`.
        anchor: pinned root certificate (PEM), a file or its content.
        now: time of the check; by default the present moment.

    Raises:
        GiaytoError: not from the wallet backend, not for this agency, not this body, or too old. Answer with 401.
    """
    return webhooks.verify_webhook(
        body,
        signature,
        issuer=base_url.rstrip("/"),
        audience=agency_id,
        anchors=load_anchors(anchor if isinstance(anchor, bytes) else Path(anchor)),
        now=now or system_clock(),
    )
