"""Configuration files of an agency and of a wallet: TOML, with paths relative to the file itself.

A configuration names key files and never holds a key, so it may be shown, copied and versioned.
`load_*` and `write_*` are each other's inverse.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from giayto_sdk._files import write_atomically
from giayto_sdk._http.client import require_safe
from giayto_sdk.errors import ConfigurationError

__all__ = [
    "AgencyConfig",
    "VerifierConfig",
    "WalletConfig",
    "load_agency_config",
    "load_verifier_config",
    "load_wallet_config",
    "write_agency_config",
    "write_verifier_config",
    "write_wallet_config",
]


@dataclass(frozen=True, slots=True)
class AgencyConfig:
    """What an agency needs to push documents. In the file: the table `[agency]`, with the same names."""

    base_url: str
    """Of the wallet backend, which is also its issuer identifier."""
    agency_id: str
    """Such as `G18` or `H26`."""
    iss: str
    """https URL of the agency: `iss` of its credentials, and in the SAN of its certificate."""
    client_id: str
    """Names the agency's system at the token endpoint."""
    client_key_file: Path
    """PEM of the P-256 key that signs client assertions."""
    signing_key_file: Path | None
    """PEM of the P-256 key that signs credentials; None where the operator signs, and the agency only deposits."""
    certificate_chain_file: Path | None
    """PEM of the certificate of the signing key, then its intermediates."""
    journal_folder: Path
    """Where the intents and the outcomes of pushes are kept. Holds personal data: the agency guards it."""
    types_folder: Path | None = None
    """Document types beside those that come with giayto, one folder each."""


@dataclass(frozen=True, slots=True)
class WalletConfig:
    """What a wallet on this machine needs. In the file: the table `[wallet]`, with the same names."""

    base_url: str
    """Of the wallet backend."""
    key_store_folder: Path
    """Private keys and documents of the wallet, readable by its owner alone."""
    identity_provider: str
    """Issuer identifier of the OpenID provider that citizens log in at."""
    client_id: str
    """Names the wallet at the identity provider."""
    device_name: str
    """What the citizen reads in the list of devices."""
    anchor_file: Path | None = None
    """PEM of the roots that verifiers' certificates lead to. Without it the wallet answers no presentation requests."""
    types_folder: Path | None = None
    """Document types beside those that come with giayto, one folder each."""


@dataclass(frozen=True, slots=True)
class VerifierConfig:
    """What a verifier needs to ask wallets through the backend. In the file: the table `[verifier]`, same names."""

    base_url: str
    """Of the wallet backend."""
    verifier_id: str
    """As it is registered, such as `bank-a`."""
    client_key_file: Path
    """PEM of the P-256 key that signs client assertions."""


def load_agency_config(path: Path) -> AgencyConfig:
    """Read an agency's configuration.

    Raises:
        ConfigurationError: unreadable, not TOML, or a setting that is missing, unknown or not usable.
    """
    table = _Table.load(path, "agency", AgencyConfig.__dataclass_fields__)
    return AgencyConfig(
        base_url=table.url("base_url"),
        agency_id=table.text("agency_id"),
        iss=table.text("iss"),
        client_id=table.text("client_id"),
        client_key_file=table.path("client_key_file"),
        signing_key_file=table.optional_path("signing_key_file"),
        certificate_chain_file=table.optional_path("certificate_chain_file"),
        journal_folder=table.path("journal_folder"),
        types_folder=table.optional_path("types_folder"),
    )


def write_agency_config(config: AgencyConfig, path: Path) -> None:
    """Write an agency's configuration, replacing the file at once."""
    _write(path, "agency", config, AgencyConfig.__dataclass_fields__)


def load_wallet_config(path: Path) -> WalletConfig:
    """Read a wallet's configuration.

    Raises:
        ConfigurationError: unreadable, not TOML, or a setting that is missing, unknown or not usable.
    """
    table = _Table.load(path, "wallet", WalletConfig.__dataclass_fields__)
    return WalletConfig(
        base_url=table.url("base_url"),
        key_store_folder=table.path("key_store_folder"),
        identity_provider=table.url("identity_provider"),
        client_id=table.text("client_id"),
        device_name=table.text("device_name"),
        anchor_file=table.optional_path("anchor_file"),
        types_folder=table.optional_path("types_folder"),
    )


def write_wallet_config(config: WalletConfig, path: Path) -> None:
    """Write a wallet's configuration, replacing the file at once."""
    _write(path, "wallet", config, WalletConfig.__dataclass_fields__)


def load_verifier_config(path: Path) -> VerifierConfig:
    """Read a verifier's configuration.

    Raises:
        ConfigurationError: unreadable, not TOML, or a setting that is missing, unknown or not usable.
    """
    table = _Table.load(path, "verifier", VerifierConfig.__dataclass_fields__)
    return VerifierConfig(
        base_url=table.url("base_url"),
        verifier_id=table.text("verifier_id"),
        client_key_file=table.path("client_key_file"),
    )


def write_verifier_config(config: VerifierConfig, path: Path) -> None:
    """Write a verifier's configuration, replacing the file at once."""
    _write(path, "verifier", config, VerifierConfig.__dataclass_fields__)


class _Table:
    """One table of a TOML file, with errors that name file and setting."""

    def __init__(self, path: Path, name: str, members: Mapping[str, Any]) -> None:
        self._path = path
        self._name = name
        self._members = members

    @classmethod
    def load(cls, path: Path, name: str, known: Mapping[str, object]) -> "_Table":
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigurationError(f"{path.name}: cannot be read ({error.strerror})") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path.name}: not a TOML file in UTF-8") from error
        members = document.get(name)
        if not isinstance(members, dict):
            raise ConfigurationError(f"{path.name}: the table [{name}] is missing")
        unknown = sorted(set(members) - set(known))
        if unknown:
            raise ConfigurationError(f"{path.name}: [{name}] has unknown settings: {', '.join(unknown)}")
        return cls(path, name, members)

    def text(self, name: str) -> str:
        value = self._members.get(name)
        if not isinstance(value, str) or not value:
            raise ConfigurationError(f"{self._path.name}: [{self._name}] {name}: a text is expected")
        return value

    def url(self, name: str) -> str:
        value = self.text(name)
        try:
            require_safe(value)
        except ConfigurationError as error:
            raise ConfigurationError(f"{self._path.name}: [{self._name}] {name}: {error.detail}") from error
        return value

    def optional_path(self, name: str) -> Path | None:
        return self.path(name) if name in self._members else None

    def path(self, name: str) -> Path:
        return self._path.parent / self.text(name)


def _write(
    path: Path, table: str, config: AgencyConfig | VerifierConfig | WalletConfig, names: Mapping[str, object]
) -> None:
    lines = [f"[{table}]"]
    for name in names:
        value = getattr(config, name)
        if value is None:
            continue
        text = _relative(value, path.parent) if isinstance(value, Path) else value
        # A JSON string is a TOML basic string, except for DEL, which no setting has a use for.
        lines.append(f"{name} = {json.dumps(text, ensure_ascii=False)}")
    write_atomically(path, ("\n".join(lines) + "\n").encode("utf-8"))


def _relative(path: Path, folder: Path) -> str:
    # Paths inside the configuration's own folder are written relative: the folder can be moved as a whole.
    try:
        return path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return str(path.resolve())
