from __future__ import annotations

import errno
import hashlib
import os
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from generations import moving, storage
from generations.lifecycle import purge
from generations.models import Generation
from teams import closing
from teams.models import Project
from tests.factories import AudioFactory, ReadyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("studio_dir", "bucket")]
NAMES = ("video.mp4", "poster.webp", "poster-small.webp", "preview.mp4", "strip.webp")


def put(place, key, body, tmp_path):
    path = tmp_path / "object"
    path.write_bytes(body)
    return storage.put_file(path, key, content_type="video/mp4", storage=place)


def keys(place):
    return {key for key, _ in storage.iter_keys(place, "")}


def body_of(place, key):
    with storage.open_object(place, key) as chunks:
        return b"".join(chunks)


def stop(*_):
    raise KeyboardInterrupt


@pytest.fixture
def clip(tmp_path):
    """Make a clip whose files are in the given storage."""

    def make(place="local", body=b"a video"):
        take = ReadyFactory(storage=place, video_size=len(body), video_sha256=hashlib.sha256(body).hexdigest())
        take.video_key = storage.generation_key(take.uuid, "video.mp4")
        take.save()
        for name in NAMES:
            content = body if name == "video.mp4" else name.encode()
            put(place, storage.generation_key(take.uuid, name), content, tmp_path)
        return take

    return make


@pytest.fixture
def song(tmp_path):
    audio = AudioFactory(size=6, sha256=hashlib.sha256(b"a song").hexdigest())
    audio.key = storage.audio_key(audio.uuid, "mp3")
    audio.save()
    put("local", audio.key, b"a song", tmp_path)
    return audio


def move(to="s3", **options):
    out = StringIO()
    call_command("move_storage", to=to, stdout=out, **options)
    return out.getvalue()


