"""A bank with an endpoint of its own, over real HTTP, and giayto's wallet with some documents."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from giayto_crypto import certificates, jws
from giayto_crypto.certified_jws import sign_certified
from giayto_crypto.keys import LocalSigner
from giayto_crypto.localised import Localised
from giayto_crypto.sdjwt import UnverifiedSdJwt
from giayto_crypto.verifier_registration import VerifierRegistration, sign_registration
from giayto_sdk import Verifier
from giayto_sdk._http.outside import OutsideClient
from giayto_sdk._requesting.own import HttpReply, PresentationRequests
from giayto_sdk._wallet.answering import AnswerOutcome, Consent, PresentationRequestShown, RequestAnswerer
from giayto_sdk._wallet.answers import Copy, WalletDocumentDetail
from giayto_sdk._wallet.key_store import KeyStore
from giayto_verifiers import Policy
from giayto_verifiers.requests import Purpose, VerifierIdentity
from openid4vp.answering import RequestSeen
from trust_scheme import NOW, Scheme
from trust_scheme.pki import Certified
from trust_scheme.scheme import SHOWN, VCT

PURPOSE = Purpose(code="NGAN_HANG", vi="Mở tài khoản", en="Open an account")
Handle = Callable[[str, str, bytes], HttpReply]


@dataclass
class Server:
    """A web server on this machine that hands everything to one function."""

    handle: Handle = field(default=lambda _method, _path, _body: HttpReply(404, "text/plain", b""))
    port: int = 0
    posted: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/vp"


@dataclass
class Bank:
    """A verifier with its own endpoint."""

    scheme: Scheme
    certificate: Certified
    server: Server
    clock: Callable[[], datetime]
    by_name: bool = False
    requests: PresentationRequests = field(init=False)

    def __post_init__(self) -> None:
        signer, x5c = self.certificate.signer, self.certificate.x5c
        host = "localhost" if self.by_name else "127.0.0.1"
        self.identity = (
            VerifierIdentity.by_dns_name(signer, x5c, host) if self.by_name else VerifierIdentity.by_hash(signer, x5c)
        )
        verifier = Verifier(
            self.scheme.bundle_token().encode(), anchor=self.scheme.root.pem, policy=Policy(), clock=self.clock
        )
        self.requests = PresentationRequests(
            verifier,
            self.identity,
            base_url=self.server.url(host),
            registration=registration(self.scheme, self.identity.client_id),
            clock=self.clock,
        )
        self.server.handle = self.requests.handle


def registration(scheme: Scheme, client_id: str, **changes: Any) -> str:
    """What the operator says of the bank."""
    registrar = scheme.root.certify(certificates.VERIFIER_REGISTRATION)
    values: dict[str, Any] = {
        "iss": "https://wallet.example",
        "sub": client_id,
        "verifier_id": "bank-a",
        "names": Localised(vi="Ngân hàng A", en="Bank A"),
        "domains": ("bank-a.example",),
        "iat": int(NOW.timestamp()) - 60,
        "exp": int(NOW.timestamp()) + 3600,
    }
    return sign_registration(VerifierRegistration(**values | changes), signer=registrar.signer, x5c=registrar.x5c)


@dataclass
class Wallet:
    """Giayto's own wallet, with documents that need no backend."""

    store: KeyStore
    answerer: RequestAnswerer
    documents: list[WalletDocumentDetail]
    asked: list[PresentationRequestShown] = field(default_factory=list)

    def answer(self, link: str, *, consent: Consent | None = None) -> AnswerOutcome:
        def decide(shown: PresentationRequestShown) -> Consent:
            self.asked.append(shown)
            return consent or Consent(given=True)

        return self.answerer.answer(link, decide)


def make_wallet(scheme: Scheme, folder: Path, documents: list[WalletDocumentDetail]) -> Wallet:
    store = KeyStore(folder / "wallet")
    store.add_holder_key(scheme.holder)
    for key in COPY_KEYS:
        store.add_holder_key(key)
    answerer = RequestAnswerer(
        anchors=scheme.anchors,
        outside=OutsideClient(sandbox=True),
        store=store,
        documents=lambda: documents,
        clock=lambda: NOW,
    )
    return Wallet(store, answerer, documents)


COPY_KEYS = [LocalSigner.generate() for _ in range(3)]


def document(scheme: Scheme, *, copies: int = 1, document_id: str = "doc_1", **changes: Any) -> WalletDocumentDetail:
    """A confirmed document with copies for different keys."""
    made = []
    for key in COPY_KEYS[:copies]:
        credential = scheme.credential(holder_key=key.public_key, **changes)
        made.append(Copy(key_thumbprint=key.public_key.thumbprint, credential=credential))
    vct = UnverifiedSdJwt.parse_issued(made[0].credential).jws.unverified_payload()["vct"]
    return WalletDocumentDetail(
        document_id=document_id,
        version=1,
        document_type=vct,
        agency_id="G18",
        state="confirmed",
        state_since=NOW,
        valid_from=NOW,
        valid_until=NOW,
        delivered_at=NOW,
        claims={},
        credentials=tuple(made),
    )


@dataclass
class Forger:
    """A verifier that serves whatever a test puts into its request object."""

    scheme: Scheme
    certificate: Certified
    server: Server
    seen: RequestSeen
    path: str
    link: str

    def serve(
        self,
        *,
        by: Certified | None = None,
        typ: str = "oauth-authz-req+jwt",
        without: tuple[str, ...] = (),
        token: Callable[[str], str] = lambda token: token,
        content_type: str = "application/oauth-authz-req+jwt",
        **changes: Any,
    ) -> None:
        """Serve the request with changes; posts to the response URI are answered with an empty object."""
        claims = {name: value for name, value in (self.seen.claims | changes).items() if name not in without}
        by = by or self.certificate

        def handle(method: str, path: str, body: bytes) -> HttpReply:
            if path != self.path:
                return HttpReply(200, "application/json", b"{}")
            form = dict(parse_qsl(body.decode()))
            nonce = {"wallet_nonce": form["wallet_nonce"]} if "wallet_nonce" in form else {}
            signed = sign_certified({**nonce, **claims}, typ=typ, signer=by.signer, x5c=by.x5c)
            return HttpReply(200, content_type, token(signed).encode())

        self.server.handle = handle

    def answers(self) -> list[dict[str, str]]:
        """What the wallet posted to the response URI."""
        return [form for path, form in self.server.posted if path.endswith("/response")]


@contextmanager
def asking(bank: Bank, **changes: Any) -> Iterator[tuple[Any, RequestSeen]]:
    """Open a request, and look at its object as it is served."""
    values: dict[str, Any] = {"document_type": VCT, "claims": SHOWN, "purpose": PURPOSE}
    opened = bank.requests.open(**{k: v for k, v in (values | changes).items() if v is not None})
    reply = bank.requests.handle("GET", f"/{opened.request_id}/object")
    parsed = jws.parse(reply.body.decode(), typ="oauth-authz-req+jwt")
    yield opened, RequestSeen(parsed.header, parsed.unverified_payload())
