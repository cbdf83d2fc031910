"""Drafts as a person meets them: typed, closed, gone on with elsewhere, in two windows, without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_composer import SHOTS, lengths
from tests.e2e.test_journey import PASSWORD, serious, sign_up
from tests.wanstudio.test_runner import until

pytestmark = pytest.mark.e2e


@pytest.fixture
def somebody(browse):
    """A page of somebody new; `page.context` is her browser."""
    page = browse()
    sign_up(page)
    return page


def said(page):
    return expect(page.locator("[data-draft-said]"))


def save_of(value):
    """The answer to a save that holds it as the value of a field: earlier ones may be on their way, or tried again."""
    return lambda response: response.url.endswith("/drafts/save") and f"\r\n{value}\r\n--" in response.request.post_data


def write(page, prompt):
    """Type and wait until it is kept."""
    with page.expect_response(save_of(prompt)) as answer:
        page.fill("#prompt", prompt)
    return answer.value


def shows(page, prompt):
    """The page that a press leads to, its scripts listening."""
    expect(page.locator("#prompt")).to_have_value(prompt)
    page.wait_for_load_state()


def another(page, address="/studio/"):
    window = page.context.new_page()
    window.goto(address)
    return window


def comes_to_be_kept(page, prompt):
    """What a page sends on its way out; its answer may come to nobody, for the page is gone."""
    window = another(page)
    until(lambda: window.goto("/studio/") and window.input_value("#prompt") == prompt)


class TestTyping:
    def test_is_kept_as_it_is_typed_and_comes_back_anywhere(self, somebody):
        somebody.fill("#prompt", SHOTS)
        somebody.locator("[data-fill-board]").click()
        somebody.locator("[popovertarget=more]").click()
        somebody.fill("#seed", "77")
        somebody.keyboard.press("Escape")
        with somebody.expect_response(save_of("9:16")):
            somebody.select_option("#ratio", "9:16")
        said(somebody).to_contain_text("Drafts · saved")

        elsewhere = another(somebody)

        assert elsewhere.input_value("#prompt") == "A small harbour at blue hour."
        assert lengths(elsewhere) == [3, 4, 3]
        assert (elsewhere.input_value("#ratio"), elsewhere.input_value("#seed")) == ("9:16", "77")

    def test_a_minute_of_typing_asks_the_server_a_few_times(self, somebody):
        asked = []
        somebody.on("request", lambda request: asked.append(request.url.split("?")[0].rpartition("/")[2]))
        somebody.clock.install()
        somebody.goto("/studio/?draft=new")
        somebody.locator("#prompt").focus()
        asked.clear()

        for _ in range(120):
            somebody.keyboard.type("a")
            somebody.clock.run_for(500)
        somebody.clock.run_for(2000)

        assert 1 <= asked.count("save") <= 20
        assert len(asked) <= 50

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

    def test_a_press_waits_for_all_that_is_being_saved(self, somebody):
        held, order = [], []
        somebody.route("**/drafts/save", lambda route: held.append(route))
        somebody.on("response", lambda response: response.url.endswith("/drafts/save") and order.append("saved"))
        somebody.on("request", lambda request: request.url.endswith("/generations/") and order.append("pressed"))
        with somebody.expect_request("**/drafts/save"):
            somebody.fill("#prompt", "A kite")
        with somebody.expect_request("**/drafts/save"):
            somebody.evaluate(
                """() => {
                  document.execCommand("insertText", false, "s");
                  dispatchEvent(new Event("pagehide"));
                  document.querySelector("#generate").click();
                }"""
            )

        for route in held:
            with somebody.expect_response("**/drafts/save"):
                route.continue_()

        expect(somebody.locator("#announce")).to_have_text("1 take is waiting")
        assert order == ["saved", "saved", "pressed"]

    def test_what_is_typed_while_a_press_is_on_its_way_is_kept(self, somebody):
        held = []
        somebody.route("**/generations/", lambda route: held.append(route))
        with somebody.expect_request("**/generations/"):
            somebody.fill("#prompt", "A kite over the dunes")
            somebody.locator("#prompt").press("Control+Enter")
        somebody.locator("#prompt").press("Control+End")
        somebody.keyboard.type(", at night")

        with somebody.expect_response("**/drafts/save"):
            held[0].continue_()

        expect(somebody.locator("#announce")).to_have_text("1 take is waiting")
        assert another(somebody).input_value("#prompt") == "A kite over the dunes, at night"

    def test_what_is_typed_while_a_press_is_refused_stays(self, somebody, browse):
        held = []
        somebody.route("**/generations/", lambda route: held.append(route))
        with somebody.expect_request("**/generations/"):
            somebody.fill("#prompt", "A kite over the dunes")
            somebody.locator("#ratio").evaluate("field => field.append(new Option('21:9', '21:9', true, true))")
            somebody.locator("#prompt").press("Control+Enter")
        somebody.locator("#prompt").press("Control+End")
        somebody.keyboard.type(", at night")

        with somebody.expect_response("**/generations/") as answer:
            held[0].continue_()

        assert answer.value.status == 422
        browse.meant.append("422")
        expect(somebody.locator("#composer-errors")).to_be_visible()
        expect(somebody.locator("#prompt")).to_have_value("A kite over the dunes, at night")
        expect(somebody.locator("#prompt")).to_be_focused()
        assert write(somebody, "A kite over the dunes, later").ok

    def test_looking_away_after_a_press_brings_nothing_back(self, somebody):
        held, saved = [], []
        somebody.route("**/generations/", lambda route: held.append(route))
        somebody.on("request", lambda request: request.url.endswith("/drafts/save") and saved.append(request))
        with somebody.expect_request("**/generations/"):
            somebody.fill("#prompt", "A kite over the dunes")
            somebody.locator("#prompt").press("Control+Enter")

        somebody.evaluate(
            """() => {
                Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
                document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )
        with somebody.expect_response("**/generations/"):
            held[0].continue_()
        expect(somebody.locator("#announce")).to_have_text("1 take is waiting")

        assert saved == []

    def test_a_press_waits_for_a_save_that_waits_for_another(self, somebody):
        held, order = [], []
        somebody.route("**/drafts/save", lambda route: held.append(route))
        somebody.on("response", lambda response: response.url.endswith("/drafts/save") and order.append("saved"))
        somebody.on("request", lambda request: request.url.endswith("/generations/") and order.append("pressed"))
        with somebody.expect_request("**/drafts/save"):
            somebody.fill("#prompt", "A kite")
        somebody.locator("#prompt").press_sequentially("s")
        somebody.wait_for_timeout(5000)  # the keys rest
        somebody.locator("#prompt").press("Control+Enter")

        with somebody.expect_request("**/drafts/save"):
            held[0].continue_()
        somebody.wait_for_timeout(300)
        assert "pressed" not in order
        held[1].continue_()

        expect(somebody.locator("#announce")).to_have_text("1 take is waiting")
        assert order == ["saved", "saved", "pressed"]
        assert another(somebody).input_value("#prompt") == ""

    def test_what_is_typed_while_a_clip_is_read_that_has_no_recipe_stays(self, somebody):
        held = []
        somebody.route("**/generations/", lambda route: held.append(route))
        somebody.fill("#prompt", "A kite")
        with somebody.expect_request("**/generations/"):
            somebody.set_input_files("#clip", {"name": "a.mp4", "mimeType": "video/mp4", "buffer": b"no clip"})
        somebody.locator("#prompt").press("Control+End")
        somebody.keyboard.type(" over the dunes")

        held[0].continue_()

        expect(somebody.locator("[data-warnings]")).not_to_be_empty()
        expect(somebody.locator("#prompt")).to_have_value("A kite over the dunes")
        expect(somebody.locator("#prompt")).to_be_focused()

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


