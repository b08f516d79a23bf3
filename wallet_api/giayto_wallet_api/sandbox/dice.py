"""A die that falls the same way on every machine and every Python: a seed always means the same people."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

Option = TypeVar("Option")


class Dice:
    """Chance that can be repeated.

    Only `random.Random.random()` promises the same sequence in every Python; `choice`, `shuffle` and
    `randrange` do not. Everything is therefore made from it alone.
    """

    def __init__(self, *seed: str | int) -> None:
        """Begin the sequence that belongs to `seed`; sequences of different seeds have nothing in common."""
        # Made-up people need repeatable chance, not unpredictable one.
        self._random = random.Random("/".join(map(str, seed)))  # noqa: S311

    def below(self, limit: int) -> int:
        """Return an integer in 0 … `limit` - 1."""
        return int(self._random.random() * limit)

    def between(self, low: int, high: int) -> int:
        """Return an integer in `low` … `high`, both included."""
        return low + self.below(high - low + 1)

    def chance(self, probability: float) -> bool:
        """Return true in `probability` (0 … 1) of the cases."""
        return self._random.random() < probability

    def pick(self, options: Sequence[Option]) -> Option:
        """Return one of `options`, each as likely as the others."""
        return options[self.below(len(options))]

    def weighted(self, weights: Mapping[Option, int]) -> Option:
        """Return one of the keys, as likely as its weight says."""
        left = self.below(sum(weights.values()))
        for option, weight in weights.items():
            left -= weight
            if left < 0:
                return option
        raise ValueError("weights must hold at least one positive number")

    def day(self, first: date, last: date) -> date:
        """Return a day in `first` … `last`, both included."""
        return first + timedelta(days=self.below((last - first).days + 1))

    def digits(self, count: int) -> str:
        """Return `count` decimal digits."""
        return "".join(str(self.below(10)) for _ in range(count))
