"""An agency's worker against the real wallet backend: new wallets, new phones, failures, the command."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import stamina

from giayto_issuers.document_type.loading import load_builtin_types
from giayto_sdk import IndexedRecords, Issuer, Policy, RowOutcome, SigningWorker, Verifier, WalletClient
from giayto_sdk.cli.app import run
from giayto_sdk.config import load_agency_config, load_wallet_config
from giayto_sdk.errors import KeyStoreError
from giayto_wallet_api.sandbox.agencies import agency
from giayto_wallet_api.sandbox.preparation import PreparedSandbox

TYPE = "criminal-record-1"
SHOWN = [("full_name",), ("birth_date",)]


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


def rows_of(sandbox: PreparedSandbox, citizen: int, row_key: str) -> list[dict[str, str]]:
    """The record of a citizen, under a key of its own."""
    number = sandbox.citizens[citizen].personal_number
    with sandbox.records_file(agency("G01")).open(encoding="utf-8-sig", newline="") as file:
        row = next(each for each in csv.DictReader(file) if each["SO_CCCD"] == number)
    return [{**row, "SO_PHIEU": row_key}]


@pytest.fixture
def records(tmp_path: Path) -> Iterator[IndexedRecords]:
    opened = IndexedRecords(tmp_path / "records")
    yield opened
    opened.close()


@pytest.fixture
def worker(sandbox: PreparedSandbox, records: IndexedRecords, tmp_path: Path) -> Iterator[SigningWorker]:
    config = replace(load_agency_config(sandbox.folder.agency_config("G01")), journal_folder=tmp_path / "journal")
    with SigningWorker(config, records) as worker:
        yield worker


def know(records: IndexedRecords, rows: list[dict[str, str]], folder: Path) -> Path:
    path = folder / "rows.ndjson"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    assert records.read(load_builtin_types()[TYPE], path) == len(rows)
    assert records.read(load_builtin_types()[TYPE], path) == 0, "the same source is not read again"
    return path


def log_in(sandbox: PreparedSandbox, citizen: int, folder: Path, name: str) -> WalletClient:
    config = replace(
        load_wallet_config(sandbox.folder.wallet_config(1)), key_store_folder=folder / name, device_name=name
    )
    wallet = WalletClient(config)
    wallet.log_in_at_sandbox(sandbox.citizens[citizen].personal_number)
    return wallet


def test_a_document_follows_the_wallet_and_then_the_new_phone(
    sandbox: PreparedSandbox, issuer: Issuer, worker: SigningWorker, records: IndexedRecords, tmp_path: Path
) -> None:
    rows = rows_of(sandbox, 1, "1/2026/WAITS")
    know(records, rows, tmp_path)
    (result,) = issuer.push(TYPE, rows)
    assert result.outcome is RowOutcome.WAITING_FOR_WALLET
    assert worker.run_once(wait=False).taken == 0
    with log_in(sandbox, 1, tmp_path, "first") as first:
        (waiting,) = first.preparing()
        assert (waiting.state, waiting.document_id) == ("preparing", None)
        assert worker.run_once().signed == 1
        assert first.preparing() == []
        (document,) = first.inbox()
        first.confirm(document.document_id)
        (intents,) = (tmp_path / "journal").glob("signing-requests.*.ndjson")
        assert intents.stat().st_mode & 0o777 == 0o600
        assert "1/2026/WAITS" in intents.read_text(encoding="utf-8")
        with log_in(sandbox, 1, tmp_path, "second") as second:
            (waiting,) = second.preparing()
            assert waiting.document_id == document.document_id
            with pytest.raises(KeyStoreError, match="being prepared"):
                second.present(document.document_id, SHOWN)
            assert worker.run_once().signed == 1
            old = first.present(document.document_id, SHOWN).sd_jwt
            new = second.present(document.document_id, SHOWN).sd_jwt
            (lost,) = [device for device in second.devices() if not device.current]
            second.remove_device(lost.device_id)
        with Verifier(
            None, anchor=sandbox.folder.anchor, policy=Policy(), refresh_from=sandbox.settings.base_url
        ) as verifier:
            verifier.refresh()
            assert verifier.verify(new).outcome == "valid"
            assert [str(reason) for reason in verifier.verify(old).reasons] == ["revoked"]


def test_what_cannot_be_signed_waits_or_becomes_a_dead_letter(
    sandbox: PreparedSandbox, issuer: Issuer, worker: SigningWorker, records: IndexedRecords, tmp_path: Path
) -> None:
    rows = rows_of(sandbox, 2, "3/2026/CHANGED")
    issuer.push(TYPE, rows + rows_of(sandbox, 2, "2/2026/NOWHERE"))
    know(records, [{**rows[0], "HO_TEN": "Người Khác"}], tmp_path)
    with log_in(sandbox, 2, tmp_path, "phone") as phone:
        done = worker.run_once()
        assert (done.taken, done.signed, done.later, done.dead) == (2, 0, 1, 1), "a record that is not there may come"
        assert len(phone.preparing()) == 2, "never an error"
        (dead,) = worker.dead_letters()
        assert (dead.row_key, dead.failure) == ("3/2026/CHANGED", "mismatch")
        know(records, rows, tmp_path)
        worker.retry(dead.request_id)
        assert worker.run_once().signed == 1
        assert len(phone.preparing()) == 1


def test_the_command_works_until_nothing_waits(
    sandbox: PreparedSandbox, issuer: Issuer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = rows_of(sandbox, 0, "4/2026/COMMAND")
    issuer.push(TYPE, rows)
    source = tmp_path / "rows.ndjson"
    source.write_text(json.dumps(rows[0], ensure_ascii=False) + "\n", encoding="utf-8")
    config = str(sandbox.folder.agency_config("G01"))
    with log_in(sandbox, 0, tmp_path, "phone") as phone:
        assert run(["issuer", "work", "--config", config, "--source", f"{TYPE}={source}", "--once", "--json"]) == 0
        (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
        told = json.loads(line)
        assert (told["signed"], told["dead"]) == (1, 0)
        assert len(list(phone.inbox())) == 1
    assert run(["issuer", "reissue", "--config", config, "--type", TYPE]) == 0
    assert run(["issuer", "dead-letters", "--config", config]) == 0
    assert run(["issuer", "work", "--config", config, "--source", "nonsense", "--once"]) == 64


def test_rows_of_several_sources_stay(records: IndexedRecords, tmp_path: Path) -> None:
    kind = load_builtin_types()[TYPE]
    for month, rows in (("october", ["1/LLTP", "2/LLTP"]), ("november", ["2/LLTP", "3/LLTP"])):
        path = tmp_path / f"{month}.ndjson"
        path.write_text("".join(json.dumps({"SO_PHIEU": each, "month": month}) + "\n" for each in rows))
        assert records.read(kind, path) == 2
    found = {key: records.record(kind, key) for key in ("1/LLTP", "2/LLTP", "3/LLTP", "4/LLTP")}
    months = {key: None if row is None else row.values["month"] for key, row in found.items()}
    assert months == {"1/LLTP": "october", "2/LLTP": "november", "3/LLTP": "november", "4/LLTP": None}
