"""One thing done to many takes, at once or by a worker, and its undo."""

import re
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from generations import bulk, offers
from generations.models import BulkAction, Collection, Event, Favourite, Generation, Scene, Tagging
from generations.tasks import bulk_due
from teams.models import Membership
from tests.factories import (
    AccountFactory,
    GenerationFactory,
    MembershipFactory,
    ProjectFactory,
    ReadyFactory,
    SceneFactory,
    TeamFactory,
)

URL = reverse("generations:bulk")
HTMX = {"HX-Request": "true"}
VERBS = ["rate:4", "pick:1", "tag", "untag", "project", "scene", "collect", "trash"]


@pytest.fixture
def scene(project, alice):
    return SceneFactory(project=project, created_by=alice, takes_made=100)


@pytest.fixture
def takes(scene):
    account = AccountFactory(team=scene.project.team)
    return [ReadyFactory(scene=scene, account=account, cost=Decimal("0.50")) for _index in range(3)]


@pytest.fixture
def other(team, alice):
    """A scene of another project of the team."""
    return SceneFactory(project=ProjectFactory(team=team, name="Night market"), created_by=alice)


def fields(verb, takes, **more):
    return {"do": verb, "take": [take.uuid for take in takes], **more}


def everything(verb, takes, other):
    collection = Collection.objects.create(team=takes[0].team, name="Best of", created_by=takes[0].owner)
    return fields(verb, takes, tags="night", project=other.project.uuid, scene=other.uuid, collection=collection.uuid)


def state(takes):
    return [
        (t.rating, t.pick, t.scene_id, t.number, t.project_id, t.trashed_at, t.tags.count(), t.collections.count())
        for t in Generation.objects.filter(pk__in=[take.pk for take in takes]).order_by("pk")
    ]


class TestWho:
    @pytest.mark.parametrize("verb", VERBS)
    @pytest.mark.parametrize("who", ["alice", "bob"])
    def test_owner_and_editor_may_and_may_undo(self, client, request, takes, other, who, verb):
        client.force_login(request.getfixturevalue(who))
        before = state(takes)

        answer = client.post(URL, everything(verb, takes, other), headers=HTMX)

        assert answer.status_code == 200
        assert (state(takes) != before) is (verb != "untag")
        client.post(reverse("generations:bulk_undo", args=[BulkAction.objects.get().uuid]), headers=HTMX)
        assert state(takes) == before

    def test_the_counts_above_the_grid_follow(self, as_alice, takes, other):
        assert as_alice.post(URL, everything("trash", takes, other), headers=HTMX)["HX-Trigger"] == "recount"

    @pytest.mark.parametrize("verb", VERBS)
    def test_viewer_gets_403_and_nothing_happens(self, client, vera, takes, other, verb):
        client.force_login(vera)
        before = state(takes)

        assert client.post(URL, everything(verb, takes, other)).status_code in (403, 409)

        assert state(takes) == before

    @pytest.mark.parametrize("verb", ["rate:4", "trash", "favour"])
    def test_takes_of_others_are_counted_and_left_alone(self, client, charlie, takes, verb):
        client.force_login(charlie)
        before = state(takes)

        shown = client.post(URL, fields(verb, takes), headers=HTMX).content.decode()

        assert "3 were left alone" in shown
        assert state(takes) == before
        assert not Favourite.objects.exists()

    def test_own_are_done_among_others(self, as_alice, takes):
        foreign = ReadyFactory()

        as_alice.post(URL, fields("rate:5", [*takes, foreign]) | {"take": [t.uuid for t in [*takes, foreign]] + ["x"]})

        action = BulkAction.objects.get()
        assert (action.changed, action.ignored) == (3, 2)
        foreign.refresh_from_db()
        assert foreign.rating == 0

    def test_as_many_as_the_grid_holds(self, as_alice, takes):
        foreign = [uuid.uuid4() for _index in range(1500)]

        as_alice.post(URL, fields("rate:5", takes) | {"take": [*foreign, *(take.uuid for take in takes)]})

        action = BulkAction.objects.get()
        assert (action.changed, action.ignored) == (3, 1500)

    def test_more_than_one_action_does_gets_words(self, as_alice, takes, monkeypatch):
        monkeypatch.setattr("generations.views.bulk.MOST_IDS", 2)

        answer = as_alice.post(URL, fields("rate:5", takes), headers=HTMX)

        assert answer.status_code == 422
        assert "up to 2 takes" in answer.content.decode()
        assert not BulkAction.objects.exists()

    def test_viewer_may_have_favourites(self, client, vera, takes):
        client.force_login(vera)

        client.post(URL, fields("favour", takes))

        assert Favourite.objects.filter(person=vera).count() == 3

    def test_somebody_elses_action_is_not_there(self, client, bob, as_alice, takes):
        as_alice.post(URL, fields("rate:5", takes))
        action = BulkAction.objects.get()
        client.force_login(bob)

        assert client.get(reverse("generations:bulk_progress", args=[action.uuid])).status_code == 404
        assert client.post(reverse("generations:bulk_undo", args=[action.uuid])).status_code == 404

    def test_guest_is_sent_to_the_door(self, client, takes):
        assert client.post(URL, fields("trash", takes))["Location"].startswith(reverse("account_login"))


