"""`giayto-wallet-api`: prepare, seed and serve a wallet backend.

    giayto-wallet-api migrate
    giayto-wallet-api generate-secrets
    giayto-wallet-api register-agency --agency G18 --name-vi "Bộ Y tế" --name-en "Ministry of Health"
    giayto-wallet-api register-client --agency G18 --client main --key client.pub.pem
    giayto-wallet-api register-certificate --agency G18 --iss https://… --chain chain.pem --type urn:giayto:type:…:1
    giayto-wallet-api catalogue publish --month 2026-12
    giayto-wallet-api register-wallet --client-id other --name "Other wallet" --redirect-uri https://…
    giayto-wallet-api limit-agency --agency G18 --rows-per-day 2000000
    giayto-wallet-api register-webhook --agency G18 --url https://…
    giayto-wallet-api work [--once]
    giayto-wallet-api serve [--host 127.0.0.1] [--port 8000] [--workers 1]

Settings come from the environment (`giayto_wallet_api.settings`). Exit code 0 when done, 1 when refused, 64 for
unusable settings, 2 for unusable arguments.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_public_key
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_crypto.errors import GiaytoError
from giayto_crypto.keys import PublicKey
from giayto_crypto.localised import Localised
from giayto_issuers.subjects import Subject
from giayto_wallet_api.agencies import registration
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.authorization.clients import register_wallet_client
from giayto_wallet_api.catalogue import command as catalogue_command
from giayto_wallet_api.clock import system_clock
from giayto_wallet_api.limits.quotas import DEFAULT_LIMITS, AgencyLimits, set_limits
from giayto_wallet_api.outbox import command as outbox_command
from giayto_wallet_api.presentation_requests import commands as verifier_commands
from giayto_wallet_api.runtime import build_runtime
from giayto_wallet_api.server_keys import ServerKeys, generate_secrets
from giayto_wallet_api.serving import Address, serve
from giayto_wallet_api.settings import Settings, SettingsError
from giayto_wallet_api.status.reconciliation import close_lists
from giayto_wallet_api.store.database import Database
from giayto_wallet_api.store.migrating import migrate
from giayto_wallet_api.wallets.replacement import replace_number

EXIT_REFUSED, EXIT_UNUSABLE = 1, 64

Command = Callable[[Settings, argparse.Namespace], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    command: Command = options.command
    try:
        command(Settings.from_environment(os.environ), options)
    except SettingsError as error:
        print(f"giayto-wallet-api: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_UNUSABLE
    except (GiaytoError, OSError, ValueError) as error:
        print(f"giayto-wallet-api: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_REFUSED
    return 0


def _migrate(settings: Settings, _options: argparse.Namespace) -> None:
    _with_database(settings, migrate)


def _generate_secrets(settings: Settings, _options: argparse.Namespace) -> None:
    generate_secrets(settings.keys_folder)


def _serve(settings: Settings, options: argparse.Namespace) -> None:
    serve(settings, Address(options.host, options.port), options.workers)


def _register_agency(settings: Settings, options: argparse.Namespace) -> None:
    async def register(tx: AsyncConnection) -> None:
        names = Localised(vi=options.name_vi, en=options.name_en)
        await registration.register_agency(tx, agency_id=options.agency, names=names, now=system_clock())

    _with_transaction(settings, register)


def _register_client(settings: Settings, options: argparse.Namespace) -> None:
    key = _read_public_key(options.key)

    async def register(tx: AsyncConnection) -> None:
        client_id = await registration.register_client(
            tx, agency_id=options.agency, client_name=options.client, key=key, now=system_clock()
        )
        print(client_id)  # noqa: T201

    _with_transaction(settings, register)


def _register_certificate(settings: Settings, options: argparse.Namespace) -> None:
    chain = x509.load_pem_x509_certificates(options.chain.read_bytes())
    anchors = ServerKeys.load(settings.keys_folder).anchors

    async def register(tx: AsyncConnection) -> None:
        await registration.register_certificate(
            tx,
            agency_id=options.agency,
            iss=options.iss,
            chain=tuple(certificate.public_bytes(Encoding.DER) for certificate in chain),
            vcts=options.types,
            anchors=anchors,
            now=system_clock(),
        )

    _with_transaction(settings, register)


def _publish_catalogue(settings: Settings, options: argparse.Namespace) -> None:
    _with_transaction(settings, lambda tx: catalogue_command.publish(tx, settings, options))


def _register_webhook(settings: Settings, options: argparse.Namespace) -> None:
    _with_transaction(settings, lambda tx: outbox_command.register(tx, settings, options))


def _remove_webhook(settings: Settings, options: argparse.Namespace) -> None:
    _with_transaction(settings, lambda tx: outbox_command.remove(tx, settings, options))


def _redeliver_events(settings: Settings, options: argparse.Namespace) -> None:
    _with_transaction(settings, lambda tx: outbox_command.redeliver(tx, settings, options))


def _replace_number(settings: Settings, options: argparse.Namespace) -> None:
    # Numbers come from standard input: arguments are seen by everybody on the machine.
    old, new = (Subject(options.kind, sys.stdin.readline().strip()) for _ in range(2))
    if not old.id or not new.id:
        raise ValueError("standard input: the old number and the new one are expected, one a line")

    async def replace(database: Database) -> None:
        runtime = build_runtime(settings, clock=system_clock)
        try:
            async with database.transaction() as tx:
                await replace_number(tx, runtime, old, new, system_clock())
        finally:
            await runtime.database.close()

    _with_database(settings, replace)


def _close_status_lists(settings: Settings, _options: argparse.Namespace) -> None:
    async def close(tx: AsyncConnection) -> None:
        await close_lists(tx)
        await audit.record(tx, now=system_clock(), actor=audit.SYSTEM, action="status_lists.closed", target="all")

    _with_transaction(settings, close)


def _register_wallet(settings: Settings, options: argparse.Namespace) -> None:
    async def register(tx: AsyncConnection) -> None:
        await register_wallet_client(
            tx,
            client_id=options.client_id,
            name=options.name,
            redirect_uris=options.redirect_uris,
            now=system_clock(),
        )

    _with_transaction(settings, register)


def _limit_agency(settings: Settings, options: argparse.Namespace) -> None:
    limits = AgencyLimits(rows_per_day=options.rows_per_day, requests_per_minute=options.requests_per_minute)

    async def set_them(tx: AsyncConnection) -> None:
        await set_limits(tx, options.agency, limits, system_clock())

    _with_transaction(settings, set_them)


def _register_verifier(settings: Settings, options: argparse.Namespace) -> None:
    work = verifier_commands.registering(options, _read_public_key(options.key), now=system_clock())
    _with_transaction(settings, work)


def _register_verifier_certificate(settings: Settings, options: argparse.Namespace) -> None:
    anchors = ServerKeys.load(settings.keys_folder).anchors
    _with_transaction(settings, verifier_commands.certifying(options, anchors, now=system_clock()))


def _permit_verifier(settings: Settings, options: argparse.Namespace) -> None:
    _with_transaction(settings, verifier_commands.permitting(options, now=system_clock()))


def _with_transaction(settings: Settings, work: Callable[[AsyncConnection], Awaitable[None]]) -> None:
    async def in_transaction(database: Database) -> None:
        async with database.transaction() as tx:
            await work(tx)

    _with_database(settings, in_transaction)


def _with_database(settings: Settings, work: Callable[[Database], Awaitable[None]]) -> None:
    async def run() -> None:
        database = Database(settings.database_url)
        try:
            await work(database)
        finally:
            await database.close()

    asyncio.run(run())


def _read_public_key(path: Path) -> PublicKey:
    key = load_pem_public_key(path.read_bytes())
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError(f"{path}: a P-256 public key in PEM is expected")
    return PublicKey.from_cryptography(key)


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="giayto-wallet-api", description="The giayto wallet backend.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, summary: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=summary)
        added.set_defaults(command=command)
        return added

    add("migrate", _migrate, "bring the database to the schema of this release")
    add("generate-secrets", _generate_secrets, "make the key files that need no certificate, where they are missing")
    serving = add("serve", _serve, "serve the API")
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, default=8000)
    serving.add_argument("--workers", type=_count, default=1, help="processes that share the port (1)")
    agency = add("register-agency", _register_agency, "enter an agency")
    client = add("register-client", _register_client, "enter a client of an agency; prints its client identifier")
    certificate = add("register-certificate", _register_certificate, "let an agency issue types with a certificate")
    verifier_commands.add_registering(add("register-verifier", _register_verifier, "enter a verifier and its key"))
    verifier_commands.add_certifying(
        add(
            "register-verifier-certificate",
            _register_verifier_certificate,
            "for verifiers that sign requests themselves",
        )
    )
    verifier_commands.add_permitting(
        add("permit-verifier", _permit_verifier, "let a verifier ask for claims of a type for a purpose")
    )
    catalogue = commands.add_parser("catalogue", help="publish the catalogue", description="Publish the catalogue.")
    summary = "freeze and sign the edition of a month"
    publish = catalogue.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "publish", help=summary, description=summary
    )
    publish.set_defaults(command=_publish_catalogue)
    catalogue_command.add_arguments(publish)
    wallet = add("register-wallet", _register_wallet, "let a wallet by another maker send citizens here to log in")
    wallet.add_argument("--client-id", required=True)
    wallet.add_argument("--name", required=True, help="what citizens are shown")
    wallet.add_argument(
        "--redirect-uri", dest="redirect_uris", action="append", required=True, help="where answers go; may be repeated"
    )
    outbox_command.add_working(add("work", outbox_command.work, "deliver events to the webhooks of agencies"))
    outbox_command.add_registering(add("register-webhook", _register_webhook, "say where an agency wants to be told"))
    outbox_command.add_naming(add("remove-webhook", _remove_webhook, "tell an agency nothing any more"))
    outbox_command.add_naming(add("redeliver-events", _redeliver_events, "bring back the dead events of an agency"))
    add("close-status-lists", _close_status_lists, "after a restored backup: give no index out of lists that it knows")
    replacing = add("replace-number", _replace_number, "old and new number of a citizen, from standard input")
    replacing.add_argument("--kind", choices=("person", "organisation"), default="person")
    limits = add("limit-agency", _limit_agency, "say how much an agency may take")
    for command in (agency, client, certificate, limits):
        command.add_argument("--agency", required=True, help="its identifier, such as G18")
    limits.add_argument("--rows-per-day", type=_count, default=DEFAULT_LIMITS.rows_per_day, help="(%(default)s)")
    requests = DEFAULT_LIMITS.requests_per_minute
    limits.add_argument("--requests-per-minute", type=_count, default=requests, help="(%(default)s)")
    agency.add_argument("--name-vi", required=True)
    agency.add_argument("--name-en", required=True)
    client.add_argument("--client", default="main", help="a name for this client of the agency (main)")
    client.add_argument("--key", type=Path, required=True, help="its P-256 public key, PEM")
    certificate.add_argument("--iss", required=True, help="https URL in its subject alternative name")
    certificate.add_argument("--chain", type=Path, required=True, help="PEM, leaf first, root left out")
    certificate.add_argument("--type", dest="types", action="append", required=True, help="vct; may be repeated")
    return parser


if __name__ == "__main__":
    sys.exit(main())
