"""The compact serialisation of an SD-JWT: read, not verified (RFC 9901 §4)."""

import pytest

from giayto_crypto import b64url
from giayto_crypto.errors import DisclosureError, GiaytoError, MalformedError
from giayto_crypto.sdjwt import UnverifiedSdJwt
from sample_credentials import HOLDER, disclosure, encoded_json, key_binding_jwt, sd_jwt

FIRST, FIRST_DIGEST = disclosure("first", 1)
SECOND, SECOND_DIGEST = disclosure("second", 2)
SHOWN = sd_jwt({"_sd": [FIRST_DIGEST, SECOND_DIGEST]}, FIRST, SECOND)
TOKEN = SHOWN.split("~")[0]
BINDING = key_binding_jwt(SHOWN)


def test_reads_an_sd_jwt() -> None:
    parsed = UnverifiedSdJwt.parse(SHOWN)
    assert parsed.jws.token == TOKEN
    assert [part.encoded for part in parsed.disclosures] == [FIRST, SECOND]
    assert parsed.key_binding is None
    assert parsed.sd_jwt == str(parsed) == SHOWN


def test_reads_an_sd_jwt_with_key_binding() -> None:
    parsed = UnverifiedSdJwt.parse(SHOWN + BINDING)
    assert parsed.key_binding == BINDING
    assert parsed.sd_jwt == SHOWN
    assert str(parsed) == SHOWN + BINDING


def test_reads_an_sd_jwt_that_discloses_nothing() -> None:
    parsed = UnverifiedSdJwt.parse(f"{TOKEN}~")
    assert parsed.disclosures == ()
    assert parsed.sd_jwt == f"{TOKEN}~"


@pytest.mark.parametrize("text", ["", "a", TOKEN, "....", f"{TOKEN}.{BINDING}"])
def test_refuses_a_text_without_separator(text: str) -> None:
    """A bare JWS is no SD-JWT: what follows the last `~` must be known to be a key binding or nothing."""
    with pytest.raises(MalformedError, match="separated by ~"):
        UnverifiedSdJwt.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "~",
        "~~",
        f"~{SHOWN}",
        f"{TOKEN}~~",
        f"{TOKEN}~~{FIRST}~",
        f"{TOKEN}~{FIRST}~~{BINDING}",
        f" {SHOWN}",
        f"{TOKEN} ~{FIRST}~",
        f"{TOKEN}~{FIRST} ~",
        f"{TOKEN}~{FIRST}=~",
        f"{TOKEN}~{FIRST}é~",
        f"{SHOWN}é",
        f"{TOKEN}~{BINDING}~",
        f"{TOKEN}~{TOKEN}~{BINDING}",
    ],
)
def test_refuses_other_grammar(text: str) -> None:
    with pytest.raises(MalformedError):
        UnverifiedSdJwt.parse(text)


def test_refuses_a_part_that_is_no_disclosure() -> None:
    with pytest.raises(DisclosureError):
        UnverifiedSdJwt.parse(f"{TOKEN}~{encoded_json({'name': 'value'})}~")


@pytest.mark.parametrize("typ", ["example+sd-jwt", "vc+sd-jwt", "JWT", "kb+jwt", "dc+sd-jwt "])
def test_refuses_another_typ(typ: str) -> None:
    with pytest.raises(MalformedError, match=r"typ must be dc\+sd-jwt"):
        UnverifiedSdJwt.parse(sd_jwt({}, typ=typ))


def test_another_typ_can_be_asked_for() -> None:
    assert UnverifiedSdJwt.parse(sd_jwt({}, typ="example+sd-jwt"), typ="example+sd-jwt").key_binding is None


def test_size_limit_is_exact() -> None:
    UnverifiedSdJwt.parse(SHOWN, max_bytes=len(SHOWN))
    with pytest.raises(MalformedError) as caught:
        UnverifiedSdJwt.parse(SHOWN, max_bytes=len(SHOWN) - 1)
    assert caught.value.fields == {"limit": len(SHOWN) - 1}


def filler(characters: int) -> str:
    """Return a disclosure of exactly this many characters."""
    size = characters * 3 // 4
    return b64url.encode(b'["","z","' + b"x" * (size - 11) + b'"]')


def long_text(size: int) -> str:
    """Return an SD-JWT of exactly this many characters."""
    parts = [TOKEN]
    rest = size - len(TOKEN) - 1
    while rest > 20_000:
        # No base64url has 4 n + 1 characters, so one part may have to be longer.
        parts.append(filler(10_000 if rest % 4 == 2 else 9_999))
        rest -= len(parts[-1]) + 1
    parts.append(filler(rest - 1))
    text = "~".join((*parts, ""))
    assert len(text) == size
    return text


def test_a_presentation_has_at_most_64_kib() -> None:
    UnverifiedSdJwt.parse(long_text(65536))
    with pytest.raises(MalformedError, match="65536"):
        UnverifiedSdJwt.parse(long_text(65537))


def test_an_issued_credential_has_at_most_512_kib() -> None:
    UnverifiedSdJwt.parse_issued(long_text(524288))
    with pytest.raises(MalformedError, match="524288"):
        UnverifiedSdJwt.parse_issued(long_text(524289))


def test_an_issuer_hands_out_no_key_binding() -> None:
    """RFC 9901 §7.2: a holder that takes a presentation for a credential would let itself be replayed."""
    UnverifiedSdJwt.parse_issued(SHOWN)
    with pytest.raises(MalformedError, match="no key-binding"):
        UnverifiedSdJwt.parse_issued(SHOWN + BINDING)


def test_what_was_parsed_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        UnverifiedSdJwt.parse(SHOWN).key_binding = BINDING  # type: ignore[misc]


def test_errors_do_not_carry_the_text() -> None:
    with pytest.raises(GiaytoError) as caught:
        UnverifiedSdJwt.parse(f"{TOKEN}~{encoded_json(['salt', 'name', HOLDER.public_key.thumbprint, 1])}~")
    assert HOLDER.public_key.thumbprint not in str(caught.value)