class TestBadInput:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"do": "explode"},
            {"do": "rate:6"},
            {"do": "rate:" + "9" * 5000},
            {"do": "pick:x"},
            {"do": ""},
            {"do": "tag", "tags": " "},
            {"do": "project", "project": "x"},
            {"do": "scene"},
            {"do": "collect", "collection": "0"},
            {"do": "collect", "new_collection": "x" * 81},
            {"do": "trash", "take": []},
        ],
    )
    def test_gets_words(self, as_alice, takes, wrong):
        response = as_alice.post(URL, fields("trash", takes) | wrong)

        assert response.status_code == 409
        assert not BulkAction.objects.exists()

    @pytest.mark.parametrize("view", ["", "project=x", "scene=1", "trash=", "project=%00", "x" * 3000])
    def test_a_view_that_makes_no_sense_is_nothing(self, as_alice, takes, view):
        as_alice.post(URL, {"do": "trash", "all": "1", "view": view})
        bulk_due()

        assert BulkAction.objects.get().total == 0
        assert Generation.objects.kept().count() == 3
        assert as_alice.get(reverse("generations:bulk_count"), {"view": view}).content == b"0"


class TestAllThatMatch:
    def test_is_done_by_a_worker_part_by_part(self, as_alice, project, takes, monkeypatch):
        monkeypatch.setattr(bulk, "PART", 2)
        view = f"project={project.uuid}&show=clips"
        assert as_alice.get(reverse("generations:bulk_count"), {"view": view}).content == b"3"
        as_alice.post(URL, {"do": "rate:5", "all": "1", "view": view})
        action = BulkAction.objects.get()
        assert not action.is_finished

        bulk_due()

        action.refresh_from_db()
        assert action.is_finished
        assert [take[0] for take in state(takes)] == [5, 5, 5]

    @pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "untag"])
    def test_is_done_and_undone_with_each_verb(self, as_alice, project, takes, other, verb):
        before = state(takes)
        values = everything(verb, takes, other) | {"take": [], "all": "1", "view": f"project={project.uuid}&show=clips"}

        as_alice.post(URL, values)
        bulk_due()

        assert BulkAction.objects.get().changed == 3
        assert all(one != was for one, was in zip(state(takes), before, strict=True))
        as_alice.post(reverse("generations:bulk_undo", args=[BulkAction.objects.get().uuid]))
        bulk_due()
        assert state(takes) == before

    def test_is_done_to_nothing_that_came_after_the_press(self, as_alice, project, scene, takes):
        rendering = GenerationFactory(scene=scene, status="running")
        as_alice.post(URL, {"do": "trash", "all": "1", "view": f"project={project.uuid}&show=clips"})
        later = ReadyFactory(scene=scene)
        ready = {"status": "ready", "ready_at": later.ready_at, "finished_at": later.ready_at, "video_key": "x"}
        Generation.objects.filter(pk=rendering.pk).update(**ready)

        bulk_due()

        assert set(Generation.objects.kept()) == {rendering, later}

    def test_deletes_nothing_for_good_that_came_into_the_trash_after_the_press(self, as_alice, team, takes):
        Generation.objects.filter(pk=takes[0].pk).update(trashed_at=timezone.now())
        as_alice.post(URL, {"do": "purge", "all": "1", "view": f"trash={team.uuid}"})
        Generation.objects.filter(pk=takes[1].pk).update(trashed_at=timezone.now())

        bulk_due()

        assert list(Generation.objects.exclude(purged_at=None)) == [takes[0]]

    @pytest.mark.parametrize(
        ("view", "order"),
        [("project={}", [2, 0, 1]), ("project={}&sort=oldest", [0, 1, 2]), ("project={}&sort=rating", [1, 2, 0])],
    )
    def test_comes_into_a_collection_in_the_order_of_the_view(self, as_alice, team, project, takes, view, order):
        first, second, third = takes
        Generation.objects.filter(pk=second.pk).update(rating=5)
        newer = SceneFactory(project=project, created_by=third.owner, latest_take_at=timezone.now())
        Scene.objects.filter(pk=first.scene_id).update(latest_take_at=timezone.now() - timedelta(days=1))
        Generation.objects.filter(pk=third.pk).update(scene=newer)
        collection = Collection.objects.create(team=team, name="Best of", created_by=third.owner)
        values = {"do": "collect", "collection": collection.uuid, "all": "1", "view": view.format(project.uuid)}
        as_alice.post(URL, values)

        bulk_due()

        collected = collection.collected.order_by("place").values_list("generation", flat=True)
        assert [takes.index(Generation.objects.get(pk=key)) for key in collected] == order

    def test_undo_spares_what_was_judged_since(self, as_alice, project, takes):
        as_alice.post(URL, {"do": "rate:5", "all": "1", "view": f"project={project.uuid}"})
        bulk_due()
        Generation.objects.filter(pk=takes[0].pk).update(rating=2)

        as_alice.post(reverse("generations:bulk_undo", args=[BulkAction.objects.get().uuid]))

        assert [take[0] for take in state(takes)] == [2, 0, 0]

    def test_shows_how_far_it_is(self, as_alice, project, takes):
        as_alice.post(URL, {"do": "rate:5", "all": "1", "view": f"project={project.uuid}"})
        address = reverse("generations:bulk_progress", args=[BulkAction.objects.get().uuid])
        assert "hx-trigger" in as_alice.get(address, headers=HTMX).content.decode()
        bulk_due()

        done = as_alice.get(address, headers=HTMX)

        assert "3 takes rated." in done.content.decode()
        assert done["HX-Trigger"] == "redraw"
        assert "Undo" in as_alice.get(address).content.decode()

    def test_who_lost_the_right_meanwhile_changes_nothing(self, as_alice, team, alice, project, takes):
        as_alice.post(URL, {"do": "trash", "all": "1", "view": f"project={project.uuid}"})
        team.memberships.filter(user=alice).update(role="viewer")

        bulk_due()

        action = BulkAction.objects.get()
        assert (action.is_finished, action.changed, action.ignored) == (True, 0, 3)

    def test_a_killed_worker_loses_nothing(self, as_alice, project, takes):
        as_alice.post(URL, {"do": "rate:3", "all": "1", "view": f"project={project.uuid}"})
        assert bulk._claim() is not None  # and dies
        bulk_due()
        assert not BulkAction.objects.get().is_finished
        BulkAction.objects.update(due_at=timezone.now())

        bulk_due()

        assert BulkAction.objects.get().changed == 3

    def test_its_undo_redraws_the_page_whose_tiles_are_not_known(self, as_alice, project, takes):
        as_alice.post(URL, {"do": "trash", "all": "1", "view": f"project={project.uuid}"})
        bulk_due()

        answer = as_alice.post(reverse("generations:bulk_undo", args=[BulkAction.objects.get().uuid]), headers=HTMX)

        assert answer["HX-Trigger"] == "redraw"
        assert "take-" not in answer.content.decode()
        assert "Undone." in answer.content.decode()


