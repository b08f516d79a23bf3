"""Making a sandbox's folder ready: keys, certificates, people, records, database, configurations.

Everything that is there already stays as it is, so a preparation that was cut off is simply done again.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from giayto_crypto.keys import LocalSigner
from giayto_issuers.document_type.loading import load_builtin_types, load_types
from giayto_sdk.config import (
    AgencyConfig,
    VerifierConfig,
    WalletConfig,
    write_agency_config,
    write_verifier_config,
    write_wallet_config,
)
from giayto_wallet_api.agencies.registration import (
    AlreadyRegisteredError,
    register_agency,
    register_certificate,
    register_client,
)
from giayto_wallet_api.catalogue.editions import freeze_edition, this_month
from giayto_wallet_api.catalogue.problems import EditionExistsError, EditionMonthError
from giayto_wallet_api.identity.sandbox_provider.authorization_request import CLIENT_ID
from giayto_wallet_api.identity.sandbox_provider.provider import PROVIDER_PATH
from giayto_wallet_api.presentation_requests.registration import (
    add_purpose,
    add_verifier_key,
    permit,
    register_verifier,
)
from giayto_wallet_api.sandbox.agencies import AGENCIES, ALL_AGENCIES, HOSPITAL, SandboxAgency
from giayto_wallet_api.sandbox.folder import Plan, SandboxFolder, write_whole
from giayto_wallet_api.sandbox.people import Person, adults, people
from giayto_wallet_api.sandbox.pki import AGENCY_IDENTITY, SandboxAuthority, equip_client
from giayto_wallet_api.sandbox.records.export import export_records
from giayto_wallet_api.sandbox.verifiers import VERIFIERS, SandboxVerifier
from giayto_wallet_api.server_keys import ServerKeys, generate_secrets
from giayto_wallet_api.settings import Mode, Settings
from giayto_wallet_api.store.database import Database
from giayto_wallet_api.store.migrating import migrate

CITIZENS = 3
"""How many of the people have a phone with the wallet."""


@dataclass(frozen=True, slots=True)
class PreparedSandbox:
    """A folder that is ready: the wallet backend's settings, and the citizens who will use it."""

    folder: SandboxFolder
    settings: Settings
    citizens: tuple[Person, ...]
    population_size: int

    def records_file(self, agency: SandboxAgency) -> Path:
        """The rows that an agency's system exported."""
        return self.folder.agency(agency.agency_id) / agency.records_file


def prepare(folder: SandboxFolder, plan: Plan, *, now: datetime, database_url: str | None = None) -> PreparedSandbox:
    """Make everything that is missing in `folder`.

    Args:
        folder: where everything is.
        plan: how many people, and where the API will be served.
        now: the moment of the preparation.
        database_url: a database in place of the folder's own.

    Raises:
        OSError: the folder cannot be written.
    """
    crowd = people(plan.people, seed=plan.seed)
    settings = Settings(
        base_url=plan.base_url,
        database_url=database_url or folder.database_url,
        keys_folder=folder.server_keys,
        mode=Mode.SANDBOX,
        population_file=folder.population,
        revocations_folder=folder.revocations,
    )
    authority = SandboxAuthority.open(folder.authority, mode=settings.mode, now=now)
    authority.equip_server(folder.server_keys, now=now)
    generate_secrets(folder.server_keys)
    write_whole(folder.anchor, authority.root_pem)
    write_whole(folder.population, _population_lines(crowd))
    for agency in AGENCIES:
        authority.equip_agency(folder.agency(agency.agency_id), agency, now=now)
    authority.equip_delegating_agency(folder.agency(HOSPITAL.agency_id), folder.hosted_signers, HOSPITAL, now=now)
    for agency in ALL_AGENCIES:
        records = folder.agency(agency.agency_id) / agency.records_file
        if not records.exists():
            export_records(records, agency, crowd, seed=plan.seed, today=plan.made_on)
        write_agency_config(_agency_config(folder, plan, agency), folder.agency_config(agency.agency_id))
    for verifier in VERIFIERS:
        equip_client(folder.verifier(verifier.verifier_id))
        write_verifier_config(_verifier_config(folder, plan, verifier), folder.verifier_config(verifier.verifier_id))
    citizens = adults(crowd, plan.made_on)[:CITIZENS]
    for number, _ in enumerate(citizens, start=1):
        write_wallet_config(_wallet_config(folder, plan, number), folder.wallet_config(number))
    asyncio.run(_prepare_database(folder, settings, authority.root, now))
    return PreparedSandbox(folder, settings, citizens, len(crowd))


