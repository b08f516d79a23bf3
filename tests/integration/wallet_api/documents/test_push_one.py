"""One row: stored once, in the right wallet, when everything about it is right, and refused by its own code if not."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import func, select

from giayto_crypto import jws
from giayto_crypto.certificates import CREDENTIAL_ISSUER
from giayto_crypto.keys import LocalSigner
from giayto_crypto.sdjwt import StatusReference
from giayto_crypto.trust_list import IssuerStatus
from giayto_wallet_api.agencies import registration
from giayto_wallet_api.audit import log as audit
from giayto_wallet_api.audit.tables import audit_entries
from giayto_wallet_api.documents.tables import document_versions
from giayto_wallet_api.inbox.tables import wallet_credentials, wallet_documents
from giayto_wallet_api.status.tables import status_entries

HEALTH_BOOK = "urn:giayto:type:health-book:1"
PROCEDURE_RESULT = "urn:giayto:type:procedure-result:1"
CRIMINAL_RECORD = "urn:giayto:type:criminal-record-1:1"


async def count(runtime, table) -> int:
    async with runtime.database.read() as tx:
        return (await tx.execute(select(func.count()).select_from(table))).scalar_one()


@pytest.mark.both_databases
async def test_a_row_is_stored_in_the_wallet_of_its_subject(desk, an, runtime) -> None:
    response = await desk.push(await desk.row(an))
    assert response.status_code == 201, response.text
    body = response.json()
    assert (body["row_key"], body["result"], body["version"]) == ("row-1", "stored", 1)
    async with runtime.database.read() as tx:
        document = (await tx.execute(select(wallet_documents))).one()
        entry = (await tx.execute(select(status_entries))).one()
    assert (document.wallet_id, document.document_id) == (an.wallet_id, body["document_id"])
    assert (entry.document_id, entry.version, entry.value) == (body["document_id"], 1, 0)
    assert an.number.encode() not in document.claims
    assert an.name.encode() not in document.claims


@pytest.mark.both_databases
async def test_each_phone_gets_its_own_copy(desk, binh, runtime) -> None:
    assert (await desk.push(await desk.row(binh))).status_code == 201
    assert await count(runtime, wallet_credentials) == 2
    assert await count(runtime, status_entries) == 2


@pytest.mark.both_databases
async def test_the_same_row_again_is_unchanged(desk, an, runtime) -> None:
    row = await desk.row(an)
    first = (await desk.push(row)).json()
    again = await desk.push(row)
    signed_anew = await desk.push(await desk.row(an))
    assert (again.status_code, signed_anew.status_code) == (200, 200)
    for response in (again, signed_anew):
        assert response.json() == {**first, "result": "unchanged"}
    assert await count(runtime, document_versions) == 1
    assert await count(runtime, status_entries) == 1


@pytest.mark.both_databases
async def test_the_same_row_key_with_other_content_is_refused(desk, an, runtime) -> None:
    await desk.push(await desk.row(an))
    other = await desk.push(await desk.row(an, claims={**an.claims, "sex": "2"}))
    assert (other.status_code, other.json()["code"]) == (409, "row_key_conflict")
    assert await count(runtime, document_versions) == 1


@pytest.mark.both_databases
async def test_the_same_row_key_for_somebody_else_is_refused(desk, an, binh) -> None:
    await desk.push(await desk.row(an))
    other = await desk.push(await desk.row(binh))
    assert (other.status_code, other.json()["code"]) == (409, "row_key_conflict")


@pytest.mark.both_databases
async def test_row_keys_of_two_agencies_do_not_meet(desk, desk_of, an, new_agency) -> None:
    other_desk = desk_of(await new_agency("H26", (HEALTH_BOOK,)))
    first = await desk.push(await desk.row(an))
    second = await other_desk.push(await other_desk.row(an))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["document_id"] != second.json()["document_id"]


@pytest.mark.both_databases
async def test_an_agency_issues_what_it_is_authorised_for_and_nothing_else(desk_of, an, new_agency) -> None:
    """Agencies x types: the server's own record decides, at the reservation already."""
    grants = {"G18": HEALTH_BOOK, "G01": CRIMINAL_RECORD, "H26": PROCEDURE_RESULT}
    agencies = {agency_id: await new_agency(agency_id, (vct,)) for agency_id, vct in grants.items()}
    for agency_id, agency in agencies.items():
        for vct in grants.values():
            allowed = grants[agency_id] == vct
            lookup = await agency.call(
                "POST", "/issuer/v1/holder-keys/lookup", json={"document_type": vct, "subjects": [an.question]}
            )
            reserved = await agency.call("POST", "/issuer/v1/status-indexes", json={"document_type": vct, "count": 1})
            desk = desk_of(agency)
            row = await desk.row(an, statuses=await desk.reserve(1, grants[agency_id]), signing={"vct": vct})
            pushed = await desk.push(row | {"document_type": vct, "row_key": f"{agency_id}-{vct}"})
            if allowed:
                assert (lookup.status_code, reserved.status_code) == (200, 200)
                assert pushed.json().get("code") != "type_not_authorised"
            else:
                assert (lookup.status_code, reserved.status_code) == (403, 403)
                assert lookup.json()["code"] == reserved.json()["code"] == "type_not_authorised"
                assert (pushed.status_code, pushed.json()["code"]) == (400, "type_not_authorised")


