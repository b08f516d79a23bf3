"""From an offer, a login or an earlier grant to copies in this wallet.

The wallet deals with one issuer: its own backend, where agencies deposit documents. Copies are bound to holder keys
that this device has registered there, so that the backend keeps the document like a pushed one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from giayto_crypto.keys import LocalSigner
from giayto_sdk._clock import Clock
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.messages import Request, text_member
from giayto_sdk._wallet.authentication import Authenticator
from giayto_sdk._wallet.issuance import DEFAULT_PATIENCE, CredentialFetcher, IssuerMetadata, well_known
from giayto_sdk._wallet.issuance_grants import IssuanceGrant, TokenEndpoint
from giayto_sdk._wallet.issuance_offers import CredentialOffer, resolve_offer
from giayto_sdk._wallet.key_store import KeyStore
from giayto_sdk.errors import CredentialOfferError, KeyStoreError, ProtocolError, RefusedError

_KEY_TAKEN = "invalid_proof"
FreshKeys = Callable[[int], Sequence[LocalSigner]]
"""Makes holder keys that no copy is bound to, and registers them."""
FindDocument = Callable[[Sequence[str]], str]
"""Finds the document that has copies for holder keys with these thumbprints."""


class _KeptGrant(msgspec.Struct, frozen=True):
    refresh_token: str
    key: str
    configuration_id: str
    client_id: str | None


@dataclass(frozen=True)
class IssuanceDesk:
    """Everything that fetching needs of a wallet.

    Attributes:
        http: speaks to the backend.
        clock: the time of proofs.
        store: keeps what is needed to come back for more copies.
        client_id: of this wallet, for logins.
        fresh_keys: see `FreshKeys`; those that were registered in advance come first.
        new_keys: the same, but made this very moment.
        find_document: see `FindDocument`.
        patience: seconds to wait for copies that are not signed at once.
    """

    http: HttpClient
    clock: Clock
    store: KeyStore
    client_id: str
    fresh_keys: FreshKeys
    new_keys: FreshKeys
    find_document: FindDocument
    patience: float = DEFAULT_PATIENCE

    @cached_property
    def metadata(self) -> IssuerMetadata:
        """The issuer's metadata, read once."""
        return IssuerMetadata.fetch(self.http)

    @cached_property
    def tokens(self) -> TokenEndpoint:
        """The token endpoint of its authorization server."""
        found = self.http.send(
            lambda: Request("GET", well_known(self.http, "oauth-authorization-server")), repeatable=True
        ).json()
        if found.get("issuer") != self.http.base_url:
            raise ProtocolError("authorization server metadata: they are of another server")
        return TokenEndpoint(self.http, self.clock, found, self.client_id)

    def resolve(self, link: str) -> CredentialOffer:
        """Read an offer; see `resolve_offer`."""
        return resolve_offer(link, self.http)

    def accept(self, offer: CredentialOffer, tx_code: str | None, copies: int) -> str:
        """Fetch what is offered and return the document's identifier.

        Raises:
            CredentialOfferError: the offer has no code, or its transaction code is missing or not wanted.
        """
        if offer.pre_authorized_code is None:
            raise CredentialOfferError("offer: it has no pre-authorized code; log in to fetch the document instead")
        if offer.needs_tx_code != (tx_code is not None):
            raise CredentialOfferError(
                "offer: the code that came another way is needed" if offer.needs_tx_code else "offer: it needs no code"
            )
        configuration_id = offer.configuration_ids[0]
        self.metadata.configuration(configuration_id)  # before the code is used up
        keys = self._keys(copies)
        grant = self.tokens.redeem_code(offer.pre_authorized_code, tx_code, configuration_id)
        return self._fetch(grant, configuration_id, keys, client_id=None)

    def log_in(self, configuration_id: str, authenticator: Authenticator, copies: int) -> str:
        """Fetch a document for which the citizen logs in, and return its identifier."""
        scope = text_member(self.metadata.configuration(configuration_id), "scope")
        keys = self._keys(copies)
        grant = self.tokens.log_in(scope, authenticator)
        return self._fetch(grant, configuration_id, keys, client_id=self.client_id)

    def top_up(self, document_id: str, copies: int) -> None:
        """Fetch more copies of a document that was fetched before.

        Raises:
            KeyStoreError: this device did not fetch it.
            RefusedError: the issuer wants a new offer or login.
        """
        members = self.store.grant(document_id)
        if members is None:
            raise KeyStoreError("key store: this device did not fetch the document; ask for an offer")
        kept = msgspec.convert(members, _KeptGrant)
        keys = self._keys(copies)
        grant = self.tokens.refresh(kept.refresh_token, LocalSigner.from_pem(kept.key.encode("ascii")))
        # Kept before anything else: the old refresh token is worth nothing any more.
        self._keep(document_id, grant, kept.configuration_id, kept.client_id)
        self._fetch(grant, kept.configuration_id, keys, client_id=kept.client_id)

    def _fetch(
        self, grant: IssuanceGrant, configuration_id: str, keys: Sequence[LocalSigner], *, client_id: str | None
    ) -> str:
        fetcher = CredentialFetcher(self.http, self.metadata, self.clock)
        try:
            fetcher.fetch(grant, configuration_id, keys, client_id=client_id, patience=self.patience)
        except RefusedError as error:
            if error.code != _KEY_TAKEN:
                raise
            # A key that a request proved before, though nothing came of it, is not taken again.
            keys = self.new_keys(len(keys))
            fetcher.fetch(grant, configuration_id, keys, client_id=client_id, patience=self.patience)
        document_id = self.find_document([key.public_key.thumbprint for key in keys])
        self._keep(document_id, grant, configuration_id, client_id)
        return document_id

    def _keep(self, document_id: str, grant: IssuanceGrant, configuration_id: str, client_id: str | None) -> None:
        kept = _KeptGrant(grant.refresh_token, grant.key.to_pem().decode("ascii"), configuration_id, client_id)
        members: dict[str, Any] = msgspec.to_builtins(kept)
        self.store.save_grant(document_id, members)

    def _keys(self, copies: int) -> Sequence[LocalSigner]:
        return self.fresh_keys(max(1, min(copies, self.metadata.batch_size)))
