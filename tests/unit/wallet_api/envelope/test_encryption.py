"""Stored values open only with their key, and only in their place."""

from dataclasses import replace

import pytest

from giayto_wallet_api.envelope.encryption import DecryptionError, Envelope, Place, WalletKey

KEK, OTHER_KEK = bytes(range(32)), bytes(range(1, 33))
PLACE = Place(table="wallet_documents", row="doc_1", column="claims", version=1)


@pytest.fixture
def key() -> WalletKey:
    envelope = Envelope(KEK)
    return envelope.open_wallet_key(envelope.new_wallet_key("wal_1"), "wal_1")


def test_a_value_opens_in_its_place(key: WalletKey) -> None:
    ciphertext = key.encrypt("Nguyễn Thị Hồng".encode(), PLACE)
    assert key.decrypt(ciphertext, PLACE).decode() == "Nguyễn Thị Hồng"
    assert "Nguyễn".encode() not in ciphertext


def test_two_ciphertexts_of_one_value_differ(key: WalletKey) -> None:
    assert key.encrypt(b"same", PLACE) != key.encrypt(b"same", PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(PLACE, table="wallet_credentials"),
        replace(PLACE, row="doc_2"),
        replace(PLACE, column="reason"),
        replace(PLACE, version=2),
        # Parts must not run into each other: the same characters, cut elsewhere.
        Place(table="wallet_documentsdoc_1", row="", column="claims", version=1),
    ],
)
def test_a_value_that_was_moved_does_not_open(key: WalletKey, elsewhere: Place) -> None:
    with pytest.raises(DecryptionError):
        key.decrypt(key.encrypt(b"secret", PLACE), elsewhere)


@pytest.mark.parametrize("position", [0, 1, 12, 13, -1])
def test_a_changed_value_does_not_open(key: WalletKey, position: int) -> None:
    ciphertext = bytearray(key.encrypt(b"secret", PLACE))
    ciphertext[position] ^= 1
    with pytest.raises(DecryptionError):
        key.decrypt(bytes(ciphertext), PLACE)


@pytest.mark.parametrize("length", [0, 1, 12, 13])
def test_a_cut_value_does_not_open(key: WalletKey, length: int) -> None:
    with pytest.raises(DecryptionError):
        key.decrypt(key.encrypt(b"secret", PLACE)[:length], PLACE)


def test_another_wallets_key_does_not_open_a_value(key: WalletKey) -> None:
    envelope = Envelope(KEK)
    other = envelope.open_wallet_key(envelope.new_wallet_key("wal_2"), "wal_2")
    with pytest.raises(DecryptionError):
        other.decrypt(key.encrypt(b"secret", PLACE), PLACE)


def test_a_wrapped_key_serves_only_its_own_wallet() -> None:
    envelope = Envelope(KEK)
    with pytest.raises(DecryptionError):
        envelope.open_wallet_key(envelope.new_wallet_key("wal_1"), "wal_2")


def test_a_wrapped_key_does_not_open_without_its_kek() -> None:
    with pytest.raises(DecryptionError, match="not configured here"):
        Envelope(OTHER_KEK).open_wallet_key(Envelope(KEK).new_wallet_key("wal_1"), "wal_1")


def test_keys_are_rewrapped_without_touching_values() -> None:
    old, both, new = Envelope(KEK), Envelope(OTHER_KEK, KEK), Envelope(OTHER_KEK)
    wrapped = old.new_wallet_key("wal_1")
    ciphertext = old.open_wallet_key(wrapped, "wal_1").encrypt(b"secret", PLACE)
    rewrapped = both.rewrap(wrapped, "wal_1")
    assert new.open_wallet_key(rewrapped, "wal_1").decrypt(ciphertext, PLACE) == b"secret"


@pytest.mark.parametrize("keys", [(), (b"short",), (KEK, bytes(31))])
def test_only_256_bit_keys_are_taken(keys: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Envelope(*keys)