def names(project):
    """Scenes of the project by name, with the number of their takes."""
    return dict(Scene.objects.filter(project=project).annotate(many=Count("takes")).values_list("name", "many"))


class TestMove:
    def test_to_a_project_keeps_scenes_apart_and_numbers_unique(self, as_alice, takes, other):
        as_alice.post(URL, fields("project", takes, project=other.project.uuid))

        moved = Generation.objects.filter(project=other.project).order_by("number")
        assert [take.number for take in moved] == [1, 2, 3]
        assert {take.scene.name for take in moved} == {takes[0].scene.name}
        assert sum(take.cost for take in moved) == Decimal("1.50")
        assert Event.objects.filter(kind="resettled").count() == 3

    def test_scenes_of_equal_name_stay_apart(self, as_alice, project, takes, other, alice):
        Scene.objects.update(name="Harbour")
        twin = ReadyFactory(scene=SceneFactory(project=project, name="Harbour", created_by=alice))
        ReadyFactory(scene=other, number=50)

        as_alice.post(URL, fields("project", [*takes, twin], project=other.project.uuid))

        assert names(other.project) == {"Harbour": 1, "Harbour (2)": 3, "Harbour (3)": 1}

    def test_what_follows_later_joins_its_scene_and_goes_back_there(self, as_alice, project, takes, other):
        Scene.objects.update(name="Harbour")
        ReadyFactory(scene=other, number=50)
        as_alice.post(URL, fields("project", takes[:1], project=other.project.uuid))
        as_alice.post(URL, fields("project", takes[1:], project=other.project.uuid))
        assert names(other.project) == {"Harbour": 1, "Harbour (2)": 3}

        as_alice.post(URL, fields("project", takes[:2], project=project.uuid))

        assert names(project) == {"Harbour": 2}

    def test_what_follows_into_a_scene_that_was_merged_goes_where_that_went(self, as_alice, takes, other):
        Scene.objects.update(name="Harbour")
        as_alice.post(URL, fields("project", takes[:1], project=other.project.uuid))
        Scene.objects.filter(pk=other.pk).update(name="Intro")
        part = Scene.objects.get(takes=takes[0])
        as_alice.post(reverse("generations:scene_merge", args=[part.uuid]), {"into": other.uuid})

        as_alice.post(URL, fields("project", takes[1:2], project=other.project.uuid))
        as_alice.post(URL, fields("scene", takes[2:], scene=part.uuid))

        assert names(other.project) == {"Intro": 3, "Harbour": 0}

    def test_the_undo_of_a_move_reaches_takes_that_a_merge_took_on(self, as_alice, project, scene, takes):
        first, last = (SceneFactory(project=project) for _index in range(2))
        as_alice.post(URL, fields("scene", takes[:1], scene=first.uuid))
        moved = BulkAction.objects.get()
        as_alice.post(reverse("generations:scene_merge", args=[first.uuid]), {"into": last.uuid})

        as_alice.post(reverse("generations:bulk_undo", args=[moved.uuid]))

        assert Generation.objects.get(pk=takes[0].pk).scene == scene

    def test_the_undo_of_a_move_follows_a_scene_that_was_merged(self, as_alice, project, scene, takes):
        beside, last = (SceneFactory(project=project) for _index in range(2))
        as_alice.post(URL, fields("scene", takes[:1], scene=beside.uuid))
        moved = BulkAction.objects.get()
        as_alice.post(reverse("generations:scene_merge", args=[scene.uuid]), {"into": last.uuid})

        as_alice.post(reverse("generations:bulk_undo", args=[moved.uuid]))

        assert set(last.takes.all()) == set(takes)

    def test_scenes_that_are_merged_in_turn_lead_nowhere_else(self, as_alice, project, scene, takes):
        last = SceneFactory(project=project)
        as_alice.post(reverse("generations:scene_merge", args=[scene.uuid]), {"into": last.uuid})
        ReadyFactory(scene=scene)  # as one that comes back from the trash
        as_alice.post(reverse("generations:scene_merge", args=[last.uuid]), {"into": scene.uuid})
        Generation.objects.update(trashed_at=timezone.now())

        assert Scene.objects.get(pk=last.pk).led == scene
        assert Scene.objects.get(pk=scene.pk).led == scene

    def test_new_takes_of_a_scene_that_was_merged_go_where_that_went(self, as_alice, project, scene, takes):
        last = SceneFactory(project=project)
        as_alice.post(reverse("generations:scene_merge", args=[scene.uuid]), {"into": last.uuid})

        as_alice.post("/generations/", {"prompt": "A gull", "project": project.uuid, "scene": scene.uuid})

        assert Generation.objects.get(prompt="A gull").scene == last
        assert as_alice.get("/studio/", {"scene": scene.uuid}).context["stream"].one == last

    def test_what_follows_into_a_scene_that_is_empty_gets_a_number(self, as_alice, alice, takes, other):
        Scene.objects.update(name="Harbour")
        as_alice.post(URL, fields("project", takes[:1], project=other.project.uuid))
        Scene.objects.filter(pk=other.pk).update(name="Intro")
        as_alice.post(URL, fields("scene", takes[:1], scene=other.uuid))
        ReadyFactory(scene=SceneFactory(project=other.project, name="Harbour", created_by=alice))

        as_alice.post(URL, fields("project", takes[1:], project=other.project.uuid))

        assert names(other.project) == {"Intro": 1, "Harbour": 1, "Harbour (2)": 2}

    def test_what_goes_home_to_a_name_that_was_given_meanwhile_gets_a_number(self, as_alice, alice, takes, other):
        Scene.objects.update(name="Harbour")
        as_alice.post(URL, fields("project", takes, project=other.project.uuid))
        home = takes[0].project
        ReadyFactory(scene=SceneFactory(project=home, name="Harbour", created_by=alice))

        as_alice.post(URL, fields("project", takes, project=home.uuid))

        assert names(home) == {"Harbour": 1, "Harbour (2)": 3}

    def test_an_empty_scene_that_takes_come_back_to_keeps_its_name(self, as_alice, takes, other):
        Scene.objects.update(name="Harbour")
        goals = {"project": other.project.uuid}
        as_alice.post(URL, fields("project", takes, **goals))
        as_alice.post(reverse("generations:bulk_undo", args=[BulkAction.objects.get().uuid]))
        Scene.objects.filter(pk=other.pk).update(name="Intro")

        as_alice.post(URL, fields("project", takes, **goals))

        assert names(other.project) == {"Intro": 0, "Harbour": 3}

    def test_a_long_name_is_cut_for_its_number(self, as_alice, takes, other):
        Scene.objects.update(name="x" * 80)
        ReadyFactory(scene=other, number=50)

        as_alice.post(URL, fields("project", takes, project=other.project.uuid))

        assert names(other.project) == {"x" * 80: 1, "x" * 76 + " (2)": 3}

    def test_nothing_movable_makes_no_scene(self, as_alice, takes, other):
        Generation.objects.update(status="running", finished_at=None)

        as_alice.post(URL, fields("project", takes, project=other.project.uuid))

        assert Scene.objects.filter(project=other.project).count() == 1

    def test_to_another_team_takes_its_tags_along(self, as_alice, alice, takes):
        team = TeamFactory(name="Night crew")
        MembershipFactory(team=team, user=alice, role="owner")
        as_alice.post(URL, fields("tag", takes, tags="night"))
        as_alice.post(URL, everything("collect", takes, SceneFactory(project=takes[0].project)))

        as_alice.post(URL, fields("project", takes, project=ProjectFactory(team=team).uuid))

        assert set(Tagging.objects.values_list("tag__team", flat=True)) == {team.pk}
        assert set(Generation.objects.values_list("team", flat=True)) == {team.pk}
        assert not takes[0].collections.exists()

    @pytest.mark.parametrize("verb", ["project", "scene"])
    @pytest.mark.parametrize(("here", "there"), [("editor", "owner"), ("owner", "editor")])
    def test_out_of_the_team_only_by_who_owns_both(self, client, bob, takes, verb, here, there):
        Membership.objects.filter(user=bob).update(role=here)
        goal = SceneFactory(project=ProjectFactory(team=TeamFactory(name="Night crew")))
        MembershipFactory(team=goal.project.team, user=bob, role=there)
        client.force_login(bob)
        before = state(takes)

        shown = client.post(URL, fields(verb, takes, project=goal.project.uuid, scene=goal.uuid), headers=HTMX)

        assert "3 were left alone" in shown.content.decode()
        assert state(takes) == before

    @pytest.mark.parametrize("verb", ["project", "scene"])
    @pytest.mark.parametrize(("role", "comes"), [("owner", True), ("editor", True), ("viewer", False)])
    def test_out_of_the_own_space_wherever_one_edits_and_back(self, client, bob, team, project, verb, role, comes):
        Membership.objects.filter(user=bob, team=team).update(role=role)
        home, goal = bob.personal_team.projects.get(), SceneFactory(project=project)
        mine = ReadyFactory(scene=SceneFactory(project=home, created_by=bob))
        before = state([mine])
        client.force_login(bob)

        choices = client.get(reverse("generations:bulk_choices"), {"here": home.uuid}).content.decode()
        client.post(URL, fields(verb, [mine], project=project.uuid, scene=goal.uuid))

        mine.refresh_from_db()
        assert (str(project.uuid) in choices, mine.team == team) == (comes, comes)
        if comes:
            client.post(reverse("generations:bulk_undo", args=[BulkAction.objects.get().uuid]))
        assert state([mine]) == before

    def test_what_an_editor_brought_of_somebody_else_stays(self, client, bob, alice, project):
        mine = ReadyFactory(scene=SceneFactory(project=bob.personal_team.projects.get()), owner=alice)
        client.force_login(bob)
        client.post(URL, fields("project", [mine], project=project.uuid))

        client.post(reverse("generations:bulk_undo", args=[BulkAction.objects.get().uuid]))

        mine.refresh_from_db()
        assert mine.project == project

    def test_an_editor_takes_nothing_home(self, client, bob, takes):
        client.force_login(bob)

        client.post(URL, fields("project", takes, project=bob.personal_team.projects.get().uuid))

        assert set(Generation.objects.values_list("team", flat=True)) == {takes[0].team_id}

    def test_not_into_a_project_of_others(self, as_alice, takes, vera):
        assert as_alice.post(URL, fields("project", takes, project=ProjectFactory().uuid)).status_code == 409

    def test_takes_on_their_way_stay_in_their_project(self, as_alice, takes, other):
        Generation.objects.filter(pk=takes[0].pk).update(status="running", finished_at=None)

        as_alice.post(URL, fields("project", takes, project=other.project.uuid))

        assert Generation.objects.filter(project=other.project).count() == 2


