"""Why a verdict is not `valid`: stable codes, and what to tell the officer at the desk.

The codes are part of the public interface. Each says whether it makes a verdict `invalid` (something is wrong with
what was shown) or `unknown` (this verifier cannot tell).
"""

from dataclasses import dataclass
from enum import StrEnum

from giayto_crypto.errors import GiaytoError


class Reason(StrEnum):
    """Stable code of a finding; the comments give the step of docs/verification.md."""

    # 1 size and grammar, 2 strict JOSE
    MALFORMED = "malformed"
    UNSUPPORTED_FORMAT = "unsupported_format"
    BUNDLE_OUTDATED = "bundle_outdated"
    # 3 certificate path
    CERTIFICATE_UNTRUSTED = "certificate_untrusted"
    CERTIFICATE_EXPIRED = "certificate_expired"
    # 4 authority
    ISSUER_UNKNOWN = "issuer_unknown"
    ISSUER_MISMATCH = "issuer_mismatch"
    TYPE_NOT_AUTHORISED = "type_not_authorised"
    AUTHORITY_PERIOD = "authority_period"
    AUTHORITY_WITHDRAWN = "authority_withdrawn"
    ISSUER_COMPROMISED = "issuer_compromised"
    # 5 issuer signature, 6 disclosures
    SIGNATURE_INVALID = "signature_invalid"
    DISCLOSURE_INVALID = "disclosure_invalid"
    # 7 validity times
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    ISSUED_IN_FUTURE = "issued_in_future"
    # 8 key binding
    KEY_BINDING_MISSING = "key_binding_missing"
    KEY_BINDING_INVALID = "key_binding_invalid"
    KEY_BINDING_UNEXPECTED = "key_binding_unexpected"
    AUDIENCE_MISMATCH = "audience_mismatch"
    CHALLENGE_MISMATCH = "challenge_mismatch"
    STALE = "stale"
    PRESENTED_IN_FUTURE = "presented_in_future"
    REPLAYED = "replayed"
    # 9 status
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    CONSUMED = "consumed"
    STATUS_VALUE_UNKNOWN = "status_value_unknown"
    STATUS_INDEX_OUT_OF_RANGE = "status_index_out_of_range"
    STATUS_LIST_INVALID = "status_list_invalid"
    STATUS_TOO_OLD = "status_too_old"
    # 10 type rules
    TYPE_NOT_ACCEPTED = "type_not_accepted"
    AGENCY_NOT_ACCEPTED = "agency_not_accepted"
    REQUIRED_CLAIM_MISSING = "required_claim_missing"
    TYPE_NOT_DEMANDABLE = "type_not_demandable"
    PURPOSE_NOT_ALLOWED = "purpose_not_allowed"
    DOCUMENT_EXPIRED = "document_expired"
    DOCUMENT_NOT_YET_VALID = "document_not_yet_valid"
    DOCUMENT_PERIOD_UNREADABLE = "document_period_unreadable"
    # 10 of an answer to a request (docs/openid4vp.md)
    QUERY_NOT_SATISFIED = "query_not_satisfied"
    MORE_THAN_ASKED = "more_than_asked"
    TRANSACTION_DATA_MISMATCH = "transaction_data_mismatch"
    # 11 verdict
    BUNDLE_EXPIRED = "bundle_expired"
    REPLAY_GUARD_UNAVAILABLE = "replay_guard_unavailable"

    @property
    def is_unknown(self) -> bool:
        """True when this reason says that the verifier cannot tell, rather than that something is wrong."""
        return self in _UNKNOWN

    @property
    def concerns_request(self) -> bool:
        """True when this compares an answer with the request that it answers; a QR alone has no such reason."""
        return self in _OF_REQUESTS

    @property
    def text(self) -> "ReasonText":
        """What to show to people."""
        return _TEXTS[self]


_UNKNOWN = frozenset(
    {
        Reason.BUNDLE_OUTDATED,
        Reason.STATUS_LIST_INVALID,
        Reason.STATUS_TOO_OLD,
        Reason.BUNDLE_EXPIRED,
        Reason.REPLAY_GUARD_UNAVAILABLE,
    }
)

_OF_REQUESTS = frozenset({Reason.QUERY_NOT_SATISFIED, Reason.MORE_THAN_ASKED, Reason.TRANSACTION_DATA_MISMATCH})


