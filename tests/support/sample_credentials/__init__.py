"""Fixed keys, hand-made SD-JWTs and QR references for tests of the formats."""

from sample_credentials.issued import (
    CLAIMS,
    ISSUER_URL,
    NOW,
    STATUS,
    VCT,
    X5C,
    issue,
    issue_values,
    present_in_person,
)
from sample_credentials.keys import HOLDER, ISSUER, STRANGER, fixed_signer
from sample_credentials.made import array_disclosure, disclosure, encoded_json, key_binding_jwt, resign, sd_jwt
from sample_credentials.packed import deflated, lifted_body, opened, profile_body, seal
from sample_credentials.references import KnownReferences

__all__ = [
    "CLAIMS",
    "HOLDER",
    "ISSUER",
    "ISSUER_URL",
    "NOW",
    "STATUS",
    "STRANGER",
    "VCT",
    "X5C",
    "KnownReferences",
    "array_disclosure",
    "deflated",
    "disclosure",
    "encoded_json",
    "fixed_signer",
    "issue",
    "issue_values",
    "key_binding_jwt",
    "lifted_body",
    "opened",
    "present_in_person",
    "profile_body",
    "resign",
    "sd_jwt",
    "seal",
]
