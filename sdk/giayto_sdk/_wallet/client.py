"""`WalletClient`: what a citizen's phone does."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final, Self

import httpx2
import msgspec

from giayto_crypto import jws
from giayto_crypto.keys import LocalSigner
from giayto_crypto.sdjwt import IN_PERSON_AUDIENCE, ClaimPath, UnverifiedSdJwt
from giayto_issuers.document_type.loading import load_types
from giayto_issuers.document_type.model import DocumentTypes
from giayto_sdk._checking.bundles import load_anchors
from giayto_sdk._clock import Clock, system_clock
from giayto_sdk._http.authorised import AccessToken, AuthorisedClient
from giayto_sdk._http.client import HttpClient, is_this_machine
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._http.messages import Request, list_member, read_object, text_member
from giayto_sdk._http.outside import OutsideClient
from giayto_sdk._wallet.answering import AnswerOutcome, Decide, RequestAnswerer
from giayto_sdk._wallet.answering_history import HistoryEntry
from giayto_sdk._wallet.answers import (
    HolderKey,
    RefusalReport,
    WalletChange,
    WalletDevice,
    WalletDocument,
    WalletDocumentDetail,
    WalletPreparation,
    next_cursor,
    read_answer,
)
from giayto_sdk._wallet.authentication import Authenticator, BrowserAuthenticator, SandboxAuthenticator
from giayto_sdk._wallet.issuance_client import WalletIssuance
from giayto_sdk._wallet.key_store import Device, KeyStore
from giayto_sdk._wallet.login import Login
from giayto_sdk._wallet.presentation import Presentation, make_presentation
from giayto_sdk.config import WalletConfig, load_wallet_config
from giayto_sdk.errors import ConfigurationError, KeyStoreError

DEFAULT_HOLDER_KEYS: Final = 20
"""Unused holder keys that a wallet keeps registered: each pushed document takes one."""
_KEY_PROOF_TYPE: Final = "giayto-holder-key+jwt"
_API: Final = "/wallet/v1"
_NONCE_BYTES: Final = 16
_PROOFS_AT_ONCE: Final = 50
_EVENT_STREAM: Final = "text/event-stream"
_CONFIRMED: Final = "confirmed"


class WalletClient:
    """One wallet on this machine: its keys are in a key store, its documents come from the wallet backend.

    with WalletClient.from_file("wallet.toml") as wallet:
        wallet.log_in()
        for document in wallet.inbox():
            wallet.confirm(document.document_id)
        presentation = wallet.present(document_id, [("full_name",)])
    """

    def __init__(
        self,
        config: WalletConfig,
        *,
        document_types: DocumentTypes | None = None,
        clock: Clock = system_clock,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Prepare everything; nothing is sent yet.

        Args:
            config: see `giayto_sdk.config`.
            document_types: what the wallet knows of documents; by default those of giayto and of `config.types_folder`.
            clock: the time of proofs and presentations.
            transport: in place of the network, for tests.
        """
        self._config = config
        self._clock = clock
        self._store = KeyStore(config.key_store_folder)
        self._types = document_types or load_types(config.types_folder)
        self._http = HttpClient(config.base_url, clock=clock, transport=transport)
        self._provider = HttpClient(config.identity_provider, clock=clock, transport=transport)
        self._transport = transport
        self._authorised: AuthorisedClient | None = None

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read the configuration of a wallet; ConfigurationError says what is wrong with it."""
        return cls(load_wallet_config(Path(path)))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
        self._provider.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def log_in(self, authenticator: Authenticator | None = None, *, holder_kind: str = "person") -> None:
        """Log the citizen in, enrol this machine as a device with a new key, and register holder keys.

        Args:
            authenticator: by default the citizen logs in with the browser of this machine.
            holder_kind: `person` or `organisation`.

        Raises:
            LoginError: the identity provider refused, or nobody logged in.
            GiaytoError: the backend cannot be reached or refuses the enrolment.
        """
        device_key = LocalSigner.generate()
        id_token = self._id_token(authenticator or BrowserAuthenticator(), device_key)
        self._enrol(id_token, device_key, holder_kind)
        self.replenish_holder_keys()

    def log_in_at_sandbox(self, identifier: str, *, holder_kind: str = "person") -> None:
        """Log in as a generated person or organisation of the sandbox, by personal number or tax code."""
        self.log_in(SandboxAuthenticator(self._provider, identifier), holder_kind=holder_kind)

    @property
    def is_enrolled(self) -> bool:
        """Whether this machine has been enrolled as a device."""
        return self._store.device() is not None

    def replenish_holder_keys(self, wanted: int = DEFAULT_HOLDER_KEYS) -> int:
        """Make and register holder keys until the backend has that many unused ones; how many were made."""
        missing = wanted - sum(1 for key in self.holder_keys() if key.credential_count == 0)
        for first in range(0, missing, _PROOFS_AT_ONCE):
            self.register_holder_keys([LocalSigner.generate() for _ in range(min(_PROOFS_AT_ONCE, missing - first))])
        return max(0, missing)

    def holder_keys(self) -> list[HolderKey]:
        """Return this device's registered holder keys."""
        return [read_answer(item, HolderKey) for item in self._pages(f"{_API}/holder-keys")]

    def inbox(self) -> Iterator[WalletDocument]:
        """Return the documents that await the citizen's confirmation."""
        return (read_answer(item, WalletDocument) for item in self._pages(f"{_API}/inbox"))

    def preparing(self) -> list[WalletPreparation]:
        """Return the documents that agencies are preparing for this device; an event tells when one is here."""
        page = self._client().get(f"{_API}/inbox", {"limit": "1"}).json()
        return [read_answer(item, WalletPreparation) for item in list_member(page, "preparing")]

    def documents(self) -> Iterator[WalletDocument]:
        """Return the documents of the wallet."""
        return (read_answer(item, WalletDocument) for item in self._pages(f"{_API}/documents"))

    def document(self, document_id: str) -> WalletDocumentDetail:
        """Return a document with its claims, and keep it for presentations without network.

        Raises:
            NotFoundError: this wallet has no such document.
        """
        members = self._client().get(f"{_API}/documents/{document_id}").json()
        detail = read_answer(members, WalletDocumentDetail)
        self._store.save_document(document_id, members)
        return detail

    def confirm(self, document_id: str) -> None:
        """Accept a document of the inbox, and keep it for presentations without network."""
        self._client().post(f"{_API}/documents/{document_id}/confirm", {})
        self.document(document_id)
        self.replenish_holder_keys()

    def decline(self, document_id: str, reason: str) -> None:
        """Refuse a document of the inbox; the reason reaches the agency."""
        self._client().post(f"{_API}/documents/{document_id}/decline", {"reason": reason})
        self._store.forget_document(document_id)

    @property
    def issuance(self) -> WalletIssuance:
        """Fetching documents that agencies have deposited: offers, copies, topping up (OpenID4VCI 1.0)."""
        return WalletIssuance(
            http=self._http,
            client=self._client(),
            clock=self._clock,
            store=self._store,
            client_id=self._config.client_id,
            holder=self,
        )

    def changes(self, after: int = 0) -> Iterator[WalletChange]:
        """Return what happened in the wallet, oldest first.

        Args:
            after: `sequence` of the last change that is known; 0: everything.
        """
        return (read_answer(item, WalletChange) for item in self._pages(f"{_API}/changes", str(after)))

    def events(self, after: int | None = None) -> Iterator[WalletChange]:
        """Yield what happens in the wallet as it happens, until the server ends the stream.

        It ends at the latest with the session, after some minutes; go on after the last change's `sequence`.

        Args:
            after: `sequence` of the last change that is known; None: only what happens from now on.
        """
        headers = {"Accept": _EVENT_STREAM} | ({} if after is None else {"Last-Event-ID": str(after)})
        with self._client().stream(Request("GET", f"{_API}/events", headers=headers)) as response:
            for event in httpx2.EventSource(response):
                # An event without data only says that the stream is alive (HTML §9.2.6).
                if event.data:
                    yield read_answer(read_object(event.data.encode("utf-8")), WalletChange)

    def report_refusal(
        self,
        document: str,
        *,
        verifier_name: str,
        asked_on: date,
        text: str,
        verifier_id: str | None = None,
        procedure: str | None = None,
    ) -> RefusalReport:
        """Report that somebody asked for a paper although nobody may.

        Args:
            document: code, such as `birth-certificate`, or vct.
            verifier_name: who asked, in the citizen's words; only this wallet reads it again.
            asked_on: the day, in Vietnam.
            text: what happened; only this wallet reads it again.
            verifier_id: identifier of a registered verifier, or its domain; counted in public from five citizens on.
            procedure: code, such as `1.000894`.

        Raises:
            ConflictError: on that day the paper could still be asked for.
            NotFoundError: the catalogue has no such document.
        """
        body = {
            "document": document,
            "verifier_name": verifier_name,
            "asked_on": asked_on.isoformat(),
            "text": text,
            "verifier_id": verifier_id,
            "procedure": procedure,
        }
        return read_answer(self._client().post(f"{_API}/refusal-reports", body).json(), RefusalReport)

    def refusal_reports(self) -> Iterator[RefusalReport]:
        """Return what this wallet reported, newest first."""
        return (read_answer(item, RefusalReport) for item in self._pages(f"{_API}/refusal-reports"))

    def devices(self) -> list[WalletDevice]:
        """Return all devices of the wallet."""
        return [read_answer(item, WalletDevice) for item in self._pages(f"{_API}/devices")]

    def remove_device(self, device_id: str) -> None:
        """Remove a device: its sessions, holder keys and copies end at once."""
        self._client().call("DELETE", f"{_API}/devices/{device_id}")

    def present(
        self,
        document_id: str,
        claims: Iterable[ClaimPath],
        *,
        audience: str = IN_PERSON_AUDIENCE,
        challenge: str | None = None,
    ) -> Presentation:
        """Show chosen claims of a document, now. Needs no network once the document has been fetched.

        Claims that the document type always shows come along: without them a verifier would refuse.

        Args:
            document_id: of a document in this wallet.
            claims: paths of what to reveal, such as `("full_name",)` or `("visits", 0, "diagnosis")`.
            audience: the verifier, when it has named itself.
            challenge: what the verifier's screen shows; a random nonce otherwise.

        Raises:
            ClaimNotHeldError: a path leads to nothing in this document.
            QrTooLargeError: too much for one QR; the detail names what takes most space.
            KeyStoreError: this device holds no copy of the document.
        """
        detail = self._held_document(document_id)
        copy = detail.credentials[0]
        holder = self._store.holder_key(copy.key_thumbprint)
        # Counted before it is shown: two verifiers that see one copy can tell that it is the same holder.
        self._store.note_use(copy.key_thumbprint)
        return make_presentation(
            UnverifiedSdJwt.parse_issued(copy.credential),
            [*claims, *self._always_shown(detail.document_type)],
            holder=holder,
            audience=audience,
            nonce=challenge or token_urlsafe(_NONCE_BYTES),
            now=self._clock(),
        )

    def answer(self, link: str, decide: Decide) -> AnswerOutcome:
        """Answer a verifier's presentation request (OpenID4VP 1.0).

        Args:
            link: text of the QR, or the link that was followed: `openid4vp://…`.
            decide: shows the holder who asks, what for and what would be shown; nothing is sent without its consent.

        Returns:
            How it ended, and where the holder's browser goes on.

        Raises:
            ConfigurationError: this wallet has no `anchor_file`.
            RequestRefusedError: the request does not hold, or the wallet has nothing that answers it.
            ForeignAddressError: an address in it must not be called.
            AnswerNotAcceptedError: the verifier did not take the answer.
        """
        if self._config.anchor_file is None:
            raise ConfigurationError("wallet: anchor_file is needed to answer requests")
        outside = OutsideClient(sandbox=is_this_machine(self._config.base_url), transport=self._transport)
        answerer = RequestAnswerer(
            anchors=load_anchors(self._config.anchor_file),
            outside=outside,
            store=self._store,
            documents=self._presentable_documents,
            clock=self._clock,
        )
        try:
            return answerer.answer(link, decide)
        finally:
            outside.close()

    def history(self) -> list[HistoryEntry]:
        """Return what was shown to whom, oldest first. Only this device knows it."""
        return self._store.history()

    def _presentable_documents(self) -> Iterator[WalletDocumentDetail]:
        """Yield the confirmed documents of which this device holds copies."""
        for document in list(self.documents()):
            if document.state == _CONFIRMED:
                try:
                    yield self._held_document(document.document_id)
                except KeyStoreError:
                    continue

    def _id_token(self, authenticator: Authenticator, device_key: LocalSigner) -> str:
        login = Login(self._provider, self._config.client_id)
        with authenticator.ready() as (redirect_uri, answer):
            attempt = login.begin(redirect_uri, nonce=device_key.public_key.thumbprint)
            return login.finish(attempt, answer(attempt.url))

    def _enrol(self, id_token: str, device_key: LocalSigner, holder_kind: str) -> None:
        body = {
            "id_token": id_token,
            "device": {"name": self._config.device_name, "platform": "other"},
            "holder_kind": holder_kind,
        }
        dpop = DpopProver(device_key, self._clock)
        # An ID token enrols one device once: after a lost answer the citizen logs in again.
        request = Request("POST", f"{_API}/enrolments", json=body)
        answer = self._http.send(lambda: request, repeatable=False, dpop=dpop)
        members = answer.json()
        device = Device(text_member(members, "wallet_id"), text_member(members, "device_id"), device_key)
        self._store.save_device(device)
        self._authorised = AuthorisedClient(self._http, dpop, lambda: self._open_session(device, dpop))
        self._authorised.adopt(AccessToken.from_answer(answer, self._clock()))

    def _client(self) -> AuthorisedClient:
        if self._authorised is None:
            device = self._store.device()
            if device is None:
                raise KeyStoreError("key store: this wallet has not been logged in yet; log in first")
            dpop = DpopProver(device.key, self._clock)
            self._authorised = AuthorisedClient(self._http, dpop, lambda: self._open_session(device, dpop))
        return self._authorised

    def _open_session(self, device: Device, dpop: DpopProver) -> AccessToken:
        request = Request("POST", f"{_API}/sessions", json={"device_id": device.device_id})
        answer = self._http.send(lambda: request, repeatable=True, dpop=dpop)
        return AccessToken.from_answer(answer, self._clock())

    def register_holder_keys(self, keys: Sequence[LocalSigner]) -> None:
        """Keep new holder keys and register them at the backend, with proofs that this device holds them."""
        nonce = text_member(self._client().post(f"{_API}/nonces", {}).json(), "nonce")
        claims = {"aud": self._http.base_url, "iat": int(self._clock().timestamp()), "nonce": nonce}
        proofs = []
        for key in keys:
            # Kept before it is registered: a credential for a key that was lost could never be shown.
            self._store.add_holder_key(key)
            header = {"jwk": key.public_key.jwk}
            proofs.append(jws.sign(claims, signer=key, typ=_KEY_PROOF_TYPE, header=header))
        self._client().post(f"{_API}/holder-keys", {"proofs": proofs})

    def _pages(self, path: str, cursor: str | None = None) -> Iterator[Any]:
        while True:
            page = self._client().get(path, {"cursor": cursor} if cursor else {}).json()
            yield from list_member(page, "items")
            cursor = next_cursor(page)
            if cursor is None:
                return

    def _held_document(self, document_id: str) -> WalletDocumentDetail:
        kept = self._store.document(document_id)
        detail = None if kept is None else read_answer(kept, WalletDocumentDetail)
        if detail is None or not detail.credentials:
            detail = self.document(document_id)
        if not detail.credentials and detail.being_prepared:
            raise KeyStoreError("key store: a copy of the document is being prepared for this device; try again later")
        if not detail.credentials:
            raise KeyStoreError("key store: this device holds no copy of the document; confirm it first")
        # The least used copy comes first, and is the one that is shown.
        uses = self._store.copy_uses()
        copies = sorted(detail.credentials, key=lambda copy: uses.get(copy.key_thumbprint, 0))
        return msgspec.structs.replace(detail, credentials=tuple(copies))

    def _always_shown(self, document_type: str) -> list[ClaimPath]:
        known = self._types.find(document_type)
        return [] if known is None else [(name,) for name in known.required_claims]
