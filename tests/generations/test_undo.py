"""Undo acts with the rights of today: what the person could not do now stays as it is, and is counted."""

import pytest
from django.urls import reverse

from generations import collecting, labels, resettling
from generations.lifecycle import trash
from generations.models import BulkAction, Collection, Generation, Tagging
from teams import closing, moving, people
from tests.factories import MembershipFactory, ProjectFactory, ReadyFactory, SceneFactory, TeamFactory

URL = reverse("generations:bulk")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def takes(project, bob):
    scene = SceneFactory(project=project, created_by=bob)
    return [ReadyFactory(scene=scene) for _index in range(2)]


@pytest.fixture
def other(team):
    return ProjectFactory(team=team, name="Night market")


@pytest.fixture
def as_bob(client, bob):
    client.force_login(bob)
    return client


@pytest.fixture
def own(alice, bob):
    """A project of another team that alice and bob own."""
    team = TeamFactory(name="Night crew")
    for person in (alice, bob):
        MembershipFactory(team=team, user=person, role="owner")
    return ProjectFactory(team=team)


def do(client, verb, takes, **goal):
    client.post(URL, {"do": verb, "take": [take.uuid for take in takes], **goal})
    assert BulkAction.objects.get().changed == len(takes)


def undo(client, **more):
    return client.post(reverse("generations:bulk_undo", args=[BulkAction.objects.get().uuid]), headers=HTMX, **more)


def projects(takes):
    return set(Generation.objects.filter(pk__in=[take.pk for take in takes]).values_list("project", flat=True))


def says(answer, many):
    shown = answer.content.decode()
    return f"{many} can&#x27;t be put back by you any more" in shown and "Undone." not in shown


def says_one(answer):
    return "Undone. 1 can&#x27;t be put back by you any more, or was changed since" in answer.content.decode()


class TestOfWhatSomebodyElseDidSince:
    """It is theirs now."""

    @pytest.mark.parametrize(("verb", "other"), [("trash", "restore"), ("restore", "trash")])
    def test_trash_and_back(self, as_bob, alice, takes, verb, other):
        turn = {"trash": trash.trash_all, "restore": trash.restore_all}
        turn[other]([take.pk for take in takes], by=alice)
        do(as_bob, verb, takes)
        turn[other]([takes[0].pk], by=alice)
        turn[verb]([takes[0].pk], by=alice)

        answer = undo(as_bob)

        is_gone = [take.trashed_at is not None for take in Generation.objects.order_by("pk")]
        assert is_gone == [verb == "trash", verb != "trash"]
        assert says_one(answer)

    def test_a_collection(self, as_bob, alice, bob, team, takes):
        collection = Collection.objects.create(team=team, name="Rain", created_by=bob)
        do(as_bob, "collect", takes, collection=collection.uuid)
        collecting.take_out([takes[0].pk], collection, by=alice)
        collecting.collect([takes[0].pk], collection, by=alice)

        answer = undo(as_bob)

        assert list(collection.takes.all()) == [takes[0]]
        assert says_one(answer)

    @pytest.mark.parametrize("is_out", [True, False])
    def test_out_of_a_collection(self, as_bob, alice, bob, team, takes, is_out):
        collection, other = (Collection.objects.create(team=team, name=name, created_by=bob) for name in "ab")
        keys = [take.pk for take in takes]
        collecting.collect(keys, collection, by=bob)
        do(as_bob, "take-out", takes, out_of=collection.uuid)
        collecting.collect([keys[0]], collection, by=alice)
        if is_out:
            collecting.take_out([keys[0]], collection, by=alice)
        collecting.collect(keys, other, by=alice)
        collecting.take_out(keys, other, by=alice)

        answer = undo(as_bob)

        assert set(collection.collected.values_list("generation", flat=True)) == set(keys[is_out:])
        assert says_one(answer)

    def test_a_tag(self, as_bob, alice, takes):
        do(as_bob, "tag", takes, tags="rain")
        labels.untag([takes[0].pk], ["rain"])
        labels.tag([takes[0].pk], ["rain"], by=alice)

        undo(as_bob)

        assert [tagging.generation for tagging in Tagging.objects.all()] == [takes[0]]

    @pytest.mark.parametrize("verb", ["scene", "project"])
    def test_a_move(self, as_bob, alice, project, other, takes, verb):
        goal = {"scene": SceneFactory(project=project), "project": other}[verb]
        do(as_bob, verb, takes, **{verb: goal.uuid})
        further = SceneFactory(project=other)
        resettling.to_scene([takes[0].pk], further, by=alice)

        answer = undo(as_bob)

        scenes = [take.scene for take in Generation.objects.order_by("pk")]
        assert scenes == [further, takes[1].scene]
        assert says_one(answer)


