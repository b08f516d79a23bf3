"""Pre-authorized codes with an optional transaction code (OpenID4VCI 1.0 §3.5, §4.1.1, §6.1, §6.3).

A code works once and for ten minutes. A transaction code is a PIN that reaches the citizen another way; five wrong ones
are borne, the sixth ends the code. Every try is counted before it is compared, on a row that is held until the
transaction ends, so that tries that come at the same time are counted one after the other.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from giayto_wallet_api.authorization.grants import GrantedDocument
from giayto_wallet_api.authorization.tables import pre_authorized_codes
from giayto_wallet_api.oauth.errors import InvalidGrantError, InvalidRequestError, OAuthError

CODE_LIFETIME: Final = timedelta(minutes=10)
TX_CODE_DIGITS: Final = 6
BORNE_MISTAKES: Final = 5
_codes = pre_authorized_codes.c


@dataclass(frozen=True, slots=True)
class CodeKeys:
    """Derived keys: codes follow from the secret of their offer, and a stolen table does not tell PINs.

    Args:
        code: makes codes from offer secrets.
        tx_code: keys the stored digest of a transaction code.
    """

    code: bytes
    tx_code: bytes

    def code_of(self, offer_secret: str) -> str:
        """Return the pre-authorized code of an offer, so that the store need not keep it in clear."""
        return hmac.digest(self.code, offer_secret.encode(), "sha256").hex()

    def tx_code_digest(self, code: str, tx_code: str) -> bytes:
        """Return what is stored of a transaction code; it belongs to one code."""
        return hmac.digest(self.tx_code, f"{code}\0{tx_code}".encode(), "sha256")

    def __repr__(self) -> str:
        return "CodeKeys(…)"


def new_tx_code() -> str:
    """Return a random PIN."""
    return "".join(secrets.choice("0123456789") for _ in range(TX_CODE_DIGITS))


async def store_code(
    tx: AsyncConnection,
    keys: CodeKeys,
    code: str,
    document: GrantedDocument,
    *,
    tx_code: str | None,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Make a code usable until `expires_at`; expired ones are forgotten on the way."""
    await tx.execute(delete(pre_authorized_codes).where(_codes.expires_at <= now))
    await tx.execute(
        insert(pre_authorized_codes).values(
            code_hash=_hash(code),
            agency_id=document.agency_id,
            document_id=document.document_id,
            document_type=document.document_type,
            tx_code_digest=None if tx_code is None else keys.tx_code_digest(code, tx_code),
            attempts=0,
            expires_at=expires_at,
        )
    )


async def redeem_code(
    tx: AsyncConnection, keys: CodeKeys, code: str, tx_code: str | None, now: datetime
) -> GrantedDocument | OAuthError:
    """Use a code up and return the document that it stands for, or why not.

    A refusal is returned, not raised: the try that it counted has to be committed.
    """
    held = (
        await tx.execute(
            update(pre_authorized_codes)
            .where(_codes.code_hash == _hash(code), _codes.expires_at > now)
            .values(attempts=_codes.attempts + (0 if tx_code is None else 1))
            .returning(_codes.tx_code_digest, _codes.attempts)
        )
    ).one_or_none()
    if held is None:
        return InvalidGrantError("the pre-authorized code is unknown, used, or expired")
    if held.tx_code_digest is None and tx_code is not None:
        return InvalidRequestError("this pre-authorized code has no transaction code: send none")
    if held.tx_code_digest is not None and tx_code is None:
        return InvalidRequestError("a transaction code is needed: send tx_code")
    if tx_code is not None and not hmac.compare_digest(held.tx_code_digest, keys.tx_code_digest(code, tx_code)):
        return await _wrong(tx, code, held.attempts)
    return await _take(tx, code)


async def _take(tx: AsyncConnection, code: str) -> GrantedDocument | OAuthError:
    columns = (_codes.agency_id, _codes.document_id, _codes.document_type)
    taken = delete(pre_authorized_codes).where(_codes.code_hash == _hash(code)).returning(*columns)
    row = (await tx.execute(taken)).one_or_none()
    if row is None:
        return InvalidGrantError("the pre-authorized code is unknown, used, or expired")
    return GrantedDocument(*row)


async def _wrong(tx: AsyncConnection, code: str, attempts: int) -> OAuthError:
    if attempts > BORNE_MISTAKES:
        await tx.execute(delete(pre_authorized_codes).where(_codes.code_hash == _hash(code)))
    # The answer is the same when the code has just ended: the next try will tell.
    return InvalidGrantError("the transaction code is wrong")


def _hash(code: str) -> bytes:
    return sha256(code.encode()).digest()
