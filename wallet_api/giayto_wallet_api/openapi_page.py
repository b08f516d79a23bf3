"""`/schema`: the API's description as one plain page, for people.

It is rendered here rather than by a script from somewhere else: it works on a machine without a network, and no page
of this service ever runs code that others serve.
"""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from html import escape
from typing import Any, Final

from litestar import MediaType, Request, Router
from litestar.datastructures import ResponseHeader
from litestar.openapi.plugins import OpenAPIRenderPlugin

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; border-bottom: 1px solid #ccc; }
summary { cursor: pointer; padding: .25rem 0; } code, pre { font: 14px/1.4 ui-monospace, monospace; }
pre { background: #f4f4f2; padding: .75rem; overflow-x: auto; } .method { display: inline-block; width: 4rem;
font-weight: bold; text-transform: uppercase; color: #8a1c1c; } .path { margin-right: .75rem; }
details { border-bottom: 1px solid #eee; } details > div { margin-left: 1rem; }
"""
_STYLE_HASH: Final = b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'"


class OpenAPIPage(OpenAPIRenderPlugin):
    """Shows every operation with its examples at the root of the OpenAPI router."""

    def __init__(self) -> None:
        super().__init__(path="/", media_type=MediaType.HTML)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the page."""
        return render(openapi_schema).encode()


def openapi_router() -> Router:
    """Return the router that serves the description; its policy lets the page's own style through, nothing else."""
    policy = ResponseHeader(name="Content-Security-Policy", value=_POLICY)
    return Router(path="/schema", route_handlers=[], response_headers=[policy], include_in_schema=False)


def render(schema: Mapping[str, Any]) -> str:
    """Return the page for an OpenAPI document."""
    info = schema["info"]
    sections = "".join(_section(tag, operations) for tag, operations in sorted(_by_tag(schema).items()))
    title = escape(info["title"])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f"<h1>{title} {escape(info['version'])}</h1><p>{escape(info['description'])}</p>"
        f'<p>Machine-readable: <a href="/schema/openapi.json">OpenAPI {escape(schema["openapi"])}</a></p>'
        f"{sections}</body></html>"
    )


def _by_tag(schema: Mapping[str, Any]) -> dict[str, list[tuple[str, str, Mapping[str, Any]]]]:
    tagged: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {}
    for path, item in sorted(schema["paths"].items()):
        for method in _METHODS:
            if method in item:
                tag = (item[method].get("tags") or ["other"])[0]
                tagged.setdefault(tag, []).append((method, path, item[method]))
    return tagged


def _section(tag: str, operations: list[tuple[str, str, Mapping[str, Any]]]) -> str:
    return f"<h2>{escape(tag)}</h2>" + "".join(_operation(*operation) for operation in operations)


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> str:
    parts = [f"<p>{escape(operation.get('description', ''))}</p>"]
    for parameter in operation.get("parameters", ()):
        note = escape(parameter.get("description", ""))
        parts.append(f"<p><code>{escape(parameter['name'])}</code> ({escape(parameter['in'])}) {note}</p>")
    parts += [f"<p>Request</p>{_pre(example)}" for example in _examples(operation.get("requestBody", {}))]
    for status, response in sorted(operation.get("responses", {}).items()):
        parts.append(f"<p>{escape(status)} {escape(response.get('description', ''))}</p>")
        parts += [_pre(example) for example in _examples(response)]
    return (
        f'<details><summary><span class="method">{method}</span><code class="path">{escape(path)}</code>'
        f"{escape(operation.get('summary', ''))}</summary><div>{''.join(parts)}</div></details>"
    )


def _examples(described: Mapping[str, Any]) -> Iterator[Any]:
    for content in described.get("content", {}).values():
        for example in content.get("examples", {}).values():
            yield example.get("value")
        yield from content.get("schema", {}).get("examples", ())  # where the framework puts those of a request


def _pre(example: Any) -> str:
    text = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=2)
    return f"<pre>{escape(text)}</pre>"
