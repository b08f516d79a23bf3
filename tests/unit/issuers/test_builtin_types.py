"""The document types that come with the package hold what the state's forms hold."""

import re
from unicodedata import is_normalized

import pytest

from giayto_issuers import DocumentType, load_builtin_types
from giayto_issuers.document_type.model import Claim, ClaimType
from giayto_issuers.errors import UnknownDocumentTypeError

TYPES = load_builtin_types()
each_type = pytest.mark.parametrize("document_type", list(TYPES), ids=lambda entry: entry.code)
# Words that are Vietnamese without any diacritic; every other Vietnamese label has at least one.
PLAIN_VIETNAMESE = {"Email", "Co", "Thai", "Kinh", "Hoa", "Dao", "La Ha", "Si La", "Nam", "Xe"}

COLUMNS = {
    "health-book": """
        HO_TEN NGAY_SINH GIOI_TINH MA_DANTOC MA_QUOCTICH MA_NGHE_NGHIEP SO_CCCD DIEN_THOAI DIA_CHI MATINH_CU_TRU
        MAXA_CU_TRU MA_THE_BHYT MA_DKBD GT_THE_DEN HO_TEN_NDD QUAN_HE_NDD SO_CCCD_NDD DIEN_THOAI_NDD
        DI_UNG TIEN_SU_BENH TIEM_CHUNG
        DOT_KCB MA_CSKCB NGAY_VAO NGAY_RA HINH_THUC_KCB LY_DO_VV MA_LOAI_RV KET_QUA_DTRI MA_BENH NHOM_MAU CHIEU_CAO
        CAN_NANG CAN_LAM_SANG THUOC PTTT
        TIEN_SU BENH_SU QT_BENHLY TOMTAT_KQ PP_DIEUTRI HUONG_DIEU_TRI DON_THUOC LOI_DAN LICH_TAI_KHAM BAC_SI_DIEU_TRI
    """,
    "criminal-record-1": """
        HO_TEN GIOI_TINH NGAY_SINH NOI_SINH QUOC_TICH NOI_CU_TRU SO_CCCD SO_HO_CHIEU TINH_TRANG_AN_TICH AN_TICH
        TOI_DANH HINH_PHAT BAN_AN TOA_AN TINH_TRANG_CAM SO_PHIEU CO_QUAN_CAP NGAY_CAP NGUOI_LAP NGUOI_KY
    """,
    "procedure-result": """
        MaHoSo MaTTHC TenTTHC MaLinhVuc TenLinhVuc KenhThucHien ChuHoSo SoGiayToChuHoSo DinhDanhCHS LoaiDinhDanh
        SoDinhDanh LoaiDoiTuong MaDoiTuong Email SoDienThoai TrichYeuHoSo NgayNopHoSo NgayTiepNhan NgayHenTra
        NgayKetThucXuLy NgayTra NgayTuChoi TrangThaiHoSo HinhThuc DonViXuLy NoiNopHoSo HoSoCoThanhPhanSoHoa
        TaiKhoanDuocXacThucVoiVNeID DuocThanhToanTrucTuyen DSKetNoiCSDL MaCSDL DanhSachLePhi DanhSachHoSoBoSung
        TaiLieuNop TenTepDinhKem MaThanhPhanHoSo DuongDanTaiTepTin DuocSoHoa DuocTaiSuDung DuocLayTuKhoDMQG
        MaKetQuaThayThe LoaiBan DanhSachGiayToKetQua TenGiayTo GiayToId DuongDanTepTinKetQua MaGiayToKetQua
    """,
    "referral": """
        MA_LK SO_HOSO SO_CHUYENTUYEN GIAY_CHUYEN_TUYEN MA_CSKCB MA_CSKCB_DI MA_CSKCB_DEN HO_TEN NGAY_SINH
        GIOI_TINH MA_QUOCTICH MA_DANTOC MA_NGHE_NGHIEP DIA_CHI MA_THE_BHYT GT_THE_DEN NGAY_VAO NGAY_VAO_NOI_TRU
        NGAY_RA DAU_HIEU_LS CHAN_DOAN_RV QT_BENHLY TOMTAT_KQ PP_DIEUTRI MA_BENH_CHINH MA_BENH_KT MA_BENH_YHCT
        TINH_TRANG_CT MA_LOAI_RV MA_LYDO_CT HUONG_DIEU_TRI PHUONGTIEN_VC HOTEN_NGUOI_HT CHUCDANH_NGUOI_HT
        MA_BAC_SI MA_TTDV
    """,
    "re-examination-slip": """
        MA_LK SO_GIAYHEN_KL MA_CSKCB HO_TEN NGAY_SINH GIOI_TINH DIA_CHI MA_THE_BHYT GT_THE_DEN NGAY_VAO
        NGAY_VAO_NOI_TRU NGAY_RA NGAY_HEN_KL CHAN_DOAN_RV MA_BENH_CHINH MA_BENH_KT MA_BENH_YHCT MA_DOITUONG_KCB
        MA_BAC_SI MA_TTDV NGAY_CT
    """,
    "discharge-paper": """
        HO_TEN NGAY_SINH MA_CSKCB NGAY_VAO NGAY_RA CHAN_DOAN_RV PP_DIEUTRI GHI_CHU NGAY_CT MA_BAC_SI MA_TTDV
    """,
    "health-insurance-card": """
        MA_THE_BHYT HO_TEN NGAY_SINH GIOI_TINH DIA_CHI MA_DKBD GT_THE_TU GT_THE_DEN THOI_DIEM_5_NAM MA_DOI_TUONG
        MUC_HUONG NOI_CAP
    """,
    "criminal-record-2": """
        HO_TEN GIOI_TINH NGAY_SINH NOI_SINH QUOC_TICH NOI_CU_TRU SO_CCCD SO_HO_CHIEU HO_TEN_CHA HO_TEN_ME
        HO_TEN_VO_CHONG TINH_TRANG_AN_TICH AN_TICH TOI_DANH HINH_PHAT BAN_AN TOA_AN XOA_AN_TICH TINH_TRANG_CAM
        SO_PHIEU CO_QUAN_CAP NGAY_CAP NGUOI_LAP NGUOI_KY
    """,
    "driving-licence": """
        SO_GPLX HO_TEN NGAY_SINH QUOC_TICH NOI_CU_TRU HANG NGAY_TRUNG_TUYEN NGAY_CAP GIA_TRI_DEN NOI_CAP
        DIEM_CON_LAI TRANG_THAI
    """,
    "vehicle-registration": """
        SO_DANG_KY CHU_XE DIA_CHI BIEN_SO LOAI_BIEN_SO NHAN_HIEU SO_LOAI LOAI_XE MAU_SON SO_KHUNG SO_MAY
        NAM_SAN_XUAT DUNG_TICH TAI_TRONG SO_CHO NGAY_CAP GIA_TRI_DEN CO_QUAN_CAP
    """,
    "birth-certificate": """
        HO_TEN NGAY_SINH NGAY_SINH_BANG_CHU GIOI_TINH DAN_TOC QUOC_TICH NOI_SINH QUE_QUAN SO_CCCD HO_TEN_ME
        NAM_SINH_ME DAN_TOC_ME QUOC_TICH_ME NOI_CU_TRU_ME HO_TEN_CHA NAM_SINH_CHA DAN_TOC_CHA QUOC_TICH_CHA
        NOI_CU_TRU_CHA HO_TEN_NGUOI_KHAI GIAY_TO_NGUOI_KHAI NOI_DANG_KY SO_KHAI_SINH QUYEN_SO NGAY_DANG_KY
        NGUOI_KY SO_GIAY_CHUNG_SINH
    """,
    "marital-status": """
        HO_TEN NGAY_SINH GIOI_TINH DAN_TOC QUOC_TICH GIAY_TO_TUY_THAN NOI_CU_TRU TINH_TRANG_HON_NHAN
        SO_GCN_KET_HON MUC_DICH HO_TEN_NGUOI_DU_DINH NGAY_CAP
    """,
    "death-certificate": """
        LOAI_GIAY HO_TEN_NGUOI_CHET NGAY_CHET NOI_CHET NGUYEN_NHAN_CHET SO_KHAI_TU CO_QUAN_CAP NGAY_CAP
    """,
    "land-use-certificate": """
        MA_QR MA_GCN HO_TEN SO_THUA TO_BAN_DO DIEN_TICH LOAI_DAT THOI_HAN HINH_THUC NGUON_GOC DIA_CHI_THUA
        TAI_SAN NOI_KY NGAY_KY CO_QUAN_KY SO_PHAT_HANH SO_DO GHI_CHU THAY_DOI SO_VAO_SO
    """,
    "business-registration": """
        MA_SO_DN NGAY_DANG_KY_LAN_DAU LAN_THAY_DOI TEN_DN TEN_NUOC_NGOAI TEN_VIET_TAT TRU_SO VON_DIEU_LE HO_TEN
        CHUC_DANH NGAY_SINH SO_DINH_DANH CHU_SO_HUU CO_QUAN_CAP NGAY_CAP TINH_TRANG
    """,
    "tax-registration": """
        MST TEN_NNT NGAY_CAP_MST CO_QUAN_THUE TRANG_THAI_MST
    """,
}
"""Every field of the public descriptions of these papers, by its name in the source systems."""


