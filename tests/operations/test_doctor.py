from __future__ import annotations

import json
import shutil
import socket
from collections import namedtuple
from datetime import timedelta
from io import StringIO

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import DatabaseError
from django.utils import timezone

from dashscope_client import catalogue
from generations import orphan_report, storage, storage_refusal
from generations.models import Switchboard, WanAccount
from outbox.models import Mail
from tests.factories import AccountFactory, GenerationFactory, ReadyFactory, TeamFactory, UserFactory
from wanstudio.doctor import Mark, examine, files, machine, service

KEY = "sk-0123456789abcdef"
pytestmark = pytest.mark.django_db


def said(examination):
    return [(finding.mark, finding.says) for finding in examination()]


def worst(examination):
    """The only finding that is not ok."""
    (finding,) = [found for found in examination() if found.mark is not Mark.OK]
    return finding.mark, finding.says


@pytest.fixture
def healthy(studio_dir, settings, region):
    """An installation in which everything works."""
    singapore = region(KEY)
    settings.DASHSCOPE_API_KEY = KEY
    settings.DASHSCOPE_HTTP_BASE_URL = singapore.base_url
    Switchboard.objects.create(pk=1, beat_at=timezone.now())
    return singapore


class TestCommand:
    def test_ends_with_status_0_when_everything_works(self, healthy):
        out = StringIO()

        call_command("doctor", stdout=out)

        assert "Everything works." in out.getvalue()
        assert out.getvalue().count("\nok") > 6
        assert KEY not in out.getvalue()

    def test_ends_with_status_1_when_a_part_fails(self, healthy):
        Switchboard.objects.update(beat_at=timezone.now() - timedelta(hours=1))
        out = StringIO()

        with pytest.raises(SystemExit) as ended:
            call_command("doctor", stdout=out)

        assert ended.value.code == 1
        assert "FAIL  beat      Last seen 3600 s ago." in out.getvalue()
        assert "One thing to put right." in out.getvalue()

    def test_ends_with_status_0_when_there_are_only_warnings(self, healthy, settings):
        settings.STUDIO_DEMO = True
        out = StringIO()

        call_command("doctor", stdout=out)

        assert "The studio works; see the warning." in out.getvalue()

    def test_costs_nothing(self, healthy):
        call_command("doctor", stdout=StringIO())

        assert healthy.asked == ["/api/v1/tasks?page_no=1&page_size=1"]


class TestDatabase:
    def test_says_how_many_migrations_are_missing(self, monkeypatch):
        monkeypatch.setattr(machine.MigrationExecutor, "migration_plan", lambda *_: [1, 2, 3])

        mark, says = worst(machine.database)

        assert mark is Mark.FAIL
        assert "3 migrations are not applied" in says

    def test_goes_on_with_the_rest_when_it_does_not_answer(self, healthy, monkeypatch):
        def refuse(*_, **__):
            raise DatabaseError("connection refused\nat some length")

        monkeypatch.setattr(machine.connection, "ensure_connection", refuse)
        monkeypatch.setattr(machine.Switchboard.objects, "filter", refuse)

        findings = {(finding.part, finding.mark): finding.says for finding in examine()}

        assert findings["database", Mark.FAIL] == "Does not answer: connection refused"
        assert "does not answer" in findings["jobs", Mark.FAIL]
        assert ("storage", Mark.OK) in findings


class TestClock:
    @pytest.mark.parametrize(
        ("seconds", "mark"), [(1, Mark.OK), (-2, Mark.OK), (60, Mark.WARN), (-60, Mark.WARN), (400, Mark.FAIL)]
    )
    def test_is_compared_with_others(self, seconds, mark):
        assert machine.skewed("clock", "Wan's", seconds).mark is mark

    def test_says_which_way_it_is_wrong(self):
        assert "60 s behind Wan's" in machine.skewed("clock", "Wan's", 60).says
        assert "60 s ahead of Wan's" in machine.skewed("clock", "Wan's", -60).says

    def test_of_wan_is_read_from_its_answers(self, healthy):
        healthy.clock_ahead = timedelta(minutes=2)

        mark, says = worst(service.accounts)

        assert mark is Mark.WARN
        assert "behind Wan's at 127.0.0.1" in says


