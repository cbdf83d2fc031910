"""Sign up, press Generate, watch the card, see the clip: as a creator does it."""

from __future__ import annotations

import re
import uuid

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e
PASSWORD = "a-calm-harbour-at-dusk"
WAY = ["waiting", "sending", "sent", "rendering", "saving", "ready"]
RENDERED = 300_000  # milliseconds until a take must be there, pictures drawn: many others may be before it
SHOTS = ["Wide: a harbour at blue hour", "Close-up: hands loosen a wet rope", "The boat slides out past the light"]


def sign_up(page) -> str:
    email = f"{uuid.uuid4().hex[:10]}@example.com"
    page.goto("/accounts/signup/")
    page.fill("[name=email]", email)
    page.fill("[name=password1]", PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    expect(page).to_have_url(re.compile("/studio/"))
    page.wait_for_load_state()  # the address changes before the page's scripts listen
    return email


def generate(page, prompt: str = "A paper boat in the rain", *, duration: int = 2) -> None:
    page.fill("#prompt", prompt)
    page.fill("[name=duration]", str(duration))
    page.select_option("#resolution", "720P")
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.url.endswith("/generations/")):
        page.get_by_role("button", name="Generate", exact=False).last.click()
    expect(page.locator(".take").first).to_be_visible()


def ready_take(page):
    """The first card once it shows its poster."""
    poster = page.locator(".take img").first
    expect(poster).to_be_visible(timeout=RENDERED)
    return poster


def compose_shots(page, music):
    """SHOTS of 2 s each with a sound, and what Wan is to receive."""
    page.locator("[data-closed][data-open-board]").click()
    for _ in range(len(SHOTS) - page.locator("#shots [data-shot]").count()):
        page.get_by_role("button", name="Add shot").click()
    for number, text in enumerate(SHOTS):
        page.fill(f"[name=shots-{number}-text]", text)
        page.fill(f"[name=shots-{number}-seconds]", "2")
    page.fill("#prompt", "A small harbour after rain, muted colours")
    page.set_input_files("#audio", music)
    page.select_option("#resolution", "720P")
    expect(page.locator("[name=duration]")).to_have_value("6")
    expect(page.locator("#compiled")).to_contain_text("Shot 2 [2-4s] Close-up: hands loosen a wet rope")


