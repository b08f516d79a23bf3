"""The holder's side: what a choice of paths reveals, and the proof that goes with it."""

from collections.abc import Sequence
from datetime import timedelta
from time import thread_time
from typing import Any

import pytest

from giayto_crypto import jws
from giayto_crypto.errors import DisclosureError
from giayto_crypto.sdjwt import (
    IN_PERSON_AUDIENCE,
    ClaimNotHeldError,
    ClaimPath,
    Sd,
    UnverifiedSdJwt,
    disclosure_paths,
    present,
    reveal,
    select,
    verify_issuer_signature,
    verify_key_binding,
)
from sample_credentials import CLAIMS, HOLDER, ISSUER, NOW, array_disclosure, disclosure, issue, sd_jwt

NESTED = {
    "full_name": "Nguyễn Thị Ánh Tuyết",
    "address": {"province": Sd("Huế"), "country": "VN", "ward": Sd({"name": "Thuận Hóa", "code": Sd("00001")})},
    "visits": [
        Sd({"on": "2026-01-05", "diagnosis": Sd("J06"), "advice": Sd("nghỉ ngơi")}),
        Sd({"on": "2026-03-07", "diagnosis": Sd("I10"), "advice": Sd("ăn nhạt")}),
        "in clear",
    ],
    "matrix": [[Sd(1), Sd(2)], [Sd(3)]],
}
CREDENTIAL = issue(NESTED)


def shown(*paths: ClaimPath, credential: UnverifiedSdJwt = CREDENTIAL) -> dict[str, Any]:
    """Return the claims that a choice of paths reveals, without the members in clear."""
    chosen = select(credential, paths)
    claims = reveal(chosen.jws.unverified_payload(), chosen.disclosures)
    return {name: value for name, value in claims.items() if name in NESTED}


class TestSelection:
    def test_of_nothing_reveals_nothing(self) -> None:
        assert shown() == {}

    @pytest.mark.parametrize(
        ("paths", "claims"),
        [
            ([("full_name",)], {"full_name": "Nguyễn Thị Ánh Tuyết"}),
            ([("address", "country")], {"address": {"country": "VN"}}),
            ([("address", "province")], {"address": {"country": "VN", "province": "Huế"}}),
            ([("address", "ward", "name")], {"address": {"country": "VN", "ward": {"name": "Thuận Hóa"}}}),
            (
                [("address", "ward", "code")],
                {"address": {"country": "VN", "ward": {"name": "Thuận Hóa", "code": "00001"}}},
            ),
            (
                [("address", "ward")],
                {"address": {"country": "VN", "ward": {"name": "Thuận Hóa", "code": "00001"}}},
            ),
            ([("visits", 1, "diagnosis")], {"visits": [{"on": "2026-03-07", "diagnosis": "I10"}, "in clear"]}),
            ([("visits", 2)], {"visits": ["in clear"]}),
            (
                [("visits", None, "diagnosis")],
                {
                    "visits": [
                        {"on": "2026-01-05", "diagnosis": "J06"},
                        {"on": "2026-03-07", "diagnosis": "I10"},
                        "in clear",
                    ]
                },
            ),
            (
                [("visits", 0)],
                {"visits": [{"on": "2026-01-05", "diagnosis": "J06", "advice": "nghỉ ngơi"}, "in clear"]},
            ),
            ([("matrix", 0, 1)], {"matrix": [[2], []]}),
            ([("matrix", None, 0)], {"matrix": [[1], [3]]}),
            ([("matrix", None, None)], {"matrix": [[1, 2], [3]]}),
            ([("matrix", 1)], {"matrix": [[], [3]]}),
            ([("full_name",), ("matrix", 1)], {"full_name": "Nguyễn Thị Ánh Tuyết", "matrix": [[], [3]]}),
        ],
    )
    def test_takes_what_lies_on_the_way_and_all_below(self, paths: Sequence[ClaimPath], claims: dict[str, Any]) -> None:
        assert shown(*paths) == claims

    def test_of_everything_is_the_credential(self) -> None:
        assert select(CREDENTIAL, [(name,) for name in NESTED]) == CREDENTIAL
        assert select(CREDENTIAL, [()]) == CREDENTIAL

    def test_of_a_member_in_clear_reveals_nothing_more(self) -> None:
        assert shown(("vct",), ("cnf", "jwk", "x")) == {}

    def test_does_not_depend_on_the_order_or_repetition_of_paths(self) -> None:
        paths: list[ClaimPath] = [("visits", 1), ("full_name",), ("address", "province")]
        assert select(CREDENTIAL, paths) == select(CREDENTIAL, [*reversed(paths), *paths])

    def test_keeps_parents_directly_before_what_is_below(self) -> None:
        names = [disclosure.name for disclosure in select(CREDENTIAL, [("visits", 0), ("address", "ward")]).disclosures]
        assert names == ["address", "ward", "code", "visits", None, "diagnosis", "advice"]

    def test_drops_a_key_binding_of_another_presentation(self) -> None:
        presented = present(CREDENTIAL, [("full_name",)], holder=HOLDER, audience="a", nonce="n", now=NOW)
        assert select(UnverifiedSdJwt.parse(presented), [("full_name",)]).key_binding is None

    def test_positions_count_elements_that_are_not_held(self) -> None:
        """What was left out once keeps its place, so a path means the same before and after."""
        part = select(CREDENTIAL, [("visits", 1)])
        assert select(part, [("visits", 1)]) == part
        with pytest.raises(ClaimNotHeldError):
            select(part, [("visits", 0)])

    @pytest.mark.parametrize(
        "path",
        [
            ("unknown",),
            ("full_name", "first"),
            ("full_name", 0),
            ("full_name", None),
            ("address", 0),
            ("address", None),
            ("address", "unknown"),
            ("address", "ward", "name", "x"),
            ("visits", "0"),
            ("visits", 3),
            ("visits", -1),
            ("visits", None, "unknown"),
            ("visits", 2, "diagnosis"),
            ("matrix", 1, 1),
            ("_sd",),
            ("_sd_alg",),
            ("address", "_sd"),
            ("visits", 0, "..."),
            (0,),
            (None,),
        ],
    )
    def test_of_a_path_that_leads_nowhere_is_refused(self, path: ClaimPath) -> None:
        with pytest.raises(ClaimNotHeldError) as caught:
            select(CREDENTIAL, [("full_name",), path])
        assert caught.value.code == "claim_not_held"

    def test_of_a_broken_credential_is_refused(self) -> None:
        stray, _ = disclosure("stray", 1)
        with pytest.raises(DisclosureError):
            select(UnverifiedSdJwt.parse_issued(str(CREDENTIAL) + stray + "~"), [("full_name",)])


