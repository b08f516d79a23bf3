"""The example messages of OpenID4VP 1.0: queries are read, the encrypted response is decrypted."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from conformance import Report
from giayto_crypto import b64url, jwe
from giayto_crypto.dcql import parse_query
from giayto_crypto.jwe import DecryptionError, require_recipient

QUERIES = ("claims_alternatives", "complex_mdoc", "credentials_alternatives", "multi_credentials", "simple")
FURTHER = ("simple_mdoc", "value_matching_simple")


@pytest.mark.parametrize("name", [*QUERIES, *FURTHER])
def test_example_queries_are_read(vectors_dir: Path, name: str, conformance: Report) -> None:
    conformance.case("openid4vp", f"query_lang/{name}.json")
    members = json.loads((vectors_dir / f"openid4vp/1.0/examples/query_lang/{name}.json").read_text())
    assert parse_query(members).to_json() == members


@pytest.mark.parametrize("name", ["dcql_jwt_vc", "dcql_ldp_vc"])
def test_queries_for_other_formats_are_read_too(vectors_dir: Path, name: str, conformance: Report) -> None:
    conformance.case("openid4vp", f"request/{name}.json")
    members = json.loads((vectors_dir / f"openid4vp/1.0/examples/request/{name}.json").read_text())
    query = members.get("dcql_query", members)
    assert parse_query(query).to_json() == query


class TestEncryptedResponse:
    @pytest.fixture
    def example(self, vectors_dir: Path) -> dict:
        found: dict = json.loads((vectors_dir / "openid4vp/extracted.json").read_text())["encrypted_response"]
        return found

    def test_is_decrypted(self, example: dict, conformance: Report) -> None:
        conformance.case("openid4vp", "encrypted_response")
        jwk = example["private_jwk"]
        key = ec.derive_private_key(int.from_bytes(b64url.decode(jwk["d"])), ec.SECP256R1())
        opened = jwe.decrypt(example["jwe"], keys={jwk["kid"]: key}, max_bytes=64 * 1024)
        assert json.loads(opened.plaintext) == example["plaintext"]
        assert opened.header == example["header"]

    def test_not_by_another_name_of_the_key(self, example: dict) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        with pytest.raises(DecryptionError):
            jwe.decrypt(example["jwe"], keys={"other": key}, max_bytes=64 * 1024)

    def test_its_public_key_is_one_to_encrypt_to(self, example: dict) -> None:
        public = {name: value for name, value in example["private_jwk"].items() if name != "d"}
        token = jwe.encrypt(b"{}", recipient=public, enc="A256GCM")
        assert require_recipient(public).jwk["x"] == public["x"]
        assert token.count(".") == 4
