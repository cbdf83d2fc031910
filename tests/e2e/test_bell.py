"""The bell as somebody lives with it: told in the window's title and by the browser while away, read, and seen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_journey import RENDERED, generate, sign_up
from tests.e2e.test_screening import serious

pytestmark = pytest.mark.e2e
# Headless browsers have no desktop to show a notification on: what the page asks for is written down.
NOTIFICATIONS = """window.Notification = class extends EventTarget {
  static permission = "default";
  static async requestPermission() { return (this.permission = "granted"); }
  constructor(title, { body }) { super(); (window.rang ??= []).push(body); }
  close() {}
}; if (localStorage.getItem("wanstudio.notify") === "on") window.Notification.permission = "granted";"""
LOOK = """state => {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


class TestBell:
    def test_tells_who_is_away_and_is_seen_with_a_press(self, browse):
        page = browse()
        page.add_init_script(NOTIFICATIONS)
        sign_up(page)
        page.goto("/accounts/profile/")
        page.get_by_role("button", name="Tell me").click()
        expect(page.get_by_role("button", name="Stop telling me")).to_be_visible()
        page.goto("/studio/")
        page.evaluate(LOOK, "hidden")  # before the press: a take may be there before anybody can look away
        generate(page)

        expect(page).to_have_title(re.compile(r"^\(1\) "), timeout=RENDERED)
        assert page.evaluate("window.rang.at(-1)").endswith("is ready")

        page.evaluate(LOOK, "visible")
        expect(page).to_have_title(re.compile(r"^[^(]"))
        expect(page.locator("#bell b")).to_have_text("1")
        page.locator("#bell").click()
        menu = page.get_by_role("region", name="Notifications")
        expect(menu.get_by_text("is ready")).to_be_visible()
        assert serious(page) == []
        menu.get_by_role("button", name="Mark as seen").click()
        expect(page.locator("#bell b")).to_have_count(0)
        expect(menu.get_by_text("is ready")).to_be_visible()
        page.keyboard.press("Escape")
        expect(menu).to_be_hidden()
        page.reload()
        expect(page.get_by_role("link", name="Notifications, nothing new")).to_be_visible()

    def test_names_who_was_mentioned_and_leads_to_the_clip(self, browse, library):
        page = browse()
        email = sign_up(page)
        page.goto(library(email, 3, films=1))
        page.goto("/teams/")
        page.get_by_label("Name").fill("Harbour crew")
        page.get_by_role("button", name="Make it").click()
        page.get_by_label("E-mail").fill("kim@example.com")
        page.get_by_role("button", name="Send invitation").click()
        link = re.search(r"/teams/join/[\w-]+/", page.locator(".address").input_value())[0]
        kim = browse()
        called = sign_up(kim).partition("@")[0]
        kim.goto(link)
        kim.get_by_role("button", name="Join the team").click()

        page.goto("/projects/")
        page.get_by_role("link", name="About Seeded library").click()
        page.get_by_role("link", name="Project settings").click()
        page.get_by_label("Move to the team").select_option(label="Harbour crew")
        page.get_by_role("button", name="Move", exact=True).click()
        expect(page.get_by_text("belongs to Harbour crew now")).to_be_visible()
        page.goto(page.get_by_role("link", name="Takes", exact=True).get_attribute("href"))
        page.locator(".take:has(img) a").first.click()  # some of a seeded library have failed
        expect(page).to_have_url(re.compile("/generations/"))
        page.wait_for_load_state()
        page.fill("#comment", f"@{called[:3]}")
        page.locator("#comment").press("End")
        page.locator("#comment").press_sequentially(called[3])
        page.locator("#names").get_by_text(called).click()
        page.get_by_role("button", name="Send comment").click()
        expect(page.locator(".words-said mark")).to_have_text(f"@{called}")

        kim.reload()
        kim.locator("#bell").click()
        kim.get_by_role("region", name="Notifications").get_by_role("link", name=re.compile("take")).click()
        expect(kim.locator(".words-said mark")).to_be_visible()
