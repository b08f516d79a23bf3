"""Look-up values tell subjects apart and tell nothing else."""

import pytest

from giayto_issuers.subjects import Subject
from giayto_wallet_api.envelope.subject_hash import SubjectHasher

KEY = bytes(32)
PERSON = Subject("person", "001099000017")


def test_the_same_subject_has_the_same_value() -> None:
    assert SubjectHasher(KEY).hash(PERSON) == SubjectHasher(KEY).hash(Subject("person", "001099000017"))
    assert len(SubjectHasher(KEY).hash(PERSON)) == 32


@pytest.mark.parametrize("other", [Subject("person", "001099000018"), Subject("organisation", "001099000017")])
def test_another_subject_has_another_value(other: Subject) -> None:
    assert SubjectHasher(KEY).hash(PERSON) != SubjectHasher(KEY).hash(other)


def test_another_key_gives_another_value() -> None:
    assert SubjectHasher(KEY).hash(PERSON) != SubjectHasher(bytes(31) + b"\x01").hash(PERSON)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SubjectHasher(b"short")
