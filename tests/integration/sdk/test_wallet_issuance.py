"""`WalletClient.issuance` against the real wallet backend: offers, logins, copies that are used once, topping up."""

import csv
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace as dataclass_replace
from hashlib import sha256
from io import StringIO
from itertools import count
from pathlib import Path
from urllib.parse import parse_qsl

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from giayto_crypto.keys import LocalSigner
from giayto_sdk import Policy, Valid, Verifier, WalletClient
from giayto_sdk._clock import system_clock
from giayto_sdk._http.authorised import AuthorisedClient
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._http.messages import Request
from giayto_sdk._issuing.client_assertion import ClientCredentials
from giayto_sdk._wallet.key_store import KeyStore
from giayto_sdk.cli.app import run
from giayto_sdk.config import load_agency_config
from giayto_sdk.errors import (
    CredentialOfferError,
    CredentialPendingError,
    KeyStoreError,
    LoginError,
    NotFoundError,
    RefusedError,
)
from giayto_wallet_api.sandbox.agencies import agency
from giayto_wallet_api.sandbox.preparation import PreparedSandbox

SHOWN = [("full_name",), ("birth_date",)]
NUMBERS = count(1)
LOOPBACK = "http://127.0.0.1:1/callback"


class DepositingAgency:
    """The Ministry of Public Security, signed for by the backend."""

    def __init__(self, sandbox: PreparedSandbox) -> None:
        self.sandbox = sandbox
        self.http = HttpClient(sandbox.settings.base_url)
        config = load_agency_config(sandbox.folder.agency_config("G01"))
        dpop = DpopProver(LocalSigner.generate(), system_clock)
        signer = LocalSigner.from_pem(config.client_key_file.read_bytes())
        tokens = ClientCredentials(self.http, dpop, client_id=config.client_id, signer=signer, scope="issuer")
        self.client = AuthorisedClient(self.http, dpop, tokens.fetch_token)
        self.signer_folder = sandbox.folder.server_keys / "agencies" / "G01"

    def delegate(self) -> None:
        """Hand the signing key over to the operator, and say so."""
        own = self.sandbox.folder.agency("G01")
        self.signer_folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(own / "signing.key.pem", self.signer_folder / "signer.key.pem")
        shutil.copy(own / "signing.chain.pem", self.signer_folder / "signer.chain.pem")
        (leaf, *_) = x509.load_pem_x509_certificates((own / "signing.chain.pem").read_bytes())
        digest = sha256(leaf.public_bytes(Encoding.DER)).hexdigest()
        self.client.call("PUT", "/issuer/v1/hosted-signing", json={"leaf_sha256": digest})

    def deposit(self, row_key: str) -> str:
        """Deposit a criminal-record certificate of the first citizen; its identifier."""
        number = self.sandbox.citizens[0].personal_number
        with self.sandbox.records_file(agency("G01")).open(encoding="utf-8-sig", newline="") as file:
            row = next(each for each in csv.DictReader(file) if each["SO_CCCD"] == number)
        content = json.dumps({**row, "SO_PHIEU": row_key}).encode()
        parameters = {"document_type": "criminal-record-1"}
        with self.client.stream(Request("POST", "/issuer/v1/deposits", params=parameters, content=content)) as response:
            answer = json.loads(b"".join(response.iter_bytes()))
        assert answer["result"] == "deposited", answer
        return str(answer["document_id"])

    def offer(self, document_id: str) -> dict[str, str]:
        return dict(self.client.post(f"/issuer/v1/deposits/{document_id}/offers", {}).json())


@pytest.fixture(scope="module")
def depositor(sandbox: PreparedSandbox) -> Iterator[DepositingAgency]:
    agency = DepositingAgency(sandbox)
    agency.delegate()
    yield agency
    agency.http.close()


@pytest.fixture
def deposited(depositor: DepositingAgency) -> Iterator[str]:
    """A deposit for the first citizen, and nothing else that waits."""
    document_id = depositor.deposit(f"{next(NUMBERS)}/2026/DEPOSIT")
    yield document_id
    depositor.client.post(f"/issuer/v1/deposits/{document_id}/withdraw", {"reason": "end of the test"})


