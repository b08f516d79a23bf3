"""`Issuer` against the real wallet backend: every row answered, nothing lost and nothing twice."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import stamina

from giayto_crypto.keys import LocalSigner
from giayto_issuers import DocumentTypes, load_builtin_types
from giayto_issuers.document_type.model import Issuing
from giayto_sdk import Issuer, RowOutcome, WalletClient
from giayto_sdk._issuing.journal import read_records
from giayto_sdk._issuing.records import BatchIntents, Intent
from giayto_sdk.config import AgencyConfig, load_agency_config
from giayto_sdk.errors import (
    AgencyNotEntitledError,
    ConfigurationError,
    ConflictError,
    ForbiddenError,
    HeaderError,
    NotFoundError,
    PushInterruptedError,
    UnauthorizedError,
)
from giayto_wallet_api.sandbox.agencies import agency
from giayto_wallet_api.sandbox.preparation import PreparedSandbox
from network_faults import CuttingTransport, DeadTransport, RecordingTransport

TYPE = "criminal-record-1"
Row = Mapping[str, str]


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def config(sandbox: PreparedSandbox, tmp_path: Path) -> AgencyConfig:
    """The agency's configuration with a journal of its own for each test."""
    return replace(load_agency_config(sandbox.folder.agency_config("G01")), journal_folder=tmp_path / "journal")


@pytest.fixture
def row(sandbox: PreparedSandbox, wallet: WalletClient) -> Row:
    """A good row of the first citizen, who has a wallet."""
    number = sandbox.citizens[0].personal_number
    return next(each for each in records(sandbox.records_file(agency("G01"))) if each["SO_CCCD"] == number)


