"""Compact JWS with ES256 and nothing else."""

import json
from base64 import b64encode
from typing import Any

import pytest

from giayto_crypto import b64url, jws
from giayto_crypto.errors import CertificateError, GiaytoError, MalformedError, SignatureInvalidError
from sample_credentials import HOLDER, ISSUER, STRANGER, X5C, encoded_json, resign

TYP = "test+jwt"
PAYLOAD = {"iss": "https://agency.example", "n": 1}
TOKEN = jws.sign(PAYLOAD, signer=ISSUER, typ=TYP)
HEADER, BODY, SIGNATURE = TOKEN.split(".")


def with_header(**changes: Any) -> str:
    """Sign with a changed header; None leaves a member out."""
    header = {"alg": "ES256", "typ": TYP} | changes
    return resign({name: value for name, value in header.items() if value is not None}, b"{}")


class TestSigning:
    def test_header_is_alg_typ_and_then_the_rest(self) -> None:
        token = jws.sign(PAYLOAD, signer=ISSUER, typ=TYP, header={"kid": "1", "x5c": ["AA=="]})
        assert b64url.decode(token.split(".")[0]) == b'{"alg":"ES256","typ":"test+jwt","kid":"1","x5c":["AA=="]}'

    def test_payload_is_canonical_and_keeps_its_order(self) -> None:
        token = jws.sign({"z": "ễ", "a": [1]}, signer=ISSUER, typ=TYP)
        assert b64url.decode(token.split(".")[1]) == '{"z":"ễ","a":[1]}'.encode()

    def test_what_is_signed_verifies(self) -> None:
        parsed = jws.parse(TOKEN, typ=TYP)
        assert parsed.verify(ISSUER.public_key) == PAYLOAD
        assert parsed.header == {"alg": "ES256", "typ": TYP}
        assert parsed.token == TOKEN

    def test_x5c_header_is_padded_standard_base64(self) -> None:
        assert jws.x5c_header([b"\xff\xfe", b"a"]) == {"x5c": ["//4=", "YQ=="]}


class TestSignature:
    def test_of_another_key_is_refused(self) -> None:
        with pytest.raises(SignatureInvalidError):
            jws.parse(TOKEN, typ=TYP).verify(STRANGER.public_key)

    def test_covers_the_payload(self) -> None:
        forged = f"{HEADER}.{encoded_json({'n': 2})}.{SIGNATURE}"
        with pytest.raises(SignatureInvalidError):
            jws.parse(forged, typ=TYP).verify(ISSUER.public_key)

    def test_covers_the_header(self) -> None:
        forged = f"{encoded_json({'alg': 'ES256', 'typ': TYP, 'kid': '2'})}.{BODY}.{SIGNATURE}"
        with pytest.raises(SignatureInvalidError):
            jws.parse(forged, typ=TYP).verify(ISSUER.public_key)

    def test_is_checked_before_the_payload_is_read(self) -> None:
        """What is not signed by the expected key is not worth a look."""
        with pytest.raises(SignatureInvalidError):
            jws.parse(resign({"alg": "ES256", "typ": TYP}, b"no JSON", signer=STRANGER), typ=TYP).verify(
                ISSUER.public_key
            )

    @pytest.mark.parametrize("length", [0, 1, 63, 65, 96, 132])
    def test_of_another_length_is_refused(self, length: int) -> None:
        signature = b64url.encode((b64url.decode(SIGNATURE) * 3)[:length])
        with pytest.raises(MalformedError, match="64 bytes"):
            jws.parse(f"{HEADER}.{BODY}.{signature}", typ=TYP)


