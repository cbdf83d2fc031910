"""Finding a clip again: by a Chinese phrase, by filters, by scrolling, and after looking at another one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_journey import generate, serious, sign_up, until_true

pytestmark = pytest.mark.e2e
CLIPS = 200


def takes(page):
    return page.locator("#results .take")


class TestFinding:
    def test_one_is_found_by_a_chinese_phrase(self, browse):
        page = browse()
        sign_up(page)
        generate(page, "一艘小船在黄昏离开海港")
        generate(page, "A paper boat in the rain")
        expect(takes(page)).to_have_count(2)

        page.locator("#q").press_sequentially("离开海港")

        expect(takes(page)).to_have_count(1)
        expect(page.locator("#found")).to_have_text("1 found")
        expect(page.locator("#q")).to_be_focused()
        page.reload()
        expect(page.locator("#q")).to_have_value("离开海港")
        expect(takes(page)).to_have_count(1)
        page.get_by_role("link", name="Without 离开海港").click()
        expect(takes(page)).to_have_count(2)
        # A poll that was under way may bring the other take while it has no place on the page.
        browse.complaints[:] = [text for text in browse.complaints if "oobErrorNoTarget, #take-" not in text]

    def test_filters_are_in_the_address_and_back_takes_them_away(self, browse, library):
        page = browse()
        page.goto(library(sign_up(page)))
        everything = page.locator("#shows a").first
        expect(everything).to_have_text(f"All {CLIPS}")

        page.get_by_role("button", name="Filters").click()
        page.locator("#facets label", has_text="9:16").click()
        expect(page).to_have_url(re.compile("ratio=9:16"))
        expect(page.locator("#facets")).to_be_visible()
        narrowed = page.locator("#found").inner_text
        until_true(page, "document.querySelector('#found').textContent.includes('found')")
        assert 0 < int(narrowed().split()[0]) < CLIPS
        assert serious(page) == []

        page.go_back()

        expect(page).not_to_have_url(re.compile("ratio=9:16"))
        expect(page.locator("#scenes .scene").first).to_be_visible()

    def test_scrolling_brings_more_and_back_brings_the_same_place(self, browse, library):
        page = browse()
        page.goto(library(sign_up(page)) + "&show=clips")
        expect(takes(page)).to_have_count(60)

        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        expect(takes(page)).to_have_count(120)
        page.locator(".take .pick input").nth(100).evaluate("box => box.click()")
        page.evaluate("scrollTo(0, 2400)")
        page.wait_for_timeout(500)
        top = page.evaluate("scrollY")
        assert top > 1000
        address = takes(page).nth(70).locator("a").first.get_attribute("href")
        page.goto(address)
        page.go_back()

        until_true(page, "document.querySelectorAll('#results .take').length >= 120")
        until_true(page, f"Math.abs(scrollY - {top}) < 20")
        expect(page.locator(".take .pick input").nth(100)).to_be_checked(timeout=30_000)
        # The seeded clips have pictures, but no videos.
        browse.complaints[:] = [text for text in browse.complaints if "404" not in text]


class TestNews:
    def test_what_came_since_is_offered_above_and_moves_nothing(self, browse, library):
        page = browse()
        address = library(sign_up(page), 60)
        other = page.context.new_page()
        other.goto(address)
        page.clock.install()
        page.goto(address)
        shown = takes(page).count()
        page.evaluate("scrollTo(0, 600)")
        generate(other, "A paper boat in the rain")

        page.clock.fast_forward("00:35")

        fresh = page.locator("#fresh")
        expect(fresh).to_have_text("1 new take")
        assert takes(page).count() == shown
        assert page.evaluate("scrollY") == 600
        fresh.click()
        expect(takes(page)).to_have_count(shown + 1)
        expect(fresh).to_be_hidden()
        until_true(page, "scrollY === 0")

    def test_away_from_the_network_it_says_so_until_it_is_back(self, browse):
        page = browse()
        page.clock.install()
        sign_up(page)
        away = page.locator("[data-away]")
        page.context.set_offline(True)
        page.clock.fast_forward("00:35")
        expect(away).to_be_visible()

        page.context.set_offline(False)
        page.clock.fast_forward("00:35")

        expect(away).to_be_hidden()
        browse.complaints[:] = [
            text for text in browse.complaints if "ERR_INTERNET" not in text and "htmx:" not in text
        ]
