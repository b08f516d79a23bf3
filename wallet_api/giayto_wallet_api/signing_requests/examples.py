"""Examples of waiting documents and signing requests, for the description of the API."""

_VCT = "urn:giayto:type:health-book:1"
_ROW_KEY = "2026/000017"
_REQUEST_ID = "sgr_0f3b6c1d2e4a5f60718293a4b5c6d7e8"
_LEASE_ID = "lease_5c0d9e8f7a6b4c3d2e1f0a9b8c7d6e5f"
_AT = "2026-11-22T09:32:00Z"

WAITING_ROWS = {
    "rows": [
        {"row_key": _ROW_KEY, "document_type": _VCT, "subject": {"kind": "person", "id": "001099000017"}},
        {"row_key": "2026/000018", "document_type": _VCT, "subject": None},
    ]
}
WAITING_ANSWERS = {
    "answers": [{"row_key": _ROW_KEY, "result": "waiting"}, {"row_key": "2026/000018", "result": "unchanged"}]
}
WITHDRAWAL = {"row_keys": [_ROW_KEY]}
WAITING_PAGE = {
    "items": [
        {
            "row_key": _ROW_KEY,
            "document_type": _VCT,
            "state": "waiting",
            "registered_at": _AT,
            "changed_at": _AT,
        }
    ],
    "next_cursor": None,
}
LEASE_REQUEST = {"limit": 50, "visibility_seconds": 120, "wait_seconds": 20}
LEASE = {
    "lease_id": _LEASE_ID,
    "expires_at": "2026-11-22T09:34:00Z",
    "requests": [
        {
            "request_id": _REQUEST_ID,
            "row_key": _ROW_KEY,
            "document_type": _VCT,
            "reason": "wallet_appeared",
            "holder_key": {
                "kty": "EC",
                "crv": "P-256",
                "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            },
            "attempt": 1,
            "not_before": None,
            "expires_at": None,
        }
    ],
}
RELEASE = {
    "lease_id": _LEASE_ID,
    "failures": [{"request_id": _REQUEST_ID, "code": "record_not_found", "retryable": False}],
}
REISSUE = {"document_type": _VCT, "cursor": ""}
REQUEST_PAGE = {
    "items": [
        {
            "request_id": _REQUEST_ID,
            "row_key": _ROW_KEY,
            "document_type": _VCT,
            "reason": "new_device",
            "state": "open",
            "attempts": 0,
            "failure": None,
            "created_at": _AT,
            "changed_at": _AT,
        }
    ],
    "next_cursor": None,
}
