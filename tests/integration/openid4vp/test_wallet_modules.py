"""The wallet's test modules of the OpenID conformance suite that apply (tests/support/openid_conformance/vp.toml)."""

import json
from typing import Any

import pytest

from giayto_crypto import b64url, jws
from giayto_crypto.certificates import PRESENTATION_REQUEST
from giayto_crypto.errors import GiaytoError
from giayto_crypto.jwe import EncryptionKey
from giayto_crypto.sdjwt import UnverifiedSdJwt
from giayto_sdk._requesting.own import HttpReply
from giayto_sdk._wallet.answering import Consent
from giayto_sdk._wallet.answering_request import parse_link
from giayto_sdk.errors import AnswerNotAcceptedError, ForeignAddressError, ProtocolError, RequestRefusedError
from giayto_verifiers.requests import encode_transaction_data
from giayto_verifiers.requests.transaction_data import statement
from openid4vp.own_endpoint import Bank, Forger, Wallet, asking, document, make_wallet, registration
from trust_scheme import NOW
from trust_scheme.scheme import SHOWN, SINGLE_USE_VCT, VCT


def asked(name: str = "document", vct: str = VCT, claims: Any = SHOWN, **changes: Any) -> dict[str, Any]:
    members = {"id": name, "format": "dc+sd-jwt", "meta": {"vct_values": [vct]}}
    return members | ({"claims": [{"path": list(path)} for path in claims]} if claims else {}) | changes


def refused(wallet: Wallet, link: str) -> str:
    """The error that the wallet ends with; the holder was not asked."""
    with pytest.raises(RequestRefusedError) as caught:
        wallet.answer(link)
    assert wallet.asked == []
    return caught.value.error


class TestHappyFlow:
    def test_happy_flow(self, bank: Bank, wallet: Wallet) -> None:
        with asking(bank) as (opened, _):
            outcome = wallet.answer(opened.link)
            verdict = bank.requests.result(opened.request_id)
        assert outcome.shown
        assert verdict is not None
        assert set(verdict.require_valid()["document"][0].claims) == {path[0] for path in SHOWN}
        (shown,) = wallet.asked
        assert shown.verifier.names is not None
        assert shown.verifier.names.vi == "Ngân hàng A"
        assert shown.purpose is not None
        assert shown.purpose.vi == "Mở tài khoản"
        assert shown.documents[0].claims == SHOWN

    def test_alternate_happy_flow_with_a_redirect(self, bank: Bank, wallet: Wallet) -> None:
        with asking(bank, redirect_uri="https://bank-a.example/done") as (opened, _):
            outcome = wallet.answer(opened.link)
            assert outcome.redirect_uri is not None
            page, _, code = outcome.redirect_uri.partition("#response_code=")
            assert page == "https://bank-a.example/done"
            verdict = bank.requests.result(opened.request_id, response_code=code)
        assert verdict is not None
        assert verdict.outcome == "valid"

    @pytest.mark.parametrize("by_name", [False, True])
    def test_client_id_prefix(self, scheme, bank_certificate, server, wallet: Wallet, *, by_name: bool) -> None:
        bank = Bank(scheme, bank_certificate, server, lambda: NOW, by_name=by_name)
        with asking(bank) as (opened, _):
            assert wallet.answer(opened.link).shown

    @pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
    def test_response_mode(self, bank: Bank, wallet: Wallet, mode: str) -> None:
        with asking(bank, response_mode=mode) as (opened, _):
            wallet.answer(opened.link)
        (form,) = [form for path, form in bank.server.posted if path.endswith("/response")]
        assert set(form) == ({"vp_token", "state"} if mode == "direct_post" else {"response"})

    def test_request_uri_method_post(self, bank: Bank, wallet: Wallet) -> None:
        with asking(bank) as (opened, _):
            wallet.answer(opened.link)
        path, form = bank.server.posted[0]
        assert path == f"/{opened.request_id}/object"
        assert len(form["wallet_nonce"]) >= 22
        assert "dc+sd-jwt" in form["wallet_metadata"]

    def test_without_it_the_object_is_fetched_by_get(self, bank: Bank, wallet: Wallet) -> None:
        with asking(bank) as (opened, _):
            assert wallet.answer(opened.link.replace("&request_uri_method=post", "")).shown
        assert [path.rpartition("/")[2] for path, _ in bank.server.posted] == ["response"]

    def test_request_method_by_value(self, bank: Bank, wallet: Wallet) -> None:
        with asking(bank) as (opened, _):
            token = bank.requests.handle("GET", f"/{opened.request_id}/object").body.decode()
            assert wallet.answer(f"openid4vp://?client_id={bank.identity.client_id}&request={token}").shown


