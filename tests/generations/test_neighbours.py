"""From one take to the next, in the order of the view that one came from."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from generations import collecting
from generations.models import Collection
from tests.factories import AccountFactory, ReadyFactory, SceneFactory


@pytest.fixture
def account(team):
    return AccountFactory(team=team)


@pytest.fixture
def scenes(project, alice):
    """The newest first, as the grid shows them."""
    now = timezone.now()
    return [
        SceneFactory(project=project, created_by=alice, latest_take_at=now - timedelta(hours=hours)) for hours in (1, 2)
    ]


@pytest.fixture
def takes(scenes, account, alice):
    """In the order of the grid: two of the newest scene, then two of the other; rated 1, 5, 3, 5."""
    made = {}
    for index, (scene, number, stars) in enumerate(((1, 1, 5), (1, 2, 3), (0, 1, 5), (0, 2, 1))):
        made[index] = ReadyFactory(
            scene=scenes[scene], owner=alice, account=account, number=number, rating=stars, duration=5 + index
        )
    return [made[index] for index in (3, 2, 1, 0)]


@pytest.fixture
def go(as_alice):
    """Where the press leads: a take's uuid, or the address of the view."""

    def go(take, view="", *, back=False):
        query = {"in": view, **({"go": "back"} if back else {})}
        response = as_alice.get(reverse("generations:beside", args=[take.uuid]), query)
        assert response.status_code == 302
        parts = urlsplit(response["Location"])
        return parts.path.split("/")[2] if "/generations/" in parts.path else response["Location"]

    return go


def walk(go, take, view, **options):
    seen = [str(take.uuid)]
    while len(seen) < 9:
        there = go(take, view, **options)
        if there.startswith("/"):
            return seen, there
        seen.append(there)
        take = type(take).objects.get(uuid=there)
    raise AssertionError(seen)


VIEWS = {
    "": [0, 1, 2, 3],
    "sort=newest&show=clips": [0, 1, 2, 3],
    "sort=oldest": [3, 2, 1, 0],
    "sort=longest": [0, 1, 2, 3],
    "sort=rating": [1, 3, 2, 0],
    "rating=3&sort=rating": [1, 3, 2],
    "no=sense": [0, 1, 2, 3],
}


class TestBeside:
    @pytest.mark.parametrize("view", VIEWS)
    def test_it_goes_on_and_back_through_a_view(self, go, takes, view):
        order = [takes[index] for index in VIEWS[view]]
        uuids = [str(take.uuid) for take in order]

        assert walk(go, order[0], view)[0] == uuids
        assert walk(go, order[-1], view, back=True)[0] == uuids[::-1]

    def test_one_scene_ends_where_it_ends(self, go, takes, scenes):
        seen, there = walk(go, takes[0], f"scene={scenes[0].uuid}")

        assert seen == [str(take.uuid) for take in takes[:2]]
        assert there == f"/studio/?scene={scenes[0].uuid}"

    def test_a_collection_goes_on_by_its_own_order_and_leads_back_to_it(self, go, takes, team, alice, as_alice):
        collection, other = (Collection.objects.create(team=team, name=name, created_by=alice) for name in "AB")
        order = [takes[2], takes[0], takes[3]]
        collecting.collect([take.pk for take in order], collection, by=alice)
        collecting.collect([take.pk for take in takes], other, by=alice)
        view, uuids = f"collection={collection.uuid}", [str(take.uuid) for take in order]

        assert walk(go, order[0], view) == (uuids, collection.get_absolute_url())
        assert walk(go, order[-1], view, back=True) == (uuids[::-1], collection.get_absolute_url())
        assert go(takes[1], view) == collection.get_absolute_url()  # which is not in it
        page = as_alice.get(takes[0].get_absolute_url(), {"in": view}).content.decode()
        assert f'href="{collection.get_absolute_url()}"' in page

    def test_the_end_leads_to_the_view_with_words(self, as_alice, go, takes, project):
        there = go(takes[3], "sort=newest&show=clips")

        assert parse_qs(urlsplit(there).query) == {
            "project": [str(project.uuid)],
            "show": ["clips"],
        }
        assert "That was the last take of this view." in as_alice.get(there).content.decode()

    def test_what_is_in_the_trash_is_passed_over(self, go, takes):
        takes[1].trashed_at = timezone.now()
        takes[1].save(update_fields=["trashed_at"])

        assert go(takes[0]) == str(takes[2].uuid)

    def test_the_page_leads_back_to_its_view(self, as_alice, takes):
        html = as_alice.get(takes[0].get_absolute_url(), {"in": "sort=rating&q=boat"}).content.decode()

        assert "q=boat&amp;sort=rating" in html
        assert "in=project%3D" in html

    def test_a_stranger_gets_404(self, client, charlie, takes):
        client.force_login(charlie)

        assert client.get(reverse("generations:beside", args=[takes[0].uuid])).status_code == 404
