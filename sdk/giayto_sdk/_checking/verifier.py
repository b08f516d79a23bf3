"""`Verifier`: what a bank, a notary or a one-stop desk checks presentations with."""

from datetime import timedelta
from os import PathLike
from pathlib import Path
from threading import Lock
from typing import Self

import httpx2

from giayto_crypto.bundle import VerifierBundle
from giayto_sdk._checking.bundles import BundleFetcher, BundleShelf, load_anchors
from giayto_sdk._checking.refresher import Refresher
from giayto_sdk._clock import Clock, system_clock
from giayto_sdk._pictures.reading import read_qr
from giayto_verifiers import InMemoryReplayGuard, Policy, ReplayGuard, Verdict
from giayto_verifiers import Verifier as Checks

FileOrContent = str | PathLike[str] | bytes
"""A path, or the content of the file."""


class Verifier:
    """Checks what a holder shows, with no network, against a bundle that may be refreshed meanwhile.

        verifier = Verifier("bundle.jwt", anchor="root.pem", policy=Policy())
        match verifier.verify(qr_text):
            case Valid(presentation=presentation): ...   # the only place where claims are to be had
            case Invalid(reasons=reasons): ...
            case Unknown(reasons=reasons): ...           # cannot tell: refresh and check again

    Safe for threads. A presentation is accepted once: the replay guard cannot be switched off, only shared.
    """

    def __init__(
        self,
        bundle: FileOrContent | None,
        *,
        anchor: FileOrContent,
        policy: Policy,
        refresh_from: str | None = None,
        refresh_every: timedelta | None = None,
        replay_guard: ReplayGuard | None = None,
        clock: Clock = system_clock,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Read the bundle, or fetch a first one.

        Args:
            bundle: path of the file that the wallet backend serves, or its content. With `refresh_from` the file
                need not be there yet and is kept up to date; None keeps what is fetched in memory only.
            anchor: pinned root certificates in PEM; they come from somewhere trusted, never with the bundle.
            policy: this verifier's demands.
            refresh_from: URL of the bundle, or base URL of the wallet backend; None: there is no network.
            refresh_every: a thread of its own asks for a newer bundle at this interval; None: only `refresh` does.
            replay_guard: remembers accepted presentations; by default in the memory of this process.
            clock: the time of each check.
            transport: in place of the network, for tests.

        Raises:
            ConfigurationError: a file cannot be read, or there is neither a bundle nor a place to fetch it from.
            NetworkError, ApiError: the first bundle cannot be fetched.
            GiaytoError: the bundle is not authentic.
        """
        self._clock = clock
        fetcher = BundleFetcher(refresh_from, clock=clock, transport=transport) if refresh_from else None
        self._shelf = BundleShelf(load_anchors(_file(anchor)), clock=clock, fetcher=fetcher)
        first = self._shelf.open(None if bundle is None else _file(bundle))
        # Replaced as a whole when a bundle comes: a check that has begun ends with the bundle it began with.
        self._checks = Checks(first, policy=policy, replay_guard=replay_guard or InMemoryReplayGuard())
        self._refreshing = Lock()
        self._refresher = None if refresh_every is None else Refresher(self.refresh, refresh_every)

    @property
    def bundle(self) -> VerifierBundle:
        """The bundle that checks are made against at this moment."""
        return self._checks.bundle

    def verify(self, presentation: str, *, challenge: str | None = None) -> Verdict:
        """Check what a holder shows.

        Args:
            presentation: the text of a QR (`GT1:…`), or a standard SD-JWT VC presentation with key binding.
            challenge: what this verifier showed the holder to sign, if anything.

        Raises:
            ChallengeNeededError: the policy demands a challenge, and none was given.
        """
        return self._checks.verify(presentation, now=self._clock(), challenge=challenge)

    def verify_picture(self, picture: FileOrContent, *, challenge: str | None = None) -> Verdict:
        """Check the QR in a PNG or JPEG picture.

        Args:
            picture: path, or content of the file.
            challenge: as for `verify`.

        Raises:
            PictureError: no picture, or not exactly one QR in it: nothing was checked.
        """
        return self.verify(read_qr(_file(picture)), challenge=challenge)

    def verify_printed_copy(self, presentation: str) -> Verdict:
        """Check a printed copy, which anybody may carry: it proves what was issued, not who presents it."""
        return self._checks.verify_printed_copy(presentation, now=self._clock())

    def refresh(self) -> bool:
        """Fetch the newest bundle, if there is a newer one; whether there was.

        Raises:
            ConfigurationError: this verifier has no `refresh_from`, or the bundle's file cannot be written.
            BundleRolledBackError, TrustListRolledBackError: the server offers an older bundle, or one with an older
                trust list, than the one at hand, which stays in use.
            GiaytoError: the server cannot be reached, or its bundle is not acceptable.
        """
        with self._refreshing:
            bundle = self._shelf.refresh()
            if bundle is None:
                return False
            self._checks = self._checks.with_bundle(bundle)
            return True

    def close(self) -> None:
        """Stop refreshing; the bundle at hand can still be used."""
        if self._refresher is not None:
            self._refresher.stop()
        self._shelf.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _file(source: FileOrContent) -> Path | bytes:
    return source if isinstance(source, bytes) else Path(source)
