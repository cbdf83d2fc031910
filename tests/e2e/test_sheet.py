"""Many takes at once, templates, and proof, then print: by mouse, and without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_journey import PASSWORD, RENDERED, serious, sign_up
from tests.wanstudio.test_runner import until

pytestmark = pytest.mark.e2e


@pytest.fixture
def opened(browse, writer):
    def opened(address, **options):
        page = browse(storage_state=writer, **options)
        page.goto(address)
        return page

    return opened


def press(page, button):
    """A button that brings the sheet anew, its scripts listening."""
    with page.expect_navigation():
        page.locator(button).click()


def check_of(words):
    """The answer to a check of a text or row with these words: others may be on their way."""
    return lambda answer: answer.url.endswith("/studio/sheet/") and words in (answer.request.post_data or "")


class TestCallSheet:
    def test_from_the_composer_to_a_batch_that_is_paused_and_canceled(self, opened):
        page = opened("/studio/")
        page.fill("#prompt", "A small boat")
        page.locator("[popovertarget=more]").click()
        page.get_by_role("button", name="Call sheet").click()
        expect(page).to_have_url(re.compile("/studio/sheet/"))
        page.wait_for_load_state()

        page.fill("#text", "")  # a sheet that another test has left
        page.fill("#seeds", "1-12")  # not done before anybody can pause them
        page.locator("label.word", has_text="close-up").first.click()
        page.locator("label.word", has_text="moonlight").click()
        press(page, "#cross")
        expect(page.locator("#sheet-rows")).to_contain_text("12 rows")
        assert serious(page) == []

        page.fill("#text", page.input_value("#text") + "A lamp,wrong\n")
        expect(page.locator("#sheet-rows")).to_contain_text("1 to mend")
        expect(page.locator("#send")).to_have_attribute("aria-disabled", "true")
        page.locator("#remove-13").click()
        expect(page.locator("#sheet-rows")).not_to_contain_text("to mend")
        page.locator("#send").click()

        expect(page).to_have_url(re.compile("/batches/"))
        expect(page.locator(".take")).to_have_count(12)
        page.locator("#batch-head").get_by_role("button", name="Pause").click()
        expect(page.locator("#batch-head")).to_contain_text("paused")
        assert serious(page) == []
        page.locator("#batch-head").get_by_role("button", name="Cancel all").click()
        expect(page.locator("#messages")).to_contain_text("canceled, free of charge")

    def test_a_row_keeps_what_is_typed(self, opened):
        page = opened("/studio/sheet/")
        page.fill("#text", "Rain\nSnow")
        press(page, "#edit-2")
        with page.expect_response(check_of("\r\n99\r\n")):
            page.fill("#row-duration", "99")
        expect(page.locator("#send")).to_have_attribute("aria-disabled", "true")
        expect(page.locator("#row-duration")).to_be_focused()
        with page.expect_response(check_of("Snow \r\n")):
            page.locator("#text").press("Control+End")
            page.locator("#text").press_sequentially(" ")
        expect(page.locator("#row-2")).to_contain_text("Wan takes whole seconds")
        expect(page.locator("#text")).to_be_focused()

        page.fill("#row-duration", "7")
        page.locator("#save-row").click()

        expect(page.locator("#row-2")).to_contain_text("7 s")

    def test_a_cell_that_is_typed_in_while_a_check_is_on_its_way_keeps_that(self, opened):
        page = opened("/studio/sheet/")
        page.fill("#text", "Rain\nSnow")
        press(page, "#edit-2")
        checks = []
        page.route("**/studio/sheet/", lambda route: route.continue_() if checks else checks.append(route))
        with page.expect_request("**/studio/sheet/"):
            page.locator("#text").press_sequentially(" ")

        page.fill("#row-duration", "12")
        page.locator("#row-duration").press("ArrowLeft")
        with page.expect_response("**/studio/sheet/"):
            checks[0].continue_()
        page.unroute("**/studio/sheet/")
        page.locator("#row-duration").press("0")
        page.locator("#row-duration").press("Enter")

        expect(page.locator("#row-2")).to_contain_text("102")

    def test_a_check_that_was_overtaken_leaves_nothing_old(self, opened):
        page, held = opened("/studio/sheet/"), []
        page.fill("#text", "Rain\nSnow")
        press(page, "#edit-2")
        page.route("**/studio/sheet/", lambda route: route.continue_() if held else held.append(route))
        with page.expect_request("**/studio/sheet/"):
            page.locator("#text").press_sequentially(" ")
        page.fill("#row-duration", "99")
        expect(page.locator("#sheet-head")).to_contain_text("1 to mend")

        with page.expect_response(check_of("\r\n99\r\n")):
            held[0].continue_()

        expect(page.locator("#sheet-head")).to_contain_text("1 to mend")
        expect(page.locator("#send")).to_have_attribute("aria-disabled", "true")

    def test_focus_goes_to_what_a_button_of_a_row_leads_to(self, opened):
        page = opened("/studio/sheet/")
        page.fill("#text", "Rain\nSnow\nFog")
        press(page, "#edit-2")
        expect(page.locator("#row-prompt")).to_be_focused()
        bar, cell = page.locator(".topbar").bounding_box(), page.locator("#row-prompt").bounding_box()
        assert cell["y"] >= bar["y"] + bar["height"]

        page.fill("#row-seed", "7")
        page.locator("#row-seed").press("Enter")
        expect(page.locator("#edit-2")).to_be_focused()
        assert "Snow,7" in page.input_value("#text")
        page.locator("#copy-3").click()
        expect(page.locator("#edit-4")).to_be_focused()
        page.locator("#remove-4").click()

        expect(page.locator("#edit-3")).to_be_focused()
        page.locator("#check").click()
        expect(page.locator("#check-title")).to_be_focused()

    def test_what_a_check_changes_is_heard_once_and_marks_the_cell(self, opened):
        page = opened("/studio/sheet/")
        page.evaluate(
            """() => {
              window.heard = [];
              const box = document.querySelector("#announce");
              new MutationObserver(() => heard.push(box.textContent)).observe(box, { childList: true });
            }"""
        )
        page.fill("#text", "Rain\nSnow\nFog\nHail\nSun\nIce")
        announced = expect(page.locator("#announce"))
        announced.to_contain_text("6 rows")
        with page.expect_response(check_of("Ice \r\n")):
            page.locator("#text").press("Control+End")
            page.locator("#text").press_sequentially(" ")
        assert page.evaluate("heard.filter((said) => said.includes('6 rows')).length") == 1
        press(page, "#edit-2")

        page.fill("#row-duration", "99")

        announced.to_contain_text("1 to mend. Duration Wan takes whole seconds from 2 to 15.")
        field = page.locator("#row-duration")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_attribute("aria-describedby", "row-duration-error")
        assert serious(page) == []
        page.fill("#row-duration", "5")
        expect(page.locator("#row-errors")).to_be_empty()
        expect(field).not_to_have_attribute("aria-invalid", "true")

    @pytest.mark.parametrize("key", ["Control+Enter", "Meta+Enter"])
    def test_keys_send_it_and_are_listed(self, opened, key):
        page = opened("/studio/sheet/")
        page.locator("body").press("?")
        expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
        page.keyboard.press("Escape")
        page.fill("#text", "prompt,duration\nRain,99\nSnow,2")
        expect(page.locator("#sheet-rows")).to_contain_text("1 to mend")
        page.locator("#text").press(key)
        expect(page.locator("#announce")).to_contain_text("Nothing is sent before every row is fine.")
        page.fill("#text", "prompt,duration\nRain,2\nSnow,2")
        expect(page.locator("#send")).not_to_have_attribute("aria-disabled", "true")

        page.locator("#text").press(key)

        expect(page).to_have_url(re.compile("/batches/"))

    @pytest.fixture
    def checked(self, opened):
        """A sheet of two rows whose takes and price are reckoned."""
        page = opened("/studio/sheet/")
        page.fill("#text", "Rain\nSnow")
        expect(page.locator("#send")).to_contain_text("Generate 2 takes")
        page.locator("#text").press("Control+End")
        return page

    def test_a_press_waits_for_what_was_typed_last_and_asks_again(self, checked):
        checked.locator("#text").press_sequentially("\nFog")

        checked.locator("#text").press("Control+Enter")

        expect(checked.locator("#sheet-promise")).to_contain_text("Press again to generate.")
        expect(checked.locator("#announce")).to_contain_text("Press again to generate.")
        expect(checked.locator("#send")).to_contain_text("Generate 3 takes")
        checked.locator("#text").press("Control+Enter")
        expect(checked).to_have_url(re.compile("/batches/"))

    def test_a_press_is_sent_once_it_is_known_to_cost_the_same(self, checked):
        checked.locator("#text").press_sequentially(" falls")

        checked.locator("#send").click()

        expect(checked).to_have_url(re.compile("/batches/"))
        expect(checked.get_by_role("link", name="Snow falls").first).to_be_visible()

    def test_a_save_that_is_tried_again_leaves_the_row_in_hand(self, checked, browse):
        press(checked, "#edit-2")
        checked.route("**/studio/sheet/", lambda route: route.abort())
        checked.locator("#row-prompt").press_sequentially(" falls")
        expect(checked.locator("#sheet-said")).to_have_text("Sheet not saved")
        checked.evaluate("document.querySelector('#row-prompt').isInHand = true")
        checked.unroute("**/studio/sheet/")

        expect(checked.locator("#sheet-said")).to_contain_text("Sheet saved")

        assert checked.evaluate("document.querySelector('#row-prompt').isInHand")
        browse.meant += ["ERR_FAILED", "htmx:"]

    def test_what_was_typed_last_is_saved_on_leaving(self, opened):
        page = opened("/studio/sheet/")
        page.fill("#text", "Rain on leaving")

        page.evaluate("location.assign('/usage/')")

        expect(page).to_have_url(re.compile("/usage/"))
        until(lambda: page.goto("/studio/sheet/") and page.input_value("#text") == "Rain on leaving")

    def test_what_cannot_be_saved_is_said_and_asked_about(self, opened, browse):
        page, asked = opened("/studio/sheet/"), []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        page.route("**/studio/sheet/", lambda route: route.abort())
        page.locator("#text").press_sequentially("Rain")
        expect(page.locator("#sheet-said")).to_have_text("Sheet not saved")
        expect(page.locator("#announce")).to_have_text("Sheet not saved")

        with page.expect_event("dialog"):
            page.get_by_role("link", name="Back to the takes").click(no_wait_after=True)

        expect(page.locator("#text")).to_have_value(re.compile("Rain"))
        assert asked == ["beforeunload"]
        browse.meant += ["ERR_FAILED", "htmx:"]

    def test_a_project_that_takes_no_more_is_said_and_not_asked_again(self, opened, browse):
        page = opened("/studio/sheet/")
        page.route("**/studio/sheet/", lambda route: route.fulfill(status=403, body="<p data-denied>Archived.</p>"))

        page.locator("#text").press_sequentially("Rain")

        expect(page.locator("#nowhere")).to_be_visible()
        expect(page.locator("#sheet-said")).to_have_text("Sheet not saved")
        browse.meant.append("403")

    def test_nothing_typed_is_lost_while_one_is_signed_out(self, browse):
        page = browse()
        email = sign_up(page)
        page.goto("/studio/sheet/")
        page.context.clear_cookies(name="sessionid")
        page.fill("#text", "A kite\nA boat")
        expect(page.locator("#signed-out")).to_be_visible()
        assert page.input_value("#text") == "A kite\nA boat"

        window = page.context.new_page()
        window.goto("/accounts/login/")
        window.fill("[name=login]", email)
        window.fill("[name=password]", PASSWORD)
        window.locator("[name=password]").press("Enter")
        expect(window.locator("#composer")).to_be_visible()
        page.locator("#text").press("Control+End")
        page.locator("#text").press_sequentially("s")

        expect(page.locator("#sheet-rows")).to_contain_text("2 rows")
        expect(page.locator("#sheet-said")).to_contain_text("Sheet saved")
        expect(page.locator("#signed-out")).to_be_hidden()
        browse.meant.append("401")

    def test_a_row_that_is_edited_in_two_windows_says_so(self, opened):
        page = opened("/studio/sheet/")
        page.fill("#text", "A kite\nA boat")
        press(page, "#edit-1")
        other = page.context.new_page()
        other.goto("/studio/sheet/")
        with other.expect_response(check_of("A heron")):
            other.fill("#text", "A heron\nA boat")

        page.fill("#row-prompt", "A kite over the dunes")

        expect(page.locator("#sheet-draft")).to_contain_text("changed in another window")
        assert page.input_value("#row-prompt") == "A kite over the dunes"

    def test_a_change_in_another_window_is_in_sight_on_a_phone_and_has_the_focus_once_nobody_types(self, opened):
        page = opened("/studio/sheet/?draft=new", width=390, height=844)
        with page.expect_response(check_of("Rain 9")):
            page.fill("#text", "\n".join(f"Rain {number}" for number in range(10)))
        other = page.context.new_page()
        other.goto("/studio/sheet/")
        with other.expect_response(check_of("A heron")):
            other.fill("#text", "A heron")
        page.locator("#rows-title").scroll_into_view_if_needed()

        page.locator("#text").press_sequentially("x")
        expect(page.locator("#conflict")).to_be_in_viewport(ratio=1)
        expect(page.locator("#text")).to_be_focused()
        page.locator("#text").blur()

        expect(page.locator("#conflict")).to_be_focused()
        page.locator("#name").scroll_into_view_if_needed()
        expect(page.locator("#conflict")).to_be_in_viewport(ratio=1)
        assert serious(page) == []

    def test_works_without_script(self, opened):
        page = opened("/studio/sheet/", java_script_enabled=False)

        page.fill("#text", 'prompt,duration\n"Rain, macro",2\nSnow,99\n')
        page.locator("#check").click()
        expect(page.locator("#sheet-rows")).to_contain_text("Wan takes whole seconds from 2 to 15.")
        page.locator("#edit-2").click()
        page.fill("#row-duration", "2")
        page.locator("#row-duration").press("Enter")
        expect(page.locator("#row-2")).to_contain_text("2 s")
        page.locator("#name").fill("Weather")
        page.locator("#name").press("Enter")
        expect(page.locator("#check-title")).to_have_text("2 rows")
        page.locator("#send").focus()
        page.keyboard.press("Space")

        expect(page).to_have_url(re.compile("/batches/"))
        expect(page.locator(".take")).to_have_count(2)

    def test_a_closed_tab_loses_nothing(self, opened):
        page = opened("/studio/sheet/")
        page.fill("#text", "Rain\nSnow\nFog\nHail\nSun")
        expect(page.locator("#sheet-rows")).to_contain_text("5 rows")  # other tests of this writer leave fewer
        expect(page.locator("#sheet-rows")).to_contain_text("Sheet saved")

        again = opened("/studio/sheet/")

        assert again.input_value("#text").strip() == "Rain\nSnow\nFog\nHail\nSun"
        expect(again.locator("#sheet-rows")).to_contain_text("5 rows")

    def test_a_discarded_sheet_is_gone_and_comes_back(self, opened):
        page = opened("/studio/sheet/")
        page.fill("#text", "Rain\nSnow\nFog\nHail")
        expect(page.locator("#sheet-rows")).to_contain_text("4 rows")
        expect(page.locator("#sheet-rows")).to_contain_text("Sheet saved")

        page.get_by_role("button", name="Discard this sheet").click()

        expect(page.get_by_text("Sheet “Rain” discarded.")).to_be_visible()
        expect(page.locator("#text")).to_have_value("")
        expect(page.get_by_role("button", name="Discard this sheet")).to_have_count(0)
        assert serious(page) == []
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("#text")).to_have_value(re.compile(r"^Rain\nSnow\nFog\nHail\s*$"))
        expect(page.locator("#sheet-rows")).to_contain_text("4 rows")

    def test_several_are_kept_opened_and_discarded(self, opened):
        page = opened("/studio/sheet/?draft=new")
        page.fill("#text", "Heron 1\nHeron 2")
        expect(page.locator("#sheet-said")).to_contain_text("Sheet saved")
        kept = page.locator("#drafts")
        page.get_by_role("button", name="Kept sheets").click()
        expect(kept.get_by_role("button", name=re.compile("^Heron 1"))).to_have_attribute("aria-current", "true")
        assert serious(page) == []
        kept.get_by_role("button", name="New sheet").click()
        expect(page.locator("#text")).to_have_value("")
        page.wait_for_load_state()  # its scripts listen
        page.fill("#text", "Egret")
        expect(page.locator("#sheet-said")).to_contain_text("Sheet saved")

        page.get_by_role("button", name="Kept sheets").click()
        kept.get_by_role("button", name=re.compile("^Heron 1")).click()
        expect(page.locator("#text")).to_have_value(re.compile(r"^Heron 1\s+Heron 2\s*$"))
        page.wait_for_load_state()
        page.get_by_role("button", name="Kept sheets").click()
        kept.get_by_role("button", name="Discard “Egret”").click()

        expect(page.get_by_text("Sheet “Egret” discarded.")).to_be_visible()
        expect(page.locator("#text")).to_have_value(re.compile("^Heron 1"))
        page.wait_for_load_state()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("“Egret” is kept again, among your sheets.")).to_be_visible()
        expect(page.locator("#text")).to_have_value(re.compile("^Heron 1"))
        page.goto("/studio/?draft=new")
        page.locator("[data-open-drafts]").click()
        page.locator("#drafts").get_by_role("button", name=re.compile("^Heron 1 Call sheet")).click()
        expect(page).to_have_url(re.compile(r"/studio/sheet/\?[^#]+$"))
        expect(page.locator("#text")).to_have_value(re.compile("^Heron 1"))


class TestBatch:
    def test_a_press_is_answered_though_its_page_looks_for_news_meanwhile(self, opened):
        page, held = opened("/studio/sheet/"), []
        page.fill("#text", "\n".join(f"Rain {number}" for number in range(12)))
        expect(page.locator("#send")).to_contain_text("Generate 12 takes")
        page.locator("#send").click()
        expect(page).to_have_url(re.compile("/batches/"))
        page.wait_for_load_state()
        page.route("**/line", lambda route: held.append(route))
        with page.expect_request("**/line"):
            page.locator("#batch-head").get_by_role("button", name="Cancel all").click()

        with page.expect_response(lambda answer: answer.request.method == "GET" and "/batches/" in answer.url):
            page.evaluate("htmx.trigger(document.body, 'batch-changed')")
        page.wait_for_timeout(300)
        held[0].continue_()

        expect(page.locator("#messages")).to_contain_text("canceled, free of charge")


class TestKeepOut:
    def test_what_is_typed_is_kept_and_put_in_again(self, opened):
        page = opened("/studio/?draft=new")
        page.locator("[popovertarget=more]").click()
        page.fill("#negative_prompt", "smoke")
        page.get_by_role("button", name="Save as preset").click()
        expect(page.locator("#keep-out")).to_contain_text("Kept as “smoke”")
        expect(page.locator("#keep-out-save")).to_be_focused()

        page.fill("#negative_prompt", "blur")
        page.get_by_role("button", name="smoke").click()

        expect(page.locator("#negative_prompt")).to_have_value("blur, smoke")
        expect(page.locator("#negative-counter")).to_have_text("11/500")
        expect(page.get_by_role("button", name="smoke")).to_be_focused()
        assert serious(page) == []

    def test_is_kept_while_the_presets_are_on_their_way(self, opened):
        page, held = opened("/studio/?draft=new"), []
        asks = "button[value=presets]"
        page.route("**/generations/", lambda route: held.append(route) if not held else route.continue_())
        page.locator("[popovertarget=more]").click()
        page.fill("#negative_prompt", "haze")
        page.locator(asks).scroll_into_view_if_needed()
        expect(page.locator(f"{asks}.htmx-request")).to_be_visible()

        page.get_by_role("button", name="Save as preset").click()

        expect(page.locator("#keep-out")).to_contain_text("Kept as “haze”")
        held[0].continue_()


class TestTemplate:
    def test_a_recipe_is_kept_with_a_blank_and_used_again(self, opened):
        page = opened("/studio/")
        page.fill("#prompt", "{hero} crosses the harbour")
        page.locator("[popovertarget=more]").click()
        page.get_by_role("button", name="Keep this as a template").click()
        page.fill("#name", "Crossing")
        page.get_by_role("button", name="Keep", exact=True).click()

        expect(page.get_by_text("Crossing", exact=True)).to_be_visible()
        assert serious(page) == []
        kept = page.get_by_role("listitem").filter(has_text="Crossing")
        kept.get_by_label("hero").fill("A red fox")
        kept.get_by_role("button", name="Use", exact=True).click()

        expect(page.locator("#prompt")).to_have_value("A red fox crosses the harbour")


class TestWordsWithoutScript:
    def test_are_chosen_and_put_in(self, opened):
        page = opened("/studio/", java_script_enabled=False)

        page.fill("#prompt", "A boat")
        page.locator("[data-open-words]").click()
        page.locator("label.word", has_text="moonlight").click()
        page.get_by_role("button", name="Put these in").click()

        expect(page.locator("#prompt")).to_have_value("A boat, moonlight")


class TestProof:
    def test_is_short_and_its_print_is_whole_and_both_are_linked(self, opened):
        page = opened("/studio/")
        page.fill("#prompt", "A lamp in the fog")
        page.fill("#duration", "6")
        page.locator("label.chip", has_text="Proof").click()
        expect(page.locator("#summary")).to_have_text("Proof, 3 of 6 s at 720P")
        page.locator("#generate").click()
        take = page.locator(".take").filter(has=page.get_by_role("link", name="A lamp in the fog"))
        expect(take.locator("img")).to_be_visible(timeout=RENDERED)

        page.goto(take.get_by_role("link").first.get_attribute("href"))
        page.get_by_role("button", name="Print at 1080P").click()

        expect(page.locator(".pair-of")).to_contain_text("the proof, 3 s at 720P")
        expect(page.locator(".pair-of")).to_contain_text("need not look the same")
        assert serious(page) == []
        page.locator(".pair-of a").first.click()
        expect(page.locator(".pair-of")).to_contain_text("its print, 6 s at 1080P")
