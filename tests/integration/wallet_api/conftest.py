"""A running application on a fresh database, with a clock that tests move, keys in memory and two agencies."""

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from litestar import Litestar

from giayto_crypto import b64url, jws
from giayto_crypto.certificates import BUNDLE, CATALOGUE, CREDENTIAL_ISSUER, STATUS_LIST, TRUST_LIST
from giayto_crypto.keys import LocalSigner, PublicKey
from giayto_crypto.localised import Localised
from giayto_wallet_api.agencies import registration
from giayto_wallet_api.app import assemble
from giayto_wallet_api.runtime import Runtime, build_runtime
from giayto_wallet_api.server_keys import ServerKeys, SigningIdentity
from giayto_wallet_api.settings import Mode, Settings
from test_databases import PostgresqlServer, postgresql_server, run_migrations

BASE_URL = "http://127.0.0.1:8000"
START = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HEALTH_BOOK = "urn:giayto:type:health-book:1"
CRIMINAL_RECORD = "urn:giayto:type:criminal-record-1:1"
PROCEDURE_RESULT = "urn:giayto:type:procedure-result:1"


class MovableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


class Authority:
    """A root and the leaves that it certifies."""

    def __init__(self) -> None:
        self.signer = LocalSigner.generate()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test root")])
        builder = self._builder(name, name, self.signer.public_key)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        builder = builder.add_extension(self._usage(sign_certificates=True), critical=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self.signer.private_key.public_key())
        self.root = builder.add_extension(identifier, critical=False).sign(self.signer.private_key, SHA256())

    def certify(self, key: PublicKey, purpose: x509.ObjectIdentifier, *uris: str) -> bytes:
        """Return a leaf as DER."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test leaf")])
        names = x509.SubjectAlternativeName(
            [x509.UniformResourceIdentifier(uri) for uri in uris] or [x509.DNSName("leaf.example")]
        )
        certificate = (
            self._builder(name, self.root.subject, key)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(self._usage(sign_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(names, critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.signer.private_key.public_key()),
                critical=False,
            )
            .sign(self.signer.private_key, SHA256())
        )
        return certificate.public_bytes(Encoding.DER)

    def identity(self, purpose: x509.ObjectIdentifier) -> SigningIdentity:
        signer = LocalSigner.generate()
        return SigningIdentity(signer, (self.certify(signer.public_key, purpose),))

    @staticmethod
    def _builder(subject: x509.Name, issuer: x509.Name, key: PublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.cryptography_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(START - timedelta(days=365))
            .not_valid_after(START + timedelta(days=3650))
        )

    @staticmethod
    def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
        return x509.KeyUsage(
            digital_signature=not sign_certificates,
            key_cert_sign=sign_certificates,
            crl_sign=sign_certificates,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )


@dataclass
class AgencyCaller:
    """An agency's system: its keys, and requests as it makes them. Written apart from the SDK on purpose."""

    http: httpx2.AsyncClient
    clock: MovableClock
    agency_id: str
    iss: str
    signing_key: LocalSigner
    chain: tuple[bytes, ...]
    client_key: LocalSigner = field(default_factory=LocalSigner.generate)
    dpop_key: LocalSigner = field(default_factory=LocalSigner.generate)
    nonce: str | None = None
    access_token: str | None = None

    @property
    def client_id(self) -> str:
        return f"{self.agency_id}:main"

    def assertion(self, *, typ: str = "client-authentication+jwt", signer: LocalSigner | None = None, **changes) -> str:
        """A client assertion; times among the changes are seconds from now, None leaves a claim out."""
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": BASE_URL,
            "jti": secrets.token_hex(8),
            "iat": 0,
            "exp": 60,
            **changes,
        }
        claims |= {name: now + claims[name] for name in ("iat", "exp")}
        kept = {name: value for name, value in claims.items() if value is not None}
        return jws.sign(kept, signer=signer or self.client_key, typ=typ)

    def proof(
        self,
        method: str,
        path: str,
        *,
        access_token: str | None = None,
        nonce: str | None = None,
        typ: str = "dpop+jwt",
        signer: LocalSigner | None = None,
        **changes,
    ) -> str:
        """A DPoP proof; `iat` among the changes is seconds from now, None leaves a claim out."""
        key = signer or self.dpop_key
        claims = {
            "jti": secrets.token_hex(8),
            "htm": method,
            "htu": BASE_URL + path,
            "ath": b64url.encode(sha256(access_token.encode()).digest()) if access_token else None,
            "nonce": nonce,
            **changes,
        }
        claims["iat"] = int(self.clock().timestamp()) + changes.get("iat", 0)
        kept = {name: value for name, value in claims.items() if value is not None}
        return jws.sign(kept, signer=key, typ=typ, header={"jwk": key.public_key.jwk})

    async def request_token(
        self,
        *,
        assertion: str | None = None,
        proof: str | None = None,
        form: Mapping[str, Any] | None = None,
        retry: bool = True,
    ) -> httpx2.Response:
        fields = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion or self.assertion(),
            "scope": "issuer",
            **(form or {}),
        }
        response = await self.http.post(
            "/oauth/token",
            data={name: value for name, value in fields.items() if value is not None},
            headers={"dpop": proof or self.proof("POST", "/oauth/token", nonce=self.nonce)},
        )
        if retry and "dpop-nonce" in response.headers:
            self.nonce = response.headers["dpop-nonce"]
            return await self.request_token(assertion=assertion, form=form, retry=False)
        return response

    async def token(self) -> str:
        if self.access_token is None:
            self.access_token = (await self.request_token()).json()["access_token"]
        return self.access_token

    async def call(
        self, method: str, path: str, *, proof_changes: Mapping[str, Any] | None = None, **arguments
    ) -> httpx2.Response:
        """Send an authenticated request; `path` may carry a query."""
        token = await self.token()
        proof = self.proof(method, path.partition("?")[0], access_token=token, **(proof_changes or {}))
        headers = {"authorization": f"DPoP {token}", "dpop": proof, **arguments.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **arguments)

    def no_questions(self) -> dict[str, Any]:
        """A look-up about nobody: the cheapest authenticated request."""
        return {"document_type": HEALTH_BOOK, "subjects": []}


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def server_keys(authority: Authority) -> ServerKeys:
    return ServerKeys(
        bundle=authority.identity(BUNDLE),
        trust_list=authority.identity(TRUST_LIST),
        status_list=authority.identity(STATUS_LIST),
        catalogue=authority.identity(CATALOGUE),
        access_token=LocalSigner.generate(),
        anchors=(authority.root,),
        wrapping_key=secrets.token_bytes(32),
        derivation_key=secrets.token_bytes(32),
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that is marked `both_databases` once with each."""
    if metafunc.definition.get_closest_marker("both_databases") and "database_kind" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite`, or `postgresql` in the second run of a test that is marked `both_databases`."""
    kind: str = getattr(request, "param", "sqlite")
    return kind


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server for this test process; started for the first test that asks for it."""
    with postgresql_server() as server:
        yield server


@pytest.fixture
def database_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated, empty database of its own for each test."""
    if database_kind == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        with server.database() as url:
            yield url
    else:
        shutil.copy(request.getfixturevalue("migrated_database"), tmp_path / "giayto.db")
        yield f"sqlite+aiosqlite:///{tmp_path / 'giayto.db'}"


@pytest.fixture
def unmigrated_database_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database without any table."""
    if database_kind == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        with server.database(migrated=False) as url:
            yield url
    else:
        yield f"sqlite+aiosqlite:///{tmp_path / 'unmigrated.db'}"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(
        base_url=BASE_URL,
        database_url=database_url,
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


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with all migrations, to be copied: migrating anew for each test would take longer than it."""
    path = tmp_path_factory.mktemp("migrated") / "giayto.db"
    run_migrations(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture
async def app(settings: Settings, clock: MovableClock, server_keys: ServerKeys) -> AsyncIterator[Litestar]:
    """The application on an empty database with all tables, after start-up."""
    application = _assembled(settings.is_sandbox)
    application.state.runtime = build_runtime(settings, clock=clock, keys=server_keys)
    async with started(application):
        yield application


@cache
def _assembled(is_sandbox: bool) -> Litestar:
    """All routes, for one test after the other: putting them together takes longer than most tests do."""
    return assemble(is_sandbox=is_sandbox)


@pytest.fixture
def runtime(app: Litestar) -> Runtime:
    found: Runtime = app.state.runtime
    return found


@pytest.fixture
async def http(app: Litestar) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that talks to the application in the same event loop."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE_URL) as client:
        yield client


@pytest.fixture
def new_agency(http, runtime, clock, authority) -> Callable[..., Awaitable[AgencyCaller]]:
    """Registers an agency: `await new_agency("H26", (vct, …))`."""
    return partial(registered_agency, http, runtime, clock, authority)


@pytest.fixture
async def health(http, runtime, clock, authority) -> AgencyCaller:
    """The ministry of health, which may issue health books."""
    return await registered_agency(http, runtime, clock, authority, "G18", (HEALTH_BOOK,))


@pytest.fixture
async def police(http, runtime, clock, authority) -> AgencyCaller:
    """The police, which may issue criminal-record certificates."""
    return await registered_agency(http, runtime, clock, authority, "G01", (CRIMINAL_RECORD,))


async def registered_agency(
    http: httpx2.AsyncClient,
    runtime: Runtime,
    clock: MovableClock,
    authority: Authority,
    agency_id: str,
    vcts: tuple[str, ...],
) -> AgencyCaller:
    """Register an agency with one client and one certificate."""
    iss = f"https://{agency_id.lower()}.example"
    signing_key = LocalSigner.generate()
    chain = (authority.certify(signing_key.public_key, CREDENTIAL_ISSUER, iss),)
    caller = AgencyCaller(http, clock, agency_id, iss, signing_key, chain)
    async with runtime.database.transaction() as tx:
        names = Localised(vi=f"Cơ quan {agency_id}", en=f"Agency {agency_id}")
        await registration.register_agency(tx, agency_id=agency_id, names=names, now=clock())
        await registration.register_client(
            tx, agency_id=agency_id, client_name="main", key=caller.client_key.public_key, now=clock()
        )
        await registration.register_certificate(
            tx, agency_id=agency_id, iss=iss, chain=chain, vcts=vcts, anchors=(authority.root,), now=clock()
        )
    return caller
