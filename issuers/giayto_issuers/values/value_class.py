"""Naming a value without showing it: "text of 12 digits" helps a clerk and tells a log reader nothing."""

from collections.abc import Mapping
from typing import Any

from giayto_crypto.localised import Localised
from giayto_issuers.values.unfit import UnfitValue

ABSENT = Localised(vi="ô trống", en="nothing")


def value_class(value: Any) -> Localised:
    """Return the class of a value: its kind and size, nothing of its content."""
    match value:
        case None:
            return ABSENT
        case UnfitValue():
            return value_class(value.value)
        case bool():
            return Localised(vi="giá trị đúng/sai", en="a boolean")
        case int():
            return Localised(vi="số nguyên", en="an integer")
        case float():
            return Localised(vi="số thập phân", en="a decimal number")
        case str():
            return _text_class(value)
        case Mapping():
            return Localised(vi=f"đối tượng có {len(value)} trường", en=f"an object of {_count(len(value), 'member')}")
        case list() | tuple():
            return Localised(vi=f"danh sách {len(value)} phần tử", en=f"a list of {_count(len(value), 'element')}")
        case _:
            return Localised(vi="giá trị không rõ loại", en="a value of unknown kind")


def _text_class(text: str) -> Localised:
    stripped = text.strip()
    if not stripped:
        return ABSENT
    size = len(stripped)
    if stripped.isdecimal():
        return Localised(vi=f"chuỗi {size} chữ số", en=f"text of {_count(size, 'digit')}")
    if stripped.isalpha():
        return Localised(vi=f"chuỗi {size} chữ cái", en=f"text of {_count(size, 'letter')}")
    if stripped.isalnum():
        return Localised(vi=f"chuỗi {size} chữ cái và chữ số", en=f"text of {size} letters and digits")
    return Localised(vi=f"chuỗi {size} ký tự", en=f"text of {_count(size, 'character')}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
