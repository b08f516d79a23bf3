"""Each built-in document type from a source row to a verdict, also when something is hidden or no longer in force."""

from functools import cache

import pytest

from giayto_crypto.bundle import VerifierBundle
from giayto_crypto.catalogue import Catalogue
from giayto_crypto.qr import pack, unpack
from giayto_crypto.sdjwt import StatusReference
from giayto_crypto.status_list import StatusValue
from giayto_issuers import DocumentType, IssuingAgency, load_builtin_types, prepare_document, sign_copy, validate_record
from giayto_issuers.subjects import NAME_CLAIM
from giayto_verifiers import Valid
from giayto_verifiers.presentations import plain
from sample_records import AGENCIES, ROWS
from trust_scheme.checking import check, reasons
from trust_scheme.scheme import ISS, NOW, STATUS_URI, Scheme

TYPES = load_builtin_types()
SCHEME = Scheme()
INDEX = 5
each_type = pytest.mark.parametrize("document_type", list(TYPES), ids=lambda entry: entry.code)


@cache
def bundle(status: StatusValue = StatusValue.VALID) -> VerifierBundle:
    """What a verifier knows: all types, one agency that may issue them, and the status of the one document."""
    return SCHEME.bundle(
        catalogue=Catalogue(tuple(entry.catalogue_entry() for entry in TYPES)),
        trust_list=SCHEME.with_entry(vcts=tuple(entry.vct for entry in TYPES)),
        status_lists={STATUS_URI: SCHEME.status_list_token([(INDEX, status)])},
    )


@cache
def credential(code: str) -> str:
    document_type, signing = TYPES[code], SCHEME.agency
    agency = IssuingAgency(AGENCIES[code], ISS, signing.signer, signing.x5c)
    document = prepare_document(document_type, validate_record(document_type, ROWS[code](), 1), agency=agency, now=NOW)
    status = StatusReference(STATUS_URI, INDEX)
    return sign_copy(document, agency=agency, holder_key=SCHEME.holder.public_key, status=status)


def shown_claims(document_type: DocumentType) -> tuple[str, ...]:
    """The holder's name and what the type demands: the least that says something."""
    return (NAME_CLAIM[document_type.holder_kind], *document_type.required_claims)


def present(code: str, shown: tuple[str, ...]) -> str:
    return SCHEME.presentation(credential(code), shown=[(name,) for name in shown])


def test_every_type_has_a_sample_row_and_an_agency() -> None:
    assert {entry.code for entry in TYPES} == set(ROWS) == set(AGENCIES)


@each_type
def test_a_record_becomes_a_qr_that_verifies(document_type: DocumentType) -> None:
    shown = shown_claims(document_type)
    presentation = present(document_type.code, shown)
    qr = pack(presentation)
    assert unpack(qr, bundle().references) == presentation
    verdict = check(bundle(), qr)
    assert isinstance(verdict, Valid)
    claims = validate_record(document_type, ROWS[document_type.code](), 1).claims
    seen = {name: value for name, value in plain(verdict.presentation.claims).items() if name in claims}
    assert seen == {name: claims[name] for name in shown}
    assert len(claims) > len(seen)


REQUIRED = [(entry.code, name) for entry in TYPES for name in entry.required_claims]


@pytest.mark.parametrize(("code", "hidden"), REQUIRED)
def test_a_document_without_what_it_must_show_is_refused(code: str, hidden: str) -> None:
    shown = tuple(name for name in shown_claims(TYPES[code]) if name != hidden)
    assert reasons(bundle(), present(code, shown)) == ("required_claim_missing",)


@each_type
@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (StatusValue.INVALID, "revoked"),
        (StatusValue.SUSPENDED, "suspended"),
        (StatusValue.CONSUMED, "consumed"),
    ],
)
def test_the_live_status_decides_over_the_paper(document_type: DocumentType, status: StatusValue, reason: str) -> None:
    text = present(document_type.code, shown_claims(document_type))
    assert reasons(bundle(status), text) == (reason,)
