"""One case as it lies on disk, and how it is run (tests/vectors/verification/README.md)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509

from giayto_crypto.bundle import VerifierBundle, verify_bundle
from giayto_crypto.certificates import load_anchors
from giayto_crypto.errors import GiaytoError
from giayto_verifiers import InMemoryReplayGuard, Policy, Valid, Verdict, Verifier

FOLDER = Path(__file__).parents[2] / "vectors" / "verification"
CASES = FOLDER / "cases"
DESCRIPTION = "case.toml"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of a check, or must come of it."""

    outcome: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Case:
    """What `case.toml` says; see the README for its members."""

    id: str
    folder: Path
    flaw: str
    clause: str
    step: int
    expected: Answer
    check: Mapping[str, Any]
    policy: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "Case":
        """Read the case of one folder."""
        members = tomllib.loads((folder / DESCRIPTION).read_text("utf-8"))
        expected = members["expected"]
        return cls(
            id=members["id"],
            folder=folder,
            flaw=members["flaw"],
            clause=members["clause"],
            step=members["step"],
            expected=Answer(outcome=expected["outcome"], reasons=tuple(expected["reasons"])),
            check=members["check"],
            policy=members.get("policy", {}),
        )

    @property
    def at(self) -> datetime:
        """Time of the check."""
        at: datetime = self.check["at"]
        return at

    @property
    def challenge(self) -> str | None:
        """What the holder was asked to sign."""
        return self.check.get("challenge")

    def path(self, member: str) -> Path:
        """Return the file that a member of `check` names."""
        return self.folder / str(self.check[member])

    def text(self, name: str = "") -> str:
        """Return what is shown, exactly as it lies there; a name stands for another file of the case."""
        return (self.folder / (name or self.check["shown"])).read_bytes().decode("utf-8")

    def anchors(self) -> tuple[x509.Certificate, ...]:
        """Return the pinned roots."""
        return load_anchors(self.path("anchor").read_bytes())

    def bundle(self) -> VerifierBundle:
        """Return the verifier's bundle; GiaytoError when it is refused."""
        return verify_bundle(
            self.path("bundle").read_text("utf-8"),
            self.anchors(),
            self.at,
            minimum_sequence=self.check.get("known_bundle_sequence", 0),
            minimum_trust_list_sequence=self.check.get("known_trust_list_sequence", 0),
        )

    def verifier_policy(self) -> Policy:
        """Return the policy; what the case does not mention is as by default."""
        ages = {name: value for name, value in self.policy.items() if name.endswith("_seconds")}
        values = {name: value for name, value in self.policy.items() if name not in ages}
        values |= {name.removesuffix("_seconds"): timedelta(seconds=value) for name, value in ages.items()}
        return Policy(**values)

    def verifier(self) -> Verifier:
        """Return the verifier of this case, before it has seen anything."""
        guard = InMemoryReplayGuard(max_entries=0) if self.check.get("replay_guard_full") else InMemoryReplayGuard()
        return Verifier(self.bundle(), policy=self.verifier_policy(), replay_guard=guard)

    def verdict(self) -> Verdict:
        """Run the case; GiaytoError when the bundle is refused."""
        verifier = self.verifier()
        for name in self.check.get("before", ()):
            before_at = self.check.get("before_at", self.at)
            earlier = verifier.verify(self.text(name), now=before_at, challenge=self.challenge)
            if not isinstance(earlier, Valid):
                raise ValueError(f"{self.id}: {name} must be accepted before, but is {earlier.outcome}")
        if self.check.get("printed_copy"):
            return verifier.verify_printed_copy(self.text(), now=self.at)
        return verifier.verify(self.text(), now=self.at, challenge=self.challenge)

    def answer(self) -> Answer:
        """Run the case and return what came of it; `refused` with the error's code when the bundle is refused."""
        try:
            verdict = self.verdict()
        except GiaytoError as error:
            return Answer(outcome="refused", reasons=(error.code,))
        return Answer(outcome=verdict.outcome, reasons=tuple(reason.value for reason in verdict.reasons))


def all_cases() -> dict[str, Case]:
    """Return all cases by their identifiers, in the order of steps."""
    cases = (Case.read(path.parent) for path in CASES.glob(f"*/{DESCRIPTION}"))
    return {case.id: case for case in sorted(cases, key=lambda case: (case.step, case.id))}
