"""A register of health books that is ready to be pushed: citizens with wallets, a served wallet API, signed rows."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.errors import GiaytoError
from giayto_crypto.keys import LocalSigner
from giayto_issuers.document_type.loading import load_builtin_types
from giayto_issuers.records.readers import SourceRow, read_ndjson
from giayto_issuers.records.validation import ValidRecord, validate_record
from giayto_issuers.signing import IssuingAgency, PreparedDocument, prepare_document, sign_copy
from giayto_issuers.subjects import Subject, SubjectIdentity
from giayto_sdk._clock import system_clock
from giayto_sdk._http.authorised import AuthorisedClient
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._issuing.agency_keys import load_chain, load_signer
from giayto_sdk._issuing.api import IssuerApi, Ready
from giayto_sdk._issuing.client_assertion import ClientCredentials
from giayto_wallet_api.devices.tables import devices
from giayto_wallet_api.holder_keys.tables import holder_key_directory, holder_keys
from giayto_wallet_api.identity.citizen_identity import CitizenIdentity
from giayto_wallet_api.runtime import build_runtime
from giayto_wallet_api.sandbox.agencies import AGENCIES
from giayto_wallet_api.sandbox.folder import Plan, SandboxFolder
from giayto_wallet_api.sandbox.pki import AGENCY_IDENTITY
from giayto_wallet_api.sandbox.preparation import PreparedSandbox, prepare
from giayto_wallet_api.store.ids import new_id
from giayto_wallet_api.wallets.service import Wallet

AGENCY = AGENCIES[0]
SEED = 20260701
FAULTY_SHARE = 1.2
"""The sandbox's records have faults on purpose; so many more people are made than rows are wanted."""
_LOOKUP_SUBJECTS = 1000
_START_SECONDS = 60

Asked = tuple[Subject, SubjectIdentity]


@dataclass(frozen=True, slots=True)
class Register:
    """An agency's records, validated, in a sandbox whose citizens all have a wallet with one phone."""

    sandbox: PreparedSandbox
    records: Sequence[ValidRecord]

    @classmethod
    def make(cls, folder: Path, rows: int, *, database_url: str | None = None) -> "Register":
        """Make a sandbox with enough people for so many valid records, and open their wallets.

        The database is the sandbox's own SQLite unless another one is named.
        """
        now = datetime.now(UTC)
        plan = Plan(port=_free_port(), seed=SEED, people=round(rows * FAULTY_SHARE), made_on=now.date())
        sandbox = prepare(SandboxFolder(folder), plan, now=now, database_url=database_url)
        records = list(_valid_records(sandbox))[:rows]
        if len(records) < rows:
            raise RuntimeError(f"only {len(records)} of {rows} records are valid")
        asyncio.run(_open_wallets(sandbox, records, now))
        return cls(sandbox, records)

    @property
    def base_url(self) -> str:
        """Where the wallet API is served."""
        return self.sandbox.settings.base_url

    @contextmanager
    def served(self, workers: int = 1) -> Iterator[int]:
        """Serve the wallet API for as long as the block runs; gives the identifier of its (first) process."""
        settings = self.sandbox.settings
        environment = os.environ | {
            "GIAYTO_BASE_URL": settings.base_url,
            "GIAYTO_DATABASE_URL": settings.database_url,
            "GIAYTO_KEYS_FOLDER": str(settings.keys_folder),
            "GIAYTO_MODE": settings.mode.value,
        }
        port = settings.base_url.rpartition(":")[2]
        command = [sys.executable, "-m", "giayto_wallet_api.cli", "serve", "--port", port, "--workers", str(workers)]
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:  # noqa: S603
            try:
                _wait_for(int(port), server)
                yield server.pid
            finally:
                server.terminate()

    @contextmanager
    def api(self) -> Iterator[IssuerApi]:
        """Open a connection of the agency's own system."""
        with self.access() as (api, _, _):
            yield api

    @contextmanager
    def access(self) -> Iterator[tuple[IssuerApi, ClientCredentials, DpopProver]]:
        """Open a connection; gives it together with what gets tokens for it, and what proves their key."""
        http = HttpClient(self.base_url, clock=system_clock)
        dpop = DpopProver(LocalSigner.generate(), system_clock)
        client_key = load_signer(self._own_folder / "client.key.pem")
        credentials = ClientCredentials(http, dpop, client_id=AGENCY.client_id, signer=client_key, scope="issuer")
        try:
            yield IssuerApi(AuthorisedClient(http, dpop, credentials.fetch_token)), credentials, dpop
        finally:
            http.close()

    def signed_rows(self, api: IssuerApi, numbers: range | None = None) -> list[str]:
        """Look the holders' keys up, reserve status indexes, and sign: one row of NDJSON a record.

        Args:
            api: the agency's connection.
            numbers: which rows; after the last record the first one comes again, under another row key.
        """
        numbers = range(len(self.records)) if numbers is None else numbers
        document_type = load_builtin_types()[AGENCY.vct]
        agency, now = self._agency(), datetime.now(UTC)
        records = [self.records[number % len(self.records)] for number in numbers]
        subjects = [(record.subject, record.identity) for record in records]
        answers = [answer for some in _portions(subjects) for answer in api.look_up(AGENCY.vct, some)]
        statuses = api.reserve_status_indexes(AGENCY.vct, len(records))
        rows = []
        for number, record, answer, status in zip(numbers, records, answers, statuses, strict=True):
            if not isinstance(answer, Ready):
                raise TypeError("the benchmark's own citizen has no wallet")
            document = prepare_document(document_type, record, agency=agency, now=now)
            copy = sign_copy(document, agency=agency, holder_key=answer.holder_keys[0], status=status)
            rows.append(_line(f"{record.row_key}/{number}", record, document, copy))
        return rows

    @property
    def _own_folder(self) -> Path:
        return self.sandbox.folder.agency(AGENCY.agency_id)

    def _agency(self) -> IssuingAgency:
        signer = load_signer(self._own_folder / f"{AGENCY_IDENTITY}.key.pem")
        chain = load_chain(self._own_folder / f"{AGENCY_IDENTITY}.chain.pem", signer)
        return IssuingAgency(AGENCY.agency_id, AGENCY.iss, signer, chain)


