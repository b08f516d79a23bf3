"""`/public/v1/catalogue`: the catalogue for people, and the files that they take with them."""

import asyncio
import json
from collections.abc import Mapping
from datetime import date
from functools import partial
from http import HTTPStatus
from itertools import zip_longest
from typing import Annotated, Any, Literal

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath, QueryParameter, SkipValidation

from giayto_crypto.catalogue_edition import CatalogueEdition, EditionEntry, Stage, difference
from giayto_crypto.errors import GiaytoError
from giayto_crypto.localised import Localised
from giayto_issuers.values.times import VIETNAM
from giayto_wallet_api.catalogue.controller import REVALIDATED, cache_seconds
from giayto_wallet_api.catalogue.editions import (
    FROM_THE_NEWEST,
    LATEST,
    PublishedEdition,
    edition_before,
    find_edition,
    list_editions,
)
from giayto_wallet_api.catalogue.problems import DocumentUnknownError, NoEditionError
from giayto_wallet_api.catalogue.rule import PaperQuestion, answer
from giayto_wallet_api.catalogue_pages.feed import ATOM_MEDIA_TYPE, atom_feed
from giayto_wallet_api.catalogue_pages.languages import Language
from giayto_wallet_api.catalogue_pages.poster import PDF_MEDIA_TYPE, Size, poster
from giayto_wallet_api.catalogue_pages.rendering import (
    CATALOGUE_PATH,
    HTML_MEDIA_TYPE,
    answer_with_page,
    page,
    stylesheet,
    with_query,
)
from giayto_wallet_api.catalogue_pages.search import Filters, find, page_of
from giayto_wallet_api.catalogue_pages.table import CSV_MEDIA_TYPE, edition_table
from giayto_wallet_api.cursors import CursorParameter, read_sequence
from giayto_wallet_api.openapi import answers, page_answer
from giayto_wallet_api.problems import MalformedRequestError
from giayto_wallet_api.publications.published import published
from giayto_wallet_api.runtime import Runtime, RuntimeDependency

_STYLE_SECONDS = 3600
_EDITIONS_IN_FEED = 24
_EDITIONS_ON_PAGE = 24

LanguageParameter = Annotated[Language, QueryParameter(name="lang", description="Of the page.")]
QueryText = Annotated[str, QueryParameter(name="q", max_length=200, description="Words, with or without marks.")]
HolderParameter = Annotated[
    Literal["person", "organisation", ""], QueryParameter(name="holder", description="Whose document.")
]
OwnerParameter = Annotated[str, QueryParameter(name="owner", max_length=64, description="Such as G18.")]
StageParameter = Annotated[
    Literal["proposed", "in-preparation", "integrated", ""], QueryParameter(name="stage", description="How far.")
]
PageParameter = Annotated[int, QueryParameter(name="page", ge=1, le=10_000, description="From 1.")]
VersionParameter = Annotated[int | None, QueryParameter(name="version", ge=1, description="The newest if absent.")]
TextParameter = Annotated[str, QueryParameter(max_length=500)]
SizeParameter = Annotated[Size, QueryParameter(name="size", description="Of the paper.")]

_PAGE = {
    **answers(str, "<!DOCTYPE html>…", media_type="text/html", description="The page."),
    **page_answer(HTTPStatus.NOT_FOUND, "There is no such edition, or no such document in it."),
}


async def read_filters(
    words: QueryText = "", holder: HolderParameter = "", owner: OwnerParameter = "", stage: StageParameter = ""
) -> Filters:
    """Return what the form of a list asks for; an empty choice takes all."""
    wanted: Stage | None = stage or None
    return Filters(query=words, holder=holder or None, owner=owner or None, stage=wanted)


FiltersDependency = NamedDependency[SkipValidation[Filters]]