class TestWhatIsShown:
    def test_fewer_claims_than_available(self, bank: Bank, wallet: Wallet) -> None:
        with asking(bank) as (opened, _):
            wallet.answer(opened.link)
            verdict = bank.requests.result(opened.request_id)
        assert verdict is not None
        assert "birth_date" not in verdict.require_valid()["document"][0].claims

    def test_no_claims_in_dcql_query(self, forger: Forger, wallet: Wallet) -> None:
        forger.serve(dcql_query={"credentials": [asked(claims=())]}, response_mode="direct_post")
        wallet.answer(forger.link)
        (form,) = forger.answers()
        (text,) = json.loads(form["vp_token"])["document"]
        assert UnverifiedSdJwt.parse(text).disclosures == ()

    def test_optional_credential_set(self, forger: Forger, scheme, tmp_path) -> None:
        wallet = make_wallet(
            scheme, tmp_path, [document(scheme), document(scheme, document_id="d2", vct=SINGLE_USE_VCT)]
        )
        query = {
            "credentials": [asked("a"), asked("b", SINGLE_USE_VCT), asked("c", "urn:example:none:1")],
            "credential_sets": [
                {"options": [["c"], ["a"]]},
                {"options": [["b"]], "required": False},
                {"options": [["c"]], "required": False},
            ],
        }
        for with_optional, names in ((False, {"a"}), (True, {"a", "b"})):
            forger.serve(dcql_query=query, response_mode="direct_post")
            wallet.answer(forger.link, consent=Consent(given=True, with_optional=with_optional))
            assert set(json.loads(forger.answers()[-1]["vp_token"])) == names
        assert [each.optional for each in wallet.asked[0].documents] == [False, True]

    def test_required_non_matching_credential(self, forger: Forger, wallet: Wallet) -> None:
        forger.serve(dcql_query={"credentials": [asked(), asked("other", "urn:example:none:1")]})
        assert refused(wallet, forger.link) == "access_denied"
        assert forger.answers() == [{"error": "access_denied", "state": forger.seen.claims["state"]}]

    def test_the_holder_declines(self, bank: Bank, wallet: Wallet) -> None:
        with asking(bank) as (opened, _):
            assert not wallet.answer(opened.link, consent=Consent(given=False)).shown
            with pytest.raises(GiaytoError, match="declined"):
                bank.requests.result(opened.request_id)
        assert [entry.outcome for entry in wallet.store.history()] == ["declined"]
        assert wallet.store.history()[0].documents == ()

    def test_each_copy_is_used_once_where_there_are_several(self, bank: Bank, wallet: Wallet) -> None:
        for _ in range(3):
            with asking(bank) as (opened, _seen):
                wallet.answer(opened.link)
        used = [entry.documents[0].key_thumbprint for entry in wallet.store.history()]
        assert len(set(used[:2])) == 2
        assert used[2] == used[0]

    def test_a_copy_that_was_shown_as_a_qr_counts_as_used(self, bank: Bank, wallet: Wallet) -> None:
        with asking(bank) as (opened, _):
            wallet.answer(opened.link)
        answered = wallet.store.history()[0].documents[0].key_thumbprint
        others = set(wallet.store.holder_key_thumbprints()) - {answered}
        for other in [*others, *others]:
            wallet.store.note_use(other)
        with asking(bank) as (opened, _):
            wallet.answer(opened.link)
        assert wallet.store.history()[1].documents[0].key_thumbprint == answered

    def test_the_history_says_what_was_shown_to_whom_and_no_values(self, bank: Bank, wallet: Wallet) -> None:
        with asking(bank) as (opened, _):
            wallet.answer(opened.link)
        (entry,) = wallet.store.history()
        assert entry.client_id == bank.identity.client_id
        assert entry.verifier is not None
        assert entry.documents[0].claims == SHOWN
        assert b"Nguy" not in (wallet.store.folder / "history.jsonl").read_bytes()


