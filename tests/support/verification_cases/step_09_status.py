"""Step 9: revoked, suspended, consumed, and lists that say nothing (draft-ietf-oauth-status-list-21)."""

import gzip
import zlib
from datetime import timedelta
from typing import Any

from giayto_crypto import b64url, certificates, jws
from giayto_crypto.sdjwt import StatusReference
from giayto_crypto.status_list import StatusList, StatusListBuilder
from trust_scheme import NOW, Certified
from trust_scheme.scheme import STATUS_URI
from verification_cases.casebook import Shown, book
from verification_cases.stage import ABSENT, Stage, certified, compact, root, signer, with_signature

VALUES = "Token Status List §7.1"
BITS = "Token Status List §4.1"
LIST = "Token Status List §4.2"
TOKEN = "Token Status List §5.1"
RULES = "Token Status List §8.3"
AGES = "docs/verification.md, Times"
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
MEBIBYTE = 2**20


WHOLE = zlib.compress(bytes(16))
"""64 valid entries of two bits, as `lst` holds them."""


def beside(s: Stage, token: str, *, at_uri: str = STATUS_URI, idx: int = 5, **policy: Any) -> Shown:
    """Show a credential to a verifier whose bundle has this status list token."""
    text = s.presentation(s.credential(status=StatusReference(STATUS_URI, idx)))
    return Shown(text=text, bundle=s.bundle_token(status_lists={at_uri: token}), policy=policy)


def token(
    s: Stage,
    *,
    header: dict[str, Any] | None = None,
    by: Certified | None = None,
    lst: bytes | None = None,
    bits: Any = 2,
    **changes: Any,
) -> str:
    """Return a status list token with these members, all entries valid."""
    by = by or s.status_lister
    members = {
        "sub": STATUS_URI,
        "iat": int(NOW.timestamp()) - 3600,
        "exp": int(NOW.timestamp()) + 2 * 86400,
        "ttl": 3600,
        "status_list": {"bits": bits, "lst": b64url.encode(WHOLE if lst is None else lst)},
    }
    usual = {"alg": "ES256", "typ": "statuslist+jwt", **jws.x5c_header(by.x5c)}
    kept = [
        {name: value for name, value in whole.items() if value is not ABSENT}
        for whole in (usual | (header or {}), members | changes)
    ]
    return compact(kept[0], kept[1], by.signer)


STATES = {
    "revoked": ("The document was revoked.", 1, 2, "revoked"),
    "revoked-in-a-list-of-one-bit": ("The document was revoked, in a list of one bit each.", 1, 1, "revoked"),
    "suspended": ("The document is suspended.", 2, 2, "suspended"),
    "consumed": ("The document is good for one use and was used.", 3, 2, "consumed"),
    "status-value-reserved": ("A status that the standard reserves.", 4, 4, "status_value_unknown"),
    "status-value-of-the-application": ("A status that means nothing here.", 15, 4, "status_value_unknown"),
    "status-value-of-eight-bits": ("A status of eight bits that means nothing here.", 200, 8, "status_value_unknown"),
}
for case_id, (flaw, status, bits, reason) in STATES.items():

    def in_state(s: Stage, status: int = status, bits: int = bits) -> Shown:
        return beside(s, s.status_list_token([(5, status)], bits=bits))

    book.add(case_id, flaw, 9, VALUES, "invalid", reason, make=in_state)


@book.invalid(9, BITS, "revoked")
def revoked_in_the_least_significant_bit(s: Stage) -> Shown:
    """Index 0 of a list whose first byte is 0000 0001: the first entry lies in the least significant bit."""
    return beside(s, token(s, bits=1, lst=zlib.compress(b"\x01" + bytes(7))), idx=0)


@book.valid(9, BITS)
def valid_where_another_bit_order_reads_revoked(s: Stage) -> Shown:
    """Nothing: index 0 of a list whose first byte is 1000 0000 is valid; only index 7 is revoked."""
    return beside(s, token(s, bits=1, lst=zlib.compress(b"\x80" + bytes(7))), idx=0)


@book.valid(9, BITS)
def valid_between_revoked_neighbours(s: Stage) -> Shown:
    """Nothing: the entries before and after it are revoked."""
    return beside(s, s.status_list_token([(4, 1), (6, 1)]))


@book.valid(9, RULES)
def valid_at_the_last_index_of_the_list(s: Stage) -> Shown:
    """Nothing: the last entry of the list."""
    return beside(s, s.status_list_token(), idx=63)


@book.invalid(9, RULES, "status_index_out_of_range")
def status_index_one_past_the_end(s: Stage) -> Shown:
    """The index of one entry more than the list has."""
    return beside(s, s.status_list_token(), idx=64)


@book.invalid(9, RULES, "status_index_out_of_range")
def status_index_far_out_of_range(s: Stage) -> Shown:
    """An index of 2^53 - 1."""
    return beside(s, s.status_list_token(), idx=2**53 - 1)


@book.invalid(9, RULES, "status_index_out_of_range")
def status_list_empty(s: Stage) -> Shown:
    """A list without any entry."""
    return beside(s, token(s, lst=zlib.compress(b"")))


