"""A clip is sent to a client: the link is made, opened without an account, talked about, and the talk comes back."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.test_journey import ready_take, sign_up, until_true

pytestmark = pytest.mark.e2e


def serious(page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [violation["id"] for violation in violations if violation["impact"] in ("serious", "critical")]


def is_within(page) -> bool:
    """Nothing makes the page wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def shared(page) -> str:
    """The address of a new link to the newest take, copied with its button."""
    page.locator(".take").first.get_by_role("link").first.click()
    page.get_by_role("link", name="Share with a link").click()
    page.get_by_role("button", name="Make the link").click()
    address = page.locator(".address").input_value()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#announce")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == address
    return address


def comments_at_a_second(guest):
    """With a name, a long one; the pin on the bar leads back to that second."""
    guest.get_by_label("Your name").fill("Dana" + "a" * 56)
    guest.get_by_role("button", name="Go on").click()
    expect(guest.locator("#comment")).to_be_visible()
    until_true(guest, "document.querySelector('video').readyState >= 1")
    guest.evaluate("document.querySelector('video').currentTime = 1.2")
    expect(guest.locator("[data-at]")).to_have_text("0:01")
    guest.fill("#comment", "Warmer here, please")
    guest.get_by_role("button", name="Send comment").click()
    expect(guest.get_by_text("Warmer here, please")).to_be_visible()
    guest.get_by_label("About the whole clip").check()
    expect(guest.locator("[data-at]")).to_have_text("Comment")
    guest.evaluate("document.querySelector('video').currentTime = 0.4")
    guest.fill("#comment", "Lovely")
    guest.get_by_role("button", name="Send comment").click()
    expect(guest.get_by_text("Lovely")).to_be_visible()
    expect(guest.locator(".pin")).to_have_count(1)
    guest.get_by_text("Answer", exact=True).first.click()
    guest.get_by_label("Your answer").first.fill("By half a stop")
    guest.get_by_role("button", name="Send answer").first.click()
    expect(guest.locator(".answer")).to_contain_text("By half a stop")
    guest.locator(".pin").click()
    until_true(guest, "Math.abs(document.querySelector('video').currentTime - 1.2) < 0.1")


PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"


class TestScreening:
    def test_from_the_link_to_the_verdict_on_the_card(self, browse):
        page, guest = browse(), browse(width=390, height=844)
        sign_up(page)
        page.fill("#prompt", "A paper boat in the rain")
        page.fill("#duration", "2")
        page.locator("#generate").click()
        ready_take(page)

        guest.goto(shared(page))
        expect(guest.locator("video")).to_be_visible()
        assert serious(guest) == []
        comments_at_a_second(guest)
        assert is_within(guest)
        guest.get_by_role("button", name="Ask for changes").click()
        expect(guest.get_by_text("Changes asked")).to_be_visible()

        page.goto("/studio/")
        card = page.locator(".take").first
        expect(card.locator(".take-tags")).to_contain_text(re.compile("Changes asked"))
        card.get_by_role("link").first.click()
        page.get_by_role("button", name="Settle").first.click()
        expect(page.get_by_role("button", name="Open again")).to_be_visible()
        assert serious(page) == []

    def test_who_looks_is_counted_once(self, grid, browse):
        address = shared(grid)
        guest = browse(user_agent=PERSON)

        for _ in range(2):
            with guest.expect_response(address + "seen"):
                guest.goto(address)

        grid.reload()
        expect(grid.get_by_text("opened once")).to_be_visible()

    def test_who_looks_at_a_page_that_was_made_ahead_is_counted_then(self, grid, browse):
        address = shared(grid)
        guest = browse(user_agent=PERSON)
        guest.add_init_script("Object.defineProperty(document, 'prerendering', { value: true })")
        guest.route(address + "seen", lambda route: route.fulfill(body="", content_type="image/svg+xml"), times=1)
        with guest.expect_response(address + "seen"):
            guest.goto(address)
        grid.reload()
        expect(grid.get_by_text("not opened yet")).to_be_visible()

        with guest.expect_response(address + "seen"):
            guest.evaluate("document.dispatchEvent(new Event('prerenderingchange'))")

        grid.reload()
        expect(grid.get_by_text("opened once")).to_be_visible()
