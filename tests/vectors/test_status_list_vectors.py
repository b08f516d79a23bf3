"""The status lists of draft-ietf-oauth-status-list: every width, compared after inflating."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from conformance import Report
from giayto_crypto import b64url
from giayto_crypto.errors import MalformedError
from giayto_crypto.jws import parse
from giayto_crypto.keys import PublicKey
from giayto_crypto.sdjwt import StatusReference, UnverifiedSdJwt, verify_issuer_signature
from giayto_crypto.status_list import StatusList, StatusListBuilder
from sample_credentials import ISSUER, sd_jwt

IDS = ["appendix-1bit", "appendix-2bit", "appendix-4bit", "appendix-8bit", "section4-1bit", "section4-2bit"]

SET = "status-list"
CWTS = {
    "status_list_cwt_hex": "a status list token as CWT: giayto reads JWTs only",
    "referenced_token_cwt_hex": "a credential as CWT: giayto reads SD-JWT VC only",
}
NO_CASES = {"signing_key_jwk", "status_list_jwt_signature_verifies", "status_list_cwt_signature_verifies"}


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
def test_a_list_is_read(document: dict[str, Any], name: str, conformance: Report) -> None:
    conformance.case(SET, name)
    one = vector(document, name)
    read = StatusList.from_lst(one["lst_json"], one["bits"])
    statuses = statuses_of(one)
    assert {idx: read.status(idx) for idx in statuses} == statuses
    if "uncompressed_sha256" in one:
        assert sha256(read.packed).hexdigest() == one["uncompressed_sha256"]
    else:
        assert read.packed.hex() == one["bytes_hex"]


@pytest.mark.parametrize("name", IDS)
def test_a_list_is_built(document: dict[str, Any], name: str, conformance: Report) -> None:
    conformance.case(SET, name)
    one = vector(document, name)
    statuses = statuses_of(one)
    builder = StatusListBuilder(size=one.get("size_entries", len(statuses)), bits=one["bits"])
    builder.update(statuses.items())
    assert builder.build() == StatusList.from_lst(one["lst_json"], one["bits"])


def signing_key(document: dict[str, Any]) -> PublicKey:
    jwk = document["tokens"]["signing_key_jwk"]
    return PublicKey.from_jwk({name: jwk[name] for name in ("kty", "crv", "x", "y")})


def test_the_example_token_is_read(document: dict[str, Any], conformance: Report) -> None:
    conformance.case(SET, "status_list_jwt")
    payload = parse(document["tokens"]["status_list_jwt"], typ="statuslist+jwt").verify(signing_key(document))
    read = StatusList.from_lst(payload["status_list"]["lst"], payload["status_list"]["bits"])
    assert read.packed == bytes.fromhex(vector(document, "section4-1bit")["bytes_hex"])
    assert b64url.decode(payload["status_list"]["lst"])[:1] == b"\x78"


def test_the_example_credential_refers_to_its_place(document: dict[str, Any], conformance: Report) -> None:
    conformance.case(SET, "referenced_sd_jwt")
    parsed = UnverifiedSdJwt.parse_issued(document["tokens"]["referenced_sd_jwt"], typ="example+sd-jwt")
    status = parsed.jws.unverified_payload()["status"]["status_list"]
    # Its issuer's key is not part of the vector: the payload is signed anew.
    signed = UnverifiedSdJwt.parse(sd_jwt(parsed.jws.unverified_payload(), *[d.encoded for d in parsed.disclosures]))
    authentic = verify_issuer_signature(signed, ISSUER.public_key)
    assert authentic.status == StatusReference(uri=status["uri"], idx=status["idx"])
    assert authentic.claims["address"]["country"] == "DE"


@pytest.mark.parametrize("name", CWTS)
def test_a_cwt_is_refused(document: dict[str, Any], name: str, conformance: Report) -> None:
    conformance.exception(SET, name, CWTS[name])
    raw = bytes.fromhex(document["tokens"][name])
    for text in (b64url.encode(raw), raw.decode("latin-1")):
        with pytest.raises(MalformedError):
            parse(text, typ="statuslist+jwt")
        with pytest.raises(MalformedError):
            UnverifiedSdJwt.parse(text)


def test_every_token_is_used(document: dict[str, Any]) -> None:
    assert set(document["tokens"]) == {*CWTS, *NO_CASES, "status_list_jwt", "referenced_sd_jwt"}
