"""Every case of tests/vectors/verification: the verifier's outcome and reasons are those that the case demands."""

import tracemalloc
from time import thread_time

import pytest

from giayto_crypto.errors import GiaytoError
from giayto_verifiers import Reason
from verification_cases import Case, all_cases
from verification_cases.case import CASES
from verification_cases.casebook import Recipe
from verification_cases.recipes import all_recipes
from verification_cases.table import PAGE, STEPS, page

BY_ID = all_cases()
RECIPES = {recipe.id: recipe for recipe in all_recipes()}
BOMBS = (
    "header-of-30-kib",
    "longer-than-64-kib",
    "payload-nested-900-deep",
    "payload-with-number-beyond-doubles",
    "qr-inflate-bomb",
    "qr-longer-than-any-symbol",
    "qr-nested-900-deep",
    "qr-of-mode-0-inflate-bomb",
    "qr-skeletons-nested-one-in-another",
    "status-list-inflate-bomb",
    "x5c-larger-than-16-kib",
    "x5c-of-100-certificates",
)
MOST_SECONDS = 0.05
MOST_BYTES = 64 * 1024 * 1024
each_case = pytest.mark.parametrize("case", BY_ID.values(), ids=BY_ID)


@each_case
def test_comes_out_as_it_must(case: Case) -> None:
    assert case.answer() == case.expected, case.flaw


@each_case
def test_gives_claims_to_nobody_unless_it_is_valid(case: Case) -> None:
    try:
        verdict = case.verdict()
    except GiaytoError:
        return
    assert (verdict.to_json()["claims"] is not None) is (case.expected.outcome == "valid")


@pytest.mark.parametrize("case_id", BOMBS)
def test_a_bomb_costs_little(case_id: str) -> None:
    case = BY_ID[case_id]
    assert min(seconds(case) for _ in range(3)) <= MOST_SECONDS
    tracemalloc.start()
    try:
        case.answer()
        assert tracemalloc.get_traced_memory()[1] <= MOST_BYTES
    finally:
        tracemalloc.stop()


def seconds(case: Case) -> float:
    start = thread_time()
    case.answer()
    return thread_time() - start


# what the cases cover


def test_there_are_many_and_some_are_valid() -> None:
    valid = [case for case in BY_ID.values() if case.expected.outcome == "valid"]
    assert len(valid) >= 10
    assert len(BY_ID) - len(valid) >= 80
    assert {case.step for case in BY_ID.values()} == set(STEPS)


def test_every_reason_is_expected_by_a_case() -> None:
    expected = {reason for case in BY_ID.values() for reason in case.expected.reasons}
    assert {reason.value for reason in Reason if not reason.concerns_request} <= expected


@each_case
def test_expects_an_outcome_that_its_reasons_lead_to(case: Case) -> None:
    outcome, codes = case.expected.outcome, case.expected.reasons
    if outcome == "refused":
        assert len(codes) == 1
        return
    reasons = [Reason(code) for code in codes]
    if outcome == "valid":
        assert not reasons
    elif outcome == "unknown":
        assert reasons
        assert all(reason.is_unknown for reason in reasons)
    else:
        assert outcome == "invalid"
        assert not all(reason.is_unknown for reason in reasons)


# where the cases come from


@each_case
def test_is_named_by_its_folder_and_says_what_is_wrong(case: Case) -> None:
    assert case.folder == CASES / case.id
    assert case.flaw.endswith(".")
    assert case.clause


def test_every_case_has_a_recipe_and_every_recipe_a_case() -> None:
    assert sorted(BY_ID) == sorted(RECIPES)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_is_what_its_recipe_makes(recipe: Recipe) -> None:
    case, shown = BY_ID[recipe.id], recipe.shown()
    described = (recipe.flaw, recipe.clause, recipe.step, recipe.outcome, recipe.reasons)
    assert (case.flaw, case.clause, case.step, case.expected.outcome, case.expected.reasons) == described
    assert (case.at, case.challenge, dict(case.policy)) == (shown.at, shown.challenge, dict(shown.policy))
    if case.check["shown"] == "presentation.txt":  # a QR is deflated, by another zlib perhaps in another way
        assert case.text() == shown.text


def test_the_page_of_the_documentation_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(BY_ID.values())