@book.unknown(9, RULES, "bundle_outdated")
def status_list_absent(s: Stage) -> Shown:
    """The bundle has no status list at all."""
    return Shown(text=s.presentation(), bundle=s.bundle_token(status_lists={}))


@book.unknown(9, RULES, "bundle_outdated")
def status_list_of_another_uri(s: Stage) -> Shown:
    """The bundle has a list whose URI differs by a slash at its end: URIs are compared byte for byte."""
    other = STATUS_URI + "/"
    return beside(s, s.status_list_token(uri=other), at_uri=other)


@book.unknown(9, RULES, "status_list_invalid")
def status_list_sub_differs(s: Stage) -> Shown:
    """Another list, properly signed, is filed under this URI: the answer of a redirected or exchanged fetch."""
    return beside(s, s.status_list_token(uri=STATUS_URI + "0"))


@book.unknown(9, RULES, "status_list_invalid")
def status_list_of_all_valid_in_the_place_of_a_revoking_one(s: Stage) -> Shown:
    """A list of another URI in which nothing is revoked hides a revocation: never valid."""
    return beside(s, token(s, sub="https://wallet.example/public/v1/status-lists/2"))


CHANGED_TOKENS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "status-list-sub-missing": ("No sub.", TOKEN, {"sub": ABSENT}),
    "status-list-iat-missing": ("No iat: how old it is cannot be told.", TOKEN, {"iat": ABSENT}),
    "status-list-iat-is-text": ("iat as text.", TOKEN, {"iat": "0"}),
    "status-list-exp-before-iat": (
        "It ended one second before it was issued.",
        TOKEN,
        {"exp": int(NOW.timestamp()) - 3601},
    ),
    "status-list-ttl-zero": ("A ttl of 0, which must be positive.", TOKEN, {"ttl": 0}),
    "status-list-ttl-negative": ("A negative ttl.", TOKEN, {"ttl": -1}),
    "status-list-missing": ("No status_list.", TOKEN, {"status_list": ABSENT}),
    "status-list-of-three-bits": ("Three bits for each entry.", LIST, {"bits": 3}),
    "status-list-bits-as-text": ("The number of bits as text.", LIST, {"bits": "2"}),
    "status-list-compressed-as-gzip": ("GZIP in the place of ZLIB.", BITS, {"lst": gzip.compress(bytes(16), mtime=0)}),
    "status-list-compressed-raw": (
        "DEFLATE without ZLIB around it.",
        BITS,
        {"lst": zlib.compress(bytes(16), wbits=-15)},
    ),
    "status-list-not-compressed": ("The list as it is, not compressed.", BITS, {"lst": bytes(16)}),
    "status-list-cut-off": ("The compressed list lacks its end.", BITS, {"lst": WHOLE[:-2]}),
    "status-list-check-sum-wrong": (
        "The check sum of ZLIB does not fit.",
        "RFC 1950 §2.2",
        {"lst": WHOLE[:-1] + b"\x00"},
    ),
    "status-list-followed-by-something": ("Bytes after the compressed list.", BITS, {"lst": WHOLE + b"\x00"}),
    "status-list-inflate-bomb": (
        "72 MiB of zeros, eighteen times what a list may inflate to.",
        "Token Status List §12",
        {"lst": zlib.compress(bytes(72 * MEBIBYTE), 9)},
    ),
    "status-list-typ-jwt": ("The typ of any JWT.", TOKEN, {"header": {"typ": "JWT"}}),
    "status-list-typ-missing": ("No typ.", TOKEN, {"header": {"typ": ABSENT}}),
    "status-list-alg-none": ("alg none.", "RFC 8725 §3.2", {"header": {"alg": "none"}}),
    "status-list-without-certificate": ("No certificate in the header.", TOKEN, {"header": {"x5c": ABSENT}}),
    "status-list-with-crit": ("An extension that must be understood.", "RFC 7515 §4.1.11", {"header": {"crit": ["x"]}}),
}
for case_id, (flaw, clause, changes) in CHANGED_TOKENS.items():

    def beside_changed(s: Stage, changes: dict[str, Any] = changes) -> Shown:
        return beside(s, token(s, **changes))

    book.add(case_id, flaw, 9, clause, "unknown", "status_list_invalid", make=beside_changed)


SIGNERS = {
    "the-agency": ("signed by the agency: the list's keeper is another.", certificates.CREDENTIAL_ISSUER, "Case root"),
    "the-keeper-of-the-trust-list": ("signed by the keeper of the trust list.", certificates.TRUST_LIST, "Case root"),
    "another-root": ("signed under a forged root.", certificates.STATUS_LIST, "Forged root"),
}
for suffix, (flaw, purpose, above) in SIGNERS.items():

    def signed_by(s: Stage, suffix: str = suffix, purpose: Any = purpose, above: str = above) -> Shown:
        return beside(s, token(s, by=certified(f"Status by {suffix}", purpose, by=root(above))))

    flaw = f"A status list {flaw}"
    book.add(f"status-list-by-{suffix}", flaw, 9, RULES, "unknown", "status_list_invalid", make=signed_by)


