"""`/verifier/v1/paper-fallbacks`: a bank or notary asks for paper all the same, and says why."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Final

from litestar import Controller, get, post
from litestar.params import BodyKwarg

from giayto_wallet_api.catalogue.problems import DocumentUnknownError
from giayto_wallet_api.corrections import problems, schemas
from giayto_wallet_api.corrections.asker import Asker
from giayto_wallet_api.corrections.fallbacks import page_of_fallbacks, record_fallback
from giayto_wallet_api.cursors import DEFAULT_PAGE, CursorParameter, LimitParameter
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.openapi import answers, example_of
from giayto_wallet_api.presentation_requests.principal import VerifierClient, VerifierDependency, requires_verifier
from giayto_wallet_api.problems import MalformedRequestError, TooManyRequestsError
from giayto_wallet_api.runtime import RuntimeDependency
from giayto_wallet_api.store.rate_limits import spend

FALLBACKS_PER_MINUTE: Final = 120
"""Each opens work for an agency: far above what the counters of the largest bank have, far below a flood."""
_REQUEST = schemas.FALLBACK_REQUEST_EXAMPLE | {"case_key": "BANK-A/2026/11/0975", "procedure": None}
_ANSWER = schemas.FALLBACK_EXAMPLE | {"case_key": "BANK-A/2026/11/0975"}


class VerifierFallbackController(Controller):
    """Paper that a verifier asks for because data is missing or wrong."""

    path = "/verifier/v1/paper-fallbacks"
    tags = ("verifiers: corrections",)
    guards = (requires_verifier,)

    @post(
        status_code=HTTPStatus.OK,
        summary="Record that paper is asked for all the same",
        responses=answers(
            schemas.FallbackItem,
            _ANSWER,
            MalformedRequestError,
            InvalidTokenError,
            problems.PaperForbiddenError,
            DocumentUnknownError,
            problems.FallbackNotNeededError,
            TooManyRequestsError,
        ),
    )
    async def record(
        self,
        runtime: RuntimeDependency,
        verifier: VerifierDependency,
        data: Annotated[schemas.FallbackRequest, BodyKwarg(examples=example_of(_REQUEST))],
    ) -> schemas.FallbackItem:
        """Say why paper is asked for; the agency that owns the data has ten days to correct it."""
        async with runtime.database.transaction() as tx:
            await spend(
                tx,
                bucket=f"paper-fallbacks:{verifier.verifier_id}",
                limit=FALLBACKS_PER_MINUTE,
                window=timedelta(minutes=1),
                now=runtime.clock(),
            )
            return await record_fallback(tx, runtime, _asker(verifier), data)

    @get(
        summary="List the fallbacks that this verifier recorded",
        responses=answers(
            schemas.FallbackPage, {"items": [_ANSWER], "next_cursor": None}, MalformedRequestError, InvalidTokenError
        ),
    )
    async def fallbacks(
        self,
        runtime: RuntimeDependency,
        verifier: VerifierDependency,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_PAGE,
    ) -> schemas.FallbackPage:
        """Return what this verifier recorded, with the answers, newest first."""
        return await page_of_fallbacks(runtime, _asker(verifier), cursor, limit)


def _asker(verifier: VerifierClient) -> Asker:
    return Asker("verifier", verifier.verifier_id)
