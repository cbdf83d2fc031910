"""The page of a collection, and what is said of putting clips into it, while clips come, move and go."""

import re

import pytest
from django.urls import reverse

from generations import collecting
from generations.models import BulkAction, Collection
from tests.factories import ReadyFactory, SceneFactory

BULK = reverse("generations:bulk")
LIST = reverse("generations:collections")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def scene(project, alice):
    return SceneFactory(project=project, created_by=alice, name="The harbour", takes_made=100)


@pytest.fixture
def takes(scene):
    return [ReadyFactory(scene=scene, number=number) for number in (1, 2, 3)]


@pytest.fixture
def collection(team, alice, takes):
    made = Collection.objects.create(team=team, name="Best of", created_by=alice)
    collecting.collect([take.pk for take in takes], made, by=alice)
    return made


@pytest.fixture
def press(as_alice, collection):
    """Something done on the collection's page, with script."""
    here = HTMX | {"HX-Current-URL": f"http://testserver{collection.get_absolute_url()}?project=x"}

    def press(address, **fields):
        return as_alice.post(address, fields, headers=here).content.decode()

    return press


def tiles(answer):
    """Of an answer: which takes are shown, and which went."""
    found = re.findall(r'<article class="take" id="take-([0-9a-f-]+)"( hidden)?', answer)
    return {uuid for uuid, gone in found if not gone}, {uuid for uuid, gone in found if gone}


def counted(client, collection):
    headers = HTMX | {"HX-Target": "many"}
    return client.get(collection.get_absolute_url(), headers=headers).content.decode()


class TestWhatLeaves:
    def test_what_is_taken_out_goes_at_once_and_undo_brings_it_back(self, as_alice, press, collection, takes):
        out, back = str(takes[0].uuid), {str(takes[0].uuid)}
        taken = press(BULK, **{"do": "take-out", "take": out, "out_of": collection.uuid})
        after = counted(as_alice, collection)
        undone = press(reverse("generations:bulk_undo", args=[BulkAction.objects.get().uuid]))

        assert (tiles(taken), tiles(undone)) == ((set(), back), (back, set()))
        assert "2 clips" in after
        assert "3 clips" in counted(as_alice, collection)

    def test_what_goes_to_another_scene_stays_in_it(self, press, project, takes):
        goal = SceneFactory(project=project)

        moved = press(BULK, do="scene", take=str(takes[0].uuid), scene=goal.uuid)

        assert tiles(moved) == ({str(takes[0].uuid)}, set())

    def test_its_count_asks_again_when_something_was_done(self, as_alice, press, collection, takes):
        page = as_alice.get(collection.get_absolute_url()).content.decode()
        (count,) = re.findall(r'<span[^>]* id="many"[^>]*>', page)

        assert 'hx-trigger="recount from:body' in count
        assert "<html" not in counted(as_alice, collection)


class TestViewer:
    def test_is_offered_nothing_that_changes_it(self, client, vera, collection):
        client.force_login(vera)

        page = client.get(collection.get_absolute_url()).content.decode()

        assert 'id="selection"' in page
        assert 'value="take-out"' not in page
        assert 'name="by"' not in page


class TestSteps:
    def test_name_their_clip_and_end_at_the_ends(self, as_alice, collection):
        page = as_alice.get(collection.get_absolute_url()).content.decode()
        buttons = re.findall(r'name="by"[^>]*?( aria-disabled="true")? aria-label="([^"]+)"', page)

        assert [(label, bool(is_end)) for is_end, label in buttons] == [
            ("Earlier: The harbour, take 1", True),
            ("Later: The harbour, take 1", False),
            ("Earlier: The harbour, take 2", False),
            ("Later: The harbour, take 2", False),
            ("Earlier: The harbour, take 3", False),
            ("Later: The harbour, take 3", True),
        ]

    def test_the_end_of_a_page_is_no_end(self, as_alice, collection, monkeypatch):
        monkeypatch.setattr("generations.collection_page.PAGE", 2)

        first = as_alice.get(collection.get_absolute_url()).content.decode()
        rest = re.search(r'href="([^"]*before=[^"]+)"', first)[1].replace("&amp;", "&")

        assert first.count('aria-disabled="true"') == 1
        assert as_alice.get(rest).content.decode().count('aria-disabled="true"') == 1


class TestToast:
    @pytest.mark.parametrize("headers", [HTMX, {}], ids=["toast", "page"])
    def test_names_the_collection_and_leads_to_it(self, as_alice, project, takes, headers):
        fields = {"do": "collect", "take": takes[0].uuid, "new_collection": "Fresh", "here": project.uuid}

        said = as_alice.post(BULK, fields, headers=headers, follow=True).content.decode()

        assert "1 take collected in “Fresh”." in said
        assert f'href="{Collection.objects.get().get_absolute_url()}?project={project.uuid}"' in said

    def test_says_what_was_in_it_already(self, as_alice, collection, takes):
        fields = {"do": "collect", "take": takes[0].uuid, "collection": collection.uuid}

        said = as_alice.post(BULK, fields, headers=HTMX).content.decode()

        assert "All of them were in “Best of” already." in said
        assert collection.get_absolute_url() in said

    def test_says_nothing_of_one_that_is_gone(self, as_alice, project, takes):
        fields = {"do": "collect", "take": takes[0].uuid, "new_collection": "Fresh", "here": project.uuid}
        as_alice.post(BULK, fields)
        Collection.objects.get().delete()

        page = as_alice.get(reverse("generations:bulk_progress", args=[BulkAction.objects.get().uuid]))

        assert "1 take collected." in page.content.decode()


class TestList:
    def test_is_searched_as_one_types(self, as_alice, project, collection):
        headers = HTMX | {"HX-Target": "collections-found"}

        found = as_alice.get(LIST, {"project": project.uuid, "find": "best"}, headers=headers).content.decode()
        nothing = as_alice.get(LIST, {"project": project.uuid, "find": "zzz"}, headers=headers).content.decode()

        assert "Best of" in found
        assert "Nothing has these words in its name." in nothing
        assert "<html" not in found


class TestOrganise:
    def test_without_script_it_is_a_page_with_a_name_and_a_way_back(self, as_alice, collection, project, takes):
        view = f"collection={collection.uuid}&project={project.uuid}"
        fields = {"here": project.uuid, "view": view, "take": [take.uuid for take in takes]}

        page = as_alice.post(reverse("generations:bulk_choices"), fields).content.decode()

        assert "<h1>Organise</h1>" in page
        assert "3 selected takes" in page
        assert f'href="{collection.get_absolute_url()}?project={project.uuid}"' in page
