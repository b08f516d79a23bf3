"""`Catalogue`: what may not be asked for on paper, from a signed edition, with or without a network."""

from datetime import date, timedelta, timezone
from os import PathLike
from pathlib import Path
from typing import Final

import httpx2

from giayto_crypto.catalogue_edition import (
    MAX_TOKEN_BYTES,
    CatalogueEdition,
    EditionDifference,
    EditionRolledBackError,
    difference,
    verify_edition,
)
from giayto_sdk._checking.bundles import BundleFetcher, content_of, load_anchors
from giayto_sdk._clock import Clock, system_clock
from giayto_sdk._files import write_atomically
from giayto_sdk.errors import ConfigurationError, ProtocolError
from giayto_verifiers.paper_rule import MayAsk, may_ask

LATEST_EDITION_PATH: Final = "/public/v1/catalogue/editions/latest/token"
_VIETNAM: Final = timezone(timedelta(hours=7))
FileOrContent = str | PathLike[str] | bytes
"""A path, or the content of the file."""


class Catalogue:
    """The newest edition of the catalogue at hand, verified up to a pinned anchor.

        catalogue = Catalogue("catalogue.jwt", anchor="root.pem", refresh_from="https://…")
        answer = catalogue.may_ask("birth-certificate", procedure="1.000894")
        if not answer.may_ask:
            print(answer.message.vi, answer.legal_basis[0].reference, answer.edition)

    The answers are those of `GET /public/v1/may-ask`: both come from one rule. An older edition never takes the place
    of a newer one.
    """

    def __init__(
        self,
        edition: FileOrContent | None = None,
        *,
        anchor: FileOrContent,
        refresh_from: str | None = None,
        clock: Clock = system_clock,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Read an edition, or fetch the newest.

        Args:
            edition: path of the signed edition, or its content. With `refresh_from` the file need not be there yet and
                is kept up to date; None keeps what is fetched in memory only.
            anchor: pinned root certificates in PEM; they come from somewhere trusted, never with the edition.
            refresh_from: URL of the signed edition, or base URL of the wallet backend; None: there is no network.
            clock: the time of checks, and today.
            transport: in place of the network, for tests.

        Raises:
            ConfigurationError: a file cannot be read, or there is neither an edition nor a place to fetch it from.
            NetworkError, ApiError: the first edition cannot be fetched.
            GiaytoError: the edition is not authentic.
        """
        self._clock = clock
        self._anchors = load_anchors(_file(anchor))
        self._fetcher = (
            BundleFetcher(
                refresh_from, clock=clock, transport=transport, path=LATEST_EDITION_PATH, max_bytes=MAX_TOKEN_BYTES
            )
            if refresh_from
            else None
        )
        source = None if edition is None else _file(edition)
        self._file = source if isinstance(source, Path) else None
        self._edition = self._first(source)

    @property
    def edition(self) -> CatalogueEdition:
        """The edition that answers."""
        return self._edition

    def may_ask(
        self, document: str, procedure: str | None = None, *, on: date | None = None, purpose: str | None = None
    ) -> MayAsk:
        """Answer whether a paper may be asked for.

        Args:
            document: code, such as `birth-certificate`, or vct.
            procedure: code, such as `1.000894`; None asks for no procedure in particular.
            on: the day; by default today in Vietnam.
            purpose: code of one of the document's purposes.

        Raises:
            DocumentNotCataloguedError: this edition does not know the document.
            ProcedureCodeError: the procedure's code is not one.
        """
        day = on or self._clock().astimezone(_VIETNAM).date()
        return may_ask(self._edition, document, on=day, procedure=procedure, purpose=purpose)

    def changes_since(self, older: "Catalogue | CatalogueEdition") -> EditionDifference:
        """Tell what this edition adds, removes and changes against an older one."""
        return difference(older.edition if isinstance(older, Catalogue) else older, self._edition)

    def refresh(self) -> bool:
        """Fetch the newest edition if there is a newer one; whether there was.

        Raises:
            EditionRolledBackError: an older one was offered; the one at hand is kept.
            GiaytoError: it cannot be fetched, is not authentic, or cannot be kept.
        """
        if self._fetcher is None:
            raise ConfigurationError("refresh: this catalogue was given no address to refresh from")
        token = self._fetcher.fetch()
        if token is None:
            return False
        try:
            offered = self._verified(token)
            if offered.rank < self._edition.rank:
                raise EditionRolledBackError(
                    "catalogue: older than the edition at hand", known=self._edition.edition_id
                )
            is_newer = offered.rank > self._edition.rank
            self._edition = offered
            self._keep(token)
        except Exception:
            # What came cannot be used: do not ask only for what differs from it.
            self._fetcher.forget_etag()
            raise
        return is_newer

    def close(self) -> None:
        """Close the connection."""
        if self._fetcher is not None:
            self._fetcher.close()

    def _first(self, source: Path | bytes | None) -> CatalogueEdition:
        absent = source is None or (isinstance(source, Path) and not source.exists())
        if source is not None and not (absent and self._fetcher is not None):
            return self._verified(content_of(source, MAX_TOKEN_BYTES, "catalogue").decode("latin-1").rstrip("\n"))
        if self._fetcher is None:
            raise ConfigurationError("catalogue: give an edition, or an address to fetch it from")
        token = self._fetcher.fetch()
        if token is None:
            raise ProtocolError("catalogue: the server says that it has not changed, but there was none before")
        edition = self._verified(token)
        self._keep(token)
        return edition

    def _verified(self, token: str) -> CatalogueEdition:
        return verify_edition(token, self._anchors, self._clock())

    def _keep(self, token: str) -> None:
        if self._file is None:
            return
        try:
            write_atomically(self._file, token.encode("ascii"))
        except OSError as error:
            raise ConfigurationError(f"catalogue: {self._file.name} cannot be written ({error.strerror})") from error


def _file(source: FileOrContent) -> Path | bytes:
    return source if isinstance(source, bytes) else Path(source)
