"""The sandbox's authority: paths hold for their own purpose only, keys are private, production refuses it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from giayto_crypto.certificates import (
    CREDENTIAL_ISSUER,
    PURPOSES,
    load_anchors,
    verify_chain,
)
from giayto_crypto.errors import CertificateError, CertificateExpiredError
from giayto_crypto.keys import LocalSigner, PublicKey
from giayto_wallet_api.sandbox.agencies import AGENCIES, SandboxAgency
from giayto_wallet_api.sandbox.pki import AGENCY_IDENTITY, LIFETIME, SERVER_IDENTITIES, SandboxAuthority
from giayto_wallet_api.sandbox.refusal import SandboxRefusedError
from giayto_wallet_api.server_keys import ServerKeys, generate_secrets
from giayto_wallet_api.settings import Mode

NOW = datetime(2026, 10, 1, 8, 30, tzinfo=UTC)


@pytest.fixture
def authority(tmp_path: Path) -> SandboxAuthority:
    return SandboxAuthority.open(tmp_path / "authority", mode=Mode.SANDBOX, now=NOW)


def _chain(path: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(path.read_bytes())


def test_production_refuses_it_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(SandboxRefusedError) as refused:
        SandboxAuthority.open(tmp_path / "authority", mode=Mode.PRODUCTION, now=NOW)
    assert refused.value.code == "sandbox_refused"
    assert list(tmp_path.iterdir()) == []


def test_production_refuses_one_that_exists(tmp_path: Path, authority: SandboxAuthority) -> None:
    assert (tmp_path / "authority" / "root.pem").exists()
    with pytest.raises(SandboxRefusedError):
        SandboxAuthority.open(tmp_path / "authority", mode=Mode.PRODUCTION, now=NOW)


def test_opening_again_gives_the_same_root(tmp_path: Path, authority: SandboxAuthority) -> None:
    again = SandboxAuthority.open(tmp_path / "authority", mode=Mode.SANDBOX, now=NOW + timedelta(days=9))
    assert again.root == authority.root
    assert again.signer.public_key == authority.signer.public_key


def test_a_start_that_was_cut_off_before_the_certificate_is_made_good(tmp_path: Path) -> None:
    folder = tmp_path / "authority"
    folder.mkdir()
    (folder / "root.key.pem").write_bytes(LocalSigner.generate().to_pem())
    authority = SandboxAuthority.open(folder, mode=Mode.SANDBOX, now=NOW)
    assert PublicKey.from_certificate(authority.root) == authority.signer.public_key


@pytest.mark.parametrize("agency", AGENCIES, ids=lambda agency: agency.agency_id)
def test_an_agency_leaf_carries_its_iss_and_only_signs_credentials(
    tmp_path: Path, authority: SandboxAuthority, agency: SandboxAgency
) -> None:
    authority.equip_agency(tmp_path / "agency", agency, now=NOW)
    chain = _chain(tmp_path / "agency" / "signing.chain.pem")
    anchors = load_anchors(authority.root_pem)
    assert verify_chain(chain, anchors, purpose=CREDENTIAL_ISSUER, now=NOW).san_uris == (agency.iss,)
    for other in set(PURPOSES) - {CREDENTIAL_ISSUER}:
        with pytest.raises(CertificateError):
            verify_chain(chain, anchors, purpose=other, now=NOW)


@pytest.mark.parametrize(("name", "purpose"), sorted(SERVER_IDENTITIES.items()))
def test_a_server_leaf_serves_its_purpose_alone(
    tmp_path: Path, authority: SandboxAuthority, name: str, purpose: x509.ObjectIdentifier
) -> None:
    authority.equip_server(tmp_path / "keys", now=NOW)
    chain = _chain(tmp_path / "keys" / f"{name}.chain.pem")
    verify_chain(chain, [authority.root], purpose=purpose, now=NOW)
    for other in set(PURPOSES) - {purpose}:
        with pytest.raises(CertificateError):
            verify_chain(chain, [authority.root], purpose=other, now=NOW)


def test_the_server_reads_what_it_was_equipped_with(tmp_path: Path, authority: SandboxAuthority) -> None:
    folder = tmp_path / "keys"
    authority.equip_server(folder, now=NOW)
    generate_secrets(folder)
    keys = ServerKeys.load(folder)
    assert keys.anchors == (authority.root,)


def test_equipping_again_changes_nothing(tmp_path: Path, authority: SandboxAuthority) -> None:
    def equip(now: datetime) -> dict[str, bytes]:
        authority.equip_server(tmp_path / "keys", now=now)
        authority.equip_agency(tmp_path / "agency", AGENCIES[0], now=now)
        folders = (tmp_path / "keys", tmp_path / "agency")
        return {path.name: path.read_bytes() for folder in folders for path in folder.iterdir()}

    assert equip(NOW) == equip(NOW + timedelta(days=30))


def test_an_agency_whose_equipping_was_cut_off_gets_a_key_with_its_certificate(
    tmp_path: Path, authority: SandboxAuthority
) -> None:
    folder = tmp_path / "agency"
    folder.mkdir()
    (folder / "signing.key.pem").write_bytes(LocalSigner.generate().to_pem())
    authority.equip_agency(folder, AGENCIES[0], now=NOW)
    key = LocalSigner.from_pem((folder / "signing.key.pem").read_bytes())
    assert PublicKey.from_certificate(_chain(folder / "signing.chain.pem")[0]) == key.public_key


def test_private_keys_are_for_their_owner_alone(tmp_path: Path, authority: SandboxAuthority) -> None:
    authority.equip_server(tmp_path / "keys", now=NOW)
    authority.equip_agency(tmp_path / "agency", AGENCIES[0], now=NOW)
    keys = sorted(tmp_path.rglob("*.key.pem"))
    of_the_server = {Path("keys") / f"{name}.key.pem" for name in SERVER_IDENTITIES}
    of_the_agency = {Path("agency") / f"{name}.key.pem" for name in (AGENCY_IDENTITY, "client")}
    root = {Path("authority/root.key.pem")}
    assert {key.relative_to(tmp_path) for key in keys} == of_the_server | of_the_agency | root
    assert {oct(key.stat().st_mode & 0o777) for key in keys} == {"0o600"}


def test_another_sandbox_is_not_trusted(tmp_path: Path, authority: SandboxAuthority) -> None:
    stranger = SandboxAuthority.open(tmp_path / "other", mode=Mode.SANDBOX, now=NOW)
    leaf = stranger.certify_agency(LocalSigner.generate().public_key, AGENCIES[0], now=NOW)
    with pytest.raises(CertificateError):
        verify_chain([leaf], [authority.root], purpose=CREDENTIAL_ISSUER, now=NOW)


def test_leaves_hold_for_the_hour_before_they_were_made_and_end_with_their_lifetime(
    authority: SandboxAuthority,
) -> None:
    leaf = authority.certify_agency(LocalSigner.generate().public_key, AGENCIES[0], now=NOW)
    for moment in (NOW - timedelta(hours=1), NOW + LIFETIME - timedelta(days=2)):
        verify_chain([leaf], [authority.root], purpose=CREDENTIAL_ISSUER, now=moment)
    for moment in (NOW - timedelta(days=2), NOW + LIFETIME):
        with pytest.raises(CertificateExpiredError):
            verify_chain([leaf], [authority.root], purpose=CREDENTIAL_ISSUER, now=moment)


def test_a_leaf_cannot_certify_others(authority: SandboxAuthority) -> None:
    middle = LocalSigner.generate()
    leaf = authority.certify_agency(middle.public_key, AGENCIES[0], now=NOW)
    impostor = SandboxAuthority(root=leaf, signer=middle)
    forged = impostor.certify_agency(LocalSigner.generate().public_key, AGENCIES[1], now=NOW)
    with pytest.raises(CertificateError):
        verify_chain([forged, leaf], [authority.root], purpose=CREDENTIAL_ISSUER, now=NOW)
