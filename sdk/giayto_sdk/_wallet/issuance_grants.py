"""Tokens of a wallet at a credential issuer: for a pre-authorized code, a login, or a refresh token."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

from giayto_crypto import b64url
from giayto_crypto.keys import LocalSigner
from giayto_sdk._clock import Clock
from giayto_sdk._http.authorised import AccessToken
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._http.messages import Request, text_member
from giayto_sdk._wallet.authentication import Authenticator
from giayto_sdk._wallet.issuance_offers import PRE_AUTHORIZED_CODE
from giayto_sdk.errors import LoginError

_SECRET_BYTES: Final = 32


@dataclass(slots=True)
class IssuanceGrant:
    """What this wallet may fetch, and the key that all its tokens are bound to."""

    key: LocalSigner = field(repr=False)
    dpop: DpopProver = field(repr=False)
    token: AccessToken = field(repr=False)
    refresh_token: str = field(repr=False)
    identifiers: tuple[str, ...]
    """Documents that the token answer named; empty when it named none."""


class TokenEndpoint:
    """Asks one issuer's authorization server for tokens."""

    def __init__(self, http: HttpClient, clock: Clock, metadata: Mapping[str, Any], client_id: str) -> None:
        """Prepare.

        Args:
            http: speaks to the issuer.
            clock: the time of proofs.
            metadata: of the authorization server (RFC 8414).
            client_id: of this wallet, for logins.
        """
        self._http = http
        self._clock = clock
        self._metadata = metadata
        self._client_id = client_id

    def redeem_code(self, code: str, tx_code: str | None, configuration_id: str) -> IssuanceGrant:
        """Exchange a pre-authorized code; RefusedError (`invalid_grant`) when it or the transaction code is wrong."""
        details = [{"type": "openid_credential", "credential_configuration_id": configuration_id}]
        form = {
            "grant_type": PRE_AUTHORIZED_CODE,
            "pre-authorized_code": code,
            "authorization_details": json.dumps(details),
        }
        return self._grant(form if tx_code is None else {**form, "tx_code": tx_code}, LocalSigner.generate())

    def log_in(self, scope: str, authenticator: Authenticator) -> IssuanceGrant:
        """Let the citizen log in and agree in a browser (RFC 9126, RFC 7636, RFC 9207).

        Raises:
            LoginError: refused, or an answer that is not to this login.
        """
        key = LocalSigner.generate()
        verifier, state = token_urlsafe(_SECRET_BYTES), token_urlsafe(_SECRET_BYTES)
        with authenticator.ready() as (redirect_uri, answer):
            url = self._push(scope, redirect_uri, verifier, state, key)
            code = self._code(answer(url), redirect_uri, state)
            form = {
                "grant_type": "authorization_code",
                "code": code,
                "client_id": self._client_id,
                "redirect_uri": redirect_uri,
                "code_verifier": verifier,
            }
            return self._grant(form, key)

    def refresh(self, refresh_token: str, key: LocalSigner) -> IssuanceGrant:
        """Exchange a refresh token. It works once: keep the one that comes back."""
        return self._grant({"grant_type": "refresh_token", "refresh_token": refresh_token}, key)

    def _push(self, scope: str, redirect_uri: str, verifier: str, state: str, key: LocalSigner) -> str:
        form = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": scope,
            "state": state,
            "code_challenge": b64url.encode(sha256(verifier.encode()).digest()),
            "code_challenge_method": "S256",
            "dpop_jkt": key.public_key.thumbprint,
        }
        endpoint = text_member(self._metadata, "pushed_authorization_request_endpoint")
        pushed = self._http.send(lambda: Request("POST", endpoint, form=form), repeatable=True).json()
        query = urlencode({"client_id": self._client_id, "request_uri": text_member(pushed, "request_uri")})
        return f"{text_member(self._metadata, 'authorization_endpoint')}?{query}"

    def _code(self, callback_url: str, redirect_uri: str, state: str) -> str:
        address, _, query = callback_url.partition("?")
        answered = {name: values[0] for name, values in parse_qs(query).items() if len(values) == 1}
        if address != redirect_uri or not compare_digest(answered.get("state", "").encode(), state.encode()):
            raise LoginError("login: this is the answer to another login")
        if answered.get("iss") != self._metadata.get("issuer"):
            raise LoginError("login: the answer comes from another server")
        if "code" not in answered:
            raise LoginError("login: it was refused, or nothing waits for this citizen")
        return answered["code"]

    def _grant(self, form: Mapping[str, str], key: LocalSigner) -> IssuanceGrant:
        dpop = DpopProver(key, self._clock)
        request = Request("POST", text_member(self._metadata, "token_endpoint"), form=form)
        # Codes and refresh tokens work once: after a lost answer a second try would only harm.
        answer = self._http.send(lambda: request, repeatable=False, dpop=dpop)
        members = answer.json()
        return IssuanceGrant(
            key=key,
            dpop=dpop,
            token=AccessToken.from_answer(answer, self._clock()),
            refresh_token=text_member(members, "refresh_token"),
            identifiers=_identifiers(members.get("authorization_details")),
        )


def _identifiers(details: object) -> tuple[str, ...]:
    found: list[str] = []
    for detail in details if isinstance(details, list) else ():
        named = detail.get("credential_identifiers") if isinstance(detail, dict) else None
        found += [each for each in named or () if isinstance(each, str)]
    return tuple(found)
