"""Every error that the SDK raises, and the tree that it belongs to.

`except GiaytoError` catches all of them. Each has a stable `code`, a message for the user in Vietnamese and
English (`message_vi`, `message_en`), a `detail` for the developer, and says with `retryable` whether the same
call may succeed later. None of them ever holds a claim value, a personal number, a token or a key.
"""

from dataclasses import dataclass

from giayto_crypto.catalogue_edition import EditionRolledBackError
from giayto_crypto.errors import GiaytoError, MalformedError, QrTooLargeError
from giayto_issuers.errors import (
    AgencyNotEntitledError,
    DocumentTypeError,
    HeaderError,
    MissingLibraryError,
    NotSignableError,
    SourceError,
    UnknownDocumentTypeError,
)
from giayto_issuers.errors import Problem as ColumnProblem
from giayto_verifiers import ClaimNotShownError, ReceiptError, ReceiptTooLargeError
from giayto_verifiers.paper_rule import DocumentNotCataloguedError, ProcedureCodeError

__all__ = [
    "AgencyNotEntitledError",
    "AnswerNotAcceptedError",
    "ApiError",
    "ClaimNotShownError",
    "ColumnProblem",
    "ConfigurationError",
    "ConflictError",
    "CredentialOfferError",
    "CredentialPendingError",
    "DocumentNotCataloguedError",
    "DocumentTypeError",
    "EditionRolledBackError",
    "ForbiddenError",
    "ForeignAddressError",
    "GiaytoError",
    "HeaderError",
    "JournalError",
    "KeyStoreError",
    "LoginError",
    "MalformedError",
    "MissingLibraryError",
    "NetworkError",
    "NotFoundError",
    "NotSignableError",
    "OverloadedError",
    "PictureError",
    "Problem",
    "ProcedureCodeError",
    "ProtocolError",
    "PushInterruptedError",
    "QrTooLargeError",
    "ReceiptError",
    "ReceiptTooLargeError",
    "RefusedError",
    "RequestNotFoundError",
    "RequestRefusedError",
    "ServerError",
    "SourceError",
    "UnauthorizedError",
    "UnknownDocumentTypeError",
    "WalletDeclinedError",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """What an answer of the API says is wrong (RFC 9457, or the error format of OAuth)."""

    status: int
    """HTTP status; 0 for a problem inside one row of a stream."""
    code: str
    """Stable snake_case code."""
    detail: str
    """For the developer."""
    message_vi: str
    message_en: str
    request_id: str = ""
    """Names this call in the server's log; empty when the server gave none."""
    retry_after: float | None = None
    """Seconds after which the server wants to be asked again."""
    columns: tuple[ColumnProblem, ...] = ()
    """What is wrong with a source row, column by column: the class of what stands there, never the value."""


class ConfigurationError(GiaytoError):
    """A configuration file, or something that it names, cannot be used."""

    code = "configuration_invalid"
    message_vi = "Cấu hình không dùng được."
    message_en = "The configuration cannot be used."


class PictureError(GiaytoError):
    """A picture cannot be read, or no QR, or more than one, is found in it."""

    code = "picture_unreadable"
    message_vi = "Không đọc được mã QR trong ảnh; hãy chụp lại gần, thẳng và đủ sáng."
    message_en = "No QR can be read in the picture; take it again, close, straight and in good light."


class NetworkError(GiaytoError):
    """The server gave no answer: unreachable, too slow, or cut off."""

    code = "network_unreachable"
    retryable = True
    message_vi = "Không kết nối được tới máy chủ; hãy thử lại sau."
    message_en = "The server cannot be reached; try again later."


class ProtocolError(GiaytoError):
    """The server answered with something that this version of the SDK does not understand."""

    code = "answer_not_understood"
    message_vi = "Máy chủ trả lời không đúng giao thức; hãy cập nhật phần mềm."
    message_en = "The server's answer does not follow the protocol; update the software."


class ApiError(GiaytoError):
    """The server answered with a problem; `code` and the messages are the server's own.

    Catch a subclass for a kind of answer, or compare `code` for one of them.
    """

    code = "api_error"

    def __init__(self, problem: Problem) -> None:
        """Take over what the server said."""
        super().__init__(problem.detail, status=problem.status, request_id=problem.request_id)
        self.problem = problem
        # These belong to the answer, not to the class: the server knows codes that this release does not.
        self.code = problem.code  # type: ignore[misc]
        self.message_vi = problem.message_vi or type(self).message_vi  # type: ignore[misc]
        self.message_en = problem.message_en or type(self).message_en  # type: ignore[misc]

    @property
    def request_id(self) -> str:
        """Names this call in the server's log; empty when the server gave none."""
        return self.problem.request_id

    def __str__(self) -> str:
        request = f" (request {self.request_id})" if self.request_id else ""
        return f"{super().__str__()}{request}"


class UnauthorizedError(ApiError):
    """401: the credentials of the caller were not accepted."""

    code = "unauthorized"
    message_vi = "Máy chủ không chấp nhận thông tin đăng nhập."
    message_en = "The server did not accept the credentials."


class ForbiddenError(ApiError):
    """403: the caller may not do this."""

    code = "forbidden"
    message_vi = "Bạn không có quyền thực hiện việc này."
    message_en = "You are not allowed to do this."


class NotFoundError(ApiError):
    """404: not there, or not the caller's."""

    code = "not_found"
    message_vi = "Không tìm thấy."
    message_en = "Not found."


class ConflictError(ApiError):
    """409: the thing is in another state than this call needs."""

    code = "conflict"
    message_vi = "Trạng thái hiện tại không cho phép thao tác này."
    message_en = "The current state does not allow this."


class RefusedError(ApiError):
    """Another 4xx: the server does not accept what was sent."""

    code = "refused"
    message_vi = "Máy chủ từ chối dữ liệu đã gửi."
    message_en = "The server refused what was sent."


class OverloadedError(ApiError):
    """429 or 503: the server asks to come back later."""

    code = "overloaded"
    retryable = True
    message_vi = "Máy chủ đang quá tải; hãy thử lại sau."
    message_en = "The server is busy; try again later."


class ServerError(ApiError):
    """Another 5xx: the server failed."""

    code = "server_error"
    retryable = True
    message_vi = "Máy chủ gặp lỗi; hãy thử lại sau."
    message_en = "The server failed; try again later."


class JournalError(GiaytoError):
    """The journal of a push cannot be used; nothing was signed without it."""

    code = "journal_unusable"
    message_vi = "Không dùng được nhật ký đẩy giấy tờ; chưa ký gì thêm."
    message_en = "The push journal cannot be used; nothing more was signed."


class PushInterruptedError(GiaytoError):
    """A push stopped half-way; the journal holds what was done, and the same call goes on from there."""

    code = "push_interrupted"
    retryable = True
    message_vi = "Việc đẩy giấy tờ bị gián đoạn; hãy chạy lại đúng lệnh này để tiếp tục."
    message_en = "The push was interrupted; run the same command again to go on."


class DepositInterruptedError(GiaytoError):
    """A deposit stopped half-way; rows that were taken count once, however often they are sent."""

    code = "deposit_interrupted"
    retryable = True
    message_vi = "Việc gửi bản ghi bị gián đoạn; hãy chạy lại đúng lệnh này để gửi tiếp."
    message_en = "The deposit was interrupted; run the same command again to go on."


class KeyStoreError(GiaytoError):
    """The wallet's store of keys cannot be used."""

    code = "key_store_unusable"
    message_vi = "Không dùng được kho khóa của ví."
    message_en = "The wallet's key store cannot be used."


class LoginError(GiaytoError):
    """The identity provider did not log the citizen in."""

    code = "login_failed"
    message_vi = "Đăng nhập không thành công."
    message_en = "The login did not succeed."


class ForeignAddressError(GiaytoError):
    """An address that a QR, a link or a request names must not be called."""

    code = "address_refused"
    message_vi = "Địa chỉ trong yêu cầu không an toàn nên không được truy cập."
    message_en = "The address in the request is not safe and was not called."


class CredentialOfferError(GiaytoError):
    """A link or QR that is no credential offer, or one that this wallet cannot accept."""

    code = "credential_offer_unusable"
    message_vi = "Không nhận được giấy tờ theo lời mời này."
    message_en = "This offer of a document cannot be accepted."


class CredentialPendingError(GiaytoError):
    """The issuer has not signed the document yet; the citizen may fetch it again later."""

    code = "credential_pending"
    retryable = True
    message_vi = "Giấy tờ chưa được ký số; hãy nhận lại sau."
    message_en = "The document has not been signed yet; fetch it again later."


class RequestRefusedError(GiaytoError):
    """A presentation request does not hold, or cannot be answered. `error` is the code of OpenID4VP 1.0 §8.5."""

    code = "request_refused"
    message_vi = "Ví từ chối yêu cầu xuất trình này."
    message_en = "The wallet refuses this presentation request."

    def __init__(self, error: str, detail: str) -> None:
        """Say why, in the protocol's words and for developers."""
        super().__init__(detail, error=error)
        self.error = error


class AnswerNotAcceptedError(GiaytoError):
    """The verifier did not take the answer."""

    code = "answer_not_accepted"
    message_vi = "Bên kiểm tra không nhận câu trả lời."
    message_en = "The verifier did not accept the answer."


class RequestNotFoundError(GiaytoError):
    """There is no such presentation request: expired, finished, or of somebody else."""

    code = "request_not_found"
    message_vi = "Không có yêu cầu xuất trình này, hoặc đã hết hạn."
    message_en = "There is no such presentation request, or it is over."


class WalletDeclinedError(GiaytoError):
    """The wallet, or its holder, did not answer; `fields["error"]` is the code of OpenID4VP 1.0 §8.5."""

    code = "wallet_declined"
    message_vi = "Người dân hoặc ví đã từ chối yêu cầu."
    message_en = "The holder, or the wallet, declined the request."
