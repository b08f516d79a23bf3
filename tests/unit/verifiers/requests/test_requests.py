"""Asking a wallet and judging its answer, without network: the request object, the response, the verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from cryptography import x509
from msgspec import structs

from giayto_crypto import certificates, jws
from giayto_crypto.bundle import VerifierBundle
from giayto_crypto.catalogue import Catalogue, CatalogueUse
from giayto_crypto.dcql import DcqlQuery, parse_query
from giayto_crypto.errors import CertificateError
from giayto_crypto.keys import LocalSigner
from giayto_verifiers import NotValidError, Policy, ReceiptHolds, ReceiptUndetermined, check_receipt
from giayto_verifiers.requests import (
    AnswerVerdict,
    InvalidAnswer,
    PresentationRequest,
    Purpose,
    RequestError,
    ResponseError,
    UnknownAnswer,
    ValidAnswer,
    VerifierIdentity,
    VpToken,
    WalletRefusal,
    asks_for_more,
    authorization_link,
    encode_transaction_data,
    judge_answer,
    new_request,
    read_form,
    read_response,
    request_object,
    require_askable,
    required_claims_not_asked,
    simple_query,
)
from giayto_verifiers.requests.transaction_data import TransactionDataError, statement
from openid4vp import RequestSeen, encrypted_form, key_bound, plain_form, read_request_object
from trust_scheme import NOW, Scheme
from trust_scheme.scheme import RECORD, SHOWN, VCT

RESPONSE_URI = "https://verifier.example/response/1"
PURPOSE = Purpose(code="open-account", vi="Mở tài khoản", en="Open an account")
QUERY = simple_query(VCT, SHOWN)


@dataclass(frozen=True)
class Desk:
    """A verifier, a holder, and what passes between them."""

    scheme: Scheme
    bundle: VerifierBundle
    identity: VerifierIdentity
    stranger: LocalSigner = field(default_factory=LocalSigner.generate)

    def ask(self, query: DcqlQuery = QUERY, **changes: Any) -> PresentationRequest:
        values: dict[str, Any] = {"query": query, "response_uri": RESPONSE_URI, "purpose": PURPOSE, "now": NOW}
        return new_request(self.identity, **values | changes)

    def seen(self, request: PresentationRequest, **changes: Any) -> RequestSeen:
        return read_request_object(request_object(request, self.identity, now=NOW, **changes))

    def shown(self, request: PresentationRequest, shown: Any = SHOWN, **changes: Any) -> str:
        values: dict[str, Any] = {"holder": self.scheme.holder, "seen": self.seen(request), "now": NOW}
        credential = changes.pop("credential", None) or self.scheme.credential()
        return key_bound(credential, shown, **values | changes)

    def answer(self, request: PresentationRequest, *texts: str) -> VpToken:
        name = request.query.credentials[0].id
        read = read_response(encrypted_form(self.seen(request), {name: list(texts)}), request)
        assert isinstance(read, VpToken)
        return read

    def judge(self, request: PresentationRequest, *texts: str, **changes: Any) -> AnswerVerdict:
        answer = changes.pop("answer", None) or self.answer(request, *texts)
        values: dict[str, Any] = {"bundle": self.bundle, "policy": Policy(), "now": NOW}
        return judge_answer(answer, request, **values | changes)


@pytest.fixture(scope="module")
def desk(scheme: Scheme, bundle: VerifierBundle) -> Desk:
    names = x509.SubjectAlternativeName([x509.DNSName("verifier.example")])
    certified = scheme.root.certify(certificates.PRESENTATION_REQUEST, extra=[(names, False)])
    return Desk(scheme, bundle, VerifierIdentity.by_hash(certified.signer, certified.x5c))


def by_name(desk: Desk, name: str = "verifier.example") -> Desk:
    return Desk(desk.scheme, desk.bundle, VerifierIdentity.by_dns_name(desk.identity.signer, desk.identity.x5c, name))


class TestRequestObject:
    def test_says_what_the_specification_demands(self, desk: Desk) -> None:
        request = desk.ask()
        seen = desk.seen(request, wallet_nonce="wn-1")
        claims = seen.claims
        assert seen.header["typ"] == "oauth-authz-req+jwt"
        assert claims["aud"] == "https://self-issued.me/v2"
        assert claims["client_id"].startswith("x509_hash:")
        assert (claims["response_type"], claims["response_mode"]) == ("vp_token", "direct_post.jwt")
        assert claims["response_uri"] == RESPONSE_URI
        assert claims["wallet_nonce"] == "wn-1"
        assert claims["dcql_query"] == QUERY.to_json()
        assert "redirect_uri" not in claims
        assert claims["exp"] - claims["iat"] == 300
        metadata = claims["client_metadata"]
        assert metadata["encrypted_response_enc_values_supported"] == ["A128GCM", "A256GCM"]
        assert metadata["vp_formats_supported"]["dc+sd-jwt"]["kb-jwt_alg_values"] == ["ES256"]
        (key,) = metadata["jwks"]["keys"]
        assert (key["alg"], key["use"], "d" in key) == ("ECDH-ES", "enc", False)
        assert key["kid"]

    def test_every_request_has_its_own_nonce_state_and_key(self, desk: Desk) -> None:
        first, second = desk.ask(), desk.ask()
        for name in ("nonce", "state", "encryption_key"):
            assert getattr(first, name) != getattr(second, name)
        assert len(first.nonce) >= 22
        assert len(first.state) >= 22

    def test_it_may_be_fetched_twice_and_says_the_same(self, desk: Desk) -> None:
        request = desk.ask()
        assert desk.seen(request).claims == desk.seen(request).claims

    def test_survives_being_kept(self, desk: Desk) -> None:
        request = desk.ask(transaction_data=[encode_transaction_data(CONFIRMED)])
        assert PresentationRequest.from_bytes(request.to_bytes()) == request

    def test_keeps_its_key_out_of_its_repr(self, desk: Desk) -> None:
        assert "PRIVATE" not in repr(desk.ask())

    def test_an_unencrypted_answer_must_be_asked_for(self, desk: Desk) -> None:
        claims = desk.seen(desk.ask(response_mode="direct_post")).claims
        assert claims["response_mode"] == "direct_post"
        assert "jwks" not in claims["client_metadata"]
        assert "encrypted_response_enc_values_supported" not in claims["client_metadata"]

    def test_is_signed_by_the_certificate_that_names_the_verifier(self, desk: Desk) -> None:
        parsed = jws.parse(request_object(desk.ask(), desk.identity, now=NOW), typ="oauth-authz-req+jwt")
        assert parsed.x5c_der() == desk.identity.x5c
        parsed.verify(desk.identity.signer.public_key)

    def test_by_dns_name(self, desk: Desk) -> None:
        named = by_name(desk)
        assert named.seen(named.ask()).claims["client_id"] == "x509_san_dns:verifier.example"
        with pytest.raises(RequestError, match="host"):
            named.ask(response_uri="https://other.example/response")

    @pytest.mark.parametrize("name", ["other.example", "", "VERIFIER.example", "example"])
    def test_a_name_that_the_certificate_does_not_have(self, desk: Desk, name: str) -> None:
        with pytest.raises(CertificateError):
            by_name(desk, name)

    def test_a_certificate_of_another_key(self, desk: Desk) -> None:
        with pytest.raises(CertificateError):
            VerifierIdentity.by_hash(desk.stranger, desk.identity.x5c)
        with pytest.raises(CertificateError):
            VerifierIdentity.by_hash(desk.stranger, ())

    def test_a_replaced_certificate_ends_its_requests(self, desk: Desk) -> None:
        with pytest.raises(RequestError, match="replaced"):
            request_object(desk.ask(), by_name(desk).identity, now=NOW)

    @pytest.mark.parametrize("nonce", ["", "a b", "ễ", "x" * 201, "a\n"])
    def test_a_wallet_nonce_of_another_grammar(self, desk: Desk, nonce: str) -> None:
        with pytest.raises(RequestError, match="wallet_nonce"):
            desk.seen(desk.ask(), wallet_nonce=nonce)

    @pytest.mark.parametrize(
        "changes",
        [
            {"format": "mso_mdoc", "meta": {"doctype_value": "x"}},
            {"require_cryptographic_holder_binding": False},
            {"trusted_authorities": [{"type": "etsi_tl", "values": ["https://x.example"]}]},
        ],
    )
    def test_what_could_not_be_checked_is_not_asked_for(self, desk: Desk, changes: dict[str, Any]) -> None:
        credential = {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}} | changes
        with pytest.raises(RequestError):
            desk.ask(parse_query({"credentials": [credential]}))

    @pytest.mark.parametrize("minutes", [0, -1, 16])
    def test_a_request_does_not_live_long(self, desk: Desk, minutes: int) -> None:
        with pytest.raises(RequestError, match="15 minutes"):
            desk.ask(lifetime=timedelta(minutes=minutes))

    def test_the_link_refers_to_the_object(self, desk: Desk) -> None:
        link = authorization_link(desk.identity.client_id, "https://verifier.example/r/1?a=b")
        assert link.startswith("openid4vp://?")
        assert dict(parse_qsl(urlsplit(link).query)) == {
            "client_id": desk.identity.client_id,
            "request_uri": "https://verifier.example/r/1?a=b",
            "request_uri_method": "post",
        }


class TestSimpleQuery:
    def test_required_claims_are_asked_for_too(self) -> None:
        asked = simple_query(VCT, [("full_name",), ("full_name",)], required=RECORD.required_claims).credentials[0]
        assert [claim.path for claim in asked.claims or ()] == [("full_name",), ("issued_on",), ("valid_until",)]
        assert required_claims_not_asked(asked, RECORD) == ()

    def test_without_claims_nothing_is_asked_for(self) -> None:
        asked = simple_query(VCT, []).credentials[0]
        assert asked.claims is None
        assert required_claims_not_asked(asked, RECORD) == ("issued_on", "valid_until")

    @pytest.mark.parametrize(
        ("path", "within"),
        [
            (("visits",), False),
            (("visits", None), False),
            (("visits", None, "date"), True),
            (("visits", 3, "date"), True),
            (("visits", 3, "date", "year"), True),
            (("visits", 3, "cost"), False),
            (("visits", "x", "date"), False),
            (("full_name",), True),
            (("address",), False),
        ],
    )
    def test_what_lies_beyond_the_allowed_claims(self, path: Any, *, within: bool) -> None:
        asked = simple_query(VCT, [path]).credentials[0]
        beyond = asks_for_more(asked, [("visits", None, "date"), ("full_name",)])
        assert beyond == (() if within else (path,))


class TestWhatMayBeAsked:
    @pytest.mark.parametrize(
        ("use", "claims", "refusal"),
        [
            (CatalogueUse(), SHOWN, None),
            (CatalogueUse(purposes=("open-account",)), SHOWN, None),
            (CatalogueUse(purposes=("OTHER",)), SHOWN, "other purposes"),
            (CatalogueUse(demandable=False), SHOWN, "nobody may demand"),
            (CatalogueUse(), SHOWN[:1], "issued_on"),
        ],
    )
    def test_before_anybody_is_asked(self, use: Any, claims: Any, refusal: str | None) -> None:
        catalogue = Catalogue(entries=(structs.replace(RECORD, use=use),))
        query = simple_query(VCT, claims)
        if refusal is None:
            require_askable(query, PURPOSE.code, catalogue)
            return
        with pytest.raises(RequestError, match=refusal):
            require_askable(query, PURPOSE.code, catalogue)

    def test_types_that_the_bundle_does_not_know_are_not_judged(self) -> None:
        require_askable(simple_query("urn:example:unknown:1", []), PURPOSE.code, Catalogue(entries=(RECORD,)))


class TestReadingAResponse:
    def test_an_encrypted_answer(self, desk: Desk) -> None:
        request = desk.ask()
        for enc in ("A128GCM", "A256GCM"):
            form = encrypted_form(desk.seen(request), {"document": ["x~"]}, enc=enc)
            assert read_response(form, request) == VpToken((("document", "x~"),))

    def test_an_unencrypted_answer_where_it_was_asked_for(self, desk: Desk) -> None:
        request = desk.ask(response_mode="direct_post")
        assert read_response(plain_form(desk.seen(request), {"document": ["x~"]}), request) == VpToken(
            (("document", "x~"),)
        )

    def test_an_unencrypted_answer_where_it_must_be_encrypted(self, desk: Desk) -> None:
        request = desk.ask()
        with pytest.raises(ResponseError, match="encrypted"):
            read_response(plain_form(desk.seen(request), {"document": ["x~"]}), request)

    def test_an_encrypted_answer_that_nobody_asked_for(self, desk: Desk) -> None:
        form = encrypted_form(desk.seen(desk.ask()), {"document": ["x~"]})
        with pytest.raises(ResponseError):
            read_response(form, desk.ask(response_mode="direct_post"))

    @pytest.mark.parametrize("encrypted", [True, False])
    def test_a_refusal(self, desk: Desk, *, encrypted: bool) -> None:
        request = desk.ask()
        seen = desk.seen(request)
        form = {"error": "access_denied", "state": seen.claims["state"]}
        if encrypted:
            form = encrypted_form(seen, {}, error="access_denied")
        assert read_response(form, request) == WalletRefusal("access_denied")

    def test_a_refusal_in_words_of_its_own(self, desk: Desk) -> None:
        request = desk.ask()
        form = {"error": "<script>", "state": request.state}
        assert read_response(form, request) == WalletRefusal("other")

    @pytest.mark.parametrize("state", [None, "", "x", 7])
    def test_another_state_inside_the_encryption(self, desk: Desk, state: Any) -> None:
        request = desk.ask()
        form = encrypted_form(desk.seen(request), {"document": ["x~"]}, state=state)
        with pytest.raises(ResponseError, match="state"):
            read_response(form, request)

    def test_a_state_outside_the_encryption_does_not_count(self, desk: Desk) -> None:
        request = desk.ask()
        form = encrypted_form(desk.seen(request), {"document": ["x~"]}, state=None) | {"state": request.state}
        with pytest.raises(ResponseError, match="state"):
            read_response(form, request)

    def test_an_answer_to_another_request(self, desk: Desk) -> None:
        form = encrypted_form(desk.seen(desk.ask()), {"document": ["x~"]})
        with pytest.raises(ResponseError):
            read_response(form, desk.ask())

    @pytest.mark.parametrize(
        "vp_token",
        [
            [],
            {},
            "x~",
            ["x~"],
            {"document": "x~"},
            {"document": []},
            {"document": [1]},
            {"document": [{}]},
            None,
            1,
            {"document": ["x~"] * 41},
        ],
        ids=range(11),
    )
    def test_a_vp_token_of_another_shape(self, desk: Desk, vp_token: Any) -> None:
        request, plain = desk.ask(), desk.ask(response_mode="direct_post")
        with pytest.raises(ResponseError):
            read_response(encrypted_form(desk.seen(request), vp_token), request)
        with pytest.raises(ResponseError):
            read_response(plain_form(desk.seen(plain), vp_token), plain)

    @pytest.mark.parametrize(
        "body", [b"a=1&a=2", b"a", b"a=%ff", "a=ễ".encode(), b"&".join([b"a=1"] * 21), b"a=" + b"x" * 600_000]
    )
    def test_forms_that_are_none(self, body: bytes) -> None:
        with pytest.raises(ResponseError):
            read_form(body)

    def test_a_form(self) -> None:
        assert read_form(urlencode({"a": "ễ b", "c": ""}).encode()) == {"a": "ễ b", "c": ""}


CONFIRMED: Mapping[str, Any] = statement(
    ["document"], statement_vi="Chuyển 1 đồng", statement_en="Transfer 1 dong", reference="T-1"
)


class TestJudging:
    def test_what_was_asked_for_is_valid(self, desk: Desk) -> None:
        request = desk.ask()
        verdict = desk.judge(request, desk.shown(request))
        assert isinstance(verdict, ValidAnswer)
        (presentation,) = verdict.require_valid()["document"]
        assert presentation.claims["full_name"] == "Nguyễn Thị Ánh Tuyết"
        assert verdict.to_json()["credentials"][0]["verdict"]["claims"]["record_number"] == "LL-2026-0001"

    def test_its_receipt_holds(self, desk: Desk) -> None:
        request = desk.ask()
        key = LocalSigner.generate()
        verdict = desk.judge(request, desk.shown(request))
        (receipt,) = verdict.receipts(key, "T-1", verifier="Bank", purpose="Open an account")
        result = check_receipt(
            receipt.token,
            anchors=desk.scheme.anchors,
            verifier_key=key.public_key,
            verifier="Bank",
            transaction="T-1",
        )
        assert isinstance(result, ReceiptHolds)

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"aud": "x509_hash:other"}, "audience_mismatch"),
            ({"nonce": "other"}, "challenge_mismatch"),
            ({"sd_hash": "x"}, "key_binding_invalid"),
            ({"iat": int(NOW.timestamp()) - 301}, "stale"),
            ({"iat": int(NOW.timestamp()) + 61}, "presented_in_future"),
            ({"typ": "jwt"}, "key_binding_invalid"),
            ({"aud": None}, "key_binding_invalid"),
        ],
        ids=repr,
    )
    def test_a_proof_for_something_else(self, desk: Desk, changes: dict[str, Any], reason: str) -> None:
        request = desk.ask()
        verdict = desk.judge(request, desk.shown(request, **changes))
        assert isinstance(verdict, InvalidAnswer)
        assert list(verdict.reasons) == [reason]

    @pytest.mark.parametrize("seconds", [-300, 60])
    def test_a_proof_at_the_edge_of_its_time(self, desk: Desk, seconds: int) -> None:
        request = desk.ask()
        shown = desk.shown(request, now=NOW + timedelta(seconds=seconds))
        assert isinstance(desk.judge(request, shown), ValidAnswer)

    def test_the_audience_carries_its_prefix(self, desk: Desk) -> None:
        request = desk.ask()
        without = request.client_id.partition(":")[2]
        assert list(desk.judge(request, desk.shown(request, aud=without)).reasons) == ["audience_mismatch"]

    def test_a_proof_by_another_key(self, desk: Desk) -> None:
        request = desk.ask()
        assert list(desk.judge(request, desk.shown(request, holder=desk.stranger)).reasons) == ["key_binding_invalid"]

    def test_no_proof(self, desk: Desk) -> None:
        request = desk.ask()
        shown = desk.shown(request).rpartition("~")[0] + "~"
        assert list(desk.judge(request, shown).reasons) == ["key_binding_missing"]

    def test_more_than_was_asked_for(self, desk: Desk) -> None:
        request = desk.ask()
        verdict = desk.judge(request, desk.shown(request, [*SHOWN, ("birth_date",)]))
        assert list(verdict.reasons) == ["more_than_asked"]
        assert verdict.to_json()["credentials"][0]["verdict"]["claims"] is None
        with pytest.raises(NotValidError, match="more_than_asked"):
            verdict.require_valid()

    def test_less_than_was_asked_for(self, desk: Desk) -> None:
        request = desk.ask()
        verdict = desk.judge(request, desk.shown(request, SHOWN[1:]))
        assert list(verdict.reasons) == ["query_not_satisfied"]

    def test_a_receipt_of_that_rests_on_the_verifiers_word(self, desk: Desk) -> None:
        request, key = desk.ask(), LocalSigner.generate()
        verdict = desk.judge(request, desk.shown(request, SHOWN[1:]))
        (receipt,) = verdict.receipts(key, "T-1", verifier="Bank", purpose="Open an account")
        result = check_receipt(
            receipt.token, anchors=desk.scheme.anchors, verifier_key=key.public_key, verifier=None, transaction=None
        )
        assert isinstance(result, ReceiptUndetermined)
        assert result.reason == "rests_on_memory"

    def test_the_same_presentation_twice(self, desk: Desk) -> None:
        credential = {"id": "document", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}, "multiple": True}
        asked = {"claims": [{"path": list(path)} for path in SHOWN]}
        request = desk.ask(parse_query({"credentials": [credential | asked]}))
        shown = desk.shown(request)
        assert list(desk.judge(request, shown, shown).reasons) == ["replayed"]
        other = desk.shown(request)
        assert isinstance(desk.judge(request, shown, other), ValidAnswer)

    def test_an_answer_to_a_question_that_was_not_asked(self, desk: Desk) -> None:
        request = desk.ask()
        answer = VpToken((("document", desk.shown(request)), ("other", desk.shown(request))))
        verdict = desk.judge(request, answer=answer)
        assert isinstance(verdict, InvalidAnswer)
        assert list(verdict.reasons) == ["more_than_asked"]
        assert [each.verdict.outcome for each in verdict.checked] == ["valid", "invalid"]
        assert all(each["verdict"]["claims"] is None for each in verdict.to_json()["credentials"])

    def test_one_credential_of_two_is_missing(self, desk: Desk) -> None:
        credentials = [
            {
                "id": name,
                "format": "dc+sd-jwt",
                "meta": {"vct_values": [VCT]},
                "claims": [{"path": list(path)} for path in SHOWN],
            }
            for name in ("document", "other")
        ]
        request = desk.ask(parse_query({"credentials": credentials}))
        verdict = desk.judge(request, desk.shown(request))
        assert list(verdict.reasons) == ["query_not_satisfied"]
        both = VpToken(tuple((name, desk.shown(request)) for name in ("document", "other")))
        assert isinstance(desk.judge(request, answer=both), ValidAnswer)

    def test_something_that_is_no_presentation(self, desk: Desk) -> None:
        request = desk.ask()
        assert set(desk.judge(request, "x").reasons) == {"malformed", "query_not_satisfied"}

    @pytest.mark.parametrize(
        ("use", "found"),
        [
            (CatalogueUse(demandable=True, purposes=(PURPOSE.code,)), []),
            (CatalogueUse(demandable=True, purposes=("OTHER",)), ["purpose_not_allowed"]),
            (CatalogueUse(demandable=False), ["type_not_demandable"]),
        ],
        ids=["allowed", "other purpose", "not demandable"],
    )
    def test_a_type_that_may_not_be_asked_for_so(self, desk: Desk, use: Any, found: list[str]) -> None:
        request = desk.ask()
        catalogue = Catalogue(entries=(structs.replace(RECORD, use=use),))
        bundle = desk.scheme.bundle(catalogue=catalogue)
        assert list(desk.judge(request, desk.shown(request), bundle=bundle).reasons) == found

    def test_an_outdated_bundle_makes_it_unknown(self, desk: Desk) -> None:
        request = desk.ask()
        shown = desk.shown(request)
        old = desk.scheme.bundle(expires_at=NOW)
        verdict = desk.judge(request, shown, bundle=old)
        assert isinstance(verdict, UnknownAnswer)
        assert list(verdict.reasons) == ["bundle_expired"]

    def test_a_verdict_is_no_truth_value(self, desk: Desk) -> None:
        request = desk.ask()
        with pytest.raises(TypeError):
            bool(desk.judge(request, desk.shown(request)))


class TestTransactionData:
    ENCODED = encode_transaction_data(CONFIRMED)

    def test_a_confirmed_transaction(self, desk: Desk) -> None:
        request = desk.ask(transaction_data=[self.ENCODED])
        assert isinstance(desk.judge(request, desk.shown(request, confirmed=[self.ENCODED])), ValidAnswer)

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"confirmed": ["other"]},
            {"transaction_data_hashes": []},
            {"transaction_data_hashes": "x"},
            {"transaction_data_hashes_alg": "sha-512"},
            {"transaction_data_hashes": [1]},
        ],
        ids=repr,
    )
    def test_one_that_was_not_confirmed(self, desk: Desk, changes: dict[str, Any]) -> None:
        request = desk.ask(transaction_data=[self.ENCODED])
        base = {"confirmed": [self.ENCODED]} if set(changes) & {"transaction_data_hashes_alg"} else {}
        verdict = desk.judge(request, desk.shown(request, **base | changes))
        assert isinstance(verdict, InvalidAnswer)
        assert list(verdict.reasons) == ["transaction_data_mismatch"]

    def test_one_that_was_never_asked(self, desk: Desk) -> None:
        request = desk.ask()
        verdict = desk.judge(request, desk.shown(request, confirmed=[self.ENCODED]))
        assert list(verdict.reasons) == ["transaction_data_mismatch"]

    @pytest.mark.parametrize(
        "members",
        [
            {"type": "x"},
            {"credential_ids": ["document"]},
            {"type": "x", "credential_ids": []},
            {"type": "x", "credential_ids": ["other"]},
            {"type": "x", "credential_ids": [1]},
            {"type": "x", "credential_ids": ["document"], "transaction_data_hashes_alg": ["sha-512"]},
        ],
        ids=repr,
    )
    def test_what_no_wallet_could_take_is_not_sent(self, desk: Desk, members: dict[str, Any]) -> None:
        with pytest.raises(TransactionDataError):
            desk.ask(transaction_data=[encode_transaction_data(members)])
        with pytest.raises(TransactionDataError):
            desk.ask(transaction_data=["not base64url of JSON"])
