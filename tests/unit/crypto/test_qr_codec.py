"""Packing into a QR text and back, byte for byte; hostile texts (docs/qr.md)."""

from collections.abc import Iterable
from hashlib import sha256
from importlib.resources import files
from time import thread_time
from typing import Any

import pytest

from giayto_crypto import jws
from giayto_crypto.errors import (
    GiaytoError,
    MalformedError,
    QrTooLargeError,
    UnknownReferenceError,
    UnsupportedFormatError,
)
from giayto_crypto.qr import (
    ReferencedIssuer,
    is_qr_text,
    issuer_reference,
    pack,
    status_uri_reference,
    unpack,
    vct_reference,
)
from giayto_crypto.sdjwt import (
    ClaimPath,
    Sd,
    UnverifiedSdJwt,
    present,
    select,
    verify_issuer_signature,
    verify_key_binding,
)
from sample_credentials import (
    CLAIMS,
    HOLDER,
    ISSUER,
    ISSUER_URL,
    NOW,
    STATUS,
    VCT,
    X5C,
    KnownReferences,
    array_disclosure,
    disclosure,
    issue,
    key_binding_jwt,
    opened,
    present_in_person,
    sd_jwt,
    seal,
)

SHOWN: list[ClaimPath] = [("full_name",), ("record_number",), ("issued_on",), ("valid_until",)]
KNOWN = KnownReferences()
CREDENTIAL = issue()
PRESENTATION = present_in_person(CREDENTIAL, SHOWN)
ALPHANUMERIC = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
NESTED = {
    "full_name": "Nguyễn Thị Ánh Tuyết",
    "visits": [
        Sd({"on": "2026-01-05", "diagnosis": Sd("J06"), "medicines": [Sd("a"), Sd("b"), "c"]}),
        Sd({"on": "2026-03-07", "diagnosis": Sd("I10"), "empty": {"x": Sd(None)}}),
    ],
    "address": {"ward": Sd({"code": Sd("00001")}), "province": Sd("Huế")},
}


def mode(text: str) -> int:
    return opened(text)[0]


def presented(paths: Iterable[ClaimPath] = SHOWN, credential: UnverifiedSdJwt = CREDENTIAL, **changes: Any) -> str:
    values: dict[str, Any] = {"holder": HOLDER, "audience": "giayto:in-person", "nonce": "n", "now": NOW}
    return present(credential, paths, **values | changes)


