"""One changed character of a receipt never holds, and no input brings anything but a result."""

from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from giayto_verifiers import ReceiptHolds, ReceiptRefused, ReceiptResult
from trust_scheme import Scheme
from trust_scheme.checking import check
from trust_scheme.receipts import Level, members, outcome, receipt_of, recheck, signed

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@cache
def made() -> tuple[Scheme, str, str]:
    scheme = Scheme()
    verdict = check(scheme.bundle(), scheme.presentation())
    whole, proofs = (
        receipt_of(verdict, evidence=level, keep_claims=["full_name"]).token
        for level in (Level.PRESENTATION, Level.PROOFS)
    )
    return scheme, whole, proofs


def result_of(token: str) -> ReceiptResult:
    return recheck(made()[0], token)


def members_below(node: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [place, *(found for step, child in steps for found in members_below(child, (*place, step)))]


def test_the_unchanged_receipts_hold() -> None:
    for token in made()[1:]:
        assert isinstance(result_of(token), ReceiptHolds)


def test_each_character_matters() -> None:
    token = made()[2]
    for position, character in enumerate(token):
        other = ALPHABET[(ALPHABET.index(character) + 1) % len(ALPHABET)]
        changed = token[:position] + other + token[position + 1 :]
        assert isinstance(result_of(changed), ReceiptRefused), position


@given(st.data())
def test_nothing_left_out_put_in_or_replaced_holds(data: st.DataObject) -> None:
    token = data.draw(st.sampled_from(made()[1:]))
    start = data.draw(st.integers(0, len(token) - 1))
    end = data.draw(st.integers(start, len(token)))
    changed = token[:start] + data.draw(st.text(ALPHABET, max_size=8)) + token[end:]
    if changed != token:
        assert isinstance(result_of(changed), ReceiptRefused)


@given(st.text(max_size=300))
def test_any_text_gets_a_result(text: str) -> None:
    assert isinstance(result_of(text), ReceiptRefused)


@given(st.data())
def test_whatever_a_verifier_signs_gets_a_result(data: st.DataObject) -> None:
    """Any member may be replaced by anything: what comes out is a result, and never one of another outcome."""
    payload = members(data.draw(st.sampled_from(made()[1:])))
    place = data.draw(st.sampled_from(members_below(payload)[1:]))
    node = payload
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = data.draw(JSON)
    result = result_of(signed(payload))
    assert outcome(result)[0] in ("holds", "does_not_hold", "undetermined")
    if isinstance(result, ReceiptHolds):
        assert result.statement.outcome == "valid"
        assert result.statement.vct == members(made()[1])["check"]["document"]["vct"]
        assert dict(result.statement.claims).items() <= {("full_name",): "Nguyễn Thị Ánh Tuyết"}.items()
