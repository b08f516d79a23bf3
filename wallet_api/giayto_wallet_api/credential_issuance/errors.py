"""Errors of the credential, deferred and notification endpoints, in the format that OpenID4VCI 1.0 names (§8.3.1,
§9.3, §11.3). They are never encrypted.
"""

from http import HTTPStatus
from typing import Any, ClassVar, Final

from litestar import Request, Response
from litestar.exceptions import HTTPException

from giayto_crypto.errors import GiaytoError
from giayto_wallet_api.problems import ProblemError

_LARGEST_ASCII: Final = 0x7E


class CredentialError(GiaytoError):
    """A credential request that is refused; `code` is the `error` of the answer."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST


class InvalidCredentialRequestError(CredentialError):
    """A parameter is missing, repeated or not usable."""

    code = "invalid_credential_request"


class UnknownCredentialConfigurationError(CredentialError):
    """The configuration is not one of the metadata."""

    code = "unknown_credential_configuration"


class UnknownCredentialIdentifierError(CredentialError):
    """The identifier names no document that this token stands for."""

    code = "unknown_credential_identifier"


class InvalidProofError(CredentialError):
    """Proofs are missing, one is not valid, or one carries no nonce."""

    code = "invalid_proof"


class InvalidNonceError(CredentialError):
    """A proof carries a nonce that is not of this server, or no longer current: the wallet asks for a new one."""

    code = "invalid_nonce"


class InvalidEncryptionParametersError(CredentialError):
    """The answer cannot be encrypted as the request wants it."""

    code = "invalid_encryption_parameters"


class CredentialRequestDeniedError(CredentialError):
    """The document is not issued (any more); asking again does not help."""

    code = "credential_request_denied"


class InvalidTransactionIdError(CredentialError):
    """The deferred issuance is unknown, over, or of another grant."""

    code = "invalid_transaction_id"


class InvalidNotificationIdError(CredentialError):
    """No credentials were issued under this identifier for this token."""

    code = "invalid_notification_id"


class InvalidNotificationRequestError(CredentialError):
    """The notification lacks a parameter, or has one that is not usable."""

    code = "invalid_notification_request"


def answer_credential_error(_request: Request[Any, Any, Any], error: CredentialError) -> Response[dict[str, str]]:
    """Write a refusal of one of these endpoints."""
    return _answer(error.code, error.detail, error.status)


def answer_problem(_request: Request[Any, Any, Any], error: ProblemError) -> Response[dict[str, str]]:
    """Write a refusal that other endpoints share (a bad token or DPoP proof), with its challenge (RFC 6750 §3)."""
    return _answer(error.code, error.detail, error.status, error.response_headers())


def answer_other_error(_request: Request[Any, Any, Any], error: GiaytoError) -> Response[dict[str, str]]:
    """Write what a parser refused as a malformed request."""
    return _answer(InvalidCredentialRequestError.code, error.detail, HTTPStatus.BAD_REQUEST)


def answer_http_exception(_request: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, str]]:
    """Write a request that the framework could not read in the format of these endpoints."""
    code = InvalidCredentialRequestError.code
    return _answer(code, "the request does not follow its schema", HTTPStatus(error.status_code))


def _answer(
    code: str, detail: str, status: HTTPStatus, headers: dict[str, str] | None = None
) -> Response[dict[str, str]]:
    body = {"error": code}
    if detail:
        body["error_description"] = _described(detail)
    return Response(body, status_code=status, headers=headers or {})


def _described(detail: str) -> str:
    """Return a text in the characters that the specification allows: printable ASCII without quotes and backslash."""
    return "".join(each if " " <= each <= chr(_LARGEST_ASCII) and each not in '"\\' else "?" for each in detail)
