"""A document that is good for one use: used once, and seen to be used."""

import asyncio

import pytest
from sqlalchemy import select, text

from giayto_wallet_api.documents.tables import document_versions
from giayto_wallet_api.status import entries
from giayto_wallet_api.status.tables import status_entries

pytestmark = pytest.mark.both_databases

SLIP = "urn:giayto:type:re-examination-slip:1"


@pytest.fixture
async def slip(desk, an, runtime) -> str:
    """A pushed document that counts as a re-examination slip from here on."""
    response = await desk.push(await desk.row(an))
    document_id = response.json()["document_id"]
    async with runtime.database.transaction() as tx:
        await tx.execute(document_versions.update().values(document_type=SLIP))
    return document_id


async def status(runtime) -> int:
    async with runtime.database.read() as tx:
        return (await tx.execute(select(status_entries.c.value))).scalar_one()


async def consume(desk, document_id: str):
    return await desk.agency.call("POST", f"/issuer/v1/documents/{document_id}/consume")


async def test_of_two_desks_one_consumes_it(desk, slip: str, runtime) -> None:
    await desk.agency.token()
    answers = await asyncio.gather(consume(desk, slip), consume(desk, slip))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert await status(runtime) == 3
    async with runtime.database.read() as tx:
        states = await tx.execute(text("SELECT state FROM wallet_documents"))
        assert states.scalars().all() == ["consumed"]


async def test_what_was_used_is_never_valid_again_but_may_be_revoked(desk, slip: str, runtime) -> None:
    await consume(desk, slip)
    assert (await desk.decide(slip, "suspend")).status_code == 409
    assert (await desk.decide(slip, "resume")).status_code == 409
    async with runtime.database.transaction() as tx:
        for value in (entries.StatusValue.VALID, entries.StatusValue.SUSPENDED):
            await entries.change_status(
                tx, agency_id="G18", document_id=slip, version=1, value=value, now=runtime.clock()
            )
    assert await status(runtime) == 3
    assert (await desk.decide(slip, "revoke")).status_code == 200
    assert await status(runtime) == 1


async def test_other_documents_are_not_consumed(desk, an, police, slip: str, runtime) -> None:
    book = (await desk.push(await desk.row(an, "row-2"))).json()["document_id"]
    refused = await consume(desk, book)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_single_use")
    assert (await police.call("POST", f"/issuer/v1/documents/{slip}/consume")).status_code == 404
    assert (await desk.decide(slip, "suspend")).status_code == 200
    assert (await consume(desk, slip)).status_code == 409
