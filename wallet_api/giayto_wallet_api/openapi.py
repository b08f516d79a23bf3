"""How operations describe themselves in OpenAPI: every one with an example of its answer and the problems it knows."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from giayto_wallet_api.oauth.errors import OAuthError, OAuthRefusal
from giayto_wallet_api.problems import PROBLEM_MEDIA_TYPE, Problem, ProblemError

Responses = Mapping[int, ResponseSpec]


def answers(
    data_type: Any,
    example: Any,
    *problems: type[ProblemError],
    status: HTTPStatus = HTTPStatus.OK,
    description: str = "",
    media_type: str = "application/json",
) -> dict[int, ResponseSpec]:
    """Describe what an operation answers.

    Args:
        data_type: the type of the body.
        example: a body, as it travels.
        problems: what the operation may refuse with; one of each status is shown as the example.
        status: the status of the answer.
        description: one sentence; the status' phrase when empty.
        media_type: of the body.
    """
    described: dict[int, ResponseSpec] = {}
    for problem in problems:
        described.setdefault(problem.status, refusal(problem))
    success = ResponseSpec(
        data_container=data_type,
        generate_examples=False,
        description=description or status.phrase,
        media_type=media_type,
        examples=[Example(value=example)],
    )
    return {status: success, **described}


def example_of(value: Any, summary: str = "") -> list[Example]:
    """Return one example for a request body."""
    return [Example(summary=summary or None, value=value)]


def refusal(problem: type[ProblemError]) -> ResponseSpec:
    """Describe what an operation refuses with."""
    example = Problem(
        type=f"urn:giayto:problem:{problem.code}",
        title=problem.status.phrase,
        status=problem.status,
        code=problem.code,
        detail="",
        message_vi=problem.message_vi,
        message_en=problem.message_en,
        instance="urn:uuid:0b8f7c2e-6f0d-4a55-9d0f-3f1d8a6a2f10",
    )
    return ResponseSpec(
        data_container=Problem,
        generate_examples=False,
        description=problem.message_en,
        media_type=PROBLEM_MEDIA_TYPE,
        examples=[Example(value=msgspec.to_builtins(example))],
    )


def oauth_refusals(*errors: type[OAuthError] | type[ProblemError]) -> dict[int, ResponseSpec]:
    """Describe what an endpoint of OAuth or OpenID refuses with, in the format of RFC 6749 §5.2."""
    described: dict[int, ResponseSpec] = {}
    for error in errors:
        described.setdefault(error.status, _oauth_refusal(error))
    return described


def page_answer(status: HTTPStatus, description: str) -> dict[int, ResponseSpec]:
    """Describe what people are shown in place of the page that they asked for."""
    shown = ResponseSpec(
        data_container=str,
        generate_examples=False,
        description=description,
        media_type="text/html",
        examples=[Example(value="<!DOCTYPE html>…")],
    )
    return {status: shown}


def redirection(description: str) -> dict[int, ResponseSpec]:
    """Describe that a browser is sent elsewhere."""
    return {HTTPStatus.SEE_OTHER: ResponseSpec(data_container=None, description=description)}


def _oauth_refusal(error: type[OAuthError] | type[ProblemError]) -> ResponseSpec:
    return ResponseSpec(
        data_container=OAuthRefusal,
        generate_examples=False,
        description=error.message_en or error.status.phrase,
        media_type="application/json",
        examples=[Example(value=msgspec.to_builtins(OAuthRefusal(error=error.code)))],
    )
