"""How published files are served: cacheable by everybody, revalidated by ETag, compressed, readable from any origin."""

import gzip
from functools import lru_cache
from hashlib import sha256
from typing import Any

from litestar import Request, Response
from litestar.status_codes import HTTP_200_OK, HTTP_304_NOT_MODIFIED

_COMPRESSION_LEVEL = 6
_SMALLEST_COMPRESSED = 512


def published(request: Request[Any, Any, Any], content: bytes, *, media_type: str, max_age: int) -> Response[bytes]:
    """Answer with a published file, or with 304 when the client has it already.

    Args:
        request: whose `If-None-Match` and `Accept-Encoding` are honoured.
        content: the file.
        media_type: of the file.
        max_age: for how many seconds a cache may use it without asking.
    """
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": f"public, max-age={max_age}",
        "Access-Control-Allow-Origin": "*",
        "Vary": "Accept-Encoding",
    }
    if _has_it(request, etag):
        return Response(b"", status_code=HTTP_304_NOT_MODIFIED, headers=headers, media_type=media_type)
    if len(content) >= _SMALLEST_COMPRESSED and _takes_gzip(request):
        headers["Content-Encoding"] = "gzip"
        content = _compressed(content)
    return Response(content, status_code=HTTP_200_OK, headers=headers, media_type=media_type)


def _has_it(request: Request[Any, Any, Any], etag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    # RFC 9110 §13.1.2: weak comparison; a proxy that compresses makes the tag weak.
    return known.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in known.split(","))


def _takes_gzip(request: Request[Any, Any, Any]) -> bool:
    offered = request.headers.get("accept-encoding", "")
    for coding in offered.split(","):
        name, _, parameters = coding.partition(";")
        if name.strip().lower() == "gzip":
            return parameters.replace(" ", "").lower() not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


@lru_cache(maxsize=64)
def _compressed(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=_COMPRESSION_LEVEL, mtime=0)