class TestTransactionData:
    SAID = statement(["document"], statement_vi="Chuyển 1 đồng", statement_en="Transfer 1 dong", reference="T-1")

    def test_a_statement_is_shown_and_confirmed(self, bank: Bank, wallet: Wallet) -> None:
        with asking(bank, transaction_data=[encode_transaction_data(self.SAID)]) as (opened, _):
            wallet.answer(opened.link)
            verdict = bank.requests.result(opened.request_id)
        assert verdict is not None
        assert verdict.outcome == "valid"
        assert wallet.asked[0].transactions[0]["statement_vi"] == "Chuyển 1 đồng"

    @pytest.mark.parametrize(
        "entries",
        [
            [{"type": "urn:example:unknown", "credential_ids": ["document"]}],
            [SAID, {"type": "urn:example:unknown", "credential_ids": ["document"]}],
            [{**SAID, "amount": 1}],
            [{name: value for name, value in SAID.items() if name != "reference"}],
            [{**SAID, "credential_ids": ["other"]}],
            [{**SAID, "transaction_data_hashes_alg": ["sha-512"]}],
            [],
        ],
        ids=range(7),
    )
    def test_unknown_transaction_data_type(self, forger: Forger, wallet: Wallet, entries: list[Any]) -> None:
        forger.serve(transaction_data=[encode_transaction_data(each) for each in entries])
        assert refused(wallet, forger.link) == "invalid_transaction_data"
        assert forger.answers()[0]["error"] == "invalid_transaction_data"


class TestEncryption:
    def test_ignores_unusable_encryption_key(self, forger: Forger, wallet: Wallet) -> None:
        usable, other = forger.seen.encryption_key, EncryptionKey.generate().jwk
        keys = [
            {"kty": "OKP", "crv": "X25519", "kid": "a", "use": "enc", "alg": "ECDH-ES", "x": "AA"},
            {**other, "use": "sig"},
            {**other, "alg": "ECDH-ES+A128KW"},
            {name: value for name, value in other.items() if name != "kid"},
            "x",
            usable,
        ]
        metadata = {**forger.seen.claims["client_metadata"], "jwks": {"keys": keys}}
        forger.serve(client_metadata=metadata)
        assert wallet.answer(forger.link).shown
        header = jws.strict_json.loads_object(b64url.decode(forger.answers()[0]["response"].split(".")[0]))
        assert (header["kid"], header["alg"]) == (usable["kid"], "ECDH-ES")

    def test_the_default_is_a128gcm(self, forger: Forger, wallet: Wallet) -> None:
        forger.serve(client_metadata={"jwks": {"keys": [forger.seen.encryption_key]}})
        wallet.answer(forger.link)
        header = jws.strict_json.loads_object(b64url.decode(forger.answers()[0]["response"].split(".")[0]))
        assert header["enc"] == "A128GCM"

    @pytest.mark.parametrize(
        "metadata",
        [
            None,
            {},
            {"jwks": {"keys": []}},
            {"jwks": []},
            {"encrypted_response_enc_values_supported": ["A128CBC-HS256"]},
        ],
        ids=repr,
    )
    def test_without_a_usable_key_nothing_is_sent_unencrypted(
        self, forger: Forger, wallet: Wallet, metadata: Any
    ) -> None:
        if metadata and "encrypted_response_enc_values_supported" in metadata:
            metadata = forger.seen.claims["client_metadata"] | metadata
        forger.serve(client_metadata=metadata)
        assert refused(wallet, forger.link) == "invalid_request"
        assert [form.get("error") for form in forger.answers()] == ["invalid_request"]


