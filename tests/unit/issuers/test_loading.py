"""Loading document types: a wrong file gives all its mistakes, each with place and reason."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from giayto_issuers.document_type.loading import MAX_FILE_BYTES, load_type
from giayto_issuers.errors import DocumentTypeError

MINIMAL = """
code = "test-paper"
version = 1
vct = "urn:giayto:type:test-paper:1"
holder_kind = "person"
titles = { vi = "Giấy thử", en = "Test paper" }
description = { vi = "Để thử", en = "For tests" }
owner = { agency = "G18", name = { vi = "Bộ Y tế", en = "Ministry of Health" } }
issuing = { agencies = ["G18", "H??.*"] }
source = { row_key_column = "KEY", ignored_columns = ["STT"] }
use = { sensitivity = "ordinary" }
validity = { rule = "until-revoked" }
sources = { T = "made up for tests" }

[[legal_basis]]
reference = "Luật thử"
subject = { vi = "Thử", en = "Test" }
source = "T"

[[claims]]
name = "personal_number"
type = "identifier"
identifier = "personal-number"
columns = ["SO_CCCD"]
label = { vi = "Số định danh", en = "Personal number" }
mandatory = true

[[claims]]
name = "full_name"
type = "identifier"
identifier = "person-name"
columns = ["HO_TEN"]
label = { vi = "Họ tên", en = "Name" }
mandatory = true

[[claims]]
name = "birth_date"
type = "date"
columns = ["NGAY_SINH"]
label = { vi = "Ngày sinh", en = "Born" }
mandatory = true

[[claims]]
name = "state"
type = "code"
code_list = "state"
columns = ["TRANG_THAI"]
label = { vi = "Trạng thái", en = "State" }
source = "T"

[[claims]]
name = "items"
type = "list"
item = "object"
columns = ["MUC"]
label = { vi = "Mục", en = "Items" }
[[claims.fields]]
name = "amount"
type = "integer"
minimum = 0
columns = ["SO"]
label = { vi = "Số", en = "Amount" }

