"""Base64url with exactly one spelling for each byte string."""

import pytest

from giayto_crypto import b64url
from giayto_crypto.errors import MalformedError

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
SPELLINGS = [
    (b"", ""),
    (b"\x00", "AA"),
    (b"\xff", "_w"),
    (b"\x00\x00", "AAA"),
    (b"\xff\xff", "__8"),
    (b"\xfb\xef\xbe", "----"),
    (b"\xff\xff\xff", "____"),
    (b"f", "Zg"),
    (b"fo", "Zm8"),
    (b"foo", "Zm9v"),
    (b"foob", "Zm9vYg"),
]


@pytest.mark.parametrize(("data", "text"), SPELLINGS)
def test_encodes_without_padding(data: bytes, text: str) -> None:
    assert b64url.encode(data) == text


@pytest.mark.parametrize(("data", "text"), SPELLINGS)
def test_decodes_the_canonical_spelling(data: bytes, text: str) -> None:
    decoded = b64url.decode(text)
    assert decoded == data
    assert type(decoded) is bytes


@pytest.mark.parametrize("text", ["Zg==", "Zg=", "Zm8=", "Zm9v====", "="])
def test_refuses_padding(text: str) -> None:
    with pytest.raises(MalformedError):
        b64url.decode(text)


@pytest.mark.parametrize(
    "foreign",
    ["+", "/", ".", "~", " ", "\n", "\r", "\t", "\0", "=", "é", "\N{FULLWIDTH LATIN CAPITAL LETTER A}", "\ud800"],
)
@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_refuses_a_character_outside_the_alphabet(foreign: str, place: int) -> None:
    with pytest.raises(MalformedError):
        b64url.decode("AAAA"[:place] + foreign + "AAAA"[place + 1 :])


@pytest.mark.parametrize("text", ["AA\n", "AAAA\n", "AAA\n"])
def test_refuses_a_line_break_at_the_end(text: str) -> None:
    with pytest.raises(MalformedError):
        b64url.decode(text)


@pytest.mark.parametrize("text", ["A", "AAAAA", "AAAAAAAAA"])
def test_refuses_a_length_that_no_byte_string_has(text: str) -> None:
    with pytest.raises(MalformedError):
        b64url.decode(text)


@pytest.mark.parametrize("start", ["A", "AA"])
def test_exactly_one_last_character_spells_each_byte(start: str) -> None:
    """RFC 4648 §3.5: of 64 last characters only those with zero unused bits are canonical."""
    unused_bits = 4 if len(start) == 1 else 2
    for value, last in enumerate(ALPHABET):
        if value % (1 << unused_bits) == 0:
            assert b64url.encode(b64url.decode(start + last)) == start + last
        else:
            with pytest.raises(MalformedError):
                b64url.decode(start + last)
