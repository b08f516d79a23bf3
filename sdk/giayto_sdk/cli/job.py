"""`giayto job`: what an agency pushed as one piece of work, and what it decides about all of it at once."""

from collections.abc import Iterator
from time import sleep
from typing import Annotated, Final

import msgspec
from cyclopts import App, Parameter

from giayto_sdk._issuing.issuer import Issuer
from giayto_sdk._issuing.jobs_api import JobOperation, JobRow, JobsApi, PushJob
from giayto_sdk._issuing.results import RowOutcome
from giayto_sdk.cli.arguments import AgencyConfigFile, AsJson
from giayto_sdk.cli.json_output import write_json, write_json_array
from giayto_sdk.cli.terminal import Exit, err, local_time, print_entries, print_entry

Reason = Annotated[str, Parameter(help="For the audit log; no personal data.")]
NoWait = Annotated[
    bool, Parameter(name="--no-wait", help="Return at once; `job show` tells the progress.", negative=())
]
_POLL_SECONDS: Final = 1.0
_RUNNING: Final = "running"

job_app = App(name="job", help="Look at pushes as the server counts them; revoke or supersede a whole one.")


@job_app.command(name="list")
def list_jobs(*, config: AgencyConfigFile, as_json: AsJson = False) -> None:
    """List this agency's jobs, newest first."""
    with Issuer.from_file(config) as issuer:
        if as_json:
            write_json_array(map(msgspec.to_builtins, issuer.jobs.jobs()))
        else:
            print_entries(issuer.jobs.jobs(), _print_job)


@job_app.command
def show(job_id: str, /, *, config: AgencyConfigFile, as_json: AsJson = False) -> None:
    """Tell how many rows of a job ended how, and what was decided about all of it."""
    with Issuer.from_file(config) as issuer:
        job = issuer.jobs.job(job_id)
        if as_json:
            write_json(msgspec.to_builtins(job))
        else:
            _print_job(job)


@job_app.command
def rows(
    job_id: str,
    /,
    *,
    config: AgencyConfigFile,
    outcome: Annotated[RowOutcome | None, Parameter(help="Only rows that ended so.")] = None,
    as_json: AsJson = False,
) -> None:
    """List rows of a job in the order of their numbers."""
    with Issuer.from_file(config) as issuer:
        found = issuer.jobs.rows(job_id, outcome)
        if as_json:
            write_json_array(map(msgspec.to_builtins, found))
        else:
            print_entries(found, _print_row)


@job_app.command
def revoke(job_id: str, /, *, config: AgencyConfigFile, reason: Reason, no_wait: NoWait = False) -> Exit:
    """Withdraw all documents that a job stored, for good. It cannot be undone.

    The server does it in portions, and goes on by itself after an interruption.
    """
    with Issuer.from_file(config) as issuer:
        operation = issuer.jobs.revoke(job_id, reason)
        return _follow(issuer.jobs, job_id, operation, no_wait=no_wait)


@job_app.command
def supersede(
    job_id: str,
    /,
    *,
    config: AgencyConfigFile,
    by: Annotated[str, Parameter(help="The later job, whose documents take the place.")],
    reason: Reason,
    no_wait: NoWait = False,
) -> Exit:
    """Withdraw what a job stored for holders who have a document of a later job. Others keep what they have."""
    with Issuer.from_file(config) as issuer:
        operation = issuer.jobs.supersede(job_id, by, reason)
        return _follow(issuer.jobs, job_id, operation, no_wait=no_wait)


def _follow(jobs: JobsApi, job_id: str, operation: JobOperation, *, no_wait: bool) -> Exit:
    latest = operation
    if not no_wait:
        with err.status("…") as status:
            for latest in _states_of(jobs, job_id, operation):
                status.update(f"{latest.rows_done:,} / {latest.rows_total:,}")
    print_entry(latest.operation_id, *_operation_details(latest))
    return Exit.SUCCESS


def _states_of(jobs: JobsApi, job_id: str, operation: JobOperation) -> Iterator[JobOperation]:
    yield operation
    while operation.state == _RUNNING:
        sleep(_POLL_SECONDS)
        found = {each.operation_id: each for each in jobs.job(job_id).operations}
        operation = found[operation.operation_id]
        yield operation


def _print_job(job: PushJob) -> None:
    finished = "chưa xong · not finished" if job.finished_at is None else local_time(job.finished_at)
    details = [f"type     {job.document_type}", f"opened   {local_time(job.opened_at)}", f"finished {finished}"]
    details += [f"{each.rows:>9,}  {each.outcome}{f' ({each.code})' if each.code else ''}" for each in job.counts]
    for operation in job.operations:
        details += [operation.operation_id, *(f"  {line}" for line in _operation_details(operation))]
    print_entry(job.job_id, *details)


def _operation_details(operation: JobOperation) -> list[str]:
    by = f" by {operation.by_job_id}" if operation.by_job_id else ""
    return [
        f"{operation.kind}{by}: {operation.state}",
        f"{operation.rows_done:,} of {operation.rows_total:,} rows, {operation.documents_changed:,} documents",
    ]


def _print_row(row: JobRow) -> None:
    details = [f"outcome  {row.outcome}{f' ({row.code})' if row.code else ''}"]
    if row.row_key is not None:
        details.append(f"row key  {row.row_key}")
    if row.document_id is not None:
        details.append(f"document {row.document_id}, version {row.version}")
    details.append(f"attempts {row.attempts}")
    print_entry(row.row, *details)
