"""A clip leaves with its recipe and comes back; many leave as a gallery; a shot is taken anew."""

from __future__ import annotations

import base64
import re
import zipfile

import av
import pytest
from playwright.sync_api import expect

from tests.e2e.test_journey import generate, ready_take, serious, sign_up, until_true

pytestmark = pytest.mark.e2e
DROP = """([data, name, type, place]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type }));
  for (const type of ["dragover", "drop"]) {
    const event = new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true });
    document.querySelector(place).dispatchEvent(event);
    if (!event.defaultPrevented) throw new Error("the browser would leave the page for the file");
  }
}"""


def drop(page, data: bytes, name="clip.mp4", kind="video/mp4", place="#composer"):
    page.locator("[data-warnings]").evaluate("place => place.replaceChildren()")  # what is said next is of this file
    page.evaluate(DROP, [base64.b64encode(data).decode(), name, kind, place])


def warned(page, words):
    expect(page.locator("[data-warnings]")).to_contain_text(words)


def saved(page, link, path):
    with page.expect_download() as started:
        link.click()
    started.value.save_as(path)
    return path


class TestReuse:
    def test_a_clip_comes_back_and_all_of_them_open_from_the_disk(self, browse, tmp_path):
        page = browse()
        sign_up(page)
        generate(page, "A paper boat in the rain")
        ready_take(page)
        page.locator(".take a").first.click()
        clip = saved(page, page.get_by_role("link", name="Download", exact=True), tmp_path / "clip.mp4")
        assert serious(page) == []

        page.get_by_role("link", name="Back to the takes").click()
        expect(page).to_have_url(re.compile("/studio/"))
        page.wait_for_load_state()
        drop(page, clip.read_bytes(), place="#results")  # beside the composer is as good
        expect(page.locator("#prompt")).to_have_value("A paper boat in the rain")
        expect(page.locator("[data-warnings]")).to_contain_text("unaltered")
        assert page.input_value("#seed")
        assert serious(page) == []
        self.look_at_spoilt_ones(page, clip.read_bytes())

        archive = saved(page, page.get_by_role("link", name="Download all clips shown here"), tmp_path / "all.zip")
        with zipfile.ZipFile(archive) as zipped:
            assert zipped.testzip() is None
            zipped.extractall(tmp_path)
        films = list(tmp_path.glob("*/clips/*.mp4"))
        assert films
        for path in films:
            with av.open(str(path)) as film:
                assert sum(1 for _frame in film.decode(video=0)) > 10

        (gallery,) = tmp_path.glob("*/index.html")
        page.goto(gallery.as_uri())
        page.evaluate("() => { const v = document.querySelector('video'); v.muted = true; return v.play(); }")
        until_true(page, "document.querySelector('video').currentTime > 0.2")
        page.evaluate("document.querySelector('video').pause()")
        assert page.evaluate("document.querySelector('video').matches('[poster]')")
        assert serious(page) == []

    def look_at_spoilt_ones(self, page, data):
        box = data.rindex(b'{"wanstudio"') - 24
        drop(page, data[:box] + data[box:].replace(b"paper boat", b"paper goat"))
        warned(page, "was altered after it was downloaded")
        expect(page.locator("#prompt")).to_have_value("A paper goat in the rain")
        for end in (box - 200, box + 60, len(data) - 1):
            page.fill("#prompt", f"Typed before {end}")
            drop(page, data[:end])
            warned(page, "cut off")
            expect(page.locator("#prompt")).to_have_value(f"Typed before {end}")
        drop(page, data[:box])
        warned(page, "carries no recipe")

    @pytest.mark.parametrize(("name", "kind"), [("clip.mp4", "video/mp4"), ("still.png", "image/png"), ("notes", "")])
    def test_a_file_without_a_recipe_gets_words(self, browse, music, name, kind):
        page = browse()
        sign_up(page)
        page.fill("#prompt", "Typed before")

        drop(page, music.read_bytes()[:2000], name, kind)

        warned(page, "no mp4")
        expect(page.locator("#prompt")).to_have_value("Typed before")

    def test_a_picture_of_the_page_that_went_while_it_was_dragged_is_forgotten(self, browse):
        page = browse()
        sign_up(page)
        page.evaluate("document.dispatchEvent(new DragEvent('dragstart'))")  # no dragend came
        page.mouse.move(400, 300)

        drop(page, b"no clip")

        warned(page, "cut off")

    def test_sound_that_is_dropped_is_the_clips_sound(self, browse, music):
        page = browse()
        sign_up(page)

        drop(page, music.read_bytes(), "harbour-theme.wav", "audio/wav")

        expect(page.locator("#sound")).to_contain_text("harbour-theme.wav")

    def spread_and_undo(self, page):
        page.fill("[name=shots-1-text]", "Shot 1 [0-1s] A rope\nShot 2 [1-2s] A knot")
        page.locator("[data-fill-board]").click()
        expect(page.locator("#shots .shot")).to_have_count(4)
        expect(page.locator("[name=shots-3-text]")).not_to_be_editable()
        page.locator("[data-undo-fill]").click()
        expect(page.locator("#shots .shot")).to_have_count(3)
        for number in (0, 2):
            expect(page.locator(f"[name=shots-{number}-text]")).not_to_be_editable()
            expect(page.locator(f"[name=shots-{number}-locked]")).not_to_have_value("")

    def put_in_words(self, page):
        """None of them goes into a locked shot, wherever the cursor was."""
        page.locator("[name=shots-0-text]").focus()
        page.locator("[data-open-words]").click()
        page.get_by_role("button", name="moonlight").click()
        expect(page.locator("[name=shots-1-text]")).to_have_value("A rope, moonlight")
        expect(page.locator("[name=shots-0-text]")).to_have_value("A harbour")
        page.locator("[data-close-words]").click()

    def test_one_shot_is_taken_anew(self, browse):
        page = browse()
        sign_up(page)
        page.locator("[data-closed][data-open-board]").click()
        for number, text in enumerate(["A harbour", "A rope", "A boat"]):
            page.fill(f"[name=shots-{number}-text]", text)
            page.fill(f"[name=shots-{number}-seconds]", "1")
        page.select_option("#resolution", "720P")
        page.locator("#generate").click()
        ready_take(page)
        page.locator(".take a").first.click()

        expect(page.locator("video")).to_be_visible()
        page.goto(f"{page.url.partition('?')[0]}?shot=3")
        until_true(page, "document.querySelector('video').currentTime >= 2")
        page.get_by_role("navigation", name="Shots").get_by_role("link").nth(1).click()
        until_true(page, "(({ currentTime }) => currentTime >= 1 && currentTime < 2)(document.querySelector('video'))")
        page.get_by_role("link", name="Retake shot 2").click()

        expect(page).to_have_url(re.compile("/studio/"))
        page.wait_for_load_state()
        expect(page.locator("[name=shots-0-text]")).not_to_be_editable()
        expect(page.locator("[name=shots-2-text]")).not_to_be_editable()
        expect(page.locator(".shot.current")).to_contain_text("Shot 2")
        self.put_in_words(page)
        self.spread_and_undo(page)
        page.get_by_role("group", name="Shot 3").click()
        page.get_by_role("button", name="Unlock shot 3").click()
        expect(page.locator("[name=shots-2-text]")).to_be_editable()
        page.fill("[name=shots-1-text]", "A wet rope, closer")
        assert serious(page) == []
        page.locator("#generate").click()
        expect(page.locator(".take")).to_have_count(2)
        page.locator(".take a").first.click()
        expect(page.locator(".family")).to_contain_text("Retake of a shot")
