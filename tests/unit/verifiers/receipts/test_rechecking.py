"""Checking receipts: each flaw is refused by a reason of its own, and time alone changes nothing."""

import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from giayto_crypto import certificates, jws, qr
from giayto_crypto.keys import LocalSigner
from giayto_crypto.sdjwt import StatusReference
from giayto_crypto.trust_list import IssuerStatus
from giayto_verifiers import (
    InMemoryReplayGuard,
    Policy,
    Receipt,
    ReceiptHolds,
    ReceiptReason,
    ReceiptRefused,
    ReceiptStatement,
    ReceiptUndetermined,
    Verdict,
    Verifier,
    VerifiersWord,
)
from giayto_verifiers.receipts import rechecking
from giayto_verifiers.receipts.evidence import list_hash
from trust_scheme import NOW, Authority, Scheme
from trust_scheme.checking import check
from trust_scheme.pki import BEGIN
from trust_scheme.receipts import (
    BANK,
    KEY,
    PURPOSE,
    TRANSACTION,
    TYP,
    Level,
    changed,
    members,
    outcome,
    receipt_of,
    recheck,
    signed,
)
from trust_scheme.scheme import CLAIMS, ISS, RECORD, STATUS_URI, VCT

SECOND = timedelta(seconds=1)
HOLDS = ("holds", None)
WHOLE, PROOFS = Level.PRESENTATION, Level.PROOFS


def refused(reason: str) -> tuple[str, str]:
    return ("does_not_hold", reason)


def undetermined(reason: str) -> tuple[str, str]:
    return ("undetermined", reason)


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    return Scheme()


@pytest.fixture(scope="module")
def valid(scheme: Scheme) -> Verdict:
    return check(scheme.bundle(), scheme.presentation())


@pytest.fixture(scope="module", params=[WHOLE, PROOFS])
def receipt(request: pytest.FixtureRequest, valid: Verdict) -> Receipt:
    return receipt_of(valid, keep_claims=["full_name"], evidence=request.param)


