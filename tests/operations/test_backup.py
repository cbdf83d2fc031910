from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import socket
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from generations import storage
from generations.models import Generation, Switchboard, WanAccount
from tests.factories import AccountFactory, GenerationFactory, ReadyFactory, UserFactory
from wanstudio import backup

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def secrets(studio_dir, settings):
    """An own directory of secrets, as a machine has it that was never told any."""
    if connection.vendor == "postgresql" and not shutil.which("pg_dump"):
        pytest.skip("needs postgresql-client")
    settings.SECRETS_DIR = studio_dir / "secrets"
    settings.SECRETS_DIR.mkdir()
    for name in backup.SECRETS:
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

    def test_says_what_is_not_in_it(self, place, clip, secrets):
        (secrets / "studio_encryption_keys").unlink()

        said = run("backup", place)

        assert "clips and audio" in said
        assert "Not in it, as they come from the environment: STUDIO_ENCRYPTION_KEYS" in said

    def test_refuses_a_directory_that_is_not_empty(self, place):
        place.mkdir()
        (place / "holiday.jpg").touch()

        with pytest.raises(CommandError, match="is not empty"):
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

    def test_stops_sending_as_what_waited_may_have_been_sent_since(self, place):
        GenerationFactory()
        run("backup", place)

        said = run("restore", place, force=True)

        assert Switchboard.load().submitting is False
        assert "Sending is stopped" in said

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

    def test_refuses_a_damaged_backup_before_anything_is_changed(self, place, clip):
        run("backup", place)
        with (place / "database").open("r+b") as file:
            file.write(b"rubbish")
        Generation.objects.all().delete()

        with pytest.raises(CommandError, match="damaged: database"):
            run("restore", place, force=True)

        assert not Generation.objects.exists()

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

    def test_says_which_key_cannot_be_read(self, account, settings):
        settings.STUDIO_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
        errors = StringIO()

        with pytest.raises(SystemExit) as ended:
            run("rotate_keys", stderr=errors)

        assert ended.value.code == 1
        assert "Crew's Wan account" in errors.getvalue()
