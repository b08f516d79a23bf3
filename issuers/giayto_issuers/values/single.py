"""One value of a source, turned into what the credential says. The form that comes out goes in again unchanged.

That last property is what the re-check of a finished credential rests on: a claim is right when normalising it gives
exactly itself.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from re import ASCII, Pattern
from re import compile as compile_pattern
from typing import Any

from giayto_issuers.document_type.model import Claim, ClaimType
from giayto_issuers.identifiers.rules import RULES, Rule
from giayto_issuers.values.text import clean_line, clean_paragraphs
from giayto_issuers.values.times import format_moment, parse_date, parse_datetime, parse_partial_date
from giayto_issuers.values.unfit import CellNumber, Unfit, UnfitValue, unfit

MAX_SAFE_INTEGER = 2**53 - 1
"""JSON readers agree on integers up to here (RFC 8259 §6)."""
MAX_TEXT = 20_000
"""Characters of any single text, whatever its claim allows: a disclosure has 64 KiB."""

_INTEGER = compile_pattern(r"-?\d{1,16}", ASCII)
# "1.500" is fifteen hundred to some and one and a half to others. So three decimals are read only after a zero.
_DECIMAL = compile_pattern(
    r"(?P<sign>-?)(?:(?P<whole>\d{1,15})(?:[.,](?P<part>\d{1,2}))?|0[.,](?P<thousandths>\d{3}))", ASCII
)
_YES, _NO = frozenset({"1", "true", "có"}), frozenset({"0", "false", "không"})


def normalise_single(claim: Claim, value: Any) -> str | int | bool:
    """Return the value as it is signed.

    Args:
        claim: of any type but object; of a list claim, its elements are meant.
        value: not absent; text, or a JSON scalar.

    Raises:
        Unfit: it is not what the claim expects.
    """
    if isinstance(value, UnfitValue):
        raise Unfit(value.expected)
    return _NORMALISERS[claim.element_type](claim, value)


def _string(claim: Claim, value: Any) -> str:
    text = clean_line(_text_or_digits(value))
    _check_length(claim, text)
    if claim.pattern is not None and not _pattern(claim.pattern).fullmatch(text):
        raise unfit(f"chuỗi theo mẫu {claim.pattern}", f"text of the form {claim.pattern}")
    return text


def _text(claim: Claim, value: Any) -> str:
    text = clean_paragraphs(_require_text(value))
    _check_length(claim, text)
    return text


def _identifier(claim: Claim, value: Any) -> str:
    rule = RULES[claim.identifier or ""]
    if isinstance(value, CellNumber):
        return _identifier_from_number(rule, value)
    text = clean_line(_require_text(value))
    _check_length(claim, text)
    return rule(text)


def _identifier_from_number(rule: Rule, value: CellNumber) -> str:
    # A number cell drops leading zeros; which ones cannot be told, so nothing is put back.
    try:
        return rule(str(value))
    except Unfit as refusal:
        raise unfit(
            f"{refusal.expected.vi}; ô này là số nên đã mất các số 0 ở đầu: định dạng cột là Text rồi nhập lại",
            f"{refusal.expected.en}; this cell is a number, which loses leading zeros: "
            "format the column as text and enter it again",
        ) from refusal


def _date(claim: Claim, value: Any) -> str:
    text = clean_line(_text_or_digits(value) if claim.partial else _require_text(value))
    return parse_partial_date(text) if claim.partial else format_moment(parse_date(text))


def _datetime(claim: Claim, value: Any) -> str:
    return format_moment(parse_datetime(clean_line(_require_text(value))))


def _integer(claim: Claim, value: Any) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(text := clean_line(value)):
        value = int(text)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_SAFE_INTEGER:
        raise unfit("số nguyên, không có dấu phân cách", "a whole number without separators")
    _check_bounds(claim, value)
    return int(value)


def _decimal(claim: Claim, value: Any) -> str:
    # repr of a JSON number is the shortest text that means it; exponents do not match the form below.
    text = clean_line(value) if isinstance(value, str) else repr(value)
    match = _DECIMAL.fullmatch(text) if isinstance(value, str | int | float) else None
    if match is None or isinstance(value, bool):
        raise unfit(
            "số có nhiều nhất hai chữ số thập phân, như 58,5", "a number with at most two decimals, such as 58.5"
        )
    whole = (match["whole"] or "0").lstrip("0") or "0"
    part = (match["part"] or match["thousandths"] or "").rstrip("0")
    number = f"{whole}.{part}" if part else whole
    signed = number if number == "0" else match["sign"] + number
    _check_bounds(claim, float(signed))
    return signed


def _code(claim: Claim, value: Any) -> str:
    text = clean_line(str(value) if _is_integer(value) else _require_text(value))
    if text in claim.codes:
        return text
    # Spreadsheets drop leading zeros and health systems add one to a province: "1" and "001" mean "01" where the list
    # has no such code of its own.
    bare = text.lstrip("0")
    padded = [code for code in claim.codes if bare and code.lstrip("0") == bare]
    if len(padded) != 1:
        raise unfit(_known_codes(claim.codes, "vi"), _known_codes(claim.codes, "en"))
    return padded[0]


def _boolean(claim: Claim, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold() if isinstance(value, str | int) else ""
    if word not in _YES | _NO:
        raise unfit("có hoặc không (1/0, true/false)", "yes or no (1/0, true/false)")
    return word in _YES


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _text_or_digits(value: Any) -> str:
    return str(int(value)) if isinstance(value, CellNumber) else _require_text(value)


def _require_text(value: Any) -> str:
    if not isinstance(value, str):
        raise unfit("một chuỗi ký tự", "text")
    return value


def _check_length(claim: Claim, text: str) -> None:
    limit = min(claim.max_length or MAX_TEXT, MAX_TEXT)
    if len(text) > limit:
        raise unfit(f"nhiều nhất {limit} ký tự", f"at most {limit} characters")


def _check_bounds(claim: Claim, number: float) -> None:
    if claim.minimum is not None and number < claim.minimum:
        raise unfit(f"số không nhỏ hơn {claim.minimum}", f"a number not below {claim.minimum}")
    if claim.maximum is not None and number > claim.maximum:
        raise unfit(f"số không lớn hơn {claim.maximum}", f"a number not above {claim.maximum}")


def _known_codes(codes: Mapping[str, Any], language: str) -> str:
    shown = ", ".join(list(codes)[:12]) + (", …" if len(codes) > 12 else "")
    return f"một trong các mã {shown}" if language == "vi" else f"one of the codes {shown}"


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> Pattern[str]:
    return compile_pattern(pattern)


_NORMALISERS: Mapping[ClaimType, Callable[[Claim, Any], str | int | bool]] = {
    ClaimType.STRING: _string,
    ClaimType.TEXT: _text,
    ClaimType.IDENTIFIER: _identifier,
    ClaimType.DATE: _date,
    ClaimType.DATETIME: _datetime,
    ClaimType.INTEGER: _integer,
    ClaimType.DECIMAL: _decimal,
    ClaimType.CODE: _code,
    ClaimType.BOOLEAN: _boolean,
}
