"""`WalletClient` against the real wallet backend, up to a verdict with no network."""

import csv
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import stamina

from giayto_crypto.sdjwt import ClaimNotHeldError
from giayto_sdk import Invalid, Issuer, Policy, Reason, Valid, Verifier, WalletClient
from giayto_sdk._wallet.key_store import KeyStore
from giayto_sdk.config import load_wallet_config
from giayto_sdk.errors import ConflictError, KeyStoreError, LoginError, NotFoundError, QrTooLargeError
from giayto_wallet_api.sandbox.agencies import agency
from giayto_wallet_api.sandbox.preparation import PreparedSandbox
from network_faults import RecordingTransport

TYPE = "criminal-record-1"
NUMBERS = count(1)
SHOWN = [("full_name",), ("birth_date",)]


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


def push_one(sandbox: PreparedSandbox, issuer: Issuer, row_key: str) -> str:
    """Push a document of the first citizen; its identifier."""
    number = sandbox.citizens[0].personal_number
    with sandbox.records_file(agency("G01")).open(encoding="utf-8-sig", newline="") as file:
        row = next(each for each in csv.DictReader(file) if each["SO_CCCD"] == number)
    (result,) = issuer.push(TYPE, [{**row, "SO_PHIEU": row_key}])
    assert result.document_id is not None, result
    return result.document_id


@pytest.fixture
def held(sandbox: PreparedSandbox, issuer: Issuer, wallet: WalletClient) -> str:
    """A document that the first citizen has confirmed, another one for each test."""
    document_id = push_one(sandbox, issuer, f"{next(NUMBERS)}/2026/HELD")
    wallet.confirm(document_id)
    return document_id


def online(sandbox: PreparedSandbox, policy: Policy | None = None) -> Verifier:
    return Verifier(
        None,
        anchor=sandbox.folder.anchor,
        policy=policy or Policy(),
        refresh_from=sandbox.settings.base_url,
    )


def test_a_pushed_document_is_confirmed_shown_and_found_valid(
    sandbox: PreparedSandbox, issuer: Issuer, wallet: WalletClient
) -> None:
    document_id = push_one(sandbox, issuer, "1/2026/WHOLE")
    assert document_id in {document.document_id for document in wallet.inbox()}
    wallet.confirm(document_id)
    assert document_id not in {document.document_id for document in wallet.inbox()}
    assert document_id in {document.document_id for document in wallet.documents()}
    presentation = wallet.present(document_id, SHOWN)
    with online(sandbox) as verifier:
        verdict = verifier.verify_picture(presentation.png())
        assert isinstance(verdict, Valid)
        # What the type always shows came along.
        assert set(verdict.presentation.claims) == {"full_name", "birth_date", "conviction_status"}
        assert verifier.verify(presentation.sd_jwt).reasons == (Reason.REPLAYED,)
    assert presentation.qr_version <= 22
    assert issuer.document(document_id).holder.answer == "confirmed"  # type: ignore[union-attr]


def test_a_document_is_shown_with_no_network(sandbox: PreparedSandbox, held: str) -> None:
    dead = replace(load_wallet_config(sandbox.folder.wallet_config(1)), base_url="http://127.0.0.1:9")
    with WalletClient(dead) as offline, online(sandbox) as verifier:
        assert verifier.verify(offline.present(held, SHOWN).qr_text).outcome == "valid"


def test_challenge_and_audience_reach_the_verifier(sandbox: PreparedSandbox, wallet: WalletClient, held: str) -> None:
    bank = Policy(audience="https://bank.example", challenge_required=True)
    with online(sandbox, bank) as verifier:
        shown = wallet.present(held, SHOWN, audience="https://bank.example", challenge="K7-42")
        assert verifier.verify(shown.qr_text, challenge="K7-43").reasons == (Reason.CHALLENGE_MISMATCH,)
        assert verifier.verify(shown.qr_text, challenge="K7-42").outcome == "valid"


def test_revocation_reaches_the_verifier_with_a_fresh_bundle(
    sandbox: PreparedSandbox, issuer: Issuer, wallet: WalletClient, held: str
) -> None:
    with online(sandbox) as verifier:
        issuer.revoke(held, "test")
        shown = wallet.present(held, SHOWN).qr_text
        assert verifier.refresh()
        assert verifier.verify(shown).reasons == (Reason.REVOKED,)


def test_status_data_that_is_too_old_leaves_it_open(sandbox: PreparedSandbox, wallet: WalletClient, held: str) -> None:
    later = datetime.now(UTC) + timedelta(hours=3)
    with online(sandbox) as verifier:
        bundle = verifier.bundle
    assert bundle.sequence > 0
    with Verifier(
        None,
        anchor=sandbox.folder.anchor,
        policy=Policy(max_status_age=timedelta(hours=2)),
        refresh_from=sandbox.settings.base_url,
        clock=lambda: later,
    ) as verifier:
        shown = WalletClient(load_wallet_config(sandbox.folder.wallet_config(1)), clock=lambda: later)
        verdict = verifier.verify(shown.present(held, SHOWN).qr_text)
        shown.close()
    assert (verdict.outcome, verdict.reasons) == ("unknown", (Reason.STATUS_TOO_OLD,))


def test_a_reason_for_declining_reaches_the_agency(
    sandbox: PreparedSandbox, issuer: Issuer, wallet: WalletClient
) -> None:
    document_id = push_one(sandbox, issuer, "1/2026/DECLINED")
    wallet.decline(document_id, "Ngày cấp không đúng")
    holder = issuer.document(document_id).holder
    assert holder is not None
    assert (holder.answer, holder.reason) == ("declined", "Ngày cấp không đúng")
    with pytest.raises(ConflictError):
        wallet.confirm(document_id)
    with pytest.raises(KeyStoreError):
        wallet.present(document_id, SHOWN)


