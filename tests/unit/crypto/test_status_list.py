"""Status lists: bit order, limits, tokens, freshness."""

import zlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giayto_crypto import b64url, certificates
from giayto_crypto.certified_jws import sign_certified
from giayto_crypto.errors import (
    CertificateError,
    CertificateExpiredError,
    MalformedError,
    SignatureInvalidError,
    StatusListError,
)
from giayto_crypto.keys import LocalSigner
from giayto_crypto.status_list import (
    MAX_LIFETIME,
    MAX_LIST_BYTES,
    StatusIndexError,
    StatusList,
    StatusListBuilder,
    StatusListExpiredError,
    StatusValue,
    authenticate_status_list,
    sign_status_list,
    verify_status_list,
)
from trust_scheme import NOW, Scheme
from trust_scheme.scheme import STATUS_URI

SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    return Scheme()


def token(scheme: Scheme, *, remove: str = "", **claims: Any) -> str:
    """Return a token whose claims are right but for the given ones."""
    issued = int((NOW - timedelta(hours=1)).timestamp())
    payload = {
        "sub": STATUS_URI,
        "iat": issued,
        "exp": issued + 86400,
        "ttl": 600,
        "status_list": {"bits": 2, "lst": StatusListBuilder(16).build().to_lst()},
    }
    payload |= claims
    payload.pop(remove, None)
    lister = scheme.status_lister
    return sign_certified(payload, typ="statuslist+jwt", signer=lister.signer, x5c=lister.x5c)


def verify(scheme: Scheme, text: str, **changes: Any) -> Any:
    return verify_status_list(text, **{"uri": STATUS_URI, "anchors": scheme.anchors, "now": NOW} | changes)


# the packed form


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_entries_start_at_the_least_significant_bit(bits: int) -> None:
    builder = StatusListBuilder(size=16, bits=bits)
    builder.set(0, 1)
    assert builder.build().packed[0] == 1
    per_byte = 8 // bits
    builder.set(per_byte - 1, 1)
    assert builder.build().packed[0] & (1 << (8 - bits))
    builder.set(per_byte, 1)
    assert builder.build().packed[1] == 1


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_every_entry_is_read_back_and_disturbs_no_other(bits: int) -> None:
    statuses = [(idx * 7 + 3) % (1 << bits) for idx in range(64)]
    builder = StatusListBuilder(size=64, bits=bits)
    builder.update(enumerate([(1 << bits) - 1] * 64))
    builder.update(enumerate(statuses))
    built = builder.build()
    assert [built.status(idx) for idx in range(64)] == statuses
    assert [StatusList.from_lst(built.to_lst(), bits).status(idx) for idx in range(64)] == statuses


def test_a_status_can_be_taken_back_to_valid() -> None:
    builder = StatusListBuilder(size=16)
    builder.set(3, StatusValue.SUSPENDED)
    builder.set(3, StatusValue.VALID)
    assert builder.build().packed == bytes(4)


@pytest.mark.parametrize("idx", [-1, 16, 2**40])
def test_an_index_outside_the_list_is_refused(idx: int) -> None:
    builder = StatusListBuilder(size=16)
    with pytest.raises(StatusIndexError):
        builder.build().status(idx)
    with pytest.raises(StatusIndexError):
        builder.set(idx, 1)


def test_the_last_index_is_read() -> None:
    assert StatusListBuilder(size=16).build().status(15) == StatusValue.VALID


@pytest.mark.parametrize(("bits", "status"), [(1, 2), (2, 4), (4, 16), (8, 256), (2, -1)])
def test_a_status_that_does_not_fit_is_refused(bits: int, status: int) -> None:
    with pytest.raises(StatusListError, match="fit"):
        StatusListBuilder(size=16, bits=bits).set(0, status)


@pytest.mark.parametrize("bits", [0, 3, 16])
def test_other_widths_are_refused(bits: int) -> None:
    with pytest.raises(StatusListError, match="bits"):
        StatusListBuilder(size=16, bits=bits)
    with pytest.raises(StatusListError, match="bits"):
        StatusList(bits=bits, packed=b"\0")


@pytest.mark.parametrize("size", [0, -1, MAX_LIST_BYTES * 4 + 1])
def test_sizes_that_no_reader_accepts_are_refused(size: int) -> None:
    with pytest.raises(StatusListError, match="bytes"):
        StatusListBuilder(size=size)


