"""Envelope encryption with AES-256-GCM (NIST SP 800-38D).

Each wallet has a data key of its own. The store holds it only wrapped by the key-encryption key (KEK), which
comes from a file or an HSM. Whoever copies the database reads nothing; whoever deletes one wrapped key erases
one wallet.

Every ciphertext is bound to its place (table, row, column, version) as associated data, so that a value moved
to another row, column or wallet, or an earlier value put back, does not decrypt.
"""

from dataclasses import dataclass
from hashlib import sha256
from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID_BYTES = 8
_FORMAT = b"\x01"
"""First byte of every ciphertext, so that another algorithm can follow while old values are still read."""


class DecryptionError(Exception):
    """A stored value does not decrypt in its place: moved, changed, or written under another key.

    A fault of the store, not of any client: it becomes a 500, never an answer that names the value.
    """


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ciphertext lives; it decrypts nowhere else.

    Args:
        table: name of the table.
        row: the row's primary key without the wallet, as text; parts joined by `/`.
        column: name of the column.
        version: version of the value in this place, from 1; a value put back from an older version is
        refused.
    """

    table: str
    row: str
    column: str
    version: int

    def associated_data(self) -> bytes:
        """Encode the place without ambiguity: each part carries its length in front."""
        parts = (self.table, self.row, self.column, str(self.version))
        return b"".join(_length_prefixed(part.encode()) for part in parts)


class WalletKey:
    """The data key of one wallet. Its `repr` shows nothing of it."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def encrypt(self, plaintext: bytes, place: Place) -> bytes:
        """Return format byte, nonce (12 bytes) and ciphertext with tag (16 bytes)."""
        return _seal(self._cipher, plaintext, place.associated_data())

    def decrypt(self, ciphertext: bytes, place: Place) -> bytes:
        """Return the plaintext of a value that was encrypted for exactly this place.

        Raises:
            DecryptionError: changed, moved, of another version, or of another wallet.
        """
        return _open(self._cipher, ciphertext, place.associated_data())


class Envelope:
    """Makes and opens the wrapped data keys of wallets.

    Several KEKs may be known at once, so that wallets can be re-wrapped while the service runs: the first one
    wraps, all of them unwrap.
    """

    __slots__ = ("_ciphers", "_current")

    def __init__(self, *key_encryption_keys: bytes) -> None:
        """Take the KEKs, current one first.

        Raises:
            ValueError: none is given, or one does not have 32 bytes.
        """
        if not key_encryption_keys or any(len(key) != KEY_BYTES for key in key_encryption_keys):
            raise ValueError(f"envelope: key-encryption keys of {KEY_BYTES} bytes each are needed")
        self._ciphers = {_key_id(key): AESGCM(key) for key in key_encryption_keys}
        self._current = _key_id(key_encryption_keys[0])

    def new_wallet_key(self, wallet_id: str) -> bytes:
        """Return a fresh data key, wrapped for this wallet: key id (8 bytes), then the sealed key."""
        return self._wrap(urandom(KEY_BYTES), wallet_id)

    def open_wallet_key(self, wrapped: bytes, wallet_id: str) -> WalletKey:
        """Unwrap the data key of a wallet.

        Raises:
            DecryptionError: wrapped by a KEK that is not known here, changed, or belonging to another wallet.
        """
        return WalletKey(self._unwrap(wrapped, wallet_id))

    def rewrap(self, wrapped: bytes, wallet_id: str) -> bytes:
        """Return the same data key wrapped by the current KEK."""
        return self._wrap(self._unwrap(wrapped, wallet_id), wallet_id)

    def _wrap(self, key: bytes, wallet_id: str) -> bytes:
        return self._current + _seal(self._ciphers[self._current], key, _wrapping_data(wallet_id))

    def _unwrap(self, wrapped: bytes, wallet_id: str) -> bytes:
        cipher = self._ciphers.get(wrapped[:KEY_ID_BYTES])
        if cipher is None:
            raise DecryptionError("wallet key: wrapped by a key-encryption key that is not configured here")
        return _open(cipher, wrapped[KEY_ID_BYTES:], _wrapping_data(wallet_id))


def _key_id(key: bytes) -> bytes:
    return sha256(b"giayto key-encryption key id" + key).digest()[:KEY_ID_BYTES]


def _wrapping_data(wallet_id: str) -> bytes:
    return b"giayto wallet key" + _length_prefixed(wallet_id.encode())


def _length_prefixed(part: bytes) -> bytes:
    return len(part).to_bytes(4) + part


def _seal(cipher: AESGCM, plaintext: bytes, associated_data: bytes) -> bytes:
    # Random nonces are safe here: one key seals far fewer than the 2^32 values of SP 800-38D §8.3.
    nonce = urandom(NONCE_BYTES)
    return _FORMAT + nonce + cipher.encrypt(nonce, plaintext, associated_data)


def _open(cipher: AESGCM, ciphertext: bytes, associated_data: bytes) -> bytes:
    start = len(_FORMAT) + NONCE_BYTES
    if not ciphertext.startswith(_FORMAT) or len(ciphertext) < start:
        raise DecryptionError("stored value: not in the format of this release")
    try:
        return cipher.decrypt(ciphertext[len(_FORMAT) : start], ciphertext[start:], associated_data)
    except InvalidTag as error:
        raise DecryptionError("stored value: does not decrypt in its place") from error
