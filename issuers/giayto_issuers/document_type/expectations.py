"""What a setting takes, said in words: from the very annotations that msgspec checks its value by."""

import json
from collections.abc import Iterable
from datetime import date
from enum import Enum
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import msgspec

from giayto_crypto.localised import Localised

_EXPECTED = "expected"
_KINDS: dict[Any, Localised] = {
    str: Localised(vi="một văn bản trong dấu nháy", en="a text in quotes"),
    int: Localised(vi="số nguyên", en="a whole number"),
    bool: Localised(vi="true hoặc false", en="true or false"),
    date: Localised(vi="ngày như 2026-01-31", en="a day such as 2026-01-31"),
    dict: Localised(vi="một bảng", en="a table"),
}


def text_like(pattern: str, vi: str, en: str, *, max_length: int | None = None) -> msgspec.Meta:
    """Return the annotation of text that follows a pattern, with the words for what it expects."""
    return msgspec.Meta(
        pattern=pattern, max_length=max_length, description=en, extra={_EXPECTED: Localised(vi=vi, en=en)}
    )


def expected(hint: Any) -> Localised:
    """Return what a setting of a kind takes.

    Args:
        hint: its annotation, with the limits of `msgspec.Meta`.
    """
    if hasattr(hint, "__metadata__"):
        return _limited(hint.__origin__, [meta for meta in hint.__metadata__ if isinstance(meta, msgspec.Meta)])
    if get_origin(hint) is Literal:
        return _one_of(get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _one_of(member.value for member in hint)
    if get_origin(hint) is tuple:
        element = expected(get_args(hint)[0])
        return Localised(
            vi=f"danh sách […], mỗi phần tử là {element.vi}", en=f"an array […], each element {element.en}"
        )
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    if len(kinds) == 1:
        return expected(kinds[0])
    return _KINDS.get(get_origin(hint) or hint, Localised(vi="giá trị thuộc kiểu khác", en="another kind of value"))


def _limited(kind: Any, metas: Iterable[msgspec.Meta]) -> Localised:
    plain = expected(kind)
    vi, en = plain.vi, plain.en
    for meta in metas:
        if meta.extra and _EXPECTED in meta.extra:
            words: Localised = meta.extra[_EXPECTED]
            return words
        if meta.ge is not None:
            vi, en = f"{vi} từ {meta.ge}", f"{en} from {meta.ge}"
        if meta.le is not None:
            vi, en = f"{vi} đến {meta.le}", f"{en} to {meta.le}"
        if meta.min_length and get_origin(kind) is tuple:
            vi, en = f"{vi}, không được trống", f"{en}, not empty"
        if meta.max_length == 1:
            return Localised(vi="một ký tự trong dấu nháy", en="one character in quotes")
        if meta.max_length and kind is str:
            vi, en = f"{vi}, 1 đến {meta.max_length} ký tự", f"{en}, of 1 to {meta.max_length} characters"
    return Localised(vi=vi, en=en)


def _one_of(values: Iterable[str]) -> Localised:
    listed = ", ".join(value if value.replace("-", "").isalnum() else json.dumps(value) for value in values)
    return Localised(vi=f"một trong {listed}", en=f"one of {listed}")
