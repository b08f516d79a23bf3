"""@sd-jwt/sd-jwt-vc as issuer, holder and verifier, against giayto as the other two."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from foreign_software import ForeignError, call
from giayto_crypto import qr
from giayto_crypto.keys import LocalSigner
from giayto_crypto.sdjwt import UnverifiedSdJwt, present
from giayto_verifiers import InMemoryReplayGuard, Invalid, Policy, Reason, Valid, Verdict, Verifier
from trust_scheme import NOW, Scheme
from trust_scheme.scheme import CLAIMS, ISS, SHOWN, STATUS_URI, VCT

PROGRAM = "sd_jwt_vc.mjs"
NONCE = "nonce-of-the-phone"
PRESENTED_AT = NOW - timedelta(seconds=10)
SCHEME = Scheme()


@pytest.fixture(scope="module")
def credential(_installed: None) -> str:
    """What the foreign issuer signed for our agency."""
    return foreign_credential(NOW - timedelta(days=2), NOW + timedelta(days=365))


def private_jwk(signer: LocalSigner) -> dict[str, str]:
    secret = signer.private_key.private_numbers().private_value.to_bytes(32)
    return {**signer.public_key.jwk, "d": urlsafe_b64encode(secret).rstrip(b"=").decode()}


def foreign_verdict(presentation: str, *, statuses: Any = (), **changes: Any) -> dict[str, Any]:
    given: Mapping[str, Any] = {
        "presentation": presentation,
        "issuerJwk": SCHEME.agency.signer.public_key.jwk,
        "nonce": NONCE,
        "required": ["full_name"],
        "statusList": SCHEME.status_list_token(statuses),
        "now": int(NOW.timestamp()),
    }
    return call(PROGRAM, "verify", {**given, **changes})


def verdict_on(presentation: str, **bundle: Any) -> Verdict:
    verifier = Verifier(SCHEME.bundle(**bundle), policy=Policy(), replay_guard=InMemoryReplayGuard())
    return verifier.verify(presentation, now=NOW)


class TestForeignVerifier:
    """It checks what our issuer signed and our holder presented."""

    def test_a_presentation_is_accepted_claim_by_claim(self) -> None:
        answer = foreign_verdict(SCHEME.presentation())
        assert answer["header"]["typ"] == "dc+sd-jwt"
        shown = {path[0] for path in SHOWN}
        assert {name: value for name, value in answer["payload"].items() if name in CLAIMS} == {
            name: value for name, value in CLAIMS.items() if name in shown
        }
        assert answer["keyBinding"]["nonce"] == NONCE

    def test_what_comes_out_of_a_qr_is_accepted(self) -> None:
        bundle = SCHEME.bundle()
        text = qr.pack(SCHEME.presentation())
        assert foreign_verdict(qr.unpack(text, bundle.references))["payload"]["vct"] == VCT

    @pytest.mark.parametrize(("status", "word"), [(1, "invalid"), (2, "suspended")])
    def test_the_status_list_is_read_alike(self, status: int, word: str) -> None:
        assert foreign_verdict(SCHEME.presentation(), statuses=[(4, status), (6, status)])["payload"]
        with pytest.raises(ForeignError, match=r"(?i)status"):
            foreign_verdict(SCHEME.presentation(), statuses=[(5, status)])

    @pytest.mark.parametrize(
        "changes",
        [
            {"nonce": "another"},
            {"now": int((NOW + timedelta(days=366)).timestamp())},
            {"issuerJwk": SCHEME.holder.public_key.jwk},
            {"required": ["personal_number"]},
        ],
        ids=["nonce", "expired", "issuer", "claim not shown"],
    )
    def test_it_refuses_for_the_same_reasons(self, changes: Mapping[str, Any]) -> None:
        with pytest.raises(ForeignError):
            foreign_verdict(SCHEME.presentation(), **changes)


class TestForeignIssuerAndHolder:
    """Our verifier checks what they made."""

    def test_a_foreign_credential_presented_by_our_wallet(self, credential: str) -> None:
        issued = UnverifiedSdJwt.parse_issued(credential)
        shown = present(issued, SHOWN, holder=SCHEME.holder, audience="giayto:in-person", nonce=NONCE, now=PRESENTED_AT)
        verdict = verdict_on(shown)
        assert isinstance(verdict, Valid)
        assert verdict.presentation.claims["full_name"] == CLAIMS["full_name"]

    def test_a_foreign_credential_presented_by_the_foreign_wallet(self, credential: str) -> None:
        assert isinstance(verdict_on(foreign_presentation(credential)), Valid)

    def test_our_credential_presented_by_the_foreign_wallet(self) -> None:
        verdict = verdict_on(foreign_presentation(SCHEME.credential()))
        assert isinstance(verdict, Valid)
        assert set(verdict.presentation.claims) == {path[0] for path in SHOWN}

    def test_a_foreign_presentation_fits_a_qr(self, credential: str) -> None:
        text = qr.pack(foreign_presentation(credential))
        assert isinstance(verdict_on(text), Valid)

    def test_it_is_refused_when_it_is_revoked(self, credential: str) -> None:
        revoked = {STATUS_URI: SCHEME.status_list_token([(5, 1)])}
        verdict = verdict_on(foreign_presentation(credential), status_lists=revoked)
        assert isinstance(verdict, Invalid)
        assert verdict.reasons == (Reason.REVOKED,)


def foreign_credential(issued_at: datetime, expires_at: datetime) -> str:
    """Let the foreign issuer sign for our agency: its key and its certificate."""
    agency = SCHEME.agency
    return str(
        call(
            PROGRAM,
            "issue",
            {
                "payload": {
                    "iss": ISS,
                    "iat": int(issued_at.timestamp()),
                    "exp": int(expires_at.timestamp()),
                    "vct": VCT,
                    "cnf": {"jwk": SCHEME.holder.public_key.jwk},
                    "status": {"status_list": {"idx": 5, "uri": STATUS_URI}},
                    **CLAIMS,
                },
                "disclosable": list(CLAIMS),
                "issuerJwk": private_jwk(agency.signer),
                "header": {"x5c": [b64encode(certificate).decode() for certificate in agency.x5c]},
            },
        )["credential"]
    )


def foreign_presentation(credential: str) -> str:
    """Let the foreign holder show what `SHOWN` names."""
    return str(
        call(
            PROGRAM,
            "present",
            {
                "credential": credential,
                "shown": [path[0] for path in SHOWN],
                "holderJwk": private_jwk(SCHEME.holder),
                "keyBinding": {
                    "iat": int(PRESENTED_AT.timestamp()),
                    "aud": "giayto:in-person",
                    "nonce": NONCE,
                },
            },
        )["presentation"]
    )