class TestJobs:
    def test_says_that_beat_was_never_seen(self):
        assert worst(machine.jobs) == (Mark.FAIL, "Has never been seen: are beat and the control worker running?")

    def test_says_that_sending_is_stopped(self):
        Switchboard.objects.create(pk=1, beat_at=timezone.now(), submitting=False)

        mark, says = worst(machine.jobs)

        assert mark is Mark.WARN
        assert "An administrator has stopped sending" in says

    @pytest.mark.parametrize(
        ("reason", "words"),
        [("storage", "does not accept files"), ("disk", "disk is full"), ("backlog", "20 rendered")],
    )
    def test_says_why_nothing_is_sent_while_the_storage_refuses(self, reason, words):
        Switchboard.objects.create(pk=1, beat_at=timezone.now())
        storage_refusal.begin(reason, is_at_once=True)

        mark, says = worst(machine.jobs)

        assert mark is Mark.FAIL
        assert words in says

    def test_names_the_machine_whose_disk_is_full(self, monkeypatch):
        Switchboard.objects.create(pk=1, beat_at=timezone.now())
        monkeypatch.setattr(socket, "gethostname", lambda: "media-2")
        storage_refusal.begin(storage_refusal.DISK, is_at_once=True)

        assert "on media-2 the disk is full" in worst(machine.jobs)[1]


class TestKeys:
    def test_names_the_account_whose_key_nobody_can_read(self, settings):
        account = AccountFactory(name="Crew's account")
        account.set_api_key(KEY)
        account.save()
        settings.STUDIO_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

        mark, says = worst(machine.keys)

        assert mark is Mark.FAIL
        assert "Crew's account" in says

    def test_recommends_rotation_for_keys_of_an_older_encryption_key(self, settings):
        account = AccountFactory()
        account.set_api_key(KEY)
        account.save()
        settings.STUDIO_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.STUDIO_ENCRYPTION_KEYS]

        mark, says = worst(machine.keys)

        assert mark is Mark.WARN
        assert "rotate_keys" in says

    def test_counts_second_factors_that_nobody_can_read(self, settings):
        TOTP.activate(UserFactory(), "JBSWY3DPEHPK3PXP")
        settings.STUDIO_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

        mark, says = worst(machine.keys)

        assert mark is Mark.FAIL
        assert "the second factor of 1 account" in says

    def test_recommends_rotation_for_second_factors_that_are_not_encrypted(self, settings):
        app = TOTP.activate(UserFactory(), "JBSWY3DPEHPK3PXP").instance
        app.data["secret"] = "JBSWY3DPEHPK3PXP"
        app.save()

        mark, says = worst(machine.keys)

        assert mark is Mark.WARN
        assert "rotate_keys" in says


class TestSpace:
    @pytest.mark.parametrize(("free", "mark"), [(1 << 30, Mark.FAIL), (5 << 30, Mark.WARN), (50 << 30, Mark.OK)])
    def test_is_told_before_it_runs_out(self, free, mark, monkeypatch):
        monkeypatch.setattr(shutil, "disk_usage", lambda _: namedtuple("Usage", "free")(free))

        assert said(machine.space)[0][0] is mark

    def test_is_a_failure_when_the_directory_cannot_be_read(self, settings, tmp_path):
        settings.STUDIO_DATA_DIR = tmp_path / "gone"

        assert said(machine.space)[0][0] is Mark.FAIL

    def test_tells_what_clips_take(self, studio_dir):
        ReadyFactory(video_size=5 << 20)

        assert "5.0" in said(machine.space)[1][1]


class TestSite:
    @pytest.mark.parametrize(
        ("name", "value", "word"),
        [
            ("DEBUG", True, "DJANGO_DEBUG"),
            ("HTTPS", False, "not https"),
            ("STUDIO_TRUSTED_PROXIES", [], "STUDIO_TRUSTED_PROXIES"),
            ("EMAIL_URL", "", "EMAIL_URL"),
            ("STUDIO_DEMO", True, "demo"),
        ],
    )
    def test_has_a_word_on_a_public_studio(self, name, value, word, settings):
        settings.HOST, settings.HTTPS, settings.EMAIL_URL = "studio.example", True, "smtp://mail.example"
        settings.STUDIO_TRUSTED_PROXIES, settings.DEBUG = ["10.0.0.1"], False
        setattr(settings, name, value)

        mark, says = worst(machine.site)

        assert mark is Mark.WARN
        assert word in says

    def test_is_quiet_about_a_studio_on_loopback(self, settings):
        settings.HOST, settings.DEBUG = "127.0.0.1", True

        assert [mark for mark, _ in said(machine.site)] == [Mark.OK]


