"""`/public/v1/catalogue/editions` and `/public/v1/may-ask`: the catalogue for programs."""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, get
from litestar.params import FromPath, QueryParameter

from giayto_crypto import strict_json
from giayto_crypto.catalogue_edition import TYP, CatalogueEdition, EditionDifference, difference
from giayto_issuers.values.times import VIETNAM
from giayto_verifiers.paper_rule import MayAsk
from giayto_wallet_api.catalogue import schemas
from giayto_wallet_api.catalogue.editions import (
    FROM_THE_NEWEST,
    LATEST,
    edition_before,
    find_edition,
    list_editions,
)
from giayto_wallet_api.catalogue.problems import DocumentUnknownError, NoEditionError
from giayto_wallet_api.catalogue.rule import PaperQuestion, answer
from giayto_wallet_api.cursors import DEFAULT_PAGE, CursorParameter, LimitParameter, read_sequence
from giayto_wallet_api.openapi import answers
from giayto_wallet_api.problems import MalformedRequestError
from giayto_wallet_api.publications.published import published
from giayto_wallet_api.runtime import RuntimeDependency

JWT_MEDIA_TYPE = "application/jwt"
JSON_MEDIA_TYPE = "application/json"
FOR_EVER_SECONDS = 31_536_000
"""An edition never changes under its own name."""
REVALIDATED = 0
"""Seconds: caches keep it and ask each time whether it is still the same."""
_RULE_SECONDS = 300

DocumentParameter = Annotated[
    str, QueryParameter(name="document", min_length=1, max_length=500, description="Code or vct of the document.")
]
ProcedureParameter = Annotated[
    str | None, QueryParameter(name="procedure", max_length=64, description="Code such as 1.000894.")
]
PurposeParameter = Annotated[
    str | None, QueryParameter(name="purpose", max_length=64, description="Code of one of the document's purposes.")
]
DateParameter = Annotated[date | None, QueryParameter(name="date", description="The day in Vietnam; today if absent.")]
SinceParameter = Annotated[
    str | None, QueryParameter(name="since", max_length=12, description="Older edition; the one before if absent.")
]


class CatalogueController(Controller):
    """Editions and the rule."""

    path = "/public/v1"
    tags = ("public: catalogue",)

    @get(
        "/catalogue/editions",
        summary="List the editions of the catalogue",
        responses=answers(schemas.EditionPage, schemas.EDITIONS_EXAMPLE, MalformedRequestError),
    )
    async def editions(
        self,
        request: Request[Any, Any, Any],
        runtime: RuntimeDependency,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_PAGE,
    ) -> Response[bytes]:
        """Return all editions that were ever published, newest first."""
        before = read_sequence(cursor, default=FROM_THE_NEWEST)
        async with runtime.database.read() as tx:
            found = await list_editions(tx, before=before, limit=limit + 1)
        shown = found[:limit]
        page = schemas.EditionPage(
            items=[schemas.EditionItem.of(summary) for summary in shown],
            next_cursor=str(shown[-1].sequence) if len(found) > limit else None,
        )
        return _json(request, page, max_age=REVALIDATED)

    @get(
        "/catalogue/editions/{name:str}",
        summary="An edition of the catalogue",
        responses=answers(CatalogueEdition, schemas.EDITION_EXAMPLE, NoEditionError),
    )
    async def edition(
        self, request: Request[Any, Any, Any], runtime: RuntimeDependency, name: FromPath[str]
    ) -> Response[bytes]:
        """Return what an edition says: `latest`, `2026-12`, or `2026-12.1` for a correction."""
        async with runtime.database.read() as tx:
            found = await find_edition(tx, name, runtime.keys.anchors)
        return _json(request, schemas.edition_body(found.edition), max_age=cache_seconds(name))

    @get(
        "/catalogue/editions/{name:str}/token",
        summary="An edition as it is signed",
        media_type=JWT_MEDIA_TYPE,
        responses=answers(str, "eyJ…", NoEditionError, media_type=JWT_MEDIA_TYPE, description=f"A JWS, {TYP}."),
    )
    async def token(
        self, request: Request[Any, Any, Any], runtime: RuntimeDependency, name: FromPath[str]
    ) -> Response[bytes]:
        """Return the signed edition, for who checks it against a pinned anchor."""
        async with runtime.database.read() as tx:
            found = await find_edition(tx, name, runtime.keys.anchors)
        return published(request, found.token.encode(), media_type=JWT_MEDIA_TYPE, max_age=cache_seconds(name))

    @get(
        "/catalogue/editions/{name:str}/changes",
        summary="What changed in an edition",
        responses=answers(EditionDifference, schemas.DIFFERENCE_EXAMPLE, NoEditionError),
    )
    async def changes(
        self,
        request: Request[Any, Any, Any],
        runtime: RuntimeDependency,
        name: FromPath[str],
        since: SinceParameter = None,
    ) -> Response[bytes]:
        """Compare an edition with an older one: what was added, removed, and which fields changed."""
        async with runtime.database.read() as tx:
            newer = await find_edition(tx, name, runtime.keys.anchors)
            if since is None:
                older = await edition_before(tx, newer, runtime.keys.anchors)
            else:
                older = await find_edition(tx, since, runtime.keys.anchors)
        if older is None:
            raise NoEditionError("there is no edition before this one to compare it with")
        return _json(request, difference(older.edition, newer.edition), max_age=REVALIDATED)

    @get(
        "/may-ask",
        summary="May this paper still be asked for?",
        responses=answers(MayAsk, schemas.MAY_ASK_EXAMPLE, MalformedRequestError, DocumentUnknownError),
    )
    async def may_ask(
        self,
        request: Request[Any, Any, Any],
        runtime: RuntimeDependency,
        document: DocumentParameter,
        procedure: ProcedureParameter = None,
        purpose: PurposeParameter = None,
        on: DateParameter = None,
    ) -> Response[bytes]:
        """Answer yes or no with the reason, the legal basis and the edition that says so."""
        day = on or runtime.clock().astimezone(VIETNAM).date()
        question = PaperQuestion(document, day, procedure, purpose)
        async with runtime.database.read() as tx:
            said = await answer(tx, runtime.keys.anchors, question)
        return _json(request, said, max_age=_RULE_SECONDS)


def cache_seconds(name: str) -> int:
    """Return for how long a cache may keep what is served under an edition's name."""
    return REVALIDATED if name == LATEST else FOR_EVER_SECONDS


def _json(request: Request[Any, Any, Any], body: object, *, max_age: int) -> Response[bytes]:
    content = strict_json.canonical(msgspec.to_builtins(body))
    return published(request, content, media_type=JSON_MEDIA_TYPE, max_age=max_age)
