"""Disclosures without their salts and digests, and back (docs/qr.md §4.3).

The skeleton of a JSON value is the value with each `_sd` array replaced by `[hidden, shown]`, two counts, and each
array element `{"...": digest}` by `{"...": 0}` when hidden and `{"...": 1}` when shown. Hidden digests travel as 32
raw bytes each; shown ones are recomputed from the disclosures, which follow in the same order as the counts.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from giayto_crypto import b64url
from giayto_crypto.errors import MalformedError
from giayto_crypto.qr.fields import FieldReader
from giayto_crypto.sdjwt.disclosure import ARRAY_DIGEST, DIGESTS, SALT_BYTES, Disclosure
from giayto_crypto.strict_json import DEFAULT_MAX_DEPTH

DIGEST_BYTES = 32
HIDDEN = 0
SHOWN = 1


class SkeletonBuilder:
    """Takes disclosures apart. Values are walked in the order in which they are written."""

    def __init__(self, disclosures: Iterable[Disclosure]) -> None:
        """Begin with the disclosures of a presentation that `reveal` accepts: each of one place, and not too deep."""
        self._by_digest = {disclosure.digest: disclosure for disclosure in disclosures}
        self._order = {digest: position for position, digest in enumerate(self._by_digest)}
        self._items: list[Any] = []
        self._salts: list[bytes] = []
        self._hidden: list[bytes] = []

    def items(self, top_digests: Sequence[str]) -> list[Any]:
        """Return the counts of the top level, then `[name, skeleton]` or `[skeleton]` for each disclosure."""
        # The counts come first, but are known last.
        self._items = []
        counts = self._digests(top_digests)
        return [counts, *self._items]

    def salts_and_digests(self) -> bytes:
        """Return all salts in the order of the items, then all hidden digests in the order they were met."""
        return b"".join((*self._salts, *self._hidden))

    def _digests(self, digests: Sequence[str]) -> list[int]:
        shown = [digest for digest in digests if digest in self._by_digest]
        hidden = [digest for digest in digests if digest not in self._by_digest]
        self._hidden += map(b64url.decode, hidden)
        for digest in sorted(shown, key=self._order.__getitem__):
            self._append(self._by_digest[digest])
        return [len(hidden), len(shown)]

    def _append(self, disclosure: Disclosure) -> None:
        salt = b64url.decode(disclosure.salt)
        if len(salt) != SALT_BYTES:
            raise ValueError("salts have 16 bytes in this profile")
        self._salts.append(salt)
        item: list[Any] = [] if disclosure.name is None else [disclosure.name]
        self._items.append(item)
        item.append(self._skeleton(disclosure.value))

    def _skeleton(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: self._digests(member) if name == DIGESTS else self._skeleton(member)
                for name, member in value.items()
            }
        if isinstance(value, list):
            return [self._element(element) for element in value]
        return value

    def _element(self, element: Any) -> Any:
        if not (isinstance(element, dict) and ARRAY_DIGEST in element):
            return self._skeleton(element)
        digest = element[ARRAY_DIGEST]
        if digest not in self._by_digest:
            self._hidden.append(b64url.decode(digest))
            return {ARRAY_DIGEST: HIDDEN}
        self._append(self._by_digest[digest])
        return {ARRAY_DIGEST: SHOWN}


class SkeletonFiller:
    """Puts salts and digests back; the mirror of `SkeletonBuilder`."""

    def __init__(self, items: Sequence[Any], tail: bytes) -> None:
        """Begin with the items of the text and the salts and digests that follow it.

        Raises:
            MalformedError: there are fewer salts than disclosures.
        """
        if not items:
            raise MalformedError("QR: the counts of its digests are missing")
        self._counts = items[0]
        self._items: Iterator[Any] = iter(items[1:])
        fields = FieldReader(tail)
        self._salts = iter([fields.take(SALT_BYTES) for _ in items[1:]])
        self._hidden = FieldReader(fields.rest())
        self._encoded: list[str] = []
        self._depth = 1  # the payload itself

    def top_digests(self) -> list[str]:
        """Return the `_sd` of the payload, complete and sorted."""
        return self._digests(self._counts)

    def finish(self) -> list[str]:
        """Return the encoded disclosures in their order.

        Raises:
            MalformedError: disclosures or digests are left over.
        """
        if next(self._items, None) is not None or self._hidden.rest():
            raise MalformedError("QR: disclosures or digests that nothing refers to")
        return self._encoded

    def _digests(self, counts: Any) -> list[str]:
        match counts:
            case [int(hidden), int(shown)] if hidden >= 0 and shown >= 0:
                digests = [self._take_hidden() for _ in range(hidden)]
                digests += [self._take_shown(named=True) for _ in range(shown)]
                return sorted(digests)
        raise MalformedError("QR: _sd must be two counts")

    def _take_hidden(self) -> str:
        return b64url.encode(self._hidden.take(DIGEST_BYTES))

    def _take_shown(self, *, named: bool) -> str:
        match next(self._items, None):
            case [str(name), skeleton] if named:
                return self._disclose(name, skeleton)
            case [skeleton] if not named:
                return self._disclose(None, skeleton)
        raise MalformedError("QR: a disclosure is missing or of the wrong kind")

    def _disclose(self, name: str | None, skeleton: Any) -> str:
        salt = next(self._salts)
        place = len(self._encoded)
        self._encoded.append("")
        disclosure = Disclosure.create(salt, name, self._fill(skeleton))
        self._encoded[place] = disclosure.encoded
        return disclosure.digest

    def _fill(self, skeleton: Any) -> Any:
        if not isinstance(skeleton, dict | list):
            return skeleton
        # Each item is shallow by itself; one inside the other they could exhaust the stack.
        self._depth += 1
        if self._depth > DEFAULT_MAX_DEPTH:
            raise MalformedError(f"QR: claims nested deeper than {DEFAULT_MAX_DEPTH}")
        filled = self._fill_object(skeleton) if isinstance(skeleton, dict) else list(map(self._fill_element, skeleton))
        self._depth -= 1
        return filled

    def _fill_object(self, skeleton: dict[str, Any]) -> dict[str, Any]:
        return {
            name: self._digests(member) if name == DIGESTS else self._fill(member) for name, member in skeleton.items()
        }

    def _fill_element(self, element: Any) -> Any:
        match element:
            case {"...": int(kind)} if kind == HIDDEN:
                return {ARRAY_DIGEST: self._take_hidden()}
            case {"...": int(kind)} if kind == SHOWN:
                return {ARRAY_DIGEST: self._take_shown(named=False)}
        return self._fill(element)
