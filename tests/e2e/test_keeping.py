"""What a selection does to many takes at once, and the way back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.test_compare import choose
from tests.e2e.test_journey import serious

pytestmark = pytest.mark.e2e


class TestSelection:
    def test_all_that_match_go_to_the_trash_and_come_back(self, grid):
        clips = grid.locator(".take[data-clip]").count()
        choose(grid, 0)
        expect(grid.locator("[data-matches]")).to_have_text(str(clips))
        assert serious(grid) == []
        grid.locator("#match-all input").check()

        grid.locator("#selection [name=do][value=trash]").click()

        expect(grid.locator("#results .take:visible")).to_have_count(0)
        grid.get_by_role("button", name="Undo").click()
        expect(grid.locator("#results .take:visible")).to_have_count(clips)

    def test_one_is_restored_from_the_trash(self, grid):
        clips = grid.locator(".take[data-clip]").count()
        grid.keyboard.press("ArrowRight")
        grid.keyboard.press("Delete")
        expect(grid.locator("#results .take:visible")).to_have_count(clips - 1)

        grid.goto(grid.url.replace("/studio/", "/trash/"))
        choose(grid, 0)
        assert serious(grid) == []
        grid.get_by_role("button", name="Restore").click()
        expect(grid.locator("#stage .take:visible")).to_have_count(0)
        grid.go_back()
        grid.reload()

        expect(grid.locator("#results .take:visible")).to_have_count(clips)
