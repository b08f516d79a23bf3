"""From unverified to authentic: issuer signature, members in clear, key binding (RFC 9901 §7, SD-JWT VC)."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from giayto_crypto import b64url, jws
from giayto_crypto.errors import (
    DisclosureError,
    KeyBindingError,
    KeyBindingMissingError,
    MalformedError,
    SignatureInvalidError,
)
from giayto_crypto.sdjwt import (
    AuthenticSdJwt,
    StatusReference,
    UnverifiedSdJwt,
    present,
    select,
    verify_issuer_signature,
    verify_key_binding,
    verify_key_binding_of_part,
)
from sample_credentials import (
    CLAIMS,
    HOLDER,
    ISSUER,
    ISSUER_URL,
    NOW,
    STATUS,
    STRANGER,
    VCT,
    array_disclosure,
    disclosure,
    issue,
    key_binding_jwt,
    resign,
    sd_jwt,
)

CREDENTIAL = issue()
CNF = {"jwk": HOLDER.public_key.jwk}


def authentic(payload: dict[str, Any], *disclosures: str, key_binding: str = "") -> AuthenticSdJwt:
    text = sd_jwt(payload, *disclosures, key_binding=key_binding)
    return verify_issuer_signature(UnverifiedSdJwt.parse(text), ISSUER.public_key)


class TestIssuerSignature:
    def test_gives_payload_and_claims(self) -> None:
        result = verify_issuer_signature(select(CREDENTIAL, [("full_name",)]), ISSUER.public_key)
        assert result.payload == CREDENTIAL.jws.unverified_payload()
        assert result.claims["full_name"] == CLAIMS["full_name"]
        assert "personal_number" not in result.claims
        assert not {"_sd", "_sd_alg"} & set(result.claims)
        assert result.sd_jwt == select(CREDENTIAL, [("full_name",)]).sd_jwt

    def test_of_another_key_is_refused(self) -> None:
        with pytest.raises(SignatureInvalidError):
            verify_issuer_signature(CREDENTIAL, STRANGER.public_key)

    def test_covers_the_payload(self) -> None:
        header, _, signature = CREDENTIAL.jws.token.split(".")
        payload = CREDENTIAL.jws.payload_bytes.replace(b"2026", b"2027").replace(ISSUER_URL.encode(), b"https://x")
        forged = f"{header}.{b64url.encode(payload)}.{signature}~"
        with pytest.raises(SignatureInvalidError):
            verify_issuer_signature(UnverifiedSdJwt.parse(forged), ISSUER.public_key)

    def test_is_checked_before_the_disclosures(self) -> None:
        """An outsider learns nothing of how disclosures are judged, and costs nothing but one signature."""
        stray, _ = disclosure("stray", 1)
        unverified = UnverifiedSdJwt.parse(CREDENTIAL.sd_jwt + stray + "~")
        with pytest.raises(SignatureInvalidError):
            verify_issuer_signature(unverified, STRANGER.public_key)
        with pytest.raises(DisclosureError):
            verify_issuer_signature(unverified, ISSUER.public_key)

    @pytest.mark.parametrize("payload", [b"[]", b"null", b'{"iss":"a","iss":"b"}'])
    def test_over_something_else_than_a_strict_object_is_refused(self, payload: bytes) -> None:
        text = resign({"alg": "ES256", "typ": "dc+sd-jwt"}, payload) + "~"
        with pytest.raises(MalformedError):
            verify_issuer_signature(UnverifiedSdJwt.parse(text), ISSUER.public_key)

    def test_a_disclosure_with_a_changed_value_is_refused(self) -> None:
        name, digest = disclosure("full_name", "Ánh")
        forged, _ = disclosure("full_name", "Bình")
        assert authentic({"_sd": [digest]}, name).claims == {"full_name": "Ánh"}
        with pytest.raises(DisclosureError, match="no digest refers to"):
            authentic({"_sd": [digest]}, forged)

    def test_a_disclosure_of_another_credential_is_refused(self) -> None:
        other = issue()
        mixed = CREDENTIAL.with_disclosures(other.disclosures[:1])
        with pytest.raises(DisclosureError, match="no digest refers to"):
            verify_issuer_signature(mixed, ISSUER.public_key)


class TestMembersInClear:
    """SD-JWT VC: iss, nbf, exp, cnf, vct, vct#integrity and status, and what is in them, are never disclosable."""

    @pytest.mark.parametrize("name", ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"])
    @pytest.mark.parametrize("value", ["value", None, 0, {}])
    def test_may_not_be_disclosed(self, name: str, value: object) -> None:
        encoded, digest = disclosure(name, value)
        with pytest.raises(DisclosureError, match=f"{name} must not be selectively disclosed"):
            authentic({"_sd": [digest]}, encoded)

    @pytest.mark.parametrize("name", ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"])
    @pytest.mark.parametrize("shown", [True, False])
    def test_may_hold_nothing_disclosable(self, name: str, shown: bool) -> None:
        encoded, digest = disclosure("inner", 1)
        element, element_digest = array_disclosure(1)
        for value, part in (
            ({"_sd": [digest]}, encoded),
            ({"a": {"_sd": [digest]}}, encoded),
            ([{"...": element_digest}], element),
        ):
            with pytest.raises(DisclosureError, match=f"{name} must not be selectively disclosed"):
                authentic({name: value}, *([part] if shown else []))

    def test_stay_as_signed(self) -> None:
        result = verify_issuer_signature(CREDENTIAL, ISSUER.public_key)
        for name in ("iss", "nbf", "exp", "cnf", "vct", "status"):
            assert result.claims[name] == result.payload[name]


class TestAuthentic:
    def test_cannot_be_made_by_anybody_else(self) -> None:
        values: dict[str, Any] = {
            "payload": {},
            "claims": {},
            "hidden_digests": 0,
            "sd_jwt": "",
            "key_binding_token": None,
        }
        for made_here in (None, object(), True):
            with pytest.raises(TypeError, match="verify_issuer_signature only"):
                AuthenticSdJwt(made_here, **values)
        with pytest.raises(TypeError):
            AuthenticSdJwt(**values)  # type: ignore[call-arg]

    def test_takes_no_further_attributes(self) -> None:
        with pytest.raises(AttributeError):
            verify_issuer_signature(CREDENTIAL, ISSUER.public_key).verified = True  # type: ignore[attr-defined]

    def test_reads_the_members_in_clear(self) -> None:
        result = verify_issuer_signature(CREDENTIAL, ISSUER.public_key)
        assert (result.issuer, result.vct) == (ISSUER_URL, VCT)
        assert result.status == STATUS
        assert result.holder_key == HOLDER.public_key
        assert result.issued_at == datetime(2026, 11, 20, 9, tzinfo=UTC)
        assert result.not_before == datetime(2026, 11, 20, 9, 0, 30, tzinfo=UTC)
        assert result.expires_at == datetime(2027, 11, 22, 9, 0, 30, tzinfo=UTC)

    def test_repr_shows_nothing_of_the_holder(self) -> None:
        assert repr(verify_issuer_signature(CREDENTIAL, ISSUER.public_key)) == "AuthenticSdJwt(…)"

    @pytest.mark.parametrize("value", [..., None, "", 1, ["a"], {}])
    def test_iss_and_vct_are_non_empty_text(self, value: object) -> None:
        payload = {} if value is ... else {"iss": value, "vct": value}
        for read in (lambda it: it.issuer, lambda it: it.vct):
            with pytest.raises(MalformedError, match="non-empty string"):
                read(authentic(payload))

    @pytest.mark.parametrize("name", ["iat", "nbf", "exp"])
    @pytest.mark.parametrize("value", ["1790000000", 1.5, True, [1], {}, 2**52, -(2**52)])
    def test_times_are_whole_seconds_that_a_calendar_has(self, name: str, value: object) -> None:
        attribute = {"iat": "issued_at", "nbf": "not_before", "exp": "expires_at"}[name]
        with pytest.raises(MalformedError, match=name):
            getattr(authentic({name: value}), attribute)

    def test_absent_times_are_none_and_not_for_ever(self) -> None:
        result = authentic({})
        assert (result.issued_at, result.not_before, result.expires_at) == (None, None, None)

    def test_the_times_of_the_year_2038_and_before_1970_are_read(self) -> None:
        assert authentic({"exp": 2**31}).expires_at == datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC)
        assert authentic({"nbf": -1}).not_before == datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)

    @pytest.mark.parametrize(
        "cnf",
        [
            ...,
            None,
            "key",
            [],
            {},
            {"jwk": None},
            {"jwk": "key"},
            {"jwk": [HOLDER.public_key.jwk]},
            {"kid": "1"},
            {"jwk": {}},
            {"jwk": HOLDER.public_key.jwk | {"crv": "P-384"}},
            {"jwk": HOLDER.public_key.jwk | {"d": "AQ"}},
            {"jwk": HOLDER.public_key.jwk | {"use": "enc"}},
            {"jwk": HOLDER.public_key.jwk | {"y": STRANGER.public_key.jwk["y"]}},
        ],
    )
    def test_the_holder_key_is_a_p256_key_in_cnf(self, cnf: object) -> None:
        payload = {} if cnf is ... else {"cnf": cnf}
        with pytest.raises(MalformedError, match="cnf"):
            _ = authentic(payload).holder_key

    @pytest.mark.parametrize("idx", [0, 1, 2**20])
    def test_status_is_an_index_and_a_uri(self, idx: int) -> None:
        result = authentic({"status": {"status_list": {"idx": idx, "uri": "https://a"}, "other": 1}})
        assert result.status == StatusReference(uri="https://a", idx=idx)

    @pytest.mark.parametrize(
        "status",
        [
            ...,
            None,
            [],
            {},
            {"status_list": None},
            {"status_list": []},
            {"status_list": {"idx": 1}},
            {"status_list": {"uri": "https://a"}},
            {"status_list": {"idx": -1, "uri": "https://a"}},
            {"status_list": {"idx": "1", "uri": "https://a"}},
            {"status_list": {"idx": 1.0, "uri": "https://a"}},
            {"status_list": {"idx": True, "uri": "https://a"}},
            {"status_list": {"idx": None, "uri": "https://a"}},
            {"status_list": {"idx": 1, "uri": None}},
            {"status_list": {"idx": 1, "uri": ["https://a"]}},
        ],
    )
    def test_another_status_is_refused(self, status: object) -> None:
        payload = {} if status is ... else {"status": status}
        with pytest.raises(MalformedError, match="status_list"):
            _ = authentic(payload).status


