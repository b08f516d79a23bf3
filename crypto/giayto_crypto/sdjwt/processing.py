"""Putting disclosures back into the signed payload (RFC 9901 §7.1), refusing every ambiguity."""

from collections.abc import Iterable, Mapping
from typing import Any

from giayto_crypto.errors import DisclosureError
from giayto_crypto.sdjwt.disclosure import ALGORITHM, ARRAY_DIGEST, DIGESTS, Disclosure
from giayto_crypto.sdjwt.issuance import HASH_NAME
from giayto_crypto.strict_json import DEFAULT_MAX_DEPTH


def reveal(payload: Mapping[str, Any], disclosures: Iterable[Disclosure]) -> dict[str, Any]:
    """Return the claims that the payload and the disclosures state together.

    Args:
        payload: the issuer-signed payload.
        disclosures: in any order.

    Returns:
        The payload with each disclosed claim in its place; `_sd`, `_sd_alg` and undisclosed elements are gone.

    Raises:
        DisclosureError: a digest twice, a disclosure that nothing refers to or that is of the wrong kind for its place,
            a claim that is already there, claims nested deeper than JSON may be, another hash than sha-256.
    """
    return reveal_and_count(payload, disclosures)[0]


def reveal_and_count(payload: Mapping[str, Any], disclosures: Iterable[Disclosure]) -> tuple[dict[str, Any], int]:
    """Do what `reveal` does, and count the digests that no disclosure belongs to."""
    if payload.get(ALGORITHM, HASH_NAME) != HASH_NAME:
        raise DisclosureError("SD-JWT: _sd_alg must be sha-256")
    signed = {name: value for name, value in payload.items() if name != ALGORITHM}
    revealing = _Reveal(disclosures)
    return revealing.whole(signed), revealing.hidden


_CONTAINERS = (dict, list)
"""The types of JSON's objects and arrays as they were read; most values are neither."""


class _Reveal:
    """One pass over one payload; remembers which digests were met and which disclosures were used."""

    def __init__(self, disclosures: Iterable[Disclosure]) -> None:
        given = tuple(disclosures)
        self._unused = {disclosure.digest: disclosure for disclosure in given}
        self._met: set[str] = set()
        self._given = len(given)
        if len(self._unused) != len(given):
            raise DisclosureError("SD-JWT: the same disclosure twice")

    @property
    def hidden(self) -> int:
        """How many digests stand for something that was not disclosed."""
        return len(self._met) - self._given

    def whole(self, payload: dict[str, Any]) -> dict[str, Any]:
        claims = self._object(payload, 1)
        if self._unused:
            raise DisclosureError("SD-JWT: a disclosure that no digest refers to")
        return claims

    def _value(self, value: Any, depth: int) -> Any:
        if type(value) not in _CONTAINERS:
            return value
        # Each disclosure is shallow by itself; one inside the other they could exhaust the stack.
        if depth > DEFAULT_MAX_DEPTH:
            raise DisclosureError(f"SD-JWT: claims nested deeper than {DEFAULT_MAX_DEPTH}")
        return self._object(value, depth) if isinstance(value, dict) else self._array(value, depth)

    def _object(self, value: dict[str, Any], depth: int) -> dict[str, Any]:
        if ARRAY_DIGEST in value or ALGORITHM in value:
            raise DisclosureError("SD-JWT: ... or _sd_alg where it has no meaning")
        claims = value.copy()
        digests = claims.pop(DIGESTS, None)
        for name, member in claims.items():
            if type(member) in _CONTAINERS:
                claims[name] = self._value(member, depth + 1)
        if digests is None and DIGESTS not in value:
            return claims
        if not isinstance(digests, list):
            raise DisclosureError("SD-JWT: _sd must be an array of digests")
        for disclosure in filter(None, map(self._take, digests)):
            if disclosure.name is None:
                raise DisclosureError("SD-JWT: an array element's disclosure in the place of a claim")
            if disclosure.name in claims:
                raise DisclosureError("SD-JWT: a disclosure shadows a claim of the same name")
            claims[disclosure.name] = self._value(disclosure.value, depth + 1)
        return claims

    def _array(self, value: list[Any], depth: int) -> list[Any]:
        elements = []
        for element in value:
            if not (isinstance(element, dict) and ARRAY_DIGEST in element):
                elements.append(self._value(element, depth + 1))
                continue
            if len(element) != 1:
                raise DisclosureError("SD-JWT: ... must stand alone in its object")
            disclosure = self._take(element[ARRAY_DIGEST])
            if disclosure is None:
                continue
            if disclosure.name is not None:
                raise DisclosureError("SD-JWT: a claim's disclosure in the place of an array element")
            elements.append(self._value(disclosure.value, depth + 1))
        return elements

    def _take(self, digest: Any) -> Disclosure | None:
        if not isinstance(digest, str):
            raise DisclosureError("SD-JWT: a digest must be a string")
        if digest in self._met:
            raise DisclosureError("SD-JWT: the same digest twice")
        self._met.add(digest)
        return self._unused.pop(digest, None)
