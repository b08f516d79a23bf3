"""A bank with an endpoint of its own, over real HTTP, and a wallet with some documents."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl

import pytest
from cryptography import x509

from giayto_crypto import certificates
from openid4vp.own_endpoint import Bank, Forger, Server, Wallet, asking, document, make_wallet
from trust_scheme import NOW, Authority, Scheme
from trust_scheme.pki import Certified


@pytest.fixture(scope="session")
def scheme() -> Scheme:
    return Scheme()


@pytest.fixture(scope="session")
def bank_certificate(scheme: Scheme) -> Certified:
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.DNSName("bank-a.example")])
    return scheme.root.certify(certificates.PRESENTATION_REQUEST, extra=[(names, False)])


@pytest.fixture
def server() -> Iterator[Server]:
    described = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.removeprefix("/vp")
            if self.command == "POST":
                described.posted.append((path, dict(parse_qsl(body.decode(), keep_blank_values=True))))
            reply = described.handle(self.command, path, body)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        described.port = listening.server_port
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield described
        listening.shutdown()
        thread.join()


@pytest.fixture
def bank(scheme: Scheme, bank_certificate: Certified, server: Server) -> Bank:
    return Bank(scheme, bank_certificate, server, lambda: NOW)


@pytest.fixture
def wallet(scheme: Scheme, tmp_path: Path) -> Wallet:
    return make_wallet(scheme, tmp_path, [document(scheme, copies=2)])


@pytest.fixture
def forger(scheme: Scheme, bank: Bank, bank_certificate: Certified, server: Server) -> Forger:
    with asking(bank) as (opened, seen):
        return Forger(scheme, bank_certificate, server, seen, f"/{opened.request_id}/object", opened.link)


@pytest.fixture(scope="session")
def stranger(scheme: Scheme) -> Certified:
    """A certificate of another root."""
    return Authority.root("Other root").certify(certificates.PRESENTATION_REQUEST)
