"""Putting disclosures back: every rule of RFC 9901 §7.1 that can be broken, broken once."""

from collections.abc import Mapping
from time import thread_time
from typing import Any

import pytest

from giayto_crypto.errors import DisclosureError
from giayto_crypto.sdjwt import Disclosure, reveal
from sample_credentials import array_disclosure, disclosure

NAME, NAME_DIGEST = disclosure("name", "Ánh")
CITY, CITY_DIGEST = disclosure("city", "Huế")
ELEMENT, ELEMENT_DIGEST = array_disclosure("element")
DECOY = "uutlBuYeMDyjLLTpf6Jxi7yNkEF35jdyWMn9U7b_RYY"


def revealed(payload: Mapping[str, Any], *encoded: str) -> dict[str, Any]:
    return reveal(payload, map(Disclosure.parse, encoded))


class TestWhatIsRevealed:
    def test_members_come_back_beside_those_in_clear(self) -> None:
        payload = {"iss": "x", "_sd": [CITY_DIGEST, NAME_DIGEST], "_sd_alg": "sha-256"}
        assert revealed(payload, NAME, CITY) == {"iss": "x", "name": "Ánh", "city": "Huế"}

    def test_the_order_of_disclosures_does_not_matter(self) -> None:
        payload = {"_sd": [CITY_DIGEST, NAME_DIGEST]}
        assert revealed(payload, NAME, CITY) == revealed(payload, CITY, NAME)

    def test_what_is_not_disclosed_leaves_no_trace(self) -> None:
        assert revealed({"a": {"_sd": [CITY_DIGEST, DECOY]}, "_sd": [NAME_DIGEST], "_sd_alg": "sha-256"}) == {"a": {}}

    def test_array_elements_come_back_in_their_places(self) -> None:
        other, other_digest = array_disclosure({"n": 1})
        payload = {"list": ["first", {"...": ELEMENT_DIGEST}, {"...": DECOY}, {"...": other_digest}, None]}
        assert revealed(payload, other, ELEMENT) == {"list": ["first", "element", {"n": 1}, None]}
        assert revealed(payload, other) == {"list": ["first", {"n": 1}, None]}
        assert revealed(payload) == {"list": ["first", None]}

    def test_disclosures_inside_disclosures_are_put_back(self) -> None:
        inner, inner_digest = disclosure("inner", [{"...": ELEMENT_DIGEST}])
        outer, outer_digest = disclosure("outer", {"_sd": [inner_digest], "clear": 1})
        payload = {"a": [{"_sd": [outer_digest]}]}
        assert revealed(payload, ELEMENT, inner, outer) == {"a": [{"outer": {"clear": 1, "inner": ["element"]}}]}
        assert revealed(payload, inner, outer) == {"a": [{"outer": {"clear": 1, "inner": []}}]}
        assert revealed(payload, outer) == {"a": [{"outer": {"clear": 1}}]}
        assert revealed(payload) == {"a": [{}]}

    def test_null_is_a_value(self) -> None:
        encoded, digest = disclosure("nothing", None)
        assert revealed({"_sd": [digest]}, encoded) == {"nothing": None}

    def test_sd_alg_may_be_absent(self) -> None:
        assert revealed({"_sd": [NAME_DIGEST]}, NAME) == {"name": "Ánh"}

    def test_an_empty_sd_is_allowed(self) -> None:
        assert revealed({"_sd": [], "a": 1}) == {"a": 1}

    def test_the_signed_payload_is_left_as_it_was(self) -> None:
        payload = {"_sd": [NAME_DIGEST], "a": [{"...": ELEMENT_DIGEST}], "_sd_alg": "sha-256"}
        revealed(payload, NAME, ELEMENT)
        assert payload == {"_sd": [NAME_DIGEST], "a": [{"...": ELEMENT_DIGEST}], "_sd_alg": "sha-256"}


