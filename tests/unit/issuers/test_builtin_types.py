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
PLAIN_VIETNAMESE = {"Email", "Co", "Thai", "Kinh", "Hoa", "Dao", "La Ha", "Si La", "Nam"}

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
}
"""Every field of the public descriptions of these papers, by its name in the source systems."""


def claims_of(document_type: DocumentType) -> list[Claim]:
    return [claim for top in document_type.claims for _, claim in top.walk()]


def test_three_types_are_there_by_code_and_by_vct() -> None:
    assert {entry.code for entry in TYPES} == set(COLUMNS)
    assert len(TYPES) == 3
    for entry in TYPES:
        assert TYPES[entry.code] is TYPES[entry.vct] is entry
        assert entry.vct == f"urn:giayto:type:{entry.code}:{entry.version}"


def test_an_unknown_type_is_refused() -> None:
    assert "driving-licence" not in TYPES
    assert 7 not in TYPES
    assert TYPES.find("driving-licence") is None
    with pytest.raises(UnknownDocumentTypeError):
        TYPES["driving-licence"]


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


@each_type
def test_a_person_is_named_in_the_same_way_everywhere(document_type: DocumentType) -> None:
    assert document_type.holder_kind == "person"
    for name in ("personal_number", "full_name", "birth_date"):
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
