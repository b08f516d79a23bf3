"""The catalogue as verifiers get it."""

from typing import Any

import msgspec
import pytest

from giayto_crypto.catalogue import Catalogue, CatalogueClaim, CatalogueEntry, DocumentValidity
from giayto_crypto.errors import MalformedError
from giayto_crypto.localised import Localised
from trust_scheme.scheme import RECORD, REFERRAL, VCT

LABEL = Localised(vi="Ngày ra viện", en="Discharged on")


def entry(**changes: Any) -> CatalogueEntry:
    values = {name: getattr(RECORD, name) for name in RECORD.__struct_fields__}
    return CatalogueEntry(**values | changes)


def test_a_catalogue_is_read_back_whole() -> None:
    nested = entry(
        vct="urn:example:type:book:1",
        claims=(CatalogueClaim(path=("visits", None, "left_on"), label=LABEL, sensitive=True),),
        type_metadata={"vct": "urn:example:type:book:1", "display": [{"locale": "vi", "name": "Sổ"}]},
    )
    catalogue = Catalogue(entries=(RECORD, REFERRAL, nested))
    assert Catalogue.from_json(catalogue.to_json()) == catalogue


def test_types_are_found_by_vct() -> None:
    catalogue = Catalogue(entries=(RECORD, REFERRAL))
    assert catalogue.find(VCT) is RECORD
    assert catalogue.find(VCT.upper()) is None
    assert list(catalogue) == [RECORD, REFERRAL]
    assert len(catalogue) == 2


def test_an_array_element_has_the_label_of_its_pattern() -> None:
    book = entry(claims=(CatalogueClaim(path=("visits", None, "left_on"), label=LABEL),))
    assert book.label(("visits", 3, "left_on")) == LABEL
    assert book.label(("visits", "x", "left_on")) is None
    assert book.label(("visits", 3)) is None


def test_two_types_with_one_vct_are_refused() -> None:
    with pytest.raises(ValueError, match="same vct"):
        Catalogue(entries=(RECORD, entry(code="other")))


@pytest.mark.parametrize("rule", [{"valid_from_claim": "begins"}, {"valid_until_claim": "ends"}])
def test_a_claim_that_bounds_the_document_cannot_be_hidden(rule: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="required_claims"):
        entry(validity=DocumentValidity(**rule))
    assert entry(validity=DocumentValidity(**rule), required_claims=tuple(rule.values()))


@pytest.mark.parametrize(
    "changes",
    [
        {"vct": ""},
        {"code": "Not A Code"},
        {"code": "-x"},
        {"version": 0},
        {"version": "1"},
        {"holder_kind": "robot"},
        {"titles": {"vi": "chỉ một"}},
        {"claims": [{"path": [1.5], "label": {"vi": "x", "en": "x"}}]},
        {"required_claims": []},
        {"surprise": 1},
    ],
    ids=str,
)
def test_deviations_are_refused(changes: dict[str, Any]) -> None:
    members = Catalogue(entries=(RECORD,)).to_json()
    members["entries"][0] |= changes
    with pytest.raises(MalformedError):
        Catalogue.from_json(members)


def test_a_duplicate_is_refused_when_read() -> None:
    members = Catalogue(entries=(RECORD,)).to_json()
    members["entries"] *= 2
    with pytest.raises(MalformedError):
        Catalogue.from_json(members)


def test_an_entry_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        RECORD.vct = "other"  # type: ignore[misc]
    assert isinstance(RECORD, msgspec.Struct)
