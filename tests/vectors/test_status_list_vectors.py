"""The status lists of draft-ietf-oauth-status-list: every width, compared after inflating."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from giayto_crypto import b64url
from giayto_crypto.jws import parse
from giayto_crypto.keys import PublicKey
from giayto_crypto.status_list import StatusList, StatusListBuilder

IDS = ["appendix-1bit", "appendix-2bit", "appendix-4bit", "appendix-8bit", "section4-1bit", "section4-2bit"]


@pytest.fixture(scope="module")
def document(vectors_dir: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((vectors_dir / "status-list" / "status-list-vectors.json").read_text())
    return read


def vector(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["vectors"] if one["id"] == name)
    return found


def statuses_of(one: dict[str, Any]) -> dict[int, int]:
    if "statuses" in one:
        return {int(idx): status for idx, status in one["statuses"].items()}
    return dict(enumerate(one["statuses_list"]))


def test_every_vector_is_used(document: dict[str, Any]) -> None:
    assert [one["id"] for one in document["vectors"]] == IDS


@pytest.mark.parametrize("name", IDS)
def test_a_list_is_read(document: dict[str, Any], name: str) -> None:
    one = vector(document, name)
    read = StatusList.from_lst(one["lst_json"], one["bits"])
    statuses = statuses_of(one)
    assert {idx: read.status(idx) for idx in statuses} == statuses
    if "uncompressed_sha256" in one:
        assert sha256(read.packed).hexdigest() == one["uncompressed_sha256"]
    else:
        assert read.packed.hex() == one["bytes_hex"]


@pytest.mark.parametrize("name", IDS)
def test_a_list_is_built(document: dict[str, Any], name: str) -> None:
    one = vector(document, name)
    statuses = statuses_of(one)
    builder = StatusListBuilder(size=one.get("size_entries", len(statuses)), bits=one["bits"])
    builder.update(statuses.items())
    assert builder.build() == StatusList.from_lst(one["lst_json"], one["bits"])


def test_the_example_token_is_read(document: dict[str, Any]) -> None:
    tokens = document["tokens"]
    public = {name: tokens["signing_key_jwk"][name] for name in ("kty", "crv", "x", "y")}
    payload = parse(tokens["status_list_jwt"], typ="statuslist+jwt").verify(PublicKey.from_jwk(public))
    read = StatusList.from_lst(payload["status_list"]["lst"], payload["status_list"]["bits"])
    assert read.packed == bytes.fromhex(vector(document, "section4-1bit")["bytes_hex"])
    assert b64url.decode(payload["status_list"]["lst"])[:1] == b"\x78"
