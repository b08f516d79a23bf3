"""The keys and documents of a wallet, in a folder that its owner alone may enter.

    device.json              wallet_id, device_id and the device key
    holder-keys/<thumbprint>.pem
    documents/<document_id>.json
    grants/<document_id>.json what is needed to fetch more copies
    copy-uses.json           how often each copy was shown
    history.jsonl            what was shown to whom

A phone would keep the keys in its secure element; this store is for wallets on a computer. Each file is written at
once and readable by the owner alone; one that others may read is refused, as ssh refuses such keys.
"""

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from re import compile as compile_pattern
from typing import Any, Final

from giayto_crypto import strict_json
from giayto_crypto.errors import KeyFormatError, MalformedError
from giayto_crypto.keys import LocalSigner
from giayto_sdk._files import make_private_folder, write_atomically
from giayto_sdk._wallet.answering_history import HISTORY_FILE, HistoryEntry, read_history, write_history
from giayto_sdk.errors import KeyStoreError

_DEVICE_FILE: Final = "device.json"
_HOLDER_KEYS: Final = "holder-keys"
_DOCUMENTS: Final = "documents"
_GRANTS: Final = "grants"
_COPY_USES: Final = "copy-uses.json"
_FILE_NAME: Final = compile_pattern(r"[A-Za-z0-9_-]{1,100}")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_MAX_FILE_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Device:
    """This wallet's place at the backend. The device key is its long-lived credential."""

    wallet_id: str
    device_id: str
    key: LocalSigner = field(repr=False)


