"""Many takes at once, templates, and proof, then print: by mouse, and without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_journey import serious, sign_up

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def director(chromium, studio):
    """Signs somebody up once; the state of their browser."""
    context = chromium.new_context(base_url=studio)
    sign_up(context.new_page())
    yield context.storage_state()
    context.close()


@pytest.fixture
def opened(browse, director):
    def opened(address, **options):
        page = browse(storage_state=director, **options)
        page.goto(address)
        return page

    return opened


class TestCallSheet:
    def test_from_the_composer_to_a_batch_that_is_paused_and_canceled(self, opened):
        page = opened("/studio/")
        page.fill("#prompt", "A small boat")
        page.locator("[popovertarget=more]").click()
        page.get_by_role("button", name="Call sheet").click()
        expect(page).to_have_url(re.compile("/studio/sheet/"))

        page.fill("#text", "")  # a sheet that another test has left
        page.fill("#seeds", "1-3")
        page.locator("label.word", has_text="close-up").first.click()
        page.locator("label.word", has_text="moonlight").click()
        page.locator("#cross").click()
        expect(page.locator("#sheet-rows")).to_contain_text("3 rows")
        assert serious(page) == []

        page.fill("#text", page.input_value("#text") + "A lamp,wrong\n")
        expect(page.locator("#sheet-rows")).to_contain_text("1 to mend")
        expect(page.locator("#send")).to_have_attribute("aria-disabled", "true")
        page.locator("#remove-4").click()
        expect(page.locator("#sheet-rows")).not_to_contain_text("to mend")
        page.locator("#send").click()

        expect(page).to_have_url(re.compile("/batches/"))
        expect(page.locator(".take")).to_have_count(3)
        page.locator("#batch-head").get_by_role("button", name="Pause").click()
        expect(page.locator("#batch-head")).to_contain_text("paused")
        assert serious(page) == []
        page.locator("#batch-head").get_by_role("button", name="Cancel all").click()
        expect(page.locator("#messages")).to_contain_text("canceled, free of charge")

    def test_a_row_keeps_what_is_typed(self, opened):
        page = opened("/studio/sheet/")
        page.fill("#text", "Rain\nSnow")
        page.locator("#edit-2").click()
        with page.expect_response("**/studio/sheet/"):
            page.fill("#row-duration", "99")
        expect(page.locator("#send")).to_have_attribute("aria-disabled", "true")
        expect(page.locator("#row-duration")).to_be_focused()
        with page.expect_response("**/studio/sheet/"):
            page.locator("#text").press_sequentially(" ")
        expect(page.locator("#row-2")).to_contain_text("Wan takes whole seconds")
        expect(page.locator("#text")).to_be_focused()

        page.fill("#row-duration", "7")
        page.locator("#save-2").click()

        expect(page.locator("#row-2")).to_contain_text("7 s")

    def test_works_without_script(self, opened):
        page = opened("/studio/sheet/", java_script_enabled=False)

        page.fill("#text", 'prompt,duration\n"Rain, macro",2\nSnow,99\n')
        page.locator("#check").click()
        expect(page.locator("#sheet-rows")).to_contain_text("Wan takes whole seconds from 2 to 15.")
        page.locator("#edit-2").click()
        page.fill("#row-duration", "2")
        page.locator("#save-2").click()
        page.locator("#send").click()

        expect(page).to_have_url(re.compile("/batches/"))
        expect(page.locator(".take")).to_have_count(2)

    def test_a_closed_tab_loses_nothing(self, opened):
        page = opened("/studio/sheet/")
        page.fill("#text", "Rain\nSnow")
        expect(page.locator("#sheet-rows")).to_contain_text("Draft saved")

        again = opened("/studio/sheet/")

        assert again.input_value("#text").strip() == "Rain\nSnow"
        expect(again.locator("#sheet-rows")).to_contain_text("2 rows")

    def test_a_discarded_sheet_is_gone_and_comes_back(self, opened):
        page = opened("/studio/sheet/")
        page.fill("#text", "Rain\nSnow")
        expect(page.locator("#sheet-rows")).to_contain_text("Draft saved")

        page.get_by_role("button", name="Discard this sheet").click()

        expect(page.get_by_text("Sheet discarded.")).to_be_visible()
        assert page.input_value("#text") == ""
        expect(page.get_by_role("button", name="Discard this sheet")).to_have_count(0)
        assert serious(page) == []
        page.get_by_role("button", name="Undo").click()
        assert page.input_value("#text").strip() == "Rain\nSnow"
        expect(page.locator("#sheet-rows")).to_contain_text("2 rows")


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
        page.locator("[value=put-words]").click()

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
        expect(take.locator("img")).to_be_visible(timeout=90_000)

        page.goto(take.get_by_role("link").first.get_attribute("href"))
        page.get_by_role("button", name="Print at 1080P").click()

        expect(page.locator(".pair-of")).to_contain_text("the proof, 3 s at 720P")
        expect(page.locator(".pair-of")).to_contain_text("need not look the same")
        assert serious(page) == []
        page.locator(".pair-of a").first.click()
        expect(page.locator(".pair-of")).to_contain_text("its print, 6 s at 1080P")
