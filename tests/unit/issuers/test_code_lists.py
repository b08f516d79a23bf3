"""Code lists in time: the mergers of 2025-07-01, codes that changed their meaning, the check of a record's codes."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import msgspec
import pytest

from giayto_crypto.localised import Localised
from giayto_issuers import DocumentType, load_builtin_types, validate_record
from giayto_issuers.code_lists.dated import CodePeriod, DatedCodeList, dated_code_lists, read_dated_list
from giayto_issuers.code_lists.places import commune, province, province_today
from giayto_issuers.document_type.model import Claim, ClaimType
from giayto_issuers.errors import ProblemKind, RecordError
from sample_records import health_book

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
NAME = Localised(vi="Tên", en="Name")


def name(code: str, on: date) -> str | None:
    found = province(code, on=on)
    return None if found is None else found.name.vi


def test_there_were_63_provinces_and_are_34() -> None:
    provinces = dated_code_lists()["province"]
    assert (len(list(provinces.on(BEFORE))), len(list(provinces.on(AFTER)))) == (63, 34)


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("15", "Tỉnh Yên Bái", "Tỉnh Lào Cai"),
        ("24", "Tỉnh Bắc Giang", "Tỉnh Bắc Ninh"),
        ("44", "Tỉnh Quảng Bình", "Tỉnh Quảng Trị"),
        ("52", "Tỉnh Bình Định", "Tỉnh Gia Lai"),
        ("80", "Tỉnh Long An", "Tỉnh Tây Ninh"),
        ("82", "Tỉnh Tiền Giang", "Tỉnh Đồng Tháp"),
        ("91", "Tỉnh Kiên Giang", "Tỉnh An Giang"),
    ],
)
def test_seven_codes_changed_their_meaning(code: str, before: str, after: str) -> None:
    assert (name(code, BEFORE), name(code, AFTER)) == (before, after)
    assert name(f"0{code}", BEFORE) == before


def test_no_other_code_did() -> None:
    changed = {
        code
        for code in {period.code for period in dated_code_lists()["province"]}
        if None not in (name(code, BEFORE), name(code, AFTER))
        and str(name(code, BEFORE)).split(" ", 1)[1].removeprefix("phố ")
        != str(name(code, AFTER)).split(" ", 1)[1].removeprefix("phố ")
    }
    assert changed == {"15", "24", "44", "52", "80", "82", "91"}


def test_a_merged_province_is_followed_to_its_successor() -> None:
    assert name("87", AFTER) is None
    today = province_today("87", known_on=BEFORE, on=date(2026, 11, 22))
    assert today is not None
    assert (today.code, today.name.vi) == ("82", "Tỉnh Đồng Tháp")
    assert province_today("87", known_on=BEFORE, on=BEFORE) == province("87", on=BEFORE)
    assert province_today("87", known_on=AFTER, on=AFTER) is None


def test_successions_follow_each_other() -> None:
    """Bình Phước went into Đồng Nai, which became a city later."""
    today = province_today("70", known_on=BEFORE, on=date(2026, 5, 1))
    assert today is not None
    assert today.name.vi == "Thành phố Đồng Nai"
    assert name("75", date(2026, 4, 29)) == "Tỉnh Đồng Nai"


def test_every_former_province_has_exactly_one_successor() -> None:
    provinces = dated_code_lists()["province"]
    for former in provinces.on(BEFORE):
        assert len(provinces.successors(former, AFTER)) == 1


def test_communes_lie_in_provinces() -> None:
    communes = list(dated_code_lists()["commune"].on(AFTER))
    assert len(communes) == 3321
    assert {each.within for each in communes} == {each.code for each in dated_code_lists()["province"].on(AFTER)}
    found = commune("00004", on=AFTER)
    assert found is not None
    assert (found.name.vi, found.name.en, found.within) == ("Phường Ba Đình", "Ba Đình Ward", "01")
    assert commune("00004", on=BEFORE) is None


@pytest.mark.parametrize("file", ["province.csv", "commune.csv"])
def test_every_list_says_where_it_comes_from(file: str) -> None:
    folder = Path(__file__).parents[3] / "issuers" / "giayto_issuers" / "code_lists"
    notes = [line for line in (folder / file).read_text("utf-8").splitlines() if line.startswith("#")]
    assert any("Source: " in line for line in notes)


@pytest.mark.parametrize(
    "periods",
    [
        [CodePeriod("1", NAME), CodePeriod("1", NAME, valid_from=AFTER)],
        [CodePeriod("1", NAME, valid_until=AFTER), CodePeriod("1", NAME, valid_from=AFTER)],
        [CodePeriod("1", NAME, valid_until=BEFORE, successors=("2",))],
        [CodePeriod("1", NAME, successors=("1",))],
    ],
    ids=["overlap", "a day twice", "no such successor", "a successor without an end"],
)
def test_a_list_that_contradicts_itself_is_refused(periods: list[CodePeriod]) -> None:
    with pytest.raises(ValueError, match="code list test"):
        DatedCodeList("test", periods)


def test_a_file_is_read_with_its_notes_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "ward.csv"
    file.write_text("# note\ncode,vi,en,valid_from,valid_until,successors\n1,Một,One,,2025-06-30,2 3\n"
                    "2,Hai,Two,2025-07-01,,\n3,Ba,Three,2025-07-01,,\n", "utf-8")  # fmt: skip
    wards = read_dated_list("ward", file)
    former = wards.find("1", BEFORE)
    assert former is not None
    assert [period.code for period in wards.successors(former, AFTER)] == ["2", "3"]
    assert wards.newest_names["1"].en == "One"


def with_province(rule: str, codes: Mapping[str, Localised] | None = None) -> DocumentType:
    """The health book with a province code, valid from its issue or until revoked."""
    book = load_builtin_types()["health-book"]
    claim = Claim(
        name="province", type=ClaimType.CODE, code_list="province", columns=("MA_TINH_TEST",), label=NAME,
        codes=dict(codes or dated_code_lists()["province"].newest_names),
    )  # fmt: skip
    issued = Claim(name="issued", type=ClaimType.DATE, columns=("NGAY_TEST",), label=NAME, mandatory=True)
    validity = (
        msgspec.structs.replace(book.validity, rule="months", length=12, from_claim="issued")
        if rule == "months"
        else book.validity
    )
    return msgspec.structs.replace(book, claims=(*book.claims, claim, issued), validity=validity)


@pytest.mark.parametrize(
    ("rule", "code", "day", "today", "fits"),
    [
        ("months", "87", "30/06/2025", None, True),
        ("months", "87", "01/07/2025", None, False),
        ("months", "87", "30/06/2025", date(2026, 1, 1), True),
        ("until-revoked", "87", "30/06/2025", date(2026, 1, 1), False),
        ("until-revoked", "87", "30/06/2025", None, True),
        ("until-revoked", "82", "30/06/2025", date(2026, 1, 1), True),
    ],
)
def test_a_code_must_be_good_on_the_day_of_the_document_or_today(
    rule: str, code: str, day: str, today: date | None, fits: bool
) -> None:
    row = {**health_book(), "MA_TINH_TEST": code, "NGAY_TEST": day}
    if fits:
        assert validate_record(with_province(rule), row, 2, today=today).claims["province"] == code
        return
    with pytest.raises(RecordError) as refusal:
        validate_record(with_province(rule), row, 2, today=today)
    (problem,) = refusal.value.problems
    assert (problem.column, problem.kind) == ("MA_TINH_TEST", ProblemKind.OUTDATED)


def test_a_list_of_the_types_own_goes_before_a_shared_one() -> None:
    own = {"87": NAME}
    kind = msgspec.structs.replace(with_province("until-revoked", own), code_lists={"province": own})
    row = {**health_book(), "MA_TINH_TEST": "87", "NGAY_TEST": "01/01/2026"}
    assert validate_record(kind, row, 2, today=date(2026, 1, 1)).claims["province"] == "87"
