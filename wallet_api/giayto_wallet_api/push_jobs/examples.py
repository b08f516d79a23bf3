"""Examples for the description of the API."""

_JOB_ID = "job_5f2f4a8d0c9b4e77b1a2c3d4e5f60718"
_OPERATION = {
    "operation_id": "op_0c1d2e3f405162738495a6b7c8d9eafb",
    "kind": "revoke",
    "by_job_id": None,
    "state": "running",
    "rows_done": 1500,
    "rows_total": 188420,
    "documents_changed": 1500,
    "started_at": "2026-11-23T08:00:00Z",
    "finished_at": None,
}
REQUEST = {"job_key": "q2Kx9vN4tGm7Lr1ZpW5uYA", "document_type": "urn:giayto:type:health-book:1"}
JOB = {
    "job_id": _JOB_ID,
    "job_key": "q2Kx9vN4tGm7Lr1ZpW5uYA",
    "document_type": "urn:giayto:type:health-book:1",
    "opened_at": "2026-11-22T09:30:00Z",
    "finished_at": "2026-11-22T10:12:41Z",
    "counts": [
        {"outcome": "mismatch", "code": "", "rows": 61},
        {"outcome": "refused", "code": "record_invalid", "rows": 412},
        {"outcome": "stored", "code": "", "rows": 188420},
        {"outcome": "waiting_for_wallet", "code": "", "rows": 11107},
    ],
    "operations": [],
}
JOB_WITH_OPERATION = {**JOB, "operations": [_OPERATION]}
PAGE = {"items": [JOB], "next_cursor": None}
REPORT = {
    "rows": [
        {"row": 17, "row_key": "SKDT-0017", "outcome": "waiting_for_wallet"},
        {"row": 23, "outcome": "refused", "code": "record_invalid"},
    ]
}
ROWS = {
    "items": [
        {
            "row": 23,
            "row_key": None,
            "outcome": "refused",
            "code": "record_invalid",
            "document_id": None,
            "version": None,
            "attempts": 1,
            "changed_at": "2026-11-22T09:31:07Z",
        }
    ],
    "next_cursor": None,
}
REVOCATION = {"reason": "wrong export of 22 November"}
SUPERSESSION = {"by_job_id": "job_77c0ffee77c0ffee77c0ffee77c0ffee", "reason": "yearly renewal"}
OPERATION = _OPERATION
