"""Step 8: proofs of the holder that prove something else (RFC 9901 §7.3)."""

from datetime import timedelta
from typing import Any

from giayto_crypto import qr, strict_json
from giayto_crypto.sdjwt.verification import sd_hash
from trust_scheme import NOW
from trust_scheme.scheme import SHOWN
from verification_cases.casebook import Shown, book
from verification_cases.stage import ABSENT, Stage, parts, signer, unbound, with_signature
from verification_cases.step_05_signature import ORDER

BINDING = "RFC 9901 §7.3"
TOKEN = "RFC 9901 §4.3"
HASH = "RFC 9901 §4.3.1"
REPLAY = "RFC 9901 §9.1; docs/verification.md, Replays and relays"
SECOND = timedelta(seconds=1)
BANK = "https://bank.example"


def seconds(count: float) -> float:
    """Return the time so many seconds after the check."""
    return int(NOW.timestamp()) + count


@book.valid(8, BINDING)
def valid_with_challenge_and_audience(s: Stage) -> Shown:
    """Nothing: made for this verifier, with the challenge that it showed."""
    text = s.presentation(audience=BANK, nonce="K7-42")
    return Shown(text=text, challenge="K7-42", policy={"audience": BANK, "challenge_required": True})


@book.valid(8, "docs/verification.md, Times")
def valid_iat_exactly_one_minute_ago(s: Stage) -> str:
    """Nothing: the holder's proof is 60 seconds old, as old as the policy allows."""
    return s.presentation(at=NOW - 60 * SECOND)


@book.invalid(8, "docs/verification.md, Times", "stale")
def iat_one_second_too_old(s: Stage) -> str:
    """The holder's proof is 61 seconds old."""
    return s.presentation(at=NOW - 61 * SECOND)


@book.invalid(8, "docs/verification.md, Times", "stale")
def iat_one_microsecond_too_old(s: Stage) -> Shown:
    """The check is made 60 seconds and a microsecond after the holder's proof."""
    return Shown(text=s.presentation(at=NOW - 60 * SECOND), at=NOW + timedelta(microseconds=1))


@book.valid(8, "docs/verification.md, Times")
def valid_iat_exactly_one_minute_ahead(s: Stage) -> str:
    """Nothing: the phone's clock is 60 seconds fast, as fast as the policy bears."""
    return s.presentation(at=NOW + 60 * SECOND)


@book.invalid(8, "docs/verification.md, Times", "presented_in_future")
def iat_one_second_too_far_ahead(s: Stage) -> str:
    """The holder's proof was made 61 seconds after the check."""
    return s.presentation(at=NOW + 61 * SECOND)


@book.invalid(8, BINDING, "key_binding_missing")
def key_binding_stripped(s: Stage) -> str:
    """The key-binding JWT was cut off: whoever saw the disclosures could show them."""
    return unbound(s.presentation())


@book.invalid(8, BINDING, "key_binding_missing")
def key_binding_stripped_before_a_challenge(s: Stage) -> Shown:
    """The key-binding JWT was cut off, and a challenge was asked for."""
    return Shown(text=unbound(s.presentation()), challenge="K7-42")


@book.invalid(8, BINDING, "key_binding_invalid")
def key_binding_of_another_key(s: Stage) -> str:
    """The proof is signed by another key than that in cnf."""
    return s.presentation(holder=signer("Thief"))


@book.invalid(8, BINDING, "key_binding_invalid")
def key_binding_by_the_key_in_its_header(s: Stage) -> str:
    """The proof brings the thief's key in its header; the only key is that in cnf."""
    thief = signer("Thief")
    return s.bound(unbound(s.presentation()), header={"jwk": thief.public_key.jwk}, holder=thief)


@book.invalid(8, BINDING, "key_binding_invalid")
def key_binding_by_the_agency(s: Stage) -> str:
    """The agency signed the holder's proof."""
    return s.presentation(holder=s.agency.signer)


@book.invalid(8, BINDING, "key_binding_invalid")
def key_binding_with_one_flipped_bit(s: Stage) -> str:
    """One bit of the proof's signature was flipped."""
    *front, key_binding = parts(s.presentation())
    return "~".join((*front, with_signature(key_binding, lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]))))


@book.invalid(8, HASH, "key_binding_invalid")
def sd_hash_of_other_disclosures(s: Stage) -> str:
    """The proof of a presentation of one claim under four claims of the same credential."""
    credential = s.credential()
    one = s.presentation(credential, shown=SHOWN[:1])
    return unbound(s.presentation(credential)) + parts(one)[-1]


@book.invalid(8, HASH, "key_binding_invalid")
def sd_hash_of_another_credential(s: Stage) -> str:
    """A proof by the same key, made for another copy of the document."""
    return unbound(s.presentation()) + parts(s.presentation())[-1]