class TestRoundTrip:
    def test_gives_back_the_very_string(self) -> None:
        text = pack(PRESENTATION)
        assert mode(text) == 1
        assert unpack(text, KNOWN) == PRESENTATION

    def test_what_comes_back_verifies(self) -> None:
        parsed = UnverifiedSdJwt.parse(unpack(pack(PRESENTATION), KNOWN))
        authentic = verify_issuer_signature(parsed, ISSUER.public_key)
        assert verify_key_binding(authentic).issued_at == NOW
        assert authentic.claims["full_name"] == CLAIMS["full_name"]

    def test_uses_only_the_alphanumeric_alphabet_of_qr(self) -> None:
        assert set(pack(PRESENTATION)) <= ALPHANUMERIC

    def test_ten_claims_with_four_shown_fit_version_18_at_level_m(self) -> None:
        """docs/qr.md §8: version 18 at level M holds 816 alphanumeric characters."""
        assert len(pack(PRESENTATION)) <= 816

    @pytest.mark.parametrize("audience", ["giayto:in-person", "https://bank.example", "", "x509_hash:abc"])
    @pytest.mark.parametrize("nonce", ["AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0ODx", "417 229", "", "ễ"])
    def test_of_every_kind_of_key_binding(self, audience: str, nonce: str) -> None:
        presentation = presented(audience=audience, nonce=nonce)
        text = pack(presentation)
        assert mode(text) == 1
        assert unpack(text, KNOWN) == presentation

    def test_without_key_binding(self) -> None:
        presentation = select(CREDENTIAL, SHOWN).sd_jwt
        text = pack(presentation)
        assert mode(text) == 1
        assert unpack(text, KNOWN) == presentation

    @pytest.mark.parametrize("paths", [[], [("full_name",)], [(name,) for name in CLAIMS]])
    def test_of_nothing_of_one_and_of_all_claims(self, paths: list[ClaimPath]) -> None:
        presentation = presented(paths)
        text = pack(presentation)
        assert mode(text) == 1
        assert unpack(text, KNOWN) == presentation

    @pytest.mark.parametrize(
        "paths",
        [
            [("visits", 0, "medicines", 1)],
            [("visits", None, "diagnosis")],
            [("visits",)],
            [("visits", 1, "empty", "x"), ("address", "province")],
            [("address", "ward", "code"), ("full_name",)],
            [("visits", 1)],
            [()],
        ],
    )
    def test_of_nested_disclosures(self, paths: list[ClaimPath]) -> None:
        presentation = present_in_person(issue(NESTED), paths)
        text = pack(presentation)
        assert mode(text) == 1
        assert unpack(text, KNOWN) == presentation

    @pytest.mark.parametrize("index", [0, 127, 128, 2**20 - 1, 2**49 - 1])
    def test_of_every_status_index(self, index: int) -> None:
        status = type(STATUS)(STATUS.uri, index)
        presentation = present_in_person(issue(status=status), SHOWN)
        text = pack(presentation)
        assert mode(text) == 1
        assert unpack(text, KNOWN) == presentation

    def test_of_many_objects_side_by_side(self) -> None:
        """Depth is what is limited, not breadth."""
        presentation = present_in_person(issue({"many": [{"a": [number]} for number in range(40)]}), [()])
        text = pack(presentation)
        assert mode(text) == 1
        assert unpack(text, KNOWN) == presentation

    def test_of_disclosures_in_another_order(self) -> None:
        """The order of disclosures is the holder's; it is kept or the presentation travels whole."""
        token, *disclosures, _ = select(CREDENTIAL, SHOWN).sd_jwt.split("~")
        presentation = "~".join((token, *reversed(disclosures), ""))
        assert unpack(pack(presentation), KNOWN) == presentation

    def test_of_decoys(self) -> None:
        payload = CREDENTIAL.jws.unverified_payload()
        payload["_sd"] = sorted([*payload["_sd"], "A" * 43, "B" * 42 + "A"])
        signed = jws.sign(payload, signer=ISSUER, typ="dc+sd-jwt", header=jws.x5c_header(X5C))
        presentation = f"{signed}~{CREDENTIAL.disclosures[0].encoded}~"
        text = pack(presentation)
        assert mode(text) == 1
        assert unpack(text, KNOWN) == presentation


