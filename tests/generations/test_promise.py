"""What stands at the button before it is pressed."""

import pytest
from django.utils import timezone

from generations import phrases, places, promise, scheduling
from generations.models import Generation, Switchboard
from tests.factories import AccountFactory, GenerationFactory, SceneFactory
from tests.generations.pressing import RECIPE


@pytest.fixture
def account(team):
    return AccountFactory(team=team, is_demo=False, running_limit=2)


class TestWords:
    @pytest.fixture
    def words(self, account, project, alice):
        return lambda *asked, account=account, user=alice: promise.words(account, *asked, user=user, project=project)

    @pytest.fixture
    def waiting(self, account, project, alice):
        """So many takes of 720P and 5 s of hers wait already."""
        scene = SceneFactory(project=project, created_by=alice)
        return lambda count: GenerationFactory.create_batch(count, scene=scene, owner=alice, account=account)

    def test_a_guess_says_so(self, words):
        assert words("720P", "5", "1")[0].startswith("Ready perhaps in about")

    def test_a_full_queue_takes_longer(self, words, waiting):
        free = words("1080P", "15", "1")
        waiting(8)

        assert words("1080P", "15", "1") != free

    @pytest.mark.parametrize("asked", [("4K", "5", "1"), ("720P", "x", "1"), ("720P", "99", "1"), ("720P", "5", "9")])
    def test_nothing_sensible_gets_no_promise(self, words, asked):
        assert words(*asked) == []

    def test_no_account(self, words):
        assert words("720P", "5", "1", account=None) == []

    @pytest.mark.parametrize("count", [0, 1, 5, 8])
    def test_is_what_the_queue_says_once_it_is_pressed(self, words, waiting, account, alice, count):
        waiting(count)
        promised = words("1080P", "10", "2")[0]

        pressed = waiting(2)
        Generation.objects.filter(pk__in=[take.pk for take in pressed]).update(resolution="1080P", duration=10)
        last = Generation.objects.select_related("account").get(pk=pressed[-1].pk)

        ends = places.positions([last])[last.pk].starts_in + scheduling.usual(account, "1080P", 10).median
        assert promised == f"Ready perhaps in {phrases.about(ends)}"

    def test_who_comes_new_does_not_wait_behind_anothers_backlog(self, words, waiting, bob):
        waiting(20)

        assert words("720P", "5", "1", user=bob) != words("720P", "5", "1")

    def test_counts_no_take_that_is_paused(self, words, waiting):
        free = words("720P", "5", "1")
        waiting(8)
        Generation.objects.update(paused_at=timezone.now())

        assert words("720P", "5", "1") == free

    def test_says_why_when_nothing_is_sent(self, words, account):
        account.breaker = "key"
        assert words("720P", "5", "1") == ["Wan refuses this account's key. Its owners have been told"]

        account.breaker = ""
        Switchboard.objects.update_or_create(pk=1, defaults={"submitting": False})
        assert words("720P", "5", "1") == ["An administrator has stopped sending"]


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
