"""The table of moves, and the one function that makes one."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings

from generations import clock, words
from generations.lifecycle import drawing
from generations.lifecycle.moves import MOVES, ForbiddenMove, back_off, claim, move, put_back, renew
from generations.models import Event, Generation, Status
from tests.factories import GenerationFactory

DESIGNED = {
    "queued": "submitting canceled failed",
    "submitting": "pending queued failed uncertain canceled",
    "uncertain": "pending archiving failed queued canceled",
    "pending": "running archiving failed canceled lost queued",
    "running": "archiving failed canceled lost queued",
    "archiving": "ready lost canceled",
    "ready": "",
    "failed": "",
    "canceled": "",
    "lost": "ready",
}
PAIRS = list(product(Status, Status))
CLIP = {"ready_at": clock.timezone.now(), "video_key": "generations/x/video.mp4"}  # a READY row needs them


def take_in(status: str, **fields) -> Generation:
    return GenerationFactory(status=status, **(CLIP if status == "ready" else {}), **fields)


class TestTable:
    def test_is_the_designed_one(self):
        assert {old.value: {new.value for new in MOVES[old]} for old in MOVES} == {
            old: set(news.split()) for old, news in DESIGNED.items()
        }

    def test_is_drawn_in_the_docs(self):
        drawn = Path(settings.BASE_DIR, "docs", "states.md").read_text(encoding="utf-8")

        assert drawn == drawing.page(), "run manage.py draw_states"

    def test_has_words_for_every_event_the_way_writes(self):
        source = "".join(path.read_text() for path in Path(settings.BASE_DIR, "generations/lifecycle").glob("*.py"))
        written = re.findall(r'(?:move|note)\(\s*[\w.()]+,\s*(?:Status\.\w+,\s*)?"(\w+)"', source)

        assert len(written) > 20
        assert set(written) <= set(words.EVENTS)


@pytest.mark.django_db
class TestMove:
    @pytest.mark.parametrize(("old", "new"), [pair for pair in PAIRS if pair[1] in MOVES[pair[0]]])
    def test_works_once_when_allowed(self, old, new):
        take = take_in(old)
        stale = Generation.objects.get(pk=take.pk)
        fields = CLIP if new == "ready" else {}

        assert move(take, new, "pressed", **fields)
        assert not move(stale, new, "pressed", **fields)

        event = Event.objects.get(generation=take)
        take.refresh_from_db()
        assert (take.status, event.from_status, event.to_status) == (new, old, new)

    @pytest.mark.parametrize("old", Status)
    def test_raises_when_not_in_the_table(self, old):
        take = take_in(old)

        for new in set(Status) - MOVES[old]:
            with pytest.raises(ForbiddenMove):
                move(take, new, "pressed")

        assert not Event.objects.exists()

    def test_of_an_earlier_task_does_not_touch_a_take_sent_again(self):
        take = take_in("running", task_id="first")
        stale = Generation.objects.get(pk=take.pk)
        Generation.objects.update(task_id="second")

        assert not move(stale, Status.FAILED, "failed")

        take.refresh_from_db()
        assert take.status == "running"

    def test_ends_the_claim_and_makes_a_new_version(self):
        take = take_in("pending", tries=3)
        (claimed,) = claim((Status.PENDING,), 1)

        move(claimed, Status.RUNNING, "rendering")

        take.refresh_from_db()
        assert (take.lease_token, take.tries, take.version) == (None, 0, 1)

    def test_into_an_end_is_never_due_again(self):
        take = take_in("running", cancel_requested_at=clock.now())

        move(take, Status.FAILED, "failed")

        take.refresh_from_db()
        assert take.due_at is None
        assert take.cancel_requested_at is None
        assert take.finished_at is not None


@pytest.mark.django_db
class TestClaim:
    def test_hides_the_take_until_it_runs_out(self, travel):
        take_in("pending")

        assert len(claim((Status.PENDING,), 5)) == 1
        assert claim((Status.PENDING,), 5) == []
        travel(seconds=settings.WORK_LEASE + 1)
        assert len(claim((Status.PENDING,), 5)) == 1

    def test_leaves_alone_what_is_not_due_or_elsewhere(self, travel):
        take_in("running")
        take_in("pending", due_at=None)

        assert claim((Status.PENDING,), 5) == []

    def test_that_ran_out_can_neither_be_put_back_nor_renewed(self, travel):
        take_in("pending")
        (first,) = claim((Status.PENDING,), 1)
        travel(seconds=settings.WORK_LEASE + 1)
        (second,) = claim((Status.PENDING,), 1)

        assert not put_back(first, 0)
        assert not renew(first)
        assert renew(second)

    def test_backs_off_longer_each_time(self):
        take = take_in("pending")
        pauses = []
        for _ in range(8):
            Generation.objects.update(due_at=clock.now())
            (claimed,) = claim((Status.PENDING,), 1)
            pauses.append(back_off(claimed))

        take.refresh_from_db()
        assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
        assert take.tries == 8