class TestLeaving:
    @pytest.fixture
    def leave(self, somebody):
        """Presses the keys of a text, goes to another page at once and stays if that is asked about; what is asked."""

        def leave(text):
            asked = []
            somebody.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
            somebody.locator("#prompt").click()
            somebody.evaluate(
                "text => { document.execCommand('insertText', false, text); location.assign('/usage/'); }", text
            )
            return asked

        return leave

    def test_what_was_typed_last_is_saved_on_the_way(self, somebody, leave):
        asked = leave("A kite over the dunes")

        expect(somebody).to_have_url(re.compile("/usage/"))
        assert asked == []
        comes_to_be_kept(somebody, "A kite over the dunes")

    def test_what_was_sent_before_and_arrives_later_is_not_what_is_kept(self, somebody):
        held = []
        somebody.context.route("**/drafts/save", lambda route: held.append(route) if not held else route.continue_())
        with somebody.context.expect_event("request", lambda request: request.url.endswith("/drafts/save")):
            somebody.fill("#prompt", "A kite")
        somebody.fill("#prompt", "A kite over the dunes")
        somebody.evaluate("location.assign('/usage/')")
        expect(somebody).to_have_url(re.compile("/usage/"))
        comes_to_be_kept(somebody, "A kite over the dunes")

        late = held[0].request  # its page is gone: it is sent on as it was, by the same browser
        headers = {name: late.headers[name] for name in ("content-type", "hx-request")}
        answer = somebody.request.post(late.url, data=late.post_data_buffer, headers=headers)

        assert answer.ok
        assert another(somebody).input_value("#prompt") == "A kite over the dunes"

    def test_what_is_too_long_for_that_is_asked_about_and_saved_by_staying(self, somebody, leave):
        with somebody.expect_event("dialog"):
            asked = leave("雨" * 30_000)

        assert asked == ["beforeunload"]
        said(somebody).to_contain_text("Drafts · saved")
        assert another(somebody).input_value("#prompt") == "雨" * 30_000

    def test_what_could_not_be_saved_is_asked_about(self, somebody, leave, browse):
        somebody.route("**/drafts/save", lambda route: route.abort())
        somebody.fill("#prompt", "A kite")
        said(somebody).to_have_text("Drafts · not saved")

        with somebody.expect_event("dialog"):
            asked = leave(" over the dunes")

        assert asked == ["beforeunload"]
        browse.meant.append("ERR_FAILED")


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

        said(page).to_contain_text("Drafts · saved")
        notice.to_be_empty()
        assert another(page).input_value("#prompt") == "A kite over the dunes, late"
        browse.meant.append("401")


