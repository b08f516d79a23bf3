"""One good source row of each built-in document type, to be made wrong by tests.

The first three types are written out here, because many tests change them.
"""

import json
from typing import Any

from giayto_issuers.subjects import ORGANISATION as ORGANISATION_KIND
from giayto_issuers.subjects import PERSON as PERSON_KIND
from giayto_issuers.subjects import Subject
from sample_records.health import HEALTH_ROWS
from sample_records.organisations import ORGANISATION_ROWS
from sample_records.personal_papers import PERSONAL_ROWS
from sample_records.subjects import ORGANISATION, PERSON, RowMaker, changed

VISITS: list[dict[str, Any]] = [
    {
        "MA_CSKCB": "01901",
        "NGAY_VAO": "202610081430",
        "NGAY_RA": "202610081515",
        "HINH_THUC_KCB": "NGOAI_TRU",
        "LY_DO_VV": "Đau đầu\nchóng mặt",
        "MA_BENH": "E11.9;i10",
        "CAN_NANG": "58,5",
        "THUOC": [{"TEN_THUOC": "Metformin", "SO_LUONG": "30"}],
    },
    {"MA_CSKCB": "79001", "NGAY_VAO": "202611020800"},
]


def health_book(**changes: Any) -> dict[str, Any]:
    """Return a row as a CSV has it: text only; None takes a column out."""
    row: dict[str, Any] = {
        "STT": "1",
        "MA_SO_SK": "SK-0001",
        "SO_CCCD": PERSON["number"],
        "HO_TEN": PERSON["name"],
        "NGAY_SINH": "200103150000",
        "GIOI_TINH": "2",
        "MA_DANTOC": "1",
        "DIEN_THOAI": "0912 345 678",
        "DIA_CHI": "Số 1 phố Hàng Bài, phường Cửa Nam, Hà Nội",
        "MA_THE_BHYT": "DN4011234567890;0123456789",
        "GT_THE_DEN": "31/12/2026",
        "DI_UNG": "Penicillin; Tôm",
        "TIEN_SU_BENH": "Tăng huyết áp;Đái tháo đường",
        "DOT_KCB": json.dumps(VISITS, ensure_ascii=False),
        "QT_BENHLY": "Ổn định",
    }
    return changed(row, changes)


def criminal_record(**changes: Any) -> dict[str, Any]:
    """Return a row of a certificate without convictions."""
    row: dict[str, Any] = {
        "SO_PHIEU": "123/2026/PLLTP",
        "SO_CCCD": PERSON["number"],
        "HO_TEN": PERSON["name"],
        "NGAY_SINH": PERSON["born"],
        "GIOI_TINH": "2",
        "QUOC_TICH": "Việt Nam",
        "TINH_TRANG_AN_TICH": "KHONG_CO_AN_TICH",
        "CO_QUAN_CAP": "Công an thành phố Hà Nội",
        "NGAY_CAP": "20/11/2026",
        "NGUOI_KY": "Trần Văn Bình",
    }
    return changed(row, changes)


def procedure_result(**changes: Any) -> dict[str, Any]:
    """Return a row as NDJSON has it."""
    row: dict[str, Any] = {
        "MaHoSo": "H15.50.05.13-261008-0975",
        "SoGiayToChuHoSo": PERSON["number"],
        "ChuHoSo": PERSON["name"],
        "NgaySinh": PERSON["born"],
        "MaTTHC": "1.011442",
        "TenTTHC": "Đăng ký khai sinh",
        "TrangThaiHoSo": 10,
        "NgayTiepNhan": "08/10/2026 09:30:00",
        "NgayHenTra": "15/10/2026",
        "DuocThanhToanTrucTuyen": "1",
        "DanhSachLePhi": [{"TenPhiLePhi": "Lệ phí", "Gia": "8000"}],
        "TaiLieuNop": [{"TenTepDinhKem": "to-khai.pdf", "LoaiBan": "2", "IsDeleted": "False"}],
        "DanhSachGiayToKetQua": [{"TenGiayTo": "Giấy khai sinh", "MaGiayToKetQua": "KQ.1"}],
    }
    return changed(row, changes)


ROWS: dict[str, RowMaker] = {
    "health-book": health_book,
    "criminal-record-1": criminal_record,
    "procedure-result": procedure_result,
    **HEALTH_ROWS,
    **PERSONAL_ROWS,
    **ORGANISATION_ROWS,
}

AGENCIES = {
    "health-book": "H26.15",
    "criminal-record-1": "G01.12",
    "procedure-result": "H26",
    "referral": "H26.15",
    "re-examination-slip": "H26.15.03",
    "discharge-paper": "G18.12",
    "health-insurance-card": "G24",
    "criminal-record-2": "G01.12",
    "driving-licence": "G01.12",
    "vehicle-registration": "G01.12",
    "birth-certificate": "H26.201",
    "marital-status": "H26.201",
    "death-certificate": "H26.201",
    "land-use-certificate": "H26.12",
    "business-registration": "H26.14",
    "tax-registration": "G12.18",
}
"""An agency that may issue each type."""


def subject_of(code: str) -> Subject:
    """Return whom the sample row of a type is about."""
    if code in ORGANISATION_ROWS:
        return Subject(ORGANISATION_KIND, ORGANISATION["tax_code"])
    return Subject(PERSON_KIND, PERSON["number"])


__all__ = [
    "AGENCIES",
    "ORGANISATION",
    "PERSON",
    "ROWS",
    "VISITS",
    "criminal_record",
    "health_book",
    "procedure_result",
    "subject_of",
]
