"""What stands beside the grid: choices with their counts, and searches that are kept."""

import re

import pytest

from generations.models import Favourite, Generation, SavedSearch, Tag, Tagging
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


class TestCounts:
    def test_each_choice_says_how_many_it_would_leave(self, panel, clip, bob, project):
        clip(ratio="1:1", rating=3, owner=bob, shots=[{"text": "a", "seconds": 2}, {"text": "b", "seconds": 3}])
        clip(ratio="1:1", resolution="1080P", rating=5, pick=1, audio=AudioFactory(project=project))
        clip(status="failed")

        shown = panel()

        assert shown.total == "3"
        assert counts(shown.ratios) == {"16:9": "1", "9:16": "0", "1:1": "2", "4:3": "0", "3:4": "0"}
        assert counts(shown.resolutions) == {"720P": "2", "1080P": "1"}
        assert counts(shown.flags) == {"With your audio": "1", "Several shots": "1"}
        assert list(counts(shown.ratings).values()) == ["", "2", "2", "2", "1", "1"]
        assert counts(shown.people) == {"Alice": "2", "Bob": "1"}
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

    def test_favourites_and_tags(self, panel, clip, alice, bob, team):
        mine, other = clip(), clip()
        Favourite.objects.create(person=alice, generation=mine)
        Favourite.objects.create(person=bob, generation=other)
        Tagging.objects.create(tag=Tag.objects.create(team=team, name="Night", key="night"), generation=mine, by=bob)

        shown = panel()

        assert counts(shown.shows)["Favourites"] == "1"
        assert counts(shown.tags) == {"Night": "1"}

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

    def test_few_queries(self, panel, clip, django_assert_max_num_queries):
        for _ in range(5):
            clip()
        panel()

        with django_assert_max_num_queries(11):  # a whole page without script, its bell too
            panel("show=clips&ratio=16:9")

    def test_a_fragment_for_the_page_and_a_page_without_script(self, as_alice, project, clip):
        clip()
        address = f"{FACETS}?project={project.uuid}&show=clips&q=boat"

        fragment = as_alice.get(address, headers={"hx-request": "true"}).content.decode()
        page = as_alice.get(address).content.decode()

        assert "<html" not in fragment
        assert 'hx-swap-oob="innerHTML:#found"' in fragment
        assert 'name="q" value="boat"' in page
        assert "<form" in page

    def test_the_counts_in_sight_come_alone(self, as_alice, project, clip):
        clip()

        asked = {"hx-request": "true", "hx-target": "shows"}
        html = as_alice.get(FACETS, {"project": project.uuid}, headers=asked).content.decode()

        assert html.lstrip().startswith('<nav class="buttons" id="shows"')
        assert 'id="show-all"' in html
        assert "hx-swap-oob" not in html

    def test_of_others_there_is_nothing(self, client, charlie, project):
        client.force_login(charlie)

        assert client.get(FACETS, {"project": project.uuid}).status_code == 404
        assert client.get(FACETS).status_code == 404


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

    def test_a_get_changes_nothing(self, as_alice, saved):
        assert as_alice.get(f"/searches/{saved.uuid}/delete").status_code == 405

    def test_anonymous_is_sent_to_sign_in(self, client, saved):
        for address in ("/searches/", FACETS, f"/searches/{saved.uuid}/delete"):
            assert client.get(address).status_code == 302
