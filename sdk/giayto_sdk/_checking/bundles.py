"""The verifier bundle: read from disk, fetched from a server, never exchanged for an older one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx2
from cryptography import x509

from giayto_crypto.bundle import MAX_TOKEN_BYTES, VerifierBundle, verify_bundle
from giayto_crypto.certificates import load_anchors as parse_anchors
from giayto_crypto.errors import CertificateError
from giayto_sdk._clock import Clock
from giayto_sdk._files import write_atomically
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.messages import Request
from giayto_sdk.errors import ConfigurationError, ProtocolError

BUNDLE_PATH: Final = "/public/v1/bundle"
_BUNDLE_TYPE: Final = "application/jwt"
_NOT_MODIFIED: Final = 304
_MAX_ANCHOR_BYTES: Final = 256 * 1024


def load_anchors(source: Path | bytes) -> tuple[x509.Certificate, ...]:
    """Read pinned root certificates.

    Args:
        source: path of a PEM file, or its content.

    Raises:
        ConfigurationError: unreadable, or no PEM certificates.
    """
    try:
        return parse_anchors(content_of(source, _MAX_ANCHOR_BYTES, "anchor"))
    except CertificateError as error:
        raise ConfigurationError(error.detail) from error


def load_token(source: Path | bytes) -> str:
    """Read a bundle as it was signed, without checking anything.

    Args:
        source: path of the file, or its content.

    Raises:
        ConfigurationError: unreadable or larger than any bundle.
    """
    # A byte that is not ASCII stays one that is not: the strict parser refuses it.
    return content_of(source, MAX_TOKEN_BYTES, "bundle").decode("latin-1").rstrip("\n")


class BundleFetcher:
    """Fetches signed files from one address, bundles by default, and only when there is a new one."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        transport: httpx2.BaseTransport | None = None,
        path: str = BUNDLE_PATH,
        max_bytes: int = MAX_TOKEN_BYTES,
    ) -> None:
        """Prepare to fetch.

        Args:
            url: of the bundle, or the base URL of a wallet backend.
            clock: of this machine.
            transport: in place of the network, for tests.
            path: where a wallet backend serves what is fetched.
            max_bytes: longest answer that is read.
        """
        parts = urlsplit(url)
        self._path = parts.path if parts.path.strip("/") else path
        self._max_bytes = max_bytes
        self._http = HttpClient(f"{parts.scheme}://{parts.netloc}", clock=clock, transport=transport)
        self._etag: str | None = None

    def fetch(self) -> str | None:
        """Return the newest bundle, or None when it is the one that was fetched last; see `HttpClient.send`."""
        headers = {"Accept": _BUNDLE_TYPE} | ({"If-None-Match": self._etag} if self._etag else {})
        request = Request("GET", self._path, headers=headers)
        answer = self._http.send(lambda: request, repeatable=True, max_bytes=self._max_bytes)
        if answer.status == _NOT_MODIFIED:
            return None
        self._etag = answer.headers.get("etag")
        return answer.body.decode("latin-1")

    def forget_etag(self) -> None:
        """Ask for the bundle as a whole next time: what came was not usable."""
        self._etag = None

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


class BundleShelf:
    """The newest authentic bundle at hand, and the file that keeps it."""

    def __init__(self, anchors: Sequence[x509.Certificate], *, clock: Clock, fetcher: BundleFetcher | None) -> None:
        """Prepare an empty shelf.

        Args:
            anchors: pinned roots.
            clock: the time at which signatures are checked.
            fetcher: brings newer bundles; None: there are none to be had.
        """
        self._anchors = anchors
        self._clock = clock
        self._fetcher = fetcher
        self._file: Path | None = None
        self._newest_sequence = 0
        self._newest_trust_list = 0

    def open(self, source: Path | bytes | None) -> VerifierBundle:
        """Return the first bundle: the given one, else one that is fetched.

        Args:
            source: content, or path of a file, which is kept up to date from now on.

        Raises:
            ConfigurationError: there is no bundle, and no place to fetch one from.
            GiaytoError: the bundle is not authentic, or cannot be fetched.
        """
        self._file = source if isinstance(source, Path) else None
        absent = source is None or (isinstance(source, Path) and not source.exists())
        if source is None or (absent and self._fetcher is not None):
            return self._first_fetched()
        return self._take(load_token(source))

    def refresh(self) -> VerifierBundle | None:
        """Return a newer bundle than the one at hand, or None when there is none.

        Raises:
            BundleRolledBackError: an older one was offered.
            TrustListRolledBackError: one with an older trust list was offered.
            BundleExpiredError: the one that was offered is past its end.
            GiaytoError: it cannot be fetched, is not authentic, or cannot be kept.
        """
        if self._fetcher is None:
            raise ConfigurationError("refresh: this verifier was given no address to refresh from")
        token = self._fetcher.fetch()
        if token is None:
            return None
        try:
            bundle = self._take(token)
            bundle.require_current(self._clock())
            self._keep(token)
        except Exception:
            # What came cannot be used: do not ask only for what differs from it.
            self._fetcher.forget_etag()
            raise
        return bundle

    def close(self) -> None:
        """Close the connection."""
        if self._fetcher is not None:
            self._fetcher.close()

    def _first_fetched(self) -> VerifierBundle:
        bundle = self.refresh()
        if bundle is None:
            raise ProtocolError("bundle: the server says that it has not changed, but there was none before")
        return bundle

    def _take(self, token: str) -> VerifierBundle:
        bundle = verify_bundle(
            token,
            self._anchors,
            self._clock(),
            minimum_sequence=self._newest_sequence,
            minimum_trust_list_sequence=self._newest_trust_list,
        )
        self._newest_sequence = bundle.sequence
        self._newest_trust_list = bundle.trust_list.sequence
        return bundle

    def _keep(self, token: str) -> None:
        if self._file is None:
            return
        try:
            write_atomically(self._file, token.encode("ascii"))
        except OSError as error:
            raise ConfigurationError(f"bundle: {self._file.name} cannot be written ({error.strerror})") from error


def content_of(source: Path | bytes, max_bytes: int, what: str) -> bytes:
    """Return the content of a file, or what is content already; ConfigurationError when unreadable or too large."""
    if isinstance(source, bytes):
        content = source
    else:
        try:
            with source.open("rb") as file:
                content = file.read(max_bytes + 1)
        except OSError as error:
            raise ConfigurationError(f"{what}: {source.name} cannot be read ({error.strerror})") from error
    if len(content) > max_bytes:
        raise ConfigurationError(f"{what}: larger than {max_bytes} bytes", limit=max_bytes)
    return content
