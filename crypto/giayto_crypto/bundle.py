"""The verifier bundle: everything that a check without a network needs, in one signed file.

Trust list and status lists inside keep their own signatures, made by their own keys; the bundle's signature adds that
these belong together, and since when. Authority and status are always read from the inner signatures: whoever could
sign only bundles could withhold a list, but not invent one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from cryptography import x509

from giayto_crypto.catalogue import Catalogue
from giayto_crypto.certificates import BUNDLE
from giayto_crypto.certified_jws import (
    NumericDate,
    from_numeric,
    read_claims,
    sign_certified,
    to_numeric,
    verify_certified,
)
from giayto_crypto.errors import BundleError, GiaytoError, StatusListError, UnknownReferenceError
from giayto_crypto.jws import parse
from giayto_crypto.keys import Signer
from giayto_crypto.qr.references import ReferencedIssuer, issuer_reference, status_uri_reference, vct_reference
from giayto_crypto.status_list import VerifiedStatusList, authenticate_status_list
from giayto_crypto.trust_list import TrustList, authenticate_trust_list, read_unverified_trust_list

TYP = "giayto-bundle+jwt"
MAX_TOKEN_BYTES = 64 * 1024 * 1024
MAX_STATUS_LISTS = 4096
_ISSUED_AHEAD = timedelta(minutes=1)

Thing = TypeVar("Thing")


class BundleExpiredError(BundleError):
    """The bundle, or the trust list in it, is past its end, or its issue time has not come yet."""

    code = "bundle_expired"
    retryable = True
    message_vi = "Gói kiểm tra ngoại tuyến đã hết hạn; hãy tải gói mới."
    message_en = "The verifier bundle is out of date; fetch a new one."


class BundleRolledBackError(BundleError):
    """The bundle is older than one that was seen before."""

    code = "bundle_rolled_back"
    message_vi = "Gói kiểm tra ngoại tuyến cũ hơn gói đã biết."
    message_en = "The verifier bundle is older than one that is already known."


class _ByReference(Generic[Thing]):
    """Things by their short reference; two different ones with the same reference are answered by neither."""

    def __init__(self, things: Iterable[Thing], reference_of: Callable[[Thing], bytes], kind: str) -> None:
        self._kind = kind
        self._things: dict[bytes, Thing | None] = {}
        for thing in things:
            reference = reference_of(thing)
            known = self._things.setdefault(reference, thing)
            if known != thing:
                self._things[reference] = None

    def resolve(self, reference: bytes) -> Thing:
        if reference not in self._things:
            raise UnknownReferenceError(f"bundle: it knows no {self._kind} of this reference")
        thing = self._things[reference]
        if thing is None:
            raise UnknownReferenceError(f"bundle: two {self._kind}s share this reference, neither is used")
        return thing


class BundleReferences:
    """Resolves the references of a QR from a bundle (`giayto_crypto.qr.References`)."""

    def __init__(self, trust_list: TrustList, vcts: Iterable[str], status_uris: Iterable[str]) -> None:
        issuers = (ReferencedIssuer(issuer.x5c, issuer.iss) for issuer in trust_list.issuers)
        self._issuers = _ByReference(issuers, lambda issuer: issuer_reference(issuer.x5c, issuer.iss), "issuer")
        self._vcts = _ByReference(vcts, vct_reference, "document type")
        self._status_uris = _ByReference(status_uris, status_uri_reference, "status list")

    def issuer(self, reference: bytes) -> ReferencedIssuer:
        """Return the certificate chain and `iss` behind a reference; UnknownReferenceError."""
        return self._issuers.resolve(reference)

    def vct(self, reference: bytes) -> str:
        """Return the document type behind a reference; UnknownReferenceError."""
        return self._vcts.resolve(reference)

    def status_uri(self, reference: bytes) -> str:
        """Return the status list's URI behind a reference; UnknownReferenceError."""
        return self._status_uris.resolve(reference)


