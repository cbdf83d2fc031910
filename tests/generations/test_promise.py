"""What stands at the button before it is pressed."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from generations import phrases, places, promise, scheduling
from generations.models import Draft, Generation, Switchboard
from teams.models import Budget
from tests.factories import AccountFactory, BudgetFactory, GenerationFactory, SceneFactory
from tests.generations.pressing import RECIPE, press_once

ASKED = {"resolution": "720P", "duration": "5", "takes": "1"}


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
        assert words("720P", "5", "1") == [
            "Wan has refused this account's key and not accepted it since. Its owners have been told"
        ]

        account.is_demo = True  # which raises no alarm
        assert words("720P", "5", "1")[0] == "Wan has refused this account's key and not accepted it since"

        account.breaker, account.is_demo = "", False
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


def digest_of(response):
    """By which the page says what it knows."""
    return re.search(r'id="promised" value="([^"]+)"', response.content.decode())[1]


@pytest.mark.usefixtures("mid_month")
class TestPoll:
    """What stands at the button of an open page stays true by the page's one poll."""

    @pytest.fixture
    def poll(self, client, alice, account, project):
        client.force_login(alice)
        html = client.get("/studio/", {"project": project.uuid}).content.decode()
        top = re.search(r'id="poller"[^>]*data-v="([^"]+)"', html)[1]

        def poll(promised="", **values):
            query = {**ASKED, "project": project.uuid, "ids": "", "v": top, "promised": promised, **values}
            return client.get("/generations/status", query, headers={"HX-Request": "true"})

        return poll

    @pytest.fixture
    def known(self, client, project, poll):
        """Of a page that has asked."""
        return digest_of(client.get("/generations/promise", ASKED | {"project": project.uuid}))

    def test_nothing_is_sent_that_the_page_has(self, poll, known):
        assert poll(known).status_code == 204

    def test_what_another_has_spent_comes_with_it(self, poll, known, team):
        BudgetFactory(team=team, amount=1)

        news = poll(known)

        html = news.content.decode()
        assert '<p hx-swap-oob="innerHTML:#promise" data-asked="720P 5 1">' in html
        assert "Ready perhaps in about" in html
        assert 'id="purse" value="1.0000"' in html
        fresh = digest_of(news)
        assert fresh != known
        assert poll(fresh).status_code == 204

    def test_a_longer_queue_and_what_it_reserves_come_with_it(self, poll, known, project, bob):
        press_once(user=bob, project=project, duration=15, resolution="1080P")

        assert "US$\xa02.25 held already" in poll(known).content.decode()

    def test_a_page_that_does_not_ask_is_told_nothing(self, client, poll, project):
        assert 'id="promised"' not in client.get("/generations/status", {"project": project.uuid}).content.decode()

    def test_a_viewer_is_told_nothing(self, client, poll, vera):
        client.force_login(vera)

        assert 'id="promised"' not in poll(v="").content.decode()

    def test_costs_few_queries(self, client, alice, bob, account, project, django_assert_max_num_queries):
        scene = SceneFactory(project=project, created_by=alice)
        GenerationFactory.create_batch(5, scene=scene, owner=alice, account=account)
        Generation.objects.update(created_at=timezone.now() - timedelta(hours=1))  # which the page has
        client.force_login(alice)
        html = client.get("/studio/", {"project": project.uuid}).content.decode()
        grid = dict(re.findall(r'data-(view|mark)="([^"]+)"', html.partition('id="news"')[2].partition(">")[0]))
        ids = ",".join(re.findall(r'data-take="([^"]+)" data-v="[^"]+"[^>]* data-live', html))
        query = {"project": project.uuid, "ids": ids, "v": "x", "promised": "", **grid}
        query |= ASKED

        with django_assert_max_num_queries(10):
            answer = client.get("/generations/status", query, headers={"HX-Request": "true"})

        assert 'id="promised"' in answer.content.decode()


class TestSheet:
    """The same of the rows of a call sheet that stands open."""

    def test_is_told_without_saving_anything(
        self, client, alice, account, team, project, django_assert_max_num_queries
    ):
        client.force_login(alice)
        BudgetFactory(team=team, amount=1)
        rows = {"project": project.uuid, "text": "Rain\nSnow", "resolution": "720P", "duration": "5", "do": "reckon"}

        with django_assert_max_num_queries(10):
            html = client.post("/studio/sheet/", rows, headers={"HX-Request": "true"}).content.decode()

        assert "Ready perhaps in" in html
        assert "Generate 2 takes" in html
        assert "sheet-table" not in html
        assert not Draft.objects.exists()
        Budget.objects.update(amount="0.50")
        html = client.post("/studio/sheet/", rows, headers={"HX-Request": "true"}).content.decode()
        assert "This needs US$\xa01.00, the team has US$\xa00.50 left this month." in html
        assert 'id="send" aria-disabled="true"' in html
        assert "before every row is fine" not in html


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
