"""A revocation survives an old backup: the export outside the database knows it, and the server reconciles at start."""

import json
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, text

from giayto_crypto.status_list import StatusValue, verify_status_list
from giayto_wallet_api.agencies.principal import AgencyClient
from giayto_wallet_api.app import create_app
from giayto_wallet_api.serving import Address, serve
from giayto_wallet_api.settings import Mode, SettingsError
from giayto_wallet_api.status import entries
from giayto_wallet_api.status.reconciliation import reconcile_reservations, reconcile_revocations
from giayto_wallet_api.status.reservations import reserve
from giayto_wallet_api.status.schemas import ReservationRequest
from giayto_wallet_api.status.tables import status_entries, status_lists
from giayto_wallet_api.status.tokens import current_token

REVOKED = 100


@pytest.fixture
def settings(settings, tmp_path: Path):
    return replace(settings, revocations_folder=tmp_path / "elsewhere")


def exported(settings) -> list[dict[str, object]]:
    path = settings.revocations_folder / "revocations.ndjson"
    return [json.loads(line) for line in path.read_text().splitlines() if line] if path.exists() else []


async def push_many(desk, citizen, first: int, count: int) -> list[str]:
    """Push so many documents of a citizen; the first one's key serves them all."""
    statuses = await desk.reserve(count)
    rows = [
        await desk.row(citizen, f"row-{number}", statuses=[status]) for number, status in enumerate(statuses, first)
    ]
    answers = [json.loads(line) for line in (await desk.push_stream(rows)).text.splitlines()]
    return [answer["document_id"] for answer in answers]


def back_up(runtime, to: Path) -> None:
    path = runtime.settings.database_url.partition("///")[2]
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


async def test_what_was_revoked_after_the_backup_is_revoked_after_the_restore(
    desk, an, runtime, settings, server_keys, clock, tmp_path: Path
) -> None:
    before = await push_many(desk, an, 0, 60)
    back_up(runtime, tmp_path / "old.db")
    after = await push_many(desk, an, 60, 40)
    for document_id in (*before, *after):
        assert (await desk.decide(document_id, "revoke")).status_code == 200
    assert len(exported(settings)) == REVOKED
    async with runtime.database.read() as tx:
        places = (await tx.execute(select(status_entries.c.list_id, status_entries.c.idx))).all()
    await runtime.database.close()

    restored = tmp_path / "restored.db"
    shutil.copy(tmp_path / "old.db", restored)
    url = f"sqlite+aiosqlite:///{restored}"
    app = create_app(replace(settings, database_url=url), clock=clock, keys=server_keys)
    async with app.lifespan():
        second = app.state.runtime
        async with second.database.read() as tx:
            values = (await tx.execute(select(status_entries.c.value))).scalars().all()
            free = select(status_lists.c.list_id).where(status_lists.c.reserved < status_lists.c.size)
            assert (await tx.execute(free)).all() == [], "no index that may have been given out is given out again"
        assert values == [1] * REVOKED
        assert await published(second, places) == [1] * REVOKED
        assert await reconcile_revocations(second) == 0


async def published(runtime, places) -> list[int]:
    statuses = []
    for list_id, idx in places:
        token = (await current_token(runtime, list_id)).token
        uri = f"http://127.0.0.1:8000/public/v1/status-lists/{list_id}"
        verified = verify_status_list(token, uri=uri, anchors=runtime.keys.anchors, now=runtime.clock())
        statuses.append(verified.status(idx))
    return statuses


async def test_agency_and_holder_see_it_too(desk, an, runtime, settings, server_keys, clock, tmp_path: Path) -> None:
    (document_id,) = await push_many(desk, an, 0, 1)
    back_up(runtime, tmp_path / "restored.db")
    await desk.decide(document_id, "revoke")
    url = f"sqlite+aiosqlite:///{tmp_path / 'restored.db'}"
    app = create_app(replace(settings, database_url=url), clock=clock, keys=server_keys)
    async with app.lifespan(), app.state.runtime.database.read() as tx:
        for table in ("document_versions", "wallet_documents"):
            states = (await tx.execute(text(f"SELECT state FROM {table}"))).scalars().all()
            assert states == ["revoked"]


async def test_a_cut_export_is_not_started_with(desk, an, runtime, settings, server_keys, clock) -> None:
    (document_id,) = await push_many(desk, an, 0, 1)
    await desk.decide(document_id, "revoke")
    (settings.revocations_folder / "revocations.ndjson").write_bytes(b"")
    with pytest.raises(SettingsError, match="put the whole file back"):
        await reconcile_revocations(runtime)


