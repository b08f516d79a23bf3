"""The one error tree of giayto.

Every error carries a stable `code`, a message in Vietnamese and English that may be shown to anybody, and a
`detail` for developers. None of them ever holds a claim value, a personal number, a token or a key: errors end
up in logs, and logs are read by many.
"""

from typing import ClassVar


class GiaytoError(Exception):
    """Something was refused; `code` is stable, `detail` says where and what to do about it."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False
    message_vi: ClassVar[str] = "Đã xảy ra lỗi."
    message_en: ClassVar[str] = "Something went wrong."

    def __init__(self, detail: str = "", **fields: str | int | bool) -> None:
        self.detail = detail
        self.fields = fields
        super().__init__(detail)

    def __str__(self) -> str:
        return f"{self.code}: {self.detail or self.message_en}"


class MalformedError(GiaytoError):
    """The input does not follow its grammar, or is larger or deeper than allowed."""

    code = "malformed"
    message_vi = "Dữ liệu không đúng định dạng."
    message_en = "The data does not follow its format."


class UnsupportedFormatError(GiaytoError):
    """The input announces a format or version that this release does not read."""

    code = "unsupported_format"
    message_vi = "Định dạng hoặc phiên bản chưa được hỗ trợ; hãy cập nhật phần mềm."
    message_en = "This format or version is not supported; update the software."


class KeyFormatError(GiaytoError):
    """A key is not a P-256 key in one of the forms that are read here."""

    code = "key_invalid"
    message_vi = "Khóa không hợp lệ."
    message_en = "The key is not valid."


class SignatureInvalidError(GiaytoError):
    """A signature does not fit its message and key."""

    code = "signature_invalid"
    message_vi = "Chữ ký số không hợp lệ: dữ liệu đã bị sửa hoặc không do cơ quan này ký."
    message_en = "The signature does not verify: the data was changed or was not signed by this agency."


class DisclosureError(GiaytoError):
    """The disclosures do not fit the signed digests (RFC 9901 §7.1)."""

    code = "disclosure_invalid"
    message_vi = "Thông tin xuất trình không khớp với giấy tờ đã ký."
    message_en = "What is shown does not fit the signed document."


class CertificateError(GiaytoError):
    """A certificate does not lead to a pinned anchor, or not for this purpose."""

    code = "certificate_untrusted"
    message_vi = "Chứng thư số không thuộc hệ thống tin cậy."
    message_en = "The certificate does not lead to a trusted root."


class CertificateExpiredError(CertificateError):
    """A certificate of the path is outside its validity period at the time of the check."""

    code = "certificate_expired"
    message_vi = "Chứng thư số không còn (hoặc chưa) có hiệu lực tại thời điểm kiểm tra."
    message_en = "A certificate is outside its validity period at the time of the check."


class KeyBindingMissingError(GiaytoError):
    """No key-binding JWT where the policy demands one."""

    code = "key_binding_missing"
    message_vi = "Thiếu bằng chứng người xuất trình đang giữ giấy tờ này."
    message_en = "The proof that the presenter holds this document is missing."


class KeyBindingError(GiaytoError):
    """The key-binding JWT does not prove possession of the holder key for this presentation."""

    code = "key_binding_invalid"
    message_vi = "Bằng chứng của người giữ giấy tờ không hợp lệ."
    message_en = "The holder's proof is not valid."


class StatusListError(GiaytoError):
    """A status list token, or an index into it, is not acceptable."""

    code = "status_list_invalid"
    message_vi = "Danh sách trạng thái không hợp lệ."
    message_en = "The status list is not valid."


class TrustListError(GiaytoError):
    """A trust list is not authentic, not current, or does not follow its format."""

    code = "trust_list_invalid"
    message_vi = "Danh sách tin cậy không hợp lệ."
    message_en = "The trust list is not valid."


class BundleError(GiaytoError):
    """A verifier bundle is not authentic or does not follow its format."""

    code = "bundle_invalid"
    message_vi = "Gói kiểm tra ngoại tuyến không hợp lệ; hãy tải lại."
    message_en = "The verifier bundle is not valid; fetch it again."


class UnknownReferenceError(GiaytoError):
    """A QR refers to an issuer, type or status list that this verifier bundle does not know."""

    code = "bundle_outdated"
    retryable = True
    message_vi = "Gói kiểm tra ngoại tuyến chưa biết cơ quan hoặc loại giấy tờ này; hãy cập nhật gói."
    message_en = "The verifier bundle does not know this issuer or document type yet; refresh it."


class QrTooLargeError(GiaytoError):
    """A presentation does not fit the largest QR symbol that phones read reliably."""

    code = "presentation_too_large"
    message_vi = "Thông tin chọn xuất trình quá lớn cho một mã QR; hãy chọn ít mục hơn."
    message_en = "The chosen information is too large for one QR; choose fewer items."
