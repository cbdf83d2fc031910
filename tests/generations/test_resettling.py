"""Moves of takes between projects that meet one another."""

import pytest

from generations import collecting, resettling
from generations.models import Collected, Collection, Generation, Scene
from teams.models import Project
from tests.factories import MembershipFactory, ProjectFactory, ReadyFactory, SceneFactory, TeamFactory


@pytest.fixture
def other(team):
    return ProjectFactory(team=team, name="Night market")


def twins(project, other, *, by):
    """A take in each of four scenes of either project; what moves from a scene to the other project joins its twin."""
    pairs = [[SceneFactory(project=each, created_by=by) for each in (project, other)] for _n in range(4)]
    for one, twin in pairs:
        one.parted_from, twin.parted_from = twin, one
        Scene.objects.bulk_update([one, twin], ["parted_from"])
    return ([ReadyFactory(scene=scene, number=0) for scene in scenes] for scenes in zip(*pairs, strict=True))


def moved(project, *takes, by):
    return lambda: resettling.to_project([take.pk for take in takes], project, by=by)


class TestTwoMovesAtOnce:
    """Each in a transaction of a connection of its own."""

    def test_that_cross_each_other_are_both_done(self, at_once, alice, project, other):
        here, there = twins(project, other, by=alice)

        def travel(takes, *projects):
            for goal in projects * 3:
                moved(goal, *takes, by=alice)()

        at_once(lambda: travel(here, other, project), lambda: travel(there, project, other))

        assert set(Generation.objects.filter(project=project)) == set(here)
        assert set(Generation.objects.filter(project=other)) == set(there)

    def test_of_one_scene_make_one_there(self, at_once, alice, project, other):
        scene = SceneFactory(project=project, created_by=alice)
        takes = [ReadyFactory(scene=scene) for _index in range(4)]

        at_once(*[moved(other, take, by=alice) for take in takes])

        made = Scene.objects.get(project=other)
        assert sorted(made.takes.values_list("number", flat=True)) == [1, 2, 3, 4]

    def test_of_the_same_takes_move_each_once(self, at_once, alice, project, other):
        scene = SceneFactory(project=project, created_by=alice)
        takes = [ReadyFactory(scene=scene) for _index in range(4)]

        done = at_once(moved(other, *takes, by=alice), moved(other, *reversed(takes), by=alice))

        assert sorted(map(len, done)) == [0, 4]
        assert Scene.objects.get(project=other).takes_made == 4

    def test_to_another_team_while_their_collection_is_arranged(self, at_once, alice, project):
        away = ProjectFactory(team=TeamFactory(name="Night crew"))
        MembershipFactory(team=away.team, user=alice, role="owner")
        scene = SceneFactory(project=project, created_by=alice)
        takes = [ReadyFactory(scene=scene) for _index in range(40)]
        collection = Collection.objects.create(team=project.team, name="Best of", created_by=alice)
        collecting.collect([take.pk for take in takes], collection, by=alice)

        def arrange():
            for take in takes[1:]:
                collecting.put(collection, take.uuid, takes[0].uuid, behind=False)

        def leave():
            for at in (20, 25, 30, 35, 10, 15, 5):
                moved(away, *takes[at : at + 5], by=alice)()

        at_once(arrange, leave)

        assert set(Collected.objects.values_list("generation", flat=True)) == {take.pk for take in takes[:5]}


class TestGoalThatLeftTheTeam:
    """A move reads where it goes to once it holds it: its project may have gone to another team meanwhile."""

    def test_takes_nothing_of_who_does_not_edit_it_there(self, db, alice, project, other):
        take = ReadyFactory(scene=SceneFactory(project=project, created_by=alice))
        goal = Scene.objects.select_related("project").get(pk=SceneFactory(project=other).pk)
        Project.objects.filter(pk=other.pk).update(team=TeamFactory(name="Night crew"))

        with pytest.raises(Scene.DoesNotExist):
            resettling.to_scene([take.pk], goal, by=alice)
        with pytest.raises(Project.DoesNotExist):
            resettling.to_project([take.pk], other, by=alice)

        take.refresh_from_db()
        assert take.project == project
