"""What can be wrong in a type's file or in a mapping of columns, in the words that a clerk reads, with its code."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from giayto_crypto.localised import Localised
from giayto_issuers.document_type.mistake_codes import MistakeCode


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is wrong: its kind, and what people read."""

    code: MistakeCode
    text: Localised


def _reason(code: MistakeCode, vi: str, en: str) -> Reason:
    return Reason(code, Localised(vi=vi, en=en))


# ------------------------------------------------------------------------------------------------ the file as a whole

NOT_UTF_8 = _reason("file_unreadable", "không phải văn bản UTF-8", "is not UTF-8 text")


def unreadable(error: OSError) -> Reason:
    """The file cannot be opened."""
    kind = type(error).__name__
    return _reason("file_unreadable", f"không đọc được ({kind})", f"cannot be read ({kind})")


def too_large(most_bytes: int) -> Reason:
    """The file is larger than any that is read."""
    return _reason("file_unreadable", f"lớn hơn {most_bytes} byte", f"is larger than {most_bytes} bytes")


def not_toml(error: str) -> Reason:
    """The file does not follow TOML's grammar."""
    return _reason("not_toml", f"không đúng cú pháp TOML: {error}", f"is not TOML: {error}")


# ------------------------------------------------------------------------------------------------ single settings

MISSING = _reason("setting_missing", "còn thiếu", "is missing")
TABLE_EXPECTED = _reason("value_unfit", "cần một bảng", "a table is expected")
ONE_EXPECTED = _reason("setting_missing", "cần ít nhất một mục", "at least one is expected")
TWICE = _reason("duplicate", "xuất hiện hai lần", "stands here twice")
EMPTY_TEXT = _reason("text_empty", "để trống", "is empty")
NOT_NFC = _reason(
    "text_not_nfc",
    "chưa ở dạng Unicode dựng sẵn (NFC): hãy gõ lại các dấu",
    "is not in Unicode normal form C: type the diacritics again",
)


def unknown_setting(name: str, known: Iterable[str]) -> Reason:
    """A setting that does not exist; a known one that looks like it is proposed."""
    names = list(known)
    if near := get_close_matches(name, names, 1):
        return _reason(
            "setting_unknown",
            f"không có thiết lập này; có phải là {near[0]}?",
            f"no such setting; is {near[0]} meant?",
        )
    listed = ", ".join(names)
    return _reason(
        "setting_unknown", f"không có thiết lập này; các tên đúng là {listed}", f"no such setting; known are {listed}"
    )


def unfit(expected: Localised) -> Reason:
    """A value of another kind than the setting takes."""
    return _reason("value_unfit", f"cần {expected.vi}", f"{expected.en} is expected")


def array_of_tables(path: str) -> Reason:
    """A single table, or no table, where there may be several."""
    return _reason("value_unfit", f"cần một dãy bảng: [[{path}]]", f"an array of tables is expected: [[{path}]]")


def unexplained_mark(mark: str) -> Reason:
    """A mark of a source note that `[sources]` does not have."""
    return _reason(
        "source_unexplained",
        f"ký hiệu {mark!r} chưa được giải thích trong [sources]",
        f"{mark!r} is not explained in [sources]",
    )


# ------------------------------------------------------------------------------------------------ names

RESERVED_NAME = _reason(
    "name_reserved",
    "là tên dành riêng: nó có nghĩa riêng trong mọi chứng thực số hoặc bản ghi",
    "is a reserved name: it has a meaning of its own in every credential or record",
)
NO_TOP_LEVEL_CLAIM = _reason("no_such_name", "không có trường cấp một nào tên như vậy", "no such top-level claim")
NO_SIBLING_CLAIM = _reason("no_such_name", "không có trường này ở cùng cấp", "no such claim at this level")
NO_CLAIM_PLACE = _reason(
    "no_such_name",
    "không có trường này, cũng không có mục nào như vậy trong một đối tượng",
    "no such claim, nor field of an object",
)


def not_the_folder(folder: str) -> Reason:
    """The code of a type is not the name of its folder."""
    return _reason("contradiction", f"không trùng tên thư mục ({folder})", f"is not the name of its folder ({folder})")


