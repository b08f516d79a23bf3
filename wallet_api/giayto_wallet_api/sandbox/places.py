"""The places of the sandbox: provinces and communes as merged in 2025, and the hospitals in them."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from giayto_wallet_api.sandbox.dice import Dice


class Commune(msgspec.Struct, frozen=True):
    """A commune, ward or special zone: the level right below the province, five-digit `code`."""

    code: str
    type: Literal["Phường", "Xã", "Đặc khu"]
    name: str


class FormerProvince(msgspec.Struct, frozen=True):
    """A province of before the merger: its name, and the three digits its people's numbers begin with."""

    prefix: str
    name: str


class Province(msgspec.Struct, frozen=True):
    """A province by its two-digit `code` since the merger; `weight` is its population in 100,000."""

    code: str
    name: str
    type: Literal["Tỉnh", "Thành phố"]
    region: Literal["north", "central", "south"]
    weight: int
    registered_before_merger: tuple[FormerProvince, ...]
    communes: tuple[Commune, ...]

    @property
    def title(self) -> str:
        """The name as it is spoken of, for example `tỉnh Đắk Lắk`."""
        return f"{self.type.lower()} {self.name}"


class _AddressFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    merged_on: date
    streets: tuple[str, ...]
    hamlets: dict[str, tuple[str, ...]]
    provinces: tuple[Province, ...]


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody lives: `line` is a house in a street, or a hamlet; there are no districts any more."""

    line: str
    commune: Commune
    province: Province

    @property
    def text(self) -> str:
        """The address on one line, as forms write it."""
        return f"{self.line}, {self.commune.type.lower()} {self.commune.name}, {self.province.title}"


@dataclass(frozen=True, slots=True)
class Facility:
    """A health facility: `code` has five characters, the first two are the province."""

    code: str
    name: str


@cache
def _address_file() -> _AddressFile:
    text = resources.files("giayto_wallet_api.sandbox").joinpath("addresses.toml").read_bytes()
    return msgspec.toml.decode(text, type=_AddressFile)


def provinces() -> tuple[Province, ...]:
    """Return the 34 provinces in the order of their codes."""
    return _address_file().provinces


def some_province(dice: Dice) -> Province:
    """Return a province, as likely as it is populous."""
    chosen = dice.weighted({province.code: province.weight for province in provinces()})
    return next(province for province in provinces() if province.code == chosen)


def some_address(province: Province, dice: Dice) -> Address:
    """Return an address in `province`: a street in a ward, a hamlet in a commune of the countryside."""
    file = _address_file()
    commune = dice.pick(province.communes)
    if commune.type == "Phường":
        alley = f"/{dice.between(1, 60)}" if dice.chance(0.3) else ""
        line = f"Số {dice.between(1, 380)}{alley}, đường {dice.pick(file.streets)}"
    else:
        line = dice.pick(file.hamlets[province.region])
    return Address(line=line, commune=commune, province=province)


@dataclass(frozen=True, slots=True)
class BirthRegister:
    """Where births of one family are registered: the digits that personal numbers begin with, by time.

    Who was registered before the merger keeps the code of the province of that time.
    """

    before_merger: str
    since_merger: str

    def prefix(self, birth_date: date) -> str:
        """Return the three digits for somebody born on `birth_date`."""
        return self.since_merger if birth_date >= _address_file().merged_on else self.before_merger


def some_birth_register(province: Province, dice: Dice) -> BirthRegister:
    """Return the register of one of the former provinces that make up `province`."""
    return BirthRegister(dice.pick(province.registered_before_merger).prefix, f"0{province.code}")


def facilities(province: Province) -> tuple[Facility, ...]:
    """Return the general hospital of `province`, a health centre, and the station of each commune."""
    hospital = Facility(f"{province.code}001", f"Bệnh viện Đa khoa {province.title}")
    centre = Facility(f"{province.code}010", f"Trung tâm Y tế khu vực {province.communes[0].name}")
    stations = tuple(
        Facility(f"{province.code}{number:03}", f"Trạm Y tế {commune.type.lower()} {commune.name}")
        for number, commune in enumerate(province.communes, start=101)
    )
    return (hospital, centre, *stations)
