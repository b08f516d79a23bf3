"""Rows of the electronic health book: several visits with diagnoses, tests and medicines that fit together."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from giayto_wallet_api.sandbox.dice import Dice
from giayto_wallet_api.sandbox.people import Person, completed_years
from giayto_wallet_api.sandbox.places import facilities
from giayto_wallet_api.sandbox.records.row import Row, office_hour, without_empty, xml_time

_YEARS_BACK = timedelta(days=3 * 365)
_SEX_CODE = {"male": "1", "female": "2"}
_BLOOD_GROUPS = {"O+": 42, "A+": 21, "B+": 30, "AB+": 6, "O-": 1}


class Test(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A laboratory test and the range that its value is drawn from."""

    name: str
    low: float
    high: float
    unit: str


class Medicine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A prescribed medicine."""

    name: str
    strength: str
    quantity: int
    unit: str
    dosage: str
    directions: str


class Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Surgery or another procedure, with the code of the health ministry's list."""

    name: str
    code: str


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody comes with, what it is and what is done: see `clinical.toml`. `days` is the stay in hospital."""

    icd: tuple[str, ...]
    name: str
    ages: tuple[int, int]
    form: str
    days: int
    result: str
    reason: str
    tests: tuple[Test, ...]
    medicines: tuple[Medicine, ...]
    procedures: tuple[Operation, ...] = ()
    sex: Literal["male", "female"] | None = None

    def befalls(self, sex: str, age: int) -> bool:
        """Tell whether somebody of that sex and age may have it."""
        return self.ages[0] <= age <= self.ages[1] and self.sex in (None, sex)


class Vaccine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A vaccine of the national programme and the ages in months at which its doses are due."""

    name: str
    months: tuple[int, ...]


class ClinicalFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `clinical.toml`."""

    allergies: tuple[str, ...]
    advice: tuple[str, ...]
    doctors: tuple[str, ...]
    vaccines: tuple[Vaccine, ...]
    conditions: tuple[Condition, ...]


def health_book_rows(people: Sequence[Person], *, seed: int, today: date) -> Iterator[Row]:
    """Yield the health book of each of `people`, with visits of the three years before `today`."""
    for number, person in enumerate(people, start=1):
        yield _Book(person, Dice("health-book", seed, person.personal_number), today).row(number)


class _Book:
    def __init__(self, person: Person, dice: Dice, today: date) -> None:
        self._person = person
        self._dice = dice
        self._today = today
        self._blood_group = dice.weighted(_BLOOD_GROUPS)
        self._centimetres_apart = dice.between(-5, 9)

    def row(self, number: int) -> Row:
        person = self._person
        visits = [self._visit(day) for day in self._visit_days()]
        return without_empty(
            {
                "MA_SO_SK": f"SSK-{self._today:%Y}-{number:07}",
                "SO_CCCD": person.personal_number,
                "HO_TEN": person.full_name,
                "NGAY_SINH": f"{person.birth_date:%Y%m%d}0000",
                "GIOI_TINH": _SEX_CODE[person.sex],
                "MA_DANTOC": person.ethnicity_code,
                "MA_QUOCTICH": "000",
                "MA_NGHE_NGHIEP": person.occupation_code,
                "DIEN_THOAI": person.phone,
                "DIA_CHI": person.address.text,
                "MATINH_CU_TRU": person.address.province.code,
                "MAXA_CU_TRU": person.address.commune.code,
                "MA_THE_BHYT": person.insurance_card,
                "MA_DKBD": person.first_facility.code,
                "GT_THE_DEN": f"{self._today.year}1231",
                "NGUOI_DAI_DIEN": self._representative(),
                "DI_UNG": self._dice.pick(_clinical().allergies) if self._dice.chance(0.25) else None,
                "TIEN_SU_BENH": "; ".join(self._lasting_conditions()),
                "TIEM_CHUNG": self._vaccinations(),
                "DOT_KCB": [visit for visit, _ in visits],
                "TOM_TAT_HSBA": self._summary(visits),
            }
        )

    def _representative(self) -> Row | None:
        parent = self._person.representative
        if parent is None:
            return None
        return without_empty(
            {
                "HO_TEN_NDD": parent.full_name,
                "QUAN_HE_NDD": parent.relation,
                "SO_CCCD_NDD": parent.personal_number,
                "DIEN_THOAI_NDD": parent.phone,
            }
        )

    def _lasting_conditions(self) -> list[str]:
        age = self._person.age(self._today)
        lasting = [
            condition.name
            for condition in _clinical().conditions
            if condition.result == "3" and condition.befalls(self._person.sex, age)
        ]
        return [name for name in lasting if self._dice.chance(0.3)]

    def _vaccinations(self) -> list[Row]:
        if self._person.age(self._today) >= 6:
            return []
        doses = [
            (self._person.birth_date + timedelta(days=30 * month + self._dice.below(9)), vaccine.name, dose)
            for vaccine in _clinical().vaccines
            for dose, month in enumerate(vaccine.months, start=1)
        ]
        return [
            {"TEN_VAC_XIN": name, "MUI_THU": str(dose), "NGAY_TIEM": f"{day:%Y%m%d}"}
            for day, name, dose in sorted(doses)
            if day <= self._today
        ]

    def _visit_days(self) -> list[date]:
        first = max(self._today - _YEARS_BACK, self._person.birth_date + timedelta(days=20))
        last = self._today - timedelta(days=8)  # the longest stay is over by now
        if first > last:
            return []
        return sorted({self._dice.day(first, last) for _ in range(self._dice.between(2, 5))})

    def _visit(self, day: date) -> tuple[Row, Condition]:
        age = completed_years(self._person.birth_date, day)
        dice = self._dice
        condition = dice.pick([c for c in _clinical().conditions if c.befalls(self._person.sex, age)])
        arrival = office_hour(day, dice)
        departure = office_hour(day, dice) if condition.days == 0 else arrival + timedelta(days=condition.days)
        arrival, departure = sorted((arrival, departure))
        local = facilities(self._person.address.province)
        facility = local[0] if condition.form == "NOI_TRU" else dice.pick((self._person.first_facility, *local))
        visit: Row = {
            "MA_CSKCB": facility.code,
            "NGAY_VAO": xml_time(arrival),
            "NGAY_RA": xml_time(departure),
            "HINH_THUC_KCB": condition.form,
            "LY_DO_VV": condition.reason,
            "MA_LOAI_RV": "1",
            "KET_QUA_DTRI": condition.result,
            "MA_BENH": ";".join(condition.icd),
            "NHOM_MAU": self._blood_group,
            "CHIEU_CAO": str(self._height(age)),
            "CAN_NANG": str(self._weight(age)),
            "CAN_LAM_SANG": [self._test(test, xml_time(arrival)) for test in condition.tests],
            "THUOC": [_medicine(medicine) for medicine in condition.medicines],
            "PTTT": [
                {"TEN_DICH_VU": operation.name, "MA_DICH_VU": operation.code, "NGAY_TH_YL": xml_time(arrival)}
                for operation in condition.procedures
            ],
        }
        return without_empty(visit), condition

    def _height(self, age: int) -> int:
        adult_height = 164 if self._person.sex == "male" else 154
        return self._centimetres_apart + (adult_height if age >= 17 else 54 + 6 * age)

    def _weight(self, age: int) -> int:
        return self._dice.between(0, 4 + age // 4) + (46 if age >= 17 else 4 + 5 * age // 2)

    def _test(self, test: Test, at: str) -> Row:
        value = test.low + (test.high - test.low) * self._dice.below(101) / 100
        return {"TEN_CHI_SO": test.name, "GIA_TRI": f"{value:.1f}", "DON_VI_DO": test.unit, "NGAY_KQ": at}

    def _summary(self, visits: Sequence[tuple[Row, Condition]]) -> Row | None:
        stays = [condition for _, condition in visits if condition.form == "NOI_TRU"]
        if not stays:
            return None
        stay = stays[-1]
        return {
            "BENH_SU": f"{stay.reason}. Đã tự điều trị tại nhà không đỡ, vào viện.",
            "QT_BENHLY": f"Chẩn đoán: {stay.name}. Diễn biến thuận lợi, ra viện sau {stay.days} ngày.",
            "PP_DIEUTRI": "; ".join(medicine.name for medicine in stay.medicines),
            "LOI_DAN": self._dice.pick(_clinical().advice),
            "BAC_SI_DIEU_TRI": self._dice.pick(_clinical().doctors),
        }


def _medicine(medicine: Medicine) -> Row:
    return {
        "TEN_THUOC": medicine.name,
        "HAM_LUONG": medicine.strength,
        "SO_LUONG": str(medicine.quantity),
        "DON_VI_TINH": medicine.unit,
        "LIEU_DUNG": medicine.dosage,
        "CACH_DUNG": medicine.directions,
    }


@cache
def _clinical() -> ClinicalFile:
    text = resources.files("giayto_wallet_api.sandbox.records").joinpath("clinical.toml").read_bytes()
    return msgspec.toml.decode(text, type=ClinicalFile)
