"""One changed character of a valid presentation never verifies, wherever it is and however it travels."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giayto_crypto.bundle import VerifierBundle
from giayto_crypto.errors import UnknownReferenceError
from giayto_crypto.qr import pack
from giayto_verifiers import InMemoryReplayGuard, Invalid, Policy, Unknown, Valid, Verdict, Verifier
from trust_scheme import NOW, Scheme

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


@cache
def shown() -> tuple[VerifierBundle, str, str]:
    scheme = Scheme()
    presentation = scheme.presentation()
    return scheme.bundle(), presentation, pack(presentation)


def check(text: str) -> Verdict:
    return Verifier(shown()[0], policy=Policy(), replay_guard=InMemoryReplayGuard()).verify(text, now=NOW)


def replaced(text: str, position: int, character: str) -> str:
    return text[:position] + character + text[position + 1 :]


def test_the_unchanged_texts_are_valid() -> None:
    _, presentation, qr_text = shown()
    assert isinstance(check(presentation), Valid)
    assert isinstance(check(qr_text), Valid)


def test_each_character_of_the_standard_string_matters() -> None:
    presentation = shown()[1]
    for position, character in enumerate(presentation):
        other = "B" if character == "A" else "A"
        assert isinstance(check(replaced(presentation, position, other)), Invalid), position


def test_each_character_of_the_qr_matters() -> None:
    qr_text = shown()[2]
    for position, character in enumerate(qr_text):
        other = BASE45[(BASE45.index(character) + 1) % len(BASE45)]
        assert isinstance(check(replaced(qr_text, position, other)), Invalid), position


@given(st.data())
def test_no_replacement_verifies(data: st.DataObject) -> None:
    text, alphabet = data.draw(st.sampled_from([(shown()[1], PRINTABLE), (shown()[2], BASE45)]))
    position = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.sampled_from(alphabet).filter(lambda one: one != text[position]))
    assert isinstance(check(replaced(text, position, character)), Invalid)


@given(st.data())
def test_nothing_left_out_or_put_in_verifies(data: st.DataObject) -> None:
    text, alphabet = data.draw(st.sampled_from([(shown()[1], PRINTABLE), (shown()[2], BASE45)]))
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start, len(text)))
    inserted = data.draw(st.text(alphabet, max_size=8))
    changed = text[:start] + inserted + text[end:]
    if changed != text:
        assert not isinstance(check(changed), Valid)


@given(st.text(max_size=300))
def test_any_text_gets_a_verdict(text: str) -> None:
    assert not isinstance(check(text), Valid)


@given(st.binary(max_size=300).filter(lambda reference: len(reference) not in (4, 6)))
def test_references_of_another_length_are_unknown(reference: bytes) -> None:
    references = shown()[0].references
    for resolve in (references.issuer, references.vct, references.status_uri):
        with pytest.raises(UnknownReferenceError):
            resolve(reference)


def test_unknown_is_for_what_the_bundle_lacks_only() -> None:
    other = Scheme()
    verdict = check(pack(other.presentation()))
    assert isinstance(verdict, Unknown)
