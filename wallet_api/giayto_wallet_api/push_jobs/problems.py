"""What a job refuses."""

from http import HTTPStatus

from giayto_wallet_api.problems import ProblemError


class JobKeyConflictError(ProblemError):
    """The job key was used for a job of another document type."""

    status = HTTPStatus.CONFLICT
    code = "job_key_conflict"
    message_vi = "Mã đợt đẩy đã được dùng cho loại giấy tờ khác."
    message_en = "The job key was used for another document type."


class SupersedeError(ProblemError):
    """A job can only be superseded by another one of the same document type."""

    status = HTTPStatus.CONFLICT
    code = "job_cannot_supersede"
    message_vi = "Chỉ một đợt đẩy khác, cùng loại giấy tờ, mới thay thế được đợt này."
    message_en = "Only another job of the same document type can supersede this one."
