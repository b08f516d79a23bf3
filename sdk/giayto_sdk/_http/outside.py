"""Requests to addresses that a stranger named: a QR, a link, a token. Every one of them is hostile.

https only; the name is resolved once and the connection goes to that very address, which must be a public one; no
redirects, little time, few bytes. In a sandbox, and only there, plain http to this machine itself is allowed.
"""

import socket
from collections.abc import Mapping
from contextlib import closing
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import httpx2

from giayto_sdk._http.client import USER_AGENT, is_this_machine
from giayto_sdk._http.messages import Answer
from giayto_sdk.errors import ForeignAddressError, NetworkError, ProtocolError

MAX_BYTES: Final = 1024 * 1024
_TIMEOUT: Final = httpx2.Timeout(5.0)
_REDIRECTION: Final = 300
_REFUSAL: Final = 400


class OutsideClient:
    """Calls addresses that others name."""

    def __init__(self, *, sandbox: bool, transport: httpx2.BaseTransport | None = None) -> None:
        """Prepare; nothing is sent yet.

        Args:
            sandbox: whether plain http to this machine is allowed.
            transport: in place of the network, for tests.
        """
        self._sandbox = sandbox
        self._client = httpx2.Client(
            headers={"User-Agent": USER_AGENT},
            timeout=_TIMEOUT,
            transport=transport,
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Answer:
        """Make one call; answers of 400 and more are returned like others.

        Raises:
            ForeignAddressError: an address that is not called.
            NetworkError: no answer came.
            ProtocolError: a redirect, or an answer that is too long.
        """
        request = self._pinned(method, url, headers or {}, form)
        try:
            with closing(self._client.send(request, stream=True)) as response:
                if _REDIRECTION <= response.status_code < _REFUSAL:
                    raise ProtocolError(f"answer: a redirect ({response.status_code}) is not followed")
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > max_bytes:
                        raise ProtocolError(f"answer: longer than {max_bytes} bytes", limit=max_bytes)
                lower = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, lower, bytes(body))
        except httpx2.TransportError as error:
            raise NetworkError(f"network: no answer ({type(error).__name__})", sent=True) from error

    def require_allowed(self, url: str) -> None:
        """Refuse a URL that must not be called; ForeignAddressError says why."""
        parts = urlsplit(url)
        if not parts.hostname or "@" in parts.netloc or parts.fragment or not url.isascii() or not url.isprintable():
            raise ForeignAddressError("address: an https URL without user and fragment is expected")
        literal = _literal_address(parts.hostname)
        if parts.scheme == "https" and not is_this_machine(url) and (literal is None or literal.is_global):
            return
        if not (self._sandbox and parts.scheme in {"http", "https"} and is_this_machine(url)):
            raise ForeignAddressError("address: only https to a public address is called")

    def _pinned(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> httpx2.Request:
        self.require_allowed(url)
        parts = urlsplit(url)
        host = parts.hostname or ""
        if is_this_machine(url):
            return self._client.build_request(method, url, headers=headers, data=form)
        address = _public_address(host, parts.port or 443)
        literal = f"[{address}]" if address.version == 6 else str(address)
        netloc = literal if parts.port is None else f"{literal}:{parts.port}"
        return self._client.build_request(
            method,
            urlunsplit(parts._replace(netloc=netloc)),
            headers={**headers, "Host": parts.netloc},
            data=form,
            extensions={"sni_hostname": host},
        )


def _literal_address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _public_address(host: str, port: int) -> IPv4Address | IPv6Address:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NetworkError("network: the name cannot be resolved", sent=False) from error
    addresses = [ip_address(entry[4][0]) for entry in found]
    # One private address among public ones is enough to refuse: which of them is used must not be chance.
    if not addresses or not all(address.is_global for address in addresses):
        raise ForeignAddressError("address: it leads into a private network")
    return addresses[0]
