"""One agency, two document types, a status list, a trust list, a bundle, a citizen: each part can be replaced."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509

from giayto_crypto import certificates
from giayto_crypto.bundle import VerifierBundle, build_bundle, verify_bundle
from giayto_crypto.catalogue import Catalogue, CatalogueClaim, CatalogueEntry, DocumentValidity
from giayto_crypto.keys import LocalSigner, Signer
from giayto_crypto.localised import Localised
from giayto_crypto.sdjwt import (
    IN_PERSON_AUDIENCE,
    ClaimPath,
    StatusReference,
    UnverifiedSdJwt,
    issue_credential,
    present,
)
from giayto_crypto.status_list import StatusListBuilder, sign_status_list
from giayto_crypto.trust_list import TrustedIssuer, TrustList, sign_trust_list
from trust_scheme.pki import BEGIN, END, Authority, Certified

NOW = datetime(2026, 11, 22, 9, 0, 30, tzinfo=UTC)
ISS = "https://g18.agency.example"
VCT = "urn:example:type:test-record:1"
SINGLE_USE_VCT = "urn:example:type:test-referral:1"
STATUS_URI = "https://wallet.example/public/v1/status-lists/1"
CLAIMS: Mapping[str, Any] = {
    "personal_number": "001099012345",
    "full_name": "Nguyễn Thị Ánh Tuyết",
    "birth_date": "1999-02-28",
    "record_number": "LL-2026-0001",
    "issued_on": "2026-11-20",
    "valid_until": "2027-05-20",
}
SHOWN: tuple[ClaimPath, ...] = (("full_name",), ("record_number",), ("issued_on",), ("valid_until",))

RECORD = CatalogueEntry(
    vct=VCT,
    code="test-record",
    version=1,
    titles=Localised(vi="Phiếu thử", en="Test record"),
    holder_kind="person",
    claims=tuple(CatalogueClaim(path=(name,), label=Localised(vi=name, en=name)) for name in CLAIMS),
    required_claims=("issued_on", "valid_until"),
    validity=DocumentValidity(valid_from_claim="issued_on", valid_until_claim="valid_until"),
)
REFERRAL = CatalogueEntry(
    vct=SINGLE_USE_VCT,
    code="test-referral",
    version=1,
    titles=Localised(vi="Giấy chuyển tuyến thử", en="Test referral"),
    holder_kind="person",
    claims=RECORD.claims,
    validity=DocumentValidity(single_use=True),
)


@dataclass(frozen=True)
class Scheme:
    """Everything that signs, and the values that a test may replace with `dataclasses.replace`."""

    root: Authority = field(default_factory=Authority.root)
    agency: Certified = None  # type: ignore[assignment]
    trust_lister: Certified = None  # type: ignore[assignment]
    status_lister: Certified = None  # type: ignore[assignment]
    bundler: Certified = None  # type: ignore[assignment]
    holder: LocalSigner = field(default_factory=LocalSigner.generate)

    def __post_init__(self) -> None:
        made = {
            "agency": (certificates.CREDENTIAL_ISSUER, [ISS]),
            "trust_lister": (certificates.TRUST_LIST, []),
            "status_lister": (certificates.STATUS_LIST, []),
            "bundler": (certificates.BUNDLE, []),
        }
        for name, (purpose, uris) in made.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, self.root.certify(purpose, uris=uris))

    @property
    def anchors(self) -> tuple[x509.Certificate, ...]:
        return (self.root.certificate,)

    def entry(self, certified: Certified | None = None, **changes: Any) -> TrustedIssuer:
        certified = certified or self.agency
        values: dict[str, Any] = {
            "agency_id": "G18",
            "names": Localised(vi="Bộ Y tế", en="Ministry of Health"),
            "iss": ISS,
            "x5c": certified.x5c,
            "vcts": (VCT, SINGLE_USE_VCT),
            "valid_from": BEGIN,
            "valid_until": END,
            "status_since": BEGIN,
        }
        return TrustedIssuer(**values | changes)

    def trust_list(self, *issuers: TrustedIssuer, **changes: Any) -> TrustList:
        values: dict[str, Any] = {
            "sequence": 7,
            "issued_at": NOW - timedelta(hours=2),
            "next_update": NOW + timedelta(days=7),
            "operator": Localised(vi="Đơn vị thử", en="Test operator"),
            "issuers": issuers or (self.entry(),),
        }
        return TrustList(**values | changes)

    def trust_list_token(self, trust_list: TrustList | None = None) -> str:
        lister = self.trust_lister
        return sign_trust_list(trust_list or self.trust_list(), signer=lister.signer, x5c=lister.x5c)

    def status_list_token(
        self, statuses: Iterable[tuple[int, int]] = (), *, by: Certified | None = None, **changes: Any
    ) -> str:
        by = by or self.status_lister
        builder = StatusListBuilder(size=64, bits=changes.pop("bits", 2))
        builder.update(statuses)
        values: dict[str, Any] = {
            "uri": STATUS_URI,
            "issued_at": NOW - timedelta(hours=1),
            "expires_at": NOW + timedelta(days=2),
            "ttl": timedelta(hours=1),
            "signer": by.signer,
            "x5c": by.x5c,
        }
        return sign_status_list(builder.build(), **values | changes)

    def bundle_token(self, **changes: Any) -> str:
        values: dict[str, Any] = {
            "catalogue": Catalogue(entries=(RECORD, REFERRAL)),
            "sequence": 3,
            "issued_at": NOW - timedelta(hours=1),
            "expires_at": NOW + timedelta(days=1),
            "signer": self.bundler.signer,
            "x5c": self.bundler.x5c,
        }
        values |= changes
        if "trust_list" not in values:
            values["trust_list"] = self.trust_list_token()
        if "status_lists" not in values:
            values["status_lists"] = {STATUS_URI: self.status_list_token()}
        return build_bundle(**values)

    def bundle(self, now: datetime = NOW, **changes: Any) -> VerifierBundle:
        return verify_bundle(self.bundle_token(**changes), self.anchors, now)

    def credential(self, by: Certified | None = None, **changes: Any) -> str:
        by = by or self.agency
        values: dict[str, Any] = {
            "issuer": ISS,
            "vct": VCT,
            "holder_key": self.holder.public_key,
            "status": StatusReference(STATUS_URI, 5),
            "issued_at": NOW - timedelta(days=2),
            "not_before": NOW - timedelta(days=2),
            "expires_at": NOW + timedelta(days=365),
            "claims": CLAIMS,
            "signer": by.signer,
            "x5c": by.x5c,
        }
        return issue_credential(**values | changes)

    def presentation(
        self,
        credential: str | None = None,
        *,
        shown: Sequence[ClaimPath] = SHOWN,
        holder: Signer | None = None,
        audience: str = IN_PERSON_AUDIENCE,
        nonce: str = "nonce-of-the-phone",
        at: datetime = NOW - timedelta(seconds=10),
    ) -> str:
        issued = UnverifiedSdJwt.parse_issued(credential or self.credential())
        return present(issued, shown, holder=holder or self.holder, audience=audience, nonce=nonce, now=at)

    def with_entry(self, **changes: Any) -> str:
        """Return a trust list token whose only entry has these changes."""
        return self.trust_list_token(self.trust_list(replace(self.entry(), **changes)))
