"""The family of a take: bounded, in two queries, and never more than the person may see."""

import pytest

from generations.family import Family
from tests.factories import ReadyFactory, SceneFactory


@pytest.fixture
def scene(project, alice):
    return SceneFactory(project=project, created_by=alice)


def shape(nodes):
    return [(node.take.number, shape(node.children)) for node in nodes]


def child(parent, number, **fields):
    return ReadyFactory(scene=parent.scene, number=number, parent=parent, **{"origin": "remix", **fields})


class TestTree:
    def test_holds_ancestors_and_all_that_came_of_them(self, alice, scene):
        first = ReadyFactory(scene=scene, number=1)
        second, third = child(first, 2), child(first, 3, origin="print")
        child(second, 4)

        for take in (first, third):
            assert shape(Family(take, alice).tree) == [(1, [(2, [(4, [])]), (3, [])])]

    def test_of_a_take_on_its_own_is_empty(self, alice, scene):
        assert Family(ReadyFactory(scene=scene), alice).tree == []

    def test_takes_one_query_and_stays_small(self, alice, scene, django_assert_num_queries):
        take = first = ReadyFactory(scene=scene, number=1)
        for number in range(2, 30):
            take = child(take, number)
        for number in range(30, 100):
            child(first, number)

        for one in (first, take):
            with django_assert_num_queries(1):
                nodes = Family(one, alice).tree

            assert len(str(shape(nodes))) < 1500
            assert f"({one.number}," in str(shape(nodes))

    def test_leaves_out_what_the_person_does_not_see(self, alice, scene):
        foreign = ReadyFactory(number=77)
        mine = ReadyFactory(scene=scene, number=1, parent=foreign, origin="remix")
        child(mine, 2)
        ReadyFactory(number=78, parent=mine, origin="remix")

        assert shape(Family(mine, alice).tree) == [(1, [(2, [])])]


class TestPage:
    def test_draws_each_with_its_thumbnail(self, as_alice, scene):
        first = ReadyFactory(scene=scene, number=1, seed=77)
        second = child(first, 2, seed=78, resolution="1080P")
        waiting = child(first, 3, status="queued", derived_at=None)

        page = as_alice.get(second.get_absolute_url()).content.decode()

        assert f'src="/generations/{first.uuid}/poster?size=small"' in page
        assert "Take 2, this one" in page
        assert "Remix, 1080P, seed 78" in page
        assert waiting.get_absolute_url() in page

    def test_says_what_tells_each_from_its_kin(self, as_alice, scene, project, alice):
        first = ReadyFactory(scene=scene, number=1, seed=77, resolution="720P")
        child(first, 2, seed=77, origin="print", resolution="1080P")
        other = SceneFactory(project=project, created_by=alice, name="Night market")
        ReadyFactory(scene=other, number=1, parent=first, origin="remix", seed=5, resolution="720P")

        page = as_alice.get(first.get_absolute_url()).content.decode()

        for about in ("720P, seed 77", "Print at 1080P, same seed", "Remix, 720P, seed 5, Night market"):
            assert f"<small>{about}</small>" in page
