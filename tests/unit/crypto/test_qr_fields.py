"""The binary fields of a packed presentation (docs/qr.md §2)."""

import pytest

from giayto_crypto.errors import MalformedError
from giayto_crypto.qr.fields import FieldReader, FieldWriter

UNSIGNED = [
    (0, "00"),
    (1, "01"),
    (127, "7f"),
    (128, "8001"),
    (300, "ac02"),
    (16383, "ff7f"),
    (16384, "808001"),
    (2**49 - 1, "ffffffffffff7f"),
]
SIGNED = [(0, "00"), (-1, "01"), (1, "02"), (-2, "03"), (63, "7e"), (-64, "7f"), (64, "8001"), (-65, "8101")]


@pytest.mark.parametrize(("value", "encoded"), UNSIGNED)
def test_unsigned_integers_are_leb128(value: int, encoded: str) -> None:
    writer = FieldWriter()
    writer.unsigned(value)
    assert writer.data.hex() == encoded
    assert FieldReader(bytes.fromhex(encoded)).unsigned() == value


@pytest.mark.parametrize(("value", "encoded"), SIGNED)
def test_signed_integers_are_zigzag(value: int, encoded: str) -> None:
    writer = FieldWriter()
    writer.signed(value)
    assert writer.data.hex() == encoded
    assert FieldReader(bytes.fromhex(encoded)).signed() == value


@pytest.mark.parametrize("value", [2**48 - 1, -(2**48)])
def test_signed_integers_have_49_bits(value: int) -> None:
    writer = FieldWriter()
    writer.signed(value)
    assert len(writer.data) == 7
    assert FieldReader(bytes(writer.data)).signed() == value
    for beyond in (value + 1, value - 1):
        if not -(2**48) <= beyond < 2**48:
            with pytest.raises(ValueError, match="range"):
                FieldWriter().signed(beyond)


@pytest.mark.parametrize("value", [-1, 2**49, 2**64])
def test_unsigned_integers_out_of_range_are_not_written(value: int) -> None:
    with pytest.raises(ValueError, match="range"):
        FieldWriter().unsigned(value)


@pytest.mark.parametrize("encoded", ["8000", "808000", "ff00", "80808080808000"])
def test_longer_forms_of_an_integer_are_refused(encoded: str) -> None:
    with pytest.raises(MalformedError, match="shortest"):
        FieldReader(bytes.fromhex(encoded)).unsigned()


@pytest.mark.parametrize("encoded", ["ffffffffffffff01", "ff" * 7, "80" * 4000, "ff" * 100_000])
def test_integers_that_go_on_are_refused(encoded: str) -> None:
    with pytest.raises(MalformedError, match="too long"):
        FieldReader(bytes.fromhex(encoded)).unsigned()


@pytest.mark.parametrize("encoded", ["", "80", "ffff"])
def test_integers_that_are_cut_off_are_refused(encoded: str) -> None:
    with pytest.raises(MalformedError, match="too early"):
        FieldReader(bytes.fromhex(encoded)).unsigned()


def test_fields_are_taken_one_after_the_other() -> None:
    reader = FieldReader(b"abcdef")
    assert (reader.take(2), reader.take(0), reader.take(1), reader.rest(), reader.rest()) == (
        b"ab",
        b"",
        b"c",
        b"def",
        b"",
    )


@pytest.mark.parametrize("count", [3, 2**49 - 1])
def test_what_is_missing_is_not_padded(count: int) -> None:
    with pytest.raises(MalformedError, match="too early"):
        FieldReader(b"ab").take(count)


def test_writer_and_reader_mirror_each_other() -> None:
    writer = FieldWriter()
    writer.raw(b"abc")
    writer.unsigned(300)
    writer.signed(-300)
    reader = FieldReader(bytes(writer.data))
    assert (reader.take(3), reader.unsigned(), reader.signed(), reader.rest()) == (b"abc", 300, -300, b"")