def _population_lines(crowd: Sequence[Person]) -> bytes:
    residents = (
        {
            "kind": "person",
            "id": person.personal_number,
            "full_name": person.full_name,
            "birth_date": person.birth_date.isoformat(),
        }
        for person in crowd
    )
    return b"".join(msgspec.json.encode(resident) + b"\n" for resident in residents)


def _agency_config(folder: SandboxFolder, plan: Plan, agency: SandboxAgency) -> AgencyConfig:
    own_folder = folder.agency(agency.agency_id)
    signs_itself = agency != HOSPITAL
    return AgencyConfig(
        base_url=plan.base_url,
        agency_id=agency.agency_id,
        iss=agency.iss,
        client_id=agency.client_id,
        client_key_file=own_folder / "client.key.pem",
        signing_key_file=own_folder / f"{AGENCY_IDENTITY}.key.pem" if signs_itself else None,
        certificate_chain_file=own_folder / f"{AGENCY_IDENTITY}.chain.pem",
        journal_folder=own_folder / "journal",
    )


def _verifier_config(folder: SandboxFolder, plan: Plan, verifier: SandboxVerifier) -> VerifierConfig:
    return VerifierConfig(
        base_url=plan.base_url,
        verifier_id=verifier.verifier_id,
        client_key_file=folder.verifier(verifier.verifier_id) / "client.key.pem",
    )


def _wallet_config(folder: SandboxFolder, plan: Plan, number: int) -> WalletConfig:
    return WalletConfig(
        base_url=plan.base_url,
        key_store_folder=folder.wallet(number),
        identity_provider=plan.base_url + PROVIDER_PATH,
        client_id=CLIENT_ID,
        device_name=f"Sandbox phone {number}",
        anchor_file=folder.anchor,
    )


async def _prepare_database(folder: SandboxFolder, settings: Settings, root: x509.Certificate, now: datetime) -> None:
    database = Database(settings.database_url)
    try:
        await migrate(database)
        for agency in ALL_AGENCIES:
            await _register(database, folder, agency, root, now)
        for verifier in VERIFIERS:
            await _register_verifier(database, folder, verifier, now)
        await _publish_catalogue(database, settings, now)
    finally:
        await database.close()


async def _publish_catalogue(database: Database, settings: Settings, now: datetime) -> None:
    try:
        async with database.transaction() as tx:
            await freeze_edition(
                tx,
                month=this_month(now),
                types=load_types(settings.types_folder),
                identity=ServerKeys.load(settings.keys_folder).catalogue,
                now=now,
            )
    except (EditionExistsError, EditionMonthError):
        return  # by an earlier run; a later month may have its edition too


async def _register(
    database: Database, folder: SandboxFolder, agency: SandboxAgency, root: x509.Certificate, now: datetime
) -> None:
    own_folder = folder.agency(agency.agency_id)
    client_key = LocalSigner.from_pem((own_folder / "client.key.pem").read_bytes())
    chain = x509.load_pem_x509_certificates((own_folder / f"{AGENCY_IDENTITY}.chain.pem").read_bytes())
    try:
        async with database.transaction() as tx:
            await register_agency(tx, agency_id=agency.agency_id, names=agency.names, now=now)
            await register_client(
                tx, agency_id=agency.agency_id, client_name=agency.client_name, key=client_key.public_key, now=now
            )
            await register_certificate(
                tx,
                agency_id=agency.agency_id,
                iss=agency.iss,
                chain=tuple(certificate.public_bytes(Encoding.DER) for certificate in chain),
                vcts=(agency.vct,),
                anchors=(root,),
                now=now,
            )
    except AlreadyRegisteredError:
        return  # by an earlier run, in one transaction: then everything of it is there


async def _register_verifier(
    database: Database, folder: SandboxFolder, verifier: SandboxVerifier, now: datetime
) -> None:
    verifier_id = verifier.verifier_id
    client_key = LocalSigner.from_pem((folder.verifier(verifier_id) / "client.key.pem").read_bytes())
    try:
        async with database.transaction() as tx:
            await register_verifier(
                tx, verifier_id=verifier_id, names=verifier.names, domains=(verifier.domain,), now=now
            )
            await add_verifier_key(tx, verifier_id=verifier_id, key=client_key.public_key, now=now)
            await add_purpose(tx, verifier_id=verifier_id, purpose=verifier.purpose, now=now)
            await permit(
                tx,
                verifier_id=verifier_id,
                purpose=verifier.purpose.code,
                document_type=load_builtin_types()[verifier.vct],
                claims=verifier.claims,
                now=now,
            )
    except AlreadyRegisteredError:
        return  # by an earlier run, in one transaction
