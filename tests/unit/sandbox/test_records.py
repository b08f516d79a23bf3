"""Source records of the sandbox: they have the columns of the document types and hang together."""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest

from giayto_wallet_api.sandbox.people import Person, adults, people
from giayto_wallet_api.sandbox.records import (
    Fault,
    Row,
    criminal_record_rows,
    health_book_rows,
    inject_faults,
    procedure_result_rows,
    referral_rows,
    write_csv,
    write_ndjson,
)
from giayto_wallet_api.sandbox.records.faults import SUBJECT_COLUMNS

TODAY = date(2026, 11, 22)
Rows = Callable[..., Iterator[Row]]
KINDS: dict[str, Rows] = {
    "health-book": health_book_rows,
    "criminal-record-1": criminal_record_rows,
    "procedure-result": procedure_result_rows,
    "referral": referral_rows,
}
ROW_KEYS = {
    "health-book": "MA_SO_SK",
    "criminal-record-1": "SO_PHIEU",
    "procedure-result": "MaHoSo",
    "referral": "MA_LK",
}
each_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(scope="module")
def crowd() -> tuple[Person, ...]:
    return people(600, seed=5)


def _rows(kind: str, crowd: Sequence[Person]) -> list[Row]:
    return list(KINDS[kind](crowd, seed=5, today=TODAY))


def _time(value: object) -> datetime:
    return datetime.strptime(str(value), "%Y%m%d%H%M")  # noqa: DTZ007


def _list(value: object) -> list[Row]:
    assert isinstance(value, list)
    return value


@each_kind
def test_the_same_seed_and_day_give_the_same_records(kind: str, crowd: tuple[Person, ...]) -> None:
    assert _rows(kind, crowd) == _rows(kind, crowd)


@each_kind
def test_each_record_names_its_holder_as_the_population_does(kind: str, crowd: tuple[Person, ...]) -> None:
    columns = SUBJECT_COLUMNS[kind]
    by_number = {person.personal_number: person for person in crowd}
    rows = _rows(kind, crowd)
    assert rows
    for row in rows:
        assert row[columns.name] == by_number[str(row[columns.number])].full_name


@each_kind
def test_row_keys_are_unique_and_say_nothing_of_the_holder(kind: str, crowd: tuple[Person, ...]) -> None:
    rows = _rows(kind, crowd)
    keys = [str(row[ROW_KEYS[kind]]) for row in rows]
    assert len(set(keys)) == len(keys)
    assert not any(str(row[SUBJECT_COLUMNS[kind].number]) in key for row, key in zip(rows, keys, strict=True))


def test_everybody_has_a_health_book_with_several_visits(crowd: tuple[Person, ...]) -> None:
    rows = _rows("health-book", crowd)
    assert len(rows) == len(crowd)
    visits = Counter(len(_list(row.get("DOT_KCB", []))) for row in rows)
    assert visits[2] + visits[3] + visits[4] + visits[5] > 0.95 * len(rows)


def test_visits_are_in_order_within_three_years_and_after_birth(crowd: tuple[Person, ...]) -> None:
    birth = {person.personal_number: person.birth_date for person in crowd}
    for row in _rows("health-book", crowd):
        visits = _list(row.get("DOT_KCB", []))
        arrivals = [_time(visit["NGAY_VAO"]) for visit in visits]
        assert arrivals == sorted(arrivals)
        for arrival, visit in zip(arrivals, visits, strict=True):
            assert birth[str(row["SO_CCCD"])] < arrival.date() < TODAY
            assert arrival <= _time(visit["NGAY_RA"])
            assert _time(visit["NGAY_RA"]).date() <= TODAY


def test_visits_carry_diagnoses_medicines_and_a_facility_of_the_province(crowd: tuple[Person, ...]) -> None:
    province = {person.personal_number: person.address.province.code for person in crowd}
    for row in _rows("health-book", crowd):
        for visit in _list(row.get("DOT_KCB", [])):
            assert re.fullmatch(r"[A-Z]\d{2}(\.\d)?(;[A-Z]\d{2}(\.\d)?)*", str(visit["MA_BENH"]))
            assert str(visit["MA_CSKCB"])[:2] == province[str(row["SO_CCCD"])]
            assert _list(visit["THUOC"])


def test_only_women_give_birth(crowd: tuple[Person, ...]) -> None:
    births = [
        row
        for row in _rows("health-book", crowd)
        if any(visit["MA_BENH"] == "O80" for visit in _list(row.get("DOT_KCB", [])))
    ]
    assert births
    assert {row["GIOI_TINH"] for row in births} == {"2"}


