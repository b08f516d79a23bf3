"""QR texts that somebody made by hand: each field wrong in one way, and bombs (docs/qr.md §2, §4, §5, §7)."""

import zlib
from time import thread_time
from typing import Any

import pytest

from giayto_crypto import strict_json
from giayto_crypto.errors import GiaytoError, MalformedError
from giayto_crypto.qr import unpack
from giayto_crypto.sdjwt import UnverifiedSdJwt
from sample_credentials import (
    HOLDER,
    ISSUER_URL,
    STATUS,
    VCT,
    KnownReferences,
    deflated,
    lifted_body,
    profile_body,
    seal,
)

KNOWN = KnownReferences()


class TestProfileFields:
    def refused(self, body: bytes, match: str) -> None:
        with pytest.raises(MalformedError, match=match):
            unpack(seal(body), KNOWN)

    def test_the_hand_made_body_is_read(self) -> None:
        rebuilt = UnverifiedSdJwt.parse(unpack(seal(profile_body()), KNOWN))
        assert rebuilt.jws.unverified_payload() == {
            "iss": ISSUER_URL,
            "iat": 1_735_689_600 + 3600,
            "nbf": 1_735_689_600 + 3600,
            "exp": 1_735_689_600 + 3601,
            "vct": VCT,
            "cnf": {"jwk": HOLDER.public_key.jwk},
            "status": {"status_list": {"idx": 5, "uri": STATUS.uri}},
            "_sd_alg": "sha-256",
            "_sd": [],
        }

    @pytest.mark.parametrize("flags", [2, 4, 6, 8, 9, 16, 0x80, 0xFF])
    def test_unknown_or_contradicting_flags_are_refused(self, flags: int) -> None:
        self.refused(profile_body(flags=bytes([flags])), "flags")

    @pytest.mark.parametrize("name", ["iat", "nbf", "exp", "idx"])
    def test_integers_in_a_longer_form_are_refused(self, name: str) -> None:
        self.refused(profile_body(**{name: b"\x80\x00"}), "shortest")

    @pytest.mark.parametrize("name", ["iat", "nbf", "exp", "idx"])
    def test_integers_that_are_too_long_are_refused(self, name: str) -> None:
        self.refused(profile_body(**{name: b"\xff" * 12}), "too long")

    @pytest.mark.parametrize(
        "point", [b"\x04" + bytes(32), b"\x00" * 33, b"\x02" + b"\xff" * 32, b"\x02" + bytes(31) + b"\x01"]
    )
    def test_a_holder_key_off_the_curve_is_refused(self, point: bytes) -> None:
        self.refused(profile_body(holder_key=point), "holder key")

    @pytest.mark.parametrize("text", [b"", b"\xff\xff", b"\x07", bytes(40), deflated(b"[[0,0]]")[:-2]])
    def test_a_text_that_cannot_be_inflated_is_refused(self, text: bytes) -> None:
        self.refused(profile_body(text), "inflated|cut off")

    @pytest.mark.parametrize("text", [b"", b"{}", b'"a"', b"null", b"1"])
    def test_a_text_that_is_no_array_is_refused(self, text: bytes) -> None:
        self.refused(profile_body(deflated(text)), "JSON")

    @pytest.mark.parametrize("text", [b"[", b'[[0,0],["a",{"b":1,"b":2}]]', b"[[0,0],NaN]", b"[" * 40 + b"]" * 40])
    def test_a_text_that_is_not_strict_json_is_refused(self, text: bytes) -> None:
        self.refused(profile_body(deflated(text)), "JSON")

    def test_an_empty_array_is_refused(self) -> None:
        self.refused(profile_body(deflated(b"[]")), "counts")

    @pytest.mark.parametrize(
        "counts", [0, None, [], [0], [0, 0, 0], [-1, 0], [0, -1], [0.0, 0], ["0", 0], {}, {"a": 1}, "00", [None, 0]]
    )
    def test_counts_are_two_numbers(self, counts: object) -> None:
        self.refused(profile_body([counts]), "two counts")

    @pytest.mark.parametrize("counts", [[1, 0], [2**49, 0], [2**53 - 1, 0]])
    def test_digests_that_are_missing_are_refused(self, counts: list[int]) -> None:
        begin = thread_time()
        self.refused(profile_body([counts], bytes(31)), "too early")
        assert thread_time() - begin < 1  # the count is no number of steps

    @pytest.mark.parametrize("counts", [[0, 1], [0, 2**53 - 1]])
    def test_items_that_are_missing_are_refused(self, counts: list[int]) -> None:
        self.refused(profile_body([counts]), "disclosure is missing")

    @pytest.mark.parametrize("item", [["a"], [1, 2], [None, 1], ["a", 1, 2], [], "a", 1, None, {"a": 1}])
    def test_an_item_of_the_wrong_kind_is_refused(self, item: object) -> None:
        self.refused(profile_body([[0, 1], item], bytes(16)), "wrong kind")

    @pytest.mark.parametrize("item", [["a", 1], [], "a", [1, 2]])
    def test_an_element_of_the_wrong_kind_is_refused(self, item: object) -> None:
        self.refused(profile_body([[0, 1], ["list", [{"...": 1}]], item], bytes(32)), "wrong kind")

    def test_items_that_nothing_refers_to_are_refused(self) -> None:
        self.refused(profile_body([[0, 0], ["a", 1]], bytes(16)), "nothing refers to")

    def test_digests_that_nothing_refers_to_are_refused(self) -> None:
        self.refused(profile_body([[0, 0]], bytes(32)), "nothing refers to")
        self.refused(profile_body([[1, 0]], bytes(33)), "nothing refers to")

    def test_salts_that_are_missing_are_refused(self) -> None:
        self.refused(profile_body([[0, 1], ["a", 1]], bytes(15)), "too early")

    @pytest.mark.parametrize("items", [[[0, 0]], [[0, 0], 5], [[0, 0], ["n"]], [[0, 0], "only one"], []])
    def test_nonce_and_audience_are_texts(self, items: list[Any]) -> None:
        self.refused(profile_body(items, flags=b"\x01", proof=b"\x00" + bytes(64)), "missing|counts")

    @pytest.mark.parametrize("pair", [("nonce", 5), (5, "audience"), ("nonce", None), (["nonce"], "audience")])
    def test_nonce_and_audience_of_another_kind_are_refused(self, pair: tuple[Any, Any]) -> None:
        self.refused(profile_body([[0, 0], *pair], flags=b"\x01", proof=b"\x00" + bytes(64)), "missing")

    def test_a_key_binding_that_is_missing_is_refused(self) -> None:
        self.refused(profile_body(flags=b"\x07"), "too early")

    def test_a_time_beyond_exact_numbers_does_not_verify(self) -> None:
        rebuilt = unpack(seal(profile_body(iat=b"\xff" * 6 + b"\x7f")), KNOWN)
        with pytest.raises(MalformedError, match="integer"):
            UnverifiedSdJwt.parse(rebuilt).jws.unverified_payload()


