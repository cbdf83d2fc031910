"""Culling by keyboard, as a creator does it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.test_journey import serious, sign_up, until_true

pytestmark = pytest.mark.e2e


@pytest.fixture
def gallery(browse):
    """`gallery(4)`: a page of a new person with so many clips."""

    def open_gallery(count: int, **options):
        page = browse(**options)
        sign_up(page)
        for number in range(count // 4):
            page.fill("#prompt", f"A paper boat in the rain, number {number}")
            page.fill("#duration", "2")
            page.select_option("#resolution", "720P")
            page.select_option("#takes", "4")
            page.locator("#generate").click()
            expect(page.locator(".take img")).to_have_count(4 * (number + 1), timeout=180_000)
        page.reload()
        return page

    return open_gallery


def judged(page) -> list[tuple[str, str]]:
    tiles = "[...document.querySelectorAll('.take[data-clip]')]"
    return [tuple(pair) for pair in page.evaluate(f"{tiles}.map((t) => [t.dataset.rating, t.dataset.pick])")]


class TestCulling:
    def test_twenty_clips_by_keyboard_in_the_lightbox(self, gallery):
        page = gallery(20)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        place = page.locator("#lightbox-place")
        expect(place).to_have_text("1 / 20")
        until_true(page, "document.querySelector('#lightbox-video').readyState >= 2")

        for number in range(20):
            expect(place).to_have_text(f"{number + 1} / 20")
            key, shown = ("k", '[data-do="pick"][data-value="1"]') if number % 4 == 0 else ("j", '[data-value="-1"]')
            page.keyboard.press(key)
            expect(page.locator(f"#lightbox {shown}")).to_have_attribute("aria-pressed", "true")
            page.keyboard.press("ArrowRight")
        page.keyboard.press("3")
        expect(page.locator("#lightbox [data-do=rate][data-lit]")).to_have_count(3)
        page.keyboard.press("z")
        expect(page.locator("#lightbox [data-do=rate][data-lit]")).to_have_count(0)
        assert serious(page) == []

        page.keyboard.press("Escape")

        expect(page.locator("#lightbox")).to_be_hidden()
        assert page.evaluate("document.activeElement.closest('.take') !== null")
        assert [pick for _stars, pick in judged(page)] == ["1", "-1", "-1", "-1"] * 5
        page.reload()
        assert [pick for _stars, pick in judged(page)] == ["1", "-1", "-1", "-1"] * 5
