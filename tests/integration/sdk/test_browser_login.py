"""A login in the browser of this machine: the answer comes to a loopback address that listens for it alone."""

import threading
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest

from giayto_sdk import BrowserAuthenticator
from giayto_sdk.errors import LoginError


def browse(*paths: str) -> Callable[[str], object]:
    """Return a browser that visits these paths of the address that the login page would answer to."""

    def visit(origin: str) -> None:
        for path in paths:
            try:
                urllib.request.urlopen(origin + path, timeout=5).close()
            except urllib.error.HTTPError as error:
                error.close()

    def show(url: str) -> None:
        threading.Thread(target=visit, args=(url,)).start()

    return show


def origin_of(redirect_uri: str) -> str:
    return redirect_uri.removesuffix("/callback")


def test_the_answer_is_taken_from_the_callback() -> None:
    authenticator = BrowserAuthenticator(browse("/callback?code=c-1&state=s-1"), patience=10)
    with authenticator.ready() as (redirect_uri, answer):
        assert redirect_uri.startswith("http://127.0.0.1:")
        assert answer(origin_of(redirect_uri)) == f"{redirect_uri}?code=c-1&state=s-1"


def test_other_visits_are_no_answer() -> None:
    authenticator = BrowserAuthenticator(browse("/favicon.ico", "/", "/callback?code=c-2&state=s"), patience=10)
    with authenticator.ready() as (redirect_uri, answer):
        assert answer(origin_of(redirect_uri)).endswith("?code=c-2&state=s")


def test_nobody_is_waited_for_in_vain() -> None:
    authenticator = BrowserAuthenticator(lambda _: None, patience=0.1)
    with authenticator.ready() as (_, answer), pytest.raises(LoginError, match="in time"):
        answer("http://127.0.0.1:1/")


def test_the_code_is_not_logged(capfd: pytest.CaptureFixture[str]) -> None:
    authenticator = BrowserAuthenticator(browse("/callback?code=secret-code&state=s"), patience=10)
    with authenticator.ready() as (redirect_uri, answer):
        answer(origin_of(redirect_uri))
    captured = capfd.readouterr()
    assert "secret-code" not in captured.out + captured.err
