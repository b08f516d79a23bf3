"""Random claims with random marks, and an independent answer to what a choice of paths reveals."""

from collections.abc import Iterable, Iterator
from typing import Any
from unicodedata import normalize

from hypothesis import strategies as st

from giayto_crypto.sdjwt import ClaimPath, Sd

_RESERVED = {"_sd", "_sd_alg", "...", "iss", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status"}
_HIDDEN = object()

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=10).map(lambda text: normalize("NFC", text))
NAMES = st.sampled_from(["full_name", "địa chỉ", "a", "", "sd", "x y"]) | TEXTS.filter(
    lambda name: name not in _RESERVED
)
_LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
) | TEXTS


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    member = inner | inner.map(lambda value: value if isinstance(value, Sd) else Sd(value))
    return st.lists(member, max_size=4) | st.dictionaries(NAMES, member, max_size=4)


CLAIM_TREES: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    NAMES, st.recursive(_LEAVES, _containers, max_leaves=10), max_size=5
)
"""Claims for `issue_credential`: every top-level claim is disclosable, marks lie below."""


def plain(value: Any) -> Any:
    """Return the claims without marks."""
    match value:
        case Sd():
            return plain(value.value)
        case dict():
            return {name: plain(member) for name, member in value.items()}
        case list():
            return [plain(element) for element in value]
    return value


def places(claims: dict[str, Any]) -> list[ClaimPath]:
    """Return the path of every value, marked or not."""

    def below(value: Any, place: ClaimPath) -> Iterator[ClaimPath]:
        value = value.value if isinstance(value, Sd) else value
        yield place
        steps: Iterable[tuple[str | int, Any]] = ()
        if isinstance(value, dict):
            steps = value.items()
        elif isinstance(value, list):
            steps = enumerate(value)
        for step, inner in steps:
            yield from below(inner, (*place, step))

    return [place for name, value in claims.items() for place in below(value, (name,))]


def revealed(claims: dict[str, Any], chosen: Iterable[ClaimPath]) -> dict[str, Any]:
    """Return what a verifier must see, by looking at every value: in clear, or on the way to or below a chosen path."""
    paths = list(chosen)

    def wanted(place: ClaimPath) -> bool:
        return any(place[: len(path)] == path[: len(place)] for path in paths)

    def look(value: Any, place: ClaimPath) -> Any:
        if isinstance(value, Sd):
            return look(value.value, place) if wanted(place) else _HIDDEN
        if isinstance(value, dict):
            looked = {name: look(member, (*place, name)) for name, member in value.items()}
            return {name: member for name, member in looked.items() if member is not _HIDDEN}
        if isinstance(value, list):
            elements = [look(element, (*place, position)) for position, element in enumerate(value)]
            return [element for element in elements if element is not _HIDDEN]
        return value

    top = {name: Sd(value) for name, value in claims.items()}
    result: dict[str, Any] = look(top, ())
    return result
