"""`giayto verify`, `qr` and `bundle`: exit codes and output that programs and officers rely on."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from msgspec import structs

from giayto_crypto import qr
from giayto_crypto.catalogue import Catalogue, CatalogueUse
from giayto_sdk._pictures.drawing import draw_qr
from giayto_sdk.cli.app import run
from giayto_sdk.cli.terminal import Exit
from giayto_verifiers import Reason
from trust_scheme import NOW, Scheme
from trust_scheme.scheme import CLAIMS, RECORD, STATUS_URI

AT = NOW.isoformat()


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO()))


def verify(desk: Path, file: Path | str, *more: str, at: str = AT) -> int:
    bundle, anchor = str(desk / "bundle.jwt"), str(desk / "root.pem")
    return run(["verify", str(file), "--bundle", bundle, "--anchor", anchor, "--at", at, *more])


@pytest.fixture
def shown(desk: Path, scheme: Scheme) -> Path:
    """A folder with one presentation as picture, text and standard string."""
    presentation = scheme.presentation()
    (desk / "p.sdjwt").write_text(presentation)
    (desk / "p.txt").write_text(qr.pack(presentation) + "\r\n")
    (desk / "p.png").write_bytes(draw_qr(qr.pack(presentation)).png())
    return desk


@pytest.mark.parametrize("name", ["p.png", "p.txt", "p.sdjwt"])
def test_a_valid_presentation_exits_0(shown: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(shown, shown / name) == 0
    shown_text = capsys.readouterr().out
    for words in ("HỢP LỆ", "VALID", "Phiếu thử", "Test record", "Bộ Y tế", "Nguyễn Thị Ánh Tuyết", "status as of"):
        assert words in shown_text


@pytest.mark.parametrize("name", ["p.png", "p.txt", "p.sdjwt"])
def test_standard_input_is_a_file_too(shown: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO((shown / name).read_bytes())))
    assert verify(shown, "-") == 0


def test_a_narrow_terminal_cuts_no_value(
    desk: Path, scheme: Scheme, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    number = "LL-" + "0123456789" * 12
    (desk / "p.sdjwt").write_text(scheme.presentation(scheme.credential(claims={**CLAIMS, "record_number": number})))
    assert verify(desk, desk / "p.sdjwt") == 0
    shown = capsys.readouterr().out
    assert "…" not in shown
    assert number.removeprefix("LL-") in re.sub(r"\D", "", shown)


def test_a_narrow_terminal_cuts_no_reason(
    shown: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    (shown / "damaged.txt").write_text("GT1:DAMAGED")
    assert verify(shown, shown / "damaged.txt") == 1
    words = set(re.findall(r"\w+", capsys.readouterr().out))
    text = Reason.MALFORMED.text
    for sentence in (text.message_vi, text.message_en, text.advice_vi, text.advice_en):
        assert set(re.findall(r"\w+", sentence)) <= words


@pytest.mark.parametrize("output", [[], ["--json"]], ids=["panel", "json"])
def test_output_that_nobody_reads_is_no_verdict(shown: Path, output: list[str]) -> None:
    command = [sys.executable, "-m", "giayto_sdk.cli", "verify", str(shown / "p.txt"), *output]
    command += ["--bundle", str(shown / "bundle.jwt"), "--anchor", str(shown / "root.pem"), "--at", AT]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (Exit.INTERRUPTED, "")


def test_nothing_is_remembered_unless_a_file_is_given(shown: Path) -> None:
    for _ in range(2):
        assert verify(shown, shown / "p.png") == 0
    guard = ("--replay-guard", str(shown / "guard"))
    assert verify(shown, shown / "p.png", *guard) == 0
    assert verify(shown, shown / "p.txt", *guard) == 1
    assert verify(shown, shown / "p.png") == 0


def test_the_json_is_what_programs_expect(shown: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(shown, shown / "p.png", "--json") == 0
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["outcome"] == "valid"
    assert verdict["reasons"] == []
    assert verdict["document_type"] == "urn:example:type:test-record:1"
    assert verdict["issuer"] == "https://g18.agency.example"
    assert verdict["claims"] == {
        "full_name": "Nguyễn Thị Ánh Tuyết",
        "record_number": "LL-2026-0001",
        "issued_on": "2026-11-20",
        "valid_until": "2027-05-20",
    }
    assert verdict["status_checked_at"] == "2026-11-22T08:00:30Z"


def test_an_invalid_one_exits_1_and_says_why_and_what_to_do(shown: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stale = (NOW + timedelta(minutes=2)).isoformat()
    assert verify(shown, shown / "p.png", at=stale) == 1
    text = capsys.readouterr().out
    assert "KHÔNG HỢP LỆ" in text
    assert "[stale]" in text
    assert "Ask the holder to show a new code" in text
    # What was not accepted is not shown.
    assert "Nguyễn" not in text
    assert verify(shown, shown / "p.png", "--json", at=stale) == 1
    verdict = json.loads(capsys.readouterr().out)
    assert (verdict["outcome"], verdict["reasons"], verdict["claims"]) == ("invalid", ["stale"], None)


def test_a_revoked_document_is_invalid(shown: Path, scheme: Scheme, capsys: pytest.CaptureFixture[str]) -> None:
    revoked = scheme.bundle_token(status_lists={STATUS_URI: scheme.status_list_token([(5, 1)])})
    (shown / "bundle.jwt").write_text(revoked)
    assert verify(shown, shown / "p.png", "--json") == 1
    assert json.loads(capsys.readouterr().out)["reasons"] == ["revoked"]


def test_status_data_older_than_allowed_exits_2(shown: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(shown, shown / "p.png", "--max-status-age", "90m") == 0
    capsys.readouterr()
    assert verify(shown, shown / "p.png", "--max-status-age", "30m", "--json") == 2
    verdict = json.loads(capsys.readouterr().out)
    assert (verdict["outcome"], verdict["reasons"]) == ("unknown", ["status_too_old"])
    assert verify(shown, shown / "p.png", "--max-status-age", "30m") == 2
    assert "CHƯA KẾT LUẬN" in capsys.readouterr().out


def test_challenge_and_audience_are_demanded(desk: Path, scheme: Scheme) -> None:
    (desk / "p.txt").write_text(scheme.presentation(nonce="K7-42", audience="https://bank.example"))
    bank = ("--audience", "https://bank.example")
    assert verify(desk, desk / "p.txt", *bank, "--challenge", "K7-42") == 0
    assert verify(desk, desk / "p.txt", *bank, "--challenge", "K7-43") == 1
    assert verify(desk, desk / "p.txt", "--challenge", "K7-42") == 1


def test_the_purpose_must_be_one_of_the_catalogues(desk: Path, scheme: Scheme) -> None:
    """And is another thing than the purpose that a receipt tells in words."""
    ruled = structs.replace(RECORD, use=CatalogueUse(purposes=("Y_TE",)))
    (desk / "bundle.jwt").write_text(scheme.bundle_token(catalogue=Catalogue(entries=(ruled,))))
    (desk / "p.txt").write_text(scheme.presentation())
    for purpose, code in (("Y_TE", 0), ("THUE_NHA", 1), ("", 64)):
        assert verify(desk, desk / "p.txt", "--purpose-code", purpose) == code


def test_text_that_is_no_presentation_is_invalid(desk: Path) -> None:
    for content in (b"", b"hello", b"GT1:", b"GT1:ABC", b"\xff\xfe\x00", "Đỗ".encode()):
        (desk / "p.txt").write_bytes(content)
        assert verify(desk, desk / "p.txt") == 1


def test_every_changed_character_is_invalid(shown: Path) -> None:
    text = (shown / "p.txt").read_text().strip("\r\n")
    for position in range(4, len(text), 37):
        changed = "0" if text[position] != "0" else "1"
        (shown / "changed.txt").write_text(text[:position] + changed + text[position + 1 :])
        assert verify(shown, shown / "changed.txt") == 1, position


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["verify"],
        ["verify", "p.txt"],
        ["verify", "p.txt", "--bundle", "bundle.jwt"],
        ["verify", "p.txt", "--bundle", "bundle.jwt", "--anchor", "root.pem", "--at", "yesterday"],
        ["verify", "p.txt", "--bundle", "bundle.jwt", "--anchor", "root.pem", "--at", "2026-11-22T09:00:00"],
        ["verify", "p.txt", "--bundle", "bundle.jwt", "--anchor", "root.pem", "--max-status-age", "soon"],
        ["verify", "p.txt", "--bundle", "bundle.jwt", "--anchor", "root.pem", "--max-status-age", "0s"],
        ["verify", "p.txt", "--bundle", "bundle.jwt", "--anchor", "root.pem", "--audience", ""],
        ["verify", "p.txt", "--bundle", "bundle.jwt", "--anchor", "root.pem", "--no-such-option"],
        ["verify", "absent.txt", "--bundle", "bundle.jwt", "--anchor", "root.pem"],
        ["verify", "p.txt", "--bundle", "absent.jwt", "--anchor", "root.pem"],
        ["verify", "p.txt", "--bundle", "root.pem", "--anchor", "root.pem"],
        ["verify", "p.txt", "--bundle", "bundle.jwt", "--anchor", "bundle.jwt"],
        ["verify", "p.txt", "--bundle", "bundle.jwt", "--anchor", "other-root.pem"],
        ["verify", "broken.png", "--bundle", "bundle.jwt", "--anchor", "root.pem"],
        ["verify", "blank.png", "--bundle", "bundle.jwt", "--anchor", "root.pem"],
        ["no-such-command"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_used_exits_64_with_help_on_standard_error(
    shown: Path,
    arguments: Sequence[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(shown)
    Path("broken.png").write_bytes(b"\x89PNG broken")
    Path("blank.png").write_bytes(draw_qr("GT1:0").png()[:60])
    Path("other-root.pem").write_bytes(Scheme().root.pem)
    if not arguments:
        # Alone, the command shows what it can do.
        assert run(arguments) == 0
        return
    assert run(arguments) == 64
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error ")
    assert "Traceback" not in captured.err


def test_a_fault_of_the_command_is_never_taken_for_a_verdict(
    shown: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("giayto_sdk._checking.verifier.Verifier.verify", fail)
    assert verify(shown, shown / "p.txt") == 70
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_document_cannot_write_on_the_terminal(
    desk: Path, scheme: Scheme, capsys: pytest.CaptureFixture[str]
) -> None:
    claims = {
        "full_name": "\x1b[2J[bold]HỢP LỆ[/bold]\u202e",
        "record_number": "1",
        "issued_on": "2026-11-20",
        "valid_until": "2027-05-20",
    }
    (desk / "p.txt").write_text(scheme.presentation(scheme.credential(claims=claims)))
    assert verify(desk, desk / "p.txt") == 0
    text = capsys.readouterr().out
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]HỢP LỆ[/bold]" in text


def test_unpack_prints_the_standard_string_and_nothing_else(
    shown: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    for name in ("p.png", "p.txt"):
        assert run(["qr", "unpack", str(shown / name), "--bundle", str(shown / "bundle.jwt")]) == 0
        assert capsysbinary.readouterr().out == (shown / "p.sdjwt").read_bytes()


def test_unpack_with_an_anchor_checks_the_bundle_first(shown: Path, scheme: Scheme) -> None:
    arguments = ["qr", "unpack", str(shown / "p.txt"), "--bundle", str(shown / "bundle.jwt"), "--anchor"]
    (shown / "other.pem").write_bytes(Scheme().root.pem)
    assert run([*arguments, str(shown / "other.pem")]) == 1


def test_unpack_needs_a_bundle_that_knows_the_issuer(shown: Path, scheme: Scheme) -> None:
    stranger = scheme.with_entry(x5c=Scheme().agency.x5c)
    (shown / "bundle.jwt").write_text(scheme.bundle_token(trust_list=stranger))
    assert run(["qr", "unpack", str(shown / "p.txt"), "--bundle", str(shown / "bundle.jwt")]) == 75


def test_pack_prints_the_qr_text_and_draws_it(shown: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["qr", "pack", str(shown / "p.sdjwt"), "--png", str(shown / "packed.png")]) == 0
    captured = capsys.readouterr()
    assert captured.out == (shown / "p.txt").read_text().strip("\r\n")
    assert "version" in captured.err
    assert verify(shown, shown / "packed.png") == 0


def test_bundle_show_cuts_nothing_that_is_there_to_be_copied(
    desk: Path, scheme: Scheme, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("giayto_sdk.cli.bundle.system_clock", lambda: NOW)
    iss, vct, uri = (f"https://{name}.example/{'a-very-long-path/' * 8}" for name in ("agency", "type", "list"))
    bundle = scheme.bundle_token(
        trust_list=scheme.with_entry(iss=iss, vcts=(vct,)),
        status_lists={uri: scheme.status_list_token(uri=uri), STATUS_URI: "refused"},
    )
    (desk / "bundle.jwt").write_text(bundle)
    assert run(["bundle", "show", str(desk / "bundle.jwt"), "--anchor", str(desk / "root.pem")]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert {iss, vct, uri, STATUS_URI} <= set(lines)
    assert "…" not in "".join(lines)


def test_bundle_show_tells_what_is_in_it(
    shown: Path, scheme: Scheme, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("giayto_sdk.cli.bundle.system_clock", lambda: NOW)
    arguments = ["bundle", "show", str(shown / "bundle.jwt"), "--anchor", str(shown / "root.pem")]
    assert run(arguments) == 0
    text = capsys.readouterr().out
    for words in ("verifier bundle 3", "Bộ Y tế", "https://g18.agency.example", "Test referral", STATUS_URI):
        assert words in text
    assert run([*arguments, "--json"]) == 0
    members = json.loads(capsys.readouterr().out)
    assert members["sequence"] == 3
    assert members["status_lists"] == [{"uri": STATUS_URI, "issued_at": "2026-11-22T08:00:30Z"}]


@pytest.mark.parametrize(
    "command", ["verify", "push", "revoke", "suspend", "resume", "qr", "bundle", "wallet", "issuer", "wallet present"]
)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command.split(), "--help"]) == 0
    assert f"Usage: giayto {command}" in capsys.readouterr().out


def test_no_colour_where_none_is_wanted(shown: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The consoles are made when the command starts, so a process of its own is asked.
    command = [sys.executable, "-m", "giayto_sdk.cli", "verify", str(shown / "p.txt")]
    command += ["--bundle", str(shown / "bundle.jwt"), "--anchor", str(shown / "root.pem"), "--at", AT]
    for environment, coloured in (({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)):
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 0, done.stderr
        assert ("\x1b[1;32m" in done.stdout or "\x1b[32m" in done.stdout) is coloured
