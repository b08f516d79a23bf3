"""Issuing SD-JWT VCs of the giayto profile (docs/credential-profile.md)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from giayto_crypto import jws
from giayto_crypto.errors import MalformedError
from giayto_crypto.keys import PublicKey, Signer
from giayto_crypto.sdjwt.concealment import SaltSource, conceal_every_claim
from giayto_crypto.sdjwt.disclosure import ALGORITHM
from giayto_crypto.sdjwt.token import TYP, join_sd_jwt

HASH_NAME = "sha-256"
ISSUED_AT_STEP = 3600
"""`iat` is rounded down to the hour, so that copies issued in one go cannot be linked by their second."""

PROFILE_MEMBERS = frozenset({"iss", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status"})
"""What stands in clear in every credential; a disclosure of the same name would make it unverifiable."""


class StatusReference(msgspec.Struct, frozen=True):
    """Where a credential's status is found: the list's URI and the index in it."""

    uri: str
    idx: int


def issue_credential(
    *,
    issuer: str,
    vct: str,
    holder_key: PublicKey,
    status: StatusReference,
    issued_at: datetime,
    not_before: datetime,
    expires_at: datetime,
    claims: Mapping[str, Any],
    signer: Signer,
    x5c: Sequence[bytes],
    salt_source: SaltSource | None = None,
) -> str:
    """Sign one copy of a document for one holder key.

    Args:
        issuer: https URL of the agency, as the leaf certificate's SAN carries it.
        vct: the document type.
        holder_key: goes into `cnf`.
        status: reserved for this copy alone.
        issued_at: rounded down to the hour.
        not_before: start of validity.
        expires_at: end of validity; mandatory in this profile.
        claims: NFC text; every top-level claim becomes a disclosure, and `Sd` marks further ones below.
        signer: the agency's key, certified by the first certificate of `x5c`.
        x5c: DER certificates, leaf first, anchor left out.
        salt_source: 16 fresh random bytes at each call; the operating system's when None.

    Returns:
        `<JWS>~<disclosure>~…~`, a parent always directly before the disclosures below it.

    Raises:
        MalformedError: a claim name that the profile or SD-JWT uses itself, text that is not NFC, a value that is not
            JSON, a time without zone, or an end that does not lie after the start.
    """
    if not _seconds(not_before) < _seconds(expires_at):
        raise MalformedError("credential: exp must lie after nbf")
    if not PROFILE_MEMBERS.isdisjoint(claims):
        raise MalformedError("credential: a claim has the name of a member that stands in clear")
    concealed, disclosures = conceal_every_claim(claims, salt_source)
    payload = {
        "iss": issuer,
        "iat": _seconds(issued_at) // ISSUED_AT_STEP * ISSUED_AT_STEP,
        "nbf": _seconds(not_before),
        "exp": _seconds(expires_at),
        "vct": vct,
        "cnf": {"jwk": holder_key.jwk},
        "status": {"status_list": {"idx": status.idx, "uri": status.uri}},
        ALGORITHM: HASH_NAME,
        **concealed,
    }
    token = jws.sign_with_x5c(payload, signer=signer, typ=TYP, x5c=x5c)
    return join_sd_jwt(token, (disclosure.encoded for disclosure in disclosures))


def _seconds(moment: datetime) -> int:
    # Without a zone it would be read in that of the machine.
    if moment.tzinfo is None:
        raise MalformedError("credential: times must have a zone")
    return int(moment.timestamp())