class TestScenes:
    def url(self, name, scene):
        return reverse(f"generations:scene_{name}", args=[scene.uuid])

    def test_is_renamed(self, as_alice, scene):
        as_alice.post(self.url("rename", scene), {"name": "  The\nharbour "})

        scene.refresh_from_db()
        assert scene.name == "The harbour"

    @pytest.mark.parametrize("name", ["", " ", "x" * 81, "\0"])
    def test_a_bad_name_gets_words(self, as_alice, scene, name):
        assert as_alice.post(self.url("rename", scene), {"name": name}).status_code == 409

    def test_is_merged_and_parted_again(self, as_alice, scene, takes, project):
        into = SceneFactory(project=project)
        before = state(takes)

        as_alice.post(self.url("merge", scene), {"into": into.uuid})

        assert set(Generation.objects.values_list("scene", flat=True)) == {into.pk}
        as_alice.post(reverse("generations:bulk_undo", args=[BulkAction.objects.get().uuid]))
        assert state(takes) == before

    def test_whatever_it_can_be_merged_into_is_found(self, as_alice, scene, takes, project, alice, monkeypatch):
        monkeypatch.setattr(offers, "MOST", 1)
        for number, name in enumerate(["Harbour at night", "Market"], start=1):
            ReadyFactory(scene=SceneFactory(project=project, name=name, created_by=alice), number=number)

        def options(page):
            return re.findall(r"<option[^>]*>([^<]+)", page.content.decode())

        cut = as_alice.get(self.url("edit", scene))
        found = as_alice.get(self.url("edit", scene), {"find": "night HARBOUR"})
        target = HTMX | {"HX-Target": "merge-into"}
        typed = as_alice.get(self.url("edit", scene), {"find": "market"}, headers=target)
        nothing = as_alice.get(self.url("edit", scene), {"find": "zzz"})

        assert "These are 1 of more." in cut.content.decode()
        assert (options(cut), options(found), options(typed)) == (["Market"], ["Harbour at night"], ["Market"])
        assert "<main" not in typed.content.decode()
        assert "No other scene of this project has these words" in nothing.content.decode()

    def test_not_into_another_project_or_itself(self, as_alice, scene, takes, other):
        for into in [other.uuid, scene.uuid, "x"]:
            assert as_alice.post(self.url("merge", scene), {"into": into}).status_code == 409

    @pytest.mark.parametrize(("who", "status"), [("alice", 200), ("bob", 200), ("vera", 403), ("charlie", 404)])
    def test_who_may(self, client, request, scene, takes, project, who, status):
        SceneFactory(project=project)
        client.force_login(request.getfixturevalue(who))

        assert client.get(self.url("edit", scene)).status_code == status
        refused = 303 if status == 200 else status
        assert client.post(self.url("rename", scene), {"name": "New"}).status_code == refused
        assert client.post(self.url("merge", scene), {"into": ""}).status_code == (409 if status == 200 else status)
        assert Scene.objects.get(pk=scene.pk).name == ("New" if status == 200 else scene.name)