@book.invalid(8, HASH, "key_binding_invalid")
def disclosure_taken_away_after_signing(s: Stage) -> str:
    """A claim was taken out of a presentation after the holder had signed it."""
    token, _name, *rest = parts(s.presentation())
    return "~".join((token, *rest))


@book.invalid(8, HASH, "key_binding_invalid")
def disclosure_added_after_signing(s: Stage) -> str:
    """A claim of the same document was added after the holder had signed."""
    credential = s.credential()
    token, *rest = parts(s.presentation(credential))
    return "~".join((token, parts(credential)[1], *rest))


@book.invalid(8, HASH, "key_binding_invalid")
def disclosures_reordered_after_signing(s: Stage) -> str:
    """The disclosures were put in another order after the holder had signed."""
    token, *disclosures, key_binding = parts(s.presentation())
    return "~".join((token, *disclosures[::-1], key_binding))


@book.invalid(8, HASH, "key_binding_invalid")
def sd_hash_without_the_last_tilde(s: Stage) -> str:
    """sd_hash is over the text without the last ~, which it must cover."""
    sd_jwt = unbound(s.presentation())
    return s.bound(sd_jwt, sd_hash=sd_hash(sd_jwt[:-1]))


@book.invalid(8, HASH, "key_binding_invalid")
def sd_hash_of_the_jwt_alone(s: Stage) -> str:
    """sd_hash is over the issuer-signed JWT, without the disclosures."""
    sd_jwt = unbound(s.presentation())
    return s.bound(sd_jwt, sd_hash=sd_hash(parts(sd_jwt)[0]))


PROOFS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "sd-hash-missing": ("No sd_hash: the proof fits every presentation.", HASH, {"sd_hash": ABSENT}),
    "sd-hash-empty": ("An empty sd_hash.", HASH, {"sd_hash": ""}),
    "proof-nonce-missing": ("No nonce.", TOKEN, {"nonce": ABSENT}),
    "proof-nonce-is-a-number": ("A number as nonce.", TOKEN, {"nonce": 42}),
    "proof-aud-missing": ("No aud.", TOKEN, {"aud": ABSENT}),
    "proof-aud-is-an-array": ("aud is an array, with the right name in it.", TOKEN, {"aud": ["giayto:in-person"]}),
    "proof-iat-missing": ("No iat: the proof never grows old.", TOKEN, {"iat": ABSENT}),
    "proof-iat-is-text": ("iat as text.", TOKEN, {"iat": str(int(seconds(0)))}),
    "proof-iat-is-a-fraction": ("iat with half a second.", TOKEN, {"iat": seconds(0.5)}),
    "proof-iat-beyond-all-clocks": ("iat after the year 9999.", TOKEN, {"iat": 253_402_300_800}),
    "proof-larger-than-8-kib": ("A proof of more than 8 KiB.", "docs/credential-profile.md", {"note": "x" * 8192}),
}
for case_id, (flaw, clause, changes) in PROOFS.items():

    def with_proof(s: Stage, changes: dict[str, Any] = changes) -> str:
        return s.bound(unbound(s.presentation()), **changes)

    book.add(case_id, flaw, 8, clause, "invalid", "key_binding_invalid", make=with_proof)


PROOF_HEADERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "proof-typ-missing": ("A proof without typ.", TOKEN, {"typ": ABSENT}),
    "proof-typ-jwt": ("A proof with the typ of any JWT.", TOKEN, {"typ": "JWT"}),
    "proof-typ-of-a-credential": ("A proof with the typ of a credential.", TOKEN, {"typ": "dc+sd-jwt"}),
    "proof-typ-of-a-holder-key": (
        "What the holder signed to register the key, in the place of the proof.",
        "RFC 8725 §3.11",
        {"typ": "giayto-holder-key+jwt"},
    ),
    "proof-alg-none": ("A proof that says alg none.", "RFC 9901 §4.3", {"alg": "none"}),
    "proof-crit": ("A proof with an extension that must be understood.", "RFC 7515 §4.1.11", {"crit": ["x"], "x": 1}),
}
for case_id, (flaw, clause, changes) in PROOF_HEADERS.items():

    def with_proof_header(s: Stage, changes: dict[str, Any] = changes) -> str:
        return s.bound(unbound(s.presentation()), header=changes)

    book.add(case_id, flaw, 8, clause, "invalid", "key_binding_invalid", make=with_proof_header)


@book.invalid(8, "RFC 8725 §2.4", "key_binding_invalid")
def proof_with_duplicate_member(s: Stage) -> str:
    """aud twice in the proof: another verifier's, then this one's."""
    sd_jwt = unbound(s.presentation())
    members = {"iat": seconds(0), "nonce": "n", "aud": "giayto:in-person", "sd_hash": sd_hash(sd_jwt)}
    payload = strict_json.canonical(members)
    return s.bound(sd_jwt, payload=payload.replace(b'"aud":', b'"aud":"https://bank.example","aud":', 1))


