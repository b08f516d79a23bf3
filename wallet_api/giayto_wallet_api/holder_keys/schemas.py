"""Bodies of nonces and holder keys."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

NONCE_EXAMPLE = {"nonce": "tZignsnFbp9e0Hc5uNqXxQ", "expires_in": 300}
REGISTRATION_REQUEST_EXAMPLE = {"proofs": ["eyJhbGciOiJFUzI1NiIsInR5cCI6ImdpYXl0by1ob2xkZXIta2V5K2p3dCIs…"]}
REGISTRATION_EXAMPLE = {"registered": 1, "unused": 20}
POOL_EXAMPLE = {
    "items": [
        {
            "key_thumbprint": "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s",
            "credential_count": 0,
            "registered_at": "2026-11-22T09:31:00Z",
        }
    ],
    "next_cursor": None,
}


class NonceAnswer(msgspec.Struct, frozen=True):
    """A nonce for the proofs of one registration; `expires_in` is in seconds."""

    nonce: str
    expires_in: int


class RegistrationRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Proofs of possession, one for each key, all with the same nonce."""

    proofs: Annotated[list[Annotated[str, Meta(max_length=4096)]], Meta(min_length=1, max_length=50)]


class Registration(msgspec.Struct, frozen=True):
    """How many keys are new, and how many keys of the pool are bound to no credential yet."""

    registered: int
    unused: int


class PoolItem(msgspec.Struct, frozen=True):
    """A key of this device's pool and how many credentials are bound to it."""

    key_thumbprint: str
    credential_count: int
    registered_at: datetime


class PoolPage(msgspec.Struct, frozen=True):
    """A page of the pool."""

    items: list[PoolItem]
    next_cursor: str | None
