"""What a look-up asks and what it is answered."""

from typing import Annotated, Literal

import msgspec

from giayto_wallet_api.wallets.service import MismatchField

MAX_SUBJECTS = 1000

Vct = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class SubjectQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """One subject, as the agency's record has it. `birth_date` is `YYYY-MM-DD`, for persons."""

    kind: Literal["person", "organisation"]
    id: Annotated[str, msgspec.Meta(pattern=r"^[0-9-]{10,14}$")]
    full_name: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    birth_date: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None

    def __repr__(self) -> str:
        return f"SubjectQuestion(kind={self.kind!r}, …)"


class LookupRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Up to 1,000 subjects who are to receive a document of one type."""

    document_type: Vct
    subjects: Annotated[tuple[SubjectQuestion, ...], msgspec.Meta(max_length=MAX_SUBJECTS)]


class Ready(msgspec.Struct, frozen=True, tag_field="state", tag="ready"):
    """The subject has a wallet: sign one credential for each of these keys, one for each device."""

    holder_keys: tuple[dict[str, str], ...]


class NoWallet(msgspec.Struct, frozen=True, tag_field="state", tag="no_wallet"):
    """The subject has no wallet, or no device that can hold a document yet."""


class Mismatch(msgspec.Struct, frozen=True, tag_field="state", tag="mismatch"):
    """The record differs from the population record in these fields; correct it first."""

    fields: tuple[MismatchField, ...]


Answer = Ready | NoWallet | Mismatch


class LookupAnswer(msgspec.Struct, frozen=True):
    """One answer for each subject, in the order of the questions."""

    answers: tuple[Answer, ...]
