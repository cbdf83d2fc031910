"""The player's own controls, on the page of a clip and in the lightbox alike: frames, speed, loop, sound, strip."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_journey import until_true

pytestmark = pytest.mark.e2e
CLIPS = ".take[data-clip]"


@pytest.fixture(scope="module")
def shelf(newcomer, writer, library):
    """A library of clips of a second: the state of a browser, and where it is."""
    _page, email = newcomer
    return writer, library(email, 12, films=12) + "&show=clips"


@dataclass
class Player:
    page: Page
    video: str
    transport: str
    strip: str

    def about(self, expression: str):
        return self.page.evaluate(f"(video => {expression})(document.querySelector('{self.video}'))")

    def becomes(self, expression: str) -> None:
        until_true(self.page, f"(video => {expression})(document.querySelector('{self.video}'))")

    def is_at(self, seconds: float) -> None:
        self.becomes(f"!video.seeking && Math.abs(video.currentTime - {seconds}) < 0.01")

    def button(self, name: str):
        return self.page.locator(self.transport).get_by_role("button", name=name, exact=True)

    @property
    def bar(self):
        return self.page.locator(self.strip)


@pytest.fixture(params=["page", "lightbox"])
def player(request, browse, shelf):
    """Paused at the first frame."""
    state, address = shelf
    page = browse(storage_state=state)
    page.goto(address)
    if request.param == "page":
        page.locator(f"{CLIPS} > a").first.click()
        page.wait_for_url("**/generations/**")
        found = Player(page, "#video", "#transport", "#strip")
    else:
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        found = Player(page, "#lightbox-video", "#lightbox-transport", "#lightbox-strip")
    found.becomes("video?.dataset.watched !== undefined && video.duration > 0")
    found.about("video.pause()")
    found.about("video.currentTime = 0")
    found.is_at(0)
    return found


class TestControls:
    def test_one_frame_on_and_back(self, player):
        frame = 1 / float(player.about("video.dataset.fps"))

        player.button("One frame on").click()
        player.is_at(frame)
        player.page.keyboard.press(".")
        player.is_at(2 * frame)
        player.page.keyboard.press(",")
        player.is_at(frame)
        player.button("One frame back").click()
        player.is_at(0)
        player.page.keyboard.press(",")  # there is none before the first

        player.is_at(0)
        assert player.about("video.paused")

    def test_a_frame_from_a_running_clip_stops_it(self, player):
        player.page.keyboard.press("Space")
        player.becomes("!video.paused")

        player.page.keyboard.press(".")

        player.becomes("video.paused")

    def test_slower_and_faster(self, player):
        speed = player.page.locator(f"{player.transport} [data-speed]")

        for key, rate in [(">", 1.5), (">", 2), (">", 2), ("<", 1.5), ("<", 1), ("<", 0.5), ("<", 0.25), ("<", 0.25)]:
            player.page.keyboard.press(key)
            player.becomes(f"video.playbackRate === {rate}")
            expect(speed).to_have_value(str(rate))
        speed.select_option("2")

        player.becomes("video.playbackRate === 2")

    def test_round_and_round(self, player):
        loop, was = player.button("Loop"), player.about("video.loop")
        expect(loop).to_have_attribute("aria-pressed", str(was).lower())

        player.page.keyboard.press("l")
        player.becomes(f"video.loop === {str(not was).lower()}")
        expect(loop).to_have_attribute("aria-pressed", str(not was).lower())
        loop.click()

        player.becomes(f"video.loop === {str(was).lower()}")

    def test_the_sound(self, player):
        mute = player.button("Sound off")

        mute.click()
        player.becomes("video.muted")
        expect(mute).to_have_attribute("aria-pressed", "true")
        mute.click()

        player.becomes("!video.muted")

    def test_play_and_pause_say_what_they_would_do(self, player):
        player.button("Play").click()
        player.becomes("!video.paused")
        player.button("Pause").click()

        player.becomes("video.paused")
        expect(player.button("Play")).to_be_visible()

    def test_the_strip_is_pressed_and_dragged(self, player):
        length = player.about("video.duration")
        player.bar.scroll_into_view_if_needed()
        box = player.bar.bounding_box()
        across = lambda share: (box["x"] + share * box["width"], box["y"] + box["height"] / 2)  # noqa: E731

        player.page.mouse.move(*across(0.5))
        player.page.mouse.down()
        player.is_at(length / 2)
        player.page.mouse.move(*across(0.75))
        player.is_at(length * 0.75)
        player.page.mouse.up()
        player.page.mouse.move(*across(0.25))

        player.is_at(length * 0.75)
        at = float(player.bar.evaluate("bar => bar.style.getPropertyValue('--at')"))
        assert at == pytest.approx(0.75, abs=0.02)

    def test_the_strip_is_a_slider_for_the_keyboard(self, player):
        length = player.about("video.duration")
        expect(player.bar).to_have_role("slider")
        player.bar.focus()

        for key, seconds in [("End", length), ("Home", 0), ("ArrowRight", min(1, length)), ("ArrowLeft", 0)]:
            player.page.keyboard.press(key)
            player.is_at(seconds)

        expect(player.bar).to_have_attribute("aria-valuenow", "0.0")
        expect(player.bar).to_have_attribute("aria-valuetext", re.compile(r"^0:00\.0 / 0:0\d"))
        expect(
            player.page.locator(player.video)
        ).to_be_visible()  # arrows were the strip's, not the way to another clip
