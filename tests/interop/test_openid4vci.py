"""@openid4vc/openid4vci as the wallet of another maker, which fetches deposited documents."""

import csv
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx2
import pytest
from cryptography import x509

from foreign_software import ForeignError, call
from giayto_crypto.bundle import verify_bundle
from giayto_crypto.keys import PublicKey
from giayto_crypto.sdjwt import UnverifiedSdJwt, verify_issuer_signature
from giayto_wallet_api.clock import system_clock
from giayto_wallet_api.sandbox.preparation import PreparedSandbox
from served_sandbox import POLICE, DepositingAgency

PROGRAM = "openid4vci_wallet.mjs"
REGISTERED = {"clientId": "giayto-wallet", "redirectUri": "http://127.0.0.1:53682/callback"}


def fetch(offer: str, **given: Any) -> dict[str, Any]:
    return call(PROGRAM, "fetchPreAuthorized", {"offer": offer, **given})


@pytest.mark.parametrize("link", ["by_value", "by_reference"])
def test_an_offer_leads_to_a_credential(police: DepositingAgency, document_id: str, link: str) -> None:
    fetched = fetch(police.offer(document_id, tx_code=False)[link])
    assert fetched["tokenType"].lower() == "dpop"
    assert fetched["notified"]
    (credential,) = fetched["credentials"]
    issued = UnverifiedSdJwt.parse_issued(credential)
    authentic = verify_issuer_signature(issued, PublicKey.from_certificate(issued.jws.x5c()[0]))
    assert (authentic.vct, authentic.issuer) == (POLICE.vct, POLICE.iss)
    assert authentic.holder_key == PublicKey.from_jwk(fetched["holderKeys"][0]["publicJwk"])
    assert authentic.claims["personal_number"]


def test_a_batch_has_distinct_keys_salts_and_indexes(police: DepositingAgency, document_id: str) -> None:
    fetched = fetch(police.offer(document_id, tx_code=False)["by_value"], copies=3)
    issued = [UnverifiedSdJwt.parse_issued(credential) for credential in fetched["credentials"]]
    payloads = [copy.jws.unverified_payload() for copy in issued]
    assert len({payload["status"]["status_list"]["idx"] for payload in payloads}) == 3
    assert len({payload["cnf"]["jwk"]["x"] for payload in payloads}) == 3
    salts = [disclosure.salt for copy in issued for disclosure in copy.disclosures]
    assert len(set(salts)) == len(salts)
    assert len({(payload["iat"], payload["exp"]) for payload in payloads}) == 1


def test_the_transaction_code_is_asked_for(police: DepositingAgency, document_id: str) -> None:
    offer = police.offer(document_id, tx_code=True)
    for given in ({}, {"txCode": "000000" if offer["tx_code"] != "000000" else "000001"}):
        with pytest.raises(ForeignError):
            fetch(offer["by_value"], **given)
    assert fetch(offer["by_value"], txCode=offer["tx_code"])["credentials"]


def test_an_offer_works_once(police: DepositingAgency, document_id: str) -> None:
    offer = police.offer(document_id, tx_code=False)["by_value"]
    assert fetch(offer)["credentials"]
    with pytest.raises(ForeignError):
        fetch(offer)


def test_of_two_racing_wallets_one_wins(police: DepositingAgency, document_id: str) -> None:
    offer = police.offer(document_id, tx_code=False)["by_value"]

    def race(_: int) -> bool:
        try:
            return bool(fetch(offer)["credentials"])
        except ForeignError:
            return False

    with ThreadPoolExecutor(2) as racers:
        assert sorted(racers.map(race, range(2))) == [False, True]


@pytest.mark.parametrize(("wrong", "survives"), [(5, True), (6, False)])
def test_the_sixth_wrong_code_kills_the_offer(
    police: DepositingAgency, document_id: str, wrong: int, survives: bool
) -> None:
    offer = police.offer(document_id, tx_code=True)
    guesses = [f"{number:06}" for number in range(wrong + 1) if f"{number:06}" != offer["tx_code"]][:wrong]
    for guess in guesses:
        with pytest.raises(ForeignError):
            fetch(offer["by_value"], txCode=guess)
    if survives:
        assert fetch(offer["by_value"], txCode=offer["tx_code"])["credentials"]
    else:
        with pytest.raises(ForeignError):
            fetch(offer["by_value"], txCode=offer["tx_code"])


