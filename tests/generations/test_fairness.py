"""Many people with uneven backlogs on one account: nobody is passed over, whoever came first with how many takes."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from generations import places, scheduling
from generations.models import Generation, SubmitAttempt
from tests.factories import AccountFactory, GenerationFactory, ProjectFactory, SceneFactory, UserFactory

pytestmark = pytest.mark.django_db
BACKLOGS = [40, 25, 12, 8, 5, 3, 2, 2, 1, 1, 1, 1]  # takes of each person; the greediest came first


class Wan:
    """What the sweep does with each free slot, without the calls: the next take is sent, the oldest ends."""

    def __init__(self, account):
        self.account, self.now, self.at_wan, self.sent = account, timezone.now(), [], []

    def send(self):
        take = scheduling.next_queued(self.account, self.now)
        if take is None:
            return None
        SubmitAttempt.objects.create(generation=take, account=self.account, fence=0, started_at=self.now)
        self.now += timedelta(milliseconds=1)
        Generation.objects.filter(pk=take.pk).update(status="running", rendering_at=self.now)
        self.at_wan.append(take)
        self.sent.append(take)
        return take

    def end_one(self):
        take = self.at_wan.pop(0)
        Generation.objects.filter(pk=take.pk).update(status="ready", ready_at=self.now, video_key="none")

    def serve_all(self):
        while True:
            while scheduling.capacity(self.account, self.now) > 0:
                if self.send() is None:
                    return
            self.end_one()
            self.now += timedelta(seconds=1)


@pytest.fixture
def wan():
    return Wan(AccountFactory())


def backlog(account, count, *, owner, project, since):
    scene = SceneFactory(project=project, created_by=owner)
    for number in range(count):
        moment = since + timedelta(milliseconds=number)
        GenerationFactory(scene=scene, account=account, number=number + 1, created_at=moment, due_at=since)


def is_even(sent, key, left):
    """At each moment, of those that still wait nobody has been served twice more than another."""
    served, waiting = Counter(dict.fromkeys(left, 0)), Counter(left)
    for take in sent:
        served[key(take)] += 1
        waiting[key(take)] -= 1
        still = [served[one] for one, count in waiting.items() if count > 0]
        if still and max(still) - min(still) > 1:
            return False
    return True


class TestManyPeople:
    def test_are_served_in_turns_whatever_each_has_waiting(self, wan):
        start = timezone.now() - timedelta(hours=1)
        people = []
        for count in BACKLOGS:
            people.append(owner := UserFactory())
            since = start + timedelta(seconds=len(people))
            backlog(wan.account, count, owner=owner, project=ProjectFactory(), since=since)

        wan.serve_all()

        left = {person.pk: count for person, count in zip(people, BACKLOGS, strict=True)}
        assert len(wan.sent) == sum(BACKLOGS)
        assert is_even(wan.sent, lambda take: take.owner_id, left)
        first_round = [take.owner_id for take in wan.sent[: len(people)]]
        assert sorted(first_round) == sorted(left)

    def test_get_their_own_takes_in_the_order_of_their_pressing(self, wan):
        start = timezone.now() - timedelta(hours=1)
        for count in BACKLOGS[3:]:
            backlog(wan.account, count, owner=UserFactory(), project=ProjectFactory(), since=start)

        wan.serve_all()

        for owner in {take.owner_id for take in wan.sent}:
            numbers = [take.number for take in wan.sent if take.owner_id == owner]
            assert numbers == sorted(numbers)

    def test_who_comes_late_does_not_wait_behind_a_backlog(self, wan):
        start = timezone.now() - timedelta(hours=1)
        backlog(wan.account, 40, owner=UserFactory(), project=ProjectFactory(), since=start)
        while wan.send() and len(wan.sent) < 7:
            pass
        late = UserFactory()
        backlog(wan.account, 3, owner=late, project=ProjectFactory(), since=start + timedelta(minutes=1))

        wan.end_one()

        assert wan.send().owner == late

    def test_with_many_projects_get_no_more_than_with_one(self, wan):
        start = timezone.now() - timedelta(hours=1)
        many, one = UserFactory(), UserFactory()
        projects = [ProjectFactory() for _ in range(5)]
        for project in projects:
            backlog(wan.account, 4, owner=many, project=project, since=start)
        backlog(wan.account, 20, owner=one, project=ProjectFactory(), since=start)

        wan.serve_all()

        assert is_even(wan.sent, lambda take: take.owner_id, {many.pk: 20, one.pk: 20})
        of_many = [take for take in wan.sent if take.owner_id == many.pk]
        assert is_even(of_many, lambda take: take.project_id, {project.pk: 4 for project in projects})

    def test_are_served_however_the_renderings_end(self, wan):
        chance = random.Random(7)
        start = timezone.now() - timedelta(hours=1)
        for count in BACKLOGS[2:]:
            backlog(wan.account, count, owner=UserFactory(), project=ProjectFactory(), since=start)
        wan.end_one = lambda: _end(wan, chance.randrange(len(wan.at_wan)))

        wan.serve_all()

        assert len(wan.sent) == sum(BACKLOGS[2:])
        last = {take.owner_id: turn for turn, take in reversed(list(enumerate(wan.sent)))}
        assert max(last.values()) < 2 * len(last), "somebody waited through two rounds for the first take"


class TestPlaces:
    """What people are told is what is sent, as long as renderings take as long as usual."""

    @pytest.mark.parametrize("seed", range(4))
    def test_are_those_in_which_takes_are_sent(self, wan, seed):
        chance = random.Random(seed)
        start = timezone.now() - timedelta(hours=1)
        for owner in UserFactory.create_batch(4):
            for project in ProjectFactory.create_batch(chance.randint(1, 3)):
                backlog(wan.account, chance.randint(1, 6), owner=owner, project=project, since=start)
        for take in Generation.objects.all():
            moved = chance.choice([0, 0, 0, -1, -2, 1])
            Generation.objects.filter(pk=take.pk).update(queue_rank=moved)
        for _ in range(seed * 3):
            if scheduling.capacity(wan.account, wan.now) <= 0:
                wan.end_one()
            wan.send()
        sent = len(wan.sent)

        expected = places.order_of(wan.account)
        wan.serve_all()

        assert expected == [take.pk for take in wan.sent[sent:]]

    def test_of_paused_takes_are_behind_all_others(self, wan):
        backlog(wan.account, 4, owner=UserFactory(), project=ProjectFactory(), since=timezone.now())
        first = Generation.objects.earliest("pk")
        Generation.objects.filter(pk=first.pk).update(paused_at=timezone.now())

        position = places.positions(Generation.objects.select_related("account"))[first.pk]

        assert (position.place, position.starts_in, position.reason) == (4, None, "paused")

    def test_tell_when_a_take_starts_from_what_renders_and_how_long_it_usually_takes(self, wan):
        backlog(wan.account, 12, owner=UserFactory(), project=ProjectFactory(), since=timezone.now())
        now = timezone.now()
        for place, take in enumerate(Generation.objects.order_by("pk")[:7]):
            status = {"status": "running", "rendering_at": now - timedelta(seconds=20 * place)}
            if place >= 5:
                status = {"status": "pending", "accepted_at": now}
            Generation.objects.filter(pk=take.pk).update(**status)

        takes = Generation.objects.select_related("account").order_by("pk")
        starts = [position.starts_in for position in places.positions(takes).values()]

        # Five of 2 min, begun 0 to 80 s ago: a slot is free in 40, 60, 80 s …, and two already wait for one at Wan.
        assert starts == pytest.approx([80, 100, 120, 160, 180], abs=2)

    def test_are_found_with_few_queries_however_many_wait(self, wan, django_assert_max_num_queries):
        for owner in UserFactory.create_batch(3):
            backlog(wan.account, 20, owner=owner, project=ProjectFactory(), since=timezone.now())
        takes = list(Generation.objects.select_related("account"))
        places.positions(takes[:1])  # the usual time is kept for half a minute

        with django_assert_max_num_queries(8):
            assert len(places.positions(takes)) == 60


def _end(wan, index):
    wan.at_wan.insert(0, wan.at_wan.pop(index))
    Wan.end_one(wan)
