"""`PaperFallbacks`: paper is asked for all the same, because data is missing or wrong, and a correction follows."""

import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, Self

import httpx2
import msgspec

from giayto_crypto.keys import LocalSigner
from giayto_sdk._clock import Clock, system_clock
from giayto_sdk._http.authorised import AuthorisedClient
from giayto_sdk._http.client import HttpClient
from giayto_sdk._http.dpop import DpopProver
from giayto_sdk._issuing.agency_keys import load_signer
from giayto_sdk._issuing.client_assertion import ClientCredentials
from giayto_sdk._wallet.answers import read_answer
from giayto_sdk.config import AgencyConfig, VerifierConfig, load_agency_config, load_verifier_config

_VERIFIER: Final = ("verifier", "/verifier/v1/paper-fallbacks")
_AGENCY: Final = ("issuer", "/issuer/v1/paper-fallbacks")
"""What a token is for, and where it is used."""


class FallbackSubject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose data is missing or wrong: personal number of a person, tax code of an organisation."""

    kind: Literal["person", "organisation"]
    id: str

    def __repr__(self) -> str:
        return "FallbackSubject(…)"


class FallbackCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Why paper is asked for.

    Attributes:
        case_key: of one's own system, without personal data: sent again with the same content it changes nothing.
        document: code of the document type, or its vct.
        procedure, purpose: for which it was wanted, where that matters to the rule.
        reason: what is wrong with the data.
        subject: whose data.
        details: what is wrong, for the agency that corrects it.
        agency_id: which agency holds the data, where it is known; otherwise the type's owner is asked.
    """

    case_key: str
    document: str
    procedure: str | None = None
    purpose: str | None = None
    reason: Literal["data_missing", "data_wrong"]
    subject: FallbackSubject
    details: str
    agency_id: str | None = None

    def __repr__(self) -> str:
        return f"FallbackCase({self.case_key}, …)"


class PaperFallback(msgspec.Struct, frozen=True, kw_only=True):
    """A fallback as it was recorded, and what the agency that owns the data answered."""

    case_key: str
    ticket_id: str
    owner_agency_id: str
    document_type: str
    """vct"""
    reason: str
    recorded_at: datetime
    due_at: datetime
    """By when the agency answers."""
    state: str
    """`open` or `answered`."""
    outcome: str | None = None
    """`corrected`, `data_was_right` or `not_responsible`."""
    answer: str | None = None

    def __repr__(self) -> str:
        return f"PaperFallback({self.case_key}, {self.state})"


class _Page(msgspec.Struct, frozen=True):
    items: list[PaperFallback]
    next_cursor: str | None = None


class PaperFallbacks:
    """Records why paper is asked for, and tells what became of the data; for agencies and verifiers.

    with PaperFallbacks.from_file("verifier.toml") as fallbacks:
        recorded = fallbacks.record(FallbackCase(case_key="2026/0975", document="birth-certificate", …))
        answered = [each for each in fallbacks.recorded() if each.state == "answered"]
    """

    def __init__(
        self,
        config: AgencyConfig | VerifierConfig,
        *,
        clock: Clock = system_clock,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Prepare everything; nothing is sent yet.

        Args:
            config: see `giayto_sdk.config`.
            clock: the time of assertions and proofs.
            transport: in place of the network, for tests.
        """
        is_verifier = isinstance(config, VerifierConfig)
        scope, self._path = _VERIFIER if is_verifier else _AGENCY
        client_id = config.verifier_id if isinstance(config, VerifierConfig) else config.client_id
        self._http = HttpClient(config.base_url, clock=clock, transport=transport)
        dpop = DpopProver(LocalSigner.generate(), clock)
        signer = load_signer(config.client_key_file)
        credentials = ClientCredentials(self._http, dpop, client_id=client_id, signer=signer, scope=scope)
        self._client = AuthorisedClient(self._http, dpop, credentials.fetch_token)

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read the configuration of an agency or of a verifier; ConfigurationError says what is wrong with it."""
        file = Path(path)
        return cls(load_verifier_config(file) if _is_of_verifier(file) else load_agency_config(file))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def record(self, case: FallbackCase) -> PaperFallback:
        """Record a case; the same one again changes nothing, and so a lost answer is simply asked for again.

        Raises:
            ForbiddenError: this paper may not be asked for, whatever the data.
            ConflictError: it may be asked for anyway, or the case key stands for another case; see `code`.
            GiaytoError: the backend cannot be reached, or refuses it.
        """
        body: dict[str, Any] = msgspec.to_builtins(case)
        return read_answer(self._client.post(self._path, body, repeatable=True).json(), PaperFallback)

    def recorded(self) -> Iterator[PaperFallback]:
        """Return what was recorded, with the answers, newest first; pages are fetched as they are needed."""
        cursor: dict[str, str] = {}
        while True:
            page = read_answer(self._client.get(self._path, cursor).json(), _Page)
            yield from page.items
            if page.next_cursor is None:
                return
            cursor = {"cursor": page.next_cursor}


def _is_of_verifier(file: Path) -> bool:
    """What cannot be read is left to the reader of configurations, who says why."""
    try:
        return "verifier" in tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False
