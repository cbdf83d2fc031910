"""Every key that the sheet of keys lists does what the sheet says, where it says."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_journey import until_true

pytestmark = pytest.mark.e2e
CLIPS = ".take[data-clip]:not([hidden])"
OF_BOARD = {"Ctrl", "⌘", "Alt", "Home", "End"}  # test_composer, test_board


@pytest.fixture(scope="module")
def shelf(newcomer, writer, library):
    """A library of clips of a second: the state of a browser, and where it is."""
    _page, email = newcomer
    return writer, library(email, 16, films=16) + "&show=clips"


@pytest.fixture
def grid(browse, shelf):
    state, address = shelf
    page = browse(storage_state=state)
    page.goto(address)
    return page


@pytest.fixture
def lightbox(grid):
    grid.keyboard.press("ArrowRight")
    grid.keyboard.press("Space")
    expect(grid.locator("#lightbox-place")).to_have_text(re.compile("1 /"))
    return grid


@pytest.fixture
def clip(grid):
    grid.locator(f"{CLIPS} > a").nth(1).click()
    grid.wait_for_url("**/generations/**")
    expect(grid.locator("#video[data-watched]")).to_be_attached()
    return grid


def judge(page, pressed, stars):
    """F, K, J and the figures, each with what it turns on and off again; `pressed(name)` is its button, `stars()` how
    many are lit."""
    for key, name in [("f", "Favourite"), ("k", "Pick"), ("j", "Reject")]:
        was = pressed(name).get_attribute("aria-pressed")
        for state in ("false" if was == "true" else "true", was):
            page.keyboard.press(key)
            expect(pressed(name)).to_have_attribute("aria-pressed", state)
    for figure in "123450":
        page.keyboard.press(figure)
        stars(int(figure))


class TestComposer:
    def test_prompt_board_and_words(self, grid):
        board, words = grid.locator("#board"), grid.locator("#words")
        for is_open in (True, False):
            grid.keyboard.press("b")
            expect(board).to_be_visible(visible=is_open)
            grid.evaluate("document.activeElement.blur()")  # a shot that is written in
        for is_open in (True, False):
            grid.keyboard.press("w")
            expect(words).to_be_visible(visible=is_open)
            grid.evaluate("document.activeElement.blur()")  # their search

        grid.keyboard.press("/")

        expect(grid.locator("#prompt")).to_be_focused()
        grid.keyboard.press("b")  # is a letter now
        expect(board).to_be_hidden()


class TestGrid:
    def test_ways_through_it(self, grid):
        tiles = grid.locator(CLIPS)
        focused = "document.activeElement.closest('.take')?.id"

        grid.keyboard.press("ArrowRight")
        assert grid.evaluate(focused) == tiles.nth(0).get_attribute("id")
        grid.keyboard.press("ArrowRight")
        assert grid.evaluate(focused) == tiles.nth(1).get_attribute("id")
        grid.keyboard.press("ArrowLeft")
        assert grid.evaluate(focused) == tiles.nth(0).get_attribute("id")
        grid.keyboard.press("ArrowDown")
        below = grid.locator(f"#{grid.evaluate(focused)}")
        assert below.bounding_box()["y"] > tiles.nth(0).bounding_box()["y"]
        grid.keyboard.press("ArrowUp")
        assert grid.evaluate(focused) == tiles.nth(0).get_attribute("id")
        grid.keyboard.press("Enter")

        grid.wait_for_url("**/generations/**")

    def test_judging(self, grid):
        tile = grid.locator(CLIPS).first
        for key, name, values in [
            ("f", "data-favourite", ("1", "0")),
            ("k", "data-pick", ("1", "0")),
            ("j", "data-pick", ("-1", "0")),
        ]:
            if tile.get_attribute(name) == values[0]:
                values = values[::-1]
            for value in values:
                tile.locator("a").first.focus()
                grid.keyboard.press(key)
                expect(tile).to_have_attribute(name, value)
        for figure in "123450":
            tile.locator("a").first.focus()
            grid.keyboard.press(figure)
            expect(tile).to_have_attribute("data-rating", figure)

    def test_selecting_and_comparing(self, grid):
        boxes = grid.locator(".take[data-clip] .pick input")
        grid.keyboard.press("ArrowRight")
        grid.keyboard.press("x")
        expect(boxes.nth(0)).to_be_checked()
        grid.keyboard.press("x")
        expect(boxes.nth(0)).not_to_be_checked()
        grid.keyboard.press("x")
        boxes.nth(3).evaluate("box => box.dispatchEvent(new MouseEvent('click', { bubbles: true, shiftKey: true }))")
        expect(grid.locator(".take[data-clip] .pick input:checked")).to_have_count(4)
        grid.keyboard.press("Escape")
        expect(grid.locator(".take[data-clip] .pick input:checked")).to_have_count(0)
        for _take in range(2):
            grid.keyboard.press("x")
            grid.keyboard.press("ArrowRight")

        grid.keyboard.press("c")

        grid.wait_for_url("**/compare/**")
        assert len(re.findall("take=", grid.url)) == 2

    def test_trash_and_undo(self, grid):
        tile = grid.locator(CLIPS).first
        gone = grid.locator(f"#{tile.get_attribute('id')}")
        grid.keyboard.press("ArrowRight")

        grid.keyboard.press("Delete")
        expect(gone).to_be_hidden()
        until_true(grid, "document.activeElement.closest('.take') !== null")  # the next one has the keyboard
        grid.keyboard.press("z")

        expect(gone).to_be_visible()

    def test_the_lightbox_and_the_list_of_keys(self, grid):
        grid.keyboard.press("ArrowRight")
        grid.keyboard.press("Space")
        expect(grid.locator("#lightbox")).to_be_visible()
        grid.keyboard.press("Escape")
        expect(grid.locator("#lightbox")).to_be_hidden()

        grid.keyboard.press("?")

        expect(grid.locator("#keys")).to_be_visible()


class TestLightbox:
    def test_ways_through_it(self, lightbox):
        place = lightbox.locator("#lightbox-place")
        for key, number in [("ArrowRight", 2), ("ArrowDown", 3), ("ArrowUp", 2), ("ArrowLeft", 1)]:
            lightbox.keyboard.press(key)
            expect(place).to_have_text(re.compile(f"^{number} /"))
        lightbox.keyboard.press("Enter")

        lightbox.wait_for_url("**/generations/**")

    def test_judging(self, lightbox):
        box = lightbox.locator("#lightbox")

        def stars(many):
            expect(box.locator("[data-do=rate][data-lit]")).to_have_count(many)

        judge(lightbox, lambda name: box.get_by_role("button", name=name, exact=True), stars)

    def test_selecting(self, lightbox):
        select = lightbox.locator("#lightbox [data-do=select]")
        for state in ("true", "false"):
            lightbox.keyboard.press("x")
            expect(select).to_have_attribute("aria-pressed", state)

    def test_trash_and_undo(self, lightbox):
        video = lightbox.locator("#lightbox-video")
        source = video.get_attribute("src")

        lightbox.keyboard.press("Delete")
        expect(video).not_to_have_attribute("src", source)
        lightbox.keyboard.press("z")

        expect(video).to_have_attribute("src", source)


class TestPage:
    def test_to_the_clips_beside_it(self, clip):
        address = clip.url

        clip.keyboard.press("ArrowRight")
        expect(clip).not_to_have_url(address)
        expect(clip.locator("#video[data-watched]")).to_be_attached()
        clip.wait_for_load_state()
        clip.keyboard.press("ArrowLeft")

        expect(clip).to_have_url(address)

    def test_judging(self, clip):
        stage = clip.locator("#stage")

        def stars(many):
            expect(stage.locator(".stars-form [data-lit]")).to_have_count(many)

        keys = {"Favourite": "f", "Pick": "k", "Reject": "j"}
        judge(clip, lambda name: stage.locator(f"[data-key={keys[name]}]"), stars)

    def test_trash(self, clip):
        clip.keyboard.press("Delete")

        expect(clip.locator("#messages, .toast").first).to_contain_text("trash")
        clip.get_by_role("button", name="Restore").click()  # the library is the other tests', too
        expect(clip.get_by_role("button", name="Restore")).to_have_count(0)

    @pytest.mark.parametrize(("key", "use"), [("a", "all"), ("p", "prompt"), ("s", "seed"), ("r", "remix")])
    def test_use(self, clip, key, use):
        clip.keyboard.press(key)

        clip.wait_for_url(re.compile(rf"/studio/\?from=[0-9a-f-]+&use={use}"))
        expect(clip.locator("#composer")).to_be_visible()

    def test_a_verdict(self, clip):
        stage = clip.locator("#stage")
        for key, word in [("y", "approved"), ("n", "changes")]:
            clip.keyboard.press(key)
            expect(stage.locator(f'[name=verdict][value="{word}"]')).to_have_attribute("aria-pressed", "true")

    def test_download(self, clip):
        with clip.expect_download() as started:
            clip.keyboard.press("d")

        assert started.value.suggested_filename.endswith(".mp4")

    def test_a_comment(self, clip):
        clip.keyboard.press("m")

        expect(clip.locator("#comment")).to_be_focused()

    def test_the_list_of_keys(self, clip):
        clip.keyboard.press("?")

        expect(clip.locator("#keys")).to_be_visible()


class TestListOfKeys:
    def test_lists_what_is_tested_here_and_nothing_else(self, grid):
        keys = set(grid.locator("#keys kbd").evaluate_all("all => all.map((kbd) => kbd.textContent)"))

        of_composer = {"/", "B", "W"} | OF_BOARD
        of_player = {"Space", ",", ".", "<", ">", "L"}
        judging = {"F", "K", "J", "X", "Z", "C", "Del", "0", "1", "5"}
        ways = {"←", "→", "↑", "↓", "Enter", "Esc", "?"}
        of_page = {"A", "P", "S", "R", "Y", "N", "D", "M"}
        assert keys == of_composer | of_player | judging | ways | of_page
