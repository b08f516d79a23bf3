"""The folder of one sandbox: where everything lies, and what it was made with.

    sandbox.json                        port, seed, number of people, day of making
    authority/ server-keys/ giayto.db   the root, the wallet backend's keys, its database
    server.log                          what the wallet backend logs
    population.ndjson                   who can log in at the sandbox identity provider
    agencies/<id>.toml, agencies/<id>/  configuration for `giayto push` and `deposit`; keys, records, journal
    verifiers/<id>.toml, verifiers/<id>/  configuration for `giayto request`; key
    wallet.toml, wallet-2.toml …        configurations for `giayto wallet`; keys and documents in wallets/
    root.pem bundle.jwt presentation.*  what a verifier needs, and what the citizen showed

All of it may be thrown away: `--fresh` does.
"""

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec

from giayto_crypto.errors import GiaytoError


class FolderError(GiaytoError):
    """The folder cannot be used for a sandbox, or was made with other settings."""

    code = "sandbox_folder_unusable"
    message_vi = "Không dùng được thư mục này cho môi trường thử nghiệm."
    message_en = "The folder cannot be used for a sandbox."


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a sandbox was made with; a later run goes on with the same."""

    port: int
    seed: int
    people: int
    made_on: date

    @property
    def base_url(self) -> str:
        """Where the wallet API of this sandbox answers; it stands in every credential's status reference."""
        return f"http://127.0.0.1:{self.port}"


class PlanRequest(msgspec.Struct, frozen=True):
    """What the command line asks for; None leaves it to the folder, or to the defaults."""

    port: int | None = None
    seed: int | None = None
    people: int | None = None


DEFAULTS = Plan(port=8000, seed=20260701, people=60, made_on=date.min)


@dataclass(frozen=True, slots=True)
class SandboxFolder:
    """Names of everything in a sandbox's folder."""

    root: Path

    @property
    def database_url(self) -> str:
        """The SQLite database of the wallet backend."""
        return f"sqlite+aiosqlite:///{(self.root / 'giayto.db').absolute()}"

    @property
    def authority(self) -> Path:
        """The root's key and certificate."""
        return self.root / "authority"

    @property
    def server_keys(self) -> Path:
        """See `giayto_wallet_api.server_keys`."""
        return self.root / "server-keys"

    @property
    def revocations(self) -> Path:
        """Where revocations are written down outside the database."""
        return self.root / "revocations"

    @property
    def population(self) -> Path:
        """Who can log in at the sandbox identity provider."""
        return self.root / "population.ndjson"

    @property
    def server_log(self) -> Path:
        """What the wallet backend logs, a JSON object a line."""
        return self.root / "server.log"

    @property
    def anchor(self) -> Path:
        """The root certificate that verifiers pin."""
        return self.root / "root.pem"

    @property
    def bundle(self) -> Path:
        """The verifier bundle."""
        return self.root / "bundle.jwt"

    def presentation(self, suffix: str) -> Path:
        """What the citizen showed, as `png`, `txt` or `sdjwt`."""
        return self.root / f"presentation.{suffix}"

    def agency(self, agency_id: str) -> Path:
        """Keys, records and journal of an agency."""
        return self.root / "agencies" / agency_id

    def agency_config(self, agency_id: str) -> Path:
        """The configuration with which an agency pushes."""
        return self.root / "agencies" / f"{agency_id}.toml"

    def verifier(self, verifier_id: str) -> Path:
        """The key of a verifier that asks wallets through the backend."""
        return self.root / "verifiers" / verifier_id

    def verifier_config(self, verifier_id: str) -> Path:
        """The configuration with which a verifier asks."""
        return self.root / "verifiers" / f"{verifier_id}.toml"

    @property
    def hosted_signers(self) -> Path:
        """Where the operator holds the signing keys of agencies."""
        return self.server_keys / "agencies"

    def offer(self, suffix: str) -> Path:
        """A credential offer's QR as `png`, its PIN as `pin`."""
        return self.root / f"offer.{suffix}"

    def receipt(self, verifier_id: str) -> Path:
        """The receipt of a verifier's last check."""
        return self.root / "verifiers" / f"{verifier_id}.receipt.txt"

    @property
    def request_certificate(self) -> Path:
        """With whose key the backend signs requests, and the receipts of their checks."""
        return self.server_keys / "presentation-request.chain.pem"

    @property
    def question(self) -> Path:
        """The QR of a verifier's request."""
        return self.root / "request.png"

    def wallet_config(self, number: int) -> Path:
        """The configuration of the `number`-th citizen's wallet, from 1."""
        return self.root / ("wallet.toml" if number == 1 else f"wallet-{number}.toml")

    def wallet(self, number: int) -> Path:
        """Keys and documents of the `number`-th citizen's wallet, from 1."""
        return self.root / "wallets" / str(number)

    def open(self, request: PlanRequest, today: date) -> Plan:
        """Return what the sandbox was made with; one that is not there yet is begun with what is asked for.

        Raises:
            FolderError: it holds something else, or was made with other settings than those asked for.
        """
        if not self._plan_file.exists():
            return self._begin(request, today)
        plan = self._read_plan()
        for name in request.__struct_fields__:
            asked, made_with = getattr(request, name), getattr(plan, name)
            if asked is not None and asked != made_with:
                raise FolderError(
                    f"{self.root}: this sandbox was made with {name} {made_with}; leave --{name} out, "
                    "or start over with --fresh"
                )
        return plan

    def planned_port(self, request: PlanRequest) -> int:
        """Return the port that `open` will settle on, touching nothing."""
        if request.port is not None or not self._plan_file.exists():
            return request.port or DEFAULTS.port
        return self._read_plan().port

    def discard(self) -> None:
        """Remove the sandbox with all its keys and data; nothing happens when there is none.

        Raises:
            FolderError: the folder is not a sandbox.
        """
        if not self.root.exists():
            return
        self._require_sandbox_or_empty()
        shutil.rmtree(self.root)

    @property
    def _plan_file(self) -> Path:
        return self.root / "sandbox.json"

    def _begin(self, request: PlanRequest, today: date) -> Plan:
        if self.root.exists():
            self._require_sandbox_or_empty()
        plan = Plan(
            port=_given(request.port, DEFAULTS.port),
            seed=_given(request.seed, DEFAULTS.seed),
            people=_given(request.people, DEFAULTS.people),
            made_on=today,
        )
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self._plan_file, msgspec.json.format(msgspec.json.encode(plan)))
        except OSError as error:
            raise FolderError(f"{self.root}: cannot be written ({error.strerror})") from error
        return plan

    def _read_plan(self) -> Plan:
        try:
            return msgspec.json.decode(self._plan_file.read_bytes(), type=Plan)
        except (OSError, msgspec.DecodeError) as error:
            raise FolderError(f"{self._plan_file}: cannot be read; start over with --fresh") from error

    def _require_sandbox_or_empty(self) -> None:
        # Somebody's own folder must never be filled with keys, still less removed.
        if not self.root.is_dir() or (not self._plan_file.exists() and any(self.root.iterdir())):
            raise FolderError(f"{self.root}: holds something that is not a sandbox; name another --folder")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is either there and whole or not there."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(content)
    temporary.replace(path)


def _given(asked: int | None, default: int) -> int:
    return default if asked is None else asked