class CataloguePageController(Controller):
    """Pages, feed, table and poster."""

    path = CATALOGUE_PATH
    tags = ("public: catalogue",)

    @get("/catalogue.css", summary="The stylesheet of the pages", media_type="text/css", responses=answers(
        str, ":root { color-scheme: light dark; }", media_type="text/css"
    ))  # fmt: skip
    async def css(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Style all pages."""
        return published(request, stylesheet(), media_type="text/css", max_age=_STYLE_SECONDS)

    @get(
        "/feed.atom",
        summary="A feed of the editions",
        media_type=ATOM_MEDIA_TYPE,
        responses=answers(str, "<feed xmlns='http://www.w3.org/2005/Atom'>…", media_type=ATOM_MEDIA_TYPE),
    )
    async def feed(
        self, request: Request[Any, Any, Any], runtime: RuntimeDependency, language: LanguageParameter = "vi"
    ) -> Response[bytes]:
        """Tell feed readers of the newest editions and what each changed."""
        editions = await _newest_editions(runtime, _EDITIONS_IN_FEED + 1)
        changes = [
            (newer, None if before is None else difference(before, newer))
            for newer, before in zip_longest(editions, editions[1:])
        ]
        content = atom_feed(changes[:_EDITIONS_IN_FEED], base_url=runtime.settings.base_url, language=language)
        return published(request, content, media_type=ATOM_MEDIA_TYPE, max_age=REVALIDATED)

    @get(
        "/{name:str}/table.csv",
        summary="An edition as a table",
        media_type=CSV_MEDIA_TYPE,
        responses=answers(str, "edition,code,version,vct,…", NoEditionError, media_type=CSV_MEDIA_TYPE),
    )
    async def table(
        self, request: Request[Any, Any, Any], runtime: RuntimeDependency, name: FromPath[str]
    ) -> Response[bytes]:
        """Return an edition for spreadsheets."""
        found = await _edition(runtime, name)
        response = published(
            request, edition_table(found.edition), media_type=CSV_MEDIA_TYPE,
            max_age=cache_seconds(name),
        )  # fmt: skip
        response.headers["Content-Disposition"] = f'attachment; filename="catalogue-{found.edition.edition_id}.csv"'
        return response

    @get(
        "/{name:str}/poster.pdf",
        summary="The poster of an edition",
        media_type=PDF_MEDIA_TYPE,
        responses=answers(str, "%PDF-1.7 …", NoEditionError, MalformedRequestError, media_type=PDF_MEDIA_TYPE),
    )
    async def poster(
        self,
        request: Request[Any, Any, Any],
        runtime: RuntimeDependency,
        name: FromPath[str],
        size: SizeParameter = "a4",
        language: LanguageParameter = "vi",
    ) -> Response[bytes]:
        """Return the poster for the wall of a desk; its QR leads to the edition's page."""
        found = await _edition(runtime, name)
        address = f"{runtime.settings.base_url}{CATALOGUE_PATH}/{found.edition.edition_id}"
        content = await asyncio.to_thread(poster, found.edition, address, size, language)
        response = published(request, content, media_type=PDF_MEDIA_TYPE, max_age=cache_seconds(name))
        filename = f"catalogue-{found.edition.edition_id}-{size}-{language}.pdf"
        response.headers["Content-Disposition"] = f'inline; filename="{filename}"'
        return response


class CatalogueHtmlController(Controller):
    """Pages; what they cannot show is told on a page as well."""

    path = CATALOGUE_PATH
    tags = ("public: catalogue",)
    dependencies = {"filters": Provide(read_filters)}  # noqa: RUF012 - the framework's own attribute
    exception_handlers = {  # noqa: RUF012 - the framework's own attribute
        GiaytoError: answer_with_page,
        HTTPException: lambda request, _error: answer_with_page(request, MalformedRequestError()),
    }

    @get("/", summary="The page of the catalogue", media_type=HTML_MEDIA_TYPE, responses=_PAGE)
    async def catalogue(
        self,
        request: Request[Any, Any, Any],
        runtime: RuntimeDependency,
        filters: FiltersDependency,
        number: PageParameter = 1,
        language: LanguageParameter = "vi",
    ) -> Response[bytes]:
        """Show the documents of the newest edition."""
        return await _list_page(request, runtime, LATEST, filters, number, language)

    @get("/{name:str}", summary="The page of an edition", media_type=HTML_MEDIA_TYPE, responses=_PAGE)
    async def edition(
        self,
        request: Request[Any, Any, Any],
        runtime: RuntimeDependency,
        name: FromPath[str],
        filters: FiltersDependency,
        number: PageParameter = 1,
        language: LanguageParameter = "vi",
    ) -> Response[bytes]:
        """Show the documents of an edition, however old."""
        return await _list_page(request, runtime, name, filters, number, language)

    @get("/{name:str}/documents/{code:str}", summary="The page of a document", media_type=HTML_MEDIA_TYPE,
         responses=_PAGE)  # fmt: skip
    async def document(
        self,
        request: Request[Any, Any, Any],
        runtime: RuntimeDependency,
        name: FromPath[str],
        code: FromPath[str],
        version: VersionParameter = None,
        language: LanguageParameter = "vi",
    ) -> Response[bytes]:
        """Show what an edition says of one document."""
        found = await _edition(runtime, name)
        content = {**await _edition_content(runtime, found), "entry": _entry(found.edition, code, version)}
        return page(request, "document.html", language, content | {"section": "list"})

    @get("/{name:str}/changes", summary="The page of changes", media_type=HTML_MEDIA_TYPE, responses=_PAGE)
    async def changes(
        self,
        request: Request[Any, Any, Any],
        runtime: RuntimeDependency,
        name: FromPath[str],
        language: LanguageParameter = "vi",
    ) -> Response[bytes]:
        """Show what changed since the edition before."""
        found = await _edition(runtime, name)
        async with runtime.database.read() as tx:
            older = await edition_before(tx, found, runtime.keys.anchors)
        content = {
            **await _edition_content(runtime, found),
            "changes": None if older is None else difference(older.edition, found.edition),
            "written": _written,
            "section": "history",
        }
        return page(request, "changes.html", language, content)

    @get("/history", summary="The page of all editions", media_type=HTML_MEDIA_TYPE, responses=_PAGE)
    async def history(
        self,
        request: Request[Any, Any, Any],
        runtime: RuntimeDependency,
        cursor: CursorParameter = None,
        language: LanguageParameter = "vi",
    ) -> Response[bytes]:
        """Show every edition that was ever published."""
        before = read_sequence(cursor, default=FROM_THE_NEWEST)
        async with runtime.database.read() as tx:
            found = await list_editions(tx, before=before, limit=_EDITIONS_ON_PAGE + 1)
        shown = found[:_EDITIONS_ON_PAGE]
        older = str(shown[-1].sequence) if len(found) > _EDITIONS_ON_PAGE else None
        return page(request, "history.html", language, {"summaries": shown, "older": older, "section": "history"})

    @get("/may-ask", summary="The page that answers", media_type=HTML_MEDIA_TYPE, responses=_PAGE)
    async def may_ask(
        self,
        request: Request[Any, Any, Any],
        runtime: RuntimeDependency,
        document: TextParameter = "",
        procedure: TextParameter = "",
        purpose: TextParameter = "",
        day: Annotated[str, QueryParameter(name="date", max_length=10)] = "",
        language: LanguageParameter = "vi",
    ) -> Response[bytes]:
        """Ask whether a paper may be asked for, and show the answer with its basis."""
        found = await _edition(runtime, LATEST)
        asked = PaperQuestion(document, _read_day(day, runtime), procedure or None, purpose or None)
        content: dict[str, Any] = {
            "entries": sorted(found.edition.entries, key=lambda entry: getattr(entry.titles, language)),
            "asked": asked,
            "purposes": _purposes(found.edition, document),
            "answer": None,
            "error": None,
            "section": "ask",
        }
        if document:
            try:
                async with runtime.database.read() as tx:
                    content["answer"] = await answer(tx, runtime.keys.anchors, asked)
            except GiaytoError as error:
                content["error"] = Localised(vi=error.message_vi, en=error.message_en)
        return page(request, "may_ask.html", language, content)


async def _list_page(
    request: Request[Any, Any, Any], runtime: Runtime, name: str, filters: Filters, number: int, language: Language
) -> Response[bytes]:
    found = await _edition(runtime, name)
    here = CATALOGUE_PATH if name == LATEST else _path_of(found.edition)
    content = {
        **await _edition_content(runtime, found),
        "here": here,
        "filters": filters,
        "owners": _owners(found.edition),
        "result": page_of(find(found.edition.entries, filters), number),
        "page_address": partial(_page_address, here, filters, language),
        "section": "list",
    }
    return page(request, "list.html", language, content)


async def _edition(runtime: Runtime, name: str) -> PublishedEdition:
    async with runtime.database.read() as tx:
        return await find_edition(tx, name, runtime.keys.anchors)


async def _newest_editions(runtime: Runtime, count: int) -> list[CatalogueEdition]:
    anchors = runtime.keys.anchors
    async with runtime.database.read() as tx:
        summaries = await list_editions(tx, before=FROM_THE_NEWEST, limit=count)
        return [(await find_edition(tx, summary.edition_id, anchors)).edition for summary in summaries]


async def _edition_content(runtime: Runtime, found: PublishedEdition) -> Mapping[str, Any]:
    latest = await _edition(runtime, LATEST)
    return {
        "edition": found.edition,
        "edition_path": _path_of(found.edition),
        "latest_id": latest.edition.edition_id,
        "today": runtime.clock().astimezone(VIETNAM).date(),
    }


def _path_of(edition: CatalogueEdition) -> str:
    return f"{CATALOGUE_PATH}/{edition.edition_id}"


def _owners(edition: CatalogueEdition) -> list[tuple[str, Localised]]:
    return sorted({entry.owner.agency_id: entry.owner.names for entry in edition.entries}.items())


def _entry(edition: CatalogueEdition, code: str, version: int | None) -> EditionEntry:
    newest = edition.find(code)
    wanted = (entry for entry in edition.entries if (entry.code, entry.version) == (code, version))
    entry = newest if version is None else next(wanted, None)
    if entry is None or entry.code != code:
        raise DocumentUnknownError("the edition has no document of this code and version")
    return entry


def _purposes(edition: CatalogueEdition, document: str) -> tuple[Any, ...]:
    entry = edition.find(document)
    return () if entry is None else entry.purposes


def _page_address(here: str, filters: Filters, language: Language, number: int) -> str:
    return with_query(
        here, q=filters.query, holder=filters.holder, owner=filters.owner, stage=filters.stage, page=number,
        lang=language,
    )  # fmt: skip


def _read_day(text: str, runtime: Runtime) -> date:
    try:
        return date.fromisoformat(text) if text else runtime.clock().astimezone(VIETNAM).date()
    except ValueError:
        raise MalformedRequestError("date: YYYY-MM-DD is expected") from None


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
