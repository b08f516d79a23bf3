"""Fetching credentials from an OpenID4VCI 1.0 issuer: nonce, proofs, encrypted request, deferral, notification."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, Final
from urllib.parse import urlsplit

from giayto_crypto import jwe, jws
from giayto_crypto.errors import GiaytoError
from giayto_crypto.jwe import EncryptionKey
from giayto_crypto.keys import LocalSigner, PublicKey
from giayto_crypto.sdjwt import UnverifiedSdJwt
from giayto_sdk._clock import Clock
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.messages import MAX_JSON_ANSWER_BYTES, Answer, Request, list_member, read_object, text_member
from giayto_sdk._wallet.issuance_grants import IssuanceGrant
from giayto_sdk.errors import CredentialPendingError, ProtocolError

DEFAULT_COPIES: Final = 5
DEFAULT_PATIENCE: Final = 120.0
"""Seconds to wait for credentials that are not issued at once."""
_PROOF_TYPE: Final = "openid4vci-proof+jwt"
_ENCRYPTION: Final = "A256GCM"
_ACCEPTED: Final = 202
_LONGEST_INTERVAL: Final = 60.0


@dataclass(frozen=True, slots=True)
class IssuerMetadata:
    """What the issuer says of itself (§12.2)."""

    members: Mapping[str, Any]

    @classmethod
    def fetch(cls, http: HttpClient) -> "IssuerMetadata":
        """Read the metadata where the issuer's identifier says; ProtocolError when they are of another issuer."""
        members = http.send(
            lambda: Request("GET", well_known(http, "openid-credential-issuer")), repeatable=True
        ).json()
        if members.get("credential_issuer") != http.base_url:
            raise ProtocolError("issuer metadata: they are of another issuer")
        return cls(members)

    def endpoint(self, name: str) -> str:
        """Return the URL of an endpoint."""
        return text_member(self.members, f"{name}_endpoint")

    def configuration(self, identifier: str) -> Mapping[str, Any]:
        """Return a credential configuration; ProtocolError when the issuer has none of that name."""
        found = self.members.get("credential_configurations_supported", {}).get(identifier)
        if not isinstance(found, dict):
            raise ProtocolError("issuer metadata: no such credential configuration")
        return found

    @property
    def batch_size(self) -> int:
        """How many copies one request may ask for."""
        size = (self.members.get("batch_credential_issuance") or {}).get("batch_size", 1)
        return size if isinstance(size, int) and size > 0 else 1

    @property
    def request_key(self) -> Mapping[str, Any] | None:
        """The key that requests may be encrypted to, when the issuer takes such requests."""
        keys = (self.members.get("credential_request_encryption") or {}).get("jwks", {}).get("keys", [])
        return next((key for key in keys if isinstance(key, dict) and key.get("alg") == jwe.ALGORITHM), None)


