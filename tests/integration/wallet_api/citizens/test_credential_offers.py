"""Documents that agencies have deposited for a citizen: seen, opened and fetched by nobody else."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import func, select

from foreign_wallet import ForeignWallet
from giayto_crypto.keys import LocalSigner
from giayto_wallet_api.agencies.authority import authority_of
from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.audit.log import SYSTEM
from giayto_wallet_api.deposits.depositing import Deposited, check_record, deposit_records
from giayto_wallet_api.hosted_signing.delegation import choose
from giayto_wallet_api.inbox.tables import wallet_credentials, wallet_documents
from sample_records import ROWS

BASE_URL = "http://127.0.0.1:8000"
REFERRAL = "urn:giayto:type:referral:1"
HONG = {"SO_CCCD": "001199000017", "HO_TEN": "Nguyễn Thị Hồng", "NGAY_SINH": "28/02/1999"}
AN = {"SO_CCCD": "079085000018", "HO_TEN": "Trần Văn Ân", "NGAY_SINH": "03/11/1985"}
OFFERS = "/wallet/v1/credential-offers"


@dataclass
class Deposits:
    """Leaves referrals in the name of the ministry of health."""

    runtime: Any

    async def leave(self, person: dict[str, str], **changes: Any) -> Any:
        row = ROWS["referral"](**{**person, "MA_LK": "LK-1", **changes})
        document_type = self.runtime.document_types[REFERRAL]
        client = AgencyClient("G18", "main")
        record = check_record(document_type, row, 1)
        (outcome,) = await deposit_records(self.runtime, client, document_type, [record])
        return outcome


@pytest.fixture
async def deposits(new_agency, runtime, tmp_path: Path) -> Deposits:
    agency = await new_agency("G18", (REFERRAL,))
    folder = tmp_path / "agencies" / "G18"
    folder.mkdir(parents=True)
    (folder / "signer.key.pem").touch(mode=0o600)
    (folder / "signer.key.pem").write_bytes(agency.signing_key.to_pem())
    leaf = x509.load_der_x509_certificate(agency.chain[0])
    (folder / "signer.chain.pem").write_bytes(leaf.public_bytes(Encoding.PEM))
    entry = next(iter((await authority_leaves(runtime)).keys()))
    async with runtime.database.transaction() as tx:
        await choose(tx, agency_id="G18", leaf_sha256=entry, now=runtime.clock(), actor=SYSTEM)
    return Deposits(runtime)


async def authority_leaves(runtime) -> dict[bytes, Any]:
    async with runtime.database.read() as tx:
        return dict((await authority_of(tx, "G18")).by_leaf)


async def fetch(http, clock, offer: dict[str, Any], keys: list[LocalSigner]):
    wallet = await ForeignWallet(http, clock, BASE_URL).discover()
    assert (await wallet.redeem(offer["credential_offer"])).status_code == 200
    return await wallet.credentials(keys)


async def test_a_citizen_sees_and_opens_what_is_their_own(hong, an, deposits) -> None:
    left = await deposits.leave(AN)
    (item,) = (await an.get(OFFERS))["items"]
    assert (item["document_id"], item["agency_id"], item["fetched"]) == (left.document_id, "G18", False)
    assert (await hong.get(OFFERS))["items"] == []
    foreign = await hong.call("POST", f"{OFFERS}/{left.document_id}")
    missing = await hong.call("POST", f"{OFFERS}/doc_00000000000000000000000000000000")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert {**foreign.json(), "instance": ""} == {**missing.json(), "instance": ""}
    opened = await an.call("POST", f"{OFFERS}/{left.document_id}")
    assert opened.status_code == 201
    assert "tx_code" not in opened.json()


async def test_the_phone_is_told(an, deposits) -> None:
    left = await deposits.leave(AN)
    changes = (await an.get("/wallet/v1/changes"))["items"]
    assert ("credential_offered", left.document_id) in {(each["kind"], each["object_id"]) for each in changes}


async def test_what_is_fetched_with_ones_own_keys_is_in_the_wallet_once(an, deposits, http, clock, runtime) -> None:
    left = await deposits.leave(AN)
    for number in range(2):
        offer = (await an.call("POST", f"{OFFERS}/{left.document_id}")).json()
        answer = await fetch(http, clock, offer, [an.holder_keys[number]])
        assert answer.status_code == 200, answer.text
    detail = await an.get(f"/wallet/v1/documents/{left.document_id}")
    assert (detail["state"], len(detail["credentials"])) == ("confirmed", 2)
    assert (await an.get(OFFERS))["items"][0]["fetched"] is True
    async with runtime.database.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(wallet_documents))).scalar_one() == 1
        assert (await tx.execute(select(func.count()).select_from(wallet_credentials))).scalar_one() == 2


async def test_nothing_gets_into_somebody_elses_wallet(hong, an, deposits, http, clock) -> None:
    left = await deposits.leave(AN)
    for keys in (
        [hong.holder_keys[0]],
        [an.holder_keys[0], hong.holder_keys[1]],
        [an.holder_keys[1], LocalSigner.generate()],
    ):
        offer = (await an.call("POST", f"{OFFERS}/{left.document_id}")).json()
        answer = await fetch(http, clock, offer, keys)
        assert (answer.status_code, answer.json()["error"]) == (400, "credential_request_denied")
    assert (await hong.get("/wallet/v1/documents"))["items"] == []


async def test_a_record_that_differs_from_the_holder_is_refused(an, deposits) -> None:
    refused = await deposits.leave({**AN, "HO_TEN": "Trần Văn An"})
    assert (refused.code, refused.detail) == ("identity_mismatch", "differs from the population record: full_name")
    assert (await an.get(OFFERS))["items"] == []


async def test_a_deposit_waits_for_the_wallet(new_phone, deposits) -> None:
    left = await deposits.leave(HONG)
    assert isinstance(left, Deposited)
    phone = await new_phone().enrol(HONG["SO_CCCD"])
    assert [each["document_id"] for each in (await phone.get(OFFERS))["items"]] == [left.document_id]


async def test_a_new_version_supersedes_the_fetched_one(an, deposits, http, clock) -> None:
    left = await deposits.leave(AN)
    offer = (await an.call("POST", f"{OFFERS}/{left.document_id}")).json()
    assert (await fetch(http, clock, offer, [an.holder_keys[0]])).status_code == 200
    newer = await deposits.leave(AN, row_key="LK-2", replaces="LK-1", PP_DIEUTRI="Metformin")
    assert (newer.document_id, newer.version) == (left.document_id, 2)
    assert (await an.get(f"/wallet/v1/documents/{left.document_id}"))["state"] == "superseded"
    offer = (await an.call("POST", f"{OFFERS}/{left.document_id}")).json()
    assert (await fetch(http, clock, offer, [an.holder_keys[1]])).status_code == 200
    detail = await an.get(f"/wallet/v1/documents/{left.document_id}")
    assert (detail["version"], detail["state"]) == (2, "confirmed")
    assert [(each["version"], each["state"]) for each in detail["earlier_versions"]] == [(1, "superseded")]
