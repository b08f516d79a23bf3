"""A verdict for the officer at the desk: what was found, in both languages, and what to do next."""

from collections.abc import Iterator
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from giayto_crypto.localised import Localised
from giayto_sdk.cli.claims import claims_table
from giayto_sdk.cli.terminal import local_time, safe
from giayto_verifiers import Finding, Invalid, Unknown, Valid, Verdict

_HEADINGS = {
    "valid": ("HỢP LỆ · VALID", "bold green"),
    "invalid": ("KHÔNG HỢP LỆ · INVALID", "bold red"),
    "unknown": ("CHƯA KẾT LUẬN ĐƯỢC · UNKNOWN", "bold yellow"),
}


def verdict_panel(verdict: Verdict) -> Panel:
    """Return a verdict as a panel for the terminal."""
    heading, style = _HEADINGS[verdict.outcome]
    return Panel(
        Group(*_parts(verdict)), title=Text(heading, style=style), border_style=style, expand=False, padding=(1, 2)
    )


def _parts(verdict: Verdict) -> Iterator[RenderableType]:
    match verdict:
        case Valid(presentation=presentation):
            yield _document(presentation.document_type.titles, presentation.agency.names)
            yield claims_table(presentation.document_type, presentation.claims)
        case Invalid(findings=findings, document=document) | Unknown(findings=findings, document=document):
            if document is not None:
                yield _document(document.title, document.agency.names)
            yield from map(_finding, findings)
    yield Text(f"\n{_circumstances(verdict)}", style="dim")


def _document(title: Localised | None, agency: Localised) -> Text:
    named = title or Localised(vi="Loại giấy tờ chưa biết", en="Document type not known")
    return Text.assemble((safe(named.vi), "bold"), f" · {safe(named.en)}\n", f"{safe(agency.vi)} · {safe(agency.en)}\n")


def _finding(finding: Finding) -> Text:
    words = finding.reason.text
    text = Text.assemble(
        ("• ", "bold"), (safe(words.message_vi), "bold"), f" · {safe(words.message_en)} [{finding.reason.value}]\n"
    )
    text.append(f"  → {safe(words.advice_vi)}\n  → {safe(words.advice_en)}\n")
    return text


def _circumstances(verdict: Verdict) -> str:
    circumstances = verdict.circumstances
    checked = f"Kiểm tra lúc · checked at {local_time(circumstances.checked_at)}"
    if circumstances.status_checked_at is None or circumstances.status_age is None:
        return f"{checked}\nChưa có dữ liệu trạng thái · no status data"
    issued = local_time(circumstances.status_checked_at)
    age = _whole_seconds(circumstances.status_age)
    return f"{checked}\nTrạng thái tính đến · status as of {issued} ({age})"


def _whole_seconds(age: timedelta) -> str:
    return str(timedelta(seconds=int(age.total_seconds())))
