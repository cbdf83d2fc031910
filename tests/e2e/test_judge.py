"""Culling by keyboard, as a creator does it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.test_journey import serious, sign_up, until_true

pytestmark = pytest.mark.e2e


@pytest.fixture
def gallery(browse, library):
    """`gallery(20)`: a page of a new person with at least so many clips that play."""

    def open_gallery(count: int, **options):
        page = browse(**options)
        page.goto(library(sign_up(page), count + 8, films=count + 8) + "&show=clips")
        return page

    return open_gallery


def judged(page) -> list[tuple[str, str]]:
    tiles = "[...document.querySelectorAll('.take[data-clip]')]"
    return [tuple(pair) for pair in page.evaluate(f"{tiles}.map((t) => [t.dataset.rating, t.dataset.pick])")]


class TestCulling:
    def test_twenty_clips_by_keyboard_in_the_lightbox(self, gallery):
        page = gallery(20)
        clips = page.locator(".take[data-clip]").count()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        place = page.locator("#lightbox-place")
        expect(place).to_have_text(f"1 / {clips}")
        until_true(page, "document.querySelector('#lightbox-video').readyState >= 2")

        for number in range(20):
            expect(place).to_have_text(f"{number + 1} / {clips}")
            page.keyboard.press("0")
            key, value = ("k", "1") if number % 4 == 0 else ("j", "-1")
            button = page.locator(f'#lightbox [data-do=pick][data-value="{value}"]')
            if button.get_attribute("aria-pressed") != "true":
                page.keyboard.press(key)
            expect(button).to_have_attribute("aria-pressed", "true")
            page.keyboard.press("ArrowRight")
        page.keyboard.press("0")
        expect(page.locator("#lightbox [data-do=rate][data-lit]")).to_have_count(0)
        page.keyboard.press("3")
        expect(page.locator("#lightbox [data-do=rate][data-lit]")).to_have_count(3)
        page.keyboard.press("z")
        expect(page.locator("#lightbox [data-do=rate][data-lit]")).to_have_count(0)
        assert serious(page) == []

        page.keyboard.press("Escape")

        expect(page.locator("#lightbox")).to_be_hidden()
        assert page.evaluate("document.activeElement.closest('.take') !== null")
        assert [pick for _stars, pick in judged(page)[:20]] == ["1", "-1", "-1", "-1"] * 5
        page.reload()
        assert [pick for _stars, pick in judged(page)[:20]] == ["1", "-1", "-1", "-1"] * 5
        assert {stars for stars, _pick in judged(page)[:20]} == {"0"}
