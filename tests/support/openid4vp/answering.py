"""Reading a request object, and posting an answer to it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from giayto_crypto import b64url, jwe, jws
from giayto_crypto.keys import Signer
from giayto_crypto.sdjwt import ClaimPath, UnverifiedSdJwt, select


@dataclass(frozen=True)
class RequestSeen:
    """What a wallet finds in a request object; nothing was verified."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def encryption_key(self) -> dict[str, Any]:
        key: dict[str, Any] = self.claims["client_metadata"]["jwks"]["keys"][0]
        return key

    @property
    def query_id(self) -> str:
        name: str = self.claims["dcql_query"]["credentials"][0]["id"]
        return name


def read_request_object(token: str) -> RequestSeen:
    """Take a request object apart."""
    parsed = jws.parse(token, typ="oauth-authz-req+jwt")
    return RequestSeen(parsed.header, parsed.unverified_payload())


def key_bound(
    credential: str,
    shown: Iterable[ClaimPath],
    *,
    holder: Signer,
    seen: RequestSeen,
    now: datetime,
    confirmed: Sequence[str] = (),
    typ: str = "kb+jwt",
    **changes: Any,
) -> str:
    """Present claims with a key-binding JWT for a request; None among the changes leaves a member out."""
    sd_jwt = select(UnverifiedSdJwt.parse_issued(credential), shown).sd_jwt
    claims: dict[str, Any] = {
        "iat": int(now.timestamp()),
        "nonce": seen.claims["nonce"],
        "aud": seen.claims["client_id"],
        "sd_hash": b64url.encode(sha256(sd_jwt.encode()).digest()),
    }
    if confirmed:
        hashes = [b64url.encode(sha256(each.encode()).digest()) for each in confirmed]
        claims |= {"transaction_data_hashes": hashes, "transaction_data_hashes_alg": "sha-256"}
    kept = {name: value for name, value in (claims | changes).items() if value is not None}
    return sd_jwt + jws.sign(kept, signer=holder, typ=typ)


def plain_form(seen: RequestSeen, vp_token: Mapping[str, Any], **changes: str) -> dict[str, str]:
    """The form of an answer in the mode direct_post."""
    return {"vp_token": json.dumps(vp_token), "state": seen.claims["state"], **changes}


def encrypted_form(
    seen: RequestSeen, vp_token: Mapping[str, Any], *, enc: str = "A256GCM", **changes: Any
) -> dict[str, str]:
    """The form of an answer in the mode direct_post.jwt; None among the changes leaves a member out."""
    members = {"vp_token": vp_token, "state": seen.claims["state"], **changes}
    kept = {name: value for name, value in members.items() if value is not None}
    return {"response": jwe.encrypt(json.dumps(kept).encode(), recipient=seen.encryption_key, enc=enc)}
