"""Why the store cannot do something just now, in the words of HTTP: what a driver raises never leaves `store`."""

from http import HTTPStatus
from typing import ClassVar

from giayto_wallet_api.problems import ProblemError


class StoreError(ProblemError):
    """What `Database` raises in place of a driver's exception."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "store_failed"
    retryable = True
    message_vi = "Hệ thống lưu trữ gặp lỗi; hãy thử lại sau."
    message_en = "The store failed; try again later."


class StoreUnavailableError(StoreError):
    """The database cannot be reached, or the connection to it was lost: whether the work was done may be unknown."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "store_unavailable"
    retryable = True
    headers: ClassVar[dict[str, str]] = {"Retry-After": "1"}
    message_vi = "Hệ thống lưu trữ tạm thời không sẵn sàng; hãy thử lại sau."
    message_en = "The store is not available for a moment; try again shortly."


class StoreConflictError(StoreUnavailableError):
    """Work that others did at the same time stood in the way. Nothing was stored; doing it again will help."""

    code = "store_conflict"


class StoreFullError(StoreError):
    """There is no room to write. Nothing was stored; reading goes on."""

    status = HTTPStatus.INSUFFICIENT_STORAGE
    code = "store_full"
    retryable = True
    headers: ClassVar[dict[str, str]] = {"Retry-After": "30"}
    message_vi = "Hệ thống lưu trữ đã đầy; hãy thử lại sau."
    message_en = "The store has no room left; try again later."
