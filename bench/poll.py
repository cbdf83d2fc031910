"""The batched status poll through gunicorn: everything drawn, and 204 when nothing has changed."""

from __future__ import annotations

import re
from functools import partial

from bench.options import QUICK
from bench.table import milliseconds, share, show
from bench.workbench import workbench

TAKES, VISITORS = 20, 8
SECONDS = 3.0 if QUICK else 15.0
CARD = re.compile(r'data-take="([0-9a-f-]{36})" data-v="([^"]*)" data-live')
QUEUE = re.compile(r'id="poller"[^>]* data-v="([^"]*)"')


def main() -> None:
    with workbench() as bench:
        from bench.rows import queued
        from bench.visitor import Visitor, at_once

        user = bench.maker()
        queued(user, TAKES, one_scene=True)
        bench.start("web")
        visitors = [Visitor(bench.url, user) for _ in range(VISITORS)]
        ids, known = _known(visitors[0].get("/studio/").text)
        rows = [["", "per second", "p50", "p95", "bytes", "against full"]]
        full = 0.0
        for name, version, status in [("full render", "", 200), ("nothing changed", known, 204)]:
            answer = visitors[0].get("/generations/status", ids=ids, v=version)
            assert answer.status_code == status, (name, answer.status_code)
            calls = [partial(visitor.get, "/generations/status", ids=ids, v=version) for visitor in visitors]
            seconds = at_once(calls, SECONDS)
            rate = len(seconds) / SECONDS
            full = full or rate
            times = [milliseconds(share(seconds, part)) for part in (0.5, 0.95)]
            rows.append([name, rate, *times, len(answer.content), f"{rate / full:.2f} ×"])
        show(f"Status poll of {TAKES} waiting takes, {VISITORS} visitors, two gunicorn workers", rows)


def _known(page: str) -> tuple[str, str]:
    """The ids of the live takes on the page and what it knows of them, as its script sends them."""
    cards = CARD.findall(page)
    assert len(cards) == TAKES, f"{len(cards)} live takes on the page"
    queue = QUEUE.search(page)
    return ",".join(uuid for uuid, _ in cards), ".".join([queue[1] if queue else "", *(digest for _, digest in cards)])


if __name__ == "__main__":
    main()
