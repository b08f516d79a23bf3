"""Random documents, random choices: what is revealed is what was chosen, and nothing that was touched verifies."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from sd_jwt.common import SDObj
from sd_jwt.issuer import SDJWTIssuer

from giayto_crypto import b64url, qr
from giayto_crypto.errors import GiaytoError, QrTooLargeError
from giayto_crypto.sdjwt import (
    AuthenticSdJwt,
    KeyBinding,
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
    NOW,
    KnownReferences,
    disclosure,
    issue,
    key_binding_jwt,
    opened,
    present_in_person,
    sd_jwt,
    seal,
)
from sample_credentials.claim_trees import CLAIM_TREES, NAMES, TEXTS, places, plain, revealed

KNOWN = KnownReferences()
PROFILE_MEMBERS = {"iss", "iat", "nbf", "exp", "vct", "cnf", "status"}
PRESENTATION = present_in_person(issue(), [("full_name",), ("issued_on",)])


def _foreign() -> str:
    encoded, digest = disclosure("full_name", "Ánh")
    shown = sd_jwt({"cnf": {"jwk": HOLDER.public_key.jwk}, "_sd": [digest], "iss": "https://other.example"}, encoded)
    return shown + key_binding_jwt(shown)


PACKED = {qr.pack(presentation): presentation for presentation in (PRESENTATION, _foreign())}


def verify(presentation: str) -> tuple[AuthenticSdJwt, KeyBinding]:
    authentic = verify_issuer_signature(UnverifiedSdJwt.parse(presentation), ISSUER.public_key)
    return authentic, verify_key_binding(authentic)


def disclosed(authentic: AuthenticSdJwt) -> dict[str, Any]:
    return {name: value for name, value in authentic.claims.items() if name not in PROFILE_MEMBERS}


def choice(data: st.DataObject, claims: dict[str, Any]) -> list[tuple[str | int, ...]]:
    every = places(claims)
    return data.draw(st.lists(st.sampled_from(every), max_size=4)) if every else []


@given(CLAIM_TREES, st.data())
def test_exactly_what_was_chosen_is_revealed(claims: dict[str, Any], data: st.DataObject) -> None:
    paths = choice(data, claims)
    authentic, _ = verify(present_in_person(issue(claims), paths))
    assert disclosed(authentic) == revealed(claims, paths)


@given(CLAIM_TREES)
def test_choosing_everything_gives_the_claims_back(claims: dict[str, Any]) -> None:
    authentic, _ = verify(present_in_person(issue(claims), [()]))
    assert disclosed(authentic) == plain(claims)


def test_the_foreign_presentation_verifies_until_it_is_touched() -> None:
    assert disclosed(verify(_foreign())[0]) == {"full_name": "Ánh"}
    assert sorted(opened(text)[0] for text in PACKED) == [0, 1]


@given(CLAIM_TREES, st.data())
def test_a_choice_of_a_choice_is_the_choice(claims: dict[str, Any], data: st.DataObject) -> None:
    paths = choice(data, claims)
    once = select(issue(claims), paths)
    assert select(once, paths) == once


@given(CLAIM_TREES, st.data())
def test_nothing_hidden_can_be_read_from_the_presentation(claims: dict[str, Any], data: st.DataObject) -> None:
    """Each hidden disclosure's salt and text are absent; only its digest is there."""
    credential = issue(claims)
    shown = select(credential, choice(data, claims))
    hidden = {each.encoded for each in credential.disclosures} - {each.encoded for each in shown.disclosures}
    for encoded in hidden:
        assert encoded not in shown.sd_jwt


@given(CLAIM_TREES, st.data(), TEXTS, TEXTS)
@settings(max_examples=40)
def test_a_qr_gives_back_the_very_string(
    claims: dict[str, Any], data: st.DataObject, nonce: str, audience: str
) -> None:
    presentation = present(issue(claims), choice(data, claims), holder=HOLDER, audience=audience, nonce=nonce, now=NOW)
    try:
        text = qr.pack(presentation)
    except QrTooLargeError:
        return
    assert opened(text)[0] == (1 if claims else 0)  # the profile has no credential without claims
    assert qr.unpack(text, KNOWN) == presentation


@given(CLAIM_TREES, st.data())
@settings(max_examples=25)
def test_a_foreign_presentation_travels_whole(claims: dict[str, Any], data: st.DataObject) -> None:
    """PyPI's sd-jwt writes JSON with spaces and its digests in its own order: nothing that the profile can rebuild."""
    marked = {SDObj(name): _for_peer(value) for name, value in claims.items()}
    key = JWK.from_json(json.dumps(ISSUER.public_key.jwk | {"d": b64url.encode(_scalar())}))
    presentation = SDJWTIssuer(marked, key, extra_header_parameters={"typ": "dc+sd-jwt"}).sd_jwt_issuance
    try:
        text = qr.pack(presentation)
    except QrTooLargeError:
        return
    assert opened(text)[0] == 0
    assert qr.unpack(text, KnownReferences((), (), ())) == presentation
    authentic = verify_issuer_signature(UnverifiedSdJwt.parse(presentation), ISSUER.public_key)
    assert authentic.claims == plain(claims)


