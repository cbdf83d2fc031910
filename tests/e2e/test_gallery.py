"""The gallery from day to day: previews, tiles, scenes, the way back, what leaves it, and for everybody."""

from __future__ import annotations

import re
import zipfile

import av
import pytest
from playwright.sync_api import expect

from tests.e2e.test_compare import choose
from tests.e2e.test_journey import RENDERED, serious, until_true
from tests.e2e.test_reuse import saved

pytestmark = pytest.mark.e2e
CLIPS = ".take[data-clip]"
CLIPS_MADE = 80
COUNT_PREVIEWS = """() => {
  window.mostPreviews = 0;
  const count = () => {
    window.mostPreviews = Math.max(window.mostPreviews, document.querySelectorAll("video.preview").length);
  };
  new MutationObserver(count).observe(document.body, { childList: true, subtree: true });
}"""
FIRST_TILES = """[...document.querySelectorAll('.take[data-clip]')].slice(0, 6).map((tile) => {
  const { width, height } = tile.getBoundingClientRect();
  const [wide, high] = tile.style.getPropertyValue("--ratio").split("/");
  return [[width, height], wide / high];
})"""
MAKE_COLLECTIONS = """async () => {
  const value = (name) => document.querySelector(`#selection [name=${name}]`).value;
  const [csrfmiddlewaretoken, project] = [value("csrfmiddlewaretoken"), value("here")];
  for (let number = 1; number <= 13; number += 1) {
    const body = new URLSearchParams({ csrfmiddlewaretoken, project, name: `Shelf ${number}` });
    await fetch("/collections/create", { method: "POST", body });
  }
}"""
SAVES_DATA = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"


@pytest.fixture(scope="module")
def shelf(newcomer, writer, library):
    """One person's library for this module: the state of her browser, and where it is. All clips play."""
    _page, email = newcomer
    return writer, library(email, CLIPS_MADE, films=CLIPS_MADE)


@pytest.fixture
def open_grid(browse, shelf):
    """Opens it, with these filters."""

    def open_grid(query="&show=clips", *, before="", **options):
        state, address = shelf
        page = browse(storage_state=state, **options)
        if before:
            page.add_init_script(before)
        page.goto(address + query)
        return page

    return open_grid


COUNT_SHIFTS = """new PerformanceObserver((list) => {
  for (const { sources, value } of list.getEntries()) {
    if (sources.some(({ node }) => node?.closest?.(".take"))) window.shifted = (window.shifted ?? 0) + value;
  }
}).observe({ type: "layout-shift" })"""


class TestScrolling:
    @pytest.mark.parametrize("width", [1440, 1000])
    def test_nothing_jumps_when_the_next_page_comes(self, open_grid, width):
        page = open_grid(width=width)
        page.evaluate(COUNT_SHIFTS)
        last = page.locator(CLIPS).last
        expect(last).to_have_css("visibility", "hidden")  # of a row that the next page makes whole
        before = page.locator(CLIPS).count()

        for _ in range(400):
            page.mouse.wheel(0, 4000)
            if page.locator(CLIPS).count() > before:
                break
        page.mouse.wheel(0, 4000)

        expect(page.locator(CLIPS).last).to_have_css("visibility", "visible")
        assert page.locator(".take.held").count() == 0
        assert page.evaluate("window.shifted ?? 0") < 0.01

    def test_a_page_that_cannot_be_loaded_says_so_and_comes_by_a_press(self, open_grid, browse):
        page = open_grid()
        clips, failed = page.locator(CLIPS).count(), page.locator(".older .when-failed")
        expect(failed).to_be_hidden()
        page.route("**before=*", lambda route: route.abort())

        page.locator("#older").scroll_into_view_if_needed()

        expect(failed).to_be_visible()
        expect(failed).to_have_text("It could not be loaded. Press to try again.")
        assert page.locator(CLIPS).count() == clips
        page.unroute("**before=*")
        page.get_by_role("link", name="Show more").click()
        expect(page.locator(".older .when-failed:visible")).to_have_count(0)
        until_true(page, f"document.querySelectorAll('{CLIPS}').length > {clips}")
        browse.meant += ["ERR_FAILED", "htmx:sendError"]

    def test_without_script_the_whole_page_is_seen(self, open_grid):
        page = open_grid(java_script_enabled=False)

        expect(page.locator(CLIPS).last).to_be_visible()

    def test_without_script_the_bar_says_no_number(self, open_grid):
        page = open_grid(java_script_enabled=False)

        page.locator(f"{CLIPS} .pick input").nth(1).check()

        expect(page.locator("#selection output")).to_be_visible()
        said = "getComputedStyle(document.querySelector('#selection output'), '::before').content"
        assert page.locator("#selection output").inner_text() == "Selected takes"
        assert page.evaluate(said) == "none"

    @pytest.mark.parametrize("width", [1280, 1366, 1440])
    def test_all_states_are_seen_with_large_counts(self, open_grid, width):
        page = open_grid(width=width)
        expect(page.locator("#shows .count").first).to_be_visible()

        page.evaluate("for (const count of document.querySelectorAll('#shows .count')) count.textContent = '888'")

        assert page.evaluate("(([row]) => row.scrollWidth - row.clientWidth)(document.querySelectorAll('#shows'))") <= 1


