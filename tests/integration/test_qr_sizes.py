"""The sizes that docs/qr.md tells are those that the format has, and its chart shows the same numbers."""

from xml.etree import ElementTree as ET

import pytest

from bench.qr_chart import CHART, PAGE, draw_chart, split_page
from bench.qr_sample import REFERENCE_SHOWN, certificate, presentation
from bench.qr_sizes import Sizes, measure, read_table, table

SPARE_GT1_BYTES = 8
SPARE_DEFLATED_PART = 0.03
"""Another zlib finds slightly longer or shorter deflate streams."""
LARGEST_BYTES_IN_VERSION_18 = 541
"""docs/qr.md §1: 816 alphanumeric characters, `GT1:` left out, are two bytes for three."""

MEASURED = measure()
COMMITTED = read_table(split_page(PAGE.read_text())[1])


def reference(rows: list[Sizes]) -> Sizes:
    return rows[REFERENCE_SHOWN]


def test_the_sample_is_the_same_in_every_run() -> None:
    assert presentation() == presentation()
    assert certificate() == certificate()


def test_a_table_is_read_back() -> None:
    assert read_table(table(MEASURED)) == MEASURED


@pytest.mark.parametrize("shown", range(11))
def test_the_page_tells_what_is_measured(shown: int) -> None:
    told, measured = COMMITTED[shown], MEASURED[shown]
    assert (told.shown, told.floor, told.plain, told.plain_version) == (
        measured.shown,
        measured.floor,
        measured.plain,
        measured.plain_version,
    )
    assert told.gt1 == pytest.approx(measured.gt1, abs=SPARE_GT1_BYTES)
    assert told.deflated == pytest.approx(measured.deflated, rel=SPARE_DEFLATED_PART)


def test_the_page_has_one_row_for_each_number_of_claims() -> None:
    assert len(COMMITTED) == len(MEASURED)


def test_the_chart_is_drawn_from_the_page() -> None:
    assert CHART.read_text() == draw_chart(COMMITTED)


def test_the_chart_says_in_words_what_it_shows() -> None:
    svg = "{http://www.w3.org/2000/svg}"
    root = ET.fromstring(CHART.read_text())
    assert root.get("role") == "img"
    parts = [root.find(f"{svg}{name}") for name in ("title", "desc")]
    assert root.get("aria-labelledby") == " ".join(part.get("id", "") for part in parts if part is not None)
    assert all(part is not None and part.text for part in parts)


def test_the_reference_is_near_what_cannot_be_recomputed() -> None:
    assert reference(MEASURED).ratio <= 1.2
    assert f"GT1 is {reference(COMMITTED).ratio:.2f} times that" in PAGE.read_text()


def test_every_choice_of_claims_stays_in_version_18() -> None:
    for row in MEASURED:
        assert row.gt1_version is not None
        assert row.gt1_version <= 18
        assert row.gt1 <= LARGEST_BYTES_IN_VERSION_18
    assert "takes version 18, 89 × 89 modules" in PAGE.read_text()


def test_the_plain_string_fits_no_symbol() -> None:
    assert [row.plain_version for row in MEASURED] == [None] * len(MEASURED)