def _for_peer(value: Any) -> Any:
    match value:
        case dict():
            return {
                (SDObj(name) if isinstance(member, Sd) else name): _for_peer(member) for name, member in value.items()
            }
        case list():
            return [SDObj(_for_peer(element)) if isinstance(element, Sd) else _for_peer(element) for element in value]
        case Sd():
            return _for_peer(value.value)
    return value


def _scalar() -> bytes:
    return ISSUER.private_key.private_numbers().private_value.to_bytes(32)


def never_verifies(presentation: str) -> None:
    try:
        verify(presentation)
    except GiaytoError:
        return
    raise AssertionError("a changed presentation verified")


@given(st.integers(0, len(PRESENTATION) - 1), st.characters(min_codepoint=32, max_codepoint=126))
@settings(max_examples=300)
def test_a_changed_character_never_verifies(place: int, character: str) -> None:
    if PRESENTATION[place] != character:
        never_verifies(PRESENTATION[:place] + character + PRESENTATION[place + 1 :])


@given(st.integers(0, len(PRESENTATION) * 8 - 1))
@settings(max_examples=300)
def test_a_flipped_bit_never_verifies(bit: int) -> None:
    data = bytearray(PRESENTATION.encode())
    data[bit // 8] ^= 1 << bit % 8
    never_verifies(data.decode("latin-1"))


@given(
    st.integers(0, len(PRESENTATION)), st.integers(0, len(PRESENTATION)), st.sampled_from(["", "~", ".", "A", "AAAA"])
)
def test_a_cut_or_an_insertion_never_verifies(first: int, last: int, inserted: str) -> None:
    changed = PRESENTATION[: min(first, last)] + inserted + PRESENTATION[max(first, last) :]
    if changed != PRESENTATION:
        never_verifies(changed)


@given(st.data())
def test_other_disclosures_of_the_same_credential_never_verify(data: st.DataObject) -> None:
    """Every other choice of the holder's own disclosures needs a proof of its own."""
    credential = issue()
    shown = [("full_name",), ("issued_on",)]
    presentation = present_in_person(credential, shown)
    proof = presentation[presentation.rindex("~") + 1 :]
    other = data.draw(st.lists(st.sampled_from(sorted(CLAIMS)), unique=True))
    if set(other) != {"full_name", "issued_on"}:
        never_verifies(select(credential, [(name,) for name in other]).sd_jwt + proof)


@given(
    st.sampled_from(sorted(PACKED)),
    st.data(),
    st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:") | st.characters(max_codepoint=255),
)
@settings(max_examples=300)
def test_a_changed_character_of_a_qr_is_refused(text: str, data: st.DataObject, character: str) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    if text[place] != character:
        with pytest.raises(GiaytoError):
            qr.unpack(text[:place] + character + text[place + 1 :], KNOWN)


@given(st.sampled_from(sorted(PACKED)), st.data())
@settings(max_examples=300)
def test_a_flipped_bit_under_a_fresh_check_sum_never_verifies(text: str, data: st.DataObject) -> None:
    """The check sum finds damage; against an attacker, who computes it anew, only the signatures stand."""
    body = bytearray(opened(text))
    bit = data.draw(st.integers(0, len(body) * 8 - 1))
    body[bit // 8] ^= 1 << bit % 8
    try:
        unpacked = qr.unpack(seal(bytes(body)), KNOWN)
    except GiaytoError:
        return
    if unpacked != PACKED[text]:
        never_verifies(unpacked)


def test_most_flipped_bits_of_a_qr_change_the_presentation() -> None:
    """Deflate has several spellings of one text; nothing else in the body has."""
    body = opened(qr.pack(PRESENTATION))
    same = 0
    for bit in range(len(body) * 8):
        changed = bytearray(body)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            same += qr.unpack(seal(bytes(changed)), KNOWN) == PRESENTATION
        except GiaytoError:
            continue
    assert same <= 8


@given(st.dictionaries(NAMES, TEXTS, min_size=1, max_size=3))
@settings(max_examples=10)
def test_two_copies_share_no_salt_digest_or_signature(claims: dict[str, str]) -> None:
    first, second = issue(claims), issue(claims)
    assert not {d.digest for d in first.disclosures} & {d.digest for d in second.disclosures}
    assert not {d.salt for d in first.disclosures} & {d.salt for d in second.disclosures}
    assert first.jws.signature != second.jws.signature
