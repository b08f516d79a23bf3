"""Finding documents in an edition: by words with or without Vietnamese marks, and by filters."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from giayto_crypto.catalogue_edition import EditionEntry, Stage

PAGE_SIZE = 24
_WITHOUT_STROKE = str.maketrans({"đ": "d", "Đ": "d"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What somebody looks for; None takes all.

    Args:
        query: words that all must be found, with or without marks.
        holder: whose document.
        owner: agency identifier.
        stage: how far it is integrated.
    """

    query: str = ""
    holder: Literal["person", "organisation"] | None = None
    owner: str | None = None
    stage: Stage | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is filtered."""
        return not (self.query.strip() or self.holder or self.owner or self.stage)


@dataclass(frozen=True, slots=True)
class ResultPage:
    """One page of what was found.

    Args:
        entries: those of this page.
        total: how many were found in all.
        page: number of this page, from 1.
        pages: how many pages there are, at least 1.
    """

    entries: Sequence[EditionEntry]
    total: int
    page: int
    pages: int


def fold(text: str) -> str:
    """Return text in small letters without any marks: `Giấy chứng nhận Đ` and `giay chung nhan d` are the same."""
    decomposed = unicodedata.normalize("NFD", text.translate(_WITHOUT_STROKE).casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def find(entries: Iterable[EditionEntry], filters: Filters) -> list[EditionEntry]:
    """Return the entries that fit, in their order."""
    words = fold(filters.query).split()
    return [entry for entry in entries if _fits(entry, filters) and all(word in _haystack(entry) for word in words)]


def page_of(entries: Sequence[EditionEntry], page: int) -> ResultPage:
    """Return one page; one past the end is the last."""
    pages = max(1, -(-len(entries) // PAGE_SIZE))
    number = min(max(1, page), pages)
    shown = entries[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return ResultPage(shown, len(entries), number, pages)


def _fits(entry: EditionEntry, filters: Filters) -> bool:
    return (
        (filters.holder is None or entry.holder_kind == filters.holder)
        and (filters.owner is None or entry.owner.agency_id == filters.owner)
        and (filters.stage is None or entry.stage == filters.stage)
    )


@lru_cache(maxsize=4096)
def _haystack(entry: EditionEntry) -> str:
    return "\n".join(fold(text) for text in _texts(entry))


def _texts(entry: EditionEntry) -> Iterator[str]:
    yield from (entry.code, entry.vct, entry.titles.vi, entry.titles.en, entry.description.vi, entry.description.en)
    yield from (entry.owner.agency_id, entry.owner.names.vi, entry.owner.names.en)
    for procedure in entry.procedures:
        yield from (procedure.code, procedure.titles.vi, procedure.titles.en)
