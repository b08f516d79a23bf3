"""The report as one HTML page in Vietnamese and English: no script, nothing from elsewhere, no value of a record.

The page carries its own content security policy, which allows its one style sheet by hash and nothing else.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from html import escape
from typing import Final

from giayto_crypto.localised import Localised
from giayto_issuers.quality.findings import Dimension, FindingGroup
from giayto_issuers.quality.report import QualityReport
from giayto_issuers.quality.row_set import RowSet

_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1b1b;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ccc}
th,td{vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
[lang=en]{color:#555}.error{border-left:.4rem solid #b00020}.warning{border-left:.4rem solid #b36b00}
section.finding{padding:.2rem 1rem;margin:1rem 0;background:#f7f7f7}
.rows{overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
meter{width:8rem}
"""
_POLICY: Final = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
_MEANINGS: Final = {
    Dimension.CORRECT: Localised(vi="giá trị đúng dạng, đúng danh mục", en="values have the right form and codes"),
    Dimension.COMPLETE: Localised(vi="không thiếu trường bắt buộc", en="nothing mandatory is missing"),
    Dimension.CLEAN: Localised(
        vi="đọc được, không ký tự lạ, không trùng", en="readable, no strange characters, no row twice"
    ),
    Dimension.LIVE: Localised(vi="còn đúng vào ngày kiểm tra", en="still true on the day of the check"),
    Dimension.CONSISTENT: Localised(
        vi="không mâu thuẫn trong và giữa các dòng", en="no contradiction in or between rows"
    ),
}


def html_report(report: QualityReport, source: str) -> Iterator[str]:
    """Yield the page in pieces.

    Args:
        report: what was found.
        source: name of the file.
    """
    title = report.document_type.titles
    yield (
        '<!DOCTYPE html>\n<html lang="vi"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title.vi)}: chất lượng dữ liệu</title><style>{_STYLE}</style></head><body>\n"
    )
    yield f"<h1>{_both('Chất lượng dữ liệu', 'Data quality')}: {_both(title.vi, title.en)}</h1>\n"
    yield f"<p>{escape(source)} · {report.checked_on:%d/%m/%Y}</p>\n"
    yield from _summary(report)
    yield from _dimensions(report)
    yield from _columns(report)
    yield f"<h2>{_both('Chi tiết', 'Findings')}</h2>\n"
    if not report.groups:
        yield f"<p>{_both('Không có lỗi nào.', 'Nothing was found.')}</p>\n"
    for group in report.groups:
        yield from _finding(group)
    yield "</body></html>\n"


def _summary(report: QualityReport) -> Iterator[str]:
    counts = (
        (_both("Số dòng", "Rows"), report.rows),
        (_both("Dùng được", "Accepted"), report.rows - len(report.refused)),
        (_both("Có lỗi", "Refused"), len(report.refused)),
    )
    yield "<table>"
    for name, count in counts:
        yield f'<tr><th scope="row">{name}</th><td class="n">{count:,}</td></tr>'
    yield "</table>\n"
    if report.refused:
        yield f'<p class="rows">{_both("Các dòng có lỗi", "Rows refused")}: '
        yield from _rows(report.refused)
        yield "</p>\n"


def _dimensions(report: QualityReport) -> Iterator[str]:
    yield "<h2>Đúng, đủ, sạch, sống, thống nhất</h2>\n<table><tr>"
    yield _heads([("", ""), ("Nghĩa là", "Meaning")], [("Đạt", "Good"), ("Lỗi", "Errors"), ("Xem lại", "Warnings")])
    for dimension in Dimension:
        refused, warned = len(report.tally.errors[dimension]), len(report.tally.warnings[dimension])
        good = report.rows - refused
        share = good / report.rows if report.rows else 1.0
        yield (
            f'<tr><th scope="row">{_text(dimension.names)}</th><td>{_text(_MEANINGS[dimension])}</td>'
            f'<td class="n"><meter min="0" max="1" value="{share:.4f}"></meter> {share:.2%}</td>'
            f'<td class="n">{refused:,}</td><td class="n">{warned:,}</td></tr>\n'
        )
    yield "</table>\n"


def _columns(report: QualityReport) -> Iterator[str]:
    yield f"<h2>{_both('Theo cột', 'By column')}</h2>\n<table><tr>"
    yield _heads([("Cột", "Column")], [("Có giá trị", "Filled"), ("Trống", "Empty"), ("Dòng lỗi", "Rows refused")])
    for name, tally in report.tally.columns.items():
        yield (
            f'<tr><th scope="row">{escape(name)}</th><td class="n">{tally.filled:,}</td>'
            f'<td class="n">{report.rows - tally.filled:,}</td><td class="n">{len(tally.refused):,}</td></tr>\n'
        )
    yield "</table>\n"


def _finding(group: FindingGroup) -> Iterator[str]:
    column = f": {escape(group.column)}" if group.column else ""
    yield f'<section class="finding {group.severity}"><h3>{_text(group.severity.names)} · '
    yield f"{_text(group.dimension.names)}{column}</h3>\n"
    yield f"<p>{_both('Cần', 'Expected')}: {_text(group.expected)}</p>\n<ul>"
    for found, count in group.classes.most_common():
        yield f"<li>{_both('Có', 'Found')}: {_text(found)} ({count:,})</li>"
    yield f'</ul>\n<p class="rows">{len(group.rows):,} {_both("dòng", "rows")}: '
    yield from _rows(group.rows)
    yield "</p></section>\n"


def _rows(rows: RowSet) -> Iterator[str]:
    for place, text in enumerate(rows.range_texts()):
        yield f", {text}" if place else text


def _heads(texts: Iterable[tuple[str, str]], numbers: Iterable[tuple[str, str]]) -> str:
    cells = [f'<th scope="col">{_both(vi, en) if vi else ""}</th>' for vi, en in texts]
    cells += [f'<th scope="col" class="n">{_both(vi, en)}</th>' for vi, en in numbers]
    return f"{''.join(cells)}</tr>\n"


def _text(text: Localised) -> str:
    return _both(text.vi, text.en)


def _both(vi: str, en: str) -> str:
    return f'{escape(vi)} <span lang="en">· {escape(en)}</span>'
