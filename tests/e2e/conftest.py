"""The whole studio as a person gets it, driven in Debian's chromium. A console error fails the test.

Where Debian's package of it is there, in Chromium's headless shell: the same engine without the browser around it, in
which a new page costs a sixth.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import struct
import subprocess
import sys
import wave

import pytest
import requests
from playwright.sync_api import expect, sync_playwright

from tests.run import ROOT, wait_for
from tests.wanstudio.test_runner import OWN, Studio, until

CHROMIUM = "/usr/bin/chromium"
ACCOUNT = ("-m", "tests.e2e.account")
PATIENCE = 60_000  # milliseconds: other tests keep the machine busy
expect.set_options(timeout=PATIENCE)
# What fails says so in a line of its own beside htmx:afterRequest; a request is aborted when a newer one replaces it,
# which on a busy machine is any that follows.
IGNORED = ("favicon", "htmx:afterRequest", "htmx:sendAbort")


def draw(studio: Studio, render: str) -> None:
    """Have the simulator draw films of this kind from now on; it may still be starting when pages are served."""
    port = int((studio.data / "simulator" / "port").read_text())
    wait_for(port, seconds=300)
    requests.post(f"http://127.0.0.1:{port}/simulator/films", json={"render": render}, timeout=60).raise_for_status()


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    """A running demo (`manage.py run`) whose films are small: drawing true ones takes a core each for many seconds."""
    started = Studio(tmp_path_factory.mktemp("e2e") / "data")
    try:
        until(started.is_up, seconds=900, about=lambda: started.output)  # without it no journey runs at all
        draw(started, "small")
        yield started
        started.popen.terminate()
        started.popen.wait(60)
    finally:
        started.clean()


@pytest.fixture(scope="session")
def studio(running):
    """Its address; with E2E_SLOW=0.3 at the end of a line that is slow by so many seconds."""
    seconds = os.environ.get("E2E_SLOW")
    if not seconds:
        yield f"http://127.0.0.1:{running.port}"
        return
    command = [sys.executable, "-m", "tests.slow_line", str(running.port), seconds]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as line:
        yield f"http://127.0.0.1:{line.stdout.readline().strip()}"
        line.terminate()


@pytest.fixture
def full_films(running):
    """What is drawn during the test has the size that was ordered."""
    draw(running, "full")
    yield
    draw(running, "small")


@pytest.fixture(scope="session")
def run(running):
    """Runs Python with these arguments beside the studio, with its data; what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    environment |= {
        "STUDIO_DATA_DIR": str(running.data),
        "STUDIO_DEMO": "1",
        "DASHSCOPE_API_KEY": "sk-demo",
        "DASHSCOPE_HTTP_BASE_URL": "http://127.0.0.1:9/api/v1",
    }

    def run(*command):
        done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def library(run):
    """`library(email, 200, films=20)` fills a person's library with clips that all have pictures, the newest of them
    films of a second, too; the page of its project. Nothing is rendered for it, so it is there quickly."""

    def fill(email, clips=200, *, films=0):
        said = run("manage.py", "seed_gallery", f"--clips={clips}", f"--posters={clips}", f"--email={email}")
        if films:
            run("-m", "tests.e2e.films", email, str(films))
        return re.search(r"Done: (\S+)", said)[1]

    return fill


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium-headless-shell") or CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium, studio):
    """`browse(width=390, theme="light")` opens a page of its own; what its console says is checked at the end.

    `browse.meant` takes words of what it may say.
    """
    contexts, complaints = [], []

    def open_page(*, width: int = 1440, height: int = 900, theme: str = "dark", **options):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True, **{"base_url": studio} | options
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    open_page.meant = []
    yield open_page
    for context in contexts:
        context.close()
    expected = [*IGNORED, *open_page.meant]
    assert [text for text in complaints if not any(word in text for word in expected)] == []


@pytest.fixture
def grid(browse, library):
    """A page of a new person's clips, the newest of which play."""
    from tests.e2e.test_journey import sign_up

    page = browse()
    page.goto(library(sign_up(page), 12, films=12) + "&show=clips")
    return page


@pytest.fixture(scope="session")
def music(tmp_path_factory):
    """Seven seconds of a soft tone as a wav file."""
    path = tmp_path_factory.mktemp("audio") / "harbour-theme.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        tone = (int(9000 * math.sin(index / 16_000 * 2 * math.pi * 330)) for index in range(7 * 16_000))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in tone))
    return path


@pytest.fixture(scope="module")
def newcomer(chromium, studio):
    """Somebody who has signed up for the tests of this module: a page of hers, and her e-mail address."""
    from tests.e2e.test_journey import sign_up

    context = chromium.new_context(base_url=studio)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    yield page, sign_up(page)
    context.close()


@pytest.fixture(scope="module")
def writer(newcomer):
    """The state of her browser."""
    page, _email = newcomer
    return page.context.storage_state()


@pytest.fixture
def compose(browse, writer):
    """Opens the studio with an empty composer, or with these shots on the board."""

    def compose(prompt="", *, on_board=False, **options):
        page = browse(storage_state=writer, **options)
        page.goto("/studio/?draft=new")
        page.fill("#prompt", prompt)
        if on_board:
            page.locator("[data-fill-board]").click()
        return page

    return compose


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Where pictures are kept; `--basetemp` says where that is."""
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(params=["dark", "light"])
def theme(request):
    return request.param


@pytest.fixture(params=["wide", "phone"])
def screen(request):
    return request.param


@pytest.fixture
def priced(browse, run):
    """`priced("beijing", 15)` opens the studio of a new person whose takes cost something, with so much a month.
    `priced.spend(2)` makes it another amount, `priced.charge(0.5)` the price of a second, for everybody's pages.
    """
    from tests.e2e.test_journey import sign_up

    whose = []

    def priced(region="singapore", amount=50, **options):
        page = browse(**options)
        whose[:] = [sign_up(page)]
        run(*ACCOUNT, "make", *whose, region, str(amount))
        page.goto("/studio/")
        return page

    priced.spend = lambda amount: run(*ACCOUNT, "budget", *whose, str(amount))
    priced.charge = lambda price: run(*ACCOUNT, "price", *whose, str(price))
    return priced
