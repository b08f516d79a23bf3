"""What giayto publishes of its document types against the JSON Schemas of the OpenID Foundation's conformance suite."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from giayto_issuers import DocumentType, load_builtin_types
from giayto_issuers.document_type.credential_configuration import configuration_id, credential_configuration

TYPES = load_builtin_types()
each_type = pytest.mark.parametrize("document_type", list(TYPES), ids=lambda entry: entry.code)
OWN_OF_TYPES = {"use", "live_status", "event_claim", "forms", "integration", "procedures", "legal_basis"}
OWN_OF_CLAIMS = {"codes", "live"}
"""Members that consumers ignore (SD-JWT VC §4); the suite reports what it does not know as a warning."""


@pytest.fixture(scope="module")
def schemas(vectors_dir: Path) -> Path:
    folder = vectors_dir / "oidf-conformance" / "json-schemas"
    if not folder.is_dir():
        pytest.skip(f"no schemas of the conformance suite at {folder}")
    return folder


def validator(file: Path) -> Draft202012Validator:
    return Draft202012Validator(json.loads(file.read_text("utf-8")))


def without_own(metadata: dict[str, Any]) -> dict[str, Any]:
    claims = [
        {name: member for name, member in claim.items() if name not in OWN_OF_CLAIMS} for claim in metadata["claims"]
    ]
    return {name: member for name, member in metadata.items() if name not in OWN_OF_TYPES} | {"claims": claims}


@each_type
def test_type_metadata(schemas: Path, document_type: DocumentType) -> None:
    published = json.loads(json.dumps(document_type.type_metadata()))
    checked = validator(schemas / "sdjwtvc" / "type_metadata.json")
    assert not list(checked.iter_errors(without_own(published)))
    assert list(checked.iter_errors(without_own(published) | {"vct": 1}))


def test_credential_configurations(schemas: Path) -> None:
    schema = json.loads((schemas / "oid4vci" / "credential_issuer_metadata-1_0.json").read_text("utf-8"))
    checked = Draft202012Validator(schema["properties"]["credential_configurations_supported"])
    published = {configuration_id(one): credential_configuration(one) for one in TYPES}
    assert not list(checked.iter_errors(json.loads(json.dumps(published))))
    published["referral.1"]["credential_metadata"]["claims"][0]["nickname"] = "x"
    assert list(checked.iter_errors(published))
