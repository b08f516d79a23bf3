"""The sections of docs/conformance.md about OpenID: the suite's modules, its JSON Schemas, and HAIP 1.0."""

from collections.abc import Iterator

from openid_conformance import PARTS, Module, Part, haip, modules

_PUBLISHED = "tests/integration/wallet_api/openid4vci/test_published.py"
SCHEMAS = {
    "oid4vci/credential_issuer_metadata-1_0.json": (
        "the issuer's live metadata; a configuration of every document type",
        (
            f"{_PUBLISHED}::test_the_metadata_follow_the_schema_of_the_suite",
            "tests/vectors/test_conformance_schemas.py::test_credential_configurations",
        ),
    ),
    "oid4vci/credential_offer-1_0.json": (
        "offers with and without a transaction code",
        (f"{_PUBLISHED}::test_offers_follow_the_schema_of_the_suite",),
    ),
    "oid4vci/credential_request-1_0.json": (
        "a request that the issuer takes",
        (f"{_PUBLISHED}::test_requests_of_the_suites_shape_are_taken",),
    ),
    "oid4vp/dcql_request.json": (
        "the query for every document type; a query with everything that the schema allows",
        (
            "tests/vectors/test_openid4vp_conformance.py::test_our_requests_follow_the_schemas",
            "tests/vectors/test_openid4vp_conformance.py::test_what_the_schema_takes_is_read_and_written_back_unchanged",
        ),
    ),
    "oid4vp/verifier_info.json": (
        "what every request says of the verifier",
        ("tests/vectors/test_openid4vp_conformance.py::test_our_requests_follow_the_schemas",),
    ),
    "rfc8414/oauth_authorization_server_metadata.json": (
        "the authorization server's live metadata",
        (f"{_PUBLISHED}::test_the_servers_metadata_follow_the_schema_of_the_suite",),
    ),
    "sdjwtvc/type_metadata.json": (
        "the type metadata of every document type",
        ("tests/vectors/test_conformance_schemas.py::test_type_metadata",),
    ),
}
SCHEMAS_NOT_USED = {"ekyc-ida": "`verified_claims` is not used"}

HEAD = """\
## OpenID conformance suite

The suite of the OpenID Foundation (openid-certification/conformance-suite 12f2a4d, MIT) is not run here: it is a
service that needs a public address. Each of its test modules that applies is done by tests of this project instead.
`make conformance` writes this page only when all of them pass. This is no certification.
"""
SCHEMAS_HEAD = """\
### JSON Schemas of the suite

| Schema | What is held to it | Test |
|---|---|---|
"""
HAIP_HEAD = """\
## HAIP 1.0

The OpenID4VC High Assurance Interoperability Profile is not claimed. What it demands, and whether it is met:

| Part | Demand | Met | Remark |
|---|---|---|---|
"""


def schema_tests() -> list[str]:
    """Return the tests that hold something to a schema, once each."""
    return sorted({test for _, tests in SCHEMAS.values() for test in tests})


def openid_sections() -> Iterator[str]:
    """Return the lines of the sections."""
    yield HEAD
    for part in PARTS:
        yield from _part(part)
    yield SCHEMAS_HEAD + "\n".join(
        f"| `{name}` | {what} | {_tests(tests)} |" for name, (what, tests) in SCHEMAS.items()
    )
    yield ""
    yield from (f"- `{name}`: {reason}." for name, reason in SCHEMAS_NOT_USED.items())
    yield ""
    yield HAIP_HEAD + "\n".join(f"| {each.section} | {each.demand} | {each.met} | {each.note} |" for each in haip())
    yield ""


def _part(part: Part) -> Iterator[str]:
    found = modules(part)
    passed, others = [each for each in found if each.tests], [each for each in found if not each.tests]
    yield f"### {part.title}\n"
    yield f"{len(found)} modules and parts: {len(passed)} passed, {len(others)} not applicable.\n"
    yield "| Module | Result |\n|---|---|"
    yield from (f"| {each.name} | {_result(each)} |" for each in (*passed, *others))
    yield ""


def _result(module: Module) -> str:
    return f"passed: {_tests(module.tests)}" if module.tests else f"not applicable: {module.not_applicable}"


def _tests(tests: tuple[str, ...]) -> str:
    return ", ".join(f"[`{name.rpartition('::')[2]}`](../{name.partition('::')[0]})" for name in tests)
