"""Finding a clip again: by a Chinese phrase, by filters, by scrolling, and after looking at another one."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import expect

from tests.e2e.test_compare import choose
from tests.e2e.test_journey import generate, serious, sign_up, until_true

pytestmark = pytest.mark.e2e
CLIPS = 200
NO_VIDEO = "404"  # seeded clips have pictures only, and one plays wherever the mouse comes to rest


def takes(page):
    return page.locator("#results .take")


def counted(page):
    """The counts of the view that is asked for have come."""
    return page.expect_response(lambda answer: "/studio/facets?" in answer.url)


# In another window.
TAKE_ALL_STARS = """async () => {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  for (const tile of document.querySelectorAll(".take[data-rating]:not([data-rating='0'])")) {
    const body = new URLSearchParams({ csrfmiddlewaretoken: token, rating: 0 });
    await fetch(`/generations/${tile.id.slice(5)}/rate`, { method: "POST", body, redirect: "manual" });
  }
}"""


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
        expect(page).to_have_url(re.compile(re.escape(quote("离开海港"))))  # the slower ones type, the more is asked
        expect(page.locator("#q")).to_be_focused()
        page.reload()
        expect(page.locator("#q")).to_have_value("离开海港")
        expect(takes(page)).to_have_count(1)
        page.get_by_role("link", name="Without 离开海港").click()
        expect(takes(page)).to_have_count(2)
        # A poll that was under way may bring the other take while it has no place on the page.
        browse.meant.append("oobErrorNoTarget, #take-")

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
        browse.meant.append(NO_VIDEO)

    def test_what_is_on_its_way_is_seen_to_be(self, browse, library):
        page, held = browse(), []
        page.goto(library(sign_up(page), 20))
        opacity = "getComputedStyle(document.querySelector('#results')).opacity"
        page.route("**/studio/?*q=harbour*", lambda route: held.append(route))

        page.fill("#q", "harbour")

        until_true(page, f"{opacity} < 1")
        until_true(page, "getComputedStyle(document.querySelector('.find .search .icon')).animationName === 'seek'")
        held[0].continue_()
        expect(page.locator("#found")).to_contain_text("found")
        until_true(page, f"{opacity} === '1'")
        browse.meant.append(NO_VIDEO)

    def test_a_state_is_chosen_and_all_that_finds_stays(self, browse, library):
        page = browse()
        page.goto(library(sign_up(page), 40))
        expect(page.locator("#shows a").first).to_have_text("All 40")  # drawn anew with its counts
        for name in ("failed", "clips", "all"):
            page.locator(f"#show-{name}").click()

            expect(page.locator(f"#show-{name}")).to_have_attribute("aria-current", "true")
            for one in ("#shows", "#keep-search", "#download-view", "#retry-failed", "#q"):
                expect(page.locator(one)).to_have_count(1)
            expect(page.locator("#retry-failed button")).to_have_count(int(name == "failed"))

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
        expect(page.locator(".take .pick input").nth(100)).to_be_checked()
        browse.meant.append(NO_VIDEO)

    def test_what_sinks_in_the_order_meanwhile_stays_where_it_is(self, browse, library):
        page, held = browse(), []
        address = library(sign_up(page), 100) + "&show=clips&sort=rating"
        page.route(re.compile("before="), lambda route: held.append(route))
        page.goto(address)
        page.wait_for_load_state()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        until_true(page, "document.querySelector('.older .htmx-request') !== null")
        page.evaluate(TAKE_ALL_STARS)
        before = takes(page).count()

        held[0].continue_()
        until_true(page, "document.querySelector('.older [rel=next]') === null")

        ids = takes(page).evaluate_all("tiles => tiles.map((tile) => tile.id)")
        assert len(ids) == len(set(ids)) > before
        browse.meant.append(NO_VIDEO)

    @pytest.mark.parametrize(("length", "status"), [(7_000, 200), (20_000, 414)])
    def test_an_address_of_any_length_gets_words(self, studio, length, status):
        answer = requests.get(f"{studio}/accounts/login/?next={'x' * length}", timeout=60)

        assert answer.status_code == status
        assert ("This address is too long" in answer.text) is (status == 414)
        assert "<link" in answer.text


@pytest.fixture(scope="module")
def labelled(newcomer, library):
    """Forty clips, the first of which has more tags than are listed: the state of a browser, and where they are."""
    page, email = newcomer
    address = library(email, 40) + "&show=clips"
    page.goto(address)
    for names in (range(20), range(20, 36)):
        choose(page, 0)
        page.get_by_role("button", name="Tag, collect, move").click()
        page.get_by_label("Tags").fill(",".join(f"label {number:02}" for number in names))
        page.locator("#bulk-menu").get_by_role("button", name="Tag", exact=True).click()
        expect(page.locator("#bulk-menu")).to_be_hidden()
    return page.context.storage_state(), address


class TestFilters:
    @pytest.fixture
    def page(self, browse, labelled):
        state, address = labelled
        page = browse(storage_state=state)
        browse.meant.append(NO_VIDEO)
        with counted(page):
            page.goto(address)
        page.get_by_role("button", name="Filters").click()
        return page

    def tag(self, page, name):
        return page.locator("#facets label", has_text=name)

    def test_a_part_of_a_range_is_one_press_and_keeps_the_focus(self, page):
        part = page.locator("#facets").get_by_role("link", name="6 to 10 s")
        part.focus()
        with counted(page):
            part.press("Enter")
        expect(page).to_have_url(re.compile("min_seconds=6&max_seconds=10"))
        expect(part).to_have_attribute("aria-current", "true")
        expect(part).to_be_focused()

        with counted(page):
            part.click()

        expect(page).not_to_have_url(re.compile("min_seconds"))
        expect(part).not_to_have_attribute("aria-current", "true")

    def test_a_rare_tag_is_found_by_typing(self, page):
        expect(page.locator("#facets small")).to_contain_text("These are 30 of more.")
        expect(self.tag(page, "label 35")).to_have_count(0)

        page.get_by_label("Find a tag").fill("35")
        expect(self.tag(page, "label 35")).to_be_visible()
        expect(self.tag(page, "label 00")).to_have_count(0)
        self.tag(page, "label 35").click()

        expect(page).to_have_url(re.compile(r"tag=label(\+|%20)35"))
        expect(takes(page)).to_have_count(1)
        assert serious(page) == []

    def test_what_is_typed_while_counts_are_on_their_way_stays(self, page):
        on_the_way = []
        page.route("**/studio/facets?**", lambda route: on_the_way.append(route), times=1)
        with page.expect_request("**/studio/facets?**"):
            page.locator("#facets label", has_text="Whole team").click()
        expect(page).to_have_url(re.compile("scope=team"))

        page.get_by_label("Find a tag").fill("34")
        on_the_way.pop().continue_()

        expect(self.tag(page, "label 34")).to_be_visible()
        expect(page.get_by_label("Find a tag")).to_have_value("34")
        expect(page.get_by_label("Find a tag")).to_be_focused()


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
        browse.meant.append(NO_VIDEO)

    def test_at_the_top_it_comes_in_its_place(self, browse, library):
        page = browse()
        address = library(sign_up(page), 20)
        other = page.context.new_page()
        other.goto(address)
        page.clock.install()
        page.goto(address)
        shown = takes(page).count()
        generate(other, "A paper boat in the rain")

        page.clock.fast_forward("00:35")

        expect(takes(page)).to_have_count(shown + 1)
        expect(page.locator("#scenes .scene").first).to_contain_text("A paper boat in the rain")
        expect(page.locator("#fresh")).to_be_hidden()
        browse.meant.append(NO_VIDEO)

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
        browse.meant += ["ERR_INTERNET", "htmx:"]
