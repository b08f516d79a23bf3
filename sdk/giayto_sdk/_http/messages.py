"""What is sent and what comes back, without any HTTP library in sight."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from giayto_crypto import strict_json
from giayto_crypto.errors import MalformedError
from giayto_sdk.errors import ProtocolError

MAX_JSON_ANSWER_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One call. The body is at most one of `json`, `form` and `content`."""

    method: str
    path: str
    """Path below the base URL, or a whole URL of the same origin."""
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    json: object = None
    form: Mapping[str, str] | None = None
    content: bytes | None = None
    expected_redirect: int | None = None
    """The one redirect status that is an answer to this call; it is returned, never followed."""
    access_token: str | None = None
    """Sent as `Authorization: DPoP`, and bound into the proof; hidden in `repr`."""

    def with_token(self, access_token: str) -> "Request":
        """Return the same request with this token."""
        return replace(self, access_token=access_token)

    def __repr__(self) -> str:
        return f"Request({self.method} {self.path})"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, already read, with a status below 400."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)

    def json(self) -> dict[str, Any]:
        """Read the body as one JSON object.

        Raises:
            ProtocolError: it is something else.
        """
        return read_object(self.body)


def read_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object that a server sent; ProtocolError when it is something else."""
    try:
        value = strict_json.loads(body, max_bytes=MAX_JSON_ANSWER_BYTES)
    except MalformedError as error:
        raise ProtocolError(f"answer: {error.detail}") from error
    if not isinstance(value, dict):
        raise ProtocolError("answer: a JSON object is expected")
    return value


def text_member(answer: Mapping[str, Any], name: str) -> str:
    """Return a string member of an answer; ProtocolError when it is missing or something else."""
    value = answer.get(name)
    if not isinstance(value, str):
        raise ProtocolError(f"answer: {name} is missing or not a string")
    return value


def list_member(answer: Mapping[str, Any], name: str) -> list[Any]:
    """Return an array member of an answer; ProtocolError when it is missing or something else."""
    value = answer.get(name)
    if not isinstance(value, list):
        raise ProtocolError(f"answer: {name} is missing or not an array")
    return value
