"""A ministry's own type, added by a folder and nothing else: pushed, shown as a QR, verified, and in the catalogue."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import pytest
from cryptography import x509

from giayto_crypto.localised import Localised
from giayto_issuers.document_type.loading import load_types
from giayto_sdk import Issuer, Policy, RowOutcome, Valid, Verifier, WalletClient
from giayto_sdk.cli.app import run
from giayto_sdk.cli.terminal import Exit
from giayto_sdk.config import load_wallet_config, write_agency_config, write_wallet_config
from giayto_wallet_api.app import create_app
from giayto_wallet_api.clock import system_clock
from giayto_wallet_api.sandbox.agencies import SandboxAgency
from giayto_wallet_api.sandbox.folder import PlanRequest, SandboxFolder
from giayto_wallet_api.sandbox.pki import SandboxAuthority
from giayto_wallet_api.sandbox.preparation import PreparedSandbox, _agency_config, _register, prepare
from giayto_wallet_api.sandbox.server import serving, take_port
from giayto_wallet_api.store.database import Database

PAGE = Path(__file__).parents[3] / "docs" / "document-types.md"
VCT = "urn:giayto:type:library-card:1"
LIBRARY = SandboxAgency(
    agency_id="H26.12",
    names=Localised(vi="Thư viện tỉnh (thử nghiệm)", en="Provincial library (sandbox)"),
    iss="https://h26-12.giayto.example",
    client_name="readers",
    type_code="library-card",
    records_file="records.csv",
)


@dataclass(frozen=True)
class Installation:
    """A backend, an agency and a wallet that were told of the folder; nothing else is new."""

    sandbox: PreparedSandbox
    agency_config: Path
    wallet_config: Path
    types_folder: Path


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    types_folder = tmp_path_factory.mktemp("types")
    (types_folder / "library-card").mkdir()
    example = re.search(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert example is not None
    (types_folder / "library-card" / "type.toml").write_text(example[1], "utf-8")
    folder = SandboxFolder(tmp_path_factory.mktemp("sandbox"))
    with take_port(0) as listener:
        now = system_clock()
        plan = folder.open(PlanRequest(port=listener.getsockname()[1], people=20), now.date())
        sandbox = prepare(folder, plan, now=now)
        authority = SandboxAuthority.open(folder.authority, mode=sandbox.settings.mode, now=now)
        authority.equip_agency(folder.agency(LIBRARY.agency_id), LIBRARY, now=now)
        asyncio.run(_trust(folder, sandbox, authority.root))
        agency_config = folder.agency_config(LIBRARY.agency_id)
        config = _agency_config(folder, plan, LIBRARY)
        write_agency_config(replace(config, types_folder=types_folder), agency_config)
        wallet_config = folder.wallet_config(1)
        write_wallet_config(replace(load_wallet_config(wallet_config), types_folder=types_folder), wallet_config)
        with serving(create_app(replace(sandbox.settings, types_folder=types_folder)), listener):
            yield Installation(sandbox, agency_config, wallet_config, types_folder)


async def _trust(folder: SandboxFolder, sandbox: PreparedSandbox, root: x509.Certificate) -> None:
    database = Database(sandbox.settings.database_url)
    try:
        await _register(database, folder, LIBRARY, root, system_clock())
    finally:
        await database.close()


def test_it_goes_from_a_record_to_a_verdict(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox, reader = installation.sandbox, installation.sandbox.citizens[0]
    row = {
        "SO_THE": "TV-1",
        "SO_CCCD": reader.personal_number,
        "HO_TEN": reader.full_name,
        "NGAY_SINH": f"{reader.birth_date:%d/%m/%Y}",
        "NGAY_CAP": f"{system_clock():%Y-%m-%d}",
        "PHONG": "A; B",
    }
    with WalletClient.from_file(installation.wallet_config) as wallet:
        wallet.log_in_at_sandbox(reader.personal_number)
        with Issuer.from_file(installation.agency_config) as issuer:
            assert [result.outcome for result in issuer.push("library-card", [row])] == [RowOutcome.STORED]
        (document,) = wallet.inbox()
        assert document.document_type == VCT
        wallet.confirm(document.document_id)
        picture = wallet.present(document.document_id, [("full_name",), ("rooms",)]).png()
    bundle = httpx2.get(f"{sandbox.settings.base_url}/public/v1/bundle").content
    verifier = Verifier(bundle, anchor=sandbox.folder.anchor, policy=Policy())
    verdict = verifier.verify_picture(picture)
    assert isinstance(verdict, Valid)
    assert verdict.presentation.document_type.titles.vi == "Thẻ thư viện"
    assert verdict.presentation.claims["full_name"] == reader.full_name
    assert run(["wallet", "show", document.document_id, "--config", str(installation.wallet_config)]) == Exit.SUCCESS
    assert "Phòng đọc" in capsys.readouterr().out


def test_it_is_in_the_catalogue_and_in_what_wallets_may_ask_for(installation: Installation) -> None:
    base_url = installation.sandbox.settings.base_url
    entries = httpx2.get(f"{base_url}/public/v1/types").json()["entries"]
    assert {entry["vct"] for entry in entries} == {one.vct for one in load_types(installation.types_folder)}
    metadata = httpx2.get(f"{base_url}/.well-known/openid-credential-issuer").json()
    assert metadata["credential_configurations_supported"]["library-card.1"]["vct"] == VCT
