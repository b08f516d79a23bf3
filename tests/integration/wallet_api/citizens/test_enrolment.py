"""How a device gets into a wallet, and what keeps others out."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from giayto_crypto.keys import LocalSigner
from giayto_issuers.subjects import Subject
from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.devices.service import MAX_DEVICES, open_wallet
from giayto_wallet_api.wallets.tables import wallets

HONG, AN, COMPANY = "001199000017", "079085000018", "0100109106"


@pytest.mark.both_databases
async def test_the_first_login_creates_the_wallet(new_phone, runtime) -> None:
    phone = new_phone()
    response = await phone.send_enrolment(await phone.log_in(HONG))
    assert response.status_code == 201
    session = response.json()
    assert (session["token_type"], session["expires_in"]) == ("DPoP", 900)
    async with runtime.database.read() as tx:
        wallet = await runtime.wallets.find_wallet(tx, Subject("person", HONG))
    assert wallet is not None
    assert wallet.wallet_id == session["wallet_id"]
    assert (wallet.identity.full_name, wallet.identity.birth_date) == ("Nguyễn Thị Hồng", "1999-02-28")


@pytest.mark.both_databases
async def test_a_second_phone_joins_the_wallet_and_the_first_is_told(hong, new_phone) -> None:
    second = await new_phone().enrol(HONG)
    assert second.wallet_id == hong.wallet_id
    assert second.device_id != hong.device_id
    changes = (await hong.get("/wallet/v1/changes"))["items"]
    assert [(change["kind"], change["object_id"]) for change in changes] == [
        ("device_enrolled", hong.device_id),
        ("device_enrolled", second.device_id),
    ]


async def test_others_have_other_wallets(hong, an) -> None:
    assert hong.wallet_id != an.wallet_id


async def test_an_organisation_has_a_wallet(new_phone, runtime) -> None:
    await new_phone().enrol(COMPANY, holder_kind="organisation")
    async with runtime.database.read() as tx:
        wallet = await runtime.wallets.find_wallet(tx, Subject("organisation", COMPANY))
    assert wallet is not None
    assert (wallet.identity.full_name, wallet.identity.birth_date) == ("Công ty Cổ phần Thử Nghiệm", None)


@pytest.mark.parametrize(("identifier", "asked"), [(HONG, "organisation"), (COMPANY, "person")])
async def test_the_kind_of_holder_must_fit(new_phone, identifier: str, asked: str) -> None:
    phone = new_phone()
    response = await phone.send_enrolment(await phone.log_in(identifier), holder_kind=asked)
    assert (response.status_code, response.json()["code"]) == (409, "holder_kind_mismatch")


@pytest.mark.both_databases
async def test_a_login_enrols_once(new_phone) -> None:
    phone = new_phone()
    id_token = await phone.log_in(HONG)
    assert (await phone.send_enrolment(id_token)).status_code == 201
    again = await phone.send_enrolment(id_token)
    assert (again.status_code, again.json()["code"]) == (401, "identity_refused")


@pytest.mark.both_databases
async def test_a_stolen_login_does_not_enrol_another_phone(new_phone) -> None:
    id_token = await new_phone().log_in(HONG)
    stolen = await new_phone().send_enrolment(id_token)
    assert (stolen.status_code, stolen.json()["code"]) == (401, "identity_refused")


@pytest.mark.parametrize(("seconds", "status"), [(300, 201), (315, 401)])
async def test_a_login_is_good_for_five_minutes(new_phone, clock, seconds: int, status: int) -> None:
    phone = new_phone()
    id_token = await phone.log_in(HONG)
    clock.advance(seconds=seconds)
    assert (await phone.send_enrolment(id_token)).status_code == status


async def test_a_proof_with_a_server_nonce_is_demanded(http, new_phone) -> None:
    phone = new_phone()
    body = {"id_token": await phone.log_in(HONG), "device": {"name": "A", "platform": "ios"}}
    bare = await http.post("/wallet/v1/enrolments", json=body)
    assert (bare.status_code, bare.json()["code"]) == (401, "invalid_dpop_proof")
    proof = phone.proof("POST", "/wallet/v1/enrolments")
    without_nonce = await http.post("/wallet/v1/enrolments", json=body, headers={"DPoP": proof})
    assert (without_nonce.status_code, without_nonce.json()["code"]) == (401, "use_dpop_nonce")
    assert without_nonce.headers["dpop-nonce"]


@pytest.mark.both_databases
async def test_a_device_that_enrols_again_stays_the_same(hong, runtime) -> None:
    before = hong.device_id
    await hong.enrol(HONG)
    assert hong.device_id == before
    async with runtime.database.read() as tx:
        enrolled = select(func.count()).where(audit_entries.c.action == "device.enrolled")
        assert (await tx.execute(enrolled)).scalar_one() == 1


@pytest.mark.both_databases
async def test_a_device_key_serves_one_wallet(hong) -> None:
    response = await hong.send_enrolment(await hong.log_in(AN))
    assert (response.status_code, response.json()["code"]) == (409, "device_key_taken")


@pytest.mark.both_databases
async def test_a_wallet_has_few_devices(hong, new_phone) -> None:
    for _ in range(MAX_DEVICES - 1):
        await new_phone().enrol(HONG)
    phone = new_phone()
    response = await phone.send_enrolment(await phone.log_in(HONG))
    assert (response.status_code, response.json()["code"]) == (409, "too_many_devices")
    assert len((await hong.get("/wallet/v1/devices"))["items"]) == MAX_DEVICES
    assert len((await hong.get("/wallet/v1/changes"))["items"]) == MAX_DEVICES


@pytest.mark.parametrize("name", ["", "   ", "a\u202eb", "a\u0000b", "x" * 65])
async def test_a_device_name_is_plain_text(new_phone, name: str) -> None:
    phone = new_phone()
    response = await phone.send_enrolment(await phone.log_in(HONG), name=name)
    assert (response.status_code, response.json()["code"]) == (400, "malformed")


@pytest.mark.both_databases
async def test_a_corrected_name_reaches_the_wallet(hong, runtime, clock) -> None:
    subject = Subject("person", HONG)
    async with runtime.database.transaction() as tx:
        wallet = await runtime.wallets.find_wallet(tx, subject)
        assert wallet is not None
        corrected = replace(wallet.identity, full_name="Nguyễn Thị Ánh Hồng")
        await open_wallet(tx, runtime, corrected, clock())
    async with runtime.database.read() as tx:
        renewed = await runtime.wallets.find_wallet(tx, subject)
        assert renewed is not None
        assert (renewed.identity, renewed.identity_version) == (corrected, 2)
        actions = (await tx.execute(select(audit_entries.c.action))).scalars().all()
        assert actions.count("wallet.identity_changed") == 1
        assert actions.count("wallet.created") == 1


@pytest.mark.both_databases
async def test_a_subject_has_one_wallet_whoever_comes_first(hong, runtime, clock) -> None:
    async with runtime.database.transaction() as tx:
        wallet = await runtime.wallets.find_wallet(tx, Subject("person", HONG))
        assert wallet is not None
        assert await runtime.wallets.create_wallet(tx, wallet.identity, clock()) is None
        assert (await tx.execute(select(func.count()).select_from(wallets))).scalar_one() == 1


async def test_without_an_identity_provider_nobody_enrols(app, new_phone) -> None:
    phone = new_phone()
    id_token = await phone.log_in(HONG)
    app.state.runtime = replace(app.state.runtime, identity_provider=None)
    response = await phone.send_enrolment(id_token)
    assert (response.status_code, response.json()["code"]) == (503, "identity_provider_missing")


async def test_another_key_than_the_proofs_is_never_enrolled(new_phone) -> None:
    phone = new_phone()
    id_token = await phone.log_in(HONG)
    body = {"id_token": id_token, "device": {"name": "A", "platform": "ios"}, "holder_kind": "person"}
    response = await phone.prove("/wallet/v1/enrolments", body, key=LocalSigner.generate())
    assert response.status_code == 401
