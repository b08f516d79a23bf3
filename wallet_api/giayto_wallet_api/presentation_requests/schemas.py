"""What verifiers send and get."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from giayto_wallet_api.presentation_requests.storage import State

_BASE = "https://giayto.example"
_REQUEST_ID = "prq_5f1c8e0d9b7a46f2a1c3e5d7b9f01234"
_Path = Annotated[tuple[str | int | None, ...], msgspec.Meta(min_length=1, max_length=12)]


class NewRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to ask for: `document_type` with `claims`, or a whole `dcql_query`."""

    purpose: Annotated[str, msgspec.Meta(max_length=64)]
    document_type: Annotated[str, msgspec.Meta(max_length=255)] | None = None
    claims: Annotated[tuple[_Path, ...], msgspec.Meta(max_length=200)] = ()
    dcql_query: dict[str, Any] | None = None
    transaction: Annotated[str, msgspec.Meta(max_length=200)] = ""
    """The verifier's own name of what it asks for; the receipt carries it. No personal data."""
    redirect_uri: Annotated[str, msgspec.Meta(max_length=1500)] | None = None
    """Where the holder's phone goes afterwards: same-device flow. The result then needs the code that comes with it."""
    client_id_prefix: Literal["x509_hash", "x509_san_dns"] = "x509_hash"
    response_mode: Literal["direct_post", "direct_post.jwt"] = "direct_post.jwt"
    transaction_data: Annotated[tuple[dict[str, Any], ...], msgspec.Meta(max_length=10)] = ()
    lifetime_seconds: Annotated[int, msgspec.Meta(ge=30, le=900)] = 300


class MadeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request that wallets may answer now."""

    request_id: str
    client_id: str
    request_uri: str
    qr_text: str
    """Draw it as a QR for a wallet on another device."""
    same_device_link: str
    """A link for a wallet on this device."""
    dcql_query: dict[str, Any]
    expires_at: datetime


class RequestStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Where a request stands."""

    request_id: str
    state: State
    created_at: datetime
    expires_at: datetime
    fetched_at: datetime | None = None
    """When a wallet first looked at it."""
    settled_at: datetime | None = None
    wallet_error: str | None = None
    """Why the wallet declined (OpenID4VP 1.0 §8.5), such as `access_denied`."""
    result_available: bool = False


class ResultRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fetch the result."""

    response_code: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    """What came with the redirect; needed where the request had a `redirect_uri`."""


class CheckedCredential(msgspec.Struct, frozen=True, kw_only=True):
    """One presentation of the answer."""

    id: str
    """Of the credential query that it answers."""
    verdict: dict[str, Any]
    """The same as of a QR (docs/verification.md)."""
    receipt: str | None
    """Evidence of the check (docs/receipts.md), signed by this server."""


class RequestResult(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict. It is given once and erased."""

    request_id: str
    outcome: Literal["valid", "invalid", "unknown"]
    reasons: tuple[str, ...]
    findings: tuple[dict[str, Any], ...]
    """What concerns the answer as a whole."""
    credentials: tuple[CheckedCredential, ...]


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """What the trust scheme says of the calling verifier, to be carried by requests that it signs itself."""

    client_id: str
    registration: str
    expires_at: datetime


class WalletReply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the wallet is answered (OpenID4VP 1.0 §8.2)."""

    redirect_uri: str | None = None


class WalletError(msgspec.Struct, frozen=True, kw_only=True):
    """Why what the wallet posted is not taken."""

    error: str
    error_description: str


NEW_REQUEST_EXAMPLE = {
    "purpose": "OPEN_ACCOUNT",
    "document_type": "urn:giayto:type:business-registration:1",
    "claims": [["enterprise_name"]],
    "transaction": "account-2026-000123",
}
MADE_EXAMPLE = {
    "request_id": _REQUEST_ID,
    "client_id": "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk",
    "request_uri": f"{_BASE}/openid4vp/bank-a/{_REQUEST_ID}/object",
    "qr_text": "openid4vp://?client_id=x509_hash%3AUvo3…&request_uri=https%3A%2F%2F…&request_uri_method=post",
    "same_device_link": "openid4vp://?client_id=x509_hash%3AUvo3…&request_uri=https%3A%2F%2F…",
    "dcql_query": {
        "credentials": [
            {
                "id": "document",
                "format": "dc+sd-jwt",
                "meta": {"vct_values": ["urn:giayto:type:business-registration:1"]},
                "claims": [{"path": ["enterprise_name"]}],
            }
        ]
    },
    "expires_at": "2026-11-22T09:35:00Z",
}
STATUS_EXAMPLE = {
    "request_id": _REQUEST_ID,
    "state": "answered",
    "created_at": "2026-11-22T09:30:00Z",
    "expires_at": "2026-11-22T09:35:00Z",
    "fetched_at": "2026-11-22T09:30:10Z",
    "settled_at": "2026-11-22T09:30:25Z",
    "wallet_error": None,
    "result_available": True,
}
EVENTS_EXAMPLE = 'event: pending\ndata: {"state":"pending"}\n\nevent: answered\ndata: {"state":"answered"}\n\n'
RESULT_EXAMPLE = {
    "request_id": _REQUEST_ID,
    "outcome": "valid",
    "reasons": [],
    "findings": [],
    "credentials": [{"id": "document", "verdict": {"outcome": "valid"}, "receipt": "eyJ…"}],
}
REGISTRATION_EXAMPLE = {
    "client_id": "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk",
    "registration": "eyJ…",
    "expires_at": "2026-11-22T10:30:00Z",
}
