from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import socket
from datetime import timedelta
from io import StringIO

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.second_factor import SecondFactorAdapter
from generations import storage
from generations.models import Generation, Switchboard, WanAccount
from tests.factories import AccountFactory, GenerationFactory, ReadyFactory, UserFactory
from wanstudio import backup

SECRET = "JBSWY3DPEHPK3PXP"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def secrets(studio_dir, settings, monkeypatch):
    """An own directory of secrets, as a machine has it that was never told any."""
    if connection.vendor == "postgresql" and not shutil.which("pg_dump"):
        pytest.skip("needs postgresql-client")
    settings.SECRETS_DIR = studio_dir / "secrets"
    settings.SECRETS_DIR.mkdir()
    for name in backup.SECRETS:
        monkeypatch.delenv(name, raising=False)
        (settings.SECRETS_DIR / name.lower()).write_text(f"the {name} of then")
    return settings.SECRETS_DIR


@pytest.fixture
def clip(tmp_path):
    take = ReadyFactory(video_size=7, video_sha256=hashlib.sha256(b"a video").hexdigest())
    take.video_key = storage.generation_key(take.uuid, "video.mp4")
    take.save()
    (tmp_path / "video").write_bytes(b"a video")
    storage.put_file(tmp_path / "video", take.video_key, content_type="video/mp4", storage="local")
    return take


@pytest.fixture
def place(tmp_path):
    return tmp_path / "backup"


def run(*args, **options):
    out = StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


def raises(error):
    raise error


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def half_copied(source, target):
    target.write_bytes(source.read_bytes()[:5])
    full()


class TestBackup:
    def test_holds_database_and_secrets_for_its_owner_only(self, place, clip):
        run("backup", place)

        manifest = json.loads((place / "manifest.json").read_text())
        assert manifest["database"] == connection.vendor
        assert set(manifest["files"]) == {"database", *(f"secrets/{name.lower()}" for name in backup.SECRETS)}
        assert place.stat().st_mode & 0o077 == 0
        assert all((place / name).stat().st_mode & 0o077 == 0 for name in manifest["files"])

    def test_holds_local_files_when_told_so(self, place, clip, studio_dir):
        (studio_dir / "spool").mkdir()
        (studio_dir / "spool" / "waiting.mp4").write_bytes(b"rendered and paid")

        run("backup", place, with_media=True)

        assert (place / "media" / clip.video_key).read_bytes() == b"a video"
        assert (place / "spool" / "waiting.mp4").read_bytes() == b"rendered and paid"

    def test_holds_a_video_that_goes_from_the_spool_to_its_storage_meanwhile(self, place, studio_dir, monkeypatch):
        (studio_dir / "spool").mkdir()
        waiting = studio_dir / "spool" / "a.mp4"
        waiting.write_bytes(b"rendered and paid")
        objects = storage.iter_objects

        def store_when_all_is_listed(*args):
            yield from objects(*args)
            if waiting.exists():
                storage.put_file(waiting, "generations/a/video.mp4", content_type="video/mp4", storage="local")
                waiting.unlink()

        monkeypatch.setattr(storage, "iter_objects", store_when_all_is_listed)

        run("backup", place, with_media=True)

        held = [path for path in place.rglob("*.mp4") if path.read_bytes() == b"rendered and paid"]
        assert [path.relative_to(place).parts[0] for path in held] == ["spool"]

    def test_lacks_a_waiting_video_that_is_stored_meanwhile(self, place, studio_dir, monkeypatch):
        (studio_dir / "spool").mkdir()
        waiting = [studio_dir / "spool" / name for name in ("a.mp4", "b.mp4")]
        for path in waiting:
            path.write_bytes(b"rendered and paid")
        copy = shutil.copy2

        def copy_while_one_goes(source, target):
            waiting[0].unlink(missing_ok=True)
            return copy(source, target)

        monkeypatch.setattr(shutil, "copy2", copy_while_one_goes)

        run("backup", place, with_media=True)

        assert [path.name for path in (place / "spool").iterdir()] == ["b.mp4"]

    def test_says_what_is_not_in_it(self, place, clip, secrets):
        (secrets / "studio_encryption_keys").unlink()

        said = run("backup", place)

        assert "clips and audio" in said
        assert "Not in it, as they come from the environment: STUDIO_ENCRYPTION_KEYS" in said

    def test_leaves_out_a_file_that_the_environment_overrules(self, place, monkeypatch):
        """It is of the days before the keys were rotated."""
        monkeypatch.setenv("STUDIO_ENCRYPTION_KEYS", "fresh,old")

        said = run("backup", place)

        assert not (place / "secrets" / "studio_encryption_keys").exists()
        assert "Not in it, as they come from the environment: STUDIO_ENCRYPTION_KEYS." in said

    def test_refuses_a_directory_that_is_not_empty(self, place):
        place.mkdir()
        (place / "holiday.jpg").touch()

        with pytest.raises(CommandError, match="is not empty"):
            run("backup", place)

    def test_says_when_it_cannot_be_finished(self, place, monkeypatch):
        monkeypatch.setattr(backup, "_copy_secrets", full)

        with pytest.raises(CommandError, match="not complete.* take another one: No space left on device"):
            run("backup", place)

    def test_says_when_the_directory_cannot_be_made(self, tmp_path):
        (tmp_path / "file").touch()

        with pytest.raises(CommandError, match="can't be used: Not a directory"):
            run("backup", tmp_path / "file" / "below")


