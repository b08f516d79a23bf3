"""Commands told to a newcomer can be copied: they name the right program, and paths from where they were told."""

import sys
from pathlib import Path

import pytest

from giayto_wallet_api.sandbox import try_next
from giayto_wallet_api.sandbox.folder import SandboxFolder


def _install(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "giayto").touch()
    (folder / "python").touch()
    return folder


def test_the_command_is_told_by_its_name_when_that_is_what_a_shell_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = _install(tmp_path / "own")
    monkeypatch.setattr(sys, "executable", str(own / "python"))
    monkeypatch.setenv("PATH", f"{own}:/usr/bin")
    assert try_next._giayto() == "giayto"


def test_the_command_is_told_by_its_path_when_a_shell_runs_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, other = _install(tmp_path / ".venv" / "bin"), _install(tmp_path / "other")
    monkeypatch.setattr(sys, "executable", str(own / "python"))
    monkeypatch.setenv("PATH", f"{other}:{own}")
    monkeypatch.chdir(tmp_path)
    assert try_next._giayto() == ".venv/bin/giayto"


def test_paths_elsewhere_are_told_whole_and_spaces_are_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert (
        try_next._line("giayto", Path("a b/c.png"), tmp_path / "elsewhere")
        == f"giayto 'a b/c.png' {tmp_path}/elsewhere"
    )


def test_the_sandbox_of_the_project_is_run_again_by_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "--folder .sandbox" in try_next.serve_again(SandboxFolder(Path(".sandbox"))).command
    (tmp_path / "Makefile").touch()
    assert try_next.serve_again(SandboxFolder(Path(".sandbox"))).command == "make run"
    assert "--folder other" in try_next.serve_again(SandboxFolder(Path("other"))).command
