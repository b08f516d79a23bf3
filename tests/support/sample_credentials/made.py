"""SD-JWTs put together by hand, so that each part can be wrong in exactly one way."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from giayto_crypto import b64url, jws
from giayto_crypto.keys import Signer
from sample_credentials.keys import HOLDER, ISSUER


def encoded_json(value: Any) -> str:
    """Return base64url of JSON as Python writes it: with spaces, unlike giayto."""
    return b64url.encode(json.dumps(value, ensure_ascii=False).encode())


def disclosure(name: str, value: Any, salt: str = "c2FsdA") -> tuple[str, str]:
    """Return a disclosure of an object member, and its digest."""
    return _with_digest(encoded_json([salt, name, value]))


def array_disclosure(value: Any, salt: str = "c2FsdA") -> tuple[str, str]:
    """Return a disclosure of an array element, and its digest."""
    return _with_digest(encoded_json([salt, value]))


def sd_jwt(
    payload: Mapping[str, Any],
    *disclosures: str,
    signer: Signer = ISSUER,
    key_binding: str = "",
    typ: str = "dc+sd-jwt",
) -> str:
    """Sign a payload as it is and join it with encoded disclosures."""
    return "~".join((jws.sign(payload, signer=signer, typ=typ), *disclosures, key_binding))


def key_binding_jwt(shown: str, *, holder: Signer = HOLDER, typ: str = "kb+jwt", **changes: Any) -> str:
    """Sign a key-binding JWT for an SD-JWT that ends with `~`; a member that is changed to None is left out."""
    members = {
        "iat": 1_790_000_000,
        "nonce": "a-nonce",
        "aud": "https://verifier.example",
        "sd_hash": b64url.encode(sha256(shown.encode()).digest()),
    }
    kept = {name: value for name, value in (members | changes).items() if value is not None}
    return jws.sign(kept, signer=holder, typ=typ)


def resign(header: Mapping[str, Any], payload: bytes, *, signer: Signer = ISSUER) -> str:
    """Sign any header and any payload bytes as a compact JWS."""
    signing_input = f"{encoded_json(header)}.{b64url.encode(payload)}"
    return f"{signing_input}.{b64url.encode(signer.sign(signing_input.encode()))}"


def _with_digest(encoded: str) -> tuple[str, str]:
    return encoded, b64url.encode(sha256(encoded.encode()).digest())
