"""Marks of source notes: each must be explained in `[sources]`."""

from collections.abc import Container

from giayto_issuers.document_type import reasons
from giayto_issuers.document_type.reading import Mistakes


def check_marks(marks: str, path: str, explained: Container[str], mistakes: Mistakes) -> None:
    """Note every mark that is not explained.

    Args:
        marks: separated by commas.
        path: where they stand.
        explained: the marks of `[sources]`.
        mistakes: takes what is found.
    """
    for mark in (part.strip() for part in marks.split(",")):
        if mark not in explained:
            mistakes.add(path, reasons.unexplained_mark(mark))