@pytest.mark.both_databases
async def test_authority_ends_when_it_is_withdrawn(desk, an, runtime, clock) -> None:
    row = await desk.row(an)
    async with runtime.database.transaction() as tx:
        await registration.set_certificate_status(
            tx,
            agency_id=desk.agency.agency_id,
            leaf_sha256=sha256(desk.agency.chain[0]).digest(),
            status=IssuerStatus.WITHDRAWN,
            now=clock(),
        )
    assert (await desk.push(row)).json()["code"] == "authority_withdrawn"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"iss": True}, "issuer_mismatch", id="another iss"),
        pytest.param({"key": True}, "issuer_unknown", id="a certificate that is not registered"),
        pytest.param({"wrong_signer": True}, "signature_invalid", id="signed by a key that is not certified"),
        pytest.param({"chain": True}, "certificate_chain_mismatch", id="another chain behind the same leaf"),
    ],
)
async def test_the_signature_is_that_of_a_registered_certificate(desk, an, authority, runtime, changes, code) -> None:
    other = LocalSigner.generate()
    signing = {
        "iss": {"issuer": "https://g01.example"},
        "key": {"signer": other, "x5c": (authority.certify(other.public_key, CREDENTIAL_ISSUER, desk.agency.iss),)},
        "wrong_signer": {"signer": other},
        "chain": {"x5c": (*desk.agency.chain, authority.root.public_bytes(Encoding.DER))},
    }[next(iter(changes))]
    response = await desk.push(await desk.row(an, signing=signing))
    assert response.json()["code"] == code
    assert await count(runtime, document_versions) == 0


@pytest.mark.both_databases
async def test_another_agencys_certificate_does_not_help(desk, an, new_agency) -> None:
    other = await new_agency("H26", (HEALTH_BOOK,))
    signing = {"issuer": other.iss, "signer": other.signing_key, "x5c": other.chain}
    assert (await desk.push(await desk.row(an, signing=signing))).json()["code"] == "issuer_unknown"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"exp": timedelta(0)}, "credential_period_invalid", id="expires now"),
        pytest.param({"exp": timedelta(seconds=1)}, None, id="expires in a second"),
        pytest.param({"iat": timedelta(hours=2)}, "credential_period_invalid", id="issued in the future"),
        pytest.param({"iat": timedelta(minutes=-59)}, None, id="issued an hour ago"),
    ],
)
async def test_the_period_is_checked(desk, an, clock, changes, code) -> None:
    names = {"exp": "expires_at", "iat": "issued_at"}
    signing = {names[name]: clock() + offset for name, offset in changes.items()}
    response = await desk.push(await desk.row(an, signing=signing))
    assert response.json().get("code") == code


