"""Good source rows of papers that the police, civil registrars and land offices give to a person."""

from typing import Any

from sample_records.subjects import NAMED, PERSON, maker

CRIMINAL_RECORD_2: dict[str, Any] = {
    **NAMED,
    "SO_PHIEU": "124/2026/PLLTP",
    "GIOI_TINH": "2",
    "NOI_SINH": "Hà Nội",
    "QUOC_TICH": "Việt Nam",
    "NOI_CU_TRU": "Phường Cửa Nam, Hà Nội",
    "HO_TEN_CHA": "Nguyễn Văn Đạt",
    "HO_TEN_ME": "Trần Thị Hoa",
    "TINH_TRANG_AN_TICH": "CO_AN_TICH",
    "AN_TICH": [
        {
            "TOI_DANH": "Đánh bạc",
            "HINH_PHAT": "Phạt tiền 20 triệu đồng",
            "BAN_AN": "15/2021/HS-ST",
            "TOA_AN": "Tòa án nhân dân khu vực 1 - Hà Nội",
            "XOA_AN_TICH": "DA_XOA",
            "NGAY_XOA_AN_TICH": "20/06/2023",
        }
    ],
    "TINH_TRANG_CAM": "KHONG_BI_CAM",
    "CO_QUAN_CAP": "Công an thành phố Hà Nội",
    "NGAY_CAP": "20/11/2026",
    "NGUOI_KY": "Trần Văn Bình",
}

DRIVING_LICENCE: dict[str, Any] = {
    **NAMED,
    "KHOA_DONG": "GPLX-2026-77",
    "QUOC_TICH": "Việt Nam",
    "NOI_CU_TRU": "Phường Cửa Nam, Hà Nội",
    "SO_GPLX": "010260012345",
    "HANG_GPLX": [
        {"HANG": "A1", "NGAY_TRUNG_TUYEN": "02/06/2019"},
        {"HANG": "B", "NGAY_TRUNG_TUYEN": "15/01/2026", "GIA_TRI_DEN": "20/01/2036"},
    ],
    "NGAY_CAP": "20/01/2026",
    "NOI_CAP": "Công an thành phố Hà Nội",
    "TRANG_THAI": "HIEU_LUC",
    "DIEM_CON_LAI": "10",
}

VEHICLE_REGISTRATION: dict[str, Any] = {
    "SO_CCCD": PERSON["number"],
    "CHU_XE": PERSON["name"],
    "NGAY_SINH": PERSON["born"],
    "SO_DANG_KY": "01-0731552",
    "BIEN_SO": "29A-123.45",
    "LOAI_BIEN_SO": "DINH_DANH",
    "DIA_CHI": "Phường Cửa Nam, Hà Nội",
    "NGAY_CAP": "03/02/2025",
    "CO_QUAN_CAP": "Công an thành phố Hà Nội",
    "NHAN_HIEU": "HONDA",
    "SO_LOAI": "CITY",
    "LOAI_XE": "Ô tô con",
    "MAU_SON": "Trắng",
    "SO_KHUNG": "RLHGN2660RY000731",
    "SO_MAY": "L15ZF1000731",
    "NAM_SAN_XUAT": "2024",
    "DUNG_TICH": "1498",
    "SO_CHO": "5",
}

BIRTH_CERTIFICATE: dict[str, Any] = {
    **NAMED,
    "KHOA_DONG": "KS-2001-88",
    "NGAY_SINH_BANG_CHU": "Ngày mười lăm tháng ba năm hai nghìn không trăm linh một",
    "GIOI_TINH": "2",
    "DAN_TOC": "01",
    "QUOC_TICH": "Việt Nam",
    "NOI_SINH": "Bệnh viện Phụ sản Hà Nội",
    "QUE_QUAN": "Hà Nội",
    "SO_GIAY_CHUNG_SINH": "01234.GCS.00088.01",
    "HO_TEN_ME": "Trần Thị Hoa",
    "NAM_SINH_ME": "1975",
    "DAN_TOC_ME": "01",
    "HO_TEN_CHA": "Nguyễn Văn Đạt",
    "NAM_SINH_CHA": "1972",
    "HO_TEN_NGUOI_KHAI": "Nguyễn Văn Đạt",
    "GIAY_TO_NGUOI_KHAI": "Căn cước công dân",
    "SO_KHAI_SINH": "88",
    "QUYEN_SO": "01/2001",
    "NOI_DANG_KY": "Ủy ban nhân dân phường Cửa Nam, Hà Nội",
    "NGAY_DANG_KY": "22/03/2001",
    "NGUOI_KY": "Phạm Văn Hùng",
}