class TestHeader:
    @pytest.mark.parametrize(
        "alg",
        [
            "none",
            "None",
            "HS256",
            "RS256",
            "PS256",
            "ES384",
            "ES512",
            "ES256K",
            "es256",
            "EdDSA",
            "ES256 ",
            "",
            256,
            [],
            True,
        ],
    )
    def test_refuses_another_algorithm(self, alg: object) -> None:
        with pytest.raises(MalformedError, match="alg must be ES256"):
            jws.parse(with_header(alg=alg), typ=TYP)

    def test_refuses_no_algorithm(self) -> None:
        with pytest.raises(MalformedError, match="alg"):
            jws.parse(with_header(alg=None), typ=TYP)

    @pytest.mark.parametrize(
        "typ", ["test+JWT", "application/test+jwt", "JWT", "kb+jwt", "", " test+jwt", "test+jwt ", 1, [TYP], False]
    )
    def test_refuses_another_typ(self, typ: object) -> None:
        with pytest.raises(MalformedError, match=r"typ must be test\+jwt"):
            jws.parse(with_header(typ=typ), typ=TYP)

    def test_refuses_no_typ(self) -> None:
        with pytest.raises(MalformedError, match="typ"):
            jws.parse(with_header(typ=None), typ=TYP)

    def test_a_kind_without_typ_is_read(self) -> None:
        assert jws.parse(resign({"alg": "ES256"}, b"{}"), typ=None).header == {"alg": "ES256"}

    @pytest.mark.parametrize("typ", ["JWT", TYP, "", None, 0, False])
    def test_a_kind_without_typ_refuses_any_typ(self, typ: object) -> None:
        with pytest.raises(MalformedError, match="typ must be absent"):
            jws.parse(resign({"alg": "ES256", "typ": typ}, b"{}"), typ=None)

    @pytest.mark.parametrize("extension", [{"crit": ["exp"]}, {"crit": []}, {"b64": False}, {"b64": True}])
    def test_refuses_extensions_that_change_the_meaning(self, extension: dict[str, Any]) -> None:
        with pytest.raises(MalformedError, match="crit and b64"):
            jws.parse(with_header(**extension), typ=TYP)

    def test_refuses_a_null_crit(self) -> None:
        with pytest.raises(MalformedError, match="crit"):
            jws.parse(resign({"alg": "ES256", "typ": TYP, "crit": None}, b"{}"), typ=TYP)

    def test_refuses_duplicate_members(self) -> None:
        header = b64url.encode(b'{"alg":"none","typ":"test+jwt","alg":"ES256"}')
        with pytest.raises(MalformedError, match="twice"):
            jws.parse(f"{header}.{BODY}.{SIGNATURE}", typ=TYP)

    @pytest.mark.parametrize("header", [b"", b"[]", b'"ES256"', b"null", b"{", b"\xff"])
    def test_refuses_what_is_not_an_object(self, header: bytes) -> None:
        with pytest.raises(MalformedError):
            jws.parse(f"{b64url.encode(header)}.{BODY}.{SIGNATURE}", typ=TYP)

    @pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "kid"])
    def test_keys_and_addresses_in_it_are_never_followed(self, member: str) -> None:
        """A token's word about its own key counts for nothing: the caller's key verifies, or none does."""
        token = resign({"alg": "ES256", "typ": TYP, member: STRANGER.public_key.jwk}, b"{}", signer=STRANGER)
        with pytest.raises(SignatureInvalidError):
            jws.parse(token, typ=TYP).verify(ISSUER.public_key)

    def test_depth_limit_is_exact(self) -> None:
        def nested(depth: int) -> str:
            return f'{{"alg":"ES256","typ":"{TYP}","a":{"[" * depth}{"]" * depth}}}'

        jws.parse(f"{b64url.encode(nested(7).encode())}.{BODY}.{SIGNATURE}", typ=TYP)
        with pytest.raises(MalformedError, match="deeper than 8"):
            jws.parse(f"{b64url.encode(nested(8).encode())}.{BODY}.{SIGNATURE}", typ=TYP)

    def test_cannot_be_changed_for_the_next_reader(self) -> None:
        """Equal headers are read once and shared."""
        with pytest.raises(TypeError):
            jws.parse(TOKEN, typ=TYP).header["alg"] = "none"  # type: ignore[index]

    def test_is_judged_anew_for_each_typ(self) -> None:
        jws.parse(TOKEN, typ=TYP)
        with pytest.raises(MalformedError, match="typ"):
            jws.parse(TOKEN, typ="other+jwt")

    @pytest.mark.parametrize(("beside", "limit"), [({}, 8 * 1024), ({"x5c": []}, 24 * 1024)])
    @pytest.mark.parametrize("just", [0, 1])
    def test_size_limit_is_exact(self, beside: dict[str, Any], limit: int, just: int) -> None:
        def token(size: int) -> str:
            empty = json.dumps({"alg": "ES256", "typ": TYP, "kid": "", **beside}).encode()
            header = empty.replace(b'"kid": ""', b'"kid": "' + b"k" * (size - len(empty)) + b'"')
            assert len(header) == size
            return f"{b64url.encode(header)}.{BODY}.{SIGNATURE}"

        jws.parse(token(limit - just), typ=TYP)
        with pytest.raises(MalformedError, match="longer"):
            jws.parse(token(limit + 1 + just), typ=TYP)


