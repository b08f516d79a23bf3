"""The trust list: which certificate speaks for which agency, for which document types, from when to when.

A certificate path only proves that the root's operator issued a certificate. Authority is what this list adds:
certificate -> `iss` -> `vct`s -> period. On the wire it is a List of Trusted Entities (ETSI TS 119 602, see
`giayto_crypto.lote`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

from cryptography import x509

from giayto_crypto import lote
from giayto_crypto.certificates import TRUST_LIST
from giayto_crypto.certified_jws import read_claims, sign_certified, verify_certified
from giayto_crypto.errors import GiaytoError, TrustListError
from giayto_crypto.jws import parse
from giayto_crypto.keys import Signer
from giayto_crypto.localised import Localised

TYP = "giayto-trust-list+jwt"
MAX_TOKEN_BYTES = 16 * 1024 * 1024
ISSUE_TIME_ROUNDING = timedelta(hours=1)
"""A credential's `iat` is rounded down to the hour, so it may seem up to this much older than it is."""


class IssuerStatus(StrEnum):
    """What the scheme says of an entry."""

    GRANTED = "granted"
    WITHDRAWN = "withdrawn"
    """May issue no longer; what was issued before stays good (a merged agency, a replaced key)."""
    COMPROMISED = "compromised"
    """Somebody else may hold the key. Whoever holds it can write any issue time, so nothing it signed is believed."""


class AuthorityError(GiaytoError):
    """The trust list does not let this certificate speak for this issuer and type at this time."""

    code = "issuer_not_authorised"
    message_vi = "Cơ quan ký không có thẩm quyền cấp giấy tờ này."
    message_en = "The signer has no authority to issue this document."


class IssuerUnknownError(AuthorityError):
    """The certificate is not entered at all."""

    code = "issuer_unknown"
    message_vi = "Chứng thư của bên ký không có trong danh sách tin cậy."
    message_en = "The signer's certificate is not in the trust list."


class IssuerMismatchError(AuthorityError):
    """The certificate is entered for another `iss`."""

    code = "issuer_mismatch"
    message_vi = "Chứng thư số không thuộc cơ quan ghi trên giấy tờ."
    message_en = "The certificate does not belong to the agency that the document names."


class TypeNotAuthorisedError(AuthorityError):
    """The agency may not issue this document type."""

    code = "type_not_authorised"
    message_vi = "Cơ quan này không có thẩm quyền cấp loại giấy tờ này."
    message_en = "This agency may not issue this type of document."


class AuthorityPeriodError(AuthorityError):
    """The document was issued outside the period of the agency's entry."""

    code = "authority_period"
    message_vi = "Giấy tờ được cấp ngoài thời gian cơ quan có thẩm quyền."
    message_en = "The document was issued outside the agency's period of authority."


class AuthorityWithdrawnError(AuthorityError):
    """The document was issued after the agency's authority was withdrawn."""

    code = "authority_withdrawn"
    message_vi = "Giấy tờ được cấp sau khi thẩm quyền của cơ quan đã bị thu hồi."
    message_en = "The document was issued after the agency's authority was withdrawn."


class IssuerCompromisedError(AuthorityError):
    """The key that signed is known or feared to be in other hands."""

    code = "issuer_compromised"
    message_vi = "Khóa ký của cơ quan đã bị lộ; giấy tờ phải được cấp lại."
    message_en = "The agency's signing key was compromised; the document must be issued again."


class TrustListExpiredError(TrustListError):
    """The list's next update was due, or its issue time has not come yet."""

    code = "trust_list_expired"
    retryable = True
    message_vi = "Danh sách tin cậy đã quá hạn cập nhật; hãy cập nhật."
    message_en = "The trust list is past its next update; refresh it."


