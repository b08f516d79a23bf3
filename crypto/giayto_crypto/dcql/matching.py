"""The wallet's side: which of the held credentials answer a query, and with how little (OpenID4VP 1.0 §6.4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cryptography import x509

from giayto_crypto import b64url
from giayto_crypto.dcql.claim_tree import ClaimTree
from giayto_crypto.dcql.query import FORMAT, ClaimPath, ClaimsQuery, CredentialQuery, DcqlQuery, TrustedAuthorities
from giayto_crypto.errors import CertificateError
from giayto_crypto.sdjwt import UnverifiedSdJwt

_AKI = "aki"


@dataclass(frozen=True, slots=True)
class Match:
    """A credential answers a query by showing these claims, concrete places from the top, and no others."""

    paths: tuple[ClaimPath, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Which credential queries to answer, by their ids.

    Attributes:
        needed: without these the verifier's need is not met.
        optional: what the verifier would like too, and the holder may leave out.
    """

    needed: tuple[str, ...]
    optional: tuple[str, ...]


def match_credential(query: CredentialQuery, credential: UnverifiedSdJwt) -> Match | None:
    """Return what a held credential must show to answer a query, or None when it does not answer it.

    Args:
        query: one credential query.
        credential: with all its disclosures.
    """
    if query.format != FORMAT:
        return None
    payload = credential.jws.unverified_payload()
    if payload.get("vct") not in query.vct_values:
        return None
    if query.require_cryptographic_holder_binding and "cnf" not in payload:
        return None
    if query.trusted_authorities is not None and not _is_trusted(query.trusted_authorities, credential):
        return None
    tree = ClaimTree(credential)
    # The first combination that can be satisfied is the one that the verifier prefers (§6.4.1).
    satisfied = (chosen for option in query.options if (chosen := claims_of_option(option, tree)) is not None)
    paths = next(satisfied, None)
    return None if paths is None else Match(paths)


def claims_of_option(option: Sequence[ClaimsQuery], tree: ClaimTree) -> tuple[ClaimPath, ...] | None:
    """Return the places that a combination of claims selects, or None when one of them selects nothing."""
    places: list[ClaimPath] = []
    for claim in option:
        found = tree.select(claim.path) if claim.values is None else tree.holds_value(claim.path, claim.values)
        if not found:
            return None
        places += found
    return tuple(dict.fromkeys(places))


def plan_answer(query: DcqlQuery, available: Iterable[str]) -> Plan | None:
    """Decide which credential queries to answer (§6.4.2).

    Args:
        query: the whole query.
        available: ids of the credential queries that held credentials answer.

    Returns:
        None when what the verifier needs cannot be given: then nothing may be given.
    """
    held = set(available)
    if query.credential_sets is None:
        wanted = [each.id for each in query.credentials]
        return Plan(tuple(wanted), ()) if held.issuperset(wanted) else None
    needed: dict[str, None] = {}
    optional: dict[str, None] = {}
    for need in query.credential_sets:
        option = next((option for option in need.options if held.issuperset(option)), None)
        if option is None and need.required:
            return None
        (needed if need.required else optional).update(dict.fromkeys(option or ()))
    return Plan(tuple(needed), tuple(name for name in optional if name not in needed))


def authority_key_identifiers(credential: UnverifiedSdJwt) -> frozenset[str]:
    """Return the AuthorityKeyIdentifiers of the credential's certificates, base64url (§6.1.1.1)."""
    try:
        chain = credential.jws.x5c()
    except CertificateError:
        return frozenset()
    return frozenset(b64url.encode(found) for found in map(_authority_key_identifier, chain) if found)


def _authority_key_identifier(certificate: x509.Certificate) -> bytes | None:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        return None
    return extension.value.key_identifier


def _is_trusted(wanted: Sequence[TrustedAuthorities], credential: UnverifiedSdJwt) -> bool:
    """One condition is enough. One of a kind that is not understood cannot be met (§6.1)."""
    held: Mapping[str, frozenset[str]] = {_AKI: authority_key_identifiers(credential)}
    return any(not held.get(each.type, frozenset()).isdisjoint(each.values) for each in wanted)
