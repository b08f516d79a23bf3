"""From a deposited record to credentials in a wallet by another maker, by a pre-authorized code."""

import asyncio

import pytest
from sqlalchemy import select

from foreign_wallet import offer_parameter
from giayto_crypto.keys import LocalSigner
from giayto_crypto.sdjwt import UnverifiedSdJwt, verify_issuer_signature
from giayto_wallet_api.audit.tables import audit_entries
from sample_records import PERSON


@pytest.mark.both_databases
async def test_a_deposit_is_offered_and_fetched(depositor, wallet) -> None:
    document_id = await depositor.deposit()
    offer = await depositor.offer(document_id)
    response = await wallet.redeem(offer["credential_offer"], offer["tx_code"])
    assert response.status_code == 200, response.text
    token = response.json()
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("DPoP", 300, "credential")
    assert "authorization_details" not in token
    keys = [LocalSigner.generate() for _ in range(3)]
    answer = await wallet.credentials(keys)
    assert answer.status_code == 200, answer.text
    credentials = [each["credential"] for each in answer.json()["credentials"]]
    issued = [UnverifiedSdJwt.parse_issued(each) for each in credentials]
    authentic = [verify_issuer_signature(each, depositor.agency.signing_key.public_key) for each in issued]
    assert [each.holder_key for each in authentic] == [key.public_key for key in keys]
    assert {each.claims["vct"] for each in authentic} == {"urn:giayto:type:referral:1"}
    assert {each.claims["iss"] for each in authentic} == {"https://g18.example"}
    detail = await depositor.get(f"/issuer/v1/deposits/{document_id}")
    assert [(each["copies"], each["own_wallet"]) for each in detail["issuances"]] == [(3, False)]


async def test_an_offer_by_reference_is_fetched_once(depositor, http) -> None:
    offer = await depositor.offer(await depositor.deposit())
    uri = offer_parameter(offer["by_reference"], "credential_offer_uri")
    first, second = await http.get(uri), await http.get(uri)
    assert first.json() == offer["credential_offer"]
    assert first.headers["content-type"] == "application/json"
    assert second.status_code == 404


@pytest.mark.both_databases
@pytest.mark.parametrize(("mistakes", "usable"), [(5, True), (6, False)])
async def test_five_wrong_transaction_codes_are_borne_the_sixth_ends_the_code(
    depositor, wallet, mistakes: int, usable: bool
) -> None:
    offer = await depositor.offer(await depositor.deposit())
    wrong = str((int(offer["tx_code"]) + 1) % 10**6).zfill(6)
    for _ in range(mistakes):
        refused = await wallet.redeem(offer["credential_offer"], wrong)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    last = await wallet.redeem(offer["credential_offer"], offer["tx_code"])
    assert last.status_code == (200 if usable else 400)
    if not usable:
        assert last.json()["error"] == "invalid_grant"


@pytest.mark.both_databases
async def test_two_wallets_race_for_one_code(depositor, new_wallet) -> None:
    offer = await depositor.offer(await depositor.deposit())
    wallets = [await new_wallet() for _ in range(2)]
    answers = await asyncio.gather(*(each.redeem(offer["credential_offer"], offer["tx_code"]) for each in wallets))
    assert sorted(each.status_code for each in answers) == [200, 400]
    (loser,) = [each.json() for each in answers if each.status_code == 400]
    assert loser["error"] == "invalid_grant"


async def test_nothing_personal_and_no_secret_reaches_the_logs(depositor, wallet, runtime, http, capsys) -> None:
    offer = await depositor.offer(await depositor.deposit())
    await wallet.redeem(offer["credential_offer"], "000000x")
    token = (await wallet.redeem(offer["credential_offer"], offer["tx_code"])).json()
    credential = (await wallet.credentials()).json()["credentials"][0]["credential"]
    uri = offer_parameter(offer["by_reference"], "credential_offer_uri")
    await http.get(uri)
    async with runtime.database.read() as tx:
        facts = (await tx.execute(select(audit_entries.c.facts))).scalars().all()
    written = capsys.readouterr().out + "".join(facts)
    assert "/oid4vci/credential" in written
    (grant,) = offer["credential_offer"]["grants"].values()
    secrets = [
        PERSON["number"],
        PERSON["name"],
        grant["pre-authorized_code"],
        uri.rpartition("/")[2],
        token["access_token"],
        token["refresh_token"].partition(".")[2],
        credential[:100],
    ]
    assert [each for each in secrets if each in written] == []
