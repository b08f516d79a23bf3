"""Whom the sample records are about: one person, one organisation, both made up."""

from collections.abc import Callable
from typing import Any

PERSON = {"number": "001301012345", "name": "Nguyễn Thị Ánh Tuyết", "born": "15/03/2001"}
"""Female, born in 2001, as digits 4 to 6 of the number say."""
ORGANISATION = {"tax_code": "0109473653", "name": "Công ty trách nhiệm hữu hạn Gốm Ánh Dương"}
"""The tenth digit is a right check digit."""

NAMED = {"SO_CCCD": PERSON["number"], "HO_TEN": PERSON["name"], "NGAY_SINH": PERSON["born"]}
"""The columns that name the person in most source systems."""

RowMaker = Callable[..., dict[str, Any]]


def changed(row: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the row with changes; None takes a column out."""
    return {name: value for name, value in {**row, **changes}.items() if value is not None}


def maker(row: dict[str, Any]) -> RowMaker:
    """Return a function that gives the row, with the changes it is called with."""
    return lambda **changes: changed(row, changes)
