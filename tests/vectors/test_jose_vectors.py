"""Wycheproof (JWS, JWK, ECDSA P-256 in P1363 form), base45 of RFC 9285."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from conformance import Report
from giayto_crypto import engines, jws
from giayto_crypto.engines import EngineName
from giayto_crypto.errors import KeyFormatError, MalformedError, SignatureInvalidError
from giayto_crypto.keys import PublicKey
from giayto_crypto.qr import base45

OTHER_ALGORITHMS = {
    "HS256": "a shared secret proves nothing to a third party",
    "RS256": "only ES256",
    "RS384": "only ES256",
    "RS512": "only ES256",
    "PS256": "only ES256",
    "PS384": "only ES256",
    "PS512": "only ES256",
    "ES521": "only P-256 (and ES521 is no algorithm)",
}
"""Groups of the JWS file whose valid cases giayto refuses, and why."""
OTHER_KEYS = dict.fromkeys(("HS256", "HS384", "HS512"), OTHER_ALGORITHMS["HS256"]) | {"RS256": "only ES256"}
"""The same for the valid key sets of the JWK file."""


def wycheproof(vectors_dir: Path, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((vectors_dir / "wycheproof/testvectors_v1" / f"{name}_test.json").read_text())
    return loaded


def accepts(jwk: dict[str, Any], token: object) -> bool:
    """Tell whether the key is read, the token is read and the signature verifies."""
    try:
        key = PublicKey.from_jwk(jwk)
        parsed = jws.parse(token if isinstance(token, str) else json.dumps(token), typ=None)
        key.verify(parsed.signature, parsed.signing_input)
    except (KeyFormatError, MalformedError, SignatureInvalidError):
        return False
    return True


class TestJws:
    def groups(self, vectors_dir: Path) -> list[dict[str, Any]]:
        groups: list[dict[str, Any]] = wycheproof(vectors_dir, "json_web_signature")["testGroups"]
        return groups

    def key(self, group: dict[str, Any]) -> dict[str, Any]:
        key: dict[str, Any] = group.get("public") or group["private"]
        return key

    def is_ours(self, group: dict[str, Any]) -> bool:
        key = self.key(group)
        return key.get("crv") == "P-256"

    def test_es256_is_judged_as_wycheproof_does(self, vectors_dir: Path, conformance: Report) -> None:
        judged, wrong = 0, []
        for group in filter(self.is_ours, self.groups(vectors_dir)):
            for test in group["tests"]:
                judged += 1
                right = accepts(self.key(group), test["jws"]) == (test["result"] == "valid")
                conformance.case("wycheproof-jws", test["tcId"], passed=right)
                if not right:
                    wrong.append((test["tcId"], test["comment"]))
        assert wrong == []
        assert judged == 41

    def test_something_is_accepted(self, vectors_dir: Path) -> None:
        accepted = [
            test["tcId"]
            for group in self.groups(vectors_dir)
            for test in group["tests"]
            if accepts(self.key(group), test["jws"])
        ]
        assert accepted == [18, 378]

    def test_every_other_algorithm_is_refused_for_a_stated_reason(self, vectors_dir: Path, conformance: Report) -> None:
        refused = 0
        for group in self.groups(vectors_dir):
            if self.is_ours(group):
                continue
            key = self.key(group)
            assert key.get("alg") in OTHER_ALGORITHMS or key["kty"] == "RSA"
            with pytest.raises(KeyFormatError):
                PublicKey.from_jwk(key)
            for test in group["tests"]:
                refused += 1
                # Not even the token is read, whatever key a caller might have tried.
                with pytest.raises(MalformedError):
                    jws.parse(test["jws"] if isinstance(test["jws"], str) else json.dumps(test["jws"]), typ=None)
                if test["result"] == "valid":
                    reason = f"{key['alg']}: {OTHER_ALGORITHMS[key['alg']]}"
                    conformance.exception("wycheproof-jws", test["tcId"], reason)
                else:
                    conformance.case("wycheproof-jws", test["tcId"])
        assert refused == 401 - 41

    def test_a_key_of_another_use_is_refused_though_it_would_verify(self, vectors_dir: Path) -> None:
        """The same token under the same point: only `use` and `key_ops` tell them apart."""
        for group in self.groups(vectors_dir):
            if self.is_ours(group) and "alg" not in self.key(group):
                cleared = {name: self.key(group)[name] for name in ("kty", "crv", "x", "y")}
                for test in group["tests"]:
                    assert accepts(cleared, test["jws"])
                    assert not accepts(self.key(group), test["jws"])


class TestJwk:
    def test_no_key_set_of_wycheproof_verifies_a_token_here(self, vectors_dir: Path, conformance: Report) -> None:
        """All valid cases are of HS256; all P-256 keys among them are flawed on purpose."""
        tried, readable = 0, []
        for group in wycheproof(vectors_dir, "json_web_key")["testGroups"]:
            keys = (group.get("public") or group["private"])["keys"]
            for test in group["tests"]:
                if test["result"] == "valid":
                    reason = f"{keys[0]['alg']}: {OTHER_KEYS[keys[0]['alg']]}"
                    conformance.exception("wycheproof-jwk", test["tcId"], reason)
                else:
                    conformance.case("wycheproof-jwk", test["tcId"])
                for key in keys:
                    tried += 1
                    assert not accepts(key, test["jws"]), test["tcId"]
                    if key["kty"] == "EC":
                        readable.append((test["tcId"], _reads(key)))
        assert tried > 26
        # Of tcId 1 the set is at fault (mixed with a secret), not the key; giayto takes one key, never a set.
        assert readable == [(1, True), (19, False), (20, False), (21, False), (22, False), (23, False)]

    def test_the_flaws_are_what_is_refused(self, vectors_dir: Path) -> None:
        repaired = {"alg": "ES256", "use": "sig", "kty": "EC", "crv": "P-256"}
        y = "UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgmw"
        accepted = []
        for group in wycheproof(vectors_dir, "json_web_key")["testGroups"]:
            for key in (group.get("public") or {"keys": []})["keys"]:
                if "crv" in key:
                    accepted += [
                        test["tcId"] for test in group["tests"] if accepts(key | repaired | {"y": y}, test["jws"])
                    ]
        assert accepted == [19, 20, 21, 22, 23, 24]


def _reads(jwk: dict[str, Any]) -> bool:
    try:
        PublicKey.from_jwk(jwk)
    except KeyFormatError:
        return False
    return True


@pytest.fixture(params=get_args(EngineName))
def engine(request: pytest.FixtureRequest) -> Iterator[EngineName]:
    engines.use(request.param)
    yield request.param
    engines.use("openssl")


def test_ecdsa_p256_in_p1363_form(vectors_dir: Path, conformance: Report, engine: EngineName) -> None:
    judged, wrong = 0, []
    for group in wycheproof(vectors_dir, "ecdsa_secp256r1_sha256_p1363")["testGroups"]:
        point = bytes.fromhex(group["publicKey"]["uncompressed"])
        key = PublicKey.from_coordinates(point[1:33], point[33:])
        assert PublicKey.from_compressed(key.compressed) == PublicKey.from_jwk(key.jwk) == key
        for test in group["tests"]:
            judged += 1
            try:
                key.verify(bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
                verdict = "valid"
            except SignatureInvalidError:
                verdict = "invalid"
            conformance.case(f"wycheproof-p1363-{engine}", test["tcId"], passed=verdict == test["result"])
            if verdict != test["result"]:
                wrong.append((test["tcId"], test["comment"]))
    assert wrong == []
    assert judged == 262


class TestBase45:
    def cases(self, vectors_dir: Path, kind: str) -> list[dict[str, str]]:
        cases: list[dict[str, str]] = json.loads((vectors_dir / "base45/rfc9285.json").read_text())[kind]
        return cases

    def test_valid_ones_are_read_and_written(self, vectors_dir: Path, conformance: Report) -> None:
        cases = self.cases(vectors_dir, "valid")
        for case in cases:
            conformance.case("base45", f"valid {case['base45']}")
            data = bytes.fromhex(case["hex"]) if "hex" in case else case["utf8"].encode()
            assert base45.encode(data) == case["base45"]
            assert base45.decode(case["base45"]) == data
        assert len(cases) == 5

    def test_invalid_ones_are_refused(self, vectors_dir: Path, conformance: Report) -> None:
        cases = self.cases(vectors_dir, "invalid")
        for case in cases:
            conformance.case("base45", f"invalid {case['base45']}")
            with pytest.raises(MalformedError):
                base45.decode(case["base45"])
        assert len(cases) == 6