class TestGrammar:
    @pytest.mark.parametrize(
        "token", ["", ".", "..", "...", HEADER, f"{HEADER}.{BODY}", f"{TOKEN}.", f".{TOKEN}", f"{TOKEN}.{SIGNATURE}"]
    )
    def test_has_exactly_three_parts(self, token: str) -> None:
        with pytest.raises(MalformedError):
            jws.parse(token, typ=TYP)

    @pytest.mark.parametrize(
        "spoiled",
        [
            f" {TOKEN}",
            f"{TOKEN} ",
            f"{TOKEN}\n",
            f"{HEADER}=.{BODY}.{SIGNATURE}",
            f"{HEADER}.{BODY}==.{SIGNATURE}",
            f"{HEADER}.{BODY}.{SIGNATURE}==",
            f"{HEADER}.{BODY}.{SIGNATURE[:-1]}é",
            f"{HEADER}.{BODY}.{SIGNATURE[:-1]}\ud800",
            f"{HEADER}.{BODY}.{SIGNATURE[:-1]}\N{FULLWIDTH LATIN CAPITAL LETTER A}",
        ],
    )
    def test_refuses_another_spelling(self, spoiled: str) -> None:
        with pytest.raises(MalformedError):
            jws.parse(spoiled, typ=TYP)

    def test_refuses_unused_bits_in_the_signature(self) -> None:
        """86 characters hold 516 bits: four spellings of one signature would walk around a replay guard."""
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        canonical = alphabet.index(SIGNATURE[-1])
        for other in range(canonical + 1, canonical + 16):
            with pytest.raises(MalformedError):
                jws.parse(f"{HEADER}.{BODY}.{SIGNATURE[:-1]}{alphabet[other]}", typ=TYP)

    def test_refuses_json_serialisation(self) -> None:
        with pytest.raises(MalformedError):
            jws.parse(json.dumps({"protected": HEADER, "payload": BODY, "signature": SIGNATURE}), typ=TYP)

    def test_size_limit_is_exact(self) -> None:
        assert jws.parse(TOKEN, typ=TYP, max_bytes=len(TOKEN)).token == TOKEN
        with pytest.raises(MalformedError) as caught:
            jws.parse(TOKEN, typ=TYP, max_bytes=len(TOKEN) - 1)
        assert caught.value.fields == {"limit": len(TOKEN) - 1}

    def test_default_size_limit_is_64_kib(self) -> None:
        def padded(size: int) -> str:
            header = encoded_json({"alg": "ES256", "typ": TYP, "kid": "xx"})
            room = size - len(f"{header}..{SIGNATURE}")
            assert room % 4 != 1  # no byte string is spelled in so many characters
            return f"{header}.{'A' * room}.{SIGNATURE}"

        assert len(jws.parse(padded(65536), typ=TYP).token) == 65536
        with pytest.raises(MalformedError, match="65536"):
            jws.parse(padded(65536) + "A", typ=TYP)


class TestPayload:
    @pytest.mark.parametrize("payload", [b"", b"[]", b'"a"', b"1", b"null", b"{", b"\xff", b'{"a":NaN}'])
    def test_is_a_strict_json_object(self, payload: bytes) -> None:
        parsed = jws.parse(resign({"alg": "ES256", "typ": TYP}, payload), typ=TYP)
        for read in (parsed.unverified_payload, lambda: parsed.verify(ISSUER.public_key)):
            with pytest.raises(MalformedError):
                read()

    def test_has_no_member_twice(self) -> None:
        parsed = jws.parse(resign({"alg": "ES256", "typ": TYP}, b'{"sub":"a","sub":"b"}'), typ=TYP)
        with pytest.raises(MalformedError, match="twice"):
            parsed.verify(ISSUER.public_key)

    def test_is_readable_before_verification_under_a_name_that_says_so(self) -> None:
        assert jws.parse(TOKEN, typ=TYP).unverified_payload() == PAYLOAD