@book.invalid(8, "RFC 8725 §2.4", "key_binding_invalid")
def proof_is_an_array(s: Stage) -> str:
    """The proof's payload is an array."""
    return s.bound(unbound(s.presentation()), payload=b"[]")


@book.invalid(8, TOKEN, "key_binding_invalid")
def proof_is_no_token(s: Stage) -> str:
    """Something that is no JWT where the proof should be."""
    return unbound(s.presentation()) + "proof"


@book.invalid(8, BINDING, "audience_mismatch")
def aud_of_another_verifier(s: Stage) -> Shown:
    """A presentation that was made for a shop, shown to the bank by the shop."""
    return Shown(text=s.presentation(audience="https://shop.example"), policy={"audience": BANK})


@book.invalid(8, BINDING, "audience_mismatch")
def aud_in_person_at_a_named_verifier(s: Stage) -> Shown:
    """A QR made for no verifier in particular, shown to one that demands its name."""
    return Shown(text=s.presentation(), policy={"audience": BANK})


@book.invalid(8, BINDING, "audience_mismatch")
def aud_with_trailing_slash(s: Stage) -> Shown:
    """The verifier's name with a slash at its end: names are compared byte for byte."""
    return Shown(text=s.presentation(audience=BANK + "/"), policy={"audience": BANK})


@book.invalid(8, BINDING, "challenge_mismatch")
def challenge_of_another_check(s: Stage) -> Shown:
    """The nonce is another than the challenge that this verifier showed."""
    return Shown(text=s.presentation(nonce="K7-41"), challenge="K7-42")


@book.invalid(8, BINDING, "challenge_mismatch")
def challenge_with_something_after_it(s: Stage) -> Shown:
    """The nonce begins with the challenge."""
    return Shown(text=s.presentation(nonce="K7-42 "), challenge="K7-42")


@book.invalid(8, BINDING, "audience_mismatch", "challenge_mismatch", "stale")
def proof_of_yesterday_for_somebody_else(s: Stage) -> Shown:
    """Another verifier's presentation of yesterday: all that is wrong with it is told."""
    text = s.presentation(audience="https://shop.example", nonce="K7-41", at=NOW - timedelta(days=1))
    return Shown(text=text, challenge="K7-42", policy={"audience": BANK})


@book.invalid(8, REPLAY, "replayed")
def shown_twice(s: Stage) -> Shown:
    """The same presentation a second time, within its minute."""
    text = s.presentation()
    return Shown(text=text, before=(text,))


@book.invalid(8, REPLAY, "stale", "replayed")
def shown_twice_after_its_minute(s: Stage) -> Shown:
    """The same presentation two minutes later: it is both too old and known."""
    text = s.presentation()
    return Shown(text=text, at=NOW + timedelta(minutes=2), before=(text,), before_at=NOW)


@book.invalid(8, REPLAY, "replayed")
def shown_twice_as_string_and_qr(s: Stage) -> Shown:
    """The same presentation, first as a standard string and then as a QR."""
    text = s.presentation()
    return Shown(text=qr.pack(text), before=(text,))


@book.invalid(8, REPLAY, "replayed")
def shown_twice_with_varied_signature(s: Stage) -> Shown:
    """The same proof with the other signature (r, n - s) that anybody can make of it."""
    text = s.presentation()
    *front, key_binding = parts(text)

    def varied(raw: bytes) -> bytes:
        return raw[:32] + (ORDER - int.from_bytes(raw[32:])).to_bytes(32)

    return Shown(text="~".join((*front, with_signature(key_binding, varied))), before=(text,))


@book.valid(8, REPLAY)
def valid_second_presentation_of_one_document(s: Stage) -> Shown:
    """Nothing: the same document, shown anew with a fresh proof."""
    credential = s.credential()
    text = s.presentation(credential, nonce="second")
    return Shown(text=text, before=(s.presentation(credential, nonce="first"),))


@book.unknown(11, REPLAY, "replay_guard_unavailable")
def replay_guard_full(s: Stage) -> Shown:
    """The verifier's memory of presentations is full: what cannot be remembered is not accepted."""
    return Shown(text=s.presentation(), replay_guard_full=True)


@book.valid(8, "docs/verification.md, Replays and relays")
def valid_printed_copy(s: Stage) -> Shown:
    """Nothing: a copy on paper, checked as one."""
    return Shown(text=qr.pack(unbound(s.presentation())), printed_copy=True)


@book.invalid(8, "docs/verification.md, Replays and relays", "key_binding_unexpected")
def printed_copy_with_a_stale_proof(s: Stage) -> Shown:
    """A photograph of yesterday's QR, offered as a copy on paper."""
    return Shown(text=qr.pack(s.presentation(at=NOW - timedelta(days=1))), printed_copy=True)