class TestLiftedFields:
    def refused(self, body: bytes, match: str) -> None:
        with pytest.raises(MalformedError, match=match):
            unpack(seal(body), KNOWN)

    def test_the_hand_made_body_is_read(self) -> None:
        body = lifted_body(b"{}", b"[]", b"x", counts=2)
        assert unpack(seal(body), KNOWN) == f"e30.W10.{'A' * 86}~eA~"

    def test_key_binding_and_its_signature_are_read(self) -> None:
        body = lifted_body(b"{}", b"[]", b"kb", b"p", counts=1, signatures=2)
        assert unpack(seal(body), KNOWN) == f"e30.W10.{'A' * 86}~a2I.cA.{'A' * 86}"

    def test_parts_that_are_missing_are_refused(self) -> None:
        self.refused(lifted_body(b"{}", counts=0), "too early")
        self.refused(lifted_body(b"{}", b"[]", counts=2), "too early")
        self.refused(lifted_body(b"{}", b"[]", counts=2 * (2**48 - 1)), "too early")

    def test_parts_that_are_left_over_are_refused(self) -> None:
        self.refused(lifted_body(b"{}", b"[]", b"x", counts=0), "longer than announced")

    def test_what_follows_the_end_is_refused(self) -> None:
        self.refused(lifted_body(b"{}", b"[]", counts=0, rest=b"\0"), "follows its end")

    def test_a_signature_that_is_missing_is_refused(self) -> None:
        self.refused(b"\x00\x00" + bytes(63), "too early")

    def test_counts_in_a_longer_form_are_refused(self) -> None:
        self.refused(b"\x00\x80\x00" + lifted_body(b"{}", b"[]", counts=0)[2:], "shortest")


