"""A wallet by another maker, as the specification describes one; written apart from the SDK on purpose."""

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2

from giayto_crypto import b64url, jws
from giayto_crypto.keys import LocalSigner

PRE_AUTHORIZED_CODE = "urn:ietf:params:oauth:grant-type:pre-authorized_code"


@dataclass
class ForeignWallet:
    """Keys, tokens and requests of one wallet. What it cannot do right it can be told to do wrong."""

    http: httpx2.AsyncClient
    clock: Callable[[], datetime]
    issuer: str
    dpop_key: LocalSigner = field(default_factory=LocalSigner.generate)
    dpop_nonce: str | None = None
    access_token: str = ""
    refresh_token: str = ""
    client_id: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    async def discover(self) -> "ForeignWallet":
        self.metadata = (await self.http.get("/.well-known/openid-credential-issuer")).json()
        return self

    def proof_of_possession(self, method: str, url: str, token: str | None = None) -> str:
        claims: dict[str, Any] = {
            "jti": secrets.token_hex(8),
            "htm": method,
            "htu": url,
            "iat": int(self.clock().timestamp()),
        }
        if token is not None:
            claims["ath"] = b64url.encode(sha256(token.encode()).digest())
        if self.dpop_nonce is not None:
            claims["nonce"] = self.dpop_nonce
        return jws.sign(claims, signer=self.dpop_key, typ="dpop+jwt", header={"jwk": self.dpop_key.public_key.jwk})

    async def post_form(self, path: str, form: dict[str, Any]) -> httpx2.Response:
        """POST a form with a DPoP proof; once more when the server asks for its nonce."""
        kept = {name: value for name, value in form.items() if value is not None}
        for _ in range(2):
            proof = self.proof_of_possession("POST", self.issuer + path)
            response = await self.http.post(path, data=kept, headers={"DPoP": proof, "Accept": "*/*"})
            if "dpop-nonce" not in response.headers:
                break
            self.dpop_nonce = response.headers["dpop-nonce"]
        return response

    async def token(self, form: dict[str, Any]) -> httpx2.Response:
        response = await self.post_form("/oauth/token", form)
        if response.status_code == 200:
            self.access_token = response.json()["access_token"]
            self.refresh_token = response.json()["refresh_token"]
        return response

    async def redeem(self, offer: dict[str, Any], tx_code: str | None = None, **changes: Any) -> httpx2.Response:
        code = offer["grants"][PRE_AUTHORIZED_CODE]["pre-authorized_code"]
        form = {"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": code, "tx_code": tx_code, **changes}
        return await self.token(form)

    async def refresh(self, refresh_token: str | None = None, **changes: Any) -> httpx2.Response:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token or self.refresh_token, **changes}
        return await self.token(form)

    async def nonce(self) -> str:
        return str((await self.http.post("/oid4vci/nonce")).json()["c_nonce"])

    def key_proof(
        self,
        nonce: str | None,
        key: LocalSigner | None = None,
        *,
        signer: LocalSigner | None = None,
        typ: str = "openid4vci-proof+jwt",
        header: dict[str, Any] | None = None,
        **changes: Any,
    ) -> str:
        """A key proof; None among the changes leaves a claim out, `iat` is seconds from now."""
        key = key or LocalSigner.generate()
        claims = {"aud": self.issuer, "nonce": nonce, **changes}
        claims["iat"] = int(self.clock().timestamp()) + changes.get("iat", 0)
        kept = {name: value for name, value in claims.items() if value is not None}
        return jws.sign(
            kept, signer=signer or key, typ=typ, header={"jwk": key.public_key.jwk} if header is None else header
        )

    async def request(
        self, path: str, body: Any = None, *, content: bytes | None = None, media_type: str = "application/json"
    ) -> httpx2.Response:
        """POST to a protected endpoint."""
        proof = self.proof_of_possession("POST", self.issuer + path, self.access_token)
        headers = {
            "Authorization": f"DPoP {self.access_token}",
            "DPoP": proof,
            "Accept": "*/*",
            "Content-Type": media_type,
        }
        sent = json.dumps(body).encode() if content is None else content
        return await self.http.post(path, content=sent, headers=headers)

    async def credentials(
        self, keys: list[LocalSigner] | None = None, configuration: str | None = "referral.1", **changes: Any
    ) -> httpx2.Response:
        """Ask for a copy for each key."""
        nonce = await self.nonce()
        proofs = [self.key_proof(nonce, key) for key in keys or [LocalSigner.generate()]]
        body = {"credential_configuration_id": configuration, "proofs": {"jwt": proofs}, **changes}
        return await self.request(
            "/oid4vci/credential", {name: value for name, value in body.items() if value is not None}
        )


def offer_parameter(link: str, name: str) -> str:
    """Return `credential_offer` or `credential_offer_uri` of an offer link."""
    assert link.startswith("openid-credential-offer://?")
    (value,) = parse_qs(urlsplit(link).query, strict_parsing=True)[name]
    return value


VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@dataclass
class CitizensBrowser:
    """A browser that logs a citizen in at the sandbox and answers the consent page."""

    http: httpx2.AsyncClient
    issuer: str

    async def open(self, url: str) -> httpx2.Response:
        return await self.http.get(url)

    async def log_in(self, location: str, identifier: str) -> httpx2.Response:
        """Answer the provider's login form, and come back to where it leads."""
        form = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        answered = await self.http.post("/sandbox/idp/authorize", data={**form, "personal_number": identifier})
        assert answered.status_code == 303, answered.text
        return await self.http.get(answered.headers["location"])

    async def consent(self, page: httpx2.Response, answer: str = "allow") -> httpx2.Response:
        (secret,) = re.findall(r'name="consent" value="([^"]+)"', page.text)
        return await self.http.post("/oauth/consent", data={"consent": secret, "answer": answer})

    async def follow(self, client_id: str, request_uri: str, identifier: str, answer: str = "allow") -> dict[str, str]:
        """Go the whole way and return what the wallet is told."""
        begun = await self.open(f"/oauth/authorize?{urlencode({'client_id': client_id, 'request_uri': request_uri})}")
        assert begun.status_code == 303, begun.text
        page = await self.log_in(begun.headers["location"], identifier)
        if page.status_code == 200:
            page = await self.consent(page, answer)
        assert page.status_code == 303, page.text
        return {name: values[0] for name, values in parse_qs(urlsplit(page.headers["location"]).query).items()}


def pushed(**changes: Any) -> dict[str, Any]:
    """The form of a good pushed authorization request; None takes a parameter out."""
    form = {
        "response_type": "code",
        "client_id": "giayto-wallet",
        "redirect_uri": "http://127.0.0.1:53682/callback",
        "scope": "referral.1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "state": "a-state",
        **changes,
    }
    return {name: value for name, value in form.items() if value is not None}
