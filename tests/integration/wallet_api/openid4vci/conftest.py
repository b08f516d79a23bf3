"""An agency that lets this server sign for it, deposits, and wallets by other makers."""

import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from foreign_wallet import ForeignWallet
from giayto_crypto.certificates import ISSUER_METADATA
from giayto_wallet_api.server_keys import ServerKeys
from giayto_wallet_api.settings import Settings
from sample_records import PERSON, ROWS

BASE_URL = "http://127.0.0.1:8000"
REFERRAL = "urn:giayto:type:referral:1"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    population = tmp_path / "population.ndjson"
    person = {
        "kind": "person",
        "id": PERSON["number"],
        "full_name": PERSON["name"],
        "birth_date": "2001-03-15",
    }
    population.write_text(json.dumps(person, ensure_ascii=False) + "\n", encoding="utf-8")
    return replace(settings, population_file=population)


@pytest.fixture
def server_keys(server_keys: ServerKeys, authority) -> ServerKeys:
    return replace(server_keys, issuer_metadata=authority.identity(ISSUER_METADATA))


@dataclass
class Depositor:
    """An agency that deposits: requests as its system makes them."""

    agency: Any
    keys_folder: Path

    @property
    def signer_folder(self) -> Path:
        return self.keys_folder / "agencies" / self.agency.agency_id

    def hand_over_key(self) -> None:
        """What the operator does: put the delegated key where the server looks for it."""
        self.signer_folder.mkdir(parents=True)
        key_file = self.signer_folder / "signer.key.pem"
        key_file.touch(mode=0o600)
        key_file.write_bytes(self.agency.signing_key.to_pem())
        chain = [x509.load_der_x509_certificate(der) for der in self.agency.chain]
        pem = b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain)
        (self.signer_folder / "signer.chain.pem").write_bytes(pem)

    @property
    def leaf_sha256(self) -> str:
        return sha256(self.agency.chain[0]).hexdigest()

    async def choose(self) -> httpx2.Response:
        return await self.agency.call("PUT", "/issuer/v1/hosted-signing", json={"leaf_sha256": self.leaf_sha256})

    async def send(self, *rows: dict[str, Any], document_type: str = "referral") -> list[dict[str, Any]]:
        body = b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
        response = await self.agency.call("POST", f"/issuer/v1/deposits?document_type={document_type}", content=body)
        assert response.status_code == 200, response.text
        return [json.loads(line) for line in response.text.splitlines()]

    async def deposit(self, **changes: Any) -> str:
        """Deposit one referral and return its document identifier."""
        (answer,) = await self.send(referral(**changes))
        assert answer["result"] == "deposited", answer
        return str(answer["document_id"])

    async def offer(self, document_id: str, *, tx_code: bool = True) -> dict[str, Any]:
        response = await self.agency.call(
            "POST", f"/issuer/v1/deposits/{document_id}/offers", json={"tx_code": tx_code}
        )
        assert response.status_code == 201, response.text
        return dict(response.json())

    async def get(self, path: str) -> Any:
        response = await self.agency.call("GET", path)
        assert response.status_code == 200, response.text
        return response.json()


def referral(**changes: Any) -> dict[str, Any]:
    """A good source row of a referral."""
    return ROWS["referral"](**changes)


@pytest.fixture
async def ministry(new_agency, settings: Settings) -> Depositor:
    """The ministry of health, which may issue referrals, and has chosen nothing yet."""
    return Depositor(await new_agency("G18", (REFERRAL,)), settings.keys_folder)


@pytest.fixture
async def depositor(ministry: Depositor) -> Depositor:
    """The ministry of health, signed for by this server."""
    ministry.hand_over_key()
    assert (await ministry.choose()).status_code == 200
    return ministry


NewWallet = Callable[[], Awaitable[ForeignWallet]]


@pytest.fixture
def new_wallet(http, clock) -> NewWallet:
    async def make() -> ForeignWallet:
        return await ForeignWallet(http, clock, BASE_URL).discover()

    return make


@pytest.fixture
async def wallet(new_wallet: NewWallet) -> ForeignWallet:
    """A wallet by another maker that has read the metadata."""
    return await new_wallet()


@pytest.fixture
async def fetching(depositor: Depositor, wallet: ForeignWallet) -> ForeignWallet:
    """A wallet with an access token for one referral."""
    offer = await depositor.offer(await depositor.deposit(), tx_code=False)
    response = await wallet.redeem(offer["credential_offer"])
    assert response.status_code == 200, response.text
    return wallet


PROJECT = Path(__file__).parents[4]


@pytest.fixture(scope="session")
def json_schemas() -> Path:
    """The conformance suite's schemas, in the folder named by GIAYTO_VECTORS, else ../shared/vectors; else a skip."""
    vectors = Path(os.environ.get("GIAYTO_VECTORS") or PROJECT.parent / "shared" / "vectors")
    folder = vectors / "oidf-conformance" / "json-schemas"
    if not folder.is_dir():
        pytest.skip(f"no JSON Schemas at {folder}: set GIAYTO_VECTORS to the folder of the test vectors")
    return folder
