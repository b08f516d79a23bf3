"""Configuration files: read what was written, refuse the rest with a message that helps."""

from pathlib import Path

import pytest

from giayto_sdk.config import (
    AgencyConfig,
    WalletConfig,
    load_agency_config,
    load_wallet_config,
    write_agency_config,
    write_wallet_config,
)
from giayto_sdk.errors import ConfigurationError


def agency(folder: Path) -> AgencyConfig:
    return AgencyConfig(
        base_url="http://127.0.0.1:8000",
        agency_id="G18",
        iss="https://bệnh-viện.example",
        client_id='G18 "main"\\',
        client_key_file=folder / "keys" / "client.pem",
        signing_key_file=folder / "keys" / "signing.pem",
        certificate_chain_file=folder / "chain.pem",
        journal_folder=Path("/var/lib/giayto/journal"),
    )


def wallet(folder: Path) -> WalletConfig:
    return WalletConfig(
        base_url="https://wallet.example",
        key_store_folder=folder / "keys",
        identity_provider="https://login.example",
        client_id="giayto-wallet",
        device_name="Điện thoại của Ánh",
    )


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write_agency_config(agency(tmp_path), tmp_path / "agency.toml")
    assert load_agency_config(tmp_path / "agency.toml") == agency(tmp_path)
    write_wallet_config(wallet(tmp_path), tmp_path / "wallet.toml")
    assert load_wallet_config(tmp_path / "wallet.toml") == wallet(tmp_path)


def test_the_folder_can_be_moved_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    write_wallet_config(wallet(tmp_path / "a"), tmp_path / "a" / "wallet.toml")
    (tmp_path / "a").rename(tmp_path / "b")
    assert load_wallet_config(tmp_path / "b" / "wallet.toml").key_store_folder == tmp_path / "b" / "keys"


GOOD = """
[wallet]
base_url = "https://wallet.example"
key_store_folder = "keys"
identity_provider = "https://login.example"
client_id = "giayto-wallet"
device_name = "phone"
"""


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "[wallet]"),
        ("[wallet", "TOML"),
        ("wallet = 1", "[wallet]"),
        (GOOD.replace("client_id", "klient_id"), "klient_id"),
        (GOOD.replace('client_id = "giayto-wallet"\n', ""), "client_id"),
        (GOOD.replace('"phone"', "7"), "device_name"),
        (GOOD.replace('"phone"', '""'), "device_name"),
        (GOOD.replace("https://wallet", "http://wallet"), "base_url"),
        (GOOD.replace("https://login", "http://login"), "identity_provider"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "wallet.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_wallet_config(tmp_path / "wallet.toml")
    assert named in caught.value.detail
    assert "wallet.toml" in caught.value.detail


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.toml"):
        load_agency_config(tmp_path / "absent.toml")
