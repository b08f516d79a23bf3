"""What tests report of the cases they judged, and all reports of a run together."""

from collections.abc import Iterable
from dataclasses import dataclass, field

PROPERTY = "conformance"
"""Name of the test property that carries reports from the test to the one who counts, over processes too."""


class Report:
    """What one test reports. A case that several tests judge passes when all of them pass."""

    def __init__(self, properties: list[tuple[str, object]]) -> None:
        self._properties = properties

    def case(self, vector_set: str, case: object, *, passed: bool = True) -> None:
        """Report that this test judges a case: it passes with the test, unless it is known that it did not."""
        self._properties.append((PROPERTY, [vector_set, str(case), passed, None]))

    def exception(self, vector_set: str, case: object, reason: str) -> None:
        """Report that giayto answers a case otherwise than it says, and why."""
        self._properties.append((PROPERTY, [vector_set, str(case), True, reason]))


@dataclass
class Outcomes:
    """How every case came out: by vector set and case, whether it passed, and the reason if it is an exception."""

    passed: dict[str, dict[str, bool]] = field(default_factory=dict)
    reasons: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, properties: Iterable[tuple[str, object]], *, test_passed: bool) -> None:
        """Take in what a test reported."""
        for name, value in properties:
            if name != PROPERTY:
                continue
            vector_set, case, passed, reason = value  # type: ignore[misc]
            cases = self.passed.setdefault(vector_set, {})
            cases[case] = cases.get(case, True) and passed and test_passed
            if reason is not None:
                self.reasons.setdefault(vector_set, {})[case] = reason

    def failed(self) -> list[str]:
        """Return the cases that came out otherwise than they should."""
        return [f"{key}: {case}" for key, cases in self.passed.items() for case, ok in cases.items() if not ok]

    def counts(self, vector_set: str) -> tuple[int, int, int]:
        """Return how many cases a set has, how many pass, and how many are exceptions."""
        cases, exceptions = self.passed.get(vector_set, {}), self.reasons.get(vector_set, {})
        passed = sum(ok for case, ok in cases.items() if case not in exceptions)
        return len(cases), passed, len(exceptions)

    def exceptions(self, vector_set: str) -> dict[str, list[str]]:
        """Return the exceptions of a set by reason."""
        by_reason: dict[str, list[str]] = {}
        for case, reason in self.reasons.get(vector_set, {}).items():
            by_reason.setdefault(reason, []).append(case)
        return {reason: sorted(cases, key=_natural) for reason, cases in sorted(by_reason.items())}


def _natural(case: str) -> tuple[int, str]:
    return (int(case), "") if case.isdigit() else (0, case)
