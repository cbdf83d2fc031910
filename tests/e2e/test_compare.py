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
