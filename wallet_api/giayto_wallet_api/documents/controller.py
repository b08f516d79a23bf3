"""`/issuer/v1/documents`: push one, push a stream, list, read, revoke, suspend, resume."""

from http import HTTPStatus
from typing import Annotated, Any

from litestar import Controller, Request, Response, get, post
from litestar.params import BodyKwarg, FromPath, QueryParameter

from giayto_crypto.errors import GiaytoError
from giayto_wallet_api.agencies.principal import AgencyClientDependency, requires_agency
from giayto_wallet_api.cursors import DEFAULT_PAGE, CursorParameter, LimitParameter, read_sequence
from giayto_wallet_api.documents import decisions, examples, reading
from giayto_wallet_api.documents.bulk import answer_stream
from giayto_wallet_api.documents.duplex import DuplexResponse
from giayto_wallet_api.documents.problems import HolderKeyError, RowKeyConflictError, RowTooLargeError
from giayto_wallet_api.documents.push import push_rows, require_rows_left
from giayto_wallet_api.documents.schemas import (
    MAX_ROW_BYTES,
    Decision,
    DocumentDetail,
    DocumentPage,
    DocumentState,
    PushAnswer,
    PushRow,
)
from giayto_wallet_api.dpop.problems import InvalidTokenError
from giayto_wallet_api.edge import READS_STREAM
from giayto_wallet_api.inbox.states import StateConflictError
from giayto_wallet_api.openapi import answers, example_of
from giayto_wallet_api.problems import MalformedRequestError, NotFoundError, TooManyRequestsError
from giayto_wallet_api.push_jobs.counting import settler_of
from giayto_wallet_api.push_jobs.service import bookkeeper_for
from giayto_wallet_api.runtime import RuntimeDependency

NDJSON_MEDIA_TYPE = "application/x-ndjson"

JobParameter = Annotated[
    str | None,
    QueryParameter(name="job", max_length=64, description="`job_id` of the job that the rows belong to."),
]
_ROW_REFUSALS = (InvalidTokenError, MalformedRequestError, HolderKeyError, RowKeyConflictError, RowTooLargeError)
_DECISION_BODY = BodyKwarg(examples=example_of(examples.DECISION))
_DECISION_ANSWERS = answers(DocumentDetail, examples.DETAIL, InvalidTokenError, NotFoundError, StateConflictError)


class DocumentController(Controller):
    """Documents of the calling agency."""

    path = "/issuer/v1/documents"
    tags = ("agencies: documents",)
    guards = (requires_agency,)

    @post(
        "/",
        summary="Push one row",
        request_max_body_size=MAX_ROW_BYTES,
        responses={
            **answers(PushAnswer, examples.STORED, *_ROW_REFUSALS, status=HTTPStatus.CREATED),
            **answers(PushAnswer, {**examples.STORED, "result": "unchanged"}, description="The same row again."),
        },
    )
    async def push(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        data: Annotated[PushRow, BodyKwarg(examples=example_of(examples.ROW))],
    ) -> Response[PushAnswer]:
        """Check a row's credentials and store them in the wallet of their subject. The same row again is unchanged."""
        settler = settler_of(client.agency_id)
        (outcome,) = await push_rows(runtime, client, [data], bookkeeper=settler)
        if isinstance(outcome, GiaytoError):
            raise outcome
        status = HTTPStatus.CREATED if outcome.result == "stored" else HTTPStatus.OK
        return Response(outcome, status_code=status)

    @post(
        "/bulk",
        status_code=200,
        summary="Push a stream of rows",
        description=(
            "Takes rows as newline-delimited JSON, one row a line, and answers each with one line in the same order, "
            "as soon as the row is durable. A row that is refused affects no other. When the connection breaks, send "
            "the rows without an answer again: what was stored is answered `unchanged`."
        ),
        opt={READS_STREAM: True},
        request_max_body_size=None,
        responses=answers(
            str,
            examples.STREAM_OF_ANSWERS,
            InvalidTokenError,
            NotFoundError,
            TooManyRequestsError,
            media_type=NDJSON_MEDIA_TYPE,
        ),
    )
    async def push_stream(
        self,
        request: Request[Any, Any, Any],
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        job: JobParameter = None,
    ) -> DuplexResponse:
        """Answer rows while they come in."""
        await require_rows_left(runtime, client)
        bookkeeper = await bookkeeper_for(runtime, client, job)
        answered = answer_stream(runtime, client, request.stream(), bookkeeper=bookkeeper)
        return DuplexResponse(iterator=answered, media_type=NDJSON_MEDIA_TYPE, status_code=HTTPStatus.OK)

    @get(
        "/",
        summary="List pushed documents",
        responses=answers(DocumentPage, examples.PAGE, InvalidTokenError, MalformedRequestError),
    )
    async def list_documents(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        row_key: Annotated[str | None, QueryParameter(name="row_key", max_length=128)] = None,
        document_state: Annotated[DocumentState | None, QueryParameter(name="state")] = None,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_PAGE,
    ) -> DocumentPage:
        """Return the versions that this agency pushed, oldest first."""
        after = read_sequence(cursor, default=0)
        return await reading.list_documents(
            runtime, client, row_key=row_key, state=document_state, after=after, limit=limit
        )

    @get(
        "/{document_id:str}",
        summary="Read one document",
        responses=answers(DocumentDetail, examples.DETAIL, InvalidTokenError, NotFoundError),
    )
    async def read(
        self, runtime: RuntimeDependency, client: AgencyClientDependency, document_id: FromPath[str]
    ) -> DocumentDetail:
        """Return the current version and what the holder answered to it."""
        return await reading.read_document(runtime, client, document_id)

    @post("/{document_id:str}/revoke", status_code=200, summary="Revoke a document", responses=_DECISION_ANSWERS)
    async def revoke(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        document_id: FromPath[str],
        data: Annotated[Decision, _DECISION_BODY],
    ) -> DocumentDetail:
        """Make the document's credentials invalid for good."""
        await decisions.revoke(runtime, client, document_id, data.reason)
        return await reading.read_document(runtime, client, document_id)

    @post("/{document_id:str}/suspend", status_code=200, summary="Suspend a document", responses=_DECISION_ANSWERS)
    async def suspend(
        self,
        runtime: RuntimeDependency,
        client: AgencyClientDependency,
        document_id: FromPath[str],
        data: Annotated[Decision, _DECISION_BODY],
    ) -> DocumentDetail:
        """Withhold the document until it is resumed."""
        await decisions.suspend(runtime, client, document_id, data.reason)
        return await reading.read_document(runtime, client, document_id)

    @post("/{document_id:str}/consume", status_code=200, summary="Consume a document", responses=_DECISION_ANSWERS)
    async def consume(
        self, runtime: RuntimeDependency, client: AgencyClientDependency, document_id: FromPath[str]
    ) -> DocumentDetail:
        """Mark a single-use document as used; 409 when it was used already."""
        await decisions.consume(runtime, client, document_id)
        return await reading.read_document(runtime, client, document_id)

    @post("/{document_id:str}/resume", status_code=200, summary="Resume a document", responses=_DECISION_ANSWERS)
    async def resume(
        self, runtime: RuntimeDependency, client: AgencyClientDependency, document_id: FromPath[str]
    ) -> DocumentDetail:
        """Let a suspended document stand again."""
        await decisions.resume(runtime, client, document_id)
        return await reading.read_document(runtime, client, document_id)
