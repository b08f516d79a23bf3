"""The wallet backend's interface for agencies (`/issuer/v1`), call by call."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from giayto_crypto.errors import KeyFormatError
from giayto_crypto.keys import PublicKey
from giayto_crypto.sdjwt import StatusReference
from giayto_issuers.subjects import Subject, SubjectIdentity
from giayto_sdk._http.authorised import AuthorisedClient
from giayto_sdk._http.messages import Answer, Request, list_member, read_object, text_member
from giayto_sdk.errors import ProtocolError

_NDJSON: Final = "application/x-ndjson"
_DOCUMENTS: Final = "/issuer/v1/documents"


@dataclass(frozen=True, slots=True)
class Ready:
    """The subject has a wallet; one credential is wanted for each of these keys."""

    holder_keys: tuple[PublicKey, ...]


@dataclass(frozen=True, slots=True)
class NoWallet:
    """The subject has no wallet that could take a document."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The record differs from the population record in these fields."""

    fields: tuple[str, ...]


LookupAnswer = Ready | NoWallet | Mismatch


class HolderResponse(msgspec.Struct, frozen=True):
    """What the holder answered to the current version of a document."""

    answer: str | None = None
    """`offered` (no answer yet), `confirmed` or `declined`."""
    reason: str | None = None
    """Why they declined, in their own words."""


class IssuedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a document that this agency pushed, as the wallet backend knows it."""

    document_id: str
    version: int
    row_key: str
    document_type: str
    """vct"""
    state: str
    """`active`, `suspended`, `superseded`, `revoked` or `consumed`."""
    pushed_at: datetime
    changed_at: datetime
    holder: HolderResponse | None = None
    """Only where one document was asked for."""


class IssuerApi:
    """Calls in the name of one agency."""

    def __init__(self, client: AuthorisedClient) -> None:
        """Use a client that holds the agency's tokens."""
        self._client = client

    def look_up(self, document_type: str, subjects: Sequence[tuple[Subject, SubjectIdentity]]) -> list[LookupAnswer]:
        """Ask for the holder keys of up to 1000 subjects; the answers come in the same order."""
        body = {"document_type": document_type, "subjects": [_subject_question(*each) for each in subjects]}
        answer = self._client.post("/issuer/v1/holder-keys/lookup", body, repeatable=True)
        answers = [_lookup_answer(member) for member in list_member(answer.json(), "answers")]
        if len(answers) != len(subjects):
            raise ProtocolError(f"look-up: {len(subjects)} subjects asked for, {len(answers)} answers came")
        return answers

    def reserve_status_indexes(self, document_type: str, count: int) -> list[StatusReference]:
        """Reserve fresh status indexes, at most 10,000. A lost answer costs a few unused ones, nothing else."""
        body = {"document_type": document_type, "count": count}
        answer = self._client.post("/issuer/v1/status-indexes", body, repeatable=True)
        entries = [_status_reference(entry) for entry in list_member(answer.json(), "entries")]
        if len(set(entries)) != count:
            raise ProtocolError(f"status indexes: {count} different ones were asked for")
        return entries

    @contextmanager
    def push(self, lines: Sequence[str | bytes], *, job_id: str = "") -> Iterator[Iterator[Mapping[str, Any]]]:
        """Send rows as one NDJSON stream, of a job if there is one, and read the answers as they come."""
        content = b"".join(line if isinstance(line, bytes) else f"{line}\n".encode() for line in lines)
        params = {"job": job_id} if job_id else {}
        headers = {"Content-Type": _NDJSON, "Accept": _NDJSON}
        request = Request("POST", f"{_DOCUMENTS}/bulk", params=params, headers=headers, content=content)
        with self._client.stream(request) as response:
            yield (_line_answer(line) for line in response.iter_lines() if line)

    def document(self, document_id: str) -> IssuedDocument:
        """Return one document; NotFoundError when this agency has no such."""
        return _document(self._client.get(f"{_DOCUMENTS}/{document_id}").json())

    def documents(self, filters: Mapping[str, str]) -> Iterator[IssuedDocument]:
        """Return this agency's documents, page by page.

        Args:
            filters: `row_key`, `state`.
        """
        cursor: str | None = ""
        while cursor is not None:
            page = self._client.get(_DOCUMENTS, {**filters, **({"cursor": cursor} if cursor else {})}).json()
            yield from map(_document, list_member(page, "items"))
            cursor = page.get("next_cursor")

    def change_status(self, document_id: str, verb: str, body: Mapping[str, str]) -> IssuedDocument:
        """Revoke, suspend, resume or consume a document."""
        answer: Answer = self._client.post(f"{_DOCUMENTS}/{document_id}/{verb}", body)
        return _document(answer.json())


def _subject_question(subject: Subject, identity: SubjectIdentity) -> dict[str, str]:
    question = {"kind": subject.kind, "id": subject.id, "full_name": identity.name}
    if identity.birth_date is not None:
        question["birth_date"] = identity.birth_date.isoformat()
    return question


def _lookup_answer(member: Any) -> LookupAnswer:
    if not isinstance(member, dict):
        raise ProtocolError("look-up: each answer must be an object")
    match member.get("state"):
        case "ready":
            return Ready(tuple(map(_public_key, list_member(member, "holder_keys"))))
        case "no_wallet":
            return NoWallet()
        case "mismatch":
            return Mismatch(tuple(map(str, list_member(member, "fields"))))
        case _:
            raise ProtocolError("look-up: an answer that this version does not know")


def _public_key(jwk: Any) -> PublicKey:
    try:
        return PublicKey.from_jwk(jwk)
    except (KeyFormatError, AttributeError) as error:
        raise ProtocolError("look-up: a holder key that is not a P-256 JWK") from error


def _status_reference(entry: Any) -> StatusReference:
    idx = entry.get("idx") if isinstance(entry, dict) else None
    if not isinstance(idx, int) or isinstance(idx, bool):
        raise ProtocolError("status indexes: each entry has uri and idx")
    return StatusReference(text_member(entry, "uri"), idx)


def _document(members: Any) -> IssuedDocument:
    try:
        return msgspec.convert(members, IssuedDocument)
    except msgspec.ValidationError as error:
        raise ProtocolError(f"document: {error}") from error


def _line_answer(line: str) -> Mapping[str, Any]:
    return read_object(line.encode("utf-8"))
