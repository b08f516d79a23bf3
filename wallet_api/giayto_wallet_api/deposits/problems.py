"""Why a record is not taken as a deposit."""

from http import HTTPStatus

from giayto_wallet_api.problems import ProblemError


class UnknownTypeError(ProblemError):
    """`document_type` is no code or vct of the catalogue."""

    code = "unknown_document_type"
    message_vi = "Loại giấy tờ không có trong danh mục."
    message_en = "The document type is not in the catalogue."


class IdentityMismatchError(ProblemError):
    """The record's name or birth date differ from what is known of its subject."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "identity_mismatch"
    message_vi = "Họ tên hoặc ngày sinh trong bản ghi không khớp với dữ liệu dân cư."
    message_en = "Name or birth date of the record differ from the population record."