class TestPreview:
    def test_one_at_a_time_muted_and_after_a_moment(self, open_grid):
        page = open_grid()
        page.evaluate(COUNT_PREVIEWS)
        previews = page.locator("video.preview")

        for number in (0, 1, 2, 1, 0):  # faster than the moment of rest
            page.locator(CLIPS).nth(number).hover()
        page.locator(CLIPS).nth(1).hover()
        until_true(page, "document.querySelector('video.preview')?.currentTime > 0")
        assert page.evaluate("document.querySelector('video.preview').muted")
        assert page.locator(CLIPS).nth(1).locator("video.preview").count() == 1
        page.locator(CLIPS).nth(2).hover()
        expect(page.locator(CLIPS).nth(2).locator("video.preview")).to_have_count(1)
        page.locator("#q").hover()

        expect(previews).to_have_count(0)
        assert page.evaluate("window.mostPreviews") == 1

    def test_only_after_a_moment_of_rest(self, open_grid):
        page = open_grid()
        page.clock.install()
        page.reload()
        page.clock.pause_at(page.evaluate("Date.now()") + 60_000)  # ahead of what a busy machine takes to get there
        page.locator(CLIPS).first.hover()

        page.clock.run_for(290)
        assert page.locator("video.preview").count() == 0
        page.clock.run_for(20)

        expect(page.locator("video.preview")).to_have_count(1)

    @pytest.mark.parametrize(
        "options", [{"reduced_motion": "reduce"}, {"before": SAVES_DATA}], ids=["reduced-motion", "data-saver"]
    )
    def test_never_where_somebody_asked_for_less(self, open_grid, options):
        page = open_grid(**options)
        page.evaluate(COUNT_PREVIEWS)

        page.locator(CLIPS).first.hover()
        page.wait_for_timeout(600)  # it would come after 300 ms

        assert page.evaluate("window.mostPreviews") == 0


