"""The other pages as they look, kept as pictures: gallery, clip, comparison, project, team, money, screenings and the
person's own, wide and on a phone, dark and light. `--basetemp` says where the pictures are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ACCOUNT
from tests.e2e.pictures import SCREENS, Look
from tests.e2e.test_compare import choose
from tests.e2e.test_team import make_team

pytestmark = pytest.mark.e2e


@dataclass
class Shelf:
    """Somebody's studio with a little of everything; addresses."""

    state: dict
    grid: str
    project: str
    team: str
    room: str


@pytest.fixture(scope="module")
def shelf(newcomer, library, run):
    page, email = newcomer
    grid = library(email, 40, films=3)
    run(*ACCOUNT, "make", email, "singapore", "50")
    uuid = grid.rpartition("=")[2]
    make_team(page, "Harbour crew")
    team = page.url
    page.get_by_label("E-mail").fill("guest@example.com")
    page.get_by_role("button", name="Send invitation").click()
    page.goto(f"{grid}&show=clips")
    page.locator(".take").first.get_by_role("link").first.click()
    page.get_by_role("link", name="Share with a link").click()
    page.get_by_role("button", name="Make the link").click()
    room = page.locator(".address").input_value()
    return Shelf(page.context.storage_state(), grid, uuid, team, room)


@pytest.fixture
def look(theme, screen, browse, shelf, pictures):
    page = browse(storage_state=shelf.state, **SCREENS[screen])
    browse.meant.append("status of 404")  # most clips have pictures only, and one plays wherever the mouse rests
    return Look(page, pictures, theme=theme, screen=screen)


def seen(look, **pages):
    """What is wrong in these pages, by name and address."""
    flaws = []
    for name, address in pages.items():
        look.page.goto(address)
        flaws += look(name, "body")
    return flaws


class TestPictures:
    def test_of_the_gallery(self, look, shelf):
        page, clips = look.page, f"{shelf.grid}&show=clips"
        flaws = seen(look, scenes=shelf.grid, clips=clips, found=f"{clips}&q=harbour", nothing=f"{clips}&q=zzzz")

        page.goto(clips)
        page.locator(".take").first.get_by_role("link").first.click()
        expect(page.locator("#video")).to_be_attached()
        flaws += look("clip", "body")
        about = f"?project={shelf.project}"
        flaws += seen(
            look, collections=f"/collections/{about}", trash=f"/trash/{about}", history=f"/studio/history/{about}"
        )

        assert not flaws, "\n".join(flaws)

    def test_of_judging(self, look, shelf):
        page, clips = look.page, f"{shelf.grid}&show=clips"
        page.goto(clips)
        page.get_by_role("button", name="Filters").click()
        expect(page.locator("#facets .count").first).to_be_attached()
        flaws = look("filters", "#facets")
        page.locator("#facets").evaluate("menu => menu.scrollTo(0, menu.scrollHeight)")
        flaws += look("filters-end", "#facets")
        page.keyboard.press("Escape")

        choose(page, 0, 1)
        expect(page.locator("[data-matches]")).not_to_have_text("")
        flaws += look("selection", "body")
        page.get_by_role("button", name="Rate", exact=True).click()
        flaws += look("selection-rate", "#bulk-rate")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Tag, collect, move").click()
        expect(page.locator("#bulk-menu")).to_be_visible()
        flaws += look("selection-organise", "#bulk-menu")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Compare").click()
        page.wait_for_url("**/compare/**")
        expect(page.locator("#pair video").first).to_be_attached()
        flaws += look("compare", "body")

        page.goto(clips)
        page.locator(".take[data-clip] a").first.focus()
        page.keyboard.press("Space")
        expect(page.locator("#lightbox-place")).to_have_text(re.compile("1 /"))
        flaws += look("lightbox", "#lightbox")

        assert not flaws, "\n".join(flaws)

    def test_of_keeping(self, look, shelf):
        page = look.page
        page.goto(f"{shelf.grid}&show=clips")
        choose(page, 0, 1, 2)
        page.get_by_role("button", name="Tag, collect, move").click()
        page.get_by_label("Name of a new collection").fill("Best of the harbour")
        page.get_by_role("button", name="Make it").click()
        expect(page.locator(".toast")).to_contain_text("collected")
        page.goto(f"/collections/?project={shelf.project}")
        page.get_by_role("link", name="Best of the harbour").first.click()
        expect(page.locator("h1")).to_have_text("Best of the harbour")

        flaws = look("collection", "body")
        page.goto(shelf.grid)
        edited = page.locator(".scene-menu").first.get_attribute("href")
        take = page.locator(".take[data-clip]").first.get_attribute("data-take")
        flaws += seen(
            look,
            **{"collections-some": f"/collections/?project={shelf.project}&find=harbour"},
            scene=f"{edited}?find=a",
            organise=f"/generations/bulk/choices?here={shelf.project}&take={take}&find=a",
            facets=f"/studio/facets?project={shelf.project}&find_tag=te&max_seconds=5",
        )

        assert not flaws, "\n".join(flaws)

    def test_of_team_and_money(self, look, shelf):
        about = f"?project={shelf.project}"

        flaws = seen(
            look,
            projects="/projects/",
            project=f"/projects/{shelf.project}/",
            settings=f"/projects/{shelf.project}/settings",
            team=shelf.team,
            teams="/teams/",
            wan=f"{shelf.team}wan/",
            usage=f"/usage/{about}",
            budgets=f"/usage/budgets{about}",
            rescue="/rescue/",
        )

        assert not flaws, "\n".join(flaws)

    def test_of_screenings_and_the_person(self, look, shelf):
        about = f"?project={shelf.project}"

        flaws = seen(
            look,
            screenings=f"/screenings/{about}",
            room=shelf.room,
            profile="/accounts/profile/",
            email="/accounts/email/",
            sessions="/accounts/sessions/",
            factors="/accounts/2fa/",
            data="/accounts/data/",
            bell="/notifications/",
        )

        assert not flaws, "\n".join(flaws)
