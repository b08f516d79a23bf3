"""The examples of RFC 9901, the cases of sd-jwt-python and the examples of SD-JWT VC."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance import Report
from giayto_crypto import b64url, qr
from giayto_crypto.errors import KeyBindingMissingError, MalformedError, SignatureInvalidError
from giayto_crypto.keys import PublicKey
from giayto_crypto.sdjwt import UnverifiedSdJwt, disclosure_paths, reveal, verify_issuer_signature, verify_key_binding
from sample_credentials import STRANGER, KnownReferences

FOLDERS = {
    "sd-jwt/rfc9901-examples": [
        "address_only_flat",
        "address_only_recursive",
        "address_only_structured",
        "address_only_structured_one_open",
        "arf-pid",
        "complex_eidas",
        "complex_eidas_proposal",
        "complex_ekyc",
        "jsonld",
        "simple",
        "simple_structured",
        "w3c-vc",
        "w3c-vc_for_slide_deck",
    ],
    "sd-jwt/python-testcases": [
        "array_data_types",
        "array_full_sd",
        "array_in_sd",
        "array_nested_in_plain",
        "array_none_disclosed",
        "array_of_nulls",
        "array_of_objects",
        "array_of_scalars",
        "array_recursive_sd",
        "array_recursive_sd_some_disclosed",
        "header_mod",
        "key_binding",
        "no_sd",
        "object_data_types",
        "recursions",
    ],
    "sd-jwt-vc/examples": ["01", "02", "03-pid"],
}
NOT_READ = {
    f"{folder}/json_serialization_{kind}": "JSON serialisation: giayto reads and writes the compact one only"
    for folder in ("sd-jwt/rfc9901-examples", "sd-jwt/python-testcases")
    for kind in ("flattened", "general")
}
"""Folders that are not run, each with its reason."""
SETS = {
    "sd-jwt/rfc9901-examples": "rfc9901",
    "sd-jwt/python-testcases": "sd-jwt-python",
    "sd-jwt-vc/examples": "sd-jwt-vc",
}
CASES = [f"{folder}/{name}" for folder, names in FOLDERS.items() for name in names]


@dataclass(frozen=True)
class Case:
    """One folder: what the holder shows, and what a verifier must make of it."""

    folder: Path

    @property
    def settings(self) -> dict[str, Any]:
        loaded: dict[str, Any] = yaml.safe_load((self.folder.parent / "settings.yml").read_text())
        return loaded

    @property
    def issuer_key(self) -> PublicKey:
        return self._key("issuer_key")

    @property
    def holder_key(self) -> PublicKey:
        return self._key("holder_key")

    def _key(self, name: str) -> PublicKey:
        jwk = self.settings["key_settings"][name]
        return PublicKey.from_jwk({member: value for member, value in jwk.items() if member != "d"})

    def text(self, name: str) -> str:
        return (self.folder / name).read_text().strip()

    def json(self, name: str) -> Any:
        return json.loads(self.text(name))

    def parsed(self, name: str) -> UnverifiedSdJwt:
        text = self.text(name)
        typ = json.loads(b64url.decode(text.split(".")[0]))["typ"]
        assert typ in ("example+sd-jwt", "dc+sd-jwt")
        return UnverifiedSdJwt.parse(text, typ=typ)


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, vectors_dir: Path, conformance: Report) -> Case:
    folder, _, name = request.param.rpartition("/")
    conformance.case(SETS[folder], name)
    return Case(vectors_dir / request.param)


def test_every_folder_is_either_run_or_named_as_an_exception(vectors_dir: Path) -> None:
    found = {
        f"{folder}/{file.parent.name}"
        for folder in FOLDERS
        for file in (vectors_dir / folder).glob("*/specification.yml")
    }
    assert found == {*CASES, *NOT_READ}


@pytest.mark.parametrize("name", NOT_READ)
def test_what_is_not_read_is_refused(name: str, vectors_dir: Path, conformance: Report) -> None:
    folder, _, case_name = name.rpartition("/")
    conformance.exception(SETS[folder], case_name, NOT_READ[name])
    text = (vectors_dir / name / "sd_jwt_presentation.json").read_text()
    serialised = json.loads(text)
    for refused in (text, serialised if isinstance(serialised, str) else json.dumps(serialised)):
        with pytest.raises(MalformedError):
            UnverifiedSdJwt.parse(refused, typ="example+sd-jwt")


def test_presentation_has_the_verified_contents(case: Case) -> None:
    authentic = verify_issuer_signature(case.parsed("sd_jwt_presentation.txt"), case.issuer_key)
    assert authentic.claims == case.json("verified_contents.json")
    assert authentic.payload == case.json("sd_jwt_payload.json")


def test_presentation_is_refused_under_another_key(case: Case) -> None:
    with pytest.raises(SignatureInvalidError):
        verify_issuer_signature(case.parsed("sd_jwt_presentation.txt"), STRANGER.public_key)


def test_key_binding_is_there_where_it_was_made_and_missed_where_not(case: Case) -> None:
    authentic = verify_issuer_signature(case.parsed("sd_jwt_presentation.txt"), case.issuer_key)
    if not (case.folder / "kb_jwt_payload.json").exists():
        with pytest.raises(KeyBindingMissingError):
            verify_key_binding(authentic)
        return
    expected = case.json("kb_jwt_payload.json")
    binding = verify_key_binding(authentic)
    assert authentic.holder_key == case.holder_key
    assert authentic.key_binding_token == case.text("kb_jwt_serialized.txt")
    assert binding.issued_at == datetime.fromtimestamp(expected["iat"], UTC)
    assert binding.nonce == expected["nonce"] == case.settings["key_binding_nonce"]
    assert binding.audience == expected["aud"] == case.settings["identifiers"]["verifier"]


def test_issued_credential_reveals_all_of_the_users_claims(case: Case) -> None:
    issued = case.parsed("sd_jwt_issuance.txt")
    issued.jws.verify(case.issuer_key)
    claims = reveal(issued.jws.unverified_payload(), issued.disclosures)
    assert {name: claims[name] for name in case.json("user_claims.json")} == case.json("user_claims.json")
    assert len(list(disclosure_paths(issued))) == len(issued.disclosures)


def test_what_is_shown_is_part_of_what_was_issued(case: Case) -> None:
    issued, shown = case.parsed("sd_jwt_issuance.txt"), case.parsed("sd_jwt_presentation.txt")
    assert shown.jws.token == issued.jws.token == case.text("sd_jwt_jws_part.txt")
    assert {part.encoded for part in shown.disclosures} <= {part.encoded for part in issued.disclosures}


def test_a_qr_carries_it_unchanged(case: Case) -> None:
    presentation = case.text("sd_jwt_presentation.txt")
    if case.parsed("sd_jwt_presentation.txt").jws.header["typ"] != "dc+sd-jwt":
        with pytest.raises(MalformedError, match="typ"):  # a QR is for verifiable credentials
            qr.pack(presentation)
        return
    assert qr.unpack(qr.pack(presentation), KnownReferences((), (), ())) == presentation
