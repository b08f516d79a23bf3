"""The last steps of the sandbox: a deposit, fetched by OpenID4VCI 1.0, and documents asked for by OpenID4VP 1.0.

Any wallet could fetch and answer so, and any verifier ask. Each part is played by the SDK over real HTTP, from a
configuration file and nothing else.
"""

from dataclasses import dataclass

from giayto_sdk import (
    Consent,
    HostedRequests,
    HostedVerdict,
    Issuer,
    PresentationRequestShown,
    WalletClient,
    WalletDocumentDetail,
    check_receipt,
)
from giayto_sdk._issuing.hosted_signing import certificate_sha256
from giayto_sdk.errors import ForbiddenError, RefusedError
from giayto_wallet_api.authorization.pre_authorized_codes import TX_CODE_DIGITS
from giayto_wallet_api.sandbox.agencies import HOSPITAL
from giayto_wallet_api.sandbox.failure import LoopError
from giayto_wallet_api.sandbox.folder import write_whole
from giayto_wallet_api.sandbox.people import Person
from giayto_wallet_api.sandbox.pki import AGENCY_IDENTITY
from giayto_wallet_api.sandbox.preparation import PreparedSandbox
from giayto_wallet_api.sandbox.story import Story
from giayto_wallet_api.sandbox.verifiers import BANK, CLINIC, SandboxVerifier

COPIES = 3
_TRANSACTION = "sandbox-1"


@dataclass(frozen=True, slots=True)
class Patient:
    """The citizen who was referred; `number` is that of the wallet's configuration, from 1."""

    number: int
    person: Person


class OpenStandards:
    """One run through steps 10 to 12 of a sandbox whose wallet API is being served."""

    def __init__(self, sandbox: PreparedSandbox, story: Story, patient: Patient) -> None:
        self._sandbox = sandbox
        self._folder = sandbox.folder
        self._story = story
        self._patient = patient

    def run(self) -> WalletDocumentDetail:
        """Go through the steps, and tell of each; return the document that was fetched.

        Raises:
            GiaytoError: a step failed; LoopError where it gave another result than it must.
        """
        with Issuer.from_file(self._folder.agency_config(HOSPITAL.agency_id)) as hospital, self._wallet() as wallet:
            self._deposit(hospital)
            referral = self._fetch(hospital, wallet)
            self._ask(wallet)
        return referral

    def _deposit(self, hospital: Issuer) -> None:
        self._story.step(10)
        own_folder = self._folder.agency(HOSPITAL.agency_id)
        hospital.hosted_signing.choose(certificate_sha256(own_folder / f"{AGENCY_IDENTITY}.chain.pem"))
        report = hospital.deposit(HOSPITAL.type_code, self._sandbox.records_file(HOSPITAL))
        self._story.fact(f"{HOSPITAL.names.en} has no signing key: it lets the operator sign for it.")
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(report.counts.items()))
        self._story.fact(f"It leaves its referrals: {outcomes}. Nothing is signed before a wallet fetches it.")

    def _fetch(self, hospital: Issuer, wallet: WalletClient) -> WalletDocumentDetail:
        self._story.step(11)
        waiting = next((each for each in wallet.issuance.offers() if each.document_type == HOSPITAL.vct), None)
        if waiting is None:
            raise LoopError(f"{HOSPITAL.agency_id} has deposited no referral for the citizen; start over with --fresh")
        made = hospital.offer(waiting.document_id)
        self._story.fact("The hospital's desk shows an OpenID4VCI offer as a QR; the PIN goes to the citizen's phone.")
        offer = wallet.issuance.resolve_offer(made.by_reference)
        try:
            wallet.issuance.accept_offer(offer, tx_code=_another(str(made.tx_code)))
        except RefusedError as error:
            self._story.warning(f"A wrong PIN is refused ({error.code}); five are borne, the sixth ends the offer.")
        else:
            raise LoopError("a wrong PIN was taken")
        referral = wallet.issuance.accept_offer(offer, tx_code=made.tx_code, copies=COPIES)
        self._story.fact(
            f"{self._patient.person.full_name} scanned it, and holds the referral: signed for "
            f"{len(referral.credentials)} keys of the phone, each copy to be shown once."
        )
        return referral

    def _ask(self, wallet: WalletClient) -> None:
        self._story.step(12)
        for verifier in (CLINIC, BANK):
            self._answered(verifier, wallet)
        with HostedRequests.from_file(self._folder.verifier_config(BANK.verifier_id)) as bank:
            try:
                bank.ask(document_type=CLINIC.vct, claims=CLINIC.claims, purpose=BANK.purpose.code)
            except ForbiddenError as error:
                self._story.warning(f"{BANK.names.en} asks for the referral, too: refused ({error.code}).")
            else:
                raise LoopError("a verifier could ask for what it is not registered for")

    def _answered(self, verifier: SandboxVerifier, wallet: WalletClient) -> None:
        def decide(shown: PresentationRequestShown) -> Consent:
            self._tell_question(verifier, shown)
            return Consent(given=True)

        with HostedRequests.from_file(self._folder.verifier_config(verifier.verifier_id)) as requests:
            asked = requests.ask(
                document_type=verifier.vct,
                claims=verifier.claims,
                purpose=verifier.purpose.code,
                transaction=_TRANSACTION,
            )
            wallet.answer(asked.qr_text, decide)
            verdict = requests.wait(asked)
        self._story.outcome(f"{self._patient.person.full_name} agrees: {verifier.names.en} gets", verdict)
        if verdict.outcome != "valid":
            raise LoopError(f"a request was answered: the verdict is {verdict.outcome} ({', '.join(verdict.reasons)})")
        self._tell_receipt(verifier, verdict)

    def _tell_question(self, verifier: SandboxVerifier, shown: PresentationRequestShown) -> None:
        if shown.verifier.names != verifier.names or shown.purpose is None:
            raise LoopError("the citizen was not told who asks")
        self._story.fact(f"{shown.verifier.names.en} asks, registered, for: {shown.purpose.en.lower()}.")

    def _tell_receipt(self, verifier: SandboxVerifier, verdict: HostedVerdict) -> None:
        (receipt,) = verdict.receipts()
        path = self._folder.receipt(verifier.verifier_id)
        write_whole(path, receipt.encode("ascii"))
        checked = check_receipt(
            path,
            anchor=self._folder.anchor,
            verifier_key=self._folder.request_certificate,
            verifier=verifier.verifier_id,
            transaction=_TRANSACTION,
        )
        if checked.result != "holds":
            raise LoopError(f"a receipt that was just made: {checked.result}")
        self._story.fact(f"  Its receipt, which can be checked in ten years: {path}")

    def _wallet(self) -> WalletClient:
        return WalletClient.from_file(self._folder.wallet_config(self._patient.number))


def _another(tx_code: str) -> str:
    return str((int(tx_code) + 1) % 10**TX_CODE_DIGITS).zfill(TX_CODE_DIGITS)
