from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from celery.signals import task_postrun
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from generations import metrics, tally, wan
from generations.lifecycle import reconcile, submit
from generations.models import Generation, Switchboard, Tally, WanAccount
from outbox.models import Mail
from tests.factories import AccountFactory, GenerationFactory, ReadyFactory, TeamFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _from_zero():
    tally._counts.clear()
    yield
    tally._counts.clear()


def sample(name, /, **labels):
    """The only value of a metric with these labels; None when there is none."""
    found = [
        one.value
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for one in family.samples
        if one.name == name and labels.items() <= one.labels.items()
    ]
    assert len(found) < 2
    return found[0] if found else None


class TestAccess:
    def test_is_refused_without_a_token(self, client):
        answer = client.get("/metrics")

        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    @pytest.mark.parametrize("header", ["Bearer wrong", "Bearer ", "Basic abc", "Bearer ünicode"])
    def test_is_refused_with_a_wrong_token(self, client, header):
        assert client.get("/metrics", headers={"Authorization": header}).status_code == 401

    def test_is_granted_with_the_token(self, client):
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {metrics.token()}"})

        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert b"wanstudio_submitting 1.0" in answer.content

    def test_is_granted_to_administrators(self, as_alice, alice):
        alice.is_staff = True
        alice.save()

        assert as_alice.get("/metrics").status_code == 200

    def test_is_refused_to_other_people(self, as_alice):
        assert as_alice.get("/metrics").status_code == 401

    def test_has_a_token_that_follows_the_signing_key(self, settings):
        before = metrics.token()
        settings.STUDIO_SIGNING_KEY = "another"

        assert metrics.token() != before
        assert not metrics.is_token(before)

    def test_has_a_command_that_prints_the_token(self):
        out = StringIO()

        call_command("metrics", token=True, stdout=out)

        assert out.getvalue().strip() == metrics.token()

    def test_has_a_command_that_prints_the_metrics(self):
        out = StringIO()

        call_command("metrics", stdout=out)

        assert "# TYPE wanstudio_takes gauge" in out.getvalue()


class TestGauges:
    def test_count_what_is_unfinished_by_status_and_account(self):
        take = GenerationFactory()
        GenerationFactory(account=take.account, scene=take.scene)
        GenerationFactory(account=take.account, scene=take.scene, status="running")
        ReadyFactory(account=take.account, scene=take.scene)
        account = str(take.account.pk)

        assert sample("wanstudio_takes", account=account, status="queued") == 2
        assert sample("wanstudio_takes", account=account, status="running") == 1
        assert sample("wanstudio_takes", account=account, status="ready") is None

    def test_tell_how_long_the_oldest_waits(self):
        GenerationFactory(status_changed_at=timezone.now() - timedelta(minutes=5))
        take = GenerationFactory(status_changed_at=timezone.now() - timedelta(minutes=10))

        assert sample("wanstudio_takes_oldest_seconds", account=str(take.account.pk)) == pytest.approx(600, abs=5)

    def test_tell_the_time_left_of_wans_24_hours(self):
        take = GenerationFactory(status="archiving", rendered_at=timezone.now() - timedelta(hours=20))

        left = sample("wanstudio_deadline_margin_seconds", account=str(take.account.pk))

        assert left == pytest.approx(4 * 3600, abs=5)

    def test_count_that_time_from_the_acceptance_until_it_is_rendered(self):
        now = timezone.now()
        take = GenerationFactory(status="running", accepted_at=now - timedelta(hours=20))
        GenerationFactory(account=take.account, status="archiving", rendered_at=now - timedelta(hours=1))

        left = sample("wanstudio_deadline_margin_seconds", account=str(take.account.pk))

        assert left == pytest.approx(4 * 3600, abs=5)

    def test_tell_which_account_is_paused_and_why(self):
        account = AccountFactory(breaker="key", name='Crew "A"', team=TeamFactory())

        assert sample("wanstudio_breaker", account=str(account.pk), reason="key") == 1
        assert sample("wanstudio_account_info", account=str(account.pk), name='Crew "A"') == 1

    def test_a_closed_account_is_not_paused(self):
        account = AccountFactory(breaker="key", team=TeamFactory(), closed_at=timezone.now())

        assert sample("wanstudio_breaker", account=str(account.pk), reason="key") is None

    def test_tell_how_the_installation_is(self):
        now = timezone.now()
        Switchboard.objects.create(
            pk=1,
            submitting=False,
            beat_at=now - timedelta(seconds=9),
            storage_refused_since=now - timedelta(seconds=99),
        )

        assert sample("wanstudio_submitting") == 0
        assert sample("wanstudio_beat_age_seconds") == pytest.approx(9, abs=3)
        assert sample("wanstudio_storage_refused_seconds") == pytest.approx(99, abs=3)
        assert sample("wanstudio_free_bytes") > 0

    def test_cost_a_few_queries_however_many_takes_there_are(self, django_assert_num_queries):
        for _ in range(3):
            GenerationFactory()

        with django_assert_num_queries(6):
            metrics.exposition()

    def test_read_unfinished_takes_by_an_index_on_sqlite(self):
        if connection.vendor != "sqlite":
            pytest.skip("PostgreSQL's planner reads bound values")
        with CaptureQueriesContext(connection) as captured:
            metrics.exposition()
        (query,) = [query["sql"] for query in captured if "GROUP BY" in query["sql"]]

        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query}")
            plan = str(cursor.fetchall())

        assert "SEARCH generations_generation USING INDEX take_" in plan
        assert "SCAN" not in plan


