"""A small scheme to measure in: one agency, one type of ten claims, one status list of 2^20, one citizen."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from giayto_crypto import b64url
from giayto_crypto.bundle import VerifierBundle, build_bundle, verify_bundle
from giayto_crypto.catalogue import Catalogue, CatalogueClaim, CatalogueEntry
from giayto_crypto.certificates import BUNDLE, STATUS_LIST, TRUST_LIST
from giayto_crypto.keys import LocalSigner
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
from giayto_wallet_api.sandbox.agencies import AGENCIES
from giayto_wallet_api.sandbox.pki import SandboxAuthority
from giayto_wallet_api.settings import Mode

NOW = datetime(2026, 11, 22, 9, 0, 30, tzinfo=UTC)
AGENCY = AGENCIES[0]
VCT = "urn:giayto:type:criminal-record-1:1"
STATUS_URI = "https://vi.example/public/v1/status-lists/1"
STATUS_ENTRIES = 2**20
REVOKED_STEP = 101
"""Every so many entries of the status list one is revoked: about 1 %."""
CLAIMS: Mapping[str, str] = {
    "personal_number": "001190012345",
    "full_name": "Nguyễn Thị Ánh Tuyết",
    "birth_date": "1990-05-12",
    "sex": "2",
    "nationality": "Việt Nam",
    "residence": "Số 12, phố Hàng Bài, phường Hoàn Kiếm, thành phố Hà Nội",
    "conviction_status": "none",
    "certificate_number": "00123/2026/PLLTP",
    "issued_on": "2026-11-20",
    "purpose": "Tuyển dụng, cấp phép trong lĩnh vực y tế",
}
SHOWN: tuple[ClaimPath, ...] = (("personal_number",), ("full_name",), ("birth_date",), ("conviction_status",))


@dataclass(frozen=True, slots=True)
class Certified:
    """A key with its certificate chain (DER, leaf first)."""

    signer: LocalSigner
    x5c: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """Keys, certificates and one bundle."""

    issuer: Certified
    holder: LocalSigner
    bundle: VerifierBundle

    @classmethod
    def create(cls) -> Self:
        """Make everything anew."""
        with TemporaryDirectory() as folder:
            authority = SandboxAuthority.open(Path(folder), mode=Mode.SANDBOX, now=NOW)
        signer = LocalSigner.generate()
        issuer = _certified(signer, authority.certify_agency(signer.public_key, AGENCY, now=NOW))
        bundle = verify_bundle(_bundle_token(authority, issuer), [authority.root], NOW)
        return cls(issuer, LocalSigner.generate(), bundle)

    def credential(self) -> str:
        """Issue one copy."""
        return issue_credential(
            issuer=AGENCY.iss,
            vct=VCT,
            holder_key=self.holder.public_key,
            status=StatusReference(STATUS_URI, 500_000),
            issued_at=NOW - timedelta(days=2),
            not_before=NOW - timedelta(days=2),
            expires_at=NOW + timedelta(days=178),
            claims=CLAIMS,
            signer=self.issuer.signer,
            x5c=self.issuer.x5c,
        )

    def presentation(self, credential: UnverifiedSdJwt) -> str:
        """Show four claims with a fresh random nonce."""
        nonce = b64url.encode(secrets.token_bytes(16))
        return present(credential, SHOWN, holder=self.holder, audience=IN_PERSON_AUDIENCE, nonce=nonce, now=NOW)


def _bundle_token(authority: SandboxAuthority, issuer: Certified) -> str:
    lister, status_lister, bundler = (_service(authority, purpose) for purpose in (TRUST_LIST, STATUS_LIST, BUNDLE))
    entry = TrustedIssuer(
        agency_id=AGENCY.agency_id,
        names=AGENCY.names,
        iss=AGENCY.iss,
        x5c=issuer.x5c,
        vcts=(VCT,),
        valid_from=NOW - timedelta(days=365),
        valid_until=NOW + timedelta(days=365),
        status_since=NOW - timedelta(days=365),
    )
    trust_list = TrustList(
        sequence=1,
        issued_at=NOW - timedelta(hours=1),
        next_update=NOW + timedelta(days=7),
        operator=Localised(vi="Đo hiệu năng", en="Benchmark"),
        issuers=(entry,),
    )
    statuses = StatusListBuilder(STATUS_ENTRIES)
    statuses.update((idx, 1) for idx in range(7, STATUS_ENTRIES, REVOKED_STEP))
    status_list = sign_status_list(
        statuses.build(),
        uri=STATUS_URI,
        issued_at=NOW - timedelta(hours=1),
        expires_at=NOW + timedelta(days=2),
        ttl=timedelta(hours=1),
        signer=status_lister.signer,
        x5c=status_lister.x5c,
    )
    return build_bundle(
        trust_list=sign_trust_list(trust_list, signer=lister.signer, x5c=lister.x5c),
        catalogue=Catalogue(entries=(_catalogue_entry(),)),
        status_lists={STATUS_URI: status_list},
        sequence=1,
        issued_at=NOW - timedelta(hours=1),
        expires_at=NOW + timedelta(days=1),
        signer=bundler.signer,
        x5c=bundler.x5c,
    )


def _catalogue_entry() -> CatalogueEntry:
    return CatalogueEntry(
        vct=VCT,
        code="criminal-record-1",
        version=1,
        titles=Localised(vi="Phiếu lý lịch tư pháp số 1", en="Criminal-record certificate No. 1"),
        holder_kind="person",
        claims=tuple(CatalogueClaim(path=(name,), label=Localised(vi=name, en=name)) for name in CLAIMS),
        required_claims=("conviction_status",),
    )


def _service(authority: SandboxAuthority, purpose: x509.ObjectIdentifier) -> Certified:
    signer = LocalSigner.generate()
    return _certified(signer, authority.certify_service(signer.public_key, name="bench", purpose=purpose, now=NOW))


def _certified(signer: LocalSigner, leaf: x509.Certificate) -> Certified:
    return Certified(signer, (leaf.public_bytes(Encoding.DER),))
