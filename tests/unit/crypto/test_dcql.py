"""DCQL: read strictly, matched by the wallet, checked again by the verifier."""

from typing import Any

import pytest

from giayto_crypto.dcql import (
    DcqlError,
    DcqlQuery,
    Excess,
    Match,
    Plan,
    ShownPresentation,
    Unsatisfied,
    authority_key_identifiers,
    check_presentations,
    match_credential,
    parse_query,
    plan_answer,
)
from giayto_crypto.sdjwt import Sd, UnverifiedSdJwt, select
from sample_credentials import VCT, issue, sd_jwt
from trust_scheme import Scheme

CREDENTIAL = issue()
VISITS = issue(
    {
        "full_name": "Nguyễn Thị Ánh Tuyết",
        "visits": [Sd({"date": "2026-01-02", "cost": 5}), Sd({"date": "2026-03-04", "cost": 7}), {"date": "x"}],
        "address": {"ward": Sd("Hoàn Kiếm"), "province": Sd("Hà Nội")},
        "organ_donor": True,
        "beds": 1,
    }
)


def asked(**changes: Any) -> dict[str, Any]:
    """One credential query; None leaves a member out."""
    members = {"id": "paper", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}} | changes
    return {name: value for name, value in members.items() if value is not None}


def query(*credentials: dict[str, Any], **members: Any) -> DcqlQuery:
    return parse_query({"credentials": list(credentials or (asked(),)), **members})


def paths(*names: str) -> list[dict[str, Any]]:
    return [{"path": [name]} for name in names]


def matched(credential: UnverifiedSdJwt = CREDENTIAL, **changes: Any) -> Match | None:
    return match_credential(query(asked(**changes)).credentials[0], credential)


def shown(*names: str, as_answer_to: str = "paper") -> ShownPresentation:
    return ShownPresentation(as_answer_to, select(CREDENTIAL, [(name,) for name in names]))


def objections(sent: DcqlQuery, *presentations: ShownPresentation) -> list[tuple[type, int | None]]:
    return [(type(each), each.position) for each in check_presentations(sent, presentations)]


class TestReading:
    def test_unknown_properties_are_ignored_everywhere(self) -> None:
        claims = [{"path": ["full_name"], "later": 1}]
        read = parse_query({"credentials": [asked(claims=claims, later={})], "later": []})
        assert read.to_json() == {"credentials": [asked(claims=[{"path": ["full_name"]}])]}

    def test_defaults_are_those_of_the_specification(self) -> None:
        read = query().credentials[0]
        assert (read.multiple, read.require_cryptographic_holder_binding, read.claims) == (False, True, None)

    @pytest.mark.parametrize(
        "members",
        [
            None,
            [],
            {},
            {"credentials": []},
            {"credentials": {}},
            {"credentials": [asked(id=None)]},
            {"credentials": [asked(id="")]},
            {"credentials": [asked(id="a b")]},
            {"credentials": [asked(id="ễ")]},
            {"credentials": [asked(), asked()]},
            {"credentials": [asked(format=None)]},
            {"credentials": [asked(meta=None)]},
            {"credentials": [asked(meta={})]},
            {"credentials": [asked(meta={"vct_values": []})]},
            {"credentials": [asked(meta={"vct_values": VCT})]},
            {"credentials": [asked(meta={"vct_values": [1]})]},
            {"credentials": [asked(meta={"vct_values": ["x" * 501]})]},
            {"credentials": [asked(multiple="true")]},
            {"credentials": [asked(multiple=1)]},
            {"credentials": [asked(require_cryptographic_holder_binding=None, claims=[])]},
            {"credentials": [asked(claims=[{"path": []}])]},
            {"credentials": [asked(claims=[{"path": "full_name"}])]},
            {"credentials": [asked(claims=[{"path": [-1]}])]},
            {"credentials": [asked(claims=[{"path": [True]}])]},
            {"credentials": [asked(claims=[{"path": [1.0]}])]},
            {"credentials": [asked(claims=[{"path": ["a"] * 13}])]},
            {"credentials": [asked(claims=[{"path": ["a"], "values": []}])]},
            {"credentials": [asked(claims=[{"path": ["a"], "values": [None]}])]},
            {"credentials": [asked(claims=[{"path": ["a"], "values": [1.5]}])]},
            {"credentials": [asked(claims=paths("a"), claim_sets=[["a"]])]},
            {"credentials": [asked(claims=[{"id": "a", "path": ["a"]}], claim_sets=[["b"]])]},
            {"credentials": [asked(claims=[{"id": "a", "path": ["a"]}], claim_sets=[])]},
            {"credentials": [asked(claims=[{"id": "a", "path": ["a"]}], claim_sets=[[]])]},
            {"credentials": [asked(claims=[{"id": "a", "path": ["a"]}, {"id": "a", "path": ["b"]}])]},
            {"credentials": [asked(claim_sets=[["a"]])]},
            {"credentials": [asked(trusted_authorities=[])]},
            {"credentials": [asked(trusted_authorities=[{"type": "aki"}])]},
            {"credentials": [asked(trusted_authorities=[{"type": "aki", "values": []}])]},
            {"credentials": [asked()], "credential_sets": []},
            {"credentials": [asked()], "credential_sets": [{"options": []}]},
            {"credentials": [asked()], "credential_sets": [{"options": [[]]}]},
            {"credentials": [asked()], "credential_sets": [{"options": [["other"]]}]},
            {"credentials": [asked()], "credential_sets": [{"options": [["paper"]], "required": "no"}]},
            {"credentials": [asked(id=f"c{number}") for number in range(21)]},
            {"credentials": [asked(claims=[{"path": ["x" * 400], "values": ["y" * 400] * 99}])]},
        ],
        ids=range(45),
    )
    def test_what_is_not_such_a_query_is_refused(self, members: object) -> None:
        with pytest.raises(DcqlError):
            parse_query(members)


