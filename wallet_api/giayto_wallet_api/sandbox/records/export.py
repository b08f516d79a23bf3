"""What the system of each agency holds about the people, and the file that it exports."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from giayto_wallet_api.sandbox.agencies import SandboxAgency
from giayto_wallet_api.sandbox.people import Person
from giayto_wallet_api.sandbox.records.criminal_record import criminal_record_rows
from giayto_wallet_api.sandbox.records.faults import inject_faults
from giayto_wallet_api.sandbox.records.files import write_csv, write_ndjson
from giayto_wallet_api.sandbox.records.health_book import health_book_rows
from giayto_wallet_api.sandbox.records.procedure_result import procedure_result_rows
from giayto_wallet_api.sandbox.records.referral import referral_rows
from giayto_wallet_api.sandbox.records.row import Row


def records_of(agency: SandboxAgency, people: Sequence[Person], *, seed: int, today: date) -> Iterator[Row]:
    """Return the rows that the system of `agency` holds about `people`.

    Raises:
        ValueError: the sandbox makes no records of the agency's document type.
    """
    match agency.type_code:
        case "health-book":
            return health_book_rows(people, seed=seed, today=today)
        case "criminal-record-1":
            return criminal_record_rows(people, seed=seed, today=today)
        case "procedure-result":
            return procedure_result_rows(people, seed=seed, today=today)
        case "referral":
            return referral_rows(people, seed=seed, today=today)
    raise ValueError(f"the sandbox makes no records of type {agency.type_code}")


def export_records(path: Path, agency: SandboxAgency, people: Sequence[Person], *, seed: int, today: date) -> None:
    """Write the rows to `path`, CSV or NDJSON by its name; the last is spoilt, as some row of an export always is."""
    rows = list(records_of(agency, people, seed=seed, today=today))
    faulty_rows = inject_faults(rows, agency.type_code, every=max(len(rows), 1))
    write = write_csv if path.suffix == ".csv" else write_ndjson
    temporary = path.with_name(f".part.{path.name}")
    write(temporary, (faulty.row for faulty in faulty_rows))
    temporary.replace(path)
