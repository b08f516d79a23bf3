"""One good source row of each built-in document type, to be made wrong by tests."""

import json
from typing import Any

PERSON = {"number": "001301012345", "name": "Nguyễn Thị Ánh Tuyết", "born": "15/03/2001"}
"""Female, born in 2001, as digits 4 to 6 of the number say."""

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
    return _changed(row, changes)


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
    return _changed(row, changes)


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
    return _changed(row, changes)


ROWS = {"health-book": health_book, "criminal-record-1": criminal_record, "procedure-result": procedure_result}


def _changed(row: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**row, **changes}.items() if value is not None}
