"""The rule of each kind of identifier: clean text in, the one form that is signed out.

Rules are of document types' claims (`identifier = "icd-10"`). None looks anything up: whether a number was ever
given out is the population record's and the agency's business.
"""

from collections.abc import Callable, Mapping
from re import ASCII
from re import compile as compile_pattern

from stdnum import ean
from stdnum.exceptions import ValidationError
from stdnum.vn import mst

from giayto_issuers.identifiers import agency, personal_number
from giayto_issuers.identifiers.agency import normalise_agency_id
from giayto_issuers.identifiers.personal_number import check_personal_number
from giayto_issuers.values.times import parse_date
from giayto_issuers.values.unfit import Unfit, unfit

Rule = Callable[[str], str]

_NAME_MARKS = frozenset(" '’.-")
_TAX_CODE = compile_pattern(r"\d{10}(?:-\d{3})?", ASCII)
_DOSSIER = compile_pattern(r"[A-Z]\d{2}(?:\.\d{1,3}){0,3}-(\d{6})-(?:\d{4}|\d{6,7})", ASCII)
_PROCEDURE = r"\d\.\d{6}(?:\.\d{2,3}\.\d{2}\.\d{2}\.[A-Z]\d{2})?"
_HEALTH_FACILITY = compile_pattern(r"[0-9A-Z]{5}", ASCII)
_GLN = compile_pattern(r"\d{13}", ASCII)
_INSURANCE_CARD = compile_pattern(r"(?:[A-Z]{2}[1-5][0-9A-Z]{2})?\d{10}", ASCII)
_ICD_10 = compile_pattern(r"[A-Z]\d{2}(?:\.\d{1,3})?[*†]?", ASCII)
_PHONE = compile_pattern(r"0\d{9,10}|\+[1-9]\d{6,14}", ASCII)
_EMAIL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
_ROW_KEY = compile_pattern(r"[0-9A-Za-zĐđ][0-9A-Za-zĐđ._:/-]{0,127}", ASCII)


def check_person_name(text: str) -> str:
    """Return a name of letters, spaces, hyphens, apostrophes and dots.

    Raises:
        Unfit: anything else in it, or no letter.
    """
    if text.replace(" ", "").isalpha():  # nearly every name, and much quicker to see
        return text
    if not all(character.isalpha() or character in _NAME_MARKS or _is_mark(character) for character in text) or not any(
        character.isalpha() for character in text
    ):
        raise unfit("họ tên chỉ gồm chữ cái", "a person's name, of letters")
    return text


def check_tax_code(text: str) -> str:
    """Return a tax code of 10 digits, or 10-3 of a branch; the tenth digit is a check digit.

    Raises:
        Unfit: wrong form, check digit or branch 000.
    """
    expected = unfit(
        "mã số thuế 10 chữ số hoặc 10-3, đúng chữ số kiểm tra",
        "a tax code of 10 digits or 10-3 with a right check digit",
    )
    if not _TAX_CODE.fullmatch(text):
        raise expected
    try:
        mst.validate(text)
    except ValidationError as error:
        raise expected from error
    return text


def check_dossier_code(text: str) -> str:
    """Return a dossier code `unit-yymmdd-sequence` (4 digits in a province, 6 or 7 on a ministry's portal).

    Raises:
        Unfit: wrong form, or no such day.
    """
    expected = unfit(
        "mã hồ sơ dạng đơn vị-yymmdd-số thứ tự, như H15.50.05.13-261008-0975",
        "a dossier code unit-yymmdd-sequence such as H15.50.05.13-261008-0975",
    )
    match = _DOSSIER.fullmatch(text)
    if match is None:
        raise expected
    try:
        parse_date(f"20{match[1]}")
    except Unfit as error:
        raise expected from error
    return text