class ScriptedBrowser:
    """Logs the first citizen in and allows or refuses, as a browser would be told to."""

    def __init__(self, number: str, answer: str = "allow") -> None:
        self.number = number
        self.answer = answer

    @contextmanager
    def ready(self):
        yield LOOPBACK, self.go

    def go(self, url: str) -> str:
        with httpx2.Client(trust_env=False) as http:
            login = http.get(url).headers["location"]
            form = {**dict(parse_qsl(login.partition("?")[2])), "personal_number": self.number}
            page = http.get(http.post(login.partition("?")[0], data=form).headers["location"])
            if page.status_code == 200:
                (secret,) = re.findall(r'name="consent" value="([^"]+)"', page.text)
                target = url.partition("/oauth/")[0] + "/oauth/consent"
                page = http.post(target, data={"consent": secret, "answer": self.answer})
            return str(page.headers["location"])


def find_valid(sandbox: PreparedSandbox, wallet: WalletClient, document_id: str) -> None:
    with Verifier(
        None, anchor=sandbox.folder.anchor, policy=Policy(), refresh_from=sandbox.settings.base_url
    ) as verifier:
        assert isinstance(verifier.verify(wallet.present(document_id, SHOWN).qr_text), Valid)


def test_vci_wallet_test_credential_issuance(sandbox, depositor, wallet, deposited) -> None:
    offer = depositor.offer(deposited)
    resolved = wallet.issuance.resolve_offer(offer["by_reference"])
    assert (resolved.configuration_ids, resolved.needs_tx_code) == (("criminal-record-1.1",), True)
    assert resolved.tx_code_length == len(offer["tx_code"])
    detail = wallet.issuance.accept_offer(resolved, tx_code=offer["tx_code"])
    assert (detail.document_id, detail.state) == (deposited, "confirmed")
    find_valid(sandbox, wallet, deposited)
    with pytest.raises(NotFoundError):
        wallet.issuance.resolve_offer(offer["by_reference"])
    with pytest.raises(RefusedError) as refused:
        wallet.issuance.accept_offer(offer["by_value"], tx_code=offer["tx_code"])
    assert refused.value.code == "invalid_grant"


def test_vci_wallet_test_credential_issuance_with_notification(depositor, wallet, deposited) -> None:
    wallet.issuance.fetch(deposited)
    (issuance,) = depositor.client.get(f"/issuer/v1/deposits/{deposited}").json()["issuances"]
    assert (issuance["events"], issuance["own_wallet"]) == (["credential_accepted"], True)


def test_vci_wallet_test_batch_credential_issuance(sandbox, wallet, deposited) -> None:
    detail = wallet.issuance.fetch(deposited, copies=3)
    assert len(detail.credentials) == wallet.issuance.unused_copies(deposited) == 3
    shown = {wallet.present(deposited, SHOWN).sd_jwt.partition("~")[0] for _ in range(3)}
    assert len(shown) == 3
    assert wallet.issuance.unused_copies(deposited) == 0
    assert wallet.issuance.top_up(deposited, wanted=2) == 2
    assert wallet.issuance.top_up(deposited, wanted=2) == 0
    assert wallet.present(deposited, SHOWN).sd_jwt.partition("~")[0] not in shown
    find_valid(sandbox, wallet, deposited)


def test_vci_wallet_test_scopes_without_authorization_details(sandbox, wallet, deposited) -> None:
    browser = ScriptedBrowser(sandbox.citizens[0].personal_number)
    detail = wallet.issuance.fetch_by_login("criminal-record-1.1", browser, copies=2)
    assert (detail.document_id, len(detail.credentials)) == (deposited, 2)
    assert wallet.issuance.top_up(deposited, wanted=3) == 1


def test_a_login_that_is_refused_fetches_nothing(sandbox, wallet, deposited) -> None:
    browser = ScriptedBrowser(sandbox.citizens[0].personal_number, answer="deny")
    with pytest.raises(LoginError):
        wallet.issuance.fetch_by_login("criminal-record-1.1", browser)


