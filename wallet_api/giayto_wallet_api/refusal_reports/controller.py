"""`/wallet/v1/refusal-reports`."""

from http import HTTPStatus
from typing import Annotated

from litestar import Controller, get, post
from litestar.params import BodyKwarg, HeaderParameter

from giayto_wallet_api.catalogue.problems import DocumentUnknownError
from giayto_wallet_api.cursors import DEFAULT_PAGE, CursorParameter, LimitParameter, read_sequence
from giayto_wallet_api.devices.principal import CitizenDependency, requires_citizen
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.openapi import answers, example_of
from giayto_wallet_api.problems import MalformedRequestError, TooManyRequestsError
from giayto_wallet_api.refusal_reports import schemas
from giayto_wallet_api.refusal_reports.service import (
    PaperAllowedError,
    ReportKeyConflictError,
    file_report,
    list_reports,
)
from giayto_wallet_api.runtime import RuntimeDependency

_FROM_THE_NEWEST = 10**18 - 1
IdempotencyKey = Annotated[
    str | None, HeaderParameter(name="Idempotency-Key", max_length=128, description="The same for a retry.")
]


class RefusalReportController(Controller):
    """What citizens report of those who still ask for paper."""

    path = "/wallet/v1/refusal-reports"
    tags = ("citizens: reports",)
    guards = (requires_citizen,)

    @post(
        "/",
        status_code=HTTPStatus.CREATED,
        summary="Report that paper was asked for",
        responses=answers(
            schemas.ReportItem,
            schemas.REPORT_EXAMPLE,
            MalformedRequestError,
            InvalidTokenError,
            DocumentUnknownError,
            PaperAllowedError,
            ReportKeyConflictError,
            TooManyRequestsError,
            status=HTTPStatus.CREATED,
        ),
    )
    async def file(
        self,
        runtime: RuntimeDependency,
        citizen: CitizenDependency,
        data: Annotated[schemas.ReportRequest, BodyKwarg(examples=example_of(schemas.REQUEST_EXAMPLE))],
        idempotency_key: IdempotencyKey = None,
    ) -> schemas.ReportItem:
        """Keep the report, encrypted for this wallet; only counts of it are ever published.

        Sent again under the same `Idempotency-Key`, a report is kept once.
        """
        async with runtime.database.transaction() as tx:
            return await file_report(tx, runtime, citizen, data, idempotency_key)

    @get(
        "/",
        summary="List your reports",
        responses=answers(schemas.ReportPage, schemas.REPORTS_EXAMPLE, MalformedRequestError, InvalidTokenError),
    )
    async def reports(
        self,
        runtime: RuntimeDependency,
        citizen: CitizenDependency,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_PAGE,
    ) -> schemas.ReportPage:
        """Return what this wallet reported, newest first."""
        before = read_sequence(cursor, default=_FROM_THE_NEWEST)
        async with runtime.database.read() as tx:
            found = await list_reports(tx, runtime, citizen.wallet_id, before=before, limit=limit + 1)
        next_cursor = str(found[limit - 1][0]) if len(found) > limit else None
        return schemas.ReportPage([item for _, item in found[:limit]], next_cursor)
