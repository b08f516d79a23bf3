"""Step 10: genuine documents that this verifier does not take, or that are not good any more."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from giayto_crypto.catalogue import Catalogue, CatalogueUse
from trust_scheme import NOW
from trust_scheme.scheme import CLAIMS, RECORD, REFERRAL, SHOWN, SINGLE_USE_VCT, VCT
from verification_cases.casebook import Shown, book
from verification_cases.stage import Stage

POLICY = "docs/verification.md, step 10"
USE = "docs/catalogue.md, Verifiers"
PERIOD = "docs/verification.md, Times"
CLAIMS_RULE = "RFC 9901 §7.1 step 6; docs/document-types.md"
SECOND = timedelta(seconds=1)
MIDNIGHT = datetime.fromisoformat("2026-11-23T00:00:00+07:00")
"""The end of the day of the check, in Vietnam."""


def of_period(s: Stage, at: datetime = NOW, **dates: Any) -> Shown:
    """Show a document of these dates, freshly, at that time."""
    text = s.presentation(s.credential(claims={**CLAIMS, **dates}), at=at.astimezone(NOW.tzinfo) - 10 * SECOND)
    return Shown(text=text, at=at.astimezone(NOW.tzinfo))


@book.valid(10, POLICY)
def valid_under_a_narrow_policy(s: Stage) -> Shown:
    """Nothing: this type of this agency, with a claim that the verifier demands."""
    policy = {"accepted_types": [VCT], "accepted_agencies": ["G18"], "required_claims": ["full_name"]}
    return Shown(text=s.presentation(), policy=policy)


@book.invalid(10, POLICY, "type_not_accepted")
def type_not_accepted(s: Stage) -> Shown:
    """The verifier takes another type only."""
    return Shown(text=s.presentation(), policy={"accepted_types": [SINGLE_USE_VCT]})


@book.invalid(10, POLICY, "type_not_accepted")
def no_type_accepted(s: Stage) -> Shown:
    """The verifier's list of types is empty: that means none, not all."""
    return Shown(text=s.presentation(), policy={"accepted_types": []})


@book.invalid(10, POLICY, "agency_not_accepted")
def agency_not_accepted(s: Stage) -> Shown:
    """The verifier takes documents of another agency only."""
    return Shown(text=s.presentation(), policy={"accepted_agencies": ["H26"]})


@book.invalid(10, CLAIMS_RULE, "required_claim_missing")
def end_of_the_document_hidden(s: Stage) -> str:
    """The holder hides the claim that ends the document, which its type requires."""
    return s.presentation(shown=[("full_name",), ("issued_on",)])


@book.invalid(10, CLAIMS_RULE, "required_claim_missing")
def nothing_shown(s: Stage) -> str:
    """A document without a single claim."""
    return s.presentation(shown=[])


@book.valid(10, CLAIMS_RULE)
def valid_with_nothing_shown(s: Stage) -> str:
    """Nothing: a document without a single claim, of a type that requires none."""
    return s.presentation(s.credential(vct=SINGLE_USE_VCT), shown=[])


@book.invalid(10, POLICY, "required_claim_missing")
def claim_of_the_policy_hidden(s: Stage) -> Shown:
    """The holder hides a claim that this verifier needs."""
    return Shown(text=s.presentation(), policy={"required_claims": ["personal_number"]})


@book.unknown(10, POLICY, "bundle_outdated")
def type_not_in_the_catalogue(s: Stage) -> Shown:
    """The agency may issue the type, and the catalogue does not describe it: what it requires cannot be told."""
    bundle = s.bundle_token(catalogue=Catalogue(entries=(REFERRAL,)))
    return Shown(text=s.presentation(), bundle=bundle)


@book.valid(10, PERIOD)
def valid_in_the_last_second_of_the_documents_last_day(s: Stage) -> Shown:
    """Nothing: one second before midnight in Vietnam of the day with which the document ends."""
    return of_period(s, MIDNIGHT - SECOND, valid_until="2026-11-22")


@book.invalid(10, PERIOD, "document_expired")
def document_ended_at_midnight_in_vietnam(s: Stage) -> Shown:
    """Midnight in Vietnam after the document's last day, which is still that day in UTC."""
    return of_period(s, MIDNIGHT, valid_until="2026-11-22")


