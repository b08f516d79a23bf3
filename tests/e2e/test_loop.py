"""`make run` as a newcomer sees it: the command itself, its files, its exit codes, and the commands it tells to try."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

GIAYTO = Path(sys.executable).with_name("giayto")
SECONDS = 120


@dataclass(frozen=True)
class Run:
    """A sandbox in its own working folder, and what its first run wrote."""

    folder: Path
    port: int
    exit_code: int
    output: str

    @property
    def sandbox(self) -> Path:
        """Where the sandbox lies."""
        return self.folder / ".sandbox"

    def giayto(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call the command as a user of this folder would."""
        return _call([str(GIAYTO), *arguments], self.folder)

    def verify(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Check the picture with the files of the folder."""
        trust = ("--bundle", ".sandbox/bundle.jwt", "--anchor", ".sandbox/root.pem")
        return self.giayto("verify", ".sandbox/presentation.png", *trust, *arguments)

    def told_time(self) -> str:
        """The time for `--at` that the run told."""
        match = re.search(r"--at (\S+)", self.output)
        assert match is not None
        return match[1]


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _call(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)


def _sandbox(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _call([sys.executable, "-m", "giayto_wallet_api.sandbox", *arguments], folder)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("newcomer")
    port = _free_port()
    ended = _sandbox(folder, "--once", "--port", str(port), "--people", "20")
    return Run(folder, port, ended.returncode, ended.stdout + ended.stderr)


def test_it_ends_with_success_after_twelve_steps(run: Run) -> None:
    assert run.exit_code == 0, run.output
    assert re.findall(r"^\[(\d+)/12\]", run.output, re.MULTILINE) == [str(number) for number in range(1, 13)]
    assert "VALID" in run.output
    assert "invalid (replayed)" in run.output
    assert "invalid (suspended)" in run.output


def test_each_agency_stores_a_document_for_each_citizen_and_refuses_its_broken_row(run: Run) -> None:
    for agency in ("G18", "G01", r"H15\.50\.05\.13"):
        assert re.search(rf"{agency}\s+\S+\s+3\s+0\s+\d+\s+0\s+1\s", run.output)
        assert re.search(rf"{agency} refused alone: row \d+, column \w+: found nothing", run.output)


def test_it_leaves_what_the_next_steps_need(run: Run) -> None:
    for name in ("bundle.jwt", "root.pem", "presentation.png", "presentation.txt", "presentation.sdjwt", "wallet.toml"):
        assert (run.sandbox / name).stat().st_size > 0
    assert sorted(path.name for path in (run.sandbox / "agencies").glob("*.toml")) == [
        "G01.toml",
        "G18.toml",
        "H15.09.01.toml",
        "H15.50.05.13.toml",
    ]
    assert sorted(path.name for path in (run.sandbox / "verifiers").glob("*.receipt.txt")) == [
        "bank-a.receipt.txt",
        "specialised-hospital.receipt.txt",
    ]


def test_a_deposit_is_fetched_and_shown_by_the_open_standards(run: Run) -> None:
    assert "19 deposited, 1 refused" in run.output
    assert "A wrong PIN is refused (invalid_grant)" in run.output
    assert re.search(r"holds the referral: signed for\s+3 keys", run.output)
    assert run.output.count("gets: valid") == 2
    assert "asks for the referral, too: refused (purpose_not_allowed)" in run.output


def test_the_hospital_has_no_signing_key_and_the_operator_has(run: Run) -> None:
    assert [path.name for path in (run.sandbox / "agencies" / "H15.09.01").glob("*.key.pem")] == ["client.key.pem"]
    assert (run.sandbox / "server-keys" / "agencies" / "H15.09.01" / "signer.key.pem").exists()


def test_a_receipt_of_a_hosted_check_holds(run: Run) -> None:
    certificate = ".sandbox/server-keys/presentation-request.chain.pem"
    ended = run.giayto(
        "receipt",
        "check",
        ".sandbox/verifiers/bank-a.receipt.txt",
        "--anchor",
        ".sandbox/root.pem",
        "--verifier-cert",
        certificate,
        "--verifier",
        "bank-a",
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_no_key_and_no_folder_of_keys_is_open_to_others(run: Run) -> None:
    assert run.sandbox.stat().st_mode & 0o077 == 0
    secrets = [*run.sandbox.rglob("*.key.pem"), *run.sandbox.rglob("*.key"), *run.sandbox.rglob("device.json")]
    assert len(secrets) > 12
    assert {path.name: oct(path.stat().st_mode & 0o077) for path in secrets if path.stat().st_mode & 0o077} == {}


def test_an_independent_decoder_reads_the_text_from_the_picture(run: Run) -> None:
    with Image.open(run.sandbox / "presentation.png") as picture:
        found = zxingcpp.read_barcodes(picture)
    assert [barcode.text for barcode in found] == [(run.sandbox / "presentation.txt").read_text()]


def test_the_picture_is_valid_in_its_minute(run: Run) -> None:
    ended = run.verify("--at", run.told_time(), "--json")
    verdict = json.loads(ended.stdout)
    assert (ended.returncode, verdict["outcome"], verdict["reasons"]) == (0, "valid", [])
    assert verdict["document_type"] == "urn:giayto:type:criminal-record-1:1"
    assert verdict["issuer"] == "https://g01.giayto.example"
    assert set(verdict["claims"]) == {"full_name", "birth_date", "conviction_status", "issued_on"}
    assert verdict["status_checked_at"] is not None


def test_the_picture_is_stale_a_minute_later(run: Run) -> None:
    told = time.strptime(run.told_time(), "%Y-%m-%dT%H:%M:%SZ")
    later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.mktime(told) - time.timezone + 120))
    ended = run.verify("--at", later, "--json")
    assert (ended.returncode, json.loads(ended.stdout)["reasons"]) == (1, ["stale"])


def test_unpacking_gives_exactly_the_standard_string(run: Run) -> None:
    for packed in ("presentation.png", "presentation.txt"):
        ended = run.giayto("qr", "unpack", f".sandbox/{packed}", "--bundle", ".sandbox/bundle.jwt")
        assert ended.returncode == 0
        assert ended.stdout == (run.sandbox / "presentation.sdjwt").read_text()


def test_what_is_shown_in_the_terminal_is_the_qr(run: Run) -> None:
    rows = [line for line in run.output.splitlines() if line.startswith(("█", "▀"))]
    # Two modules a line, the quiet zone of four on each side; the last line is half a row.
    modules = len(rows[0]) - 8
    assert modules % 4 == 1
    assert len(rows) == (modules + 8 + 1) // 2


def test_the_log_of_the_server_holds_nobody(run: Run) -> None:
    log = (run.sandbox / "server.log").read_text(encoding="utf-8")
    assert log.count("\n") > 20
    residents = [json.loads(line) for line in (run.sandbox / "population.ndjson").read_text("utf-8").splitlines()]
    assert len(residents) == 20
    assert not [one for one in residents if one["id"] in log or one["full_name"] in log]


def test_a_second_run_goes_on_with_the_same_sandbox(run: Run) -> None:
    ended = _sandbox(run.folder, "--once")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count("has a wallet already") == 3
    for agency in ("G18", "G01", r"H15\.50\.05\.13"):
        assert re.search(rf"{agency}\s+\S+\s+0\s+3\s", ended.stdout)


def test_another_port_for_a_sandbox_that_exists_is_refused(run: Run) -> None:
    ended = _sandbox(run.folder, "--once", "--port", str(_free_port()))
    assert ended.returncode == 1
    assert "--fresh" in ended.stdout


def test_a_sandbox_whose_port_is_taken_is_not_discarded(tmp_path: Path) -> None:
    (tmp_path / ".sandbox").mkdir()
    (tmp_path / ".sandbox" / "sandbox.json").write_text("{}")
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ended = _sandbox(tmp_path, "--once", "--fresh", "--port", str(other.getsockname()[1]))
    assert ended.returncode == 1
    assert "port_taken" in ended.stdout
    assert (tmp_path / ".sandbox" / "sandbox.json").read_text() == "{}"


@pytest.mark.parametrize("arguments", [["--port", "0"], ["--people", "3"], ["--port", "x"], ["--unknown"]])
def test_unusable_arguments_are_refused(tmp_path: Path, arguments: list[str]) -> None:
    ended = _sandbox(tmp_path, "--once", *arguments)
    assert ended.returncode == 2
    assert "usage" in ended.stderr
    assert list(tmp_path.iterdir()) == []


@contextmanager
def _serving(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the sandbox until it serves; yield the process and what it told until then."""
    command = [sys.executable, "-m", "giayto_wallet_api.sandbox", "--fresh", "--port", str(port), "--people", "20"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(line)
            if "Ctrl-C" in line:
                break
        assert "Ctrl-C" in told[-1], "".join(told)
        yield process, "".join(told)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_it_serves_until_ctrl_c_and_every_command_it_tells_works(tmp_path: Path) -> None:
    port = _free_port()
    with _serving(tmp_path, port) as (process, told):
        for path in ("/schema", "/health/ready", "/public/v1/bundle"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
                assert answer.status == 200
        commands = re.findall(r"^  ([^#\s].*giayto .*|giayto .*)$", told, re.MULTILINE)
        ends = [_call(["sh", "-c", command], tmp_path) for command in commands]
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0
    assert len(commands) == 11
    assert all(shlex.split(command)[0].endswith(("giayto", "rm")) for command in commands)
    # In their order: valid in its minute; now (valid or stale); unpacked; listed; shown anew; some rows wait; a row is
    # refused; fetched; asked and answered; remembered; revoked.
    assert [ended.returncode for ended in ends[2:]] == [0, 0, 0, 1, 1, 0, 0, 0, 1], [ended.stderr for ended in ends]
    assert ends[0].returncode == 0
    assert "unchanged" in ends[5].stdout
    assert "unchanged" in ends[6].stdout
    assert "8 bản sao" in ends[7].stdout  # three of the story, and five more
    assert "VALID" in ends[8].stdout
    assert ends[9].stdout.count("Specialised hospital (sandbox)") == 2
    assert "revoked" in ends[10].stdout