class TestOutsideTheProfile:
    """What mode 1 cannot rebuild exactly travels whole, and needs no bundle."""

    def whole(self, presentation: str) -> None:
        text = pack(presentation)
        assert mode(text) == 0
        assert unpack(text, KnownReferences((), (), ())) == presentation

    def signed(self, payload: Any, header: Any = None) -> str:
        header = jws.x5c_header(X5C) if header is None else header
        return jws.sign(payload, signer=ISSUER, typ="dc+sd-jwt", header=header)

    def test_json_with_spaces(self) -> None:
        encoded, digest = disclosure("name", "Ánh")
        self.whole(sd_jwt({"iss": "https://a", "_sd": [digest]}, encoded))

    def test_key_binding_of_another_shape(self) -> None:
        shown = select(CREDENTIAL, SHOWN).sd_jwt
        self.whole(shown + key_binding_jwt(shown, extra=1))

    def test_an_array_element_of_a_foreign_issuer(self) -> None:
        encoded, digest = array_disclosure({"a": 1})
        self.whole(sd_jwt({"list": [1, {"...": digest}], "_sd_alg": "sha-256"}, encoded))

    @pytest.mark.parametrize(
        "change",
        [
            {"extra": 1},
            {"iat": 1_790_000_001},
            {"iat": 0},
            {"iat": "x"},
            {"iat": None},
            {"nbf": 1.5},
            {"nbf": 2**52},
            {"exp": 0},
            {"exp": None},
            {"iss": 5},
            {"iss": ["https://a"]},
            {"vct": None},
            {"vct": ["a"]},
            {"cnf": {}},
            {"cnf": {"jwk": "a"}},
            {"cnf": {"jwk": {**HOLDER.public_key.jwk, "kid": "1"}}},
            {"cnf": {"jwk": HOLDER.public_key.jwk, "kid": "1"}},
            {"status": "x"},
            {"status": {"status_list": {"idx": 1}}},
            {"status": {"status_list": {"idx": "1", "uri": "https://a"}}},
            {"status": {"status_list": {"idx": -1, "uri": "https://a"}}},
            {"status": {"status_list": {"idx": 1, "uri": 5}}},
            {"status": {"status_list": {"uri": STATUS.uri, "idx": STATUS.idx}}},
            {"_sd_alg": "sha-512"},
            {"_sd": 5},
            {"_sd": "text"},
            {"_sd": [5]},
            {"_sd": ["B" * 43]},
            {"_sd": ["short"]},
            {"_sd": ["B" * 42 + "A", "A" * 43]},
            {"_sd": ["A" * 43, "A" * 43]},
        ],
        ids=str,
    )
    def test_a_changed_member(self, change: dict[str, Any]) -> None:
        self.whole(self.signed(CREDENTIAL.jws.unverified_payload() | change) + "~")

    @pytest.mark.parametrize("name", ["iss", "iat", "nbf", "exp", "vct", "cnf", "status", "_sd_alg", "_sd"])
    def test_a_missing_member(self, name: str) -> None:
        payload = CREDENTIAL.jws.unverified_payload()
        del payload[name]
        self.whole(self.signed(payload) + "~")

    def test_members_in_another_order(self) -> None:
        payload = CREDENTIAL.jws.unverified_payload()
        self.whole(self.signed(dict(reversed(payload.items()))) + "~")

    @pytest.mark.parametrize("header", [{}, {"kid": "1"}, {"x5c": []}, {"x5c": ["AA"]}, {"x5c": "AAAA"}])
    def test_another_header(self, header: dict[str, Any]) -> None:
        self.whole(self.signed(CREDENTIAL.jws.unverified_payload(), header) + "~")

    def test_a_salt_of_another_length(self) -> None:
        encoded, digest = disclosure("full_name", "Ánh", salt="AAAA")
        self.whole(self.signed(CREDENTIAL.jws.unverified_payload() | {"_sd": [digest]}) + f"~{encoded}~")

    def test_a_salt_that_is_no_base64url(self) -> None:
        encoded, digest = disclosure("full_name", "Ánh", salt="muối")
        self.whole(self.signed(CREDENTIAL.jws.unverified_payload() | {"_sd": [digest]}) + f"~{encoded}~")

    def test_disclosures_that_do_not_belong(self) -> None:
        """Packing judges nothing: what a verifier will refuse still arrives as it was shown."""
        stray, _ = disclosure("stray", 1)
        self.whole(select(CREDENTIAL, SHOWN).sd_jwt + stray + "~")

    def test_a_digest_that_multiplies_costs_nothing(self) -> None:
        encoded, digest = disclosure("x", 1)
        disclosures = [encoded]
        for _ in range(5):
            encoded, digest = disclosure("x", [{"_sd": [digest]} for _ in range(10)])
            disclosures.append(encoded)
        text = self.signed(CREDENTIAL.jws.unverified_payload() | {"_sd": [digest]})
        begin = thread_time()
        self.whole("~".join((text, *disclosures, "")))
        assert thread_time() - begin < 1

    def test_disclosures_nested_too_deep_still_travel(self) -> None:
        encoded, digest = disclosure("x", 1)
        disclosures = [encoded]
        for _ in range(40):
            encoded, digest = disclosure("x", {"_sd": [digest]})
            disclosures.append(encoded)
        text = "~".join((self.signed(CREDENTIAL.jws.unverified_payload() | {"_sd": [digest]}), *disclosures, ""))
        self.whole(text)


