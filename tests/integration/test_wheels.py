"""What a bank gets when it installs the SDK: wheels and what they ask for, in an empty environment."""

import json
import shutil
import subprocess
import sys
import venv
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path, PurePath
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from counter import CHECKED_AT, lay_out
from trust_scheme.scheme import CLAIMS, ISS, SHOWN

PROJECT = Path(__file__).parents[2]
FOR_A_BANK = ("crypto", "issuers", "verifiers", "sdk")
MEMBERS = (*FOR_A_BANK, "wallet_api")
NOT_FOR_A_BANK = {"aiosqlite", "alembic", "litestar", "sqlalchemy", "structlog", "uvicorn"}
PIP = (sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check")
NO_NETWORK = '''\
"""Python runs this at its start: nothing in this environment reaches a network."""

import sys


def refuse(event, args):
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"):
        raise RuntimeError(f"{event}: no network here")


sys.addaudithook(refuse)
'''
CHECK = """
import sys
from datetime import datetime
from giayto_sdk import Policy, Verifier

now = datetime.fromisoformat(sys.argv[1])
verifier = Verifier("bundle.jwt", anchor="root.pem", policy=Policy(), clock=lambda: now)
for _ in range(2):
    verdict = verifier.verify_picture("presentation.png")
    print(verdict.outcome, *verdict.reasons)
"""


def run(*command: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `command` in `folder` with nothing of the tests' own environment (no PYTHONPATH, no virtual environment)."""
    return subprocess.run(
        list(map(str, command)), check=False, capture_output=True, encoding="utf-8", env={}, cwd=folder
    )


def succeed(*command: str | Path, folder: Path | None = None) -> str:
    """Run `command`, fail the test unless it exits with 0, and return what it printed."""
    done = run(*command, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The members' wheels, made by the installed build backend: nothing is downloaded."""
    folder = tmp_path_factory.mktemp("wheels")
    members = [PROJECT / member for member in MEMBERS]
    succeed(*PIP, "wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, *members)
    return {member: next(folder.glob(f"giayto_{member}-*.whl")) for member in MEMBERS}


@pytest.mark.parametrize("member", MEMBERS)
def test_a_wheel_carries_every_file_of_its_package(wheels: dict[str, Path], member: str) -> None:
    package = PROJECT / member / f"giayto_{member}"
    files = {path.relative_to(PROJECT / member) for path in package.rglob("*") if path.is_file()}
    with ZipFile(wheels[member]) as wheel:
        packed = {PurePath(name) for name in wheel.namelist()}
    assert {file for file in files if file.suffix != ".pyc"} <= packed


def applies(requirement: Requirement, extras: set[str]) -> bool:
    """Tell whether a distribution that was asked for with `extras` needs `requirement` on this machine."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in {"", *extras})


def dependencies(requirements: list[str]) -> dict[str, Distribution]:
    """Return every distribution that `requirements` lead to, by name, as installed beside these tests."""
    found: dict[str, Distribution] = {}
    waiting = [Requirement(text) for text in requirements]
    asked: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        question = (name, frozenset(requirement.extras))
        if name.startswith("giayto-") or question in asked:
            continue
        asked.add(question)
        found[name] = distribution(name)
        further = [Requirement(text) for text in found[name].requires or []]
        waiting.extend(each for each in further if applies(each, requirement.extras))
    return found


class EmptyEnvironment:
    """A virtual environment without a network: the SDK, what its wheels ask for, and nothing else."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=True)
        self.bin = folder / "bin"
        self._site_packages = next(folder.glob("lib/python*/site-packages"))
        (self._site_packages / "sitecustomize.py").write_text(NO_NETWORK)

    def install(self, wheels: list[Path]) -> None:
        """Install `wheels`, and copy in their third-party dependencies from the environment of these tests.

        Those have been through their hash check; copying them needs no network and no second download.
        """
        self.pip("install", "--no-index", "--no-deps", *wheels)
        asked_for = [
            text
            for member in self._distributions()
            for text in member.requires or []
            if applies(Requirement(text), extras=set())
        ]
        for dependency in dependencies(asked_for).values():
            self._copy(dependency)

    def names(self) -> set[str]:
        """Return the names of everything that is installed."""
        return {canonicalize_name(each.name) for each in self._distributions()}

    def pip(self, *arguments: str | Path) -> str:
        """Run the tests' own pip on this environment, which has none."""
        return succeed(*PIP, "--python", self.bin / "python", *arguments)

    def _distributions(self) -> list[Distribution]:
        return list(distributions(path=[str(self._site_packages)]))

    def _copy(self, dependency: Distribution) -> None:
        for file in dependency.files or []:
            if ".." in file.parts or file.suffix == ".pyc":  # commands and caches are not needed
                continue
            target = self._site_packages / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), target)


@pytest.fixture(scope="module")
def bank(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> EmptyEnvironment:
    """The environment of a bank that has just installed the SDK."""
    environment = EmptyEnvironment(tmp_path_factory.mktemp("bank"))
    environment.install([wheels[member] for member in FOR_A_BANK])
    return environment


def test_what_the_wheels_ask_for_is_complete(bank: EmptyEnvironment) -> None:
    bank.pip("check")


def test_a_bank_gets_no_framework_and_no_database(bank: EmptyEnvironment) -> None:
    assert {f"giayto-{member}" for member in FOR_A_BANK} <= bank.names()
    assert bank.names() & NOT_FOR_A_BANK == set()
    for name in NOT_FOR_A_BANK:
        assert run(bank.bin / "python", "-c", f"import {name}").returncode == 1


@pytest.mark.parametrize(("source", "extra"), [("records.xlsx", "xlsx"), ("records.toml", "sql")])
def test_a_source_that_needs_an_extra_names_it(bank: EmptyEnvironment, tmp_path: Path, source: str, extra: str) -> None:
    (tmp_path / source).write_bytes(b"")
    done = run(bank.bin / "giayto", "records", "check", source, "--type", "health-book", folder=tmp_path)
    assert done.returncode == 64
    assert f'pip install "giayto-issuers[{extra}]"' in done.stderr


def test_the_environment_has_no_network(bank: EmptyEnvironment) -> None:
    attempt = run(bank.bin / "python", "-c", "import socket; socket.create_connection(('127.0.0.1', 9))")
    assert "no network here" in attempt.stderr


def test_a_bank_checks_a_qr_once(bank: EmptyEnvironment, tmp_path: Path) -> None:
    lay_out(tmp_path)
    answers = succeed(bank.bin / "python", "-c", CHECK, CHECKED_AT.isoformat(), folder=tmp_path)
    assert answers.splitlines() == ["valid", "invalid replayed"]


def test_the_command_checks_a_qr(bank: EmptyEnvironment, tmp_path: Path) -> None:
    lay_out(tmp_path)
    files = ("presentation.png", "--bundle", "bundle.jwt", "--anchor", "root.pem")
    answer = succeed(bank.bin / "giayto", "verify", *files, "--at", CHECKED_AT.isoformat(), "--json", folder=tmp_path)
    verdict = json.loads(answer)
    assert verdict["outcome"] == "valid"
    assert verdict["issuer"] == ISS
    assert verdict["claims"] == {path[0]: CLAIMS[path[0]] for path in SHOWN}
