"""What a pushed row must prove before the store is asked: everything that follows from its bytes and the trust list.

    1 grammar and size of each credential       5 signature and disclosures, all of them present
    2 its type is the row's                     6 nothing personal in clear; claims fit the type; subject is the row's
    3 certificate: registered, to an anchor     7 the copies say the same and cannot be linked
    4 authority for (certificate, iss, vct); period

Wallet, holder key, status index and row key follow in `giayto_wallet_api.documents.storing` (8 to 11).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import combinations
from typing import Any

from cryptography import x509

from giayto_crypto.certificates import CREDENTIAL_ISSUER, verify_chain
from giayto_crypto.keys import PublicKey
from giayto_crypto.sdjwt import AuthenticSdJwt, UnverifiedSdJwt, verify_issuer_signature
from giayto_issuers.claims import PROFILE_MEMBERS, check_claims, check_signed_payload
from giayto_issuers.document_type.model import DocumentType, DocumentTypes
from giayto_issuers.subjects import Subject
from giayto_wallet_api.agencies.authority import AgencyAuthority
from giayto_wallet_api.documents.problems import (
    CertificateChainError,
    CopiesDifferError,
    CopiesLinkableError,
    CredentialPeriodError,
    DisclosureMissingError,
    DocumentTypeMismatchError,
    StatusIndexNotReservedError,
    SubjectMismatchError,
)
from giayto_wallet_api.documents.schemas import PushRow
from giayto_wallet_api.status.addresses import list_id_of
from giayto_wallet_api.status.entries import StatusPlace

_CLOCK_TOLERANCE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CheckedCopy:
    """A credential that is authentic, authorised and fits its type."""

    sd_jwt: str
    holder_key: PublicKey
    place: StatusPlace
    leaf_sha256: bytes
    iss: str
    digests: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRow:
    """A row whose credentials passed steps 1 to 7: the agency signed what its claims say."""

    row_key: str
    replaces: str | None
    document_type: str
    subject: Subject
    claims: Mapping[str, Any]
    copies: tuple[CheckedCopy, ...]
    valid_from: datetime
    valid_until: datetime

    def __repr__(self) -> str:
        return f"CheckedRow(document_type={self.document_type!r}, …)"


@dataclass(frozen=True, slots=True)
class _Content:
    """What all copies of a row have to agree in."""

    claims: Mapping[str, Any]
    valid_from: datetime
    valid_until: datetime


@dataclass(slots=True)
class RowChecker:
    """Checks rows of one agency at one moment; a certificate path that rows share is checked once.

    Args:
        authority: what the agency may issue.
        document_types: the catalogue.
        anchors: pinned roots.
        base_url: of this server, under which its status lists are.
        now: the moment of the check.
    """

    authority: AgencyAuthority
    document_types: DocumentTypes
    anchors: Sequence[x509.Certificate]
    base_url: str
    now: datetime
    _keys: dict[bytes, PublicKey] = field(default_factory=dict)

    def check(self, row: PushRow) -> CheckedRow:
        """Check one row; raises the `GiaytoError` of the first thing that is wrong."""
        document_type = self._document_type(row)
        checked = [self._check_copy(row, document_type, text) for text in row.credentials]
        copies = tuple(copy for copy, _ in checked)
        content = checked[0][1]
        if any(other != content for _, other in checked):
            raise CopiesDifferError("claims, nbf and exp of all copies must be the same")
        _require_unlinkable(copies)
        return CheckedRow(
            row_key=row.row_key,
            replaces=row.replaces,
            document_type=document_type.vct,
            subject=row.subject.as_subject(),
            claims=content.claims,
            copies=copies,
            valid_from=content.valid_from,
            valid_until=content.valid_until,
        )

    def _document_type(self, row: PushRow) -> DocumentType:
        document_type = self.document_types.find(row.document_type)
        if document_type is None or document_type.vct != row.document_type:
            raise DocumentTypeMismatchError("document_type must be a vct of the catalogue")
        return document_type

    def _check_copy(self, row: PushRow, document_type: DocumentType, text: str) -> tuple[CheckedCopy, _Content]:
        unverified = UnverifiedSdJwt.parse_issued(text)  # 1
        payload = unverified.jws.unverified_payload()
        if payload.get("vct") != document_type.vct:  # 2
            raise DocumentTypeMismatchError("vct of the credential is not the document_type of the row")
        chain = unverified.jws.x5c_der()
        leaf_sha256 = sha256(chain[0]).digest()
        iss = str(payload.get("iss"))
        key = self._signer(chain, leaf_sha256, iss, document_type.vct)  # 3, 4
        authentic = verify_issuer_signature(unverified, key)  # 5
        if authentic.hidden_digests:
            raise DisclosureMissingError("every digest needs its disclosure when a credential is handed over")
        check_signed_payload(authentic.payload)  # 6
        if check_claims(document_type, authentic.claims) != row.subject.as_subject():
            raise SubjectMismatchError("the subject of the row is not the one in the claims")
        copy = CheckedCopy(
            sd_jwt=authentic.sd_jwt,
            holder_key=authentic.holder_key,
            place=self._place(authentic),
            leaf_sha256=leaf_sha256,
            iss=iss,
            digests=frozenset(disclosure.digest for disclosure in unverified.disclosures),
        )
        return copy, self._content(authentic)

    def _signer(self, chain: Sequence[bytes], leaf_sha256: bytes, iss: str, vct: str) -> PublicKey:
        """Return the key of an agency's certificate that may sign this (3, 4)."""
        entry = self.authority.require_entry(leaf_sha256, iss, vct, self.now)
        if tuple(chain) != entry.x5c:
            raise CertificateChainError("x5c must be the registered chain, leaf first")
        if leaf_sha256 not in self._keys:
            certificates = [x509.load_der_x509_certificate(der) for der in chain]
            verified = verify_chain(certificates, self.anchors, purpose=CREDENTIAL_ISSUER, now=self.now)
            self._keys[leaf_sha256] = verified.key
        return self._keys[leaf_sha256]

    def _content(self, authentic: AuthenticSdJwt) -> _Content:
        issued_at, not_before, expires_at = authentic.issued_at, authentic.not_before, authentic.expires_at
        if issued_at is None or not_before is None or expires_at is None:
            raise CredentialPeriodError("iat, nbf and exp are all needed")
        if issued_at > self.now + _CLOCK_TOLERANCE:
            raise CredentialPeriodError("iat lies in the future")
        if expires_at <= max(self.now, not_before):
            raise CredentialPeriodError("exp has passed, or does not lie after nbf")
        claims = {name: value for name, value in authentic.claims.items() if name not in PROFILE_MEMBERS}
        return _Content(claims, not_before, expires_at)

    def _place(self, authentic: AuthenticSdJwt) -> StatusPlace:
        reference = authentic.status
        list_id = list_id_of(self.base_url, reference.uri)
        if list_id is None:
            raise StatusIndexNotReservedError("status.status_list.uri is not a list of this server")
        return StatusPlace(list_id, reference.idx)


def _require_unlinkable(copies: Sequence[CheckedCopy]) -> None:  # 7
    for one, other in combinations(copies, 2):
        if one.holder_key == other.holder_key or one.place == other.place or one.digests & other.digests:
            raise CopiesLinkableError("each copy needs a holder key, a status index and salts of its own")
