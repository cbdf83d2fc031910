"""The grid with 2,000 cards in a browser: its longest tasks while the cards come by scrolling, and while somebody
scrolls through all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from bench.options import QUICK
from bench.table import show
from bench.workbench import workbench
from tests.e2e.conftest import CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from bench.workbench import Workbench

CARDS = 600 if QUICK else 2_000
MADE = CARDS * 6 // 5  # some of them have failed
STEP = 700  # pixels of one turn of the wheel
BREATH = 60  # milliseconds between two
PATIENCE = 200  # turns without a new card
AIM = 200  # milliseconds
WATCH = """() => {
  window.tasks = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.tasks.push(Math.round(duration));
  }).observe({ type: "longtask" });
}"""
CARDS_THERE = "document.querySelectorAll('#results .take').length"
AT_END = "innerHeight + scrollY >= document.documentElement.scrollHeight - 2"


def main() -> None:
    with workbench() as bench:
        from bench.visitor import Visitor
        from generations import gallery_seed

        user = bench.maker()
        project = gallery_seed.fill(user, MADE, posters=MADE)
        bench.start("web")
        session = Visitor(bench.url, user).http.cookies["sessionid"] or ""
        _browse(bench, session, f"{bench.url}/studio/?project={project.uuid}&show=clips")


def _browse(bench: Workbench, session: str, address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": bench.url}])
        page.goto(address)
        page.evaluate(WATCH)
        page.mouse.move(700, 400)
        rows = [_row(f"until {CARDS:,} cards are there", page, _load(page))]
        rows.append(_row("back to the top", page, _wheel(page, -STEP, "scrollY <= 0")))
        rows.append(_row("to the end again", page, _wheel(page, STEP, AT_END)))
        cards = page.evaluate(CARDS_THERE)
        browser.close()
    head = ["", "turns of the wheel", "long tasks", "longest", "all together"]
    show(f"Scrolling a grid of {cards:,} cards in chromium", [head, *rows], note=f"Aim: no task over {AIM} ms.")


def _load(page: Page) -> int:
    turns, idle, there = 0, 0, 0
    while (cards := page.evaluate(CARDS_THERE)) < CARDS and idle < PATIENCE:
        idle = idle + 1 if cards == there else 0
        there = cards
        turns += _turn(page, STEP)
    return turns


def _wheel(page: Page, step: int, until: str) -> int:
    turns = 0
    while not page.evaluate(until):
        turns += _turn(page, step)
    return turns


def _turn(page: Page, step: int) -> int:
    page.mouse.wheel(0, step)
    page.wait_for_timeout(BREATH)
    return 1


def _row(name: str, page: Page, turns: int) -> list[Any]:
    """Tasks of 50 ms and more, since the last row."""
    tasks = page.evaluate("window.tasks.splice(0)")
    return [name, turns, len(tasks), f"{max(tasks, default=0)} ms", f"{sum(tasks)} ms"]


if __name__ == "__main__":
    main()
