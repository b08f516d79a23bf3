"""Logging in at an OpenID provider: authorisation code with PKCE (OpenID Connect Core §3.1, RFC 7636, RFC 8252).

    attempt = login.begin(redirect_uri, nonce)     # the citizen is sent to attempt.url
    id_token = login.finish(attempt, callback_url) # where the provider sent the citizen back to

The ID token is passed on to the wallet backend, which verifies it. Its nonce is the thumbprint of the device key:
whoever intercepts the token cannot enrol another device with it.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from giayto_crypto import b64url
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.messages import Request, text_member
from giayto_sdk.errors import LoginError

_DISCOVERY: Final = "/.well-known/openid-configuration"
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """One login that has begun."""

    url: str
    """Where the citizen logs in."""
    redirect_uri: str
    state: str = field(repr=False)
    code_verifier: str = field(repr=False)


class Login:
    """Logins of one client at one provider."""

    def __init__(self, provider: HttpClient, client_id: str) -> None:
        """Prepare logins.

        Args:
            provider: its base URL is the provider's issuer identifier.
            client_id: names the wallet there.
        """
        self._provider = provider
        self._client_id = client_id

    def begin(self, redirect_uri: str, nonce: str) -> LoginAttempt:
        """Start a login.

        Args:
            redirect_uri: where the provider sends the citizen back to.
            nonce: bound into the ID token.

        Raises:
            LoginError: the provider is another than expected.
            NetworkError, ApiError: it does not answer.
        """
        state, code_verifier = token_urlsafe(_SECRET_BYTES), token_urlsafe(_SECRET_BYTES)
        parameters = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": b64url.encode(sha256(code_verifier.encode("ascii")).digest()),
            "code_challenge_method": "S256",
        }
        url = f"{self._endpoint('authorization_endpoint')}?{urlencode(parameters)}"
        return LoginAttempt(url, redirect_uri, state, code_verifier)

    def finish(self, attempt: LoginAttempt, callback_url: str) -> str:
        """Exchange what the provider sent back for an ID token.

        Args:
            attempt: from `begin`.
            callback_url: the redirect URI with the provider's parameters.

        Raises:
            LoginError: refused, cancelled, or the answer to another login.
        """
        form = {
            "grant_type": "authorization_code",
            "code": _code_of(attempt, callback_url),
            "redirect_uri": attempt.redirect_uri,
            "client_id": self._client_id,
            "code_verifier": attempt.code_verifier,
        }
        endpoint = self._endpoint("token_endpoint")
        # A code works once: when the answer to it is lost, the citizen logs in again.
        answer = self._provider.send(lambda: Request("POST", endpoint, form=form), repeatable=False)
        return text_member(answer.json(), "id_token")

    def _endpoint(self, name: str) -> str:
        metadata = self._provider.send(lambda: Request("GET", _DISCOVERY), repeatable=True).json()
        if text_member(metadata, "issuer") != self._provider.base_url:
            # Mix-up: another provider's metadata at this address (OpenID Connect Discovery §4.3).
            raise LoginError("login: the provider names another issuer than the one configured")
        return self._provider.url(text_member(metadata, name))


def _code_of(attempt: LoginAttempt, callback_url: str) -> str:
    parts = urlsplit(callback_url)
    parameters = parse_qs(parts.query)
    if callback_url.partition("?")[0] != attempt.redirect_uri:
        raise LoginError("login: the answer came to another address than the one asked for")
    if not compare_digest(_only(parameters, "state").encode(), attempt.state.encode()):
        raise LoginError("login: this is the answer to another login")
    if "error" in parameters:
        raise LoginError("login: the provider refused it, or it was cancelled")
    return _only(parameters, "code")


def _only(parameters: dict[str, list[str]], name: str) -> str:
    values = parameters.get(name, [])
    if len(values) != 1:
        raise LoginError(f"login: the answer has no single {name}")
    return values[0]
