"""The same cases through `giayto verify`: its exit code and its JSON say what the case demands."""

import json

import pytest

from giayto_sdk.cli.app import run
from verification_cases import Case, all_cases

EXIT_CODES = {"valid": 0, "invalid": 1, "unknown": 2, "refused": 64}
OF_THE_COMMAND = {"audience", "max_status_age_seconds"}
"""What of a policy can be said on the command line."""
NOT_OF_THE_COMMAND = {
    "printed_copy",
    "before",
    "replay_guard_full",
    "known_bundle_sequence",
    "known_trust_list_sequence",
}
"""Conditions that one call of the command does not have."""


def can_be_called(case: Case) -> bool:
    return set(case.policy) <= OF_THE_COMMAND and NOT_OF_THE_COMMAND.isdisjoint(case.check)


CALLED = {case_id: case for case_id, case in all_cases().items() if can_be_called(case)}


def arguments(case: Case) -> list[str]:
    given = ["verify", str(case.path("shown")), "--bundle", str(case.path("bundle")), "--json"]
    given += ["--anchor", str(case.path("anchor")), "--at", case.at.isoformat()]
    if case.challenge is not None:
        given += ["--challenge", case.challenge]
    if "audience" in case.policy:
        given += ["--audience", case.policy["audience"]]
    if "max_status_age_seconds" in case.policy:
        given += ["--max-status-age", f"{case.policy['max_status_age_seconds']}s"]
    return given


def test_every_outcome_is_among_those_that_are_called() -> None:
    assert {case.expected.outcome for case in CALLED.values()} == set(EXIT_CODES)
    assert len(CALLED) >= 80


@pytest.mark.parametrize("case", CALLED.values(), ids=CALLED)
def test_the_command_ends_as_the_case_demands(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments(case)) == EXIT_CODES[case.expected.outcome]
    captured = capsys.readouterr()
    if case.expected.outcome == "refused":
        assert captured.out == ""
        assert case.expected.reasons[0] in captured.err
        return
    said = json.loads(captured.out)
    assert (said["outcome"], tuple(said["reasons"])) == (case.expected.outcome, case.expected.reasons)