def states_until_ready(card) -> list[str]:
    """The states that its card shows one after the other."""
    seen: list[str] = []
    for _ in range(RENDERED // 150):
        state = card.get_attribute("data-state")
        if state is None:
            break
        if state not in seen[-1:]:
            seen.append(state)
        # Asks as if somebody looked again: at the page's own pace a slow machine passes a state over.
        card.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        card.page.wait_for_timeout(150)
    return seen


def plays_and_seeks(page, *, seconds):
    expect(page.locator("video")).to_be_visible()
    until_true(page, "document.querySelector('video').readyState >= 1")
    assert page.evaluate("document.querySelector('video').duration") == pytest.approx(seconds, abs=0.2)
    page.evaluate("() => { const v = document.querySelector('video'); v.muted = true; return v.play(); }")
    until_true(page, "document.querySelector('video').currentTime > 0.3")
    page.evaluate(f"document.querySelector('video').currentTime = {seconds - 1}")
    until_true(page, "!document.querySelector('video').seeking")
    assert page.evaluate("document.querySelector('video').currentTime") >= seconds - 1.1


def downloads(page):
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()
    assert started.value.suggested_filename.endswith(".mp4")
    assert started.value.path().read_bytes()[4:8] == b"ftyp"


class TestJourney:
    @pytest.mark.usefixtures("full_films")
    def test_from_sign_up_to_a_clip_that_plays_seeks_and_downloads(self, browse, music):
        page = browse()
        sign_up(page)
        expect(page.get_by_text("Nothing here yet")).to_be_visible()
        compose_shots(page, music)
        page.locator("#generate").click()

        card = page.locator(".take").first
        states = states_until_ready(card)
        assert states == [state for state in WAY if state in states]  # a slow machine may pass short ones over
        assert "rendering" in states
        ready_take(page)
        card.get_by_role("link").first.click()

        plays_and_seeks(page, seconds=6)
        downloads(page)
        recipe = page.get_by_label("Recipe")
        expect(recipe).to_contain_text("1280 × 720")
        expect(recipe).to_contain_text("harbour-theme.wav")
        expect(recipe).to_contain_text("hands loosen a wet rope")

    def test_second_visit_finds_the_clip_again(self, browse):
        page = browse()
        sign_up(page)
        generate(page)
        ready_take(page)

        page.reload()

        expect(page.locator(".take img").first).to_be_visible()
        assert page.locator("[data-live]").count() == 0

    def test_the_keyboards_place_is_kept_while_cards_change(self, browse):
        page = browse()
        sign_up(page)
        generate(page)
        card = page.locator(".take").first
        name = card.get_attribute("id")
        place = f"document.activeElement.closest('.take')?.id === '{name}'"
        card.get_by_role("link").focus()

        for state in states_until_ready(card):
            assert page.evaluate(place), state
        ready_take(page)

        assert page.evaluate(f"{place} && document.activeElement.matches('a')")

    def test_a_button_that_goes_with_its_state_leaves_the_keyboard_at_its_card(self, browse):
        page = browse()
        sign_up(page)
        page.route("**/generations/status?*", lambda route: route.abort())  # until the button has the keyboard
        generate(page)
        card = page.locator(".take").first
        card.get_by_role("button", name="Cancel").focus()
        browse.meant += ["ERR_FAILED", "htmx:sendError"]

        page.unroute("**/generations/status?*")
        expect(card.get_by_role("button", name="Cancel")).to_have_count(0)

        expect(card).to_be_focused()

    def test_poll_stops_when_nothing_is_unfinished(self, browse):
        page = browse()
        sign_up(page)
        generate(page)
        ready_take(page)
        expect(page.locator("#poller:not([data-polling])")).to_have_count(1)
        asked = []
        page.on("request", lambda request: asked.append(request.url) if "/status" in request.url else None)

        page.wait_for_timeout(7000)

        assert asked == []

    def test_refused_audio_gets_a_sentence_and_keeps_what_was_typed(self, browse, tmp_path):
        page = browse()
        sign_up(page)
        page.fill("#prompt", "A kite over the dunes")
        renamed = tmp_path / "song.mp3"
        renamed.write_bytes(b"MZ" + bytes(4096))

        page.set_input_files("#audio", renamed)

        expect(page.locator("#blocked")).to_contain_text("mp3 or wav")
        assert page.input_value("#prompt") == "A kite over the dunes"
        browse.meant.append("422")


def until_true(page, expression: str, seconds: float = 60) -> None:
    """Poll an expression; the page's CSP forbids Playwright's own way of waiting for one."""
    for _ in range(int(seconds * 20)):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {expression}")


class TestWithoutScript:
    def test_plain_forms_lead_to_the_clip(self, browse):
        page = browse(java_script_enabled=False)
        sign_up(page)
        page.fill("#prompt", "A paper boat in the rain")
        page.fill("[name=duration]", "2")
        page.select_option("#resolution", "720P")
        page.locator("#generate").click(force=True)  # off until a script sees the prompt; without one it still sends
        expect(page.locator(".take")).to_have_count(1)

        for _ in range(180):
            page.wait_for_timeout(1000)
            page.reload()
            if page.locator(".take img").count():
                break

        page.locator(".take a").first.click()
        expect(page.locator("video[controls]")).to_be_visible()


class TestAccessibility:
    @pytest.mark.parametrize("width", [1440, 390])
    def test_axe_finds_nothing_serious(self, browse, width):
        page = browse(width=width, height=844)
        page.goto("/accounts/login/")
        found = serious_in_both_themes(page)
        sign_up(page)
        found += serious_in_both_themes(page)
        generate(page)
        found += serious_in_both_themes(page)
        ready_take(page)
        found += serious_in_both_themes(page)
        page.locator(".take a").first.click()
        expect(page.locator("video")).to_be_visible()
        found += serious_in_both_themes(page)

        assert found == []


def serious_in_both_themes(page) -> list[str]:
    found = []
    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        found += serious(page)
    return found


SETTLED = """() => Promise.all(
    document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished.catch(() => {}))
)"""


def serious(page) -> list[str]:
    """Findings of axe that keep somebody from using the page: where and what."""
    page.wait_for_load_state()  # a press may have led here
    page.evaluate(SETTLED)  # colours on their way to a new theme are nobody's
    # Pages from the disk may not be read by scripts, so axe must not fetch their styles.
    response = Axe().run(page, options={"preload": not page.url.startswith("file:")}).response
    return [
        f"{page.url} {finding['id']}: {node['target']} {node['failureSummary']}"
        for finding in response["violations"]
        if finding["impact"] in ("serious", "critical")
        for node in finding["nodes"]
    ]
