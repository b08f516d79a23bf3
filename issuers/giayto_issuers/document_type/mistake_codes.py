"""The kinds of mistakes in a type's files: a stable code each, and what to do about it, for the clerk who made it."""

from collections.abc import Mapping
from typing import Literal

from giayto_crypto.localised import Localised

MistakeCode = Literal[
    "file_unreadable",
    "not_toml",
    "setting_unknown",
    "setting_missing",
    "setting_misplaced",
    "value_unfit",
    "text_empty",
    "text_not_nfc",
    "no_such_name",
    "duplicate",
    "overlap",
    "contradiction",
    "name_reserved",
    "pattern_unusable",
    "source_unexplained",
    "subject_claim_missing",
    "code_list_useless",
]

ADVICE: Mapping[MistakeCode, Localised] = {
    "file_unreadable": Localised(
        vi="Đặt tệp type.toml vào thư mục, lưu dạng UTF-8 và cho phép đọc.",
        en="Put a file type.toml into the folder, saved as UTF-8 and readable.",
    ),
    "not_toml": Localised(
        vi="Sửa chỗ được nêu: thường là thiếu dấu nháy, dấu ngoặc hoặc dấu phẩy.",
        en="Correct the place that is named: mostly a quote, bracket or comma is missing.",
    ),
    "setting_unknown": Localised(
        vi="Xóa thiết lập này hoặc sửa tên cho đúng một trong các tên đã nêu.",
        en="Remove the setting, or correct its name to one of those named.",
    ),
    "setting_missing": Localised(vi="Thêm thiết lập này.", en="Add the setting."),
    "setting_misplaced": Localised(
        vi="Xóa thiết lập này, hoặc chọn kiểu hay quy tắc dùng đến nó.",
        en="Remove the setting, or choose the type or rule that uses it.",
    ),
    "value_unfit": Localised(
        vi="Thay giá trị bằng một giá trị đúng dạng.", en="Replace the value with one of the form that is expected."
    ),
    "text_empty": Localised(vi="Viết nội dung cho người đọc.", en="Write the text that people will read."),
    "text_not_nfc": Localised(
        vi="Gõ lại chữ có dấu bằng bộ gõ Unicode dựng sẵn.", en="Type the text again with precomposed diacritics."
    ),
    "no_such_name": Localised(
        vi="Sửa tên cho đúng, hoặc khai báo cái được nhắc đến.", en="Correct the name, or declare what it refers to."
    ),
    "duplicate": Localised(vi="Đổi tên hoặc xóa một trong hai.", en="Rename or remove one of the two."),
    "overlap": Localised(
        vi="Sửa valid_from và valid_until để mỗi ngày chỉ có một.",
        en="Change valid_from and valid_until so that each day has one.",
    ),
    "contradiction": Localised(
        vi="Sửa một trong hai thiết lập mâu thuẫn nhau.",
        en="Change one of the two settings that contradict each other.",
    ),
    "name_reserved": Localised(vi="Đặt tên khác cho trường này.", en="Give the claim another name."),
    "pattern_unusable": Localised(
        vi="Sửa biểu thức chính quy; thử nó với vài giá trị.",
        en="Correct the regular expression; try it on a few values.",
    ),
    "source_unexplained": Localised(
        vi="Giải thích ký hiệu nguồn trong [sources], hoặc sửa ký hiệu.",
        en="Explain the mark in [sources], or correct it.",
    ),
    "subject_claim_missing": Localised(
        vi="Thêm trường cho biết giấy tờ là của ai.", en="Add the claim that says whom the document is about."
    ),
    "code_list_useless": Localised(
        vi="Xóa danh mục mã này, hoặc dùng nó trong một trường.", en="Remove the code list, or use it in a claim."
    ),
}
"""What to do about each kind."""


def advice(code: MistakeCode) -> Localised:
    """Return what to do about a mistake."""
    return ADVICE[code]
