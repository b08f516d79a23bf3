"""The header of a CSV: a wrong file is told once, by columns, before any row."""

import io

import pytest

from giayto_issuers import check_header, load_builtin_types, read_csv_header
from giayto_issuers.errors import HeaderError, SourceError
from sample_records import ROWS, criminal_record, health_book

TYPES = load_builtin_types()
HEALTH_BOOK = TYPES["health-book"]
PROCEDURE_RESULT = TYPES["procedure-result"]


def refused(code: str, header: list[str]) -> HeaderError:
    with pytest.raises(HeaderError) as caught:
        check_header(TYPES[code], header)
    assert caught.value.code == "header_unfit"
    return caught.value


@pytest.mark.parametrize("code", ROWS)
def test_the_header_of_every_good_row_fits(code: str) -> None:
    check_header(TYPES[code], list(ROWS[code]()))
    check_header(TYPES[code], [*ROWS[code](), "row_key", "replaces"])


def test_the_header_of_another_type_is_told_at_once() -> None:
    error = refused("health-book", list(criminal_record()))
    assert error.missing == ("MA_SO_SK",)
    assert error.unknown[:2] == ("SO_PHIEU", "QUOC_TICH")
    for word in ("health-book", "missing mandatory columns: MA_SO_SK", "unknown columns: SO_PHIEU, QUOC_TICH"):
        assert word in error.detail
    assert error.fields == {"unknown": len(error.unknown), "missing": 1}


@pytest.mark.parametrize(
    ("left_out", "instead", "missing"),
    [
        ("HO_TEN", None, ("HO_TEN",)),
        ("HO_TEN", "full_name", ()),
        ("MA_SO_SK", None, ("MA_SO_SK",)),
        ("MA_SO_SK", "row_key", ()),
        ("MA_SO_SK", "replaces", ("MA_SO_SK",)),
        ("DI_UNG", None, ()),
    ],
)
def test_what_every_record_needs_must_have_a_column(
    left_out: str, instead: str | None, missing: tuple[str, ...]
) -> None:
    header = [instead or column if column == left_out else column for column in health_book()]
    header = [column for column in header if column != left_out]
    if missing:
        error = refused("health-book", header)
        assert (error.missing, error.unknown) == (missing, ())
        assert "unknown" not in error.detail
    else:
        check_header(HEALTH_BOOK, header)


def test_a_column_that_is_row_key_and_claim_is_missed_once() -> None:
    header = [column for column in ROWS["procedure-result"]() if column != "MaHoSo"]
    assert refused("procedure-result", header).missing == ("MaHoSo",)
    assert refused("procedure-result", [*header, "row_key"]).missing == ("MaHoSo",)


def test_a_mandatory_object_may_come_by_its_fields() -> None:
    row = ROWS["procedure-result"]()
    check_header(PROCEDURE_RESULT, [column for column in row if column != "MaTTHC"])
    spread = [column for column in row if column not in {"MaTTHC", "TenTTHC"}]
    assert refused("procedure-result", spread).missing == ("MaTTHC",)


def test_a_person_where_the_header_should_be_is_not_told() -> None:
    error = refused("health-book", ["Nguyễn Ánh", "001301012345", "LA"])
    assert "Nguyễn" not in str(error)
    assert "001301012345" not in str(error)
    assert error.unknown[2] == "LA"


def test_a_very_wrong_header_is_told_in_part() -> None:
    error = refused("health-book", [*health_book(), *(f"X{number}" for number in range(1000))])
    assert "X19, and 980 more" in error.detail
    assert len(error.unknown) == 1000


def test_only_the_header_is_read() -> None:
    stream = io.BytesIO(b'\xef\xbb\xbfHO_TEN; B\nnot;"this\n')
    assert read_csv_header(stream) == ["HO_TEN", "B"]
    assert stream.tell() == len(b"\xef\xbb\xbfHO_TEN; B\n")


@pytest.mark.parametrize("content", [b"", b"A,A\n", b"A,\n", b'"A', b"\xff\xfeA"])
def test_a_header_that_cannot_be_read_is_an_error_of_the_source(content: bytes) -> None:
    with pytest.raises(SourceError):
        read_csv_header(io.BytesIO(content))
