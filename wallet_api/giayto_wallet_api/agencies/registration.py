"""Registering agencies: what an operator does, and what a sandbox does to set itself up.

    async with runtime.database.transaction() as tx:
        await register_agency(tx, agency_id="H26", names=Localised(vi="…", en="…"), now=now)
        client_id = await register_client(tx, agency_id="H26", client_name="main", key=public_key, now=now)
        await register_certificate(
            tx, agency_id="H26", iss="https://…", chain=(leaf_der,), vcts=("urn:giayto:type:…:1",),
            anchors=runtime.keys.anchors, now=now,
        )

Each function makes one change and writes its audit entry in the caller's transaction. What concerns certificates also
marks the published trust list as outdated, so that the next one who fetches it gets a new edition.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from cryptography import x509
from sqlalchemy import Table, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.certificates import CREDENTIAL_ISSUER, verify_chain
from giayto_crypto.errors import CertificateError
from giayto_crypto.keys import PublicKey
from giayto_crypto.localised import Localised
from giayto_crypto.trust_list import IssuerStatus
from giayto_wallet_api.agencies.authority import pack_chain
from giayto_wallet_api.agencies.tables import (
    agencies,
    agency_authorised_types,
    agency_certificates,
    agency_client_keys,
    agency_clients,
)
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.problems import NotFoundError, ProblemError
from giayto_wallet_api.publications.revisions import TRUST_LIST, bump_revision

_CLIENT_ID_SEPARATOR = ":"
_AGENCY_ID = re.compile(r"[A-Z0-9]+(\.[A-Z0-9]+)*")
_CLIENT_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class AlreadyRegisteredError(ProblemError):
    """There is such an agency, client, key or certificate already."""

    status = HTTPStatus.CONFLICT
    code = "already_registered"
    message_vi = "Đã được đăng ký trước đó."
    message_en = "This is registered already."


class IdentifierError(ProblemError):
    """An identifier of an agency or a client is not of its grammar."""

    code = "identifier_invalid"
    message_vi = "Mã định danh không đúng định dạng."
    message_en = "The identifier does not follow its format."


class IssuerIdentifierError(ProblemError):
    """The `iss` cannot be used with this certificate."""

    code = "issuer_identifier_invalid"
    message_vi = "Định danh cơ quan cấp không hợp lệ hoặc không có trong chứng thư số."
    message_en = "The issuer identifier is not usable or not in the certificate."


def client_id_of(agency_id: str, client_name: str) -> str:
    """Return the OAuth client identifier of one of an agency's clients."""
    return f"{agency_id}{_CLIENT_ID_SEPARATOR}{client_name}"


def split_client_id(client_id: str) -> tuple[str, str]:
    """Return agency and client name; the name is empty when `client_id` is not of ours."""
    agency_id, _, client_name = client_id.partition(_CLIENT_ID_SEPARATOR)
    return agency_id, client_name


async def register_agency(
    tx: AsyncConnection, *, agency_id: str, names: Localised, now: datetime, actor: audit.Actor = audit.SYSTEM
) -> None:
    """Enter an agency.

    Raises:
        IdentifierError: not like `G18` or `H15.50.05.13`.
        AlreadyRegisteredError: the identifier is taken.
    """
    if not _AGENCY_ID.fullmatch(agency_id):
        raise IdentifierError("an agency identifier is like G18 or H15.50.05.13")
    await _insert_new(tx, agencies, agency_id=agency_id, name_vi=names.vi, name_en=names.en, registered_at=now)
    await audit.record(tx, now=now, actor=actor, action="agency.registered", target=agency_id)


async def register_client(
    tx: AsyncConnection,
    *,
    agency_id: str,
    client_name: str,
    key: PublicKey,
    now: datetime,
    actor: audit.Actor = audit.SYSTEM,
) -> str:
    """Enter a client of an agency with its first key; return its client identifier.

    Raises:
        IdentifierError: the name is not like `one-stop-2`.
        AlreadyRegisteredError: the agency has a client of this name.
        NotFoundError: there is no such agency.
    """
    if not _CLIENT_NAME.fullmatch(client_name):
        raise IdentifierError("a client name consists of small letters, digits and hyphens")
    await _insert_new(tx, agency_clients, agency_id=agency_id, client_name=client_name, registered_at=now)
    client_id = client_id_of(agency_id, client_name)
    await audit.record(tx, now=now, actor=actor, action="client.registered", target=client_id)
    await add_client_key(tx, agency_id=agency_id, client_name=client_name, key=key, now=now, actor=actor)
    return client_id


async def add_client_key(
    tx: AsyncConnection,
    *,
    agency_id: str,
    client_name: str,
    key: PublicKey,
    now: datetime,
    actor: audit.Actor = audit.SYSTEM,
) -> None:
    """Let a client authenticate with one more key, for a roll-over.

    Raises:
        AlreadyRegisteredError: the client has this key.
        NotFoundError: there is no such client.
    """
    await _insert_new(
        tx,
        agency_client_keys,
        agency_id=agency_id,
        client_name=client_name,
        thumbprint=key.thumbprint,
        point=key.compressed,
        added_at=now,
    )
    await audit.record(
        tx,
        now=now,
        actor=actor,
        action="client.key_added",
        target=client_id_of(agency_id, client_name),
        facts={"thumbprint": key.thumbprint},
    )