class TestWhoAsks:
    """What does not authenticate is answered to nobody."""

    def test_invalid_request_object_signature(self, forger: Forger, wallet: Wallet) -> None:
        def flip(token: str) -> str:
            head, body, signature = token.split(".")
            raw = b64url.decode(signature)
            return f"{head}.{body}.{b64url.encode(bytes([raw[0] ^ 1]) + raw[1:])}"

        forger.serve(token=flip)
        assert refused(wallet, forger.link) == "invalid_request"
        assert forger.answers() == []

    def test_a_certificate_of_another_root(self, forger: Forger, wallet: Wallet, stranger) -> None:
        forger.serve(by=stranger)
        refused(wallet, forger.link)

    def test_a_certificate_made_for_something_else(self, forger: Forger, wallet: Wallet, scheme) -> None:
        forger.serve(by=scheme.agency)
        refused(wallet, forger.link)

    def test_another_verifiers_certificate(self, forger: Forger, wallet: Wallet, scheme) -> None:
        forger.serve(by=scheme.root.certify(PRESENTATION_REQUEST))
        refused(wallet, forger.link)

    @pytest.mark.parametrize(
        "client_id",
        [
            "x509_san_dns:other.example",
            "x509_san_dns:LOCALHOST",
            "x509_hash:AAAA",
            "redirect_uri:http://127.0.0.1/vp",
            "origin:https://bank-a.example",
            "decentralized_identifier:did:example:123",
            "bank-a.example",
            "x509_hash",
            ":x",
        ],
    )
    def test_invalid_client_id_prefix(self, forger: Forger, wallet: Wallet, client_id: str) -> None:
        forger.serve(client_id=client_id)
        real = forger.seen.claims["client_id"].replace(":", "%3A")
        link = forger.link.replace(real, client_id)
        assert link != forger.link
        assert refused(wallet, link) == "invalid_request"

    def test_a_dns_name_that_the_certificate_does_not_have(self, forger: Forger, wallet: Wallet) -> None:
        real = forger.seen.claims["client_id"].replace(":", "%3A")
        for name in ("other.example", "LOCALHOST"):
            forger.serve(client_id=f"x509_san_dns:{name}", response_uri=f"https://{name.lower()}/response")
            assert refused(wallet, forger.link.replace(real, f"x509_san_dns%3A{name}")) == "invalid_request"

    def test_mismatched_client_id_in_request_object(self, forger: Forger, wallet: Wallet) -> None:
        forger.serve(client_id="x509_san_dns:localhost")
        refused(wallet, forger.link)
        forger.serve()
        refused(wallet, forger.link.replace("x509_hash", "x509_san_dns"))

    def test_response_uri_not_client_id(self, forger: Forger, wallet: Wallet, bank_certificate) -> None:
        forger.serve(client_id="x509_san_dns:bank-a.example")
        real = forger.seen.claims["client_id"].replace(":", "%3A")
        refused(wallet, forger.link.replace(real, "x509_san_dns%3Abank-a.example"))
        assert forger.answers() == []

    def test_a_registration_of_somebody_else_names_nobody(self, forger: Forger, wallet: Wallet, scheme) -> None:
        for token in (
            registration(scheme, "x509_hash:other"),
            registration(scheme, forger.seen.claims["client_id"], exp=int(NOW.timestamp())),
            "x",
        ):
            info = [{"format": "urn:giayto:verifier-info:registration:1", "data": token}]
            forger.serve(verifier_info=info)
            wallet.answer(forger.link)
            assert wallet.asked[-1].verifier.names is None
            assert not wallet.asked[-1].verifier.is_registered


