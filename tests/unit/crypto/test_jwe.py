"""Compact JWE with ECDH-ES on P-256 and AES-GCM, and nothing else."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from giayto_crypto import b64url, jwe
from giayto_crypto.errors import KeyFormatError, MalformedError
from giayto_crypto.jwe import DecryptionError, EncryptionKey
from giayto_crypto.keys import PublicKey
from sample_credentials import HOLDER

KEY = EncryptionKey.generate()
KEYS = {KEY.kid: KEY.private_key}
MESSAGE = b'{"vp_token":{}}'
LIMIT = 64 * 1024
TOKEN = jwe.encrypt(MESSAGE, recipient=KEY.jwk, enc="A128GCM")


def opened(token: str, limit: int = LIMIT) -> bytes:
    return jwe.decrypt(token, keys=KEYS, max_bytes=limit).plaintext


def with_header(**changes: Any) -> str:
    """The same token with other header parameters; None leaves one out."""
    encoded, rest = TOKEN.split(".", 1)
    header = json.loads(b64url.decode(encoded)) | changes
    kept = {name: value for name, value in header.items() if value is not None}
    return f"{b64url.encode(json.dumps(kept).encode())}.{rest}"


class TestRoundTrip:
    @pytest.mark.parametrize("enc", jwe.ENCRYPTIONS)
    def test_what_is_encrypted_can_be_read_by_its_recipient(self, enc: str) -> None:
        token = jwe.encrypt(MESSAGE, recipient=KEY.jwk, enc=enc, header={"cty": "json", "apv": "bm9uY2U"})
        read = jwe.decrypt(token, keys=KEYS, max_bytes=LIMIT)
        assert read.plaintext == MESSAGE
        assert (read.header["enc"], read.header["kid"], read.header["apv"]) == (enc, KEY.kid, "bm9uY2U")

    def test_more_than_the_library_reads_by_itself(self) -> None:
        large = b"x" * 300_000
        token = jwe.encrypt(large, recipient=KEY.jwk, enc="A256GCM")
        assert opened(token, limit=len(token)) == large

    def test_two_tokens_of_one_message_differ(self) -> None:
        assert jwe.encrypt(MESSAGE, recipient=KEY.jwk, enc="A128GCM") != TOKEN

    def test_a_key_survives_its_file_and_names_itself_by_its_thumbprint(self) -> None:
        assert EncryptionKey.from_pem(KEY.to_pem()).jwk == KEY.jwk
        assert KEY.jwk["kid"] == PublicKey.from_cryptography(KEY.private_key.public_key()).thumbprint
        assert "d" not in KEY.jwk

    def test_nothing_secret_shows(self) -> None:
        read = jwe.decrypt(TOKEN, keys=KEYS, max_bytes=LIMIT)
        assert "vp_token" not in repr(read)
        assert "private" not in repr(KEY)


class TestSpecificationExample:
    """OpenID4VP 1.0 §8.3, `extracted.json`; the values stand in the text of the specification."""

    PRIVATE = "Et-3ce0omz8_TuZ96Df9lp0GAaaDoUnDe6X-CRO7Aww"
    JWE = (
        "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTEyOEdDTSIsImtpZCI6ImFjIiwiZXBrIjp7Imt0eSI6IkVDIiwieCI6Im5ubVZwbTNWM2pi"
        "aGNhZlFhUkJrU1ZOSGx3Wkh3dC05ck9wSnVmeVlJdWsiLCJ5IjoicjRmakRxd0p5czlxVU9QLV9iM21SNVNaRy0tQ3dPMm1pYzVWU05UWU45"
        "ZyIsImNydiI6IlAtMjU2In19..uAYcHRUSSn2X0WPX.yVzlGSYG4qbg0bq18JcUiDRw56yVnbKR8E7S7YlEtzT00RqE3Pw5oTpUG3hdLN4ta"
        "HZ9gC1kwak8JOnJgQ.1wR024_3-qtAlx1oFIUpQQ"
    )

    def test_is_read(self) -> None:
        number = int.from_bytes(urlsafe_b64decode(self.PRIVATE + "="))
        key = ec.derive_private_key(number, ec.SECP256R1())
        read = jwe.decrypt(self.JWE, keys={"ac": key}, max_bytes=LIMIT)
        assert json.loads(read.plaintext) == {"vp_token": {"example_credential_id": ["eyJhb...YMetA"]}}


class TestRefusedTokens:
    def test_for_another_key_under_the_same_name(self) -> None:
        other = EncryptionKey.generate()
        with pytest.raises(DecryptionError):
            jwe.decrypt(TOKEN, keys={KEY.kid: other.private_key}, max_bytes=LIMIT)

    def test_for_a_key_that_is_not_used_here(self) -> None:
        with pytest.raises(DecryptionError, match="no longer"):
            jwe.decrypt(TOKEN, keys={}, max_bytes=LIMIT)

    def test_for_the_right_key_under_another_name(self) -> None:
        with pytest.raises(DecryptionError, match="no longer"):
            jwe.decrypt(TOKEN, keys={"other": KEY.private_key}, max_bytes=LIMIT)

    @pytest.mark.parametrize(
        "changes",
        [
            {"alg": "RSA1_5"},
            {"alg": "RSA-OAEP"},
            {"alg": "ECDH-ES+A128KW"},
            {"alg": "PBES2-HS256+A128KW"},
            {"alg": "dir"},
            {"alg": "ecdh-es"},
            {"alg": None},
            {"alg": ["ECDH-ES"]},
            {"enc": "A128CBC-HS256"},
            {"enc": "A192GCM"},
            {"enc": None},
            {"zip": "DEF"},
            {"zip": ""},
            {"crit": ["exp"], "exp": 1},
            {"b64": False},
            {"p2c": 10},
            {"p2s": "AA"},
            {"kid": None},
            {"kid": 1},
            {"apu": 1},
            {"apv": ["x"]},
            {"epk": None},
            {"epk": "x"},
            {"epk": {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}},
            {"epk": {"kty": "EC", "crv": "P-256", "x": b64url.encode(b"\1" * 32), "y": b64url.encode(b"\1" * 32)}},
            {"epk": HOLDER.public_key.jwk | {"d": "AA"}},
        ],
        ids=repr,
    )
    def test_by_a_header_that_asks_for_something_else(self, changes: dict[str, Any]) -> None:
        with pytest.raises(MalformedError):
            opened(with_header(**changes))

    def test_whose_header_was_changed_harmlessly(self) -> None:
        with pytest.raises(DecryptionError):
            opened(with_header(cty="json"))

    @pytest.mark.parametrize("part", range(5))
    def test_that_are_altered_anywhere(self, part: int) -> None:
        parts = TOKEN.split(".")
        parts[part] = b64url.encode((b64url.decode(parts[part]) or b"0")[:-1] + b"\0")
        with pytest.raises((DecryptionError, MalformedError)):
            opened(".".join(parts))

    @pytest.mark.parametrize(
        "token",
        [
            "",
            "....",
            TOKEN.rsplit(".", 1)[0],
            f"{TOKEN}.",
            f"{TOKEN}=",
            f" {TOKEN}",
            TOKEN.replace("..", ".AAAA."),
            TOKEN + "ễ",
        ],
        ids=range(8),
    )
    def test_that_are_no_compact_jwe(self, token: str) -> None:
        with pytest.raises(MalformedError):
            opened(token)

    def test_that_are_longer_than_allowed(self) -> None:
        with pytest.raises(MalformedError, match="at most"):
            opened(TOKEN, limit=len(TOKEN) - 1)
        assert opened(TOKEN, limit=len(TOKEN)) == MESSAGE

    def test_with_a_member_twice(self) -> None:
        header = b64url.decode(TOKEN.split(".")[0]).replace(b'"alg":', b'"alg":"dir","alg":')
        with pytest.raises(MalformedError, match="twice"):
            opened(f"{b64url.encode(header)}.{TOKEN.split('.', 1)[1]}")

    @given(st.text(alphabet="abcAB01-_.", max_size=200))
    def test_no_text_does_anything_but_being_refused(self, text: str) -> None:
        with pytest.raises((MalformedError, DecryptionError)):
            opened(text)


class TestRecipients:
    @pytest.mark.parametrize(
        "changes",
        [
            {"kid": None},
            {"kid": ""},
            {"alg": None},
            {"alg": "ECDH-ES+A256KW"},
            {"alg": "ES256"},
            {"use": "sig"},
            {"key_ops": ["verify"]},
            {"key_ops": "deriveKey"},
            {"crv": "P-384"},
            {"kty": "OKP"},
            {"d": "AA"},
            {"x": "AA"},
        ],
        ids=repr,
    )
    def test_that_nobody_should_encrypt_to(self, changes: dict[str, Any]) -> None:
        jwk = {name: value for name, value in (KEY.jwk | changes).items() if value is not None}
        with pytest.raises(KeyFormatError):
            jwe.encrypt(MESSAGE, recipient=jwk, enc="A128GCM")

    def test_use_is_optional(self) -> None:
        jwk = {name: value for name, value in KEY.jwk.items() if name != "use"} | {"key_ops": ["deriveBits"]}
        assert opened(jwe.encrypt(MESSAGE, recipient=jwk, enc="A128GCM")) == MESSAGE

    @pytest.mark.parametrize("enc", ["A128CBC-HS256", "", "A192GCM"])
    def test_other_content_encryption_is_refused(self, enc: str) -> None:
        with pytest.raises(MalformedError):
            jwe.encrypt(MESSAGE, recipient=KEY.jwk, enc=enc)

    @pytest.mark.parametrize("name", ["alg", "enc", "kid", "epk", "zip", "crit"])
    def test_the_caller_sets_no_parameter_that_is_decided_here(self, name: str) -> None:
        with pytest.raises(MalformedError):
            jwe.encrypt(MESSAGE, recipient=KEY.jwk, enc="A128GCM", header={name: "x"})