class TestBombs:
    def answered(self, text: str) -> None:
        def seconds() -> float:
            begin = thread_time()
            with pytest.raises(GiaytoError):
                unpack(text, KNOWN)
            return thread_time() - begin

        assert min(seconds() for _ in range(3)) < 0.05  # one of them may meet a collection of garbage

    @pytest.mark.parametrize("size", [64 * 1024 + 1, 1024 * 1024])
    def test_what_inflates_beyond_64_kib_is_refused(self, size: int) -> None:
        bomb = deflated(bytes(size))
        assert len(bomb) < 2000
        for body in (profile_body(bomb), b"\x00\x00" + bytes(64) + bomb):
            self.answered(seal(body))
            with pytest.raises(MalformedError, match="longer than 65536"):
                unpack(seal(body), KNOWN)

    def test_what_inflates_to_exactly_64_kib_is_read(self) -> None:
        text = b'[[0,0],"' + b"x" * (64 * 1024 - 10) + b'"]'
        with pytest.raises(MalformedError, match="ends too early"):
            unpack(seal(profile_body(deflated(text))), KNOWN)

    def test_inflating_stops_at_the_limit(self) -> None:
        """128 MiB of zeros are 130 KB; what fits into a QR is cut off long before it fills the memory."""
        compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
        bomb = b"".join(compressor.compress(bytes(1 << 20)) for _ in range(2))[:2500]
        self.answered(seal(profile_body(bomb)))

    @pytest.mark.parametrize("depth", [32, 40, 150])
    def test_disclosures_one_inside_the_other_are_bounded(self, depth: int) -> None:
        """Each is shallow JSON; put into each other they would exhaust the stack before any signature is checked."""
        items = [[0, 1], *[["a", {"_sd": [0, 1]}]] * depth, ["a", 1]]
        with pytest.raises(MalformedError, match="deeper than 32"):
            unpack(seal(profile_body(items, bytes(16) * (depth + 1))), KNOWN)

    @pytest.mark.parametrize("depth", [2, 30, 100])
    def test_deep_disclosures_one_inside_the_other_are_bounded(self, depth: int) -> None:
        inner: Any = {"_sd": [0, 1]}
        for _ in range(28):
            inner = [inner]
        items = [[0, 1], *[["a", inner]] * depth, ["a", 1]]
        with pytest.raises(MalformedError, match="deeper than 32"):
            unpack(seal(profile_body(items, bytes(16) * (depth + 1))), KNOWN)

    def test_as_deep_as_json_may_be_is_read(self) -> None:
        items = [[0, 1], *[["a", {"_sd": [0, 1]}]] * 31, ["a", 1]]
        parsed = UnverifiedSdJwt.parse(unpack(seal(profile_body(items, bytes(16) * 32)), KNOWN))
        assert len(parsed.disclosures) == 32

    @pytest.mark.parametrize(
        "text", ["GT1:" + ":" * 4292, "GT1:" + "FGW" * 1430, "GT1:" + "0" * 4292, "GT1:" + "A" * 10**6]
    )
    def test_long_texts_are_answered_at_once(self, text: str) -> None:
        self.answered(text)

    def test_many_digests_and_items_are_answered_at_once(self) -> None:
        items = [[0, 150], *[["a", 1]] * 150]
        begin = thread_time()
        unpack(seal(profile_body(items, bytes(16) * 150)), KNOWN)
        assert thread_time() - begin < 0.5
        self.answered(seal(profile_body(deflated(strict_json.canonical([[0, 1]] * 10_000)))))


def test_errors_do_not_carry_claims() -> None:
    items = [[0, 1], ["personal_number", "001099012345", 1]]
    with pytest.raises(MalformedError) as caught:
        unpack(seal(profile_body(items, bytes(16))), KNOWN)
    assert "001099012345" not in str(caught.value)