@dataclass(frozen=True, slots=True)
class ReasonText:
    """A reason in words: what was found, and what the officer does next."""

    message_vi: str
    message_en: str
    advice_vi: str
    advice_en: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason of a verdict. `detail` is for developers; like every error text it holds no claim value."""

    reason: Reason
    detail: str = ""

    @classmethod
    def of(cls, error: GiaytoError) -> "Finding":
        """Turn a typed refusal into a finding; a code without a reason of its own counts as malformed."""
        known = error.code in Reason.__members__.values()
        return cls(Reason(error.code) if known else Reason.MALFORMED, error.detail)


_SHOW_AGAIN = ("Đề nghị người dân mở lại ví và xuất trình mã mới.", "Ask the holder to show a new code.")
_REFUSE = (
    "Không chấp nhận; hướng dẫn người dân liên hệ cơ quan cấp.",
    "Do not accept it; refer the holder to the issuing agency.",
)
_SUSPECT = (
    "Không chấp nhận; có dấu hiệu giả mạo hoặc bị sửa. Lập biên bản theo quy định.",
    "Do not accept it; it may be forged or altered. Report it as your rules demand.",
)
_REFRESH = (
    "Cập nhật gói kiểm tra (cần mạng) rồi kiểm tra lại; chưa kết luận về giấy tờ.",
    "Refresh the verifier bundle (network needed) and check again; nothing is decided about the document.",
)
_CLOCK = (
    "Kiểm tra đồng hồ của máy và của điện thoại rồi xuất trình lại.",
    "Check the clocks of this machine and of the phone, then ask for a new code.",
)

_TEXTS: dict[Reason, ReasonText] = {
    Reason.MALFORMED: ReasonText(
        "Mã không đọc được hoặc đã bị hỏng, bị sửa.", "The code is damaged or was altered.", *_SHOW_AGAIN
    ),
    Reason.UNSUPPORTED_FORMAT: ReasonText(
        "Không phải mã giấy tờ mà phần mềm này đọc được.",
        "This is not a document code that this software reads.",
        "Đề nghị xuất trình lại từ ví; nếu vẫn lỗi, cập nhật phần mềm kiểm tra.",
        "Ask for a new code from the wallet; if that fails too, update this software.",
    ),
    Reason.BUNDLE_OUTDATED: ReasonText(
        "Gói kiểm tra chưa biết cơ quan, loại giấy tờ hoặc danh sách trạng thái này.",
        "The verifier bundle does not know this issuer, document type or status list.",
        *_REFRESH,
    ),
    Reason.CERTIFICATE_UNTRUSTED: ReasonText(
        "Chứng thư số của bên ký không thuộc hệ thống tin cậy.",
        "The signer's certificate does not lead to a trusted root.",
        *_SUSPECT,
    ),
    Reason.CERTIFICATE_EXPIRED: ReasonText(
        "Chứng thư số của cơ quan cấp không có hiệu lực vào lúc kiểm tra.",
        "The issuer's certificate is outside its validity period at the time of the check.",
        "Kiểm tra đồng hồ của máy; nếu đúng, giấy tờ cần được cấp lại.",
        "Check this machine's clock; if it is right, the document must be issued again.",
    ),
    Reason.ISSUER_UNKNOWN: ReasonText(
        "Bên ký không có trong danh sách tin cậy.", "The signer is not in the trust list.", *_SUSPECT
    ),
    Reason.ISSUER_MISMATCH: ReasonText(
        "Chữ ký không phải của cơ quan ghi trên giấy tờ.",
        "The signature is not that of the agency which the document names.",
        *_SUSPECT,
    ),
    Reason.TYPE_NOT_AUTHORISED: ReasonText(
        "Cơ quan ký không có thẩm quyền cấp loại giấy tờ này.",
        "The signing agency may not issue this type of document.",
        *_SUSPECT,
    ),
    Reason.AUTHORITY_PERIOD: ReasonText(
        "Giấy tờ được cấp ngoài thời gian cơ quan có thẩm quyền.",
        "The document was issued outside the agency's period of authority.",
        *_REFUSE,
    ),
    Reason.AUTHORITY_WITHDRAWN: ReasonText(
        "Giấy tờ được cấp sau khi thẩm quyền của cơ quan đã chấm dứt.",
        "The document was issued after the agency's authority had ended.",
        *_REFUSE,
    ),
    Reason.ISSUER_COMPROMISED: ReasonText(
        "Khóa ký của cơ quan cấp đã bị lộ.", "The issuing agency's signing key was compromised.", *_REFUSE
    ),
    Reason.SIGNATURE_INVALID: ReasonText(
        "Chữ ký số của cơ quan cấp không đúng.", "The issuing agency's signature does not verify.", *_SUSPECT
    ),
    Reason.DISCLOSURE_INVALID: ReasonText(
        "Thông tin xuất trình không khớp với giấy tờ đã ký.",
        "What is shown does not fit the signed document.",
        *_SUSPECT,
    ),
    Reason.EXPIRED: ReasonText(
        "Bản chứng thực số đã hết hạn.",
        "The credential has expired.",
        "Đề nghị người dân cập nhật giấy tờ trong ví rồi xuất trình lại.",
        "Ask the holder to refresh the document in the wallet and show it again.",
    ),
    Reason.NOT_YET_VALID: ReasonText(
        "Bản chứng thực số chưa có hiệu lực.", "The credential is not valid yet.", *_CLOCK
    ),
    Reason.ISSUED_IN_FUTURE: ReasonText(
        "Thời điểm cấp nằm trong tương lai.", "The time of issue lies in the future.", *_CLOCK
    ),
    Reason.KEY_BINDING_MISSING: ReasonText(
        "Thiếu bằng chứng người xuất trình đang giữ giấy tờ này.",
        "The proof that the presenter holds this document is missing.",
        *_SHOW_AGAIN,
    ),
    Reason.KEY_BINDING_INVALID: ReasonText(
        "Bằng chứng của người giữ giấy tờ không đúng.", "The holder's proof does not verify.", *_SUSPECT
    ),
    Reason.KEY_BINDING_UNEXPECTED: ReasonText(
        "Đây là mã xuất trình từ điện thoại, không phải bản in.",
        "This is a code from a phone, not a printed copy.",
        "Kiểm tra theo cách xuất trình từ điện thoại.",
        "Check it as a presentation from a phone.",
    ),
    Reason.AUDIENCE_MISMATCH: ReasonText(
        "Mã được tạo cho nơi kiểm tra khác.", "The code was made for another verifier.", *_SHOW_AGAIN
    ),
    Reason.CHALLENGE_MISMATCH: ReasonText(
        "Mã không được tạo cho lượt kiểm tra này (sai mã thách thức).",
        "The code was not made for this check (wrong challenge).",
        *_SHOW_AGAIN,
    ),
    Reason.STALE: ReasonText("Mã đã quá thời gian cho phép.", "The code is too old.", *_SHOW_AGAIN),
    Reason.PRESENTED_IN_FUTURE: ReasonText(
        "Thời điểm tạo mã nằm trong tương lai.", "The code was made in the future.", *_CLOCK
    ),
    Reason.REPLAYED: ReasonText(
        "Mã này đã được xuất trình một lần tại đây.", "This code was shown here before.", *_SHOW_AGAIN
    ),
    Reason.REVOKED: ReasonText("Giấy tờ đã bị thu hồi.", "The document was revoked.", *_REFUSE),
    Reason.SUSPENDED: ReasonText("Giấy tờ đang bị tạm đình chỉ.", "The document is suspended.", *_REFUSE),
    Reason.CONSUMED: ReasonText(
        "Giấy tờ chỉ dùng một lần và đã được sử dụng.", "The document is good for one use and was used.", *_REFUSE
    ),
    Reason.STATUS_VALUE_UNKNOWN: ReasonText(
        "Trạng thái của giấy tờ không được nhận biết là còn hiệu lực.",
        "The document's status is not one that means valid.",
        *_REFUSE,
    ),
    Reason.STATUS_INDEX_OUT_OF_RANGE: ReasonText(
        "Giấy tờ trỏ tới vị trí không có trong danh sách trạng thái.",
        "The document refers to a place that its status list does not have.",
        *_REFUSE,
    ),
    Reason.STATUS_LIST_INVALID: ReasonText(
        "Danh sách trạng thái trong gói kiểm tra không dùng được.",
        "The status list in the verifier bundle cannot be used.",
        *_REFRESH,
    ),
    Reason.STATUS_TOO_OLD: ReasonText(
        "Dữ liệu trạng thái quá cũ, chưa biết giấy tờ có bị thu hồi hay không.",
        "The status data is too old to tell whether the document was revoked.",
        *_REFRESH,
    ),
    Reason.TYPE_NOT_ACCEPTED: ReasonText(
        "Nơi kiểm tra này không nhận loại giấy tờ này.",
        "This verifier does not accept this type of document.",
        "Đề nghị xuất trình loại giấy tờ được yêu cầu.",
        "Ask for the type of document that is needed here.",
    ),
    Reason.AGENCY_NOT_ACCEPTED: ReasonText(
        "Nơi kiểm tra này không nhận giấy tờ của cơ quan này.",
        "This verifier does not accept documents of this agency.",
        "Đề nghị xuất trình giấy tờ của cơ quan được yêu cầu.",
        "Ask for a document of the agency that is needed here.",
    ),
    Reason.REQUIRED_CLAIM_MISSING: ReasonText(
        "Thiếu thông tin bắt buộc phải xuất trình.",
        "Information that must be shown is missing.",
        "Đề nghị xuất trình lại và chọn đủ các mục cần thiết.",
        "Ask for a new code that shows the needed items.",
    ),
    Reason.TYPE_NOT_DEMANDABLE: ReasonText(
        "Không ai được yêu cầu loại giấy tờ này.",
        "Nobody may ask for this type of document.",
        "Không yêu cầu và không lưu; chỉ người dân mới quyết định xuất trình.",
        "Do not ask for it, and keep nothing; only its holder decides to show it.",
    ),
    Reason.PURPOSE_NOT_ALLOWED: ReasonText(
        "Không được yêu cầu loại giấy tờ này cho mục đích đã nêu.",
        "This type of document may not be asked for the stated purpose.",
        "Không yêu cầu và không lưu; xem danh mục để biết các mục đích được phép.",
        "Do not ask for it, and keep nothing; the catalogue lists the allowed purposes.",
    ),
    Reason.DOCUMENT_EXPIRED: ReasonText(
        "Giấy tờ đã hết thời hạn sử dụng.", "The document's own period of validity has ended.", *_REFUSE
    ),
    Reason.DOCUMENT_NOT_YET_VALID: ReasonText(
        "Giấy tờ chưa tới thời hạn sử dụng.", "The document's own period of validity has not begun.", *_REFUSE
    ),
    Reason.DOCUMENT_PERIOD_UNREADABLE: ReasonText(
        "Không đọc được thời hạn của giấy tờ.", "The document's own period cannot be read.", *_REFUSE
    ),
    Reason.QUERY_NOT_SATISFIED: ReasonText(
        "Câu trả lời không đúng với thông tin đã yêu cầu.",
        "The answer is not what was asked for.",
        "Đề nghị người dân trả lời lại một yêu cầu mới.",
        "Ask the holder to answer a new request.",
    ),
    Reason.MORE_THAN_ASKED: ReasonText(
        "Ví đã gửi nhiều thông tin hơn yêu cầu; không được lưu hay sử dụng.",
        "The wallet sent more than was asked for; it must be neither kept nor used.",
        "Đề nghị người dân trả lời lại một yêu cầu mới; nếu lặp lại, báo nơi cung cấp ví.",
        "Ask the holder to answer a new request; if it happens again, tell the maker of the wallet.",
    ),
    Reason.TRANSACTION_DATA_MISMATCH: ReasonText(
        "Người dân chưa xác nhận đúng nội dung giao dịch này.",
        "The holder did not confirm this very transaction.",
        "Đề nghị người dân trả lời lại một yêu cầu mới.",
        "Ask the holder to answer a new request.",
    ),
    Reason.BUNDLE_EXPIRED: ReasonText(
        "Gói kiểm tra ngoại tuyến đã hết hạn.", "The verifier bundle is out of date.", *_REFRESH
    ),
    Reason.REPLAY_GUARD_UNAVAILABLE: ReasonText(
        "Không ghi nhận được lượt xuất trình nên chưa thể kết luận.",
        "The presentation could not be recorded, so nothing is decided.",
        "Thử lại; nếu vẫn lỗi, báo người quản trị phần mềm.",
        "Try again; if it fails again, tell whoever runs this software.",
    ),
}