def test_inflating_stops_at_the_limit() -> None:
    largest = zlib.compress(bytes(MAX_LIST_BYTES))
    bomb = zlib.compress(bytes(MAX_LIST_BYTES + 1))
    assert len(StatusList.from_lst(b64url.encode(largest), 8)) == MAX_LIST_BYTES
    with pytest.raises(StatusListError, match="more than"):
        StatusList.from_lst(b64url.encode(bomb), 8)


def test_a_128_mib_bomb_costs_next_to_nothing() -> None:
    bomb = b64url.encode(zlib.compress(bytes(128 * 1024 * 1024)))
    with pytest.raises(StatusListError, match="more than"):
        StatusList.from_lst(bomb, 8)


@pytest.mark.parametrize(
    "data", [b"", b"nonsense", zlib.compress(b"1234")[:-1], zlib.compress(b"1234") + b"x", zlib.compress(b"1234")[2:-4]]
)
def test_what_is_not_exactly_one_zlib_stream_is_refused(data: bytes) -> None:
    with pytest.raises(StatusListError):
        StatusList.from_lst(b64url.encode(data), 8)


# the token


def test_a_signed_list_is_verified(scheme: Scheme) -> None:
    text = scheme.status_list_token([(5, StatusValue.INVALID), (6, StatusValue.CONSUMED)])
    verified = verify(scheme, text)
    assert [verified.status(idx) for idx in (4, 5, 6)] == [0, 1, 3]
    assert verified.uri == STATUS_URI
    assert verified.issued_at == NOW - timedelta(hours=1)
    assert verified.expires_at == NOW + timedelta(days=2)
    assert verified.ttl == timedelta(hours=1)


def test_the_payload_is_that_of_the_draft(scheme: Scheme) -> None:
    lister = scheme.status_lister
    text = sign_status_list(
        StatusListBuilder(16).build(),
        uri=STATUS_URI,
        issued_at=NOW,
        expires_at=NOW + SECOND,
        ttl=timedelta(minutes=5),
        signer=lister.signer,
        x5c=lister.x5c,
        aggregation_uri="https://wallet.example/lists",
    )
    from giayto_crypto.jws import parse

    payload = parse(text, typ="statuslist+jwt").unverified_payload()
    assert set(payload) == {"sub", "iat", "exp", "ttl", "status_list"}
    assert payload["ttl"] == 300
    assert set(payload["status_list"]) == {"bits", "lst", "aggregation_uri"}


def test_another_uri_is_refused(scheme: Scheme) -> None:
    with pytest.raises(StatusListError, match="sub"):
        verify(scheme, token(scheme), uri=STATUS_URI + "/")