@book.unknown(9, RULES, "status_list_invalid")
def status_list_altered(s: Stage) -> Shown:
    """One bit of the list's signature was flipped."""
    return beside(s, with_signature(token(s), lambda raw: bytes([raw[0] ^ 1, *raw[1:]])))


@book.unknown(9, RULES, "status_list_invalid")
def status_list_signature_of_a_thief(s: Stage) -> Shown:
    """The keeper's certificate was copied; the signature is of another key."""
    return beside(s, token(s, by=Certified(signer("Thief"), s.status_lister.chain)))


@book.unknown(9, TOKEN, "status_list_invalid")
def status_list_unsigned(s: Stage) -> Shown:
    """A token without a signature."""
    return beside(s, token(s).rpartition(".")[0] + ".")


@book.valid(9, AGES)
def valid_with_status_exactly_24_hours_old(s: Stage) -> Shown:
    """Nothing: the list was issued 24 hours ago, as long as the policy allows."""
    return beside(s, s.status_list_token(issued_at=NOW - DAY))


@book.unknown(9, AGES, "status_too_old")
def status_list_one_second_too_old(s: Stage) -> Shown:
    """The list was issued 24 hours and one second ago."""
    return beside(s, s.status_list_token(issued_at=NOW - DAY - SECOND))


@book.unknown(9, AGES, "status_too_old")
def status_list_older_than_this_policy_allows(s: Stage) -> Shown:
    """The list is one hour old, and this verifier allows half an hour."""
    return beside(s, s.status_list_token(), max_status_age_seconds=1800)


@book.unknown(9, RULES, "status_too_old")
def revocation_in_an_old_list(s: Stage) -> Shown:
    """The list says revoked and is too old: it says nothing, neither revoked nor valid."""
    return beside(s, s.status_list_token([(5, 1)], issued_at=NOW - 2 * DAY))


@book.valid(9, RULES)
def valid_in_the_last_second_of_the_status_list(s: Stage) -> Shown:
    """Nothing: the list ends one second after the check."""
    return beside(s, s.status_list_token(expires_at=NOW + SECOND))


@book.unknown(9, RULES, "status_too_old")
def status_list_ends_now(s: Stage) -> Shown:
    """The list ends with the second of the check."""
    return beside(s, s.status_list_token(expires_at=NOW))


@book.unknown(9, AGES, "status_too_old")
def status_list_whose_signer_has_ended_too(s: Stage) -> Shown:
    """List and signer's certificate have both ended: the list was authentic in its time, and says nothing now."""
    signer_of_then = certified("Status lists of then", certificates.STATUS_LIST, end=NOW - DAY)
    old = token(s, by=signer_of_then, iat=int((NOW - 3 * DAY).timestamp()), exp=int((NOW - 2 * DAY).timestamp()))
    return beside(s, old)


@book.unknown(9, RULES, "status_list_invalid")
def status_list_whose_signer_has_ended(s: Stage) -> Shown:
    """The signer's certificate ended while the list would be good for two more days."""
    return beside(s, token(s, by=certified("Ended status lists", certificates.STATUS_LIST, end=NOW - SECOND)))


@book.unknown(9, RULES, "status_too_old")
def status_list_from_the_future(s: Stage) -> Shown:
    """The list was issued 61 seconds after the check."""
    return beside(s, s.status_list_token(issued_at=NOW + 61 * SECOND))


@book.unknown(9, AGES, "status_too_old")
def status_list_without_end_after_31_days(s: Stage) -> Shown:
    """A list without exp, 31 days old, at a verifier that would take it at any age: absent is not for ever."""
    old = token(s, exp=ABSENT, iat=int((NOW - 31 * DAY).timestamp()))
    return beside(s, old, max_status_age_seconds=365 * 86400)


@book.valid(9, AGES)
def valid_with_endless_status_list_of_less_than_31_days(s: Stage) -> Shown:
    """Nothing: a list without exp, one second younger than 31 days, at a verifier that takes it at any age."""
    old = token(s, exp=ABSENT, iat=int((NOW - 31 * DAY).timestamp()) + 1)
    return beside(s, old, max_status_age_seconds=365 * 86400)


@book.valid(9, LIST)
def valid_with_status_list_of_the_greatest_size(s: Stage) -> Shown:
    """Nothing: a list of exactly 4 MiB."""
    builder = StatusListBuilder(size=32 * MEBIBYTE, bits=1)
    largest: StatusList = builder.build()
    return beside(s, token(s, bits=1, lst=b64url.decode(largest.to_lst())))


@book.invalid(11, "docs/verification.md, The steps", "stale", "revoked")
def stale_and_revoked(s: Stage) -> Shown:
    """An old code of a revoked document: both are told."""
    revoking = s.bundle_token(status_lists={STATUS_URI: s.status_list_token([(5, 1)])})
    return Shown(text=s.presentation(at=NOW - timedelta(minutes=5)), bundle=revoking)
