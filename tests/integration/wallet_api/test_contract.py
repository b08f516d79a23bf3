"""The API does what its description says: every operation, called in ways that nobody thought of.

A generator of requests reads the description and sends what it allows and what it forbids, as agencies, citizens,
wallets, verifiers and strangers. No answer is a fault of the server, none has a status, content type or body that the
description does not name, and what needs a token is refused without. GIAYTO_CONTRACT_EXAMPLES=100 looks longer.
"""

import os
import re
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi import checks

from api_contract import LivingSandbox, living_sandbox
from giayto_crypto.keys import LocalSigner
from giayto_sdk._http.dpop import DpopProver
from giayto_wallet_api.clock import system_clock
from giayto_wallet_api.security_schemes import AGENCY, CITIZEN, PROOF, VERIFIER, WALLET

load_all_checks()
EXAMPLES = int(os.environ.get("GIAYTO_CONTRACT_EXAMPLES", "6"))
CHECKED = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]
CONFIG = {
    "max-stream-events": 1,
    "request-timeout": 10,
    "generation": {"with-security-parameters": False},
}
GROUPS = (
    "/issuer/v1/[a-h]",
    "/issuer/v1/[i-z]",
    "/wallet/",
    "/verifier/",
    "/public/",
    "/(oauth|oid4vci|openid4vp|[.]well-known)",
    "/(sandbox|health)",
)


@schemathesis.deserializer("application/json")
def read_by_its_type(_context: object, response: schemathesis.Response) -> Any:
    """Read JSON; the generator takes `application/jwt` for a kind of it."""
    media_type = "".join(response.headers.get("content-type", ())).partition(";")[0]
    return response.text if media_type == "application/jwt" else response.json()


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingSandbox]:
    with living_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture(scope="module")
def described(living: LivingSandbox, session: requests.Session) -> BaseSchema:
    document = session.get(f"{living.base_url}/schema/openapi.json", timeout=10).json()
    return schemathesis.openapi.from_dict(document, config=SchemathesisConfig.from_dict(CONFIG))


def security_of(operation: APIOperation) -> frozenset[str]:
    """The schemes that an operation names; more than one only where both are needed."""
    required = operation.definition.raw.get("security") or [{}]
    return frozenset(required[0])


def checks_of(operation: APIOperation) -> list[Any]:
    """A stream of events is described as text, and would be checked as if each event were all of it."""
    success = operation.definition.raw["responses"].get("200", {})
    streams = "text/event-stream" in success.get("content", {})
    return [each for each in CHECKED if not (streams and each is checks.response_schema_conformance)]


def wait_for_nothing(case: schemathesis.Case) -> None:
    """Ask for an answer at once where one may wait for news."""
    if isinstance(case.body, dict) and "wait_seconds" in case.body:
        case.body["wait_seconds"] = 0


@pytest.mark.parametrize("group", GROUPS)
def test_every_answer_is_described(
    group: str, living: LivingSandbox, described: BaseSchema, session: requests.Session, subtests: pytest.Subtests
) -> None:
    found = list(described.include(path_regex=f"^{group}").get_all_operations())
    assert found
    for operation in (each.ok() for each in found):
        with subtests.test(operation.label):
            call_in_many_ways(operation, living, session)


def call_in_many_ways(operation: APIOperation, living: LivingSandbox, session: requests.Session) -> None:
    """Send requests as the description allows, and some that it forbids."""

    def call(case: schemathesis.Case) -> None:
        living.name_what_is_there(case)
        wait_for_nothing(case)
        case.headers.update(living.headers(security_of(operation), case.method, case.formatted_path))
        case.call_and_validate(base_url=living.base_url, session=session, checks=checks_of(operation))

    for mode in GenerationMode:
        bounded = settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        # There is nothing to forbid in a request that takes nothing, or any text in its address.
        with suppress(Unsatisfiable) if mode.is_negative else nullcontext():
            bounded(given(operation.as_strategy(generation_mode=mode))(call))()


def test_what_needs_a_token_is_refused_without(
    living: LivingSandbox, described: BaseSchema, session: requests.Session, subtests: pytest.Subtests
) -> None:
    protected = [
        operation
        for operation in (each.ok() for each in described.get_all_operations())
        if security_of(operation) & {AGENCY, CITIZEN, VERIFIER, WALLET}
    ]
    assert len(protected) >= 60
    stranger = DpopProver(LocalSigner.generate(), system_clock)
    for operation in protected:
        url = living.base_url + re.sub(r"{\w+}", "x", operation.path)
        token = living.callers[next(iter(security_of(operation) - {PROOF}))].token()
        of_another = {"Authorization": f"DPoP {token}", "DPoP": stranger.proof(operation.method.upper(), url, token)}
        for headers in ({}, {"Authorization": f"DPoP {token}"}, of_another):
            with subtests.test(operation.label):
                response = session.request(operation.method, url, headers=headers, timeout=10)
                assert response.status_code == 401
                assert response.headers["www-authenticate"].startswith("DPoP ")