def offer_to_log_in(sandbox: PreparedSandbox) -> str:
    """An offer that holds no code: the wallet sends its citizen to log in."""
    offer = {
        "credential_issuer": sandbox.settings.base_url,
        "credential_configuration_ids": ["criminal-record-1.1"],
        "grants": {"authorization_code": {}},
    }
    return f"openid-credential-offer://?{urlencode({'credential_offer': json.dumps(offer)})}"


def citizen_of_the_deposit(sandbox: PreparedSandbox) -> str:
    """The number in the first record of the agency, which is the one that was deposited."""
    with sandbox.records_file(POLICE).open(encoding="utf-8-sig", newline="") as file:
        return next(csv.DictReader(file))["SO_CCCD"]


def log_in_and_consent(url: str, number: str, answer: str = "allow") -> dict[str, str]:
    """What a citizen does in a browser; returns what the wallet is told."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    with httpx2.Client(trust_env=False) as browser:
        login = browser.get(url).headers["location"]
        form = {**dict(parse_qsl(urlsplit(login).query)), "personal_number": number}
        page = browser.get(browser.post(login.partition("?")[0], data=form).headers["location"])
        (secret,) = re.findall(r'name="consent" value="([^"]+)"', page.text)
        answered = browser.post(f"{origin}/oauth/consent", data={"consent": secret, "answer": answer})
    back = urlsplit(answered.headers["location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == REGISTERED["redirectUri"]
    return {name: values[0] for name, values in parse_qs(back.query).items()}


def test_a_citizen_logs_in_for_the_wallet(sandbox: PreparedSandbox, police: DepositingAgency, document_id: str) -> None:
    offer = offer_to_log_in(sandbox)
    begun = call(PROGRAM, "authorize", {"offer": offer, **REGISTERED, "scope": "criminal-record-1.1"})
    # Pushed (RFC 9126): nothing of the request travels through the browser.
    assert set(parse_qs(urlsplit(begun["url"]).query)) == {"client_id", "request_uri"}
    told = log_in_and_consent(begun["url"], citizen_of_the_deposit(sandbox))
    assert told["iss"] == sandbox.settings.base_url
    kept = {"codeVerifier": begun["codeVerifier"], "dpopKey": begun["dpopKey"]}
    given = {"offer": offer, **REGISTERED, "code": told["code"], **kept, "copies": 2}
    fetched = call(PROGRAM, "fetchAuthorized", given)
    assert fetched["tokenType"].lower() == "dpop"
    issued = [UnverifiedSdJwt.parse_issued(credential) for credential in fetched["credentials"]]
    keys = {PublicKey.from_jwk(key["publicJwk"]) for key in fetched["holderKeys"]}
    authentic = [verify_issuer_signature(copy, PublicKey.from_certificate(copy.jws.x5c()[0])) for copy in issued]
    assert {copy.holder_key for copy in authentic} == keys
    assert {copy.claims["personal_number"] for copy in authentic} == {citizen_of_the_deposit(sandbox)}
    with pytest.raises(ForeignError, match="invalid_grant"):
        call(PROGRAM, "fetchAuthorized", given)


def test_a_citizen_who_refuses_gives_the_wallet_no_code(
    sandbox: PreparedSandbox, police: DepositingAgency, document_id: str
) -> None:
    offer = offer_to_log_in(sandbox)
    begun = call(PROGRAM, "authorize", {"offer": offer, **REGISTERED, "scope": "criminal-record-1.1"})
    told = log_in_and_consent(begun["url"], citizen_of_the_deposit(sandbox), answer="deny")
    assert told["error"] == "access_denied"
    assert "code" not in told


def test_the_credential_is_in_force_for_a_verifier(
    sandbox: PreparedSandbox, police: DepositingAgency, document_id: str
) -> None:
    (credential,) = fetch(police.offer(document_id, tx_code=False)["by_value"])["credentials"]
    status = UnverifiedSdJwt.parse_issued(credential).jws.unverified_payload()["status"]["status_list"]
    token = httpx2.get(f"{sandbox.settings.base_url}/public/v1/bundle").text
    anchors = x509.load_pem_x509_certificates(sandbox.folder.anchor.read_bytes())
    bundle = verify_bundle(token, anchors, system_clock())
    assert bundle.status_lists[status["uri"]].status(status["idx"]) == 0