@pytest.mark.parametrize("member", ["sub", "iat", "status_list"])
def test_a_required_member_that_is_missing_is_refused(scheme: Scheme, member: str) -> None:
    with pytest.raises(MalformedError):
        verify(scheme, token(scheme, remove=member))


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": "1"},
        {"iat": 1.5},
        {"iat": True},
        {"iat": -1},
        {"exp": "2"},
        {"exp": 2**60},
        {"ttl": 0},
        {"ttl": -5},
        {"ttl": "600"},
        {"sub": 7},
        {"status_list": []},
        {"status_list": {"bits": 3, "lst": ""}},
        {"status_list": {"bits": "1", "lst": ""}},
        {"status_list": {"bits": True, "lst": ""}},
        {"status_list": {"bits": 1}},
        {"exp": 1},
    ],
    ids=str,
)
def test_members_of_the_wrong_kind_are_refused(scheme: Scheme, claims: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        verify(scheme, token(scheme, **claims))


def test_the_end_is_exact(scheme: Scheme) -> None:
    text = scheme.status_list_token(expires_at=NOW)
    verify(scheme, text, now=NOW - SECOND)
    with pytest.raises(StatusListExpiredError):
        verify(scheme, text, now=NOW)


def test_an_issue_time_ahead_is_borne_for_a_minute(scheme: Scheme) -> None:
    text = scheme.status_list_token(issued_at=NOW + timedelta(minutes=1))
    verify(scheme, text, now=NOW)
    with pytest.raises(StatusListExpiredError):
        verify(scheme, text, now=NOW - SECOND)


@pytest.mark.parametrize("remove", ["exp", ""])
def test_a_list_without_end_or_with_a_distant_one_ends_after_31_days(scheme: Scheme, remove: str) -> None:
    distant = int((NOW + timedelta(days=3650)).timestamp())
    verified = authenticate_status_list(token(scheme, exp=distant, remove=remove), anchors=scheme.anchors, now=NOW)
    assert verified.expires_at == verified.issued_at + MAX_LIFETIME


@pytest.mark.parametrize(
    ("ttl", "clamped"), [(1, 60), (60, 60), (3600.5, 3600.5), (86400, 86400), (10**15, 86400), (None, 3600)]
)
def test_ttl_is_clamped(scheme: Scheme, ttl: float | None, clamped: float) -> None:
    verified = verify(scheme, token(scheme, ttl=ttl))
    assert verified.ttl == timedelta(seconds=clamped)


def test_a_copy_is_refreshed_after_ttl_and_not_after_the_end(scheme: Scheme) -> None:
    verified = verify(scheme, scheme.status_list_token(expires_at=NOW + timedelta(minutes=90)))
    assert verified.refresh_after(NOW) == NOW + timedelta(hours=1)
    assert verified.refresh_after(NOW + timedelta(hours=1)) == NOW + timedelta(minutes=90)


def test_another_typ_is_refused(scheme: Scheme) -> None:
    with pytest.raises(MalformedError, match="typ"):
        verify(scheme, scheme.bundle_token())


def test_a_certificate_for_another_purpose_is_refused(scheme: Scheme) -> None:
    with pytest.raises(CertificateError):
        verify(scheme, scheme.status_list_token(by=scheme.agency))


def test_an_unknown_root_is_refused(scheme: Scheme) -> None:
    with pytest.raises(CertificateError):
        verify(scheme, scheme.status_list_token(), anchors=Scheme().anchors)


def test_a_changed_list_is_refused(scheme: Scheme) -> None:
    header, _, signature = scheme.status_list_token([(5, 1)]).split(".")
    payload = scheme.status_list_token().split(".")[1]
    with pytest.raises(SignatureInvalidError):
        verify(scheme, f"{header}.{payload}.{signature}")


def test_a_certificate_that_ended_before_the_list_was_made_is_refused(scheme: Scheme) -> None:
    old = scheme.root.certify(certificates.STATUS_LIST, end=NOW - timedelta(hours=2))
    with pytest.raises(CertificateExpiredError):
        verify(scheme, scheme.status_list_token(by=old))


def test_a_certificate_that_ended_while_the_list_is_current_is_refused(scheme: Scheme) -> None:
    old = scheme.root.certify(certificates.STATUS_LIST, end=NOW - timedelta(minutes=30))
    with pytest.raises(CertificateExpiredError):
        verify(scheme, scheme.status_list_token(by=old))


def test_an_outdated_list_is_told_as_such_after_its_certificate_ended(scheme: Scheme) -> None:
    old = scheme.root.certify(certificates.STATUS_LIST, end=NOW - timedelta(minutes=30))
    text = scheme.status_list_token(by=old, expires_at=NOW - timedelta(minutes=40))
    with pytest.raises(StatusListExpiredError):
        verify(scheme, text)


def test_a_token_with_a_foreign_certificate_is_not_signed(scheme: Scheme) -> None:
    with pytest.raises(CertificateError, match="another key"):
        scheme.status_list_token(signer=LocalSigner.generate())


@pytest.mark.parametrize("x5c", [(), (b"nonsense",)])
def test_a_token_without_a_usable_chain_is_not_signed(scheme: Scheme, x5c: tuple[bytes, ...]) -> None:
    with pytest.raises(CertificateError):
        scheme.status_list_token(x5c=x5c)


@given(
    bits=st.sampled_from([1, 2, 4, 8]),
    rounds=st.lists(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 255)), max_size=20), max_size=6),
)
def test_a_list_that_is_continued_is_the_list_made_at_once(bits: int, rounds: list[list[tuple[int, int]]]) -> None:
    rounds = [[(idx, value % 2**bits) for idx, value in changes] for changes in rounds]
    at_once = StatusListBuilder(size=100, bits=bits)
    continued = StatusListBuilder(size=100, bits=bits).build()
    for changes in rounds:
        at_once.update(changes)
        builder = StatusListBuilder.continuing(continued)
        builder.update(changes)
        continued = builder.build()
    assert continued == at_once.build()


def test_continuing_leaves_the_earlier_list_as_it_was() -> None:
    earlier = StatusListBuilder(size=8).build()
    StatusListBuilder.continuing(earlier).set(3, StatusValue.INVALID)
    assert earlier.status(3) == StatusValue.VALID
