"""A view of the library: what its address says is what is seen, and what makes no sense is said."""

import re
import uuid
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from django.http import QueryDict

from generations.lens import Lens
from generations.models import Generation
from tests.factories import (
    AccountFactory,
    AudioFactory,
    GenerationFactory,
    ProjectFactory,
    ReadyFactory,
    SceneFactory,
)

URL = "/studio/"


@pytest.fixture
def account(team):
    return AccountFactory(team=team)


@pytest.fixture
def scene(project, alice):
    return SceneFactory(project=project, created_by=alice)


@pytest.fixture
def clip(scene, account):
    def clip(**fields):
        return ReadyFactory(**{"scene": scene, "account": account, **fields})

    return clip


@pytest.fixture
def page(as_alice, project):
    def page(query="", **headers):
        return as_alice.get(f"{URL}?project={project.uuid}&{query}", headers=headers)

    return page


def shown(response):
    """Ids of the takes on the page, in order."""
    return [
        uuid.UUID(one) for one in re.findall(r'<article class="take" id="take-([0-9a-f-]+)"', response.content.decode())
    ]


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "wanted", "other"),
        [
            ("show=clips", {}, {"status": "failed"}),
            ("show=failed", {"status": "failed"}, {}),
            ("show=working", {"status": "running"}, {}),
            ("resolution=1080P", {"resolution": "1080P"}, {}),
            ("resolution=1080P&resolution=720P&ratio=1:1", {"ratio": "1:1"}, {}),
            ("ratio=9:16&ratio=3:4", {"ratio": "3:4"}, {}),
            ("min_seconds=6", {"duration": 6}, {"duration": 5}),
            ("max_seconds=4", {"duration": 4}, {"duration": 5}),
            (
                "since=2026-03-02",
                {"created_at": datetime(2026, 3, 2, tzinfo=UTC)},
                {"created_at": datetime(2026, 3, 1, 23, tzinfo=UTC)},
            ),
            (
                "until=2026-03-02",
                {"created_at": datetime(2026, 3, 2, 23, tzinfo=UTC)},
                {"created_at": datetime(2026, 3, 3, tzinfo=UTC)},
            ),
            ("min_price=0.75", {"cost": "0.75"}, {"cost": "0.5"}),
            ("max_price=0.5", {"cost": "0.5"}, {"cost": "0.75"}),
        ],
    )
    def test_each_shows_what_it_says(self, page, clip, query, wanted, other):
        there, _not_there = clip(**wanted), clip(**other)

        assert shown(page(query)) == [there.uuid]

    @pytest.mark.parametrize("price", ["min_price=0.5&max_price=0.8&currency=CNY", "min_price=0.5&max_price=0.8"])
    def test_a_price_is_one_of_its_currency(self, page, clip, team, price):
        closed = AccountFactory(team=team, region="beijing", closed_at=datetime(2026, 1, 1, tzinfo=UTC))
        yuan = clip(cost="0.6", currency="CNY", account=closed)
        dollars = clip(cost="0.6")
        wanted = yuan if "CNY" in price else dollars

        assert shown(page(price)) == [wanted.uuid]

    def test_with_audio(self, page, clip, project):
        there, _without = clip(audio=AudioFactory(project=project)), clip()

        assert shown(page("audio=1")) == [there.uuid]

    def test_of_a_person(self, page, clip, bob):
        there, _alices = clip(owner=bob), clip()

        assert shown(page(f"person={bob.uuid}")) == [there.uuid]

    def test_they_are_joined_by_and(self, page, clip):
        clip(ratio="1:1")
        both = clip(ratio="1:1", duration=9)
        clip(duration=9)

        assert shown(page("ratio=1:1&min_seconds=9")) == [both.uuid]

    @pytest.mark.parametrize(
        "query",
        [
            "show=x",
            "sort=x",
            "ratio=7:5",
            "min_seconds=-1",
            "max_seconds=abc",
            "since=2026-02-30",
            "person=me",
            "min_price=nan",
            "scope=all",
            "max_price=1e99",
        ],
    )
    def test_nonsense_is_said_and_not_used(self, page, clip, query):
        there = clip()

        response = page(query)

        assert shown(response) == [there.uuid]
        assert "It is not used here." in response.content.decode()

    def test_nothing_of_that_kind_has_a_way_back(self, page, clip, project):
        clip()

        html = page("ratio=1:1").content.decode()

        assert "Nothing of that kind" in html
        assert f'href="?project={project.uuid}"' in html


class TestScope:
    @pytest.fixture
    def others(self, team, alice, bob, account):
        """A clip of Bob's in another project of the team, and one of Alice's in a third."""
        scenes = [SceneFactory(project=ProjectFactory(team=team)) for _ in range(2)]
        return [
            ReadyFactory(scene=scenes[0], owner=bob, account=account),
            ReadyFactory(scene=scenes[1], owner=alice, account=account),
        ]

    def test_the_team(self, page, clip, others):
        there = clip()

        assert shown(page("scope=team")) == [there.uuid, others[1].uuid, others[0].uuid]

    def test_mine_wherever_i_see_it(self, page, clip, others):
        there = clip()
        GenerationFactory(owner=there.owner)  # in a team that Alice has left

        assert shown(page("scope=mine")) == [there.uuid, others[1].uuid]

    def test_what_a_stranger_may_not_see_is_not_there(self, clip, project, charlie):
        clip()

        for query in ("", "scope=team", "scope=mine", "q=boat"):
            assert not Lens.read(query, project).queryset(charlie).exists()


