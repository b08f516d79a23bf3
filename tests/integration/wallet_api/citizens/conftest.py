"""Citizens with phones: they log in at the sandbox provider, enrol, hold keys and call the API."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx2
import pytest

from giayto_crypto import b64url, jws
from giayto_crypto.keys import LocalSigner, PublicKey
from giayto_issuers.subjects import Subject
from giayto_wallet_api.holder_keys.service import holder_keys_for_push, owner_of_key
from giayto_wallet_api.inbox.delivery import DeliveredCredential, Delivery, deliver
from giayto_wallet_api.runtime import Runtime
from giayto_wallet_api.settings import Settings
from giayto_wallet_api.status.tables import status_lists
from giayto_wallet_api.store.ids import new_id
from giayto_wallet_api.store.statements import insert_if_absent

BASE_URL = "http://127.0.0.1:8000"
REDIRECT = "http://127.0.0.1:53682/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

POPULATION = (
    {"kind": "person", "id": "001199000017", "full_name": "Nguyễn Thị Hồng", "birth_date": "1999-02-28"},
    {"kind": "person", "id": "079085000018", "full_name": "Trần Văn Ân", "birth_date": "1985-11-03"},
    {"kind": "organisation", "id": "0100109106", "full_name": "Công ty Cổ phần Thử Nghiệm"},
)
HONG, AN, COMPANY = (each["id"] for each in POPULATION)


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    population = tmp_path / "population.ndjson"
    lines = (json.dumps(each, ensure_ascii=False) for each in POPULATION)
    population.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return replace(
        settings,
        population_file=population,
        events_poll_interval=timedelta(milliseconds=20),
        events_heartbeat=timedelta(milliseconds=200),
    )


class Phone:
    """A phone with a device key. What it cannot do right it can be told to do wrong."""

    def __init__(self, http: httpx2.AsyncClient, clock: Callable[[], Any]) -> None:
        self.http = http
        self.clock = clock
        self.key = LocalSigner.generate()
        self.holder_keys: list[LocalSigner] = []
        self.dpop_nonce: str | None = None
        self.wallet_id = self.device_id = self.token = ""

    def proof(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        key: LocalSigner | None = None,
        nonce: str | None = None,
    ) -> str:
        signer = key or self.key
        claims = {
            "jti": uuid4().hex,
            "htm": method,
            "htu": BASE_URL + path.partition("?")[0],
            "iat": int(self.clock().timestamp()),
            "ath": None if token is None else b64url.encode(sha256(token.encode()).digest()),
            "nonce": nonce,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return jws.sign(kept, signer=signer, typ="dpop+jwt", header={"jwk": signer.public_key.jwk})

    async def prove(self, path: str, body: dict[str, Any], key: LocalSigner | None = None) -> httpx2.Response:
        """POST with a proof and no token; once more when the server asks for its nonce."""
        for _ in range(2):
            proof = self.proof("POST", path, key=key, nonce=self.dpop_nonce)
            response = await self.http.post(path, json=body, headers={"DPoP": proof})
            if "dpop-nonce" not in response.headers:
                break
            self.dpop_nonce = response.headers["dpop-nonce"]
        return response

    async def authorize(self, identifier: str, **changes: str) -> httpx2.Response:
        form = {
            "client_id": "giayto-wallet",
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": "openid",
            "state": "a-state",
            "nonce": self.key.public_key.thumbprint,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "personal_number": identifier,
            **changes,
        }
        return await self.http.post("/sandbox/idp/authorize", data=form)

    async def code(self, identifier: str) -> str:
        location = (await self.authorize(identifier)).headers["location"]
        return parse_qs(urlsplit(location).query)["code"][0]

    async def exchange(self, code: str, /, **changes: str) -> httpx2.Response:
        form = {
            "grant_type": "authorization_code",
            "client_id": "giayto-wallet",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
            **changes,
        }
        return await self.http.post("/sandbox/idp/token", data=form)

    async def log_in(self, identifier: str) -> str:
        return str((await self.exchange(await self.code(identifier))).json()["id_token"])

    async def send_enrolment(
        self, id_token: str, *, holder_kind: str = "person", name: str = "Điện thoại của Hồng"
    ) -> httpx2.Response:
        body = {
            "id_token": id_token,
            "device": {"name": name, "platform": "android"},
            "holder_kind": holder_kind,
        }
        return await self.prove("/wallet/v1/enrolments", body)

    async def enrol(self, identifier: str, *, holder_kind: str = "person") -> "Phone":
        response = await self.send_enrolment(await self.log_in(identifier), holder_kind=holder_kind)
        assert response.status_code == 201, response.text
        session = response.json()
        self.wallet_id, self.device_id = session["wallet_id"], session["device_id"]
        self.token = session["access_token"]
        return self

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None, **headers: str) -> httpx2.Response:
        sent = {
            "Authorization": f"DPoP {self.token}",
            "DPoP": self.proof(method, path, token=self.token),
            **headers,
        }
        return await self.http.request(method, path, json=body, headers=sent)

    async def get(self, path: str) -> Any:
        response = await self.call("GET", path)
        assert response.status_code == 200, response.text
        return response.json()

    async def nonce(self) -> str:
        response = await self.call("POST", "/wallet/v1/nonces")
        assert response.status_code == 201, response.text
        return str(response.json()["nonce"])

    def key_proof(self, key: LocalSigner, nonce: str) -> str:
        claims = {"aud": BASE_URL, "iat": int(self.clock().timestamp()), "nonce": nonce}
        return jws.sign(claims, signer=key, typ="giayto-holder-key+jwt", header={"jwk": key.public_key.jwk})

    async def send_keys(self, keys: list[LocalSigner], nonce: str) -> httpx2.Response:
        proofs = [self.key_proof(key, nonce) for key in keys]
        return await self.call("POST", "/wallet/v1/holder-keys", {"proofs": proofs})

    async def register_keys(self, count: int) -> list[LocalSigner]:
        keys = [LocalSigner.generate() for _ in range(count)]
        response = await self.send_keys(keys, await self.nonce())
        assert response.status_code == 201, response.text
        self.holder_keys += keys
        return keys


@pytest.fixture
def new_phone(http, clock) -> Callable[[], Phone]:
    return lambda: Phone(http, clock)


@pytest.fixture
async def hong(new_phone) -> Phone:
    """Hồng's phone, enrolled, with some holder keys."""
    phone = await new_phone().enrol(HONG)
    await phone.register_keys(3)
    return phone