class CredentialFetcher:
    """Fetches copies of a document from one issuer."""

    def __init__(
        self, http: HttpClient, metadata: IssuerMetadata, clock: Clock, *, wait: Callable[[float], None] = sleep
    ) -> None:
        """Prepare; `wait` pauses between tries of a deferred issuance."""
        self._http = http
        self._metadata = metadata
        self._clock = clock
        self._wait = wait

    def fetch(
        self,
        grant: IssuanceGrant,
        configuration_id: str,
        keys: Sequence[LocalSigner],
        *,
        client_id: str | None,
        patience: float = DEFAULT_PATIENCE,
    ) -> list[str]:
        """Fetch one copy for each key, check them, and tell the issuer that they arrived.

        Args:
            grant: lets this wallet fetch the document.
            configuration_id: what was offered.
            keys: each gets one copy.
            client_id: when the wallet named itself to get the grant.
            patience: seconds to wait for credentials that are not issued at once.

        Raises:
            CredentialPendingError: they were not issued in time.
            ProtocolError: what came is not what was asked for.
        """
        named = (
            {"credential_identifier": grant.identifiers[0]}
            if grant.identifiers
            else {"credential_configuration_id": configuration_id}
        )
        body = {**named, "proofs": {"jwt": self._proofs(keys, client_id)}}
        members = self._issued(grant, body, patience)
        try:
            credentials = self._checked(members, configuration_id, [key.public_key for key in keys])
        except ProtocolError:
            self._notify(grant, members, "credential_failure")
            raise
        self._notify(grant, members, "credential_accepted")
        return credentials

    def _proofs(self, keys: Sequence[LocalSigner], client_id: str | None) -> list[str]:
        endpoint = self._metadata.endpoint("nonce")
        nonce = text_member(self._http.send(lambda: Request("POST", endpoint), repeatable=True).json(), "c_nonce")
        claims = {"aud": self._http.base_url, "iat": int(self._clock().timestamp()), "nonce": nonce}
        if client_id is not None:
            claims["iss"] = client_id
        return [jws.sign(claims, signer=key, typ=_PROOF_TYPE, header={"jwk": key.public_key.jwk}) for key in keys]

    def _issued(self, grant: IssuanceGrant, body: Mapping[str, Any], patience: float) -> dict[str, Any]:
        status, members = self._exchange(grant, self._metadata.endpoint("credential"), body)
        deadline = monotonic() + patience
        while status == _ACCEPTED:
            interval = members.get("interval")
            pause = min(float(interval), _LONGEST_INTERVAL) if isinstance(interval, int | float) else _LONGEST_INTERVAL
            if monotonic() + pause > deadline:
                raise CredentialPendingError("issuance: the document is not signed yet; fetch it again later")
            self._wait(pause)
            again = {"transaction_id": text_member(members, "transaction_id")}
            status, members = self._exchange(grant, self._metadata.endpoint("deferred_credential"), again)
        return members

    def _exchange(self, grant: IssuanceGrant, endpoint: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Send a request, encrypted where the issuer takes that, and read the answer."""
        recipient, own = self._metadata.request_key, EncryptionKey.generate()
        if recipient is None:
            request = Request("POST", endpoint, json=body)
        else:
            wanted = {**body, "credential_response_encryption": {"jwk": own.jwk, "enc": _ENCRYPTION}}
            sealed = jwe.encrypt(json.dumps(wanted).encode(), recipient=recipient, enc=_ENCRYPTION)
            headers = {"Content-Type": "application/jwt", "Accept": "application/jwt, application/json"}
            request = Request("POST", endpoint, content=sealed.encode(), headers=headers)
        # A key gets one copy: after a lost answer the request is not repeated, the next one comes with new keys.
        answer = self._http.send(lambda: request.with_token(grant.token.value), repeatable=False, dpop=grant.dpop)
        return answer.status, _opened(answer, own) if recipient is not None else answer.json()

    def _checked(self, members: Mapping[str, Any], configuration_id: str, keys: Sequence[PublicKey]) -> list[str]:
        vct = self._metadata.configuration(configuration_id).get("vct")
        items = list_member(members, "credentials")
        credentials = [text_member(item if isinstance(item, dict) else {}, "credential") for item in items]
        if not 1 <= len(credentials) <= len(keys):
            raise ProtocolError("issuance: as many copies as keys are expected")
        wanted = {key.thumbprint for key in keys}
        for credential in credentials:
            try:
                payload = UnverifiedSdJwt.parse_issued(credential).jws.unverified_payload()
                bound = PublicKey.from_jwk(payload["cnf"]["jwk"]).thumbprint
            except (GiaytoError, KeyError, TypeError) as error:
                raise ProtocolError("issuance: a copy is not an SD-JWT VC bound to a key") from error
            if bound not in wanted or payload.get("vct") != vct:
                raise ProtocolError("issuance: a copy is of another type, or bound to another key")
            wanted.discard(bound)
        return credentials

    def _notify(self, grant: IssuanceGrant, members: Mapping[str, Any], event: str) -> None:
        notification_id = members.get("notification_id")
        if not isinstance(notification_id, str) or "notification_endpoint" not in self._metadata.members:
            return
        body = {"notification_id": notification_id, "event": event}
        request = Request("POST", self._metadata.endpoint("notification"), json=body).with_token(grant.token.value)
        self._http.send(lambda: request, repeatable=True, dpop=grant.dpop)


def well_known(http: HttpClient, name: str) -> str:
    """Return where an identifier's metadata stand: the well-known part goes between host and path."""
    parts = urlsplit(http.base_url)
    return f"{parts.scheme}://{parts.netloc}/.well-known/{name}{parts.path}"


def _opened(answer: Answer, own: EncryptionKey) -> dict[str, Any]:
    try:
        token = answer.body.decode("ascii")
        opened = jwe.decrypt(token, keys={own.kid: own.private_key}, max_bytes=MAX_JSON_ANSWER_BYTES)
    except (GiaytoError, UnicodeDecodeError) as error:
        raise ProtocolError("issuance: the answer is not encrypted as was asked for") from error
    return read_object(opened.plaintext)