def _valid_records(sandbox: PreparedSandbox) -> Iterator[ValidRecord]:
    """Return one valid record of each person: a second one would be another document or another version."""
    document_type = load_builtin_types()[AGENCY.vct]
    seen = set()
    for row in read_ndjson(sandbox.records_file(AGENCY)):
        if not isinstance(row, SourceRow):
            continue
        try:
            record = validate_record(document_type, row.values, row.number)
        except GiaytoError:
            continue
        if record.subject not in seen:
            seen.add(record.subject)
            yield record


async def _open_wallets(sandbox: PreparedSandbox, records: Sequence[ValidRecord], now: datetime) -> None:
    runtime = build_runtime(sandbox.settings, clock=system_clock)
    try:
        async with runtime.database.transaction() as tx:
            wallets = []
            for record in records:
                birth_date = record.identity.birth_date
                born = birth_date.isoformat() if birth_date else None
                identity = CitizenIdentity(record.subject, record.identity.name, born)
                wallet = await runtime.wallets.create_wallet(tx, identity, now)
                wallets += [wallet] if wallet else []
            await add_phones(tx, wallets, now)
    finally:
        await runtime.database.close()


async def add_phones(tx: AsyncConnection, wallets: Sequence[Wallet], now: datetime) -> None:
    """Give each wallet one phone with one holder key, as registration would have."""
    phones = [(wallet.wallet_id, new_id("dev"), LocalSigner.generate().public_key) for wallet in wallets]
    await tx.execute(
        insert(devices),
        [
            {
                "wallet_id": wallet_id,
                "device_id": device_id,
                "key_thumbprint": key.thumbprint,
                "name": b"",
                "platform": "bench",
                "enrolled_at": now,
            }
            for wallet_id, device_id, key in phones
        ],
    )
    await tx.execute(
        insert(holder_keys),
        [
            {
                "wallet_id": wallet_id,
                "key_thumbprint": key.thumbprint,
                "device_id": device_id,
                "point": key.compressed,
                "credential_count": 0,
                "registered_at": now,
            }
            for wallet_id, device_id, key in phones
        ],
    )
    await tx.execute(
        insert(holder_key_directory),
        [
            {"key_thumbprint": key.thumbprint, "wallet_id": wallet_id, "device_id": device_id}
            for wallet_id, device_id, key in phones
        ],
    )


def _line(row_key: str, record: ValidRecord, document: PreparedDocument, copy: str) -> str:
    row = {
        "row_key": row_key,
        "document_type": document.vct,
        "subject": {"kind": record.subject.kind, "id": record.subject.id},
        "credentials": [copy],
    }
    return msgspec.json.encode(row).decode()


def _portions(items: Sequence[Asked]) -> Iterator[Sequence[Asked]]:
    for start in range(0, len(items), _LOOKUP_SUBJECTS):
        yield items[start : start + _LOOKUP_SUBJECTS]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(_START_SECONDS * 20):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError("the wallet API did not start")
