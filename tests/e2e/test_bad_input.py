"""What nobody should type: each gets words in the page, and nothing typed is lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_composer import lengths, texts
from tests.e2e.test_journey import RENDERED

pytestmark = pytest.mark.e2e


def reasons(page):
    return expect(page.locator("#blocked"))


class TestShots:
    def test_sixteen_in_two_seconds(self, compose):
        page = compose("\n".join(f"Shot {number} a cat" for number in range(1, 17)))
        page.fill("#duration", "2")

        page.locator("[data-fill-board]").click()

        reasons(page).to_contain_text("Up to 15 shots fit in one clip.")
        assert texts(page) == ["a cat"] * 16
        page.locator("[data-close-board]").click()
        assert page.input_value("#prompt").count("a cat") == 16

    def test_fifteen_without_lengths_in_two_seconds(self, compose):
        page = compose("\n".join(f"Shot {number} a cat" for number in range(1, 16)))
        page.fill("#duration", "2")

        page.locator("[data-fill-board]").click()

        reasons(page).to_have_text("15 shots do not fit in 2 s: each lasts a second at least.")
        assert page.locator("#generate").get_attribute("aria-disabled") == "true"
        page.fill("#duration", "15")
        reasons(page).to_be_hidden()

    def test_none_of_a_second(self, compose):
        page = compose("Shot 1 [0-0s] Rain\nShot 2 [0-3s] Snow", on_board=True)

        page.fill("[name=shots-0-seconds]", "0")

        reasons(page).to_contain_text("Shot 1 needs whole seconds, from 1 on.")
        assert page.locator("#generate").get_attribute("aria-disabled") == "true"
        assert "Snow" in "".join(texts(page))

    @pytest.mark.parametrize(
        ("prompt", "words", "seconds"),
        [
            ("Shot 1 [0-5s] Rain\nShot 2 [3-7s] Snow", "Some shots overlap or go back in time.", [5, 4]),
            ("Shot 1 [0-3s] Rain\nShot 2 [7-4s] Snow\nShot 3 [3-6s] Hail", "A shot ends before it starts", [3, 3]),
            ("镜头1[0-3秒] 雨，镜头2[2-5秒] 雪", "Some shots overlap or go back in time.", [3, 3]),
        ],
    )
    def test_marks_that_overlap_or_go_back_are_kept_as_written(self, compose, prompt, words, seconds):
        page = compose(prompt, on_board=True)

        expect(page.locator("[data-warnings]")).to_contain_text(words)
        assert lengths(page) == seconds
        for word in re.findall("Rain|Snow|Hail|雨|雪", prompt):
            assert word in page.locator("#compiled").text_content()


class TestText:
    def test_ten_thousand_characters(self, compose):
        page = compose("x" * 10_000)

        reasons(page).to_have_text("5,000 characters too many, Wan would cut the end off.")
        page.locator("#prompt").press("Control+Enter")

        assert len(page.input_value("#prompt")) == 10_000
        expect(page.locator("#prompt-counter")).to_have_text("10000/5000")

    def test_right_to_left_and_emoji_go_to_the_board_and_back(self, compose):
        text = "Shot 1 [0-2s] قطة 🐈‍⬛ تركض\nShot 2 [2-4s] עיר בלילה 👩🏽‍🚀"
        page = compose(text, on_board=True)

        assert texts(page) == ["قطة 🐈‍⬛ تركض", "עיר בלילה 👩🏽‍🚀"]
        expect(page.locator("#compiled-counter")).to_have_text(f"{len(text)}/5000")
        assert page.locator("#shots textarea").first.evaluate("field => getComputedStyle(field).direction") == "rtl"
        page.locator("[data-close-board]").click()
        assert page.input_value("#prompt") == text


class TestElsewhere:
    def expect_refusal(self, browse, status):
        """The browser's console tells it, too."""
        browse.meant.append(f"status of {status}")

    def test_audio_that_was_deleted(self, compose, browse):
        page = compose("A kite")
        page.locator("[name=audio_id]").evaluate("field => field.value = crypto.randomUUID()")

        with page.expect_response("**/generations/") as answer:
            page.locator("#generate").click()

        assert answer.value.status == 422
        expect(page.locator("#composer-errors")).to_contain_text("This audio is not here any more.")
        assert page.input_value("#prompt") == "A kite"
        self.expect_refusal(browse, 422)

    def test_a_project_that_was_deleted(self, compose, browse):
        page = compose("")
        page.locator("#composer-hidden [name=project]").evaluate("field => field.value = crypto.randomUUID()")

        page.fill("#prompt", "A kite over the dunes")

        expect(page.locator("#draft-notes")).to_contain_text("This project is gone")
        assert page.input_value("#prompt") == "A kite over the dunes"
        self.expect_refusal(browse, 404)


class TestSheet:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("\n".join(f"cat {number}" for number in range(10_000)), "This sheet has 10,000 rows."),
            ('prompt,seed\n"A boat, macro,7\n', "a quotation mark is missing"),
            ("prompt,camera\nA boat,wide\n", "a column that a call sheet does not have"),
        ],
    )
    def test_is_kept_and_not_sent(self, compose, text, words):
        page = compose("")
        page.goto("/studio/sheet/")

        page.locator("#text").evaluate(
            "(field, text) => { field.value = text; field.dispatchEvent(new Event('input', { bubbles: true })); }", text
        )

        expect(page.locator("#sheet-errors")).to_contain_text(words, timeout=RENDERED)
        expect(page.locator("#send")).to_have_attribute("aria-disabled", "true")
        assert page.input_value("#text").strip() == text.strip()
