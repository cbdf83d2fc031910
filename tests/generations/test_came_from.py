"""What belongs to a team is seen from one of its projects: the top bar and ways back keep to it."""

import re
from html import unescape

import pytest
from django.http import QueryDict
from django.urls import reverse

from generations import bulk
from generations.models import BulkAction, Collected, Collection
from tests.factories import MembershipFactory, ProjectFactory, ReadyFactory, SceneFactory, TeamFactory

BULK = reverse("generations:bulk")
LIST = reverse("generations:collections")


@pytest.fixture
def other(team, project):
    """Another project of the team; nobody pressed anything in it."""
    return ProjectFactory(team=team, name="Autumn campaign")


@pytest.fixture
def scene(project, alice):
    return SceneFactory(project=project, created_by=alice, takes_made=100)


@pytest.fixture
def take(scene):
    return ReadyFactory(scene=scene)


@pytest.fixture
def collection(team, alice, take):
    made = Collection.objects.create(team=team, name="Best of", created_by=alice)
    Collected.objects.create(collection=made, generation=take, place=1, by=alice)
    return made


def top_bar(page):
    return re.search(r"Project:</span> ([^<]+)<", page)[1]


def ways(page, path):
    """The addresses of this page's links that lead there."""
    return set(re.findall(rf'href="({re.escape(path)}[^"]*)"', page))


class TestCollection:
    def test_stays_in_the_project_that_one_came_from(self, as_alice, collection, other, take):
        listed = as_alice.get(LIST, {"project": other.uuid}).content.decode()
        (address,) = ways(listed, collection.get_absolute_url())

        page = as_alice.get(address).content.decode()

        assert top_bar(page) == other.name
        assert ways(page, LIST) == {f"{LIST}?project={other.uuid}"}
        assert ways(page, reverse("screenings:new")) == {
            f"{reverse('screenings:new')}?collection={collection.uuid}&amp;project={other.uuid}"
        }
        assert f'name="here" value="{other.uuid}"' in page
        view = re.search(r'data-view="([^"]+)"', page)[1].replace("&amp;", "&")
        clip = as_alice.get(take.get_absolute_url(), {"in": view}).content.decode()
        assert ways(clip, collection.get_absolute_url()) == {
            address,
            f"{collection.get_absolute_url()}?project={take.project.uuid}",  # the clip's own links
        }

    def test_its_view_means_the_same_takes(self, alice, collection, other, take):
        assert list(bulk.shown_by(f"collection={collection.uuid}&project={other.uuid}", alice)) == [take]

    def test_shared_as_a_whole_the_link_is_of_that_project(self, as_alice, collection, other):
        view = f"collection={collection.uuid}&project={other.uuid}"

        page = as_alice.get(reverse("screenings:new"), {"all": "1", "view": view}).content.decode()

        assert top_bar(page) == other.name

    def test_goes_on_in_the_project_after_what_is_done_to_it(self, as_alice, collection, other):
        page = as_alice.get(collection.get_absolute_url(), {"project": other.uuid}).content.decode()
        names = re.search(r'collection-menu".*?name="next" value="([^"]+)"', page, re.DOTALL)
        rename, delete = (
            reverse(f"generations:collection_{verb}", args=[collection.uuid]) for verb in ("rename", "delete")
        )

        renamed = as_alice.post(rename, {"name": "Better", "next": names[1]})
        deleted = as_alice.post(delete, {"project": other.uuid})

        assert renamed["Location"] == f"{collection.get_absolute_url()}?project={other.uuid}"
        assert deleted["Location"] == f"{LIST}?project={other.uuid}"

    def test_is_made_in_the_project(self, as_alice, other):
        made = as_alice.post(reverse("generations:collection_create"), {"project": other.uuid, "name": "Fresh"})

        assert made["Location"] == f"{Collection.objects.get().get_absolute_url()}?project={other.uuid}"

    @pytest.mark.parametrize("asked", ["", "of another team", "nonsense"])
    def test_without_a_project_of_its_team_it_is_seen_from_one(self, as_alice, alice, collection, project, asked):
        foreign = ProjectFactory(team=MembershipFactory(user=alice, team=TeamFactory()).team, name="Elsewhere")
        alice.last_project = foreign
        alice.save()
        named = {"": "", "of another team": foreign.uuid, "nonsense": "x"}[asked]

        page = as_alice.get(collection.get_absolute_url(), {"project": named}).content.decode()

        assert top_bar(page) == project.name

    def test_the_last_used_project_of_its_team_comes_first(self, as_alice, alice, collection, other):
        alice.last_project = other
        alice.save()

        assert top_bar(as_alice.get(collection.get_absolute_url()).content.decode()) == other.name


class TestSearches:
    def test_keep_the_project_of_the_view(self, as_alice, alice, other):
        view = f"project={other.uuid}&show=clips"
        alice.saved_searches.create(project=other, name="Clips", query=view)

        page = as_alice.get(reverse("generations:searches"), {"view": view}).content.decode()

        assert top_bar(page) == other.name
        assert f'href="/studio/?project={other.uuid}&amp;show=clips" aria-label="Back to the takes"' in page
        (again,) = set(re.findall(r'name="next" value="(/searches/[^"]+)"', page))
        search = alice.saved_searches.get()
        renamed = as_alice.post(
            reverse("generations:rename_search", args=[search.uuid]), {"name": "x", "next": unescape(again)}
        )
        assert top_bar(as_alice.get(renamed["Location"]).content.decode()) == other.name


class TestResult:
    @pytest.mark.parametrize(
        ("view", "back"),
        [
            ("project={other}&show=clips", "/studio/?project={other}&amp;show=clips"),
            ("collection={collection}&project={other}", "/collections/{collection}/?project={other}"),
            ("trash={team}", "/trash/?project={other}"),
            ("scene={scene}", "/studio/?scene={scene}"),
            ("", "/studio/?project={other}"),
        ],
    )
    def test_leads_back_to_the_view_and_so_does_its_undo(self, as_alice, take, other, collection, team, view, back):
        names = {"other": other, "collection": collection, "team": team, "scene": take.scene}
        uuids = {name: row.uuid for name, row in names.items()}
        fields = {"do": "rate:4", "take": take.uuid, "here": other.uuid, "view": view.format(**uuids)}

        page = as_alice.post(BULK, fields, follow=True).content.decode()

        assert top_bar(page) == other.name
        assert f'href="{back.format(**uuids)}"' in page
        undo = reverse("generations:bulk_undo", args=[BulkAction.objects.get().uuid])
        undone = as_alice.post(undo, {"here": other.uuid, "view": fields["view"]}, follow=True).content.decode()
        assert "Undone." in undone
        assert f'href="{back.format(**uuids)}"' in undone

    def test_of_a_merge_leads_to_the_scene_that_it_went_into(self, as_alice, alice, other):
        gone, into = (SceneFactory(project=other, created_by=alice) for _index in range(2))
        ReadyFactory(scene=gone)
        ReadyFactory(scene=into)
        merge = reverse("generations:scene_merge", args=[gone.uuid])

        page = as_alice.post(merge, {"into": into.uuid}, follow=True).content.decode()

        assert top_bar(page) == other.name
        assert f'href="/studio/?scene={into.uuid}"' in page

    def test_a_view_without_sense_leads_to_the_project(self, project):
        assert bulk.page_of("", project) == f"/studio/?project={project.uuid}"
        assert QueryDict(bulk.page_of("q=a b&x=//evil", project).partition("?")[2])["q"] == "a b"
