"""OpenID4VP against the conformance suite's data: its JSON Schemas, and the list of its test modules."""

import json
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from giayto_crypto import jws
from giayto_crypto.dcql import parse_query
from giayto_issuers import DocumentType, load_builtin_types
from giayto_verifiers.requests import Purpose, VerifierIdentity, new_request, request_object, simple_query
from sample_credentials import ISSUER, X5C

PROJECT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MAPPING: dict[str, dict[str, dict[str, Any]]] = tomllib.loads(
    (PROJECT / "tests/support/openid_conformance/vp.toml").read_text()
)
SECTIONS = {"verifier": "vp1finalverifier", "wallet": "vp1finalwallet"}
TYPES = load_builtin_types()


@pytest.fixture(scope="module")
def suite(vectors_dir: Path) -> Path:
    folder = vectors_dir / "oidf-conformance"
    if not folder.is_dir():
        pytest.skip(f"no data of the conformance suite at {folder}")
    return folder


def validator(suite: Path, name: str) -> Draft7Validator:
    return Draft7Validator(json.loads((suite / "json-schemas/oid4vp" / f"{name}.json").read_text()))


def object_for(document_type: DocumentType) -> dict[str, Any]:
    """The claims of a request object for everything that a type has."""
    entry = document_type.catalogue_entry()
    query = simple_query(entry.vct, [claim.path for claim in entry.claims], required=entry.required_claims)
    identity = VerifierIdentity.by_hash(ISSUER, X5C)
    request = new_request(
        identity,
        query=query,
        response_uri="https://verifier.example/response",
        purpose=Purpose(code="X", vi="x", en="x"),
        now=NOW,
        registration="eyJ",
    )
    token = request_object(request, identity, now=NOW)
    claims: dict[str, Any] = jws.parse(token, typ="oauth-authz-req+jwt").unverified_payload()
    return claims


@pytest.mark.parametrize("document_type", list(TYPES), ids=lambda entry: entry.code)
def test_our_requests_follow_the_schemas(suite: Path, document_type: DocumentType) -> None:
    claims = object_for(document_type)
    query = validator(suite, "dcql_request")
    assert list(query.iter_errors(claims["dcql_query"])) == []
    assert list(query.iter_errors({**claims["dcql_query"], "nickname": 1}))
    info = {"verifier_info": claims["verifier_info"]}
    assert list(validator(suite, "verifier_info").iter_errors(info)) == []


def test_what_the_schema_takes_is_read_and_written_back_unchanged(suite: Path) -> None:
    members = {
        "credentials": [
            {
                "id": "a",
                "format": "dc+sd-jwt",
                "meta": {"vct_values": ["urn:example:1"]},
                "multiple": True,
                "require_cryptographic_holder_binding": False,
                "trusted_authorities": [{"type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"]}],
                "claims": [{"id": "x", "path": ["a", None, 0], "values": ["v", 1, True]}],
                "claim_sets": [["x"]],
            }
        ],
        "credential_sets": [{"options": [["a"]], "required": False}],
    }
    assert list(validator(suite, "dcql_request").iter_errors(members)) == []
    assert parse_query(members).to_json() == members


@pytest.mark.parametrize("section", SECTIONS)
def test_every_module_of_the_suite_has_its_test_or_its_reason(suite: Path, section: str) -> None:
    text = (suite / "test-module-names.txt").read_text()
    found = re.search(rf"^# {SECTIONS[section]}\n(.*?)(?=^#|\Z)", text, flags=re.DOTALL | re.MULTILINE)
    assert found is not None
    assert set(MAPPING[section]) == set(found[1].split())


def test_every_test_that_is_named_is_there() -> None:
    named = [name for section in MAPPING.values() for module in section.values() for name in module.get("tests", ())]
    assert len(named) >= 35
    for name in named:
        file, *path = name.split("::")
        source = (PROJECT / file).read_text()
        assert f"def {path[-1]}(" in source, name
        assert len(path) == 1 or f"class {path[0]}:" in source, name


def test_each_module_says_one_thing() -> None:
    for section in MAPPING.values():
        for module in section.values():
            assert set(module) in ({"tests"}, {"not_applicable"})
