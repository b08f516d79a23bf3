"""Issuing: the profile of docs/credential-profile.md, member by member."""

import json
import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from giayto_crypto import b64url, jws
from giayto_crypto.errors import MalformedError
from giayto_crypto.sdjwt import (
    Disclosure,
    Sd,
    UnverifiedSdJwt,
    conceal,
    issue_credential,
    reveal,
    verify_issuer_signature,
)
from sample_credentials import CLAIMS, HOLDER, ISSUER, ISSUER_URL, NOW, STATUS, VCT, X5C, issue, issue_values


def payload_of(credential: UnverifiedSdJwt) -> dict[str, Any]:
    return credential.jws.unverified_payload()


class TestProfile:
    def test_header_is_alg_typ_x5c(self) -> None:
        header = issue().jws.header
        assert list(header) == ["alg", "typ", "x5c"]
        assert (header["alg"], header["typ"]) == ("ES256", "dc+sd-jwt")
        assert issue().jws.x5c_der() == X5C

    def test_members_stand_in_their_order(self) -> None:
        payload = payload_of(issue())
        assert list(payload) == ["iss", "iat", "nbf", "exp", "vct", "cnf", "status", "_sd_alg", "_sd"]
        del payload["_sd"]
        assert payload == {
            "iss": ISSUER_URL,
            "iat": int((NOW - timedelta(days=2)).timestamp()) // 3600 * 3600,
            "nbf": int((NOW - timedelta(days=2)).timestamp()),
            "exp": int((NOW + timedelta(days=365)).timestamp()),
            "vct": VCT,
            "cnf": {"jwk": HOLDER.public_key.jwk},
            "status": {"status_list": {"idx": STATUS.idx, "uri": STATUS.uri}},
            "_sd_alg": "sha-256",
        }

    def test_json_is_compact_and_unescaped(self) -> None:
        credential = issue({"full_name": "Ánh"})
        assert json.dumps(payload_of(credential), separators=(",", ":")).encode() == credential.jws.payload_bytes
        salt = credential.disclosures[0].salt
        assert b64url.decode(credential.disclosures[0].encoded) == f'["{salt}","full_name","Ánh"]'.encode()

    def test_every_claim_is_one_disclosure_and_none_stands_in_clear(self) -> None:
        credential = issue()
        assert {disclosure.name: disclosure.value for disclosure in credential.disclosures} == CLAIMS
        assert [disclosure.name for disclosure in credential.disclosures] == list(CLAIMS)
        assert b"LL-2026" not in credential.jws.payload_bytes

    def test_digests_are_sorted_by_their_text(self) -> None:
        digests = payload_of(issue())["_sd"]
        assert digests == sorted(digests)
        assert len(digests) == len(CLAIMS)

    def test_the_text_ends_with_the_separator_and_has_no_key_binding(self) -> None:
        text = issue_credential(**issue_values())
        assert text.endswith("~")
        assert UnverifiedSdJwt.parse(text).key_binding is None

    def test_the_issuers_key_verifies_it(self) -> None:
        authentic = verify_issuer_signature(issue(), ISSUER.public_key)
        assert {name: authentic.claims[name] for name in CLAIMS} == CLAIMS

    @pytest.mark.parametrize(
        ("second", "rounded"), [(0, 0), (1, 0), (3599, 0), (3600, 3600), (3601, 3600), (7199, 3600)]
    )
    def test_iat_is_rounded_down_to_the_hour(self, second: int, rounded: int) -> None:
        hour = datetime(2026, 11, 22, 8, tzinfo=UTC)
        payload = payload_of(issue(issued_at=hour + timedelta(seconds=second, microseconds=999_999)))
        assert payload["iat"] == int(hour.timestamp()) + rounded

    def test_times_of_any_zone_are_the_same_moment(self) -> None:
        hanoi = timezone(timedelta(hours=7))
        values = {name: issue_values()[name] for name in ("issued_at", "not_before", "expires_at")}
        moved = {name: moment.astimezone(hanoi) for name, moment in values.items()}
        times = [{name: payload_of(issue(**v))[name] for name in ("iat", "nbf", "exp")} for v in (values, moved)]
        assert times[0] == times[1]


