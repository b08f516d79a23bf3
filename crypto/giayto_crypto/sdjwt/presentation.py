"""The holder's side: choosing what to reveal, and proving possession (RFC 9901 §7.2)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from giayto_crypto import jws
from giayto_crypto.errors import GiaytoError
from giayto_crypto.keys import Signer
from giayto_crypto.sdjwt.disclosure import ARRAY_DIGEST, DIGESTS, Disclosure
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
    """
    held = list(disclosure_paths(credential))
    claims = reveal(credential.jws.unverified_payload(), credential.disclosures)
    chosen: set[str] = set()
    for path in paths:
        if not _leads_somewhere(claims, path):
            raise ClaimNotHeldError("present: a claim path leads to nothing in this credential")
        chosen.update(disclosure.digest for place, disclosure in held if _on_the_way(place, path))
    kept = tuple(disclosure for _, disclosure in held if disclosure.digest in chosen)
    return UnverifiedSdJwt(jws=credential.jws, disclosures=kept, key_binding=None)


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
    """Yield every disclosure with its place, each parent directly before those below it."""
    by_digest = {disclosure.digest: disclosure for disclosure in credential.disclosures}
    order = {disclosure.digest: position for position, disclosure in enumerate(credential.disclosures)}

    def below(value: Any, place: ClaimPath) -> Iterator[tuple[ClaimPath, Disclosure]]:
        if isinstance(value, dict):
            for name, member in value.items():
                if name != DIGESTS:
                    yield from below(member, (*place, name))
            held = [by_digest[digest] for digest in value.get(DIGESTS, ()) if digest in by_digest]
            for disclosure in sorted(held, key=lambda disclosure: order[disclosure.digest]):
                yield from found(disclosure, (*place, disclosure.name))
        elif isinstance(value, list):
            for position, element in enumerate(value):
                digest = element.get(ARRAY_DIGEST) if isinstance(element, dict) else None
                if digest is None:
                    yield from below(element, (*place, position))
                elif digest in by_digest:
                    yield from found(by_digest[digest], (*place, position))

    def found(disclosure: Disclosure, place: ClaimPath) -> Iterator[tuple[ClaimPath, Disclosure]]:
        yield place, disclosure
        yield from below(disclosure.value, place)

    return below(credential.jws.unverified_payload(), ())


def _leads_somewhere(value: Any, path: ClaimPath) -> bool:
    if not path:
        return True
    step, rest = path[0], path[1:]
    match value:
        case dict() if isinstance(step, str):
            return step in value and _leads_somewhere(value[step], rest)
        case list() if step is None:
            return any(_leads_somewhere(element, rest) for element in value)
        case list() if isinstance(step, int):
            return 0 <= step < len(value) and _leads_somewhere(value[step], rest)
    return False


def _on_the_way(place: ClaimPath, path: ClaimPath) -> bool:
    """Tell whether one of two paths is the beginning of the other."""
    return all(
        step == wanted or (wanted is None and isinstance(step, int)) for step, wanted in zip(place, path, strict=False)
    )
