"""Good source rows of the health papers."""

from typing import Any

from sample_records.subjects import NAMED, maker

_DIAGNOSIS = {
    "CHAN_DOAN_RV": "Đái tháo đường típ 2, tăng huyết áp",
    "MA_BENH_CHINH": "E11.9",
    "MA_BENH_KT": "I10;H36.0",
}
_INSURED = {"MA_THE_BHYT": "DN4011234567890", "GT_THE_DEN": "31/12/2026"}

REFERRAL: dict[str, Any] = {
    **NAMED,
    **_INSURED,
    **_DIAGNOSIS,
    "STT": "1",
    "MA_LK": "LK-2026-000731",
    "GIOI_TINH": "2",
    "MA_QUOCTICH": "000",
    "MA_DANTOC": "1",
    "MA_NGHE_NGHIEP": "00000",
    "DIA_CHI": "Số 1 phố Hàng Bài, phường Cửa Nam, Hà Nội",
    "SO_HOSO": "HS-15",
    "SO_CHUYENTUYEN": "731",
    "GIAY_CHUYEN_TUYEN": "731/2026/GCT",
    "MA_CSKCB": "01901",
    "MA_CSKCB_DEN": "01004",
    "MA_CSKCB_DI": "01901;01077",
    "NGAY_CT": "20261120",
    "NGAY_VAO": "202611181430",
    "NGAY_VAO_NOI_TRU": "202611181515",
    "NGAY_RA": "202611200900",
    "DAU_HIEU_LS": "Mệt, khát nhiều",
    "QT_BENHLY": "Đường huyết không ổn định",
    "TOMTAT_KQ": "Glucose 18,2 mmol/L",
    "PP_DIEUTRI": "Insulin",
    "MA_BENH_YHCT": "U62.291",
    "TINH_TRANG_CT": "Tỉnh, tiếp xúc tốt",
    "MA_LOAI_RV": "5",
    "MA_LYDO_CT": "1",
    "HUONG_DIEU_TRI": "Chuyển chuyên khoa nội tiết",
    "PHUONGTIEN_VC": "Xe cứu thương",
    "HOTEN_NGUOI_HT": "Lê Thị Hạnh",
    "CHUCDANH_NGUOI_HT": "Điều dưỡng",
    "MA_BAC_SI": "001234/HNO-GPHN",
    "MA_TTDV": "000871/HNO-GPHN",
}

RE_EXAMINATION_SLIP: dict[str, Any] = {
    **NAMED,
    **_INSURED,
    **_DIAGNOSIS,
    "MA_LK": "LK-2026-000731",
    "SO_GIAYHEN_KL": "HK-2026-118",
    "GIOI_TINH": "2",
    "DIA_CHI": "Số 1 phố Hàng Bài, phường Cửa Nam, Hà Nội",
    "MA_CSKCB": "01004",
    "NGAY_VAO": "202611181430",
    "NGAY_VAO_NOI_TRU": "202611181515",
    "NGAY_RA": "202611200900",
    "NGAY_HEN_KL": "202612210800",
    "MA_DOITUONG_KCB": "1.1",
    "MA_BAC_SI": "001234/HNO-GPHN",
    "MA_TTDV": "000871/HNO-GPHN",
    "NGAY_CT": "20261120",
}

DISCHARGE_PAPER: dict[str, Any] = {
    **NAMED,
    **_INSURED,
    **_DIAGNOSIS,
    "MA_LK": "LK-2026-000731",
    "GIOI_TINH": "2",
    "MA_DANTOC": "01",
    "MA_CSKCB": "01004",
    "NGAY_VAO": "202611181515",
    "NGAY_RA": "202611200900",
    "SO_LUU_TRU": "26/00731",
    "TEN_KHOA": "Khoa Nội tiết",
    "PP_DIEUTRI": "Insulin, tiết chế",
    "GHI_CHU": "Uống thuốc theo đơn, khám lại đúng hẹn",
    "NGAY_HEN_KL": "21/12/2026",
    "SO_NGAY_NGHI": "5",
    "NGOAITRU_TUNGAY": "20261121",
    "NGOAITRU_DENNGAY": "20261125",
    "NGAY_CT": "20261120",
    "MA_BAC_SI": "001234/HNO-GPHN",
    "MA_TTDV": "000871/HNO-GPHN",
}

HEALTH_INSURANCE_CARD: dict[str, Any] = {
    **NAMED,
    "KHOA_DONG": "THE-2026-15",
    "GIOI_TINH": "2",
    "DIA_CHI": "Số 1 phố Hàng Bài, phường Cửa Nam, Hà Nội",
    "MA_THE_BHYT": "DN4011234567890",
    "GT_THE_TU": "01/01/2026",
    "GT_THE_DEN": "31/12/2026",
    "MA_DKBD": "01901",
    "TEN_DKBD": "Trạm y tế phường Cửa Nam",
    "MA_DOI_TUONG": "DN",
    "MUC_HUONG": "4",
    "THOI_DIEM_5_NAM": "01/01/2027",
    "NOI_CAP": "BHXH_VN",
}

HEALTH_ROWS = {
    "referral": maker(REFERRAL),
    "re-examination-slip": maker(RE_EXAMINATION_SLIP),
    "discharge-paper": maker(DISCHARGE_PAPER),
    "health-insurance-card": maker(HEALTH_INSURANCE_CARD),
}
