"""The wallet backend's interface for signing requests (`/issuer/v1/signing-requests`), call by call."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from giayto_crypto.errors import KeyFormatError
from giayto_crypto.keys import PublicKey
from giayto_sdk._http.authorised import AuthorisedClient
from giayto_sdk._http.messages import list_member
from giayto_sdk.errors import ProtocolError

_Answer = TypeVar("_Answer")
_PATH: Final = "/issuer/v1/signing-requests"


class SigningRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One copy that the agency is asked to sign: the record of this row, bound to this key."""

    request_id: str
    row_key: str
    document_type: str
    """vct"""
    reason: str
    """`wallet_appeared`, `new_device` or `rotation`."""
    holder_key: dict[str, str]
    attempt: int
    not_before: datetime | None = None
    """With `expires_at`: the period of the copies that are there, which a further one states too."""
    expires_at: datetime | None = None

    @property
    def key(self) -> PublicKey:
        """The holder key; ProtocolError when it is none."""
        try:
            return PublicKey.from_jwk(self.holder_key)
        except KeyFormatError as error:
            raise ProtocolError("signing request: a holder key that is not a P-256 JWK") from error


class Lease(msgspec.Struct, frozen=True):
    """Requests that belong to this worker for a time."""

    lease_id: str
    expires_at: datetime
    requests: tuple[SigningRequest, ...]


class UnmetRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as lists show it."""

    request_id: str
    row_key: str
    document_type: str
    reason: str
    state: str
    """`open`, `completed`, `dead` or `cancelled`."""
    attempts: int
    failure: str | None = None
    """Code of the last failure."""
    created_at: datetime
    changed_at: datetime


class Failure(msgspec.Struct, frozen=True):
    """Why a request could not be met."""

    request_id: str
    code: str
    retryable: bool


class SigningRequestsApi:
    """Calls in the name of one agency."""

    def __init__(self, client: AuthorisedClient) -> None:
        """Use a client that holds the agency's tokens."""
        self._client = client

    def lease(self, *, limit: int, visibility_seconds: int, wait_seconds: int) -> Lease:
        """Take requests; wait for the first when there are none."""
        body = {"limit": limit, "visibility_seconds": visibility_seconds, "wait_seconds": wait_seconds}
        return _read(self._client.post(f"{_PATH}/lease", body, repeatable=True).json(), Lease)

    def release(self, lease_id: str, failures: Sequence[Failure]) -> tuple[int, int]:
        """Give requests back; how many come back later, and how many became dead letters."""
        body = {"lease_id": lease_id, "failures": msgspec.to_builtins(failures)}
        answer = self._client.post(f"{_PATH}/release", body, repeatable=True).json()
        return int(answer.get("later", 0)), int(answer.get("dead", 0))

    def requests(self, state: str) -> Iterator[UnmetRequest]:
        """Return the requests in one state, page by page."""
        cursor: str | None = ""
        while cursor is not None:
            page = self._client.get(_PATH, {"state": state, **({"cursor": cursor} if cursor else {})}).json()
            yield from (_read(item, UnmetRequest) for item in list_member(page, "items"))
            cursor = page.get("next_cursor")

    def retry(self, request_id: str) -> None:
        """Bring a dead letter back; NotFoundError when there is no such."""
        self._client.post(f"{_PATH}/{request_id}/retry", {})

    def reissue(self, document_type: str) -> int:
        """Ask for fresh copies of all documents of a type; how many were asked for."""
        requested, cursor = 0, ""
        while True:
            body = {"document_type": document_type, "cursor": cursor}
            page = self._client.post(f"{_PATH}/reissue", body, repeatable=True).json()
            requested += int(page.get("requested", 0))
            if page.get("next_cursor") is None:
                return requested
            cursor = str(page["next_cursor"])


def _read(members: object, kind: type[_Answer]) -> _Answer:
    try:
        return msgspec.convert(members, kind)
    except msgspec.ValidationError as error:
        raise ProtocolError(f"{kind.__name__}: {error}") from error
