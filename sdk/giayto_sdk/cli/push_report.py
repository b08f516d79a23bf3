"""What became of a push: counts, each kind of problem once, and where every row stands."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

import msgspec
from rich.text import Text

from giayto_sdk._issuing.problem_groups import ProblemGroup, ProblemGroups
from giayto_sdk._issuing.results import PushReport, Reconciliation, RowOutcome, RowResult
from giayto_sdk.cli.json_output import write_json_object
from giayto_sdk.cli.terminal import out, safe
from giayto_sdk.errors import Problem

_OUTCOMES: Final = {
    RowOutcome.STORED: ("đã lưu · stored", "green"),
    RowOutcome.UNCHANGED: ("không đổi · unchanged", "green"),
    RowOutcome.WAITING_FOR_WALLET: ("chưa có ví · waiting for a wallet", "yellow"),
    RowOutcome.MISMATCH: ("không khớp dân cư · mismatch", "red"),
    RowOutcome.REFUSED: ("bị từ chối · refused", "red"),
}


def print_push_report(report: PushReport) -> None:
    """Tell the outcome to people: as many lines as there are kinds of problems, however many rows have them."""
    for outcome, (words, style) in _OUTCOMES.items():
        count = report.counts.get(outcome, 0)
        if count:
            out.print(Text.assemble((f"{count:>9,}  ", "bold"), (words, style)))
    _print_reconciliation(report.reconciliation)
    print_problems(report)
    _print_journal(report)


def print_problems(results: Iterable[RowResult]) -> None:
    """Tell each kind of problem once, and which rows have it."""
    groups = ProblemGroups(results)
    for alike in _alike(groups):
        out.print(_problem_text(alike))
    if groups.not_grouped:
        out.print(Text(f"\n… và {groups.not_grouped:,} lỗi khác · and {groups.not_grouped:,} other problems"))


def write_push_report(report: PushReport) -> None:
    """Tell the outcome to programs: the same, and the result of every row."""
    groups = ProblemGroups(report)
    members = {
        "document_type": report.document_type,
        "rows": len(report),
        "job_id": report.job_id,
        "all_delivered": report.all_delivered,
        "agrees_with_server": report.reconciliation.is_equal,
        "differences": [asdict(each) for each in report.reconciliation.differences],
        "differing_rows": list(report.reconciliation.rows),
        "refused_file": None if report.refused_file is None else str(report.refused_file),
        "counts": {outcome.value: report.counts.get(outcome, 0) for outcome in RowOutcome},
        "problems": [_group_members(group) for group in groups],
        "problems_not_grouped": groups.not_grouped,
        "journal": str(report.journal),
    }
    write_json_object(members, "results", map(_result_members, report))


def _alike(groups: Iterable[ProblemGroup]) -> Iterable[list[ProblemGroup]]:
    """Join what differs in the column alone: records of another type have every column wrong in every row."""
    joined: dict[tuple[object, ...], list[ProblemGroup]] = {}
    for place, group in enumerate(groups):
        # Without a column there is nothing to join by, so the place keeps such groups apart.
        what = place if group.column is None else group.column.expected
        joined.setdefault((what, group.outcome, group.count, *group.first_rows), []).append(group)
    return joined.values()


def _problem_text(alike: Sequence[ProblemGroup]) -> Text:
    group = alike[0]
    words, style = _OUTCOMES[group.outcome]
    text = Text.assemble("\n", (words, style), f": {_rows(group)}")
    for line in _explanation(group, [each.column.column for each in alike if each.column is not None]):
        text.append(f"\n    {safe(line)}")
    if group.problem is not None and group.column is None and group.problem.detail:
        text.append(f"\n    {safe(group.problem.detail)}", style="dim")
    return text


def _rows(group: ProblemGroup) -> str:
    more = ", …" if group.count > len(group.first_rows) else ""
    return f"{group.count:,} dòng · rows ({', '.join(map(str, group.first_rows))}{more})"


def _explanation(group: ProblemGroup, columns: Sequence[str]) -> Iterator[str]:
    if group.column is not None:
        yield f"cột {', '.join(columns)}: cần {group.column.expected.vi}"
        yield f"column {', '.join(columns)}: expected {group.column.expected.en}"
    elif group.problem is not None:
        yield f"{group.problem.code}: {group.problem.message_vi} {group.problem.message_en}"
    elif group.outcome is RowOutcome.MISMATCH:
        fields = ", ".join(group.mismatching_fields)
        yield f"khác CSDL dân cư, hãy sửa · differs from the population record, correct it: {fields}"
    else:
        yield "được ký khi họ có ví, bằng giayto issuer work · signed once they have a wallet, by giayto issuer work"


def _print_reconciliation(reconciliation: Reconciliation) -> None:
    if reconciliation.is_equal:
        out.print(Text("\nMáy chủ ghi nhận đúng như trên. · The server counts the same.", style="dim"))
        return
    text = Text("\nMáy chủ đếm khác: · The server counts otherwise:", style="bold red")
    for each in reconciliation.differences:
        kind = f"{each.outcome} ({each.code})" if each.code else each.outcome
        text.append(f"\n    {safe(kind)}: nhật ký · journal {each.in_journal:,}, máy chủ · server {each.on_server:,}")
    if reconciliation.rows:
        text.append(f"\n    dòng · rows {', '.join(map(str, reconciliation.rows))}")
    out.print(text)


def _print_journal(report: PushReport) -> None:
    if report.refused_file is not None:
        words = "\nSửa các dòng trong tệp này rồi đẩy chính nó: · Correct the rows of this file, then push it:"
        out.print(Text(f"{words}\n{safe(report.refused_file)}"))
    out.print(Text(f"\nđợt đẩy · job\n{safe(report.job_id)}"))
    text = Text("\nNhật ký ghi kết quả và đủ lỗi của từng dòng, những gì đã ký; có dữ liệu cá nhân.", style="dim")
    text.append("\nThe journal holds each row's result and all its problems, and what was signed: personal data.")
    text.append(f"\n{safe(report.journal)}")
    out.print(text)


def _group_members(group: ProblemGroup) -> dict[str, Any]:
    return {
        "outcome": group.outcome.value,
        "code": None if group.problem is None else group.problem.code,
        "detail": None if group.problem is None or group.column is not None else group.problem.detail,
        "column": None if group.column is None else group.column.column,
        "expected": None if group.column is None else msgspec.to_builtins(group.column.expected),
        "mismatching_fields": list(group.mismatching_fields),
        "count": group.count,
        "first_rows": group.first_rows,
    }


def _result_members(result: RowResult) -> dict[str, Any]:
    return {
        "row": result.row,
        "row_key": result.row_key,
        "outcome": result.outcome.value,
        "document_id": result.document_id,
        "mismatching_fields": list(result.mismatching_fields),
        "problem": None if result.problem is None else _problem_members(result.problem),
    }


def _problem_members(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "detail": problem.detail,
        "message_vi": problem.message_vi,
        "message_en": problem.message_en,
        "columns": msgspec.to_builtins(problem.columns),
    }
