"""Changes since a cursor: complete, in order, for one wallet."""

import pytest

pytestmark = pytest.mark.both_databases

HONG, AN = "001199000017", "079085000018"


async def test_changes_come_in_pages_and_go_on_from_a_cursor(hong, an, offer) -> None:
    first = await offer(HONG)
    await offer(AN)
    await hong.call("POST", f"/wallet/v1/documents/{first}/confirm", {})
    second = await offer(HONG)
    page = await hong.get("/wallet/v1/changes?limit=2")
    rest = await hong.get(f"/wallet/v1/changes?limit=2&cursor={page['next_cursor']}")
    assert rest["next_cursor"] is None
    changes = page["items"] + rest["items"]
    assert [(change["sequence"], change["kind"], change["object_id"]) for change in changes] == [
        (1, "device_enrolled", hong.device_id),
        (2, "document_offered", first),
        (3, "document_confirmed", first),
        (4, "document_offered", second),
    ]
    assert (await hong.get("/wallet/v1/changes?cursor=4")) == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("query", ["cursor=x", "cursor=-1", "limit=0", "limit=101"])
async def test_a_query_that_was_made_up_is_refused(hong, query: str) -> None:
    answer = await hong.call("GET", f"/wallet/v1/changes?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
