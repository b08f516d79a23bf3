"""A registered bank and a wallet of another maker, as callers of the hosted endpoints."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import httpx2

from giayto_crypto import b64url, jws
from giayto_crypto.keys import LocalSigner
from giayto_crypto.localised import Localised
from giayto_issuers.document_type.loading import load_builtin_types
from giayto_verifiers.requests import Purpose
from giayto_wallet_api.presentation_requests import registration
from openid4vp.answering import RequestSeen, encrypted_form, key_bound, read_request_object

CARD = "urn:giayto:type:health-insurance-card:1"
PURPOSE = "BAO_HIEM"
SHOWN = (("full_name",), ("card_number",), ("valid_from",), ("valid_until",))
CLAIMS: Mapping[str, Any] = {
    "full_name": "Nguyễn Thị Canary",
    "personal_number": "001099012345",
    "birth_date": "1999-02-28",
    "card_number": "GD4010199012345",
    "valid_from": "2026-01-01",
    "valid_until": "2027-12-31",
}


@dataclass
class VerifierCaller:
    """A verifier's system: its keys, and requests as it makes them. Written apart from the SDK on purpose."""

    http: httpx2.AsyncClient
    clock: Any
    base_url: str
    verifier_id: str
    client_key: LocalSigner = field(default_factory=LocalSigner.generate)
    dpop_key: LocalSigner = field(default_factory=LocalSigner.generate)
    nonce: str | None = None
    token: str | None = None

    async def request_token(self, *, scope: str = "verifier", signer: LocalSigner | None = None) -> httpx2.Response:
        now = int(self.clock().timestamp())
        claims = {"iss": self.verifier_id, "sub": self.verifier_id, "aud": self.base_url, "jti": secrets.token_hex(8)}
        claims |= {"iat": now, "exp": now + 60}
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jws.sign(claims, signer=signer or self.client_key, typ="client-authentication+jwt"),
            "scope": scope,
        }
        headers = {"dpop": self._proof("POST", "/oauth/token", nonce=self.nonce)}
        response = await self.http.post("/oauth/token", data=form, headers=headers)
        if "dpop-nonce" in response.headers and self.nonce is None:
            self.nonce = response.headers["dpop-nonce"]
            return await self.request_token(scope=scope, signer=signer)
        return response

    async def call(self, method: str, path: str, **arguments: Any) -> httpx2.Response:
        if self.token is None:
            self.token = (await self.request_token()).json()["access_token"]
        proof = self._proof(method, path.partition("?")[0], ath=self.token)
        headers = {"authorization": f"DPoP {self.token}", "dpop": proof}
        return await self.http.request(method, path, headers=headers, **arguments)

    async def ask(self, **changes: Any) -> httpx2.Response:
        body = {"purpose": PURPOSE, "document_type": CARD, "claims": [list(path) for path in SHOWN], **changes}
        kept = {name: value for name, value in body.items() if value is not None}
        return await self.call("POST", "/verifier/v1/requests", json=kept)

    async def result(self, request_id: str, **body: Any) -> httpx2.Response:
        return await self.call("POST", f"/verifier/v1/requests/{request_id}/result", json=body)

    def _proof(self, method: str, path: str, *, ath: str | None = None, nonce: str | None = None) -> str:
        claims = {
            "jti": secrets.token_hex(8),
            "htm": method,
            "htu": self.base_url + path,
            "iat": int(self.clock().timestamp()),
            "ath": b64url.encode(sha256(ath.encode()).digest()) if ath else None,
            "nonce": nonce,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return jws.sign(kept, signer=self.dpop_key, typ="dpop+jwt", header={"jwk": self.dpop_key.public_key.jwk})


@dataclass
class Holder:
    """A wallet of another maker, with one document."""

    http: httpx2.AsyncClient
    clock: Any
    key: LocalSigner
    credential: str

    async def look(self, made: Mapping[str, Any], **form: str) -> RequestSeen:
        path = made["request_uri"].partition("//")[2].partition("/")[2]
        response = await (self.http.post(f"/{path}", data=form) if form else self.http.get(f"/{path}"))
        assert response.status_code == 200, response.text
        return read_request_object(response.text)

    def shown(self, seen: RequestSeen, shown: Any = SHOWN, **changes: Any) -> str:
        values: dict[str, Any] = {"holder": self.key, "seen": seen, "now": self.clock()}
        return key_bound(changes.pop("credential", self.credential), shown, **values | changes)

    async def post(self, seen: RequestSeen, form: Mapping[str, str]) -> httpx2.Response:
        path = seen.claims["response_uri"].partition("//")[2].partition("/")[2]
        return await self.http.post(f"/{path}", data=form)

    async def answer(self, seen: RequestSeen, shown: Any = SHOWN, **changes: Any) -> httpx2.Response:
        return await self.post(seen, encrypted_form(seen, {seen.query_id: [self.shown(seen, shown, **changes)]}))


async def registered_bank(
    http: httpx2.AsyncClient, runtime: Any, clock: Any, base_url: str, verifier_id: str
) -> VerifierCaller:
    """Register a bank that may ask for a health-insurance card for one purpose."""
    caller = VerifierCaller(http, clock, base_url, verifier_id)
    now = clock()
    async with runtime.database.transaction() as tx:
        names = Localised(vi="Ngân hàng A", en="Bank A")
        await registration.register_verifier(
            tx, verifier_id=verifier_id, names=names, domains=["bank-a.example"], now=now
        )
        await registration.add_verifier_key(tx, verifier_id=verifier_id, key=caller.client_key.public_key, now=now)
        for code in (PURPOSE, "KHAM_CHUA_BENH", "OTHER"):
            purpose = Purpose(code=code, vi="Chi trả bảo hiểm", en="Pay an insurance claim")
            await registration.add_purpose(tx, verifier_id=verifier_id, purpose=purpose, now=now)
        card = load_builtin_types().find(CARD)
        assert card is not None
        await registration.permit(
            tx, verifier_id=verifier_id, purpose=PURPOSE, document_type=card, claims=SHOWN, now=now
        )
    return caller
