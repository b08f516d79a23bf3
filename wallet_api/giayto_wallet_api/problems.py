"""Problems: what a client is told when something is refused (RFC 9457).

A feature declares each of its problems as a class with a status and a stable `code`, and raises it:

    class RowKeyConflictError(ProblemError):
        status = HTTPStatus.CONFLICT
        code = "row_key_conflict"
        message_vi = "…"
        message_en = "…"

The body is `{type, title, status, detail, code, message_vi, message_en, instance}`. Neither `detail` nor a
message ever holds a claim value, a number, a name or a token: problems are logged by clients and shown to
people.
"""

from http import HTTPStatus
from typing import Any, ClassVar

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from giayto_crypto.errors import GiaytoError
from giayto_wallet_api.edge import request_id

PROBLEM_MEDIA_TYPE = "application/problem+json"
_TYPE_PREFIX = "urn:giayto:problem:"

log = structlog.get_logger(__name__)


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem body (RFC 9457 §3.1) with a stable code and text for people in two languages."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    message_vi: str
    message_en: str
    instance: str | None = None


class ProblemError(GiaytoError):
    """Something that this server refuses; `status` is the HTTP status of the answer."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    headers: ClassVar[dict[str, str]] = {}

    def response_headers(self) -> dict[str, str]:
        """Headers that the answer carries beside the body."""
        return dict(self.headers)


class MalformedRequestError(ProblemError):
    """The request does not follow its schema."""

    code = "malformed"
    message_vi = "Yêu cầu không đúng định dạng."
    message_en = "The request does not follow its format."


class NotFoundError(ProblemError):
    """There is no such thing, or it belongs to somebody else: both look the same."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"
    message_vi = "Không tìm thấy."
    message_en = "There is no such thing here."


class MethodNotAllowedError(ProblemError):
    """The path exists, the method does not."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "method_not_allowed"
    message_vi = "Phương thức không được hỗ trợ ở địa chỉ này."
    message_en = "This method is not offered at this address."


class RequestTooLargeError(ProblemError):
    """The body is longer than this operation reads."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "request_too_large"
    message_vi = "Yêu cầu quá lớn."
    message_en = "The request is too large."


class UnsupportedMediaTypeError(ProblemError):
    """The body is of a media type that this operation does not read."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"
    message_vi = "Kiểu nội dung không được hỗ trợ."
    message_en = "This content type is not read here."


class UnauthenticatedError(ProblemError):
    """Who asks is not established."""

    status = HTTPStatus.UNAUTHORIZED
    code = "unauthenticated"
    message_vi = "Chưa xác thực."
    message_en = "Authentication is required."


class ForbiddenError(ProblemError):
    """Who asks is known and may not do this."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"
    message_vi = "Không có quyền thực hiện."
    message_en = "This is not allowed."


class TooManyRequestsError(ProblemError):
    """A limit was reached; `Retry-After` says when to come back."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many_requests"
    retryable = True
    message_vi = "Quá nhiều yêu cầu; hãy thử lại sau."
    message_en = "Too many requests; try again later."

    def __init__(self, detail: str = "", *, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(detail, retry_after_seconds=retry_after_seconds)

    def response_headers(self) -> dict[str, str]:
        """`Retry-After`, in seconds."""
        return {"Retry-After": str(self.retry_after_seconds)}


class InternalError(ProblemError):
    """A fault of this server; the log has it under the request's identifier."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal_error"
    retryable = True
    message_vi = "Lỗi hệ thống; hãy thử lại sau."
    message_en = "The server failed; try again later."


_BY_STATUS: dict[int, type[ProblemError]] = {
    problem.status: problem
    for problem in (
        MalformedRequestError,
        UnauthenticatedError,
        ForbiddenError,
        NotFoundError,
        MethodNotAllowedError,
        RequestTooLargeError,
        UnsupportedMediaTypeError,
        InternalError,
    )
}


def problem_of(error: GiaytoError, *, instance: str | None = None) -> Problem:
    """Describe an error as a problem; an error of another layer is the client's (400)."""
    status = error.status if isinstance(error, ProblemError) else HTTPStatus.BAD_REQUEST
    return Problem(
        type=f"{_TYPE_PREFIX}{error.code}",
        title=status.phrase,
        status=status,
        code=error.code,
        detail=error.detail,
        message_vi=error.message_vi,
        message_en=error.message_en,
        instance=instance,
    )


def answer_giayto_error(request: Request[Any, Any, Any], error: GiaytoError) -> Response[Problem]:
    """Turn an error of the project into a problem response."""
    problem = problem_of(error, instance=f"urn:uuid:{request_id(request.scope)}")
    headers = error.response_headers() if isinstance(error, ProblemError) else {}
    return Response(problem, status_code=problem.status, media_type=PROBLEM_MEDIA_TYPE, headers=headers)


def answer_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """Turn an error of the framework into a problem response, without the values that its message may quote."""
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return answer_unexpected(request, error)
    problem_class = _BY_STATUS.get(error.status_code, MalformedRequestError)
    detail = _invalid_members(error) if isinstance(error, ValidationException) else ""
    return answer_giayto_error(request, problem_class(detail))


def answer_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Log a fault by its type and place, never by its message (drivers quote values), and answer 500."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = "" if frame is None else f"{frame.tb_frame.f_globals.get('__name__')}:{frame.tb_lineno}"
    log.error("request_failed", error=type(error).__name__, place=place, request_id=request_id(request.scope))
    return answer_giayto_error(request, InternalError())


def _invalid_members(error: ValidationException) -> str:
    extra = error.extra if isinstance(error.extra, list) else []
    names = sorted({str(item["key"]) for item in extra if isinstance(item, dict) and item.get("key")})
    return f"not as the schema says: {', '.join(names)}" if names else "the body does not follow its schema"
