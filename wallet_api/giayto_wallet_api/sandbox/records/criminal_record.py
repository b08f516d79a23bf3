"""Rows of the criminal-record certificate No. 1: nearly everybody has no conviction that still counts."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from giayto_wallet_api.sandbox.dice import Dice
from giayto_wallet_api.sandbox.people import Person
from giayto_wallet_api.sandbox.records.row import Row, day_text, without_empty

MINIMUM_AGE = 16
"""Younger people cannot apply."""

_PURPOSES = (
    "Tuyển dụng nhân viên y tế tại cơ sở khám bệnh, chữa bệnh",
    "Cấp giấy phép kinh doanh dịch vụ bảo vệ",
    "Tuyển dụng giáo viên mầm non",
    "Tuyển dụng công nhân viên quốc phòng",
)
_CLERKS = ("Nguyễn Thị Thu Hường", "Trần Quốc Vĩnh", "Phạm Mạnh Cường", "Lê Thị Mỹ Lệ")
_OFFICERS = ("Đỗ Trọng Nghĩa", "Vũ Đình Thịnh", "Hoàng Hữu Khởi")
_CONVICTIONS = (
    ("Tội trộm cắp tài sản (Điều 173 Bộ luật Hình sự)", "12 tháng tù, cho hưởng án treo; thử thách 24 tháng"),
    ("Tội đánh bạc (Điều 321 Bộ luật Hình sự)", "Phạt tiền 30.000.000 đồng"),
    ("Tội vi phạm quy định về tham gia giao thông đường bộ (Điều 260 Bộ luật Hình sự)", "15 tháng tù"),
)


def criminal_record_rows(people: Sequence[Person], *, seed: int, today: date) -> Iterator[Row]:
    """Yield a certificate for each of `people` who is old enough, issued in the 30 days before `today`."""
    applicants = [person for person in people if person.age(today) >= MINIMUM_AGE]
    for number, person in enumerate(applicants, start=1):
        yield _row(person, number, Dice("criminal-record", seed, person.personal_number), today)


def _row(person: Person, number: int, dice: Dice, today: date) -> Row:
    convictions = [_conviction(person, dice, today)] if dice.chance(0.04) and person.age(today) >= 20 else []
    banned_asked = dice.chance(0.15)
    return without_empty(
        {
            "SO_PHIEU": f"{number:06}/{today:%Y}/LLTP1-C06",
            "SO_CCCD": person.personal_number,
            "HO_TEN": person.full_name,
            "NGAY_SINH": day_text(person.birth_date),
            "GIOI_TINH": "1" if person.sex == "male" else "2",
            "NOI_SINH": person.birth_province,
            "QUOC_TICH": person.nationality,
            "NOI_CU_TRU": person.address.text,
            "TINH_TRANG_AN_TICH": "CO_AN_TICH" if convictions else "KHONG_CO_AN_TICH",
            "AN_TICH": convictions,
            "TINH_TRANG_CAM": "KHONG_BI_CAM" if banned_asked else None,
            "CO_QUAN_CAP": "Cục Hồ sơ nghiệp vụ, Bộ Công an",
            "NGAY_CAP": day_text(today - timedelta(days=dice.below(30))),
            "MUC_DICH": dice.pick(_PURPOSES),
            "NGUOI_LAP": dice.pick(_CLERKS),
            "NGUOI_KY": dice.pick(_OFFICERS),
        }
    )


def _conviction(person: Person, dice: Dice, today: date) -> Row:
    offence, penalty = dice.pick(_CONVICTIONS)
    judged_on = dice.day(today - timedelta(days=500), today - timedelta(days=60))
    return {
        "TOI_DANH": offence,
        "HINH_PHAT": penalty,
        "BAN_AN": f"{dice.between(10, 180)}/{judged_on:%Y}/HS-ST ngày {day_text(judged_on)}",
        "TOA_AN": f"Tòa án nhân dân khu vực {dice.between(1, 9)} - {person.address.province.name}",
    }
