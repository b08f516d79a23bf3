"""The result of checking a receipt, for people: what holds, what it says, and what rests on the verifier's word."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from giayto_sdk._wallet.presentation import path_text
from giayto_sdk.cli.terminal import local_time, safe
from giayto_verifiers import (
    EvidenceLevel,
    ReceiptHolds,
    ReceiptReason,
    ReceiptRefused,
    ReceiptResult,
    ReceiptStatement,
    ReceiptUndetermined,
    VerifiersWord,
)

_HEADINGS = {
    "holds": ("BIÊN BẢN ĐÚNG · THE RECEIPT HOLDS", "bold green"),
    "does_not_hold": ("BIÊN BẢN KHÔNG ĐÚNG · THE RECEIPT DOES NOT HOLD", "bold red"),
    "undetermined": ("CHƯA KẾT LUẬN ĐƯỢC · CANNOT BE TOLD", "bold yellow"),
}
_OUTCOMES = {"valid": "hợp lệ · valid", "invalid": "không hợp lệ · invalid", "unknown": "chưa kết luận · unknown"}
_EVIDENCE = {
    EvidenceLevel.PRESENTATION: "toàn bộ bản xuất trình · the whole presentation",
    EvidenceLevel.PROOFS: "chữ ký, không có nội dung · signatures without what was shown",
    EvidenceLevel.NONE: "không lưu · none",
}
_WORDS = {
    VerifiersWord.TIME: "thời điểm kiểm tra · the time of the check",
    VerifiersWord.PURPOSE: "mục đích · the purpose",
    VerifiersWord.CONDITIONS: "điều kiện kiểm tra · the conditions of the check",
    VerifiersWord.FIRST_TIME: "mã chưa từng được xuất trình ở đó · that it had not been shown there before",
    VerifiersWord.DISCLOSED: "các mục đã xuất trình · which claims were shown",
    VerifiersWord.PRESENTATION: "mã băm của bản xuất trình · the hash of the presentation",
}


def receipt_panel(result: ReceiptResult) -> Panel:
    """Return a result as a panel for the terminal."""
    heading, style = _HEADINGS[result.result]
    parts = Group(*_parts(result))
    return Panel(parts, title=Text(heading, style=style), border_style=style, expand=False, padding=(1, 2))


def _parts(result: ReceiptResult) -> Iterator[RenderableType]:
    match result:
        case ReceiptHolds(statement=statement, verifiers_word=words):
            yield _statement(statement)
            yield Text("\nKhông kiểm tra lại được · rests on the verifier's word:", style="dim")
            yield Text("\n".join(f"  {_WORDS[word]}" for word in words), style="dim")
        case ReceiptRefused(reason=reason, detail=detail):
            yield _reason(reason, detail)
        case ReceiptUndetermined(reason=reason, detail=detail, statement=said):
            yield _reason(reason, detail)
            if said is not None:
                yield Text("\nLời của bên kiểm tra · the verifier's word:", style="dim")
                yield _statement(said)


def _reason(reason: ReceiptReason, detail: str) -> Text:
    words = reason.text
    text = Text.assemble((f"{words.message_vi}\n", "bold"), f"{words.message_en} [{reason.value}]")
    return text.append(f"\n{safe(detail)}", style="dim") if detail else text


def _statement(statement: ReceiptStatement) -> Table:
    table = Table.grid(padding=(0, 2))
    for label, value in _lines(statement):
        table.add_row(label, Text(safe(value), style="bold"))
    return table


def _lines(statement: ReceiptStatement) -> Iterator[tuple[str, str]]:
    reasons = f" ({', '.join(statement.reasons)})" if statement.reasons else ""
    yield "Kết luận lúc đó · outcome then", f"{_OUTCOMES[statement.outcome]}{reasons}"
    yield "Kiểm tra lúc · checked at", local_time(statement.checked_at)
    yield "Bên kiểm tra · verifier", statement.verifier
    yield "Giao dịch · transaction", statement.transaction
    yield "Mục đích · purpose", statement.purpose
    if statement.vct is not None:
        title = statement.title
        yield "Giấy tờ · document", statement.vct if title is None else f"{title.vi} · {title.en}"
    if statement.agency is not None:
        yield "Cơ quan · agency", f"{statement.agency.vi} · {statement.agency.en}"
    if statement.status_checked_at is not None:
        yield "Trạng thái tính đến · status as of", local_time(statement.status_checked_at)
    if statement.disclosed:
        yield "Đã xuất trình · shown", ", ".join(path_text(path) for path in statement.disclosed)
    for path, value in statement.claims.items():
        yield f"  {path_text(path)}", str(value)
    yield "Bằng chứng · evidence", _EVIDENCE[statement.evidence]
