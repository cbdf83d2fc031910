"""The composer in a browser: from a key to the updated preview beside a plain textarea, its script's weight, how often
it asks the server while somebody types, and what the waveform of a sound costs."""

from __future__ import annotations

import gzip
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from bench.options import QUICK
from bench.table import milliseconds, share, show
from bench.workbench import workbench
from tests.e2e.conftest import CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from bench.workbench import Workbench

KEYS = 60 if QUICK else 300
TYPING_SECONDS = 20 if QUICK else 60
PER_SECOND = 5  # keys of a quick writer
SOUND_SECONDS = 30
SHOTS = "\n".join(f"Shot {n + 1} [{n}-{n + 1}s] " + "a small boat leaves the harbour " * 8 for n in range(15))
IMPORT = re.compile(r'from\s+"\./([^"]+\.js)"|import\s+"\./([^"]+\.js)"')
# From the key to the moment at which the page with the answer to it has been laid out.
TIMED_KEYS = """async ([selector, keys]) => {
  const field = document.querySelector(selector);
  field.focus();
  const times = [];
  for (let key = 0; key < keys; key += 1) {
    await new Promise(requestAnimationFrame);
    const start = performance.now();
    document.execCommand("insertText", false, "x");
    document.body.getBoundingClientRect();
    times.push((performance.now() - start) / 1000);
  }
  return times;
}"""


def main() -> None:
    _weigh()
    with workbench() as bench:
        from bench.visitor import Visitor

        bench.start("web", "media", "beat")
        session = Visitor(bench.url, bench.maker()).http.cookies["sessionid"]
        _browse(bench, session or "")


def _browse(bench: Workbench, session: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        _sign_in(bench, page, session)
        _type(page)
        _count_requests(page)
        _hear(bench, page)
        browser.close()


def _weigh() -> None:
    folder, waiting, found = Path("static/js"), ["composer.js", "refill.js"], set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [first or second for first, second in IMPORT.findall((folder / name).read_text())]
    rows = [[name, len(body := (folder / name).read_bytes()), len(gzip.compress(body, 6))] for name in sorted(found)]
    rows.append(["all", *(sum(row[index] for row in rows) for index in (1, 2))])
    show("The composer's script", [["", "bytes", "gzip"], *rows])


def _sign_in(bench: Workbench, page: Page, session: str) -> None:
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": bench.url}])
    page.goto(f"{bench.url}/studio/?draft=new")
    page.fill("#prompt", SHOTS)
    page.locator("[data-fill-board]").click()


def _type(page: Page) -> None:
    page.evaluate("() => document.body.append(Object.assign(document.createElement('textarea'), {id: 'plain'}))")
    rows: list[list[Any]] = [["", "p50", "p95", "against plain"]]
    plain = 0.0
    for name, selector in [("plain textarea", "#plain"), ("shot 8 of 15", "[name=shots-7-text]")]:
        page.evaluate(TIMED_KEYS, [selector, 10])
        times = page.evaluate(TIMED_KEYS, [selector, KEYS])
        p95 = share(times, 0.95)
        plain = plain or p95
        rows.append([name, milliseconds(share(times, 0.5)), milliseconds(p95), f"{p95 / plain:.1f} ×"])
    page.evaluate("() => document.getElementById('plain').remove()")
    show(f"From a key to the laid out page, {KEYS} keys", rows)


def _count_requests(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split("?")[0].rpartition("/")[2] or request.url))
    page.locator("[name=shots-7-text]").focus()
    until = time.monotonic() + TYPING_SECONDS
    while time.monotonic() < until:
        page.keyboard.type("a")
        page.wait_for_timeout(1000 / PER_SECOND)
    page.wait_for_timeout(2000)
    per_minute = 60 / TYPING_SECONDS
    rows = [[name, asked.count(name), asked.count(name) * per_minute] for name in sorted(set(asked))]
    show(f"Requests in {TYPING_SECONDS} s of typing without a rest", [["", "requests", "per minute"], *rows])


def _hear(bench: Workbench, page: Page) -> None:
    """From the choice of a file to its waveform in the lane, and how many bytes that is."""
    from tests.generations.media_files import write_audio

    sound = write_audio(bench.directory / "sound.mp3", SOUND_SECONDS, silences=[(5, 6), (20, 21)])
    began = time.perf_counter()
    page.set_input_files("#audio", sound)
    page.locator("#sound [data-file]").first.wait_for(state="attached")
    there = time.perf_counter() - began
    page.locator("#sound [data-wave] svg").wait_for()
    drawn = time.perf_counter() - began
    stored = page.evaluate("() => document.querySelector('#sound [data-wave] svg').viewBox.baseVal.width")
    lane = page.evaluate("async () => (await (await fetch(document.querySelector('#sound').dataset.lane)).text())")
    path = page.evaluate("() => document.querySelector('#sound [data-wave] path').getAttribute('d').length")
    rows = [
        ["uploaded and checked", milliseconds(there)],
        ["waveform in the lane", milliseconds(drawn)],
        ["stored, a byte for each peak", f"{stored:,.0f} bytes"],
        ["drawn, as a path", f"{path:,} bytes"],
        ["the lane's HTML", f"{len(lane):,} bytes, {len(gzip.compress(lane.encode(), 6)):,} with gzip"],
    ]
    show(f"A sound of {SOUND_SECONDS} s", [["", ""], *rows])


if __name__ == "__main__":
    main()
