"""The line of waiting takes: pause, resume, put first."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from generations import scheduling
from generations.models import Event, Generation, WanAccount
from tests.generations.pressing import press_once


@pytest.fixture
def takes(simulator, alice, project):
    return [press_once(f"take {number}", user=alice, project=project) for number in range(3)]


def order() -> list[str]:
    account = WanAccount.objects.get()
    due = scheduling.positions(Generation.objects.select_related("account").filter(status="queued"))
    places = {position.place: key for key, position in due.items()}
    assert account.pk
    return [Generation.objects.get(pk=places[place]).prompt for place in sorted(places)]


class TestLine:
    @pytest.fixture
    def do(self, client):
        return lambda take, act: client.post(reverse("generations:line", args=[take.uuid]), {"do": act})

    def test_puts_a_take_first_in_its_owners_line(self, do, client, alice, takes):
        client.force_login(alice)

        answer = do(takes[2], "first")

        assert answer.status_code == 303
        assert order() == ["take 2", "take 0", "take 1"]

    def test_keeps_a_paused_take_here_and_sends_the_others(self, do, client, bob, takes, way):
        client.force_login(bob)
        do(takes[0], "pause")

        way.until(takes[2], "ready")

        takes[0].refresh_from_db()
        assert takes[0].status == "queued"
        assert takes[0].paused_at is not None

    def test_sends_a_resumed_take(self, do, client, alice, takes, way):
        client.force_login(alice)
        do(takes[0], "pause")
        do(takes[0], "resume")

        way.until(takes[0], "ready")

        kinds = set(Event.objects.filter(generation=takes[0]).values_list("kind", flat=True))
        assert {"paused", "resumed"} <= kinds

    def test_says_so_when_the_take_has_left_the_line(self, do, client, alice, takes, way):
        way.until(takes[0], "ready")
        client.force_login(alice)

        assert do(takes[0], "pause").status_code == 409
        assert do(takes[0], "first").status_code == 409

    def test_refuses_an_unknown_act(self, do, client, alice, takes):
        client.force_login(alice)

        assert do(takes[0], "explode").status_code == 400

    @pytest.mark.parametrize(("person", "status"), [("vera", 403), ("charlie", 404)])
    def test_is_not_for_viewers_and_strangers(self, do, client, request, takes, person, status):
        client.force_login(request.getfixturevalue(person))

        assert do(takes[0], "pause").status_code == status


class TestRetryAllFailed:
    @pytest.fixture
    def press(self, client, project):
        token = uuid.uuid4()
        return lambda: client.post(reverse("generations:retry_failed"), {"project": project.uuid, "token": token})

    @pytest.fixture
    def failed(self, takes):
        Generation.objects.update(status="failed", due_at=None, finished_at=timezone.now())
        return takes

    def test_makes_one_new_take_for_each_failed_one(self, press, client, alice, failed):
        client.force_login(alice)

        answer = press()

        assert answer.status_code == 303
        assert [take.children.count() for take in failed] == [1, 1, 1]

    def test_twice_makes_the_same_takes(self, press, client, alice, failed):
        client.force_login(alice)
        press()

        press()

        assert Generation.objects.count() == 6

    @pytest.mark.parametrize(("person", "status"), [("vera", 403), ("charlie", 404)])
    def test_is_not_for_viewers_and_strangers(self, press, client, request, failed, person, status):
        client.force_login(request.getfixturevalue(person))

        assert press().status_code == status
        assert Generation.objects.count() == 3
