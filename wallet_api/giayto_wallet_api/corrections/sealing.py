"""What a correction says of a person, encrypted at rest under a key of its own, bound to its place."""

import msgspec

from giayto_wallet_api.corrections.schemas import TicketSubject
from giayto_wallet_api.envelope.encryption import Place, WalletKey
from giayto_wallet_api.server_keys import ServerKeys

_PURPOSE = "correction-tickets"


class SealedDetails(msgspec.Struct, frozen=True):
    """Whose data is missing or wrong, and what about it."""

    subject: TicketSubject
    details: str

    def __repr__(self) -> str:
        return "SealedDetails(…)"


class TicketSeal:
    """Encrypts and decrypts what corrections hold."""

    __slots__ = ("_key",)

    def __init__(self, keys: ServerKeys) -> None:
        # The subject need not have a wallet, and so there may be no key of theirs: the details are deleted instead, as
        # soon as the correction is answered.
        self._key = WalletKey(keys.derive(_PURPOSE))

    def seal_details(self, agency_id: str, ticket_id: str, details: SealedDetails) -> bytes:
        """Encrypt the details of a correction."""
        return self._key.encrypt(msgspec.json.encode(details), _place("correction_details", agency_id, ticket_id))

    def open_details(self, agency_id: str, ticket_id: str, sealed: bytes) -> SealedDetails:
        """Decrypt them; DecryptionError when they are of another correction."""
        opened = self._key.decrypt(sealed, _place("correction_details", agency_id, ticket_id))
        return msgspec.json.decode(opened, type=SealedDetails)

    def seal_answer(self, agency_id: str, ticket_id: str, answer: str) -> bytes:
        """Encrypt what the agency answered."""
        return self._key.encrypt(answer.encode(), _place("correction_answers", agency_id, ticket_id))

    def open_answer(self, agency_id: str, ticket_id: str, sealed: bytes) -> str:
        """Decrypt it; DecryptionError when it is of another correction."""
        return self._key.decrypt(sealed, _place("correction_answers", agency_id, ticket_id)).decode()


def _place(table: str, agency_id: str, ticket_id: str) -> Place:
    return Place(table=table, row=f"{agency_id}/{ticket_id}", column="content", version=1)
