"""Signed claims between parties: signature, audience, issuer and times, at their exact boundaries."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from giayto_crypto import jws
from giayto_crypto.errors import MalformedError, SignatureInvalidError
from giayto_crypto.jwt_claims import TokenClaimsError, verify_claims
from sample_credentials import ISSUER, STRANGER, encoded_json, resign

TYP = "client-authentication+jwt"
AUDIENCE = "https://wallet.example"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
MAX_AGE = 120
LEEWAY = 10
CLAIMS: Mapping[str, Any] = {
    "iss": "agency-1",
    "sub": "agency-1",
    "aud": AUDIENCE,
    "jti": "once",
    "iat": AT - 5,
    "exp": AT + 60,
}


def token(**changes: Any) -> str:
    """Sign the claims with these changes; `...` leaves a claim out."""
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not ...}
    return jws.sign(claims, signer=ISSUER, typ=TYP)


def verify(text: str, **changes: Any) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "typ": TYP,
        "key": ISSUER.public_key,
        "audience": AUDIENCE,
        "issuer": "agency-1",
        "now": NOW,
        "max_age": timedelta(seconds=MAX_AGE),
        "leeway": timedelta(seconds=LEEWAY),
    }
    return verify_claims(text, **arguments | changes)


def test_returns_the_claims() -> None:
    assert verify(token()) == CLAIMS


def test_the_key_of_the_callers_records_must_have_signed() -> None:
    with pytest.raises(SignatureInvalidError):
        verify(token(), key=STRANGER.public_key)


def test_a_key_in_the_header_is_not_believed() -> None:
    header = {"alg": "ES256", "typ": TYP, "jwk": STRANGER.public_key.jwk}
    with pytest.raises(SignatureInvalidError):
        verify(jws.sign(CLAIMS, signer=STRANGER, typ=TYP, header=header))


@pytest.mark.parametrize("typ", ["JWT", "client-authentication", "kb+jwt", ""])
def test_refuses_another_typ(typ: str) -> None:
    with pytest.raises(MalformedError, match="typ"):
        verify(jws.sign(CLAIMS, signer=ISSUER, typ=typ))


def test_refuses_another_algorithm() -> None:
    _, payload, signature = token().split(".")
    header = encoded_json({"alg": "none", "typ": TYP})
    for unsigned in (f"{header}.{payload}.", f"{header}.{payload}.{signature}"):
        with pytest.raises(MalformedError):
            verify(unsigned)


def test_refuses_a_claim_twice() -> None:
    payload = f'{{"aud":"{AUDIENCE}","iss":"agency-1","exp":{AT + 60},"iat":{AT},"aud":"{AUDIENCE}"}}'
    with pytest.raises(MalformedError, match="twice"):
        verify(resign({"alg": "ES256", "typ": TYP}, payload.encode()))


@pytest.mark.parametrize("payload", [b"[]", b"", b"null", b'"a"'])
def test_refuses_what_is_not_an_object(payload: bytes) -> None:
    with pytest.raises(MalformedError):
        verify(resign({"alg": "ES256", "typ": TYP}, payload))


@pytest.mark.parametrize("kid", [1, None, ["a"]])
def test_refuses_a_kid_that_is_no_string(kid: object) -> None:
    with pytest.raises(MalformedError):
        verify(jws.sign(CLAIMS, signer=ISSUER, typ=TYP, header={"kid": kid}))


class TestAudience:
    @pytest.mark.parametrize(
        "audience",
        [
            "https://other.example",
            f"{AUDIENCE}/",
            AUDIENCE.upper(),
            "",
            [],
            [AUDIENCE],
            [AUDIENCE, "https://other.example"],
            {"a": AUDIENCE},
            1,
            None,
            ...,
        ],
    )
    def test_must_be_the_sole_expected_value(self, audience: object) -> None:
        """RFC 10070: one string, so that a token for us is a token for nobody else."""
        with pytest.raises(TokenClaimsError):
            verify(token(aud=audience))

    def test_is_not_looked_at_where_the_kind_has_none(self) -> None:
        assert "aud" not in verify(token(aud=...), audience=None)


class TestIssuer:
    @pytest.mark.parametrize("issuer", ["agency-2", "", "agency-1 ", "AGENCY-1", None, ...])
    def test_must_be_the_expected_one(self, issuer: object) -> None:
        with pytest.raises(TokenClaimsError):
            verify(token(iss=issuer))

    @pytest.mark.parametrize("issuer", [["agency-1"], 1, {"a": 1}])
    def test_must_be_a_string(self, issuer: object) -> None:
        with pytest.raises((TokenClaimsError, MalformedError)):
            verify(token(iss=issuer))

    def test_is_not_looked_at_where_the_kind_has_none(self) -> None:
        assert "iss" not in verify(token(iss=...), issuer=None)


class TestRequiredClaims:
    @pytest.mark.parametrize("name", ["iat", "exp"])
    @pytest.mark.parametrize("absent", [..., None])
    def test_times_are_required_unless_told_otherwise(self, name: str, absent: object) -> None:
        with pytest.raises(TokenClaimsError):
            verify(token(**{name: absent}))

    @pytest.mark.parametrize("absent", [..., None])
    def test_others_are_required_when_named(self, absent: object) -> None:
        required = ("iat", "exp", "jti")
        assert verify(token(), required=required)["jti"] == "once"
        with pytest.raises(TokenClaimsError):
            verify(token(jti=absent), required=required)

    def test_exp_may_be_absent_where_the_kind_has_none(self) -> None:
        assert "exp" not in verify(token(exp=...), required=("iat",))

    def test_that_are_not_named_stay_optional(self) -> None:
        assert "jti" not in verify(token(jti=...))


class TestTimes:
    @pytest.mark.parametrize("early", [0, 1, LEEWAY])
    def test_iat_of_a_fast_clock_is_accepted(self, early: int) -> None:
        verify(token(iat=AT + early))

    @pytest.mark.parametrize("early", [LEEWAY + 1, 3600, 2**40])
    def test_iat_in_the_future_is_refused(self, early: int) -> None:
        with pytest.raises(TokenClaimsError, match="iat lies in the future"):
            verify(token(iat=AT + early, exp=AT + early + 1))

    @pytest.mark.parametrize("age", [MAX_AGE, MAX_AGE + LEEWAY])
    def test_iat_as_old_as_allowed_is_accepted(self, age: int) -> None:
        verify(token(iat=AT - age, exp=AT - age + MAX_AGE), now=NOW - timedelta(seconds=1 if age > MAX_AGE else 0))

    @pytest.mark.parametrize("age", [MAX_AGE + LEEWAY + 1, 10**6, AT + 1])
    def test_an_old_iat_is_refused(self, age: int) -> None:
        with pytest.raises(TokenClaimsError, match="iat is too old"):
            verify(token(iat=AT - age))

    def test_the_oldest_iat_is_exact(self) -> None:
        """Without an exp only the age counts, as for a DPoP proof."""
        oldest = AT - MAX_AGE - LEEWAY
        verify(token(iat=oldest, exp=...), required=("iat",))
        with pytest.raises(TokenClaimsError, match="too old"):
            verify(token(iat=oldest - 1, exp=...), required=("iat",))

    def test_a_fraction_of_a_second_counts(self) -> None:
        oldest = AT - MAX_AGE - LEEWAY
        with pytest.raises(TokenClaimsError, match="too old"):
            verify(token(iat=oldest, exp=...), required=("iat",), now=NOW + timedelta(microseconds=1))

    @pytest.mark.parametrize("late", [-1, 0, LEEWAY - 1])
    def test_exp_of_a_slow_clock_is_accepted(self, late: int) -> None:
        verify(token(exp=AT - late))

    @pytest.mark.parametrize("late", [LEEWAY, LEEWAY + 1, 3600])
    def test_exp_in_the_past_is_refused(self, late: int) -> None:
        with pytest.raises(TokenClaimsError, match="expired"):
            verify(token(exp=AT - late))

    def test_exp_as_late_as_allowed_is_accepted(self) -> None:
        verify(token(iat=AT, exp=AT + MAX_AGE))

    @pytest.mark.parametrize("late", [1, 3600, 10**9])
    def test_exp_later_than_allowed_is_refused(self, late: int) -> None:
        """A replay store forgets after the window; a token must not outlive it."""
        with pytest.raises(TokenClaimsError, match="later than allowed"):
            verify(token(iat=AT, exp=AT + MAX_AGE + late))

    @pytest.mark.parametrize("early", [-100, 0, LEEWAY])
    def test_nbf_that_has_come_is_accepted(self, early: int) -> None:
        verify(token(nbf=AT + early))

    @pytest.mark.parametrize("early", [LEEWAY + 1, 3600])
    def test_nbf_in_the_future_is_refused(self, early: int) -> None:
        with pytest.raises(TokenClaimsError, match="nbf"):
            verify(token(nbf=AT + early))

    @pytest.mark.parametrize("name", ["iat", "nbf", "exp"])
    @pytest.mark.parametrize("value", [str(AT), AT + 0.5, True, False, [AT], {"t": AT}, ""])
    def test_other_things_than_whole_seconds_are_refused(self, name: str, value: object) -> None:
        with pytest.raises(TokenClaimsError, match=f"{name} must be a whole number"):
            verify(token(**{name: value}))


def test_errors_carry_neither_token_nor_claims() -> None:
    text = token(sub="001099012345", aud="https://other.example")
    with pytest.raises(TokenClaimsError) as caught:
        verify(text)
    assert "001099012345" not in str(caught.value)
    assert "other.example" not in str(caught.value)
    assert caught.value.code == "token_claims_invalid"
