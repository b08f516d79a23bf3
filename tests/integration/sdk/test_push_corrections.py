"""Rows that were refused are corrected and sent alone: into the same job, as new attempts."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from giayto_sdk import Issuer, RowOutcome, WalletClient
from giayto_sdk.config import AgencyConfig, load_agency_config
from giayto_sdk.errors import ConfigurationError, SourceError
from giayto_wallet_api.sandbox.agencies import agency
from giayto_wallet_api.sandbox.preparation import PreparedSandbox

TYPE = "criminal-record-1"
Row = dict[str, str]


@pytest.fixture
def config(sandbox: PreparedSandbox, tmp_path: Path) -> AgencyConfig:
    return replace(load_agency_config(sandbox.folder.agency_config("G01")), journal_folder=tmp_path / "journal")


@pytest.fixture
def row(sandbox: PreparedSandbox, wallet: WalletClient) -> Row:
    number = sandbox.citizens[0].personal_number
    export = sandbox.records_file(agency("G01")).read_text("utf-8-sig")
    return next(each for each in csv.DictReader(io.StringIO(export)) if each["SO_CCCD"] == number)


@pytest.fixture
def issuer(config: AgencyConfig) -> Iterator[Issuer]:
    with Issuer(config) as issuer:
        yield issuer


def series(row: Row, name: str) -> list[Row]:
    """A good row, one with a wrong date, one under another name, one whose number is cut off."""
    rows = [{**row, "SO_PHIEU": f"{number:06}/2026/{name}"} for number in range(1, 5)]
    rows[1]["NGAY_SINH"] = "31/02/1990"
    rows[2]["HO_TEN"] = "Nguyễn Văn Khác"
    rows[3]["SO_CCCD"] = row["SO_CCCD"][:-1]
    return rows


def write_csv(path: Path, rows: list[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_csv(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def correct(found: Row, row: Row) -> Row:
    return {**found, **{name: row[name] for name in ("NGAY_SINH", "HO_TEN", "SO_CCCD")}}


def test_the_rows_to_correct_have_their_columns_and_the_reasons(issuer: Issuer, row: Row, tmp_path: Path) -> None:
    rows = series(row, "REASON")
    report = issuer.push(TYPE, write_csv(tmp_path / "all.csv", rows))
    assert report.counts == {RowOutcome.STORED: 1, RowOutcome.REFUSED: 2, RowOutcome.MISMATCH: 1}
    assert report.reconciliation.is_equal
    assert report.refused_file is not None
    assert report.refused_file.stat().st_mode & 0o777 == 0o600
    found = read_csv(report.refused_file)
    assert [{name: each[name] for name in row} for each in found] == rows[1:]
    assert [(each["giayto_row"], each["giayto_code"], each["giayto_columns"]) for each in found] == [
        ("3", "record_invalid", "NGAY_SINH"),
        ("4", "mismatch", "full_name"),
        ("5", "record_invalid", "SO_CCCD"),
    ]
    assert all(each["giayto_loi"] and each["giayto_problem"] for each in found)


def test_corrected_rows_go_into_the_same_job_and_count_once(issuer: Issuer, row: Row, tmp_path: Path) -> None:
    first = issuer.push(TYPE, write_csv(tmp_path / "all.csv", series(row, "AGAIN")))
    assert first.refused_file is not None
    found = read_csv(first.refused_file)
    # Two are corrected, in another order; the third stays wrong.
    write_csv(tmp_path / "corrected.csv", [correct(found[2], row), correct(found[0], row), found[1]])
    second = issuer.push(TYPE, tmp_path / "corrected.csv")
    assert (second.job_id, second.journal) == (first.job_id, first.journal)
    assert second.counts == {RowOutcome.STORED: 3, RowOutcome.MISMATCH: 1}
    assert second.reconciliation.is_equal
    assert sorted(result.row for result in second) == [2, 3, 4, 5]
    assert second.refused_file is not None
    (left,) = read_csv(second.refused_file)
    assert left["giayto_row"] == "4"
    write_csv(tmp_path / "last.csv", [correct(left, row)])
    third = issuer.push(TYPE, tmp_path / "last.csv")
    assert third.counts == {RowOutcome.STORED: 4}
    assert third.all_delivered
    assert third.refused_file is None
    on_server = list(issuer.jobs.rows(first.job_id))
    assert [(each.row, each.outcome, each.attempts) for each in on_server] == [
        (2, "stored", 1),
        (3, "stored", 2),
        (4, "stored", 3),
        (5, "stored", 2),
    ]
    job = issuer.jobs.job(first.job_id)
    assert [(each.outcome, each.rows) for each in job.counts] == [("stored", 4)]
    assert job.finished_at is not None


def test_corrected_rows_of_ndjson(issuer: Issuer, row: Row, tmp_path: Path) -> None:
    source = tmp_path / "all.ndjson"
    lines = [json.dumps(each, ensure_ascii=False) for each in series(row, "NDJSON")]
    source.write_text("\n".join([*lines, "{broken"]) + "\n", encoding="utf-8")
    report = issuer.push(TYPE, source)
    assert report.counts == {RowOutcome.STORED: 1, RowOutcome.REFUSED: 3, RowOutcome.MISMATCH: 1}
    assert report.refused_file is not None
    found = [json.loads(line) for line in report.refused_file.read_text("utf-8").splitlines()]
    # Of the line that cannot be read only its number is known: whoever corrects it writes it anew.
    assert {name for name in found[3] if not name.startswith("giayto_")} == set()
    fifth = {**row, "SO_PHIEU": "000005/2026/NDJSON"}
    corrected = [*(correct(each, row) for each in found[:3]), {**found[3], **fifth}]
    (tmp_path / "corrected.ndjson").write_text("\n".join(map(json.dumps, corrected)) + "\n", encoding="utf-8")
    again = issuer.push(TYPE, tmp_path / "corrected.ndjson")
    assert again.counts == {RowOutcome.STORED: 5}
    assert again.reconciliation.is_equal


def test_corrections_without_their_journal_or_of_two_jobs_are_refused(
    issuer: Issuer, config: AgencyConfig, row: Row, tmp_path: Path
) -> None:
    one, other = (issuer.push(TYPE, write_csv(tmp_path / f"{name}.csv", series(row, name))) for name in "AB")
    assert one.refused_file is not None
    assert other.refused_file is not None
    mixed = write_csv(tmp_path / "mixed.csv", read_csv(one.refused_file)[:1] + read_csv(other.refused_file)[:1])
    with pytest.raises(ConfigurationError, match="all rows must be of one job"):
        issuer.push(TYPE, mixed)
    without_number = [{**each, "giayto_row": "?"} for each in read_csv(one.refused_file)]
    with pytest.raises(SourceError, match="giayto_row"):
        issuer.push(TYPE, write_csv(tmp_path / "unnumbered.csv", without_number))
    with (
        Issuer(replace(config, journal_folder=tmp_path / "elsewhere")) as stranger,
        pytest.raises(ConfigurationError, match="not in the journal folder"),
    ):
        stranger.push(TYPE, one.refused_file)


def test_the_same_source_pushed_again_is_another_job_and_changes_nothing(
    issuer: Issuer, row: Row, tmp_path: Path
) -> None:
    source = write_csv(tmp_path / "all.csv", series(row, "TWICE"))
    first, second = issuer.push(TYPE, source), issuer.push(TYPE, source)
    assert first.job_id != second.job_id
    assert second.counts[RowOutcome.UNCHANGED] == 1
    assert second.reconciliation.is_equal
    assert [job.job_id for job in issuer.jobs.jobs()][:2] == [second.job_id, first.job_id]
