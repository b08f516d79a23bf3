"""Why a row is refused. Each has its own code; none says more than the agency may know."""

from http import HTTPStatus

from giayto_wallet_api.problems import ProblemError


class RowTooLargeError(ProblemError):
    """The row is longer than rows may be."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "row_too_large"
    message_vi = "Dòng dữ liệu quá lớn."
    message_en = "The row is too large."


class DocumentTypeMismatchError(ProblemError):
    """The credential's type is not the row's, or not in the catalogue."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "document_type_mismatch"
    message_vi = "Loại giấy tờ trên chứng thực số không khớp với dòng dữ liệu hoặc không có trong danh mục."
    message_en = "The credential's document type is not that of the row, or not in the catalogue."


class CertificateChainError(ProblemError):
    """The chain in the credential is not, byte for byte, the registered one."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "certificate_chain_mismatch"
    message_vi = "Chuỗi chứng thư số không đúng với chuỗi đã đăng ký."
    message_en = "The certificate chain is not the registered one."


class CredentialPeriodError(ProblemError):
    """`iat`, `nbf` and `exp` are not all there, contradict each other, or have passed."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "credential_period_invalid"
    message_vi = "Thời hạn của chứng thực số không hợp lệ."
    message_en = "The credential's period is not acceptable."


class DisclosureMissingError(ProblemError):
    """A digest in the credential has no disclosure beside it: the holder could never show that claim."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "disclosure_missing"
    message_vi = "Chứng thực số thiếu phần thông tin có thể xuất trình."
    message_en = "A disclosure is missing from the credential."


class SubjectMismatchError(ProblemError):
    """The claims are about somebody else than the row."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "subject_mismatch"
    message_vi = "Chủ thể trên giấy tờ không phải chủ thể của dòng dữ liệu."
    message_en = "The document is about somebody else than the row."


class CopiesDifferError(ProblemError):
    """The copies of one row do not say the same."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "copies_differ"
    message_vi = "Các bản sao của cùng một giấy tờ có nội dung khác nhau."
    message_en = "The copies of one document differ in content."


class CopiesLinkableError(ProblemError):
    """Two copies of one row share a holder key, a status index or a salt, by which verifiers could link them."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "copies_linkable"
    message_vi = "Hai bản sao dùng chung khóa, vị trí trạng thái hoặc muối."
    message_en = "Two copies share a holder key, a status index or a salt."


class StatusIndexNotReservedError(ProblemError):
    """The place in the status list is not reserved for this agency and type."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "status_index_not_reserved"
    message_vi = "Vị trí trạng thái không được cấp cho cơ quan và loại giấy tờ này."
    message_en = "The status index is not reserved for this agency and document type."


class StatusIndexUsedError(ProblemError):
    """Another credential has this place already."""

    status = HTTPStatus.CONFLICT
    code = "status_index_used"
    message_vi = "Vị trí trạng thái đã được dùng cho chứng thực số khác."
    message_en = "The status index is used by another credential."


class NoWalletError(ProblemError):
    """The subject has no wallet to store the document in."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "no_wallet"
    retryable = True
    message_vi = "Chủ thể chưa có ví giấy tờ."
    message_en = "The subject has no wallet yet."


class HolderKeyError(ProblemError):
    """The credential is bound to a key that is not one of an active device of the subject's wallet."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "holder_key_not_of_subject"
    message_vi = "Khóa của chủ thể không thuộc thiết bị đang hoạt động trong ví của chủ thể."
    message_en = "The holder key is not one of an active device in the subject's wallet."


class RowKeyConflictError(ProblemError):
    """The row key was used for other content: a change of a document needs a row key of its own, and `replaces`."""

    status = HTTPStatus.CONFLICT
    code = "row_key_conflict"
    message_vi = "Mã dòng đã được dùng cho nội dung khác."
    message_en = "The row key was used for other content."


class ReplacedRowError(ProblemError):
    """`replaces` names no row of this agency that is the current version of a document of this subject and type."""

    status = HTTPStatus.CONFLICT
    code = "replaces_not_current"
    message_vi = "Dòng được thay thế không tồn tại hoặc không phải bản hiện hành của giấy tờ này."
    message_en = "The replaced row does not exist or is not the current version of this document."


class NotSingleUseError(ProblemError):
    """Only documents that are good for one use can be consumed."""

    status = HTTPStatus.CONFLICT
    code = "not_single_use"
    message_vi = "Loại giấy tờ này không phải loại dùng một lần."
    message_en = "Documents of this type are not good for one use only."
