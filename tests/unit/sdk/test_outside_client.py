"""Calls to addresses that a stranger named: pinned to one public address, https only, bounded."""

import socket
from typing import Any

import httpx2
import pytest

from giayto_sdk._http.outside import OutsideClient
from giayto_sdk.errors import ForeignAddressError, NetworkError, ProtocolError

PUBLIC, PUBLIC_6 = "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"


class Recorder(httpx2.BaseTransport):
    """Answers everything with one reply, and remembers what was asked."""

    def __init__(self, status: int = 200, body: bytes = b"{}") -> None:
        self.seen: list[httpx2.Request] = []
        self._status, self._body = status, body

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.seen.append(request)
        return httpx2.Response(self._status, content=self._body)


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def getaddrinfo(_host: str, port: int, **_: Any) -> list[Any]:
        if not addresses:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    ("address", "netloc"), [(PUBLIC, f"{PUBLIC}:8443"), (PUBLIC_6, f"[{PUBLIC_6}]:8443")], ids=["IPv4", "IPv6"]
)
def test_the_connection_goes_to_the_address_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch, address: str, netloc: str
) -> None:
    resolving(monkeypatch, address)
    transport = Recorder()
    client = OutsideClient(sandbox=False, transport=transport)
    assert client.send("GET", "https://bank-a.example:8443/object?a=b").status == 200
    (request,) = transport.seen
    assert str(request.url) == f"https://{netloc}/object?a=b"
    assert request.headers["host"] == "bank-a.example:8443"
    assert request.extensions["sni_hostname"] == "bank-a.example"
    client.close()


@pytest.mark.parametrize(
    "addresses",
    [
        ("10.0.0.1",),
        ("127.0.0.1",),
        ("169.254.169.254",),
        ("::1",),
        ("fd00::1",),
        ("100.64.0.1",),
        (PUBLIC, "10.0.0.1"),
    ],
    ids=repr,
)
def test_a_name_that_leads_into_a_private_network_is_not_called(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    resolving(monkeypatch, *addresses)
    transport = Recorder()
    client = OutsideClient(sandbox=True, transport=transport)
    with pytest.raises(ForeignAddressError):
        client.send("GET", "https://bank-a.example/object")
    assert transport.seen == []


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch)
    with pytest.raises(NetworkError):
        OutsideClient(sandbox=False, transport=Recorder()).send("GET", "https://bank-a.example/")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/x", "http://localhost/x", "https://127.0.0.1/x"])
def test_this_machine_is_called_in_a_sandbox_only(url: str) -> None:
    assert OutsideClient(sandbox=True, transport=Recorder()).send("GET", url).status == 200
    with pytest.raises(ForeignAddressError):
        OutsideClient(sandbox=False, transport=Recorder()).send("GET", url)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    transport = Recorder(status)
    with pytest.raises(ProtocolError, match="redirect"):
        OutsideClient(sandbox=True, transport=transport).send("POST", "http://localhost/x", form={"a": "b"})
    assert len(transport.seen) == 1


def test_a_long_answer_is_not_read_to_its_end() -> None:
    client = OutsideClient(sandbox=True, transport=Recorder(body=b"x" * 1000))
    assert len(client.send("GET", "http://localhost/x", max_bytes=1000).body) == 1000
    with pytest.raises(ProtocolError, match="longer"):
        client.send("GET", "http://localhost/x", max_bytes=999)


def test_a_refusal_is_an_answer() -> None:
    assert OutsideClient(sandbox=True, transport=Recorder(404)).send("GET", "http://localhost/x").status == 404