class TestTile:
    def test_its_room_is_kept_before_the_poster_comes(self, open_grid):
        page, held = open_grid("&show=clips&sort=oldest"), []
        page.route("**/poster*", lambda route: route.continue_() if held is None else held.append(route))
        page.reload(wait_until="domcontentloaded")
        expect(page.locator(f"{CLIPS} img").first).to_be_attached()
        before = page.evaluate(FIRST_TILES)

        held, waiting = None, held
        for route in waiting:
            route.continue_()
        until_true(page, "[...document.querySelectorAll('.take img')].slice(0, 6).every((image) => image.naturalWidth)")

        assert page.evaluate(FIRST_TILES) == before
        assert len({round(ratio, 2) for _box, ratio in before}) > 1
        for (width, height), ratio in before:
            assert width / height == pytest.approx(ratio, rel=0.02)

    def test_its_buttons_do_what_they_say(self, open_grid):
        page = open_grid()
        tile = page.locator(CLIPS).first
        was = tile.get_attribute("data-favourite")
        tile.hover()

        tile.get_by_role("button", name="Favourite").click()

        expect(tile).to_have_attribute("data-favourite", "0" if was == "1" else "1")
        expect(page.locator(".toast")).to_be_visible()
        tile.hover()
        tile.get_by_role("button", name="Watch here").click()
        expect(page.locator("#lightbox")).to_be_visible()
        page.keyboard.press("Escape")
        tile.hover()
        tile.get_by_role("button", name="Again with a new seed").click()
        expect(page.locator(".toast")).to_contain_text("is on its way")

    def test_their_answer_finds_its_place_though_the_tile_is_drawn_anew_meanwhile(self, open_grid):
        page, held = open_grid(), []
        tile = page.locator(CLIPS).nth(1)
        page.route("**/favourite", lambda route: held.append(route))
        tile.hover()
        with page.expect_request("**/favourite"):
            tile.get_by_role("button", name="Favourite").click()

        page.evaluate(
            """tile => {
              const fresh = document.getElementById(tile).cloneNode(true);
              fresh.setAttribute("hx-swap-oob", "true");
              htmx.swap("#announce", fresh.outerHTML, { swapStyle: "none" });
            }""",
            tile.get_attribute("id"),
        )
        held[0].continue_()

        expect(page.locator(".toast")).to_be_visible()

    def test_without_script_they_are_forms(self, open_grid):
        page = open_grid(java_script_enabled=False)
        tile = page.locator(CLIPS).first
        tile.hover()

        tile.get_by_role("button", name="Favourite").click()

        expect(page).to_have_url(re.compile(r"/generations/[0-9a-f-]+/$"))
        expect(page.locator("#messages")).to_contain_text("favourite")

    def test_a_missing_small_poster_is_the_large_one(self, open_grid, browse):
        page = open_grid()
        page.route("**/poster?size=small", lambda route: route.fulfill(status=404))

        page.reload()

        until_true(page, "[...document.querySelectorAll('.take img')].slice(0, 3).every((image) => image.naturalWidth)")
        expect(page.locator(".no-picture")).to_have_count(0)
        browse.meant.append("status of 404")


class TestMenus:
    """Their buttons stand outside of the selection's form."""

    def test_the_keyboard_goes_on_at_what_was_selected(self, open_grid):
        page = open_grid("&show=clips&sort=oldest")
        ids = [page.locator(CLIPS).nth(place).get_attribute("id") for place in range(3)]
        choose(page, 1)
        page.get_by_role("button", name="Rate", exact=True).click()
        page.keyboard.press("Tab")

        page.locator("#bulk-rate [value='pick:1']").press("Enter")
        expect(page.locator(f"#{ids[1]} > a")).to_be_focused()
        choose(page, 1)
        page.locator("#selection [value=trash]").press("Enter")

        expect(page.locator(f"#{ids[2]} > a")).to_be_focused()
        page.locator(".toast").get_by_role("button", name="Undo").click()  # the library is the other tests', too
        expect(page.locator(f"#{ids[1]}")).to_be_visible()

    def test_rate_and_tag_what_is_selected(self, open_grid):
        page = open_grid("&show=clips&sort=oldest")
        tiles = page.locator(CLIPS)
        choose(page, 3, 4)
        page.get_by_role("button", name="Rate", exact=True).click()
        page.locator("#bulk-rate").get_by_role("button", name="4 stars").click()
        for number in (3, 4):
            expect(tiles.nth(number)).to_have_attribute("data-rating", "4")
        expect(page.locator("#bulk-rate")).to_be_hidden()

        choose(page, 3)
        was = tiles.nth(3).get_attribute("data-favourite")
        page.get_by_role("button", name="Tag, collect, move").click()
        page.get_by_label("Tags").fill("night shift")
        page.keyboard.press("Enter")

        expect(page.locator(".toast")).to_contain_text("tagged")
        assert tiles.nth(3).get_attribute("data-favourite") == was
        page.goto(page.url + "&tag=night+shift")
        expect(page.locator("#results .take")).to_have_count(1)

    def test_what_takes_are_moved_into_is_found_by_typing(self, open_grid):
        page = open_grid()
        page.evaluate(MAKE_COLLECTIONS)
        choose(page, 3)
        page.get_by_role("button", name="Tag, collect, move").click()
        find, collections = (
            page.get_by_label("Find a collection, scene or project"),
            page.locator("#bulk-collection option"),
        )
        expect(collections.filter(has_text="Shelf")).to_have_count(13)  # fewer need no search
        page.get_by_label("Name of a new collection").fill("Another one")

        find.fill("shelf 12")
        expect(collections).to_have_text(["Shelf 12"])
        expect(page.get_by_label("Name of a new collection")).to_have_value("Another one")
        find.fill("zzzz")
        expect(page.locator("#bulk-goals")).to_contain_text("Nothing has these words in its name.")
        find.fill("")

        expect(collections.filter(has_text="Shelf")).to_have_count(13)
        expect(page.locator("#bulk-menu")).to_be_visible()


