"""Why a receipt does not hold, or why that cannot be told: stable codes, and what to tell people."""

from dataclasses import dataclass
from enum import StrEnum


class ReceiptReason(StrEnum):
    """Stable code of the outcome of checking a receipt."""

    # The receipt itself
    MALFORMED = "malformed"
    UNSUPPORTED_FORMAT = "unsupported_format"
    SIGNATURE_INVALID = "signature_invalid"
    VERIFIER_KEY_DIFFERS = "verifier_key_differs"
    VERIFIER_CERTIFICATE_PERIOD = "verifier_certificate_period"
    OTHER_VERIFIER = "other_verifier"
    OTHER_TRANSACTION = "other_transaction"
    # Its evidence
    EVIDENCE_ALTERED = "evidence_altered"
    EVIDENCE_UNTRUSTED = "evidence_untrusted"
    # The check, repeated
    OUTCOME_DIFFERS = "outcome_differs"
    REASONS_DIFFER = "reasons_differ"
    DOCUMENT_DIFFERS = "document_differs"
    PRESENTATION_DIFFERS = "presentation_differs"
    PRESENTED_AT_DIFFERS = "presented_at_differs"
    DATA_DIFFERS = "data_differs"
    DISCLOSED_DIFFERS = "disclosed_differs"
    CLAIMS_DIFFER = "claims_differ"
    # Cannot be told
    VERIFIER_KEY_MISSING = "verifier_key_missing"
    EVIDENCE_MISSING = "evidence_missing"
    LISTS_MISSING = "lists_missing"
    REFERENCES_MISSING = "references_missing"
    RESTS_ON_MEMORY = "rests_on_memory"
    ISSUER_COMPROMISED = "issuer_compromised"

    @property
    def is_undetermined(self) -> bool:
        """True when this reason says that it cannot be told whether the receipt holds."""
        return self in _UNDETERMINED

    @property
    def text(self) -> "ReceiptReasonText":
        """What to show to people."""
        return _TEXTS[self]


_UNDETERMINED = frozenset(
    {
        ReceiptReason.VERIFIER_KEY_MISSING,
        ReceiptReason.EVIDENCE_MISSING,
        ReceiptReason.LISTS_MISSING,
        ReceiptReason.REFERENCES_MISSING,
        ReceiptReason.RESTS_ON_MEMORY,
        ReceiptReason.ISSUER_COMPROMISED,
    }
)


@dataclass(frozen=True, slots=True)
class ReceiptReasonText:
    """A reason in words."""

    message_vi: str
    message_en: str


def _differs(vi: str, en: str) -> ReceiptReasonText:
    return ReceiptReasonText(
        f"Kiểm tra lại cho kết quả khác với biên bản: {vi}.", f"Checking again finds what the receipt denies: {en}."
    )


_TEXTS: dict[ReceiptReason, ReceiptReasonText] = {
    ReceiptReason.MALFORMED: ReceiptReasonText(
        "Không phải biên bản kiểm tra, hoặc biên bản đã bị hỏng.", "This is not a receipt, or it is damaged."
    ),
    ReceiptReason.UNSUPPORTED_FORMAT: ReceiptReasonText(
        "Biên bản do phiên bản phần mềm mới hơn lập; hãy cập nhật.", "The receipt is of a newer release; update."
    ),
    ReceiptReason.SIGNATURE_INVALID: ReceiptReasonText(
        "Chữ ký của bên kiểm tra không đúng: biên bản đã bị sửa hoặc do người khác ký.",
        "The verifier's signature does not fit: the receipt was altered, or signed by somebody else.",
    ),
    ReceiptReason.VERIFIER_KEY_DIFFERS: ReceiptReasonText(
        "Chứng thư trong biên bản không phải của bên kiểm tra này.",
        "The certificate in the receipt is not this verifier's.",
    ),
    ReceiptReason.VERIFIER_CERTIFICATE_PERIOD: ReceiptReasonText(
        "Chứng thư của bên kiểm tra không có hiệu lực vào lúc kiểm tra.",
        "The verifier's certificate was not valid at the time of the check.",
    ),
    ReceiptReason.OTHER_VERIFIER: ReceiptReasonText(
        "Biên bản của bên kiểm tra khác.", "The receipt is another verifier's."
    ),
    ReceiptReason.OTHER_TRANSACTION: ReceiptReasonText(
        "Biên bản của giao dịch khác.", "The receipt is of another transaction."
    ),
    ReceiptReason.EVIDENCE_ALTERED: ReceiptReasonText(
        "Bằng chứng không khớp với mã băm ghi trong biên bản.", "The evidence does not have the recorded hash."
    ),
    ReceiptReason.EVIDENCE_UNTRUSTED: ReceiptReasonText(
        "Danh sách tin cậy trong bằng chứng không dẫn tới gốc tin cậy đã chọn.",
        "The trust list in the evidence does not lead to the pinned root.",
    ),
    ReceiptReason.OUTCOME_DIFFERS: _differs("kết luận", "the outcome"),
    ReceiptReason.REASONS_DIFFER: _differs("lý do", "the reasons"),
    ReceiptReason.DOCUMENT_DIFFERS: _differs("giấy tờ hoặc cơ quan cấp", "the document or its agency"),
    ReceiptReason.PRESENTATION_DIFFERS: _differs("mã băm của bản xuất trình", "the hash of the presentation"),
    ReceiptReason.PRESENTED_AT_DIFFERS: _differs("thời điểm xuất trình", "the time of the presentation"),
    ReceiptReason.DATA_DIFFERS: _differs("dữ liệu dùng để kiểm tra", "the data that was checked against"),
    ReceiptReason.DISCLOSED_DIFFERS: _differs("các mục đã xuất trình", "what was shown"),
    ReceiptReason.CLAIMS_DIFFER: _differs("nội dung được lưu", "the claims that were kept"),
    ReceiptReason.VERIFIER_KEY_MISSING: ReceiptReasonText(
        "Chưa biết ai ký biên bản: hãy cung cấp khóa hoặc chứng thư của bên kiểm tra.",
        "It is not known who signed the receipt: give the verifier's key or certificate.",
    ),
    ReceiptReason.EVIDENCE_MISSING: ReceiptReasonText(
        "Biên bản không lưu bằng chứng: chỉ có lời của bên kiểm tra.",
        "The receipt keeps no evidence: it is the verifier's word.",
    ),
    ReceiptReason.LISTS_MISSING: ReceiptReasonText(
        "Thiếu danh sách tin cậy hoặc trạng thái được lưu bên ngoài biên bản.",
        "The trust list or status list that is kept beside the receipt is missing.",
    ),
    ReceiptReason.REFERENCES_MISSING: ReceiptReasonText(
        "Mã QR dùng tham chiếu của gói kiểm tra lúc đó, không đọc lại được từ biên bản.",
        "The QR refers to the verifier bundle of that time and cannot be read from the receipt.",
    ),
    ReceiptReason.RESTS_ON_MEMORY: ReceiptReasonText(
        "Kết luận dựa vào bộ nhớ của máy kiểm tra (mã đã được xuất trình), không kiểm tra lại được.",
        "The outcome rests on what the verifier remembered of other presentations, which cannot be checked again.",
    ),
    ReceiptReason.ISSUER_COMPROMISED: ReceiptReasonText(
        "Theo danh sách tin cậy mới hơn, khóa của cơ quan cấp đã bị lộ trước lần kiểm tra này.",
        "By a newer trust list the issuing agency's key was in other hands before this check.",
    ),
}
