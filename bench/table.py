"""Numbers as tables of text, and the few statistics they need."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def show(title: str, rows: Iterable[Sequence[object]], *, note: str = "") -> None:
    """A Markdown table; the first row is its head."""
    cells = [[_text(cell) for cell in row] for row in rows]
    widths = [max(len(row[index]) for row in cells) for index in range(len(cells[0]))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    lines.insert(1, " | ".join("-" * width for width in widths))
    print(f"\n### {title}\n\n" + "\n".join(f"| {line} |" for line in lines), flush=True)
    if note:
        print(f"\n{note}", flush=True)


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.3g}" if abs(cell) < 100 else f"{cell:,.0f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def share(values: Sequence[float], part: float) -> float:
    """The value below which `part` of all lie; nan without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.floor(part * len(ordered)))] if ordered else math.nan


def milliseconds(seconds: float) -> str:
    value = seconds * 1000
    return f"{value:.3g} ms" if value < 1000 else f"{value:,.0f} ms"
