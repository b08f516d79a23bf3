"""Rows of referrals: people with a lasting disease whom a provincial hospital sends on to a specialised one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from giayto_wallet_api.sandbox.dice import Dice
from giayto_wallet_api.sandbox.people import Person
from giayto_wallet_api.sandbox.records.row import Row, office_hour, without_empty, xml_time

_FACILITY = "66001"
_SPECIALISED_FACILITIES = ("79024", "01910", "48003")
_SEX_CODE = {"male": "1", "female": "2"}
_LASTING_DISEASE = "BENH_PHU_LUC_III"
"""Ground for a referral that is good for a year instead of ten working days."""
_DOCTORS = ("066123456", "066204518", "066317702")
_HEAD = "066000011"


@dataclass(frozen=True, slots=True)
class _Disease:
    code: str
    name: str
    signs: str
    tests: str
    treatment: str
    goes_on: str


_DISEASES = (
    _Disease(
        "E11.9",
        "Đái tháo đường típ 2",
        "Mệt, khát nhiều, sụt cân",
        "Glucose 15,8 mmol/L; HbA1c 10,2 %",
        "Insulin, chế độ ăn",
        "Chuyên khoa nội tiết",
    ),
    _Disease(
        "N18.3",
        "Bệnh thận mạn giai đoạn 3",
        "Phù nhẹ hai chân, tiểu ít",
        "Creatinin 168 µmol/L",
        "Kiểm soát huyết áp, hạn chế đạm",
        "Chuyên khoa thận",
    ),
    _Disease(
        "I50.9",
        "Suy tim",
        "Khó thở khi gắng sức",
        "Siêu âm tim: EF 38 %",
        "Lợi tiểu, ức chế men chuyển",
        "Chuyên khoa tim mạch",
    ),
)


def referral_rows(people: Sequence[Person], *, seed: int, today: date) -> Iterator[Row]:
    """Yield a referral for each of `people`, signed in the 20 days before `today`."""
    for number, person in enumerate(people, start=1):
        yield _row(person, number, Dice("referral", seed, person.personal_number), today)


def _row(person: Person, number: int, dice: Dice, today: date) -> Row:
    disease = dice.pick(_DISEASES)
    signed_on = today - timedelta(days=dice.below(20))
    arrival = office_hour(signed_on - timedelta(days=dice.between(1, 6)), dice)
    return without_empty(
        {
            "STT": str(number),
            "MA_LK": f"CT-{today:%Y}-{number:06}",
            "SO_CCCD": person.personal_number,
            "HO_TEN": person.full_name,
            "NGAY_SINH": f"{person.birth_date:%Y%m%d}",
            "GIOI_TINH": _SEX_CODE[person.sex],
            "MA_QUOCTICH": "000",
            "DIA_CHI": person.address.text,
            "SO_CHUYENTUYEN": str(number),
            "GIAY_CHUYEN_TUYEN": f"{number}/{today:%Y}/GCT",
            "MA_CSKCB": _FACILITY,
            "MA_CSKCB_DEN": dice.pick(_SPECIALISED_FACILITIES),
            "NGAY_CT": f"{signed_on:%Y%m%d}",
            "DIEN_THOI_HAN": _LASTING_DISEASE,
            "NGAY_VAO": xml_time(arrival),
            "NGAY_RA": xml_time(office_hour(signed_on, dice)),
            "MA_LOAI_RV": "5",
            "CHAN_DOAN_RV": disease.name,
            "MA_BENH_CHINH": disease.code,
            "DAU_HIEU_LS": disease.signs,
            "TOMTAT_KQ": disease.tests,
            "PP_DIEUTRI": disease.treatment,
            "TINH_TRANG_CT": "Tỉnh, tiếp xúc tốt",
            "MA_LYDO_CT": "1",
            "HUONG_DIEU_TRI": disease.goes_on,
            "PHUONGTIEN_VC": "Tự túc",
            "MA_BAC_SI": dice.pick(_DOCTORS),
            "MA_TTDV": _HEAD,
        }
    )
