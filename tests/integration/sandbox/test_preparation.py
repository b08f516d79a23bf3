"""Preparing a sandbox: everything that is missing is made, nothing that is there is made again."""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from giayto_sdk.config import load_agency_config, load_verifier_config, load_wallet_config
from giayto_wallet_api.agencies.tables import agencies, agency_authorised_types, agency_certificates, agency_clients
from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.identity.sandbox_provider.population import read_population
from giayto_wallet_api.presentation_requests.tables import verifier_permissions, verifiers
from giayto_wallet_api.sandbox.agencies import ALL_AGENCIES, HOSPITAL
from giayto_wallet_api.sandbox.folder import PlanRequest, SandboxFolder
from giayto_wallet_api.sandbox.preparation import CITIZENS, PreparedSandbox, prepare
from giayto_wallet_api.sandbox.verifiers import VERIFIERS
from giayto_wallet_api.store.database import Database

NOW = datetime(2026, 10, 1, 8, tzinfo=UTC)


def _prepare(root: Path, now: datetime = NOW) -> PreparedSandbox:
    folder = SandboxFolder(root)
    return prepare(folder, folder.open(PlanRequest(seed=3, people=30), NOW.date()), now=now)


def _contents(root: Path) -> Mapping[str, str]:
    files = (path for path in root.rglob("*") if path.is_file() and "giayto.db" not in path.name)
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


async def _count_rows(database_url: str) -> Mapping[str, int]:
    database = Database(database_url)
    tables = (
        agencies,
        agency_clients,
        agency_certificates,
        agency_authorised_types,
        verifiers,
        verifier_permissions,
        audit_entries,
    )
    try:
        async with database.read() as tx:
            return {
                table.name: (await tx.execute(select(func.count()).select_from(table))).scalar_one() for table in tables
            }
    finally:
        await database.close()


@pytest.fixture
def sandbox(tmp_path: Path) -> PreparedSandbox:
    return _prepare(tmp_path / "sandbox")


def test_agencies_are_registered_with_audit_entries(sandbox: PreparedSandbox) -> None:
    rows = asyncio.run(_count_rows(sandbox.settings.database_url))
    assert {name: count for name, count in rows.items() if name != "audit_entries"} == {
        "agencies": 4,
        "agency_clients": 4,
        "agency_certificates": 4,
        "agency_authorised_types": 4,
        "verifiers": 2,
        "verifier_permissions": 2,
    }
    assert rows["audit_entries"] >= 4 * 3 + 2 * 4


def test_preparing_again_changes_nothing(sandbox: PreparedSandbox) -> None:
    root = sandbox.folder.root
    before, rows_before = _contents(root), asyncio.run(_count_rows(sandbox.settings.database_url))
    again = _prepare(root, NOW + timedelta(days=400))
    assert _contents(root) == before
    rows = asyncio.run(_count_rows(sandbox.settings.database_url))
    # But for the catalogue, of which another month has its own edition.
    assert rows == {**rows_before, "audit_entries": rows_before["audit_entries"] + 1}
    assert again == sandbox
    assert _prepare(root, NOW + timedelta(days=400)) == sandbox
    assert asyncio.run(_count_rows(sandbox.settings.database_url)) == rows


@pytest.mark.parametrize(
    "lost", ["giayto.db", "population.ndjson", "agencies/G01/records.csv", "agencies/G18.toml", "server-keys/root.pem"]
)
def test_what_was_lost_is_made_again(sandbox: PreparedSandbox, lost: str) -> None:
    root = sandbox.folder.root
    before = _contents(root)
    (root / lost).unlink()
    _prepare(root)
    assert _contents(root) == before
    assert asyncio.run(_count_rows(sandbox.settings.database_url))["agencies"] == 4


def test_configurations_name_what_is_there(sandbox: PreparedSandbox) -> None:
    for one in ALL_AGENCIES:
        config = load_agency_config(sandbox.folder.agency_config(one.agency_id))
        assert (config.agency_id, config.iss, config.client_id) == (one.agency_id, one.iss, one.client_id)
        assert config.client_key_file.is_file()
        assert config.certificate_chain_file is not None
        assert config.certificate_chain_file.is_file()
        assert (config.signing_key_file is None) == (one is HOSPITAL)
        assert config.signing_key_file is None or config.signing_key_file.is_file()
        assert sandbox.records_file(one).is_file()
    for verifier in VERIFIERS:
        assert load_verifier_config(sandbox.folder.verifier_config(verifier.verifier_id)).client_key_file.is_file()
    for number in range(1, CITIZENS + 1):
        assert load_wallet_config(sandbox.folder.wallet_config(number)).base_url == sandbox.settings.base_url


def test_citizens_are_adults_who_can_log_in(sandbox: PreparedSandbox) -> None:
    population = read_population(sandbox.folder.population)
    assert len(population) == sandbox.population_size == 30
    assert len(sandbox.citizens) == CITIZENS
    for citizen in sandbox.citizens:
        identity = population.find(citizen.personal_number)
        assert identity is not None
        assert identity.full_name == citizen.full_name
        assert citizen.age(date(2026, 10, 1)) >= 18
