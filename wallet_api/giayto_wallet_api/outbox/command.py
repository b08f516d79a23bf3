"""`giayto-wallet-api work`, `register-webhook`, `remove-webhook`, `redeliver-events`."""

import argparse
import asyncio
from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.audit.log import SYSTEM
from giayto_wallet_api.clock import system_clock
from giayto_wallet_api.outbox import service
from giayto_wallet_api.outbox.delivery import deliver_due, deliver_for_ever
from giayto_wallet_api.runtime import build_runtime
from giayto_wallet_api.settings import Settings
from giayto_wallet_api.structured_logs import configure_logging


def add_working(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `work`."""
    parser.add_argument("--once", action="store_true", help="stop when nothing is due")


def add_registering(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `register-webhook`."""
    parser.add_argument("--agency", required=True, help="its identifier, such as G18")
    parser.add_argument("--url", required=True, help="https URL at a public host")


def add_naming(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of commands that concern one agency."""
    parser.add_argument("--agency", required=True, help="its identifier, such as G18")


def work(settings: Settings, options: argparse.Namespace) -> None:
    """Deliver events until Ctrl-C, or until nothing is due."""
    configure_logging()
    with suppress(KeyboardInterrupt):
        asyncio.run(_work(settings, once=options.once))


async def register(tx: AsyncConnection, settings: Settings, options: argparse.Namespace) -> None:
    """Enter where an agency wants to be told."""
    await service.register_webhook(
        tx, agency_id=options.agency, url=options.url, allow_loopback=settings.is_sandbox, now=system_clock()
    )


async def remove(tx: AsyncConnection, _settings: Settings, options: argparse.Namespace) -> None:
    """Tell an agency nothing any more."""
    await service.remove_webhook(tx, agency_id=options.agency, now=system_clock())


async def redeliver(tx: AsyncConnection, _settings: Settings, options: argparse.Namespace) -> None:
    """Bring back all dead events of an agency."""
    revived = await service.redeliver(tx, options.agency, actor=SYSTEM, now=system_clock())
    print(f"{revived} events are due again")  # noqa: T201


async def _work(settings: Settings, *, once: bool) -> None:
    runtime = build_runtime(settings, clock=system_clock)
    try:
        if once:
            while await deliver_due(runtime):
                pass
        else:
            await deliver_for_ever(runtime)
    finally:
        await runtime.database.close()