@dataclass(frozen=True, slots=True)
class VerifierBundle:
    """An authentic bundle. Whether it is current is asked at every check, since it may be held for days.

    Attributes:
        sequence: grows with every bundle; a smaller one than before is a roll-back.
        issued_at, expires_at: its period, which never outlasts that of its trust list.
        trust_list, catalogue: see there.
        status_lists: authentic lists by URI.
        refused_status_lists: URI -> code of the error, for lists in the bundle that are not authentic.
        references: resolves the references of a QR.
        anchors: the pinned roots that everything was checked against.
        trust_list_token, status_list_tokens: what `trust_list` and the status lists, refused ones too, were read from:
            evidence that outlasts the bundle, because it is signed for itself.
    """

    sequence: int
    issued_at: datetime
    expires_at: datetime
    trust_list: TrustList
    catalogue: Catalogue
    status_lists: Mapping[str, VerifiedStatusList]
    refused_status_lists: Mapping[str, str]
    references: BundleReferences
    anchors: tuple[x509.Certificate, ...]
    trust_list_token: str = field(repr=False)
    status_list_tokens: Mapping[str, str] = field(repr=False)

    def require_current(self, now: datetime) -> None:
        """Refuse a bundle outside its period.

        Raises:
            BundleExpiredError: `now` is at or after its end, or more than a minute before it was issued.
        """
        if now >= self.expires_at:
            raise BundleExpiredError("bundle: its end has passed; fetch a new one")
        if self.issued_at - now > _ISSUED_AHEAD:
            raise BundleExpiredError("bundle: issued in the future; check the clock")


def build_bundle(
    *,
    trust_list: str,
    catalogue: Catalogue,
    status_lists: Mapping[str, str],
    sequence: int,
    issued_at: datetime,
    expires_at: datetime,
    signer: Signer,
    x5c: Sequence[bytes],
) -> str:
    """Sign a bundle.

    Args:
        trust_list: signed trust list token.
        catalogue: the document types.
        status_lists: URI -> status list token.
        sequence: larger than that of the bundle before; 1 or more.
        issued_at, expires_at: aware times; whole seconds are kept.
        signer, x5c: key and certificate chain (DER, leaf first) with the BUNDLE purpose.

    Raises:
        BundleError: larger than a verifier would read.
    """
    if len(status_lists) > MAX_STATUS_LISTS:
        raise BundleError(f"bundle: at most {MAX_STATUS_LISTS} status lists", limit=MAX_STATUS_LISTS)
    payload = {
        "iat": to_numeric(issued_at),
        "exp": to_numeric(expires_at),
        "sequence": sequence,
        "trust_list": trust_list,
        "catalogue": catalogue.to_json(),
        "status_lists": dict(status_lists),
    }
    token = sign_certified(payload, typ=TYP, signer=signer, x5c=x5c)
    if len(token) > MAX_TOKEN_BYTES:
        raise BundleError(f"bundle: larger than {MAX_TOKEN_BYTES} bytes", limit=MAX_TOKEN_BYTES)
    return token


def verify_bundle(
    token: str,
    anchors: Sequence[x509.Certificate],
    now: datetime,
    *,
    minimum_sequence: int = 0,
    minimum_trust_list_sequence: int = 0,
) -> VerifierBundle:
    """Check every signature of a bundle up to the pinned anchors and read it.

    An outdated bundle is returned, not refused: it makes verdicts `unknown` and still recognises forgeries. Call
    `require_current` where an outdated one is of no use, for instance after fetching.

    Args:
        token: what `build_bundle` returned.
        anchors: pinned roots, 1 to 16.
        now: aware time of the check.
        minimum_sequence: the newest bundle seen so far; older ones are refused.
        minimum_trust_list_sequence: the newest trust list seen so far. A newer bundle must not bring back an older one,
            which may still grant what was withdrawn since.

    Raises:
        BundleRolledBackError: older than `minimum_sequence`.
        TrustListRolledBackError: its trust list is older than `minimum_trust_list_sequence`.
        MalformedError, CertificateError, SignatureInvalidError: the bundle or its trust list is not authentic.
        TrustListError: the trust list contradicts itself.
    """
    claims = verify_certified(
        token, _Claims, typ=TYP, purpose=BUNDLE, anchors=anchors, now=now, max_bytes=MAX_TOKEN_BYTES
    )
    if claims.sequence < minimum_sequence:
        raise BundleRolledBackError("bundle: older than one seen before", known=minimum_sequence)
    bundle = reassemble_bundle(
        trust_list=claims.trust_list,
        catalogue=Catalogue.from_json(claims.catalogue),
        status_lists=claims.status_lists,
        sequence=claims.sequence,
        issued_at=claims.issued_at,
        expires_at=claims.expires_at,
        anchors=anchors,
        now=now,
    )
    bundle.trust_list.require_no_older_than(minimum_trust_list_sequence)
    return bundle