class TestDisclosurePaths:
    def test_name_every_place_parents_first(self) -> None:
        assert [path for path, _ in disclosure_paths(CREDENTIAL)] == [
            ("full_name",),
            ("address",),
            ("address", "province"),
            ("address", "ward"),
            ("address", "ward", "code"),
            ("visits",),
            ("visits", 0),
            ("visits", 0, "diagnosis"),
            ("visits", 0, "advice"),
            ("visits", 1),
            ("visits", 1, "diagnosis"),
            ("visits", 1, "advice"),
            ("matrix",),
            ("matrix", 0, 0),
            ("matrix", 0, 1),
            ("matrix", 1, 0),
        ]

    def test_belong_to_the_disclosures_of_the_credential(self) -> None:
        assert tuple(disclosure for _, disclosure in disclosure_paths(CREDENTIAL)) == CREDENTIAL.disclosures

    def test_reach_into_members_in_clear(self) -> None:
        inner, inner_digest = disclosure("inner", 1)
        element, element_digest = array_disclosure(2)
        text = sd_jwt({"a": {"_sd": [inner_digest]}, "b": [0, {"c": [{"...": element_digest}]}]}, element, inner)
        assert [path for path, _ in disclosure_paths(UnverifiedSdJwt.parse(text))] == [("a", "inner"), ("b", 1, "c", 0)]

    def test_of_a_credential_that_no_verifier_would_take_are_refused(self) -> None:
        """Ten levels of ten equal digests each, or a thousand levels, would keep a phone busy for ever."""
        encoded, digest = disclosure("x", 1)
        multiplied, nested = [encoded], [encoded]
        nested_digest = digest
        for _ in range(9):
            encoded, digest = disclosure("x", [{"_sd": [digest]} for _ in range(10)])
            multiplied.append(encoded)
        for _ in range(500):
            encoded, nested_digest = disclosure("x", {"_sd": [nested_digest]})
            nested.append(encoded)
        for top, disclosures in ((digest, multiplied), (nested_digest, nested)):
            credential = UnverifiedSdJwt.parse_issued(sd_jwt({"_sd": [top]}, *disclosures))
            begin = thread_time()
            with pytest.raises(DisclosureError):
                select(credential, [()])
            with pytest.raises(DisclosureError):
                list(disclosure_paths(credential))
            assert thread_time() - begin < 1


class TestPresentation:
    def presented(self, **changes: Any) -> UnverifiedSdJwt:
        arguments: dict[str, Any] = {"holder": HOLDER, "audience": IN_PERSON_AUDIENCE, "nonce": "n-1", "now": NOW}
        return UnverifiedSdJwt.parse(present(CREDENTIAL, [("full_name",)], **arguments | changes))

    def test_carries_the_selection_and_a_key_binding(self) -> None:
        presented = self.presented()
        assert presented.sd_jwt == select(CREDENTIAL, [("full_name",)]).sd_jwt
        assert presented.key_binding is not None

    def test_header_and_payload_of_the_proof_follow_the_profile(self) -> None:
        parsed = jws.parse(str(self.presented().key_binding), typ="kb+jwt")
        assert dict(parsed.header) == {"alg": "ES256", "typ": "kb+jwt"}
        payload = parsed.verify(HOLDER.public_key)
        assert list(payload) == ["iat", "nonce", "aud", "sd_hash"]
        assert payload["iat"] == int(NOW.timestamp())
        assert payload["nonce"] == "n-1"
        assert payload["aud"] == IN_PERSON_AUDIENCE == "giayto:in-person"

    def test_is_accepted_with_what_was_signed(self) -> None:
        authentic = verify_issuer_signature(self.presented(audience="https://bank.example"), ISSUER.public_key)
        binding = verify_key_binding(authentic)
        assert (binding.issued_at, binding.nonce) == (NOW, "n-1")
        assert binding.audience == "https://bank.example"

    def test_drops_the_fraction_of_a_second(self) -> None:
        later = self.presented(now=NOW + timedelta(microseconds=999_999))
        assert verify_key_binding(verify_issuer_signature(later, ISSUER.public_key)).issued_at == NOW

    def test_of_all_sample_claims_reveals_all(self) -> None:
        credential = issue()
        chosen = select(credential, [(name,) for name in CLAIMS])
        assert chosen.disclosures == credential.disclosures