class TestHolding:
    def test_a_receipt_holds(self, scheme: Scheme, receipt: Receipt) -> None:
        result = recheck(scheme, receipt)
        assert isinstance(result, ReceiptHolds)
        statement = result.statement
        assert (statement.verifier, statement.transaction, statement.purpose) == (BANK, TRANSACTION, PURPOSE)
        assert (statement.outcome, statement.reasons, statement.checked_at) == ("valid", (), NOW)
        assert (statement.vct, statement.iss, statement.agency_id) == (VCT, ISS, "G18")
        assert statement.title == RECORD.titles
        assert statement.presented_at == NOW - timedelta(seconds=10)
        assert statement.status_checked_at == NOW - timedelta(hours=1)
        assert dict(statement.claims) == {("full_name",): CLAIMS["full_name"]}
        assert ("record_number",) in statement.disclosed
        assert statement.evidence is receipt.evidence

    def test_what_rests_on_the_verifiers_word_is_said(self, scheme: Scheme, valid: Verdict) -> None:
        whole, proofs = (recheck(scheme, receipt_of(valid, evidence=level)) for level in (WHOLE, PROOFS))
        assert isinstance(whole, ReceiptHolds)
        assert isinstance(proofs, ReceiptHolds)
        assert set(proofs.verifiers_word) - set(whole.verifiers_word) == {
            VerifiersWord.DISCLOSED,
            VerifiersWord.PRESENTATION,
        }

    def test_the_json_of_a_result(self, scheme: Scheme, receipt: Receipt) -> None:
        shown = recheck(scheme, receipt).to_json()
        assert (shown["result"], shown["reason"], shown["evidence"]) == ("holds", None, receipt.evidence)
        assert shown["receipt"]["check"]["outcome"] == "valid"
        assert "evidence" not in shown["receipt"]
        assert "checked_at" in shown["verifiers_word"]
        shown = recheck(scheme, receipt, transaction="other").to_json()
        assert (shown["result"], shown["reason"], shown["receipt"]) == ("does_not_hold", "other_transaction", None)
        assert all(shown[f"message_{language}"] for language in ("vi", "en"))

    @pytest.mark.parametrize("level", [WHOLE, PROOFS])
    @pytest.mark.parametrize(
        "policy", [{}, {"audience": BANK, "required_claims": {"full_name"}, "accepted_types": {VCT}}]
    )
    def test_challenge_and_policy_are_those_of_the_check(
        self, scheme: Scheme, level: Level, policy: dict[str, Any]
    ) -> None:
        shown = scheme.presentation(nonce="K7-42", **({"audience": BANK} if policy else {}))
        verdict = check(scheme.bundle(), shown, challenge="K7-42", **policy)
        assert verdict.outcome == "valid"
        token = receipt_of(verdict, evidence=level).token
        assert outcome(recheck(scheme, token)) == HOLDS
        assert outcome(recheck(scheme, changed(token, "conditions.challenge", "K7-43"))) == refused("outcome_differs")

    @pytest.mark.parametrize("level", [WHOLE, PROOFS])
    def test_what_came_as_a_qr_is_kept_as_the_standard_string(self, scheme: Scheme, level: Level) -> None:
        verdict = check(scheme.bundle(), qr.pack(scheme.presentation()))
        assert outcome(recheck(scheme, receipt_of(verdict, evidence=level))) == HOLDS

    @pytest.mark.parametrize("level", [WHOLE, PROOFS])
    def test_a_printed_copy_has_a_receipt_too(self, scheme: Scheme, level: Level) -> None:
        copy = scheme.presentation()
        verifier = Verifier(scheme.bundle(), policy=Policy(), replay_guard=InMemoryReplayGuard())
        verdict = verifier.verify_printed_copy(copy[: copy.rindex("~") + 1], now=NOW)
        token = receipt_of(verdict, evidence=level).token
        result = recheck(scheme, token)
        assert isinstance(result, ReceiptHolds)
        assert result.statement.presented_at is None
        assert outcome(recheck(scheme, changed(token, "conditions.printed_copy", False))) == refused("outcome_differs")

    def test_fractions_of_a_second_are_kept(self, scheme: Scheme) -> None:
        # At the very end of its minute: a time that was rounded would be another outcome.
        end = NOW + timedelta(seconds=50)
        for at, expected in ((end, "valid"), (end + timedelta(microseconds=1), "invalid")):
            verdict = check(scheme.bundle(), scheme.presentation(), at=at)
            assert verdict.outcome == expected
            assert outcome(recheck(scheme, receipt_of(verdict, evidence=WHOLE))) == HOLDS


