"""The command prepares a backend from nothing: schema, secrets, an agency with client and certificate."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import create_engine, text

from giayto_crypto.certificates import BUNDLE, CATALOGUE, CREDENTIAL_ISSUER, STATUS_LIST, TRUST_LIST
from giayto_crypto.keys import LocalSigner
from giayto_sdk.cli.app import run
from giayto_wallet_api.catalogue.editions import this_month
from giayto_wallet_api.cli import main
from giayto_wallet_api.server_keys import ServerKeys, write_identity

ISS = "https://g18.example"


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIAYTO_MODE", "sandbox")
    monkeypatch.setenv("GIAYTO_BASE_URL", "http://127.0.0.1:8000")
    monkeypatch.setenv("GIAYTO_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'giayto.db'}")
    monkeypatch.setenv("GIAYTO_KEYS_FOLDER", str(tmp_path / "keys"))
    return tmp_path


@pytest.fixture
def certified(environment: Path, authority) -> Path:
    keys = environment / "keys"
    assert main(["generate-secrets"]) == 0
    for name, purpose in (
        ("bundle", BUNDLE),
        ("trust-list", TRUST_LIST),
        ("status-list", STATUS_LIST),
        ("catalogue", CATALOGUE),
    ):
        identity = authority.identity(purpose)
        write_identity(keys, name, identity.signer, identity.chain)
    (keys / "root.pem").write_bytes(authority.root.public_bytes(Encoding.PEM))
    return environment


def test_an_agency_is_registered_from_files(certified: Path, authority, capsys) -> None:
    key = LocalSigner.generate().public_key
    (certified / "client.pem").write_bytes(
        key.cryptography_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    leaf = authority.certify(LocalSigner.generate().public_key, CREDENTIAL_ISSUER, ISS)
    (certified / "chain.pem").write_bytes(x509.load_der_x509_certificate(leaf).public_bytes(Encoding.PEM))
    agency = ["--agency", "G18"]
    certificate = [
        "register-certificate", *agency, "--iss", ISS, "--chain", str(certified / "chain.pem"),
        "--type", "urn:giayto:type:health-book:1",
    ]  # fmt: skip
    assert main(["migrate"]) == 0
    assert main(["register-agency", *agency, "--name-vi", "Bộ Y tế", "--name-en", "Ministry of Health"]) == 0
    assert main(["register-client", *agency, "--key", str(certified / "client.pem")]) == 0
    assert capsys.readouterr().out == "G18:main\n"
    assert main(certificate) == 0
    assert main(certificate) == 1
    assert "already_registered" in capsys.readouterr().err
    with create_engine(f"sqlite:///{certified / 'giayto.db'}").connect() as connection:
        assert connection.execute(text("SELECT vct FROM agency_authorised_types")).all() == [
            ("urn:giayto:type:health-book:1",)
        ]
        connection.engine.dispose()


def test_an_agency_that_is_not_registered_gets_no_client(environment: Path, capsys) -> None:
    key = LocalSigner.generate().public_key.cryptography_key
    (environment / "client.pem").write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert main(["migrate"]) == 0
    assert main(["register-client", "--agency", "G99", "--key", str(environment / "client.pem")]) == 1
    assert "not_found" in capsys.readouterr().err


def test_an_agency_gets_limits_of_its_own(environment: Path, capsys) -> None:
    limits = ["limit-agency", "--agency", "G18", "--rows-per-day", "5"]
    assert main(["migrate"]) == 0
    assert main(limits) == 1
    assert "not_found" in capsys.readouterr().err
    assert main(["register-agency", "--agency", "G18", "--name-vi", "Bộ Y tế", "--name-en", "Health"]) == 0
    assert main(limits) == 0
    assert main([*limits[:-1], "7"]) == 0
    with create_engine(f"sqlite:///{environment / 'giayto.db'}").connect() as connection:
        rows = connection.execute(text("SELECT agency_id, rows_per_day, requests_per_minute FROM agency_limits")).all()
        assert rows == [("G18", 7, 6000)]
        connection.engine.dispose()


def test_a_driver_that_is_not_known_is_named(environment: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("GIAYTO_DATABASE_URL", "mysql://somewhere/giayto")
    assert main(["migrate"]) == 64
    assert "postgresql+asyncpg" in capsys.readouterr().err


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.delenv("GIAYTO_BASE_URL", raising=False)
    assert main(["migrate"]) == 64
    assert "GIAYTO_BASE_URL" in capsys.readouterr().err


def test_production_refuses_plain_http(environment: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setenv("GIAYTO_MODE", "production")
    assert main(["migrate"]) == 64
    assert "https" in capsys.readouterr().err


def test_secrets_are_for_their_owner_only_and_made_once(certified: Path) -> None:
    secret = certified / "keys" / "wrapping.key"
    before = secret.read_bytes()
    assert secret.stat().st_mode & 0o777 == 0o600
    assert main(["generate-secrets"]) == 0
    assert secret.read_bytes() == before


def test_keys_do_not_show_in_a_repr(certified: Path) -> None:
    keys = ServerKeys.load(certified / "keys")
    assert keys.wrapping_key.hex() not in repr(keys)
    assert repr(keys.wrapping_key) not in repr(keys)
    assert repr(keys.derivation_key) not in repr(keys)


def test_the_catalogue_is_published_once_and_corrected(certified: Path, capsys, monkeypatch) -> None:
    assert main(["migrate"]) == 0
    month = this_month(datetime.now(UTC))
    publish = ["catalogue", "publish", "--month", month, "--json"]
    assert main(publish) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["edition_id"], told["documents"]) == (month, 16)
    assert told["page"] == f"http://127.0.0.1:8000/public/v1/catalogue/{month}"
    assert main(publish) == 1
    assert "edition_exists" in capsys.readouterr().err
    assert main([*publish, "--correction", "Sửa căn cứ"]) == 0
    assert json.loads(capsys.readouterr().out)["edition_id"] == f"{month}.1"
    assert run(["catalogue", "publish", "--month", month]) == 1
    assert run(["catalogue", "publish", "--month", month, "--correction=Sửa lần hai"]) == 0
    with create_engine(f"sqlite:///{certified / 'giayto.db'}").connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM catalogue_editions")).scalar_one() == 3
    monkeypatch.delenv("GIAYTO_BASE_URL")
    assert main(publish) == 64