def test_a_child_book_names_the_representative_and_vaccinations(crowd: tuple[Person, ...]) -> None:
    by_number = {person.personal_number: person for person in crowd}
    for row in _rows("health-book", crowd):
        person = by_number[str(row["SO_CCCD"])]
        assert ("NGUOI_DAI_DIEN" in row) == (person.representative is not None)
        if 2 <= person.age(TODAY) < 6:
            assert len(_list(row["TIEM_CHUNG"])) == 10
        elif person.age(TODAY) >= 6:
            assert "TIEM_CHUNG" not in row


def test_nobody_under_sixteen_has_a_criminal_record_certificate(crowd: tuple[Person, ...]) -> None:
    numbers = {row["SO_CCCD"] for row in _rows("criminal-record-1", crowd)}
    assert numbers == {person.personal_number for person in crowd if person.age(TODAY) >= 16}


def test_few_have_convictions_and_then_they_are_listed(crowd: tuple[Person, ...]) -> None:
    rows = _rows("criminal-record-1", crowd)
    convicted = [row for row in rows if row["TINH_TRANG_AN_TICH"] == "CO_AN_TICH"]
    assert 0 < len(convicted) < 0.1 * len(rows)
    assert all(("AN_TICH" in row) == (row in convicted) for row in rows)


def test_dossier_codes_name_unit_day_and_sequence(crowd: tuple[Person, ...]) -> None:
    rows = _rows("procedure-result", crowd)
    assert len(rows) == len(adults(crowd, TODAY))
    for row in rows:
        match = re.fullmatch(r"H15\.50\.05\.13-(\d{6})-\d{4}", str(row["MaHoSo"]))
        assert match is not None
        submitted = datetime.strptime(str(row["NgayNopHoSo"]), "%d/%m/%Y %H:%M:%S")  # noqa: DTZ007
        assert match[1] == f"{submitted:%y%m%d}"
        assert re.fullmatch(r"\d\.\d{6}\.000\.00\.00\.H15", str(row["MaTTHC"]))


def test_there_are_several_kinds_of_results_and_some_refusals(crowd: tuple[Person, ...]) -> None:
    rows = _rows("procedure-result", crowd)
    assert len({row["MaTTHC"] for row in rows}) >= 6
    assert {row["TrangThaiHoSo"] for row in rows} == {"3", "9", "10"}
    for row in rows:
        refused = row["TrangThaiHoSo"] == "3"
        assert ("NgayTuChoi" in row) == refused
        assert ("DanhSachGiayToKetQua" in row) == (not refused)


def test_a_result_is_ready_before_today(crowd: tuple[Person, ...]) -> None:
    for row in _rows("procedure-result", crowd):
        if "NgayTra" in row:
            assert datetime.strptime(str(row["NgayTra"]), "%d/%m/%Y %H:%M:%S").date() <= TODAY  # noqa: DTZ007


def test_dossier_codes_stay_unique_past_the_sequence_of_a_day() -> None:
    crowd = people(20_000, seed=5)
    codes = [row["MaHoSo"] for row in procedure_result_rows(crowd, seed=5, today=TODAY)]
    assert len(codes) > 9_000
    assert len(set(codes)) == len(codes)


@each_kind
def test_ndjson_gives_the_rows_back(kind: str, crowd: tuple[Person, ...], tmp_path: Path) -> None:
    rows = _rows(kind, crowd)
    assert write_ndjson(tmp_path / "rows.ndjson", rows) == len(rows)
    lines = (tmp_path / "rows.ndjson").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == rows


@each_kind
def test_csv_has_a_column_for_each_name_and_nests_as_json(kind: str, crowd: tuple[Person, ...], tmp_path: Path) -> None:
    rows = _rows(kind, crowd)
    assert write_csv(tmp_path / "rows.csv", rows) == len(rows)
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert set(read[0]) == {column for row in rows for column in row}
    for cells, row in zip(read, rows, strict=True):
        for column, value in row.items():
            assert cells[column] == value or json.loads(cells[column]) == value
        assert all(cells[column] == "" for column in set(cells) - set(row))


@each_kind
def test_faults_are_injected_at_their_place_in_turn(kind: str, crowd: tuple[Person, ...]) -> None:
    rows = _rows(kind, crowd)[:60]
    spoilt = list(inject_faults(rows, kind, every=10))
    assert [faulty.number for faulty in spoilt] == list(range(1, 61))
    assert [faulty.number for faulty in spoilt if faulty.fault] == [10, 20, 30, 40, 50, 60]
    assert [faulty.fault for faulty in spoilt if faulty.fault] == [*Fault, Fault.NAME_MISSING]
    for faulty, row in zip(spoilt, rows, strict=True):
        changed = [column for column in row if faulty.row[column] != row[column]]
        assert changed == ([faulty.column] if faulty.column else [])