class TestOtherOutcomes:
    @pytest.mark.parametrize("level", [WHOLE, PROOFS])
    @pytest.mark.parametrize(
        ("bundle", "policy", "reasons"),
        [
            ({"statuses": [(5, 1)]}, {}, ["revoked"]),
            ({"statuses": [(5, 2)]}, {"accepted_agencies": {"G01"}}, ["suspended", "agency_not_accepted"]),
            ({}, {"required_claims": {"birth_date"}}, ["required_claim_missing"]),
            ({}, {"audience": BANK}, ["audience_mismatch"]),
            ({"lists": {}}, {}, ["bundle_outdated"]),
            ({"lists": {STATUS_URI: "no token"}}, {}, ["status_list_invalid"]),
            ({"expires_at": NOW}, {}, ["bundle_expired"]),
            ({}, {"max_status_age": timedelta(minutes=1)}, ["status_too_old"]),
        ],
    )
    def test_a_refusal_is_found_again(
        self, scheme: Scheme, level: Level, bundle: dict[str, Any], policy: dict[str, Any], reasons: list[str]
    ) -> None:
        lists = bundle.get("lists", {STATUS_URI: scheme.status_list_token(bundle.get("statuses", ()))})
        end = bundle.get("expires_at", NOW + timedelta(days=1))
        verdict = check(scheme.bundle(status_lists=lists, expires_at=end), scheme.presentation(), **policy)
        assert list(verdict.reasons) == reasons
        result = recheck(scheme, receipt_of(verdict, evidence=level))
        assert isinstance(result, ReceiptHolds)
        assert list(result.statement.reasons) == reasons

    @pytest.mark.parametrize("text", ["nonsense", "a~b~c"])
    def test_what_was_malformed_is_malformed_again(self, scheme: Scheme, text: str) -> None:
        verdict = check(scheme.bundle(), text)
        assert outcome(recheck(scheme, receipt_of(verdict, evidence=WHOLE))) == HOLDS

    @pytest.mark.parametrize("reason", ["certificate_untrusted", "signature_invalid", "disclosure_invalid"])
    def test_a_forgery_is_one_again(self, scheme: Scheme, reason: str) -> None:
        genuine = scheme.presentation()
        token, *disclosures, proof = genuine.split("~")
        text = {
            "certificate_untrusted": Scheme().presentation(),
            "signature_invalid": "~".join([token[:-20] + "A" * 20, *disclosures, proof]),
            "disclosure_invalid": "~".join([token, *disclosures, disclosures[0], proof]),
        }[reason]
        verdict = check(scheme.bundle(), text)
        assert list(verdict.reasons) == [reason]
        whole = receipt_of(verdict, evidence=WHOLE)
        assert outcome(recheck(scheme, whole)) == HOLDS
        payload = members(whole)
        payload["check"] |= {"outcome": "valid", "reasons": []}
        assert outcome(recheck(scheme, signed(payload))) == refused("outcome_differs")
        assert outcome(recheck(scheme, receipt_of(verdict))) == undetermined("evidence_missing")

    def test_a_qr_of_another_bundle_cannot_be_read_again(self, scheme: Scheme) -> None:
        verdict = check(scheme.bundle(), qr.pack(Scheme().presentation()))
        assert verdict.outcome == "unknown"
        assert outcome(recheck(scheme, receipt_of(verdict, evidence=WHOLE))) == undetermined("references_missing")

    def test_a_replay_rests_on_what_the_verifier_remembered(self, scheme: Scheme) -> None:
        verifier = Verifier(scheme.bundle(), policy=Policy(), replay_guard=InMemoryReplayGuard())
        shown = scheme.presentation()
        verifier.verify(shown, now=NOW)
        again = verifier.verify(shown, now=NOW)
        result = recheck(scheme, receipt_of(again))
        assert outcome(result) == undetermined("rests_on_memory")
        assert isinstance(result, ReceiptUndetermined)
        assert result.statement is not None
        later = verifier.verify(shown, now=NOW + timedelta(minutes=2))
        assert list(later.reasons) == ["stale", "replayed"]
        assert outcome(recheck(scheme, receipt_of(later))) == HOLDS  # stale it was, whatever else