class TrustListRolledBackError(TrustListError):
    """The list is older than one that was seen before."""

    code = "trust_list_rolled_back"
    message_vi = "Danh sách tin cậy cũ hơn danh sách đã biết."
    message_en = "The trust list is older than one that is already known."


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedIssuer:
    """One certificate of one agency, with what it may sign. A key roll-over is a second entry of the same agency.

    Attributes:
        agency_id: such as `G18`, `H26`, `H15.50.05.13`.
        names: of the agency.
        iss: https URL that its credentials carry.
        x5c: certificate chain as DER, leaf first, anchor left out.
        vcts: document types it may issue with this certificate.
        valid_from, valid_until: documents issued in this period are covered (first second, and first second after).
        status, status_since: granted, withdrawn or compromised, and since when.
        successor_agency_id: who took over, after a merger.
    """

    agency_id: str
    names: Localised
    iss: str
    x5c: tuple[bytes, ...]
    vcts: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    status: IssuerStatus = IssuerStatus.GRANTED
    status_since: datetime
    successor_agency_id: str | None = None

    @property
    def leaf_sha256(self) -> bytes:
        """SHA-256 of the leaf certificate, the entry's name in look-ups."""
        return sha256(self.x5c[0]).digest()

    def require_authority(self, vct: str, at: datetime) -> None:
        """Check that a document of this type issued at that time is covered; see `TrustList.authority`."""
        if self.status is IssuerStatus.COMPROMISED:
            raise IssuerCompromisedError("trust list: the entry is marked compromised")
        if vct not in self.vcts:
            raise TypeNotAuthorisedError("trust list: the entry does not cover this vct")
        if not self.valid_from - ISSUE_TIME_ROUNDING < at < self.valid_until:
            raise AuthorityPeriodError("trust list: issued outside the entry's period")
        if self.status is IssuerStatus.WITHDRAWN and at >= self.status_since:
            raise AuthorityWithdrawnError("trust list: issued after the authority was withdrawn")


@dataclass(frozen=True)
class TrustList:
    """All entries of one edition.

    Attributes:
        sequence: grows by one with every edition.
        issued_at, next_update: the edition's period; after it a new one must be fetched.
        operator: who keeps the list.
        issuers: the entries, several of one agency if it has several certificates.
    """

    sequence: int
    issued_at: datetime
    next_update: datetime
    operator: Localised
    issuers: tuple[TrustedIssuer, ...]

    def __post_init__(self) -> None:
        places = {(issuer.leaf_sha256, issuer.iss) for issuer in self.issuers}
        if len(places) != len(self.issuers):
            raise TrustListError("trust list: two entries have the same certificate and iss")

    @cached_property
    def _by_leaf(self) -> dict[bytes, list[TrustedIssuer]]:
        entries: dict[bytes, list[TrustedIssuer]] = {}
        for issuer in self.issuers:
            entries.setdefault(issuer.leaf_sha256, []).append(issuer)
        return entries

    def authority(self, leaf_sha256: bytes, iss: str, vct: str, at: datetime) -> TrustedIssuer:
        """Return the entry that lets a certificate issue a document type.

        Args:
            leaf_sha256: SHA-256 of the signer's certificate (DER).
            iss: the credential's issuer, compared byte for byte.
            vct: the credential's type.
            at: when the credential was issued (its `iat`, rounded down to the hour); for a new one, now.

        Raises:
            IssuerUnknownError: the certificate is not entered.
            IssuerMismatchError: it is entered, but for another `iss`.
            TypeNotAuthorisedError: it may not issue this type.
            AuthorityPeriodError: issued outside the entry's period.
            AuthorityWithdrawnError: issued after the authority was withdrawn.
            IssuerCompromisedError: the entry is marked compromised.
        """
        entries = self._by_leaf.get(leaf_sha256)
        if entries is None:
            raise IssuerUnknownError("trust list: no entry for this certificate")
        entry = next((candidate for candidate in entries if candidate.iss == iss), None)
        if entry is None:
            raise IssuerMismatchError("trust list: this certificate is entered for another iss")
        entry.require_authority(vct, at)
        return entry

    def require_current(self, now: datetime) -> None:
        """Refuse an edition outside its own period; TrustListExpiredError."""
        if not self.issued_at - timedelta(minutes=1) <= now < self.next_update:
            raise TrustListExpiredError("trust list: not current at the time of the check")

    def require_no_older_than(self, sequence: int) -> None:
        """Refuse an edition older than one that was seen before; TrustListRolledBackError."""
        if self.sequence < sequence:
            raise TrustListRolledBackError("trust list: older than one seen before", known=sequence)


def sign_trust_list(trust_list: TrustList, *, signer: Signer, x5c: Sequence[bytes]) -> str:
    """Sign an edition; key and certificate chain (DER, leaf first) must have the TRUST_LIST purpose."""
    return sign_certified({"LoTE": _to_lote(trust_list).members()}, typ=TYP, signer=signer, x5c=x5c)


def verify_trust_list(
    token: str, anchors: Sequence[x509.Certificate], now: datetime, *, minimum_sequence: int = 0
) -> TrustList:
    """Check and read a signed trust list.

    Args:
        token: what `sign_trust_list` returned.
        anchors: pinned roots.
        now: aware time of the check.
        minimum_sequence: the newest edition seen so far; older ones are refused.

    Raises:
        TrustListExpiredError: authentic, but past its next update (or from the future).
        TrustListRolledBackError: older than `minimum_sequence`.
        TrustListError: contradicts itself.
        MalformedError, CertificateError, SignatureInvalidError: not authentic.
    """
    trust_list = authenticate_trust_list(token, anchors=anchors, now=now)
    trust_list.require_current(now)
    trust_list.require_no_older_than(minimum_sequence)
    return trust_list