class TestKeyBinding:
    shown = sd_jwt({"cnf": CNF})

    def presented(self, key_binding: str, shown: str | None = None) -> AuthenticSdJwt:
        unverified = UnverifiedSdJwt.parse((shown or self.shown) + key_binding)
        return verify_issuer_signature(unverified, ISSUER.public_key)

    def test_is_verified(self) -> None:
        binding = verify_key_binding(self.presented(key_binding_jwt(self.shown)))
        assert binding.issued_at == datetime.fromtimestamp(1_790_000_000, UTC)
        assert (binding.nonce, binding.audience) == ("a-nonce", "https://verifier.example")

    def test_that_was_stripped_is_missed(self) -> None:
        presented = present(CREDENTIAL, [("full_name",)], holder=HOLDER, audience="a", nonce="n", now=NOW)
        stripped = UnverifiedSdJwt.parse(presented[: presented.rindex("~") + 1])
        with pytest.raises(KeyBindingMissingError):
            verify_key_binding(verify_issuer_signature(stripped, ISSUER.public_key))

    def test_of_another_key_is_refused(self) -> None:
        with pytest.raises(KeyBindingError, match="signature"):
            verify_key_binding(self.presented(key_binding_jwt(self.shown, holder=STRANGER)))

    def test_of_a_key_in_its_own_header_is_refused(self) -> None:
        payload = jws.parse(key_binding_jwt(self.shown), typ="kb+jwt").payload_bytes
        header = {"alg": "ES256", "typ": "kb+jwt", "jwk": STRANGER.public_key.jwk}
        with pytest.raises(KeyBindingError, match="signature"):
            verify_key_binding(self.presented(resign(header, payload, signer=STRANGER)))

    @pytest.mark.parametrize("typ", ["JWT", "kb+JWT", "application/kb+jwt", "dc+sd-jwt", ""])
    def test_of_another_typ_is_refused(self, typ: str) -> None:
        with pytest.raises(KeyBindingError, match=r"typ must be kb\+jwt"):
            verify_key_binding(self.presented(key_binding_jwt(self.shown, typ=typ)))

    def test_of_another_algorithm_is_refused(self) -> None:
        payload = jws.parse(key_binding_jwt(self.shown), typ="kb+jwt").payload_bytes
        with pytest.raises(KeyBindingError, match="alg"):
            verify_key_binding(self.presented(resign({"alg": "none", "typ": "kb+jwt"}, payload, signer=HOLDER)))

    @pytest.mark.parametrize("text", ["a", "a.b.c", "..", "é".encode().hex()])
    def test_that_is_no_token_is_refused(self, text: str) -> None:
        with pytest.raises(KeyBindingError):
            verify_key_binding(self.presented(text))

    def test_of_other_disclosures_is_refused(self) -> None:
        """The proof covers each disclosure: one taken away or added makes it another presentation."""
        one, one_digest = disclosure("one", 1)
        two, two_digest = disclosure("two", 2)
        both = sd_jwt({"cnf": CNF, "_sd": [one_digest, two_digest]}, one, two)
        token = both.split("~")[0]
        binding = key_binding_jwt(both)
        verify_key_binding(self.presented(binding, both))
        for other in (f"{token}~{one}~", f"{token}~{two}~", f"{token}~{two}~{one}~", f"{token}~"):
            with pytest.raises(KeyBindingError, match="sd_hash"):
                verify_key_binding(self.presented(binding, other))

    def test_of_another_credential_is_refused(self) -> None:
        other = sd_jwt({"cnf": CNF, "other": 1})
        with pytest.raises(KeyBindingError, match="sd_hash"):
            verify_key_binding(self.presented(key_binding_jwt(self.shown), other))

    def test_hashes_up_to_and_including_the_last_separator(self) -> None:
        without = b64url.encode(sha256(self.shown[:-1].encode()).digest())
        with pytest.raises(KeyBindingError, match="sd_hash"):
            verify_key_binding(self.presented(key_binding_jwt(self.shown, sd_hash=without)))

    @pytest.mark.parametrize("sd_hash", [None, "", 1, [], "A" * 43])
    def test_of_another_hash_is_refused(self, sd_hash: object) -> None:
        with pytest.raises(KeyBindingError, match="sd_hash"):
            verify_key_binding(self.presented(key_binding_jwt(self.shown, sd_hash=sd_hash)))

    @pytest.mark.parametrize("name", ["nonce", "aud"])
    @pytest.mark.parametrize("value", [None, 1, True, ["https://verifier.example"], {"a": "b"}])
    def test_nonce_and_aud_are_each_one_string(self, name: str, value: object) -> None:
        with pytest.raises(KeyBindingError, match="one string"):
            verify_key_binding(self.presented(key_binding_jwt(self.shown, **{name: value})))

    @pytest.mark.parametrize("iat", [None, "1790000000", 1.5, True, [1], 2**52])
    def test_iat_is_required_in_whole_seconds(self, iat: object) -> None:
        with pytest.raises(KeyBindingError, match="iat"):
            verify_key_binding(self.presented(key_binding_jwt(self.shown, iat=iat)))

    def test_without_a_holder_key_is_refused(self) -> None:
        shown = sd_jwt({"iss": "x"})
        with pytest.raises(MalformedError, match="cnf"):
            verify_key_binding(self.presented(key_binding_jwt(shown), shown))

    def test_with_a_member_twice_is_refused(self) -> None:
        payload = jws.parse(key_binding_jwt(self.shown), typ="kb+jwt").payload_bytes
        twice = payload.replace(b"{", b'{"nonce":"other",', 1)
        with pytest.raises(KeyBindingError, match="twice"):
            verify_key_binding(self.presented(resign({"alg": "ES256", "typ": "kb+jwt"}, twice, signer=HOLDER)))

    def test_has_at_most_8_kib(self) -> None:
        payload = jws.parse(key_binding_jwt(self.shown, nonce="?"), typ="kb+jwt").payload_bytes

        def binding(size: int) -> str:
            for kid in ("", "k", "kk"):  # no base64url has 4 n + 1 characters
                header = {"alg": "ES256", "typ": "kb+jwt", "kid": kid}
                room = (size - len(resign(header, payload, signer=HOLDER))) * 3 // 4
                for nonce in ("n" * (room + more) for more in range(3)):
                    token = resign(header, payload.replace(b"?", nonce.encode()), signer=HOLDER)
                    if len(token) == size:
                        return token
            raise AssertionError("no such length")

        verify_key_binding(self.presented(binding(8192)))
        with pytest.raises(KeyBindingError, match="8192"):
            verify_key_binding(self.presented(binding(8193)))


