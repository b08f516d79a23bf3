"""The life of a document once, by the SDK over real HTTP: from three agencies' records to a verdict.

These are steps 1 to 9; `open_standards` goes on with 10 to 12.

The sandbox plays all the parts (agencies, citizens, a verifier), each with its own configuration file and nothing
else. It can be run again on the same sandbox at any time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from giayto_crypto.bundle import VerifierBundle
from giayto_crypto.sdjwt import ClaimPath
from giayto_sdk import (
    Issuer,
    Policy,
    Presentation,
    PushReport,
    Reason,
    RowOutcome,
    Verdict,
    Verifier,
    WalletClient,
    WalletDocument,
)
from giayto_wallet_api.sandbox.agencies import AGENCIES, SandboxAgency, agency
from giayto_wallet_api.sandbox.failure import LoopError
from giayto_wallet_api.sandbox.folder import write_whole
from giayto_wallet_api.sandbox.open_standards import OpenStandards, Patient
from giayto_wallet_api.sandbox.people import Person
from giayto_wallet_api.sandbox.preparation import PreparedSandbox
from giayto_wallet_api.sandbox.story import Story

SHOWN = agency("G01")
"""Whose document is shown in the QR: the criminal-record certificate."""
SHOWN_CLAIMS: tuple[ClaimPath, ...] = (("full_name",), ("birth_date",), ("conviction_status",), ("issued_on",))

CHANGED = agency("H15.50.05.13")
"""Whose document is suspended and resumed: the result of a procedure."""
CHANGED_CLAIMS: tuple[ClaimPath, ...] = (("full_name",), ("dossier_code",), ("dossier_status",))

_OUTCOMES = {
    RowOutcome.STORED: "stored",
    RowOutcome.UNCHANGED: "unchanged",
    RowOutcome.WAITING_FOR_WALLET: "waiting",
    RowOutcome.MISMATCH: "mismatch",
    RowOutcome.REFUSED: "refused",
}
"""What may become of a row, and the heading under which it is counted."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """One of the people who have a phone; `number` is that of the wallet's configuration, from 1."""

    number: int
    person: Person


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """What was shown in the QR, and by whom; at `checkable_at` QR and verifier bundle are both fresh."""

    citizen: Citizen
    document: WalletDocument
    checkable_at: datetime
    patient: Patient
    """Who fetched the referral of `referral_id`."""
    referral_id: str


