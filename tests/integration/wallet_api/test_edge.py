"""What every response carries, and how errors of the framework look."""

import httpx2


async def test_the_service_is_alive_and_ready(http: httpx2.AsyncClient) -> None:
    assert (await http.get("/health/live")).json() == {"status": "ok"}
    assert (await http.get("/health/ready")).json() == {"status": "ok"}


async def test_an_unknown_address_is_a_problem_that_does_not_repeat_it(http: httpx2.AsyncClient) -> None:
    response = await http.get("/issuer/v1/001099000123")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert (problem["code"], problem["status"], problem["type"]) == (
        "not_found",
        404,
        "urn:giayto:problem:not_found",
    )
    assert problem["message_vi"]
    assert problem["message_en"]
    assert problem["instance"] == f"urn:uuid:{response.headers['x-request-id']}"
    assert "001099000123" not in response.text


async def test_a_method_that_is_not_offered_is_a_problem(http: httpx2.AsyncClient) -> None:
    response = await http.post("/health/live")
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")


async def test_responses_carry_the_security_headers(http: httpx2.AsyncClient) -> None:
    for address in ("/health/live", "/nowhere"):
        headers = (await http.get(address)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] == "no-store"
