"""Step 7: the credential's own times, to the second (RFC 7519 §4.1.4 to §4.1.6)."""

from datetime import datetime, timedelta

from trust_scheme import NOW
from verification_cases.casebook import Shown, book
from verification_cases.stage import ABSENT, Stage

EXP, NBF, IAT = "RFC 7519 §4.1.4", "RFC 7519 §4.1.5", "RFC 7519 §4.1.6"


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def after(count: int) -> int:
    """Return the time so many seconds after the check."""
    return seconds(NOW) + count


@book.valid(7, EXP)
def valid_exp_in_its_last_second(s: Stage) -> str:
    """Nothing: exp lies 59 seconds back, and the policy bears 60."""
    return s.plain(exp=after(-59))


@book.invalid(7, EXP, "expired")
def exp_one_minute_ago(s: Stage) -> str:
    """exp lies 60 seconds back, as many as the policy bears: the end is exclusive."""
    return s.plain(exp=after(-60))


@book.invalid(7, EXP, "expired")
def exp_now_without_skew(s: Stage) -> Shown:
    """exp is the second of the check, and the policy bears no difference between clocks."""
    return Shown(text=s.plain(exp=after(0)), policy={"clock_skew_seconds": 0})


@book.invalid(7, EXP, "expired")
def exp_zero(s: Stage) -> str:
    """exp in 1970, which careless code takes for absent."""
    return s.plain(exp=0)


@book.invalid(7, "Token Status List §8.3", "expired")
def expired_but_valid_by_status(s: Stage) -> str:
    """An expired credential whose status says valid: expired beats valid."""
    return s.presentation(s.credential(expires_at=NOW - timedelta(days=1)))


@book.valid(7, NBF)
def valid_nbf_one_minute_ahead(s: Stage) -> str:
    """Nothing: nbf lies 60 seconds ahead, as many as the policy bears."""
    return s.plain(nbf=after(60))


@book.valid(7, NBF)
def valid_without_nbf(s: Stage) -> str:
    """Nothing: no nbf, which a foreign issuer may leave out."""
    return s.plain(nbf=ABSENT)


@book.invalid(7, NBF, "not_yet_valid")
def nbf_61_seconds_ahead(s: Stage) -> str:
    """nbf lies 61 seconds ahead."""
    return s.plain(nbf=after(61))


@book.valid(7, IAT)
def valid_iat_one_minute_ahead(s: Stage) -> str:
    """Nothing: iat lies 60 seconds ahead, as many as the policy bears."""
    return s.plain(iat=after(60))


@book.invalid(7, IAT, "issued_in_future")
def iat_61_seconds_ahead(s: Stage) -> str:
    """iat lies 61 seconds ahead."""
    return s.plain(iat=after(61))