class TestStorages:
    def test_writes_reads_and_deletes_on_the_disk(self, studio_dir):
        assert [mark for mark, _ in said(files.storages)] == [Mark.OK]
        assert list(storage.iter_keys("local", "")) == []

    def test_remembers_what_the_nightly_search_missed(self, studio_dir):
        take = ReadyFactory(video_key="generations/6f1e1df6-52a2-4d0c-9d0e-0f6a3c2b1a00/video.mp4")
        orphan_report.search()

        assert "find_orphans --repair" in worst(files.storages)[1]
        assert take.storage == "local"

    def test_names_the_machines_on_whose_disks_clips_wait(self, studio_dir):
        then = timezone.now() - timedelta(minutes=11)
        for host in ("media-2", "media-1", "media-1"):
            GenerationFactory(status="archiving", spool_host=host, status_changed_at=then)
        GenerationFactory(status="archiving", spool_host="media-3", status_changed_at=timezone.now())  # as always
        ReadyFactory(spool_host="")

        lines = [says for mark, says in said(files.storages) if mark is Mark.WARN]

        assert lines == [
            "2 clips lie on the disk of the media worker media-1 until the storage has them: keep it.",
            "1 clip lies on the disk of the media worker media-2 until the storage has them: keep it.",
        ]

    def test_says_what_the_disk_says(self, studio_dir, monkeypatch):
        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("generations.storage_backends.os.fsync", full)

        mark, says = worst(files.storages)

        assert mark is Mark.FAIL
        assert "The disk is full. (ENOSPC)" in says

    def test_signs_and_ranges_in_a_bucket(self, bucket, studio_dir):
        findings = said(files.storages)

        assert findings[-1] == (Mark.OK, "Signed URLs work at the public endpoint, with byte ranges.")
        assert list(storage.iter_keys("s3", "probe/")) == []

    def test_notice_a_bucket_that_is_open_to_everybody(self, bucket, studio_dir):
        storages["s3"].connection.meta.client.put_bucket_acl(Bucket=bucket["bucket_name"], ACL="public-read")
        policy = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*"}
        storages["s3"].connection.meta.client.put_bucket_policy(
            Bucket=bucket["bucket_name"], Policy=json.dumps({"Version": "2012-10-17", "Statement": [policy]})
        )

        mark, says = worst(files.storages)

        assert mark is Mark.FAIL
        assert "The bucket is open" in says

    def test_warns_when_the_public_endpoint_cannot_be_reached_from_here(self, bucket, studio_dir, settings):
        settings.AWS_S3_PUBLIC_ENDPOINT_URL = "http://localhost:9"

        mark, says = worst(files.storages)

        assert mark is Mark.WARN
        assert "http://localhost:9" in says

    def test_fails_when_a_bucket_is_missing(self, bucket, studio_dir, settings):
        options = bucket | {"bucket_name": "nobody-made-this"}
        settings.STORAGES = settings.STORAGES | {
            "s3": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
        }

        assert "The storage has no such bucket." in worst(files.storages)[1]

    def test_fails_when_older_files_are_in_a_storage_that_is_gone(self, studio_dir):
        ReadyFactory(storage="s3")

        mark, says = worst(files.storages)

        assert mark is Mark.FAIL
        assert "“s3”" in says


