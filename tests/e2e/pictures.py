"""Pictures of pages, and what they show by themselves: nothing lies beside the screen, no words are cut off, no control
lies on another, and on a phone each is as large as a thumb."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.test_journey import SETTLED

FLAWS = Path(__file__).with_name("flaws.js").read_text()
SCREENS = {
    "wide": {"width": 1440, "height": 900},
    "phone": {"width": 390, "height": 844, "is_mobile": True, "has_touch": True, "device_scale_factor": 2},
}


class Look:
    """`look(name, root)` keeps a picture of the page and answers what is wrong in it."""

    def __init__(self, page, folder: Path, *, theme: str, screen: str) -> None:
        self.page, self._folder, self._theme, self._screen = page, folder, theme, screen

    def __call__(self, name: str, root: str = "main") -> list[str]:
        self.page.wait_for_load_state()  # a press may have led here
        self.page.evaluate(f"document.documentElement.dataset.theme = '{self._theme}'")
        self.page.wait_for_timeout(300)  # what comes after a moment begins
        self.page.evaluate(SETTLED)
        self.page.screenshot(path=self._folder / f"{name}-{self._theme}-{self._screen}.png")
        return [f"{name}: {flaw}" for flaw in self.page.evaluate(FLAWS, [root, self._screen == "phone"])]
