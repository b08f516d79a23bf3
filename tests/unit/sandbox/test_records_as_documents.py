"""The sandbox's records make documents of the types that the agencies issue, and its spoilt ones do not."""

from datetime import date
from pathlib import Path

import pytest

from giayto_issuers.document_type.loading import load_builtin_types
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.errors import RecordError
from giayto_issuers.identifiers.agency import agency_matches
from giayto_issuers.records.readers import SourceRow, read_csv, read_ndjson
from giayto_issuers.records.validation import validate_record
from giayto_wallet_api.sandbox.agencies import ALL_AGENCIES, SandboxAgency
from giayto_wallet_api.sandbox.people import Person, people
from giayto_wallet_api.sandbox.records import Row, inject_faults, write_csv, write_ndjson
from giayto_wallet_api.sandbox.records.export import records_of

TODAY = date(2026, 11, 22)
TYPES = load_builtin_types()
each_agency = pytest.mark.parametrize("agency", ALL_AGENCIES, ids=lambda agency: agency.agency_id)


@pytest.fixture(scope="module")
def crowd() -> tuple[Person, ...]:
    return people(1_500, seed=11)


def _records(agency: SandboxAgency, crowd: tuple[Person, ...]) -> list[Row]:
    return list(records_of(agency, crowd, seed=11, today=TODAY))


def _type(agency: SandboxAgency) -> DocumentType:
    return TYPES[agency.vct]


@each_agency
def test_the_agency_may_issue_its_type(agency: SandboxAgency) -> None:
    document_type = _type(agency)
    assert document_type.code == agency.type_code
    assert any(agency_matches(pattern, agency.agency_id) for pattern in document_type.agencies)


@each_agency
def test_every_record_is_valid_without_doubts(agency: SandboxAgency, crowd: tuple[Person, ...]) -> None:
    rows = _records(agency, crowd)
    assert len(rows) > 900
    for number, row in enumerate(rows, start=1):
        record = validate_record(_type(agency), row, number)
        assert record.warnings == ()


@each_agency
def test_csv_and_ndjson_make_the_same_documents(
    agency: SandboxAgency, crowd: tuple[Person, ...], tmp_path: Path
) -> None:
    rows = _records(agency, crowd)[:200]
    write_csv(tmp_path / "rows.csv", rows)
    write_ndjson(tmp_path / "rows.ndjson", rows)
    from_csv = [read for read in read_csv(tmp_path / "rows.csv") if isinstance(read, SourceRow)]
    from_ndjson = [read for read in read_ndjson(tmp_path / "rows.ndjson") if isinstance(read, SourceRow)]
    assert len(from_csv) == len(from_ndjson) == 200
    for one, other in zip(from_csv, from_ndjson, strict=True):
        left = validate_record(_type(agency), one.values, 1)
        right = validate_record(_type(agency), other.values, 1)
        assert left.claims == right.claims


@each_agency
def test_each_spoilt_row_is_refused_by_the_column_that_was_spoilt(
    agency: SandboxAgency, crowd: tuple[Person, ...]
) -> None:
    refused = []
    for faulty in inject_faults(_records(agency, crowd)[:40], agency.type_code, every=4):
        if faulty.fault is None:
            validate_record(_type(agency), faulty.row, faulty.number)
            continue
        with pytest.raises(RecordError) as error:
            validate_record(_type(agency), faulty.row, faulty.number)
        refused.append(error.value)
        assert [problem.column for problem in error.value.problems] == [faulty.column]
        assert error.value.row == faulty.number
    assert len(refused) == 10
