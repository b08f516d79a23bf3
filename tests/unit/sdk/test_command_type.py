"""`giayto type`: what a clerk sees who writes a document type, and what other systems get from one."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from giayto_issuers import load_builtin_types, load_type
from giayto_issuers.document_type.mistake_codes import ADVICE
from giayto_sdk.cli.app import run
from giayto_sdk.cli.terminal import Exit

FOLDERS = Path(__file__).parent / "type_folders"
TEN_MISTAKES = {
    (4, "vct", "contradiction"),
    (6, "titles.en", "text_empty"),
    (8, "edition", "setting_unknown"),
    (9, "event_claim", "no_such_name"),
    (16, "issuing.agencies", "value_unfit"),
    (24, "use.purposes", "setting_missing"),
    (27, "validity.length", "setting_missing"),
    (40, "forms[2].valid_from", "overlap"),
    (57, "claims.full_name.source", "source_unexplained"),
    (76, "claims.place.pattern", "pattern_unusable"),
}


def written(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_ten_different_mistakes_are_told_in_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["type", "check", str(FOLDERS / "ten-mistakes"), "--json"]) == Exit.FAILURE
    mistakes = written(capsys)["mistakes"]
    assert {(mistake["line"], mistake["place"], mistake["code"]) for mistake in mistakes} == TEN_MISTAKES
    assert len(mistakes) == 10
    assert len({mistake["reason"]["en"] for mistake in mistakes}) == 10
    assert len({mistake["reason"]["vi"] for mistake in mistakes}) == 10
    for mistake in mistakes:
        assert mistake["file"] == str(FOLDERS / "ten-mistakes" / "type.toml")
        assert mistake["what_to_do"]["vi"] == ADVICE[mistake["code"]].vi


def test_people_read_the_same_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["type", "check", str(FOLDERS / "ten-mistakes")]) == Exit.FAILURE
    shown = capsys.readouterr()
    for line, place, code in TEN_MISTAKES:
        assert f"type.toml:{line}\n  {place}: " in shown.out
        assert ADVICE[code].en in shown.out  # type: ignore[index]
    assert "10 lỗi" in shown.err


def test_a_file_that_is_no_toml_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["type", "check", str(FOLDERS / "not-toml"), "--json"]) == Exit.FAILURE
    (mistake,) = written(capsys)["mistakes"]
    assert (mistake["line"], mistake["code"]) == (2, "not_toml")


def test_a_folder_of_types_is_checked_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["type", "check", str(FOLDERS), "--json"]) == Exit.FAILURE
    found = written(capsys)
    assert len(found["checked"]) == 2
    assert len(found["mistakes"]) == 11


def test_a_folder_that_is_not_there_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["type", "check", str(tmp_path / "nowhere"), "--json"]) == Exit.FAILURE
    assert [mistake["code"] for mistake in written(capsys)["mistakes"]] == ["file_unreadable"]


def test_the_same_type_in_two_folders_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for place in ("one", "other"):
        assert run(["type", "new", "library-card", "--agency", "H26", "--in", str(tmp_path / place)]) == Exit.SUCCESS
    assert run(["type", "check", str(tmp_path / "one"), str(tmp_path / "other"), "--json"]) == Exit.FAILURE
    assert [mistake["code"] for mistake in written(capsys)["mistakes"]] == ["duplicate"]


@pytest.mark.parametrize("holder", ["person", "organisation"])
def test_a_new_type_passes_every_check(holder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--holder", holder, "--agency", "H26.12", "--in", str(tmp_path)]
    assert run(["type", "new", "library-card", *arguments]) == Exit.SUCCESS
    assert run(["type", "check", str(tmp_path / "library-card")]) == Exit.SUCCESS
    made = load_type(tmp_path / "library-card")
    assert (made.holder_kind, made.agencies, made.owner.agency) == (holder, ("H26.12",), "H26")
    capsys.readouterr()
    assert run(["type", "new", "library-card", *arguments]) == Exit.USAGE
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(("code", "agency"), [("Library", "G18"), ("../up", "G18"), ("library-card", "Bộ Y tế")])
def test_a_new_type_needs_a_code_and_an_agency(code: str, agency: str, tmp_path: Path) -> None:
    assert run(["type", "new", code, "--agency", agency, "--in", str(tmp_path)]) == Exit.USAGE
    assert not list(tmp_path.iterdir())


def test_types_of_a_folder_stand_beside_those_that_come_along(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["type", "new", "library-card", "--agency", "H26", "--in", str(tmp_path)])
    capsys.readouterr()
    assert run(["type", "list", "--types", str(tmp_path), "--json"]) == Exit.SUCCESS
    assert {one["code"] for one in written(capsys)} == {*(one.code for one in load_builtin_types()), "library-card"}
    assert run(["type", "show", "library-card", "--types", str(tmp_path), "--json"]) == Exit.SUCCESS
    assert written(capsys)["vct"] == "urn:giayto:type:library-card:1"
    assert run(["type", "show", "library-card"]) == Exit.USAGE


def test_a_folder_with_mistakes_is_not_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["type", "list", "--types", str(FOLDERS)]) == Exit.USAGE
    assert "document_type_invalid" in capsys.readouterr().err


def test_a_type_is_shown_to_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["type", "show", "referral"]) == Exit.SUCCESS
    shown = capsys.readouterr().out
    assert "10 working days (12 months by exception)" in shown
    assert "signed_on*" in shown


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("json-schema", '"$id": "urn:giayto:claims:referral:1"'),
        ("metadata", '"vct": "urn:giayto:type:referral:1"'),
        ("openid4vci", '"format": "dc+sd-jwt"'),
        ("csv", "MA_CSKCB_DEN"),
        ("markdown", "# Phiếu chuyển cơ sở"),
    ],
)
def test_a_type_is_exported(form: str, expected: str, tmp_path: Path, capfdbinary: Any) -> None:
    assert run(["type", "export", "referral", "--as", form]) == Exit.SUCCESS
    on_output = capfdbinary.readouterr().out
    assert expected in on_output.decode("utf-8")
    file = tmp_path / "made" / "file"
    assert run(["type", "export", "referral", "--as", form, "--out", str(file)]) == Exit.SUCCESS
    assert file.read_bytes() == on_output


def test_the_schema_of_the_format_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["type", "schema"]) == Exit.SUCCESS
    Draft202012Validator.check_schema(written(capsys))