class TestBinding:
    def test_another_verifier_is_refused(self, scheme: Scheme, receipt: Receipt) -> None:
        assert outcome(recheck(scheme, receipt, verifier="https://other.example")) == refused("other_verifier")

    @pytest.mark.parametrize("transaction", ["LOAN-2026-000018", "loan-2026-000017", ""])
    def test_another_transaction_is_refused(self, scheme: Scheme, receipt: Receipt, transaction: str) -> None:
        assert outcome(recheck(scheme, receipt, transaction=transaction)) == refused("other_transaction")

    def test_any_is_taken_only_when_that_is_said(self, scheme: Scheme, receipt: Receipt) -> None:
        assert outcome(recheck(scheme, receipt, verifier=None, transaction=None)) == HOLDS

    def test_another_key_is_refused(self, scheme: Scheme, receipt: Receipt) -> None:
        other = LocalSigner.generate().public_key
        assert outcome(recheck(scheme, receipt, verifier_key=other)) == refused("signature_invalid")

    def test_without_a_key_nothing_is_told(self, scheme: Scheme, receipt: Receipt) -> None:
        result = recheck(scheme, receipt, verifier_key=None)
        assert outcome(result) == undetermined("verifier_key_missing")
        assert isinstance(result, ReceiptUndetermined)
        assert result.statement is None

    def test_a_certificate_in_the_receipt_proves_nothing_by_itself(self, scheme: Scheme, valid: Verdict) -> None:
        bank = scheme.root.certify(certificates.CREDENTIAL_ISSUER)
        receipt = valid.receipt(bank.signer, TRANSACTION, verifier=BANK, purpose=PURPOSE, x5c=bank.x5c)
        assert outcome(recheck(scheme, receipt, verifier_key=None)) == undetermined("verifier_key_missing")
        assert outcome(recheck(scheme, receipt, verifier_key=bank.chain[0])) == HOLDS
        assert outcome(recheck(scheme, receipt)) == refused("verifier_key_differs")
        forged = jws.sign(members(receipt), signer=KEY, typ=TYP, header=jws.x5c_header(bank.x5c))
        assert outcome(recheck(scheme, forged, verifier_key=bank.chain[0])) == refused("signature_invalid")
        assert outcome(recheck(scheme, forged)) == refused("verifier_key_differs")

    @pytest.mark.parametrize(
        ("begin", "end", "expected"),
        [
            (NOW, NOW + timedelta(days=1), HOLDS),
            (BEGIN, NOW, HOLDS),
            (NOW + SECOND, NOW + timedelta(days=1), refused("verifier_certificate_period")),
            (BEGIN, NOW - SECOND, refused("verifier_certificate_period")),
        ],
    )
    def test_the_verifiers_certificate_was_valid_then(
        self, scheme: Scheme, valid: Verdict, begin: datetime, end: datetime, expected: tuple[str, str | None]
    ) -> None:
        bank = scheme.root.certify(certificates.CREDENTIAL_ISSUER, begin=begin, end=end)
        receipt = valid.receipt(bank.signer, TRANSACTION, verifier=BANK, purpose=PURPOSE)
        assert outcome(recheck(scheme, receipt, verifier_key=bank.chain[0])) == expected


