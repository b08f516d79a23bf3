"""Calls to addresses that others chose: only where a public host answers over TLS, once, shortly.

The name is resolved here, every address that it has must be public, and the connection goes to the one that was checked
(a second look-up could answer otherwise), with the name in TLS and in `Host`. Redirects are not followed, at most 1 MiB
is read, and all of it must be over within 2 seconds.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx2

from giayto_wallet_api.problems import ProblemError

TOTAL_SECONDS: Final = 2.0
MAX_ANSWER_BYTES: Final = 1024 * 1024
_HTTPS_PORT: Final = 443
Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]


class UnsafeAddressError(ProblemError):
    """An address that this server does not call."""

    code = "address_unsafe"
    message_vi = "Địa chỉ này không được phép gọi tới."
    message_en = "This address may not be called."


class DeliveryFailedError(Exception):
    """The other side did not take it; the message is a short code, without anything that the other side said."""


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """Look a name up."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def require_safe_url(url: str, *, allow_loopback: bool) -> SplitResult:
    """Return the parts of a URL that may be called, as far as its text tells.

    Args:
        url: https, with a host and without user or fragment; http to this machine itself in the sandbox.
        allow_loopback: of the sandbox.

    Raises:
        UnsafeAddressError: another URL.
    """
    parts = urlsplit(url)
    is_local = allow_loopback and parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
        raise UnsafeAddressError("an https URL is expected")
    if not parts.hostname or parts.username is not None or parts.fragment:
        raise UnsafeAddressError("a URL with a host, without user and fragment is expected")
    return parts


async def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allow_loopback: bool,
    resolve: Resolver = system_resolver,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> None:
    """Send a body and return when the other side took it (2xx).

    Raises:
        UnsafeAddressError: the URL, or an address of its host, may not be called; nothing was sent.
        DeliveryFailedError: no answer in time, or another one.
    """
    try:
        async with asyncio.timeout(TOTAL_SECONDS):
            parts = require_safe_url(url, allow_loopback=allow_loopback)
            address = await _checked_address(parts, allow_loopback, resolve)
            await _send(parts, address, body, headers, transport)
    except TimeoutError as error:
        raise DeliveryFailedError("timeout") from error
    except OSError as error:
        raise DeliveryFailedError("unresolved") from error
    except httpx2.HTTPError as error:
        raise DeliveryFailedError(f"no_answer_{type(error).__name__}"[:64]) from error


async def _checked_address(parts: SplitResult, allow_loopback: bool, resolve: Resolver) -> Address:
    host = parts.hostname or ""
    addresses = [ip_address(each.partition("%")[0]) for each in await resolve(host, parts.port or _HTTPS_PORT)]
    for address in addresses:
        mapped = getattr(address, "ipv4_mapped", None) or address
        if not (mapped.is_global and not mapped.is_multicast) and not (allow_loopback and mapped.is_loopback):
            raise UnsafeAddressError("the host has an address that is not public")
    if not addresses:
        raise DeliveryFailedError("unresolved")
    return addresses[0]


async def _send(
    parts: SplitResult,
    address: Address,
    body: bytes,
    headers: Mapping[str, str],
    transport: httpx2.AsyncBaseTransport | None,
) -> None:
    literal = f"[{address}]" if address.version == 6 else str(address)
    port = f":{parts.port}" if parts.port else ""
    pinned = parts._replace(netloc=f"{literal}{port}").geturl()
    async with httpx2.AsyncClient(
        timeout=TOTAL_SECONDS, follow_redirects=False, trust_env=False, transport=transport
    ) as client:
        request = client.build_request(
            "POST",
            pinned,
            content=body,
            headers={**headers, "Host": parts.netloc},
            extensions={"sni_hostname": parts.hostname},
        )
        response = await client.send(request, stream=True)
        try:
            await _read_no_more_than(response, MAX_ANSWER_BYTES)
        finally:
            await response.aclose()
    if not 200 <= response.status_code < 300:
        raise DeliveryFailedError(f"status_{response.status_code}")


async def _read_no_more_than(response: httpx2.Response, most: int) -> None:
    size = 0
    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > most:
            raise DeliveryFailedError("answer_too_large")
