"""The tray says how long takes of this account usually take, what that rests on, and why each one waits."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations import scheduling
from generations.cards import Deck
from generations.models import Batch, Generation, Switchboard
from generations.queue import Queue
from generations.words import WAITING
from tests.factories import AccountFactory, GenerationFactory, SceneFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(team):
    return AccountFactory(team=team)


@pytest.fixture
def queued(project, alice, account):
    scene = SceneFactory(project=project, created_by=alice)
    return GenerationFactory.create_batch(3, scene=scene, account=account, resolution="1080P", duration=5)


@pytest.fixture
def tray(as_alice, project):
    """Its words."""

    def words():
        html = as_alice.get("/studio/", {"project": project.uuid}).content.decode()
        tray = html[html.index('id="queue-tray"') : html.index('id="me"')]
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", tray)))

    return words


def rendered(account, *seconds, **size):
    for each in seconds:
        moment = timezone.now() - timedelta(minutes=each)
        fields = {"resolution": "1080P", "duration": 5, "render_seconds": each, "rendered_at": moment} | size
        GenerationFactory(account=account, status="canceled", finished_at=moment, **fields)


class TestUsualTime:
    def test_is_the_accounts_own_for_this_size(self, tray, account, queued):
        rendered(account, 100, 110, 120, 125, 128, 130, 135, 140, 150, 160, 240)

        assert "5 s · 1080P: usually 2:10, 9 of 10 within 2:40." in tray()

    def test_is_a_stated_guess_until_it_has_some(self, tray, account, queued):
        rendered(account, 100, 110, 120, 125)

        assert "5 s · 1080P: perhaps 3:00, a first guess until this account has rendered a few." in tray()

    def test_of_other_sizes_and_accounts_says_nothing(self, tray, account, queued, team):
        rendered(AccountFactory(team=team), 100, 110, 120, 125, 128, 130)
        rendered(account, 100, 110, 120, 125, 128, 130, resolution="720P")
        rendered(account, 100, 110, 120, 125, 128, 130, duration=10)

        assert "a first guess" in tray()


class TestWhy:
    def test_is_the_place_and_when_it_starts(self, tray, queued):
        words = tray()

        assert "all done in about" in words
        assert "Next · starts in" in words
        assert "3rd · starts in" in words

    def test_is_the_administrators_stop_on_each(self, tray, queued):
        Switchboard.objects.update_or_create(pk=Switchboard.load().pk, defaults={"submitting": False})

        words = tray()

        assert words.count(str(WAITING["stopped"])) == 3
        assert "starts in" not in words
        assert "all done in" not in words

    @pytest.mark.parametrize("breaker", ["key", "billing"])
    def test_is_what_wan_wants_of_the_account(self, tray, account, queued, breaker):
        type(account).objects.filter(pk=account.pk).update(
            breaker=breaker, breaker_since=timezone.now(), breaker_probe_at=timezone.now() + timedelta(minutes=1)
        )

        assert tray().count(str(WAITING[breaker])) == 3


class TestPill:
    def test_counts_what_has_no_row(self, as_alice, project, alice, account):
        scene = SceneFactory(project=project, created_by=alice)
        GenerationFactory.create_batch(8, scene=scene, account=account, status="running")
        GenerationFactory.create_batch(112, scene=scene, account=account)

        summary = scheduling.queue_summary(alice, project)

        assert (summary.rendering, summary.waiting) == (8, 112)
        median = scheduling.usual_of(summary.rows)[summary.rows[0].pk].median
        assert summary.seconds_left == pytest.approx(120 * median / account.running_limit)

    def test_of_one_row_per_take_asks_nothing_more(self, project, alice, account, queued, django_assert_num_queries):
        scheduling.queue_summary(alice, project)

        with django_assert_num_queries(1):
            scheduling.queue_summary(alice, project)

    def test_reads_what_is_unfinished_alone_however_much_the_team_has_made(self, project, alice, queued):
        if connection.vendor != "sqlite":
            pytest.skip("PostgreSQL's planner decides by statistics that a test does not have")
        with CaptureQueriesContext(connection) as queries:
            scheduling.queue_summary(alice, project)
        rows = next(query["sql"] for query in queries if "together" in query["sql"])

        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {rows}")
            plan = " ".join(str(row) for row in cursor.fetchall())

        assert "SEARCH generations_generation USING INDEX take_unfinished" in plan

    def test_waits_for_what_this_person_cannot_see(self, alice, bob, project):
        shared = AccountFactory(team=None, running_limit=1)
        hidden = SceneFactory(created_by=bob)
        GenerationFactory.create_batch(10, scene=hidden, owner=bob, account=shared)
        mine = GenerationFactory(scene=SceneFactory(project=project, created_by=alice), owner=alice, account=shared)
        Generation.objects.filter(pk=mine.pk).update(queue_rank=2**30)

        summary = scheduling.queue_summary(alice, project)
        deck = Deck(summary.rows, can_edit=True)
        begins = deck.card(summary.rows[0]).position.starts_in

        median = scheduling.usual_of(summary.rows)[mine.pk].median
        assert begins > 0
        assert Queue(summary, deck).seconds_left == pytest.approx(begins + median)


class TestHonesty:
    def test_saving_is_counted_apart(self, tray, as_alice, project, alice, account):
        scene = SceneFactory(project=project, created_by=alice)
        GenerationFactory(scene=scene, account=account, status="running", rendering_at=timezone.now())
        GenerationFactory(scene=scene, account=account, status="archiving", rendered_at=timezone.now())

        words = as_alice.get("/studio/", {"project": project.uuid}).content.decode()

        assert "1 rendering · 1 saving" in words
        assert "Nothing at risk" in tray()

    def test_no_end_is_promised_while_a_clip_cannot_be_saved(self, tray, project, alice, account):
        """Nor is it said that nothing is at risk."""
        fields = {"status": "archiving", "rendered_at": timezone.now(), "waiting_for": "host"}
        GenerationFactory(scene=SceneFactory(project=project, created_by=alice), account=account, **fields)

        words = tray()

        assert "all done in" not in words
        assert "Nothing at risk" not in words
        assert "rendered, but not saved yet" in words

    @pytest.mark.parametrize("is_empty", [True, False])
    @pytest.mark.parametrize(("hours", "is_told"), [(1, True), (25, False)])
    def test_a_loss_of_the_last_day_is_told(self, tray, project, alice, account, hours, is_told, is_empty):
        scene = SceneFactory(project=project, created_by=alice, name="The lost kite")
        then = timezone.now() - timedelta(hours=hours)
        GenerationFactory(scene=scene, account=account, status="lost", finished_at=then, due_at=timezone.now())
        if not is_empty:
            GenerationFactory(scene=scene, account=account, status="running", rendering_at=timezone.now())

        words = tray()

        assert ("lost: Wan's 24 hours ran out" in words) == is_told
        assert ("Nothing at risk" in words) != is_told

    def test_nor_while_one_of_a_call_sheet_cannot(self, tray, project, alice, account):
        """Of which the tray has one row, for the first."""
        batch = Batch.objects.create(project=project, name="One", created_by=alice, press=uuid.uuid4())
        of_sheet = {"scene": SceneFactory(project=project, created_by=alice), "account": account, "batch": batch}
        GenerationFactory(status="running", rendering_at=timezone.now(), **of_sheet)
        GenerationFactory(status="archiving", rendered_at=timezone.now(), waiting_for="away", **of_sheet)

        words = tray()

        assert "all done in" not in words
        assert "Nothing at risk" not in words

    def test_a_take_is_expected_to_need_more_the_longer_it_overruns(self):
        usual = scheduling.Usual(fastest=70, median=120, slowest=160, measured=True)

        left = [usual.left(elapsed) for elapsed in (0, 60, 118, 130, 300, 1500)]

        assert left == [120, 60, 10, 10, 90, 690]

    def test_speaks_of_the_commonest_kind(self, tray, project, alice, account):
        scene = SceneFactory(project=project, created_by=alice)
        old = timezone.now() - timedelta(minutes=10)
        GenerationFactory(scene=scene, account=account, status="running", resolution="720P", rendering_at=old)
        GenerationFactory.create_batch(2, scene=scene, account=account, resolution="1080P")

        assert "1080P: perhaps" in tray()
