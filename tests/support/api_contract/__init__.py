"""A served wallet API in which things have happened, and everybody who calls it, with their keys."""

import asyncio
import csv
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from schemathesis import Case

from foreign_wallet import ForeignWallet
from giayto_crypto.keys import LocalSigner
from giayto_sdk import Issuer, WalletClient
from giayto_sdk._http.authorised import AccessToken
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._issuing.client_assertion import ClientCredentials
from giayto_wallet_api.clock import system_clock
from giayto_wallet_api.runtime import build_runtime
from giayto_wallet_api.sandbox.preparation import PreparedSandbox
from giayto_wallet_api.security_schemes import AGENCY, CITIZEN, PROOF, VERIFIER, WALLET
from openid4vp.hosted import VerifierCaller, registered_bank
from served_sandbox import POLICE, depositing_agency, served_sandbox

PEOPLE = 12


@dataclass
class Caller:
    """Whoever holds a token, and the key that it is bound to."""

    dpop: DpopProver
    token: Callable[[], str | None]

    def headers(self, method: str, url: str) -> dict[str, str]:
        """Sign a fresh proof for one call."""
        token = self.token()
        proof = {"DPoP": self.dpop.proof(method, url, token)}
        return proof if token is None else {"Authorization": f"DPoP {token}", **proof}


