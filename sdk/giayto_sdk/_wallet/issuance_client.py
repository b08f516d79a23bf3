"""`WalletClient.issuance`: documents that are fetched instead of pushed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from giayto_crypto.keys import LocalSigner
from giayto_sdk._clock import Clock
from giayto_sdk._http.authorised import AuthorisedClient
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.messages import list_member, text_member
from giayto_sdk._wallet.answers import HolderKey, WalletDocument, WalletDocumentDetail, read_answer
from giayto_sdk._wallet.authentication import Authenticator, BrowserAuthenticator
from giayto_sdk._wallet.issuance import DEFAULT_COPIES, DEFAULT_PATIENCE
from giayto_sdk._wallet.issuance_desk import IssuanceDesk
from giayto_sdk._wallet.issuance_offers import CredentialOffer, OfferedDocument
from giayto_sdk._wallet.key_store import KeyStore
from giayto_sdk.errors import ProtocolError

_OFFERS = "/wallet/v1/credential-offers"


class Holder(Protocol):
    """What issuance needs of the wallet."""

    def holder_keys(self) -> list[HolderKey]: ...

    def register_holder_keys(self, keys: Sequence[LocalSigner]) -> None: ...

    def replenish_holder_keys(self) -> int: ...

    def documents(self) -> Iterator[WalletDocument]: ...

    def document(self, document_id: str) -> WalletDocumentDetail: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletIssuance:
    """Offers, and copies that are used once each. `WalletClient.issuance` makes it."""

    http: HttpClient = field(repr=False)
    client: AuthorisedClient = field(repr=False)
    clock: Clock
    store: KeyStore = field(repr=False)
    client_id: str
    holder: Holder = field(repr=False)
    patience: float = DEFAULT_PATIENCE

    def offers(self) -> list[OfferedDocument]:
        """Return the documents that agencies have deposited for this citizen, to be fetched."""
        return [read_answer(item, OfferedDocument) for item in list_member(self.client.get(_OFFERS).json(), "items")]

    def fetch(self, document_id: str, *, copies: int = DEFAULT_COPIES) -> WalletDocumentDetail:
        """Fetch a document that an agency has deposited for this citizen, in several copies to be used once each.

        Raises:
            NotFoundError: nothing of this kind waits for this wallet.
            CredentialPendingError: it is not signed yet.
        """
        opened = self.client.post(f"{_OFFERS}/{document_id}", {}).json()
        return self.accept_offer(text_member(opened, "by_value"), copies=copies)

    def resolve_offer(self, link: str) -> CredentialOffer:
        """Read a credential offer, from the text of its QR or its link. One by reference answers once.

        Raises:
            CredentialOfferError: not an offer of this wallet's backend.
            NotFoundError: it was fetched before, or has expired.
        """
        return self._desk().resolve(link)

    def accept_offer(
        self, offer: str | CredentialOffer, *, tx_code: str | None = None, copies: int = DEFAULT_COPIES
    ) -> WalletDocumentDetail:
        """Fetch what is offered, in several copies to be used once each (OpenID4VCI 1.0 §3.5).

        Args:
            offer: text of the QR, the link, or what `resolve_offer` returned.
            tx_code: the code that came another way, where the offer needs one.
            copies: how many, up to what the issuer gives at once.

        Raises:
            CredentialOfferError: not an offer of this wallet's backend, or its code is missing.
            RefusedError: the code is wrong, used or expired (`invalid_grant`).
            CredentialPendingError: the document is not signed yet.
        """
        resolved = self.resolve_offer(offer) if isinstance(offer, str) else offer
        return self._fetched(self._desk().accept(resolved, tx_code, copies))

    def fetch_by_login(
        self, configuration_id: str, authenticator: Authenticator | None = None, *, copies: int = DEFAULT_COPIES
    ) -> WalletDocumentDetail:
        """Fetch a deposited document of a type, such as `referral.1`, after a login in the browser (§3.4).

        Raises:
            LoginError: refused, or no such document waits for this citizen.
        """
        return self._fetched(self._desk().log_in(configuration_id, authenticator or BrowserAuthenticator(), copies))

    def unused_copies(self, document_id: str) -> int:
        """Return how many copies of a document this device holds that nobody has seen."""
        uses = self.store.copy_uses()
        copies = self.holder.document(document_id).credentials
        return sum(1 for copy in copies if copy.key_thumbprint not in uses)

    def top_up(self, document_id: str, wanted: int = DEFAULT_COPIES) -> int:
        """Fetch copies of a fetched document until so many are unused; how many were fetched.

        Raises:
            KeyStoreError: this device did not fetch the document.
            RefusedError: the issuer wants a new offer (`invalid_grant`): fetch the document again.
        """
        before = self.unused_copies(document_id)
        if before >= wanted:
            return 0
        self._desk().top_up(document_id, wanted - before)
        self._fetched(document_id)
        return self.unused_copies(document_id) - before

    def _desk(self) -> IssuanceDesk:
        return IssuanceDesk(
            http=self.http,
            clock=self.clock,
            store=self.store,
            client_id=self.client_id,
            fresh_keys=self._fresh_keys,
            new_keys=self._new_keys,
            find_document=self._document_with_keys,
            patience=self.patience,
        )

    def _fetched(self, document_id: str) -> WalletDocumentDetail:
        detail = self.holder.document(document_id)
        self.holder.replenish_holder_keys()
        return detail

    def _fresh_keys(self, count: int) -> list[LocalSigner]:
        """Return registered holder keys that no copy is bound to; new ones where there are too few."""
        held = set(self.store.holder_key_thumbprints())
        unused = [key.key_thumbprint for key in self.holder.holder_keys() if key.credential_count == 0]
        keys = [self.store.holder_key(each) for each in unused if each in held][:count]
        return [*keys, *self._new_keys(count - len(keys))]

    def _new_keys(self, count: int) -> list[LocalSigner]:
        made = [LocalSigner.generate() for _ in range(count)]
        if made:
            self.holder.register_holder_keys(made)
        return made

    def _document_with_keys(self, thumbprints: Sequence[str]) -> str:
        for document in self.holder.documents():
            copies = self.holder.document(document.document_id).credentials
            if any(copy.key_thumbprint in thumbprints for copy in copies):
                return document.document_id
        raise ProtocolError("issuance: the backend does not know the document that it has just issued")
