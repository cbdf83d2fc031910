"""Two clips side by side."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_journey import serious, until_true

pytestmark = pytest.mark.e2e
BOTH = "[...document.querySelectorAll('#pair video')]"


def choose(page, *places):
    for place in places:
        page.locator(".take .pick input").nth(place).evaluate("box => box.click()")


class TestSelection:
    @pytest.mark.parametrize("has_script", [True, False], ids=["script", "plain"])
    def test_no_address_carries_the_token(self, browse, newcomer, writer, library, has_script):
        address, asked = library(newcomer[1], 4, films=4) + "&show=clips", []
        page = browse(storage_state=writer, java_script_enabled=has_script)
        page.on("request", lambda request: asked.append(request.url))

        def press(name):
            page.goto(address)
            for place in range(2):
                page.locator(".take .pick input").nth(place).check(force=True)
            page.get_by_role("button", name=name).click()

        for name, there in {
            "Organise": "choices",
            "Compare": "compare/",
            "Share with a link": "screenings/new",
        }.items():
            with page.expect_response(re.compile(there)) as answered:
                press(name)
            assert answered.value.status < 400
            page.wait_for_load_state()
            asked.append(page.url)
        with page.expect_download():
            press("Download as ZIP")

        assert [url for url in asked if "csrf" in url] == []

    def test_of_however_many_leads_to_two_or_to_all(self, grid):
        clips = grid.locator(".take[data-clip]").count()
        address = grid.url
        for place in range(clips):
            choose(grid, place)
        grid.keyboard.press("c")
        expect(grid).to_have_url(re.compile(r"/compare/\?(take=[0-9a-f-]+&){3}in="))

        grid.goto(address)
        choose(grid, 0)
        grid.locator("#match-all input").check()
        grid.get_by_role("button", name="Share with a link").click()

        expect(grid.locator("main")).to_contain_text(f"{clips} clips, as they are now.")


class TestCompare:
    def test_two_clips_play_as_one_and_only_what_differs_is_listed(self, grid):
        choose(grid, 0, 1)
        grid.keyboard.press("c")
        expect(grid).to_have_url(re.compile("/compare/"))
        until_true(grid, f"{BOTH}.length === 2 && {BOTH}.every((video) => video.readyState >= 2)")

        grid.locator("#transport [data-play]").click()

        until_true(grid, f"{BOTH}.every((video) => video.currentTime > 0.2)")
        apart = grid.evaluate(f"(([a, b]) => Math.abs(a.currentTime - b.currentTime))({BOTH})")
        assert apart < 0.25
        assert grid.evaluate(f"{BOTH}.map((video) => video.muted)") == [False, True]
        rows = grid.locator(".differences tbody tr")
        for left, right in rows.evaluate_all(
            "rows => rows.map((row) => [...row.cells].slice(1).map((c) => c.innerText))"
        ):
            assert left != right
        expect(grid.locator(".differences")).to_contain_text("Seed")
        assert serious(grid) == []
        grid.get_by_role("link", name="Wipe").click()
        expect(grid.locator("#wipe")).to_be_visible()
        expect(grid).to_have_url(re.compile("layout=wipe"))
        assert serious(grid) == []

    def test_they_share_frames_and_position(self, grid):
        choose(grid, 0, 1)
        grid.keyboard.press("c")
        expect(grid).to_have_url(re.compile("/compare/"))
        until_true(grid, f"{BOTH}.length === 2 && {BOTH}.every((video) => video.readyState >= 2)")
        frame = 1 / float(grid.evaluate(f"{BOTH}[0].dataset.fps"))

        def are_at(seconds):
            until_true(
                grid, f"{BOTH}.every((video) => !video.seeking && Math.abs(video.currentTime - {seconds}) < 0.01)"
            )

        grid.get_by_role("button", name="One frame on").click()
        are_at(frame)
        grid.locator("h1").click()
        grid.keyboard.press(".")
        are_at(2 * frame)
        grid.keyboard.press(",")
        are_at(frame)
        grid.get_by_label("Position", exact=True).fill("0.5")
        are_at(grid.evaluate(f"Math.max(...{BOTH}.map((video) => video.duration))") / 2)

    def test_they_share_speed_and_loop(self, grid):
        choose(grid, 0, 1)
        grid.keyboard.press("c")
        expect(grid).to_have_url(re.compile("/compare/"))
        until_true(grid, f"{BOTH}.length === 2 && {BOTH}.every((video) => video.readyState >= 2)")
        grid.evaluate(f"window.rounds = 0; {BOTH}[0].addEventListener('ended', () => window.rounds++)")

        grid.get_by_label("Speed").select_option("2")
        assert grid.evaluate(f"{BOTH}.map((video) => video.playbackRate)") == [2, 2]
        grid.locator("h1").click()
        grid.keyboard.press("<")
        assert grid.evaluate(f"{BOTH}.map((video) => video.playbackRate)") == [1.5, 1.5]
        grid.keyboard.press("l")
        expect(grid.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "true")
        grid.keyboard.press("Space")

        until_true(grid, "window.rounds > 1")
        until_true(grid, f"{BOTH}.every((video) => !video.paused)")
        grid.keyboard.press("l")
        until_true(grid, f"{BOTH}.every((video) => video.ended)")