class TestPackingRefuses:
    @pytest.mark.parametrize("text", ["", "~", "a", "GT1:ABC", PRESENTATION + " ", PRESENTATION.replace("~", "", 100)])
    def test_what_is_no_presentation(self, text: str) -> None:
        with pytest.raises(MalformedError):
            pack(text)

    @pytest.mark.parametrize(
        "key_binding", ["a", "a.b.c", "AA.AA.AA", "..", "AAAA.AAAA", f"AA.AA.{'A' * 86}.AA", f"AA.AA.{'A' * 87}"]
    )
    def test_a_key_binding_that_is_no_token(self, key_binding: str) -> None:
        with pytest.raises(MalformedError):
            pack(select(CREDENTIAL, SHOWN).sd_jwt + key_binding)

    def test_what_no_symbol_holds(self) -> None:
        noise = {f"claim{number}": sha256(bytes([number])).hexdigest() for number in range(70)}
        with pytest.raises(QrTooLargeError) as caught:
            pack(present_in_person(issue(noise), [()]))
        assert caught.value.fields["limit"] == 4296
        assert int(caught.value.fields["characters"]) > 4296


class TestReferences:
    def test_have_their_lengths(self) -> None:
        lengths = [
            len(issuer_reference(X5C, ISSUER_URL)),
            len(vct_reference(VCT)),
            len(status_uri_reference(STATUS.uri)),
        ]
        assert lengths == [6, 4, 4]

    def test_are_beginnings_of_hashes(self) -> None:
        assert vct_reference("a") == sha256(b"a").digest()[:4]
        assert status_uri_reference("a") == sha256(b"a").digest()[:4]
        chain = sha256(b"iss" + sha256(b"leaf").digest() + sha256(b"upper").digest()).digest()
        assert issuer_reference([b"leaf", b"upper"], "iss") == chain[:6]

    def test_no_other_split_of_a_chain_has_the_same_reference(self) -> None:
        assert issuer_reference([b"ab", b"c"], "iss") != issuer_reference([b"a", b"bc"], "iss")
        assert issuer_reference([b"a"], "issb") != issuer_reference([b"ba"], "iss")

    @pytest.mark.parametrize(
        "missing",
        [
            KnownReferences(issuers=()),
            KnownReferences(vcts=()),
            KnownReferences(status_uris=()),
            KnownReferences(issuers=(ReferencedIssuer(X5C, "https://other.example"),)),
            KnownReferences(issuers=(ReferencedIssuer((*X5C, *X5C), ISSUER_URL),)),
        ],
    )
    def test_that_the_bundle_does_not_know_say_so(self, missing: KnownReferences) -> None:
        with pytest.raises(UnknownReferenceError) as caught:
            unpack(pack(PRESENTATION), missing)
        assert (caught.value.code, caught.value.retryable) == ("bundle_outdated", True)

    def test_of_a_wrong_bundle_lead_to_a_string_that_does_not_verify(self) -> None:
        """A reference proves nothing: a bundle that resolves it wrongly rebuilds something unsigned."""

        class Confused(KnownReferences):
            def vct(self, reference: bytes) -> str:
                return VCT.replace("test", "best")

        rebuilt = unpack(pack(PRESENTATION), Confused())
        assert rebuilt != PRESENTATION
        with pytest.raises(GiaytoError):
            verify_issuer_signature(UnverifiedSdJwt.parse(rebuilt), ISSUER.public_key)


