"""A policy says what it means, or it is refused."""

from datetime import timedelta
from typing import Any

import pytest

from giayto_verifiers import ChallengeNeededError, Policy
from giayto_verifiers.receipts.shapes import PolicyRecord


def test_the_defaults_are_those_of_a_desk() -> None:
    policy = Policy()
    assert policy.max_presentation_age == timedelta(seconds=60)
    assert policy.max_status_age == timedelta(hours=24)
    assert policy.audience == "giayto:in-person"
    assert not policy.challenge_required


@pytest.mark.parametrize("name", ["accepted_types", "accepted_agencies", "required_claims"])
def test_one_string_is_not_a_set_of_strings(name: str) -> None:
    values: dict[str, Any] = {name: "urn:type"}
    with pytest.raises(TypeError, match=name):
        Policy(**values)


def test_sets_are_copied() -> None:
    types = {"a"}
    policy = Policy(accepted_types=types)  # type: ignore[arg-type]
    types.add("b")
    assert policy.accepted_types == frozenset({"a"})


@pytest.mark.parametrize(
    "values",
    [
        {"audience": ""},
        {"max_presentation_age": timedelta(0)},
        {"max_status_age": timedelta(0)},
        {"clock_skew": timedelta(seconds=-1)},
    ],
    ids=str,
)
def test_values_that_mean_nothing_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="policy"):
        Policy(**values)


def test_there_is_no_way_to_switch_the_holders_proof_off() -> None:
    assert not [name for name in Policy.__dataclass_fields__ if "binding" in name]


def test_a_demanded_challenge_is_demanded() -> None:
    Policy().require_challenge(None)
    Policy(challenge_required=True).require_challenge("48213")
    with pytest.raises(ChallengeNeededError):
        Policy(challenge_required=True).require_challenge(None)


def test_a_purpose_is_a_word_or_none_and_a_receipt_keeps_it() -> None:
    with pytest.raises(ValueError, match="purpose"):
        Policy(purpose="")
    asked = Policy(purpose="Y_TE")
    assert PolicyRecord.of(asked).policy() == asked
    assert PolicyRecord.of(Policy()).policy().purpose is None