class TestTampering:
    """A dishonest verifier changes one member and signs anew. What it cannot deny is told by a reason of its own."""

    @pytest.mark.parametrize(
        ("place", "value", "reason"),
        [
            ("version", 2, "unsupported_format"),
            ("version", "1", "malformed"),
            ("receipt_id", "", "malformed"),
            ("verifier", "https://other.example", "other_verifier"),
            ("transaction", "other", "other_transaction"),
            ("purpose", None, "malformed"),
            ("extra", 1, "malformed"),
            ("check.outcome", "invalid", "outcome_differs"),
            ("check.outcome", "unknown", "outcome_differs"),
            ("check.outcome", "good", "malformed"),
            ("check.reasons", ["revoked"], "outcome_differs"),
            ("check.reasons", ["made_up"], "malformed"),
            ("check.checked_at", "2026-11-22T09:02:00Z", "outcome_differs"),
            ("check.checked_at", "2026-11-22T08:59:00Z", "outcome_differs"),
            ("check.checked_at", "2036-11-22T09:00:30Z", "outcome_differs"),
            ("check.checked_at", "2026-11-22T09:00:30", "malformed"),
            ("check.presentation_sha256", "0" * 63, "malformed"),
            ("check.document", None, "document_differs"),
            ("check.document.vct", "urn:example:other", "document_differs"),
            ("check.document.agency_id", "G01", "document_differs"),
            ("check.document.names", {"vi": "a", "en": "b"}, "document_differs"),
            ("check.document.iss", "https://other.example", "document_differs"),
            ("check.document.successor_agency_id", "G01", "document_differs"),
            ("check.document.issued_at", "2026-11-19T09:00:00Z", "document_differs"),
            ("check.document.expires_at", "2028-11-19T09:00:00Z", "document_differs"),
            ("check.presented_at", "2026-11-22T09:00:21Z", "presented_at_differs"),
            ("check.presented_at", None, "presented_at_differs"),
            ("check.data.bundle_sequence", "3", "malformed"),
            ("check.data.bundle_issued_at", "2026-11-22T06:00:30Z", "data_differs"),
            ("check.data.bundle_expires_at", "2027-11-22T06:00:30Z", "data_differs"),
            ("check.data.trust_list_sequence", 8, "data_differs"),
            ("check.data.trust_list_issued_at", "2026-11-22T07:00:31Z", "data_differs"),
            ("check.data.status_checked_at", "2026-11-22T09:00:30Z", "data_differs"),
            ("check.data.status_checked_at", None, "data_differs"),
            ("check.disclosed", [], "disclosed_differs"),
            ("check.claims.0.value", "Nguyễn Văn B", "claims_differ"),
            ("check.claims.0.path", ["issued_on"], "claims_differ"),
            ("check.claims.0.path", ["birth_date"], "claims_differ"),
            ("conditions.printed_copy", True, "outcome_differs"),
            ("conditions.challenge", "K7-42", "outcome_differs"),
            ("conditions.policy.audience", BANK, "outcome_differs"),
            ("conditions.policy.audience", "", "malformed"),
            ("conditions.policy.accepted_types", ["urn:example:other"], "outcome_differs"),
            ("conditions.policy.accepted_agencies", ["G01"], "outcome_differs"),
            ("conditions.policy.required_claims", ["birth_date"], "outcome_differs"),
            ("conditions.policy.max_presentation_age", "PT5S", "outcome_differs"),
            ("conditions.policy.max_status_age", "PT5S", "outcome_differs"),
            ("conditions.policy.clock_skew", "-PT5S", "malformed"),
            ("conditions.document_type", None, "outcome_differs"),
            ("conditions.document_type.vct", "urn:example:other", "outcome_differs"),
            ("conditions.document_type.required_claims", ["issued_on", "valid_until", "sex"], "outcome_differs"),
            ("evidence.level", "all", "malformed"),
            ("evidence.presentation", "nonsense", None),
            ("evidence.trust_list.token", lambda token: token[:-4] + "AAAA", "evidence_altered"),
            ("evidence.trust_list.sha256", "0" * 64, "evidence_altered"),
            ("evidence.status_list.token", lambda token: token[:-4] + "AAAA", "evidence_altered"),
            ("evidence.status_list.sha256", "0" * 64, "evidence_altered"),
            ("evidence.status_list.uri", "https://other.example", "outcome_differs"),
            ("evidence.status_list", None, "outcome_differs"),
        ],
    )
    def test_each_member_counts(
        self, scheme: Scheme, receipt: Receipt, place: str, value: Any, reason: str | None
    ) -> None:
        expected = reason or {WHOLE: "presentation_differs", PROOFS: "outcome_differs"}[receipt.evidence]
        assert outcome(recheck(scheme, changed(receipt, place, value))) == refused(expected)

    def test_what_is_unchanged_and_signed_anew_holds(self, scheme: Scheme, receipt: Receipt) -> None:
        assert outcome(recheck(scheme, changed(receipt, "purpose", PURPOSE))) == HOLDS

    def test_only_whole_evidence_proves_hash_and_claims_that_were_shown(self, scheme: Scheme, valid: Verdict) -> None:
        for level, hashed, listed in (
            (WHOLE, refused("presentation_differs"), refused("disclosed_differs")),
            (PROOFS, HOLDS, HOLDS),
        ):
            token = receipt_of(valid, evidence=level).token
            assert outcome(recheck(scheme, changed(token, "check.presentation_sha256", "0" * 64))) == hashed
            more = changed(token, "check.disclosed", lambda paths: [*paths, ["birth_date"]])
            assert outcome(recheck(scheme, more)) == listed

    def test_true_is_not_one(self, scheme: Scheme) -> None:
        credential = scheme.credential(claims={**CLAIMS, "has_record": True})
        names = ("has_record", "issued_on", "valid_until")
        verdict = check(scheme.bundle(), scheme.presentation(credential, shown=[(name,) for name in names]))
        token = receipt_of(verdict, keep_claims=["has_record"]).token
        assert outcome(recheck(scheme, token)) == HOLDS
        assert outcome(recheck(scheme, changed(token, "check.claims.0.value", 1))) == refused("claims_differ")

    def test_a_reason_more_or_less_is_told(self, scheme: Scheme) -> None:
        revoked = scheme.bundle(status_lists={STATUS_URI: scheme.status_list_token([(5, 1)])})
        token = receipt_of(check(revoked, scheme.presentation(), audience=BANK)).token
        for reasons in (["revoked"], ["revoked", "audience_mismatch"], ["audience_mismatch", "revoked", "stale"]):
            assert outcome(recheck(scheme, changed(token, "check.reasons", reasons))) == refused("reasons_differ")
        payload = members(token)
        payload["check"] |= {"outcome": "valid", "reasons": []}
        assert outcome(recheck(scheme, signed(payload))) == refused("outcome_differs")

    def test_a_replay_is_no_way_around_a_refusal(self, scheme: Scheme, receipt: Receipt) -> None:
        payload = members(receipt)
        payload["check"] |= {"outcome": "invalid", "reasons": ["replayed"], "claims": []}
        assert outcome(recheck(scheme, signed(payload))) == undetermined("rests_on_memory")

    def test_claims_of_what_was_not_accepted_are_refused(self, scheme: Scheme) -> None:
        revoked = scheme.bundle(status_lists={STATUS_URI: scheme.status_list_token([(5, 1)])})
        receipt = receipt_of(check(revoked, scheme.presentation()), evidence=WHOLE)
        kept = changed(receipt, "check.claims", [{"path": ["full_name"], "value": CLAIMS["full_name"]}])
        assert outcome(recheck(scheme, kept)) == refused("claims_differ")

    def test_the_evidence_of_another_document_is_refused(self, scheme: Scheme, receipt: Receipt) -> None:
        other = scheme.presentation(
            scheme.credential(status=StatusReference(STATUS_URI, 7), expires_at=NOW + timedelta(days=9))
        )
        evidence = members(receipt_of(check(scheme.bundle(), other)))["evidence"]["presentation"]
        expected = {WHOLE: "presentation_differs", PROOFS: "document_differs"}[receipt.evidence]
        assert outcome(recheck(scheme, changed(receipt, "evidence.presentation", evidence))) == refused(expected)

    @pytest.mark.parametrize("token", ["", "a.b.c", "a" * 100, "Đ"])
    def test_what_is_no_receipt_is_refused(self, scheme: Scheme, token: str) -> None:
        assert outcome(recheck(scheme, token)) == refused("malformed")

    @pytest.mark.parametrize("typ", ["JWT", "giayto-bundle+jwt", "kb+jwt"])
    def test_another_type_of_token_is_refused(self, scheme: Scheme, receipt: Receipt, typ: str) -> None:
        assert outcome(recheck(scheme, signed(members(receipt), typ=typ))) == refused("malformed")

    def test_what_is_too_large_is_refused(
        self, scheme: Scheme, receipt: Receipt, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rechecking, "MAX_RECEIPT_BYTES", len(receipt.token) - 1)
        assert outcome(recheck(scheme, receipt)) == refused("malformed")


