"""@openid4vc/openid4vci as the wallet of another maker, which fetches deposited documents."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

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


def test_the_credential_is_in_force_for_a_verifier(
    sandbox: PreparedSandbox, police: DepositingAgency, document_id: str
) -> None:
    (credential,) = fetch(police.offer(document_id, tx_code=False)["by_value"])["credentials"]
    status = UnverifiedSdJwt.parse_issued(credential).jws.unverified_payload()["status"]["status_list"]
    token = httpx2.get(f"{sandbox.settings.base_url}/public/v1/bundle").text
    anchors = x509.load_pem_x509_certificates(sandbox.folder.anchor.read_bytes())
    bundle = verify_bundle(token, anchors, system_clock())
    assert bundle.status_lists[status["uri"]].status(status["idx"]) == 0
