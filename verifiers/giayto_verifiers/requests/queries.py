"""From "this document type, these claims" to a query, and what a query asks for (docs/openid4vp.md)."""

from collections.abc import Iterable, Sequence

from msgspec import UNSET

from giayto_crypto.catalogue import Catalogue, CatalogueEntry
from giayto_crypto.dcql import FORMAT, ClaimPath, ClaimsQuery, CredentialQuery, DcqlQuery, parse_query
from giayto_verifiers.requests.request import RequestError


def simple_query(
    vct: str, claims: Iterable[ClaimPath], *, required: Iterable[str] = (), name: str = "document"
) -> DcqlQuery:
    """Ask for claims of one document.

    Args:
        vct: its type.
        claims: paths; None for every element of an array.
        required: top-level claims without which a document of this type proves nothing: they are asked for too.
        name: of the credential query.

    Raises:
        DcqlError: a path that is none.
    """
    paths = list(dict.fromkeys([*claims, *((each,) for each in required)]))
    asked = {"id": name, "format": FORMAT, "meta": {"vct_values": [vct]}}
    with_claims = asked | ({"claims": [{"path": list(path)} for path in paths]} if paths else {})
    return parse_query({"credentials": [with_claims]})


def asks_for_more(asked: CredentialQuery, allowed: Sequence[ClaimPath]) -> tuple[ClaimPath, ...]:
    """Return the claims of a credential query that lie outside the allowed ones.

    Args:
        asked: one credential query.
        allowed: paths; what lies below an allowed one is allowed too.
    """
    return tuple(claim.path for claim in asked.claims or () if not any(_covers(path, claim.path) for path in allowed))


def required_claims_not_asked(asked: CredentialQuery, entry: CatalogueEntry) -> tuple[str, ...]:
    """Return the claims that this type must show and the query, in at least one of its options, does not ask for.

    Without them every answer would be refused in step 10.
    """
    missing = (name for option in asked.options for name in entry.required_claims if not _asks_for(option, name))
    return tuple(dict.fromkeys(missing))


def require_askable(query: DcqlQuery, purpose: str, catalogue: Catalogue) -> None:
    """Refuse a query whose answers step 10 would refuse, before anybody is asked.

    Args:
        query: what is to be asked.
        purpose: code of the purpose.
        catalogue: of the bundle that answers will be checked against; types that it does not know are not judged.

    Raises:
        RequestError: a type that nobody may demand, or not for this purpose, or without a claim that it must show.
    """
    for asked in query.credentials:
        for entry in filter(None, map(catalogue.find, asked.vct_values)):
            use = entry.use
            if use is not UNSET and not use.demandable:
                raise RequestError(f"{entry.code}: nobody may demand it; only its holder decides to show it")
            if use is not UNSET and use.purposes and purpose not in use.purposes:
                raise RequestError(f"{entry.code}: it may be asked for other purposes only: {', '.join(use.purposes)}")
            missing = required_claims_not_asked(asked, entry)
            if missing:
                raise RequestError(f"{asked.id}: without these claims no answer can be valid: {', '.join(missing)}")


def _asks_for(option: Sequence[ClaimsQuery], name: str) -> bool:
    return any(claim.path[0] == name for claim in option)


def _covers(allowed: ClaimPath, path: ClaimPath) -> bool:
    """Whether `path` leads to `allowed` or below it; None in `allowed` stands for any position."""
    return len(allowed) <= len(path) and all(
        expected == actual or (expected is None and not isinstance(actual, str))
        for expected, actual in zip(allowed, path, strict=False)
    )
