"""How a citizen gets through the identity provider's login page: in a browser, or in the sandbox by a number.

Both are an `Authenticator`: the wallet asks where the provider shall answer to, sends the citizen to a URL, and gets
back the URL that the provider answered with.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic
from typing import Final, Protocol
from urllib.parse import parse_qsl, urlsplit
from webbrowser import open as open_in_browser

from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.messages import Request
from giayto_sdk.errors import LoginError

_CALLBACK_PATH: Final = "/callback"
_LOOPBACK: Final = "127.0.0.1"
_DEFAULT_PATIENCE: Final = 300.0
_SEE_OTHER: Final = 303
_PAGE: Final = """<!DOCTYPE html><html lang="vi"><meta charset="utf-8"><title>giayto</title>
<p>Đã đăng nhập. Bạn có thể đóng trang này.<p lang="en">Logged in. You may close this page.</html>
"""

Answer = Callable[[str], str]
"""Given the URL of the login page, returns the URL that the provider sent the citizen back to."""


class Authenticator(Protocol):
    """A way through the login page."""

    @contextmanager
    def ready(self) -> Iterator[tuple[str, Answer]]:
        """Provide a redirect URI, and what waits for the answer to it."""
        ...


class BrowserAuthenticator:
    """The citizen logs in with a browser of this machine (RFC 8252 §7.3: a loopback address, any free port)."""

    def __init__(self, show: Callable[[str], object] = open_in_browser, *, patience: float = _DEFAULT_PATIENCE) -> None:
        """Prepare.

        Args:
            show: brings the citizen to a URL; by default opens the browser.
            patience: seconds to wait for the citizen.
        """
        self._show = show
        self._patience = patience

    @contextmanager
    def ready(self) -> Iterator[tuple[str, Answer]]:
        """Listen on a free port of this machine for as long as the login takes."""
        with _CallbackServer((_LOOPBACK, 0), _CallbackHandler) as server:
            redirect_uri = f"http://{_LOOPBACK}:{server.server_port}{_CALLBACK_PATH}"

            def answer(login_url: str) -> str:
                self._show(login_url)
                return redirect_uri + "?" + server.wait_for_query(self._patience)

            yield redirect_uri, answer


class SandboxAuthenticator:
    """Logs in at the sandbox's identity provider by a number alone. No real provider accepts that."""

    def __init__(self, provider: HttpClient, identifier: str) -> None:
        """Log in as the generated person or organisation with this personal number or tax code."""
        self._provider = provider
        self._identifier = identifier

    @contextmanager
    def ready(self) -> Iterator[tuple[str, Answer]]:
        """Answer in the place of the login form."""
        # Never connected to: the answer is taken from the redirect itself.
        yield f"http://{_LOOPBACK}:1{_CALLBACK_PATH}", self._submit_form

    def _submit_form(self, login_url: str) -> str:
        parts = urlsplit(login_url)
        form = {**dict(parse_qsl(parts.query)), "personal_number": self._identifier}
        address = login_url.partition("?")[0]
        request = Request("POST", address, form=form, expected_redirect=_SEE_OTHER)
        location = self._provider.send(lambda: request, repeatable=False).headers.get("location")
        if location is None:
            raise LoginError("login: the sandbox's identity provider did not answer with a redirect")
        return location


class _CallbackServer(HTTPServer):
    query: str | None = None

    def wait_for_query(self, patience: float) -> str:
        deadline = monotonic() + patience
        while self.query is None:
            self.timeout = deadline - monotonic()
            if self.timeout <= 0:
                raise LoginError("login: nobody logged in in time")
            self.handle_request()
        return self.query


class _CallbackHandler(BaseHTTPRequestHandler):
    # One slow visitor must not keep the citizen waiting.
    timeout = 10.0

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != _CALLBACK_PATH or not isinstance(self.server, _CallbackServer):
            # Browsers ask for an icon, too.
            self.send_error(404)
            return
        self.server.query = parts.query
        page = _PAGE.encode("utf-8")
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing: the address holds the authorisation code."""