class TestMatching:
    def test_no_claims_means_nothing_that_is_selectively_disclosable(self) -> None:
        assert matched() == Match(())

    def test_all_claims_must_be_there(self) -> None:
        assert matched(claims=paths("full_name", "sex")) == Match((("full_name",), ("sex",)))
        assert matched(claims=paths("full_name", "blood_group")) is None

    @pytest.mark.parametrize(
        "changes",
        [
            {"format": "mso_mdoc", "meta": {"doctype_value": "org.iso.18013.5.1.mDL"}},
            {"meta": {"vct_values": ["urn:example:type:other:1"]}},
        ],
    )
    def test_another_format_or_type_does_not_match(self, changes: dict[str, Any]) -> None:
        assert matched(**changes) is None

    def test_the_first_satisfiable_claim_set_is_taken(self) -> None:
        claims = [{"id": name, "path": [name]} for name in ("blood_group", "full_name", "sex")]
        assert matched(claims=claims, claim_sets=[["blood_group"], ["sex"], ["full_name"]]) == Match((("sex",),))
        assert matched(claims=claims, claim_sets=[["blood_group", "sex"]]) is None

    @pytest.mark.parametrize(
        ("path", "values", "found"),
        [
            (["organ_donor"], [True], True),
            (["organ_donor"], [1], False),
            (["organ_donor"], ["true"], False),
            (["beds"], [2, 1], True),
            (["beds"], [True], False),
            (["beds"], ["1"], False),
            (["full_name"], ["Nguyễn Thị Ánh Tuyết"], True),
            (["full_name"], ["nguyễn thị ánh tuyết"], False),
            (["address"], ["Hà Nội"], False),
            (["visits", None, "cost"], [7], True),
        ],
    )
    def test_values_match_in_type_and_value(self, path: list[Any], values: list[Any], found: bool) -> None:
        assert (matched(VISITS, claims=[{"path": path, "values": values}]) is not None) is found

    @pytest.mark.parametrize(
        ("path", "places"),
        [
            (["visits", 1, "date"], [("visits", 1, "date")]),
            (["visits", None, "date"], [("visits", 0, "date"), ("visits", 1, "date"), ("visits", 2, "date")]),
            (["visits", None, "cost"], [("visits", 0, "cost"), ("visits", 1, "cost")]),
            (["visits", None], [("visits", 0), ("visits", 1), ("visits", 2)]),
            (["visits", 3], []),
            (["visits", "date"], []),
            (["full_name", 0], []),
            (["full_name", None], []),
            (["address", "ward"], [("address", "ward")]),
            (["address", "district"], []),
            (["_sd"], []),
            (["_sd_alg"], []),
        ],
        ids=repr,
    )
    def test_paths_are_processed_as_section_7_says(self, path: list[Any], places: list[tuple[Any, ...]]) -> None:
        found = matched(VISITS, claims=[{"path": path}])
        assert (list(found.paths) if found else []) == places

    def test_a_credential_without_holder_key_answers_only_who_does_not_demand_one(self) -> None:
        unbound = Scheme()
        bearer = UnverifiedSdJwt.parse_issued(unbound.credential())
        # `cnf` stands in clear: taken out of the payload, the signature no longer matters to matching.
        payload = {k: v for k, v in bearer.jws.unverified_payload().items() if k != "cnf"}
        stripped = UnverifiedSdJwt.parse_issued(sd_jwt(payload, *(each.encoded for each in bearer.disclosures)))
        assert match_credential(query(asked()).credentials[0], stripped) is None
        lenient = query(asked(require_cryptographic_holder_binding=False)).credentials[0]
        assert match_credential(lenient, stripped) is not None

    def test_trusted_authorities_by_key_identifier(self) -> None:
        credential = UnverifiedSdJwt.parse_issued(Scheme().credential())
        (identifier,) = authority_key_identifiers(credential)
        for values, found in (([identifier], True), (["AAAA", identifier], True), (["AAAA"], False)):
            authorities = [{"type": "aki", "values": values}]
            assert (matched(credential, trusted_authorities=authorities) is not None) is found
        assert matched(credential, trusted_authorities=[{"type": "etsi_tl", "values": [identifier]}]) is None


