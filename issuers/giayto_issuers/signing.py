"""From a valid record to signed credentials, with a last look at what is about to be signed.

Signing is two steps, so that what will be signed can be journalled in between: `prepare_document` decides everything
and checks it against type, profile and certificate; `sign_copy` only signs, once for each device of the holder.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

from giayto_crypto.certificates import CREDENTIAL_ISSUER
from giayto_crypto.errors import KeyFormatError
from giayto_crypto.keys import PublicKey, Signer
from giayto_crypto.sdjwt import StatusReference, issue_credential
from giayto_crypto.sdjwt.token import MAX_CREDENTIAL_BYTES
from giayto_issuers.claims import check_claims, disclosable
from giayto_issuers.document_type.model import DocumentType
from giayto_issuers.errors import AgencyNotEntitledError, NotSignableError
from giayto_issuers.records.validation import ValidRecord
from giayto_issuers.validity import CredentialTimes, credential_times, document_period
from giayto_issuers.values.times import day_in_vietnam


@dataclass(frozen=True, slots=True)
class IssuingAgency:
    """An agency that can sign.

    Attributes:
        agency_id: in today's form, such as `G01.12`.
        issuer: its https URL, the `iss` of its credentials.
        signer: its key.
        x5c: DER certificates, leaf first, anchor left out.
    """

    agency_id: str
    issuer: str
    signer: Signer
    x5c: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """Everything that the copies of one document will say, checked and ready to be signed.

    Attributes:
        vct: the document type.
        issuer: `iss`.
        times: `iat`, `nbf`, `exp`.
        claims: with disclosure marks.
    """

    vct: str
    issuer: str
    times: CredentialTimes
    claims: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"PreparedDocument(vct={self.vct!r}, issuer={self.issuer!r}, …)"


def check_issuer(document_type: DocumentType, agency: IssuingAgency, now: datetime) -> None:
    """Check that an agency can sign documents of a type at all, before any record is looked at.

    Raises:
        AgencyNotEntitledError: the type does not foresee the agency as an issuer.
        NotSignableError: its issuer URL or its certificate do not allow it.
    """
    if not document_type.may_be_issued_by(agency.agency_id):
        raise AgencyNotEntitledError(
            f"signing: {document_type.code} is issued by {', '.join(document_type.agencies)}, and this agency is"
            f" {agency.agency_id}; take another document type, or the configuration of such an agency",
            agency_id=agency.agency_id,
            document_type=document_type.code,
        )
    _check_issuer_url(agency)
    _check_certificate(agency, now)


def prepare_document(
    document_type: DocumentType, record: ValidRecord, *, agency: IssuingAgency, now: datetime
) -> PreparedDocument:
    """Decide and check all that a document's copies will say.

    Args:
        document_type: of the record.
        record: validated, and matched with the population record by the caller.
        agency: who signs.
        now: time of signing, aware.

    Raises:
        NotSignableError: the agency, its certificate or the period do not allow it.
        ClaimsError: the record's claims are not those of the type.
        CalendarError: the period needs holidays that are not known.
    """
    if record.vct != document_type.vct:
        raise NotSignableError("signing: the record was checked against another document type")
    check_issuer(document_type, agency, now)
    if check_claims(document_type, record.claims) != record.subject:
        raise NotSignableError("signing: the record's claims are about another subject")
    period = document_period(document_type.validity, record.claims, signed_on=day_in_vietnam(now))
    return PreparedDocument(
        vct=document_type.vct,
        issuer=agency.issuer,
        times=credential_times(document_type.validity, period, now),
        claims=disclosable(document_type, record.claims),
    )


def sign_copy(
    document: PreparedDocument, *, agency: IssuingAgency, holder_key: PublicKey, status: StatusReference
) -> str:
    """Sign one copy of a prepared document.

    Args:
        document: as prepared for the same agency.
        agency: who signs.
        holder_key: of the device that will hold this copy; goes into `cnf`.
        status: reserved for this copy alone.

    Returns:
        The credential as compact SD-JWT, `<JWS>~<disclosure>~…~`.

    Raises:
        NotSignableError: prepared for another agency, no usable status reference, or too large for a wallet.
    """
    if document.issuer != agency.issuer:
        raise NotSignableError("signing: the document was prepared for another agency")
    _check_status(status)
    credential = issue_credential(
        issuer=document.issuer,
        vct=document.vct,
        holder_key=holder_key,
        status=status,
        issued_at=document.times.issued_at,
        not_before=document.times.not_before,
        expires_at=document.times.expires_at,
        claims=document.claims,
        signer=agency.signer,
        x5c=agency.x5c,
    )
    if len(credential) > MAX_CREDENTIAL_BYTES:
        raise NotSignableError(
            f"signing: the credential is larger than {MAX_CREDENTIAL_BYTES} bytes", limit=MAX_CREDENTIAL_BYTES
        )
    return credential


def _check_issuer_url(agency: IssuingAgency) -> None:
    url = urlsplit(agency.issuer)
    if url.scheme != "https" or not url.hostname or url.query or url.fragment or url.username is not None:
        raise NotSignableError("signing: the agency's issuer must be an https URL without query and fragment")


def _check_certificate(agency: IssuingAgency, now: datetime) -> None:
    if not agency.x5c:
        raise NotSignableError("signing: the agency has no certificate")
    certified = _read_leaf(agency.x5c[0])
    if certified.key != agency.signer.public_key:
        raise NotSignableError("signing: the leaf certificate is not of the agency's signing key")
    if agency.issuer not in certified.uris:
        raise NotSignableError("signing: the leaf certificate does not name the agency's issuer URL")
    if CREDENTIAL_ISSUER not in certified.purposes:
        raise NotSignableError("signing: the leaf certificate was not made for issuing credentials")
    if not certified.not_before <= now <= certified.not_after:
        raise NotSignableError("signing: the leaf certificate is outside its validity period")


@dataclass(frozen=True, slots=True)
class _Certified:
    """What a leaf certificate says of its agency."""

    key: PublicKey
    uris: frozenset[str]
    purposes: frozenset[x509.ObjectIdentifier]
    not_before: datetime
    not_after: datetime


@lru_cache(maxsize=16)
def _read_leaf(der: bytes) -> _Certified:
    # All documents of a push are signed under one certificate: it is read once, and its period compared each time.
    try:
        leaf = x509.load_der_x509_certificate(der)
        return _Certified(
            key=PublicKey.from_certificate(leaf),
            uris=frozenset(
                leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(
                    x509.UniformResourceIdentifier
                )
            ),
            purposes=frozenset(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value),
            not_before=leaf.not_valid_before_utc,
            not_after=leaf.not_valid_after_utc,
        )
    except (ValueError, KeyFormatError, x509.ExtensionNotFound) as error:
        raise NotSignableError("signing: the agency's leaf certificate lacks a P-256 key, SAN or EKU") from error


def _check_status(status: StatusReference) -> None:
    if status.idx < 0 or urlsplit(status.uri).scheme not in ("https", "http"):
        raise NotSignableError("signing: the status reference needs an index and a URL")
