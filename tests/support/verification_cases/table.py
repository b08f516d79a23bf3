"""docs/test-cases.md, written from the cases as they lie on disk."""

from collections.abc import Iterable
from pathlib import Path

from verification_cases.case import Case

PAGE = Path(__file__).parents[3] / "docs" / "test-cases.md"
STEPS = {
    1: "size and grammar",
    2: "strict JOSE",
    3: "certificate path",
    4: "authority",
    5: "issuer signature",
    6: "disclosures",
    7: "validity times",
    8: "key binding",
    9: "status",
    10: "type rules",
    11: "verdict, and the bundle that it stands on",
}
_HEAD = """\
# Cases of the check

What an attacker, a careless issuer or a slow clock may bring to a desk, as data: one folder a case below
`tests/vectors/verification/cases`, named by its flaw. The [README](../tests/vectors/verification/README.md) there tells
how to run them against another verifier. This page is written from the folders by
`PYTHONPATH=tests/support python -m verification_cases`; a test holds it equal to them.

{negative} cases must not be valid, {positive} lie just within what is allowed. *Refused* means that the bundle itself
is not taken, so that no check is made. Steps and reasons are those of [verification.md](verification.md).
"""


def page(cases: Iterable[Case]) -> str:
    """Return the whole page."""
    listed = list(cases)
    positive = sum(case.expected.outcome == "valid" for case in listed)
    text = _HEAD.format(negative=len(listed) - positive, positive=positive)
    for step, title in STEPS.items():
        rows = "".join(_row(case) for case in listed if case.step == step)
        text += f"\n## {step} {title}\n\n| case | flaw | clause | expected |\n|---|---|---|---|\n{rows}"
    return text


def _row(case: Case) -> str:
    reasons = ", ".join(f"`{reason}`" for reason in case.expected.reasons)
    expected = f"{case.expected.outcome}: {reasons}" if reasons else case.expected.outcome
    return f"| `{case.id}` | {case.flaw.replace('|', chr(92) + '|')} | {case.clause} | {expected} |\n"