def vct_of_others(expected: str) -> Reason:
    """The vct is not made of code and version."""
    return _reason(
        "contradiction", f"phải ghép từ code và version: {expected}", f"must be made of code and version: {expected}"
    )


def unknown_name(vi: str, en: str, known: Iterable[str]) -> Reason:
    """A name of something that does not exist, such as an identifier or a code list."""
    listed = ", ".join(known)
    return _reason("no_such_name", f"không có {vi} này; hiện có {listed}", f"no such {en}; known are {listed}")


def not_a_code(value: str, claim: str) -> Reason:
    """A value that the claim it is compared with can never have."""
    return _reason("no_such_name", f"{value} không phải là mã của {claim}", f"{value} is not a code of {claim}")


def column_of_two(column: str, other: str) -> Reason:
    """A source column that another claim takes as well."""
    return _reason(
        "duplicate",
        f"cột {column} đã được dùng cho {other}",
        f"column {column} is used by two claims: by {other} as well",
    )


def described_in(vct: str, other: object) -> Reason:
    """The same type in two folders."""
    return _reason("duplicate", f"{vct} cũng được mô tả trong {other}", f"{vct} is described in {other} as well")


def comes_along(vct: str) -> Reason:
    """A type that is there without the folder."""
    return _reason(
        "duplicate",
        f"{vct} đã có sẵn trong giayto: hãy chọn mã khác, hoặc tăng phiên bản",
        f"{vct} comes with giayto: choose another code, or a new version",
    )


# ------------------------------------------------------------------------------------------------ claims

LIST_WITHOUT_ITEM = _reason(
    "setting_missing",
    "danh sách cần kiểu của phần tử, và phần tử không thể là danh sách",
    "a list needs the type of its elements, which is not a list",
)
ONLY_FOR_LISTS = _reason("setting_misplaced", "chỉ dùng cho danh sách", "is for lists only")
ONLY_AT_THE_TOP = _reason("setting_misplaced", "chỉ dùng cho trường cấp một", "is for top-level claims only")
OBJECTS_IN_A_CELL = _reason(
    "setting_misplaced",
    "không thể tách các đối tượng trong một ô: ô chứa một mảng JSON",
    "objects cannot be separated in one cell: the cell holds a JSON array",
)
NO_COLUMNS = _reason("setting_missing", "cần ít nhất một cột nguồn", "at least one source column is expected")
CODES_WRITTEN = _reason(
    "setting_unknown", "không phải là thiết lập: hãy nêu code_list", "is not a setting: name a code_list"
)
CROSSED_BOUNDS = _reason("contradiction", "lớn hơn maximum", "is larger than maximum")
SHOWN_BUT_OPTIONAL = _reason(
    "contradiction", "chỉ trường bắt buộc mới luôn được xuất trình", "only a mandatory claim can always be shown"
)
CONDITION_OF_MANDATORY = _reason(
    "contradiction", "trường bắt buộc thì không có điều kiện", "a mandatory claim has no condition"
)
CONDITION_ON_NO_CODE = _reason(
    "contradiction", "chỉ trường kiểu code mới làm điều kiện được", "only a claim of type code can be a condition"
)
LIST_WITHOUT_CODES = _reason("code_list_useless", "không có mã nào", "has no codes")
LIST_WITHOUT_USE = _reason("code_list_useless", "không trường nào dùng đến", "no claim uses it")


def only_for(kinds: Iterable[str]) -> Reason:
    """A setting that makes no sense for the claim's type."""
    listed = ", ".join(sorted(kinds))
    return _reason("setting_misplaced", f"chỉ dùng cho kiểu {listed}", f"is only for {listed}")


def needed_by(kind: str) -> Reason:
    """A setting without which a claim of its type means nothing."""
    return _reason("setting_missing", f"còn thiếu: kiểu {kind} cần nó", f"is missing: {kind} needs it")


def bad_pattern(problem: str) -> Reason:
    """A regular expression that cannot be compiled."""
    return _reason(
        "pattern_unusable",
        f"không phải biểu thức chính quy: {problem}",
        f"is not a regular expression: {problem}",
    )