class TestPlace:
    def test_is_said_among_all_that_match(self, open_grid):
        page = open_grid()
        many = page.locator("#show-clips .count").inner_text()
        assert page.locator(CLIPS).count() < int(many)

        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")

        expect(page.locator("#lightbox-place")).to_have_text(f"1 / {many}")


class TestKeys:
    def test_the_sheet_opens_over_the_lightbox_and_closes_alone(self, open_grid):
        page = open_grid()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        expect(page.locator("#lightbox-place")).to_have_text(re.compile(r"1 / \d+"))
        place = page.locator("#lightbox-place").inner_text()

        page.keyboard.press("?")

        sheet = page.locator("#keys")
        expect(sheet).to_be_visible()
        for words in ("Favourite", "Stars, none", "Pick, reject", "Compare the selected two", "Slower, faster, loop"):
            expect(sheet).to_contain_text(words)
        page.keyboard.press("ArrowRight")  # is the sheet's, not the lightbox's
        assert serious(page) == []
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        expect(page.locator("#lightbox")).to_be_visible()
        expect(page.locator("#lightbox-place")).to_have_text(place)
        page.keyboard.press("ArrowRight")
        expect(page.locator("#lightbox-place")).not_to_have_text(place)


def takes_in(scene) -> int:
    return int(re.search(r"(\d+) takes?", scene.locator("header").inner_text())[1])


class TestScenes:
    def test_are_renamed_merged_and_their_takes_moved(self, open_grid):
        page = open_grid("")
        project = page.url
        scenes = page.locator("#scenes .scene")
        first, second = scenes.nth(0), scenes.nth(1)
        gone, both = second.locator("h2").inner_text(), takes_in(first) + takes_in(second)

        first.locator(".scene-menu").click()
        page.get_by_label("Name of the scene").fill("The harbour at dusk")
        assert serious(page) == []
        page.get_by_role("button", name="Rename").click()
        expect(scenes.locator("h2")).to_have_text("The harbour at dusk")
        page.get_by_role("link", name="Show all scenes").click()
        expect(first.locator("h2")).to_have_text("The harbour at dusk")

        second.locator(".scene-menu").click()
        page.get_by_label("Move all its takes into").select_option(label="The harbour at dusk")
        page.get_by_role("button", name="Merge").click()
        expect(page.locator("main")).to_contain_text("moved")
        page.goto(project)
        expect(page.locator(".scene h2", has_text=gone)).to_have_count(0)
        merged = page.locator(".scene", has=page.locator("h2", has_text="The harbour at dusk"))
        expect(merged.locator("header")).to_contain_text(f"{both} takes")

        other = page.locator(".scene").filter(has_not=page.locator("h2", has_text="The harbour at dusk")).first
        there, had = other.locator("h2").inner_text(), takes_in(other)
        merged.locator(".pick input").first.evaluate("box => box.click()")
        page.get_by_role("button", name="Tag, collect, move").click()
        page.locator("#bulk-scene").select_option(label=there)
        page.locator("#bulk-menu").get_by_role("button", name="Move").first.click()
        expect(page.locator(".toast")).to_contain_text("1 take moved.")
        page.goto(project)
        grown = page.locator(".scene", has=page.locator("h2", has_text=there)).first
        expect(grown.locator("header")).to_contain_text(f"{had + 1} takes")


class TestWayBack:
    def test_finds_filters_selection_and_place(self, open_grid):
        """The browser's own way back is test_finding's."""
        page = open_grid("&show=clips&sort=longest", height=700)
        takes = page.locator("#results .take")
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        until_true(page, "document.querySelectorAll('#results .take').length > 60")
        choose(page, 2)
        takes.nth(60).scroll_into_view_if_needed()
        until_true(page, "scrollY > 500")
        view, top = page.url, page.evaluate("scrollY")
        takes.nth(60).locator("a").first.click()
        expect(page).to_have_url(re.compile(r"[?&]in=project"))
        expect(page.locator("#video")).to_be_attached()
        page.wait_for_load_state()

        page.keyboard.press("ArrowLeft")
        expect(page.get_by_role("link", name="Take before")).to_be_visible()
        expect(page.locator("#video")).to_be_attached()
        page.wait_for_load_state()
        page.get_by_role("link", name="Back to the takes").click()

        expect(page).to_have_url(view)
        until_true(page, "document.querySelectorAll('#results .take').length > 60")
        until_true(page, f"Math.abs(scrollY - {top}) < 700")
        expect(page.locator(".take .pick input").nth(2)).to_be_checked()
        expect(page.locator("#sort")).to_have_value("longest")


