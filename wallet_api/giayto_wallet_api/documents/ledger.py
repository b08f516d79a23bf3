"""Steps 8 to 11 of a push: deciding what becomes of the rows of a batch, without asking the store.

    8 row key: new, or the same content again    10 status index: reserved for this agency and type, unused
    9 wallet of the subject, holder keys in it   11 `replaces`: the current version of the same document

A ledger begins as what the store knows of everything that the batch refers to. Rows are entered one after the other,
and each is judged by what the rows before it changed, as if those had been stored already. What was accepted is
written afterwards, all at once.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from giayto_issuers.subjects import Subject
from giayto_wallet_api.documents.credential_checks import CheckedCopy, CheckedRow
from giayto_wallet_api.documents.problems import (
    HolderKeyError,
    NoWalletError,
    ReplacedRowError,
    RowKeyConflictError,
    StatusIndexNotReservedError,
    StatusIndexUsedError,
)
from giayto_wallet_api.documents.schemas import PushAnswer
from giayto_wallet_api.documents.tables import ACTIVE, CONSUMED, REVOKED, SUPERSEDED
from giayto_wallet_api.holder_keys.service import KeyOwner
from giayto_wallet_api.inbox.delivery import DeliveredCredential
from giayto_wallet_api.signing_requests.fulfilment import WantedCopies
from giayto_wallet_api.status.entries import PlaceState, StatusPlace
from giayto_wallet_api.store.ids import new_id
from giayto_wallet_api.wallets.service import Wallet


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document, and what decides over its row key and over its successor.

    Args:
        document_id: the same for all versions.
        number: from 1.
        document_type: vct.
        wallet_id: the holder's.
        content_digest: keyed; see `giayto_wallet_api.documents.storing`.
        state: of `giayto_wallet_api.documents.tables`.
    """

    document_id: str
    number: int
    document_type: str
    wallet_id: str
    content_digest: bytes
    state: str


@dataclass(frozen=True, slots=True)
class AcceptedRow:
    """A row that becomes a version of a document."""

    row: CheckedRow
    wallet: Wallet
    copies: tuple[DeliveredCredential, ...]
    document_id: str
    number: int


@dataclass(slots=True)
class Ledger:
    """What is known while the rows of one batch of one agency are judged.

    Args:
        wallets: of those subjects that have one.
        owners: of those holder keys that are registered, by thumbprint.
        places: those that are reserved for the agency.
        versions: of the agency, by row key: those that a row of the batch names as its own or as replaced.
    """

    wallets: Mapping[Subject, Wallet]
    owners: Mapping[str, KeyOwner]
    places: dict[StatusPlace, PlaceState]
    versions: dict[str, Version]
    wanted: Mapping[str, WantedCopies] = field(default_factory=dict)
    """What devices lack of rows that were pushed before, by row key."""
    accepted: list[AcceptedRow] = field(default_factory=list)
    renewed: list[AcceptedRow] = field(default_factory=list)
    """Copies that join a version which is there."""
    superseded: dict[str, Version] = field(default_factory=dict)
    """What lost its validity to a row of this batch, by row key; rows of this batch may be among it."""

    def enter(self, row: CheckedRow, content_digest: bytes) -> PushAnswer:
        """Judge a row; raises the `GiaytoError` of the first thing that is wrong, and changes nothing then."""
        known = self.versions.get(row.row_key)  # 8
        if known is not None:
            if not hmac.compare_digest(known.content_digest, content_digest):
                raise RowKeyConflictError("use a new row_key, and replaces, for a new version of the document")
            return _answer(row, "stored" if self._renew(row, known) else "unchanged", known)
        wallet = self.wallets.get(row.subject)  # 9
        if wallet is None:
            raise NoWalletError("the subject has no wallet")
        copies = tuple(self._delivered(copy, wallet) for copy in row.copies)
        for copy in row.copies:  # 10
            self._require_unused(copy.place, row.document_type)
        version = self._next_version(row, wallet, content_digest)  # 11
        self._accept(row, wallet, copies, version)
        return _answer(row, "stored", version)

    def _renew(self, row: CheckedRow, version: Version) -> bool:
        """Take the copies that devices were waiting for; whether there were any."""
        wanted = self.wanted.get(row.row_key)
        if wanted is None or version.state in {SUPERSEDED, REVOKED, CONSUMED}:
            return False
        if (row.valid_from, row.valid_until) != (wanted.valid_from, wanted.valid_until):
            return False
        wallet = self.wallets.get(row.subject)
        if wallet is None or wallet.wallet_id != version.wallet_id:
            return False
        owners = {KeyOwner(wallet.wallet_id, device_id) for device_id in wanted.device_ids}
        taken = [copy for copy in row.copies if self.owners.get(copy.holder_key.thumbprint) in owners]
        if not taken:
            return False
        for copy in taken:
            self._require_unused(copy.place, row.document_type)
        for copy in taken:
            self.places[copy.place] = PlaceState(row.document_type, is_used=True)
        copies = tuple(self._delivered(copy, wallet) for copy in taken)
        wanted.device_ids.difference_update(copy.device_id for copy in copies)
        self.renewed.append(AcceptedRow(row, wallet, copies, version.document_id, version.number))
        return True

    def _delivered(self, copy: CheckedCopy, wallet: Wallet) -> DeliveredCredential:
        thumbprint = copy.holder_key.thumbprint
        owner = self.owners.get(thumbprint)
        # A key of somebody else is answered like one that nobody has: an agency must not learn whose it is.
        if owner is None or owner.wallet_id != wallet.wallet_id:
            raise HolderKeyError("ask for the subject's holder keys again and sign for those")
        return DeliveredCredential(key_thumbprint=thumbprint, device_id=owner.device_id, sd_jwt=copy.sd_jwt)

    def _require_unused(self, place: StatusPlace, document_type: str) -> None:
        state = self.places.get(place)
        if state is None or state.document_type != document_type:
            raise StatusIndexNotReservedError("reserve status indexes for this document type first")
        if state.is_used:
            raise StatusIndexUsedError("sign the credential again with another reserved index")

    def _next_version(self, row: CheckedRow, wallet: Wallet, content_digest: bytes) -> Version:
        document_id, number = new_id("doc"), 1
        if row.replaces is not None:
            previous = self.versions.get(row.replaces)
            if (
                previous is None
                or (previous.document_type, previous.wallet_id) != (row.document_type, wallet.wallet_id)
                or previous.state in {SUPERSEDED, REVOKED, CONSUMED}
            ):
                raise ReplacedRowError("replaces must name the current version of the same document")
            document_id, number = previous.document_id, previous.number + 1
        return Version(document_id, number, row.document_type, wallet.wallet_id, content_digest, ACTIVE)

    def _accept(
        self, row: CheckedRow, wallet: Wallet, copies: tuple[DeliveredCredential, ...], version: Version
    ) -> None:
        if row.replaces is not None:
            superseded = replace(self.versions[row.replaces], state=SUPERSEDED)
            self.versions[row.replaces] = self.superseded[row.replaces] = superseded
        self.versions[row.row_key] = version
        for copy in row.copies:
            self.places[copy.place] = PlaceState(row.document_type, is_used=True)
        self.accepted.append(AcceptedRow(row, wallet, copies, version.document_id, version.number))


def _answer(row: CheckedRow, result: Literal["stored", "unchanged"], version: Version) -> PushAnswer:
    return PushAnswer(row_key=row.row_key, result=result, document_id=version.document_id, version=version.number)
