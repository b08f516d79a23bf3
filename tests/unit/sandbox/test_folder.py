"""A sandbox's folder goes on as it was made, and never touches anything that is not a sandbox."""

from datetime import date
from pathlib import Path

import pytest

from giayto_wallet_api.sandbox.folder import DEFAULTS, FolderError, Plan, PlanRequest, SandboxFolder

TODAY = date(2026, 11, 22)


def test_a_new_sandbox_is_made_with_what_is_asked_for(tmp_path: Path) -> None:
    plan = SandboxFolder(tmp_path / "new").open(PlanRequest(port=8123, seed=4, people=9), TODAY)
    assert plan == Plan(port=8123, seed=4, people=9, made_on=TODAY)
    assert plan.base_url == "http://127.0.0.1:8123"


def test_zero_is_a_seed(tmp_path: Path) -> None:
    assert SandboxFolder(tmp_path / "new").open(PlanRequest(seed=0), TODAY).seed == 0


def test_others_may_not_look_into_it(tmp_path: Path) -> None:
    SandboxFolder(tmp_path / "new").open(PlanRequest(), TODAY)
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_a_later_run_goes_on_with_what_it_was_made_with(tmp_path: Path) -> None:
    folder = SandboxFolder(tmp_path / "new")
    made = folder.open(PlanRequest(port=8123, seed=4, people=9), TODAY)
    assert folder.open(PlanRequest(), date(2027, 1, 1)) == made
    assert folder.open(PlanRequest(seed=4), date(2027, 1, 1)) == made
    assert folder.planned_port(PlanRequest()) == 8123


@pytest.mark.parametrize("request_", [PlanRequest(port=8001), PlanRequest(seed=5), PlanRequest(people=10)])
def test_other_settings_need_a_fresh_start(tmp_path: Path, request_: PlanRequest) -> None:
    folder = SandboxFolder(tmp_path / "new")
    folder.open(PlanRequest(port=8123, seed=4, people=9), TODAY)
    with pytest.raises(FolderError, match="--fresh"):
        folder.open(request_, TODAY)


def test_the_port_is_known_before_anything_is_touched(tmp_path: Path) -> None:
    folder = SandboxFolder(tmp_path / "new")
    assert folder.planned_port(PlanRequest()) == DEFAULTS.port
    assert folder.planned_port(PlanRequest(port=9000)) == 9000
    assert not folder.root.exists()


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("private")
    for use in (lambda folder: folder.open(PlanRequest(), TODAY), lambda folder: folder.discard()):
        with pytest.raises(FolderError, match="not a sandbox"):
            use(SandboxFolder(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(FolderError, match="not a sandbox"):
        SandboxFolder(tmp_path / "file").open(PlanRequest(), TODAY)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(FolderError, match="cannot be written"):
        SandboxFolder(tmp_path / "file" / "below").open(PlanRequest(), TODAY)


def test_a_damaged_plan_asks_for_a_fresh_start(tmp_path: Path) -> None:
    folder = SandboxFolder(tmp_path / "new")
    folder.open(PlanRequest(), TODAY)
    (folder.root / "sandbox.json").write_text("{")
    with pytest.raises(FolderError, match="--fresh"):
        folder.open(PlanRequest(), TODAY)
    folder.discard()
    assert folder.open(PlanRequest(), TODAY).made_on == TODAY


def test_discarding_removes_the_sandbox(tmp_path: Path) -> None:
    folder = SandboxFolder(tmp_path / "new")
    folder.discard()
    folder.open(PlanRequest(), TODAY)
    folder.discard()
    assert not folder.root.exists()
