"""What the catalogue refuses."""

from http import HTTPStatus

from giayto_verifiers.paper_rule import DocumentNotCataloguedError
from giayto_wallet_api.problems import NotFoundError, ProblemError


class EditionExistsError(ProblemError):
    """The month has its edition; what was published is never changed."""

    status = HTTPStatus.CONFLICT
    code = "edition_exists"
    message_vi = "Tháng này đã có kỳ công bố; chỉ có thể đính chính."
    message_en = "This month has its edition; it can only be corrected."


class EditionMonthError(ProblemError):
    """No edition can be frozen for this month now."""

    code = "edition_month_unusable"
    message_vi = "Không thể công bố danh mục cho tháng này."
    message_en = "The catalogue cannot be published for this month."


class NoEditionError(NotFoundError):
    """There is no such edition."""

    code = "no_such_edition"
    message_vi = "Không có kỳ công bố này."
    message_en = "There is no such edition of the catalogue."


class DocumentUnknownError(NotFoundError):
    """No edition in question has this document."""

    code = DocumentNotCataloguedError.code
    message_vi = DocumentNotCataloguedError.message_vi
    message_en = DocumentNotCataloguedError.message_en