class TestAccounts:
    @pytest.fixture
    def world(self, region, settings, monkeypatch):
        """Singapore with a workspace, and Beijing, each open to the keys it is given."""
        regions = {"singapore": region("sk-singapore-1"), "beijing": region("sk-beijing-1"), "ws": region("sk-crew-1")}
        address = {("singapore", "crew"): "ws", ("beijing", None): "beijing", ("singapore", None): "singapore"}
        monkeypatch.setattr(catalogue, "base_url", lambda name, ws: regions[address[name, ws]].base_url)
        settings.DASHSCOPE_HTTP_BASE_URL, settings.DASHSCOPE_WORKSPACE_ID = "", "crew"
        return regions

    def test_accepts_the_workspaces_key(self, world, settings):
        settings.DASHSCOPE_API_KEY = "sk-crew-1"

        findings = said(service.accounts)

        assert [mark for mark, _ in findings] == [Mark.OK, Mark.OK]
        assert "Wan accepts the key in Singapore" in findings[0][1]

    def test_names_the_region_a_key_is_of(self, world, settings):
        settings.DASHSCOPE_API_KEY = "sk-beijing-1"

        mark, says = worst(service.accounts)

        assert mark is Mark.FAIL
        assert "The key is of Beijing, the studio is set to Singapore" in says

    def test_tells_a_wrong_workspace_from_a_wrong_region(self, world, settings):
        settings.DASHSCOPE_API_KEY = "sk-singapore-1"

        assert "The key is of Singapore, but not of the workspace crew" in worst(service.accounts)[1]

    def test_says_when_no_region_knows_the_key(self, world, settings):
        settings.DASHSCOPE_API_KEY = "sk-mistyped"

        assert "in every region" in worst(service.accounts)[1]

    def test_has_a_word_on_the_older_shared_address(self, world, settings):
        settings.DASHSCOPE_API_KEY, settings.DASHSCOPE_WORKSPACE_ID = "sk-singapore-1", ""

        mark, says = worst(service.accounts)

        assert mark is Mark.WARN
        assert "DASHSCOPE_WORKSPACE_ID is not set" in says

    def test_looks_at_teams_keys_too(self, world, settings, team):
        settings.DASHSCOPE_API_KEY = ""
        account = AccountFactory(team=team, origin=world["singapore"].base_url)
        account.set_api_key("sk-beijing-1")
        account.save()

        says = [words for mark, words in said(service.accounts) if mark is Mark.FAIL]

        assert says == [
            "Crew's Wan account: The key is of Beijing, the studio is set to Singapore: change the region, or the key."
        ]

    def test_says_when_wan_cannot_be_reached(self, settings):
        settings.DASHSCOPE_API_KEY, settings.DASHSCOPE_HTTP_BASE_URL = KEY, "http://127.0.0.1:9/api/v1"

        mark, says = worst(service.accounts)

        assert mark is Mark.FAIL
        assert "can't be reached at 127.0.0.1:9" in says

    def test_says_that_there_is_no_key_at_all(self, settings):
        settings.DASHSCOPE_API_KEY = ""

        assert worst(service.accounts)[0] is Mark.WARN

    def test_says_which_account_is_paused(self, settings):
        settings.DASHSCOPE_API_KEY = ""
        AccountFactory(breaker="billing", breaker_since=timezone.now(), team=TeamFactory())
        AccountFactory(name="Old", breaker="key", team=TeamFactory(), closed_at=timezone.now())

        assert "Wan asks for payment" in said(service.accounts)[-1][1]
        assert not any("Old" in says for _mark, says in said(service.accounts))
        assert WanAccount.objects.count() == 2


class TestMail:
    def test_says_that_nothing_waits(self, settings):
        settings.EMAIL_URL = "smtp://127.0.0.1"

        assert said(machine.mail) == [(Mark.OK, "Nothing waits.")]

    def test_says_where_it_goes_without_a_mail_server(self):
        assert "written to the log" in said(machine.mail)[0][1]

    def test_says_since_when_some_waits_and_why(self):
        then = timezone.now() - timedelta(minutes=11)
        Mail.objects.create(recipients="a@example.com", created_at=then, due_at=then, error="ConnectionRefusedError")

        mark, says = worst(machine.mail)

        assert mark is Mark.FAIL
        assert says.startswith("1 not sent since")
        assert says.endswith("ConnectionRefusedError.")
        assert "example.com" not in says

    def test_says_what_was_given_up_lately(self):
        for days in (1, 2, 8):
            then = timezone.now() - timedelta(days=days)
            Mail.objects.create(created_at=then, failed_at=then, error=f"Recipient refused: 55{days}")

        mark, says = worst(machine.mail)

        assert (mark, says) == (Mark.WARN, "2 given up in the last week, the last one because: Recipient refused: 551.")
