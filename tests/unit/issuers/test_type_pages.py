"""docs/types is what the types say; `make pages` writes it."""

from pathlib import Path

import pytest

from giayto_issuers import DocumentType, load_builtin_types
from giayto_issuers.document_type.page import INDEX, index, page

FOLDER = Path(__file__).parents[3] / "docs" / "types"
TYPES = load_builtin_types()
each_type = pytest.mark.parametrize("document_type", list(TYPES), ids=lambda entry: entry.code)


@each_type
def test_the_page_is_up_to_date(document_type: DocumentType) -> None:
    assert (FOLDER / f"{document_type.code}.md").read_text("utf-8") == page(document_type)


def test_the_list_is_up_to_date_and_no_page_is_left_over() -> None:
    assert (FOLDER / INDEX).read_text("utf-8") == index(TYPES)
    assert {file.name for file in FOLDER.iterdir()} == {INDEX, *(f"{one.code}.md" for one in TYPES)}


@each_type
def test_every_claim_and_code_of_the_type_is_on_its_page(document_type: DocumentType) -> None:
    text = page(document_type)
    for top in document_type.claims:
        for _, claim in top.walk():
            assert f"`{claim.name}`" in text
            assert claim.label.vi.replace("|", "\\|") in text
    for codes in document_type.code_lists.values():
        assert all(f"`{code}`" in text for code in codes)


def test_the_page_says_who_may_ask_and_who_signs() -> None:
    assert "by nobody: only its holder decides to show it" in page(TYPES["criminal-record-2"])
    assert "Registration of marriage | no (from 2026-01-01) | Nghị quyết 66.7/2025/NQ-CP" in page(
        TYPES["marital-status"]
    )
    assert "Cơ sở khám bệnh, chữa bệnh · Health facility (from 2026-06-01)" in page(TYPES["referral"])
