"""The composer as it looks, kept as pictures: dock, board, sound lane, words and call sheet, wide and on a phone, dark
and light. What a picture can show by itself is checked: nothing lies beside the screen, no words are cut off, no
control lies on another, and on a phone each is as large as a thumb. `--basetemp` says where the pictures are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.test_composer import SHOTS
from tests.e2e.test_sound import song  # noqa: F401  a fixture

pytestmark = pytest.mark.e2e
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
FLAWS = Path(__file__).with_name("flaws.js").read_text()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    return tmp_path_factory.mktemp("composer")


@pytest.fixture(params=["dark", "light"])
def theme(request):
    return request.param


@pytest.fixture(params=["wide", "phone"])
def look(request, theme, priced, pictures):
    """`look(name, root)` keeps a picture and answers what is wrong in it; `look.page` is the studio."""
    page = priced(**(WIDE if request.param == "wide" else PHONE))

    def look(name, root="#composer"):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        page.wait_for_timeout(300)  # transitions end
        page.screenshot(path=pictures / f"{name}-{theme}-{request.param}.png")
        return [f"{name}: {flaw}" for flaw in page.evaluate(FLAWS, [root, request.param == "phone"])]

    look.page = page
    return look


class TestPictures:
    def test_of_the_composer(self, look, song):  # noqa: F811
        page, flaws = look.page, []
        flaws += look("empty")
        page.fill("#prompt", "A small fishing boat leaves the harbour at blue hour, its lamp mirrored in still water")
        flaws += look("dock")

        page.fill("#prompt", SHOTS)
        page.locator("[data-fill-board]").click()
        page.fill("#prompt", "A small harbour at blue hour after rain, muted colours, fine grain, distant gulls.")
        page.locator("[name=shots-1-text]").focus()
        flaws += look("board")

        page.set_input_files("#audio", song)
        expect(page.locator("#sound [data-wave] svg")).to_be_visible(timeout=60_000)
        flaws += look("lane")
        page.locator(".trim summary").click()
        page.locator(".trim").scroll_into_view_if_needed()
        flaws += look("trim")
        page.locator(".trim summary").click()

        page.locator("[data-open-words]").click()
        expect(page.locator("[data-word]").first).to_be_visible()
        flaws += look("words")
        page.locator("[data-close-words]").click()

        page.fill("[name=shots-1-seconds]", "2.5")
        page.fill("[name=shots-0-text]", "")
        page.locator("#duration").fill("40")
        flaws += look("reasons")

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