class TestPlan:
    SETS = query(
        *(asked(id=name) for name in ("a", "b", "c", "d")),
        credential_sets=[{"options": [["a", "b"], ["c"]]}, {"options": [["d"], ["c"]], "required": False}],
    )

    @pytest.mark.parametrize(
        ("held", "plan"),
        [
            ("abcd", Plan(("a", "b"), ("d",))),
            ("acd", Plan(("c",), ("d",))),
            ("abc", Plan(("a", "b"), ("c",))),
            ("ab", Plan(("a", "b"), ())),
            ("c", Plan(("c",), ())),
            ("ad", None),
            ("", None),
        ],
    )
    def test_credential_sets(self, held: str, plan: Plan | None) -> None:
        assert plan_answer(self.SETS, held) == plan

    def test_without_sets_everything_is_needed(self) -> None:
        both = query(asked(id="a"), asked(id="b"))
        assert plan_answer(both, ["b", "a"]) == Plan(("a", "b"), ())
        assert plan_answer(both, ["a"]) is None


class TestCheckingAnAnswer:
    ONE = query(asked(claims=paths("full_name", "sex")))

    def test_what_was_asked_for_passes(self) -> None:
        assert objections(self.ONE, shown("full_name", "sex")) == []

    def test_a_missing_claim(self) -> None:
        assert objections(self.ONE, shown("full_name")) == [(Unsatisfied, 0)]

    def test_a_claim_that_was_not_asked_for(self) -> None:
        assert objections(self.ONE, shown("full_name", "sex", "address")) == [(Excess, 0)]

    def test_no_claims_asked_means_none_may_be_disclosed(self) -> None:
        assert objections(query(), shown()) == []
        assert objections(query(), shown("sex")) == [(Excess, 0)]

    def test_a_value_that_the_wallet_should_have_filtered(self) -> None:
        sent = query(asked(claims=[{"path": ["sex"], "values": ["male"]}]))
        assert objections(sent, shown("sex")) == [(Unsatisfied, 0)]

    def test_another_type(self) -> None:
        sent = query(asked(meta={"vct_values": ["urn:example:type:other:1"]}))
        assert objections(sent, shown()) == [(Unsatisfied, 0)]

    def test_nothing_at_all(self) -> None:
        assert objections(self.ONE) == [(Unsatisfied, None)]

    def test_an_answer_to_a_question_that_was_not_asked(self) -> None:
        assert objections(query(), shown(), shown(as_answer_to="other")) == [(Excess, 1)]

    def test_two_where_one_was_asked_for(self) -> None:
        assert objections(query(), shown(), shown()) == [(Excess, 1)]
        assert objections(query(asked(multiple=True)), shown(), shown()) == []

    def test_any_claim_set_will_do_but_not_two(self) -> None:
        claims = [{"id": name, "path": [name]} for name in ("full_name", "sex")]
        sent = query(asked(claims=claims, claim_sets=[["full_name"], ["sex"]]))
        assert objections(sent, shown("sex")) == objections(sent, shown("full_name")) == []
        assert objections(sent, shown("full_name", "sex")) == [(Excess, 0)]

    def test_one_credential_for_two_queries_may_show_what_both_ask_for(self) -> None:
        sent = query(asked(id="name", claims=paths("full_name")), asked(id="sex", claims=paths("sex")))
        both = [shown("full_name", "sex", as_answer_to=name) for name in ("name", "sex")]
        assert objections(sent, *both) == []
        assert objections(sent, shown("full_name", "sex", as_answer_to="name")) == [(Unsatisfied, None), (Excess, 0)]

    def test_credential_sets(self) -> None:
        sent = TestPlan.SETS
        assert objections(sent, shown(as_answer_to="c")) == []
        assert objections(sent, shown(as_answer_to="a")) == [(Unsatisfied, None), (Excess, 0)]
        assert objections(sent, *(shown(as_answer_to=name) for name in "abd")) == []

    def test_nested_disclosures_are_counted_too(self) -> None:
        sent = query(asked(claims=[{"path": ["visits", 1, "date"]}]))

        def answer(*chosen: tuple[Any, ...]) -> ShownPresentation:
            return ShownPresentation("paper", select(VISITS, chosen))

        assert objections(sent, answer(("visits", 1, "date"))) == []
        assert objections(sent, answer(("visits", 0), ("visits", 1))) == [(Excess, 0)]
        assert objections(sent, answer(("visits", 0))) == [(Unsatisfied, 0)]
