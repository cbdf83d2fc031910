"""The shot board's cards: every control within reach at every width, and strange shots get words."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.test_composer import SHOTS, lengths, texts

pytestmark = pytest.mark.e2e
FIFTEEN = "\n".join(f"Shot {number + 1} [{number}-{number + 1}s] cat {number + 1} runs" for number in range(15))
# What lies on top in the middle of each control of the shot in hand, its edge and seconds included.
HIDDEN = """() => {
  const card = document.querySelector(".shot.current");
  const all = [...card.querySelectorAll("button, textarea, input, [data-handle]")];
  const controls = all.filter((one) => one.checkVisibility({ visibilityProperty: true }));
  return [controls.length, controls.filter((one) => {
    one.scrollIntoView({ block: "nearest" });
    const box = one.getBoundingClientRect();
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return !one.contains(top) && !(one.matches("input") && one.closest("label").contains(top));
  }).map((one) => one.ariaLabel || one.name)];
}"""


class TestReach:
    @pytest.mark.parametrize("width", [1440, 1024, 700])
    def test_every_control_of_fifteen_shots_is_there_for_the_mouse(self, compose, width):
        page = compose(FIFTEEN, on_board=True, width=width)

        for number, card in enumerate(page.locator("[data-shot]").all()):
            card.locator("[data-grip] b").click()
            assert page.evaluate("document.activeElement.name") == f"shots-{number}-text"
            count, hidden = page.evaluate(HIDDEN)
            assert (count, hidden) == (6 if number in (0, 14) else 7, [])
            expect(page.locator(".shot.current")).to_have_count(1)

    def test_every_control_is_there_for_a_finger(self, compose):
        page = compose(FIFTEEN, on_board=True, width=390, height=844, has_touch=True)

        for card in page.locator("[data-shot]").all():
            card.locator("textarea").tap()
            assert page.evaluate(HIDDEN)[1] == []
        page.get_by_role("button", name="Remove shot 15").tap()

        assert len(texts(page)) == 14

    def test_tab_goes_from_shot_to_shot(self, compose):
        page = compose(FIFTEEN, on_board=True)
        page.locator("[name=shots-6-seconds]").focus()

        names = []
        for _ in range(9):
            names.append(page.evaluate("document.activeElement.name || document.activeElement.ariaLabel"))
            page.keyboard.press("Tab")

        assert names[:2] == ["shots-6-seconds", "shots-6-text"]
        assert names[6:] == ["Length of shot 7", "shots-7-seconds", "shots-7-text"]

    def test_what_is_written_goes_to_the_shot_in_hand(self, compose):
        page = compose(FIFTEEN, on_board=True)
        page.locator("[name=shots-8-text]").click()

        page.keyboard.press("Control+End")
        page.keyboard.type(" home")

        assert texts(page)[8] == "cat 9 runs home"
        expect(page.locator("#compiled")).to_contain_text("Shot 9 [8-9s] cat 9 runs home")

    @pytest.mark.parametrize("height", [900, 600])
    def test_the_board_never_leaves_the_window(self, compose, height):
        page = compose(SHOTS, on_board=True, height=height)
        page.locator("[data-open-words]").click()
        expect(page.locator("[data-word]").first).to_be_visible()

        box = page.locator("#composer").bounding_box()

        assert box["y"] >= page.locator(".topbar").bounding_box()["height"] - 1
        assert box["y"] + box["height"] <= height
        assert page.locator("#generate").bounding_box()["y"] < height


class TestTyping:
    def test_the_board_keeps_its_shape_while_a_length_is_typed_anew(self, compose):
        page = compose(SHOTS, on_board=True)
        width = page.locator("[data-shot]").nth(1).bounding_box()["width"]

        page.fill("[name=shots-1-seconds]", "")

        assert page.locator("[data-shot]").nth(1).bounding_box()["width"] == width
        assert "dense" not in page.locator("#shots").get_attribute("class")
        page.fill("[name=shots-1-seconds]", "5")
        assert page.locator("[data-shot]").nth(1).bounding_box()["width"] > width

    def test_a_clip_as_long_as_its_shots_says_where_its_length_comes_from(self, compose):
        page = compose(SHOTS, on_board=True)

        page.locator("[data-warnings]").evaluate("place => { place.innerHTML = '<p>Said before.</p>'; }")
        page.locator("#duration").press("1")

        page.locator("#duration").press("2")
        expect(page.locator("[data-warnings] p")).to_have_text(
            ["Said before.", "The clip is as long as its shots. Change their seconds."]
        )
        assert page.input_value("#duration") == "10"
        page.fill("[name=shots-0-seconds]", "")
        assert page.locator("#duration").get_attribute("title") is None

    def test_silence_beside_a_spoken_line_is_warned_of(self, compose):
        page = compose("A small harbour at blue hour. No dialogue.")
        note = page.locator("[data-silent-note]")
        expect(note).to_be_hidden()

        page.locator("#prompt").press_sequentially(' The girl says: "Come back!"')

        expect(note).to_be_visible()
        expect(page.locator("#announce")).to_contain_text("what somebody says")
        page.fill("#prompt", "No dialogue.")
        expect(note).to_be_hidden()


class TestRemoved:
    def test_a_shot_comes_back_by_its_note_and_by_keys(self, compose):
        page = compose(SHOTS, on_board=True)
        remove = page.get_by_role("button", name="Remove shot 2")
        remove.click()
        expect(page.locator("[data-removed]")).to_contain_text("Shot 2 removed, 2 left.")

        page.locator("[data-removed]").get_by_role("button", name="Undo").click()
        assert lengths(page) == [3, 4, 3]
        expect(page.locator("#shots textarea").nth(1)).to_be_focused()
        expect(page.locator("[data-removed]")).to_be_hidden()
        remove.click()
        page.keyboard.press("Control+z")

        assert texts(page)[1] == "Close-up: hands loosen a wet rope."

    def test_what_was_typed_since_is_undone_first(self, compose):
        page = compose(SHOTS, on_board=True)
        page.get_by_role("button", name="Remove shot 3").click()
        page.keyboard.type("!")

        page.keyboard.press("Control+z")

        assert len(texts(page)) == 2
        assert not texts(page)[1].endswith("!")
        expect(page.locator("[data-removed]")).to_be_visible()

    def test_stays_out_of_a_composer_that_was_filled_since(self, compose):
        page = compose(SHOTS, on_board=True)
        page.get_by_role("button", name="Remove shot 2").click()
        page.set_input_files("#clip", {"name": "a.mp4", "mimeType": "video/mp4", "buffer": b"no clip"})
        expect(page.locator("[data-warnings]")).not_to_be_empty()

        page.locator("#shots textarea").first.press("Control+z")

        assert len(texts(page)) == 2


class TestFold:
    def test_shows_the_takes_and_keeps_the_shots(self, compose):
        page = compose(SHOTS, on_board=True)

        page.get_by_role("button", name="Show the shots").click()
        expect(page.locator("#timeline")).to_be_hidden()
        page.locator("#main").focus()
        page.keyboard.press("/")

        expect(page.locator("#prompt")).to_be_focused()
        assert lengths(page) == [3, 4, 3]

    def test_a_press_on_a_phone_shows_what_it_made(self, compose):
        page = compose(SHOTS, on_board=True, width=390, height=844)

        page.locator("#generate").click()

        expect(page.locator("#timeline")).to_be_hidden()
        expect(page.locator(".take").first).to_be_in_viewport()


class TestKeyboardAlone:
    @pytest.mark.parametrize(("shot", "tool", "other"), [(2, "later", "earlier"), (2, "earlier", "later")])
    def test_the_focus_stays_at_the_end_of_the_board(self, compose, shot, tool, other):
        page = compose(SHOTS, on_board=True)

        page.get_by_role("button", name=f"Move shot {shot} {tool}").press("Enter")

        place = {"later": 3, "earlier": 1}[tool]
        expect(page.get_by_role("button", name=f"Move shot {place} {other}")).to_be_focused()

    def test_from_the_page_to_a_take_of_three_shots(self, compose):
        page = compose("")
        page.locator("#main").focus()

        def tab_to(name):
            for _ in range(25):
                page.keyboard.press("Tab")
                if page.evaluate("document.activeElement.name + document.activeElement.value") == name:
                    return
            raise AssertionError(name)

        page.keyboard.press("/")
        page.keyboard.type("A harbour.")
        tab_to("doboard")
        page.keyboard.press("Enter")
        expect(page.locator("[name=shots-0-text]")).to_be_focused()
        page.keyboard.type("Rain")
        for number, words in ((1, "Snow"), (2, "Hail")):
            tab_to(f"shots-{number}-text")
            page.keyboard.type(words)
        with page.expect_response("**/generations/") as answer:
            page.keyboard.press("Control+Enter")

        assert answer.value.status == 200
        expect(page.locator("#announce")).to_have_text("1 take is waiting")
        expect(page.locator("[name=shots-2-text]")).to_be_focused()
        assert "Shot 2 [3-6s] Snow" in page.locator("#compiled").text_content()