async def test_a_disclosure_must_not_be_missing(desk, an) -> None:
    row = await desk.row(an)
    token, _, *rest = row["credentials"][0].split("~")
    row["credentials"] = ["~".join([token, *rest])]
    assert (await desk.push(row)).json()["code"] == "disclosure_missing"


async def test_a_disclosure_must_not_be_changed_or_added(desk, an) -> None:
    row = await desk.row(an)
    credential = row["credentials"][0]
    foreign = desk.sign({"sex": "1"}, an.keys[0].public_key, StatusReference("https://x.example", 1)).split("~")[1]
    assert (await desk.push(row | {"credentials": [credential + foreign + "~"]})).json()["code"] == "disclosure_invalid"


async def test_claims_must_fit_the_type(desk, an) -> None:
    missing = {name: value for name, value in an.claims.items() if name != "full_name"}
    response = await desk.push(await desk.row(an, claims=missing))
    assert response.json()["code"] == "claims_invalid"
    assert an.number not in response.text


async def test_nothing_personal_stands_in_clear(desk, an) -> None:
    row = await desk.row(an)
    token, *disclosures = row["credentials"][0].split("~")
    parsed = jws.parse(token, typ="dc+sd-jwt")
    payload = parsed.unverified_payload() | {"sex": "2"}
    header = {"x5c": parsed.header["x5c"]}
    signed = jws.sign(payload, signer=desk.agency.signing_key, typ="dc+sd-jwt", header=header)
    response = await desk.push(row | {"credentials": ["~".join([signed, *disclosures])]})
    assert response.json()["code"] == "claims_invalid"


async def test_a_key_binding_is_refused(desk, an) -> None:
    row = await desk.row(an)
    assert (await desk.push(row | {"credentials": [row["credentials"][0] + "e30.e30.e30"]})).json()[
        "code"
    ] == "malformed"


async def test_a_credential_of_another_kind_is_refused(desk, an) -> None:
    row = await desk.row(an)
    token, *disclosures = row["credentials"][0].split("~")
    parsed = jws.parse(token, typ="dc+sd-jwt")
    header = {"x5c": parsed.header["x5c"]}
    signed = jws.sign(parsed.unverified_payload(), signer=desk.agency.signing_key, typ="vc+sd-jwt", header=header)
    assert (await desk.push(row | {"credentials": ["~".join([signed, *disclosures])]})).json()["code"] == "malformed"


async def test_the_row_and_the_claims_are_about_the_same_subject(desk, an, binh) -> None:
    row = await desk.row(an, subject=binh.subject)
    assert (await desk.push(row)).json()["code"] == "subject_mismatch"


async def test_the_row_and_the_credential_are_of_the_same_type(desk, an) -> None:
    row = await desk.row(an)
    for vct in (CRIMINAL_RECORD, "urn:giayto:type:nothing:1", "health-book"):
        assert (await desk.push(row | {"document_type": vct})).json()["code"] == "document_type_mismatch"


@pytest.mark.both_databases
async def test_a_key_of_another_citizen_is_answered_like_an_unknown_one(desk, an, binh, runtime) -> None:
    foreign = await desk.push(await desk.row(an, keys=[binh.keys[0].public_key]))
    unknown = await desk.push(await desk.row(an, keys=[LocalSigner.generate().public_key]))
    assert foreign.json()["code"] == "holder_key_not_of_subject"
    assert {**foreign.json(), "instance": ""} == {**unknown.json(), "instance": ""}
    assert await count(runtime, wallet_documents) == 0


async def test_a_subject_without_a_wallet_is_said_to_have_none(desk, an) -> None:
    an.number = "001099000025"
    assert (await desk.push(await desk.row(an))).json()["code"] == "no_wallet"