class TestOfAMove:
    def test_into_a_project_of_a_team_that_one_is_no_member_of(self, as_bob, alice, bob, team, project, own, takes):
        people.change_role(team, bob.uuid, "owner", by=alice)
        do(as_bob, "project", takes, project=own.uuid)
        people.remove(team, bob.uuid, by=alice)

        answer = undo(as_bob)

        assert says(answer, 2)
        assert projects(takes) == {own.pk}

    def test_into_a_deleted_project(self, as_bob, alice, project, other, takes):
        do(as_bob, "project", takes, project=other.uuid)
        closing.delete_project(project, by=alice)

        answer = undo(as_bob)

        assert says(answer, 2)
        assert projects(takes) == {other.pk}

    def test_into_a_scene_whose_project_went_to_a_team_of_others(self, as_bob, alice, project, other, takes):
        goal = SceneFactory(project=other)
        do(as_bob, "scene", takes, scene=goal.uuid)
        moving.move(project, alice.personal_team, by=alice)

        answer = undo(as_bob)

        assert says(answer, 2)
        assert projects(takes) == {other.pk}

    def test_into_another_team_that_one_only_edits(self, as_bob, alice, bob, project, other, own, takes):
        do(as_bob, "project", takes, project=other.uuid)
        moving.move(project, own.team, by=alice)  # which bob owns; the clips' team is not his

        undo(as_bob)

        assert projects(takes) == {other.pk}

    def test_what_can_go_goes(self, as_bob, alice, bob, team, project, other, takes):
        third = ProjectFactory(team=team, name="Third")
        follows = ReadyFactory(scene=SceneFactory(project=third, created_by=bob))
        do(as_bob, "project", [*takes, follows], project=other.uuid)
        closing.delete_project(third, by=alice)

        answer = undo(as_bob)

        shown = answer.content.decode()
        assert "Undone. 1 can&#x27;t be put back by you any more, or was changed since, and stays as it is." in shown
        assert answer["HX-Trigger"] == "redraw"
        assert (projects(takes), projects([follows])) == ({project.pk}, {other.pk})


class TestOfOthers:
    def test_of_takes_that_one_may_not_change_any_more(self, as_bob, alice, bob, team, takes):
        do(as_bob, "trash", takes)
        people.change_role(team, bob.uuid, "viewer", by=alice)

        answer = undo(as_bob)

        assert says(answer, 2)
        assert Generation.objects.in_trash().count() == 2

    @pytest.mark.parametrize("verb", ["collect", "take-out"])
    def test_with_a_collection_that_is_gone(self, as_bob, bob, team, takes, verb):
        collection = Collection.objects.create(team=team, name="Best of", created_by=bob)
        if verb == "take-out":
            do(as_bob, "collect", takes, collection=collection.uuid)
            BulkAction.objects.all().delete()
        do(as_bob, verb, takes, collection=collection.uuid, out_of=collection.uuid)
        collection.delete()

        assert says(undo(as_bob), 2)

    @pytest.mark.parametrize("verb", ["tag", "untag"])
    def test_of_tags_when_the_clips_are_another_teams(self, as_bob, alice, project, own, takes, verb):
        if verb == "untag":
            do(as_bob, "tag", takes, tags="night")
            BulkAction.objects.all().delete()
        do(as_bob, verb, takes, tags="night")
        moving.move(project, own.team, by=alice)

        answer = undo(as_bob)

        assert says(answer, 2)
        assert not Tagging.objects.exclude(tag__team=own.team).exists()

    def test_back_into_a_collection_when_the_clips_are_another_teams(
        self, as_bob, alice, bob, team, project, own, takes
    ):
        collection = Collection.objects.create(team=team, name="Best of", created_by=bob)
        do(as_bob, "collect", takes, collection=collection.uuid)
        BulkAction.objects.all().delete()
        do(as_bob, "take-out", takes, out_of=collection.uuid)
        moving.move(project, own.team, by=alice)

        answer = undo(as_bob)

        assert says(answer, 2)
        assert not collection.collected.exists()

    def test_a_collection_out_of_sight_is_named_no_more(self, as_bob, alice, bob, team, takes):
        collection = Collection.objects.create(team=team, name="Best of", created_by=bob)
        do(as_bob, "collect", takes, collection=collection.uuid)
        address = reverse("generations:bulk_progress", args=[BulkAction.objects.get().uuid])
        assert "Best of" in as_bob.get(address).content.decode()
        people.remove(team, bob.uuid, by=alice)

        page = as_bob.get(address).content.decode()

        assert "2 takes collected." in page
        assert "Best of" not in page