def claims_of(document_type: DocumentType) -> list[Claim]:
    return [claim for top in document_type.claims for _, claim in top.walk()]


def test_sixteen_types_are_there_by_code_and_by_vct() -> None:
    assert {entry.code for entry in TYPES} == set(COLUMNS)
    assert len(TYPES) == 16
    for entry in TYPES:
        assert TYPES[entry.code] is TYPES[entry.vct] is entry
        assert entry.vct == f"urn:giayto:type:{entry.code}:{entry.version}"


def test_an_unknown_type_is_refused() -> None:
    assert "library-card" not in TYPES
    assert 7 not in TYPES
    assert TYPES.find("library-card") is None
    with pytest.raises(UnknownDocumentTypeError):
        TYPES["library-card"]


@each_type
def test_every_field_of_the_form_has_its_column(document_type: DocumentType) -> None:
    columns = {column for claim in claims_of(document_type) for column in claim.columns}
    assert set(COLUMNS[document_type.code].split()) <= columns


@each_type
def test_texts_are_nfc_and_vietnamese_ones_have_their_diacritics(document_type: DocumentType) -> None:
    texts = [claim.label for claim in claims_of(document_type)]
    texts += [document_type.titles, document_type.description, document_type.owner.name]
    texts += [purpose.name for purpose in document_type.use.purposes]
    texts += [label for codes in document_type.code_lists.values() for label in codes.values() if len(label.vi) > 2]
    for text in texts:
        assert is_normalized("NFC", text.vi)
        assert text.en.isascii()
        diacritics = re.search(r"[^\x00-\x7f]", text.vi)
        assert diacritics or text.vi in PLAIN_VIETNAMESE or re.fullmatch(r"[ABO]+ Rh\([+-]\)", text.vi), text.vi


