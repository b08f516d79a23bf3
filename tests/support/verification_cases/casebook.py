"""The book of cases: each is a function named by its flaw, whose docstring says what is wrong."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from trust_scheme import NOW
from verification_cases.stage import Stage


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a verifier is shown, and under which conditions.

    Attributes:
        text: the text of a QR, or a standard presentation.
        bundle: the verifier's bundle; None: the one that most cases share.
        anchor: its pinned root in PEM; None: the shared one.
        at: time of the check.
        challenge: what the holder was asked to sign.
        policy: values other than the defaults, with ages in seconds.
        printed_copy: it is checked as a copy on paper.
        before: texts that the same verifier accepted before.
        before_at: when it did; None: at the time of the check.
        replay_guard_full: the verifier's memory of presentations takes no more.
        known_bundle, known_trust_list: sequences of the newest ones that the verifier has seen.
    """

    text: str
    bundle: str | None = None
    anchor: bytes | None = None
    at: datetime = NOW
    challenge: str | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)
    printed_copy: bool = False
    before: tuple[str, ...] = ()
    before_at: datetime | None = None
    replay_guard_full: bool = False
    known_bundle: int = 0
    known_trust_list: int = 0


Make = Callable[[Stage], Shown | str]
"""Makes what is shown; a text alone is shown under the usual conditions."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One case before it is written: how it is made, and what must come of it."""

    id: str
    flaw: str
    clause: str
    step: int
    outcome: str
    reasons: tuple[str, ...]
    make: Make

    def shown(self) -> Shown:
        """Make the case anew; the same in every run."""
        made = self.make(Stage(self.id))
        return Shown(text=made) if isinstance(made, str) else made


class Casebook:
    """Collects recipes in the order of their steps."""

    def __init__(self) -> None:
        self._recipes: dict[str, Recipe] = {}

    def __iter__(self) -> Iterator[Recipe]:
        return iter(self._recipes.values())

    def add(self, case_id: str, flaw: str, step: int, clause: str, outcome: str, *reasons: str, make: Make) -> None:
        """Enter one case; an identifier stands for one only."""
        if case_id in self._recipes:
            raise ValueError(f"two cases are named {case_id}")
        words = " ".join(flaw.split())
        self._recipes[case_id] = Recipe(
            id=case_id, flaw=words, clause=clause, step=step, outcome=outcome, reasons=reasons, make=make
        )

    def valid(self, step: int, clause: str) -> Callable[[Make], Make]:
        """Enter the decorated function: just within what the clause allows."""
        return self._entering(step, clause, "valid")

    def invalid(self, step: int, clause: str, *reasons: str) -> Callable[[Make], Make]:
        """Enter the decorated function: certainly wrong."""
        return self._entering(step, clause, "invalid", *reasons)

    def unknown(self, step: int, clause: str, *reasons: str) -> Callable[[Make], Make]:
        """Enter the decorated function: the verifier cannot tell."""
        return self._entering(step, clause, "unknown", *reasons)

    def refused(self, clause: str, reason: str) -> Callable[[Make], Make]:
        """Enter the decorated function: the bundle itself is refused, so that no check is made (step 11)."""
        return self._entering(11, clause, "refused", reason)

    def _entering(self, step: int, clause: str, outcome: str, *reasons: str) -> Callable[[Make], Make]:
        def enter(make: Make) -> Make:
            flaw = inspect.getdoc(make) or ""
            self.add(make.__name__.replace("_", "-"), flaw, step, clause, outcome, *reasons, make=make)
            return make

        return enter


book = Casebook()
