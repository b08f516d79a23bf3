"""The search finds what is planted, and its starting points are answered as they should be."""

from collections.abc import Hashable
from pathlib import Path
from time import thread_time

import pytest

from giayto_crypto.errors import MalformedError
from parser_fuzzing.campaign import folder_of, parser_of
from parser_fuzzing.examining import MAX_BYTES, Cost, Parser, examine, examine_flipped, flipped, measure
from parser_fuzzing.parsers import all_parsers

SEALED = b"sealed: 12"
FORMATS = {
    "strict JSON",
    "JWS",
    "disclosure",
    "SD-JWT",
    "KB-JWT",
    "JWK",
    "x5c",
    "status list",
    "trust list",
    "bundle",
    "QR text",
    "receipt",
    "DPoP proof",
    "JWE",
    "catalogue edition",
    "DCQL",
}

pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")


def planted(data: bytes) -> Hashable | None:
    """A parser with one fault of each kind."""
    if data.startswith(b"sealed: "):
        return data
    if data.startswith(b"loop"):
        begin = thread_time()
        while thread_time() - begin < 0.06:
            pass
    if data.startswith(b"large"):
        bytearray(MAX_BYTES + 1)
    if data.startswith(b"index"):
        return [][0]
    raise MalformedError("not sealed")


PLANTED = Parser("planted", planted, (b"junk",), signed=(SEALED,))


def test_every_format_is_searched() -> None:
    assert set(all_parsers()) >= FORMATS


@pytest.mark.parametrize("name", all_parsers())
def test_the_search_begins_with_right_answers(name: str) -> None:
    parser = all_parsers()[name]
    assert [examine(parser, seed) for seed in (*parser.seeds, *parser.signed)] == [None] * (
        len(parser.seeds) + len(parser.signed)
    )
    for whole in parser.signed:
        assert parser.read(whole) in parser.believable
    assert [examine_flipped(parser, data) for data in flipped(parser, 40)] == [None] * (40 * len(parser.signed))


def test_a_right_answer_is_no_problem() -> None:
    assert examine(PLANTED, b"junk") is None
    assert examine(PLANTED, SEALED) is None
    assert measure(PLANTED, b"junk").problem() is None


def test_an_error_that_is_not_declared_is_found_with_its_place() -> None:
    problem = examine(PLANTED, b"index")
    assert problem is not None
    assert problem.kind == "undeclared-error"
    assert problem.place.startswith("IndexError at test_parser_fuzzing.py:")


def test_what_nobody_signed_is_found() -> None:
    problem = examine(PLANTED, b"sealed: 13")
    assert problem is not None
    assert problem.kind == "forgery"


def test_a_flipped_bit_that_is_believed_is_found() -> None:
    every_bit = list(flipped(PLANTED, len(SEALED) * 8))
    assert len(set(every_bit)) == len(SEALED) * 8
    believed = [data for data in every_bit if examine_flipped(PLANTED, data)]
    assert believed == [data for data in every_bit if data.startswith(b"sealed: ")]
    assert len(believed) == 16


@pytest.mark.parametrize(("data", "kind"), [(b"loop", "too-slow"), (b"large", "too-large")])
def test_what_costs_too_much_is_found(data: bytes, kind: str) -> None:
    problem = measure(PLANTED, data).problem()
    assert problem is not None
    assert problem.kind == kind


def test_the_limits_themselves_are_within_the_limits() -> None:
    assert Cost(0.05, 64 << 20).problem() is None


def test_a_kept_input_leads_back_to_its_parser(tmp_path: Path) -> None:
    for name, parser in all_parsers().items():
        assert parser_of(folder_of(name, tmp_path) / "findings" / "too-slow-0") is parser