@dataclass
class LivingSandbox:
    """Where it is served, who calls, and what there is to be named in an address."""

    base_url: str
    callers: Mapping[str, Caller]
    identifiers: dict[str, list[str]] = field(default_factory=dict)
    """By the path up to and with the parameter's name."""

    def get(self, path: str, scheme: str | None = None) -> httpx2.Response:
        """Read something, as one of the callers."""
        url = f"{self.base_url}{path}"
        headers = {} if scheme is None else self.callers[scheme].headers("GET", url)
        response = httpx2.get(url, headers=headers, trust_env=False)
        assert response.status_code == 200, response.text
        return response

    def listed(self, path: str) -> list[dict[str, Any]]:
        """Return the first page of a list of the agency's."""
        return list(self.get(path, AGENCY).json()["items"])

    def name_what_is_there(self, case: Case) -> None:
        """Let about half of the addresses lead to something, by what was generated and not by chance."""
        for name, value in (case.path_parameters or {}).items():
            known = self.identifiers.get(f"{case.path.partition('{')[0]}{name}", ())
            if known and isinstance(value, str) and len(value) % 2:
                case.path_parameters[name] = known[len(value) // 2 % len(known)]

    def headers(self, schemes: frozenset[str], method: str, path: str) -> dict[str, str]:
        """Return what authenticates a call, by the schemes that its description names."""
        named = next((scheme for scheme in self.callers if scheme in schemes), None)
        return {} if named is None else self.callers[named].headers(method, f"{self.base_url}{path}")


@contextmanager
def living_sandbox(folder: Path) -> Iterator[LivingSandbox]:
    """Serve a sandbox with a citizen, pushed and deposited documents, an offer and a bank's request."""
    with ExitStack() as stack:
        sandbox = stack.enter_context(served_sandbox(folder, people=PEOPLE))
        wallet = stack.enter_context(WalletClient.from_file(sandbox.folder.wallet_config(1)))
        wallet.log_in_at_sandbox(sandbox.citizens[0].personal_number)
        wallet.replenish_holder_keys(4)
        pushing = stack.enter_context(Issuer.from_file(sandbox.folder.agency_config(POLICE.agency_id)))
        pushing.push(POLICE.vct, sandbox.records_file(POLICE))
        http = stack.enter_context(HttpClient(sandbox.settings.base_url, clock=system_clock))
        deposit, by_reference, foreign, bank, request = _deposited_and_asked(stack, sandbox)
        callers = {
            AGENCY: _agency(http, sandbox, POLICE.agency_id, POLICE.client_id),
            CITIZEN: _citizen(wallet),
            VERIFIER: _verifier(http, bank),
            WALLET: Caller(DpopProver(foreign.dpop_key, system_clock), lambda: foreign.access_token),
            PROOF: Caller(DpopProver(LocalSigner.generate(), system_clock), lambda: None),
        }
        living = LivingSandbox(sandbox.settings.base_url, callers)
        living.identifiers = {
            "/issuer/v1/deposits/document_id": [deposit],
            "/issuer/v1/documents/document_id": [each.document_id for each in pushing.documents()],
            "/issuer/v1/push-jobs/job_id": [str(each["job_id"]) for each in living.listed("/issuer/v1/push-jobs")],
            "/issuer/v1/events/event_id": [str(each["event_id"]) for each in living.listed("/issuer/v1/events")],
            "/verifier/v1/requests/request_id": [request],
            "/openid4vp/verifier_id": [bank.verifier_id],
            "/openid4vp/request_id": [request],
            "/oid4vci/credential-offers/secret": [by_reference.rpartition("%2F")[2]],
            "/wallet/v1/documents/document_id": [each.document_id for each in wallet.inbox()],
            "/public/v1/types/code": ["referral"],
            "/public/v1/catalogue/name": [living.get("/public/v1/catalogue/editions").json()["items"][0]["edition_id"]],
            "/public/v1/status-lists/list_id": [
                str(uri).rpartition("/")[2] for uri in living.get("/public/v1/status-lists").json()["status_lists"]
            ],
        }
        living.identifiers["/public/v1/catalogue/editions/name"] = living.identifiers["/public/v1/catalogue/name"]
        yield living


def _deposited_and_asked(
    stack: ExitStack, sandbox: PreparedSandbox
) -> tuple[str, str, ForeignWallet, VerifierCaller, str]:
    police = stack.enter_context(depositing_agency(sandbox, POLICE))
    police.delegate()
    deposit = _first_good_deposit(sandbox, police.deposit)
    offer = police.offer(deposit, tx_code=False)
    foreign, bank, request = asyncio.run(_wallet_and_bank(sandbox, offer["credential_offer"]))
    return deposit, police.offer(deposit, tx_code=True)["by_reference"], foreign, bank, request


def _first_good_deposit(sandbox: PreparedSandbox, deposit: Callable[[Mapping[str, Any]], str]) -> str:
    with sandbox.records_file(POLICE).open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            try:
                return deposit(row)
            except AssertionError:
                continue  # the sandbox's records have faults on purpose
    raise AssertionError("no record of the sandbox is good")


async def _wallet_and_bank(
    sandbox: PreparedSandbox, offer: dict[str, Any]
) -> tuple[ForeignWallet, VerifierCaller, str]:
    base_url = sandbox.settings.base_url
    runtime = build_runtime(sandbox.settings, clock=system_clock)
    async with httpx2.AsyncClient(base_url=base_url) as http:
        foreign = await ForeignWallet(http, system_clock, base_url).discover()
        assert (await foreign.redeem(offer)).status_code == 200
        bank = await registered_bank(http, runtime, system_clock, base_url, "a-bank")
        made = await bank.ask()
        assert made.status_code == 201, made.text
    await runtime.database.close()
    return foreign, bank, str(made.json()["request_id"])


def _agency(http: HttpClient, sandbox: PreparedSandbox, agency_id: str, client_id: str) -> Caller:
    key = LocalSigner.from_pem((sandbox.folder.agency(agency_id) / "client.key.pem").read_bytes())
    dpop = DpopProver(LocalSigner.generate(), system_clock)
    credentials = ClientCredentials(http, dpop, client_id=client_id, signer=key, scope="issuer")
    return Caller(dpop, _renewed(credentials.fetch_token))


def _verifier(http: HttpClient, bank: VerifierCaller) -> Caller:
    dpop = DpopProver(LocalSigner.generate(), system_clock)
    credentials = ClientCredentials(http, dpop, client_id=bank.verifier_id, signer=bank.client_key, scope="verifier")
    return Caller(dpop, _renewed(credentials.fetch_token))


def _citizen(wallet: WalletClient) -> Caller:
    device = wallet._store.device()
    assert device is not None
    dpop = DpopProver(device.key, system_clock)
    return Caller(dpop, _renewed(lambda: wallet._open_session(device, dpop)))


def _renewed(fetch: Callable[[], AccessToken]) -> Callable[[], str]:
    """Fetch a token when there is none, and again after half of its life."""
    held: list[AccessToken] = []

    def token() -> str:
        if not held or (held[0].expires_at - system_clock()).total_seconds() < 120:
            held[:] = [fetch()]
        return held[0].value

    return token
