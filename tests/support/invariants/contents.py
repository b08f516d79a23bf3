"""What the database holds, read with plain SQL and opened for a look."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from giayto_wallet_api.envelope.encryption import Envelope
from giayto_wallet_api.inbox.delivery import credential_place

Record = Mapping[str, Any]
_TABLES = {
    "versions": "SELECT * FROM document_versions",
    "documents": "SELECT wallet_id, document_id, version, agency_id FROM wallet_documents",
    "entries": "SELECT list_id, idx, agency_id, document_id, version, value FROM status_entries",
    "reservations": "SELECT list_id, idx, agency_id FROM status_reservations",
    "owners": "SELECT key_thumbprint, wallet_id FROM holder_key_directory",
    "audit": "SELECT * FROM audit_entries ORDER BY sequence",
}
_CREDENTIALS = """
SELECT c.wallet_id, c.document_id, c.version, c.key_thumbprint, c.credential, w.wrapped_key
FROM wallet_credentials c JOIN wallets w ON w.wallet_id = c.wallet_id"""


@dataclass(frozen=True, slots=True)
class Copy:
    """A stored credential, decrypted and taken apart."""

    wallet_id: str
    document_id: str
    version: int
    key_thumbprint: str
    uri: str
    idx: int
    bound_to: str

    @property
    def place(self) -> tuple[str, int]:
        """The list and the index in it."""
        return self.uri, self.idx


@dataclass(frozen=True, slots=True)
class Contents:
    """All rows that the invariants speak of."""

    versions: Sequence[Record]
    documents: Sequence[Record]
    entries: Sequence[Record]
    reservations: Sequence[Record]
    owners: Sequence[Record]
    audit: Sequence[Record]
    copies: Sequence[Copy]


async def read_contents(database_url: str, keys_folder: Path) -> Contents:
    """Read one consistent view of everything."""
    envelope = Envelope((keys_folder / "wrapping.key").read_bytes())
    engine = create_async_engine(database_url)
    try:
        async with engine.connect() as connection, connection.begin():
            tables = {name: await _rows(connection, query) for name, query in _TABLES.items()}
            copies = [_copy(row, envelope) for row in await _rows(connection, _CREDENTIALS)]
    finally:
        await engine.dispose()
    return Contents(copies=copies, **tables)


async def _rows(connection: AsyncConnection, query: str) -> list[Record]:
    return [dict(row) for row in (await connection.execute(text(query))).mappings()]


def _copy(row: Record, envelope: Envelope) -> Copy:
    key = envelope.open_wallet_key(row["wrapped_key"], row["wallet_id"])
    place = credential_place(row["document_id"], row["version"], row["key_thumbprint"])
    token = key.decrypt(row["credential"], place).decode().partition("~")[0]
    payload = json.loads(_decoded(token.split(".")[1]))
    reference = payload["status"]["status_list"]
    return Copy(
        wallet_id=row["wallet_id"],
        document_id=row["document_id"],
        version=row["version"],
        key_thumbprint=row["key_thumbprint"],
        uri=reference["uri"],
        idx=reference["idx"],
        bound_to=_thumbprint(payload["cnf"]["jwk"]),
    )


def _thumbprint(jwk: Mapping[str, str]) -> str:
    members = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
    return urlsafe_b64encode(sha256(members.encode()).digest()).rstrip(b"=").decode()


def _decoded(encoded: str) -> bytes:
    return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
