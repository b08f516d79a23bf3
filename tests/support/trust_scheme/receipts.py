"""Receipts of a test, and receipts that a dishonest verifier signs anew after changing something."""

from collections.abc import Callable
from typing import Any

from giayto_crypto import jws
from giayto_crypto.keys import LocalSigner
from giayto_verifiers import EvidenceLevel, Receipt, ReceiptResult, Verdict, check_receipt
from trust_scheme.scheme import Scheme

BANK = "https://bank.example"
TRANSACTION = "LOAN-2026-000017"
PURPOSE = "Thẩm định hồ sơ vay"
TYP = "giayto-receipt+jwt"
KEY = LocalSigner.generate()
Level = EvidenceLevel


def receipt_of(verdict: Verdict, **changes: Any) -> Receipt:
    """Return a receipt of the bank for its transaction."""
    values: dict[str, Any] = {"verifier": BANK, "purpose": PURPOSE}
    return verdict.receipt(KEY, TRANSACTION, **values | changes)


def recheck(scheme: Scheme, receipt: Receipt | str, **changes: Any) -> ReceiptResult:
    """Check a receipt as the bank's auditor does."""
    values: dict[str, Any] = {
        "anchors": scheme.anchors,
        "verifier_key": KEY.public_key,
        "verifier": BANK,
        "transaction": TRANSACTION,
    }
    return check_receipt(receipt if isinstance(receipt, str) else receipt.token, **values | changes)


def outcome(result: ReceiptResult) -> tuple[str, str | None]:
    """Return the result in a word, and its reason."""
    return result.result, getattr(result, "reason", None)


def members(receipt: Receipt | str) -> Any:
    """Return the payload of a receipt, unverified."""
    token = receipt if isinstance(receipt, str) else receipt.token
    return jws.parse(token, typ=TYP, max_bytes=10_000_000).unverified_payload()


def signed(payload: Any, **changes: Any) -> str:
    """Sign a payload with the bank's key."""
    return jws.sign(payload, **{"signer": KEY, "typ": TYP} | changes)


def changed(receipt: Receipt | str, place: str, value: Any) -> str:
    """Return the receipt with one member changed, signed anew. A function as value gets the old one."""
    payload = members(receipt)
    *way, last = place.split(".")
    node = payload
    for step in way:
        node = node[int(step)] if isinstance(node, list) else node[step]
    change: Callable[[Any], Any] = value if callable(value) else lambda _: value
    node[last] = change(node.get(last))
    return signed(payload)