def reassemble_bundle(
    *,
    trust_list: str,
    catalogue: Catalogue,
    status_lists: Mapping[str, str],
    sequence: int,
    issued_at: datetime,
    expires_at: datetime,
    anchors: Sequence[x509.Certificate],
    now: datetime,
) -> VerifierBundle:
    """Put a bundle together from the tokens in it, of which each is checked up to the pinned anchors.

    Catalogue, sequence and period are taken as they are given: they are as good as the place they were kept in.

    Args:
        trust_list: signed trust list token.
        catalogue: the document types.
        status_lists: URI -> status list token.
        sequence, issued_at, expires_at: of the bundle.
        anchors: pinned roots, 1 to 16.
        now: aware time of the check.

    Raises:
        MalformedError, CertificateError, SignatureInvalidError: the trust list is not authentic.
        TrustListError: the trust list contradicts itself.
    """
    authentic = authenticate_trust_list(trust_list, anchors=anchors, now=now)
    accepted, refused = _read_status_lists(status_lists, anchors, now)
    return VerifierBundle(
        sequence=sequence,
        issued_at=max(issued_at, authentic.issued_at),
        expires_at=min(expires_at, authentic.next_update),
        trust_list=authentic,
        catalogue=catalogue,
        status_lists=MappingProxyType(accepted),
        refused_status_lists=MappingProxyType(refused),
        references=_references(authentic, catalogue, status_lists),
        anchors=tuple(anchors),
        trust_list_token=trust_list,
        status_list_tokens=MappingProxyType(dict(status_lists)),
    )


def read_unverified_references(token: str) -> BundleReferences:
    """Read the references of a bundle without asking who signed it.

    That is enough to unpack a QR into its standard string, which proves nothing until it is verified, and never enough
    to check one.

    Raises:
        MalformedError: not a bundle.
        TrustListError: the trust list contradicts itself.
    """
    payload = parse(token, typ=TYP, max_bytes=MAX_TOKEN_BYTES).unverified_payload()
    claims = read_claims(payload, _Claims)
    trust_list = read_unverified_trust_list(claims.trust_list)
    return _references(trust_list, Catalogue.from_json(claims.catalogue), claims.status_lists)


def _references(trust_list: TrustList, catalogue: Catalogue, status_uris: Iterable[str]) -> BundleReferences:
    vcts = {entry.vct for entry in catalogue} | {vct for issuer in trust_list.issuers for vct in issuer.vcts}
    return BundleReferences(trust_list, vcts, status_uris)


def _read_status_lists(
    tokens: Mapping[str, str], anchors: Sequence[x509.Certificate], now: datetime
) -> tuple[dict[str, VerifiedStatusList], dict[str, str]]:
    """Read each list for itself: one that is broken must not take the others with it."""
    accepted: dict[str, VerifiedStatusList] = {}
    refused: dict[str, str] = {}
    for uri, token in tokens.items():
        try:
            verified = authenticate_status_list(token, anchors=anchors, now=now)
            if verified.uri != uri:
                raise StatusListError("status list: sub is not the uri it is filed under")
            accepted[uri] = verified
        except GiaytoError as error:
            refused[uri] = error.code
    return accepted, refused


class _Claims(msgspec.Struct, frozen=True):
    iat: NumericDate
    exp: NumericDate
    sequence: Annotated[int, msgspec.Meta(ge=1)]
    trust_list: str
    catalogue: dict[str, Any]
    status_lists: Annotated[dict[str, str], msgspec.Meta(max_length=MAX_STATUS_LISTS)]

    @property
    def issued_at(self) -> datetime:
        return from_numeric(self.iat)

    @property
    def expires_at(self) -> datetime:
        return from_numeric(self.exp)
