"""The gallery on a phone: nothing lies beside the screen, everything is reached with a thumb."""

from __future__ import annotations

import re
import time

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
        for control in (".pick", ".quick"):  # there is no pointer to bring them out
            expect(page.locator(f".take[data-clip] {control}").nth(2)).to_have_css("opacity", "1")
        page.locator(".take[data-clip] [data-watch]").nth(2).tap()
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


class TestFilters:
    def test_are_in_sight_and_open_within_the_screen(self, browse, library):
        page = browse(width=390, height=844, is_mobile=True, has_touch=True)
        page.goto(library(sign_up(page), 4, films=4) + "&show=clips")
        chip = page.locator("[popovertarget=facets]")
        expect(chip).to_be_in_viewport(ratio=1)

        chip.tap()

        box = page.locator("#facets").bounding_box()
        foot = chip.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert foot["y"] + foot["height"] <= box["y"]
        assert box["y"] + box["height"] <= 844


def sweep(page, across):
    """One finger over the clip, by so many pixels, that rests before it goes: a tap after a fling only ends that."""
    wire = page.context.new_cdp_session(page)
    y = page.locator("#lightbox-video").bounding_box()["y"] + 80
    places = [195 - across / 2 + across * min(step, 6) / 6 for step in range(9)]
    began = time.time() - 1
    for step, x in enumerate(places):
        kind = "touchMove" if step else "touchStart"
        touch = {"type": kind, "touchPoints": [{"x": x, "y": y}], "timestamp": began + step / 10}
        wire.send("Input.dispatchTouchEvent", touch)
    wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": [], "timestamp": began + 1})


class TestThumb:
    def test_sweeps_from_clip_to_clip_and_judges_and_selects_there(self, browse, library):
        page = browse(width=390, height=844, is_mobile=True, has_touch=True)
        page.goto(library(sign_up(page), 8, films=8) + "&show=clips")
        tiles, place = page.locator(".take[data-clip]"), page.locator("#lightbox-place")
        tiles.first.locator("[data-watch]").tap()
        expect(place).to_have_text(re.compile(r"^1 / "))

        sweep(page, -200)
        expect(place).to_have_text(re.compile(r"^2 / "))
        page.locator("#lightbox").get_by_role("button", name="Select", exact=True).tap()
        page.locator("#lightbox").get_by_role("button", name="Favourite").tap()
        expect(tiles.nth(1)).to_have_attribute("data-favourite", "1")
        sweep(page, 200)
        expect(place).to_have_text(re.compile(r"^1 / "))
        sweep(page, 20)  # a tap that slipped
        expect(place).to_have_text(re.compile(r"^1 / "))

        expect(page.locator("#lightbox [data-do=select]")).to_have_attribute("aria-pressed", "false")
        page.locator("#lightbox").get_by_role("button", name="Close").tap()
        expect(tiles.nth(1).locator(".pick input")).to_be_checked()
        expect(page.locator("#selection output")).to_have_attribute("data-count", "1")