@pytest.mark.both_databases
async def test_nothing_is_acknowledged_that_is_not_on_the_disk(desk, an, runtime, settings) -> None:
    (document_id,) = await push_many(desk, an, 0, 1)
    (settings.revocations_folder / "revocations.ndjson").mkdir()
    response = await desk.decide(document_id, "revoke")
    assert response.status_code >= 500
    (settings.revocations_folder / "revocations.ndjson").rmdir()
    assert (await desk.agency.call("GET", f"/issuer/v1/documents/{document_id}")).json()["state"] == "active"
    assert (await desk.decide(document_id, "revoke")).status_code == 200
    assert len(exported(settings)) == 1


@pytest.mark.both_databases
async def test_what_was_written_and_not_committed_is_voided(desk, an, runtime, settings) -> None:
    first, second = await push_many(desk, an, 0, 2)
    with suppress(OSError):
        async with runtime.database.transaction() as tx:
            await entries.change_status(
                tx, agency_id="G18", document_id=first, version=1, value=StatusValue.INVALID, now=runtime.clock()
            )
            await runtime.revocation_export.before_commit(tx)
            raise OSError("the commit fails")
    await desk.decide(second, "revoke")
    lines = exported(settings)
    assert [line.get("document") for line in lines] == [first, None, second]
    known = runtime.revocation_export.lines_after(0)
    assert [line.document_id for line in known] == [second]


@pytest.mark.both_databases
async def test_what_a_savepoint_took_back_is_not_exported(desk, an, runtime, settings) -> None:
    (document_id,) = await push_many(desk, an, 0, 1)
    async with runtime.database.transaction() as tx:
        savepoint = await tx.begin_nested()
        await entries.change_status(
            tx, agency_id="G18", document_id=document_id, version=1, value=StatusValue.INVALID, now=runtime.clock()
        )
        await savepoint.rollback()
    assert exported(settings) == []


@pytest.mark.both_databases
async def test_copies_of_a_lost_phone_are_exported_as_copies(desk, an, runtime, settings) -> None:
    (document_id,) = await push_many(desk, an, 0, 1)
    async with runtime.database.transaction() as tx:
        place = (await tx.execute(select(status_entries.c.list_id, status_entries.c.idx))).one()
        await entries.revoke_places(tx, [entries.StatusPlace(*place)], runtime.clock())
    (line,) = exported(settings)
    assert (line["scope"], line["document"]) == ("copy", document_id)


@pytest.mark.parametrize("list_size", [2**20, 32])
async def test_no_index_is_given_out_again_after_a_restore(
    desk, runtime, settings, server_keys, clock, tmp_path: Path, list_size: int
) -> None:
    object.__setattr__(runtime.settings, "status_list_size", list_size)
    before = await desk.reserve(20)
    back_up(runtime, tmp_path / "restored.db")
    since = await desk.reserve(30)
    url = f"sqlite+aiosqlite:///{tmp_path / 'restored.db'}"
    app = create_app(replace(settings, database_url=url, status_list_size=list_size), clock=clock, keys=server_keys)
    async with app.lifespan():
        restored = app.state.runtime
        request = ReservationRequest(document_type="urn:giayto:type:health-book:1", count=100)
        again = (await reserve(restored, AgencyClient("G18", "main"), request)).entries
        assert await reconcile_reservations(restored) == 0
    given_out = [(status.uri, status.idx) for status in (*before, *since, *again)]
    assert len(set(given_out)) == len(given_out) == 150


async def test_an_ordinary_start_changes_nothing(desk, runtime) -> None:
    await desk.reserve(20)
    assert await reconcile_reservations(runtime) == 0


async def test_cut_marks_are_neither_started_with_nor_written_to(desk, runtime, settings) -> None:
    await desk.reserve(20)
    (settings.revocations_folder / "reserved-indexes.ndjson").write_bytes(b"")
    with pytest.raises(SettingsError, match="put the whole file back"):
        await reconcile_reservations(runtime)
    body = {"document_type": "urn:giayto:type:health-book:1", "count": 1}
    assert (await desk.agency.call("POST", "/issuer/v1/status-indexes", json=body)).status_code >= 500


def test_production_does_not_serve_without_the_folder(settings) -> None:
    production = replace(settings, mode=Mode.PRODUCTION, base_url="https://a.example", revocations_folder=None)
    with pytest.raises(SettingsError, match="GIAYTO_REVOCATIONS_FOLDER is not set"):
        serve(production, Address("127.0.0.1", 1), 1)