class TestMenu:
    def test_several_are_kept_switched_discarded_and_brought_back(self, somebody):
        write(somebody, "First idea")
        somebody.locator("[data-open-drafts]").click()
        somebody.get_by_role("button", name="New draft").click()
        shows(somebody, "")
        write(somebody, "Second idea")

        somebody.locator("[data-open-drafts]").click()
        assert serious(somebody) == []
        somebody.get_by_role("button", name=re.compile("^First idea")).click()
        shows(somebody, "First idea")
        somebody.locator("[data-open-drafts]").click()
        somebody.get_by_role("button", name="Discard this draft").click()
        expect(somebody.get_by_text(re.compile("^Draft “.+” discarded."))).to_be_visible()
        somebody.locator("#draft-notes").get_by_role("button", name="Undo").click()

        expect(somebody.locator("#prompt")).to_have_value("First idea")

    def test_opens_in_a_narrow_window_beside_a_long_prompt(self, somebody):
        write(somebody, "A small fishing boat leaves the harbour at blue hour, its lamp mirrored in still water")
        somebody.set_viewport_size({"width": 390, "height": 844})
        somebody.locator("#main").focus()

        somebody.locator("[data-open-drafts]").click()

        expect(somebody.locator("#drafts")).to_be_visible()

    def test_works_without_script(self, somebody, browse):
        page = browse(java_script_enabled=False, storage_state=somebody.context.storage_state())
        page.goto("/studio/")
        page.fill("#prompt", "First idea")
        page.locator("[data-open-drafts]").click()

        page.get_by_role("button", name="Save draft").click()
        said(page).to_contain_text("Drafts · saved")
        page.locator("[data-open-drafts]").click()
        page.get_by_role("button", name="New draft").click()
        page.locator("[data-open-drafts]").click()
        page.get_by_role("button", name=re.compile("^First idea")).click()

        expect(page.locator("#prompt")).to_have_value("First idea")


class TestTwoWindows:
    @pytest.fixture
    def two(self, somebody, browse):
        """The same draft in two windows; the first has typed more, and the second is told."""
        write(somebody, "A kite")
        second = another(somebody)
        write(somebody, "A kite over the dunes")
        assert write(second, "A kite at night").status == 409
        browse.meant.append("409")
        expect(second.get_by_text("changed in another window")).to_be_visible()
        return somebody, second

    def test_both_are_kept(self, two):
        _first, second = two
        assert second.input_value("#prompt") == "A kite at night"

        second.get_by_role("button", name="Keep both").click()
        said(second).to_contain_text("Drafts · saved")

        third = another(second)
        third.locator("[data-open-drafts]").click()
        expect(third.locator("#drafts .kept")).to_have_count(2)

    def test_the_later_one_takes_over(self, two):
        _first, second = two

        second.get_by_role("button", name="Replace it with this").click()
        said(second).to_contain_text("Drafts · saved")

        assert another(second).input_value("#prompt") == "A kite at night"
