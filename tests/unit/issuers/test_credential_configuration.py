"""Each type as a credential configuration of OpenID4VCI 1.0."""

import pytest

from giayto_issuers import DocumentType, load_builtin_types
from giayto_issuers.document_type.credential_configuration import configuration_id, credential_configuration

TYPES = load_builtin_types()
each_type = pytest.mark.parametrize("document_type", list(TYPES), ids=lambda entry: entry.code)


@each_type
def test_it_says_what_can_be_had_and_with_which_proof(document_type: DocumentType) -> None:
    configuration = credential_configuration(document_type)
    assert configuration["format"] == "dc+sd-jwt"
    assert configuration["vct"] == document_type.vct
    assert configuration["scope"] == configuration_id(document_type)
    assert configuration["cryptographic_binding_methods_supported"] == ["jwk"]
    assert configuration["credential_signing_alg_values_supported"] == ["ES256"]
    assert configuration["proof_types_supported"] == {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}}
    # Only what OpenID4VCI names: unlike type metadata, it does not foresee members of others.
    assert set(configuration["credential_metadata"]) == {"display", "claims"}


@each_type
def test_every_claim_is_described_in_both_languages_in_the_order_of_the_type(document_type: DocumentType) -> None:
    claims = credential_configuration(document_type)["credential_metadata"]["claims"]
    assert [tuple(claim["path"]) for claim in claims] == [
        path for top in document_type.claims for path, _ in top.walk()
    ]
    for claim in claims:
        assert set(claim) == {"path", "mandatory", "display"}
        assert [(shown["locale"], bool(shown["name"])) for shown in claim["display"]] == [("vi", True), ("en", True)]


def test_no_two_types_share_an_identifier() -> None:
    assert len({configuration_id(entry) for entry in TYPES}) == len(TYPES)
    assert configuration_id(TYPES["criminal-record-1"]) == "criminal-record-1.1"