MARITAL_STATUS: dict[str, Any] = {
    **NAMED,
    "SO_GIAY": "45/UBND-XNTTHN",
    "GIOI_TINH": "2",
    "DAN_TOC": "01",
    "QUOC_TICH": "Việt Nam",
    "NOI_CU_TRU": "Phường Cửa Nam, Hà Nội",
    "TINH_TRANG_HON_NHAN": "CHUA_KET_HON",
    "MUC_DICH": "Mua nhà ở",
    "CO_QUAN_CAP": "Ủy ban nhân dân phường Cửa Nam, Hà Nội",
    "NGAY_CAP": "20/11/2026",
    "NGUOI_KY": "Phạm Văn Hùng",
}

DEATH_CERTIFICATE: dict[str, Any] = {
    **NAMED,
    "SO_GIAY": "12/TLKT-BS",
    "QUAN_HE": "Con",
    "LOAI_GIAY": "TRICH_LUC_KHAI_TU",
    "HO_TEN_NGUOI_CHET": "Nguyễn Văn Đạt",
    "NGAY_SINH_NGUOI_CHET": "04/09/1972",
    "NGAY_CHET": "02/11/2026 05:40",
    "GIOI_TINH_NGUOI_CHET": "1",
    "NOI_CHET": "Bệnh viện Bạch Mai",
    "NGUYEN_NHAN_CHET": "Nhồi máu cơ tim cấp",
    "MA_NGUYEN_NHAN": "I21.9",
    "SO_KHAI_TU": "12",
    "QUYEN_SO": "01/2026",
    "NGAY_DANG_KY": "05/11/2026",
    "CO_QUAN_CAP": "Ủy ban nhân dân phường Cửa Nam, Hà Nội",
    "NGAY_CAP": "05/11/2026",
    "NGUOI_KY": "Phạm Văn Hùng",
}

LAND_USE_CERTIFICATE: dict[str, Any] = {
    **NAMED,
    "MA_GCN": "01.00123.2025.000731",
    "SO_PHAT_HANH": "AA 00123456",
    "DIA_CHI": "Phường Cửa Nam, Hà Nội",
    "DONG_SU_DUNG": [{"TEN": "Nguyễn Văn Đạt"}],
    "THUA_DAT": {
        "SO_THUA": "73",
        "TO_BAN_DO": "12",
        "DIEN_TICH": "58,5",
        "LOAI_DAT": "Đất ở tại đô thị",
        "THOI_HAN": "Lâu dài",
    },
    "TAI_SAN": [{"TEN_TAI_SAN": "Nhà ở riêng lẻ", "DIEN_TICH": "175,5"}],
    "NGAY_KY": "14/04/2025",
    "NOI_KY": "Hà Nội",
    "CO_QUAN_KY": "Chi nhánh Văn phòng đăng ký đất đai",
    "BIEN_DONG": "CO_THAY_DOI",
    "THAY_DOI": [{"NGAY": "20/10/2026", "NOI_DUNG": "Đăng ký thế chấp theo hồ sơ số 000731"}],
    "SO_VAO_SO": "VP 01234",
}

PERSONAL_ROWS = {
    "criminal-record-2": maker(CRIMINAL_RECORD_2),
    "driving-licence": maker(DRIVING_LICENCE),
    "vehicle-registration": maker(VEHICLE_REGISTRATION),
    "birth-certificate": maker(BIRTH_CERTIFICATE),
    "marital-status": maker(MARITAL_STATUS),
    "death-certificate": maker(DEATH_CERTIFICATE),
    "land-use-certificate": maker(LAND_USE_CERTIFICATE),
}
