"""The note of what was done, with the way to undo it: in sight on every page, above whatever stands at its foot."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_compare import choose
from tests.e2e.test_journey import sign_up

pytestmark = pytest.mark.e2e
IS_REACHED = """(button) => {
  const { left, top, width, height } = button.getBoundingClientRect();
  return button.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}"""


def undo(page):
    """Wherever the button can be pressed without scrolling."""
    button = page.locator(".toast").get_by_role("button", name="Undo")
    expect(button).to_be_in_viewport(ratio=1)
    expect(page.locator(".toast")).to_be_in_viewport(ratio=1)
    assert button.evaluate(IS_REACHED)
    button.click()
    expect(page.locator(".toast")).to_contain_text("Undone.")
    expect(page.locator(".toast")).to_be_in_viewport(ratio=1)


def collect(page, name):
    """All that the grid shows, into a new collection."""
    page.get_by_role("button", name=re.compile("Organise")).click()
    page.get_by_label("Name of a new collection").fill(name)
    page.get_by_role("button", name="Make it").click()


@pytest.mark.parametrize("screen", [{"width": 1440, "height": 700}, {"width": 390, "height": 700, "is_mobile": True}])
def test_is_in_sight_above_the_dock_and_without_one(browse, library, screen):
    page = browse(**screen)
    grid = library(sign_up(page), 40, films=40) + "&show=clips"
    page.goto(grid)
    choose(page, *range(24))
    collect(page, "Best of")
    undo(page)
    choose(page, *range(24))
    collect(page, "Best of all")
    expect(page.locator(".toast")).to_contain_text("Best of all")
    expect(page.locator(".toast")).to_be_in_viewport(ratio=1)

    page.goto("/collections/")
    page.get_by_role("link", name="Best of all").click()
    expect(page.locator(".kept")).to_have_count(24)
    choose(page, 0, 1)
    page.locator("#selection [name=do][value=take-out]").click()
    undo(page)
    page.reload()
    choose(page, *range(20))
    page.locator("#selection [name=do][value=trash]").click()
    choose(page, 21)  # the bar of what is selected stands there again
    expect(page.locator(".toast")).to_be_in_viewport(ratio=1)

    page.goto(grid.replace("/studio/", "/trash/"))
    expect(page.locator(".kept")).to_have_count(20)
    choose(page, 0)
    page.get_by_role("button", name="Restore").click()
    undo(page)


def test_stays_in_sight_when_a_long_board_fills_a_phone(browse, library):
    page = browse(width=390, height=664)
    page.goto(library(sign_up(page), 4, films=4) + "&show=clips")
    page.locator("[data-open-board]:visible").first.click()
    for _ in range(2):
        page.get_by_role("button", name="Add shot").click()

    page.locator(".take .pick input").first.evaluate("box => box.click()")
    page.locator("#selection [value=favour]").evaluate("button => button.click()")

    undo(page)
