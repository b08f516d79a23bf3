"""How agencies and wallets use the SDK. A line that must not pass ends with its error code."""

from collections.abc import Iterator
from pathlib import Path

from giayto_crypto.keys import LocalSigner, PublicKey
from giayto_sdk import Issuer, PushReport, RowOutcome, RowResult, WalletClient, errors
from giayto_sdk.config import AgencyConfig, WalletConfig, load_agency_config


def push(issuer: Issuer) -> PushReport:
    issuer.push("health-book", "records.csv")
    issuer.push("health-book", Path("records.csv"))
    issuer.push("health-book", [{"MA_SO_SK": "1", "DOT_KCB": []}], on_result=note)
    issuer.push("health-book", 7)  # arg-type
    issuer.push("records.csv")  # call-arg
    return issuer.push("health-book", iter([{"MA_SO_SK": "1"}]))


def log(code: str) -> None:
    """Whatever the agency does with it."""


def note(result: RowResult) -> None:
    if result.outcome is RowOutcome.REFUSED and result.problem is not None:
        log(result.problem.code)
    log(result.problem.code)  # union-attr


def results(report: PushReport) -> Iterator[RowResult]:
    yield from report


class HardwareModule:
    @property
    def public_key(self) -> PublicKey:
        return LocalSigner.generate().public_key

    def sign(self, message: bytes) -> bytes:
        return message


def signers(config: AgencyConfig) -> None:
    Issuer(config, signer=HardwareModule())
    Issuer(config, signer=b"a private key")  # arg-type
    Issuer(load_agency_config(Path("agency.toml")))


def wallets(config: WalletConfig, agency: AgencyConfig) -> None:
    WalletClient(agency)  # arg-type
    with WalletClient(config) as wallet:
        wallet.present("doc_1", [("full_name",), ("visits", 0, "diagnosis"), ("visits", None)]).png()
        wallet.present("doc_1", ["full_name"])  # list-item


def handle() -> str:
    try:
        return ""
    except errors.ApiError as error:
        return f"{error.code} {error.message_vi} {error.request_id} {error.retryable}"
    except errors.GiaytoError as error:
        return error.code
