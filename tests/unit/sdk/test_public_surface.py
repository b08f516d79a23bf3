"""What the SDK offers is pinned: a name that comes or goes is a decision, not an accident."""

import importlib
import pkgutil
import subprocess
import sys

import giayto_sdk
from giayto_sdk import config, errors

PUBLIC = {
    "AnswerOutcome",
    "AnswerVerdict",
    "AuthenticPresentation",
    "BrowserAuthenticator",
    "Catalogue",
    "ChosenCertificate",
    "Consent",
    "CountDifference",
    "CredentialOffer",
    "DepositOffer",
    "DepositOutcome",
    "DepositProgress",
    "DepositReport",
    "DepositResult",
    "EvidenceLevel",
    "FallbackCase",
    "FallbackSubject",
    "FileReplayGuard",
    "Finding",
    "HistoryEntry",
    "HostedRequest",
    "HostedRequests",
    "HostedVerdict",
    "HostedSigning",
    "HttpReply",
    "InMemoryReplayGuard",
    "IndexedRecords",
    "Invalid",
    "InvalidAnswer",
    "IssuedDocument",
    "Issuer",
    "JobOperation",
    "JobRow",
    "ListFolder",
    "LocalSigner",
    "MayAsk",
    "OfferedDocument",
    "OutcomeCount",
    "PaperFallback",
    "PaperFallbacks",
    "Policy",
    "Presentation",
    "PresentationRequestShown",
    "PresentationRequests",
    "Purpose",
    "PushJob",
    "PushProgress",
    "PushReport",
    "Reason",
    "Receipt",
    "ReceiptHolds",
    "ReceiptReason",
    "ReceiptRefused",
    "ReceiptResult",
    "ReceiptStatement",
    "ReceiptUndetermined",
    "Reconciliation",
    "RecordSource",
    "RefusalReport",
    "ReplayGuard",
    "RequestStore",
    "RowOutcome",
    "RowResult",
    "Signer",
    "SigningWorker",
    "Unknown",
    "UnknownAnswer",
    "Valid",
    "ValidAnswer",
    "Verdict",
    "VerifiedPresentation",
    "Verifier",
    "VerifierIdentity",
    "VerifiersWord",
    "WalletChange",
    "WalletClient",
    "WalletDocument",
    "WalletDocumentDetail",
    "WalletPreparation",
    "check_receipt",
    "errors",
    "verify_webhook",
}
PUBLIC_MODULES = {"cli", "config", "errors"}
PUBLIC_CONFIG = {
    "AgencyConfig",
    "VerifierConfig",
    "load_verifier_config",
    "write_verifier_config",
    "WalletConfig",
    "load_agency_config",
    "load_wallet_config",
    "write_agency_config",
    "write_wallet_config",
}


def test_the_names_of_the_package_are_these() -> None:
    assert set(giayto_sdk.__all__) == PUBLIC
    assert sorted(giayto_sdk.__all__, key=str.lower) == sorted(PUBLIC, key=str.lower)
    assert all(hasattr(giayto_sdk, name) for name in PUBLIC)


def test_the_names_of_the_configuration_are_these() -> None:
    assert set(config.__all__) == PUBLIC_CONFIG


def test_everything_else_is_private_by_its_name() -> None:
    modules = {module.name for module in pkgutil.iter_modules(giayto_sdk.__path__)}
    assert {name for name in modules if not name.startswith("_")} == PUBLIC_MODULES


def test_every_error_is_documented_bilingual_and_of_the_one_tree() -> None:
    classes = [getattr(errors, name) for name in errors.__all__]
    kinds = [kind for kind in classes if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(kinds) > 10
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes)
    for kind in kinds:
        assert issubclass(kind, errors.GiaytoError)
        assert kind.__doc__
        assert kind.message_vi
        assert kind.message_en
        assert kind.message_vi != kind.message_en


def test_every_public_name_explains_itself() -> None:
    for name in PUBLIC - {"ReceiptResult", "Verdict", "errors"}:
        assert getattr(giayto_sdk, name).__doc__, name


def test_importing_the_sdk_starts_nothing() -> None:
    program = (
        "import sys, threading, giayto_sdk\n"
        "assert threading.active_count() == 1\n"
        "assert not {'cyclopts', 'rich', 'litestar', 'sqlalchemy', 'sqlite3'} & set(sys.modules), sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_module_can_be_imported_alone() -> None:
    for module in pkgutil.walk_packages(giayto_sdk.__path__, "giayto_sdk."):
        if not module.name.endswith("__main__"):
            assert importlib.import_module(module.name).__doc__