class TestSalts:
    def test_have_128_bits(self) -> None:
        assert {len(b64url.decode(disclosure.salt)) for disclosure in issue().disclosures} == {16}

    def test_are_fresh_for_each_disclosure_and_each_copy(self) -> None:
        nested = {"visits": [Sd({"a": Sd(1), "b": Sd(1)}), Sd(1)], **CLAIMS}
        salts = [disclosure.salt for _ in range(20) for disclosure in issue(nested).disclosures]
        assert len(set(salts)) == len(salts) == 20 * (5 + len(CLAIMS))

    def test_come_from_the_given_source(self) -> None:
        numbers = iter(range(100))
        credential = issue({"a": 1, "b": 2}, salt_source=lambda: next(numbers).to_bytes(16))
        assert [int.from_bytes(b64url.decode(disclosure.salt)) for disclosure in credential.disclosures] == [0, 1]


class TestRefusals:
    @pytest.mark.parametrize("name", ["iss", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status"])
    def test_a_claim_named_like_a_member_in_clear(self, name: str) -> None:
        """It would be signed, and no verifier would ever accept it."""
        with pytest.raises(MalformedError, match="stands in clear"):
            issue({name: "value"})

    @pytest.mark.parametrize("name", ["_sd", "_sd_alg", "..."])
    @pytest.mark.parametrize(
        "place", [lambda it: it, lambda it: {"a": it}, lambda it: {"a": [it]}, lambda it: {"a": Sd(it)}]
    )
    def test_a_reserved_name_at_any_depth(self, name: str, place: Any) -> None:
        for value in (1, Sd(1)):
            with pytest.raises(MalformedError, match="not claim names"):
                conceal(place({name: value}))

    @pytest.mark.parametrize("text", ["e\u0302\u0301", "A\u030a", "\u212b", "Nguyê\u0303n"])
    @pytest.mark.parametrize(
        "place", [lambda it: {"a": it}, lambda it: {it: 1}, lambda it: {"a": [Sd(it)]}, lambda it: {"a": {"b": it}}]
    )
    def test_text_that_is_not_nfc(self, text: str, place: Any) -> None:
        with pytest.raises(MalformedError, match="normal form C"):
            issue(place(text))

    @pytest.mark.parametrize(
        "value",
        [date(2026, 1, 1), NOW, b"bytes", Decimal("1.5"), {1, 2}, object(), 1j, range(3), Sd],
        ids=lambda it: type(it).__name__,
    )
    def test_what_is_not_json(self, value: object) -> None:
        for claims in ({"a": value}, {"a": [value]}, {"a": Sd({"b": value})}):
            with pytest.raises(MalformedError, match="nothing else"):
                conceal(claims)

    @pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
    def test_numbers_that_json_does_not_have(self, number: float) -> None:
        with pytest.raises(MalformedError):
            issue({"a": number})

    def test_integers_on_which_readers_do_not_agree(self) -> None:
        largest = 2**53 - 1
        assert [disclosure.value for disclosure in issue({"a": largest, "b": -largest}).disclosures] == [
            largest,
            -largest,
        ]
        for number in (largest + 1, -largest - 1, 2**64):
            with pytest.raises(MalformedError, match="2\\^53"):
                issue({"a": number})

    @pytest.mark.parametrize("name", [1, None, ("a",), b"a"])
    def test_names_that_are_not_text(self, name: Any) -> None:
        with pytest.raises(MalformedError, match="names are text"):
            conceal({"a": {name: 1}})

    def test_lone_surrogates(self) -> None:
        with pytest.raises(MalformedError):
            issue({"a": "\ud800"})

    def test_a_mark_where_nothing_can_be_disclosed_alone(self) -> None:
        for marked in (Sd(1), {"a": Sd(Sd(1))}, [Sd(Sd(1))]):
            with pytest.raises(MalformedError, match="Sd marks"):
                conceal(marked)

    @pytest.mark.parametrize("seconds", [0, -1, -86400])
    def test_an_end_that_does_not_lie_after_the_start(self, seconds: int) -> None:
        issue(expires_at=NOW + timedelta(seconds=1), not_before=NOW)
        with pytest.raises(MalformedError, match="exp must lie after nbf"):
            issue(expires_at=NOW + timedelta(seconds=seconds), not_before=NOW)

    def test_an_end_in_the_same_second(self) -> None:
        begin = NOW.replace(microsecond=0)
        with pytest.raises(MalformedError, match="exp must lie after nbf"):
            issue(not_before=begin, expires_at=begin + timedelta(microseconds=999_999))

    @pytest.mark.parametrize("name", ["issued_at", "not_before", "expires_at"])
    def test_a_time_without_zone(self, name: str) -> None:
        naive = issue_values()[name].replace(tzinfo=None)
        with pytest.raises(MalformedError, match="zone"):
            issue(**{name: naive})


class TestConceal:
    def test_unmarked_values_stay_as_they_are(self) -> None:
        value = {"a": [1, None, True, 0.5, "ễ", {"b": []}], "c": {}}
        assert conceal(value) == (value, [])

    def test_tuples_are_arrays(self) -> None:
        assert conceal({"a": (1, 2)}) == ({"a": [1, 2]}, [])

    def test_an_element_becomes_its_digest_in_place(self) -> None:
        signed, (disclosure,) = conceal([0, Sd("x"), 2])
        assert signed == [0, {"...": disclosure.digest}, 2]
        assert (disclosure.name, disclosure.value) == (None, "x")

    def test_a_member_leaves_only_its_digest(self) -> None:
        signed, disclosures = conceal({"a": Sd(1), "b": 2, "c": Sd(3)})
        assert signed == {"b": 2, "_sd": sorted(disclosure.digest for disclosure in disclosures)}

    def test_an_object_without_marks_gets_no_sd(self) -> None:
        assert conceal({"a": {}})[0] == {"a": {}}

    def test_parents_stand_directly_before_what_is_below(self) -> None:
        claims = {"a": Sd({"b": Sd([Sd(1), 2, Sd({"c": Sd(3)})]), "d": Sd(4)}), "e": Sd(5)}
        _, disclosures = conceal(claims)
        digests = {name: disclosure.digest for disclosure in disclosures if (name := disclosure.name)}
        assert [disclosure.name for disclosure in disclosures] == ["a", "b", None, None, "c", "d", "e"]
        assert disclosures[0].value == {"_sd": sorted((digests["b"], digests["d"]))}
        assert disclosures[4].value == 3

    def test_what_is_concealed_is_revealed_again(self) -> None:
        claims = {"a": Sd({"b": Sd([Sd(1), 2, Sd({"c": Sd(3)})]), "d": Sd(None)}), "e": [Sd([Sd(5)])], "f": "clear"}
        plain = {"a": {"b": [1, 2, {"c": 3}], "d": None}, "e": [[5]], "f": "clear"}
        signed, disclosures = conceal(claims)
        assert reveal(signed, disclosures) == plain
        assert reveal(signed, [Disclosure.parse(disclosure.encoded) for disclosure in disclosures]) == plain


def test_errors_do_not_carry_claims() -> None:
    with pytest.raises(MalformedError) as caught:
        issue({"full_name": "Nguye\u0302n Thi\u0323 A\u0301nh"})
    assert "A\u0301nh" not in str(caught.value)


def test_the_signature_covers_the_header_chain() -> None:
    credential = issue()
    header = jws.x5c_header((X5C[0], X5C[0]))
    other = jws.sign(payload_of(credential), signer=ISSUER, typ="dc+sd-jwt", header=header)
    assert other.split(".")[0] != credential.jws.token.split(".")[0]
    verify_issuer_signature(UnverifiedSdJwt.parse(f"{other}~"), ISSUER.public_key)
