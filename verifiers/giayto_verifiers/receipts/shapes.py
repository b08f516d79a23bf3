"""The JSON of a receipt, version 1 (docs/receipts.md).

Unknown members are refused: a statement that this release does not understand might be the one that matters. A richer
receipt gets a new version.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from giayto_crypto.catalogue import CatalogueEntry
from giayto_crypto.errors import MalformedError, UnsupportedFormatError
from giayto_crypto.localised import Localised
from giayto_verifiers.examination import Outcome
from giayto_verifiers.policy import Policy
from giayto_verifiers.reasons import Reason

VERSION: Literal[1] = 1
MAX_NAME = 200
MAX_PURPOSE = 1000

ShownPath = tuple[str | int, ...]
"""Names and array positions from the top of the document's claims."""
Time = Annotated[datetime, msgspec.Meta(tz=True)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME)]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
Level = Literal["presentation", "proofs", "none"]


class _Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"  # a receipt may hold personal data


class DocumentRecord(_Shape, frozen=True):
    """Which document it was: signed by its issuer, who stands in the signed trust list."""

    vct: str
    agency_id: str
    names: Localised
    iss: str
    successor_agency_id: str | None
    issued_at: Time
    expires_at: Time


class DataRecord(_Shape, frozen=True):
    """Editions of what the check was made against, and of when the status data was."""

    bundle_sequence: int
    bundle_issued_at: Time
    bundle_expires_at: Time
    trust_list_sequence: int
    trust_list_issued_at: Time
    status_checked_at: Time | None


class KeptClaim(_Shape, frozen=True):
    """One claim that the verifier chose to keep. `path` holds names only."""

    path: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    value: Any


class CheckRecord(_Shape, frozen=True):
    """What the check found. All of it is found again when it is repeated from whole evidence."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    checked_at: Time
    presentation_sha256: Sha256
    document: DocumentRecord | None
    presented_at: Time | None
    data: DataRecord
    disclosed: tuple[ShownPath, ...]
    claims: tuple[KeptClaim, ...]


class PolicyRecord(_Shape, frozen=True):
    """The verifier's demands, as `Policy` names them."""

    accepted_types: tuple[str, ...] | None
    accepted_agencies: tuple[str, ...] | None
    required_claims: tuple[str, ...]
    audience: str
    challenge_required: bool
    max_presentation_age: timedelta
    max_status_age: timedelta
    clock_skew: timedelta
    purpose: str | None = None

    @classmethod
    def of(cls, policy: Policy) -> "PolicyRecord":
        """Write a policy down."""
        types, agencies = policy.accepted_types, policy.accepted_agencies
        return cls(
            accepted_types=None if types is None else tuple(sorted(types)),
            accepted_agencies=None if agencies is None else tuple(sorted(agencies)),
            required_claims=tuple(sorted(policy.required_claims)),
            audience=policy.audience,
            challenge_required=policy.challenge_required,
            max_presentation_age=policy.max_presentation_age,
            max_status_age=policy.max_status_age,
            clock_skew=policy.clock_skew,
            purpose=policy.purpose,
        )

    def policy(self) -> Policy:
        """Return the policy; MalformedError when nobody could have checked with it."""
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        for name in ("accepted_types", "accepted_agencies", "required_claims"):
            values[name] = None if values[name] is None else frozenset(values[name])
        try:
            return Policy(**values)
        except ValueError as error:
            raise MalformedError("receipt: the policy is not one to check with") from error


class ConditionsRecord(_Shape, frozen=True):
    """What the check was made under: said by the verifier, and taken over when the check is repeated."""

    printed_copy: bool
    challenge: str | None
    policy: PolicyRecord
    document_type: CatalogueEntry | None
    """The rules of the catalogue for this type, without labels and metadata."""


class ListRecord(_Shape, frozen=True):
    """A signed list, inside the receipt or kept beside it under its hash."""

    sha256: Sha256
    token: str | None


class StatusListRecord(ListRecord, frozen=True):
    """The status list that the document names."""

    uri: str


class Evidence(_Shape, frozen=True):
    """What the check can be repeated from."""

    level: Level
    presentation: str | None = None
    trust_list: ListRecord | None = None
    status_list: StatusListRecord | None = None


class ReceiptClaims(_Shape, frozen=True):
    """The whole payload."""

    version: Literal[1]
    receipt_id: Name
    verifier: Name
    transaction: Name
    purpose: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_PURPOSE)]
    check: CheckRecord
    conditions: ConditionsRecord
    evidence: Evidence


def to_members(claims: ReceiptClaims) -> dict[str, Any]:
    """Return a receipt as JSON members, in a fixed order."""
    members: dict[str, Any] = msgspec.to_builtins(claims)
    return members


def from_members(members: dict[str, Any]) -> ReceiptClaims:
    """Read what `to_members` wrote, strictly.

    Raises:
        UnsupportedFormatError: of another version.
        MalformedError: a member is missing, unknown or of another type; the message names no value.
    """
    if isinstance(version := members.get("version"), int) and version != VERSION:
        raise UnsupportedFormatError("receipt: written by a newer release; update the software")
    try:
        return msgspec.convert(members, ReceiptClaims, strict=True)
    except msgspec.ValidationError as error:
        # The message of an unknown code would quote it; only the place is told.
        place = str(error).rpartition(" - at ")[2] if " - at " in str(error) else "$"
        raise MalformedError(f"receipt: a member is missing or not as it must be, at {place}") from error