def test_what_waits_is_listed_until_it_is_fetched(wallet, deposited) -> None:
    def found() -> dict[str, bool]:
        return {each.document_id: each.fetched for each in wallet.issuance.offers()}

    assert found()[deposited] is False
    assert any(change.kind == "credential_offered" for change in wallet.changes())
    wallet.issuance.fetch(deposited)
    assert found()[deposited] is True
    with pytest.raises(NotFoundError):
        wallet.issuance.fetch("doc_00000000000000000000000000000000")


def test_a_fetched_document_is_like_a_pushed_one(issuer, wallet, deposited) -> None:
    wallet.issuance.fetch(deposited)
    assert issuer.document(deposited).holder.answer == "confirmed"  # type: ignore[union-attr]
    issuer.revoke(deposited, "test")
    assert wallet.document(deposited).state == "revoked"
    with pytest.raises(RefusedError) as refused:
        wallet.issuance.top_up(deposited, wanted=20)
    assert refused.value.code == "credential_request_denied"


def test_a_document_that_nobody_can_sign_now_is_pending(depositor, wallet, deposited) -> None:
    away = depositor.signer_folder.rename(depositor.signer_folder.with_name("away"))
    try:
        with pytest.raises(CredentialPendingError):
            dataclass_replace(wallet.issuance, patience=0.0).fetch(deposited)
    finally:
        away.rename(depositor.signer_folder)


@pytest.mark.parametrize(
    "link",
    [
        "https://wallet.example/?credential_offer={}",
        "openid-credential-offer://?",
        "openid-credential-offer://?credential_offer={}&credential_offer_uri=x",
        "openid-credential-offer://?credential_offer={}&credential_offer={}",
        "openid-credential-offer://?credential_offer=x",
        'openid-credential-offer://?credential_offer={"credential_issuer":"https://evil.example"}',
        "openid-credential-offer://?credential_offer_uri=https://evil.example/x",
    ],
)
def test_what_is_no_offer_of_this_backend_is_refused(wallet, link: str) -> None:
    with pytest.raises(CredentialOfferError):
        wallet.issuance.resolve_offer(link)


def test_a_transaction_code_is_needed_exactly_where_it_is(depositor, wallet, deposited) -> None:
    protected = depositor.offer(deposited)
    with pytest.raises(CredentialOfferError):
        wallet.issuance.accept_offer(protected["by_value"])
    with pytest.raises(RefusedError):
        wallet.issuance.accept_offer(protected["by_value"], tx_code="x")
    assert wallet.issuance.accept_offer(protected["by_value"], tx_code=protected["tx_code"]).document_id == deposited


def test_a_device_that_did_not_fetch_cannot_top_up(sandbox, wallet, deposited) -> None:
    wallet.issuance.fetch(deposited, copies=1)
    (KeyStore(sandbox.folder.wallet(1)).folder / "grants" / f"{deposited}.json").unlink()
    with pytest.raises(KeyStoreError):
        wallet.issuance.top_up(deposited)


def test_offers_by_the_command(sandbox, depositor, wallet, deposited, capsys, monkeypatch) -> None:
    config = str(sandbox.folder.wallet_config(1))
    assert run(["wallet", "offers", "--config", config]) == 0
    assert deposited in capsys.readouterr().out
    offer = depositor.offer(deposited)
    link = sandbox.folder.root / "offer.txt"
    Path(link).write_text(offer["by_value"])
    monkeypatch.setattr("sys.stdin", StringIO(offer["tx_code"] + "\n"))
    assert run(["wallet", "accept-offer", str(link), "--config", config, "--copies", "2"]) == 0
    assert deposited in capsys.readouterr().out
    assert run(["wallet", "top-up", deposited, "--config", config, "--copies", "3"]) == 0
    assert run(["wallet", "fetch", deposited, "--config", config, "--copies", "1"]) == 0
    assert offer["tx_code"] not in capsys.readouterr().out
