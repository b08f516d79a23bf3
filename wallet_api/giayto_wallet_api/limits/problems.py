"""What a client is told when it has to come back later, or was too slow."""

from http import HTTPStatus

from giayto_wallet_api.problems import ProblemError


class OverloadedError(ProblemError):
    """The server has more to do than it can; nothing was begun."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "overloaded"
    retryable = True
    message_vi = "Hệ thống đang quá tải; hãy thử lại sau."
    message_en = "The server is overloaded; try again later."

    def __init__(self, detail: str = "", *, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(detail, retry_after_seconds=retry_after_seconds)

    def response_headers(self) -> dict[str, str]:
        """`Retry-After`, in seconds."""
        return {"Retry-After": str(self.retry_after_seconds)}


class SlowBodyError(ProblemError):
    """The body did not arrive in time."""

    status = HTTPStatus.REQUEST_TIMEOUT
    code = "body_too_slow"
    retryable = True
    message_vi = "Nội dung yêu cầu đến quá chậm."
    message_en = "The request's body arrived too slowly."
