"""What arrives at the response URI: an answer, or the wallet's refusal (OpenID4VP 1.0 §8.2, §8.3, §8.5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

from giayto_crypto import jwe, strict_json
from giayto_crypto.errors import GiaytoError
from giayto_verifiers.requests.request import PresentationRequest

MAX_RESPONSE_BYTES: Final = 512 * 1024
_MAX_PRESENTATIONS: Final = 40
_MAX_PARAMETERS: Final = 20
_MAX_ERROR: Final = 500
_KNOWN_ERRORS: Final = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "access_denied",
        "vp_formats_not_supported",
        "invalid_request_uri_method",
        "invalid_transaction_data",
        "wallet_unavailable",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_response_type",
        "server_error",
        "temporarily_unavailable",
    }
)


class ResponseError(GiaytoError):
    """What arrived is no answer to this request; the request stays open."""

    code = "invalid_request"
    message_vi = "Câu trả lời của ví không đúng giao thức."
    message_en = "The wallet's answer does not follow the protocol."


@dataclass(frozen=True, slots=True)
class VpToken:
    """An answer: nothing in it has been verified. One entry for each presentation, under the id it answers."""

    presentations: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class WalletRefusal:
    """The wallet, or its holder, did not answer. Anybody who knows `state` can say so: it proves nothing.

    Attributes:
        error: one of the codes of the specification; `other` for any other word.
    """

    error: str


WalletResponse: TypeAlias = VpToken | WalletRefusal


def read_form(body: bytes) -> dict[str, str]:
    """Read an `application/x-www-form-urlencoded` body.

    Raises:
        ResponseError: too long, not UTF-8, too many parameters, or one of them twice.
    """
    if len(body) > MAX_RESPONSE_BYTES:
        raise ResponseError(f"response: longer than {MAX_RESPONSE_BYTES} bytes")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            max_num_fields=_MAX_PARAMETERS,
            errors="strict",
        )
    except ValueError as error:
        raise ResponseError("response: not a form in UTF-8") from error
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise ResponseError("response: a parameter appears twice")
    return parameters


def read_response(form: Mapping[str, str], request: PresentationRequest) -> WalletResponse:
    """Read what a wallet posted.

    Args:
        form: from `read_form`.
        request: the one that is answered, found by where the answer was posted to.

    Raises:
        ResponseError: `state` is missing or another request's, an answer that should be encrypted and is not, one that
            cannot be decrypted, or a `vp_token` that is not an object of arrays of strings.
    """
    if "response" in form:
        members = _decrypted(form["response"], request)
    else:
        members = dict(form)
        if request.response_mode == "direct_post.jwt" and "error" not in members:
            raise ResponseError("response: it must be encrypted (direct_post.jwt)")
    _require_state(members, request)
    if "error" in members:
        return _refusal(members["error"])
    return _vp_token(members.get("vp_token"), is_encoded="response" not in form)


def _decrypted(token: str, request: PresentationRequest) -> dict[str, Any]:
    key = request.decryption_key()
    if key is None:
        raise ResponseError("response: no encrypted answer was asked for")
    try:
        opened = jwe.decrypt(token, keys={key.kid: key.private_key}, max_bytes=MAX_RESPONSE_BYTES)
        return strict_json.loads_object(opened.plaintext, max_bytes=MAX_RESPONSE_BYTES)
    except GiaytoError as error:
        raise ResponseError(f"response: {error.detail}") from error


def _require_state(members: Mapping[str, Any], request: PresentationRequest) -> None:
    state = members.get("state")
    if not isinstance(state, str) or not compare_digest(state.encode(), request.state.encode()):
        raise ResponseError("response: state is missing, or that of another request")


def _refusal(error: object) -> WalletRefusal:
    if not isinstance(error, str) or not error or len(error) > _MAX_ERROR:
        raise ResponseError("response: error must be a code")
    return WalletRefusal(error if error in _KNOWN_ERRORS else "other")


def _vp_token(value: object, *, is_encoded: bool) -> VpToken:
    if is_encoded:
        value = _decoded(value)
    if not isinstance(value, dict) or not value:
        raise ResponseError("vp_token: an object with an array for each credential query is expected")
    presentations: list[tuple[str, str]] = []
    for credential_id, shown in value.items():
        if not isinstance(shown, list) or not shown or not all(isinstance(each, str) for each in shown):
            raise ResponseError("vp_token: each member must be a non-empty array of presentations")
        presentations += [(credential_id, each) for each in shown]
    if len(presentations) > _MAX_PRESENTATIONS:
        raise ResponseError(f"vp_token: at most {_MAX_PRESENTATIONS} presentations are read")
    return VpToken(tuple(presentations))


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        raise ResponseError("vp_token: missing")
    try:
        return strict_json.loads(value.encode(), max_bytes=MAX_RESPONSE_BYTES)
    except (GiaytoError, UnicodeEncodeError) as error:
        raise ResponseError("vp_token: not strict JSON") from error
