"""`Verifier`: bundles from disk and from a server, never an older one, and a guard that cannot be switched off."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import httpx2
import pytest
import stamina

from giayto_crypto import qr
from giayto_crypto.bundle import BundleExpiredError, BundleRolledBackError
from giayto_crypto.errors import CertificateError, GiaytoError
from giayto_crypto.trust_list import TrustListRolledBackError
from giayto_sdk import Policy, Reason, Verifier
from giayto_sdk._pictures.drawing import draw_qr
from giayto_sdk.errors import ConfigurationError, NetworkError, PictureError
from trust_scheme import NOW, Authority, Scheme
from trust_scheme.scheme import STATUS_URI


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class BundleServer:
    """Serves one bundle with an ETag, as the wallet backend does."""

    token: str = ""
    etag: str = '"1"'
    down: bool = False
    asked: list[httpx2.Request] = field(default_factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        if self.down:
            raise httpx2.ConnectError("down")
        if request.headers.get("if-none-match") == self.etag:
            return httpx2.Response(304)
        return httpx2.Response(200, content=self.token.encode(), headers={"ETag": self.etag})

    def serve(self, token: str) -> None:
        self.token, self.etag = token, f'"{len(self.asked)}-{len(token)}-{hash(token)}"'


@pytest.fixture
def server(scheme: Scheme) -> BundleServer:
    return BundleServer(scheme.bundle_token(sequence=5))


def online(server: BundleServer, scheme: Scheme, bundle: Path | None, **more: object) -> Verifier:
    return Verifier(
        bundle,
        anchor=scheme.root.pem,
        policy=Policy(),
        refresh_from="https://wallet.example",
        clock=Clock(),
        transport=httpx2.MockTransport(server),
        **more,  # type: ignore[arg-type]
    )


def offline(scheme: Scheme, clock: Clock | None = None) -> Verifier:
    return Verifier(scheme.bundle_token().encode(), anchor=scheme.root.pem, policy=Policy(), clock=clock or Clock())


def test_files_and_their_contents_are_equally_good(scheme: Scheme, desk: Path) -> None:
    for bundle, anchor in (
        (desk / "bundle.jwt", desk / "root.pem"),
        (str(desk / "bundle.jwt"), str(desk / "root.pem")),
        ((desk / "bundle.jwt").read_bytes() + b"\n", scheme.root.pem),
    ):
        verifier = Verifier(bundle, anchor=anchor, policy=Policy(), clock=Clock())
        assert verifier.verify(scheme.presentation()).outcome == "valid"


def test_text_standard_string_and_picture_give_the_same_verdict(scheme: Scheme, desk: Path) -> None:
    text = qr.pack(scheme.presentation())
    (desk / "qr.png").write_bytes(draw_qr(text).png())
    assert offline(scheme).verify(text).outcome == "valid"
    assert offline(scheme).verify_picture(desk / "qr.png").outcome == "valid"
    assert offline(scheme).verify_picture((desk / "qr.png").read_bytes()).outcome == "valid"


def test_a_presentation_is_accepted_once(scheme: Scheme) -> None:
    verifier = offline(scheme)
    presentation = scheme.presentation()
    assert verifier.verify(presentation).outcome == "valid"
    assert verifier.verify(qr.pack(presentation)).reasons == (Reason.REPLAYED,)


def test_the_clock_decides(scheme: Scheme) -> None:
    clock = Clock(NOW + timedelta(minutes=2))
    assert offline(scheme, clock).verify(scheme.presentation()).reasons == (Reason.STALE,)


def test_what_is_not_a_picture_is_no_verdict(scheme: Scheme) -> None:
    with pytest.raises(PictureError):
        offline(scheme).verify_picture(b"no picture")


def test_a_bundle_of_another_root_is_refused(scheme: Scheme) -> None:
    with pytest.raises(CertificateError):
        Verifier(scheme.bundle_token().encode(), anchor=Authority.root().pem, policy=Policy(), clock=Clock())


@pytest.mark.parametrize("anchor", [b"", b"no certificate"])
def test_an_anchor_that_is_none_is_refused(scheme: Scheme, anchor: bytes) -> None:
    with pytest.raises(ConfigurationError):
        Verifier(scheme.bundle_token().encode(), anchor=anchor, policy=Policy())


def test_missing_files_are_named(scheme: Scheme, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.jwt"):
        Verifier(tmp_path / "absent.jwt", anchor=scheme.root.pem, policy=Policy())
    with pytest.raises(ConfigurationError, match=r"absent\.pem"):
        Verifier(scheme.bundle_token().encode(), anchor=tmp_path / "absent.pem", policy=Policy())


def test_without_bundle_and_address_there_is_no_verifier(scheme: Scheme) -> None:
    with pytest.raises(ConfigurationError):
        Verifier(None, anchor=scheme.root.pem, policy=Policy())


def test_a_verifier_without_address_does_not_refresh(scheme: Scheme) -> None:
    with pytest.raises(ConfigurationError):
        offline(scheme).refresh()


def test_the_first_bundle_is_fetched_and_kept(server: BundleServer, scheme: Scheme, tmp_path: Path) -> None:
    with online(server, scheme, tmp_path / "bundle.jwt") as verifier:
        assert verifier.bundle.sequence == 5
    assert (tmp_path / "bundle.jwt").read_text() == server.token
    assert str(server.asked[0].url) == "https://wallet.example/public/v1/bundle"
    server.down = True
    # A start without network: the bundle at hand is enough.
    with online(server, scheme, tmp_path / "bundle.jwt") as verifier:
        assert verifier.verify(scheme.presentation()).outcome == "valid"


def test_nothing_at_hand_and_no_network_is_an_error(server: BundleServer, scheme: Scheme) -> None:
    server.down = True
    with pytest.raises(NetworkError):
        online(server, scheme, None)


def test_a_newer_bundle_takes_effect_and_is_kept(server: BundleServer, scheme: Scheme, tmp_path: Path) -> None:
    file = tmp_path / "bundle.jwt"
    with online(server, scheme, file) as verifier:
        assert verifier.refresh() is False
        assert server.asked[-1].headers["if-none-match"] == '"1"'
        revoked = scheme.bundle_token(sequence=6, status_lists={STATUS_URI: scheme.status_list_token([(5, 1)])})
        server.serve(revoked)
        assert verifier.refresh() is True
        assert verifier.verify(scheme.presentation()).reasons == (Reason.REVOKED,)
    assert file.read_text() == revoked


def test_an_older_bundle_is_refused_and_the_newer_one_stays(
    server: BundleServer, scheme: Scheme, tmp_path: Path
) -> None:
    file = tmp_path / "bundle.jwt"
    with online(server, scheme, file) as verifier:
        kept = file.read_text()
        server.serve(scheme.bundle_token(sequence=4))
        with pytest.raises(BundleRolledBackError):
            verifier.refresh()
        assert verifier.bundle.sequence == 5
        assert file.read_text() == kept
    # The file remembers over restarts.
    with online(server, scheme, file) as verifier, pytest.raises(BundleRolledBackError):
        verifier.refresh()


def test_a_newer_bundle_cannot_bring_back_an_older_trust_list(
    server: BundleServer, scheme: Scheme, tmp_path: Path
) -> None:
    file = tmp_path / "bundle.jwt"
    with online(server, scheme, file) as verifier:
        kept = file.read_text()
        older = scheme.trust_list_token(scheme.trust_list(sequence=6))
        server.serve(scheme.bundle_token(sequence=6, trust_list=older))
        with pytest.raises(TrustListRolledBackError):
            verifier.refresh()
        assert verifier.bundle.trust_list.sequence == 7
        assert file.read_text() == kept


def test_a_forged_or_outdated_bundle_is_refused_and_asked_for_again(
    server: BundleServer, scheme: Scheme, tmp_path: Path
) -> None:
    with online(server, scheme, tmp_path / "bundle.jwt") as verifier:
        server.serve(Scheme().bundle_token(sequence=9))
        with pytest.raises(CertificateError):
            verifier.refresh()
        server.serve(scheme.bundle_token(sequence=9, expires_at=NOW - timedelta(minutes=1)))
        with pytest.raises(BundleExpiredError):
            verifier.refresh()
        with pytest.raises(GiaytoError):
            verifier.refresh()
        assert all("if-none-match" not in request.headers for request in server.asked[2:])
        assert verifier.bundle.sequence == 5


def test_the_guard_remembers_over_a_refresh(server: BundleServer, scheme: Scheme) -> None:
    with online(server, scheme, None) as verifier:
        presentation = scheme.presentation()
        assert verifier.verify(presentation).outcome == "valid"
        server.serve(scheme.bundle_token(sequence=6))
        assert verifier.refresh()
        assert verifier.verify(presentation).reasons == (Reason.REPLAYED,)


def test_a_thread_refreshes_and_survives_failures(server: BundleServer, scheme: Scheme) -> None:
    refreshed = Event()
    first = scheme.bundle_token(sequence=5)

    def flaky(request: httpx2.Request) -> httpx2.Response:
        answer = server(request)
        if len(server.asked) == 2:
            raise httpx2.ConnectError("down for a moment")
        if len(server.asked) == 4:
            refreshed.set()
        return answer

    server.token = first
    verifier = Verifier(
        None,
        anchor=scheme.root.pem,
        policy=Policy(),
        refresh_from="https://wallet.example/public/v1/bundle",
        refresh_every=timedelta(milliseconds=5),
        clock=Clock(),
        transport=httpx2.MockTransport(flaky),
    )
    with verifier:
        server.serve(scheme.bundle_token(sequence=6))
        assert refreshed.wait(10)
        assert verifier.bundle.sequence == 6
