"""The holder's side: choosing what to reveal, and proving possession (RFC 9901 §7.2)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from giayto_crypto import jws
from giayto_crypto.errors import GiaytoError
from giayto_crypto.keys import Signer
from giayto_crypto.sdjwt.disclosure import ARRAY_DIGEST, DIGESTS, RESERVED_NAMES, Disclosure
from giayto_crypto.sdjwt.processing import reveal
from giayto_crypto.sdjwt.token import UnverifiedSdJwt
from giayto_crypto.sdjwt.verification import KEY_BINDING_TYP, sd_hash

IN_PERSON_AUDIENCE = "giayto:in-person"
"""`aud` of a QR shown face to face to a verifier that has not named itself."""

ClaimPath = tuple[str | int | None, ...]
"""Names and array positions from the top; None stands for every element (OpenID4VP §7)."""


class ClaimNotHeldError(GiaytoError):
    """A claim path leads nowhere in the credential that the holder has."""

    code = "claim_not_held"
    message_vi = "Giấy tờ không có thông tin được chọn."
    message_en = "The document does not hold the chosen information."


def select(credential: UnverifiedSdJwt, paths: Iterable[ClaimPath]) -> UnverifiedSdJwt:
    """Keep the disclosures that the given paths need: what lies on the way, and everything below.

    Args:
        credential: with all its disclosures.
        paths: array positions count undisclosed elements too.

    Raises:
        ClaimNotHeldError: a path that leads to nothing.
        DisclosureError: the disclosures do not fit the digests of the payload.
    """
    places = list(_places(credential))
    chosen: set[str] = set()
    for path in paths:
        if not any(len(place) == len(path) and _on_the_way(place, path) for place, _ in places):
            raise ClaimNotHeldError("present: a claim path leads to nothing in this credential")
        chosen.update(disclosure.digest for place, disclosure in places if disclosure and _on_the_way(place, path))
    disclosures = (disclosure for _, disclosure in places if disclosure)
    return credential.with_disclosures(disclosure for disclosure in disclosures if disclosure.digest in chosen)


def present(
    credential: UnverifiedSdJwt,
    paths: Iterable[ClaimPath],
    *,
    holder: Signer,
    audience: str,
    nonce: str,
    now: datetime,
) -> str:
    """Make a presentation: chosen disclosures and a fresh key-binding JWT.

    Args:
        credential: as issued.
        paths: what to reveal; see `select`.
        holder: signs with the key in `cnf`.
        audience: the verifier, or `IN_PERSON_AUDIENCE`.
        nonce: random, or the challenge that the verifier shows.
        now: the time of signing.
    """
    sd_jwt = select(credential, paths).sd_jwt
    proof = {"iat": int(now.timestamp()), "nonce": nonce, "aud": audience, "sd_hash": sd_hash(sd_jwt)}
    return sd_jwt + jws.sign(proof, signer=holder, typ=KEY_BINDING_TYP)


def disclosure_paths(credential: UnverifiedSdJwt) -> Iterator[tuple[ClaimPath, Disclosure]]:
    """Yield every disclosure with its place, each parent directly before those below it.

    Raises:
        DisclosureError: the disclosures do not fit the digests of the payload.
    """
    return ((place, disclosure) for place, disclosure in _places(credential) if disclosure)


def _places(credential: UnverifiedSdJwt) -> Iterator[tuple[ClaimPath, Disclosure | None]]:
    """Yield every place that holds a value, and the disclosure that put it there, if one did."""
    payload = credential.jws.unverified_payload()
    # Whatever a verifier would refuse is refused here too; among it what would make the walk below endless or too deep.
    reveal(payload, credential.disclosures)
    by_digest = {disclosure.digest: disclosure for disclosure in credential.disclosures}
    order = {digest: position for position, digest in enumerate(by_digest)}

    def walk(
        value: Any, place: ClaimPath, disclosure: Disclosure | None
    ) -> Iterator[tuple[ClaimPath, Disclosure | None]]:
        yield place, disclosure
        if isinstance(value, dict):
            for name, member in value.items():
                if name not in RESERVED_NAMES:
                    yield from walk(member, (*place, name), None)
            held = [digest for digest in value.get(DIGESTS, ()) if digest in by_digest]
            for digest in sorted(held, key=order.__getitem__):
                shown = by_digest[digest]
                yield from walk(shown.value, (*place, shown.name), shown)
        elif isinstance(value, list):
            for position, element in enumerate(value):
                digest = element.get(ARRAY_DIGEST) if isinstance(element, dict) else None
                if digest is None:
                    yield from walk(element, (*place, position), None)
                elif digest in by_digest:
                    yield from walk(by_digest[digest].value, (*place, position), by_digest[digest])

    return walk(payload, (), None)


def _on_the_way(place: ClaimPath, path: ClaimPath) -> bool:
    """Tell whether one of two paths is the beginning of the other."""
    return all(
        step == wanted or (wanted is None and isinstance(step, int)) for step, wanted in zip(place, path, strict=False)
    )