def check_health_facility(text: str) -> str:
    """Return the code of a health facility: 5 characters, or a GLN of 13 digits whose last is a check digit.

    Raises:
        Unfit: wrong form or check digit.
    """
    if _HEALTH_FACILITY.fullmatch(text) or (_GLN.fullmatch(text) and ean.is_valid(text)):
        return text
    raise unfit(
        "mã cơ sở khám bệnh, chữa bệnh 5 ký tự, hoặc mã GLN 13 chữ số đúng chữ số kiểm tra",
        "a health-facility code of 5 characters, or a GLN of 13 digits with a right check digit",
    )


def check_health_insurance_card(text: str) -> str:
    """Return a health-insurance card number: 15 characters, or its last 10 digits.

    Raises:
        Unfit: wrong form, or the ten zeros that forms use for "no card".
    """
    card = text.replace(" ", "").upper()
    if not _INSURANCE_CARD.fullmatch(card) or card[-10:] == "0" * 10:
        raise unfit(
            "mã thẻ bảo hiểm y tế 15 ký tự hoặc 10 số cuối (để trống nếu không có thẻ)",
            "a health-insurance card number of 15 characters or its last 10 digits (leave empty if there is none)",
        )
    return card


def check_icd_10(text: str) -> str:
    """Return an ICD-10 code by pattern, in capitals.

    Raises:
        Unfit: wrong form.
    """
    code = text.upper()
    if not _ICD_10.fullmatch(code):
        raise unfit("mã bệnh ICD-10 như E11 hoặc I10.1", "an ICD-10 code such as E11 or I10.1")
    return code


def check_phone(text: str) -> str:
    """Return a telephone number without spaces, dots and hyphens: `0…` or `+…`.

    Raises:
        Unfit: wrong form.
    """
    number = text.translate({ord(separator): None for separator in " .-()"})
    if not _PHONE.fullmatch(number):
        raise unfit("số điện thoại dạng 0… hoặc +84…", "a telephone number such as 0… or +84…")
    return number


def check_row_key(text: str) -> str:
    """Return a row key: what an agency calls one document of its own, stable and without personal data.

    Raises:
        Unfit: wrong form.
    """
    if not _ROW_KEY.fullmatch(text):
        raise unfit(
            "khóa dòng gồm 1 đến 128 chữ cái, chữ số và . _ : / -",
            "a row key of 1 to 128 letters, digits and . _ : / -",
        )
    return text


def _pattern_rule(pattern: str, vi: str, en: str) -> Rule:
    compiled = compile_pattern(pattern, ASCII)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise unfit(vi, en)
        return text

    return check


def _is_mark(character: str) -> bool:
    # Some scripts of minority and foreign names keep combining marks even in NFC.
    return "\u0300" <= character <= "\u036f"


RULES: Mapping[str, Rule] = {
    "personal-number": check_personal_number,
    "person-name": check_person_name,
    "tax-code": check_tax_code,
    "agency": normalise_agency_id,
    "dossier-code": check_dossier_code,
    "procedure-code": _pattern_rule(
        _PROCEDURE, "mã thủ tục như 1.011442 hoặc 1.011442.000.00.00.H38", "a procedure code such as 1.011442"
    ),
    "health-facility": check_health_facility,
    "health-insurance-card": check_health_insurance_card,
    "icd-10": check_icd_10,
    "phone": check_phone,
    "email": _pattern_rule(_EMAIL, "địa chỉ thư điện tử", "an e-mail address"),
}
"""Every kind of identifier that a document type may name."""

PATTERNS: Mapping[str, str] = {
    "personal-number": personal_number.FORM.pattern,
    "tax-code": _TAX_CODE.pattern,
    "agency": agency.TODAY.pattern,
    "dossier-code": _DOSSIER.pattern,
    "procedure-code": _PROCEDURE,
    "health-facility": f"{_HEALTH_FACILITY.pattern}|{_GLN.pattern}",
    "health-insurance-card": _INSURANCE_CARD.pattern,
    "icd-10": _ICD_10.pattern,
    "phone": _PHONE.pattern,
    "email": _EMAIL,
}
"""What the signed form of an identifier looks like, as far as a regular expression can say it (of JSON Schema, too)."""
