"""The issuer's half of selective disclosure: claims replaced by digests (RFC 9901 §4.2)."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from unicodedata import is_normalized

from giayto_crypto.errors import MalformedError
from giayto_crypto.sdjwt.disclosure import ARRAY_DIGEST, DIGESTS, RESERVED_NAMES, SALT_BYTES, Disclosure, Sd
from giayto_crypto.strict_json import LARGEST_EXACT_INTEGER

SaltSource = Callable[[], bytes]
"""Gives 16 fresh random bytes at each call."""
SALTS_AT_ONCE = 16
"""One call of the operating system costs more than the random bytes that it gives."""


def fresh_salts() -> SaltSource:
    """Return a source of salts of 128 random bits each (RFC 9901 §9.3).

    Make one for each credential: a source that outlived a fork would give both processes the same salts.
    """
    return _draw_salts().__next__


def conceal(value: Any, salt_source: SaltSource | None = None) -> tuple[Any, list[Disclosure]]:
    """Replace everything marked `Sd` in a JSON value by digests.

    Returns:
        The value to sign, and its disclosures, each parent directly before those below it. Digests of one object are
        sorted, which hides the order of the claims and lets a checker put recomputed digests back in place.

    Raises:
        MalformedError: a reserved name, text that is not NFC, or a value that is not JSON.
    """
    concealment = _Concealment(salt_source or fresh_salts())
    return concealment.value(value), concealment.disclosures


def conceal_every_claim(
    claims: Mapping[str, Any], salt_source: SaltSource | None = None
) -> tuple[dict[str, Any], list[Disclosure]]:
    """Replace each top-level claim by a digest, and within them what is marked; see `conceal`."""
    concealment = _Concealment(salt_source or fresh_salts())
    return concealment.every_claim(claims), concealment.disclosures


class _Concealment:
    """One pass over the claims of one copy; collects their disclosures."""

    def __init__(self, salt_source: SaltSource) -> None:
        self.disclosures: list[Disclosure] = []
        self._salt = salt_source

    def value(self, value: Any) -> Any:
        if isinstance(value, str):  # first, because nearly all values are
            _require_nfc(value)
            return value
        if isinstance(value, Mapping):
            return self._object(value)
        if isinstance(value, list | tuple):
            return self._array(value)
        if isinstance(value, Sd):
            raise MalformedError("claims: Sd marks object members and array elements only")
        _require_json_scalar(value)
        return value

    def every_claim(self, claims: Mapping[str, Any]) -> dict[str, Any]:
        digests = [self._disclose(_claim_name(name), value) for name, value in claims.items()]
        return {DIGESTS: sorted(digests)} if digests else {}

    def _object(self, value: Mapping[str, Any]) -> dict[str, Any]:
        plain: dict[str, Any] = {}
        digests: list[str] = []
        for name, member in value.items():
            _claim_name(name)
            if isinstance(member, Sd):
                digests.append(self._disclose(name, member.value))
            else:
                plain[name] = self.value(member)
        if digests:
            plain[DIGESTS] = sorted(digests)
        return plain

    def _array(self, value: Sequence[Any]) -> list[Any]:
        return [
            {ARRAY_DIGEST: self._disclose(None, element.value)} if isinstance(element, Sd) else self.value(element)
            for element in value
        ]

    def _disclose(self, name: str | None, value: Any) -> str:
        place = len(self.disclosures)  # what is below comes into being first and stands behind
        inner = self.value(value)
        disclosure = Disclosure.create(self._salt(), name, inner)
        self.disclosures.insert(place, disclosure)
        return disclosure.digest


def _draw_salts() -> Iterator[bytes]:
    while True:
        block = os.urandom(SALTS_AT_ONCE * SALT_BYTES)
        for start in range(0, len(block), SALT_BYTES):
            yield block[start : start + SALT_BYTES]


def _claim_name(name: object) -> str:
    if not isinstance(name, str):
        raise MalformedError("claims: names are text")
    _require_nfc(name)
    if name in RESERVED_NAMES:
        raise MalformedError("claims: _sd, _sd_alg and ... are not claim names")
    return name


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
