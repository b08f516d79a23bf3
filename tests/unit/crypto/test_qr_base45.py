"""Base45 with one text for each byte string (RFC 9285)."""

from contextlib import suppress
from time import thread_time

import base45 as peer
import pytest

from giayto_crypto.errors import MalformedError
from giayto_crypto.qr import base45

SPELLINGS = [
    (b"", ""),
    (b"AB", "BB8"),
    (b"Hello!!", "%69 VD92EX0"),
    (b"base-45", "UJCLQE7W581"),
    (b"ietf!", "QED8WEX0"),
    (b"\xff\xff", "FGW"),
    (b"\x00", "00"),
    (b"\xff", "U5"),
    (b"\x00\x00\x00", "00000"),
]


@pytest.mark.parametrize(("data", "text"), SPELLINGS)
def test_examples_of_the_rfc(data: bytes, text: str) -> None:
    assert base45.encode(data) == text
    assert base45.decode(text) == data


def test_every_pair_of_bytes_as_the_peer_writes_it() -> None:
    data = bytes(byte for value in range(0, 65536, 7) for byte in value.to_bytes(2))
    assert base45.encode(data) == peer.b45encode(data).decode()
    assert base45.decode(base45.encode(data)) == data


@pytest.mark.parametrize("length", range(8))
def test_every_length_as_the_peer_writes_it(length: int) -> None:
    data = bytes(range(250, 250 - length, -1))
    assert base45.encode(data) == peer.b45encode(data).decode()
    assert base45.decode(base45.encode(data)) == data


@pytest.mark.parametrize("text", ["GGW", ":::", "GGWBB8", "BB8GGW"])
def test_a_group_beyond_two_bytes_is_refused(text: str) -> None:
    with pytest.raises(MalformedError, match="beyond its range"):
        base45.decode(text)


@pytest.mark.parametrize("text", ["V5", "::", "BB8V5", "0:"])
def test_a_last_pair_beyond_one_byte_is_refused(text: str) -> None:
    with pytest.raises(MalformedError, match="beyond its range"):
        base45.decode(text)


@pytest.mark.parametrize("text", ["A", "BB8A", "BB8BB80"])
def test_one_character_left_over_is_refused(text: str) -> None:
    with pytest.raises(MalformedError, match="left over"):
        base45.decode(text)


@pytest.mark.parametrize(
    "text", ["bb8", "B\u00df8", "BB8\n", "\nBB8", "BB8=", "B_8", "BB\0", "B,8", "ＢB8", "\ud800B8"]
)
def test_a_foreign_character_is_refused(text: str) -> None:
    with pytest.raises(MalformedError, match="alphabet"):
        base45.decode(text)


def test_every_ascii_character_outside_the_alphabet_is_refused() -> None:
    for code in range(128):
        text = f"B{chr(code)}0"
        if text[1] in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:":
            assert base45.encode(base45.decode(text)) == text
        else:
            with pytest.raises(MalformedError, match="alphabet"):
                base45.decode(text)


def test_a_text_of_a_million_characters_is_answered_at_once() -> None:
    for text in ("FGW" * 300_000, ":" * 900_000, "é" * 900_000):
        begin = thread_time()
        with suppress(MalformedError):
            base45.decode(text)
        assert thread_time() - begin < 1