class TestText:
    @pytest.mark.parametrize("text", ["", "GT", "GT1", "GT2:ABC", "gt1:ABC", " GT1:ABC", "HC1:ABC", PRESENTATION])
    def test_of_another_format_is_unsupported(self, text: str) -> None:
        with pytest.raises(UnsupportedFormatError):
            unpack(text, KNOWN)

    @pytest.mark.parametrize(
        ("text", "announced"),
        [
            ("GT1:", True),
            ("GT2:X", True),
            ("GT10:X", True),
            ("GT:", True),
            ("GT1", False),
            ("gt1:", False),
            ("HC1:", False),
            ("", False),
            (PRESENTATION, False),
        ],
    )
    def test_announces_itself(self, text: str, announced: bool) -> None:
        assert is_qr_text(text) is announced

    @pytest.mark.parametrize("text", ["GT1:", "GT1:BB8", "GT1:00", "GT1:000", "GT1:A", "GT1:abc", "GT1:é", "GT1:GGW"])
    def test_that_is_too_short_or_no_base45_is_malformed(self, text: str) -> None:
        with pytest.raises(MalformedError):
            unpack(text, KNOWN)

    def test_of_every_other_mode_is_unsupported(self) -> None:
        for number in range(2, 256):
            with pytest.raises(UnsupportedFormatError, match="mode"):
                unpack(seal(bytes([number]) + bytes(200)), KNOWN)

    def test_cut_off_anywhere_is_malformed(self) -> None:
        text = pack(PRESENTATION)
        for length in range(len("GT1:"), len(text)):
            with pytest.raises(MalformedError):
                unpack(text[:length], KNOWN)

    def test_cut_off_and_sealed_again_is_malformed(self) -> None:
        body = opened(pack(PRESENTATION))
        for length in range(1, len(body)):
            with pytest.raises(MalformedError):
                unpack(seal(body[:length]), KNOWN)

    @pytest.mark.parametrize("change", ["{} ", "{}\n", "{}0", " {}", "{}000"])
    def test_with_something_added_is_refused(self, change: str) -> None:
        with pytest.raises((MalformedError, UnsupportedFormatError)):
            unpack(change.format(pack(PRESENTATION)), KNOWN)

    def test_in_lower_case_is_refused(self) -> None:
        with pytest.raises((MalformedError, UnsupportedFormatError)):
            unpack(pack(PRESENTATION).lower(), KNOWN)

    def test_any_changed_character_is_damage(self) -> None:
        text = pack(PRESENTATION)
        for place in range(len("GT1:"), len(text)):
            for other in ("0", "Z", ":"):
                if text[place] != other:
                    with pytest.raises(MalformedError):
                        unpack(text[:place] + other + text[place + 1 :], KNOWN)

    def test_damage_is_told_from_a_reference_that_is_not_known(self) -> None:
        """A changed character is malformed (invalid), never an outdated bundle (unknown)."""
        text = pack(PRESENTATION)
        for place in range(7, 30):
            with pytest.raises(MalformedError):
                unpack(text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :], KNOWN)

    def test_length_limit_is_exact(self) -> None:
        def of_length(length: int) -> str:
            return "GT1:" + "0" * (length - 4)

        with pytest.raises(MalformedError, match="longer than 4296"):
            unpack(of_length(4297), KNOWN)
        with pytest.raises(MalformedError) as caught:
            unpack(of_length(4296), KNOWN)
        assert "longer" not in str(caught.value)


def test_the_preset_dictionary_never_changes() -> None:
    """Another dictionary is another format, with another prefix: QRs on paper and in phones outlive a release."""
    dictionary = files("giayto_crypto.qr").joinpath("dictionary.gt1.txt").read_bytes()
    assert sha256(dictionary).hexdigest() == "a16d29a6013f3310b7f1d91cda7d76170c57f04c7d44e8162365a8a8a3500fab"
    assert len(dictionary) <= 32 * 1024
