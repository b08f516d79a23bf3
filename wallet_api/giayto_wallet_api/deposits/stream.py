"""The stream of records: NDJSON in, NDJSON out, one answer a record, in bounded memory."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence

import msgspec
from litestar.exceptions import HTTPException

from giayto_crypto import strict_json
from giayto_crypto.errors import GiaytoError
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.records.validation import ValidRecord
from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.deposits.depositing import Checked, Outcome, check_record, deposit_records
from giayto_wallet_api.deposits.schemas import MAX_RECORD_BYTES, DepositAnswer
from giayto_wallet_api.documents.ndjson import LineSplitter
from giayto_wallet_api.documents.problems import RowTooLargeError
from giayto_wallet_api.documents.schemas import RowProblem
from giayto_wallet_api.problems import problem_of
from giayto_wallet_api.runtime import Runtime

BATCH_RECORDS = 100
_encoder = msgspec.json.Encoder()
Line = bytes | None
"""A line of the stream; None when it was longer than records may be."""


async def answer_stream(
    runtime: Runtime, client: AgencyClient, document_type: DocumentType, body: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    """Deposit the records of a request body as they come in; yield the answers of a batch when it is durable."""
    number = 0
    async for lines in _batches(body):
        checked = await asyncio.to_thread(_check_all, document_type, lines, number)
        outcomes = await deposit_records(runtime, client, document_type, checked)
        yield _encoder.encode_lines(list(_answers(checked, outcomes, number)))
        number += len(lines)


async def _batches(body: AsyncIterator[bytes]) -> AsyncIterator[Sequence[Line]]:
    splitter = LineSplitter(MAX_RECORD_BYTES)
    gathered: list[Line] = []
    try:
        async for chunk in body:
            gathered += splitter.feed(chunk)
            while len(gathered) >= BATCH_RECORDS:
                yield gathered[:BATCH_RECORDS]
                gathered = gathered[BATCH_RECORDS:]
    except HTTPException:
        # The connection broke. A line without its end may be cut off: it must not be read as if it were whole.
        if gathered:
            yield gathered
        return
    gathered += splitter.finish()
    if gathered:
        yield gathered


def _check_all(document_type: DocumentType, lines: Sequence[Line], number: int) -> list[Checked]:
    return [_check(document_type, line, position) for position, line in enumerate(lines, number + 1)]


def _check(document_type: DocumentType, line: Line, number: int) -> Checked:
    if line is None:
        return RowTooLargeError(f"a record has at most {MAX_RECORD_BYTES} bytes", limit=MAX_RECORD_BYTES)
    try:
        row = strict_json.loads_object(line, max_bytes=MAX_RECORD_BYTES)
    except GiaytoError as error:
        return error
    return check_record(document_type, row, number)


def _answers(checked: Sequence[Checked], outcomes: Sequence[Outcome], number: int) -> Iterator[DepositAnswer]:
    for position, (record, outcome) in enumerate(zip(checked, outcomes, strict=True), number + 1):
        row_key = record.row_key if isinstance(record, ValidRecord) else None
        if isinstance(outcome, GiaytoError):
            problem = problem_of(outcome)
            reason = RowProblem(problem.code, problem.detail, problem.message_vi, problem.message_en)
            yield DepositAnswer(row=position, row_key=row_key, result="refused", problem=reason)
        else:
            yield DepositAnswer(
                row=position,
                row_key=row_key,
                result="deposited" if outcome.is_new else "unchanged",
                document_id=outcome.document_id,
                version=outcome.version,
            )