@pytest.mark.both_databases
async def test_status_indexes_must_be_reserved_by_this_agency_for_this_type(desk, desk_of, an, new_agency) -> None:
    other = desk_of(await new_agency("H26", (HEALTH_BOOK, PROCEDURE_RESULT)))
    (of_other,) = await other.reserve(1)
    (of_other_type,) = await other.reserve(1, PROCEDURE_RESULT)
    assert (await desk.push(await desk.row(an, statuses=[of_other]))).json()["code"] == "status_index_not_reserved"
    assert (await other.push(await other.row(an, statuses=[of_other_type]))).json()[
        "code"
    ] == "status_index_not_reserved"
    elsewhere = StatusReference("https://elsewhere.example/list", of_other.idx)
    assert (await other.push(await other.row(an, statuses=[elsewhere]))).json()["code"] == "status_index_not_reserved"
    assert (await other.push(await other.row(an, statuses=[of_other]))).status_code == 201


@pytest.mark.both_databases
async def test_a_status_index_is_used_once(desk, an) -> None:
    statuses = await desk.reserve(1)
    assert (await desk.push(await desk.row(an, statuses=statuses))).status_code == 201
    second = await desk.push(await desk.row(an, "row-2", statuses=statuses))
    assert (second.status_code, second.json()["code"]) == (409, "status_index_used")


async def test_copies_cannot_be_linked_and_say_the_same(desk, binh) -> None:
    keys = [key.public_key for key in binh.keys]
    one, other = await desk.reserve(2)
    same_key = await desk.row(binh, keys=[keys[0], keys[0]], statuses=[one, other])
    same_place = await desk.row(binh, statuses=[one, one])
    same_salts = await desk.row(binh, statuses=[one, other], signing={"salt_source": lambda: bytes(16)})
    for row in (same_key, same_place, same_salts):
        assert (await desk.push(row)).json()["code"] == "copies_linkable"
    different = [
        desk.sign(claims, key, place)
        for claims, key, place in zip((binh.claims, {**binh.claims, "sex": "1"}), keys, (one, other), strict=True)
    ]
    row = await desk.row(binh, statuses=[one, other], credentials=different)
    assert (await desk.push(row)).json()["code"] == "copies_differ"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b'{"row_key":"a","row_key":"b"}', "malformed", id="a member twice"),
        pytest.param(b"{", "malformed", id="not JSON"),
        pytest.param(b"{}", "malformed", id="nothing in it"),
        pytest.param(b"[" * 40 + b"]" * 40, "malformed", id="too deep"),
    ],
)
async def test_a_body_is_read_strictly(health, body, code) -> None:
    headers = {"content-type": "application/json"}
    response = await health.call("POST", "/issuer/v1/documents", content=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, code)


async def test_a_member_twice_is_refused_in_a_row_that_is_right_otherwise(desk, an) -> None:
    row = json.dumps(await desk.row(an))
    headers = {"content-type": "application/json"}
    twice = row[:-1] + ', "row_key": "another"}'
    response = await desk.agency.call("POST", "/issuer/v1/documents", content=twice.encode(), headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "malformed")
    response = await desk.agency.call("POST", "/issuer/v1/documents", content=row.encode(), headers=headers)
    assert response.status_code == 201


async def test_a_body_that_is_too_large_is_not_read(health) -> None:
    headers = {"content-type": "application/json"}
    response = await health.call("POST", "/issuer/v1/documents", content=bytes(2**21 + 1), headers=headers)
    assert (response.status_code, response.json()["code"]) == (413, "request_too_large")


@pytest.mark.both_databases
async def test_a_stored_row_and_its_audit_entry_come_together(desk, an, runtime) -> None:
    document_id = (await desk.push(await desk.row(an))).json()["document_id"]
    await desk.push(await desk.row(an, "row-2", subject={"kind": "person", "id": "079085000033"}))
    async with runtime.database.read() as tx:
        stored = await tx.execute(select(audit_entries).where(audit_entries.c.action == "document.stored"))
        assert [entry.target for entry in stored] == [document_id]
        assert await audit.first_broken_entry(tx) is None
