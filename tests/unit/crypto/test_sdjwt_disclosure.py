"""Disclosures, kept exactly as received (RFC 9901 §4.2)."""

from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest

from giayto_crypto import b64url
from giayto_crypto.errors import DisclosureError, MalformedError
from giayto_crypto.sdjwt import Disclosure
from sample_credentials import encoded_json

# RFC 9901 §4.2.1 and §4.2.3
RFC_OBJECT = "WyI2cU1RdlJMNWhhaiIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
RFC_DIGEST = "uutlBuYeMDyjLLTpf6Jxi7yNkEF35jdyWMn9U7b_RYY"
RFC_OTHER_SPELLING = "WyAiNnFNUXZSTDVoYWoiICwgImZhbWlseV9uYW1lIiAsICJNw7ZiaXVzIl0"


def test_reads_an_object_member() -> None:
    disclosure = Disclosure.parse(RFC_OBJECT)
    assert (disclosure.salt, disclosure.name, disclosure.value) == ("6qMQvRL5haj", "family_name", "Möbius")


def test_reads_an_array_element() -> None:
    disclosure = Disclosure.parse(encoded_json(["salt", {"a": [1]}]))
    assert (disclosure.salt, disclosure.name, disclosure.value) == ("salt", None, {"a": [1]})


def test_digest_is_over_the_text_as_received() -> None:
    """Two spellings of the same JSON are two disclosures: nothing is re-serialised."""
    assert Disclosure.parse(RFC_OBJECT).digest == RFC_DIGEST
    other = Disclosure.parse(RFC_OTHER_SPELLING)
    assert other.value == Disclosure.parse(RFC_OBJECT).value
    assert other.digest == b64url.encode(sha256(RFC_OTHER_SPELLING.encode()).digest())
    assert other.digest != RFC_DIGEST


@pytest.mark.parametrize("value", [None, False, 0, "", [], {}, ["salt", "name", 1]])
def test_any_json_value_can_be_disclosed(value: object) -> None:
    assert Disclosure.parse(encoded_json(["salt", "name", value])).value == value
    assert Disclosure.parse(encoded_json(["salt", value])).value == value


@pytest.mark.parametrize(
    "content",
    [
        [],
        ["salt"],
        ["salt", "name", 1, 2],
        ["salt", 1, "value"],
        ["salt", None, "value"],
        ["salt", ["name"], "value"],
        [1, "name", "value"],
        [None, "name", "value"],
        [1, "value"],
        [["salt"], "value"],
        {"salt": "name"},
        "salt",
        1,
        None,
        True,
    ],
)
def test_refuses_another_shape(content: object) -> None:
    with pytest.raises(DisclosureError, match="is expected"):
        Disclosure.parse(encoded_json(content))


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_refuses_reserved_names(name: str) -> None:
    with pytest.raises(DisclosureError, match="not claim names"):
        Disclosure.parse(encoded_json(["salt", name, "value"]))


@pytest.mark.parametrize("name", ["", "_sd ", "_SD", "....", "..", "sd"])
def test_names_that_only_resemble_them_are_names(name: str) -> None:
    assert Disclosure.parse(encoded_json(["salt", name, "value"])).name == name


@pytest.mark.parametrize("encoded", ["", "A", RFC_OBJECT + "=", RFC_OBJECT[:-1], RFC_OBJECT[:-1] + "1", "[1]", "é"])
def test_refuses_what_is_not_canonical_base64url_of_json(encoded: str) -> None:
    with pytest.raises(MalformedError):
        Disclosure.parse(encoded)


def test_refuses_a_member_twice_inside_the_value() -> None:
    with pytest.raises(MalformedError, match="twice"):
        Disclosure.parse(b64url.encode(b'["salt","name",{"a":1,"a":2}]'))


def test_depth_limit_is_exact() -> None:
    def encoded(depth: int) -> str:
        return b64url.encode(b'["salt","name",' + b"[" * depth + b"]" * depth + b"]")

    Disclosure.parse(encoded(31))
    with pytest.raises(MalformedError, match="deeper than 32"):
        Disclosure.parse(encoded(32))


def test_size_limit_is_exact() -> None:
    def encoded(size: int) -> str:
        return b64url.encode(b'["salt","name","' + b"x" * (size - 18) + b'"]')

    assert len(b64url.decode(encoded(65536))) == 65536
    Disclosure.parse(encoded(65536))
    with pytest.raises(MalformedError, match="longer"):
        Disclosure.parse(encoded(65537))


def test_creates_compact_json_that_parses_to_the_same() -> None:
    salt = bytes(range(16))
    for name in ("full_name", None):
        created = Disclosure.create(salt, name, "Ánh")
        assert Disclosure.parse(created.encoded) == created
    assert b64url.decode(created.encoded) == '["AAECAwQFBgcICQoLDA0ODw","Ánh"]'.encode()
    assert created.encoded == urlsafe_b64encode('["AAECAwQFBgcICQoLDA0ODw","Ánh"]'.encode()).decode().rstrip("=")


def test_errors_do_not_carry_the_value() -> None:
    with pytest.raises(DisclosureError) as caught:
        Disclosure.parse(encoded_json(["salt", "personal_number", "001099012345", 1]))
    assert "001099012345" not in str(caught.value)


@pytest.mark.parametrize("spoilt", [encoded_json(["salt", "_sd", 1]), encoded_json(["salt"]), "W10=", "bm9uZQ", ""])
def test_many_are_read_as_each_alone(spoilt: str) -> None:
    """One that is refused alone is refused among others; the others are read the same."""
    texts = [RFC_OBJECT, encoded_json(["salt", {"a": [1]}]), RFC_OTHER_SPELLING, encoded_json(["s", "n", "Ễ"])]
    assert Disclosure.parse_all(texts) == tuple(map(Disclosure.parse, texts))
    assert Disclosure.parse_all([]) == ()
    with pytest.raises((DisclosureError, MalformedError)):
        Disclosure.parse_all([*texts, spoilt])
