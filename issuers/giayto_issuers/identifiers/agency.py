"""Agency identifiers: `G..` ministries, `H..` provinces, units below them after dots: `H15.50.05.13`.

The former form is reversed, has three digits on the lowest level, and zeros for levels that are not used:
`000.00.12.H62` is today's `H62.12`.
"""

from re import ASCII
from re import compile as compile_pattern

from giayto_issuers.values.unfit import unfit

TODAY = compile_pattern(r"[A-Z]\d{2}(?:\.\d{1,3}){0,3}", ASCII)
FORMER = compile_pattern(r"(?:\d{2,3}\.){3}[A-Z]\d{2}", ASCII)
PATTERN = r"^[A-Z](\d\d|\?\?)(\.\d{1,3}){0,3}(\.\*)?$"
"""What a document type may write: `G01`, `H??` (every province), `H??.*` (every unit below a province)."""


def normalise_agency_id(text: str) -> str:
    """Return an agency identifier in today's form.

    Raises:
        Unfit: neither form.
    """
    if TODAY.fullmatch(text):
        return text
    if FORMER.fullmatch(text):
        lowest, *lower, top = text.split(".")
        parts = [top, *reversed(lower), _two_digits(lowest)]
        while len(parts) > 1 and int(parts[-1]) == 0:
            parts.pop()
        return ".".join(parts)
    raise unfit("mã định danh cơ quan như H15.50.05.13", "an agency identifier such as H15.50.05.13")


def _two_digits(level: str) -> str:
    # The lowest level had three digits; today's form has two wherever they suffice.
    return level.removeprefix("0") if len(level) > 2 else level


def agency_matches(pattern: str, agency_id: str) -> bool:
    """Tell whether an agency identifier in today's form is covered by a pattern.

    `??` stands for two digits, a final `.*` for one or more further levels; the agency above is not included in it.
    """
    below = pattern.endswith(".*")
    expected = pattern.removesuffix(".*").split(".")
    actual = agency_id.split(".")
    if len(actual) < len(expected) or below != (len(actual) > len(expected)):
        return False
    return all(_level_matches(wanted, level) for wanted, level in zip(expected, actual, strict=False))


def _level_matches(wanted: str, level: str) -> bool:
    return wanted == level or (wanted.endswith("??") and len(level) == len(wanted) and level[0] == wanted[0])
