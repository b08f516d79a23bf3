"""Editions of the catalogue: what may not be asked for on paper, frozen every month, dated and signed.

An edition is for people and for the law: it says of each document type who owns it, since when it is integrated in the
wallet, which procedures asked for it, and on what basis. What a verifier needs to read a presentation travels in the
bundle instead (`giayto_crypto.catalogue`). An edition never changes and never expires; `next_update` only says when the
next one is due. A mistake is put right by a numbered correction of the same month.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any, Literal

import msgspec
from cryptography import x509

from giayto_crypto.certificates import CATALOGUE
from giayto_crypto.certified_jws import NumericDate, from_numeric, sign_certified, to_numeric, verify_certified
from giayto_crypto.errors import GiaytoError
from giayto_crypto.keys import Signer
from giayto_crypto.localised import Localised

TYP = "giayto-catalogue+jwt"
MAX_TOKEN_BYTES = 16 * 1024 * 1024
MONTH_PATTERN = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
EDITION_ID_PATTERN = r"^[0-9]{4}-(0[1-9]|1[0-2])(\.[1-9][0-9]{0,3})?$"

Demand = Literal["free", "for_purposes", "never"]
"""Who may ask a holder for the document in any form: anybody who needs it, for one of its purposes only, nobody."""
PaperRule = Literal["no", "unless-in-wallet", "yes"]
"""Whether a procedure may ask for the paper: not at all, not from who shows it from the wallet, or still."""
Stage = Literal["proposed", "in-preparation", "integrated"]
"""How far a document has come into the wallet."""
_NonEmpty = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
_Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]


class EditionTooLargeError(GiaytoError):
    """The edition would be larger than anybody reads."""

    code = "edition_too_large"
    message_vi = "Kỳ công bố danh mục quá lớn."
    message_en = "The edition of the catalogue is too large."


class EditionRolledBackError(GiaytoError):
    """The edition is older than one that is already known."""

    code = "catalogue_rolled_back"
    message_vi = "Kỳ công bố danh mục cũ hơn kỳ đã biết."
    message_en = "The edition of the catalogue is older than one that is already known."


class _Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class LegalGround(_Shape, frozen=True, kw_only=True):
    """A rule of law, what it says here, and where that was read."""

    reference: _NonEmpty
    subject: Localised | None = None
    source_note: str


class MappedProcedure(_Shape, frozen=True, kw_only=True):
    """An administrative procedure that asks, or used to ask, for the paper.

    Attributes:
        code: on the national procedure database, short form such as `1.000894`.
        titles: name of the procedure.
        may_ask: whether it may ask for the paper.
        legal_basis: why.
        valid_from, valid_until: first and last day of that; None is an open end.
    """

    code: Annotated[str, msgspec.Meta(pattern=r"^[0-9]\.[0-9]{6}$")]
    titles: Localised
    may_ask: PaperRule
    legal_basis: LegalGround
    valid_from: date | None = None
    valid_until: date | None = None

    def applies(self, on: date) -> bool:
        """Whether the answer holds on a day."""
        began = self.valid_from is None or self.valid_from <= on
        return began and (self.valid_until is None or on <= self.valid_until)


class StatedPurpose(_Shape, frozen=True, kw_only=True):
    """A purpose for which a holder may be asked to show the document."""

    code: _NonEmpty
    name: Localised


class OwningAgency(_Shape, frozen=True, kw_only=True):
    """Who defines a document type and answers for its data."""

    agency_id: _NonEmpty
    names: Localised


class EditionEntry(_Shape, frozen=True, kw_only=True):
    """One version of a document type in an edition.

    Attributes:
        vct, code, version, titles, holder_kind: as in the verifier's catalogue.
        description: what the document says, for people.
        owner: who defines it.
        stage: how far it has come into the wallet.
        since: first day of that stage; None where it is not known.
        deadline: day by which it must be integrated, where one is set.
        demand: who may ask for it at all.
        purposes: for which a holder may be asked to show it; empty: any.
        procedures: those that ask, or used to ask, for it.
        legal_basis: of the document.
    """

    vct: _NonEmpty
    code: _Code
    version: Annotated[int, msgspec.Meta(ge=1)]
    titles: Localised
    description: Localised
    owner: OwningAgency
    holder_kind: Literal["person", "organisation"]
    stage: Stage = "integrated"
    since: date | None = None
    deadline: date | None = None
    demand: Demand = "free"
    purposes: tuple[StatedPurpose, ...] = ()
    procedures: tuple[MappedProcedure, ...] = ()
    legal_basis: tuple[LegalGround, ...] = ()

    def is_integrated(self, on: date) -> bool:
        """Whether the wallet stands for the paper on a day."""
        return self.stage == "integrated" and (self.since is None or self.since <= on)

    def is_late(self, on: date) -> bool:
        """Whether it should have been integrated before a day and was not."""
        return self.stage != "integrated" and self.deadline is not None and self.deadline < on


class CatalogueEdition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """What one edition says. Unverified unless it comes from `verify_edition`.

    Attributes:
        month: `YYYY-MM`, the month that it is published for.
        correction: 0, or the number of the correction of that month.
        correction_note: why it was corrected.
        issued_at: when it was frozen, in whole seconds.
        next_update: when the next month's edition is due.
        rule_basis: why a paper in the catalogue may not be asked for.
        fallback_basis: why it may be all the same, with a correction, where data is missing or wrong.
        entries: the document types, in a fixed order.
    """

    month: Annotated[str, msgspec.Meta(pattern=MONTH_PATTERN)]
    correction: Annotated[int, msgspec.Meta(ge=0, le=9999)] = 0
    correction_note: str | None = None
    issued_at: Annotated[datetime, msgspec.Meta(tz=True)]
    next_update: Annotated[datetime, msgspec.Meta(tz=True)]
    rule_basis: LegalGround
    fallback_basis: LegalGround
    entries: tuple[EditionEntry, ...]

    def __post_init__(self) -> None:
        if len({entry.vct for entry in self.entries}) != len(self.entries):
            raise ValueError("two entries have the same vct")
        if bool(self.correction) != bool(self.correction_note):
            raise ValueError("a correction has a number and a note")

    @property
    def edition_id(self) -> str:
        """`2026-12`, or `2026-12.1` for its first correction."""
        return edition_id(self.month, self.correction)

    @property
    def rank(self) -> tuple[str, int]:
        """Editions in order of publication have growing ranks."""
        return self.month, self.correction

    @cached_property
    def _by_name(self) -> Mapping[str, EditionEntry]:
        newest_last = sorted(self.entries, key=lambda entry: entry.version)
        return {entry.code: entry for entry in newest_last} | {entry.vct: entry for entry in self.entries}

    def find(self, document: str) -> EditionEntry | None:
        """Return an entry by vct, or the newest version of a code; None when there is none."""
        return self._by_name.get(document)


class FieldChange(_Shape, frozen=True, kw_only=True):
    """What a field of an entry said in the older edition and says in the newer, as JSON."""

    field: str
    before: Any
    after: Any


class EntryChange(_Shape, frozen=True, kw_only=True):
    """An entry that is in both editions and says something else in the newer."""

    vct: str
    titles: Localised
    fields: tuple[FieldChange, ...]


class EditionDifference(_Shape, frozen=True, kw_only=True):
    """What came, went and changed between two editions."""

    older: str
    newer: str
    added: tuple[EditionEntry, ...]
    removed: tuple[EditionEntry, ...]
    changed: tuple[EntryChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both editions say the same of every document."""
        return not (self.added or self.removed or self.changed)


