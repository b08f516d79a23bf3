"""Recipes become folders."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from typing import Any

from verification_cases.case import CASES, DESCRIPTION, FOLDER
from verification_cases.casebook import Recipe, Shown
from verification_cases.stage import Stage

SHARED = FOLDER / "shared"
BUNDLE, ANCHOR = "bundle.jwt", "root.pem"


def write_all(recipes: Iterable[Recipe]) -> None:
    """Write every case anew, and what they share; folders of cases that are no more go."""
    usual = Stage("shared")
    SHARED.mkdir(parents=True, exist_ok=True)
    (SHARED / BUNDLE).write_bytes(usual.bundle_token().encode())
    (SHARED / ANCHOR).write_bytes(usual.root.pem)
    if CASES.exists():
        rmtree(CASES)
    for recipe in recipes:
        _write(recipe, CASES / recipe.id)


def _write(recipe: Recipe, folder: Path) -> None:
    shown = recipe.shown()
    folder.mkdir(parents=True)
    check = {"at": shown.at, **_files(shown, folder)}
    if shown.before_at is not None:
        check["before_at"] = shown.before_at
    if shown.challenge is not None:
        check["challenge"] = shown.challenge
    flags = {"printed_copy": shown.printed_copy, "replay_guard_full": shown.replay_guard_full}
    numbers = {"known_bundle_sequence": shown.known_bundle, "known_trust_list_sequence": shown.known_trust_list}
    check |= {name: value for name, value in {**flags, **numbers}.items() if value}
    expected = {"outcome": recipe.outcome, "reasons": list(recipe.reasons)}
    head = {"id": recipe.id, "flaw": recipe.flaw, "clause": recipe.clause, "step": recipe.step}
    text = _members(head) + _table("check", check) + _table("policy", shown.policy) + _table("expected", expected)
    (folder / DESCRIPTION).write_bytes(text.encode())


def _files(shown: Shown, folder: Path) -> dict[str, Any]:
    """Write the files of a case and return how `check` names them."""
    name = "qr.txt" if shown.text.startswith("GT") else "presentation.txt"
    (folder / name).write_bytes(shown.text.encode())
    files: dict[str, Any] = {"shown": name}
    before = {f"before-{number}.txt": text for number, text in enumerate(shown.before, 1)}
    for earlier, text in before.items():
        (folder / earlier).write_bytes(text.encode())
    if before:
        files["before"] = list(before)
    for member, own, content in (("bundle", BUNDLE, shown.bundle), ("anchor", ANCHOR, shown.anchor)):
        files[member] = f"../../shared/{own}" if content is None else own
        if content is not None:
            (folder / own).write_bytes(content.encode() if isinstance(content, str) else content)
    return files


def _table(name: str, members: Any) -> str:
    return f"\n[{name}]\n{_members(members)}" if members else ""


def _members(members: Any) -> str:
    return "".join(f"{name} = {_value(value)}\n" for name, value in members.items())


def _value(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    # JSON's strings, numbers, booleans and arrays are TOML's too.
    return json.dumps(value, ensure_ascii=False)
