"""What an operator sets, read from the environment once at start.

Secrets are never values here: settings name the folder with the key files, `giayto_wallet_api.server_keys`
reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from giayto_wallet_api.store.postgresql import DEFAULT_POOL_SIZE

_DRIVERS = {"sqlite+aiosqlite": "aiosqlite", "postgresql+asyncpg": "asyncpg"}


class SettingsError(Exception):
    """A setting is missing or not usable; the message names the variable and what it expects."""


class Mode(StrEnum):
    """`sandbox` allows plain HTTP and the sandbox identity provider; `production` refuses both."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that differs between two installations.

    Args:
        base_url: the issuer identifier and the address that clients use, without a slash at the end.
        database_url: `sqlite+aiosqlite:///giayto.db`, or `postgresql+asyncpg://user@host/database`.
        database_pool: most connections of each worker to PostgreSQL.
        keys_folder: see `giayto_wallet_api.server_keys`.
        mode: production unless said otherwise.
        engine: which library signs and verifies; see `giayto_crypto.engines`.
        population_file: whom the sandbox identity provider knows; refused in production.
        revocations_folder: where revocations are written down outside the database, so that no restored backup undoes
            one; see `giayto_wallet_api.status.revocation_export`.
        types_folder: document types beside those that come with giayto, one folder each.
        status_list_size: entries of one status list.
        status_list_lifetime: `exp` of a status list token, from when it is rendered.
        status_list_ttl: how long a verifier may use a status list token before it asks again.
        status_list_pace: time between two tokens of a list while its statuses keep changing.
        trust_list_lifetime: `exp` of a trust list.
        bundle_lifetime: `exp` of a verifier bundle.
        events_poll_interval: how often a live stream looks for changes of its wallet where the database cannot tell.
        events_heartbeat: how long a live stream may be silent before it shows that it lives.
    """

    base_url: str
    database_url: str
    keys_folder: Path
    database_pool: int = DEFAULT_POOL_SIZE
    mode: Mode = Mode.PRODUCTION
    engine: str = "openssl"
    population_file: Path | None = None
    revocations_folder: Path | None = None
    types_folder: Path | None = None
    status_list_size: int = 2**20
    status_list_lifetime: timedelta = timedelta(hours=24)
    status_list_ttl: timedelta = timedelta(minutes=15)
    status_list_pace: timedelta = timedelta(seconds=5)
    trust_list_lifetime: timedelta = timedelta(days=7)
    bundle_lifetime: timedelta = timedelta(hours=24)
    events_poll_interval: timedelta = timedelta(seconds=1)
    events_heartbeat: timedelta = timedelta(seconds=15)

    def __post_init__(self) -> None:
        """Refuse what would only fail later, or work in an unsafe way."""
        url = urlsplit(self.base_url)
        if self.base_url.endswith("/") or not url.netloc or url.query or url.fragment:
            raise SettingsError("GIAYTO_BASE_URL: an absolute URL without a slash, query or fragment at its end")
        if url.scheme not in ({"https"} if self.mode is Mode.PRODUCTION else {"https", "http"}):
            raise SettingsError("GIAYTO_BASE_URL: https is required (http only with GIAYTO_MODE=sandbox)")
        _require_driver(self.database_url)

    @property
    def is_sandbox(self) -> bool:
        """Whether development conveniences are allowed."""
        return self.mode is Mode.SANDBOX

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read `GIAYTO_BASE_URL`, `GIAYTO_DATABASE_URL`, `GIAYTO_KEYS_FOLDER` and, optionally,
        `GIAYTO_DATABASE_POOL`, `GIAYTO_MODE`, `GIAYTO_POPULATION_FILE`, `GIAYTO_REVOCATIONS_FOLDER` and
        `GIAYTO_TYPES_FOLDER`.

        Raises:
            SettingsError: one is missing or not usable.
        """
        try:
            mode = Mode(environment.get("GIAYTO_MODE", Mode.PRODUCTION))
        except ValueError as error:
            raise SettingsError("GIAYTO_MODE: sandbox or production") from error
        pool = environment.get("GIAYTO_DATABASE_POOL", str(DEFAULT_POOL_SIZE))
        if not pool.isdecimal() or int(pool) < 2:
            raise SettingsError("GIAYTO_DATABASE_POOL: a number of connections, at least 2")
        population = environment.get("GIAYTO_POPULATION_FILE")
        revocations = environment.get("GIAYTO_REVOCATIONS_FOLDER")
        types = environment.get("GIAYTO_TYPES_FOLDER")
        return cls(
            base_url=_required(environment, "GIAYTO_BASE_URL"),
            database_url=_required(environment, "GIAYTO_DATABASE_URL"),
            keys_folder=Path(_required(environment, "GIAYTO_KEYS_FOLDER")),
            database_pool=int(pool),
            mode=mode,
            engine=environment.get("GIAYTO_ENGINE", "openssl"),
            population_file=Path(population) if population else None,
            revocations_folder=Path(revocations) if revocations else None,
            types_folder=Path(types) if types else None,
        )


def _require_driver(database_url: str) -> None:
    try:
        url = make_url(database_url)
    except ArgumentError:
        url = None
    if url is None or url.drivername not in _DRIVERS:
        raise SettingsError(f"GIAYTO_DATABASE_URL: a URL that begins with {' or '.join(_DRIVERS)}://")
    module = _DRIVERS[url.drivername]
    if find_spec(module) is None:
        raise SettingsError(f"GIAYTO_DATABASE_URL: {module} is missing: pip install giayto-wallet-api[postgresql]")


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set")
    return value