class TestLeaving:
    def test_every_clip_of_a_zip_plays(self, open_grid, tmp_path):
        page = open_grid()
        choose(page, *range(8))

        archive = saved(page, page.get_by_role("button", name="Download as ZIP"), tmp_path / "all.zip")

        with zipfile.ZipFile(archive) as zipped:
            assert zipped.testzip() is None
            zipped.extractall(tmp_path)
        films = list(tmp_path.glob("*/clips/*.mp4"))
        assert len(films) == 8
        for path in films:
            with av.open(str(path)) as film:
                assert sum(1 for _frame in film.decode(video=0)) > 10
        (gallery,) = tmp_path.glob("*/index.html")
        page.goto(gallery.as_uri())
        assert page.locator("video").count() == 8
        for number in range(8):
            video = f"document.querySelectorAll('video')[{number}]"
            page.evaluate(f"() => {{ {video}.muted = true; return {video}.play(); }}")
            until_true(page, f"{video}.currentTime > 0.1")
            page.evaluate(f"{video}.pause()")

    def test_purged_takes_say_what_is_free_again(self, open_grid):
        page = open_grid("&show=clips&sort=oldest")
        takes = page.locator("#results .take:not([hidden])")
        clips = takes.count()
        choose(page, 0, 1)
        page.locator("#selection [name=do][value=trash]").click()
        expect(takes).to_have_count(clips - 2)
        page.goto(page.url.replace("/studio/", "/trash/"))
        expect(page.locator(".kept:visible")).to_have_count(2)
        expect(page.locator(".take .quick")).to_have_count(0)

        page.get_by_role("button", name="Empty the trash").click()
        page.get_by_role("button", name="Delete them for good").click()

        expect(page.locator(".toast")).to_contain_text("2 takes deleted for good.", timeout=RENDERED)
        expect(page.locator(".toast")).to_contain_text("are free again.")
        expect(page.locator("main")).to_contain_text("The trash is empty")


@pytest.fixture
def look():
    """`look(page, address)` opens a page in both themes; `look.found` is what keeps somebody out of it."""

    def look(page, address=""):
        if address:
            page.goto(address)
        page.wait_for_load_state()  # a press may have led here
        for theme in ("light", "dark"):
            page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            look.found.extend(f"{theme}: {flaw}" for flaw in serious(page))

    look.found = []
    return look


def collect(page, name):
    """Make a collection of what is selected, and open it."""
    page.get_by_role("button", name="Tag, collect, move").click()
    page.get_by_label("Name of a new collection").fill(name)
    page.get_by_role("button", name="Make it").click()
    expect(page.locator(".toast")).to_contain_text("collected")
    page.goto("/collections/")
    page.get_by_role("link", name=name).click()
    expect(page.locator("h1")).to_have_text(name)


