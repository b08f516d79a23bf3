"""Registering verifiers: what an operator does, and what a sandbox does to set itself up.

    async with runtime.database.transaction() as tx:
        await register_verifier(tx, verifier_id="bank-a", names=…, domains=("bank-a.example",), now=now)
        await add_verifier_key(tx, verifier_id="bank-a", key=public_key, now=now)
        await add_purpose(tx, verifier_id="bank-a", purpose=Purpose(code="OPEN_ACCOUNT", …), now=now)
        await permit(tx, verifier_id="bank-a", purpose="OPEN_ACCOUNT", document_type=…, claims=[…], now=now)

Each function makes one change and writes its audit entry in the caller's transaction.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from cryptography import x509
from sqlalchemy import Table, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.certificates import PRESENTATION_REQUEST, verify_chain
from giayto_crypto.dcql import ClaimPath
from giayto_crypto.keys import PublicKey
from giayto_crypto.localised import Localised
from giayto_issuers.document_type.model import DocumentType
from giayto_verifiers.requests import Purpose
from giayto_wallet_api.agencies.registration import AlreadyRegisteredError, IdentifierError
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.presentation_requests.problems import (
    ClaimsNotAllowedError,
    PurposeNotAllowedError,
    TypeNotDemandableError,
)
from giayto_wallet_api.presentation_requests.tables import (
    verifier_certificates,
    verifier_domains,
    verifier_keys,
    verifier_permissions,
    verifier_purposes,
    verifiers,
)
from giayto_wallet_api.problems import NotFoundError

_VERIFIER_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PURPOSE = re.compile(r"[A-Z0-9_]{1,64}")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def verifier_actor(verifier_id: str) -> audit.Actor:
    """How the audit log names a verifier."""
    return audit.Actor(f"verifier:{verifier_id}")


async def register_verifier(
    tx: AsyncConnection,
    *,
    verifier_id: str,
    names: Localised,
    domains: Iterable[str],
    now: datetime,
    actor: audit.Actor = audit.SYSTEM,
) -> None:
    """Enter a verifier with the domains that are its own.

    Raises:
        IdentifierError: an identifier not like `bank-a`, or a domain that is no DNS name in small letters.
        AlreadyRegisteredError: the identifier is taken.
    """
    pinned = tuple(dict.fromkeys(domains))
    if not _VERIFIER_ID.fullmatch(verifier_id):
        raise IdentifierError("a verifier's identifier consists of small letters, digits and hyphens")
    if not all(_DOMAIN.fullmatch(domain) and len(domain) <= 253 for domain in pinned):
        raise IdentifierError("a domain is a DNS name in small letters, such as bank-a.example")
    await _insert_new(tx, verifiers, verifier_id=verifier_id, name_vi=names.vi, name_en=names.en, registered_at=now)
    for domain in pinned:
        await _insert_new(tx, verifier_domains, verifier_id=verifier_id, domain=domain, added_at=now)
    facts = {"domains": " ".join(pinned)}
    await audit.record(tx, now=now, actor=actor, action="verifier.registered", target=verifier_id, facts=facts)


async def add_verifier_key(
    tx: AsyncConnection, *, verifier_id: str, key: PublicKey, now: datetime, actor: audit.Actor = audit.SYSTEM
) -> None:
    """Let a verifier's system authenticate with a key.

    Raises:
        AlreadyRegisteredError: it has this key.
        NotFoundError: there is no such verifier.
    """
    await _insert_new(
        tx,
        verifier_keys,
        verifier_id=verifier_id,
        thumbprint=key.thumbprint,
        point=key.compressed,
        added_at=now,
    )
    facts = {"thumbprint": key.thumbprint}
    await audit.record(tx, now=now, actor=actor, action="verifier.key_added", target=verifier_id, facts=facts)


async def remove_verifier_key(
    tx: AsyncConnection, *, verifier_id: str, thumbprint: str, now: datetime, actor: audit.Actor = audit.SYSTEM
) -> None:
    """Take a key from a verifier: what it signs is refused from now on.

    Raises:
        NotFoundError: it has no such key.
    """
    keys = verifier_keys.c
    result = await tx.execute(
        delete(verifier_keys).where(keys.verifier_id == verifier_id, keys.thumbprint == thumbprint)
    )
    if result.rowcount != 1:
        raise NotFoundError("this verifier has no such key")
    facts = {"thumbprint": thumbprint}
    await audit.record(tx, now=now, actor=actor, action="verifier.key_removed", target=verifier_id, facts=facts)


async def add_verifier_certificate(
    tx: AsyncConnection,
    *,
    verifier_id: str,
    chain: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    now: datetime,
    actor: audit.Actor = audit.SYSTEM,
) -> None:
    """Say which certificate a verifier signs requests with that it makes itself.

    Raises:
        CertificateError: the chain does not lead to an anchor with the purpose of signing requests.
        AlreadyRegisteredError: it has this certificate.
        NotFoundError: there is no such verifier.
    """
    verified = verify_chain(chain, anchors, purpose=PRESENTATION_REQUEST, now=now)
    await _insert_new(
        tx,
        verifier_certificates,
        verifier_id=verifier_id,
        leaf_sha256=verified.sha256,
        valid_until=verified.valid_until,
        added_at=now,
    )
    facts = {"leaf_sha256": verified.sha256.hex()}
    await audit.record(tx, now=now, actor=actor, action="verifier.certificate_added", target=verifier_id, facts=facts)


async def add_purpose(
    tx: AsyncConnection, *, verifier_id: str, purpose: Purpose, now: datetime, actor: audit.Actor = audit.SYSTEM
) -> None:
    """Enter a purpose, with the words that holders read before consent.

    Raises:
        IdentifierError: a code not like `OPEN_ACCOUNT`.
        AlreadyRegisteredError: the verifier has this purpose.
        NotFoundError: there is no such verifier.
    """
    if not _PURPOSE.fullmatch(purpose.code):
        raise IdentifierError("a purpose consists of capital letters, digits and underscores")
    await _insert_new(
        tx,
        verifier_purposes,
        verifier_id=verifier_id,
        purpose=purpose.code,
        text_vi=purpose.vi,
        text_en=purpose.en,
        added_at=now,
    )
    facts = {"purpose": purpose.code}
    await audit.record(tx, now=now, actor=actor, action="verifier.purpose_added", target=verifier_id, facts=facts)


async def permit(
    tx: AsyncConnection,
    *,
    verifier_id: str,
    purpose: str,
    document_type: DocumentType,
    claims: Iterable[ClaimPath],
    now: datetime,
    actor: audit.Actor = audit.SYSTEM,
) -> None:
    """Let a verifier ask for claims of a document type for one of its purposes.

    The claims that every document of the type shows come along. What lies below a claim comes with it.

    Raises:
        TypeNotDemandableError: nobody may demand this type.
        PurposeNotAllowedError: the type may be asked for other purposes only, or the purpose is not registered.
        ClaimsNotAllowedError: a claim that the type does not have.
        AlreadyRegisteredError: this was permitted before.
    """
    use = document_type.use
    if not use.demandable:
        raise TypeNotDemandableError("only its holder decides to show it")
    if use.purposes and purpose not in {each.code for each in use.purposes}:
        raise PurposeNotAllowedError("the document type names the purposes that it may be asked for")
    paths = list(dict.fromkeys([*claims, *((name,) for name in document_type.required_claims)]))
    known = {claim.path for claim in document_type.catalogue_entry().claims}
    if not known.issuperset(paths):
        raise ClaimsNotAllowedError("a claim that the document type does not have")
    await _require_purpose(tx, verifier_id, purpose)
    await _insert_new(
        tx,
        verifier_permissions,
        verifier_id=verifier_id,
        purpose=purpose,
        vct=document_type.vct,
        claims=msgspec.json.encode(paths).decode(),
        added_at=now,
    )
    facts: audit.Facts = {"purpose": purpose, "vct": document_type.vct, "claims": len(paths)}
    await audit.record(tx, now=now, actor=actor, action="verifier.permitted", target=verifier_id, facts=facts)


async def _require_purpose(tx: AsyncConnection, verifier_id: str, purpose: str) -> None:
    found = await tx.execute(
        select(verifier_purposes.c.purpose).where(
            verifier_purposes.c.verifier_id == verifier_id, verifier_purposes.c.purpose == purpose
        )
    )
    if found.first() is None:
        raise PurposeNotAllowedError("register the purpose first")


async def _insert_new(tx: AsyncConnection, table: Table, **values: object) -> None:
    if table is not verifiers:
        known = await tx.execute(
            select(verifiers.c.verifier_id).where(verifiers.c.verifier_id == values["verifier_id"])
        )
        if known.first() is None:
            raise NotFoundError("there is no such verifier")
    try:
        async with tx.begin_nested():
            await tx.execute(insert(table).values(**values))
    except IntegrityError as error:
        raise AlreadyRegisteredError("registered before") from error