def test_what_is_not_held_is_not_shown(wallet: WalletClient, held: str) -> None:
    with pytest.raises(ClaimNotHeldError):
        wallet.present(held, [("no_such_claim",)])
    with pytest.raises(NotFoundError):
        wallet.present("doc_00000000000000000000000000000000", SHOWN)


def test_a_whole_health_book_does_not_fit_and_the_error_says_what_to_leave_out(
    sandbox: PreparedSandbox, wallet: WalletClient
) -> None:
    with Issuer.from_file(sandbox.folder.agency_config("G18")) as hospital:
        report = hospital.push("health-book", sandbox.records_file(agency("G18")))
    (document_id,) = [result.document_id for result in report if result.document_id]
    wallet.confirm(document_id)
    everything = [(name,) for name in wallet.document(document_id).claims]
    with pytest.raises(QrTooLargeError, match=r"leave out .*visits"):
        wallet.present(document_id, everything)
    assert wallet.present(document_id, SHOWN).qr_version <= 30


def test_the_pool_of_holder_keys_is_kept_full(wallet: WalletClient, sandbox: PreparedSandbox, held: str) -> None:
    unused = [key for key in wallet.holder_keys() if key.credential_count == 0]
    assert len(unused) == 20
    assert wallet.replenish_holder_keys() == 0
    store = KeyStore(load_wallet_config(sandbox.folder.wallet_config(1)).key_store_folder)
    assert {key.key_thumbprint for key in wallet.holder_keys()} <= set(store.holder_key_thumbprints())


def test_changes_are_told_from_a_cursor_on(sandbox: PreparedSandbox, issuer: Issuer, wallet: WalletClient) -> None:
    before = list(wallet.changes())
    document_id = push_one(sandbox, issuer, "1/2026/CHANGES")
    after = list(wallet.changes(before[-1].sequence))
    assert [(change.kind, change.object_id) for change in after] == [("document_offered", document_id)]
    assert list(wallet.changes(after[-1].sequence)) == []


def test_an_event_tells_of_a_new_document(sandbox: PreparedSandbox, issuer: Issuer, wallet: WalletClient) -> None:
    last = list(wallet.changes())[-1].sequence
    pushed: list[str] = []
    pushing = threading.Thread(target=lambda: pushed.append(push_one(sandbox, issuer, "1/2026/EVENT")))
    pushing.start()
    event = next(iter(wallet.events(last)))
    pushing.join()
    assert (event.kind, event.object_id) == ("document_offered", pushed[0])
    assert event.sequence == last + 1


def test_the_device_key_opens_a_new_session_with_the_servers_nonce(sandbox: PreparedSandbox, held: str) -> None:
    transport = RecordingTransport()
    config = load_wallet_config(sandbox.folder.wallet_config(1))
    with WalletClient(config, transport=transport) as again:
        assert held in {document.document_id for document in again.documents()}
    sessions = [status for _, path, status in transport.calls if path == "/wallet/v1/sessions"]
    assert sessions == [401, 201]


def test_nobody_logs_in_with_an_unknown_number(sandbox: PreparedSandbox, tmp_path: Path) -> None:
    config = replace(load_wallet_config(sandbox.folder.wallet_config(1)), key_store_folder=tmp_path / "keys")
    with WalletClient(config) as stranger:
        with pytest.raises((LoginError, Exception)) as caught:
            stranger.log_in_at_sandbox("000000000000")
        assert caught.value.code  # type: ignore[attr-defined]
        assert not stranger.is_enrolled
        with pytest.raises(KeyStoreError, match="log in first"):
            list(stranger.inbox())


def test_devices_are_listed_and_removed(sandbox: PreparedSandbox, wallet: WalletClient, tmp_path: Path) -> None:
    config = replace(
        load_wallet_config(sandbox.folder.wallet_config(1)),
        key_store_folder=tmp_path / "second",
        device_name="Máy thứ hai",
    )
    with WalletClient(config) as second:
        second.log_in_at_sandbox(sandbox.citizens[0].personal_number)
        (mine,) = [device for device in second.devices() if device.current]
        assert mine.name == "Máy thứ hai"
        wallet.remove_device(mine.device_id)
        assert mine.device_id not in {device.device_id for device in wallet.devices()}
        with pytest.raises(Exception, match=r"unknown_device|invalid_token|not_found"):
            list(second.inbox())


def test_a_forged_presentation_says_invalid(sandbox: PreparedSandbox, wallet: WalletClient, held: str) -> None:
    shown = wallet.present(held, SHOWN).qr_text
    flipped = shown[:200] + ("0" if shown[200] != "0" else "1") + shown[201:]
    with online(sandbox) as verifier:
        assert isinstance(verifier.verify(flipped), Invalid)


def test_a_citizen_reports_who_asked_for_paper(wallet: WalletClient) -> None:
    report = wallet.report_refusal(
        "criminal-record-2",
        verifier_name="Ngân hàng Thử Nghiệm",
        verifier_id="bank.example.vn",
        asked_on=datetime.now(UTC).date() - timedelta(days=1),
        text="Đòi phiếu số 2",
    )
    assert report.reason == "never_demandable"
    assert "Ngân hàng" not in repr(report)
    (kept,) = wallet.refusal_reports()
    assert (kept.report_id, kept.verifier_name, kept.text) == (report.report_id, report.verifier_name, report.text)
    with pytest.raises(NotFoundError):
        wallet.report_refusal("nothing", verifier_name="x", asked_on=report.asked_on, text="x")