class TestDigests:
    @pytest.mark.parametrize(
        "payload",
        [
            {"_sd": [NAME_DIGEST, NAME_DIGEST]},
            {"_sd": [NAME_DIGEST], "a": {"_sd": [NAME_DIGEST]}},
            {"a": {"_sd": [NAME_DIGEST]}, "b": {"_sd": [NAME_DIGEST]}},
            {"_sd": [NAME_DIGEST], "a": [{"b": {"_sd": [NAME_DIGEST]}}]},
        ],
    )
    @pytest.mark.parametrize("shown", [(), (NAME,)], ids=["hidden", "shown"])
    def test_twice_is_refused(self, payload: dict[str, Any], shown: tuple[str, ...]) -> None:
        with pytest.raises(DisclosureError, match="same digest twice"):
            revealed(payload, *shown)

    @pytest.mark.parametrize("shown", [(), (ELEMENT,)], ids=["hidden", "shown"])
    @pytest.mark.parametrize(
        "payload",
        [
            {"a": [{"...": ELEMENT_DIGEST}, {"...": ELEMENT_DIGEST}]},
            {"a": [{"...": ELEMENT_DIGEST}], "b": [{"...": ELEMENT_DIGEST}]},
            {"a": [{"...": ELEMENT_DIGEST}, [{"...": ELEMENT_DIGEST}]]},
        ],
    )
    def test_twice_in_arrays_is_refused(self, payload: dict[str, Any], shown: tuple[str, ...]) -> None:
        with pytest.raises(DisclosureError, match="same digest twice"):
            revealed(payload, *shown)

    def test_of_a_member_and_of_an_element_at_once_is_refused(self) -> None:
        for first in ({"_sd": [DECOY], "a": [{"...": DECOY}]}, {"a": [{"...": DECOY}], "_sd": [DECOY]}):
            with pytest.raises(DisclosureError, match="same digest twice"):
                revealed(first)

    def test_twice_across_a_disclosure_is_refused(self) -> None:
        outer, outer_digest = disclosure("outer", {"_sd": [NAME_DIGEST]})
        with pytest.raises(DisclosureError, match="same digest twice"):
            revealed({"_sd": [outer_digest, NAME_DIGEST]}, outer)

    def test_twice_inside_one_disclosure_is_refused(self) -> None:
        outer, outer_digest = disclosure("outer", {"a": {"_sd": [DECOY]}, "b": [{"...": DECOY}]})
        with pytest.raises(DisclosureError, match="same digest twice"):
            revealed({"_sd": [outer_digest]}, outer)

    @pytest.mark.parametrize("digest", [None, 1, True, [NAME_DIGEST], {"a": NAME_DIGEST}])
    def test_that_are_no_strings_are_refused(self, digest: object) -> None:
        with pytest.raises(DisclosureError, match="must be a string"):
            revealed({"_sd": [digest]})
        with pytest.raises(DisclosureError, match="must be a string"):
            revealed({"a": [{"...": digest}]})

    @pytest.mark.parametrize("digests", [None, NAME_DIGEST, {NAME_DIGEST: 1}, 1, False])
    def test_that_are_no_array_are_refused(self, digests: object) -> None:
        for payload in ({"_sd": digests}, {"a": {"_sd": digests}}, {"a": [{"_sd": digests}]}):
            with pytest.raises(DisclosureError, match="array of digests"):
                revealed(payload)


class TestDisclosures:
    def test_that_nothing_refers_to_are_refused(self) -> None:
        with pytest.raises(DisclosureError, match="no digest refers to"):
            revealed({"_sd": [NAME_DIGEST]}, NAME, CITY)

    def test_whose_parent_is_not_shown_are_refused(self) -> None:
        _, outer_digest = disclosure("outer", {"_sd": [NAME_DIGEST]})
        with pytest.raises(DisclosureError, match="no digest refers to"):
            revealed({"_sd": [outer_digest]}, NAME)

    def test_that_vouch_for_each_other_only_are_refused(self) -> None:
        outer, _ = disclosure("outer", {"_sd": [NAME_DIGEST]})
        with pytest.raises(DisclosureError, match="no digest refers to"):
            revealed({}, outer, NAME)

    def test_shown_twice_are_refused(self) -> None:
        with pytest.raises(DisclosureError, match="same disclosure twice"):
            revealed({"_sd": [NAME_DIGEST]}, NAME, NAME)

    def test_of_an_element_in_the_place_of_a_claim_are_refused(self) -> None:
        with pytest.raises(DisclosureError, match="in the place of a claim"):
            revealed({"_sd": [ELEMENT_DIGEST]}, ELEMENT)

    def test_of_a_claim_in_the_place_of_an_element_are_refused(self) -> None:
        with pytest.raises(DisclosureError, match="in the place of an array element"):
            revealed({"a": [{"...": NAME_DIGEST}]}, NAME)

    def test_that_shadow_a_claim_in_clear_are_refused(self) -> None:
        for clear in ("Bình", "Ánh", None, {}):
            with pytest.raises(DisclosureError, match="shadows"):
                revealed({"name": clear, "_sd": [NAME_DIGEST]}, NAME)
            with pytest.raises(DisclosureError, match="shadows"):
                revealed({"a": {"_sd": [NAME_DIGEST], "name": clear}}, NAME)

    def test_that_shadow_each_other_are_refused(self) -> None:
        other, other_digest = disclosure("name", "Bình")
        with pytest.raises(DisclosureError, match="shadows"):
            revealed({"_sd": [NAME_DIGEST, other_digest]}, NAME, other)

    def test_that_shadow_inside_a_disclosure_are_refused(self) -> None:
        outer, outer_digest = disclosure("outer", {"name": "Bình", "_sd": [NAME_DIGEST]})
        with pytest.raises(DisclosureError, match="shadows"):
            revealed({"_sd": [outer_digest]}, outer, NAME)

    def test_of_one_name_at_different_levels_do_not_shadow(self) -> None:
        other, other_digest = disclosure("name", "Bình")
        assert revealed({"_sd": [NAME_DIGEST], "a": {"_sd": [other_digest]}}, NAME, other) == {
            "a": {"name": "Bình"},
            "name": "Ánh",
        }


