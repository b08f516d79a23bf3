"""Rows of results of administrative procedures, as a one-stop centre synchronises them with the national portal."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from unicodedata import combining, normalize

import msgspec

from giayto_wallet_api.sandbox.agencies import agency
from giayto_wallet_api.sandbox.dice import Dice
from giayto_wallet_api.sandbox.people import Person, adults
from giayto_wallet_api.sandbox.records.row import Row, day_text, office_hour, portal_time, without_empty

UNIT = "H15.50.05.13"
"""The one-stop centre whose dossiers these are; its code begins every dossier code."""

_PROVINCE_CODE = UNIT.partition(".")[0]
_DOSSIERS_PER_DAY = 9_000
_LONGEST_WAIT = 60

_REFUSED, _FINISHED, _RETURNED = "3", "9", "10"


class Procedure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A procedure and what comes out of it: see `procedures.toml`. `fee` is in đồng."""

    code: str
    name: str
    field_code: str
    field_name: str
    result: str
    result_code: str
    working_days: int
    fee: int


class ProceduresFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `procedures.toml`."""

    procedures: tuple[Procedure, ...]


def procedure_result_rows(people: Sequence[Person], *, seed: int, today: date) -> Iterator[Row]:
    """Yield one finished dossier for each adult of `people`, submitted in the weeks before `today`."""
    for number, person in enumerate(adults(people, today)):
        dice = Dice("procedure-result", seed, person.personal_number)
        # A day's sequence has four digits in a province; who comes later in the list applied earlier.
        block = number // _DOSSIERS_PER_DAY
        submitted = today - timedelta(days=dice.between(40, _LONGEST_WAIT) + 30 * block)
        yield _Dossier(person, dice, office_hour(submitted, dice), number % _DOSSIERS_PER_DAY + 1).row()


class _Dossier:
    def __init__(self, person: Person, dice: Dice, submitted: datetime, sequence: int) -> None:
        self._person = person
        self._dice = dice
        self._submitted = submitted
        self._procedure = dice.pick(_procedures())
        self._code = f"{UNIT}-{submitted:%y%m%d}-{sequence:04}"
        self._status = dice.weighted({_RETURNED: 85, _FINISHED: 10, _REFUSED: 5})

    def row(self) -> Row:
        procedure = self._procedure
        return without_empty(
            {
                "MaHoSo": self._code,
                "MaTTHC": f"{procedure.code}.000.00.00.{_PROVINCE_CODE}",
                "TenTTHC": procedure.name,
                "MaLinhVuc": procedure.field_code,
                "TenLinhVuc": procedure.field_name,
                "KenhThucHien": self._dice.pick(("1", "2", "2", "3")),
                "TrichYeuHoSo": f"{procedure.name} cho {self._person.full_name}",
                "TrangThaiHoSo": self._status,
                "HinhThuc": "Trực tuyến toàn trình",
                "DonViXuLy": agency(UNIT).names.vi,
                "NoiNopHoSo": "Cổng Dịch vụ công quốc gia",
                "HoSoCoThanhPhanSoHoa": "1",
                "TaiKhoanDuocXacThucVoiVNeID": "1",
                "DuocThanhToanTrucTuyen": "1" if procedure.fee else "0",
                "DSKetNoiCSDL": [{"MaCSDL": "CSDLQG-DC"}],
                **self._applicant(),
                **self._times(),
                "DanhSachLePhi": self._fees(),
                "TaiLieuNop": self._attachments(),
                "DanhSachGiayToKetQua": self._results(),
            }
        )

    def _applicant(self) -> Row:
        person = self._person
        return {
            "ChuHoSo": person.full_name,
            "SoGiayToChuHoSo": person.personal_number,
            "NgaySinh": day_text(person.birth_date),
            "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": person.personal_number}],
            "LoaiDoiTuong": "1",
            "Email": f"{_ascii_letters(person.full_name)}@example.com",
            "SoDienThoai": person.phone,
        }

    def _times(self) -> Row:
        received = self._submitted + timedelta(minutes=self._dice.between(5, 60))
        if self._status == _REFUSED:
            refused = portal_time(received)
            return {"NgayNopHoSo": portal_time(self._submitted), "NgayTuChoi": refused}
        # Weekends make calendar days of working days.
        wait = self._procedure.working_days * 7 // 5 + 1
        finished = received + timedelta(days=wait)
        return {
            "NgayNopHoSo": portal_time(self._submitted),
            "NgayTiepNhan": portal_time(received),
            "NgayHenTra": portal_time(received + timedelta(days=wait + 1)),
            "NgayKetThucXuLy": portal_time(finished),
            "NgayTra": portal_time(finished + timedelta(minutes=30)) if self._status == _RETURNED else None,
        }

    def _fees(self) -> list[Row]:
        if not self._procedure.fee:
            return []
        return [{"TenPhiLePhi": "Lệ phí", "Gia": str(self._procedure.fee), "HinhThucThu": "Trực tuyến"}]

    def _attachments(self) -> list[Row]:
        return [
            {
                "TenTepDinhKem": "To_khai.pdf",
                "MaThanhPhanHoSo": f"TP.{self._procedure.code}.01",
                "LoaiBan": "2",
                "DuocSoHoa": "1",
                "DuocTaiSuDung": "0",
                "DuocLayTuKhoDMQG": "0",
            }
        ]

    def _results(self) -> list[Row]:
        if self._status == _REFUSED:
            return []
        return [
            {
                "TenGiayTo": self._procedure.result,
                "MaThanhPhanHoSo": f"KQ.{self._procedure.code}.01",
                "GiayToId": self._code.replace("-", "").replace(".", ""),
                "MaGiayToKetQua": self._procedure.result_code,
            }
        ]


def _ascii_letters(name: str) -> str:
    plain = normalize("NFD", name.lower().replace("đ", "d"))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalpha() and not combining(letter))


@cache
def _procedures() -> tuple[Procedure, ...]:
    text = resources.files("giayto_wallet_api.sandbox.records").joinpath("procedures.toml").read_bytes()
    return msgspec.toml.decode(text, type=ProceduresFile).procedures
