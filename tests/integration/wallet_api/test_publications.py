"""Trust list, catalogue, status lists and bundle: true at the moment of asking, cacheable, never rolled back."""

import pytest

from giayto_crypto.bundle import verify_bundle
from giayto_crypto.localised import Localised
from giayto_crypto.status_list import verify_status_list
from giayto_crypto.trust_list import IssuerStatus, verify_trust_list
from giayto_wallet_api.agencies import registration

BASE_URL = "http://127.0.0.1:8000"
HEALTH_BOOK = "urn:giayto:type:health-book:1"


async def trust_list(http, runtime):
    response = await http.get("/public/v1/trust-list")
    assert response.headers["content-type"] == "application/jwt"
    return verify_trust_list(response.text, runtime.keys.anchors, runtime.clock())


async def bundle(http, runtime):
    response = await http.get("/public/v1/bundle")
    assert response.headers["content-type"] == "application/jwt"
    return verify_bundle(response.text, runtime.keys.anchors, runtime.clock())


@pytest.mark.both_databases
async def test_the_trust_list_names_the_agencies_and_their_types(http, runtime, health, police) -> None:
    published = await trust_list(http, runtime)
    assert published.sequence == 1
    assert {(issuer.agency_id, issuer.iss, issuer.vcts) for issuer in published.issuers} == {
        ("G18", "https://g18.example", (HEALTH_BOOK,)),
        ("G01", "https://g01.example", ("urn:giayto:type:criminal-record-1:1",)),
    }


@pytest.mark.both_databases
async def test_the_trust_list_gets_a_new_number_when_it_changes_and_not_before(
    http, runtime, health, clock, new_agency
) -> None:
    assert (await trust_list(http, runtime)).sequence == 1
    assert (await trust_list(http, runtime)).sequence == 1
    await new_agency("H26", (HEALTH_BOOK,))
    assert (await trust_list(http, runtime)).sequence == 2
    clock.advance(days=4)
    renewed = await trust_list(http, runtime)
    assert renewed.sequence == 3
    assert renewed.issued_at == clock()


@pytest.mark.both_databases
async def test_a_withdrawal_is_published(http, runtime, health, clock) -> None:
    leaf = (await trust_list(http, runtime)).issuers[0].leaf_sha256
    async with runtime.database.transaction() as tx:
        await registration.set_certificate_status(
            tx, agency_id="G18", leaf_sha256=leaf, status=IssuerStatus.COMPROMISED, now=clock()
        )
    assert (await trust_list(http, runtime)).issuers[0].status is IssuerStatus.COMPROMISED


@pytest.mark.both_databases
async def test_a_bundle_holds_everything_and_its_number_grows(http, runtime, health, clock) -> None:
    first = await bundle(http, runtime)
    assert first.sequence == 1
    assert {entry.vct for entry in first.catalogue} >= {HEALTH_BOOK}
    assert first.status_lists == {}
    await health.call("POST", "/issuer/v1/status-indexes", json={"document_type": HEALTH_BOOK, "count": 1})
    second = await bundle(http, runtime)
    assert (second.sequence, len(second.status_lists), second.refused_status_lists) == (2, 1, {})
    assert (await bundle(http, runtime)).sequence == 2
    clock.advance(minutes=15)
    third = await bundle(http, runtime)
    assert third.sequence == 3
    (status_list,) = third.status_lists.values()
    assert status_list.issued_at == clock()