class TestRestore:
    def test_brings_back_rows_files_and_secrets(self, place, clip, secrets, studio_dir):
        account = AccountFactory()
        account.set_api_key("sk-0123456789")
        account.save()
        run("backup", place, with_media=True)
        Generation.objects.all().delete()
        WanAccount.objects.all().delete()
        shutil.rmtree(studio_dir / "media")
        (secrets / "studio_signing_key").write_text("fresh")

        run("restore", place, force=True)

        assert Generation.objects.get().uuid == clip.uuid
        assert WanAccount.objects.get(pk=account.pk).api_key == "sk-0123456789"
        assert storage.local_path("local", clip.video_key).read_bytes() == b"a video"
        assert (secrets / "studio_signing_key").read_text() == "the STUDIO_SIGNING_KEY of then"
        assert [path.read_text() for path in secrets.glob("*.before-*")] == ["fresh"]

    def test_takes_the_place_of_a_newer_version_with_more_tables(self, place, alice):
        run("backup", place)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE studio_newer (id integer, who bigint REFERENCES accounts_user (id))")

        run("restore", place, force=True)

        assert User.objects.get() == alice
        assert "studio_newer" not in connection.introspection.table_names()

    def test_leaves_all_as_it_is_when_the_backup_cannot_be_loaded(self, place, alice):
        run("backup", place)
        manifest = json.loads((place / "manifest.json").read_text())
        (place / "database").write_bytes(b"of a server that is newer than its client")
        manifest["files"]["database"] = [41, hashlib.sha256((place / "database").read_bytes()).hexdigest()]
        (place / "manifest.json").write_text(json.dumps(manifest))
        User.objects.filter(pk=alice.pk).update(name="Alice of today")

        with pytest.raises(CommandError):
            run("restore", place, force=True)

        assert User.objects.get().name == "Alice of today"

    @pytest.mark.parametrize("has_started_since", [False, True])
    def test_that_was_cut_off_is_undone_by_the_next(self, place, alice, monkeypatch, has_started_since):
        """A killed one leaves all aside; a studio that was started then has tables without people."""
        if connection.vendor != "postgresql":
            pytest.skip("SQLite replaces its file at once")
        run("backup", place)
        User.objects.filter(pk=alice.pk).update(name="Alice of today")
        with monkeypatch.context() as cut:
            cut.setattr(backup, "_bring_back", lambda: None)
            cut.setattr(backup, "_postgres", lambda *_: raises(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                backup.restore(place)
        if has_started_since:
            with connection.cursor() as cursor:
                cursor.execute("CREATE TABLE accounts_user (LIKE before_restore.accounts_user INCLUDING ALL)")

        with pytest.raises(CommandError, match="There are people"):
            run("restore", place)

        assert User.objects.get().name == "Alice of today"
        run("restore", place, force=True)
        assert User.objects.get().name == "Alice"

    def test_stops_sending_as_what_waited_may_have_been_sent_since(self, place):
        GenerationFactory()
        run("backup", place)

        said = run("restore", place, force=True)

        assert Switchboard.load().submitting is False
        assert "Sending is stopped" in said

    @pytest.mark.parametrize("part", ["_put_media", "_put_spool"])
    def test_for_whose_files_there_is_no_room_leaves_the_database_as_it_was(self, place, clip, monkeypatch, part):
        run("backup", place, with_media=True)
        Generation.objects.update(seed=77)

        monkeypatch.setattr(backup, part, full)
        with pytest.raises(CommandError, match="the database is as it was. Make room .*: No space left on device"):
            run("restore", place, force=True)

        assert Generation.objects.get().seed == 77

    def test_for_whose_database_there_is_no_room_leaves_the_one_that_was_there(self, place, clip, monkeypatch):
        run("backup", place)
        Generation.objects.update(seed=77)

        monkeypatch.setattr(storage, "workspace", full)
        with pytest.raises(CommandError, match="the one that was there stays: No space left on device"):
            run("restore", place, force=True)

        assert Generation.objects.get().seed == 77

    @pytest.mark.parametrize("part", ["_put_secrets", "_adopt_spool"])
    def test_that_is_cut_short_behind_the_database_has_stopped_sending(self, place, clip, monkeypatch, part):
        run("backup", place)
        Generation.objects.all().delete()

        monkeypatch.setattr(backup, part, full)
        with pytest.raises(CommandError, match="sending stopped, but not all is in its place. Repeat with --force"):
            run("restore", place, force=True)

        assert Generation.objects.get() == clip
        assert Switchboard.load().submitting is False

    def test_of_a_database_without_a_switchboard_stops_sending_too(self, place):
        Switchboard.objects.all().delete()
        run("backup", place)

        run("restore", place)

        assert Switchboard.load().submitting is False

    def test_puts_no_half_of_a_waiting_video_under_its_name(self, place, studio_dir, monkeypatch):
        """It would be stored as the clip."""
        (studio_dir / "spool").mkdir()
        spooled = studio_dir / "spool" / "take.mp4"
        spooled.write_bytes(b"rendered and paid")
        run("backup", place, with_media=True)
        spooled.unlink()

        monkeypatch.setattr(shutil, "copyfile", half_copied)
        with pytest.raises(CommandError):
            run("restore", place, force=True)

        assert not spooled.exists()

    def test_can_be_written_to_afterwards(self, place):
        UserFactory()
        run("backup", place)
        run("restore", place, force=True)

        UserFactory()

        assert User.objects.count() == 2

    def test_takes_over_videos_that_wait_for_their_storage(self, place, studio_dir):
        take = GenerationFactory(status="archiving", spool_host="the-old-machine")
        (studio_dir / "spool").mkdir()
        spooled = studio_dir / "spool" / f"{take.uuid}.mp4"
        spooled.write_bytes(b"rendered and paid")
        run("backup", place, with_media=True)
        spooled.unlink()

        run("restore", place, force=True)

        take.refresh_from_db()
        assert spooled.read_bytes() == b"rendered and paid"
        assert take.spool_host == socket.gethostname()

    def test_refuses_to_overwrite_people(self, place, clip):
        run("backup", place)

        with pytest.raises(CommandError, match="--force"):
            run("restore", place)

    def test_needs_no_force_for_an_empty_database(self, place):
        run("backup", place)

        run("restore", place)

        assert not User.objects.exists()

    def test_refuses_while_the_studio_runs(self, place, studio_dir):
        run("backup", place)

        with (studio_dir / "run.lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            with pytest.raises(CommandError, match="stop it first"):
                run("restore", place, force=True)

    def test_refuses_while_workers_of_any_machine_have_a_pulse(self, place, clip):
        run("backup", place)
        board = Switchboard.load()
        Switchboard.objects.filter(pk=board.pk).update(beat_at=timezone.now() - timedelta(seconds=20))

        with pytest.raises(CommandError, match="at work on this database 20 s ago.* 10 s after that"):
            run("restore", place, force=True)

        Switchboard.objects.update(beat_at=timezone.now() - timedelta(seconds=31))
        run("restore", place, force=True)

    def test_heeds_no_pulse_of_a_clock_that_was_wrong(self, place, clip):
        run("backup", place)
        Switchboard.load()
        Switchboard.objects.update(beat_at=timezone.now() + timedelta(days=1))

        run("restore", place, force=True)

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="a file has no connections")
    def test_refuses_while_others_have_the_database_open(self, place, clip):
        run("backup", place)
        other = connection.copy()
        other.connect()
        try:
            with pytest.raises(CommandError, match="1 other connections"):
                run("restore", place, force=True)
            run("restore", place, force=True, despite_connections=True)
        finally:
            other.close()

    def test_refuses_a_damaged_backup_before_anything_is_changed(self, place, clip):
        run("backup", place)
        with (place / "database").open("r+b") as file:
            file.write(b"rubbish")
        Generation.objects.all().delete()

        with pytest.raises(CommandError, match="damaged: database"):
            run("restore", place, force=True)

        assert not Generation.objects.exists()

    def test_says_when_the_backup_cannot_be_read(self, place, monkeypatch):
        run("backup", place)
        monkeypatch.setattr(backup, "_sha256", full)

        with pytest.raises(CommandError, match="The backup can't be read: No space left on device"):
            run("restore", place)

    def test_refuses_an_unfinished_backup(self, place):
        run("backup", place)
        (place / "manifest.json").unlink()

        with pytest.raises(CommandError, match="no complete backup"):
            run("restore", place, force=True)

    def test_refuses_a_backup_of_another_kind_of_database(self, place):
        run("backup", place)
        path = place / "manifest.json"
        path.write_text(path.read_text().replace(connection.vendor, "oracle"))

        with pytest.raises(CommandError, match="copy_database"):
            run("restore", place, force=True)


class TestRotateKeys:
    @pytest.fixture
    def account(self):
        account = AccountFactory()
        account.set_api_key("sk-0123456789")
        account.save()
        return account

    def test_encrypts_with_the_first_key(self, account, settings):
        fresh = Fernet.generate_key().decode()
        settings.STUDIO_ENCRYPTION_KEYS = [fresh, *settings.STUDIO_ENCRYPTION_KEYS]

        assert "1 API keys encrypted anew" in run("rotate_keys")

        settings.STUDIO_ENCRYPTION_KEYS = [fresh]
        account.refresh_from_db()
        assert account.api_key == "sk-0123456789"

    def test_does_nothing_the_second_time(self, account):
        assert "0 API keys" in run("rotate_keys")

    def test_encrypts_second_factors_too_and_those_that_were_plain(self, settings):
        apps = [TOTP.activate(UserFactory(), SECRET).instance for _ in range(2)]
        apps[1].data["secret"] = SECRET
        apps[1].save()
        codes = RecoveryCodes.activate(apps[0].user)
        before = codes.generate_codes()
        fresh = Fernet.generate_key().decode()
        settings.STUDIO_ENCRYPTION_KEYS = [fresh, *settings.STUDIO_ENCRYPTION_KEYS]

        assert "3 second factors encrypted anew" in run("rotate_keys")
        assert "0 second factors" in run("rotate_keys")

        settings.STUDIO_ENCRYPTION_KEYS = [fresh]
        codes.instance.refresh_from_db()
        assert codes.generate_codes() == before
        for app in apps:
            app.refresh_from_db()
            assert SecondFactorAdapter().decrypt(app.data["secret"]) == SECRET

    def test_says_which_second_factor_cannot_be_read(self, settings):
        app = TOTP.activate(UserFactory(), SECRET).instance
        settings.STUDIO_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
        errors = StringIO()

        with pytest.raises(SystemExit):
            run("rotate_keys", stderr=errors)

        assert f"account {app.user_id}" in errors.getvalue()

    def test_says_which_key_cannot_be_read(self, account, settings):
        settings.STUDIO_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
        errors = StringIO()

        with pytest.raises(SystemExit) as ended:
            run("rotate_keys", stderr=errors)

        assert ended.value.code == 1
        assert "Crew's Wan account" in errors.getvalue()
