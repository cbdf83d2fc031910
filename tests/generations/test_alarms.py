"""Who is written to, about what, and that it is once per incident and person."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from generations import alarms, storage_refusal
from generations.models import Alarm, AlarmNotice, Generation, Switchboard, WanAccount
from outbox.models import Mail
from tests.factories import AccountFactory, GenerationFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def outbox(settings):
    settings.EMAIL_BACKEND = "outbox.backend.OutboxBackend"
    settings.STUDIO_BASE_URL = "https://studio.example"


@pytest.fixture
def root():
    return UserFactory(email="root@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def account(team):
    return AccountFactory(team=team)


@pytest.fixture
def unsaved(account, project, alice):
    """Rendered that many hours ago and not saved yet."""

    def make(hours, **fields):
        then = timezone.now() - timedelta(hours=hours)
        given = {"account": account, "project": project, "owner": alice, "status": "archiving", "rendered_at": then}
        return GenerationFactory(**given | {"status_changed_at": then, "due_at": then} | fields)

    return make


@pytest.fixture
def hour_later():
    """As far as the last letters go."""

    def pass_by():
        AlarmNotice.objects.update(at=F("at") - alarms.FURTHER_AFTER)

    return pass_by


def told():
    return sorted(Mail.objects.values_list("recipients", flat=True))


def letter():
    return Mail.objects.latest("pk").content


class TestClipsAtRisk:
    def test_from_18_hours_on_owners_and_administrators_are_told(self, unsaved, root):
        unsaved(18.1)

        alarms.sweep()

        assert told() == ["alice@example.com", "root@example.com"]

    def test_before_that_nobody_is(self, unsaved, root):
        unsaved(17.9)

        alarms.sweep()

        assert told() == []
        assert not Alarm.objects.exists()

    @pytest.mark.parametrize("status", ["pending", "running"])
    def test_a_take_that_stays_at_wan_counts_from_its_acceptance(self, unsaved, status, caplog):
        accepted = timezone.now() - timedelta(hours=19.5)
        unsaved(0, status=status, rendered_at=None, accepted_at=accepted)
        unsaved(0, status=status, rendered_at=None, accepted_at=accepted + timedelta(hours=2))

        alarms.sweep()

        assert told() == ["alice@example.com"]
        assert letter()["subject"] == "1 clip is still not saved, 4 hours left"
        late = [record for record in caplog.records if "Not saved since" in record.getMessage()]
        assert [record.levelname for record in late] == ["ERROR"]
        assert f"Not saved since {accepted}" in caplog.text

    def test_the_end_at_wan_counts_once_it_is_known(self, unsaved):
        unsaved(1, accepted_at=timezone.now() - timedelta(hours=20))

        alarms.sweep()

        assert told() == []

    def test_the_letter_says_what_when_and_what_to_do(self, unsaved, account):
        unsaved(19, prompt="A secret film")
        unsaved(22.5)

        alarms.sweep()

        assert letter()["subject"] == "2 clips are still not saved, 1 hour left for the first"
        assert "Crew's Wan account" in letter()["body"]
        assert f"https://studio.example/rescue/{account.uuid}/" in letter()["body"]
        assert "secret" not in str(letter())

    def test_the_letter_names_the_machines_that_have_files_of_the_account(self, unsaved, account):
        unsaved(18.5)
        unsaved(25, waiting_for="away", spool_host="media-2")
        unsaved(1, spool_host="media-3")

        alarms.sweep()

        assert letter()["subject"] == "2 clips are still not saved, 5 hours left for the first"
        assert "on the disk of the media worker media-2." in letter()["body"]

    def test_the_letter_counts_down_to_nothing_where_all_files_are_here(self, unsaved):
        unsaved(25, waiting_for="away", spool_host="media-2")

        alarms.sweep()

        assert letter()["subject"] == "1 clip is still not saved, its file is on a media worker"

    @pytest.mark.parametrize(("hours", "words"), [(23.995, "less than a minute left"), (24.1, "past Wan's 24 hours")])
    def test_the_letter_never_says_no_minutes(self, unsaved, hours, words):
        unsaved(hours)

        alarms.sweep()

        assert letter()["subject"] == f"1 clip is still not saved, {words}"

    def test_the_letter_names_no_machine_when_none_has_a_file(self, unsaved):
        unsaved(19)

        alarms.sweep()

        assert "media worker" not in letter()["body"]

    def test_once_per_incident_however_often_it_is_looked_at(self, unsaved, root):
        unsaved(19)

        for _ in range(3):
            alarms.sweep()
        unsaved(20)
        alarms.sweep()

        assert len(told()) == 2

    def test_clips_that_come_to_an_open_incident_are_told_together_once(self, unsaved, hour_later):
        unsaved(18.5)
        alarms.sweep()
        unsaved(19)
        unsaved(19.5)
        alarms.sweep()
        assert len(told()) == 1  # a letter an hour at most

        hour_later()
        alarms.sweep()
        hour_later()
        alarms.sweep()

        assert len(told()) == 2
        assert letter()["subject"] == "3 clips are still not saved, 4 hours left for the first"
        assert Alarm.objects.count() == 1

    def test_who_becomes_an_owner_meanwhile_is_told_as_well(self, unsaved, team, bob):
        unsaved(19)
        alarms.sweep()
        team.memberships.filter(user=bob).update(role="owner")

        alarms.sweep()

        assert told() == ["alice@example.com", "bob@example.com"]

    def test_a_new_incident_is_told_anew(self, unsaved):
        take = unsaved(19)
        alarms.sweep()
        Generation.objects.filter(pk=take.pk).update(status="canceled", finished_at=timezone.now())
        alarms.sweep()
        Alarm.objects.update(ended_at=timezone.now() - timedelta(hours=2))
        unsaved(19)

        alarms.sweep()

        assert len(told()) == 2
        assert Alarm.objects.count() == 2

    def test_what_comes_back_within_the_hour_is_the_same_incident(self, unsaved):
        take = unsaved(19)
        alarms.sweep()
        Generation.objects.filter(pk=take.pk).update(status="canceled", finished_at=timezone.now())
        alarms.sweep()
        unsaved(19)

        alarms.sweep()

        assert len(told()) == 1
        assert Alarm.objects.get().ended_at is None

    def test_of_the_installations_account_only_administrators_are_told(self, unsaved, root, team):
        own = AccountFactory(team=None)
        unsaved(19, account=own)

        alarms.sweep()

        assert told() == ["root@example.com"]

    def test_other_teams_owners_are_not(self, unsaved, charlie):
        ProjectFactory()
        unsaved(19)

        alarms.sweep()

        assert told() == ["alice@example.com"]

    def test_the_simulators_raise_none(self, unsaved, root):
        demo = AccountFactory(team=None, is_demo=True)
        unsaved(19, account=demo)

        alarms.sweep()

        assert told() == []

    def test_who_may_not_sign_in_is_not_told(self, unsaved, root):
        root.is_active = False
        root.save()
        unsaved(19)

        alarms.sweep()

        assert told() == ["alice@example.com"]

    def test_is_written_in_the_persons_language(self, unsaved, alice, monkeypatch):
        alice.language = "zh-hant"
        alice.save()
        asked = []
        monkeypatch.setattr(alarms.translation, "override", _recorded(asked, alarms.translation.override))
        unsaved(19)

        alarms.sweep()

        assert asked == ["zh-hant"]

    def test_mail_and_note_of_it_go_together_or_not_at_all(self, unsaved, root, monkeypatch):
        unsaved(19)
        monkeypatch.setattr(alarms, "send_mail", _breaks)

        with pytest.raises(RuntimeError):
            alarms.sweep()

        assert not Alarm.objects.exists()


def _recorded(asked, override):
    def record(language, *args, **kwargs):
        asked.append(language)
        return override(language, *args, **kwargs)

    return record


def _breaks(*_):
    raise RuntimeError


class TestAtOnce:
    @pytest.mark.parametrize("reason", ["host", "file"])
    def test_a_refused_host_or_file_is_told_without_waiting(self, unsaved, root, reason):
        unsaved(0.1, waiting_for=reason)

        alarms.sweep()

        assert told() == ["alice@example.com", "root@example.com"]
        assert letter()["subject"] == "1 clip can't be fetched from Wan"
        assert "23 hours left" in letter()["body"]

    def test_a_lost_clip_is_told(self, unsaved, root):
        now = timezone.now()
        unsaved(25, status="lost", finished_at=now, due_at=now)

        alarms.sweep()

        assert letter()["subject"] == "1 clip is lost"
        assert len(told()) == 2

    def test_each_further_loss_is_told_by_itself(self, unsaved, hour_later):
        now = timezone.now()
        unsaved(45, status="lost", finished_at=now - timedelta(hours=20), due_at=now)
        alarms.sweep()
        unsaved(25, status="lost", finished_at=now, due_at=now)
        hour_later()

        alarms.sweep()
        hour_later()
        alarms.sweep()

        assert len(told()) == 2
        assert letter()["subject"] == "1 clip is lost"

    def test_a_task_that_wan_does_not_recognise_is_told_after_ten_minutes(self, unsaved):
        since = timezone.now() - timedelta(minutes=11)
        unsaved(0, status="running", rendered_at=None, unrecognised_since=since)

        alarms.sweep()

        assert letter()["subject"] == "Wan does not recognise 1 task"

    @pytest.mark.parametrize(
        ("breaker", "subject"),
        [
            ("key", "Wan has refused the key of “Crew's Wan account”"),
            ("billing", "Wan asks for payment or activation of"),
        ],
    )
    def test_a_breaker_is_told_to_the_accounts_owners(self, account, root, breaker, subject):
        WanAccount.objects.update(breaker=breaker, breaker_code="Arrearage", breaker_since=timezone.now())

        alarms.sweep()

        assert told() == ["alice@example.com"]
        assert letter()["subject"].startswith(subject)
        assert "nothing was charged" in letter()["body"]
        assert "Wan refuses" not in letter()["body"]  # its list may just not have answered

    def test_a_breaker_that_is_lifted_is_over(self, account):
        WanAccount.objects.update(breaker="key")
        alarms.sweep()
        WanAccount.objects.update(breaker="")

        alarms.sweep()

        assert Alarm.objects.get().ended_at is not None

    def test_a_breaker_of_a_closed_account_is_over(self, account):
        WanAccount.objects.update(breaker="key")
        alarms.sweep()
        WanAccount.objects.update(closed_at=timezone.now())

        alarms.sweep()

        assert Alarm.objects.get().ended_at is not None

    def test_a_breaker_of_a_closed_account_is_not_while_takes_are_on_their_way(self, account, unsaved):
        unsaved(0, status="running", rendered_at=None)
        WanAccount.objects.update(breaker="key", closed_at=timezone.now())

        alarms.sweep()

        assert Alarm.objects.get().ended_at is None

    def test_a_breaker_of_the_environments_account_is_over_with_another_region(self, root, settings):
        WanAccount.objects.installation()
        WanAccount.objects.update(breaker="key")
        alarms.sweep()
        assert Alarm.objects.get().ended_at is None
        settings.DASHSCOPE_REGION = "beijing"

        alarms.sweep()

        assert Alarm.objects.get().ended_at is not None

    def test_a_storage_that_refuses_for_five_minutes_is_told_to_administrators(self, account, root):
        Switchboard.objects.create(pk=1, storage_refused_since=timezone.now() - timedelta(minutes=6))

        alarms.sweep()

        assert told() == ["root@example.com"]
        assert letter()["subject"] == "The studio's storage does not accept files"

    @pytest.mark.parametrize(
        ("reason", "subject", "advice"),
        [
            ("disk", "The studio's disk is full", "Make room"),
            ("backlog", "Rendered clips wait to be saved", "media workers are running"),
        ],
    )
    def test_a_full_disk_and_a_backlog_have_words_of_their_own(self, account, root, reason, subject, advice):
        storage_refusal.begin(reason, is_at_once=True)

        alarms.sweep()

        assert letter()["subject"] == subject
        assert advice in letter()["body"]

    def test_a_shorter_one_is_not(self, root):
        Switchboard.objects.create(pk=1, storage_refused_since=timezone.now() - timedelta(minutes=4))

        alarms.sweep()

        assert told() == []

    def test_the_demo_tells_nobody_of_its_storage(self, root, settings):
        settings.STUDIO_DEMO = True
        Switchboard.objects.create(pk=1, storage_refused_since=timezone.now() - timedelta(minutes=6))

        alarms.sweep()

        assert told() == []


class TestTwoWorkers:
    @pytest.mark.django_db(transaction=True)
    def test_at_the_same_moment_tell_once(self, unsaved, root):
        if connection.vendor == "sqlite":
            pytest.skip("SQLite's writers are kept apart by their transactions; in memory they can't be tried")
        unsaved(19)
        start = threading.Barrier(3)

        def work(_):
            start.wait()
            try:
                alarms.sweep()
            finally:
                connection.close()

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(work, range(3)))

        assert told() == ["alice@example.com", "root@example.com"]


class TestCost:
    def test_is_a_few_queries_when_all_is_well(self, account, django_assert_max_num_queries):
        Switchboard.load()

        with django_assert_max_num_queries(8):
            alarms.sweep()
