"""The two steps of a batch that cost the processor: deciding what will be signed, and signing it.

A desk keeps what it has prepared until it signs it, so that a record crosses the border of a process once. What it
signs it writes into a file: credentials are never passed around.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from giayto_crypto.errors import GiaytoError
from giayto_crypto.keys import PublicKey
from giayto_crypto.sdjwt import StatusReference
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.errors import ClaimsError, RecordError
from giayto_issuers.records.readers import BrokenRow, SourceRow
from giayto_issuers.records.validation import ValidRecord, validate_row
from giayto_issuers.signing import IssuingAgency, PreparedDocument, prepare_document, sign_copy
from giayto_issuers.subjects import Subject, SubjectIdentity
from giayto_issuers.values.times import day_in_vietnam
from giayto_sdk._files import write_atomically
from giayto_sdk._issuing.results import RowOutcome, RowResult
from giayto_sdk.errors import ColumnProblem, Problem

AnyRow = SourceRow | BrokenRow
Jwk = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PreparedRow:
    """What the others need to know of a row whose document is decided."""

    row: int
    row_key: str
    subject: Subject
    identity: SubjectIdentity
    replaces: str | None


@dataclass(frozen=True, slots=True)
class Preparation:
    """A batch after its first step."""

    prepared: tuple[PreparedRow, ...]
    refused: tuple[RowResult, ...]


@dataclass(frozen=True, slots=True)
class CopiesToSign:
    """For whom a row's document is signed: the key of each copy, and its status index."""

    row: int
    copies: tuple[tuple[Jwk, StatusReference], ...]


class SigningDesk(Protocol):
    """Prepares and signs batches, here or in another process."""

    def prepare(self, batch: int, rows: Sequence[AnyRow], now: datetime) -> Preparation:
        """Validate rows, decide and check what will be signed of them; keep it until `sign`."""
        ...

    def sign(self, batch: int, rows: Sequence[CopiesToSign], outgoing: Path) -> tuple[RowResult, ...]:
        """Sign rows of a prepared batch and write them into a file, durably, one line a row; forget the batch.

        Returns:
            Results of rows that cannot be signed; their status indexes stay unused.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Kept:
    record: ValidRecord
    document: PreparedDocument


class LocalDesk:
    """Prepares and signs in the process that it is made in."""

    def __init__(self, document_type: DocumentType, agency: IssuingAgency) -> None:
        """Sign documents of one type with the key of an agency."""
        self._type = document_type
        self._agency = agency
        self._kept: dict[int, dict[int, _Kept]] = {}

    def prepare(self, batch: int, rows: Sequence[AnyRow], now: datetime) -> Preparation:
        """See `SigningDesk`."""
        kept = self._kept[batch] = {}
        refused: list[RowResult] = []
        for row in rows:
            row_key = ""
            try:
                record = validate_row(self._type, row, today=day_in_vietnam(now))
                row_key = record.row_key
                document = prepare_document(self._type, record, agency=self._agency, now=now)
            except GiaytoError as error:
                refused.append(refusal(row.number, row_key, error))
            else:
                kept[row.number] = _Kept(record, document)
        return Preparation(tuple(map(_prepared_row, kept.values())), tuple(refused))

    def sign(self, batch: int, rows: Sequence[CopiesToSign], outgoing: Path) -> tuple[RowResult, ...]:
        """See `SigningDesk`."""
        refused: list[RowResult] = []
        lines = b"".join(self._lines(self._kept.pop(batch), rows, refused))
        if lines:
            write_atomically(outgoing, lines, private=True)
        return tuple(refused)

    def _lines(
        self, kept: Mapping[int, _Kept], rows: Sequence[CopiesToSign], refused: list[RowResult]
    ) -> Iterator[bytes]:
        for each in rows:
            record, document = kept[each.row].record, kept[each.row].document
            try:
                credentials = [
                    sign_copy(document, agency=self._agency, holder_key=PublicKey.from_jwk(jwk), status=status)
                    for jwk, status in each.copies
                ]
            except GiaytoError as error:
                refused.append(refusal(record.row_number, record.row_key, error))
            else:
                yield self._line(record, credentials)

    def _line(self, record: ValidRecord, credentials: Sequence[str]) -> bytes:
        row = {
            "row": record.row_number,
            "row_key": record.row_key,
            "document_type": self._type.vct,
            "subject": {"kind": record.subject.kind, "id": record.subject.id},
            "credentials": credentials,
            "replaces": record.replaces,
        }
        return msgspec.json.encode(row) + b"\n"


def refusal(row: int, row_key: str, error: GiaytoError) -> RowResult:
    """Return the result of a row that was refused before it was sent."""
    columns: tuple[ColumnProblem, ...] = ()
    if isinstance(error, RecordError | ClaimsError):
        columns = tuple(ColumnProblem(each.column, each.found, each.expected) for each in error.problems)
    problem = Problem(0, error.code, error.detail, error.message_vi, error.message_en, columns=columns)
    return RowResult(row, row_key, RowOutcome.REFUSED, problem=problem)


def _prepared_row(kept: _Kept) -> PreparedRow:
    record = kept.record
    return PreparedRow(record.row_number, record.row_key, record.subject, record.identity, record.replaces)