async def remove_client_key(
    tx: AsyncConnection,
    *,
    agency_id: str,
    client_name: str,
    thumbprint: str,
    now: datetime,
    actor: audit.Actor = audit.SYSTEM,
) -> None:
    """Take a key from a client: what it signs is refused from now on.

    Raises:
        NotFoundError: the client has no such key.
    """
    keys = agency_client_keys.c
    result = await tx.execute(
        delete(agency_client_keys).where(
            keys.agency_id == agency_id, keys.client_name == client_name, keys.thumbprint == thumbprint
        )
    )
    if result.rowcount != 1:
        raise NotFoundError("this client has no such key")
    await audit.record(
        tx,
        now=now,
        actor=actor,
        action="client.key_removed",
        target=client_id_of(agency_id, client_name),
        facts={"thumbprint": thumbprint},
    )


async def register_certificate(
    tx: AsyncConnection,
    *,
    agency_id: str,
    iss: str,
    chain: Sequence[bytes],
    vcts: Sequence[str],
    anchors: Sequence[x509.Certificate],
    now: datetime,
    actor: audit.Actor = audit.SYSTEM,
) -> None:
    """Let an agency issue document types with a certificate, for as long as the certificate is valid.

    Args:
        tx: the caller's transaction.
        agency_id: the agency.
        iss: https URL that its credentials carry; the leaf's subject alternative name holds it.
        chain: DER, leaf first, anchor left out.
        vcts: the document types.
        anchors: the roots to one of which the chain must lead.
        now: the present moment.
        actor: who registers.

    Raises:
        CertificateError: the chain does not lead to an anchor with the purpose of issuing credentials.
        IssuerIdentifierError: `iss` is not an https URL or not in the leaf.
        AlreadyRegisteredError: the agency has this certificate.
        NotFoundError: there is no such agency.
    """
    verified = verify_chain(_load(chain), anchors, purpose=CREDENTIAL_ISSUER, now=now)
    if urlsplit(iss).scheme != "https" or not urlsplit(iss).netloc:
        raise IssuerIdentifierError("iss must be an https URL")
    if iss not in verified.san_uris:
        raise IssuerIdentifierError("iss is not in the subject alternative name of the leaf")
    await _insert_new(
        tx,
        agency_certificates,
        agency_id=agency_id,
        leaf_sha256=verified.sha256,
        iss=iss,
        chain=pack_chain(chain),
        valid_from=verified.valid_from,
        valid_until=verified.valid_until,
        status=IssuerStatus.GRANTED.value,
        status_since=now,
    )
    for vct in dict.fromkeys(vcts):
        await _insert_new(
            tx,
            agency_authorised_types,
            agency_id=agency_id,
            leaf_sha256=verified.sha256,
            vct=vct,
            added_at=now,
        )
    await bump_revision(tx, TRUST_LIST)
    await audit.record(
        tx,
        now=now,
        actor=actor,
        action="certificate.registered",
        target=agency_id,
        facts={"leaf_sha256": verified.sha256.hex(), "iss": iss, "vcts": " ".join(vcts)},
    )


async def set_certificate_status(
    tx: AsyncConnection,
    *,
    agency_id: str,
    leaf_sha256: bytes,
    status: IssuerStatus,
    now: datetime,
    actor: audit.Actor = audit.SYSTEM,
) -> None:
    """Withdraw a certificate's authority, or mark its key as compromised.

    Raises:
        NotFoundError: the agency has no such certificate.
    """
    certificates = agency_certificates.c
    result = await tx.execute(
        update(agency_certificates)
        .where(certificates.agency_id == agency_id, certificates.leaf_sha256 == leaf_sha256)
        .values(status=status.value, status_since=now)
    )
    if result.rowcount != 1:
        raise NotFoundError("this agency has no such certificate")
    await bump_revision(tx, TRUST_LIST)
    await audit.record(
        tx,
        now=now,
        actor=actor,
        action=f"certificate.{status.value}",
        target=agency_id,
        facts={"leaf_sha256": leaf_sha256.hex()},
    )


async def _insert_new(tx: AsyncConnection, table: Table, **values: object) -> None:
    try:
        async with tx.begin_nested():
            await tx.execute(insert(table).values(**values))
    except IntegrityError as error:
        # The drivers name the violated constraint in words only.
        if "FOREIGN KEY" in str(error.orig).upper():
            raise NotFoundError(f"{table.name}: it would belong to something that is not registered") from None
        raise AlreadyRegisteredError(f"{table.name}: there is such a row already") from None


def _load(chain: Sequence[bytes]) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_der_x509_certificate(der) for der in chain)
    except ValueError as error:
        raise CertificateError("chain: DER certificates are expected") from error
