"""Culling by keyboard, as a creator does it."""

from __future__ import annotations

import re

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


def merge_scenes(page):
    """All takes are in one scene, which the page then shows."""
    plain = page.url.replace("&show=clips", "")
    page.goto(plain)
    while page.locator(".scene").count() > 1:
        page.goto(page.locator(".scene-menu").last.get_attribute("href"))
        page.get_by_role("button", name="Merge").click()
        page.goto(plain)


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

    def test_keys_are_for_the_clip_and_counts_follow(self, gallery):
        page = gallery(3)
        until_true(page, "document.querySelector('#show-clips .count') !== null")
        picked = page.locator("#show-picked .count")
        before = int(picked.inner_text()) if picked.count() else 0
        is_picked = page.locator(".take[data-clip]").first.get_attribute("data-pick") == "1"
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        video, place = page.locator("#lightbox-video"), page.locator("#lightbox-place")
        until_true(page, "!document.querySelector('#lightbox-video').paused")

        page.keyboard.press("Space")
        until_true(page, "document.querySelector('#lightbox-video').paused")
        page.keyboard.press("k")
        after = before - 1 if is_picked else before + 1
        expect(page.locator("#show-picked")).to_have_text(f"Picked {after}" if after else "Picked")
        assert place.inner_text().startswith("1 /")
        title = page.locator("#lightbox-title").bounding_box()
        assert page.locator(".toast").bounding_box()["y"] >= title["y"] + title["height"]

        source = video.get_attribute("src")
        page.keyboard.press("Delete")
        expect(video).not_to_have_attribute("src", source)
        page.keyboard.press("z")
        expect(video).to_have_attribute("src", source)
        assert place.inner_text().startswith("1 /")

        page.keyboard.press("Enter")
        page.wait_for_url("**/generations/**")
        assert page.url.split("/")[4] == source.split("/")[2]

    def test_a_scene_is_looked_through_to_its_first_take(self, gallery):
        page = gallery(22)
        merge_scenes(page)
        hidden = int(page.locator(".more-takes a").inner_text().split()[0])
        page.locator(".scene .take[data-clip] a").last.focus()
        page.keyboard.press("Space")
        place = page.locator("#lightbox-place")
        expect(place).to_be_visible()

        page.keyboard.press("ArrowRight")

        expect(page.locator(".scene .take")).to_have_count(24 + hidden)
        expect(page.locator(".more-takes")).to_have_count(0)
        number, count = map(int, place.inner_text().split(" / "))
        assert number < count
        page.keyboard.press("3")
        page.keyboard.press("3")
        expect(page.locator("#lightbox [data-do=rate][data-lit]")).to_have_count(3)

    def test_closed_while_earlier_takes_come_it_plays_nothing(self, gallery):
        page = gallery(22)
        merge_scenes(page)
        held, of_scene = [], re.compile(r"\?scene=")
        page.route(of_scene, lambda route: held.append(route))
        page.locator(".scene .take[data-clip] a").last.focus()
        with page.expect_request(of_scene):
            page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")

        page.keyboard.press("Escape")
        held[0].continue_()

        expect(page.locator(".more-takes")).to_have_count(0)
        expect(page.locator("#lightbox")).to_be_hidden()
        expect(page.locator("#lightbox-video")).not_to_have_attribute("src", re.compile("."))

    def test_the_sheet_of_keys_opens_on_the_page_of_a_clip(self, gallery):
        page = gallery(1)
        page.locator(".take[data-clip] > a").first.click()
        page.wait_for_url("**/generations/**")
        address = page.url

        page.keyboard.press("?")
        page.keyboard.press("ArrowRight")

        expect(page.locator("#keys")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#keys")).to_be_hidden()
        assert page.url == address
        assert serious(page) == []
