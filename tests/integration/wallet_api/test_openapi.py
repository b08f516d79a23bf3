"""The description of the API: complete, with examples, and shown without anything from outside."""

import re
from base64 import b64encode
from hashlib import sha256

from giayto_wallet_api.openapi_page import render

METHODS = {"get", "post", "put", "patch", "delete"}


def operations(schema):
    for path, item in schema["paths"].items():
        for method in METHODS & set(item):
            yield f"{method} {path}", item[method]


def examples_in(described) -> list:
    contents = described.get("content", {}).values()
    return [
        example for content in contents for example in content.get("examples") or content["schema"].get("examples", ())
    ]


async def test_every_operation_has_an_example_of_its_request_and_of_its_answer(http) -> None:
    schema = (await http.get("/schema/openapi.json")).json()
    assert schema["openapi"].startswith("3.1")
    found = dict(operations(schema))
    assert len(found) >= 25
    for name, operation in found.items():
        assert operation.get("summary"), name
        successes = {status: each for status, each in operation["responses"].items() if status[0] in "23"}
        assert successes, name
        for status, response in successes.items():
            shows_itself = status.startswith("3") or "text/html" in response.get("content", {})
            assert shows_itself or "content" not in response or examples_in(response), f"{name} {status}"
        if "requestBody" in operation:
            assert examples_in(operation["requestBody"]), name


async def test_the_page_shows_every_operation_and_loads_nothing(http) -> None:
    response = await http.get("/schema")
    assert response.headers["content-type"].startswith("text/html")
    schema = (await http.get("/schema/openapi.json")).json()
    for path in schema["paths"]:
        assert f">{path}<" in response.text
    assert "<script" not in response.text
    assert not re.findall(r'(?:src|href)="(?!/schema)', response.text)
    style = re.search(r"<style>(.*?)</style>", response.text, re.DOTALL)
    assert style is not None
    digest = b64encode(sha256(style.group(1).encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in response.headers["content-security-policy"]


def test_the_page_escapes_what_it_shows() -> None:
    schema = {
        "openapi": "3.1.0",
        "info": {"title": "<b>", "version": "1", "description": "&"},
        "paths": {"/x": {"get": {"summary": "<i>", "responses": {"200": {"description": "<u>"}}}}},
    }
    page = render(schema)
    assert not re.search(r"<[biu]>", page)
