"""What a receipt says and keeps: everything that was found, and as little personal data as its maker chose."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from giayto_crypto import qr
from giayto_crypto.certificates import CREDENTIAL_ISSUER
from giayto_crypto.errors import CertificateError
from giayto_crypto.jws import parse
from giayto_crypto.keys import LocalSigner
from giayto_crypto.sdjwt import Sd, UnverifiedSdJwt
from giayto_verifiers import (
    ClaimNotShownError,
    InMemoryReplayGuard,
    Invalid,
    Policy,
    Receipt,
    ReceiptError,
    ReceiptTooLargeError,
    Unknown,
    Valid,
    Verdict,
    Verifier,
)
from giayto_verifiers.examination import Examination
from giayto_verifiers.receipts import making
from giayto_verifiers.receipts.making import make_receipt
from trust_scheme import NOW, Scheme
from trust_scheme.checking import check
from trust_scheme.receipts import BANK, KEY, PURPOSE, TRANSACTION, TYP, Level, members, receipt_of
from trust_scheme.scheme import CLAIMS, ISS, RECORD, STATUS_URI, VCT

SHOWN_NAMES = {"full_name", "record_number", "issued_on", "valid_until"}


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    return Scheme()


@pytest.fixture(scope="module")
def valid(scheme: Scheme) -> Verdict:
    return check(scheme.bundle(), scheme.presentation())


@pytest.fixture(scope="module")
def verdicts(scheme: Scheme, valid: Verdict) -> dict[str, Verdict]:
    """One verdict for each way in which a check can end."""
    shown = scheme.presentation()
    revoked = scheme.bundle(status_lists={STATUS_URI: scheme.status_list_token([(5, 1)])})
    return {
        "valid": valid,
        "revoked": check(revoked, shown),
        "forged": check(scheme.bundle(), Scheme().presentation()),
        "nonsense": check(scheme.bundle(), "nonsense"),
        "no list": check(scheme.bundle(status_lists={}), shown),
        "unknown reference": check(scheme.bundle(), qr.pack(Scheme().presentation())),
    }


def everything_in(receipt: Receipt) -> Iterator[str]:
    """Yield all that can be read from a receipt: its payload, and what is encoded in its evidence."""
    payload = members(receipt)
    yield json.dumps(payload, ensure_ascii=False)
    presentation = payload["evidence"]["presentation"]
    if presentation is not None:
        unverified = UnverifiedSdJwt.parse(presentation)
        yield json.dumps(unverified.jws.unverified_payload(), ensure_ascii=False)
        yield from (json.dumps([one.name, one.value], ensure_ascii=False) for one in unverified.disclosures)


def values_in(receipt: Receipt) -> set[str]:
    text = "\n".join(everything_in(receipt))
    return {name for name, value in CLAIMS.items() if f'"{value}"' in text}


def test_the_json_of_a_receipt(scheme: Scheme, valid: Valid) -> None:
    receipt = receipt_of(valid, evidence=Level.NONE)
    payload = members(receipt)
    assert payload["receipt_id"] == receipt.receipt_id
    assert (payload["verifier"], payload["transaction"], payload["purpose"]) == (BANK, TRANSACTION, PURPOSE)
    assert payload["check"] == {
        "outcome": "valid",
        "reasons": [],
        "checked_at": "2026-11-22T09:00:30Z",
        "presentation_sha256": valid.presentation.presentation_sha256.hex(),
        "document": {
            "vct": VCT,
            "agency_id": "G18",
            "names": {"vi": "Bộ Y tế", "en": "Ministry of Health"},
            "iss": ISS,
            "successor_agency_id": None,
            "issued_at": "2026-11-20T09:00:00Z",
            "expires_at": "2027-11-22T09:00:30Z",
        },
        "presented_at": "2026-11-22T09:00:20Z",
        "data": {
            "bundle_sequence": 3,
            "bundle_issued_at": "2026-11-22T08:00:30Z",
            "bundle_expires_at": "2026-11-23T09:00:30Z",
            "trust_list_sequence": 7,
            "trust_list_issued_at": "2026-11-22T07:00:30Z",
            "status_checked_at": "2026-11-22T08:00:30Z",
        },
        "disclosed": payload["check"]["disclosed"],
        "claims": [],
    }
    assert sorted(payload["check"]["disclosed"]) == sorted([name] for name in SHOWN_NAMES)
    assert payload["evidence"] == {"level": "none", "presentation": None, "trust_list": None, "status_list": None}


def test_a_receipt_is_signed_by_the_verifier(valid: Verdict) -> None:
    jws = parse(receipt_of(valid).token, typ=TYP)
    assert jws.header["kid"] == KEY.public_key.thumbprint
    assert jws.verify(KEY.public_key)


def test_of_the_type_only_its_rules_are_kept(scheme: Scheme, valid: Verdict) -> None:
    rules = members(receipt_of(valid))["conditions"]["document_type"]
    assert rules["required_claims"] == list(RECORD.required_claims)
    assert rules["validity"]["valid_until_claim"] == "valid_until"
    assert (rules["claims"], rules["type_metadata"]) == ([], {})


def test_two_receipts_of_one_check_have_different_names(valid: Verdict) -> None:
    assert receipt_of(valid).receipt_id != receipt_of(valid).receipt_id


@pytest.mark.parametrize(
    ("level", "kept"),
    [(Level.NONE, set()), (Level.PROOFS, {"issued_on", "valid_until"}), (Level.PRESENTATION, SHOWN_NAMES)],
)
def test_how_much_is_kept_is_chosen(valid: Verdict, level: Level, kept: set[str]) -> None:
    receipt = receipt_of(valid, evidence=level)
    assert values_in(receipt) == kept
    assert receipt.evidence is level


def test_by_default_no_claim_is_kept_but_the_dates_that_bound_the_document(valid: Verdict) -> None:
    assert values_in(receipt_of(valid)) == {"issued_on", "valid_until"}
    assert members(receipt_of(valid))["check"]["claims"] == []


@pytest.mark.parametrize("level", Level)
def test_claims_are_kept_by_name(valid: Verdict, level: Level) -> None:
    receipt = receipt_of(valid, keep_claims=["full_name", "full_name"], evidence=level)
    assert members(receipt)["check"]["claims"] == [{"path": ["full_name"], "value": CLAIMS["full_name"]}]
    assert "record_number" not in values_in(receipt) or level is Level.PRESENTATION


def test_nested_claims_are_kept_by_path(scheme: Scheme) -> None:
    address = {"street": Sd("Phố Huế"), "province": Sd("Hà Nội")}
    claims = {**CLAIMS, "address": address, "visits": [Sd({"code": "A00"}), Sd({"code": "B00"})]}
    names = ("address", "visits", "issued_on", "valid_until")
    shown = scheme.presentation(scheme.credential(claims=claims), shown=[(name,) for name in names])
    verdict = check(scheme.bundle(), shown)
    receipt = receipt_of(verdict, keep_claims=[("address", "province"), "visits"])
    payload = members(receipt)
    assert payload["check"]["claims"] == [
        {"path": ["address", "province"], "value": "Hà Nội"},
        {"path": ["visits"], "value": [{"code": "A00"}, {"code": "B00"}]},
    ]
    assert ["visits", 1, "code"] in payload["check"]["disclosed"]
    assert ["address", "street"] in payload["check"]["disclosed"]
    assert "Phố Huế" not in "\n".join(everything_in(receipt))


@pytest.mark.parametrize("claim", ["birth_date", "iss", ("full_name", "first"), ("visits", "0")])
def test_what_was_not_shown_cannot_be_kept(valid: Verdict, claim: Any) -> None:
    with pytest.raises(ClaimNotShownError) as refused:
        receipt_of(valid, keep_claims=[claim])
    assert str(claim) not in str(refused.value)


@pytest.mark.parametrize("claims", [[()], [("visits", 0)], [str(number) for number in range(201)]])
def test_paths_that_are_none_are_refused(valid: Verdict, claims: Any) -> None:
    with pytest.raises(ReceiptError, match="keep_claims"):
        receipt_of(valid, keep_claims=claims)


def test_one_string_is_not_a_list_of_claims(valid: Verdict) -> None:
    with pytest.raises(TypeError, match="keep_claims"):
        receipt_of(valid, keep_claims="full_name")


@pytest.mark.parametrize("kind", ["revoked", "no list", "nonsense"])
def test_claims_of_what_was_not_accepted_are_not_kept(verdicts: dict[str, Verdict], kind: str) -> None:
    with pytest.raises(ReceiptError, match="accepted"):
        receipt_of(verdicts[kind], keep_claims=["full_name"])


@pytest.mark.parametrize(
    ("kind", "outcome", "reasons", "named"),
    [
        ("revoked", "invalid", ["revoked"], True),
        ("forged", "invalid", ["certificate_untrusted"], False),
        ("nonsense", "invalid", ["malformed"], False),
        ("no list", "unknown", ["bundle_outdated"], True),
        ("unknown reference", "unknown", ["bundle_outdated"], False),
    ],
)
@pytest.mark.parametrize("level", Level)
def test_a_refused_presentation_gets_a_receipt_that_says_so(
    verdicts: dict[str, Verdict], kind: str, outcome: str, reasons: list[str], named: bool, level: Level
) -> None:
    receipt = receipt_of(verdicts[kind], evidence=level)
    recorded = members(receipt)["check"]
    assert (receipt.outcome, recorded["outcome"], recorded["reasons"]) == (outcome, outcome, reasons)
    assert (recorded["document"] is not None) is named
    assert bool(recorded["disclosed"]) is named
    assert recorded["claims"] == []


@pytest.mark.parametrize("kind", ["forged", "nonsense", "unknown reference"])
def test_there_are_no_proofs_of_what_was_not_genuine(verdicts: dict[str, Verdict], kind: str) -> None:
    receipt = receipt_of(verdicts[kind], evidence=Level.PROOFS)
    assert receipt.evidence is Level.NONE
    assert members(receipt)["evidence"]["presentation"] is None
    assert not receipt.lists


def test_there_are_no_proofs_of_a_holder_whose_proof_is_false(scheme: Scheme) -> None:
    verdict = check(scheme.bundle(), scheme.presentation(holder=LocalSigner.generate()))
    assert isinstance(verdict, Invalid)
    assert receipt_of(verdict).evidence is Level.NONE
    assert receipt_of(verdict, evidence=Level.PRESENTATION).evidence is Level.PRESENTATION


@pytest.mark.parametrize("text", ["A" * 70_000, "Đỗ Thị", "\ud800"])
def test_what_was_refused_for_its_size_or_characters_is_not_kept(scheme: Scheme, text: str) -> None:
    receipt = receipt_of(check(scheme.bundle(), text), evidence=Level.PRESENTATION)
    assert receipt.evidence is Level.NONE
    assert len(members(receipt)["check"]["presentation_sha256"]) == 64
    assert text not in json.dumps(members(receipt), ensure_ascii=False)


def test_the_hash_is_that_of_the_standard_string_however_it_travelled(scheme: Scheme) -> None:
    shown = scheme.presentation()
    hashes = {
        members(receipt_of(check(scheme.bundle(), text)))["check"]["presentation_sha256"]
        for text in (shown, qr.pack(shown))
    }
    assert len(hashes) == 1


def test_lists_lie_in_the_receipt_or_beside_it(scheme: Scheme, valid: Verdict) -> None:
    inside, beside = receipt_of(valid), receipt_of(valid, embed_lists=False)
    evidence, bare = members(inside)["evidence"], members(beside)["evidence"]
    for name in ("trust_list", "status_list"):
        assert inside.lists[evidence[name]["sha256"]] == evidence[name]["token"]
        assert bare[name] == {**evidence[name], "token": None}
    assert inside.lists == beside.lists
    assert len(beside.token) < len(inside.token)


@pytest.mark.parametrize("name", ["transaction", "verifier", "purpose"])
@pytest.mark.parametrize("text", ["", " ", "a\nb", "a\x00", "\u202ea", "a" * 1001])
def test_texts_that_name_nothing_are_refused(valid: Verdict, name: str, text: str) -> None:
    values = {"transaction": TRANSACTION, "verifier": BANK, "purpose": PURPOSE} | {name: text}
    with pytest.raises(ReceiptError, match=name):
        valid.receipt(KEY, values.pop("transaction"), **values)  # type: ignore[arg-type]


def test_a_receipt_that_is_too_large_says_what_to_do(valid: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "MAX_RECEIPT_BYTES", len(receipt_of(valid, embed_lists=False).token) + 100)
    with pytest.raises(ReceiptTooLargeError, match="embed_lists"):
        receipt_of(valid)
    assert receipt_of(valid, embed_lists=False).token


def test_a_signer_that_signs_wrongly_is_found_out(valid: Verdict) -> None:
    class Broken:
        public_key = KEY.public_key

        def sign(self, message: bytes) -> bytes:
            return bytes(64)

    with pytest.raises(ReceiptError, match="signature"):
        valid.receipt(Broken(), TRANSACTION, verifier=BANK, purpose=PURPOSE)


def test_the_certificate_of_the_verifier_travels_along(scheme: Scheme, valid: Verdict) -> None:
    certified = scheme.root.certify(CREDENTIAL_ISSUER)
    receipt = valid.receipt(certified.signer, TRANSACTION, verifier=BANK, purpose=PURPOSE, x5c=certified.x5c)
    assert parse(receipt.token, typ=TYP).x5c_der() == certified.x5c
    with pytest.raises(CertificateError):
        receipt_of(valid, x5c=certified.x5c)


@pytest.mark.parametrize("thing", [None, {}, "valid", object()])
def test_only_a_verdict_has_a_receipt(thing: Any) -> None:
    with pytest.raises(TypeError, match="verdict"):
        make_receipt(thing, KEY, TRANSACTION, verifier=BANK, purpose=PURPOSE)


def test_no_verdict_is_made_up(scheme: Scheme, valid: Valid, verdicts: dict[str, Verdict]) -> None:
    with pytest.raises(TypeError):
        Invalid(findings=(), circumstances=valid.circumstances)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="by the verifier only"):
        Examination(
            presentation="",
            bundle=scheme.bundle(),
            conditions=None,  # type: ignore[arg-type]
            circumstances=valid.circumstances,
            findings=(),
            seal=object(),
        )
    with pytest.raises((TypeError, ValueError)):
        replace(verdicts["revoked"]._examination, findings=())


def test_a_verdict_that_was_altered_has_the_receipt_of_the_check(valid: Verdict, verdicts: dict[str, Verdict]) -> None:
    later = msgspec.structs.replace(valid.circumstances, checked_at=NOW + timedelta(days=1))
    assert members(receipt_of(replace(valid, circumstances=later)))["check"]["checked_at"] == "2026-11-22T09:00:30Z"
    acquitted = replace(verdicts["revoked"], findings=())  # type: ignore[type-var]
    assert members(receipt_of(acquitted))["check"]["reasons"] == ["revoked"]


def test_the_outcome_of_a_replay_is_recorded(scheme: Scheme) -> None:
    verifier = Verifier(scheme.bundle(), policy=Policy(), replay_guard=InMemoryReplayGuard())
    shown = scheme.presentation()
    first, second = verifier.verify(shown, now=NOW), verifier.verify(shown, now=NOW)
    assert members(receipt_of(first))["check"]["outcome"] == "valid"
    assert members(receipt_of(second))["check"]["reasons"] == ["replayed"]


def test_an_outdated_bundle_is_recorded_as_that(scheme: Scheme) -> None:
    bundle = scheme.bundle(expires_at=NOW - timedelta(seconds=1))
    verdict = check(bundle, scheme.presentation())
    assert isinstance(verdict, Unknown)
    assert members(receipt_of(verdict))["check"]["reasons"] == ["bundle_expired"]


def test_no_text_about_a_receipt_holds_personal_data(valid: Verdict) -> None:
    receipt = receipt_of(valid, keep_claims=["full_name"], evidence=Level.PRESENTATION)
    shown = repr(receipt) + str(receipt) + repr(valid._examination)
    assert receipt.token not in shown
    assert all(value not in shown for value in CLAIMS.values())