class TestTheRequestItself:
    @pytest.mark.parametrize("nonce", [None, "", "a b", 7])
    def test_missing_nonce(self, forger: Forger, wallet: Wallet, nonce: Any) -> None:
        forger.serve(without=("nonce",) if nonce is None else (), **({} if nonce is None else {"nonce": nonce}))
        assert refused(wallet, forger.link) == "invalid_request"
        assert forger.answers() == []

    def test_redirect_uri_with_direct_post(self, forger: Forger, wallet: Wallet) -> None:
        forger.serve(redirect_uri=forger.seen.claims["response_uri"])
        assert refused(wallet, forger.link) == "invalid_request"

    @pytest.mark.parametrize(
        "changes",
        [
            {"aud": "https://wallet.example"},
            {"aud": ["https://self-issued.me/v2"]},
            {"response_type": "code"},
            {"response_mode": "fragment"},
            {"response_mode": "dc_api"},
            {"exp": int(NOW.timestamp())},
            {"exp": "soon"},
            {"iat": int(NOW.timestamp()) + 61},
            {"nbf": int(NOW.timestamp()) + 61},
            {"response_uri": 1},
            {"wallet_nonce": "another"},
            {"state": "a b"},
        ],
        ids=repr,
    )
    def test_requests_that_do_not_hold(self, forger: Forger, wallet: Wallet, changes: dict[str, Any]) -> None:
        forger.serve(**changes)
        assert refused(wallet, forger.link) == "invalid_request"
        assert forger.answers() == []

    @pytest.mark.parametrize("missing", ["client_id", "aud", "response_uri", "response_mode", "response_type"])
    def test_requests_that_lack_something(self, forger: Forger, wallet: Wallet, missing: str) -> None:
        forger.serve(without=(missing,))
        assert refused(wallet, forger.link) == "invalid_request"

    @pytest.mark.parametrize("typ", ["JWT", "jwt", "oauth-authz-req"])
    def test_another_type_of_token(self, forger: Forger, wallet: Wallet, typ: str) -> None:
        forger.serve(typ=typ)
        assert refused(wallet, forger.link) == "invalid_request"

    def test_another_media_type(self, forger: Forger, wallet: Wallet) -> None:
        forger.serve(content_type="application/jwt")
        assert refused(wallet, forger.link) == "invalid_request"

    @pytest.mark.parametrize(
        "changes", [{"dcql_query": {}}, {"dcql_query": {"credentials": []}}, {"scope": "openid"}, {"dcql_query": "x"}]
    )
    def test_queries_that_cannot_be_read_are_answered_with_an_error(
        self, forger: Forger, wallet: Wallet, changes: dict[str, Any]
    ) -> None:
        forger.serve(**changes)
        assert refused(wallet, forger.link) == "invalid_request"
        assert forger.answers()[0]["error"] == "invalid_request"

    @pytest.mark.parametrize(
        "link",
        [
            "",
            "openid4vp://",
            "openid4vp://?client_id=x509_hash:a",
            "openid4vp://?client_id=a&client_id=b&request_uri=https://a.example",
            "openid4vp://?request_uri=https://a.example",
            "openid4vp://?client_id=a&request_uri=https://a.example&request=x",
            "openid4vp://?client_id=a&request_uri=https://a.example&request_uri_method=POST",
            "javascript:alert(1)",
            "openid4vp://?client_id=redirect_uri:https://a.example&response_type=vp_token&nonce=1",
        ],
    )
    def test_links_that_lead_nowhere(self, link: str) -> None:
        with pytest.raises(RequestRefusedError):
            parse_link(link)


class TestAddresses:
    @pytest.mark.parametrize(
        "uri",
        [
            "http://bank-a.example/object",
            "http://10.0.0.1/object",
            "https://10.0.0.1/object",
            "https://[fd00::1]/object",
            "https://169.254.169.254/latest/meta-data",
            "file:///etc/passwd",
            "https://user@bank-a.example/",
            "ftp://127.0.0.1/",
        ],
    )
    def test_that_are_never_called(self, wallet: Wallet, uri: str) -> None:
        with pytest.raises(ForeignAddressError):
            wallet.answer(f"openid4vp://?client_id=x509_hash:a&request_uri={uri}")

    def test_an_answer_goes_to_no_private_address(self, forger: Forger, wallet: Wallet) -> None:
        forger.serve(response_uri="https://10.0.0.1/response")
        with pytest.raises(ForeignAddressError):
            wallet.answer(forger.link)
        assert wallet.asked == []
        assert wallet.store.history() == []

    def test_redirects_are_not_followed(self, forger: Forger, wallet: Wallet, server) -> None:
        server.handle = lambda _m, _p, _b: HttpReply(302, "text/plain", b"")
        with pytest.raises(ProtocolError, match="redirect"):
            wallet.answer(forger.link)

    def test_a_verifier_that_does_not_accept(self, forger: Forger, wallet: Wallet, server) -> None:
        forger.serve()
        serve = server.handle
        server.handle = lambda m, p, b: (
            serve(m, p, b) if p == forger.path else HttpReply(400, "application/json", b"{}")
        )
        with pytest.raises(AnswerNotAcceptedError):
            wallet.answer(forger.link)

    @pytest.mark.parametrize("uri", ["javascript:alert(1)", "http://evil.example/", "https://10.0.0.1/x", 7])
    def test_a_redirect_to_somewhere_unsafe(self, forger: Forger, wallet: Wallet, server, uri: Any) -> None:
        forger.serve()
        serve, body = server.handle, json.dumps({"redirect_uri": uri}).encode()
        server.handle = lambda m, p, b: serve(m, p, b) if p == forger.path else HttpReply(200, "application/json", body)
        with pytest.raises((ProtocolError, ForeignAddressError)):
            wallet.answer(forger.link)