class TestCertificateChain:
    def chain(self, value: Any) -> jws.UnverifiedJws:
        return jws.parse(resign({"alg": "ES256", "typ": TYP, "x5c": value}, b"{}"), typ=TYP)

    def test_is_read_leaf_first(self) -> None:
        texts = [b64encode(der).decode() for der in X5C * 2]
        parsed = self.chain(texts)
        assert parsed.x5c_der() == X5C * 2
        assert [certificate.serial_number for certificate in parsed.x5c()] == [1, 1]

    @pytest.mark.parametrize("count", [1, 4])
    def test_of_one_to_four_certificates_is_read(self, count: int) -> None:
        assert len(self.chain(["AAAA"] * count).x5c_der()) == count

    @pytest.mark.parametrize("count", [0, 5, 100])
    def test_of_another_number_is_refused(self, count: int) -> None:
        with pytest.raises(CertificateError, match="1 to 4"):
            self.chain(["AAAA"] * count).x5c_der()

    @pytest.mark.parametrize("value", ["AAAA", {"0": "AAAA"}, 1, None, True])
    def test_that_is_no_array_is_refused(self, value: Any) -> None:
        with pytest.raises(CertificateError, match="1 to 4"):
            self.chain(value).x5c_der()

    def test_that_is_absent_is_refused(self) -> None:
        with pytest.raises(CertificateError, match="1 to 4"):
            jws.parse(TOKEN, typ=TYP).x5c_der()

    @pytest.mark.parametrize("text", ["AA", "AA=", "AB==", "A-__", "AAAA\n", " AAAA", "AA==AA==", "é", "===="])
    def test_in_another_spelling_is_refused(self, text: str) -> None:
        with pytest.raises(CertificateError, match="base64"):
            self.chain([text]).x5c_der()

    @pytest.mark.parametrize("text", [1, None, ["AAAA"], {}])
    def test_of_other_things_than_strings_is_refused(self, text: object) -> None:
        with pytest.raises(CertificateError, match="strings"):
            self.chain([text]).x5c_der()

    def test_size_limit_is_exact(self) -> None:
        def chain(*sizes: int) -> jws.UnverifiedJws:
            return self.chain([b64encode(bytes(size)).decode() for size in sizes])

        assert len(chain(8192, 8192).x5c_der()) == 2
        with pytest.raises(CertificateError, match="16384"):
            chain(8192, 8193).x5c_der()

    @pytest.mark.parametrize("der", [b"", b"\x30\x00", b"\x30\x82\xff\xff", X5C[0][:-1], X5C[0] + b"\0", b"\0" * 100])
    def test_that_is_not_der_is_refused(self, der: bytes) -> None:
        with pytest.raises(CertificateError, match="not a certificate"):
            self.chain([b64encode(der).decode()]).x5c()

    def test_of_an_unknown_certificate_version_is_refused(self) -> None:
        version_3, version_9 = b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x08"
        assert X5C[0].count(version_3) == 1
        with pytest.raises(CertificateError):
            self.chain([b64encode(X5C[0].replace(version_3, version_9)).decode()]).x5c()


def test_errors_never_carry_the_token() -> None:
    refused = [f"{TOKEN}=", with_header(alg="secret-algorithm"), with_header(typ="secret-type"), f"{TOKEN}."]
    for token in refused:
        with pytest.raises(GiaytoError) as caught:
            jws.parse(token, typ=TYP)
        assert "secret" not in str(caught.value)
        assert SIGNATURE[:10] not in str(caught.value)


def test_a_token_of_one_holder_is_not_that_of_another() -> None:
    token = jws.sign(PAYLOAD, signer=HOLDER, typ=TYP)
    assert jws.parse(token, typ=TYP).verify(HOLDER.public_key) == PAYLOAD
    with pytest.raises(SignatureInvalidError):
        jws.parse(token, typ=TYP).verify(ISSUER.public_key)
