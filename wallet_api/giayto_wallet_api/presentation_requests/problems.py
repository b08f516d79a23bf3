"""What a verifier is refused with. Over-asking names the rule that was broken."""

from http import HTTPStatus

from giayto_wallet_api.problems import ForbiddenError, ProblemError


class HostedRequestsOffError(ProblemError):
    """The server has no certificate for presentation requests."""

    status = HTTPStatus.NOT_IMPLEMENTED
    code = "hosted_requests_off"
    message_vi = "Máy chủ này chưa có chứng thư số để gửi yêu cầu xuất trình."
    message_en = "This server has no certificate to sign presentation requests with."


class OverAskingError(ForbiddenError):
    """The verifier may not ask for this; the codes of the subclasses name the rule."""

    code = "over_asking"
    message_vi = "Bên kiểm tra không được yêu cầu thông tin này."
    message_en = "This verifier may not ask for this."


class PurposeNotAllowedError(OverAskingError):
    """The verifier is not registered for this purpose, or the type may not be asked for it."""

    code = "purpose_not_allowed"
    message_vi = "Mục đích này chưa được đăng ký hoặc không áp dụng cho loại giấy tờ này."
    message_en = "This purpose is not registered, or the document may not be asked for it."


class TypeNotAllowedError(OverAskingError):
    """The verifier may not ask for this type of document for this purpose."""

    code = "type_not_allowed"
    message_vi = "Bên kiểm tra không được yêu cầu loại giấy tờ này cho mục đích này."
    message_en = "This verifier may not ask for this type of document for this purpose."


class TypeNotDemandableError(OverAskingError):
    """Nobody may demand this type of document; only its holder decides to show it."""

    code = "type_not_demandable"
    message_vi = "Không ai được yêu cầu loại giấy tờ này; chỉ chủ thể tự quyết định xuất trình."
    message_en = "Nobody may demand this type of document; only its holder decides to show it."


class ClaimsNotAllowedError(OverAskingError):
    """The claims go beyond what the purpose needs."""

    code = "claims_not_allowed"
    message_vi = "Thông tin yêu cầu vượt quá mục đích đã đăng ký."
    message_en = "The claims go beyond the registered purpose."


class DomainNotPinnedError(OverAskingError):
    """The holder would be led to a domain that is not registered as the verifier's."""

    code = "domain_not_pinned"
    message_vi = "Địa chỉ chuyển hướng không thuộc tên miền đã đăng ký."
    message_en = "The redirect leads to a domain that is not registered as this verifier's."


class QueryInvalidError(ProblemError):
    """The query cannot be asked or could never be answered validly."""

    code = "query_invalid"
    message_vi = "Yêu cầu xuất trình không hợp lệ."
    message_en = "The query is not valid."


class NotAnsweredError(ProblemError):
    """There is no result (yet)."""

    status = HTTPStatus.CONFLICT
    code = "not_answered"
    message_vi = "Chưa có câu trả lời."
    message_en = "There is no answer."


class RequestOverError(ProblemError):
    """The request is expired, cancelled, or its result was erased."""

    status = HTTPStatus.GONE
    code = "request_over"
    message_vi = "Yêu cầu đã hết hạn, đã hủy hoặc kết quả đã được xóa."
    message_en = "The request is over: expired, cancelled, or its result was erased."


class ResponseCodeError(ForbiddenError):
    """The response code is missing, wrong, or was used before."""

    code = "response_code_invalid"
    message_vi = "Mã phản hồi thiếu, sai hoặc đã được dùng."
    message_en = "The response code is missing, wrong, or was used before."
