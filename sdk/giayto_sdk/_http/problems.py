"""From an answer of 400 and more to a typed error.

Two formats are read: problem documents (RFC 9457) with the members `code`, `message_vi` and `message_en`, and
`error` with `error_description` at the OAuth endpoints (RFC 6749 §5.2).
"""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from giayto_crypto import strict_json
from giayto_crypto.errors import MalformedError
from giayto_sdk.errors import (
    ApiError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    OverloadedError,
    Problem,
    RefusedError,
    ServerError,
    UnauthorizedError,
)

MAX_PROBLEM_BYTES = 64 * 1024
_LONGEST_TEXT = 500
_BY_STATUS: Mapping[int, type[ApiError]] = {
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    429: OverloadedError,
    503: OverloadedError,
}


def error_from(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> ApiError:
    """Return the error for an answer.

    Args:
        status: 400 or more.
        headers: names in lower case.
        body: at most `MAX_PROBLEM_BYTES` of it.
        now: turns a Retry-After given as a date into seconds.
    """
    members = _members(body)
    kind = _BY_STATUS.get(status) or (ServerError if status >= 500 else RefusedError)
    problem = Problem(
        status=status,
        code=_text(members, "code") or _text(members, "error") or kind.code,
        detail=_text(members, "detail") or _text(members, "error_description") or f"HTTP {status}",
        message_vi=_text(members, "message_vi"),
        message_en=_text(members, "message_en"),
        request_id=headers.get("x-request-id", "")[:_LONGEST_TEXT] or _text(members, "instance"),
        retry_after=_retry_after(headers.get("retry-after"), now),
    )
    return kind(problem)


def row_problem(members: Mapping[str, Any]) -> Problem:
    """Read the problem of one row of a stream."""
    return Problem(
        status=0,
        code=_text(members, "code") or RefusedError.code,
        detail=_text(members, "detail"),
        message_vi=_text(members, "message_vi") or RefusedError.message_vi,
        message_en=_text(members, "message_en") or RefusedError.message_en,
    )


def _members(body: bytes) -> dict[str, Any]:
    # A proxy in between may answer with HTML: then the status alone speaks.
    try:
        value = strict_json.loads(body, max_bytes=MAX_PROBLEM_BYTES)
    except MalformedError:
        return {}
    return value if isinstance(value, dict) else {}


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    return value[:_LONGEST_TEXT] if isinstance(value, str) else ""


def _retry_after(value: str | None, now: datetime) -> float | None:
    # Seconds or an HTTP date (RFC 9110 §10.2.3).
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (when - now).total_seconds()) if when.tzinfo else None