class TestCollection:
    def test_is_scrolled_to_its_end_and_arranged_where_one_stands(self, open_grid):
        page = open_grid(height=1600)  # the last rows are seen as a whole: nothing scrolls under a clip in hand
        choose(page, 0)
        page.locator("#match-all input").check()
        collect(page, "Long")
        many = int(page.locator("main .crumbs .dim").inner_text().split()[0])
        assert many > 60

        page.locator(CLIPS).nth(59).scroll_into_view_if_needed()
        expect(page.locator(CLIPS)).to_have_count(many)
        last, before = page.locator(CLIPS).nth(many - 1), page.locator(CLIPS).nth(many - 2)
        moved, passed = last.get_attribute("id"), before.get_attribute("id")
        with page.expect_response("**/arrange"):
            page.locator(".kept").last.get_by_role("button", name="Earlier").click()
        expect(before).to_have_id(moved)
        expect(page.locator(f".kept:has(#{moved})").get_by_role("button", name="Earlier")).to_be_focused()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        with page.expect_response("**/arrange"):
            page.locator(".kept").last.drag_to(page.locator(".kept").nth(many - 3), target_position={"x": 3, "y": 20})
        expect(page.locator(CLIPS).nth(many - 3)).to_have_id(passed)
        page.reload()
        page.locator(CLIPS).nth(59).scroll_into_view_if_needed()

        expect(page.locator(CLIPS)).to_have_count(many)
        assert page.locator(CLIPS).nth(many - 3).get_attribute("id") == passed
        assert page.locator(CLIPS).nth(many - 1).get_attribute("id") == moved

    def test_steps_end_where_the_order_ends_and_the_count_stays_true(self, open_grid):
        page = open_grid()
        choose(page, 0, 1, 2)
        collect(page, "Steps")
        kept, count = page.locator(".kept:visible"), page.locator("#many")
        step = kept.first.get_by_role("button", name=re.compile(r"^Later: .+, take \d+$"))
        moved = page.locator(CLIPS).first.get_attribute("id")
        with page.expect_response("**/arrange"):
            step.click()
        expect(page.locator(CLIPS).nth(1)).to_have_id(moved)
        until_true(
            page,
            f"document.querySelector('#{moved}').closest('.kept').querySelectorAll('[aria-disabled]').length === 0",
        )
        expect(kept.first.get_by_role("button", name="Earlier")).to_be_disabled()
        choose(page, 2)
        page.locator("#selection [value=take-out]").click()

        expect(kept).to_have_count(2)
        expect(count).to_have_text("2 clips")
        expect(kept.last.get_by_role("button", name="Later")).to_be_disabled()
        page.locator(".toast").get_by_role("button", name="Undo").click()
        expect(kept).to_have_count(3)
        expect(count).to_have_text("3 clips")
        expect(kept.nth(1).get_by_role("button", name="Later")).to_be_enabled()
        choose(page, 0, 1, 2)
        page.locator("#selection [value=take-out]").click()
        expect(page.get_by_text("Nothing in it yet")).to_be_visible()

    def test_a_clip_is_dragged_to_both_ends(self, open_grid):
        page = open_grid()
        choose(page, 0, 1, 2)
        collect(page, "Short")
        kept = page.locator(".kept")
        expect(kept).to_have_count(3)
        order = [page.locator(CLIPS).nth(place).get_attribute("id") for place in range(3)]

        for source, target, edge in ((2, 0, 3), (0, 2, -3)):
            order.insert(target, order.pop(source))
            side = edge if edge > 0 else kept.nth(target).bounding_box()["width"] + edge
            with page.expect_response("**/arrange"):
                kept.nth(source).drag_to(kept.nth(target), target_position={"x": side, "y": 20})
            page.reload()
            for place, name in enumerate(order):
                expect(page.locator(CLIPS).nth(place)).to_have_id(name)


class TestForEverybody:
    def test_grid_selection_and_lightbox_keep_nobody_out(self, open_grid, look):
        page = open_grid()
        choose(page, 0)
        page.get_by_role("button", name="Tag, collect, move").click()
        page.get_by_label("Name of a new collection").fill("Best of")
        look(page)
        page.locator("#bulk-menu").get_by_role("button", name="Make it").click()
        expect(page.locator(".toast")).to_contain_text("collected")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        look(page)

        look(page, "/collections/")
        page.get_by_role("link", name="Best of").click()
        expect(page.locator("h1")).to_have_text("Best of")
        look(page)
        page.locator(f"{CLIPS} > a").click()
        expect(page).to_have_url(re.compile("in=collection"))
        page.get_by_role("link", name="Back to the takes").click()
        expect(page).to_have_url(re.compile(r"/collections/[0-9a-f-]+/\?project=[0-9a-f-]+$"))
        assert look.found == []

    def test_trash_compare_and_searches_keep_nobody_out(self, open_grid, look):
        page = open_grid()
        view = page.url
        clips = [page.locator(f"{CLIPS} > a").nth(number).get_attribute("href") for number in range(2)]
        choose(page, 3)
        page.locator("#selection [name=do][value=trash]").click()
        expect(page.locator(".toast")).to_contain_text("trash")
        page.goto(view.replace("/studio/", "/trash/"))
        choose(page, 0)
        look(page)
        page.get_by_role("button", name="Restore").click()
        expect(page.locator(".toast")).to_contain_text("restored")

        look(page, "/compare/?" + "&".join(f"take={clip.split('/')[2]}" for clip in clips))
        look(page, "/searches/")

        assert look.found == []
