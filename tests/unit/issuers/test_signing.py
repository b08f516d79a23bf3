"""From a valid record to signed copies, and everything that stops a signature."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from giayto_crypto.certificates import BUNDLE, CREDENTIAL_ISSUER
from giayto_crypto.keys import LocalSigner
from giayto_crypto.sdjwt import StatusReference, UnverifiedSdJwt, verify_issuer_signature
from giayto_crypto.sdjwt.token import MAX_CREDENTIAL_BYTES
from giayto_issuers import (
    DocumentType,
    IssuingAgency,
    PreparedDocument,
    ValidRecord,
    check_claims,
    check_issuer,
    check_signed_payload,
    load_builtin_types,
    prepare_document,
    sign_copy,
    validate_record,
)
from giayto_issuers.errors import AgencyNotEntitledError, ClaimsError, NotSignableError
from giayto_issuers.subjects import Subject
from giayto_issuers.values.times import end_of_day
from sample_records import AGENCIES, PERSON, ROWS, health_book
from trust_scheme.pki import BEGIN, END, Authority

NOW = datetime(2026, 11, 22, 9, 47, 12, tzinfo=UTC)
ISSUER = "https://h26.agency.example"
STATUS = StatusReference("https://wallet.example/public/v1/status-lists/1", 70_321)
TYPES = load_builtin_types()
ROOT = Authority.root()
HOLDER = LocalSigner.generate()


def agency(agency_id: str = "H26.15", *, issuer: str = ISSUER, **wrong: Any) -> IssuingAgency:
    usages = wrong.pop("usages", (CREDENTIAL_ISSUER,))
    certified = ROOT.certify(*usages, uris=wrong.pop("uris", [ISSUER]), **wrong)
    return IssuingAgency(agency_id, issuer, certified.signer, certified.x5c)


AGENCY = agency()
HEALTH_BOOK = TYPES["health-book"]
RECORD = validate_record(HEALTH_BOOK, health_book(), 1)


def prepare(
    record: ValidRecord = RECORD,
    by: IssuingAgency = AGENCY,
    document_type: DocumentType = HEALTH_BOOK,
    now: datetime = NOW,
) -> PreparedDocument:
    return prepare_document(document_type, record, agency=by, now=now)


@pytest.mark.parametrize("code", ROWS)
def test_every_type_is_signed_and_says_what_the_record_says(code: str) -> None:
    document_type, by = TYPES[code], agency(AGENCIES[code])
    record = validate_record(document_type, ROWS[code](), 1)
    signed = sign_copy(prepare(record, by, document_type), agency=by, holder_key=HOLDER.public_key, status=STATUS)
    authentic = verify_issuer_signature(UnverifiedSdJwt.parse(signed), by.signer.public_key)
    assert {name: authentic.claims[name] for name in record.claims} == record.claims
    assert check_claims(document_type, authentic.claims) == record.subject
    check_signed_payload(authentic.payload)
    assert authentic.issuer == ISSUER
    assert authentic.vct == document_type.vct
    assert authentic.holder_key == HOLDER.public_key
    assert authentic.status == STATUS
    assert authentic.issued_at == authentic.not_before == datetime(2026, 11, 22, 9, tzinfo=UTC)
    longest = datetime(2026, 11, 22, 17, tzinfo=UTC) + timedelta(days=document_type.validity.credential_days)
    ends = longest if record.valid_until is None else end_of_day(record.valid_until)
    assert authentic.expires_at == min(longest, ends)


def test_copies_of_one_document_share_nothing_but_what_they_say() -> None:
    document = prepare()
    copies = [
        UnverifiedSdJwt.parse(
            sign_copy(
                document,
                agency=AGENCY,
                holder_key=LocalSigner.generate().public_key,
                status=StatusReference(STATUS.uri, index),
            )
        )
        for index in range(2)
    ]
    digests = [{disclosure.digest for disclosure in copy.disclosures} for copy in copies]
    assert not digests[0] & digests[1]
    assert [len(each) for each in digests] == [len(copy.disclosures) for copy in copies]


WRONG_AGENCIES = {
    "another agency's type": (lambda: agency("G15"), "this agency is G15"),
    "the level above": (lambda: agency("H26"), "this agency is H26;"),
    "http": (lambda: agency(issuer="http://h26.agency.example"), "https"),
    "no host": (lambda: agency(issuer="https:///x"), "https"),
    "query": (lambda: agency(issuer=ISSUER + "?a=1"), "https"),
    "fragment": (lambda: agency(issuer=ISSUER + "#a"), "https"),
    "credentials in the URL": (lambda: agency(issuer="https://u:p@h26.agency.example"), "https"),
    "no certificate": (lambda: dataclasses.replace(AGENCY, x5c=()), "no certificate"),
    "broken certificate": (lambda: dataclasses.replace(AGENCY, x5c=(b"x",)), "lacks a P-256 key"),
    "no EKU": (lambda: agency(usages=()), "lacks a P-256 key, SAN or EKU"),
    "no SAN": (lambda: agency(uris=()), "lacks a P-256 key, SAN or EKU"),
    "another purpose": (lambda: agency(usages=(BUNDLE,)), "not made for issuing"),
    "another URL": (lambda: agency(uris=["https://h27.agency.example"]), "does not name"),
    "another key": (lambda: dataclasses.replace(AGENCY, signer=LocalSigner.generate()), "not of the agency's"),
    "expired certificate": (lambda: agency(end=NOW - timedelta(seconds=1)), "outside its validity"),
    "certificate of tomorrow": (lambda: agency(begin=NOW + timedelta(seconds=1)), "outside its validity"),
}  # fmt: skip


@pytest.mark.parametrize(("make", "reason"), WRONG_AGENCIES.values(), ids=WRONG_AGENCIES.keys())
def test_an_agency_that_may_not_sign_does_not(make: Any, reason: str) -> None:
    with pytest.raises(NotSignableError) as caught:
        prepare(by=make())
    assert reason in caught.value.detail


def test_whether_an_agency_may_sign_at_all_is_known_before_any_record() -> None:
    check_issuer(TYPES["health-book"], agency("G18"), NOW)
    with pytest.raises(AgencyNotEntitledError, match=r"health-book is issued by .*this agency is G01; take") as caught:
        check_issuer(TYPES["health-book"], agency("G01"), NOW)
    assert caught.value.code == "agency_not_entitled"
    with pytest.raises(NotSignableError, match="no certificate"):
        check_issuer(TYPES["health-book"], dataclasses.replace(agency("G18"), x5c=()), NOW)


def test_a_certificate_counts_to_its_last_second() -> None:
    prepare(now=BEGIN)
    prepare(now=END)
    with pytest.raises(NotSignableError):
        prepare(now=END + timedelta(seconds=1))


def test_a_record_of_another_type_is_not_signed() -> None:
    with pytest.raises(NotSignableError, match="another document type"):
        prepare(by=agency("H26"), document_type=TYPES["procedure-result"])


def test_claims_are_looked_at_again_before_signing() -> None:
    changed = dataclasses.replace(RECORD, claims={**RECORD.claims, "full_name": "  x  "})
    with pytest.raises(ClaimsError, match="full_name"):
        prepare(changed)


def test_a_record_about_somebody_else_is_not_signed() -> None:
    with pytest.raises(NotSignableError, match="another subject"):
        prepare(dataclasses.replace(RECORD, subject=Subject("person", "001301012346")))


@pytest.mark.parametrize(
    "status", [StatusReference(STATUS.uri, -1), StatusReference("", 1), StatusReference("ftp://wallet.example/1", 1)]
)
def test_a_copy_needs_a_status(status: StatusReference) -> None:
    with pytest.raises(NotSignableError, match="status reference"):
        sign_copy(prepare(), agency=AGENCY, holder_key=HOLDER.public_key, status=status)


def test_a_document_prepared_for_one_agency_is_not_signed_by_another() -> None:
    other = agency(issuer="https://h27.agency.example", uris=["https://h27.agency.example"])
    with pytest.raises(NotSignableError, match="another agency"):
        sign_copy(prepare(), agency=other, holder_key=HOLDER.public_key, status=STATUS)


def test_a_credential_that_no_wallet_would_read_is_not_signed() -> None:
    visit = {"MA_CSKCB": "01901", "NGAY_VAO": "202610081430", "LY_DO_VV": "đ" * 2000}
    record = validate_record(HEALTH_BOOK, health_book(DOT_KCB=[visit] * 100), 1)
    with pytest.raises(NotSignableError, match=str(MAX_CREDENTIAL_BYTES)):
        sign_copy(prepare(record), agency=AGENCY, holder_key=HOLDER.public_key, status=STATUS)


def test_nothing_prepared_shows_what_it_says() -> None:
    document = prepare()
    assert PERSON["name"] not in repr(document)
    assert PERSON["number"] not in repr(document)
