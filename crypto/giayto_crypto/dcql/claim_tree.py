"""The claims of one SD-JWT with the place of each, and claims path pointers into them (OpenID4VP 1.0 §7.1).

Positions in arrays count elements that are not disclosed too, so that one path means the same to a wallet, which has
every disclosure, and to a verifier, which has some.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from giayto_crypto.dcql.query import ClaimPath
from giayto_crypto.sdjwt import UnverifiedSdJwt, reveal
from giayto_crypto.sdjwt.disclosure import ARRAY_DIGEST, DIGESTS, RESERVED_NAMES, Disclosure


@dataclass(frozen=True, slots=True)
class _Node:
    """A value at a place. One that was put there by a disclosure says so."""

    place: ClaimPath
    value: Any = field(repr=False)
    disclosed: bool
    members: Mapping[str, "_Node"] | None = None
    elements: Mapping[int, "_Node"] | None = None


class ClaimTree:
    """What an SD-JWT says, whoever said it: signatures are for others to check."""

    __slots__ = ("_root",)

    def __init__(self, sd_jwt: UnverifiedSdJwt) -> None:
        """Put the disclosures in their places.

        Raises:
            DisclosureError: they do not fit the digests of the payload.
            MalformedError: the payload is not a strict JSON object.
        """
        payload = sd_jwt.jws.unverified_payload()
        # Refuses whatever would make the walk below ambiguous, endless or too deep.
        reveal(payload, sd_jwt.disclosures)
        self._root = _Planting(sd_jwt.disclosures).node(payload, (), disclosed=False)

    def select(self, path: ClaimPath) -> tuple[ClaimPath, ...]:
        """Return the places that a claims path pointer selects; none when its processing ends with an error."""
        return tuple(node.place for node in self._selected(path))

    def holds_value(self, path: ClaimPath, accepted: Iterable[str | int | bool]) -> tuple[ClaimPath, ...]:
        """Return the selected places whose value is one of these, in type too: 1 is not true, nor "1"."""
        wanted = {(type(value), value) for value in accepted}
        return tuple(
            node.place
            for node in self._selected(path)
            if isinstance(node.value, str | int | bool) and (type(node.value), node.value) in wanted
        )

    def disclosed_places(self) -> Iterator[ClaimPath]:
        """Yield the places of the selectively disclosed values."""
        unvisited = [self._root]
        while unvisited:
            node = unvisited.pop()
            if node.disclosed:
                yield node.place
            unvisited += (node.members or {}).values()
            unvisited += (node.elements or {}).values()

    def _selected(self, path: ClaimPath) -> list[_Node]:
        selected = [self._root]
        for step in path:
            stepped = [_step(node, step) for node in selected]
            if any(found is None for found in stepped):
                return []
            selected = [node for found in stepped for node in found or ()]
            if not selected:
                return []
        return selected


def _step(node: _Node, step: str | int | None) -> list[_Node] | None:
    """One component of a path at one element; None for "abort processing"."""
    if isinstance(step, str):
        return None if node.members is None else _at(node.members.get(step))
    if node.elements is None:
        return None
    return list(node.elements.values()) if step is None else _at(node.elements.get(step))


def _at(node: _Node | None) -> list[_Node]:
    return [] if node is None else [node]


class _Planting:
    def __init__(self, disclosures: Iterable[Disclosure]) -> None:
        self._by_digest = {disclosure.digest: disclosure for disclosure in disclosures}

    def node(self, value: Any, place: ClaimPath, *, disclosed: bool) -> _Node:
        if isinstance(value, dict):
            return _Node(place, value, disclosed, members=dict(self._members(value, place)))
        if isinstance(value, list):
            return _Node(place, value, disclosed, elements=dict(self._elements(value, place)))
        return _Node(place, value, disclosed)

    def _members(self, value: Mapping[str, Any], place: ClaimPath) -> Iterator[tuple[str, _Node]]:
        for name, member in value.items():
            if name not in RESERVED_NAMES:
                yield name, self.node(member, (*place, name), disclosed=False)
        for digest in value.get(DIGESTS, ()):
            shown = self._by_digest.get(digest)
            if shown is not None and shown.name is not None:
                yield shown.name, self.node(shown.value, (*place, shown.name), disclosed=True)

    def _elements(self, value: list[Any], place: ClaimPath) -> Iterator[tuple[int, _Node]]:
        for position, element in enumerate(value):
            digest = element.get(ARRAY_DIGEST) if isinstance(element, dict) else None
            if digest is None:
                yield position, self.node(element, (*place, position), disclosed=False)
            elif digest in self._by_digest:
                yield position, self.node(self._by_digest[digest].value, (*place, position), disclosed=True)
