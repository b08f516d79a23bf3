"""Provinces and communes by code and day. On 2025-07-01 63 provinces became 34, and districts ended.

province("82", on=date(2024, 5, 1)).name.vi   # Tỉnh Tiền Giang
province("82", on=date(2026, 5, 1)).name.vi   # Tỉnh Đồng Tháp
province_today("87", known_on=date(2024, 5, 1), on=date(2026, 5, 1)).code   # 82
"""

from datetime import date

from giayto_issuers.code_lists.dated import CodePeriod, DatedCodeList, dated_code_lists

PROVINCES = "province"
COMMUNES = "commune"


def province(code: str, *, on: date) -> CodePeriod | None:
    """Return the province that a code (`82`, or `082` with the zero of forms and personal numbers) names on a day."""
    return _list(PROVINCES).find(_two_digits(code), on)


def province_today(code: str, *, known_on: date, on: date) -> CodePeriod | None:
    """Return the province in which lies, on a later day, what a code named on an earlier one; None if it named none."""
    former = province(code, on=known_on)
    # A province was merged into exactly one other, so there is never more than one.
    return None if former is None else next(iter(_list(PROVINCES).successors(former, on)), None)


def commune(code: str, *, on: date) -> CodePeriod | None:
    """Return the commune, ward or special zone of a five-digit code on a day; `within` is its province's code."""
    return _list(COMMUNES).find(code, on)


def _list(name: str) -> DatedCodeList:
    return dated_code_lists()[name]


def _two_digits(code: str) -> str:
    return code[1:] if len(code) == 3 and code.startswith("0") else code
