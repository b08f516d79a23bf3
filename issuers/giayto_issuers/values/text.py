"""Text as it may be signed: visible characters only, in Unicode normal form C.

What is invisible or changes the reading direction lets two people read different things in the same signed text. So it
is refused, not removed: the agency must see what its data holds. Normalising happens here, before signing, and nowhere
else.
"""

from unicodedata import category, name, normalize

from giayto_issuers.errors import ProblemKind
from giayto_issuers.values.unfit import Unfit, unfit

_REFUSED_CATEGORIES = {
    "Cc": ("ký tự điều khiển", "a control character"),
    "Cf": ("ký tự định dạng ẩn", "an invisible formatting character"),
    "Cn": ("ký tự chưa được Unicode gán", "a character that Unicode has not assigned"),
    "Co": ("ký tự dùng riêng", "a private-use character"),
    "Cs": ("nửa cặp mã thay thế", "half of a surrogate pair"),
    "Zl": ("ký tự ngắt dòng U+2028", "a line separator"),
    "Zp": ("ký tự ngắt đoạn U+2029", "a paragraph separator"),
}
_LINE_BREAKS = "\n\r\t"


def clean_line(text: str) -> str:
    """Return one line of text in NFC, with single spaces and none at the ends.

    Raises:
        Unfit: a character that may not be signed.
    """
    if not text.isprintable():
        _refuse_invisible(text)
    return " ".join(normalize("NFC", text).split())


def clean_paragraphs(text: str) -> str:
    r"""Return text of several lines in NFC: `\n` between them, no spaces at the ends of lines, no empty lines around.

    Raises:
        Unfit: a character that may not be signed.
    """
    if not text.isprintable():
        _refuse_invisible(text)
    unified = normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "\n".join(line.rstrip() for line in unified.split("\n")).strip()


def _refuse_invisible(text: str) -> None:
    for character in text:
        if character in _LINE_BREAKS:
            continue
        if reason := _REFUSED_CATEGORIES.get(category(character)):
            raise _describe(character, *reason)


def _describe(character: str, reason_vi: str, reason_en: str) -> Unfit:
    code_point = f"U+{ord(character):04X}"
    label = f"{code_point} {name(character)}" if name(character, "") else code_point
    return unfit(
        f"văn bản không chứa {reason_vi} ({label})", f"text without {reason_en} ({label})", kind=ProblemKind.UNCLEAN
    )
