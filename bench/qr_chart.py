"""Write the table of QR sizes into docs/qr.md and draw docs/qr-sizes.svg from it (`make chart`).

The picture has its own ground and two palettes, so that it is read on dark pages and on light ones.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.qr_sizes import Sizes, measure, table

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "qr.md"
CHART = DOCS / "qr-sizes.svg"
BEGIN = "<!-- sizes: written by `make chart` -->\n"
END = "<!-- end of sizes -->\n"

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 76, 150, 64, 52
MARGIN = 14
"""Pixels by which the grid reaches beyond the first point and the last."""
LARGEST_BYTES = 4000
STEP_BYTES = 1000
LARGEST_BASE45 = 2260
"""Bytes that base45 brings into the largest symbol at level M: two thirds of its 3,391 alphanumeric characters."""
LARGEST_BYTE_MODE = 2331

_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .ground { fill: #ffffff } .grid { stroke: #d0d7de } .limit { stroke: #57606a; stroke-dasharray: 6 4 }
  .small { font-size: 11px } .heading { font-size: 15px; font-weight: 600 }
  polyline { fill: none; stroke-width: 2 }
  .gt1 { stroke: #0550ae; fill: #0550ae } .deflated { stroke: #a04100; fill: #a04100 }
  .plain { stroke: #6639ba; fill: #6639ba } .floor { stroke: #57606a; fill: #57606a }
  text.gt1, text.deflated, text.plain, text.floor { stroke: none }
  polyline.gt1, polyline.deflated, polyline.plain, polyline.floor { fill: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .ground { fill: #0d1117 } .grid { stroke: #30363d } .limit { stroke: #9198a1 }
    .gt1 { stroke: #79c0ff; fill: #79c0ff } .deflated { stroke: #ffa657; fill: #ffa657 }
    .plain { stroke: #d2a8ff; fill: #d2a8ff } .floor { stroke: #9198a1; fill: #9198a1 }
  }
"""


@dataclass(frozen=True, slots=True)
class _Curve:
    """One line of the chart.

    Attributes:
        name: its class in the style sheet.
        label: at its right end.
        points: claims shown, bytes, and the QR version to write at the point.
        label_shift: pixels downwards, which keeps two labels apart.
        version_shift: pixels downwards, from a point to the version written at it.
        mark: draws a point; each curve has a shape of its own, for those who do not see the colours.
    """

    name: str
    label: str
    points: Sequence[tuple[int, int, int | None]]
    label_shift: int
    version_shift: int
    mark: Callable[[float, float], str] | None


def main() -> int:
    """Write table and chart anew."""
    rows = measure()
    before, _, after = split_page(PAGE.read_text())
    PAGE.write_text(before + BEGIN + table(rows) + END + after)
    CHART.write_text(draw_chart(rows))
    sys.stdout.write(table(rows))
    return 0


def split_page(page: str) -> tuple[str, str, str]:
    """Return the page before the table, the table, and the page after it, markers left out."""
    before, _, rest = page.partition(BEGIN)
    inside, _, after = rest.partition(END)
    return before, inside, after


def draw_chart(rows: Sequence[Sizes]) -> str:
    """Return the SVG of all rows, ordered by claims shown."""
    most = rows[-1].shown
    curves = (
        _Curve("plain", "plain string", [(r.shown, r.plain, r.plain_version) for r in rows], 4, -9, _diamond),
        _Curve(
            "deflated", "deflate + base45", [(r.shown, r.deflated, r.deflated_version) for r in rows], 4, 18, _square
        ),
        _Curve("gt1", "GT1", [(r.shown, r.gt1, r.gt1_version) for r in rows], 0, -9, _circle),
        _Curve("floor", "not recomputable", [(r.shown, r.floor, None) for r in rows], 12, 0, None),
    )
    frame = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
    lines = [
        f'<svg {frame} role="img" aria-labelledby="title description">',
        '<title id="title">Size of the QR against claims shown</title>',
        f'<desc id="description">{_description(rows)}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>',
        *_axes(most),
        *(line for curve in curves for line in _drawn(curve, most)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _description(rows: Sequence[Sizes]) -> str:
    def span(values: Sequence[int]) -> str:
        return f"{min(values):,} to {max(values):,} bytes"

    versions = {row.gt1_version for row in rows}
    return (
        f"With none to {rows[-1].shown} of {rows[-1].shown} claims shown, GT1 takes {span([r.gt1 for r in rows])} "
        f"(QR version {', '.join(map(str, sorted(filter(None, versions))))}), the plain string deflated and in base45 "
        f"{span([r.deflated for r in rows])}, the plain string {span([r.plain for r in rows])}. What cannot be "
        f"recomputed takes {span([r.floor for r in rows])}."
    )


def _x(shown: int, most: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * shown / most


def _y(size: int) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - size / LARGEST_BYTES)


def _axes(most: int) -> Iterator[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    yield _text(LEFT, 26, "Bytes of one presentation against claims shown", "heading")
    yield _text(LEFT, 46, "numbers at the points: QR version at level M; – fits no symbol", "small")
    for size in range(0, LARGEST_BYTES + 1, STEP_BYTES):
        yield f'<path class="grid" d="M{LEFT - MARGIN} {_y(size):.1f}H{right + MARGIN}"/>'
        yield _text(LEFT - MARGIN - 6, _y(size) + 4, f"{size:,}", anchor="end")
    for shown in range(most + 1):
        yield _text(_x(shown, most), bottom + 20, str(shown), anchor="middle")
    yield _text((LEFT + right) / 2, HEIGHT - 10, f"claims shown, of {most}", anchor="middle")
    yield f'<path class="limit" d="M{LEFT - MARGIN} {_y(LARGEST_BASE45):.1f}H{right + MARGIN}"/>'
    yield _text(right + MARGIN + 4, _y(LARGEST_BASE45) + 18, "largest symbol:", "small")
    yield _text(right + MARGIN + 4, _y(LARGEST_BASE45) + 32, f"{LARGEST_BASE45:,} in base45,", "small")
    yield _text(right + MARGIN + 4, _y(LARGEST_BASE45) + 46, f"{LARGEST_BYTE_MODE:,} in byte mode", "small")


def _drawn(curve: _Curve, most: int) -> Iterator[str]:
    places = [(_x(shown, most), _y(size), version) for shown, size, version in curve.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in places)
    yield f'<polyline class="{curve.name}" points="{path}"/>'
    if curve.mark:
        for x, y, version in places:
            yield f'<path class="{curve.name}" d="{curve.mark(x, y)}"/>'
            yield _text(x, y + curve.version_shift, "–" if version is None else str(version), "small", anchor="middle")
    x, y, _ = places[-1]
    yield _text(x + MARGIN + 4, y + curve.label_shift, curve.label, curve.name)


def _text(x: float, y: float, text: str, style: str = "", anchor: str = "start") -> str:
    attributes = f' class="{style}"' if style else ""
    attributes += f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{attributes}>{text}</text>'


def _circle(x: float, y: float) -> str:
    return f"M{x - 3.5:.1f} {y:.1f}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0"


def _square(x: float, y: float) -> str:
    return f"M{x - 3:.1f} {y - 3:.1f}h6v6h-6z"


def _diamond(x: float, y: float) -> str:
    return f"M{x:.1f} {y - 4.5:.1f}l4.5 4.5l-4.5 4.5l-4.5-4.5z"


if __name__ == "__main__":
    sys.exit(main())
