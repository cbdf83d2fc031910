"""What stands beside the grid: choices with their counts, and searches that are kept."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations import labels
from generations.models import Favourite, Generation, SavedSearch, Tag, Tagging, WanAccount
from screenings import review
from tests.factories import AccountFactory, AudioFactory, ProjectFactory, ReadyFactory, SceneFactory

FACETS = "/studio/facets"


@pytest.fixture
def clip(project, alice, team):
    account = AccountFactory(team=team)
    scene = SceneFactory(project=project, created_by=alice)

    def clip(**fields):
        return ReadyFactory(**{"scene": scene, "account": account, **fields})

    return clip


@pytest.fixture
def panel(as_alice, project):
    def panel(query=""):
        return as_alice.get(f"{FACETS}?project={project.uuid}&{query}").context["panel"]

    return panel


def counts(choices):
    return {choice.label: choice.count for choice in choices}


def parts(each):
    return {part.label: part.count for part in each.parts}


def counting(asked):
    return [query["sql"] for query in asked if "COUNT(*) FROM (SELECT" in query["sql"]]


class TestCounts:
    def test_each_choice_says_how_many_it_would_leave(self, panel, clip, bob, project):
        clip(ratio="1:1", rating=3, owner=bob, shots=[{"text": "a", "seconds": 2}, {"text": "b", "seconds": 3}])
        clip(ratio="1:1", resolution="1080P", rating=5, pick=1, audio=AudioFactory(project=project))
        clip(status="failed")

        shown = panel()

        assert shown.total == "3"
        assert counts(shown.ratios) == {"16:9": "1", "9:16": "0", "1:1": "2", "4:3": "0", "3:4": "0"}
        assert counts(shown.resolutions) == {"720P": "2", "1080P": "1"}
        assert counts(shown.ends) == {"Failed": "1", "Canceled": "0", "Lost": "0"}
        assert counts(shown.flags) == {"With your audio": "1", "Several shots": "1"}
        assert list(counts(shown.ratings).values()) == ["", "2", "2", "2", "1", "1"]
        assert counts(shown.people.choices) == {"Alice": "2", "Bob": "1"}
        assert counts(shown.shows) == {
            "All": "3",
            "Clips": "2",
            "Favourites": "0",
            "Picked": "1",
            "To review": "1",
            "Approved": "0",
            "In progress": "0",
            "Failed": "1",
        }

    def test_prices_are_in_the_currency_of_the_account(self, as_alice, project, clip):
        clip()
        WanAccount.objects.update(region="beijing")
        view = {"project": project.uuid, "min_price": "1"}

        page = as_alice.get("/studio/", view).content.decode()
        counted = as_alice.get(FACETS, view, headers={"HX-Request": "true"}).content.decode()

        for shown in (page, counted):
            assert "<legend>Price in CN¥</legend>" in shown
        assert 'aria-label="Without Price from CN¥ 1"' in page

    def test_a_price_that_is_chosen_stays_in_its_currency(self, as_alice, project, clip, team):
        clip(cost="0.25")
        view = {"project": project.uuid, "min_price": "1", "currency": "CNY"}

        page = as_alice.get("/studio/", view).content.decode()
        counted = as_alice.get(FACETS, view, headers={"HX-Request": "true"}).content.decode()

        assert 'aria-label="Without Price from CN¥ 1"' in page
        for shown in (page, counted):
            assert "<legend>Price in CN¥</legend>" in shown
            assert '<input type="hidden" name="currency" value="CNY"' in shown

    def test_prices_of_another_currency_are_not_counted(self, as_alice, project, clip, team):
        yuan = AccountFactory(team=team, region="beijing", closed_at=timezone.now())
        for cost in ("0.25", "0.60", "0.60"):
            clip(cost=cost)
        clip(cost="0.75", currency="CNY", account=yuan)
        view = {"project": project.uuid, "currency": "CNY", "min_price": "0.5"}

        chosen = as_alice.get(FACETS, view).context["panel"]
        others = as_alice.get(FACETS, view | {"currency": "USD"}).context["panel"]

        assert (chosen.total, parts(chosen.ranges[1])) == ("1", {"0.75": "1"})
        assert (others.total, parts(others.ranges[1])) == ("2", {"0.25": "1", "0.60": "2"})
        assert all("currency=USD" in part.query for part in others.ranges[1].parts)

    def test_favourites_and_tags(self, panel, clip, alice, bob, team):
        mine, other = clip(), clip()
        Favourite.objects.create(person=alice, generation=mine)
        Favourite.objects.create(person=bob, generation=other)
        Tagging.objects.create(tag=Tag.objects.create(team=team, name="Night", key="night"), generation=mine, by=bob)

        shown = panel()

        assert counts(shown.shows)["Favourites"] == "1"
        assert counts(shown.tags.choices) == {"Night": "1"}

    def test_a_further_tag_says_what_it_leaves_of_those_chosen(self, panel, clip, alice, team):
        night, keeper = (Tag.objects.create(team=team, name=name, key=name.lower()) for name in ("Night", "Keeper"))
        for tags in ((night, keeper), (keeper,), (night,)):
            take = clip()
            for tag in tags:
                Tagging.objects.create(tag=tag, generation=take, by=alice)

        shown = panel("tag=night")

        assert counts(shown.tags.choices) == {"Night": "2", "Keeper": "1"}
        assert [choice.is_on for choice in shown.tags.choices] == [True, False]
        assert [(choice.value, choice.count, choice.is_on) for choice in panel("tag=rain").tags.choices] == [
            ("rain", "0", True)
        ]

    def test_a_choice_is_counted_beside_the_others_of_its_kind(self, panel, clip):
        clip(ratio="1:1", duration=9)
        clip(ratio="16:9", duration=9)
        clip(ratio="16:9", duration=3)

        shown = panel("ratio=1:1&min_seconds=5")

        assert shown.total == "1"
        assert counts(shown.ratios)["16:9"] == "1"
        assert counts(shown.resolutions) == {"720P": "1", "1080P": "0"}

    def test_many_are_many(self, panel, clip, monkeypatch):
        monkeypatch.setattr("generations.facets.MOST_SHOWN", 1)
        clip()
        clip()

        assert panel().total == "1+"

    def test_scopes(self, panel, clip, alice, bob, team, project, charlie):
        there = SceneFactory(project=ProjectFactory(team=team, name="Market"), created_by=bob)
        clip(owner=bob)
        clip(rating=5)
        clip(scene=there, owner=alice, rating=5)
        clip(scene=there, owner=bob, rating=5)
        clip(scene=SceneFactory(created_by=charlie))

        assert counts(panel().scopes) == {"This project": "2", "Whole team": "4", "Mine": "2"}
        assert counts(panel("rating=5&scope=mine").scopes) == {"This project": "1", "Whole team": "3", "Mine": "2"}
        assert counts(panel("q=boat&rating=5").scopes) == {"This project": "1", "Whole team": "3", "Mine": "2"}

    @pytest.mark.usefixtures("mid_month")
    def test_parts_of_ranges(self, panel, clip):
        for age, (duration, cost) in enumerate([(2, "0.25"), (5, "0.50"), (8, "0.475"), (12, "1.5")]):
            clip(duration=duration, cost=Decimal(cost), created_at=timezone.now() - timedelta(days=10 * age))
        clip(duration=15, status="failed", cost=None)

        shown = panel()
        chosen = panel("min_seconds=6&max_seconds=10&ratio=16:9")

        seconds, price, made = (parts(each) for each in shown.ranges)
        assert seconds == {"up to 5 s": "2", "6 to 10 s": "1", "11 to 15 s": "2"}
        assert price == {"up to 0.475": "2", "0.50": "1", "from 1.50": "1"}
        assert made == {"Today": "2", "Last 7 days": "2", "Last 30 days": "4", "Earlier": "1"}
        assert parts(chosen.ranges[0]) == seconds
        assert [part.is_on for part in chosen.ranges[0].parts] == [False, True, False]
        assert "min_seconds" not in chosen.ranges[0].parts[1].query
        assert "min_seconds=11" in chosen.ranges[0].parts[2].query

    def test_a_price_that_most_cost_leaves_the_cheaper_ones_a_part(self, panel, clip):
        for cost in ("0.25", "0.50", "0.75", *["1.00"] * 9):
            clip(cost=Decimal(cost))

        assert parts(panel().ranges[1]) == {"up to 0.75": "3", "from 1.00": "9"}

    @pytest.mark.usefixtures("mid_month")
    def test_parts_lead_to_what_they_count(self, as_alice, project, panel, clip):
        for day in (0, 6, 7, 29, 30):
            clip(created_at=timezone.now() - timedelta(days=day), cost=Decimal(day) / 8)

        ranges = panel().ranges

        assert [len(each.parts) for each in ranges] == [1, 3, 4]
        for number, each in enumerate(ranges):
            for part in each.parts:
                page = as_alice.get(f"/studio/?{part.query}").content.decode()
                assert str(page.count('<article class="take"')) == part.count, part.label
                chosen = panel(part.query).ranges[number].parts
                assert [other.count for other in chosen if other.is_on] == [part.count]

    @pytest.mark.usefixtures("mid_month")
    def test_of_chosen_ranges_the_other_parts_are_counted(self, panel, clip):
        clip(cost=Decimal("0.25"), created_at=timezone.now() - timedelta(days=40))
        clip(cost=Decimal("0.50"))

        day = timezone.localdate().isoformat()
        shown = panel(f"min_price=0.25&max_price=0.25&since={day}")

        assert parts(shown.ranges[1]) == {"0.50": "1"}
        assert parts(shown.ranges[2]) == {"Today": "0", "Earlier": "1"}

    @pytest.mark.parametrize("scope", ["", "team", "mine"])
    @pytest.mark.parametrize(("find", "most"), [("", 10), ("&find_tag=n&find_person=a", 11)])
    def test_few_queries(self, as_alice, alice, project, clip, scope, find, most, django_assert_max_num_queries):
        clips = [clip(rating=1) for _ in range(5)]
        labels.tag([one.pk for one in clips], ["night"], by=alice)
        clip(status="queued", finished_at=None)
        chosen = f"show=clips&ratio=16:9&resolution=720P&rating=1&person={alice.uuid}&scope={scope}&q=boat"
        address = f"{FACETS}?project={project.uuid}&{chosen}{find}"
        panel = as_alice.get(address).context["panel"]  # once in a process Django asks what JSON the database knows
        assert (panel.total, counts(panel.tags.choices)) == ("5", {"night": "5"})

        with django_assert_max_num_queries(most):
            as_alice.get(address, headers={"hx-request": "true"})
        with django_assert_max_num_queries(most + 3):  # a whole page without script, with the bar above
            as_alice.get(address)

    def test_a_choice_is_counted_without_itself_and_with_the_others(self, panel, clip):
        clip(ratio="16:9", rating=4)
        clip(ratio="9:16", rating=4)
        clip(ratio="9:16", rating=0)

        shown = panel("ratio=16:9&rating=3")

        assert counts(shown.ratios)["16:9"] == "1"
        assert counts(shown.ratios)["9:16"] == "1"

    def test_a_fragment_for_the_page_and_a_page_without_script(self, as_alice, project, clip):
        clip()
        address = f"{FACETS}?project={project.uuid}&show=clips&q=boat"

        fragment = as_alice.get(address, headers={"hx-request": "true"}).content.decode()
        page = as_alice.get(address).content.decode()

        assert "<html" not in fragment
        assert 'hx-swap-oob="innerHTML:#found"' in fragment
        assert 'name="q" value="boat"' in page
        assert 'class="topbar"' in page
        assert "<form" in page

    def test_the_counts_in_sight_come_alone(self, as_alice, project, clip):
        clip()

        asked = {"hx-request": "true", "hx-target": "shows"}
        html = as_alice.get(FACETS, {"project": project.uuid}, headers=asked).content.decode()

        assert html.lstrip().startswith('<nav class="buttons" id="shows"')
        assert 'id="show-all"' in html
        assert '<span hx-swap-oob="innerHTML:#found">1 found</span>' in html
        assert 'name="resolution"' not in html

    @pytest.mark.parametrize("target", ["shows", "found-tag", "found-person"])
    def test_other_scopes_are_counted_for_the_whole_panel_only(self, as_alice, project, clip, target):
        clip()
        address = f"{FACETS}?project={project.uuid}&ratio=16:9"
        whole, part = ({"hx-request": "true", "hx-target": name} for name in ("facets", target))

        with CaptureQueriesContext(connection) as asked:
            as_alice.get(address, headers=whole)
        with CaptureQueriesContext(connection) as asked_again:
            as_alice.get(address, headers=part)

        assert len(counting(asked)) == 1
        assert counting(asked_again) == []

    def test_of_others_there_is_nothing(self, client, charlie, project):
        client.force_login(charlie)

        assert client.get(FACETS, {"project": project.uuid}).status_code == 404
        assert client.get(FACETS).status_code == 404


class TestNames:
    """Of people and tags only those of the most takes are listed; the others are found."""

    @pytest.fixture(autouse=True)
    def two(self, monkeypatch):
        monkeypatch.setattr("generations.facets.MOST_NAMED", 2)

    @pytest.fixture
    def tagged(self, clip, alice):
        for names in (["night", "rain"], ["night", "rain"], ["night", "夜市の雨"]):
            labels.tag([clip().pk], names, by=alice)

    def test_the_rest_of_the_tags_is_found(self, as_alice, project, panel, tagged, team, alice):
        Tag.objects.create(team=team, name="Rainbow", key="rainbow")  # on nothing

        assert (counts(panel().tags.choices), panel().tags.is_cut) == ({"night": "3", "rain": "2"}, True)
        assert counts(panel("find_tag=夜市").tags.choices) == {"夜市の雨": "1"}
        assert counts(panel("find_tag=RAIN").tags.choices) == {"rain": "2", "Rainbow": "0"}
        page = as_alice.get(f"{FACETS}?project={project.uuid}").content.decode()
        assert "These are 2 of more." in page
        assert 'name="find_tag"' in page

    def test_the_rest_of_the_people_is_found(self, panel, clip, bob, vera, alice, charlie):
        for owner in (alice, alice, alice, bob, bob, vera):
            clip(owner=owner)

        assert counts(panel().people.choices) == {"Alice": "3", "Bob": "2"}
        assert counts(panel("find_person=ver").people.choices) == {"Vera": "1"}
        assert counts(panel("find_person=charlie").people.choices) == {}

    def test_the_most_used_come_first_and_equals_by_name(self, panel, clip, alice, team):
        for names in (["rain 9", "rain 5"], ["rain 9"], ["rain 7"]):
            labels.tag([clip().pk], names, by=alice)
        Tag.objects.create(team=team, name="rain 1", key="rain1")

        assert counts(panel("find_tag=rain").tags.choices) == {"rain 9": "2", "rain 5": "1"}
        assert panel("find_tag=rain").tags.is_cut
        assert list(counts(panel().tags.choices)) == ["rain 9", "rain 5"]
        assert list(counts(panel("tag=rain 5&find_tag=1").tags.choices).items()) == [("rain 1", "0"), ("rain 5", "1")]

    def test_where_all_are_equal_the_names_decide(self, panel, clip, alice, bob, vera):
        for name, owner in (("rain", vera), ("fog", bob), ("night", alice)):
            labels.tag([clip(owner=owner).pk], [name], by=alice)

        assert list(counts(panel().tags.choices)) == ["fog", "night"]
        assert list(counts(panel().people.choices)) == ["Alice", "Bob"]

    def test_who_gave_no_name_goes_by_the_address_without_its_domain(self, panel, clip, bob):
        bob.name, bob.email = "", "robert.frost@studio.example"
        bob.save()
        clip(owner=bob)

        for words in ("Robert", "robert.frost"):
            assert counts(panel(f"find_person={words}").people.choices) == {"robert.frost": "1"}
        for words in ("studio", "example", "robert.frost@", "robert.frost@studio"):
            assert counts(panel(f"find_person={words}").people.choices) == {}

    @pytest.mark.parametrize("name", ["tag", "person"])
    def test_words_without_end_are_cut(self, as_alice, project, clip, name):
        clip()

        response = as_alice.get(f"{FACETS}?project={project.uuid}&find_{name}={'a+' * 2000}")

        assert response.status_code == 200
        assert len(response.context["panel"].found(name).find) < 80

    def test_who_is_chosen_stays_listed(self, panel, clip, bob, vera, alice):
        for owner in (alice, alice, alice, bob, bob, vera):
            clip(owner=owner)

        shown = panel(f"person={vera.uuid}&find_person=bob").people

        assert [(choice.label, choice.count, choice.is_on) for choice in shown.choices] == [
            ("Bob", "2", False),
            ("Vera", "1", True),
        ]

    @pytest.mark.parametrize("name", ["tag", "person"])
    def test_what_is_typed_brings_only_the_names(self, as_alice, project, clip, tagged, name):
        asked = {"hx-request": "true", "hx-target": f"found-{name}"}

        html = as_alice.get(f"{FACETS}?project={project.uuid}&find_{name}=zz", headers=asked).content.decode()

        assert html.lstrip().startswith(f'<div class="found" id="found-{name}"')
        assert "Nothing has these words in its name." in html

    def test_what_is_few_needs_no_search(self, as_alice, project, clip):
        clip()

        assert 'name="find_person"' not in as_alice.get(f"{FACETS}?project={project.uuid}").content.decode()


class TestFilters:
    def test_favourites_are_mine(self, as_alice, project, clip, alice, bob):
        mine, bobs = clip(), clip()
        Favourite.objects.create(person=alice, generation=mine)
        Favourite.objects.create(person=bob, generation=bobs)

        takes = as_alice.get("/studio/", {"project": project.uuid, "show": "favourites"}).context["wall"].takes

        assert takes == [mine]

    def test_to_review_and_approved(self, as_alice, project, clip, alice, vera):
        """What waits for somebody: picked, talked about or sent back, and neither approved nor rejected."""
        picked, talked, back, approved, approved_again, settled, rejected, _plain = (
            clip(**fields) for fields in ({"pick": 1}, {}, {}, {"pick": 1}, {}, {}, {"pick": -1}, {})
        )
        speaker = review.Speaker(vera)
        for take in (talked, settled, approved, rejected):
            said = review.say(take, speaker, text="Too dark", second=None, parent=None)
            review.say(take, speaker, text="Still", second=None, parent=said)
            if take == settled:
                review.settle(said, by=alice)
        for take, words in ((back, "changes"), (approved, "approved"), (approved_again, "changes approved")):
            for word in words.split():
                review.judge(take, speaker, word)
        review.judge(rejected, speaker, "changes")

        def shown(name):
            return as_alice.get("/studio/", {"project": project.uuid, "show": name}).context["wall"].takes

        assert shown("review") == [back, talked, picked]
        assert shown("approved") == [approved_again, approved]
        panel = as_alice.get(FACETS, {"project": project.uuid}).context["panel"]
        assert (counts(panel.shows)["To review"], counts(panel.shows)["Approved"]) == ("3", "2")

    def test_tags_by_name_however_it_is_written(self, as_alice, project, clip, team, bob):
        there, _other = clip(), clip()
        tag = Tag.objects.create(team=team, name="Night Shoot", key="nightshoot")
        Tagging.objects.create(tag=tag, generation=there, by=bob)

        takes = as_alice.get("/studio/", {"project": project.uuid, "tag": "night shoot"}).context["wall"].takes

        assert takes == [there]

    @pytest.mark.parametrize(
        ("query", "fields"),
        [
            ("rating=4", {"rating": 4}),
            ("show=picked", {"pick": 1}),
            ("ended=canceled", {"status": "canceled"}),
            ("show=failed&ended=lost", {"status": "lost"}),
            ("board=1", {"shots": [{"text": "a", "seconds": 2}] * 2}),
        ],
    )
    def test_others(self, as_alice, project, clip, query, fields):
        there, _other = clip(**fields), clip()

        takes = as_alice.get(f"/studio/?project={project.uuid}&{query}").context["wall"].takes

        assert takes == [there]

    def test_best_rated_first(self, as_alice, project, clip):
        two, none, five = clip(rating=2), clip(), clip(rating=5)

        takes = as_alice.get("/studio/", {"project": project.uuid, "sort": "rating"}).context["wall"].takes

        assert takes == [five, two, none]

    def test_what_is_chosen_can_be_taken_away_one_by_one(self, as_alice, project, clip, bob):
        clip(owner=bob)

        html = as_alice.get(
            f"/studio/?project={project.uuid}&q=boat&ratio=16:9&person={bob.uuid}&rating=1"
        ).content.decode()

        for label in ("boat", "16:9", "Bob", "1 star or more"):
            assert f'aria-label="Without {label}"' in html
        without = re.search(r'href="/studio/\?([^"]*)" aria-label="Without 16:9"', html)[1]
        assert without == f"project={project.uuid}&amp;q=boat&amp;rating=1&amp;person={bob.uuid}"

    def test_the_address_of_a_search_is_short(self, as_alice, project, clip):
        clip()

        response = as_alice.get(
            f"/studio/?project={project.uuid}&q=boat&scope=&min_seconds=&ratio=16:9",
            headers={"hx-request": "true", "hx-target": "results"},
        )

        assert response["HX-Push-Url"] == f"/studio/?project={project.uuid}&q=boat&ratio=16:9"

    def test_a_search_that_finds_nothing_costs_no_welcome(self, as_alice, project, clip, django_assert_max_num_queries):
        clip()
        address = f"/studio/?project={project.uuid}&q=nowhere"
        as_alice.get(address)
        caches["memory"].clear()  # what takes usually take is measured now and then, for a first clip only

        with django_assert_max_num_queries(9):
            response = as_alice.get(address)

        assert "Nothing of that kind" in response.content.decode()

    def test_a_page_of_a_search_costs_few_queries(self, as_alice, project, clip, django_assert_max_num_queries):
        for number in range(20):
            clip(rating=number % 6)
        address = f"/studio/?project={project.uuid}&q=boat&ratio=16:9&rating=1&sort=longest"
        as_alice.get(address)

        with django_assert_max_num_queries(10):
            response = as_alice.get(address)

        assert response.content.decode().count('<article class="take"') == 16


class TestPage:
    def test_what_acts_on_all_that_match_knows_the_view(self, as_alice, project, clip):
        clip()

        html = as_alice.get(f"/studio/?project={project.uuid}&ratio=16:9").content.decode()

        assert f'id="results" data-view="project={project.uuid}&amp;ratio=16:9"' in html
        assert "js/find.js" in html


class TestSavedSearches:
    @pytest.fixture
    def saved(self, alice, project):
        return SavedSearch.objects.create(
            person=alice, project=project, name="Squares", query=f"project={project.uuid}&ratio=1:1"
        )

    def test_a_view_is_saved_and_opened_again(self, as_alice, alice, project, clip):
        square, _wide = clip(ratio="1:1"), clip()
        view = f"project={project.uuid}&ratio=1:1&min_seconds=&sort=nonsense"

        response = as_alice.post("/searches/save", {"view": view, "name": " Squares  of May "})

        saved = alice.saved_searches.get()
        assert (saved.name, saved.query) == ("Squares of May", f"project={project.uuid}&ratio=1:1")
        assert response.status_code == 303
        assert "Squares of May" in as_alice.get("/searches/").content.decode()
        assert as_alice.get(f"/studio/?{saved.query}").context["wall"].takes == [square]

    def test_it_is_renamed_and_deleted_without_a_clip_lost(self, as_alice, saved, clip):
        clip()
        as_alice.post(f"/searches/{saved.uuid}/rename", {"name": "Quadrate"})
        saved.refresh_from_db()
        assert saved.name == "Quadrate"

        as_alice.post(f"/searches/{saved.uuid}/delete")

        assert not SavedSearch.objects.exists()
        assert Generation.objects.count() == 1

    @pytest.mark.parametrize("name", ["", "  ", "\0"])
    def test_without_a_name_there_are_words(self, as_alice, saved, project, name):
        as_alice.post("/searches/save", {"view": f"project={project.uuid}", "name": name})
        response = as_alice.post(f"/searches/{saved.uuid}/rename", {"name": name}, follow=True)

        assert "Give the search a name." in response.content.decode()
        assert [one.name for one in SavedSearch.objects.all()] == ["Squares"]

    @pytest.mark.parametrize("action", ["rename", "delete"])
    def test_it_is_nobody_elses(self, client, bob, saved, action):
        client.force_login(bob)

        assert client.post(f"/searches/{saved.uuid}/{action}", {"name": "x"}).status_code == 404
        assert "Squares" not in client.get("/searches/").content.decode()

    def test_not_of_a_project_that_one_does_not_see(self, client, charlie):
        client.force_login(charlie)
        view = f"project={ProjectFactory().uuid}"

        for given in (view, "", "project=x"):
            assert client.post("/searches/save", {"view": given, "name": "x"}).status_code == 404

    def test_there_is_an_end(self, as_alice, saved, project, monkeypatch):
        monkeypatch.setattr("generations.views.finding.MOST_SEARCHES", 1)

        response = as_alice.post("/searches/save", {"view": f"project={project.uuid}", "name": "One more"}, follow=True)

        assert "Delete one first." in response.content.decode()
        assert SavedSearch.objects.count() == 1

    def test_the_list_is_a_few_queries(self, as_alice, alice, project, django_assert_max_num_queries):
        for number in range(20):
            SavedSearch.objects.create(
                person=alice, project=project, name=f"S{number}", query=f"project={project.uuid}"
            )

        with django_assert_max_num_queries(10):
            page = as_alice.get("/searches/").content.decode()

        assert "S19" in page

    def test_a_get_changes_nothing(self, as_alice, saved):
        assert as_alice.get(f"/searches/{saved.uuid}/delete").status_code == 405

    def test_anonymous_is_sent_to_sign_in(self, client, saved):
        for address in ("/searches/", FACETS, f"/searches/{saved.uuid}/delete"):
            assert client.get(address).status_code == 302
