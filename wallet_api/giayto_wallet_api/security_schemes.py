"""How callers prove who they are, in the words of OpenAPI; see docs/sdk.md for how the tokens are had."""

from collections.abc import Mapping
from typing import Final

AGENCY: Final = "agency_token"
CITIZEN: Final = "citizen_token"
VERIFIER: Final = "verifier_token"
WALLET: Final = "wallet_token"
PROOF: Final = "dpop_proof"

SCHEMES: Final[Mapping[str, Mapping[str, str]]] = {
    AGENCY: {
        "type": "http",
        "scheme": "DPoP",
        "description": "An agency's access token of `/oauth/token` (scope `issuer`), bound to its key (RFC 9449).",
    },
    CITIZEN: {
        "type": "http",
        "scheme": "DPoP",
        "description": "A device's access token of `/wallet/v1/enrolments` or `/wallet/v1/sessions`.",
    },
    VERIFIER: {
        "type": "http",
        "scheme": "DPoP",
        "description": "A verifier's access token of `/oauth/token` (scope `verifier`).",
    },
    WALLET: {
        "type": "http",
        "scheme": "DPoP",
        "description": "A wallet's access token of `/oauth/token`, for a credential offer or after a login.",
    },
    PROOF: {
        "type": "apiKey",
        "name": "DPoP",
        "security_scheme_in": "header",
        "description": "A fresh proof of possession of the key for each request (RFC 9449 §4).",
    },
}


def bound_token(scheme: str) -> dict[str, list[str]]:
    """Return the requirement of a token and of a proof of the key that it is bound to."""
    return {scheme: [], PROOF: []}


PROOF_ALONE: Final = {PROOF: list[str]()}
"""The requirement of a proof without a token: where tokens are had."""