# ------------------------------------------------------------------------------------------------ the subject

SUBJECT_IS_OPTIONAL = _reason(
    "contradiction",
    "phải là true: trường này cho biết giấy tờ là của ai",
    "must be true: it says whom the document is about",
)
PARTIAL_BIRTH_DATE = _reason(
    "contradiction",
    "phải là false: chủ thể được đối chiếu bằng ngày sinh",
    "must be false: the holder is matched by it",
)


def subject_claim_missing(holder_kind: str | None) -> Reason:
    """A type without a claim that says whom its documents are about."""
    return _reason(
        "subject_claim_missing",
        f"còn thiếu: mọi giấy tờ của chủ thể {holder_kind} đều có trường này",
        f"is missing: every document of holder kind {holder_kind} has it",
    )


def must_be(*values: str) -> Reason:
    """A setting that admits less here than elsewhere."""
    return _reason("contradiction", f"phải là {' hoặc '.join(values)}", f"must be {' or '.join(values)}")


# ------------------------------------------------------------------------------------------------ validity and use

NOT_A_MOMENT = _reason(
    "contradiction", "phải là một trường kiểu date hoặc datetime", "must name a claim of type date or datetime"
)
NOT_AN_EXCEPTION = _reason(
    "contradiction", "chỉ trường kiểu code mới tạo ngoại lệ được", "only a claim of type code can make an exception"
)
PURPOSES_OF_NOBODY = _reason(
    "contradiction",
    "giấy tờ không ai được đòi thì không có mục đích được đòi",
    "a document that nobody may demand has no purposes for which it may be asked",
)
PURPOSES_MISSING = _reason(
    "setting_missing",
    "giấy tờ nhạy cảm cần nêu các mục đích được hỏi",
    "a sensitive document needs the purposes for which it may be asked",
)
SAYS_NOTHING = _reason(
    "setting_missing",
    "không nói gì: hãy cho biết nghĩa của một trạng thái, hoặc bỏ bảng này",
    "says nothing: give the meaning of a state, or leave the table out",
)


def needed_by_rule(rule: str) -> Reason:
    """A setting that a validity rule cannot do without."""
    return _reason("setting_missing", f"còn thiếu: quy tắc {rule} cần nó", f"is missing: the rule {rule} needs it")


def unused_by_rule(rule: str, *, several: bool = False) -> Reason:
    """A setting that a validity rule knows nothing of."""
    them = "them" if several else "it"
    return _reason("setting_misplaced", f"quy tắc {rule} không dùng đến", f"the rule {rule} does not use {them}")


def partial_moment(claim: str) -> Reason:
    """A period counted from a date of which the day may be unknown."""
    return _reason(
        "contradiction",
        f"{claim} không được là partial: thời hạn tính từ một ngày cụ thể",
        f"{claim} may not be partial: a period is counted from a day",
    )


def always_an_end(claim: str) -> Reason:
    """An open end whose claim is mandatory."""
    return _reason(
        "contradiction",
        f"trường {claim} là bắt buộc: lúc nào cũng có ngày hết hạn",
        f"the claim {claim} is mandatory: there is always an end",
    )


def must_be_mandatory(claim: str) -> Reason:
    """A period counted from a claim that may be missing."""
    return _reason("contradiction", f"trường {claim} phải là bắt buộc", f"the claim {claim} must be mandatory")


def end_can_be_hidden(claim: str) -> Reason:
    """A period whose end a holder need not show."""
    return _reason(
        "contradiction",
        f"{claim} phải là always_shown: nếu không, chủ thể có thể giấu việc giấy tờ đã hết hạn",
        f"{claim} must be always_shown: a holder could hide that the document has ended",
    )


def purpose_can_be_hidden(claim: str) -> Reason:
    """A document of one purpose whose holder need not show which."""
    return _reason(
        "contradiction",
        f"{claim} phải là always_shown: nếu không, chủ thể có thể giấu mục đích",
        f"{claim} must be always_shown: a holder could hide the purpose",
    )


