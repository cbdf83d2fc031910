"""What locks the rows of several teams, projects or takes, and meets another that wants them in another order."""

import contextlib
import threading
import uuid

import pytest
from django.db import connection

from accounts import closing
from accounts.models import User
from generations import judging, labels, ledger
from generations.lifecycle import retry, trash
from generations.models import Generation
from teams import moving
from tests.factories import (
    AccountFactory,
    BudgetFactory,
    GenerationFactory,
    MembershipFactory,
    ProjectFactory,
    SceneFactory,
    TeamFactory,
    UserFactory,
)
from tests.generations.pressing import press_once

WITHIN = 0.5  # for the other to come to where it waits


@pytest.fixture(autouse=True)
def many_writers(transactional_db):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")


@pytest.fixture
def account(team):
    return AccountFactory(team=team, is_demo=True)


@pytest.fixture
def failed(team, project, alice, account):
    """One in a project, a newer one in another, and the newest in the first again."""
    scenes = [SceneFactory(project=each, created_by=alice) for each in (project, ProjectFactory(team=team))]
    shared = {"owner": alice, "account": account, "status": "failed", "due_at": None}
    return [GenerationFactory(scene=scenes[index], **shared) for index in (0, 1, 0)]


@pytest.fixture
def meet(monkeypatch):
    """`meet((module, name), ...)`: of two who come to where one is called, each waits for the other a while."""

    def meet(*places):
        both = threading.Barrier(2)
        for module, name in places:
            monkeypatch.setattr(module, name, _after(both, getattr(module, name)))

    def _after(both, verb):
        def called(*args, **kwargs):
            with contextlib.suppress(threading.BrokenBarrierError):  # the other waits for a lock of this one
                both.wait(WITHIN)
            return verb(*args, **kwargs)

        return called

    return meet


def retry_all(takes, *, by):
    return retry.all_failed(takes, by=by, token=uuid.uuid4())


class TestRetryOfAllFailed:
    def test_of_several_projects_by_two_people_is_done_once(self, at_once, meet, alice, bob, failed):
        older = Generation.objects.filter(pk__in=[take.pk for take in failed[:2]])
        meet((retry, "note"))

        made = at_once(lambda: retry_all(Generation.objects.all(), by=alice), lambda: retry_all(older, by=bob))

        assert sum(map(len, made)) == 3
        assert all(take.children.count() == 1 for take in failed)

    def test_and_a_press_of_the_same_person_are_both_done(self, at_once, meet, alice, project, account, failed):
        AccountFactory(team=project.team)  # the press costs something
        BudgetFactory(team=project.team)
        meet((retry, "newest_failed"), (ledger, "open_books"))

        at_once(lambda: retry_all(Generation.objects.all(), by=alice), lambda: press_once(user=alice, project=project))

        assert Generation.objects.filter(status="queued").count() == 4

    def test_and_the_trash_are_both_done(self, at_once, meet, alice, bob, failed):
        keys = [take.pk for take in failed]
        meet((retry, "note"), (trash, "_flag"))

        at_once(lambda: retry_all(Generation.objects.all(), by=alice), lambda: trash.trash_all(keys, by=bob))

        assert Generation.objects.in_trash().filter(pk__in=keys).count() == 3


class TestProjectThatMoves:
    def test_meets_the_trash(self, at_once, meet, alice, project, failed):
        away = TeamFactory(name="Night crew")
        MembershipFactory(team=away, user=alice, role="owner")
        keys = [take.pk for take in failed if take.project_id == project.pk]
        meet((moving, "record"), (trash, "record_takes"))

        at_once(lambda: moving.move(project, away, by=alice), lambda: trash.trash_all(keys, by=alice))

        assert set(Generation.objects.in_trash().values_list("pk", "team")) == {(key, away.pk) for key in keys}


class TestJudgements:
    def test_of_the_same_takes_in_another_order_are_both_done(self, at_once, meet, alice, failed):
        """Each statement locks them in the order that it finds them in: by primary key, whatever that is."""
        keys = [take.pk for take in failed]
        before = [[key, old] for key, old in zip(reversed(keys), (0, 1, 2), strict=True)]
        Generation.objects.update(rating=3)

        at_once(
            *[lambda: judging.set_back(before, "rating", 3), lambda: judging.rate(keys, 5)] * 2,
            lambda: labels.tag(keys, ["Dusk"], by=alice),
        )

        assert Generation.objects.filter(rating=5).count() == 3


class TestClosingOfAnAccount:
    def test_meets_a_press_of_the_same_person(self, at_once, meet, alice, team, project, account):
        MembershipFactory(team=team, user=UserFactory(), role="owner")
        User.objects.filter(pk=alice.pk).update(is_staff=True, is_superuser=True)
        UserFactory(is_staff=True, is_superuser=True)
        AccountFactory(team=team)
        meet((closing, "consequences"), (ledger, "open_books"))

        at_once(lambda: closing.close(alice), lambda: press_once(user=alice, project=project))

        alice.refresh_from_db()
        assert (alice.is_active, Generation.objects.count()) == (False, 1)