class TestEvidence:
    def test_without_evidence_it_is_the_verifiers_word(self, scheme: Scheme, valid: Verdict) -> None:
        result = recheck(scheme, receipt_of(valid, evidence=Level.NONE, keep_claims=["full_name"]))
        assert outcome(result) == undetermined("evidence_missing")
        assert isinstance(result, ReceiptUndetermined)
        assert result.statement is not None
        assert result.statement.claims == {("full_name",): CLAIMS["full_name"]}

    @pytest.mark.parametrize("place", ["evidence.presentation", "evidence.trust_list"])
    def test_evidence_that_was_taken_out_is_missed(self, scheme: Scheme, receipt: Receipt, place: str) -> None:
        assert outcome(recheck(scheme, changed(receipt, place, None))) == undetermined("evidence_missing")

    def test_lists_beside_the_receipt_are_as_good(self, scheme: Scheme, valid: Verdict) -> None:
        receipt = receipt_of(valid, embed_lists=False)
        assert outcome(recheck(scheme, receipt, lists=receipt.lists)) == HOLDS
        assert outcome(recheck(scheme, receipt)) == undetermined("lists_missing")
        for missing in receipt.lists:
            rest = {sha256: token for sha256, token in receipt.lists.items() if sha256 != missing}
            assert outcome(recheck(scheme, receipt, lists=rest)) == undetermined("lists_missing")
            altered = {**receipt.lists, missing: scheme.status_list_token()}
            assert outcome(recheck(scheme, receipt, lists=altered)) == refused("evidence_altered")

    def test_lists_of_somebody_else_prove_nothing(self, scheme: Scheme, valid: Verdict) -> None:
        """A verifier that signs its own trust list is not believed."""
        own = Scheme(root=Authority.root("Test root"))
        receipt = receipt_of(valid)
        for name, token, reason in (
            ("trust_list", own.trust_list_token(scheme.trust_list()), "evidence_untrusted"),
            ("status_list", own.status_list_token(), "outcome_differs"),
        ):
            payload = members(receipt)
            payload["evidence"][name] |= {"token": token, "sha256": list_hash(token)}
            assert outcome(recheck(scheme, signed(payload))) == refused(reason)

    def test_a_status_list_of_another_time_is_no_evidence(self, scheme: Scheme, valid: Verdict) -> None:
        payload = members(receipt_of(valid))
        token = scheme.status_list_token(issued_at=NOW - timedelta(minutes=5))
        payload["evidence"]["status_list"] |= {"token": token, "sha256": list_hash(token)}
        assert outcome(recheck(scheme, signed(payload))) == refused("data_differs")

    def test_another_anchor_is_refused(self, scheme: Scheme, receipt: Receipt) -> None:
        other = (Authority.root().certificate,)
        assert outcome(recheck(scheme, receipt, anchors=other)) == refused("evidence_untrusted")