@book.invalid(10, PERIOD, "document_expired")
def document_ended_this_second(s: Stage) -> Shown:
    """The document ends at a time, and it has come."""
    return of_period(s, valid_until="2026-11-22T16:00:30+07:00")


@book.valid(10, PERIOD)
def valid_one_second_before_the_documents_end(s: Stage) -> Shown:
    """Nothing: the document ends one second after the check."""
    return of_period(s, valid_until="2026-11-22T16:00:31+07:00")


@book.valid(10, PERIOD)
def valid_in_the_first_second_of_the_documents_first_day(s: Stage) -> Shown:
    """Nothing: midnight in Vietnam of the day with which the document begins."""
    return of_period(s, MIDNIGHT, issued_on="2026-11-23")


@book.invalid(10, PERIOD, "document_not_yet_valid")
def document_begins_in_one_second(s: Stage) -> Shown:
    """One second before midnight in Vietnam of the day with which the document begins."""
    return of_period(s, MIDNIGHT - SECOND, issued_on="2026-11-23")


def asked_for(s: Stage, purpose: str | None, **use: Any) -> Shown:
    """Show a document of a type of this use to a verifier that asks for a purpose."""
    ruled = msgspec.structs.replace(RECORD, use=CatalogueUse(**use))
    bundle = s.bundle_token(catalogue=Catalogue(entries=(ruled, REFERRAL)))
    policy = {} if purpose is None else {"purpose": purpose}
    return Shown(text=s.presentation(), bundle=bundle, policy=policy)


@book.invalid(10, USE, "type_not_demandable")
def asked_for_what_nobody_may_demand(s: Stage) -> Shown:
    """The verifier asks for a document that only its holder decides to show."""
    return asked_for(s, "Y_TE", demandable=False)


@book.valid(10, USE)
def valid_when_shown_unasked(s: Stage) -> Shown:
    """Nothing: nobody may demand the document, and the holder shows it unasked."""
    return asked_for(s, None, demandable=False)


@book.invalid(10, USE, "purpose_not_allowed")
def asked_for_another_purpose(s: Stage) -> Shown:
    """The verifier asks for a purpose that the type does not allow."""
    return asked_for(s, "THUE_NHA", purposes=("Y_TE", "AN_NINH"))


@book.valid(10, USE)
def valid_for_an_allowed_purpose(s: Stage) -> Shown:
    """Nothing: the verifier asks for one of the purposes of the type."""
    return asked_for(s, "AN_NINH", purposes=("Y_TE", "AN_NINH"))


@book.valid(10, USE)
def valid_for_any_purpose(s: Stage) -> Shown:
    """Nothing: the type names no purposes, so that it may be asked for any."""
    return asked_for(s, "THUE_NHA")


UNREADABLE = {
    "document-end-in-vietnamese-order": ("A date as 20/05/2027.", "20/05/2027"),
    "document-end-without-hyphens": ("A date as 20270520.", "20270520"),
    "document-end-of-a-day-that-is-not": ("The 31st of a month of 30 days.", "2027-04-31"),
    "document-end-without-zone": ("A time without a zone.", "2027-05-20T12:00:00"),
    "document-end-is-a-number": ("A date as a number.", 20270520),
    "document-end-is-an-object": ("An object in the place of a date.", {"date": "2027-05-20"}),
}
for case_id, (flaw, value) in UNREADABLE.items():

    def with_end(s: Stage, value: Any = value) -> Shown:
        return of_period(s, valid_until=value)

    book.add(case_id, flaw, 10, PERIOD, "invalid", "document_period_unreadable", make=with_end)


@book.valid(10, PERIOD)
def valid_without_an_end_of_the_document(s: Stage) -> Shown:
    """Nothing: the end is shown and is null, by which the document has none."""
    return of_period(s, valid_until=None)


@book.invalid(10, "docs/document-types.md", "required_claim_missing")
def type_rule_reads_the_catalogue_not_the_document(s: Stage) -> Shown:
    """A newer catalogue requires a claim that was not required when the document was shown."""
    stricter = msgspec.structs.replace(RECORD, required_claims=("issued_on", "valid_until", "birth_date"))
    bundle = s.bundle_token(catalogue=Catalogue(entries=(stricter, REFERRAL)))
    return Shown(text=s.presentation(shown=SHOWN), bundle=bundle)
