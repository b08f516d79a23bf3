"""What an agency may issue, from the same rows that the published trust list is rendered from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.localised import Localised
from giayto_crypto.trust_list import (
    AuthorityError,
    IssuerMismatchError,
    IssuerStatus,
    IssuerUnknownError,
    TrustedIssuer,
    TypeNotAuthorisedError,
)
from giayto_wallet_api.agencies.tables import agencies, agency_authorised_types, agency_certificates
from giayto_wallet_api.problems import ForbiddenError


class TypeForbiddenError(ForbiddenError):
    """The agency may not issue this document type now."""

    code = TypeNotAuthorisedError.code
    message_vi = TypeNotAuthorisedError.message_vi
    message_en = TypeNotAuthorisedError.message_en


@dataclass(frozen=True, slots=True)
class AgencyAuthority:
    """The certificates of one agency and what each of them may sign.

    Args:
        agency_id: the agency.
        by_leaf: its entries, by SHA-256 of the leaf certificate.
    """

    agency_id: str
    by_leaf: Mapping[bytes, TrustedIssuer]

    def require_entry(self, leaf_sha256: bytes, iss: str, vct: str, at: datetime) -> TrustedIssuer:
        """Return the entry that lets this agency issue `vct` as `iss` with this certificate at that time.

        Raises:
            AuthorityError: its subclasses say why not.
        """
        entry = self.by_leaf.get(leaf_sha256)
        if entry is None:
            raise IssuerUnknownError("the certificate is not one of this agency's")
        if entry.iss != iss:
            raise IssuerMismatchError("the certificate is entered for another iss")
        entry.require_authority(vct, at)
        return entry

    def may_issue(self, vct: str, at: datetime) -> bool:
        """Whether any certificate of the agency may sign documents of this type at that time."""
        return any(_covers(entry, vct, at) for entry in self.by_leaf.values())

    def require_type(self, vct: str, at: datetime) -> None:
        """Refuse a type that no certificate of the agency may sign; TypeForbiddenError."""
        if not self.may_issue(vct, at):
            raise TypeForbiddenError("no certificate of this agency covers this document type now")


async def authority_of(tx: AsyncConnection, agency_id: str) -> AgencyAuthority:
    """Read what one agency may do."""
    entries = await _entries(tx, _certificates().where(agency_certificates.c.agency_id == agency_id))
    return AgencyAuthority(agency_id, {entry.leaf_sha256: entry for entry in entries})


async def all_entries(tx: AsyncConnection) -> Sequence[TrustedIssuer]:
    """Read the entries of all agencies, in a fixed order: the content of the trust list."""
    return await _entries(tx, _certificates())


async def agency_names(tx: AsyncConnection, agency_ids: Iterable[str]) -> dict[str, Localised]:
    """Return what agencies are called, by identifier."""
    rows = await tx.execute(
        select(agencies.c.agency_id, agencies.c.name_vi, agencies.c.name_en).where(
            agencies.c.agency_id.in_(sorted(agency_ids))
        )
    )
    return {agency_id: Localised(vi=name_vi, en=name_en) for agency_id, name_vi, name_en in rows}


def pack_chain(chain: Sequence[bytes]) -> bytes:
    """Write a certificate chain as the store keeps it."""
    return msgspec.msgpack.encode(list(chain))


def _certificates() -> Select[Any]:
    certificates = agency_certificates.c
    return (
        select(agency_certificates, agencies.c.name_vi, agencies.c.name_en)
        .join(agencies, agencies.c.agency_id == certificates.agency_id)
        .order_by(certificates.agency_id, certificates.valid_from, certificates.leaf_sha256)
    )


async def _entries(tx: AsyncConnection, query: Select[Any]) -> Sequence[TrustedIssuer]:
    rows = (await tx.execute(query)).all()
    types = await _types_of(tx, {row.agency_id for row in rows})
    return [
        TrustedIssuer(
            agency_id=row.agency_id,
            names=Localised(vi=row.name_vi, en=row.name_en),
            iss=row.iss,
            x5c=tuple(msgspec.msgpack.decode(row.chain, type=list[bytes])),
            vcts=tuple(types.get((row.agency_id, row.leaf_sha256), ())),
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            status=IssuerStatus(row.status),
            status_since=row.status_since,
        )
        for row in rows
    ]


async def _types_of(tx: AsyncConnection, agency_ids: Iterable[str]) -> dict[tuple[str, bytes], list[str]]:
    authorised = agency_authorised_types.c
    rows = await tx.execute(
        select(authorised.agency_id, authorised.leaf_sha256, authorised.vct)
        .where(authorised.agency_id.in_(sorted(agency_ids)))
        .order_by(authorised.vct)
    )
    types: dict[tuple[str, bytes], list[str]] = {}
    for agency_id, leaf_sha256, vct in rows:
        types.setdefault((agency_id, leaf_sha256), []).append(vct)
    return types


def _covers(entry: TrustedIssuer, vct: str, at: datetime) -> bool:
    try:
        entry.require_authority(vct, at)
    except AuthorityError:
        return False
    return True
