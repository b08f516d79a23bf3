"""The registered verifiers of the sandbox: what they are called, and what they may ask for."""

from dataclasses import dataclass

from giayto_crypto.localised import Localised
from giayto_crypto.sdjwt import ClaimPath
from giayto_verifiers.requests import Purpose


@dataclass(frozen=True, slots=True)
class SandboxVerifier:
    """A verifier that asks wallets through the backend, for one document type and one purpose.

    `domain` is pinned at its registration; `claims` are what it may ask for.
    """

    verifier_id: str
    names: Localised
    domain: str
    purpose: Purpose
    type_code: str
    claims: tuple[ClaimPath, ...]

    @property
    def vct(self) -> str:
        """The document type it may ask for."""
        return f"urn:giayto:type:{self.type_code}:1"


CLINIC = SandboxVerifier(
    verifier_id="specialised-hospital",
    names=Localised(vi="Bệnh viện chuyên khoa (thử nghiệm)", en="Specialised hospital (sandbox)"),
    domain="hospital.example",
    purpose=Purpose(
        code="KHAM_CHUA_BENH", vi="Tiếp nhận người bệnh chuyển đến", en="Admission of a patient who was referred"
    ),
    type_code="referral",
    claims=(("full_name",), ("birth_date",), ("referring_facility",), ("diagnosis",)),
)

BANK = SandboxVerifier(
    verifier_id="bank-a",
    names=Localised(vi="Ngân hàng A (thử nghiệm)", en="Bank A (sandbox)"),
    domain="bank-a.example",
    purpose=Purpose(
        code="THAY_BAN_GIAY", vi="Hồ sơ vay, thay cho bản giấy", en="Loan application, instead of the paper"
    ),
    type_code="procedure-result",
    claims=(("full_name",), ("dossier_code",), ("dossier_status",)),
)

VERIFIERS = (CLINIC, BANK)
