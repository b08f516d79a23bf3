"""The Digital Credentials Query Language: what a verifier asks for, and what answers it (OpenID4VP 1.0 §6 and §7).

query = parse_query(members)                  # strict and bounded
wallet:   match_all(query, held) -> what each held credential would show, and `plan` which of them to send
verifier: check_presentations(query, shown)   -> what is wrong with an answer; nothing of the wallet is believed
"""

from giayto_crypto.dcql.checking import Excess, ShownPresentation, Unsatisfied, check_presentations
from giayto_crypto.dcql.claim_tree import ClaimTree
from giayto_crypto.dcql.matching import Match, Plan, authority_key_identifiers, match_credential, plan_answer
from giayto_crypto.dcql.query import (
    FORMAT,
    ClaimPath,
    ClaimsQuery,
    CredentialQuery,
    CredentialSetQuery,
    DcqlError,
    DcqlQuery,
    TrustedAuthorities,
    parse_query,
)

__all__ = [
    "FORMAT",
    "ClaimPath",
    "ClaimTree",
    "ClaimsQuery",
    "CredentialQuery",
    "CredentialSetQuery",
    "DcqlError",
    "DcqlQuery",
    "Excess",
    "Match",
    "Plan",
    "ShownPresentation",
    "TrustedAuthorities",
    "Unsatisfied",
    "authority_key_identifiers",
    "check_presentations",
    "match_credential",
    "parse_query",
    "plan_answer",
]
