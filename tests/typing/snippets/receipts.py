"""What a receipt is made of, and what checking one gives out. A line that must not pass ends with its error code."""

from giayto_sdk import (
    LocalSigner,
    Receipt,
    ReceiptHolds,
    ReceiptRefused,
    ReceiptResult,
    ReceiptStatement,
    ReceiptUndetermined,
    Verdict,
    VerifiedPresentation,
    check_receipt,
)


def open_account(presentation: VerifiedPresentation) -> None: ...


def archive(statement: ReceiptStatement) -> None: ...


def made_of_verdicts(verdict: Verdict, presentation: VerifiedPresentation, key: LocalSigner) -> Receipt:
    presentation.receipt(key, "T-1", verifier="bank", purpose="loan")  # attr-defined
    verdict.receipt(key, "T-1", verifier="bank")  # call-arg
    verdict.receipt(key, verifier="bank", purpose="loan")  # call-arg
    verdict.receipt("key.pem", "T-1", verifier="bank", purpose="loan")  # arg-type
    verdict.receipt(key, "T-1", verifier="bank", purpose="loan", evidence="all")  # arg-type
    return verdict.receipt(key, "T-1", verifier="bank", purpose="loan")


def bound_to_one(receipt: bytes) -> None:
    check_receipt(receipt, anchor="root.pem", verifier_key="key.pem", verifier="bank")  # call-arg
    check_receipt(receipt, anchor="root.pem", verifier="bank", transaction="T-1")  # call-arg
    check_receipt(receipt, verifier_key="key.pem", verifier="bank", transaction="T-1")  # call-arg


def history_is_no_verdict(result: ReceiptResult) -> None:
    open_account(result)  # arg-type
    str(result.statement)  # union-attr
    match result:
        case ReceiptHolds(statement=statement):
            archive(statement)
            open_account(statement)  # arg-type
            statement.outcome = "valid"  # misc
        case ReceiptUndetermined(statement=said):
            archive(said)  # arg-type
        case ReceiptRefused():
            archive(result.statement)  # attr-defined


def exhaustive(result: ReceiptResult) -> int:
    match result:
        case ReceiptHolds():
            return 0
        case ReceiptRefused():
            return 1
        case ReceiptUndetermined():
            return 2
