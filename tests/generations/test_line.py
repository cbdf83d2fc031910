"""The line of waiting takes: paused, resumed and moved, one by one or all of a person's."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from generations import places, scheduling
from generations.models import Batch, Event, Generation, WanAccount
from tests.factories import GenerationFactory, ProjectFactory
from tests.generations.pressing import press_once


@pytest.fixture
def takes(simulator, alice, project):
    return [press_once(f"take {number}", user=alice, project=project) for number in range(3)]


def order() -> list[str]:
    account = WanAccount.objects.get()
    due = places.positions(Generation.objects.select_related("account").filter(status="queued"))
    by_place = {position.place: key for key, position in due.items()}
    assert account.pk
    return [Generation.objects.get(pk=by_place[place]).prompt for place in sorted(by_place)]


class TestLine:
    @pytest.fixture
    def do(self, client):
        return lambda take, act: client.post(reverse("generations:line", args=[take.uuid]), {"do": act})

    def test_puts_a_take_first_in_its_owners_line(self, do, client, alice, takes):
        client.force_login(alice)

        answer = do(takes[2], "first")

        assert answer.status_code == 303
        assert order() == ["take 2", "take 0", "take 1"]

    @pytest.mark.parametrize(
        ("number", "act", "expected"),
        [
            (2, "earlier", [0, 2, 1]),
            (0, "earlier", [0, 1, 2]),
            (0, "later", [1, 0, 2]),
            (1, "later", [0, 2, 1]),
            (2, "later", [0, 1, 2]),
            (0, "last", [1, 2, 0]),
            (1, "first", [1, 0, 2]),
        ],
    )
    def test_moves_a_take_among_its_owners(self, do, client, alice, takes, number, act, expected):
        client.force_login(alice)

        assert do(takes[number], act).status_code == 303

        assert order() == [f"take {place}" for place in expected]

    def test_moves_it_past_the_owners_takes_in_other_projects_too(self, do, client, alice, takes, team, way):
        other = press_once("elsewhere", user=alice, project=ProjectFactory(team=team))
        client.force_login(alice)
        do(takes[2], "first")
        do(other, "last")

        assert order() == ["take 2", "take 0", "take 1", "elsewhere"]
        assert scheduling.next_queued(other.account, timezone.now()) == takes[2]

    def test_again_and_again_leads_to_any_order(self, do, client, alice, takes):
        client.force_login(alice)
        for number, act in [(0, "last"), (2, "earlier"), (1, "later"), (1, "later"), (2, "last"), (1, "first")]:
            do(takes[number], act)

        assert order() == ["take 1", "take 0", "take 2"]

    def test_lets_what_is_pressed_later_come_later(self, do, client, alice, takes, project):
        client.force_login(alice)
        do(takes[0], "last")
        press_once("take 3", user=alice, project=project)

        assert order() == ["take 1", "take 2", "take 0", "take 3"]

    def test_moves_nobody_elses(self, do, client, alice, bob, takes, project):
        press_once("bob's", user=bob, project=project)
        client.force_login(alice)
        do(takes[2], "first")

        assert order() == ["take 2", "bob's", "take 0", "take 1"]

    def test_in_the_tray_answers_with_the_tray_as_it_is_now(self, client, alice, takes):
        client.force_login(alice)
        address = reverse("generations:line", args=[takes[2].uuid])

        html = client.post(address, {"do": "first"}, headers={"HX-Request": "true"}).content.decode()

        assert 'id="queue-tray" hx-swap-oob="true"' in html
        assert html.index("take 2") < html.index("take 0")
        assert f'id="tray-earlier-{takes[1].uuid}"' in html
        assert f'id="tray-first-{takes[2].uuid}"' not in html

    def test_canceled_in_the_tray_is_gone_from_it_at_once(self, client, alice, takes):
        client.force_login(alice)
        cancel = reverse("generations:cancel", args=[takes[1].uuid])

        first, second = (client.post(cancel, headers={"HX-Request": "true"}) for _ in range(2))

        html = first.content.decode()
        assert 'id="queue-tray" hx-swap-oob="true"' in html
        assert 'id="queue-pill" hx-swap-oob="true"' in html
        assert f"tray-cancel-{takes[0].uuid}" in html
        assert f"tray-cancel-{takes[1].uuid}" not in html
        assert "Canceled. Nothing was charged." in html
        assert second.status_code == 409
        assert "already finished" in second.content.decode()

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


class TestAllOfMine:
    @pytest.fixture
    def do(self, client, project):
        address = reverse("generations:line_all")
        return lambda act, **headers: client.post(address, {"do": act, "project": project.uuid}, headers=headers)

    def test_are_paused_and_resumed_in_one_press(self, do, client, alice, bob, takes, project):
        bobs = press_once("bob's", user=bob, project=project)
        client.force_login(alice)

        assert do("pause").status_code == 303
        assert Generation.objects.filter(paused_at=None).get() == bobs
        assert do("resume").status_code == 303

        assert not Generation.objects.exclude(paused_at=None).exists()
        assert Event.objects.filter(kind="paused").count() == Event.objects.filter(kind="resumed").count() == 3

    def test_are_told_in_the_tray(self, do, client, alice, takes):
        client.force_login(alice)

        html = do("pause", **{"HX-Request": "true"}).content.decode()

        assert "3 takes are kept here." in html
        assert 'id="tray-resume-all"' in html
        assert 'id="tray-pause-all"' not in html

    def test_of_a_paused_call_sheet_stay_with_it(self, do, client, alice, takes, project):
        batch = Batch.objects.create(project=project, created_by=alice, press=uuid.uuid4(), paused_at=timezone.now())
        Generation.objects.filter(pk=takes[0].pk).update(batch=batch, paused_at=timezone.now())
        client.force_login(alice)

        do("resume")

        takes[0].refresh_from_db()
        assert takes[0].paused_at is not None

    def test_know_no_other_act(self, do, client, alice, takes):
        client.force_login(alice)

        assert do("explode").status_code == 400


class TestRetryAllFailed:
    @pytest.fixture
    def press(self, client, project):
        token = uuid.uuid4()
        fields = {"project": project.uuid, "token": token}
        return lambda view="": client.post(reverse("generations:retry_failed"), fields | {"view": view})

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

    def test_twice_does_not_take_up_the_next_ones(self, press, client, alice, failed, monkeypatch):
        monkeypatch.setattr("generations.lifecycle.retry.MOST_AT_ONCE", 2)
        client.force_login(alice)
        press()

        press()

        assert Generation.objects.filter(origin="retry").count() == 2

    @pytest.mark.parametrize(("person", "status"), [("vera", 403), ("charlie", 404)])
    def test_is_not_for_viewers_and_strangers(self, press, client, request, failed, person, status):
        client.force_login(request.getfixturevalue(person))

        assert press().status_code == status
        assert Generation.objects.count() == 3

    def test_keeps_to_what_the_view_shows(self, press, client, alice, bob, project, failed):
        Generation.objects.filter(pk=failed[1].pk).update(owner=bob)
        client.force_login(alice)

        press(f"project={project.uuid}&show=failed&person={bob.uuid}")

        assert [take.children.count() for take in failed] == [0, 1, 0]

    def test_leaves_alone_what_the_person_only_watches(self, press, client, alice, project, failed):
        theirs = ProjectFactory()
        theirs.team.memberships.create(user=alice, role="viewer")
        watched = GenerationFactory(project=theirs, owner=alice, status="failed", finished_at=timezone.now())
        client.force_login(alice)

        press(f"project={project.uuid}&show=failed&scope=mine")

        assert not watched.children.exists()
        assert [take.children.count() for take in failed] == [1, 1, 1]

    @pytest.mark.parametrize("cause", ["input-inspection", "invalid-parameter", "audio-gone", "audio-damaged"])
    def test_leaves_out_what_would_fail_again_and_says_so(self, press, client, alice, project, failed, cause):
        Generation.objects.filter(pk__in=[take.pk for take in failed[:2]]).update(failure_cause=cause)
        client.force_login(alice)
        view = f"{reverse('generations:studio')}?project={project.uuid}&show=failed"

        before = client.get(view).content.decode()
        press()
        after = client.get(view).content.decode()

        assert "Retry 1 failed take" in before
        assert "2 would fail again as they are" in before
        assert [take.children.count() for take in failed] == [0, 0, 1]
        assert "2 are left out: sent again as they are, they would fail again." in after
        assert "Retry 1 failed take" not in after
        assert "2 would fail again as they are" in after

    @pytest.mark.parametrize(("query", "most"), [("", 10), ("&scope=team&q=take", 11)])
    def test_a_view_of_failed_takes_costs_few_queries(
        self, client, alice, project, failed, query, most, django_assert_max_num_queries
    ):
        Generation.objects.filter(pk=failed[0].pk).update(failure_cause="input-inspection")
        GenerationFactory(scene=failed[0].scene, owner=alice, account=failed[0].account)
        client.force_login(alice)
        view = f"{reverse('generations:studio')}?project={project.uuid}&show=failed{query}"
        client.get(view)

        with django_assert_max_num_queries(most):
            page = client.get(view).content.decode()

        assert "Retry all 2 failed takes" in page
        assert "1 would fail again as it is" in page

    def test_the_button_says_how_many_and_takes_its_view_along(self, client, alice, project, failed):
        client.force_login(alice)
        studio = reverse("generations:studio")

        everything = client.get(f"{studio}?project={project.uuid}&show=failed").content.decode()
        of_nobody = client.get(f"{studio}?project={project.uuid}&show=failed&q=nonsense").content.decode()

        assert "Retry all 3 failed takes" in everything
        assert f'name="view" value="project={project.uuid}&amp;show=failed"' in everything
        assert "failed takes" not in of_nobody