class TestYearsLater:
    @pytest.fixture
    def short_lived(self) -> Scheme:
        """Every certificate but the root's ends a month after the check."""
        root, end = Authority.root(), NOW + timedelta(days=30)
        return Scheme(
            root=root,
            agency=root.certify(certificates.CREDENTIAL_ISSUER, uris=[ISS], end=end),
            trust_lister=root.certify(certificates.TRUST_LIST, end=end),
            status_lister=root.certify(certificates.STATUS_LIST, end=end),
            bundler=root.certify(certificates.BUNDLE, end=end),
        )

    @pytest.mark.parametrize("level", [WHOLE, PROOFS])
    def test_it_holds_after_every_certificate_has_ended(self, short_lived: Scheme, level: Level) -> None:
        shown = short_lived.presentation()
        bundle = short_lived.bundle()
        receipt = receipt_of(check(bundle, shown), evidence=level)
        today = datetime(2036, 1, 1, tzinfo=UTC)
        assert "certificate_expired" in check(bundle, shown, at=today).reasons
        # Checking a receipt takes no clock: there is nothing in it that could have ended.
        assert outcome(recheck(short_lived, receipt)) == HOLDS

    def test_it_says_nothing_of_a_time_after_the_certificates(self, short_lived: Scheme) -> None:
        token = receipt_of(check(short_lived.bundle(), short_lived.presentation()), evidence=WHOLE).token
        later = changed(token, "check.checked_at", "2036-01-01T00:00:00Z")
        assert outcome(recheck(short_lived, later)) == refused("outcome_differs")

    @pytest.mark.parametrize(
        ("status", "since", "expected"),
        [
            (IssuerStatus.COMPROMISED, NOW - timedelta(days=1), undetermined("issuer_compromised")),
            (IssuerStatus.COMPROMISED, NOW, undetermined("issuer_compromised")),
            (IssuerStatus.COMPROMISED, NOW + SECOND, HOLDS),
            (IssuerStatus.WITHDRAWN, NOW - timedelta(days=1), HOLDS),
            (IssuerStatus.GRANTED, NOW - timedelta(days=1), HOLDS),
        ],
    )
    def test_a_key_that_was_compromised_later(
        self, scheme: Scheme, receipt: Receipt, status: IssuerStatus, since: datetime, expected: Any
    ) -> None:
        entry = replace(scheme.entry(), status=status, status_since=since)
        newer = scheme.trust_list(entry, sequence=99, issued_at=NOW + timedelta(days=900))
        assert outcome(recheck(scheme, receipt, newer_trust_list=newer)) == expected

    def test_another_key_of_the_agency_does_not_matter(self, scheme: Scheme, receipt: Receipt) -> None:
        compromised = replace(
            scheme.entry(Scheme().agency), status=IssuerStatus.COMPROMISED, status_since=NOW - timedelta(days=1)
        )
        newer = scheme.trust_list(scheme.entry(), compromised)
        assert outcome(recheck(scheme, receipt, newer_trust_list=newer)) == HOLDS

    def test_a_key_known_as_compromised_then_was_refused_then(self, scheme: Scheme) -> None:
        bundle = scheme.bundle(trust_list=scheme.with_entry(status=IssuerStatus.COMPROMISED))
        verdict = check(bundle, scheme.presentation())
        assert list(verdict.reasons) == ["issuer_compromised"]
        token = receipt_of(verdict, evidence=WHOLE).token
        assert outcome(recheck(scheme, token)) == HOLDS
        assert outcome(recheck(scheme, changed(token, "check.reasons", ["malformed"]))) == refused("reasons_differ")


