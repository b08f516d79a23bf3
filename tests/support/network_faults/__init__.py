"""HTTP transports that fail on purpose, between the SDK and a real server."""

from collections.abc import Callable, Iterator

import httpx2

BULK = "/issuer/v1/documents/bulk"


class RecordingTransport(httpx2.HTTPTransport):
    """Passes everything on and notes method, path and status."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, str, int]] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = super().handle_request(request)
        self.calls.append((request.method, request.url.path, response.status_code))
        return response


class CuttingTransport(httpx2.HTTPTransport):
    """Cuts the connection while the answers to a bulk push are coming in.

    Args:
        cut_after: for the first push, the second and so on: how many answers get through; all of later pushes do.
        on_push: told of the body of each push, before it is sent.
    """

    def __init__(self, cut_after: list[int], on_push: Callable[[bytes], None] = lambda _: None) -> None:
        super().__init__()
        self._cut_after = list(cut_after)
        self._on_push = on_push

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path != BULK:
            return super().handle_request(request)
        self._on_push(request.read())
        response = super().handle_request(request)
        if not self._cut_after:
            return response
        # The server has stored and answered everything; the client does not get to see it.
        lines = response.read().splitlines(keepends=True)[: self._cut_after.pop(0)]
        return httpx2.Response(response.status_code, headers=_without_length(response), stream=_Broken(lines))


class DeadTransport(httpx2.HTTPTransport):
    """Lets everything through but bulk pushes, which never arrive."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == BULK:
            raise httpx2.ReadTimeout("no answer", request=request)
        return super().handle_request(request)


class _Broken(httpx2.SyncByteStream):
    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks
        raise httpx2.RemoteProtocolError("the connection was cut")


def _without_length(response: httpx2.Response) -> httpx2.Headers:
    kept = {
        name: value
        for name, value in response.headers.items()
        if name not in {"content-length", "content-encoding", "transfer-encoding"}
    }
    return httpx2.Headers(kept)


class LosingTransport(httpx2.HTTPTransport):
    """Lets a chosen number of answers of the next bulk push through, and cuts the connection then."""

    def __init__(self) -> None:
        super().__init__()
        self.answers_of_next_push: int | None = None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = super().handle_request(request)
        if request.url.path != BULK or self.answers_of_next_push is None:
            return response
        lines = response.read().splitlines(keepends=True)[: self.answers_of_next_push]
        self.answers_of_next_push = None
        return httpx2.Response(response.status_code, headers=_without_length(response), stream=_Broken(lines))
