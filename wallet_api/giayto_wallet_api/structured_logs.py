"""Structured logs without personal data.

Events are names with fields that the code chose (`path`, `status`, `agency_id`); no body, query, header or
exception message is ever logged. The processor below drops whatever else slips in under a name that tends to
carry such data.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog

# fmt: off
_NEVER_LOGGED: Final = frozenset({
    "authorization", "body", "claims", "cookie", "credential", "credentials", "dpop", "exc_info", "exception",
    "full_name", "birth_date", "headers", "id_token", "jwk", "key", "name", "number", "personal_number", "query",
    "subject", "tax_code", "token",
})
# fmt: on


def drop_personal_fields(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Remove fields that may hold personal data or secrets."""
    for field in _NEVER_LOGGED.intersection(event):
        del event[field]
    return event


def configure_logging(level: int = logging.INFO, *, file: TextIO = sys.stderr) -> None:
    """Write one JSON object a line to `file`."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            drop_personal_fields,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file),
        cache_logger_on_first_use=False,
    )
