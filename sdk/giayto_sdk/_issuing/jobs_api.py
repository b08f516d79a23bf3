"""The wallet backend's interface for jobs (`/issuer/v1/push-jobs`) and for rows that wait, call by call."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec

from giayto_sdk._http.authorised import AuthorisedClient
from giayto_sdk._http.messages import list_member
from giayto_sdk._issuing.results import RowOutcome, RowResult
from giayto_sdk._issuing.signing_desk import PreparedRow
from giayto_sdk.errors import ProtocolError

_JOBS: Final = "/issuer/v1/push-jobs"
_WAITING: Final = "/issuer/v1/waiting-documents"
_REPORTED_ROWS: Final = 1000
_CONFLICT: Final = "conflict"
_LARGEST_PAGE: Final = "1000"
Answered = TypeVar("Answered")


class OutcomeCount(msgspec.Struct, frozen=True):
    """How many rows of a job ended so."""

    outcome: str
    code: str
    rows: int


class JobOperation(msgspec.Struct, frozen=True, kw_only=True):
    """A decision about all documents of a job, carried out by the server, and how far that is."""

    operation_id: str
    kind: str
    """`revoke` or `supersede`."""
    by_job_id: str | None
    state: str
    """`running` or `done`."""
    rows_done: int
    rows_total: int
    documents_changed: int
    started_at: datetime
    finished_at: datetime | None


class PushJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job as the server knows it."""

    job_id: str
    job_key: str
    document_type: str
    """vct"""
    opened_at: datetime
    finished_at: datetime | None
    counts: tuple[OutcomeCount, ...]
    operations: tuple[JobOperation, ...] = ()


class JobRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a job as the server knows it."""

    row: int
    row_key: str | None
    outcome: str
    code: str
    document_id: str | None
    version: int | None
    attempts: int
    changed_at: datetime


class JobsApi:
    """Calls in the name of one agency."""

    def __init__(self, client: AuthorisedClient) -> None:
        """Use a client that holds the agency's tokens."""
        self._client = client

    def open(self, job_key: str, document_type: str) -> PushJob:
        """Open a job; the same key again opens the same one."""
        body = {"job_key": job_key, "document_type": document_type}
        return _read(self._client.post(_JOBS, body, repeatable=True).json(), PushJob)

    def report(self, job_id: str, results: Sequence[RowResult]) -> None:
        """Tell of rows of which nothing was signed."""
        for start in range(0, len(results), _REPORTED_ROWS):
            rows = [_reported_row(result) for result in results[start : start + _REPORTED_ROWS]]
            self._client.post(f"{_JOBS}/{job_id}/rows", {"rows": rows}, repeatable=True)

    def wait_for_wallets(self, document_type: str, rows: Sequence[PreparedRow]) -> set[int]:
        """Let rows wait for the wallets of their subjects.

        Returns:
            Numbers of rows whose row key stands for another subject or type.
        """
        conflicts: set[int] = set()
        for start in range(0, len(rows), _REPORTED_ROWS):
            some = rows[start : start + _REPORTED_ROWS]
            body = {"rows": [_waiting_row(document_type, row) for row in some]}
            answers = list_member(self._client.post(_WAITING, body, repeatable=True).json(), "answers")
            if len(answers) != len(some):
                raise ProtocolError(f"waiting documents: {len(some)} rows sent, {len(answers)} answers came")
            conflicts |= {
                row.row
                for row, answer in zip(some, answers, strict=True)
                if isinstance(answer, dict) and answer.get("result") == _CONFLICT
            }
        return conflicts

    def finish(self, job_id: str) -> PushJob:
        """Tell that all rows were sent or reported, and return what the server counts."""
        return _read(self._client.post(f"{_JOBS}/{job_id}/finish", {}, repeatable=True).json(), PushJob)

    def job(self, job_id: str) -> PushJob:
        """Return one job; NotFoundError when this agency has no such."""
        return _read(self._client.get(f"{_JOBS}/{job_id}").json(), PushJob)

    def jobs(self) -> Iterator[PushJob]:
        """Return this agency's jobs, newest first, page by page."""
        return self._pages(_JOBS, {}, PushJob)

    def rows(self, job_id: str, outcome: RowOutcome | None = None) -> Iterator[JobRow]:
        """Return rows of a job in the order of their numbers, page by page."""
        filters = {"limit": _LARGEST_PAGE} | ({"outcome": outcome.value} if outcome else {})
        return self._pages(f"{_JOBS}/{job_id}/rows", filters, JobRow)

    def revoke(self, job_id: str, reason: str) -> JobOperation:
        """Begin to revoke all documents of a job."""
        return _read(self._client.post(f"{_JOBS}/{job_id}/revoke", {"reason": reason}).json(), JobOperation)

    def supersede(self, job_id: str, by_job_id: str, reason: str) -> JobOperation:
        """Begin to let the documents of a job give way to those of a later one."""
        body = {"by_job_id": by_job_id, "reason": reason}
        return _read(self._client.post(f"{_JOBS}/{job_id}/supersede", body).json(), JobOperation)

    def _pages(self, path: str, filters: Mapping[str, str], kind: type[Answered]) -> Iterator[Answered]:
        cursor: str | None = ""
        while cursor is not None:
            page = self._client.get(path, {**filters, **({"cursor": cursor} if cursor else {})}).json()
            yield from (_read(item, kind) for item in list_member(page, "items"))
            cursor = page.get("next_cursor")


def _reported_row(result: RowResult) -> dict[str, Any]:
    return {
        "row": result.row,
        "row_key": result.row_key or None,
        "outcome": result.outcome.value,
        "code": "" if result.problem is None else result.problem.code,
    }


def _waiting_row(document_type: str, row: PreparedRow) -> dict[str, Any]:
    subject = {"kind": row.subject.kind, "id": row.subject.id}
    return {"row_key": row.row_key, "document_type": document_type, "subject": subject}


def _read(members: Any, kind: type[Answered]) -> Answered:
    try:
        return msgspec.convert(members, kind)
    except msgspec.ValidationError as error:
        raise ProtocolError(f"job: {error}") from error
