"""A sandbox that is served on the loopback address, and an agency of it that lets the server sign."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from giayto_crypto.keys import LocalSigner
from giayto_sdk._http.authorised import AuthorisedClient
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._http.messages import Request
from giayto_sdk._issuing.client_assertion import ClientCredentials
from giayto_wallet_api.app import create_app
from giayto_wallet_api.clock import system_clock
from giayto_wallet_api.sandbox.agencies import SandboxAgency, agency
from giayto_wallet_api.sandbox.folder import PlanRequest, SandboxFolder
from giayto_wallet_api.sandbox.pki import AGENCY_IDENTITY
from giayto_wallet_api.sandbox.preparation import PreparedSandbox, prepare
from giayto_wallet_api.sandbox.server import serving, take_port

POLICE = agency("G01")


@contextmanager
def served_sandbox(folder: Path, *, people: int) -> Iterator[PreparedSandbox]:
    """Prepare a sandbox and serve it for as long as the block runs."""
    sandbox = SandboxFolder(folder)
    with take_port(0) as listener:
        request = PlanRequest(port=listener.getsockname()[1], people=people)
        now = system_clock()
        prepared = prepare(sandbox, sandbox.open(request, now.date()), now=now)
        with serving(create_app(prepared.settings), listener):
            yield prepared


class DepositingAgency:
    """Calls of one of the sandbox's agencies, which delegates its signing to the server."""

    def __init__(self, sandbox: PreparedSandbox, issuer: SandboxAgency, client: AuthorisedClient) -> None:
        self._folder = sandbox.folder.agency(issuer.agency_id)
        self._server_folder = sandbox.folder.server_keys / "agencies" / issuer.agency_id
        self._agency, self._client = issuer, client

    def delegate(self) -> None:
        """Hand key and certificates to the operator, and allow their use."""
        self._server_folder.mkdir(parents=True)
        for name in ("key.pem", "chain.pem"):
            copy = self._server_folder / f"signer.{name}"
            copy.touch(mode=0o600)
            copy.write_bytes((self._folder / f"{AGENCY_IDENTITY}.{name}").read_bytes())
        leaf = x509.load_pem_x509_certificate((self._folder / f"{AGENCY_IDENTITY}.chain.pem").read_bytes())
        fingerprint = sha256(leaf.public_bytes(Encoding.DER)).hexdigest()
        self._client.call("PUT", "/issuer/v1/hosted-signing", json={"leaf_sha256": fingerprint})

    def deposit(self, row: Mapping[str, Any]) -> str:
        """Leave one record and return the document's identifier."""
        request = Request(
            "POST",
            "/issuer/v1/deposits",
            params={"document_type": self._agency.type_code},
            headers={"Content-Type": "application/x-ndjson"},
            content=json.dumps(row).encode() + b"\n",
        )
        with self._client.stream(request) as response:
            answer = json.loads(response.read())
        if "document_id" not in answer:
            raise AssertionError(f"the deposit was refused: {answer}")
        return str(answer["document_id"])

    def offer(self, document_id: str, *, tx_code: bool) -> dict[str, Any]:
        """Make a credential offer of a deposited document."""
        answer = self._client.post(f"/issuer/v1/deposits/{document_id}/offers", {"tx_code": tx_code}, repeatable=True)
        return dict(answer.json())


@contextmanager
def depositing_agency(sandbox: PreparedSandbox, issuer: SandboxAgency) -> Iterator[DepositingAgency]:
    """Open the connection of an agency's own system."""
    http = HttpClient(sandbox.settings.base_url, clock=system_clock)
    dpop = DpopProver(LocalSigner.generate(), system_clock)
    client_key = LocalSigner.from_pem((sandbox.folder.agency(issuer.agency_id) / "client.key.pem").read_bytes())
    credentials = ClientCredentials(http, dpop, client_id=issuer.client_id, signer=client_key, scope="issuer")
    try:
        yield DepositingAgency(sandbox, issuer, AuthorisedClient(http, dpop, credentials.fetch_token))
    finally:
        http.close()
