"""The gallery on a phone: nothing lies beside the screen, everything is reached with a thumb."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.test_journey import serious, sign_up

pytestmark = pytest.mark.e2e
WIDE = "() => document.documentElement.scrollWidth - screen.width"
SMALL = """root => [...document.querySelectorAll(root + ' :is(a, button, select)')]
  .filter((one) => one.checkVisibility() && !one.matches('.visually-hidden *, .visually-hidden, p a'))
  .map((one) => [one, (one.closest('label') ?? one).getBoundingClientRect()])
  .filter(([one, box]) => box.height < 43 || box.width < 36)
  .map(([one]) => one.outerHTML.slice(0, 120))"""


class TestPhone:
    @pytest.mark.parametrize("width", [360, 390])
    def test_no_page_is_wider_than_the_screen(self, browse, library, width):
        page = browse(width=width, height=844, is_mobile=True, has_touch=True)
        address = library(sign_up(page), 40, films=4)
        seen = []

        def look(name, *, within=""):
            if page.evaluate(WIDE) > 0:
                seen.append(f"{name} is too wide by {page.evaluate(WIDE)}")
            if within:
                seen.extend(f"{name}: too small for a thumb: {one}" for one in page.evaluate(SMALL, within))
            seen.extend(serious(page))

        page.goto(address)
        look("scenes", within=".filters")
        page.goto(f"{address}&show=clips")
        clips = [page.locator(".take[data-clip] > a").nth(n).get_attribute("href") for n in range(2)]
        for number in range(2):
            page.locator(".take .pick input").nth(number).tap()
        expect(page.locator("[data-matches]")).not_to_be_empty()
        look("selection", within="#selection")
        page.locator(".take[data-clip] .pick input").nth(1).tap()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        expect(page.locator("#lightbox")).to_be_visible()
        look("lightbox", within="#lightbox")
        page.goto(clips[0])
        look("clip", within=".viewing")
        page.goto("/compare/?" + "&".join(f"take={clip.split('/')[2]}" for clip in clips))
        look("compare", within=".compare")
        for other in ("/trash/", "/collections/", "/searches/"):
            page.goto(other)
            look(other)

        assert seen == []