def long_lived_copy(most_days: int, claim: str) -> Reason:
    """A live claim in a copy that outlives it."""
    return _reason(
        "contradiction",
        f"dài hơn {most_days} ngày, là thời gian có thể tin các trường sống ({claim})",
        f"is longer than the {most_days} days for which live claims ({claim}) may be relied on",
    )


def ignored_but_used(column: str) -> Reason:
    """A column that is both ignored and needed."""
    return _reason(
        "contradiction",
        f"cột {column} đang được dùng nên không thể bỏ qua",
        f"column {column} is used, so it cannot be ignored",
    )


# ------------------------------------------------------------------------------------------------ mappings

ONE_OF_THREE = _reason(
    "contradiction",
    "cần đúng một trong column, columns và constant",
    "exactly one of column, columns and constant is needed",
)
SPLIT_WITHOUT_PART = _reason("setting_missing", "split và part đi cùng nhau", "split and part belong together")
PART_ZERO = _reason(
    "value_unfit", "phần được đếm từ 1, hoặc từ cuối với -1", "parts are counted from 1, or from the end with -1"
)
SPLIT_OF_SEVERAL = _reason("contradiction", "chỉ tách được một cột", "only one column can be split")
CONSTANT_WITH_MORE = _reason(
    "setting_misplaced",
    "giá trị cố định không cần values và date_format",
    "a constant needs no values and no date_format",
)
NO_DATE_FORMAT = _reason(
    "value_unfit",
    "cần dd, mm và yyyy, mỗi thứ một lần, như mm/dd/yyyy; sau đó có thể có HH, MM, SS",
    "dd, mm and yyyy are needed, once each, such as mm/dd/yyyy; HH, MM, SS may follow",
)
NO_DATE = _reason("setting_misplaced", "trường này không phải là ngày", "the claim is no date")
VALUES_ALIKE = _reason(
    "duplicate",
    "hai trong số đó chỉ khác nhau chữ hoa, chữ thường hoặc dấu cách",
    "two of them differ only in case or spaces",
)


def mapping_of_another(code: str) -> Reason:
    """A mapping that was written for another type."""
    return _reason(
        "contradiction",
        f"không phải là {code}: tệp ánh xạ này của loại khác",
        f"is not {code}: the mapping is of another type",
    )


def unknown_claim(code: str, name: str, known: Iterable[str]) -> Reason:
    """A claim that the type does not have; one that looks like it is proposed."""
    names = list(known)
    near = get_close_matches(name, names, 1)
    vi = f"có phải là {near[0]}?" if near else f"hiện có {', '.join(names)}"
    en = f"is {near[0]} meant?" if near else f"known are {', '.join(names)}"
    return _reason("no_such_name", f"{code} không có trường này; {vi}", f"no such claim of {code}; {en}")


def no_such_column(column: str) -> Reason:
    """A column that the source does not have."""
    return _reason("no_such_name", f"nguồn không có cột {column}", f"the source has no column {column}")


# ------------------------------------------------------------------------------------------------ the paper

NO_EVENT_DAY = _reason(
    "contradiction",
    "phải là một trường bắt buộc kiểu date hoặc datetime",
    "must name a mandatory claim of type date or datetime",
)
OUTSIDE_THE_FORM = _reason("contradiction", "nằm ngoài những ngày của mẫu", "lies outside the days of its form")
TWO_ANSWERS = _reason("overlap", "có hai câu trả lời cho cùng một ngày", "has two answers for the same day")
MAY_NOT_ASK = _reason(
    "contradiction",
    "phải là no: không ai được đòi giấy tờ này (use.demandable)",
    "must be no: this is a document that nobody may demand (use.demandable)",
)
DEADLINE_REACHED = _reason(
    "contradiction", "đã qua: giấy tờ đã được tích hợp", "is reached: the document is integrated"
)
ENDS_BEFORE_IT_BEGINS = _reason("contradiction", "trước valid_from", "is before valid_from")


def form_of_the_same_days(number: str) -> Reason:
    """Two forms for one day."""
    return _reason("overlap", f"có những ngày {number} cũng là mẫu", f"on some days {number} is the form as well")