def records(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def rows_for(row: Row, series: str, count: int) -> list[Row]:
    return [{**row, "SO_PHIEU": f"{number:06}/2026/{series}"} for number in range(1, count + 1)]


def test_the_agencys_own_export_gets_one_answer_for_each_row(
    sandbox: PreparedSandbox, config: AgencyConfig, wallet: WalletClient
) -> None:
    source = sandbox.records_file(agency("G01"))
    with Issuer(config) as issuer:
        report = issuer.push(TYPE, source)
        again = issuer.push(TYPE, source)
    results = list(report)
    assert len(results) == len(report) == len(records(source))
    assert report.counts[RowOutcome.STORED] == 1
    assert report.counts[RowOutcome.WAITING_FOR_WALLET] > 0
    assert len({result.row for result in results}) == len(results)
    assert again.counts == {
        RowOutcome.UNCHANGED if outcome is RowOutcome.STORED else outcome: count
        for outcome, count in report.counts.items()
    }
    assert report.journal != again.journal


def test_the_servers_nonce_is_fetched_once_and_one_token_serves_the_push(config: AgencyConfig, row: Row) -> None:
    transport = RecordingTransport()
    with Issuer(config, transport=transport) as issuer:
        issuer.push(TYPE, rows_for(row, "NONCE", 2))
    tokens = [status for _, path, status in transport.calls if path == "/oauth/token"]
    assert tokens == [400, 200]


def test_good_rows_are_not_lost_beside_bad_ones(config: AgencyConfig, row: Row) -> None:
    good, other = rows_for(row, "MIXED", 2)
    with Issuer(config) as issuer:
        issuer.push(TYPE, [good])
        report = issuer.push(
            TYPE,
            [
                {**good, "NGUOI_KY": "Người khác"},  # the same row key, other content
                {**other, "NGAY_SINH": "31/02/1990"},
                {**other, "SO_PHIEU": "9/2026/MIXED", "HO_TEN": "Nguyễn Văn Khác"},
                other,
            ],
        )
    outcomes = [(result.outcome, result.problem.code if result.problem else None) for result in report]
    assert sorted(outcomes, key=str) == sorted(
        [
            (RowOutcome.REFUSED, "row_key_conflict"),
            (RowOutcome.REFUSED, "record_invalid"),
            (RowOutcome.MISMATCH, None),
            (RowOutcome.STORED, None),
        ],
        key=str,
    )
    (mismatch,) = [result for result in report if result.outcome is RowOutcome.MISMATCH]
    assert mismatch.mismatching_fields == ("full_name",)
    (invalid,) = [result for result in report if result.problem and result.problem.code == "record_invalid"]
    assert invalid.row == 2
    assert "NGAY_SINH" in invalid.problem.detail  # type: ignore[union-attr]
    assert not report.all_delivered


def test_a_stream_that_is_cut_off_is_sent_again_from_there(config: AgencyConfig, row: Row) -> None:
    pushes: list[list[str]] = []
    rows = rows_for(row, "CUT", 7)
    transport = CuttingTransport([3, 1], on_push=lambda body: pushes.append(_row_keys(body)))
    with Issuer(config, transport=transport) as issuer:
        report = issuer.push(TYPE, rows)
        keys = [each["SO_PHIEU"] for each in rows]
        assert pushes == [keys, keys[3:], keys[4:]]
        assert [result.row_key for result in report] == keys
        # Of the rows whose answer was lost the server knows that it has them.
        assert report.counts == {RowOutcome.STORED: 3, RowOutcome.UNCHANGED: 4}
        assert report.all_delivered
        for key in keys:
            assert versions(issuer, key) == 1


def test_an_interrupted_push_goes_on_with_what_was_signed(config: AgencyConfig, row: Row) -> None:
    rows = rows_for(row, "DEAD", 3)
    with Issuer(config, transport=DeadTransport()) as issuer, pytest.raises(PushInterruptedError):
        issuer.push(TYPE, rows)
    (journal,) = config.journal_folder.glob("urn*/journal.ndjson")
    (outgoing,) = journal.parent.glob("outgoing/*.ndjson")
    signed = outgoing.read_bytes()
    assert len(signed.splitlines()) == len(intents_of(journal)) == 3
    bodies: list[bytes] = []
    with Issuer(config, transport=CuttingTransport([], on_push=bodies.append)) as issuer:
        report = issuer.push(TYPE, rows)
    # Byte for byte what lay there: nothing is signed a second time, no status index is spent twice.
    assert b"".join(bodies) == signed
    assert len(intents_of(journal)) == 3
    assert report.journal == journal
    assert report.counts == {RowOutcome.STORED: 3}
    assert not outgoing.exists()


def test_every_crash_point_of_the_journal_ends_with_each_row_stored_once(config: AgencyConfig, row: Row) -> None:
    rows = rows_for(row, "CRASH", 3)
    with Issuer(config) as issuer:
        whole = issuer.push(TYPE, rows).journal
    lines = whole.read_bytes().splitlines(keepends=True)
    for kept in range(len(lines)):
        # As a power cut leaves it: some records, and half of the next.
        whole.write_bytes(b"".join(lines[:kept]) + lines[kept][:10])
        with Issuer(config) as issuer:
            report = issuer.push(TYPE, rows)
        assert report.journal == whole, kept
        assert sorted(result.row_key for result in report) == [each["SO_PHIEU"] for each in rows], kept
        assert report.all_delivered, kept
        assert report.reconciliation.is_equal, kept
        indexes = [index for intent in intents_of(whole) for index in intent.status_indexes]
        assert len(indexes) == len(set(indexes)), kept
        whole.write_bytes(b"".join(lines))
    with Issuer(config) as issuer:
        assert all(versions(issuer, each["SO_PHIEU"]) == 1 for each in rows)


def test_nothing_is_signed_without_a_journalled_intent(config: AgencyConfig, row: Row) -> None:
    class WatchingSigner:
        def __init__(self, signer: LocalSigner) -> None:
            self._signer = signer
            self.intents_at_signing: list[int] = []

        @property
        def public_key(self):  # type: ignore[no-untyped-def]
            return self._signer.public_key

        def sign(self, message: bytes) -> bytes:
            (journal,) = config.journal_folder.glob("urn*/journal.ndjson")
            self.intents_at_signing.append(len(intents_of(journal)))
            return self._signer.sign(message)

    signer = WatchingSigner(LocalSigner.from_pem(config.signing_key_file.read_bytes()))
    with Issuer(config, signer=signer) as issuer:
        issuer.push(TYPE, rows_for(row, "INTENT", 4))
    assert len(signer.intents_at_signing) >= 4
    assert set(signer.intents_at_signing) == {4}


def test_a_document_is_found_suspended_resumed_and_revoked(config: AgencyConfig, row: Row) -> None:
    (one,) = rows_for(row, "STATE", 1)
    with Issuer(config) as issuer:
        issuer.push(TYPE, [one])
        found = issuer.find(one["SO_PHIEU"])
        assert found is not None
        assert found.state == "active"
        assert issuer.suspend(found.document_id, "test").state == "suspended"
        assert issuer.resume(found.document_id).state == "active"
        assert issuer.revoke(found.document_id, "test").state == "revoked"
        assert issuer.revoke(found.document_id, "test").state == "revoked"
        with pytest.raises(ConflictError):
            issuer.resume(found.document_id)
        assert found.document_id in {document.document_id for document in issuer.documents(state="revoked")}
        assert issuer.find("no-such-row") is None


def test_a_problem_comes_with_its_code_and_request(config: AgencyConfig) -> None:
    with Issuer(config) as issuer, pytest.raises(NotFoundError) as caught:
        issuer.revoke("doc_00000000000000000000000000000000", "test")
    assert caught.value.code == "not_found"
    assert caught.value.request_id
    assert caught.value.message_vi


def test_a_client_with_another_key_gets_no_token(config: AgencyConfig, tmp_path: Path) -> None:
    (tmp_path / "other.pem").write_bytes(LocalSigner.generate().to_pem())
    with (
        Issuer(replace(config, client_key_file=tmp_path / "other.pem")) as issuer,
        pytest.raises(UnauthorizedError) as caught,
    ):
        issuer.find("any")
    assert caught.value.code == "invalid_client"


def test_a_certificate_of_another_key_is_noticed_before_anything_is_sent(config: AgencyConfig, tmp_path: Path) -> None:
    (tmp_path / "other.pem").write_bytes(LocalSigner.generate().to_pem())
    with pytest.raises(ConfigurationError):
        Issuer(replace(config, signing_key_file=tmp_path / "other.pem"))


def test_a_type_that_the_agency_may_not_issue_is_refused_once_before_any_row(
    sandbox: PreparedSandbox, config: AgencyConfig
) -> None:
    def rows() -> Iterator[Row]:
        pytest.fail("no row must be read")
        yield {}

    transport = RecordingTransport()
    with Issuer(config, transport=transport) as issuer:
        for source in (rows(), sandbox.records_file(agency("G18"))):
            with pytest.raises(AgencyNotEntitledError, match="this agency is G01"):
                issuer.push("health-book", source)
    assert transport.calls == []
    assert not config.journal_folder.exists()


def test_the_server_refuses_it_too(sandbox: PreparedSandbox, config: AgencyConfig, wallet: WalletClient) -> None:
    types = load_builtin_types()
    anybody = msgspec.structs.replace(types["health-book"], issuing=Issuing(agencies=("G??",)))
    with (
        Issuer(config, document_types=DocumentTypes((anybody,))) as issuer,
        pytest.raises(ForbiddenError),
    ):
        issuer.push("health-book", sandbox.records_file(agency("G18")))


def test_a_csv_of_another_type_is_refused_once_before_any_row(config: AgencyConfig, tmp_path: Path) -> None:
    source = tmp_path / "records.csv"
    source.write_text("SO_PHIEU,SO_CCCD,HO_TEN,GHI_CHU_X\n" + "1,2,3,4\n" * 1000)
    transport = RecordingTransport()
    results: list[object] = []
    with Issuer(config, transport=transport) as issuer, pytest.raises(HeaderError) as caught:
        issuer.push(TYPE, source, on_result=results.append)
    assert caught.value.unknown == ("GHI_CHU_X",)
    assert "NGAY_SINH" in caught.value.missing
    assert (transport.calls, results) == ([], [])
    assert not config.journal_folder.exists()


def test_a_row_that_replaces_another_is_its_next_version(config: AgencyConfig, row: Row) -> None:
    first, second, third = rows_for(row, "VERSION", 3)
    # The column of the type may stay what it was: then the row has a key of its own.
    corrected = {**first, "row_key": "VERSION.2", "replaces": first["SO_PHIEU"], "NGUOI_KY": "Người khác"}
    with Issuer(config) as issuer:
        issuer.push(TYPE, [first])
        report = issuer.push(TYPE, [corrected])
        again = issuer.push(TYPE, [corrected])
        old, new = issuer.find(first["SO_PHIEU"]), issuer.find("VERSION.2")
        late = issuer.push(TYPE, [{**second, "replaces": first["SO_PHIEU"]}, {**third, "replaces": "never-pushed"}])
    assert report.counts == {RowOutcome.STORED: 1}
    assert again.counts == {RowOutcome.UNCHANGED: 1}
    assert old is not None
    assert new is not None
    assert (old.state, old.version) == ("superseded", 1)
    assert (new.state, new.version, new.document_id) == ("active", 2, old.document_id)
    codes = [result.problem.code for result in late if result.problem]
    assert codes == ["replaces_not_current", "replaces_not_current"]


def versions(issuer: Issuer, row_key: str) -> int:
    """How many versions of documents the server holds under a row key."""
    return sum(document.row_key == row_key for document in issuer.documents())


def intents_of(journal: Path) -> list[Intent]:
    records = (record for record in read_records(journal) if isinstance(record, BatchIntents))
    return [intent for record in records for intent in record.intents]


def _row_keys(body: bytes) -> list[str]:
    return [json.loads(line)["row_key"] for line in body.splitlines()]
