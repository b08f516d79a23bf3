"""SD-JWT and SD-JWT VC: issue, present, verify (RFC 9901, draft-ietf-oauth-sd-jwt-vc)."""

from giayto_crypto.sdjwt.concealment import conceal
from giayto_crypto.sdjwt.disclosure import Disclosure, Sd
from giayto_crypto.sdjwt.issuance import PROFILE_MEMBERS, StatusReference, issue_credential
from giayto_crypto.sdjwt.presentation import (
    IN_PERSON_AUDIENCE,
    ClaimNotHeldError,
    ClaimPath,
    disclosure_paths,
    present,
    select,
)
from giayto_crypto.sdjwt.processing import reveal
from giayto_crypto.sdjwt.token import UnverifiedSdJwt
from giayto_crypto.sdjwt.verification import (
    AuthenticSdJwt,
    KeyBinding,
    verify_issuer_signature,
    verify_key_binding,
    verify_key_binding_of_part,
)

__all__ = [
    "IN_PERSON_AUDIENCE",
    "PROFILE_MEMBERS",
    "AuthenticSdJwt",
    "ClaimNotHeldError",
    "ClaimPath",
    "Disclosure",
    "KeyBinding",
    "Sd",
    "StatusReference",
    "UnverifiedSdJwt",
    "conceal",
    "disclosure_paths",
    "issue_credential",
    "present",
    "reveal",
    "select",
    "verify_issuer_signature",
    "verify_key_binding",
    "verify_key_binding_of_part",
]