class TestHashName:
    @pytest.mark.parametrize("name", ["sha-512", "SHA-256", "sha256", "md5", "", None, 256, ["sha-256"], False])
    def test_other_than_sha_256_is_refused(self, name: object) -> None:
        with pytest.raises(DisclosureError, match="must be sha-256"):
            revealed({"_sd_alg": name, "_sd": [NAME_DIGEST]}, NAME)

    def test_below_the_top_is_refused(self) -> None:
        for payload in ({"a": {"_sd_alg": "sha-256"}}, {"a": [{"_sd_alg": "sha-256"}]}):
            with pytest.raises(DisclosureError, match="no meaning"):
                revealed(payload)

    def test_inside_a_disclosure_is_refused(self) -> None:
        encoded, digest = disclosure("a", {"_sd_alg": "sha-256"})
        with pytest.raises(DisclosureError, match="no meaning"):
            revealed({"_sd": [digest]}, encoded)


class TestArrayMarker:
    @pytest.mark.parametrize("beside", [{"a": 1}, {"_sd": []}])
    def test_must_stand_alone(self, beside: dict[str, Any]) -> None:
        with pytest.raises(DisclosureError, match="stand alone"):
            revealed({"a": [{"...": ELEMENT_DIGEST, **beside}]}, ELEMENT)

    @pytest.mark.parametrize("payload", [{"...": DECOY}, {"a": {"...": DECOY}}, {"a": [{"b": {"...": DECOY}}]}])
    def test_outside_an_array_is_refused(self, payload: dict[str, Any]) -> None:
        with pytest.raises(DisclosureError, match="no meaning"):
            revealed(payload)


def chain(length: int) -> tuple[str, list[str]]:
    """Return the top digest of disclosures that lie one inside the other, and these."""
    encoded, digest = disclosure("x", 1)
    disclosures = [encoded]
    for _ in range(length - 1):
        encoded, digest = disclosure("x", {"_sd": [digest]})
        disclosures.append(encoded)
    return digest, disclosures


class TestBounds:
    def test_disclosures_are_nested_at_most_32_deep(self) -> None:
        """Each may be shallow JSON by itself, and all together deeper than any reader's stack."""
        digest, disclosures = chain(32)
        value: Any = revealed({"_sd": [digest]}, *disclosures)
        for _ in range(32):
            value = value["x"]
        assert value == 1
        for length in (33, 800, 2000):
            digest, disclosures = chain(length)
            with pytest.raises(DisclosureError, match="deeper than 32"):
                revealed({"_sd": [digest]}, *disclosures)

    def test_a_digest_that_multiplies_is_refused_at_once(self) -> None:
        """Ten levels of ten equal digests each would be 10^10 claims."""
        encoded, digest = disclosure("x", 1)
        disclosures = [encoded]
        for _ in range(10):
            encoded, digest = disclosure("x", [{"_sd": [digest]} for _ in range(10)])
            disclosures.append(encoded)
        begin = thread_time()
        with pytest.raises(DisclosureError, match="twice"):
            revealed({"_sd": [digest]}, *disclosures)
        assert thread_time() - begin < 1
