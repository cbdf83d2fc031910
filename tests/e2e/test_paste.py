"""Shots pasted as text: they go to the board by themselves, and come back by one press."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.test_composer import CHINESE, SHOTS, lengths, texts

pytestmark = pytest.mark.e2e


def paste(page, selector, text):
    """As a person does it, from the clipboard."""
    page.evaluate(
        """text => {
          const field = Object.assign(document.createElement("textarea"), { value: text });
          document.body.append(field);
          field.select();
          document.execCommand("copy");
          field.remove();
        }""",
        text,
    )
    page.locator(selector).focus()
    page.keyboard.press("Control+V")


@pytest.fixture
def filled(compose):
    """The list is pasted into the prompt."""
    page = compose("")
    paste(page, "#prompt", SHOTS)
    expect(page.locator("#board")).to_be_visible()
    return page


class TestPasting:
    @pytest.mark.parametrize(
        ("text", "overall", "seconds"),
        [(SHOTS, "A small harbour at blue hour.", [3, 4, 3]), (CHINESE, "黄昏的港口。", [3, 3])],
    )
    def test_a_list_fills_the_board(self, compose, text, overall, seconds):
        page = compose("")

        paste(page, "#prompt", text)

        expect(page.locator("#board")).to_be_visible()
        assert lengths(page) == seconds
        assert page.input_value("#prompt") == overall
        expect(page.locator("#announce")).to_have_text(f"{len(seconds)} shots are on the board now.")
        expect(page.locator("[name=shots-0-text]")).to_be_focused()

    def test_beside_what_is_written_it_fills_the_board_with_both(self, compose):
        page = compose("Slow and quiet. ")

        paste(page, "#prompt", SHOTS)

        expect(page.locator("[data-shot]")).to_have_count(3)
        assert page.input_value("#prompt").startswith("Slow and quiet. ")

    def test_into_a_blank_shot_fills_the_board(self, compose):
        page = compose("Slow and quiet.")
        page.locator("[data-closed][data-open-board]").click()

        paste(page, "[name=shots-1-text]", SHOTS)

        expect(page.locator("#announce")).to_have_text("3 shots are on the board now.")
        assert lengths(page) == [3, 4, 3]
        assert page.input_value("#prompt") == "Slow and quiet.\nA small harbour at blue hour."
        page.get_by_role("button", name="Undo").click()
        assert texts(page) == ["", SHOTS, ""]
        assert page.input_value("#prompt") == "Slow and quiet."

    @pytest.mark.parametrize("text", ["Generate single shot. A kite", "A kite over the dunes", "One shot, one take"])
    def test_other_text_stays_text(self, compose, text):
        page = compose("")

        paste(page, "#prompt", text)

        expect(page.locator("#prompt")).to_have_value(text)
        expect(page.locator("#board")).to_be_hidden()

    def test_a_board_that_is_written_on_is_left_alone(self, compose):
        page = compose(CHINESE, on_board=True)

        paste(page, "#prompt", SHOTS)

        expect(page.locator("[data-offer]")).to_contain_text("This text holds 3 shots.")
        assert lengths(page) == [3, 3]

    def test_into_a_shot_that_is_written_it_is_offered_and_follows_what_it_says(self, compose):
        page = compose(CHINESE, on_board=True)
        page.fill("[name=shots-0-text]", "The quay. ")
        page.locator("[name=shots-0-text]").press("End")

        paste(page, "[name=shots-0-text]", "Shot 1 [0-2s] A rope\nShot 2 [2-5s] A boat")

        expect(page.locator("[data-offer]")).to_contain_text("Shot 1 holds a list of 2 shots.")
        expect(page.locator("#announce")).to_have_text("Shot 1 holds a list of 2 shots.")
        page.get_by_role("button", name="Put it on the board").click()
        assert texts(page)[:3] == ["The quay.", "A rope", "A boat"]
        assert lengths(page) == [3, 2, 3, 3]
        expect(page.locator("[data-offer]")).to_be_hidden()
        page.get_by_role("button", name="Undo").click()
        assert len(texts(page)) == 2


class TestUndo:
    @pytest.mark.parametrize("by", ["button", "Control+Z"])
    def test_brings_back_the_text_and_the_board_is_still_offered(self, filled, by):
        if by == "button":
            filled.locator("[data-filled]").get_by_role("button", name="Undo").click()
        else:
            filled.keyboard.press(by)

        expect(filled.locator("#prompt")).to_be_focused()
        assert filled.input_value("#prompt") == SHOTS
        expect(filled.locator("#board")).to_be_hidden()
        expect(filled.locator("[data-filled]")).to_be_hidden()
        filled.get_by_role("button", name="Put it on the board").click()
        assert lengths(filled) == [3, 4, 3]

    def test_is_over_once_something_is_written_on_the_board(self, filled):
        filled.keyboard.type("Dusk. ")

        expect(filled.locator("[data-filled]")).to_be_hidden()
        filled.keyboard.press("Control+Z")

        assert len(texts(filled)) == 3
