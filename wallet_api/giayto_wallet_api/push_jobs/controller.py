"""`/issuer/v1/push-jobs`: open, report, finish, list, read, revoke, supersede."""

from http import HTTPStatus
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.params import BodyKwarg, FromPath, QueryParameter

from giayto_wallet_api.agencies.authority import TypeForbiddenError
from giayto_wallet_api.agencies.principal import AgencyClientDependency, requires_agency
from giayto_wallet_api.cursors import DEFAULT_PAGE, CursorParameter, LimitParameter, read_sequence
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.openapi import answers, example_of
from giayto_wallet_api.problems import MalformedRequestError, NotFoundError
from giayto_wallet_api.push_jobs import examples, operations, service
from giayto_wallet_api.push_jobs.problems import JobKeyConflictError, SupersedeError
from giayto_wallet_api.push_jobs.schemas import (
    LARGEST_ROW_PAGE,
    JobOperation,
    JobRequest,
    JobRowPage,
    PushJob,
    PushJobPage,
    Revocation,
    RowOutcome,
    RowReport,
    Supersession,
)
from giayto_wallet_api.runtime import RuntimeDependency

_LAST_SEQUENCE = 10**18
_REFUSALS = (InvalidTokenError, NotFoundError, MalformedRequestError)
_OPERATION_ANSWERS = answers(JobOperation, examples.OPERATION, *_REFUSALS, SupersedeError, status=HTTPStatus.ACCEPTED)


class PushJobController(Controller):
    """Jobs of the calling agency."""

    path = "/issuer/v1/push-jobs"
    tags = ("agencies: jobs",)
    guards = (requires_agency,)

    @post(
        "/",
        summary="Open a job",
        responses={
            **answers(
                PushJob,
                {**examples.JOB, "counts": [], "finished_at": None},
                InvalidTokenError,
                TypeForbiddenError,
                MalformedRequestError,
                JobKeyConflictError,
                status=HTTPStatus.CREATED,
            ),
            **answers(PushJob, examples.JOB, description="The job that has this key."),
        },
    )
    async def open_job(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        data: Annotated[JobRequest, BodyKwarg(examples=example_of(examples.REQUEST))],
    ) -> Response[PushJob]:
        """Open a job under a key of the client's own; the same key again opens the same job, a finished one too."""
        job, is_new = await service.open_job(runtime, client, data)
        return Response(job, status_code=HTTPStatus.CREATED if is_new else HTTPStatus.OK)

    @get("/", summary="List jobs", responses=answers(PushJobPage, examples.PAGE, *_REFUSALS))
    async def list_jobs(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_PAGE,
    ) -> PushJobPage:
        """Return this agency's jobs, newest first."""
        before = read_sequence(cursor, default=_LAST_SEQUENCE)
        return await service.list_jobs(runtime, client, before=before, limit=limit)

    @get("/{job_id:str}", summary="Read one job", responses=answers(PushJob, examples.JOB_WITH_OPERATION, *_REFUSALS))
    async def read_job(
        self, runtime: RuntimeDependency, client: AgencyClientDependency, job_id: FromPath[str]
    ) -> PushJob:
        """Return how many rows ended how, and what was decided about all documents."""
        return await service.read_job(runtime, client, job_id)

    @get("/{job_id:str}/rows", summary="List rows of a job", responses=answers(JobRowPage, examples.ROWS, *_REFUSALS))
    async def list_rows(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        job_id: FromPath[str],
        outcome: Annotated[RowOutcome | None, QueryParameter(name="outcome")] = None,
        cursor: CursorParameter = None,
        limit: Annotated[int, QueryParameter(name="limit", ge=1, le=LARGEST_ROW_PAGE)] = DEFAULT_PAGE,
    ) -> JobRowPage:
        """Return what became of each row, in the order of their numbers."""
        after = read_sequence(cursor, default=0)
        return await service.list_rows(runtime, client, job_id, outcome=outcome, after=after, limit=limit)

    @post(
        "/{job_id:str}/rows",
        status_code=200,
        summary="Report rows of which nothing was signed",
        responses=answers(PushJob, examples.JOB, *_REFUSALS),
    )
    async def report_rows(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        job_id: FromPath[str],
        data: Annotated[RowReport, BodyKwarg(examples=example_of(examples.REPORT))],
    ) -> PushJob:
        """Write down what the agency's own system found out: invalid records, mismatches, subjects without wallet."""
        return await service.report_rows(runtime, client, job_id, data.rows)

    @post(
        "/{job_id:str}/finish",
        status_code=200,
        summary="Finish a job",
        responses=answers(PushJob, examples.JOB, *_REFUSALS),
    )
    async def finish_job(
        self, runtime: RuntimeDependency, client: AgencyClientDependency, job_id: FromPath[str]
    ) -> PushJob:
        """Note that all rows were sent or reported, and return the counts to compare with one's own."""
        return await service.finish_job(runtime, client, job_id)

    @post("/{job_id:str}/revoke", status_code=202, summary="Revoke a job", responses=_OPERATION_ANSWERS)
    async def revoke_job(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        job_id: FromPath[str],
        data: Annotated[Revocation, BodyKwarg(examples=example_of(examples.REVOCATION))],
    ) -> JobOperation:
        """Make all documents that the job stored invalid for good, in the background; the job shows the progress."""
        return await operations.revoke_job(runtime, client, job_id, data.reason)

    @post("/{job_id:str}/supersede", status_code=202, summary="Supersede a job", responses=_OPERATION_ANSWERS)
    async def supersede_job(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        job_id: FromPath[str],
        data: Annotated[Supersession, BodyKwarg(examples=example_of(examples.SUPERSESSION))],
    ) -> JobOperation:
        """Withdraw what the job stored for holders who have a document of the later job, in the background."""
        return await operations.supersede_job(runtime, client, job_id, data.by_job_id, data.reason)