async def test_a_bundle_is_revalidated_by_its_tag(http, runtime, health, new_agency) -> None:
    first = await http.get("/public/v1/bundle")
    etag = first.headers["etag"]
    for tags in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = await http.get("/public/v1/bundle", headers={"if-none-match": tags})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    await new_agency("H26", (HEALTH_BOOK,))
    changed = await http.get("/public/v1/bundle", headers={"if-none-match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


async def test_publications_are_compressed_for_who_wants_it_and_open_to_any_origin(http, health) -> None:
    packed = await http.get("/public/v1/bundle", headers={"accept-encoding": "br, gzip;q=0.5"})
    plain = await http.get("/public/v1/bundle", headers={"accept-encoding": "gzip;q=0"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < len(plain.content)
    assert packed.headers["access-control-allow-origin"] == "*"
    assert packed.headers["vary"] == "Accept-Encoding"


@pytest.mark.both_databases
async def test_status_lists_are_listed_and_served(http, runtime, health) -> None:
    assert (await http.get("/public/v1/status-lists")).json() == {"status_lists": []}
    reserved = await health.call("POST", "/issuer/v1/status-indexes", json={"document_type": HEALTH_BOOK, "count": 3})
    uris = {entry["uri"] for entry in reserved.json()["entries"]}
    (uri,) = (await http.get("/public/v1/status-lists")).json()["status_lists"]
    assert uris == {uri}
    response = await http.get(uri)
    assert response.headers["content-type"] == "application/statuslist+jwt"
    verified = verify_status_list(response.text, uri=uri, anchors=runtime.keys.anchors, now=runtime.clock())
    assert len(verified.statuses) == 2**20
    assert (verified.ttl.total_seconds(), verified.statuses.bits) == (900, 2)
    assert (await http.get(uri)).text == response.text
    assert (await http.get(f"{BASE_URL}/public/v1/status-lists/sl_unknown")).status_code == 404


@pytest.mark.both_databases
async def test_indexes_are_never_given_twice_and_a_full_list_is_followed_by_another(
    settings, http, runtime, health, police, monkeypatch: pytest.MonkeyPatch
) -> None:
    object.__setattr__(settings, "status_list_size", 64)
    taken = []
    for agency, vct in ((health, HEALTH_BOOK), (police, "urn:giayto:type:criminal-record-1:1")) * 3:
        response = await agency.call("POST", "/issuer/v1/status-indexes", json={"document_type": vct, "count": 25})
        taken += [(entry["uri"], entry["idx"]) for entry in response.json()["entries"]]
    assert len(set(taken)) == len(taken) == 150
    assert all(0 <= idx < 64 for _, idx in taken)
    assert len({uri for uri, _ in taken}) == 3
    first_list = [idx for uri, idx in taken if uri == taken[0][0]]
    assert sorted(first_list) == list(range(64))
    assert first_list != sorted(first_list)


@pytest.mark.parametrize("count", [0, -1, 10_001, 1.5, "many"])
async def test_a_count_out_of_range_is_refused(health, count) -> None:
    body = {"document_type": HEALTH_BOOK, "count": count}
    response = await health.call("POST", "/issuer/v1/status-indexes", json=body)
    assert (response.status_code, response.json()["code"]) == (400, "malformed")


async def test_the_catalogue_and_the_metadata_of_types(http) -> None:
    entries = (await http.get("/public/v1/types")).json()["entries"]
    assert {"health-book", "criminal-record-1", "procedure-result"} <= {entry["code"] for entry in entries}
    metadata = (await http.get("/public/v1/types/health-book/1")).json()
    assert metadata["vct"] == HEALTH_BOOK
    for address in ("/public/v1/types/health-book/2", "/public/v1/types/nothing/1"):
        assert (await http.get(address)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"iss": "https://other.example"}, "issuer_identifier_invalid"),
        ({"iss": "http://g18.example"}, "issuer_identifier_invalid"),
        ({"agency_id": "H99"}, "not_found"),
        ({}, "already_registered"),
    ],
)
async def test_a_certificate_is_registered_only_for_its_own_issuer(
    health, runtime, clock, authority, changes, error
) -> None:
    arguments = {
        "agency_id": "G18",
        "iss": "https://g18.example",
        "chain": health.chain,
        "vcts": (HEALTH_BOOK,),
        "anchors": (authority.root,),
        "now": clock(),
    }
    with pytest.raises(Exception, match=error):
        async with runtime.database.transaction() as tx:
            await registration.register_certificate(tx, **(arguments | changes))


@pytest.mark.parametrize("agency_id", ["", "g18", "G18:main", "G18 ", "H15..50"])
async def test_an_agency_identifier_has_its_form(runtime, clock, agency_id) -> None:
    with pytest.raises(registration.IdentifierError):
        async with runtime.database.transaction() as tx:
            await registration.register_agency(tx, agency_id=agency_id, names=Localised(vi="a", en="a"), now=clock())
