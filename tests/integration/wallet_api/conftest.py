"""A running application on a fresh database, with a clock that tests move and keys that live in memory."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from litestar import Litestar

from giayto_crypto.keys import LocalSigner
from giayto_wallet_api.app import create_app
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.server_keys import ServerKeys, SigningIdentity
from giayto_wallet_api.settings import Mode, Settings
from giayto_wallet_api.store.schema import metadata

BASE_URL = "http://127.0.0.1:8000"
START = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


class MovableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def server_keys() -> ServerKeys:
    def identity() -> SigningIdentity:
        return SigningIdentity(LocalSigner.generate(), ())

    return ServerKeys(
        bundle=identity(),
        trust_list=identity(),
        status_list=identity(),
        access_token=LocalSigner.generate(),
        anchors=(),
        wrapping_key=secrets.token_bytes(32),
        derivation_key=secrets.token_bytes(32),
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        base_url=BASE_URL,
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'giayto.db'}",
        keys_folder=tmp_path,
        mode=Mode.SANDBOX,
    )


@asynccontextmanager
async def started(application: Litestar) -> AsyncIterator[None]:
    """Start and stop an application in one task of its own: a lifespan must be left by the task that entered it."""
    ready, stop = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with application.lifespan():
            ready.set()
            await stop.wait()

    life = asyncio.create_task(live())
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({life, waiting}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield
    finally:
        waiting.cancel()
        stop.set()
        await life


@pytest.fixture
async def app(settings: Settings, clock: MovableClock, server_keys: ServerKeys) -> AsyncIterator[Litestar]:
    """The application on an empty database with all tables, after start-up."""
    application = create_app(settings, clock=clock, keys=server_keys)
    async with started(application):
        runtime: Runtime = application.state.runtime
        async with runtime.database.transaction() as tx:
            await tx.run_sync(metadata.create_all)
        yield application


@pytest.fixture
def runtime(app: Litestar) -> Runtime:
    found: Runtime = app.state.runtime
    return found


@pytest.fixture
async def http(app: Litestar) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that talks to the application in the same event loop."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE_URL) as client:
        yield client
