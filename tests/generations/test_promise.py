"""What stands at the button before it is pressed."""

import pytest

from generations import promise
from generations.models import Generation
from tests.factories import AccountFactory, GenerationFactory, SceneFactory
from tests.generations.pressing import RECIPE


@pytest.fixture
def account(team):
    return AccountFactory(team=team, is_demo=False, running_limit=2)


class TestWords:
    def test_a_guess_says_so(self, account, project):
        assert promise.words(account, "720P", "5", "1")[0].startswith("Ready perhaps in about")

    def test_a_full_queue_takes_longer(self, account, project, alice):
        scene = SceneFactory(project=project, created_by=alice)
        free = promise.words(account, "1080P", "15", "1")
        GenerationFactory.create_batch(8, scene=scene, owner=alice, account=account)

        assert promise.words(account, "1080P", "15", "1") != free

    @pytest.mark.parametrize("asked", [("4K", "5", "1"), ("720P", "x", "1"), ("720P", "99", "1"), ("720P", "5", "9")])
    def test_nothing_sensible_gets_no_promise(self, account, project, asked):
        assert promise.words(account, *asked) == []

    def test_no_account(self, project):
        assert promise.words(None, "720P", "5", "1") == []


class TestView:
    def test_it_answers_members(self, client, alice, account, project):
        client.force_login(alice)

        query = {"project": project.uuid, "resolution": "720P", "duration": "5", "takes": "1"}

        assert "about" in client.get("/generations/promise", query).content.decode()

    def test_strangers_get_404(self, client, charlie, project):
        client.force_login(charlie)

        assert client.get("/generations/promise", {"project": project.uuid}).status_code == 404


class TestSeeds:
    @pytest.mark.parametrize(
        ("values", "expected"),
        [({"seed": 7}, [7, 8, 9]), ({"seed": 7, "fresh_seeds": True}, [7, None, None]), ({}, [None] * 3)],
    )
    def test_of_several_takes(self, values, expected):
        recipe = RECIPE.__class__(**{**RECIPE.__dict__, **values})

        assert [recipe.fields(index)["seed"] for index in range(3)] == expected

    def test_consecutive_ones_without_a_first(self, client, alice, account, project):
        client.force_login(alice)

        client.post(
            "/generations/", {"prompt": "A kite", "project": project.uuid, "takes": "3", "seeds": "consecutive"}
        )

        first, second, third = Generation.objects.order_by("number").values_list("seed", flat=True)
        assert (second, third) == tuple((first + step) % 2**31 for step in (1, 2))
