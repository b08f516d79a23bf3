"""Type metadata in the shape of SD-JWT VC, and the catalogue entry of the verifier bundle."""

from pathlib import Path
from typing import Any

import pytest

from giayto_crypto.catalogue import Catalogue, CatalogueEntry
from giayto_issuers import DocumentType, load_builtin_types, load_type

TYPES = load_builtin_types()
each_type = pytest.mark.parametrize("document_type", list(TYPES), ids=lambda entry: entry.code)


def claim_metadata(metadata: dict[str, Any], *path: str | None) -> dict[str, Any]:
    (found,) = [claim for claim in metadata["claims"] if claim["path"] == list(path)]
    assert isinstance(found, dict)
    return found


@each_type
def test_metadata_has_the_shape_of_the_draft(document_type: DocumentType) -> None:
    metadata = document_type.type_metadata()
    of_the_paper = {"event_claim", "forms", "integration", "procedures", "legal_basis"}
    own = {"use", "live_status"} | of_the_paper
    assert {"vct", "name", "description", "display", "claims", "use"} <= set(metadata)
    assert set(metadata) <= {"vct", "name", "description", "display", "claims"} | own
    assert metadata["vct"] == document_type.vct
    assert [display["locale"] for display in metadata["display"]] == ["vi", "en"]
    assert all(set(display) == {"locale", "name", "description"} for display in metadata["display"])
    for claim in metadata["claims"]:
        assert set(claim) <= {"path", "display", "mandatory", "sd", "codes", "live"}
        assert claim["path"]
        assert all(part is None or isinstance(part, str) for part in claim["path"])
        assert claim["sd"] in ("always", "never")
        assert all(set(display) <= {"locale", "label", "description"} for display in claim.get("display", []))
    paths = [tuple(claim["path"]) for claim in metadata["claims"]]
    assert len(set(paths)) == len(paths)


@each_type
def test_every_top_level_claim_is_selectively_disclosable(document_type: DocumentType) -> None:
    for claim in document_type.type_metadata()["claims"]:
        if len(claim["path"]) == 1:
            assert claim["sd"] == "always"


def test_nested_disclosures_are_declared() -> None:
    metadata = TYPES["health-book"].type_metadata()
    assert claim_metadata(metadata, "visits", None)["sd"] == "always"
    assert claim_metadata(metadata, "visits", None, "facility")["sd"] == "always"
    assert claim_metadata(metadata, "visits", None, "medicines", None)["sd"] == "never"
    assert claim_metadata(metadata, "visits", None, "medicines", None, "name")["sd"] == "never"
    assert claim_metadata(metadata, "contact", "phone")["sd"] == "always"


def test_mandatory_is_only_what_every_credential_holds() -> None:
    metadata = TYPES["health-book"].type_metadata()
    assert claim_metadata(metadata, "full_name")["mandatory"] is True
    assert claim_metadata(metadata, "visits")["mandatory"] is False
    assert claim_metadata(metadata, "visits", None, "facility")["mandatory"] is False
    result = TYPES["procedure-result"].type_metadata()
    assert claim_metadata(result, "procedure", "code")["mandatory"] is True
    assert claim_metadata(result, "procedure", "field_code")["mandatory"] is False


def test_labels_and_codes_are_shown_in_both_languages() -> None:
    sex = claim_metadata(TYPES["health-book"].type_metadata(), "sex")
    assert sex["display"] == [{"locale": "vi", "label": "Giới tính"}, {"locale": "en", "label": "Sex"}]
    assert sex["codes"]["2"] == {"vi": "Nữ", "en": "Female"}
    diagnoses = claim_metadata(TYPES["health-book"].type_metadata(), "visits", None, "discharge_diagnoses")
    assert diagnoses["display"][1]["description"] == "The first code is the main diagnosis."


@each_type
def test_the_catalogue_takes_every_entry_and_gives_it_back(document_type: DocumentType) -> None:
    entry = document_type.catalogue_entry()
    again = Catalogue.from_json(Catalogue((entry,)).to_json()).find(document_type.vct)
    assert again == entry


def test_the_entry_says_what_must_be_shown_and_what_is_sensitive() -> None:
    entry = TYPES["criminal-record-1"].catalogue_entry()
    assert entry.required_claims == ("conviction_status",)
    assert all(claim.sensitive for claim in entry.claims)
    assert not any(claim.sensitive for claim in TYPES["procedure-result"].catalogue_entry().claims)
    assert TYPES["health-book"].catalogue_entry().required_claims == ()


def test_labels_are_found_by_concrete_path() -> None:
    label = TYPES["health-book"].catalogue_entry().label(("visits", 3, "facility"))
    assert label is not None
    assert label.vi == "Cơ sở khám bệnh, chữa bệnh"


def by_claim_entry(tmp_path: Path) -> CatalogueEntry:
    folder = tmp_path / "pass"
    folder.mkdir()
    claim = 'type = "date"\nmandatory = true\nalways_shown = true\nlabel = { vi = "Đến", en = "Until" }'
    person = "\n".join(
        f'[[claims]]\nname = "{name}"\n{kind}\nmandatory = true\ncolumns = ["{name}"]\nlabel = {{ vi = "ô", en = "x" }}'
        for name, kind in {
            "personal_number": 'type = "identifier"\nidentifier = "personal-number"',
            "full_name": 'type = "string"',
            "birth_date": 'type = "date"',
        }.items()
    )
    (folder / "type.toml").write_text(
        f"""
        code = "pass"
        version = 1
        vct = "urn:giayto:type:pass:1"
        holder_kind = "person"
        titles = {{ vi = "Thẻ", en = "Pass" }}
        description = {{ vi = "Thẻ", en = "Pass" }}
        owner = {{ agency = "G18", name = {{ vi = "Bộ", en = "Ministry" }} }}
        issuing = {{ agencies = ["G18"] }}
        source = {{ row_key_column = "KEY" }}
        use = {{ sensitivity = "ordinary", single_use = true }}
        validity = {{ rule = "by-claim", until_claim = "until" }}
        {person}
        [[claims]]
        name = "until"
        columns = ["DEN"]
        {claim}
        """,
        "utf-8",
    )
    return load_type(folder).catalogue_entry()


def test_a_period_that_the_document_spells_out_is_read_from_its_claims(tmp_path: Path) -> None:
    entry = by_claim_entry(tmp_path)
    assert entry.validity.valid_until_claim == "until"
    assert entry.validity.valid_from_claim is None
    assert entry.validity.single_use
    assert entry.required_claims == ("until",)
