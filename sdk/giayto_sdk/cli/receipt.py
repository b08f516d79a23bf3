"""`giayto receipt`, and the options by which `giayto verify` writes one."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from cyclopts import App, Parameter

from giayto_sdk._checking.receipts import ListFolder, check_receipt
from giayto_sdk._files import write_atomically
from giayto_sdk._issuing.agency_keys import load_chain, load_signer
from giayto_sdk.cli.arguments import STANDARD_INPUT, AnchorFile, AsJson, read_claim_path
from giayto_sdk.cli.receipt_panel import receipt_panel
from giayto_sdk.cli.terminal import Exit, show_panel
from giayto_sdk.errors import ConfigurationError
from giayto_verifiers import EvidenceLevel, Receipt, Verdict
from giayto_verifiers.receipts.making import MAX_RECEIPT_BYTES

Value = TypeVar("Value")
receipt_app = App(name="receipt", help="Check receipts (biên bản kiểm tra), which `giayto verify --receipt` writes.")

_EXIT_OF: Mapping[str, Exit] = {
    "holds": Exit.SUCCESS,
    "does_not_hold": Exit.FAILURE,
    "undetermined": Exit.UNKNOWN,
}


@Parameter(name="*", group="Receipt")
@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptOptions:
    """How `giayto verify` records a check."""

    receipt: Annotated[Path | None, Parameter(help="Write a receipt of this check into this file.")] = None
    verifier_key: Annotated[Path | None, Parameter(help="Key that signs it (PEM).")] = None
    verifier_cert: Annotated[Path | None, Parameter(help="Certificate chain of that key (PEM), to go with it.")] = None
    verifier: Annotated[str | None, Parameter(help="Name of this verifier.")] = None
    transaction: Annotated[str | None, Parameter(help="The one transaction it is for; no personal data.")] = None
    purpose: Annotated[str | None, Parameter(help="What the check is made for.")] = None
    keep_claims: Annotated[str | None, Parameter(help="Claims whose values are kept: full_name,address.province")] = (
        None
    )
    keep_presentation: Annotated[
        bool, Parameter(help="Keep all that was shown, so that all of it can be checked again.", negative=())
    ] = False
    no_evidence: Annotated[bool, Parameter(help="Keep nothing to check it again from.", negative=())] = False
    lists: Annotated[Path | None, Parameter(help="Keep the signed lists in this folder, not in each receipt.")] = None


class ReceiptWriter:
    """Writes the receipt of one check. Whatever could keep it from that is found out before the check."""

    def __init__(self, options: ReceiptOptions) -> None:
        """Read key and certificates.

        Raises:
            ConfigurationError: an option is missing or contradicts another, or a file cannot be used.
        """
        self._file = _required("receipt", options.receipt)
        self._signer = load_signer(_required("verifier-key", options.verifier_key))
        self._chain = load_chain(options.verifier_cert, self._signer) if options.verifier_cert else ()
        self._verifier = _required("verifier", options.verifier)
        self._transaction = _required("transaction", options.transaction)
        self._purpose = _required("purpose", options.purpose)
        self._kept = [_names(text) for text in options.keep_claims.split(",")] if options.keep_claims else []
        self._level = _level(options)
        self._lists = None if options.lists is None else ListFolder(options.lists)

    def write(self, verdict: Verdict) -> Receipt:
        """Write the receipt of a verdict; claims are kept of a valid one only.

        Raises:
            ConfigurationError: it cannot be written.
            GiaytoError: it cannot be made in this way.
        """
        receipt = verdict.receipt(
            self._signer,
            self._transaction,
            verifier=self._verifier,
            purpose=self._purpose,
            keep_claims=self._kept if verdict.outcome == "valid" else (),
            evidence=self._level,
            embed_lists=self._lists is None,
            x5c=self._chain,
        )
        if self._lists is not None:
            self._lists.keep(receipt)
        try:
            write_atomically(self._file, f"{receipt.token}\n".encode("ascii"), private=True)
        except OSError as error:
            raise ConfigurationError(f"receipt: {self._file.name} cannot be written ({error.strerror})") from error
        return receipt


def receipt_writer(options: ReceiptOptions | None) -> ReceiptWriter | None:
    """Return the writer that the options ask for; None when they ask for none."""
    return None if options is None or options == ReceiptOptions() else ReceiptWriter(options)


@receipt_app.command
def check(
    file: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    anchor: AnchorFile,
    verifier_key: Annotated[Path | None, Parameter(help="Key of the verifier (PEM), public or its own.")] = None,
    verifier_cert: Annotated[Path | None, Parameter(help="Certificate of the verifier (PEM).")] = None,
    verifier: Annotated[str | None, Parameter(help="Whose receipt it must be; any by default.")] = None,
    transaction: Annotated[str | None, Parameter(help="Of which transaction it must be; any by default.")] = None,
    lists: Annotated[Path | None, Parameter(help="Folder with the signed lists that it leaves out.")] = None,
    newer_bundle: Annotated[
        Path | None, Parameter(help="Verifier bundle of today: tells whether the issuer's key was compromised.")
    ] = None,
    as_json: AsJson = False,
) -> Exit:
    """Check a receipt, today or in ten years: its signature, whose it is, and its evidence. Works with no network.

    Exit code: 0 it holds, 1 it does not, 2 that cannot be told, 64 unusable arguments. A receipt that holds may well
    be of a presentation that was refused.

    Parameters
    ----------
    file
        The receipt, or - for standard input.
    """
    result = check_receipt(
        _content(file),
        anchor=anchor,
        verifier_key=_one_of(verifier_key, verifier_cert),
        verifier=verifier,
        transaction=transaction,
        lists=None if lists is None else ListFolder(lists),
        newer_bundle=newer_bundle,
    )
    if as_json:
        sys.stdout.write(json.dumps(result.to_json(), ensure_ascii=False, indent=2) + "\n")
    else:
        show_panel(receipt_panel(result))
    return _EXIT_OF[result.result]


def _content(file: Path) -> Path | bytes:
    return sys.stdin.buffer.read(MAX_RECEIPT_BYTES + 1) if file == STANDARD_INPUT else file


def _one_of(key: Path | None, certificate: Path | None) -> Path | None:
    if key is not None and certificate is not None:
        raise ConfigurationError("receipt: --verifier-key or --verifier-cert, not both")
    return key or certificate


def _required(name: str, value: Value | None) -> Value:
    if value is None:
        raise ConfigurationError(f"receipt: --{name} is needed for a receipt")
    return value


def _names(text: str) -> tuple[str, ...]:
    path = read_claim_path(text)
    names = tuple(step for step in path if isinstance(step, str))
    if names != path:
        raise ConfigurationError("receipt: an array is kept as a whole, such as visits")
    return names


def _level(options: ReceiptOptions) -> EvidenceLevel:
    if options.no_evidence and options.keep_presentation:
        raise ConfigurationError("receipt: --no-evidence and --keep-presentation exclude each other")
    if options.no_evidence:
        return EvidenceLevel.NONE
    return EvidenceLevel.PRESENTATION if options.keep_presentation else EvidenceLevel.PROOFS
