"""What the credential endpoints do: issue at once, defer and try again, take notifications."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto import b64url
from giayto_crypto.keys import PublicKey
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.authorization import one_time_records as records
from giayto_wallet_api.authorization.details import find_configuration
from giayto_wallet_api.authorization.grants import Grant, GrantedDocument
from giayto_wallet_api.credential_issuance.errors import (
    CredentialRequestDeniedError,
    InvalidCredentialRequestError,
    InvalidNotificationIdError,
    InvalidNotificationRequestError,
    InvalidTransactionIdError,
    UnknownCredentialConfigurationError,
    UnknownCredentialIdentifierError,
)
from giayto_wallet_api.credential_issuance.issuing import IssuedCopies, claim_keys, issue_copies
from giayto_wallet_api.credential_issuance.proofs import ProofExpectations, verify_proofs
from giayto_wallet_api.credential_issuance.requests import read_proofs
from giayto_wallet_api.credential_issuance.tables import issuance_events, issuances
from giayto_wallet_api.hosted_signing.signers import SignerUnavailableError
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.store.statements import insert_if_absent

DEFERRED_INTERVAL: Final = timedelta(seconds=30)
"""How long a wallet should wait before it asks again."""
DEFERRED_LIFETIME: Final = timedelta(days=3)
EVENTS: Final = frozenset({"credential_accepted", "credential_failure", "credential_deleted"})
_TRANSACTION_BYTES: Final = 24
_LONGEST_IDENTIFIER: Final = 64
_NO_TRANSACTION: Final = "the deferred issuance is unknown, over, or of another grant"


class DeferredIssuance(msgspec.Struct, frozen=True):
    """A request that waits for a signer; its keys are claimed."""

    grant_id: str
    document_id: str
    points: tuple[str, ...]


DEFERRED: Final = records.Step("deferred-issuance", DeferredIssuance)


@dataclass(frozen=True, slots=True)
class Deferred:
    """Nobody could sign now: the wallet comes back with this."""

    transaction_id: str


async def fetch_credentials(runtime: Runtime, grant: Grant, members: Mapping[str, Any]) -> IssuedCopies | Deferred:
    """Issue what a credential request asks for (OpenID4VCI 1.0 §8).

    Raises:
        CredentialError: its subclasses name what is wrong.
    """
    document = _requested_document(runtime, grant, members)
    proofs = read_proofs(members)
    expected = ProofExpectations(
        audience=runtime.settings.base_url,
        client_id=grant.client_id,
        nonces=runtime.issuance.nonces,
        now=runtime.clock(),
    )
    keys = verify_proofs(proofs, expected)
    async with runtime.database.transaction() as tx:
        await claim_keys(tx, keys, expected.now)
    try:
        return await issue_copies(runtime, grant, document, keys)
    except SignerUnavailableError:
        return await _defer(runtime, grant, document, keys)


async def fetch_deferred(runtime: Runtime, grant: Grant, members: Mapping[str, Any]) -> IssuedCopies | Deferred:
    """Try once more to issue what was deferred (§9).

    Raises:
        InvalidTransactionIdError: unknown, over, or of another grant.
        CredentialRequestDeniedError: the document is no longer issued.
    """
    transaction_id = members.get("transaction_id")
    if not isinstance(transaction_id, str):
        raise InvalidCredentialRequestError("transaction_id is missing")
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        deferred = await records.find(tx, DEFERRED, transaction_id, now)
        document = None if deferred is None else grant.find(deferred.document_id)
        if deferred is None or document is None or deferred.grant_id != grant.grant_id:
            raise InvalidTransactionIdError(_NO_TRANSACTION)
        # Taken out for the try, so that of two who ask at once one signs.
        await records.take(tx, DEFERRED, transaction_id, now)
    keys = [PublicKey.from_compressed(b64url.decode(point)) for point in deferred.points]
    try:
        return await issue_copies(runtime, grant, document, keys)
    except SignerUnavailableError:
        await _remember(runtime, transaction_id, deferred)
        return Deferred(transaction_id)


async def take_notification(runtime: Runtime, grant: Grant, members: Mapping[str, Any]) -> None:
    """Note what became of issued copies; the same notification again changes nothing (§11).

    Raises:
        InvalidNotificationRequestError: a parameter is missing or not usable.
        InvalidNotificationIdError: nothing was issued under this identifier for this grant.
    """
    notification_id, event = members.get("notification_id"), members.get("event")
    if not isinstance(notification_id, str) or not isinstance(event, str) or event not in EVENTS:
        raise InvalidNotificationRequestError(
            f"notification_id, and event of {', '.join(sorted(EVENTS))}, are expected"
        )
    if not isinstance(members.get("event_description", ""), str):
        raise InvalidNotificationRequestError("event_description: a text is expected")
    now = runtime.clock()
    async with runtime.database.transaction() as tx:
        issued = await _issuance_of(tx, grant, notification_id)
        row = {"agency_id": issued[0], "issuance_id": notification_id, "event": event, "received_at": now}
        if await insert_if_absent(tx, issuance_events, row):
            await audit.record(
                tx,
                now=now,
                actor=audit.SYSTEM,
                action="credential.notified",
                target=issued[1],
                facts={"issuance_id": notification_id, "event": event},
            )


async def _issuance_of(tx: AsyncConnection, grant: Grant, notification_id: str) -> tuple[str, str]:
    """Return agency and document of an issuance of this grant."""
    issued = issuances.c
    query = select(issued.agency_id, issued.document_id).where(
        issued.agency_id.in_({document.agency_id for document in grant.documents}),
        issued.issuance_id == notification_id,
        issued.grant_id == grant.grant_id,
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise InvalidNotificationIdError("nothing was issued under this notification_id for this token")
    return row.agency_id, row.document_id


def _requested_document(runtime: Runtime, grant: Grant, members: Mapping[str, Any]) -> GrantedDocument:
    identifier, configuration = members.get("credential_identifier"), members.get("credential_configuration_id")
    if (identifier is None) == (configuration is None):
        raise InvalidCredentialRequestError(
            "exactly one of credential_identifier and credential_configuration_id is expected"
        )
    if identifier is not None:
        return _by_identifier(grant, identifier)
    document_type = find_configuration(runtime.document_types, configuration)
    if document_type is None:
        raise UnknownCredentialConfigurationError("credential_configuration_id: see the issuer metadata")
    documents = grant.of_type(document_type.vct)
    if not documents:
        raise CredentialRequestDeniedError("the access token is for other documents")
    if len(documents) > 1:
        raise InvalidCredentialRequestError("several documents of this type: name one by credential_identifier")
    return documents[0]


def _by_identifier(grant: Grant, identifier: object) -> GrantedDocument:
    if not isinstance(identifier, str) or len(identifier) > _LONGEST_IDENTIFIER:
        raise UnknownCredentialIdentifierError("credential_identifier: see the token answer")
    document = grant.find(identifier)
    if document is None:
        raise UnknownCredentialIdentifierError("credential_identifier: see the token answer")
    return document


async def _defer(runtime: Runtime, grant: Grant, document: GrantedDocument, keys: Sequence[PublicKey]) -> Deferred:
    transaction_id = secrets.token_urlsafe(_TRANSACTION_BYTES)
    points = tuple(b64url.encode(key.compressed) for key in keys)
    await _remember(runtime, transaction_id, DeferredIssuance(grant.grant_id, document.document_id, points))
    return Deferred(transaction_id)


async def _remember(runtime: Runtime, transaction_id: str, deferred: DeferredIssuance) -> None:
    now: datetime = runtime.clock()
    async with runtime.database.transaction() as tx:
        await records.put(tx, DEFERRED, transaction_id, deferred, expires_at=now + DEFERRED_LIFETIME, now=now)