class TestTypes:
    def test_a_result_has_no_truth_value(self, scheme: Scheme, receipt: Receipt) -> None:
        for result in (recheck(scheme, receipt), recheck(scheme, "a"), recheck(scheme, receipt, verifier_key=None)):
            with pytest.raises(TypeError, match="three results"):
                bool(result)

    def test_nobody_else_makes_a_statement(self, scheme: Scheme, receipt: Receipt) -> None:
        result = recheck(scheme, receipt)
        assert isinstance(result, ReceiptHolds)
        names = [name for name in ReceiptStatement.__slots__ if name != "seal"]
        values = {name: getattr(result.statement, name) for name in names}
        with pytest.raises(TypeError, match="by checking a receipt only"):
            ReceiptStatement(**values, seal=object())
        with pytest.raises((TypeError, ValueError)):
            replace(result.statement, outcome="valid")
        with pytest.raises(TypeError, match="pickled"):
            pickle.dumps(result.statement)

    def test_a_refused_receipt_says_nothing(self, scheme: Scheme, receipt: Receipt) -> None:
        result = recheck(scheme, receipt, transaction="other")
        assert isinstance(result, ReceiptRefused)
        assert not hasattr(result, "statement")

    @pytest.mark.parametrize("reason", ReceiptReason)
    def test_every_reason_has_words_in_both_languages(self, reason: ReceiptReason) -> None:
        assert reason.text.message_vi.endswith(".")
        assert reason.text.message_en.endswith(".")
        assert reason.text.message_vi != reason.text.message_en

    def test_no_text_of_a_result_holds_personal_data(self, scheme: Scheme, receipt: Receipt) -> None:
        results = [
            recheck(scheme, receipt),
            recheck(scheme, receipt, transaction="other"),
            recheck(scheme, changed(receipt, "check.claims.0.value", "Nguyễn Văn B")),
            recheck(scheme, changed(receipt, "check.outcome", CLAIMS["full_name"])),
            recheck(scheme, changed(receipt, "check.document_type", CLAIMS["full_name"])),
        ]
        for result in results:
            text = repr(result) + str(getattr(result, "detail", ""))
            assert not any(value in text for value in (*CLAIMS.values(), "Nguyễn Văn B", receipt.token))
