"""Who asked for paper: the desk of an agency, or a verifier."""

from dataclasses import dataclass
from typing import Literal, Self

from giayto_wallet_api.audit.log import Actor

AskerKind = Literal["agency", "verifier"]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asked for paper, and answers for it.

    Args:
        kind: what its identifier is of.
        asker_id: agency identifier, or that of a registered verifier.
    """

    kind: AskerKind
    asker_id: str

    @property
    def name(self) -> str:
        """How tables and the audit log name it: `agency:H26`, `verifier:bank-a`."""
        return f"{self.kind}:{self.asker_id}"

    @property
    def actor(self) -> Actor:
        """The actor of what it does."""
        return Actor(self.name)

    @classmethod
    def from_name(cls, name: str) -> Self:
        """Read a `name`."""
        kind, _, asker_id = name.partition(":")
        return cls("agency" if kind == "agency" else "verifier", asker_id)
