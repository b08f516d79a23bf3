"""Claims for people: in the order of their document type, with its labels, codes in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from giayto_crypto.catalogue import CatalogueEntry, ClaimPath
from giayto_sdk._wallet.presentation import path_text
from giayto_sdk.cli.terminal import safe


def claims_table(document_type: CatalogueEntry, claims: Mapping[str, Any]) -> Table:
    """Return claims with their labels, one a line; nested ones follow one another."""
    table = Table.grid(padding=(0, 2))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for path, value in _leaves(_in_order(document_type, claims), ()):
        table.add_row(_label(document_type, path), Text(_value(document_type, path, value), style="bold"))
    return table


def _in_order(document_type: CatalogueEntry, claims: Mapping[str, Any]) -> Mapping[str, Any]:
    places = {claim.path[0]: place for place, claim in reversed(list(enumerate(document_type.claims)))}
    return {name: claims[name] for name in sorted(claims, key=lambda name: places.get(name, len(places)))}


def _leaves(value: Any, path: ClaimPath) -> Iterator[tuple[ClaimPath, Any]]:
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _leaves(member, (*path, name))
    elif isinstance(value, tuple | list):
        for position, element in enumerate(value):
            yield from _leaves(element, (*path, position))
    else:
        yield path, value


def _label(document_type: CatalogueEntry, path: ClaimPath) -> Text:
    label = document_type.label(path) or document_type.label(path[:-1])
    if label is None:
        return Text(safe(path_text(path)))
    # People count from one.
    position = "".join(f" {step + 1}" for step in path if isinstance(step, int))
    return Text.assemble(f"{safe(label.vi)}{position}", (f" · {safe(label.en)}", "dim"))


def _value(document_type: CatalogueEntry, path: ClaimPath, value: Any) -> str:
    match value:
        case True:
            return "có · yes"
        case False:
            return "không · no"
        case None:
            return "–"
        case str():
            return safe(_in_words(document_type, path, value))
        case _:
            return safe(value)


def _in_words(document_type: CatalogueEntry, path: ClaimPath, value: str) -> str:
    """Return what a code stands for, as the type's metadata has it; any other text as it is."""
    for metadata in document_type.type_metadata.get("claims", ()):
        words = metadata.get("codes", {}).get(value)
        if words is not None and _stands_at(metadata["path"], path):
            return f"{words['vi']} · {words['en']}"
    return value


def _stands_at(pattern: list[str | int | None], path: ClaimPath) -> bool:
    # The codes of a list are noted at the list, and stand in its elements.
    concrete = path[: len(pattern)]
    return len(concrete) == len(pattern) and all(
        expected == step or (expected is None and isinstance(step, int))
        for expected, step in zip(pattern, concrete, strict=True)
    )
