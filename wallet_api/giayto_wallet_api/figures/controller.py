"""`/public/v1/figures`: what agencies and verifiers did in a month, as JSON, CSV and a page."""

import csv
from collections.abc import Sequence
from http import HTTPStatus
from io import StringIO
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Request, Response, get
from litestar.exceptions import HTTPException
from litestar.params import QueryParameter

from giayto_crypto import strict_json
from giayto_crypto.errors import GiaytoError
from giayto_wallet_api.catalogue.editions import this_month
from giayto_wallet_api.catalogue_pages.controller import LanguageParameter
from giayto_wallet_api.catalogue_pages.rendering import HTML_MEDIA_TYPE, answer_with_page, page
from giayto_wallet_api.catalogue_pages.table import CSV_MEDIA_TYPE, inert
from giayto_wallet_api.figures.months import following_month, month_before
from giayto_wallet_api.figures.schemas import (
    FIGURES_EXAMPLE,
    AgencyFigures,
    IntegrationFigures,
    MonthlyFigures,
    VerifierFigures,
)
from giayto_wallet_api.figures.service import NoFiguresError, figures_of
from giayto_wallet_api.openapi import answers, page_answer
from giayto_wallet_api.problems import MalformedRequestError
from giayto_wallet_api.publications.published import published
from giayto_wallet_api.runtime import Runtime, RuntimeDependency

_PATH: Final = "/public/v1/figures"
_SECONDS: Final = 300
_AGENCY_COUNTS: Final = (
    "pushed", "confirmed", "declined", "paper_fallbacks", "corrections_in_time", "corrections_late",
    "corrections_overdue",
)  # fmt: skip
_VERIFIER_COUNTS: Final = ("checks", "declined", "paper_fallbacks", "refusal_reports")
_STAGES: Final = ("integrated", "in_preparation", "proposed")
_COLUMNS: Final = ("month", "kind", "id", "name_vi", *dict.fromkeys((*_AGENCY_COUNTS, *_VERIFIER_COUNTS, *_STAGES)),
                   "overdue", "late")  # fmt: skip
MonthParameter = Annotated[
    str | None, QueryParameter(name="month", max_length=7, description="YYYY-MM; the month that runs if absent.")
]


class FiguresController(Controller):
    """Figures for programs."""

    path = _PATH
    tags = ("public: figures",)

    @get(
        "/",
        summary="Figures of a month",
        responses=answers(MonthlyFigures, FIGURES_EXAMPLE, MalformedRequestError, NoFiguresError),
    )
    async def figures(
        self, request: Request[Any, Any, Any], runtime: RuntimeDependency, month: MonthParameter = None
    ) -> Response[bytes]:
        """Count documents, answers, fallbacks, corrections and reports; small counts are null."""
        found = await _figures(runtime, month)
        content = strict_json.canonical(msgspec.to_builtins(found))
        return published(request, content, media_type="application/json", max_age=_SECONDS)

    @get(
        "/table.csv",
        summary="Figures of a month as a table",
        media_type=CSV_MEDIA_TYPE,
        responses=answers(str, "month,kind,id,…", MalformedRequestError, NoFiguresError, media_type=CSV_MEDIA_TYPE),
    )
    async def table(
        self, request: Request[Any, Any, Any], runtime: RuntimeDependency, month: MonthParameter = None
    ) -> Response[bytes]:
        """Return the figures for spreadsheets; a hidden count is written as `<5`."""
        found = await _figures(runtime, month)
        response = published(request, _table(found), media_type=CSV_MEDIA_TYPE, max_age=_SECONDS)
        response.headers["Content-Disposition"] = f'attachment; filename="figures-{found.month}.csv"'
        return response


class FiguresPageController(Controller):
    """Figures for people."""

    path = _PATH
    tags = ("public: figures",)
    exception_handlers = {  # noqa: RUF012 - the framework's own attribute
        GiaytoError: answer_with_page,
        HTTPException: lambda request, _error: answer_with_page(request, MalformedRequestError()),
    }

    @get(
        "/page",
        summary="The page of figures",
        media_type=HTML_MEDIA_TYPE,
        responses={
            **answers(str, "<!DOCTYPE html>…", media_type="text/html", description="The page."),
            **page_answer(HTTPStatus.NOT_FOUND, "There are no figures of that month."),
        },
    )
    async def figures(
        self,
        request: Request[Any, Any, Any],
        runtime: RuntimeDependency,
        month: MonthParameter = None,
        language: LanguageParameter = "vi",
    ) -> Response[bytes]:
        """Show a month, late agencies first."""
        found = await _figures(runtime, month)
        following = following_month(found.month)
        content = {
            "figures": found,
            "agencies": _late_first(found.agencies),
            "integration": sorted(found.integration, key=lambda each: (not each.overdue, each.agency_id)),
            "agency_counts": _AGENCY_COUNTS,
            "verifier_counts": _VERIFIER_COUNTS,
            "stages": _STAGES,
            "path": _PATH,
            "previous": month_before(found.month),
            "next": following if following <= this_month(runtime.clock()) else None,
            "section": "figures",
        }
        return page(request, "figures.html", language, content)


async def _figures(runtime: Runtime, month: str | None) -> MonthlyFigures:
    return await figures_of(runtime, month or this_month(runtime.clock()))


def _late_first(agencies: Sequence[AgencyFigures]) -> list[AgencyFigures]:
    return sorted(agencies, key=lambda agency: (not agency.late, agency.agency_id))


def _table(figures: MonthlyFigures) -> bytes:
    file = StringIO()
    writer = csv.DictWriter(file, _COLUMNS, restval="")
    writer.writeheader()
    for agency in figures.agencies:
        writer.writerow(_row(figures, "agency", agency, _AGENCY_COUNTS) | {"late": str(agency.late).lower()})
    for verifier in figures.verifiers:
        writer.writerow(_row(figures, "verifier", verifier, _VERIFIER_COUNTS))
    for owner in figures.integration:
        overdue = " ".join(each.code for each in owner.overdue)
        late = str(bool(owner.overdue)).lower()
        writer.writerow(_row(figures, "integration", owner, _STAGES) | {"overdue": overdue, "late": late})
    return file.getvalue().encode("utf-8-sig")


def _row(
    figures: MonthlyFigures,
    kind: str,
    whose: AgencyFigures | VerifierFigures | IntegrationFigures,
    counted: Sequence[str],
) -> dict[str, str]:
    named = whose.verifier_id if isinstance(whose, VerifierFigures) else whose.agency_id
    name = "" if whose.names is None else whose.names.vi
    counts = {measure: _written(getattr(whose, measure), figures) for measure in counted}
    return {"month": figures.month, "kind": kind, "id": inert(named), "name_vi": inert(name), **counts}


def _written(count: int | None, figures: MonthlyFigures) -> str:
    return f"<{figures.suppressed_below}" if count is None else str(count)
