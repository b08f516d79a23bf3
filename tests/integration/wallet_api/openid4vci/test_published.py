"""What this issuer publishes, against the schemas of the conformance suite; every module of it has its answer."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from jsonschema import Draft202012Validator

from giayto_wallet_api.app import create_app
from giayto_wallet_api.issuer_path import well_known_uri

PROJECT = Path(__file__).parents[4]
CASES = tomllib.loads((PROJECT / "tests/support/openid_conformance/vci.toml").read_text(encoding="utf-8"))


def require_valid(schemas: Path, name: str, document: Any) -> None:
    schema = json.loads((schemas / name).read_text(encoding="utf-8"))
    problems = [error.message for error in Draft202012Validator(schema).iter_errors(document)]
    assert problems == []


async def test_the_metadata_follow_the_schema_of_the_suite(wallet, json_schemas) -> None:
    require_valid(json_schemas, "oid4vci/credential_issuer_metadata-1_0.json", wallet.metadata)


async def test_the_servers_metadata_follow_the_schema_of_the_suite(http, json_schemas) -> None:
    metadata = (await http.get("/.well-known/oauth-authorization-server")).json()
    require_valid(json_schemas, "rfc8414/oauth_authorization_server_metadata.json", metadata)
    assert metadata["require_pushed_authorization_requests"] is True
    assert metadata["authorization_response_iss_parameter_supported"] is True
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["pre-authorized_grant_anonymous_access_supported"] is True
    assert "openid_credential" in metadata["authorization_details_types_supported"]


async def test_offers_follow_the_schema_of_the_suite(depositor, json_schemas) -> None:
    document_id = await depositor.deposit()
    for tx_code in (True, False):
        offer = (await depositor.offer(document_id, tx_code=tx_code))["credential_offer"]
        require_valid(json_schemas, "oid4vci/credential_offer-1_0.json", offer)


async def test_requests_of_the_suites_shape_are_taken(fetching, json_schemas) -> None:
    body = {
        "credential_configuration_id": "referral.1",
        "proofs": {"jwt": [fetching.key_proof(await fetching.nonce())]},
    }
    require_valid(json_schemas, "oid4vci/credential_request-1_0.json", body)
    assert (await fetching.request("/oid4vci/credential", body)).status_code == 200


async def test_type_metadata_stand_behind_every_configuration(wallet, http) -> None:
    """Our vct are URNs, which nobody can fetch: the type metadata stand at an address of their own."""
    for identifier, configuration in wallet.metadata["credential_configurations_supported"].items():
        code, _, version = identifier.rpartition(".")
        metadata = (await http.get(f"/public/v1/types/{code}/{version}")).json()
        assert metadata["vct"] == configuration["vct"]


async def test_an_identifier_with_a_path_has_its_metadata_between_host_and_path(settings, clock, server_keys) -> None:
    identifier = "http://127.0.0.1:8000/tenant/a"
    app = create_app(replace(settings, base_url=identifier), clock=clock, keys=server_keys)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1:8000") as client:
        for name, member in (
            ("openid-credential-issuer", "credential_issuer"),
            ("oauth-authorization-server", "issuer"),
        ):
            found = await client.get(well_known_uri(identifier, name))
            assert found.json()[member] == identifier
            assert (await client.get(f"/.well-known/{name}")).status_code == 404
            assert (await client.get(f"/.well-known/{name}/tenant/b")).status_code == 404


def test_every_module_of_the_suite_has_its_answer(json_schemas) -> None:
    names = (json_schemas.parent / "test-module-names.txt").read_text(encoding="utf-8").splitlines()
    for section, heading in (("issuer", "# vci10issuer"), ("wallet", "# vci10wallet")):
        following = names[names.index(heading) + 1 :]
        end = next((number for number, name in enumerate(following) if name.startswith("#")), len(following))
        modules = {name for name in following[:end] if name not in ("condition", "util")}
        assert set(CASES[section]) == modules


@pytest.mark.parametrize(
    "identifier", sorted(test for each in CASES.values() for case in each.values() for test in case.get("tests", ()))
)
def test_every_answer_that_is_a_test_exists(identifier: str) -> None:
    path, _, name = identifier.partition("::")
    assert f"def {name}(" in (PROJECT / path).read_text(encoding="utf-8")
