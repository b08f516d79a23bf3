"""Citizens with wallets and keys, put straight into the store, and rows as agencies sign them for them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from giayto_crypto.keys import LocalSigner, PublicKey
from giayto_crypto.sdjwt import StatusReference, issue_credential
from giayto_issuers.subjects import Subject
from giayto_wallet_api.devices.tables import devices
from giayto_wallet_api.holder_keys.tables import holder_key_directory, holder_keys
from giayto_wallet_api.identity.citizen_identity import CitizenIdentity
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.store.ids import new_id

HEALTH_BOOK = "urn:giayto:type:health-book:1"


@dataclass
class Citizen:
    """A person with a wallet."""

    number: str
    name: str
    birth_date: str
    wallet_id: str = ""
    keys: list[LocalSigner] = field(default_factory=list)

    @property
    def subject(self) -> dict[str, str]:
        return {"kind": "person", "id": self.number}

    @property
    def question(self) -> dict[str, str]:
        return {**self.subject, "full_name": self.name, "birth_date": self.birth_date}

    @property
    def claims(self) -> dict[str, str]:
        return {"personal_number": self.number, "full_name": self.name, "birth_date": self.birth_date}


async def settle(runtime: Runtime, citizen: Citizen, *, phones: int = 1) -> Citizen:
    """Give a citizen a wallet with phones, each with one holder key."""
    now = runtime.clock()
    identity = CitizenIdentity(Subject("person", citizen.number), citizen.name, citizen.birth_date)
    async with runtime.database.transaction() as tx:
        wallet = await runtime.wallets.create_wallet(tx, identity, now)
        assert wallet is not None
        citizen.wallet_id = wallet.wallet_id
        for _ in range(phones):
            device_id, key = new_id("dev"), LocalSigner.generate()
            citizen.keys.append(key)
            await _add_phone(tx, wallet.wallet_id, device_id, key.public_key, now)
    return citizen


async def _add_phone(tx, wallet_id: str, device_id: str, key: PublicKey, now) -> None:
    await tx.execute(
        insert(devices).values(
            wallet_id=wallet_id,
            device_id=device_id,
            key_thumbprint=LocalSigner.generate().public_key.thumbprint,
            name=b"",
            platform="test",
            enrolled_at=now,
        )
    )
    await tx.execute(
        insert(holder_keys).values(
            wallet_id=wallet_id,
            key_thumbprint=key.thumbprint,
            device_id=device_id,
            point=key.compressed,
            credential_count=0,
            registered_at=now,
        )
    )
    await tx.execute(
        insert(holder_key_directory).values(key_thumbprint=key.thumbprint, wallet_id=wallet_id, device_id=device_id)
    )


@pytest.fixture
async def an(runtime) -> Citizen:
    """A citizen with one phone."""
    return await settle(runtime, Citizen("001099000017", "Nguyễn Thị Ánh", "1999-04-30"))


@pytest.fixture
async def binh(runtime) -> Citizen:
    """Another citizen, with two phones."""
    return await settle(runtime, Citizen("079085000033", "Lê Văn Bình", "1985-01-02"), phones=2)


class Desk:
    """What an agency's system does between look-up and push: reserve, sign, put rows together."""

    def __init__(self, agency) -> None:
        self.agency = agency

    async def reserve(self, count: int, vct: str = HEALTH_BOOK) -> list[StatusReference]:
        response = await self.agency.call(
            "POST", "/issuer/v1/status-indexes", json={"document_type": vct, "count": count}
        )
        assert response.status_code == 200, response.text
        return [StatusReference(entry["uri"], entry["idx"]) for entry in response.json()["entries"]]

    def sign(self, claims: dict[str, Any], key: PublicKey, status: StatusReference, **changes: Any) -> str:
        now = self.agency.clock()
        arguments = {
            "issuer": self.agency.iss,
            "vct": HEALTH_BOOK,
            "holder_key": key,
            "status": status,
            "issued_at": now,
            "not_before": now.replace(hour=0, minute=0),
            "expires_at": now.replace(hour=0, minute=0) + timedelta(days=365),
            "claims": claims,
            "signer": self.agency.signing_key,
            "x5c": self.agency.chain,
        }
        return issue_credential(**(arguments | changes))

    async def row(
        self,
        citizen: Citizen,
        row_key: str = "row-1",
        *,
        claims: dict[str, Any] | None = None,
        statuses: Sequence[StatusReference] | None = None,
        keys: Sequence[PublicKey] | None = None,
        replaces: str | None = None,
        signing: dict[str, Any] | None = None,
        **members: Any,
    ) -> dict[str, Any]:
        """A row that is right in everything that is not given."""
        keys = [key.public_key for key in citizen.keys] if keys is None else keys
        statuses = await self.reserve(len(keys)) if statuses is None else statuses
        said = citizen.claims if claims is None else claims
        row = {
            "row_key": row_key,
            "document_type": HEALTH_BOOK,
            "subject": citizen.subject,
            "credentials": [
                self.sign(said, key, status, **(signing or {})) for key, status in zip(keys, statuses, strict=True)
            ],
            "replaces": replaces,
        }
        return row | members

    async def push(self, row: dict[str, Any]):
        return await self.agency.call("POST", "/issuer/v1/documents", json=row)

    async def push_stream(self, lines: Sequence[bytes | dict[str, Any]], **arguments):
        body = b"".join(line if isinstance(line, bytes) else encoded(line) for line in lines)
        return await self.agency.call(
            "POST",
            "/issuer/v1/documents/bulk",
            content=body,
            headers={"content-type": "application/x-ndjson"},
            **arguments,
        )

    async def decide(self, document_id: str, decision: str, reason: str = "issued by mistake"):
        body = {} if decision == "resume" else {"json": {"reason": reason}}
        return await self.agency.call("POST", f"/issuer/v1/documents/{document_id}/{decision}", **body)


def encoded(row: dict[str, Any]) -> bytes:
    """A row as one line of a stream."""
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


@pytest.fixture
def desk(health) -> Desk:
    return Desk(health)


@pytest.fixture
def desk_of() -> Callable[[Any], Desk]:
    return Desk
