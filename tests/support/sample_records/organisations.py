"""Good source rows of papers about an organisation."""

from typing import Any

from sample_records.subjects import ORGANISATION, maker

_DIRECTOR = {
    "HO_TEN": "Lê Minh Quân",
    "CHUC_DANH": "Giám đốc",
    "NGAY_SINH": "09/08/1988",
    "SO_DINH_DANH": "001088004321",
}

BUSINESS_REGISTRATION: dict[str, Any] = {
    "KHOA_DONG": "DKKD-2026-9",
    "MA_SO_DN": ORGANISATION["tax_code"],
    "TEN_DN": ORGANISATION["name"],
    "TEN_NUOC_NGOAI": "Anh Duong Ceramics Company Limited",
    "TEN_VIET_TAT": "GAD Co., Ltd",
    "LOAI_HINH": "TNHH",
    "TRU_SO": "Xã Bát Tràng, Hà Nội",
    "DIEN_THOAI": "0243 874 0000",
    "EMAIL": "lienhe@gom.example",
    "VON_DIEU_LE": "5000000000",
    "NGUOI_DAI_DIEN": [_DIRECTOR],
    "CHU_SO_HUU": [
        {"TEN": "Lê Minh Quân", "VON_GOP": "3000000000", "TY_LE": "60"},
        {"TEN": "Trần Thị Hoa", "VON_GOP": "2000000000", "TY_LE": "40"},
    ],
    "TINH_TRANG": "DANG_HOAT_DONG",
    "NGAY_DANG_KY_LAN_DAU": "12/02/2021",
    "LAN_THAY_DOI": "2",
    "NGAY_THAY_DOI": "03/09/2026",
    "CO_QUAN_CAP": "Sở Tài chính Hà Nội",
    "NGAY_CAP": "03/09/2026",
}

TAX_REGISTRATION: dict[str, Any] = {
    "KHOA_DONG": "DKT-2026-9",
    "MST": ORGANISATION["tax_code"],
    "TEN_NNT": ORGANISATION["name"],
    "TRU_SO": "Xã Bát Tràng, Hà Nội",
    "SO_GIAY_PHEP": "DKKD-2021-9",
    "NGAY_GIAY_PHEP": "12/02/2021",
    "NGUOI_DAI_DIEN": _DIRECTOR,
    "TRANG_THAI_MST": "00",
    "NGAY_CAP_MST": "12/02/2021",
    "CO_QUAN_THUE": "Thuế thành phố Hà Nội",
    "NGAY_CAP": "15/02/2021",
}

ORGANISATION_ROWS = {
    "business-registration": maker(BUSINESS_REGISTRATION),
    "tax-registration": maker(TAX_REGISTRATION),
}