class KeyStore:
    """A folder of private keys and documents."""

    def __init__(self, folder: Path) -> None:
        """Use this folder; it is made, or tightened, when something is first kept in it."""
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where everything is kept."""
        return self._folder

    def device(self) -> Device | None:
        """Return the enrolled device, or None before the first login.

        Raises:
            KeyStoreError: the file is damaged, or others may read it.
        """
        members = self._read_json(self._folder / _DEVICE_FILE)
        if members is None:
            return None
        try:
            key = LocalSigner.from_pem(members["device_key"].encode("ascii"))
            return Device(str(members["wallet_id"]), str(members["device_id"]), key)
        except (KeyError, AttributeError, UnicodeEncodeError, KeyFormatError) as error:
            raise KeyStoreError(f"key store: {_DEVICE_FILE} is damaged; log in again") from error

    def save_device(self, device: Device) -> None:
        """Keep a newly enrolled device, and forget what belonged to another wallet before."""
        previous = self.device()
        if previous is not None and previous.device_id != device.device_id:
            # Keys and documents of the old device are of no use to the new one.
            self._empty(_HOLDER_KEYS)
            self._empty(_DOCUMENTS)
            self._empty(_GRANTS)
            (self._folder / HISTORY_FILE).unlink(missing_ok=True)
        members = {
            "wallet_id": device.wallet_id,
            "device_id": device.device_id,
            "device_key": device.key.to_pem().decode("ascii"),
        }
        self._write(self._folder / _DEVICE_FILE, json.dumps(members).encode("utf-8"))

    def add_holder_key(self, key: LocalSigner) -> None:
        """Keep one more holder key."""
        self._write(self._folder / _HOLDER_KEYS / f"{key.public_key.thumbprint}.pem", key.to_pem())

    def holder_key(self, thumbprint: str) -> LocalSigner:
        """Return the holder key with this thumbprint.

        Raises:
            KeyStoreError: it is not here, damaged, or others may read it.
        """
        pem = self._read(self._folder / _HOLDER_KEYS / f"{_checked(thumbprint)}.pem")
        if pem is None:
            raise KeyStoreError("key store: the holder key of this document is not here")
        try:
            return LocalSigner.from_pem(pem)
        except KeyFormatError as error:
            raise KeyStoreError("key store: a holder key is damaged") from error

    def holder_key_thumbprints(self) -> list[str]:
        """Return the thumbprints of all holder keys."""
        return [path.stem for path in self._files(_HOLDER_KEYS, ".pem")]

    def save_document(self, document_id: str, document: dict[str, Any]) -> None:
        """Keep a document, so that it can be shown with no network."""
        path = self._folder / _DOCUMENTS / f"{_checked(document_id)}.json"
        self._write(path, json.dumps(document, ensure_ascii=False).encode("utf-8"))

    def document(self, document_id: str) -> dict[str, Any] | None:
        """Return a kept document, or None."""
        return self._read_json(self._folder / _DOCUMENTS / f"{_checked(document_id)}.json")

    def forget_document(self, document_id: str) -> None:
        """Drop a kept document, if it is here."""
        (self._folder / _DOCUMENTS / f"{_checked(document_id)}.json").unlink(missing_ok=True)

    def save_grant(self, document_id: str, grant: dict[str, Any]) -> None:
        """Keep what lets this device fetch more copies of a document."""
        path = self._folder / _GRANTS / f"{_checked(document_id)}.json"
        self._write(path, json.dumps(grant).encode("utf-8"))

    def grant(self, document_id: str) -> dict[str, Any] | None:
        """Return what lets this device fetch more copies of a document, or None."""
        return self._read_json(self._folder / _GRANTS / f"{_checked(document_id)}.json")

    def copy_uses(self) -> dict[str, int]:
        """Return how often each copy was shown, by the thumbprint of its key; those never shown are not in it.

        Counted are QRs, and answers to requests, which the history remembers.
        """
        uses = dict(self._qr_uses())
        for entry in self.history():
            for document in entry.documents:
                uses[document.key_thumbprint] = uses.get(document.key_thumbprint, 0) + 1
        return uses

    def note_use(self, thumbprint: str) -> None:
        """Count one showing of a copy as a QR."""
        uses = self._qr_uses()
        uses[thumbprint] = uses.get(thumbprint, 0) + 1
        self._write(self._folder / _COPY_USES, json.dumps(uses).encode("utf-8"))

    def history(self) -> list[HistoryEntry]:
        """Return what was shown to whom, oldest first; KeyStoreError when the file is damaged."""
        return list(read_history(self._read(self._folder / HISTORY_FILE) or b""))

    def add_history(self, entry: HistoryEntry) -> None:
        """Keep one more entry."""
        self._write(self._folder / HISTORY_FILE, write_history([*self.history(), entry]))

    def _qr_uses(self) -> dict[str, int]:
        return self._read_json(self._folder / _COPY_USES) or {}

    def _files(self, subfolder: str, suffix: str) -> Iterator[Path]:
        return iter(sorted((self._folder / subfolder).glob(f"*{suffix}")))

    def _empty(self, subfolder: str) -> None:
        for path in self._files(subfolder, ""):
            path.unlink()

    def _write(self, path: Path, data: bytes) -> None:
        try:
            make_private_folder(self._folder)
            make_private_folder(path.parent)
            write_atomically(path, data, private=True)
        except OSError as error:
            raise KeyStoreError(f"key store: {path.name} cannot be written ({error.strerror})") from error

    def _read(self, path: Path) -> bytes | None:
        try:
            with path.open("rb") as file:
                if stat.S_IMODE(path.stat().st_mode) & _OTHERS:
                    raise KeyStoreError(f"key store: others may read {path.name}; set its mode to 0600")
                return file.read(_MAX_FILE_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KeyStoreError(f"key store: {path.name} cannot be read ({error.strerror})") from error

    def _read_json(self, path: Path) -> dict[str, Any] | None:
        data = self._read(path)
        if data is None:
            return None
        try:
            return strict_json.loads_object(data, max_bytes=_MAX_FILE_BYTES)
        except MalformedError as error:
            raise KeyStoreError(f"key store: {path.name} is damaged") from error


def _checked(name: str) -> str:
    # Identifiers come from the server: none of them may name a file elsewhere.
    if _FILE_NAME.fullmatch(name) is None:
        raise KeyStoreError("key store: an identifier that cannot be the name of a file")
    return name