class TestMoveStorage:
    def test_brings_a_clip_with_all_its_files_to_the_bucket(self, clip):
        take = clip()

        move()

        take.refresh_from_db()
        assert take.storage == "s3"
        assert body_of("s3", take.video_key) == b"a video"
        assert keys("s3") == {storage.generation_key(take.uuid, name) for name in NAMES}

    def test_keeps_the_source_unless_told_otherwise(self, clip):
        take = clip()

        move()

        assert body_of("local", take.video_key) == b"a video"

    def test_deletes_the_source_when_told_so(self, clip):
        clip()

        move(delete_source=True)

        assert keys("local") == set()

    def test_brings_it_back_too(self, clip):
        take = clip("s3")

        move("local", delete_source=True)

        take.refresh_from_db()
        assert take.storage == "local"
        assert body_of("local", take.video_key) == b"a video"
        assert keys("s3") == set()

    def test_moves_audio(self, song):
        move(delete_source=True)

        song.refresh_from_db()
        assert song.storage == "s3"
        assert body_of("s3", song.key) == b"a song"
        assert keys("local") == set()

    def test_changes_nothing_on_a_dry_run(self, clip, song):
        clip()

        said = move(dry_run=True)

        assert "2 clips and uploads (13\xa0bytes) are to go to s3." in said
        assert keys("s3") == set()

    def test_stops_at_a_limit_and_goes_on_the_next_time(self, clip):
        for _ in range(3):
            clip()

        move(limit=2)
        assert Generation.objects.filter(storage="s3").count() == 2
        move(limit=2)

        assert Generation.objects.filter(storage="s3").count() == 3

    def test_does_nothing_the_second_time(self, clip):
        clip()
        move()

        assert "0 moved" in move()

    def test_leaves_a_damaged_video_where_it_is(self, clip, tmp_path):
        take, good = clip(), clip()
        put("local", take.video_key, b"another", tmp_path)

        with pytest.raises(SystemExit) as ended:
            move(delete_source=True)

        assert ended.value.code == 1
        take.refresh_from_db()
        good.refresh_from_db()
        assert (take.storage, good.storage) == ("local", "s3")
        assert body_of("local", take.video_key) == b"another"

    def test_says_which_video_is_missing(self, clip, capsys):
        take = clip()
        storage.delete("local", take.video_key)
        out = StringIO()

        with pytest.raises(SystemExit):
            call_command("move_storage", to="s3", stdout=out)

        assert f"{take.uuid} stays in local: generations/{take.uuid}/video.mp4 is not there." in out.getvalue()

    def test_leaves_a_clip_that_a_worker_has(self, clip):
        take = clip()
        Generation.objects.update(due_at=timezone.now())

        said = move()

        take.refresh_from_db()
        assert take.storage == "local"
        assert "1 more are being worked on" in said

    def test_leaves_a_clip_that_is_changed_while_it_is_copied(self, clip, monkeypatch):
        take = clip()
        copy = moving._copy

        def copy_while_somebody_works(*args, **kwargs):
            copy(*args, **kwargs)
            Generation.objects.update(version=7)

        monkeypatch.setattr(moving, "_copy", copy_while_somebody_works)

        with pytest.raises(SystemExit):
            move(delete_source=True)

        take.refresh_from_db()
        assert take.storage == "local"
        assert body_of("local", take.video_key) == b"a video"

    def test_loses_nothing_when_interrupted_at_any_step(self, clip, monkeypatch):
        take = clip()
        put_file, delete = storage.put_file, storage.delete
        steps = iter(range(100))

        for survived in range(len(NAMES) + 1):
            left = iter([True] * survived)

            def stop(left=left):
                next(steps)
                if not next(left, False):
                    raise KeyboardInterrupt

            monkeypatch.setattr(storage, "put_file", lambda *a, stop=stop, **k: (stop(), put_file(*a, **k))[1])
            monkeypatch.setattr(storage, "write_probe", lambda _: None)
            monkeypatch.setattr(storage, "delete", lambda *a, stop=stop: (stop(), delete(*a))[1])
            with pytest.raises(CommandError, match="Interrupted"):
                move(delete_source=True)
            take.refresh_from_db()
            assert body_of(take.storage, take.video_key) == b"a video"

        assert take.storage == "s3"

    @pytest.mark.parametrize("is_cut_off", [False, True])
    def test_leaves_nothing_that_outlives_a_clip_that_is_deleted_for_good(self, clip, monkeypatch, is_cut_off):
        take = clip()
        with monkeypatch.context() as cut:
            if is_cut_off:
                cut.setattr(moving, "_tell", stop)
                with pytest.raises(CommandError, match="Interrupted"):
                    move()
            else:
                move()
        assert keys("local") == keys("s3") != set()
        Generation.objects.update(trashed_at=timezone.now())
        take.refresh_from_db()

        assert purge.purge(take) == 2 * sum(len(name) for name in ("a video", *NAMES[1:]))

        assert keys("local") == keys("s3") == set()

    @pytest.mark.parametrize("name", NAMES)
    def test_leaves_nothing_of_a_clip_that_is_deleted_for_good_while_it_is_copied(self, clip, monkeypatch, name):
        take, put_file = clip(), storage.put_file

        def put_late(path, key, **options):
            if key.endswith(f"/{name}"):
                Generation.objects.update(trashed_at=timezone.now())
                take.refresh_from_db()
                purge.purge(take)
            return put_file(path, key, **options)

        monkeypatch.setattr(storage, "put_file", put_late)

        with pytest.raises(SystemExit):
            move(delete_source=True)

        assert keys("local") == keys("s3") == set()

    def test_leaves_no_audio_that_is_deleted_while_it_is_copied(self, song, monkeypatch):
        put_file = storage.put_file

        def put_late(path, key, **options):
            storage.delete("local", song.key)
            song.delete()
            return put_file(path, key, **options)

        monkeypatch.setattr(storage, "put_file", put_late)

        with pytest.raises(SystemExit):
            move()

        assert keys("local") == keys("s3") == set()

    def test_leaves_no_audio_that_outlives_its_project(self, song, alice):
        move()
        closing.delete_project(song.project, by=alice)
        Project.objects.update(deleted_at=timezone.now() - timedelta(days=31))

        closing.sweep()

        assert keys("local") == keys("s3") == set()

    def test_stops_when_the_target_does_not_take_files(self, clip, monkeypatch):
        clip()

        def refuse(*_, **__):
            raise storage.StorageRefused("The storage refuses the request.", transient=False, code="AccessDenied")

        monkeypatch.setattr(storage, "write_probe", refuse)

        with pytest.raises(CommandError, match="AccessDenied"):
            move()

    def test_stops_when_there_is_no_room_for_the_file_in_hand(self, clip, monkeypatch):
        take = clip()

        def full(*_):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(storage, "fetch_file", full)

        with pytest.raises(CommandError, match="No space left on device: make room .* stays moved"):
            move()

        take.refresh_from_db()
        assert take.storage == "local"

    def test_needs_a_bucket_that_is_set_up(self, settings):
        settings.STORAGES = {name: backend for name, backend in settings.STORAGES.items() if name != "s3"}

        with pytest.raises(CommandError, match="AWS_STORAGE_BUCKET_NAME"):
            move()
