"""The composer as it looks, kept as pictures: dock, board, sound lane, words and call sheet, wide and on a phone, dark
and light. `--basetemp` says where the pictures are kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.pictures import SCREENS, Look
from tests.e2e.test_composer import SHOTS
from tests.e2e.test_journey import RENDERED
from tests.e2e.test_sound import song  # noqa: F401  a fixture

pytestmark = pytest.mark.e2e


@pytest.fixture
def look(theme, screen, priced, pictures):
    return Look(priced(**SCREENS[screen]), pictures, theme=theme, screen=screen)


class TestPictures:
    def test_of_the_composer(self, look, song):  # noqa: F811
        page, flaws = look.page, []
        flaws += look("empty", "#composer")
        page.fill("#prompt", "A small fishing boat leaves the harbour at blue hour, its lamp mirrored in still water")
        flaws += look("dock", "#composer")

        page.fill("#prompt", SHOTS)
        page.locator("[data-fill-board]").click()
        page.fill("#prompt", "A small harbour at blue hour after rain, muted colours, fine grain, distant gulls.")
        page.locator("[name=shots-1-text]").focus()
        flaws += look("board", "#composer")

        page.set_input_files("#audio", song)
        expect(page.locator("#sound [data-wave] svg")).to_be_visible(timeout=RENDERED)
        flaws += look("lane", "#composer")
        page.locator(".trim summary").click()
        page.locator(".trim").scroll_into_view_if_needed()
        flaws += look("trim", "#composer")
        page.locator(".trim summary").click()

        page.locator("[data-open-words]").click()
        expect(page.locator("[data-word]").first).to_be_visible()
        flaws += look("words", "#composer")
        page.locator("[data-close-words]").click()

        page.fill("[name=shots-1-seconds]", "2.5")
        page.fill("[name=shots-0-text]", "")
        page.locator("#duration").fill("40")
        flaws += look("reasons", "#composer")

        assert flaws == []

    def test_of_the_call_sheet(self, look):
        page = look.page
        project = page.locator("#composer-hidden [name=project]").input_value()
        page.goto(f"/studio/sheet/?project={project}")
        page.fill(
            "#text", "prompt,seed,ratio\nA small boat leaves the harbour,7,16:9\nSnow over the pier,8,9:16\nRain,x,\n"
        )
        expect(page.locator("#sheet-rows")).to_contain_text("1 to mend")
        flaws = look("sheet", "#call-sheet")

        page.locator("#sheet-rows").scroll_into_view_if_needed()
        page.locator("#edit-1").click()
        expect(page.locator("#row-duration")).to_be_visible()
        flaws += look("row", "#sheet-rows")

        assert flaws == []
