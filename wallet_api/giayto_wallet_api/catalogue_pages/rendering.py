"""Templates, and how a page is answered: autoescaped, cacheable, with nothing let in but our own stylesheet."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, partial
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request, Response

from giayto_crypto.errors import GiaytoError
from giayto_crypto.localised import Localised
from giayto_wallet_api.catalogue.problems import NoEditionError
from giayto_wallet_api.catalogue_pages.languages import Language, other_language, texts, written_day
from giayto_wallet_api.problems import problem_of
from giayto_wallet_api.publications.published import published

HTML_MEDIA_TYPE: Final = "text/html"
CATALOGUE_PATH: Final = "/public/v1/catalogue"
PAGE_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
_REVALIDATED: Final = 0


@cache
def stylesheet() -> bytes:
    """Return the stylesheet of all pages."""
    return files("giayto_wallet_api.catalogue_pages").joinpath("catalogue.css").read_bytes()


def page(
    request: Request[Any, Any, Any], template: str, language: Language, content: Mapping[str, Any]
) -> Response[bytes]:
    """Answer with a page, or with 304 when the browser has it.

    Args:
        request: its address, in the other language, is linked from the page.
        template: name of a file in `templates`.
        language: of the page.
        content: what the template shows.
    """
    body = _render(request, template, language, content)
    response = published(request, body, media_type=HTML_MEDIA_TYPE, max_age=_REVALIDATED)
    response.headers.update(PAGE_HEADERS)
    return response


def answer_with_page(request: Request[Any, Any, Any], error: GiaytoError) -> Response[bytes]:
    """Tell people what is wrong; programs that ask for no HTML get the same status."""
    problem = problem_of(error)
    language: Language = "en" if request.query_params.get("lang") == "en" else "vi"
    is_empty = isinstance(error, NoEditionError) and request.url.path == CATALOGUE_PATH
    template = "empty.html" if is_empty else "problem.html"
    message = Localised(vi=error.message_vi, en=error.message_en)
    content = {"status": problem.status, "message": message, "section": ""}
    body = _render(request, template, language, content)
    status = HTTPStatus.OK if is_empty else problem.status
    return Response(body, status_code=status, media_type=HTML_MEDIA_TYPE, headers=PAGE_HEADERS)


def with_query(path: str, **parameters: object) -> str:
    """Return an address; parameters that are None or empty are left out."""
    kept = {name: value for name, value in parameters.items() if value not in (None, "")}
    return f"{path}?{urlencode(kept)}" if kept else path


def _render(request: Request[Any, Any, Any], template: str, language: Language, content: Mapping[str, Any]) -> bytes:
    words = texts(language)
    shared = {
        "language": language,
        "other": other_language(language),
        "other_address": _in_other_language(request, language),
        "t": words,
        "root": CATALOGUE_PATH,
        "address": partial(with_query, lang=language),
        "say": partial(_say, language),
        "day": partial(_day, language),
    }
    return _environment().get_template(template).render({**shared, **content}).encode()


def _say(language: Language, text: Localised) -> str:
    said: str = getattr(text, language)
    return said


def _day(language: Language, day: date | datetime) -> str:
    return written_day(day, language)


def _in_other_language(request: Request[Any, Any, Any], language: Language) -> str:
    parameters = {name: value for name, value in request.query_params.items() if name != "lang"}
    return with_query(request.url.path, **parameters, lang=other_language(language))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("giayto_wallet_api.catalogue_pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