@pytest.fixture
async def an(new_phone) -> Phone:
    """Ân's phone, enrolled, with some holder keys."""
    phone = await new_phone().enrol(AN)
    await phone.register_keys(3)
    return phone


Offer = Callable[..., Awaitable[str]]
AGENCY_KEY = LocalSigner.generate()
STATUS_LIST = {"size": 1024, "bits": 2, "reserved": 0, "revision": 0}


def credential_for(key: PublicKey, document_id: str, version: int) -> str:
    """A credential with a place in a status list, as it lies in a wallet; `jti` tells the document and version."""
    status = {"status_list": {"uri": f"{BASE_URL}/public/v1/status-lists/sl_of_{document_id}", "idx": version}}
    claims = {"jti": f"{document_id}-{version}", "cnf": {"jwk": key.jwk}, "status": status}
    return jws.sign(claims, signer=AGENCY_KEY, typ="dc+sd-jwt") + "~"


@pytest.fixture
def offer(runtime: Runtime) -> Offer:
    """Deliver a document to whoever has this number, as the agency side does, and return its identifier."""

    async def offer_document(identifier: str, *, document_id: str = "", version: int = 1) -> str:
        now = runtime.clock()
        document_id = document_id or new_id("doc")
        kind = "organisation" if identifier == COMPANY else "person"
        async with runtime.database.transaction() as tx:
            wallet = await runtime.wallets.find_wallet(tx, Subject(kind, identifier))
            assert wallet is not None
            copies = []
            for key in (await holder_keys_for_push(tx, [wallet.wallet_id]))[wallet.wallet_id]:
                owner = await owner_of_key(tx, key.thumbprint)
                assert owner is not None
                sd_jwt = credential_for(key, document_id, version)
                copies.append(DeliveredCredential(key.thumbprint, owner.device_id, sd_jwt))
            delivery = Delivery(
                wallet=wallet,
                document_id=document_id,
                version=version,
                agency_id="H26",
                document_type="urn:giayto:type:procedure-result:1",
                claims={"full_name": wallet.identity.full_name, "result": f"Kết quả bí mật {version}"},
                credentials=copies,
                valid_from=now,
                valid_until=now + timedelta(days=365),
            )
            await deliver(tx, delivery, now)
            place = {"list_id": f"sl_of_{document_id}", "created_at": now}
            await insert_if_absent(tx, status_lists, STATUS_LIST | place)
        return document_id

    return offer_document
