"""The month's chart: a running total against the budget, above a bar for each day. Geometry only; CSS paints it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LEFT, RIGHT, FIRST, LAST = 4.0, 816.0, 17.0, 797.6  # pixels of a drawing 860 wide; the scale is on the right
TOTAL_TOP, TOTAL_BASE = 26.0, 126.0
BARS_TOP, BARS_BASE = 162.0, 234.0
BAR = 18.0
LABEL_DAYS = 4  # a figure is as wide as the days of so many bars


@dataclass(frozen=True)
class Mark:
    """A line of the scale with its figure."""

    y: float
    value: str


@dataclass(frozen=True)
class Piece:
    """A part of a day's bar."""

    day: int
    resolution: str
    amount: Decimal
    x: float
    y: float
    height: float


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    amount: Decimal
    anchor: str = "middle"


class Chart:
    """`amounts` by day of the month and resolution; `until` is the last day that has happened."""

    width, height, left, right, bar = 860, 256, LEFT, RIGHT, BAR

    def __init__(
        self,
        days: int,
        amounts: Mapping[int, Mapping[str, Decimal]],
        *,
        until: int,
        forecast: Decimal | None,
        limit: Decimal | None,
    ) -> None:
        self.days = days
        self.amounts = amounts
        self.until = until
        self.expected = forecast
        self.limit = limit

    def _x(self, day: float) -> float:
        return FIRST + (LAST - FIRST) * (day - 1) / (self.days - 1)

    @cached_property
    def _day_sums(self) -> list[Decimal]:
        return [sum(self.amounts.get(day, {}).values(), Decimal(0)) for day in range(1, self.days + 1)]

    @cached_property
    def total(self) -> Decimal:
        return sum(self._day_sums, Decimal(0))

    @cached_property
    def _most(self) -> float:
        return _round_up(max(self.total, self.expected or Decimal(0), self.limit or Decimal(0)))

    @cached_property
    def _most_a_day(self) -> float:
        return _round_up(max(self._day_sums))

    def _total_y(self, amount: Decimal) -> float:
        return TOTAL_BASE - (TOTAL_BASE - TOTAL_TOP) * float(amount) / self._most

    # What the template draws

    @property
    def total_marks(self) -> list[Mark]:
        return _marks(TOTAL_BASE, TOTAL_TOP, self._most)

    @property
    def day_marks(self) -> list[Mark]:
        return _marks(BARS_BASE, BARS_TOP, self._most_a_day)

    @property
    def numbers(self) -> list[Point]:
        """Days that are named below the bars."""
        shown = [1, *(day for day in range(5, self.days - 1, 5)), self.days]
        return [Point(self._x(day), BARS_BASE + 18, Decimal(day)) for day in shown]

    @property
    def run(self) -> str:
        """The running total as a path."""
        points, total = [], Decimal(0)
        for day in range(1, self.until + 1):
            total += self._day_sums[day - 1]
            points.append(f"{self._x(day):.1f} {self._total_y(total):.1f}")
        return "M" + " L".join(points)

    @property
    def area(self) -> str:
        return f"{self.run} V{TOTAL_BASE} H{self._x(1):.1f}Z"

    @property
    def now(self) -> Point:
        return Point(self._x(self.until), self._total_y(self.total), self.total)

    @property
    def ahead(self) -> Point | None:
        """Where the month will end at this pace; None on its last day."""
        if self.expected is None or self.until == self.days:
            return None
        return Point(self._x(self.days), self._total_y(self.expected), self.expected)

    @property
    def labels(self) -> list[Point]:
        """Figures above the running total and above where the month ends, when there is room for both."""
        now, ahead = self.now, self.ahead
        is_late = self.until > self.days - LABEL_DAYS
        found = [Point(now.x, now.y - 9, now.amount, "end" if is_late else "middle")] if self.total else []
        if ahead is not None and not is_late:
            found.append(Point(RIGHT, ahead.y - 9, ahead.amount, "end"))
        return found

    @property
    def limit_y(self) -> float | None:
        return None if self.limit is None else self._total_y(self.limit)

    @property
    def pieces(self) -> list[Piece]:
        """Cheap resolutions below dear ones."""
        found = []
        for day, parts in sorted(self.amounts.items()):
            base = BARS_BASE
            for resolution in sorted(parts, key=lambda name: (len(name), name)):
                height = (BARS_BASE - BARS_TOP) * float(parts[resolution]) / self._most_a_day
                base -= height
                found.append(Piece(day, resolution, parts[resolution], self._x(day) - BAR / 2, base, height))
        return found


def _round_up(amount: Decimal | float) -> float:
    """The next figure that halves well: 1, 2, 5 … times a power of ten; 1 of nothing."""
    if not amount:
        return 1.0
    power = 10.0 ** math.floor(math.log10(float(amount)))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= float(amount) * 0.999)


def _marks(base: float, top: float, most: float) -> list[Mark]:
    return [Mark(base - (base - top) * part, f"{most * part:g}") for part in (0, 0.5, 1)]
