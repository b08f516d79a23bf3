"""@openid4vc/openid4vp as the wallet of another maker, which answers a bank that asks through the server."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx2
import pytest

from foreign_software import ForeignError, call
from giayto_issuers.document_type.loading import load_builtin_types
from giayto_verifiers.requests import Purpose
from giayto_wallet_api.clock import system_clock
from giayto_wallet_api.presentation_requests import registration
from giayto_wallet_api.runtime import build_runtime
from giayto_wallet_api.sandbox.preparation import PreparedSandbox
from openid4vp.hosted import VerifierCaller, registered_bank
from served_sandbox import POLICE, DepositingAgency

PROGRAM = "openid4vp_wallet.mjs"
PURPOSE = "Y_TE"
SHOWN = [["full_name"], ["birth_date"], ["conviction_status"], ["issued_on"], ["purpose"]]


@pytest.fixture(scope="module")
def held(police: DepositingAgency, document_id: str) -> dict[str, Any]:
    """A credential in the foreign wallet, and the key that it is bound to."""
    offer = police.offer(document_id, tx_code=False)["by_value"]
    fetched = call("openid4vci_wallet.mjs", "fetchPreAuthorized", {"offer": offer})
    return {"credential": fetched["credentials"][0], "holderJwk": fetched["holderKeys"][0]["privateJwk"]}


@pytest.fixture
async def bank(sandbox: PreparedSandbox) -> AsyncIterator[VerifierCaller]:
    """A bank that is registered to ask for a criminal-record certificate."""
    base_url = sandbox.settings.base_url
    runtime = build_runtime(sandbox.settings, clock=system_clock)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(runtime.database.close)
        http = await stack.enter_async_context(httpx2.AsyncClient(base_url=base_url))
        name = f"bank-{secrets.token_hex(4)}"
        caller = await registered_bank(http, runtime, system_clock, base_url, name)
        document_type = load_builtin_types()[POLICE.vct]
        purpose = Purpose(code=PURPOSE, vi="Tuyển dụng trong lĩnh vực y tế", en="Recruitment for health")
        async with runtime.database.transaction() as tx:
            await registration.add_purpose(tx, verifier_id=name, purpose=purpose, now=system_clock())
            await registration.permit(
                tx,
                verifier_id=name,
                purpose=PURPOSE,
                document_type=document_type,
                claims=[tuple(path) for path in SHOWN],
                now=system_clock(),
            )
        yield caller


async def asked(bank: VerifierCaller, **changes: Any) -> dict[str, Any]:
    response = await bank.ask(purpose=PURPOSE, document_type=POLICE.vct, claims=SHOWN, **changes)
    assert response.status_code == 201, response.text
    return dict(response.json())


async def answer(request: dict[str, Any], held: dict[str, Any], **given: Any) -> dict[str, Any]:
    return await asyncio.to_thread(call, PROGRAM, "answer", {"request": request["qr_text"], **held, **given})


async def test_the_request_is_read_as_version_1_0(bank: VerifierCaller) -> None:
    request = await asked(bank)
    read = await asyncio.to_thread(call, PROGRAM, "read", {"request": request["qr_text"]})
    assert read["client"]["prefix"] == "x509_hash"
    assert read["payload"]["client_id"] == request["client_id"]
    assert read["version"] == 100


@pytest.mark.parametrize("response_mode", ["direct_post", "direct_post.jwt"])
async def test_an_answer_is_judged_valid(bank: VerifierCaller, held: dict[str, Any], response_mode: str) -> None:
    request = await asked(bank, response_mode=response_mode)
    assert (await answer(request, held))["status"] == 200
    result = (await bank.result(request["request_id"])).json()
    assert (result["outcome"], result["reasons"]) == ("valid", [])
    (credential,) = result["credentials"]
    assert set(credential["verdict"]["claims"]) == {name for (name,) in SHOWN}


async def test_transaction_data_is_bound(bank: VerifierCaller, held: dict[str, Any]) -> None:
    confirmed = {"type": "urn:giayto:transaction:open-account", "credential_ids": ["document"], "amount": "0"}
    request = await asked(bank, transaction_data=[confirmed])
    assert (await answer(request, held))["status"] == 200
    assert (await bank.result(request["request_id"])).json()["outcome"] == "valid"


async def test_the_same_device_is_sent_back_with_a_fresh_code(bank: VerifierCaller, held: dict[str, Any]) -> None:
    request = await asked(bank, redirect_uri="https://bank-a.example/done")
    answered = await answer(request, held)
    assert answered["body"]["redirect_uri"].startswith("https://bank-a.example/done#response_code=")


async def test_an_answer_that_shows_less_is_not_valid(bank: VerifierCaller, held: dict[str, Any]) -> None:
    request = await asked(bank)
    await answer(request, held, shown=["full_name"])
    assert (await bank.result(request["request_id"])).json()["outcome"] == "invalid"


async def test_an_answered_request_is_over(bank: VerifierCaller, held: dict[str, Any]) -> None:
    request = await asked(bank)
    assert (await answer(request, held))["status"] == 200
    with pytest.raises(ForeignError, match="410"):
        await answer(request, held)
