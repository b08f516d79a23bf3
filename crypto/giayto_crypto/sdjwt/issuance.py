"""Issuing SD-JWT VCs of the giayto profile (docs/credential-profile.md)."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unicodedata import is_normalized

from giayto_crypto import jws
from giayto_crypto.errors import MalformedError
from giayto_crypto.keys import PublicKey, Signer
from giayto_crypto.sdjwt.disclosure import ALGORITHM, ARRAY_DIGEST, DIGESTS, RESERVED_NAMES, SALT_BYTES, Disclosure, Sd
from giayto_crypto.sdjwt.token import TYP, join_sd_jwt
from giayto_crypto.strict_json import LARGEST_EXACT_INTEGER

HASH_NAME = "sha-256"
ISSUED_AT_STEP = 3600
"""`iat` is rounded down to the hour, so that copies issued in one go cannot be linked by their second."""

PROFILE_MEMBERS = frozenset({"iss", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status"})
"""What stands in clear in every credential; a disclosure of the same name would make it unverifiable."""

SaltSource = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class StatusReference:
    """Where a credential's status is found: the list's URI and the index in it."""

    uri: str
    idx: int


def random_salt() -> bytes:
    """Return 128 fresh random bits (RFC 9901 §9.3)."""
    return os.urandom(SALT_BYTES)


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
    salt_source: SaltSource = random_salt,
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
        salt_source: 16 fresh random bytes at each call.

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
    concealed, disclosures = conceal({name: Sd(value) for name, value in claims.items()}, salt_source)
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
    token = jws.sign(payload, signer=signer, typ=TYP, header=jws.x5c_header(x5c))
    return join_sd_jwt(token, (disclosure.encoded for disclosure in disclosures))


def conceal(value: Any, salt_source: SaltSource = random_salt) -> tuple[Any, list[Disclosure]]:
    """Replace everything marked `Sd` in a JSON value by digests (RFC 9901 §4.2).

    Returns:
        The value to sign, and its disclosures, each parent directly before those below it. Digests of one object are
        sorted, which hides the order of the claims and lets a checker put recomputed digests back in place.
    """
    if isinstance(value, str):  # first, because nearly all values are
        _require_nfc(value)
        return value, []
    if isinstance(value, Mapping):
        return _conceal_object(value, salt_source)
    if isinstance(value, list | tuple):
        return _conceal_array(value, salt_source)
    if isinstance(value, Sd):
        raise MalformedError("claims: Sd marks object members and array elements only")
    _require_json_scalar(value)
    return value, []


def _conceal_object(value: Mapping[str, Any], salt_source: SaltSource) -> tuple[dict[str, Any], list[Disclosure]]:
    plain: dict[str, Any] = {}
    digests: list[str] = []
    disclosures: list[Disclosure] = []
    for name, member in value.items():
        if not isinstance(name, str):
            raise MalformedError("claims: names are text")
        _require_nfc(name)
        if name in RESERVED_NAMES:
            raise MalformedError("claims: _sd, _sd_alg and ... are not claim names")
        if isinstance(member, Sd):
            inner, below = conceal(member.value, salt_source)
            disclosure = Disclosure.create(salt_source(), name, inner)
            digests.append(disclosure.digest)
            disclosures += [disclosure, *below]
        else:
            plain[name], below = conceal(member, salt_source)
            disclosures += below
    if digests:
        plain[DIGESTS] = sorted(digests)
    return plain, disclosures


def _conceal_array(value: Sequence[Any], salt_source: SaltSource) -> tuple[list[Any], list[Disclosure]]:
    elements: list[Any] = []
    disclosures: list[Disclosure] = []
    for element in value:
        if isinstance(element, Sd):
            inner, below = conceal(element.value, salt_source)
            disclosure = Disclosure.create(salt_source(), None, inner)
            elements.append({ARRAY_DIGEST: disclosure.digest})
            disclosures += [disclosure, *below]
        else:
            inner, below = conceal(element, salt_source)
            elements.append(inner)
            disclosures += below
    return elements, disclosures


def _require_json_scalar(value: Any) -> None:
    # The encoder would write a date, bytes or a Decimal as some text: something else than the caller handed over.
    match value:
        case int() if not -LARGEST_EXACT_INTEGER <= value <= LARGEST_EXACT_INTEGER:
            raise MalformedError("claims: an integer beyond 2^53 - 1, on which readers do not agree")
        case None | bool() | int() | float():
            pass
        case _:
            raise MalformedError("claims: text, numbers, true, false, null, objects and arrays are JSON, nothing else")


def _require_nfc(text: str) -> None:
    # Normalising here would sign something else than the caller handed over; normalising at verification would let
    # two different signed texts look alike. So text is NFC before it is signed, or it is not signed.
    if not is_normalized("NFC", text):
        raise MalformedError("claims: text must be in Unicode normal form C before it is signed")


def _seconds(moment: datetime) -> int:
    # Without a zone it would be read in that of the machine.
    if moment.tzinfo is None:
        raise MalformedError("credential: times must have a zone")
    return int(moment.timestamp())
