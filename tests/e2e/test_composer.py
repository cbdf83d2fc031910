"""The composer by mouse, by keyboard and without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_journey import serious, until_true

pytestmark = pytest.mark.e2e
SHOTS = """A small harbour at blue hour.
Shot 1 [0-3s] Wide: the harbour from the quay.
Shot 2 [3-7s] Close-up: hands loosen a wet rope.
Shot 3 [7-10s] The boat slides out."""
CHINESE = "黄昏的港口。第1个镜头[0-3秒] 全景：渔船。第2个镜头[3-6秒] 特写：双手。"

# In turns, so that a busy machine slows both: the median of a key up to the page laid out anew, in milliseconds. Its
# rare peaks are the machine's; `bench composer` tells those, alone on one.
KEYS = """async (selectors) => {
  const times = selectors.map(() => []);
  for (let key = 0; key < 60; key += 1) {
    for (const [index, selector] of selectors.entries()) {
      const field = document.querySelector(selector);
      field.focus();
      await new Promise(requestAnimationFrame);
      const start = performance.now();
      document.execCommand("insertText", false, "x");
      document.body.getBoundingClientRect();
      times[index].push(performance.now() - start);
    }
  }
  return times.map((some) => some.sort((one, other) => one - other)[30]);
}"""
# All that the page says, to those who listen to it.
HEARD = """() => {
  window.heard = [];
  const tell = () => heard.push(document.querySelector("#announce").textContent);
  new MutationObserver(tell).observe(document.querySelector("#announce"), { childList: true, subtree: true });
}"""
KEY_AT_MOST = 20  # times a plain textarea


def texts(page):
    page.wait_for_load_state()  # without script, a press leads to another page
    return page.locator("#shots textarea").evaluate_all("fields => fields.map((field) => field.value)")


def lengths(page):
    page.wait_for_load_state()
    return page.locator("#shots input[type=number]").evaluate_all(
        "fields => fields.map((field) => Number(field.value))"
    )


def announced(page):
    return expect(page.locator("#announce"))


class TestBoard:
    @pytest.mark.parametrize(
        ("prompt", "overall", "seconds"),
        [(SHOTS, "A small harbour at blue hour.", [3, 4, 3]), (CHINESE, "黄昏的港口。", [3, 3])],
    )
    def test_pasted_shots_are_offered_and_come_back_as_the_same_text(self, compose, prompt, overall, seconds):
        page = compose(prompt)
        announced(page).to_contain_text(f"{len(seconds)} shots")

        page.locator("[data-fill-board]").click()

        assert lengths(page) == seconds
        assert page.input_value("#prompt") == overall
        expect(page.locator("#duration")).to_have_value(str(sum(seconds)))
        sent = page.locator("#compiled").text_content()
        page.locator("[data-close-board]").click()
        assert page.input_value("#prompt") == sent
        if prompt == SHOTS:
            assert sent == prompt

    def test_what_is_shown_is_what_is_sent(self, compose):
        page = compose(SHOTS, on_board=True)
        shown = page.locator("#compiled").text_content()
        expect(page.locator("#compiled-counter")).to_have_text(f"{len(shown)}/5000")

        with page.expect_response("**/generations/"):
            page.locator("#generate").click()
        expect(page.locator("#announce")).to_have_text("1 take is waiting")
        page.locator(".take a").first.click()

        expect(page.get_by_text("As Wan received it")).to_have_count(1)
        assert page.locator("details .compiled").text_content() == shown

    def test_an_edge_is_dragged_within_the_limit(self, compose):
        page = compose(SHOTS, on_board=True)
        edge = page.get_by_role("separator", name="Length of shot 2").bounding_box()
        second = page.locator("#shots").bounding_box()["width"] / 15
        x, y = edge["x"] + edge["width"] / 2, edge["y"] + edge["height"] / 2

        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 2 * second, y, steps=4)
        assert lengths(page) == [3, 6, 3]
        page.mouse.move(x + 9 * second, y, steps=4)
        page.mouse.up()

        assert lengths(page) == [3, 9, 3]
        expect(page.locator("[data-add-shot]")).to_be_hidden()
        expect(page.locator("#compiled")).to_contain_text("Shot 3 [12-15s]")
        full = "All 15 s are used. Make a shot shorter first."
        announced(page).to_have_text(full)
        expect(page.locator("[data-warnings] p")).to_have_text([full])
        page.get_by_role("separator", name="Length of shot 2").press("ArrowLeft")
        expect(page.locator("[data-warnings]")).to_be_empty()

    def test_a_card_is_dragged_to_another_place(self, compose):
        page = compose(SHOTS, on_board=True)
        first = page.locator("[data-grip]").first.bounding_box()
        last = page.locator("[data-shot]").last.bounding_box()

        page.mouse.move(first["x"] + 5, first["y"] + 10)
        page.mouse.down()
        page.mouse.move(last["x"] + last["width"] - 20, last["y"] + 20, steps=12)
        page.mouse.up()

        assert texts(page)[2].startswith("Wide")
        announced(page).to_have_text("Shot 1 is now shot 3 of 3.")

    @pytest.mark.parametrize(("width", "height"), [(1024, 768), (390, 844)])
    def test_a_finger_drags_a_card_too(self, compose, width, height):
        page = compose(SHOTS, on_board=True, width=width, height=height, has_touch=True, is_mobile=True)
        grip = page.locator("[data-grip]").first
        grip.scroll_into_view_if_needed()
        first, last = grip.bounding_box(), page.locator("[data-shot]").last.bounding_box()
        begin = (first["x"] + 25, first["y"] + 10)
        end = (last["x"] + last["width"] - 20, last["y"] + last["height"] - 10)
        if width > height:
            end = (end[0], begin[1])

        wire = page.context.new_cdp_session(page)
        for step in range(13):
            x, y = (one + (other - one) * step / 12 for one, other in zip(begin, end, strict=True))
            touch = {"type": "touchMove" if step else "touchStart", "touchPoints": [{"x": x, "y": y}]}
            wire.send("Input.dispatchTouchEvent", touch)
        wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

        announced(page).to_have_text("Shot 1 is now shot 3 of 3.")
        assert texts(page)[2].startswith("Wide")

    def test_the_keyboard_alone_changes_everything(self, compose):
        page = compose(SHOTS, on_board=True)
        page.locator("#shots textarea").first.focus()

        page.keyboard.press("Alt+ArrowDown")
        assert [text[:4] for text in texts(page)] == ["Clos", "Wide", "The "]
        announced(page).to_have_text("Shot 1 is now shot 2 of 3.")
        assert page.evaluate("document.activeElement.name") == "shots-1-text"

        page.get_by_role("separator", name="Length of shot 2").focus()
        page.keyboard.press("ArrowRight")
        assert lengths(page) == [4, 4, 3]
        page.keyboard.press("End")
        assert lengths(page) == [4, 8, 3]
        page.keyboard.press("Home")
        assert lengths(page) == [4, 1, 3]

        page.get_by_role("button", name="Duplicate shot 3").focus()
        page.keyboard.press("Enter")
        assert texts(page)[2] == texts(page)[3]
        assert page.evaluate("document.activeElement.name") == "shots-3-text"
        page.get_by_role("button", name="Remove shot 1").focus()
        page.keyboard.press("Enter")
        assert lengths(page) == [1, 3, 3]
        announced(page).to_have_text("Shot 1 removed, 3 left.")
        assert page.evaluate("document.activeElement.name") == "shots-0-text"

    def test_shots_are_added_until_no_second_is_left(self, compose):
        page = compose(SHOTS, on_board=True)
        add = page.get_by_role("button", name="Add shot")
        expect(add).to_contain_text("5 s left")

        add.click()
        expect(page.locator("[name=shots-3-text]")).to_be_focused()
        assert lengths(page) == [3, 4, 3, 3]
        announced(page).to_have_text("Shot 4 of 4 added, 3 s.")
        expect(page.locator("#duration")).to_have_value("13")
        page.keyboard.type("A gull lands.")
        expect(page.locator("#compiled")).to_contain_text("Shot 4 [10-13s] A gull lands.")
        add.focus()
        page.keyboard.press("Enter")

        assert lengths(page) == [3, 4, 3, 3, 2]
        expect(page.locator("[name=shots-4-text]")).to_be_focused()
        expect(add).to_be_hidden()
        expect(page.locator("#blocked li")).to_have_text(["Write shot 5, or remove it."])

    def test_a_copy_takes_no_more_seconds_than_are_left(self, compose):
        page = compose("Shot 1 [0-6s] Rain\nShot 2 [6-13s] Snow", on_board=True)
        page.locator("#shots textarea").first.focus()

        page.get_by_role("button", name="Duplicate shot 1").click()

        assert lengths(page) == [6, 2, 7]
        announced(page).to_have_text("Shot 2 of 3 added, 2 s.")
        page.locator("#shots textarea").first.focus()
        page.get_by_role("button", name="Duplicate shot 1").click()
        announced(page).to_have_text("All 15 s are used. Make a shot shorter first.")
        assert lengths(page) == [6, 2, 7]

    def test_everything_is_heard_however_quickly_it_comes(self, compose):
        page = compose(SHOTS, on_board=True)
        page.evaluate(HEARD)
        page.locator("#shots textarea").first.focus()

        page.keyboard.press("Alt+ArrowDown")
        page.keyboard.press("Alt+ArrowDown")
        page.keyboard.press("Control+Enter")

        for words in ("Shot 1 is now shot 2 of 3.", "Shot 2 is now shot 3 of 3.", "1 take is waiting"):
            until_true(page, f"heard.includes({words!r})")

    def test_too_many_seconds_are_told_in_words(self, compose):
        page = compose(SHOTS, on_board=True)

        page.fill("[name=shots-1-seconds]", "11")

        expect(page.locator("#too-long")).to_have_text("The shots add up to 17 s, Wan takes up to 15.")
        assert page.locator("#generate").get_attribute("aria-disabled") == "true"
        page.fill("[name=shots-1-seconds]", "0")
        expect(page.locator("#blocked")).to_contain_text("Shot 2 needs whole seconds, from 1 on.")

    @pytest.mark.parametrize(
        ("seconds", "ends", "said"),
        [("", 4, "A shot without a length was given 1 s."), ("2.5", 6, "Their times were rounded.")],
    )
    def test_closing_keeps_the_lengths_beside_a_shot_without_one_and_says_so(self, compose, seconds, ends, said):
        page = compose(SHOTS, on_board=True)
        page.fill("[name=shots-1-seconds]", seconds)

        page.locator("[data-close-board]").click()

        prompt = page.input_value("#prompt")
        assert f"\nShot 2 [3-{ends}s] Close" in prompt
        assert f"\nShot 3 [{ends}-{ends + 3}s] The boat" in prompt
        expect(page.locator("[data-warnings]")).to_contain_text(said)
        announced(page).to_contain_text(said)

    def test_shots_longer_than_the_clip_are_told_while_one_has_no_length(self, compose):
        page = compose(SHOTS, on_board=True)

        page.fill("[name=shots-0-seconds]", "")
        page.fill("#duration", "5")

        assert page.locator("#generate").get_attribute("aria-disabled") == "true"
        expect(page.locator("#blocked li")).to_have_text(
            [
                "The shots add up to 7 s, the clip has 5 s. Make it longer or a shot shorter.",
                "Give shot 1 seconds too, or no shot any: else no times are sent.",
            ]
        )
        page.locator("#generate").press("Enter")
        expect(page.locator("[name=shots-0-seconds]")).to_be_focused()

    def test_all_reasons_stand_beside_the_button(self, compose):
        page = compose(SHOTS, on_board=True)
        page.fill("[name=shots-0-text]", "")
        page.locator("[popovertarget=more]").click()
        page.fill("input[name=seed]", "seven")
        page.fill("[name=shots-1-text]", "x" * 10_000)

        reasons = page.locator("#blocked li")

        expect(reasons).to_have_count(3)
        expect(reasons.nth(0)).to_contain_text("characters too many")
        expect(reasons.nth(1)).to_have_text("Write shot 1, or remove it.")
        expect(reasons.nth(2)).to_contain_text("A seed is a whole number")
        assert len(texts(page)[1]) == 10_000

    def test_a_key_among_fifteen_shots_is_as_quick_as_typing(self, compose):
        marks = "\n".join(f"Shot {number + 1} [{number}-{number + 1}s] a 🐈 runs مرحبا" for number in range(15))
        page = compose(marks, on_board=True)
        page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), { id: 'plain' }))")

        plain, shot = page.evaluate(KEYS, ["#plain", "[name=shots-7-text]"])

        expect(page.locator("#compiled")).to_contain_text("Shot 8 [7-8s] a 🐈 runs مرحباx")
        assert shot < KEY_AT_MOST * plain

    def test_works_without_script(self, compose):
        page = compose(SHOTS, java_script_enabled=False)

        page.get_by_role("button", name="Shots").first.click()
        assert lengths(page) == [3, 4, 3]
        assert page.input_value("#duration") == "10"
        assert page.locator("#compiled").text_content() == SHOTS
        page.get_by_role("button", name="Move shot 3 earlier").click()
        page.get_by_role("button", name="Duplicate shot 1").click()
        page.fill("[name=shots-1-seconds]", "2")
        assert [text[:4] for text in texts(page)] == ["Wide", "Wide", "The ", "Clos"]
        page.locator("[data-close-board]").click()

        assert "\nShot 2 [3-5s] Wide" in page.input_value("#prompt")

    def test_without_script_enter_in_a_field_pays_nothing_and_the_button_does(self, compose, browse):
        page = compose("A kite over the dunes", java_script_enabled=False)
        page.fill("#duration", "4")
        page.locator("#duration").press("Enter")
        expect(page.locator("#summary")).to_have_text("4 s at 1080P")
        expect(page.locator("#prompt")).to_have_value("A kite over the dunes")
        page.get_by_role("button", name="Words").click()
        expect(page.get_by_role("checkbox", name="moonlight")).to_have_accessible_description("Cold and dim, at night.")
        expect(page.locator("p", has=page.get_by_role("checkbox", name="moonlight")).locator("small")).to_be_visible()
        page.get_by_role("checkbox", name="moonlight").check()
        page.locator("[name=say-line]").press("Enter")
        expect(page.locator("#prompt")).to_have_value("A kite over the dunes, moonlight")

        page.locator("[popovertarget=more]").focus()
        reached = []
        while "generate" not in reached:
            page.keyboard.press("Tab")
            reached.append(page.locator(":focus").get_attribute("id"))
            assert len(reached) < 20
        page.keyboard.press("Enter")

        expect(page).to_have_url(re.compile("/studio/"))
        expect(page.get_by_role("link", name="A kite over the dunes, moonlight").first).to_be_visible()

    def test_without_script_a_refused_press_shows_its_reason_and_words_their_panel(self, compose, browse):
        page = compose("A kite", java_script_enabled=False)
        expect(page.locator("#blocked")).to_be_hidden()
        page.get_by_role("button", name="Shots").first.click()
        for seconds in range(3):
            page.fill(f"[name=shots-{seconds}-text]", "Rain")
            page.fill(f"[name=shots-{seconds}-seconds]", "9")
        page.set_viewport_size({"width": 390, "height": 600})

        page.locator("#generate").click()

        expect(page.locator("#composer-errors")).to_contain_text("The shots add up to 27 s, Wan takes up to 15.")
        expect(page.locator("#composer-errors")).to_be_in_viewport(ratio=0.98)  # to the pixel
        page.get_by_role("button", name="Words").click()
        expect(page.locator("#words .words-head")).to_be_in_viewport(ratio=1)
        browse.meant.append("422")


class TestLook:
    @pytest.mark.parametrize("theme", ["dark", "light"])
    @pytest.mark.parametrize("width", [1440, 390])
    def test_axe_finds_nothing_serious_on_the_board(self, compose, theme, width):
        page = compose(SHOTS, on_board=True, width=width, height=844)
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")

        assert serious(page) == []

    @pytest.mark.parametrize("has_script", [True, False])
    @pytest.mark.parametrize("width", [1440, 1280, 768, 390])
    def test_every_control_of_the_bar_is_in_sight(self, compose, width, has_script):
        page = compose("A kite", width=width, java_script_enabled=has_script)

        bar = page.locator(".composer-bar").bounding_box()
        boxes = page.locator(".settings > :visible, .send > :visible").evaluate_all(
            "found => found.map((one) => one.getBoundingClientRect().toJSON())"
        )

        assert len(boxes) == 11
        for number, box in enumerate(boxes):
            assert bar["x"] <= box["left"]
            assert box["right"] <= bar["x"] + bar["width"]
            for other in boxes[number + 1 :]:
                assert box["right"] <= other["left"] or box["bottom"] <= other["top"] or other["bottom"] <= box["top"]

    def test_cards_stack_on_a_phone(self, compose):
        page = compose(SHOTS, on_board=True, width=390, height=844)

        boxes = [card.bounding_box() for card in page.locator("[data-shot]").all()]

        assert len({box["x"] for box in boxes}) == 1
        until_true(page, "document.documentElement.scrollWidth <= 390")


class TestWords:
    @pytest.fixture
    def words(self, compose):
        def words(prompt, **options):
            page = compose(prompt, **options)
            page.locator("[data-open-words]").click()
            expect(page.locator("[data-word]").first).to_be_visible()
            expect(page.locator("[data-word-search]")).to_be_focused()
            return page

        return words

    def test_are_toggled_in_the_prompt_and_one_replaces_another(self, words):
        page = words("A quiet street")

        page.get_by_role("button", name="push in", exact=True).click()
        assert page.input_value("#prompt") == "A quiet street, push in"
        page.get_by_role("button", name="orbit", exact=True).click()
        assert page.input_value("#prompt") == "A quiet street, orbit"
        page.get_by_role("button", name="No dialogue.").click()
        assert page.input_value("#prompt") == "A quiet street, orbit. No dialogue."
        page.get_by_role("button", name="orbit", exact=True).click()

        assert page.input_value("#prompt") == "A quiet street. No dialogue."
        expect(page.get_by_role("button", name="No dialogue.")).to_have_attribute("aria-pressed", "true")

    @pytest.mark.parametrize(
        ("text", "name", "result", "pressed"),
        [
            ("medium close-up, rain", "full shot", "full shot, rain", ["full shot"]),
            ("中全景", "full shot", "全景", ["full shot"]),
            ("extreme full shot of a desert", "full shot", "extreme full shot of a desert, full shot", ["full shot"]),
            ("A day in the life", "dusk", "A day in the life, dusk", ["dusk"]),
            ("黄昏的港口，全景：渔船", "close-up", "黄昏的港口，特写：渔船", ["close-up"]),
            ("rain, close-up: hands", "close-up", "rain, hands", []),
            ("Orbit. Rain", "orbit", "Rain", []),
            ('He says: "Ha!"', "No dialogue.", 'He says: "Ha!" No dialogue.', ["No dialogue."]),
            ("Rain \nNo dialogue.", "No dialogue.", "Rain \n", []),
        ],
    )
    def test_only_words_by_themselves_are_taken_out_or_replaced(self, words, text, name, result, pressed):
        page = words(text)

        page.get_by_role("button", name=name, exact=True).click()

        assert page.input_value("#prompt") == result
        buttons = page.locator("[data-word][aria-pressed=true]")
        assert buttons.evaluate_all("found => found.map((one) => one.dataset.en)") == pressed

    def test_are_put_between_commas_at_the_cursor(self, words):
        page = words("A quiet street")
        page.evaluate("document.querySelector('#prompt').setSelectionRange(7, 7)")

        page.get_by_role("button", name="orbit", exact=True).click()

        assert page.input_value("#prompt") == "A quiet, orbit, street"
        page.get_by_role("button", name="orbit", exact=True).click()
        assert page.input_value("#prompt") == "A quiet, street"

    def test_follow_the_language_of_the_text(self, words):
        page = words("黄昏的港口")

        page.get_by_role("button", name="push in", exact=True).click()

        assert page.input_value("#prompt") == "黄昏的港口，镜头推进"

    def test_are_found_in_three_languages(self, words):
        page = words("x")

        for term in ("镜头推进", "鏡頭推進", "attention grows"):
            page.fill("[data-word-search]", term)
            expect(page.locator("[data-word]:visible")).to_have_count(1)

    def test_a_search_without_a_find_says_so_and_escape_leads_back(self, words):
        page = words("x")
        search, panel = page.locator("[data-word-search]"), expect(page.locator("#words"))

        search.fill("qqqq")
        expect(page.get_by_text("No word fits that.").first).to_be_visible()
        announced(page).to_contain_text("No word fits that.")
        search.press("Escape")
        expect(search).to_have_value("")
        expect(page.locator("[data-no-words]")).to_be_hidden()
        search.press("Escape")

        panel.to_be_hidden()
        expect(page.locator("#prompt")).to_be_focused()

    def test_by_keys_the_focus_stays_on_the_word(self, words):
        page = words("A quiet street")
        word = page.get_by_role("button", name="orbit", exact=True)

        word.press("Enter")
        assert page.input_value("#prompt") == "A quiet street, orbit"
        expect(word).to_be_focused()
        word.press("Escape")

        expect(page.locator("#prompt")).to_be_focused()
        expect(page.locator("#words")).to_be_hidden()

    def test_go_to_the_shot_that_was_written_in(self, words):
        page = words(SHOTS, on_board=True)
        page.locator("#shots textarea").nth(1).focus()

        page.get_by_role("button", name="moonlight").click()

        assert texts(page)[1].endswith("moonlight")
        expect(page.locator("#compiled")).to_contain_text("moonlight")

    def test_a_spoken_line_has_voice_and_emotion(self, words):
        page = words("A pier.")

        page.get_by_label("Who speaks").fill("The fisherman")
        page.get_by_label("Voice and emotion").fill("in a hoarse, happy voice")
        page.get_by_label("The line", exact=True).fill("We are home.")
        page.keyboard.press("Enter")

        assert page.input_value("#prompt") == 'A pier. The fisherman says in a hoarse, happy voice: "We are home."'

    def test_a_spoken_line_stays_as_it_was_typed(self, words):
        page = words("A pier.")

        page.get_by_label("Who speaks").fill("Ann : {line}")
        page.get_by_label("The line", exact=True).fill("Wait …  home : now")
        page.keyboard.press("Enter")

        assert page.input_value("#prompt") == 'A pier. Ann : {line} says: "Wait …  home : now"'

    @pytest.mark.parametrize("width", [1440, 390])
    def test_axe_finds_nothing_serious(self, words, width):
        assert serious(words(SHOTS, width=width, height=844)) == []


class TestButton:
    def test_promise_follows_the_settings(self, compose):
        page = compose("A kite")
        expect(page.locator("#promise")).to_contain_text("min")

        with page.expect_response(re.compile(r"/generations/promise\?.*takes=4")):
            page.select_option("#takes", "4")

        page.locator("[popovertarget=more]").click()
        expect(page.locator("[data-seeds]")).to_be_visible()

    def test_a_seed_is_seen_without_opening_the_menu(self, compose):
        page = compose("A kite")
        more = page.locator("[popovertarget=more]")
        more.click()
        page.fill("#seed", "4294")
        page.keyboard.press("Escape")

        expect(more).to_have_accessible_name("More Seed 4294")

        more.click()
        page.fill("#seed", "")
        expect(page.locator("[data-seed-set]")).to_be_hidden()

    def test_a_press_that_fails_says_so_and_keeps_what_is_typed(self, compose, browse):
        page = compose("A kite over the dunes")
        note = expect(page.locator("[data-warnings]"))
        page.route("**/generations/", lambda route: route.fulfill(status=503))
        page.locator("#generate").click()
        note.to_contain_text("Something went wrong here")
        expect(page.locator("#announce")).to_contain_text("pressing again makes nothing twice")
        page.route("**/generations/", lambda route: route.abort())
        page.locator("#generate").click()
        note.to_contain_text("That did not arrive.")
        assert page.input_value("#prompt") == "A kite over the dunes"

        page.unroute("**/generations/")
        page.locator("#generate").click()

        expect(page.locator("#announce")).to_have_text("1 take is waiting")
        note.to_be_empty()
        meant = ("503", "ERR_FAILED", "htmx:sendError", "htmx:afterRequest")
        browse.meant += meant

    def test_a_press_in_a_project_that_is_gone_says_so(self, compose, browse):
        page = compose("A kite over the dunes")
        page.locator("#composer-hidden [name=project]").evaluate("field => field.value = crypto.randomUUID()")

        page.locator("#generate").click()

        expect(page.locator("[data-warnings]")).to_contain_text("This project or its scene is gone")
        announced(page).to_contain_text("copy it to another project")
        assert page.input_value("#prompt") == "A kite over the dunes"
        browse.meant.append("404")

    def test_a_press_that_is_refused_says_what_to_do(self, compose, browse):
        page = compose("A kite over the dunes")
        page.context.clear_cookies(name="csrftoken")

        page.locator("#generate").click()

        expect(page.locator("[data-warnings]")).to_contain_text("That was refused. What you typed is still here")
        announced(page).to_contain_text("press once more")
        assert page.input_value("#prompt") == "A kite over the dunes"
        browse.meant.append("403")

    def test_a_press_that_is_denied_says_why(self, compose, browse):
        page = compose("A kite over the dunes")
        denied = {"status": 403, "content_type": "text/html", "body": "<p data-denied>It is archived.</p>"}
        page.route("**/generations/", lambda route: route.fulfill(**denied))

        page.locator("#generate").click()

        words = "It is archived. What you typed is still here: copy it to another project."
        expect(page.locator("[data-warnings]")).to_have_text(words)
        announced(page).to_contain_text(words)
        browse.meant.append("403")

    def test_a_blocked_press_by_keys_says_why_and_where(self, compose):
        page = compose("A kite")
        page.locator("[popovertarget=more]").click()
        page.fill("#seed", "many")
        page.keyboard.press("Escape")
        page.locator("#prompt").focus()
        page.keyboard.press("Control+Enter")
        expect(page.locator("#seed")).to_be_focused()
        expect(page.locator("#announce")).to_contain_text("A seed is a whole number")

        page.keyboard.press("Escape")
        page.fill("#prompt", "")
        page.locator("#duration").focus()
        page.keyboard.press("Control+Enter")

        expect(page.locator("#prompt")).to_be_focused()
        expect(page.locator("#announce")).to_contain_text("Write a prompt first.")

    def test_enter_in_a_field_presses_nothing(self, compose):
        page = compose("A kite over the dunes")
        pressed = []
        page.on("request", lambda request: pressed.append(request.url) if request.url.endswith("/generations/") else 0)

        page.locator("#duration").press("Enter")
        with page.expect_response("**/generations/"):
            page.locator("#duration").press("Control+Enter")

        assert len(pressed) == 1

    @pytest.mark.parametrize("key", ["Control+Enter", "Meta+Enter"])
    def test_keys_open_sheet_and_board_and_send(self, compose, key):
        page = compose("A kite over the dunes")
        page.locator("#main").focus()
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        assert serious(page) == []
        page.keyboard.press("Escape")
        page.locator("#main").focus()
        page.keyboard.press("b")
        expect(page.locator("#board")).to_be_visible()
        page.locator("[data-close-board]").click()

        with page.expect_response("**/generations/") as answer:
            page.keyboard.press(key)

        assert answer.value.status == 200
        expect(page.locator("#announce")).to_have_text("1 take is waiting")
        expect(page.locator("#prompt")).to_be_focused()
