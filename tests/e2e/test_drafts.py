"""Drafts as a person meets them: typed, closed, gone on with elsewhere, in two windows, without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.test_composer import SHOTS, lengths
from tests.e2e.test_journey import PASSWORD, serious, sign_up

pytestmark = pytest.mark.e2e


@pytest.fixture
def somebody(browse):
    """A page of somebody new; `page.context` is her browser."""
    page = browse()
    sign_up(page)
    return page


def said(page):
    return expect(page.locator("[data-draft-said]"))


def write(page, prompt):
    """Type and wait until it is kept."""
    with page.expect_response("**/drafts/save") as answer:
        page.fill("#prompt", prompt)
    return answer.value


def another(page, address="/studio/"):
    window = page.context.new_page()
    window.goto(address)
    return window


class TestTyping:
    def test_is_kept_as_it_is_typed_and_comes_back_anywhere(self, somebody):
        somebody.fill("#prompt", SHOTS)
        somebody.locator("[data-fill-board]").click()
        somebody.locator("[popovertarget=more]").click()
        somebody.fill("#seed", "77")
        somebody.keyboard.press("Escape")
        with somebody.expect_response("**/drafts/save"):
            somebody.select_option("#ratio", "9:16")
        said(somebody).to_contain_text("Draft saved")

        elsewhere = another(somebody)

        assert elsewhere.input_value("#prompt") == "A small harbour at blue hour."
        assert lengths(elsewhere) == [3, 4, 3]
        assert (elsewhere.input_value("#ratio"), elsewhere.input_value("#seed")) == ("9:16", "77")

    def test_a_press_ends_it(self, somebody):
        write(somebody, "A kite over the dunes")

        with somebody.expect_response("**/generations/"):
            somebody.locator("#generate").click()
        expect(somebody.locator("#announce")).to_have_text("1 take is waiting")

        assert another(somebody).input_value("#prompt") == ""

    def test_a_press_in_the_middle_of_typing_leaves_no_draft_behind(self, somebody):
        somebody.fill("#prompt", "A kite over the dunes")
        with somebody.expect_response("**/generations/"):
            somebody.keyboard.press("Control+Enter")
        expect(somebody.locator("#announce")).to_have_text("1 take is waiting")
        somebody.wait_for_timeout(2000)

        assert another(somebody).input_value("#prompt") == ""

    def test_long_strange_text_survives(self, somebody):
        text = "مرحبا 🐈 " * 1500
        write(somebody, text)

        assert another(somebody).input_value("#prompt").strip() == text.strip()
        expect(somebody.locator("#blocked")).to_contain_text("characters too many")

    def test_is_kept_before_a_clip_fills_the_composer(self, somebody):
        sent = []
        somebody.on("request", lambda request: request.method == "POST" and sent.append(request.url))
        somebody.fill("#prompt", "A kite")
        somebody.set_input_files("#clip", {"name": "a.mp4", "mimeType": "video/mp4", "buffer": b"no clip"})
        expect(somebody.locator("[data-warnings]")).not_to_be_empty()

        assert [address.rpartition(":")[2].partition("/")[2] for address in sent[:2]] == ["drafts/save", "generations/"]


class TestSignedOut:
    def test_nothing_typed_is_lost_and_it_is_saved_after_signing_in_elsewhere(self, browse):
        page = browse()
        email = sign_up(page)
        write(page, "A kite")
        page.context.clear_cookies(name="sessionid")
        assert write(page, "A kite over the dunes").status == 401
        notice = expect(page.locator("#draft-notes"))
        notice.to_contain_text("You are signed out.")
        with page.expect_response("**/generations/"):
            page.keyboard.press("Control+Enter")

        window = another(page, "/accounts/login/")
        window.fill("[name=login]", email)
        window.fill("[name=password]", PASSWORD)
        window.locator("[name=password]").press("Enter")
        expect(window.locator("#composer")).to_be_visible()
        write(page, "A kite over the dunes, late")

        said(page).to_contain_text("Draft saved")
        notice.to_be_empty()
        assert another(page).input_value("#prompt") == "A kite over the dunes, late"
        browse.complaints[:] = [text for text in browse.complaints if "401" not in text]


class TestMenu:
    def test_several_are_kept_switched_discarded_and_brought_back(self, somebody):
        write(somebody, "First idea")
        somebody.locator("[data-open-drafts]").click()
        somebody.get_by_role("button", name="New draft").click()
        expect(somebody.locator("#prompt")).to_have_value("")
        write(somebody, "Second idea")

        somebody.locator("[data-open-drafts]").click()
        assert serious(somebody) == []
        somebody.get_by_role("button", name="First idea").click()
        expect(somebody.locator("#prompt")).to_have_value("First idea")
        somebody.locator("[data-open-drafts]").click()
        somebody.get_by_role("button", name="Discard this draft").click()
        expect(somebody.get_by_text("Draft discarded.")).to_be_visible()
        somebody.locator("#draft-notes").get_by_role("button", name="Undo").click()

        expect(somebody.locator("#prompt")).to_have_value("First idea")

    def test_works_without_script(self, somebody, browse):
        page = browse(java_script_enabled=False, storage_state=somebody.context.storage_state())
        page.goto("/studio/")
        page.fill("#prompt", "First idea")
        page.locator("[data-open-drafts]").click()

        page.get_by_role("button", name="Save draft").click()
        said(page).to_contain_text("Draft saved")
        page.locator("[data-open-drafts]").click()
        page.get_by_role("button", name="New draft").click()
        page.locator("[data-open-drafts]").click()
        page.get_by_role("button", name="First idea").click()

        assert page.input_value("#prompt") == "First idea"


class TestTwoWindows:
    @pytest.fixture
    def two(self, somebody, browse):
        """The same draft in two windows; the first has typed more, and the second is told."""
        write(somebody, "A kite")
        second = another(somebody)
        write(somebody, "A kite over the dunes")
        assert write(second, "A kite at night").status == 409
        browse.complaints[:] = [text for text in browse.complaints if "409" not in text]
        expect(second.get_by_text("changed in another window")).to_be_visible()
        return somebody, second

    def test_both_are_kept(self, two):
        _first, second = two
        assert second.input_value("#prompt") == "A kite at night"

        second.get_by_role("button", name="Keep both").click()
        said(second).to_contain_text("Draft saved")

        third = another(second)
        third.locator("[data-open-drafts]").click()
        expect(third.locator("[data-draft]")).to_have_count(2)

    def test_the_later_one_takes_over(self, two):
        _first, second = two

        second.get_by_role("button", name="Replace it with this").click()
        said(second).to_contain_text("Draft saved")

        assert another(second).input_value("#prompt") == "A kite at night"
