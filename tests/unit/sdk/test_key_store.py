"""The key store: private files, refused when others can read them, and no name from a server leads outside."""

import stat
from pathlib import Path

import pytest

from giayto_crypto.keys import LocalSigner
from giayto_sdk._wallet.key_store import Device, KeyStore
from giayto_sdk.errors import KeyStoreError


def device(device_id: str = "dev_1") -> Device:
    return Device("wal_1", device_id, LocalSigner.generate())


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys")


def test_a_device_is_read_back(store: KeyStore) -> None:
    assert store.device() is None
    enrolled = device()
    store.save_device(enrolled)
    again = store.device()
    assert again is not None
    assert (again.wallet_id, again.device_id) == ("wal_1", "dev_1")
    assert again.key.public_key == enrolled.key.public_key


def test_holder_keys_are_found_by_their_thumbprint(store: KeyStore) -> None:
    keys = [LocalSigner.generate() for _ in range(3)]
    for key in keys:
        store.add_holder_key(key)
    assert set(store.holder_key_thumbprints()) == {key.public_key.thumbprint for key in keys}
    assert store.holder_key(keys[1].public_key.thumbprint).public_key == keys[1].public_key
    with pytest.raises(KeyStoreError):
        store.holder_key(LocalSigner.generate().public_key.thumbprint)


def test_documents_are_kept_and_forgotten(store: KeyStore) -> None:
    assert store.document("doc_1") is None
    store.save_document("doc_1", {"claims": {"full_name": "Đỗ Thị Ngọc"}})
    assert store.document("doc_1") == {"claims": {"full_name": "Đỗ Thị Ngọc"}}
    store.forget_document("doc_1")
    store.forget_document("doc_1")
    assert store.document("doc_1") is None


def test_everything_is_readable_by_its_owner_alone(store: KeyStore) -> None:
    store.save_device(device())
    store.add_holder_key(LocalSigner.generate())
    store.save_document("doc_1", {})
    for path in (store.folder, *store.folder.rglob("*")):
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


def test_what_others_may_read_is_refused(store: KeyStore) -> None:
    store.save_device(device())
    (store.folder / "device.json").chmod(0o640)
    with pytest.raises(KeyStoreError, match="0600"):
        store.device()


@pytest.mark.parametrize("content", ["", "{", "{}", '{"device_key": 7}', '{"device_key": "x", "device_key": "y"}'])
def test_a_damaged_device_is_said_to_be_damaged(store: KeyStore, content: str) -> None:
    store.save_device(device())
    (store.folder / "device.json").write_text(content)
    with pytest.raises(KeyStoreError, match="damaged"):
        store.device()


@pytest.mark.parametrize("name", ["", "..", "../device", "a/b", "/etc/passwd", "a\0b", "ngọc", "a" * 101])
def test_no_identifier_of_a_server_names_a_file_elsewhere(store: KeyStore, name: str) -> None:
    for use in (store.document, store.forget_document, store.holder_key):
        with pytest.raises(KeyStoreError, match="identifier"):
            use(name)
    with pytest.raises(KeyStoreError, match="identifier"):
        store.save_document(name, {})


def test_another_device_begins_without_the_keys_of_the_last_one(store: KeyStore) -> None:
    store.save_device(device("dev_1"))
    store.add_holder_key(LocalSigner.generate())
    store.save_document("doc_1", {})
    store.save_device(device("dev_2"))
    assert store.holder_key_thumbprints() == []
    assert store.document("doc_1") is None


def test_no_key_is_in_the_text_of_a_device() -> None:
    assert "key" not in repr(device())
