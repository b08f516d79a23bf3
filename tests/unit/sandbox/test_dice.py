"""The repeatable die."""

from datetime import date

import pytest

from giayto_wallet_api.sandbox.dice import Dice


def test_the_sequence_of_a_seed_is_fixed() -> None:
    dice = Dice("test", 1)
    assert [dice.below(1000) for _ in range(5)] == [823, 468, 336, 711, 109]


def test_seeds_that_read_alike_are_different() -> None:
    assert Dice("a", 12).digits(12) != Dice("a1", 2).digits(12)


def test_between_reaches_both_ends() -> None:
    dice = Dice(1)
    assert {dice.between(3, 5) for _ in range(100)} == {3, 4, 5}


def test_days_reach_both_ends() -> None:
    dice = Dice(1)
    first, last = date(2024, 2, 28), date(2024, 3, 1)
    assert {dice.day(first, last) for _ in range(100)} == {first, date(2024, 2, 29), last}


def test_weights_hold() -> None:
    dice = Dice(1)
    falls = [dice.weighted({"often": 9, "never": 0, "seldom": 1}) for _ in range(2000)]
    assert set(falls) == {"often", "seldom"}
    assert 0.87 < falls.count("often") / 2000 < 0.93


def test_no_weight_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        Dice(1).weighted({"never": 0})