class TestTallies:
    def test_are_written_in_one_go(self, django_assert_max_num_queries):
        account = AccountFactory()
        for _ in range(1000):
            tally.add("calls:query", account.pk)

        with django_assert_max_num_queries(8):
            tally.flush()

        assert sample("wanstudio_wan_calls_total", account=str(account.pk), operation="query") == 1000

    def test_add_up(self):
        account = AccountFactory()
        for _ in range(2):
            tally.add("archive_seconds", account.pk, 1.5)
            tally.flush()

        assert Tally.objects.get().value == 3.0

    @pytest.mark.django_db(transaction=True)  # around a task there is no transaction, and old connections are closed
    def test_wait_until_a_task_has_ended_and_some_seconds_have_passed(self, monkeypatch):
        account = AccountFactory()
        tally.add("ambiguous", account.pk)

        monkeypatch.setattr(tally, "EVERY", 5.0)
        monkeypatch.setattr(tally, "_written_at", tally.time.monotonic())
        task_postrun.send(sender=None)
        assert not Tally.objects.exists()

        monkeypatch.setattr(tally, "_written_at", tally.time.monotonic() - 6)
        task_postrun.send(sender=None)
        assert sample("wanstudio_ambiguous_creates_total", account=str(account.pk)) == 1

    def test_begin_with_zero_so_that_an_alarm_sees_the_first_loss(self):
        account = str(AccountFactory().pk)
        lost = {"account": account, "status": "lost"}
        assert sample("wanstudio_takes_moved_total", **lost) == 0
        assert sample("wanstudio_wan_throttled_total", account=account, operation="create") == 0
        assert sample("wanstudio_ambiguous_creates_total", account=account) == 0

        tally.add("moved:lost", int(account))
        tally.flush()

        assert sample("wanstudio_takes_moved_total", **lost) == 1

    def test_of_what_people_do_are_written_after_the_request(self, generate, as_alice, monkeypatch):
        take = generate()
        tally.flush()
        monkeypatch.setattr(tally, "EVERY", 0.0)

        as_alice.post(reverse("generations:cancel", args=[take.uuid]))

        labels = {"account": str(take.account.pk), "status": "canceled"}
        assert sample("wanstudio_takes_moved_total", **labels) == 1

    def test_are_kept_while_the_database_is_busy(self, monkeypatch):
        account = AccountFactory()
        tally.add("ambiguous", account.pk)

        def busy(*_):
            raise DatabaseError("database is locked")

        with monkeypatch.context() as patch:
            patch.setattr(tally, "_write", busy)
            tally.flush()
        tally.flush_at_last()

        assert Tally.objects.get().value == 1

    def test_of_an_account_that_is_gone_are_dropped(self):
        tally.add("ambiguous", 4711)

        tally.flush()

        assert not Tally.objects.exists()
        assert not tally._counts


class TestTheWay:
    def test_is_counted(self, generate, way):
        take = generate()

        way.until(take, "ready")
        tally.flush()

        account = str(take.account.pk)
        take.refresh_from_db()
        assert sample("wanstudio_wan_calls_total", account=account, operation="create") == 1
        assert sample("wanstudio_wan_calls_total", account=account, operation="query") >= 1
        assert sample("wanstudio_takes_moved_total", account=account, status="ready") == 1
        assert sample("wanstudio_archived_bytes_total", account=account) == take.video_size
        assert sample("wanstudio_archive_seconds_total", account=account) == pytest.approx(
            (take.ready_at - take.rendered_at).total_seconds()
        )

    @pytest.mark.parametrize("operation", ["create", "query"])
    def test_counts_what_wan_throttles(self, generate, way, simulator, operation):
        take = generate(f"A boat [fault: throttle_{operation}=1]")

        way.until(take, "ready")
        tally.flush()

        told = {
            each: sample("wanstudio_wan_throttled_total", account=str(take.account.pk), operation=each)
            for each in ("create", "query")
        }
        assert told == {"create": 0, "query": 0} | {operation: 1}

    def test_counts_answers_that_were_lost(self, generate, way, simulator):
        take = generate("A boat [fault: drop_create_answer=1]")

        way.until(take, "uncertain")
        tally.flush()

        assert sample("wanstudio_ambiguous_creates_total", account=str(take.account.pk)) == 1
        assert Generation.objects.get().status == "uncertain"
        assert WanAccount.objects.count() == 1
        assert wan.client_for(take.account)._account_id == take.account.pk

    def test_counts_creates_of_workers_that_were_killed(self, generate, simulator, monkeypatch):
        def die(*_, **__):
            raise KeyboardInterrupt

        take = generate()
        monkeypatch.setattr(wan.CountedClient, "create_video", die)
        with pytest.raises(KeyboardInterrupt):
            submit.sweep()
        Generation.objects.update(due_at=timezone.now() - timedelta(seconds=1))

        reconcile.lose_stuck_submits()
        tally.flush()

        assert sample("wanstudio_ambiguous_creates_total", account=str(take.account.pk)) == 1


class TestMail:
    def test_counts_what_waits_and_what_was_given_up(self):
        then = timezone.now() - timedelta(seconds=100)
        Mail.objects.create(created_at=then, due_at=then)
        Mail.objects.create(created_at=then, failed_at=then)

        assert sample("wanstudio_mail_waiting") == 1
        assert sample("wanstudio_mail_failed") == 1
        assert 100 <= sample("wanstudio_mail_oldest_seconds") < 130