[code_lists.state]
1 = { vi = "Mở", en = "Open" }
2 = { vi = "Đóng", en = "Closed" }
"""


def write_type(tmp_path: Path, text: str, folder: str = "test-paper") -> Path:
    path = tmp_path / folder
    path.mkdir(exist_ok=True)
    (path / "type.toml").write_text(text, "utf-8")
    return path


def mistakes_of(path: Path) -> dict[str, str]:
    with pytest.raises(DocumentTypeError) as caught:
        load_type(path)
    assert all(mistake.file == str(path / "type.toml") for mistake in caught.value.mistakes)
    assert len({mistake.path for mistake in caught.value.mistakes}) == len(caught.value.mistakes)
    return {mistake.path: mistake.reason.en for mistake in caught.value.mistakes}


def test_a_folder_is_all_that_a_type_needs(tmp_path: Path) -> None:
    loaded = load_type(write_type(tmp_path, MINIMAL))
    assert loaded.code == "test-paper"
    assert [claim.name for claim in loaded.claims][-2:] == ["state", "items"]
    state = loaded.claim("state")
    assert state is not None
    assert state.codes["2"].vi == "Đóng"


AMOUNT = 'name = "amount"\ntype = "integer"\nminimum = 0'
STATE = 'name = "state"\ntype = "code"\ncode_list = "state"'
ITEMS = 'name = "items"\ntype = "list"\nitem = "object"'
EXCEPTION = '{ claim = "state", values = ["1"], rule = "months", length = 12 }'
CASES = {
    "unknown setting": ("version = 1", "version = 1\nedition = 3", "edition", "no such setting"),
    "missing setting": ("version = 1", "", "version", "is missing"),
    "version zero": ("version = 1", "version = 0", "version", "a whole number from 1"),
    "version is text": ("version = 1", 'version = "1"', "version", "a whole number from 1"),
    "code with capitals": ('code = "test-paper"', 'code = "Test"', "code", "small letters"),
    "code is not the folder's": ('code = "test-paper"', 'code = "other"', "code", "name of its folder"),
    "vct of another version": ("test-paper:1", "test-paper:2", "vct", "urn:giayto:type:test-paper:1"),
    "holder kind": ('"person"', '"animal"', "holder_kind", "one of person, organisation"),
    "title in one language": (', en = "Test paper"', "", "titles.en", "is missing"),
    "title in a third language": ('en = "Test paper"', 'en = "T", fr = "P"', "titles.fr", "no such setting"),
    "title is empty": ('vi = "Giấy thử"', 'vi = "  "', "titles.vi", "is empty"),
    "title is not NFC": ("Giấy thử", "Gia\u0302\u0301y thử", "titles.vi", "normal form C"),
    "owner is no agency": ('agency = "G18"', 'agency = "Y tế"', "owner.agency", "such as G18"),
    "agency pattern": ('"H??.*"', '"H*"', "issuing.agencies", "every province"),
    "no agencies": ('["G18", "H??.*"]', "[]", "issuing.agencies", "not empty"),
    "ignored column is used": ('["STT"]', '["HO_TEN"]', "source.ignored_columns", "HO_TEN is used"),
    "ignored row key": ('["STT"]', '["KEY"]', "source.ignored_columns", "KEY is used"),
    "sensitive without purposes": ('"ordinary"', '"sensitive"', "use.purposes", "purposes"),
    "validity rule": ('"until-revoked"', '"forever"', "validity.rule", "until-revoked"),
    "length is missing": ('"until-revoked"', '"months"', "validity.length", "is missing"),
    "length without use": ('"until-revoked"', '"until-revoked", length = 3', "validity.length", "does not use it"),
    "until claim is missing": ('"until-revoked"', '"by-claim"', "validity.until_claim", "is missing"),
    "until claim does not exist": (
        '"until-revoked"', '"by-claim", until_claim = "end"', "validity.until_claim", "no such top-level claim"
    ),
    "until claim is no date": (
        '"until-revoked"', '"by-claim", until_claim = "state"', "validity.until_claim", "type date or datetime"
    ),
    "until claim can be hidden": (
        '"until-revoked"', '"by-claim", until_claim = "birth_date"', "validity.until_claim", "always_shown"
    ),
    "from claim does not exist": (
        '"until-revoked"', '"days", length = 3, from_claim = "start"', "validity.from_claim", "no such top-level claim"
    ),
    "legal basis without source note": ('source = "T"\n\n[[claims]]', 'source = "X"\n\n[[claims]]',
                                        "legal_basis[1].source", "not explained"),
    "claim without source note": ('en = "State" }\nsource = "T"', 'en = "State" }\nsource = "T, Y"',
                                  "claims.state.source", "'Y' is not explained"),
    "claim name": ('name = "state"', 'name = "State"', "claims.State.name", "small letters"),
    "reserved claim name": ('name = "state"', 'name = "status"', "claims.status", "reserved name"),
    "claim type": ('type = "date"', 'type = "day"', "claims.birth_date.type", "one of string, text, date"),
    "claim named twice": ('name = "items"', 'name = "state"', "claims.state", "twice"),
    "column used twice": ('columns = ["MUC"]', 'columns = ["HO_TEN"]', "claims.items.columns", "HO_TEN is used by two"),
    "no columns": ('columns = ["TRANG_THAI"]', "", "claims.state.columns", "at least one"),
    "label is missing": ('label = { vi = "Trạng thái", en = "State" }', "", "claims.state.label", "is missing"),
    "label is empty": ('en = "Amount"', 'en = ""', "claims.items.fields.amount.label.en", "is empty"),
    "subject claim is missing": ('name = "birth_date"', 'name = "born"', "claims.birth_date", "is missing"),
    "subject claim is optional": (
        'en = "Born" }\nmandatory = true', 'en = "Born" }', "claims.birth_date.mandatory", "must be true"
    ),
    "subject claim of another type": ('type = "date"', 'type = "string"', "claims.birth_date.type", "must be date"),
    "subject identifier": ('"personal-number"', '"phone"', "claims.personal_number.identifier", "personal-number"),
    "unknown identifier": ('"person-name"', '"nickname"', "claims.full_name.identifier", "no such identifier"),
    "identifier without rule": ('identifier = "person-name"\n', "", "claims.full_name.identifier", "is missing"),
    "unknown code list": ('code_list = "state"', 'code_list = "stat"', "claims.state.code_list", "no such code list"),
    "code without code list": ('code_list = "state"\n', "", "claims.state.code_list", "is missing"),
    "codes in the claim": (STATE, STATE + '\ncodes.1 = { vi = "a", en = "b" }', "claims.state.codes", "code_list"),
    "empty code list": ("[code_lists.state]", "[code_lists.none]\n[code_lists.state]", "code_lists.none", "no c"),
    "code label in one language": ('vi = "Mở", ', "", "code_lists.state.1.vi", "is missing"),
    "code label is empty": ('en = "Open"', 'en = ""', "code_lists.state.1.en", "is empty"),
    "setting of another type": (STATE, STATE + "\nmax_length = 3", "claims.state.max_length", "is only for"),
    "setting of lists": (STATE, STATE + '\nseparator = ";"', "claims.state.separator", "for lists only"),
    "fields of a scalar": (STATE, STATE + "\nfields_disclosable = true", "claims.state.fields_disclosable", "only for"),
    "separated objects": (ITEMS, ITEMS + '\nseparator = ";"', "claims.items.separator", "JSON array"),
    "list without item": ('item = "object"\n', "", "claims.items.item", "type of its elements"),
    "list of lists": ('item = "object"', 'item = "list"', "claims.items.item", "type of its elements"),
    "bounds": (AMOUNT, AMOUNT + "\nmaximum = -1", "claims.items.fields.amount.minimum", "larger than maximum"),
    "always shown below the top": (
        AMOUNT, AMOUNT + "\nmandatory = true\nalways_shown = true",
        "claims.items.fields.amount.always_shown", "top-level",
    ),
    "always shown but optional": (STATE, STATE + "\nalways_shown = true", "claims.state.always_shown", "mandatory"),
    "condition on nothing": (
        ITEMS, ITEMS + '\npresent_when = { claim = "stat", values = ["1"] }',
        "claims.items.present_when.claim", "no such",
    ),
    "condition on a date": (
        ITEMS, ITEMS + '\npresent_when = { claim = "birth_date", values = ["1"] }',
        "claims.items.present_when.claim", "type code",
    ),
    "condition on no code": (
        ITEMS, ITEMS + '\npresent_when = { claim = "state", values = ["9"] }',
        "claims.items.present_when.values", "9 is not a code",
    ),
    "condition of a mandatory claim": (
        ITEMS, ITEMS + '\nmandatory = true\npresent_when = { claim = "state", values = ["1"] }',
        "claims.items.present_when", "no condition",
    ),
    "live below the top": (AMOUNT, AMOUNT + "\nlive = true", "claims.items.fields.amount.live", "top-level"),
    "live claim in a long-lived copy": (
        STATE, STATE + "\nlive = true", "validity.credential_days", "longer than the 31 days"
    ),
    "purposes of what nobody may demand": (
        '"ordinary" }',
        '"sensitive", demandable = false, purposes = [{ code = "P", name = { vi = "Mục", en = "P" } }] }',
        "use.purposes", "nobody may demand",
    ),
    "purpose claim does not exist": (
        '"ordinary" }', '"ordinary", purpose_claim = "aim" }', "use.purpose_claim", "no such top-level claim"
    ),
    "purpose claim can be hidden": (
        '"ordinary" }', '"ordinary", purpose_claim = "full_name" }', "use.purpose_claim", "could hide the purpose"
    ),
    "open end of a rule without an end": (
        '"until-revoked"', '"until-revoked", open_ended = true', "validity.open_ended", "does not use it"
    ),
    "open end that is always there": (
        '"until-revoked"', '"by-claim", until_claim = "birth_date", open_ended = true',
        "validity.open_ended", "there is always an end",
    ),
    "exception to a rule that does not count": (
        '"until-revoked"', f'"until-revoked", exceptions = [{EXCEPTION}]', "validity.exceptions", "does not use them"
    ),
    "exception by nothing": (
        '"until-revoked"', f'"days", length = 3, exceptions = [{EXCEPTION.replace("state", "stat")}]',
        "validity.exceptions[1].claim", "no such top-level claim",
    ),
    "exception by a date": (
        '"until-revoked"', f'"days", length = 3, exceptions = [{EXCEPTION.replace("state", "birth_date")}]',
        "validity.exceptions[1].claim", "type code",
    ),
    "exception by no code": (
        '"until-revoked"', f'"days", length = 3, exceptions = [{EXCEPTION.replace("1", "9", 1)}]',
        "validity.exceptions[1].values", "9 is not a code of state",
    ),
    "live status that says nothing": (
        "[code_lists.state]", "[live_status]\n[code_lists.state]", "live_status", "says nothing"
    ),
    "live status without words": (
        "[code_lists.state]", '[live_status]\ninvalid = { vi = "", en = "x" }\n[code_lists.state]',
        "live_status.invalid.vi", "is empty",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "path", "reason"), CASES.values(), ids=CASES.keys())
def test_each_mistake_is_found(tmp_path: Path, before: str, after: str, path: str, reason: str) -> None:
    assert before in MINIMAL
    found = mistakes_of(write_type(tmp_path, MINIMAL.replace(before, after, 1)))
    assert path in found
    assert reason in found[path]


def test_a_bad_pattern_is_found(tmp_path: Path) -> None:
    text = MINIMAL.replace('type = "date"', 'type = "string"\npattern = "["')
    assert "not a regular expression" in mistakes_of(write_type(tmp_path, text))["claims.birth_date.pattern"]


def test_an_unused_code_list_is_found(tmp_path: Path) -> None:
    text = MINIMAL + '[code_lists.spare]\n1 = { vi = "a", en = "b" }\n'
    assert mistakes_of(write_type(tmp_path, text)) == {"code_lists.spare": "no claim uses it"}


def test_a_purpose_named_twice_is_found(tmp_path: Path) -> None:
    purpose = '{ code = "P", name = { vi = "a", en = "b" } }'
    text = MINIMAL.replace('"ordinary" }', f'"ordinary", purposes = [{purpose}, {purpose}] }}')
    assert mistakes_of(write_type(tmp_path, text)) == {"use.purposes.P": "stands here twice"}


def test_mistakes_inside_and_between_tables_come_in_one_error(tmp_path: Path) -> None:
    text = MINIMAL
    for before, after in [
        ('code = "test-paper"', 'code = "other"'),
        (', en = "Test paper"', ""),
        ('vi = "Để thử"', 'vi = ""'),
        ('agency = "G18"', 'agency = "X"'),
        ('"H??.*"', '"H*"'),
        ('["STT"]', '["HO_TEN"]'),
        ('"ordinary"', '"sensitive"'),
        ('"until-revoked"', '"months"'),
        ('type = "date"', 'type = "day"'),
        ('identifier = "person-name"', 'identifier = "nickname"'),
        ('columns = ["TRANG_THAI"]', ""),
        ("minimum = 0", 'minimum = "0"'),
        ('vi = "Mở", ', ""),
        ('en = "Closed"', 'en = " "'),
        ('reference = "Luật thử"', "ref = 1"),
    ]:
        assert before in text
        text = text.replace(before, after, 1)
    assert set(mistakes_of(write_type(tmp_path, text))) == {
        "code", "vct", "titles.en", "description.vi", "owner.agency", "issuing.agencies", "source.ignored_columns",
        "use.purposes", "validity.length", "claims.birth_date.type", "claims.full_name.identifier",
        "claims.state.columns", "claims.items.fields.amount.minimum", "code_lists.state.1.vi", "code_lists.state.2.en",
        "legal_basis[1].ref", "legal_basis[1].reference",
    }  # fmt: skip


def test_a_claim_with_a_mistake_is_not_reported_as_missing_too(tmp_path: Path) -> None:
    text = MINIMAL.replace('type = "date"', 'type = "day"').replace(
        '"until-revoked"', '"by-claim", until_claim = "birth_date"'
    )
    assert set(mistakes_of(write_type(tmp_path, text))) == {"claims.birth_date.type"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"code = ", "is not TOML"),
        ("tiêu đề".encode("cp1258", "replace"), "is not UTF-8"),
        (b"code = 'a'\ncode = 'b'", "is not TOML"),
        (b"#" * (MAX_FILE_BYTES + 1), "is larger than"),
    ],
)
def test_a_file_that_cannot_be_parsed_says_why(tmp_path: Path, content: bytes, reason: str) -> None:
    folder = tmp_path / "test-paper"
    folder.mkdir()
    (folder / "type.toml").write_bytes(content)
    assert reason in mistakes_of(folder)[""]


def test_a_missing_file_is_a_mistake_too(tmp_path: Path) -> None:
    assert "cannot be read" in mistakes_of(tmp_path / "nowhere")[""]


def test_the_claims_may_not_be_a_single_table(tmp_path: Path) -> None:
    text = MINIMAL.replace("[[claims.fields]]", "[claims.fields]")
    assert "an array of tables is expected" in mistakes_of(write_type(tmp_path, text))["claims.items.fields"]


def test_a_built_in_type_can_be_copied_out_and_loaded(tmp_path: Path) -> None:
    with as_file(files("giayto_issuers") / "types" / "health-book") as folder:
        shutil.copytree(folder, tmp_path / "health-book")
    assert load_type(tmp_path / "health-book").version == 1


def test_the_error_message_names_file_place_and_reason(tmp_path: Path) -> None:
    folder = write_type(tmp_path, MINIMAL.replace("version = 1", "version = 0"))
    with pytest.raises(DocumentTypeError, match=r"type\.toml:3: version: a whole number from 1 is expected"):
        load_type(folder)
