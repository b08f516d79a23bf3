"""docs/document-types.md: its example loads, and it explains every setting there is."""

import re
from pathlib import Path

import msgspec
import pytest

from giayto_issuers import load_type, validate_record
from giayto_issuers.document_type.model import (
    Claim,
    ClaimType,
    DocumentType,
    Issuing,
    LegalBasis,
    Owner,
    PresentWhen,
    Purpose,
    Source,
    Use,
    Validity,
)
from giayto_issuers.document_type.paper import Form, Integration, Procedure, SignatureSlot
from giayto_issuers.identifiers.rules import RULES
from sample_records import PERSON

PAGE = (Path(__file__).parents[3] / "docs" / "document-types.md").read_text("utf-8")
TABLES = [
    Claim,
    DocumentType,
    Form,
    Integration,
    Issuing,
    LegalBasis,
    Owner,
    PresentWhen,
    Procedure,
    Purpose,
    SignatureSlot,
    Source,
    Use,
    Validity,
]


def test_the_example_is_a_type_that_takes_rows(tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    folder = tmp_path / "library-card"
    folder.mkdir()
    (folder / "type.toml").write_text(example[1], "utf-8")
    row = {
        "SO_THE": "TV-1",
        "SO_CCCD": PERSON["number"],
        "HO_TEN": PERSON["name"],
        "NGAY_SINH": PERSON["born"],
        "NGAY_CAP": "20/11/2026",
        "PHONG": "A; B",
    }
    record = validate_record(load_type(folder), row, 2)
    assert record.claims["rooms"] == ["A", "B"]
    assert str(record.valid_until) == "2027-11-20"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_setting_is_explained(table: type[msgspec.Struct]) -> None:
    words = set(re.findall(r"`([a-z_]+)`", PAGE))
    assert {field.name for field in msgspec.structs.fields(table)} <= words


def test_every_type_and_identifier_is_explained() -> None:
    words = set(re.findall(r"`([a-z0-9-]+)`", PAGE))
    assert set(ClaimType) <= words
    assert set(RULES) <= words
