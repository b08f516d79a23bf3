"""What each built-in document type demands of its records, beyond having all its fields."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from giayto_issuers import DocumentType, load_builtin_types, validate_record
from giayto_issuers.document_type.model import Claim
from giayto_issuers.errors import ProblemKind, RecordError
from giayto_issuers.validity import credential_times, document_period
from sample_records import ROWS

TYPES = load_builtin_types()
each_type = pytest.mark.parametrize("document_type", list(TYPES), ids=lambda entry: entry.code)
NOW = datetime(2026, 11, 22, 9, 47, tzinfo=UTC)


def columns_refused(code: str, **changes: Any) -> set[str]:
    with pytest.raises(RecordError) as caught:
        validate_record(TYPES[code], ROWS[code](**changes), 1)
    return {problem.column for problem in caught.value.problems}


MANDATORY: list[tuple[str, Claim]] = [
    (entry.code, claim) for entry in TYPES for claim in entry.claims if claim.mandatory
]


@pytest.mark.parametrize(("code", "claim"), MANDATORY, ids=[f"{code}-{claim.name}" for code, claim in MANDATORY])
def test_a_record_without_a_mandatory_claim_is_refused(code: str, claim: Claim) -> None:
    refused = columns_refused(code, **dict.fromkeys(claim.row_columns))
    assert claim.row_columns[0] in refused


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("health-book", {"MATINH_CU_TRU": "99"}, "MATINH_CU_TRU"),
    ("health-book", {"MAXA_CU_TRU": "99999"}, "MAXA_CU_TRU"),
    ("referral", {"MA_LYDO_CT": "4"}, "MA_LYDO_CT"),
    ("referral", {"MA_LOAI_RV": "1"}, "MA_LOAI_RV"),
    ("referral", {"MA_BENH_KT": "I10;tăng huyết áp"}, "MA_BENH_KT[2]"),
    ("referral", {"MA_CSKCB_DI": "01901;1"}, "MA_CSKCB_DI[2]"),
    ("referral", {"DIEN_THOI_HAN": "MAI_MAI"}, "DIEN_THOI_HAN"),
    ("re-examination-slip", {"NGAY_HEN_KL": "202613010800"}, "NGAY_HEN_KL"),
    ("re-examination-slip", {"MA_TTDV": None}, "MA_TTDV"),
    ("re-examination-slip", {"MA_LK": "x" * 101}, "MA_LK"),
    ("discharge-paper", {"SO_NGAY_NGHI": "181"}, "SO_NGAY_NGHI"),
    ("health-insurance-card", {"MA_THE_BHYT": "DN9011234567890"}, "MA_THE_BHYT"),
    ("health-insurance-card", {"MA_DOI_TUONG": "ZZ"}, "MA_DOI_TUONG"),
    ("health-insurance-card", {"MUC_HUONG": "6"}, "MUC_HUONG"),
    ("criminal-record-2", {"TINH_TRANG_AN_TICH": "KHONG_CO_AN_TICH"}, "AN_TICH"),
    ("criminal-record-2", {"TINH_TRANG_CAM": "BI_CAM"}, "CHUC_VU_BI_CAM"),
    ("driving-licence", {"SO_GPLX": "12345"}, "SO_GPLX"),
    ("driving-licence", {"HANG_GPLX": [{"HANG": "Z"}]}, "HANG_GPLX[1].HANG"),
    ("driving-licence", {"DIEM_CON_LAI": "13"}, "DIEM_CON_LAI"),
    ("vehicle-registration", {"BIEN_SO": "không có"}, "BIEN_SO"),
    ("vehicle-registration", {"SO_KHUNG": "a b"}, "SO_KHUNG"),
    ("birth-certificate", {"SO_GIAY_CHUNG_SINH": "01234.GCS.88.01"}, "SO_GIAY_CHUNG_SINH"),
    ("birth-certificate", {"HO_TEN_ME": None}, "HO_TEN_ME"),
    ("marital-status", {"TINH_TRANG_HON_NHAN": "DANG_CO_VO_CHONG"}, "VO_CHONG"),
    ("marital-status", {"TINH_TRANG_HON_NHAN": "DA_LY_HON"}, "GIAY_TO_CHAM_DUT"),
    ("marital-status", {"HO_TEN_VO_CHONG": "Trần Văn Bình"}, "VO_CHONG"),
    ("death-certificate", {"LOAI_GIAY": "GIAY_KHAC"}, "LOAI_GIAY"),
    ("death-certificate", {"MA_NGUYEN_NHAN": "tim"}, "MA_NGUYEN_NHAN"),
    ("land-use-certificate", {"SO_PHAT_HANH": "123"}, "SO_PHAT_HANH"),
    ("land-use-certificate", {"THAY_DOI": None}, "THAY_DOI"),
    ("land-use-certificate", {"BIEN_DONG": "CHUA_THAY_DOI"}, "THAY_DOI"),
    ("business-registration", {"MA_SO_DN": "0109473654"}, "MA_SO_DN"),
    ("business-registration", {"VON_DIEU_LE": "5.000.000.000"}, "VON_DIEU_LE"),
    ("business-registration", {"NGUOI_DAI_DIEN": [{"HO_TEN": "Lê Minh Quân"}]}, "NGUOI_DAI_DIEN[1].CHUC_DANH"),
    ("tax-registration", {"TRANG_THAI_MST": "02"}, "TRANG_THAI_MST"),
    ("tax-registration", {"MST": "0109473653-000"}, "MST"),
]


@pytest.mark.parametrize(("code", "changes", "column"), WRONG)
def test_a_wrong_record_is_refused_by_its_column(code: str, changes: dict[str, Any], column: str) -> None:
    assert columns_refused(code, **changes) == {column}


def test_a_residence_is_a_province_and_a_commune_of_today() -> None:
    def residence(**codes: str) -> Any:
        return validate_record(TYPES["health-book"], ROWS["health-book"](**codes), 1, today=NOW.date()).claims[
            "contact"
        ]

    # Three digits are how health systems write a province.
    lived = residence(MATINH_CU_TRU="082", MAXA_CU_TRU="00070")
    assert (lived["province_code"], lived["commune_code"]) == ("82", "00070")
    with pytest.raises(RecordError) as caught:
        residence(MATINH_CU_TRU="87")
    (problem,) = caught.value.problems
    assert (problem.column, problem.kind) == ("MATINH_CU_TRU", ProblemKind.OUTDATED)


def test_wrong_records_are_tried_of_every_new_type() -> None:
    assert {code for code, _, _ in WRONG} == set(ROWS) - {"criminal-record-1", "procedure-result"}


# ------------------------------------------------------------------------------------------------ periods


def last_day(code: str, **changes: Any) -> date | None:
    return validate_record(TYPES[code], ROWS[code](**changes), 1).valid_until


def test_a_referral_lasts_ten_working_days_and_a_year_for_the_listed_diseases() -> None:
    assert last_day("referral") == date(2026, 12, 7)  # 24 November is a holiday, and two weekends lie between
    assert last_day("referral", DIEN_THOI_HAN="MUOI_NGAY_LAM_VIEC") == date(2026, 12, 7)
    assert last_day("referral", DIEN_THOI_HAN="BENH_PHU_LUC_III") == date(2027, 11, 20)


@pytest.mark.parametrize("ground", [None, "BENH_PHU_LUC_III"])
def test_a_copy_of_a_referral_ends_with_the_referral(ground: str | None) -> None:
    rule = TYPES["referral"].validity
    record = validate_record(TYPES["referral"], ROWS["referral"](DIEN_THOI_HAN=ground), 1)
    times = credential_times(rule, document_period(rule, record.claims), NOW)
    assert record.valid_until is not None
    assert times.expires_at == datetime.combine(record.valid_until, datetime.min.time(), UTC).replace(hour=17)


def test_a_marital_status_lasts_six_months_for_its_purpose() -> None:
    assert last_day("marital-status") == date(2027, 5, 20)
    assert TYPES["marital-status"].use.purpose_claim == "purpose"
    assert TYPES["marital-status"].required_claims == ("marital_status", "purpose")


def test_a_licence_ends_only_when_all_its_classes_do() -> None:
    assert last_day("driving-licence") is None
    assert last_day("driving-licence", GIA_TRI_DEN="20/01/2036") == date(2036, 1, 20)


def test_an_insurance_card_has_its_own_dates() -> None:
    assert last_day("health-insurance-card") == date(2026, 12, 31)
    assert TYPES["health-insurance-card"].catalogue_entry().validity.valid_until_claim == "valid_until"


# ------------------------------------------------------------------------------------------------ use, live status


def test_only_the_re_examination_slip_is_used_up() -> None:
    assert [entry.code for entry in TYPES if entry.single_use] == ["re-examination-slip"]
    assert TYPES["re-examination-slip"].catalogue_entry().validity.single_use
    status = TYPES["re-examination-slip"].live_status
    assert status is not None
    assert status.consumed is not None


def test_nobody_may_demand_criminal_record_no_2() -> None:
    assert [entry.code for entry in TYPES if not entry.use.demandable] == ["criminal-record-2"]
    assert TYPES["criminal-record-2"].use.purposes == ()
    assert TYPES["criminal-record-2"].type_metadata()["use"] == {
        "single_use": False,
        "sensitivity": "sensitive",
        "demandable": False,
        "purposes": [],
    }


def test_what_changes_is_live_and_in_short_lived_copies() -> None:
    live = {entry.code: {claim.name for claim in entry.claims if claim.live} for entry in TYPES}
    assert {code: names for code, names in live.items() if names} == {
        "driving-licence": {"licence_state", "points_remaining"},
        "land-use-certificate": {"change_state"},
        "business-registration": {"operating_state"},
        "tax-registration": {"tax_state"},
    }
    assert all(TYPES[code].validity.credential_days <= 31 for code, names in live.items() if names)
    metadata = TYPES["driving-licence"].type_metadata()
    assert [claim["path"] for claim in metadata["claims"] if claim.get("live")] == [
        ["licence_state"],
        ["points_remaining"],
    ]
    assert metadata["live_status"]["suspended"]["en"] == "Withheld electronically"


@each_type
def test_what_can_be_demanded_says_for_what(document_type: DocumentType) -> None:
    assert bool(document_type.use.purposes) == document_type.use.demandable


def test_organisations_hold_their_own_papers() -> None:
    holders = {entry.code for entry in TYPES if entry.holder_kind == "organisation"}
    assert holders == {"business-registration", "tax-registration"}


def test_a_death_certificate_is_about_its_holder_and_names_the_dead() -> None:
    claims = validate_record(TYPES["death-certificate"], ROWS["death-certificate"](), 1).claims
    assert claims["deceased"]["full_name"] != claims["full_name"]
    assert "deceased" in TYPES["death-certificate"].required_claims


def test_all_43_insured_groups_have_labels() -> None:
    benefits = TYPES["health-insurance-card"].claim("benefits")
    assert benefits is not None
    assert len(benefits.fields[0].codes) == 43
    assert all(label.vi != code for code, label in benefits.fields[0].codes.items())
