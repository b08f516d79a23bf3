"""Tokens of wallets: transaction codes, refresh with rotation, sender constraint, scopes that do not mix."""

import asyncio
import json

import pytest

from giayto_crypto.keys import LocalSigner


async def test_a_transaction_code_that_is_missing_or_unexpected_is_an_invalid_request(depositor, wallet) -> None:
    protected = await depositor.offer(await depositor.deposit())
    open_one = await depositor.offer(await depositor.deposit(MA_LK="LK-2"), tx_code=False)
    missing = await wallet.redeem(protected["credential_offer"])
    unexpected = await wallet.redeem(open_one["credential_offer"], "123456")
    assert [each.json()["error"] for each in (missing, unexpected)] == ["invalid_request"] * 2
    # Neither counts, and neither ends the code.
    assert (await wallet.redeem(protected["credential_offer"], protected["tx_code"])).status_code == 200
    assert (await wallet.redeem(open_one["credential_offer"])).status_code == 200


@pytest.mark.both_databases
async def test_tries_at_the_same_time_are_counted_one_by_one(depositor, new_wallet) -> None:
    offer = await depositor.offer(await depositor.deposit())
    wallets = [await new_wallet() for _ in range(8)]
    wrong = str((int(offer["tx_code"]) + 1) % 10**6).zfill(6)
    answers = await asyncio.gather(*(each.redeem(offer["credential_offer"], wrong) for each in wallets))
    assert {each.json()["error"] for each in answers} == {"invalid_grant"}
    assert (await wallets[0].redeem(offer["credential_offer"], offer["tx_code"])).status_code == 400


async def test_a_pre_authorized_code_expires(depositor, wallet, clock) -> None:
    offer = await depositor.offer(await depositor.deposit())
    clock.advance(minutes=10)
    assert (await wallet.redeem(offer["credential_offer"], offer["tx_code"])).json()["error"] == "invalid_grant"


async def test_a_code_survives_the_question_for_a_nonce(depositor, wallet) -> None:
    offer = await depositor.offer(await depositor.deposit(), tx_code=False)
    assert wallet.dpop_nonce is None
    answer = await wallet.redeem(offer["credential_offer"], resource="http://127.0.0.1:8000", client_id=None)
    assert answer.status_code == 200
    assert wallet.dpop_nonce is not None


async def test_authorization_details_may_come_with_the_token_request(depositor, wallet) -> None:
    document_id = await depositor.deposit()
    offer = await depositor.offer(document_id, tx_code=False)
    wrong = json.dumps([{"type": "openid_credential", "credential_configuration_id": "health-book.1"}])
    refused = await wallet.redeem(offer["credential_offer"], authorization_details=wrong)
    assert refused.json()["error"] == "invalid_authorization_details"
    right = json.dumps([{"type": "openid_credential", "credential_configuration_id": "referral.1"}])
    token = await wallet.redeem(offer["credential_offer"], authorization_details=right)
    assert token.json()["authorization_details"][0]["credential_identifiers"] == [document_id]


async def test_refresh_tokens_rotate_and_fetch_fresh_copies(fetching) -> None:
    first = fetching.refresh_token
    assert (await fetching.refresh()).status_code == 200
    assert fetching.refresh_token != first
    assert (await fetching.credentials()).status_code == 200


@pytest.mark.both_databases
async def test_a_refresh_token_that_comes_again_ends_the_whole_grant(fetching) -> None:
    stolen = fetching.refresh_token
    await fetching.refresh()
    newest = fetching.refresh_token
    assert (await fetching.refresh(stolen)).json()["error"] == "invalid_grant"
    assert (await fetching.refresh(newest)).json()["error"] == "invalid_grant"
    assert (await fetching.credentials()).json()["error"] == "invalid_token"


@pytest.mark.both_databases
async def test_two_race_for_one_refresh_token(fetching) -> None:
    await fetching.refresh()
    token = fetching.refresh_token
    answers = await asyncio.gather(*(fetching.refresh(token) for _ in range(2)))
    assert sorted(each.status_code for each in answers) == [200, 400]


async def test_a_refresh_token_needs_its_key_and_its_wallet(fetching, new_wallet) -> None:
    thief = await new_wallet()
    for answer in (
        await thief.refresh(fetching.refresh_token),
        await fetching.refresh(client_id="another-wallet"),
        await fetching.refresh("grt_00000000000000000000000000000000.x"),
    ):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    # None of these used it up.
    assert (await fetching.refresh()).status_code == 200


async def test_a_grant_ends_when_nobody_comes_back(fetching, clock) -> None:
    clock.advance(days=90)
    assert (await fetching.refresh()).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("form", [{"grant_type": "refresh_token"}, {"grant_type": "authorization_code"}, {}])
async def test_what_is_missing_is_named(wallet, form) -> None:
    answer = await wallet.token(form)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_an_access_token_is_useless_without_its_key(fetching) -> None:
    fetching.dpop_key = LocalSigner.generate()
    answer = await fetching.credentials()
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert answer.headers["www-authenticate"].startswith("DPoP ")


async def test_tokens_of_wallets_and_agencies_do_not_mix(fetching, depositor) -> None:
    as_agency = await fetching.request("/issuer/v1/status-indexes", {"document_type": "x", "count": 1})
    assert (as_agency.status_code, as_agency.json()["code"]) == (403, "forbidden")
    fetching.access_token, fetching.dpop_key = await depositor.agency.token(), depositor.agency.dpop_key
    assert (await fetching.credentials()).json()["error"] == "invalid_token"


async def test_an_access_token_ends_after_five_minutes(fetching, clock) -> None:
    clock.advance(minutes=5)
    assert (await fetching.credentials()).status_code == 401