class Loop:
    """One run through all steps of a sandbox whose wallet API is being served."""

    def __init__(self, sandbox: PreparedSandbox, story: Story) -> None:
        self._sandbox = sandbox
        self._folder = sandbox.folder
        self._base_url = sandbox.settings.base_url
        self._story = story
        self._citizens = tuple(Citizen(n, person) for n, person in enumerate(sandbox.citizens, start=1))

    def run(self) -> ShownDocument:
        """Go through all steps, and tell of each.

        Raises:
            GiaytoError: a step failed; LoopError where it gave another result than it must.
        """
        self._record()
        self._match()
        self._sign_and_push()
        self._confirm()
        citizen, document, presentation = self._show()
        self._check(presentation)
        bundle = self._change(next((other for other in self._citizens if other != citizen), citizen))
        patient = self._patient()
        referral = OpenStandards(self._sandbox, self._story, patient).run()
        return ShownDocument(citizen, document, bundle.issued_at, patient, referral.document_id)

    def _patient(self) -> Patient:
        last = self._citizens[-1]
        return Patient(last.number, last.person)

    def _record(self) -> None:
        self._story.step(1)
        self._story.fact(
            f"{self._sandbox.population_size} people were made up, nobody is real. "
            "Three agencies export what they hold about them:"
        )
        self._story.table(("Agency", "Name"), [(one.agency_id, one.names.vi) for one in AGENCIES])
        self._story.fact(f"Their records: {self._folder.root / 'agencies' / '*' / 'records.*'}")

    def _match(self) -> None:
        self._story.step(2)
        for citizen in self._citizens:
            with self._wallet(citizen) as wallet:
                if wallet.is_enrolled:
                    self._story.fact(f"{citizen.person.full_name} has a wallet already.")
                    continue
                wallet.log_in_at_sandbox(citizen.person.personal_number)
            self._story.fact(f"{citizen.person.full_name} logged in and enrolled a phone with its keys.")

    def _sign_and_push(self) -> None:
        reports = {one: self._push(one) for one in AGENCIES}
        counts = {outcome: sum(report.counts.get(outcome, 0) for report in reports.values()) for outcome in _OUTCOMES}
        self._story.fact(
            f"{counts[RowOutcome.WAITING_FOR_WALLET]} records wait until their holder has a wallet; "
            f"{counts[RowOutcome.MISMATCH]} differ from the population register."
        )
        self._story.step(3)
        self._story.fact("Each agency reserved status indexes, and wrote what it would sign into its journal.")
        self._story.step(4)
        self._story.fact(
            f"{counts[RowOutcome.STORED]} new documents signed with the agencies' own keys (ES256); "
            f"{counts[RowOutcome.UNCHANGED]} were in their wallet already."
        )
        self._story.step(5)
        self._story.table(("Agency", "Type", *_OUTCOMES.values()), _rows(reports))
        for one, report in reports.items():
            self._tell_refusals(one, report)

    def _push(self, one: SandboxAgency) -> PushReport:
        with Issuer.from_file(self._folder.agency_config(one.agency_id)) as issuer:
            return issuer.push(one.type_code, self._sandbox.records_file(one))

    def _tell_refusals(self, one: SandboxAgency, report: PushReport) -> None:
        for result in report:
            if result.outcome is RowOutcome.REFUSED and result.problem is not None:
                self._story.warning(f"{one.agency_id} refused alone: {result.problem.detail}")

    def _confirm(self) -> None:
        self._story.step(6)
        for citizen in self._citizens:
            with self._wallet(citizen) as wallet:
                offered = list(wallet.inbox())
                for document in offered:
                    wallet.confirm(document.document_id)
                held = sum(document.state == "confirmed" for document in wallet.documents())
            self._story.fact(f"{citizen.person.full_name} confirmed {len(offered)} and now holds {held} documents.")

    def _show(self) -> tuple[Citizen, WalletDocument, Presentation]:
        self._story.step(7)
        citizen, document = self._first_held(SHOWN)
        presentation = self._present(citizen, document, SHOWN_CLAIMS)
        self._story.fact(
            f"{citizen.person.full_name} shows {len(SHOWN_CLAIMS)} facts of a document: QR version "
            f"{presentation.qr_version}, {presentation.qr_modules} × {presentation.qr_modules} modules."
        )
        self._story.qr(presentation)
        write_whole(self._folder.presentation("png"), presentation.png())
        write_whole(self._folder.presentation("txt"), presentation.qr_text.encode("ascii"))
        write_whole(self._folder.presentation("sdjwt"), presentation.sd_jwt.encode("ascii"))
        self._story.fact(f"Picture, text and standard string: {self._folder.presentation('{png,txt,sdjwt}')}")
        return citizen, document, presentation

    def _check(self, presentation: Presentation) -> None:
        self._story.step(8)
        self._fetch_bundle()
        self._story.fact("From here on no network: the picture, the verifier bundle and the pinned root are enough.")
        with Verifier(self._folder.bundle, anchor=self._folder.anchor, policy=Policy()) as verifier:
            verdict = verifier.verify_picture(self._folder.presentation("png"))
            again = verifier.verify_picture(self._folder.presentation("png"))
            forged = verifier.verify(_with_one_character_changed(presentation.sd_jwt))
        self._story.verdict(verdict)
        self._story.outcome("The same QR shown a second time", again)
        self._story.outcome("One character of it changed", forged)
        _expect(Reason.REPLAYED in again.reasons, "a QR that was shown twice", again)
        _expect(forged.outcome == "invalid", "a QR with one character changed", forged)
        _expect(verdict.outcome == "valid", "the QR", verdict)

    def _change(self, citizen: Citizen) -> VerifierBundle:
        self._story.step(9)
        held_by, document = self._first_held(CHANGED, citizen)
        with Issuer.from_file(self._folder.agency_config(CHANGED.agency_id)) as issuer:
            issuer.suspend(document.document_id, "sandbox: shown that a change reaches verifiers")
            try:
                suspended = self._check_online(held_by, document)
            finally:
                issuer.resume(document.document_id)
        resumed = self._check_online(held_by, document)
        self._story.fact(f"{CHANGED.agency_id} suspends a document of {held_by.person.full_name}, then resumes it.")
        self._story.outcome("With a fresh bundle, while it was suspended", suspended)
        self._story.outcome("With a fresh bundle, after it was resumed", resumed)
        _expect(Reason.SUSPENDED in suspended.reasons, "a suspended document", suspended)
        _expect(resumed.outcome == "valid", "a resumed document", resumed)
        return self._fetch_bundle()

    def _check_online(self, citizen: Citizen, document: WalletDocument) -> Verdict:
        presentation = self._present(citizen, document, CHANGED_CLAIMS)
        with Verifier(None, anchor=self._folder.anchor, policy=Policy(), refresh_from=self._base_url) as verifier:
            return verifier.verify(presentation.qr_text)

    def _fetch_bundle(self) -> VerifierBundle:
        # An older bundle at hand is left out of account: this sandbox's own server is the only one there is.
        self._folder.bundle.unlink(missing_ok=True)
        with Verifier(
            self._folder.bundle, anchor=self._folder.anchor, policy=Policy(), refresh_from=self._base_url
        ) as verifier:
            bundle = verifier.bundle
        self._story.fact(f"Verifier bundle {bundle.sequence} fetched: {self._folder.bundle}")
        return bundle

    def _wallet(self, citizen: Citizen) -> WalletClient:
        return WalletClient.from_file(self._folder.wallet_config(citizen.number))

    def _present(self, citizen: Citizen, document: WalletDocument, claims: Iterable[ClaimPath]) -> Presentation:
        with self._wallet(citizen) as wallet:
            return wallet.present(document.document_id, claims)

    def _first_held(self, issued_by: SandboxAgency, preferred: Citizen | None = None) -> tuple[Citizen, WalletDocument]:
        """Return a confirmed document of an agency and who holds it: `preferred`, else the first who does."""
        for citizen in (*filter(None, (preferred,)), *self._citizens):
            with self._wallet(citizen) as wallet:
                for document in wallet.documents():
                    if document.document_type == issued_by.vct and document.state == "confirmed":
                        return citizen, document
        raise LoopError(
            f"no citizen holds a confirmed document of {issued_by.agency_id} any more; start over with --fresh"
        )


def _rows(reports: Mapping[SandboxAgency, PushReport]) -> Iterable[tuple[str, ...]]:
    for one, report in reports.items():
        yield (one.agency_id, one.type_code, *(str(report.counts.get(outcome, 0)) for outcome in _OUTCOMES))


def _with_one_character_changed(sd_jwt: str) -> str:
    """Change a character in the middle of the agency's signature, so that the rest stays well-formed."""
    position = sd_jwt.index("~") - 20
    other = "A" if sd_jwt[position] != "A" else "B"
    return sd_jwt[:position] + other + sd_jwt[position + 1 :]


def _expect(fulfilled: bool, what: str, verdict: Verdict) -> None:
    if not fulfilled:
        raise LoopError(f"{what}: the verdict is {verdict.outcome} ({', '.join(verdict.reasons)})")