class TestChoices:
    def test_a_menu_and_a_page(self, as_alice, project, takes, other):
        address = reverse("generations:bulk_choices")
        query = {"here": project.uuid, "take": [take.uuid for take in takes], "view": "v"}

        menu = as_alice.get(address, query, headers=HTMX).content.decode()
        page = as_alice.get(address, query).content.decode()

        assert "Night market" in menu
        assert "<html" not in menu
        assert "3 selected takes" in page

    def test_all_that_there_is_can_be_found(self, as_alice, alice, team, project, monkeypatch):
        monkeypatch.setattr(offers, "MOST", 2)
        for name in ["Harbour", "Night", "Market by night"]:
            SceneFactory(project=project, name=name)
            ProjectFactory(team=team, name=f"{name} film")
            Collection.objects.create(team=team, name=f"{name} best", created_by=alice)
        address = reverse("generations:bulk_choices")

        cut = as_alice.get(address, {"here": project.uuid}).content.decode()
        found = as_alice.get(address, {"here": project.uuid, "find": "night market"}).content.decode()
        target = HTMX | {"HX-Target": "bulk-goals"}
        typed = as_alice.get(address, {"here": project.uuid, "find": "harbour"}, headers=target).content.decode()

        assert cut.count("These are 2 of more.") == 3
        assert re.findall(r"<option[^>]*>([^<]+)", found) == [
            "Market by night best",
            "Market by night",
            "Market by night film · Harbour crew",
        ]
        assert "of more" not in found
        assert "Harbour best" in typed
        assert "Night" not in typed
        assert '<label for="bulk-tags"' not in typed

    @pytest.mark.parametrize(("who", "is_offered"), [("alice", True), ("bob", False)])
    def test_other_teams_are_offered_to_who_owns_both(self, client, request, project, who, is_offered):
        person = request.getfixturevalue(who)
        ProjectFactory(team=project.team, name="Night market")
        client.force_login(person)

        page = client.get(reverse("generations:bulk_choices"), {"here": project.uuid}).content.decode()

        assert "Night market" in page
        assert (str(person.personal_team.projects.get().uuid) in page) is is_offered

    def test_the_search_keeps_the_selection_and_what_was_typed(self, as_alice, project, takes):
        query = {"here": project.uuid, "take": [take.uuid for take in takes], "find": "zzz", "new_collection": "Best"}

        page = as_alice.get(reverse("generations:bulk_choices"), query).content.decode()

        assert "Nothing has these words in its name." in page
        assert page.count(f'name="take" value="{takes[0].uuid}"') == 2  # of the search, and of the actions
        assert 'value="Best"' in page
        assert 'value="zzz"' in page

    def test_what_is_seen_at_a_glance_needs_no_search(self, as_alice, project, takes, other):
        page = as_alice.get(reverse("generations:bulk_choices"), {"here": project.uuid}).content.decode()

        assert 'name="find"' not in page

    def test_is_a_few_queries(self, as_alice, project, takes, django_assert_max_num_queries):
        query = {"here": project.uuid, "find": "harbour"}
        as_alice.get(reverse("generations:bulk_choices"), query)

        with django_assert_max_num_queries(10):
            as_alice.get(reverse("generations:bulk_choices"), query)

    def test_every_button_outside_of_its_form_says_that_it_submits(self, as_alice, project, takes):
        """htmx forgets what was pressed of others."""
        menu = as_alice.get(reverse("generations:bulk_choices"), {"here": project.uuid}, headers=HTMX)
        pages = [menu, as_alice.get(reverse("generations:studio"), {"project": project.uuid})]
        as_alice.post(URL, {"do": "trash", "take": [takes[0].uuid]})
        pages.append(as_alice.get(reverse("generations:trash_list"), {"project": project.uuid}))

        for page in pages:
            buttons = re.findall(r'<button[^>]* form="selection"[^>]*>', page.content.decode())
            assert buttons
            assert [button for button in buttons if 'type="submit"' not in button] == []

    @pytest.mark.parametrize("who", ["vera", "charlie"])
    def test_only_for_editors(self, client, request, project, who):
        client.force_login(request.getfixturevalue(who))

        assert client.get(reverse("generations:bulk_choices"), {"here": project.uuid}).status_code == 404