class TestOrder:
    def test_each_order(self, page, clip):
        first, long, last = clip(), clip(duration=15), clip()

        assert shown(page("sort=oldest")) == [first.uuid, long.uuid, last.uuid]
        assert shown(page("sort=longest")) == [long.uuid, last.uuid, first.uuid]

    @pytest.mark.parametrize(
        "query",
        [
            "show=clips",
            "sort=oldest",
            "sort=longest",
            "sort=rating",
            "sort=rating&scope=team",
            "sort=longest&scope=mine",
        ],
    )
    def test_pages_follow_each_other_without_gap_or_repeat(self, page, scene, account, query):
        clips = ReadyFactory.create_batch(130, scene=scene, account=account)
        for number, clip in enumerate(clips):
            clip.duration, clip.rating = 2 + number % 3, number % 6
            clip.save()

        response, seen = page(query), []
        for _ in range(3):
            seen += shown(response)
            older = re.search(r'href="/studio/\?([^"]*)" hx-get', response.content.decode())
            if older:
                response = page(older[1].replace("&amp;", "&"))

        assert len(seen) == len(set(seen)) == 130
        assert older is None


class TestPages:
    def test_a_page_loaded_by_scroll_is_only_its_cards(self, page, scene, account):
        ReadyFactory.create_batch(61, scene=scene, account=account)
        cursor = page("show=clips").context["wall"].older

        response = page(f"show=clips&before={cursor.replace(' ', '+')}", **{"hx-request": "true"})

        assert len(shown(response)) == 1
        assert "<html" not in response.content.decode()

    @pytest.mark.parametrize("query", ["show=clips", "sort=longest&q=boat"])
    def test_a_page_further_down_costs_few_queries(self, page, scene, account, query, django_assert_max_num_queries):
        ReadyFactory.create_batch(121, scene=scene, account=account)
        cursor = quote(page(query).context["wall"].older)

        for headers in ({}, {"hx-request": "true"}):
            with django_assert_max_num_queries(10):
                response = page(f"{query}&before={cursor}", **headers)
            assert len(shown(response)) == 60

    @pytest.mark.parametrize("before", ["x", "5:forged", " : "])
    def test_a_forged_cursor_is_the_first_page_with_words(self, page, clip, before):
        there = clip()

        response = page(f"show=clips&before={before}")

        assert shown(response) == [there.uuid]
        assert "This is its beginning." in response.content.decode()

    @pytest.mark.parametrize("query", ["show=clips", "sort=longest", "sort=rating"])
    def test_a_cursor_outlives_the_take_that_it_names(self, page, scene, account, query):
        clips = ReadyFactory.create_batch(62, scene=scene, account=account)
        first = page(query)
        Generation.objects.filter(uuid=shown(first)[-1]).update(trashed_at=datetime(2026, 1, 1, tzinfo=UTC))

        rest = shown(page(f"{query}&before={quote(first.context['wall'].older)}"))

        assert {clip.uuid for clip in clips} == {*shown(first), *rest}
        assert len(rest) == 2

    def test_the_cursor_of_another_view_is_not_known(self, page, scene, account):
        ReadyFactory.create_batch(61, scene=scene, account=account)
        cursor = page("show=clips").context["wall"].older

        response = page(f"sort=longest&before={cursor}")

        assert response.context["wall"].is_lost
        assert len(shown(response)) == 60


class TestAddress:
    def test_reading_it_gives_the_same_view(self, project):
        query = "scope=team&show=clips&sort=longest&resolution=720P&ratio=16:9&ratio=1:1&min_seconds=2&audio=1"
        query += "&since=2026-01-02&min_price=0.50&currency=CNY"

        lens = Lens.read(query, project)

        assert lens.complaints == ()
        assert Lens.read(lens.query, project) == lens
        assert lens.query == f"project={project.uuid}&{query}"

    def test_a_currency_goes_with_a_price(self, project):
        priced = Lens.read("min_price=1&max_price=2&currency=CNY", project)

        assert Lens.read("currency=CNY", project).is_plain
        assert "currency=CNY" in priced.query
        assert "currency=CNY" in priced.query_with(min_price=None)
        assert priced.query_with(min_price=None, max_price=None) == priced.but("min_price", "max_price").query
        assert "currency" not in priced.but("min_price", "max_price").query
        assert Lens.read("min_price=1&currency=dollar", project).complaints

    def test_what_is_not_chosen_is_not_in_it(self, project):
        lens = Lens.read(QueryDict("q=&scope=&show=&min_seconds="), project)

        assert lens.is_plain
        assert lens.query == f"project={project.uuid}"

    def test_one_value_can_be_changed_or_taken_away(self, project):
        lens = Lens.read("show=clips&sort=oldest", project)

        assert lens.query_with(show="failed") == f"project={project.uuid}&show=failed&sort=oldest"
        assert lens.query_with(show=None) == f"project={project.uuid}&sort=oldest"