def authenticate_trust_list(token: str, *, anchors: Sequence[x509.Certificate], now: datetime) -> TrustList:
    """Check who signed a list and read it, without asking whether it is current; see `verify_trust_list`."""
    claims = verify_certified(
        token, lote.Claims, typ=TYP, purpose=TRUST_LIST, anchors=anchors, now=now, max_bytes=MAX_TOKEN_BYTES
    )
    return _from_lote(claims.LoTE)


def read_unverified_trust_list(token: str) -> TrustList:
    """Read a list without asking who signed it: nothing that it says may be relied on."""
    payload = parse(token, typ=TYP, max_bytes=MAX_TOKEN_BYTES).unverified_payload()
    return _from_lote(read_claims(payload, lote.Claims).LoTE)


def _to_lote(trust_list: TrustList) -> lote.ListOfTrustedEntities:
    by_agency: dict[str, list[TrustedIssuer]] = {}
    for issuer in trust_list.issuers:
        by_agency.setdefault(issuer.agency_id, []).append(issuer)
    return lote.ListOfTrustedEntities(
        ListAndSchemeInformation=lote.SchemeInformation(
            LoTEVersionIdentifier=lote.VERSION,
            LoTESequenceNumber=trust_list.sequence,
            LoTEType=lote.LIST_TYPE,
            SchemeOperatorName=lote.multilingual(trust_list.operator),
            SchemeTerritory="VN",
            ListIssueDateTime=trust_list.issued_at,
            NextUpdate=trust_list.next_update,
        ),
        TrustedEntitiesList=tuple(_to_entity(entries) for entries in by_agency.values()),
    )


def _to_entity(entries: Sequence[TrustedIssuer]) -> lote.TrustedEntity:
    first = entries[0]
    if any((e.names, e.successor_agency_id) != (first.names, first.successor_agency_id) for e in entries):
        raise TrustListError("trust list: entries of one agency differ in name or successor")
    return lote.TrustedEntity(
        TrustedEntityInformation=lote.EntityInformation(
            TEName=lote.multilingual(first.names),
            TEInformationExtensions=(
                lote.AgencyExtension(first.agency_id, successor_agency_id=first.successor_agency_id),
            ),
        ),
        TrustedEntityServices=tuple(_to_service(entry) for entry in entries),
    )


def _to_service(entry: TrustedIssuer) -> lote.Service:
    return lote.Service(
        ServiceInformation=lote.ServiceInformation(
            ServiceTypeIdentifier=lote.ISSUANCE_SERVICE,
            ServiceDigitalIdentity=lote.DigitalIdentity(tuple(lote.PkiObject(der) for der in entry.x5c)),
            ServiceStatus=lote.ServiceStatus[entry.status.name],
            StatusStartingTime=entry.status_since,
            ServiceInformationExtensions=(
                lote.IssuanceExtension(
                    iss=entry.iss, vcts=entry.vcts, valid_from=entry.valid_from, valid_until=entry.valid_until
                ),
            ),
        )
    )


def _from_lote(document: lote.ListOfTrustedEntities) -> TrustList:
    scheme = document.ListAndSchemeInformation
    return TrustList(
        sequence=scheme.LoTESequenceNumber,
        issued_at=scheme.ListIssueDateTime,
        next_update=scheme.NextUpdate,
        operator=lote.localised(scheme.SchemeOperatorName),
        issuers=tuple(issuer for entity in document.TrustedEntitiesList for issuer in _from_entity(entity)),
    )


def _from_entity(entity: lote.TrustedEntity) -> Iterable[TrustedIssuer]:
    (agency,) = entity.TrustedEntityInformation.TEInformationExtensions
    for service in entity.TrustedEntityServices:
        information = service.ServiceInformation
        (issuance,) = information.ServiceInformationExtensions
        yield TrustedIssuer(
            agency_id=agency.agency_id,
            names=lote.localised(entity.TrustedEntityInformation.TEName),
            iss=issuance.iss,
            x5c=tuple(certificate.val for certificate in information.ServiceDigitalIdentity.X509Certificates),
            vcts=issuance.vcts,
            valid_from=issuance.valid_from,
            valid_until=issuance.valid_until,
            status=IssuerStatus[information.ServiceStatus.name],
            status_since=information.StatusStartingTime,
            successor_agency_id=agency.successor_agency_id,
        )
