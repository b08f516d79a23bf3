"""Whom the sandbox provider knows: a file of generated people and organisations, never of real ones."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from giayto_issuers.subjects import Subject
from giayto_wallet_api.identity.citizen_identity import CitizenIdentity


class _Resident(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: str
    id: str
    full_name: str
    birth_date: str | None = None


class Population:
    """Who can log in at the sandbox, found by personal number or tax code."""

    def __init__(self, identities: Iterable[CitizenIdentity]) -> None:
        self._by_id: Mapping[str, CitizenIdentity] = {each.subject.id: each for each in identities}

    def find(self, identifier: str) -> CitizenIdentity | None:
        """Return whoever has this number; personal numbers (12 digits) and tax codes (10 or 10-3) differ."""
        return self._by_id.get(identifier)

    def __iter__(self) -> Iterator[CitizenIdentity]:
        """Go through everybody."""
        return iter(self._by_id.values())

    def __len__(self) -> int:
        """Count everybody."""
        return len(self._by_id)


def read_population(path: Path) -> Population:
    """Read an NDJSON file: one object a line with `kind`, `id`, `full_name` and, for persons, `birth_date`.

    Raises:
        ValueError: a line is not such an object; the message names the line and no value of it.
    """
    with path.open("rb") as lines:
        return Population(_identity(line, number, path) for number, line in enumerate(lines, start=1))


def _identity(line: bytes, number: int, path: Path) -> CitizenIdentity:
    try:
        resident = msgspec.json.decode(line, type=_Resident)
    except msgspec.DecodeError as error:
        raise ValueError(f"{path.name} line {number}: kind, id, full_name and birth_date are expected") from error
    if resident.kind == "person" and resident.birth_date is not None:
        return CitizenIdentity(Subject("person", resident.id), resident.full_name, resident.birth_date)
    if resident.kind == "organisation":
        return CitizenIdentity(Subject("organisation", resident.id), resident.full_name, None)
    raise ValueError(f"{path.name} line {number}: a person with birth_date or an organisation is expected")
