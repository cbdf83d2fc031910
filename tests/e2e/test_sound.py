"""The sound lane by mouse, by keyboard and without script."""

from __future__ import annotations

import io
import itertools
import math
import re
import struct
import wave

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.test_composer import HEARD, SHOTS, lengths
from tests.e2e.test_journey import RENDERED, serious, until_true

pytestmark = pytest.mark.e2e


def write_wav(path, seconds, silences=()):
    """A tone with silences."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        moments = (index / 8_000 for index in range(int(seconds * 8_000)))
        loud = ((moment, not any(begin <= moment < end for begin, end in silences)) for moment in moments)
        file.writeframes(b"".join(struct.pack("<h", int(on * 12_000 * math.sin(moment * 1400))) for moment, on in loud))
    return path


@pytest.fixture(scope="session")
def song(tmp_path_factory):
    """12.4 s, silent around the fourth and the ninth second."""
    return write_wav(tmp_path_factory.mktemp("song") / "harbour-theme.wav", 12.4, [(3.8, 4.4), (8.7, 9.2)])


@pytest.fixture(scope="session")
def long_song(tmp_path_factory):
    return write_wav(tmp_path_factory.mktemp("song") / "long.wav", 41)


@pytest.fixture
def scored(compose, song):
    """The shots on the board with the song under them, its waveform drawn."""

    def scored(prompt=SHOTS, **options):
        page = compose(prompt, on_board=prompt == SHOTS, **options)
        page.set_input_files("#audio", song)
        expect(page.locator("#sound [data-wave] svg")).to_be_visible(timeout=RENDERED)  # a worker draws it
        return page

    return scored


def left(page, selector):
    """Where it begins, in seconds of the lane."""
    wave_box, box = page.locator("[data-wave]").bounding_box(), page.locator(selector).first.bounding_box()
    return (box["x"] - wave_box["x"]) / wave_box["width"] * 15


def seconds(page, part):
    """Where it begins and ends, in seconds of the lane."""
    lane, box = page.locator("[data-wave]").bounding_box(), part.bounding_box()
    return tuple((x - lane["x"]) / lane["width"] * 15 for x in (box["x"], box["x"] + box["width"]))


def is_shaded(part):
    """A veil lies on what is drawn below: one colour, neither clear nor closed."""
    shade = part.evaluate("part => getComputedStyle(part).backgroundColor")
    return 0 < float(re.search(r"/ ([\d.]+)\)$", shade)[1]) < 1


def is_hatched(part):
    """Slanted lines: from one row of pixels to another below it they are moved aside."""
    part.evaluate("part => { part.textContent = ''; }")
    picture = Image.open(io.BytesIO(part.screenshot())).convert("L")
    rows = [[picture.getpixel((x, y)) for x in range(picture.width)] for y in (10, 14)]
    changes = sum(one != other for one, other in itertools.pairwise(rows[0]))
    return changes > picture.width / 10 and rows[0] != rows[1]


class TestLane:
    def test_shows_waveform_cuts_and_what_is_left_out_on_the_shots_scale(self, scored):
        page = scored()

        assert left(page, "#sound [data-cut]") == pytest.approx(10, abs=0.1)
        expect(page.locator("[data-cut]")).to_have_text("2.4 s cut")
        expect(page.locator("[data-wave] i")).to_have_count(2)
        assert left(page, "[data-wave] i") == pytest.approx(3, abs=0.1)
        svg, lane = page.locator("[data-wave] svg").bounding_box(), page.locator("[data-wave]").bounding_box()
        assert svg["width"] / lane["width"] * 15 == pytest.approx(12.4, abs=0.1)

        page.fill("[name=shots-2-seconds]", "6")

        expect(page.locator("[data-silent]")).to_have_text("0.6 s silent")
        expect(page.locator("[data-fit]")).to_have_text("The last 0.6 s will be silent.")

    def test_what_is_cut_is_shaded_and_what_is_silent_hatched(self, scored):
        page = scored()
        cut, silent = page.locator("[data-cut]"), page.locator("[data-silent]")
        assert seconds(page, cut) == pytest.approx((10, 12.4), abs=0.1)
        assert is_shaded(cut)
        expect(silent).to_be_hidden()

        page.fill("[name=shots-2-seconds]", "8")

        expect(cut).to_be_hidden()
        assert seconds(page, silent) == pytest.approx((12.4, 15), abs=0.1)
        assert is_hatched(silent)

    def test_cuts_snap_to_silences_and_back(self, scored):
        page = scored()

        page.get_by_role("button", name="Snap cuts to silences").click()
        assert lengths(page) == [4, 5, 1]
        expect(page.locator("#announce")).to_have_text("2 cuts moved to silences.")
        page.get_by_role("button", name="Undo").click()

        assert lengths(page) == [3, 4, 3]

    def test_cuts_that_lie_in_silences_are_said_to(self, scored):
        page = scored()

        page.get_by_role("button", name="Snap cuts to silences").click()
        page.get_by_role("button", name="Snap cuts to silences").click()

        expect(page.locator("[data-sound-note]")).to_contain_text("Each cut is in a silence already.")
        assert lengths(page) == [4, 5, 1]

    def test_stands_by_itself_without_a_board_and_moves_onto_it(self, scored):
        page = scored("A kite over the dunes")
        expect(page.locator("#sound-place #sound [data-cut]")).to_have_text("7.4 s cut")

        page.locator("[data-closed][data-open-board]").click()
        expect(page.locator("#timeline #sound")).to_be_visible()
        page.locator("[data-close-board]").click()

        expect(page.locator("#sound-place #sound")).to_be_visible()

    def test_plays_and_pauses(self, scored):
        page = scored()
        button = page.get_by_role("button", name="Play the sound")

        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        head = page.locator("[data-wave] [data-playhead]")
        expect(head).to_be_visible()
        until_true(
            page, "Number(document.querySelector('[data-wave] [data-playhead]').style.getPropertyValue('--at')) > 0.2"
        )
        button.click()

        expect(button).to_have_attribute("aria-pressed", "false")
        expect(head).to_be_hidden()

    @pytest.mark.parametrize("theme", ["dark", "light"])
    @pytest.mark.parametrize("width", [1440, 390])
    def test_axe_finds_nothing_serious(self, scored, theme, width):
        page = scored(width=width, height=844)
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        page.locator(".trim summary").click()

        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


class TestTrim:
    def test_an_answer_that_comes_after_the_sound_was_removed_is_not_shown(self, scored):
        page, held = scored("A kite over the dunes"), []
        page.route(lambda address: address.endswith("/trim"), lambda route: held.append(route))
        page.locator(".trim summary").click()
        page.fill("[name=trim-to]", "5")
        with page.expect_request(lambda request: request.url.endswith("/trim")):
            page.get_by_role("button", name="Use this part").click()

        page.locator("[data-remove-audio]").click()
        with page.expect_response(lambda response: response.url.endswith("/trim")):
            held[0].continue_()

        page.evaluate("new Promise((done) => setTimeout(done, 100))")
        expect(page.locator("#sound")).to_be_hidden()
        assert page.input_value("[name=audio_id]") == ""

    def test_a_long_file_is_trimmed_by_mouse_and_the_part_is_sent(self, compose, long_song):
        page = compose("A kite over the dunes")
        page.set_input_files("#audio", long_song)
        expect(page.locator("#blocked")).to_contain_text("This file is 41 s long, Wan takes 2 to 30 s. Trim it here.")
        expect(page.locator("#sound [data-window] svg")).to_be_visible(timeout=RENDERED)  # no edge moves any more
        edge, frame = (page.locator(name).bounding_box() for name in ("[data-edge=to]", "[data-window]"))
        second = frame["width"] / 41

        page.mouse.move(edge["x"] + edge["width"] / 2, edge["y"] + 20)
        page.mouse.down()
        page.mouse.move(frame["x"] + 8 * second, edge["y"] + 20, steps=5)
        page.mouse.up()
        assert float(page.input_value("[name=trim-to]")) == pytest.approx(8, abs=0.2)
        page.get_by_role("button", name="Use this part").click()

        expect(page.locator("#sound")).to_contain_text("from 0.0 to 8.0 s of the file")
        expect(page.locator("#blocked")).to_be_hidden()
        with page.expect_response("**/generations/") as answer:
            page.locator("#generate").click()
        assert answer.value.status == 200

    def test_by_keyboard_alone(self, scored):
        page = scored()
        page.evaluate(HEARD)  # a take of another test that is ready just then is told in the same place
        page.locator(".trim summary").press("Enter")
        edge = page.get_by_role("slider", name="The part ends")
        edge.focus()

        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("ArrowLeft")
        expect(edge).to_have_attribute("aria-valuetext", "11.3 s")
        page.get_by_role("slider", name="The part begins").focus()
        page.keyboard.press("End")
        assert [page.input_value(f"[name=trim-{end}]") for end in ("from", "to")] == [
            "10.4",
            "12.4",
        ]  # two seconds stay
        page.locator("[name=trim-from]").fill("1")
        page.keyboard.press("Enter")

        expect(page.locator("#sound .audio-head")).to_contain_text("11.4 s")
        until_true(page, "heard.some((text) => text.includes('Trimmed to 11.4 s.'))")
        assert page.evaluate("document.activeElement.textContent") == "Trim"
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Back to the whole file").press("Enter")
        expect(page.locator("#sound .audio-head")).to_contain_text("12.4 s")


class TestFile:
    def test_what_is_no_sound_gets_words_and_one_may_go_on_without(self, compose, browse, tmp_path):
        page = compose("A kite over the dunes")
        bad = tmp_path / "song.mp3"
        bad.write_bytes(b"MZ" + bytes(4096))

        page.set_input_files("#audio", bad)

        expect(page.locator("#blocked")).to_have_text("This is not an mp3 or wav file.")
        page.get_by_role("button", name="Go on without it").click()
        expect(page.locator("#blocked")).to_be_hidden()
        browse.meant.append("422")

    def test_an_earlier_one_is_used_again(self, scored):
        page = scored()
        page.get_by_role("button", name="Remove audio").click()
        expect(page.locator("#sound")).to_be_hidden()

        page.get_by_role("button", name="Audio of this project").click()
        page.locator("#sounds").get_by_role("button", name="harbour-theme.wav").last.click()

        expect(page.locator("#sound [data-wave] svg")).to_be_visible()
        assert page.locator("[name=audio_id]").input_value()

    def test_works_without_script(self, compose, song):
        page = compose(SHOTS, java_script_enabled=False)
        page.set_input_files("#audio", song)
        page.get_by_role("button", name="Shots").first.click()
        expect(page.locator("#timeline #sound b")).to_have_text("harbour-theme.wav")

        page.locator(".trim summary").click()
        page.fill("[name=trim-to]", "5")
        page.get_by_role("button", name="Use this part").click()

        expect(page.locator("#sound .audio-head")).to_contain_text("5.0 s")
        assert page.locator("#shots textarea").count() == 3
        page.get_by_role("button", name="Remove audio").click()
        page.get_by_role("button", name="Audio of this project").click()
        page.locator(".shelf button", has_text="harbour-theme.wav").first.click()
        expect(page.locator("#sound .audio-head b")).to_have_text("harbour-theme.wav")