class TestKeyBindingOfPart:
    """What is left of a presentation after a check still proves who held it, but not what was shown."""

    one, one_digest = disclosure("one", 1)
    both = sd_jwt({"cnf": CNF, "_sd": [one_digest]}, one)

    def part(self, key_binding: str) -> AuthenticSdJwt:
        unverified = UnverifiedSdJwt.parse(f"{self.both.split('~')[0]}~{key_binding}")
        return verify_issuer_signature(unverified, ISSUER.public_key)

    def test_is_verified_where_the_whole_would_not_be(self) -> None:
        part = self.part(key_binding_jwt(self.both))
        assert verify_key_binding_of_part(part).nonce == "a-nonce"
        with pytest.raises(KeyBindingError, match="sd_hash"):
            verify_key_binding(part)

    def test_that_was_stripped_is_missed(self) -> None:
        with pytest.raises(KeyBindingMissingError):
            verify_key_binding_of_part(self.part(""))

    def test_of_another_key_is_refused(self) -> None:
        with pytest.raises(KeyBindingError, match="signature"):
            verify_key_binding_of_part(self.part(key_binding_jwt(self.both, holder=STRANGER)))

    @pytest.mark.parametrize("sd_hash", [None, 1, []])
    def test_without_a_hash_is_refused(self, sd_hash: object) -> None:
        with pytest.raises(KeyBindingError, match="sd_hash"):
            verify_key_binding_of_part(self.part(key_binding_jwt(self.both, sd_hash=sd_hash)))
