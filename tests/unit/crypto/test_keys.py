"""P-256 keys: what is read, what is refused, what is written."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from giayto_crypto import b64url
from giayto_crypto.errors import KeyFormatError, SignatureInvalidError
from giayto_crypto.keys import LocalSigner, PublicKey, Signer
from sample_credentials import HOLDER, ISSUER, STRANGER

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
Y_AT_ZERO = pow(B, (P + 1) // 4, P)
"""The point (0, y) lies on P-256: the one place where x = p would name a second spelling of the same point."""

JWK = HOLDER.public_key.jwk


def to_32(number: int) -> bytes:
    return number.to_bytes(32)


def certificate_for(private_key: Any) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(
        name, name, private_key.public_key(), 1, not_valid_before=begin, not_valid_after=begin + timedelta(days=1)
    )
    algorithm = None if isinstance(private_key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(private_key, algorithm)


class TestJwk:
    def test_members_stand_in_order(self) -> None:
        assert list(JWK) == ["kty", "crv", "x", "y"]
        assert (JWK["kty"], JWK["crv"]) == ("EC", "P-256")
        assert [len(b64url.decode(JWK[name])) for name in "xy"] == [32, 32]

    def test_comes_back_as_the_same_key(self) -> None:
        assert PublicKey.from_jwk(JWK) == HOLDER.public_key

    @pytest.mark.parametrize(
        "harmless",
        [
            {"use": "sig"},
            {"alg": "ES256"},
            {"key_ops": ["verify"]},
            {"key_ops": ["sign", "verify"]},
            {"kid": "1"},
            {"x5c": []},
            {"unknown": {}},
        ],
    )
    def test_members_that_allow_verifying_are_accepted(self, harmless: dict[str, Any]) -> None:
        assert PublicKey.from_jwk(JWK | harmless) == HOLDER.public_key

    @pytest.mark.parametrize("name", ["kty", "crv", "x", "y"])
    @pytest.mark.parametrize("wrong", [None, 1, "", [], {}, True])
    def test_refuses_a_wrong_member(self, name: str, wrong: object) -> None:
        with pytest.raises(KeyFormatError):
            PublicKey.from_jwk(JWK | {name: wrong})

    @pytest.mark.parametrize("name", ["kty", "crv", "x", "y"])
    def test_refuses_a_missing_member(self, name: str) -> None:
        with pytest.raises(KeyFormatError):
            PublicKey.from_jwk({other: value for other, value in JWK.items() if other != name})

    @pytest.mark.parametrize("kty", ["RSA", "oct", "OKP", "ec", "EC "])
    def test_refuses_another_key_type(self, kty: str) -> None:
        with pytest.raises(KeyFormatError, match="kty EC"):
            PublicKey.from_jwk(JWK | {"kty": kty})

    @pytest.mark.parametrize("crv", ["P-384", "P-521", "secp256k1", "p-256", "Ed25519"])
    def test_refuses_another_curve(self, crv: str) -> None:
        with pytest.raises(KeyFormatError, match="crv P-256"):
            PublicKey.from_jwk(JWK | {"crv": crv})

    @pytest.mark.parametrize("name", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
    def test_refuses_private_members(self, name: str) -> None:
        with pytest.raises(KeyFormatError, match="private"):
            PublicKey.from_jwk(JWK | {name: "AQ"})

    @pytest.mark.parametrize("use", ["enc", "", "SIG", None, ["sig"], 1])
    def test_refuses_another_use(self, use: object) -> None:
        with pytest.raises(KeyFormatError, match="use"):
            PublicKey.from_jwk(JWK | {"use": use})

    @pytest.mark.parametrize("key_ops", [[], ["sign"], ["encrypt"], "verify", None, {"verify": 1}, 1])
    def test_refuses_operations_without_verify(self, key_ops: object) -> None:
        with pytest.raises(KeyFormatError, match="key_ops"):
            PublicKey.from_jwk(JWK | {"key_ops": key_ops})

    @pytest.mark.parametrize("alg", ["ES384", "ES256K", "ECDH-ES", "HS256", "none", "", None])
    def test_refuses_another_algorithm(self, alg: object) -> None:
        with pytest.raises(KeyFormatError, match="alg"):
            PublicKey.from_jwk(JWK | {"alg": alg})

    @pytest.mark.parametrize("length", [0, 31, 33, 64])
    @pytest.mark.parametrize("name", ["x", "y"])
    def test_refuses_coordinates_of_another_length(self, name: str, length: int) -> None:
        padded = b64url.decode(JWK[name]).rjust(length, b"\0")[-length:] if length else b""
        with pytest.raises(KeyFormatError, match="32 bytes"):
            PublicKey.from_jwk(JWK | {name: b64url.encode(padded)})

    @pytest.mark.parametrize(
        "spoil", [lambda text: text + "=", lambda text: text[:-1] + "9", lambda text: "+" + text[1:]]
    )
    def test_refuses_coordinates_in_another_spelling(self, spoil: Any) -> None:
        with pytest.raises(KeyFormatError, match="base64url"):
            PublicKey.from_jwk(JWK | {"x": spoil(JWK["x"])})

    def test_refuses_a_point_that_is_not_on_the_curve(self) -> None:
        with pytest.raises(KeyFormatError, match="not on P-256"):
            PublicKey.from_jwk(JWK | {"y": STRANGER.public_key.jwk["y"]})

    @pytest.mark.parametrize("coordinates", [(0, 0), (0, P - Y_AT_ZERO + 1), (1, 1), (2**255, 0)])
    def test_refuses_points_at_the_edges(self, coordinates: tuple[int, int]) -> None:
        x, y = (b64url.encode(to_32(number)) for number in coordinates)
        with pytest.raises(KeyFormatError, match="not on P-256"):
            PublicKey.from_jwk(JWK | {"x": x, "y": y})

    @pytest.mark.parametrize("coordinates", [(P, Y_AT_ZERO), (0, P), (0, 2**256 - 1), (2**256 - 1, 2**256 - 1)])
    def test_refuses_coordinates_that_are_not_reduced(self, coordinates: tuple[int, int]) -> None:
        """(p, y) is (0, y) again: two JWKs for one key, hence two thumbprints of what was received."""
        x, y = (b64url.encode(to_32(number)) for number in coordinates)
        with pytest.raises(KeyFormatError, match="field"):
            PublicKey.from_jwk(JWK | {"x": x, "y": y})

    def test_reads_a_coordinate_with_leading_zeros(self) -> None:
        key = PublicKey.from_coordinates(to_32(0), to_32(Y_AT_ZERO))
        assert PublicKey.from_jwk(key.jwk) == key

    def test_errors_do_not_carry_the_key(self) -> None:
        with pytest.raises(KeyFormatError) as caught:
            PublicKey.from_jwk(JWK | {"d": "c2VjcmV0"})
        assert "c2VjcmV0" not in str(caught.value)


class TestCompressedPoint:
    def test_has_33_bytes_and_comes_back(self) -> None:
        for signer in (ISSUER, HOLDER, STRANGER):
            point = signer.public_key.compressed
            assert len(point) == 33
            assert PublicKey.from_compressed(point) == signer.public_key

    def test_the_sign_byte_chooses_the_other_point(self) -> None:
        point = HOLDER.public_key.compressed
        other = PublicKey.from_compressed(bytes([point[0] ^ 1]) + point[1:])
        assert other != HOLDER.public_key
        assert other.jwk["x"] == JWK["x"]

    @pytest.mark.parametrize("length", [0, 1, 32, 34, 65])
    def test_refuses_another_length(self, length: int) -> None:
        with pytest.raises(KeyFormatError, match="33 bytes"):
            PublicKey.from_compressed(b"\x02" * length)

    @pytest.mark.parametrize("sign", [0, 1, 4, 5, 6, 7, 0x82, 0xFF])
    def test_refuses_another_form(self, sign: int) -> None:
        with pytest.raises(KeyFormatError, match="not on P-256"):
            PublicKey.from_compressed(bytes([sign]) + HOLDER.public_key.compressed[1:])

    def test_refuses_an_x_without_a_point(self) -> None:
        with pytest.raises(KeyFormatError, match="not on P-256"):
            PublicKey.from_compressed(b"\x02" + to_32(1))

    def test_refuses_an_x_that_is_not_reduced(self) -> None:
        PublicKey.from_compressed(b"\x02" + to_32(0))
        with pytest.raises(KeyFormatError, match="not on P-256"):
            PublicKey.from_compressed(b"\x02" + to_32(P))


class TestIdentity:
    def test_equal_points_are_equal_keys(self) -> None:
        again = PublicKey.from_jwk(JWK)
        assert again == HOLDER.public_key
        assert hash(again) == hash(HOLDER.public_key)
        assert {again, HOLDER.public_key} == {again}

    def test_other_points_and_other_things_are_not(self) -> None:
        assert HOLDER.public_key != STRANGER.public_key
        assert HOLDER.public_key != JWK

    def test_repr_is_the_thumbprint(self) -> None:
        assert repr(HOLDER.public_key) == f"PublicKey({HOLDER.public_key.thumbprint})"

    def test_thumbprint_is_that_of_the_required_members(self) -> None:
        """The key of RFC 9449 §4.1 with its `jkt` of §6.1."""
        jwk = {
            "kty": "EC",
            "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
            "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
            "crv": "P-256",
            "use": "sig",
        }
        assert PublicKey.from_jwk(jwk).thumbprint == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


class TestCertificateKey:
    def test_is_read(self) -> None:
        assert PublicKey.from_certificate(certificate_for(ISSUER.private_key)) == ISSUER.public_key

    @pytest.mark.parametrize(
        "other",
        [
            ec.generate_private_key(ec.SECP384R1()),
            ec.generate_private_key(ec.SECP256K1()),
            ed25519.Ed25519PrivateKey.generate(),
            rsa.generate_private_key(65537, 2048),
        ],
        ids=["P-384", "secp256k1", "Ed25519", "RSA"],
    )
    def test_of_another_kind_is_refused(self, other: Any) -> None:
        with pytest.raises(KeyFormatError, match="P-256"):
            PublicKey.from_certificate(certificate_for(other))


class TestSignature:
    message = b"what was signed"

    def test_has_64_bytes_and_verifies(self) -> None:
        signature = HOLDER.sign(self.message)
        assert len(signature) == 64
        HOLDER.public_key.verify(signature, self.message)

    def test_of_another_key_is_refused(self) -> None:
        with pytest.raises(SignatureInvalidError):
            STRANGER.public_key.verify(HOLDER.sign(self.message), self.message)

    def test_of_another_message_is_refused(self) -> None:
        with pytest.raises(SignatureInvalidError):
            HOLDER.public_key.verify(HOLDER.sign(self.message), self.message + b" ")

    @pytest.mark.parametrize("length", [0, 1, 63, 65, 70, 72, 128])
    def test_of_another_length_is_refused(self, length: int) -> None:
        signature = HOLDER.sign(self.message)
        with pytest.raises(SignatureInvalidError, match="64 bytes"):
            HOLDER.public_key.verify((signature + signature)[:length], self.message)

    def test_in_der_is_refused(self) -> None:
        der = HOLDER.private_key.sign(self.message, ec.ECDSA(hashes.SHA256()))
        with pytest.raises(SignatureInvalidError):
            HOLDER.public_key.verify(der, self.message)

    @pytest.mark.parametrize(
        ("r", "s"), [(0, 0), (0, 1), (1, 0), (ORDER, 1), (1, ORDER), (ORDER, ORDER), (2**256 - 1, 2**256 - 1)]
    )
    def test_out_of_range_is_refused(self, r: int, s: int) -> None:
        """CVE-2022-21449: r = s = 0 must not verify everything."""
        with pytest.raises(SignatureInvalidError):
            HOLDER.public_key.verify(to_32(r) + to_32(s), self.message)

    def test_halves_swapped_are_refused(self) -> None:
        signature = HOLDER.sign(self.message)
        with pytest.raises(SignatureInvalidError):
            HOLDER.public_key.verify(signature[32:] + signature[:32], self.message)


class TestLocalSigner:
    def test_is_a_signer(self) -> None:
        assert isinstance(HOLDER, Signer)

    def test_generates_a_new_key_each_time(self) -> None:
        assert LocalSigner.generate().public_key != LocalSigner.generate().public_key

    def test_pem_comes_back(self) -> None:
        pem = HOLDER.to_pem()
        assert pem.startswith(b"-----BEGIN PRIVATE KEY-----")
        assert LocalSigner.from_pem(pem).public_key == HOLDER.public_key

    def test_reads_sec1_pem(self) -> None:
        pem = HOLDER.private_key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        assert LocalSigner.from_pem(pem).public_key == HOLDER.public_key

    def test_refuses_encrypted_pem(self) -> None:
        encryption = BestAvailableEncryption(b"password")
        pem = HOLDER.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
        with pytest.raises(KeyFormatError, match="unencrypted"):
            LocalSigner.from_pem(pem)

    @pytest.mark.parametrize(
        "pem", [b"", b"-----BEGIN PRIVATE KEY-----\n", b"\xff" * 40, b"-----BEGIN EC PRIVATE KEY-----"]
    )
    def test_refuses_what_is_not_pem(self, pem: bytes) -> None:
        with pytest.raises(KeyFormatError):
            LocalSigner.from_pem(pem)

    @pytest.mark.parametrize(
        "other",
        [
            ec.generate_private_key(ec.SECP384R1()),
            ec.generate_private_key(ec.SECP256K1()),
            ed25519.Ed25519PrivateKey.generate(),
            rsa.generate_private_key(65537, 2048),
        ],
        ids=["P-384", "secp256k1", "Ed25519", "RSA"],
    )
    def test_refuses_another_kind_of_key(self, other: Any) -> None:
        pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with pytest.raises(KeyFormatError):
            LocalSigner.from_pem(pem)

    def test_repr_hides_the_private_key(self) -> None:
        assert repr(HOLDER) == f"LocalSigner({HOLDER.public_key.thumbprint})"
        assert f"{HOLDER.private_key.private_numbers().private_value:x}" not in repr(vars(type(HOLDER)))
