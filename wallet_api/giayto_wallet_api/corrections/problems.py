"""What is refused where paper is asked for all the same, and where corrections are answered."""

from http import HTTPStatus

from giayto_wallet_api.problems import ForbiddenError, NotFoundError, ProblemError


class FallbackNotNeededError(ProblemError):
    """The paper may be asked for anyway: nothing has to be recorded."""

    status = HTTPStatus.CONFLICT
    code = "fallback_not_needed"
    message_vi = "Giấy tờ này vẫn được yêu cầu bản giấy; không cần ghi nhận."
    message_en = "This paper may be asked for anyway; there is nothing to record."


class PaperForbiddenError(ForbiddenError):
    """Not even missing or wrong data lets anybody ask for this paper."""

    code = "paper_forbidden"
    message_vi = "Không được yêu cầu giấy tờ này, kể cả khi dữ liệu thiếu hoặc sai."
    message_en = "This paper may not be asked for, even where data is missing or wrong."


class CaseKeyConflictError(ProblemError):
    """The case key was used for another case before."""

    status = HTTPStatus.CONFLICT
    code = "case_key_conflict"
    message_vi = "Mã hồ sơ này đã được dùng cho trường hợp khác."
    message_en = "This case key was used for another case before."


class SourceAgencyError(ProblemError):
    """The agency that is named as the source does not issue this document."""

    code = "source_agency_invalid"
    message_vi = "Cơ quan nêu tên không cấp loại giấy tờ này."
    message_en = "The agency that is named does not issue this type of document."


class TicketNotFoundError(NotFoundError):
    """This agency has no such correction."""

    message_vi = "Không có yêu cầu chỉnh sửa này."
    message_en = "There is no such correction."


class AlreadyAnsweredError(ProblemError):
    """The correction was answered in another way before; an answer stands."""

    status = HTTPStatus.CONFLICT
    code = "already_answered"
    message_vi = "Yêu cầu chỉnh sửa này đã được trả lời."
    message_en = "This correction was answered before."