@each_type
def test_every_claim_says_where_it_was_found(document_type: DocumentType) -> None:
    assert document_type.legal_basis
    assert all(claim.source or claim.type is ClaimType.OBJECT for claim in claims_of(document_type))


SUBJECT_CLAIMS = {
    "person": ("personal_number", "full_name", "birth_date"),
    "organisation": ("tax_code", "organisation_name"),
}


@each_type
def test_a_subject_is_named_in_the_same_way_everywhere(document_type: DocumentType) -> None:
    for name in SUBJECT_CLAIMS[document_type.holder_kind]:
        claim = document_type.claim(name)
        assert claim is not None
        assert claim.mandatory
        assert not claim.always_shown


def test_the_police_issue_criminal_records() -> None:
    paper = TYPES["criminal-record-1"]
    assert paper.may_be_issued_by("G01")
    assert paper.may_be_issued_by("G01.015")
    assert not paper.may_be_issued_by("G15")
    assert not paper.may_be_issued_by("H26")
    assert paper.use.sensitivity == "sensitive"
    assert {purpose.code for purpose in paper.use.purposes} >= {"QUOC_PHONG", "AN_NINH", "Y_TE"}


def test_a_criminal_record_cannot_be_shown_without_what_it_says() -> None:
    assert TYPES["criminal-record-1"].required_claims == ("conviction_status",)
    convictions = TYPES["criminal-record-1"].claim("convictions")
    assert convictions is not None
    assert not convictions.elements_disclosable
    assert not convictions.fields_disclosable


def test_who_issues_the_other_types() -> None:
    assert TYPES["health-book"].may_be_issued_by("H26.15.03")
    assert TYPES["health-book"].may_be_issued_by("G18.12")
    assert not TYPES["health-book"].may_be_issued_by("H26")
    assert not TYPES["health-book"].may_be_issued_by("G01")
    assert TYPES["procedure-result"].may_be_issued_by("H15.50.05.13")
    assert TYPES["procedure-result"].may_be_issued_by("G22")


def test_visits_disclose_one_by_one_and_field_by_field() -> None:
    visits = TYPES["health-book"].claim("visits")
    assert visits is not None
    assert visits.elements_disclosable
    assert visits.fields_disclosable


def test_all_54_ethnic_groups_and_foreigners_have_codes() -> None:
    background = TYPES["health-book"].claim("background")
    assert background is not None
    codes = background.fields[0].codes
    assert list(codes) == [f"{number:02}" for number in range(1, 56)]
    assert codes["01"].vi == "Kinh"
    assert codes["54"].vi == "Rơ-măm"
    assert len({label.vi for label in codes.values()}) == 55


def test_all_ten_states_of_a_dossier_have_codes() -> None:
    status = TYPES["procedure-result"].claim("dossier_status")
    assert status is not None
    assert list(status.codes) == [str(number) for number in range(1, 11)]