class _Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Payload of the token. The dates of the JWT are those of the edition in it."""

    iat: NumericDate
    next_update: NumericDate
    edition: CatalogueEdition

    def __post_init__(self) -> None:
        said = (to_numeric(self.edition.issued_at), to_numeric(self.edition.next_update))
        if said != (self.iat, self.next_update):
            raise ValueError("the dates of the token and of the edition differ")

    @property
    def issued_at(self) -> datetime:
        return from_numeric(self.iat)

    @property
    def expires_at(self) -> datetime:
        return from_numeric(self.next_update)


def edition_id(month: str, correction: int) -> str:
    """Return how an edition is called: its month, and the number of its correction if it is one."""
    return f"{month}.{correction}" if correction else month


def sign_edition(edition: CatalogueEdition, *, signer: Signer, x5c: Sequence[bytes]) -> str:
    """Sign an edition as a compact JWS.

    Args:
        edition: its times are aware and in whole seconds.
        signer, x5c: key and certificate chain (DER, leaf first) with the CATALOGUE purpose.

    Raises:
        EditionTooLargeError: larger than a reader would take.
    """
    payload = {
        "iat": to_numeric(edition.issued_at),
        "next_update": to_numeric(edition.next_update),
        "edition": edition_members(edition),
    }
    token = sign_certified(payload, typ=TYP, signer=signer, x5c=x5c)
    if len(token) > MAX_TOKEN_BYTES:
        raise EditionTooLargeError(f"catalogue edition: larger than {MAX_TOKEN_BYTES} bytes", limit=MAX_TOKEN_BYTES)
    return token


def verify_edition(token: str, anchors: Sequence[x509.Certificate], now: datetime) -> CatalogueEdition:
    """Check an edition's signature up to the pinned anchors and read it, however old it is.

    Args:
        token: what `sign_edition` returned.
        anchors: pinned roots, 1 to 16.
        now: aware time of the check. An edition from the past is checked as of its own period.

    Raises:
        MalformedError: grammar, size, `typ` or shape.
        CertificateError: no path to an anchor for the purpose of signing the catalogue.
        SignatureInvalidError: changed since it was signed.
    """
    claims = verify_certified(
        token, _Claims, typ=TYP, purpose=CATALOGUE, anchors=anchors, now=now, max_bytes=MAX_TOKEN_BYTES
    )
    return claims.edition


def edition_members(edition: CatalogueEdition) -> dict[str, Any]:
    """Return an edition as JSON members, in a fixed order."""
    members: dict[str, Any] = msgspec.to_builtins(edition)
    return members


def difference(older: CatalogueEdition, newer: CatalogueEdition) -> EditionDifference:
    """Compare two editions, type by type."""
    before = {entry.vct: entry for entry in older.entries}
    after = {entry.vct: entry for entry in newer.entries}
    return EditionDifference(
        older=older.edition_id,
        newer=newer.edition_id,
        added=tuple(entry for vct, entry in after.items() if vct not in before),
        removed=tuple(entry for vct, entry in before.items() if vct not in after),
        changed=tuple(
            EntryChange(vct=vct, titles=entry.titles, fields=tuple(_field_changes(before[vct], entry)))
            for vct, entry in after.items()
            if vct in before and before[vct] != entry
        ),
    )


def _field_changes(before: EditionEntry, after: EditionEntry) -> Iterator[FieldChange]:
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    for name in EditionEntry.__struct_fields__:
        if old[name] != new[name]:
            yield FieldChange(field=name, before=old[name], after=new[name])
