"""docs/openid4vci.md names the addresses, numbers and commands that there are."""

from pathlib import Path

from giayto_sdk.cli.app import app
from giayto_wallet_api.authorization.pre_authorized_codes import BORNE_MISTAKES, CODE_LIFETIME
from giayto_wallet_api.credential_issuance import controller, metadata
from giayto_wallet_api.oauth import controller as oauth

PAGE = (Path(__file__).parents[4] / "docs" / "openid4vci.md").read_text(encoding="utf-8")


def test_the_addresses_are_those_of_the_server() -> None:
    for address in (
        controller.WELL_KNOWN,
        oauth.WELL_KNOWN,
        metadata.NONCE_PATH,
        metadata.CREDENTIAL_PATH,
        metadata.DEFERRED_PATH,
        metadata.NOTIFICATION_PATH,
    ):
        assert f"`{address}`" in PAGE


def test_the_numbers_are_those_of_the_code() -> None:
    assert (BORNE_MISTAKES, CODE_LIFETIME.total_seconds(), metadata.BATCH_SIZE) == (5, 600, 20)
    assert "Five wrong transaction codes" in PAGE
    assert "ten minutes" in PAGE
    assert f"up to {metadata.BATCH_SIZE}," in PAGE


def test_the_commands_are_those_of_the_command() -> None:
    commands = {line.split()[2] for line in PAGE.splitlines() if line.startswith("    giayto wallet ")}
    assert commands == {"offers", "fetch", "accept-offer", "top-up"}
    assert commands <= set(app["wallet"])
