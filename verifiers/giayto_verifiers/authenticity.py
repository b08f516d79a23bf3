"""Steps 1 to 6 of docs/verification.md: is this a genuine document of an agency that may issue it?

Each step stands on the one before, so the first failure ends the check. Until the issuer's signature is checked, the
credential is read for one purpose only: to find the key that must have signed it.
"""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import msgspec

from giayto_crypto.bundle import VerifierBundle
from giayto_crypto.certificates import VerifiedCertificate
from giayto_crypto.certified_jws import LAST_SECOND
from giayto_crypto.errors import MalformedError
from giayto_crypto.localised import Localised
from giayto_crypto.qr import is_qr_text, unpack
from giayto_crypto.sdjwt import AuthenticSdJwt, StatusReference, UnverifiedSdJwt, verify_issuer_signature
from giayto_crypto.trust_list import IssuerMismatchError, TrustedIssuer
from giayto_verifiers.issuer_paths import IssuerPaths


class Agency(msgspec.Struct, frozen=True, kw_only=True):
    """The issuing agency, as the signed trust list has it."""

    agency_id: str
    names: Localised
    iss: str
    successor_agency_id: str | None = None


class AuthenticDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document that passed steps 1 to 6. Times, holder, status and type are still to be judged."""

    sd_jwt: AuthenticSdJwt
    agency: Agency
    vct: str
    issued_at: datetime
    not_before: datetime | None
    expires_at: datetime
    status: StatusReference
    presentation_sha256: bytes

    def __repr__(self) -> str:
        return "AuthenticDocument(…)"


class _Statement(msgspec.Struct, frozen=True):
    """The members that name the issuer, read before its signature can be checked."""

    iss: Any = None
    vct: Any = None
    iat: Any = None


def unpacked(text: str, bundle: VerifierBundle) -> str:
    """Return the standard presentation behind the text of a QR; any other text as it is.

    Raises:
        GiaytoError: a refusal; its code is a `giayto_verifiers.reasons.Reason`.
    """
    # 1 size and grammar of a QR (docs/qr.md)
    return unpack(text, bundle.references) if is_qr_text(text) else text


def authenticate(presentation: str, *, bundle: VerifierBundle, paths: IssuerPaths, now: datetime) -> AuthenticDocument:
    """Find out whether a presentation is a genuine document of an authorised agency.

    Args:
        presentation: standard SD-JWT VC presentation, from `unpacked`.
        bundle: holds the trust list.
        paths: checks certificate paths against the bundle's anchors.
        now: time of the check.

    Raises:
        GiaytoError: a refusal; its code is a `giayto_verifiers.reasons.Reason`.
    """
    # 1 size and grammar (RFC 9901 §4), 2 strict JOSE (RFC 8725)
    unverified = UnverifiedSdJwt.parse(presentation)
    # 3 certificate path to a pinned anchor, at the time of the check (RFC 5280 §6)
    certificate = paths.verify(unverified.jws, now)
    # 4 authority (trust list, ETSI TS 119 602)
    issuer = _authority(unverified.jws.unverified_members(_Statement), certificate, bundle)
    # 5 issuer signature, 6 disclosures (RFC 9901 §7.1)
    authentic = verify_issuer_signature(unverified, certificate.key)
    return _document(authentic, issuer, presentation)


def _authority(statement: _Statement, certificate: VerifiedCertificate, bundle: VerifierBundle) -> TrustedIssuer:
    iss, vct = statement.iss, statement.vct
    if not isinstance(iss, str) or not isinstance(vct, str):
        raise MalformedError("credential: iss and vct must be strings")
    if iss not in certificate.san_uris:
        raise IssuerMismatchError("credential: iss is not in the certificate's subject alternative name")
    return bundle.trust_list.authority(certificate.sha256, iss, vct, _time(statement.iat))


def _document(authentic: AuthenticSdJwt, issuer: TrustedIssuer, presentation: str) -> AuthenticDocument:
    issued_at, expires_at = authentic.issued_at, authentic.expires_at
    if issued_at is None or expires_at is None:
        # An absent `exp` is not "valid for ever".
        raise MalformedError("credential: iat and exp are mandatory")
    return AuthenticDocument(
        sd_jwt=authentic,
        agency=Agency(
            agency_id=issuer.agency_id,
            names=issuer.names,
            iss=issuer.iss,
            successor_agency_id=issuer.successor_agency_id,
        ),
        vct=authentic.vct,
        issued_at=issued_at,
        not_before=authentic.not_before,
        expires_at=expires_at,
        status=authentic.status,
        presentation_sha256=sha256(presentation.encode("ascii")).digest(),
    )


def _time(seconds: object) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 <= seconds <= LAST_SECOND:
        raise MalformedError("credential: iat must be a time in whole seconds")
    return datetime.fromtimestamp(seconds, UTC)