class TestAfterwards:
    def test_a_goal_that_is_gone_ends_it_and_counts_the_rest(self, as_alice, alice, project, takes):
        collection = Collection.objects.create(team=project.team, name="Best of", created_by=alice)
        view = f"project={project.uuid}"
        as_alice.post(URL, {"do": "collect", "all": "1", "view": view, "collection": collection.uuid})
        collection.delete()

        bulk_due()

        action = BulkAction.objects.get()
        assert (action.is_finished, action.changed, action.ignored) == (True, 0, 3)

    def test_is_forgotten_when_nobody_will_undo_it_any_more(self, as_alice, takes):
        as_alice.post(URL, fields("rate:5", takes))
        bulk.forget()
        assert BulkAction.objects.exists()
        BulkAction.objects.update(created_at=timezone.now() - bulk.KEPT_FOR)

        bulk.forget()

        assert not BulkAction.objects.exists()

    def test_is_undone_once(self, as_alice, takes):
        as_alice.post(URL, fields("trash", takes))
        address = reverse("generations:bulk_undo", args=[BulkAction.objects.get().uuid])

        assert as_alice.post(address).status_code == 303
        assert as_alice.post(address).status_code == 409
        assert as_alice.post(address, headers=HTMX).status_code == 422
        assert Generation.objects.kept().count() == 3


class TestKeys:
    def test_can_be_switched_off(self, as_alice, alice, project):
        assert 'data-keys="off"' not in as_alice.get("/studio/").content.decode()
        alice.uses_keys = False
        alice.save()

        assert 'data-keys="off"' in as_alice.get("/studio/").content.decode()
