"""Rows that are wrong on purpose, always the same ones, to see that each is refused alone and named exactly."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from giayto_wallet_api.sandbox.records.row import Row


class Fault(StrEnum):
    """What is wrong with a row; the same mistakes that real exports are full of."""

    NAME_MISSING = "name_missing"
    NUMBER_TOO_SHORT = "number_too_short"
    IMPOSSIBLE_DATE = "impossible_date"
    CONTROL_CHARACTER = "control_character"
    BIDIRECTIONAL_OVERRIDE = "bidirectional_override"


@dataclass(frozen=True, slots=True)
class FaultyRow:
    """A row, its number from 1, the column that was spoilt and how; both are None for a good row."""

    number: int
    row: Row
    fault: Fault | None
    column: str | None


@dataclass(frozen=True, slots=True)
class SubjectColumns:
    """The source columns that name the holder in the records of one type."""

    number: str
    name: str
    birth_date: str


SUBJECT_COLUMNS = {
    "health-book": SubjectColumns("SO_CCCD", "HO_TEN", "NGAY_SINH"),
    "criminal-record-1": SubjectColumns("SO_CCCD", "HO_TEN", "NGAY_SINH"),
    "procedure-result": SubjectColumns("SoGiayToChuHoSo", "ChuHoSo", "NgaySinh"),
    "referral": SubjectColumns("SO_CCCD", "HO_TEN", "NGAY_SINH"),
}
"""By the code of the document type."""


def inject_faults(rows: Iterable[Row], document_type: str, *, every: int) -> Iterator[FaultyRow]:
    """Spoil every `every`-th of `rows`, with the kinds of faults in turn.

    `document_type` is the type's code; `every` is at least 1. Good rows pass unchanged.
    """
    columns = SUBJECT_COLUMNS[document_type]
    faults = list(Fault)
    for number, row in enumerate(rows, start=1):
        if number % every:
            yield FaultyRow(number, row, fault=None, column=None)
            continue
        fault = faults[(number // every - 1) % len(faults)]
        column, value = _spoilt(row, columns, fault)
        yield FaultyRow(number, {**row, column: value}, fault, column)


def _spoilt(row: Row, columns: SubjectColumns, fault: Fault) -> tuple[str, str]:
    name, number = str(row[columns.name]), str(row[columns.number])
    match fault:
        case Fault.NAME_MISSING:
            return columns.name, ""
        case Fault.NUMBER_TOO_SHORT:
            return columns.number, number[:-1]
        case Fault.IMPOSSIBLE_DATE:
            return columns.birth_date, "31/02/1985"
        case Fault.CONTROL_CHARACTER:
            return columns.name, f"{name}\x00"
        case Fault.BIDIRECTIONAL_OVERRIDE:
            return columns.name, f"\u202e{name}"
