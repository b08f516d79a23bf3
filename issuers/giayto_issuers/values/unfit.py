"""How a single value is refused: by saying what was expected, never by repeating the value."""

from dataclasses import dataclass
from typing import Any

from giayto_crypto.localised import Localised
from giayto_issuers.errors import ProblemKind


class Unfit(Exception):  # noqa: N818 - not an error for callers: whoever knows the column turns it into a Problem
    """A value is not what its claim expects."""

    def __init__(self, expected: Localised, *, kind: ProblemKind = ProblemKind.WRONG) -> None:
        super().__init__(expected.en)
        self.expected = expected
        self.kind = kind


@dataclass(frozen=True, slots=True)
class UnfitValue:
    """A value that a source or a mapping found unusable before its claim was looked at: it is refused in its place.

    Attributes:
        value: what stands there, for its class alone.
        expected: what should stand there.
    """

    value: Any
    expected: Localised

    def __repr__(self) -> str:
        return "UnfitValue(…)"


class CellNumber(int):
    """A whole number of a spreadsheet cell or a database column.

    A clerk's "12" may be such a number where text is meant, so it is taken for its digits there; a JSON number is not.
    """


def unfit(vi: str, en: str, *, kind: ProblemKind = ProblemKind.WRONG) -> Unfit:
    """Make an `Unfit` from the two forms of "what is expected"."""
    return Unfit(Localised(vi=vi, en=en), kind=kind)
