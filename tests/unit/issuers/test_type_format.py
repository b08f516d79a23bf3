"""The published schema of `type.toml`: made from the classes that read the file, so it takes what they take."""

import tomllib
from copy import deepcopy
from importlib.resources import files
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from giayto_issuers import load_builtin_types
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.document_type.scaffold import new_type
from giayto_issuers.document_type.type_format import type_format_schema

VALIDATOR = Draft202012Validator(type_format_schema())
CODES = sorted(entry.code for entry in load_builtin_types())


def members_of(code: str) -> Any:
    text = (files("giayto_issuers") / "types" / code / "type.toml").read_text("utf-8")
    return msgspec.to_builtins(tomllib.loads(text))


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(type_format_schema())
    assert set(type_format_schema()["$defs"]["DocumentType"]["properties"]) == {
        field.name for field in msgspec.structs.fields(DocumentType)
    }


@pytest.mark.parametrize("code", CODES)
def test_every_type_fits(code: str) -> None:
    assert not list(VALIDATOR.iter_errors(members_of(code)))


def test_a_new_type_fits() -> None:
    text = new_type("library-card", holder_kind="person", agency="H26")
    assert not list(VALIDATOR.iter_errors(msgspec.to_builtins(tomllib.loads(text))))


@pytest.mark.parametrize(
    "change",
    [
        {"edition": 3},
        {"version": 0},
        {"holder_kind": "animal"},
        {"titles": {"vi": "Giấy"}},
        {"claims": []},
        {"procedures": [{"code": "1"}]},
    ],
)
def test_what_the_loader_refuses_in_one_setting_it_refuses(change: dict[str, Any]) -> None:
    assert list(VALIDATOR.iter_errors(deepcopy(members_of("referral")) | change))


def test_codes_are_named_by_their_list_and_never_written_into_a_claim() -> None:
    members = members_of("referral")
    members["claims"][0]["codes"] = {"1": {"vi": "một", "en": "one"}}
    assert list(VALIDATOR.iter_errors(members))
