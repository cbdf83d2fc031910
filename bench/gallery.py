"""The gallery with 1,000, 100,000 and 1,000,000 clips, of which one person has a tenth: what each page costs.

Each library has a process and a database of its own, and they are asked in turn, so that whatever else the machine
does befalls all of them alike.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from bench import library
from bench.options import QUICK
from bench.table import milliseconds, share, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SIZES = (library.NEWEST, 20_000) if QUICK else (library.NEWEST, 100_000, 1_000_000)
TIMES = 12 if QUICK else 40
KINDS = ("clock", "busy")
NOTE = (
    "Seeded: {seeded}. “p95” and “p50” are those of the last library against the first, “processors” the p50 of the "
    "time that this process and its database server were on them, “bytes” those of both, “of a page” the "
    "p95 of the last library against that of its first page."
)


def main(*, servers: bool) -> None:
    with ExitStack() as stack:
        ask = [stack.enter_context(_opened(size, servers=servers)) for size in SIZES]
        seconds = [one("fill") for one in ask]  # one after the other
        rows, ends = [], []
        for name in ask[0]("pages"):
            row, p95 = _row(name, ask)
            ends.append(p95)
            rows.append([*row, f"{p95 / ends[0]:.1f} ×"])
        scans = ask[-1]("scans") or ["No query of these reads a whole table."]
    columns = ["p95", "p50", "processors", "queries", "bytes", "of a page"]
    head = ["p50 / p95 of", *(f"{size:,} clips" for size in SIZES), *columns]
    seeded = ", ".join(f"{size:,} clips in {second:.0f} s" for size, second in zip(SIZES, seconds, strict=True))
    title = f"Gallery, one person with a tenth of the clips, {'PostgreSQL' if servers else 'SQLite'}"
    show(title, [head, *rows], note="\n".join([NOTE.format(seeded=seeded), *scans]))


@contextmanager
def _opened(size: int, *, servers: bool) -> Iterator[Callable[[str], Any]]:
    """Asks a library of so many clips in a process of its own, and waits for the answer."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=library.serve, args=(theirs, size), kwargs={"servers": servers})
    process.start()
    theirs.close()  # so that the end of the process ends the waiting

    def ask(word: str) -> Any:
        ours.send(word)
        return ours.recv()

    try:
        yield ask
    finally:
        ours.close()
        process.join()


def _row(name: str, ask: list[Callable[[str], Any]]) -> tuple[list[Any], float]:
    """And the p95 of the last library, in seconds."""
    asked = [[one(name) for one in ask] for _ in range(TIMES)][1:]  # the first fills caches
    clock, busy = ([[getattr(call, kind) for call in calls] for calls in zip(*asked, strict=True)] for kind in KINDS)
    times = [f"{milliseconds(share(own, 0.5))} / {milliseconds(share(own, 0.95))}" for own in clock]
    ratios = [share(kind[-1], part) / share(kind[0], part) for kind, part in ((clock, 0.95), (clock, 0.5), (busy, 0.5))]
    first, last = asked[-1][0], asked[-1][-1]
    row = [name, *times, *(f"{ratio:.2f} ×" for ratio in ratios), last.queries, f"{first.bytes:,} {last.bytes:,}"]
    return row, share(clock[-1], 0.95)


if __name__ == "__main__":
    main(servers="--servers" in sys.argv[1:])
