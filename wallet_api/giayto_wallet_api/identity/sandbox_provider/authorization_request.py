"""The authorization request of the code flow (OpenID Connect Core §3.1.2.1, RFC 7636, RFC 8252)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from re import compile as compile_pattern
from urllib.parse import urlencode, urlsplit

CLIENT_ID = "giayto-wallet"
APP_REDIRECT = "vn.giayto.wallet:/callback"
"""Private-use scheme of the phone app (RFC 8252 §7.1)."""

_LOOPBACK_HOSTS = frozenset({"127.0.0.1", "[::1]"})
_LOOPBACK_PATH = "/callback"
_CHALLENGE = compile_pattern(r"[A-Za-z0-9_-]{43}")
_SHORT_TEXT = compile_pattern(r"[\x21-\x7e]{1,512}")


class UnusableRequestError(Exception):
    """The client or its redirect URI is not known: nobody may be redirected, so the answer is a page."""


class RefusedRequestError(Exception):
    """The request is refused in the way that the client understands: a redirect with an OAuth error."""

    def __init__(self, error: str, redirect_uri: str, state: str) -> None:
        super().__init__(error)
        self.location = redirect_to(redirect_uri, {"error": error, "state": state})


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that may be answered: known client, its own redirect URI, code flow with S256."""

    client_id: str
    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str

    def form_fields(self) -> dict[str, str]:
        """Return the parameters as the login form sends them back."""
        return {
            "response_type": "code",
            "scope": "openid",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": self.code_challenge,
            "code_challenge_method": "S256",
        }


def read_authorization_request(
    parameters: Mapping[str, str], *, also_registered: Collection[str] = ()
) -> AuthorizationRequest:
    """Check the parameters of an authorization request.

    Args:
        parameters: as received.
        also_registered: redirect URIs of this server's own, beside those of the app.

    Raises:
        UnusableRequestError: unknown client or redirect URI.
        RefusedRequestError: known client, but another flow, no `openid` scope, no nonce, or no S256
        challenge.
    """
    redirect_uri, state = parameters.get("redirect_uri", ""), parameters.get("state", "")
    is_registered = redirect_uri in also_registered or _is_registered(redirect_uri)
    if parameters.get("client_id") != CLIENT_ID or not is_registered:
        raise UnusableRequestError
    if parameters.get("response_type") != "code":
        raise RefusedRequestError("unsupported_response_type", redirect_uri, state)
    if "openid" not in parameters.get("scope", "").split():
        raise RefusedRequestError("invalid_scope", redirect_uri, state)
    nonce, challenge = parameters.get("nonce", ""), parameters.get("code_challenge", "")
    challenged = parameters.get("code_challenge_method") == "S256" and _CHALLENGE.fullmatch(challenge)
    if not challenged or not _SHORT_TEXT.fullmatch(nonce) or not _SHORT_TEXT.fullmatch(state):
        raise RefusedRequestError("invalid_request", redirect_uri, state)
    return AuthorizationRequest(CLIENT_ID, redirect_uri, state, nonce, challenge)


def redirect_to(redirect_uri: str, parameters: Mapping[str, str]) -> str:
    """Return the address that carries the answer to the client (RFC 6749 §4.1.2)."""
    return f"{redirect_uri}?{urlencode(parameters)}"


def form_target(redirect_uri: str) -> str:
    """Return the CSP source that lets the form's answer redirect to this client."""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def _is_registered(redirect_uri: str) -> bool:
    if redirect_uri == APP_REDIRECT:
        return True
    # Native apps listen on any loopback port (RFC 8252 §7.3); everything else is compared exactly.
    try:
        parts = urlsplit(redirect_uri)
        host, port = parts.netloc.rpartition(":")[0], parts.port
    except ValueError:
        return False
    expected = f"http://{host}:{port}{_LOOPBACK_PATH}"
    return host in _LOOPBACK_HOSTS and redirect_uri == expected
