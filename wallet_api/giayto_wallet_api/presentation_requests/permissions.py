"""Over-asking: what a verifier may ask for is what it was registered for, purpose by purpose."""

from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.dcql import ClaimPath, CredentialQuery, DcqlQuery
from giayto_issuers.document_type.model import DocumentTypes
from giayto_verifiers.requests import Purpose, asks_for_more, required_claims_not_asked
from giayto_wallet_api.presentation_requests.problems import (
    ClaimsNotAllowedError,
    PurposeNotAllowedError,
    QueryInvalidError,
    TypeNotAllowedError,
    TypeNotDemandableError,
)
from giayto_wallet_api.presentation_requests.tables import verifier_permissions, verifier_purposes

Permitted = Mapping[str, tuple[ClaimPath, ...]]
"""Claims that may be asked for, by document type."""


async def registered_purpose(tx: AsyncConnection, verifier_id: str, code: str) -> Purpose:
    """Return a purpose of the verifier in words; PurposeNotAllowedError when it is not registered."""
    purposes = verifier_purposes.c
    query = select(verifier_purposes).where(purposes.verifier_id == verifier_id, purposes.purpose == code)
    row = (await tx.execute(query)).first()
    if row is None:
        raise PurposeNotAllowedError("the verifier is not registered for this purpose")
    return Purpose(code=row.purpose, vi=row.text_vi, en=row.text_en)


async def permitted_claims(tx: AsyncConnection, verifier_id: str, purpose: str) -> Permitted:
    """Return what the verifier may ask for, for one purpose."""
    permissions = verifier_permissions.c
    rows = await tx.execute(
        select(permissions.vct, permissions.claims).where(
            permissions.verifier_id == verifier_id, permissions.purpose == purpose
        )
    )
    return {vct: msgspec.json.decode(claims, type=tuple[ClaimPath, ...]) for vct, claims in rows}


def require_permitted(query: DcqlQuery, permitted: Permitted, purpose: str, types: DocumentTypes) -> None:
    """Refuse a query that asks for more than was registered; the rule is named.

    Raises:
        TypeNotDemandableError, PurposeNotAllowedError, TypeNotAllowedError, ClaimsNotAllowedError: the rule.
        QueryInvalidError: a credential query whose answer could never be valid.
    """
    for asked in query.credentials:
        for vct in asked.vct_values:
            _require_type(vct, permitted, purpose, types)
            _require_claims(asked, vct, permitted)
            _require_answerable(asked, vct, types)


def _require_type(vct: str, permitted: Permitted, purpose: str, types: DocumentTypes) -> None:
    document_type = types.find(vct)
    if document_type is None:
        raise TypeNotAllowedError("there is no such document type")
    use = document_type.use
    if not use.demandable:
        raise TypeNotDemandableError(f"{document_type.code}: only its holder decides to show it")
    if use.purposes and purpose not in {each.code for each in use.purposes}:
        raise PurposeNotAllowedError(f"{document_type.code}: it may be asked for other purposes only")
    if vct not in permitted:
        raise TypeNotAllowedError(f"{document_type.code}: not registered for this purpose")


def _require_claims(asked: CredentialQuery, vct: str, permitted: Permitted) -> None:
    beyond = asks_for_more(asked, permitted[vct])
    if beyond:
        raise ClaimsNotAllowedError(f"{asked.id}: beyond the purpose: {_listed(beyond)}")


def _require_answerable(asked: CredentialQuery, vct: str, types: DocumentTypes) -> None:
    document_type = types.find(vct)
    missing = required_claims_not_asked(asked, document_type.catalogue_entry()) if document_type else ()
    if missing:
        raise QueryInvalidError(f"{asked.id}: without these claims no answer can be valid: {', '.join(missing)}")


def _listed(paths: Iterable[ClaimPath]) -> str:
    # Names of claims that a verifier typed: shown as it typed them, cut where they get long.
    return ", ".join("/".join("*" if step is None else str(step) for step in path)[:60] for path in list(paths)[:5])
