from __future__ import annotations

import hashlib
import logging
import os
import time
import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from generations import orphan_report, orphans, storage, tasks
from generations.lifecycle import purge
from generations.models import Generation, OrphanSearch
from generations.orphans import DERIVED, Kind
from tests.factories import AudioFactory, GenerationFactory, ReadyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("studio_dir")]
BODY = b"a video"


@pytest.fixture
def put(tmp_path):
    """Put an object that is some days old."""

    def put_old(key, body=BODY, place="local", days=2):
        path = tmp_path / "object"
        path.write_bytes(body)
        storage.put_file(path, key, content_type="video/mp4", storage=place)
        local = storage.local_path(place, key)
        if local:
            os.utime(local, (time.time() - days * 86_400,) * 2)
        return key

    return put_old


@pytest.fixture
def clip(put):
    def make(place="local", names=("video.mp4", *DERIVED)):
        take = ReadyFactory(storage=place, video_size=len(BODY), video_sha256=hashlib.sha256(BODY).hexdigest())
        take.video_key = storage.generation_key(take.uuid, "video.mp4")
        take.save()
        for name in names:
            put(storage.generation_key(take.uuid, name), place=place)
        return take

    return make


@pytest.fixture
def purged(clip):
    def make():
        take = clip()
        Generation.objects.filter(pk=take.pk).update(trashed_at=timezone.now())
        assert purge.purge(take) == len(BODY) * (1 + len(DERIVED))
        return take

    return make


def found():
    return {(orphan.kind, orphan.key) for orphan in orphans.find()}


def run(**options):
    """What the command says, and the status it ends with."""
    out = StringIO()
    try:
        call_command("find_orphans", stdout=out, **options)
    except SystemExit as ended:
        return out.getvalue(), ended.code
    return out.getvalue(), 0


class TestFind:
    def test_finds_nothing_where_everything_fits(self, clip, put):
        for _ in range(5):
            clip()
        audio = AudioFactory(size=len(BODY))
        audio.key = put(storage.audio_key(audio.uuid, "mp3"))
        audio.save()

        assert found() == set()

    def test_works_through_more_than_one_batch(self, clip, put, monkeypatch):
        monkeypatch.setattr(orphans, "BATCH", 3)
        takes = [clip() for _ in range(10)]
        lost, stray = takes[4], [put(f"generations/{uuid.uuid4()}/video.mp4") for _ in range(10)]
        storage.delete("local", lost.video_key)

        assert found() == {(Kind.MISSING, lost.video_key), *((Kind.STRAY, key) for key in stray)}

    def test_finds_an_object_without_a_row(self, put):
        key = put(f"generations/{uuid.uuid4()}/video.mp4")
        song = put(f"audio/{uuid.uuid4()}/source.mp3")

        assert found() == {(Kind.STRAY, key), (Kind.STRAY, song)}

    def test_finds_what_came_back_for_a_clip_that_was_deleted_for_good(self, purged, put):
        """A move that copied while it was deleted, or a restored bucket."""
        key = put(purged().video_key)

        assert found() == {(Kind.STRAY, key)}

    def test_misses_nothing_of_a_clip_that_is_being_deleted_for_good(self, clip):
        take = clip(names=("poster.webp",))
        Generation.objects.filter(pk=take.pk).update(purged_at=timezone.now())

        assert found() == set()

    def test_leaves_out_what_is_younger_than_a_day(self, put):
        put(f"generations/{uuid.uuid4()}/video.mp4", days=0.9)

        assert found() == set()

    def test_leaves_out_files_of_unfinished_takes(self, put):
        take = GenerationFactory(status="archiving")
        put(storage.generation_key(take.uuid, "quarantine.bin"))

        assert found() == set()

    def test_looks_only_where_we_put_things(self, put):
        put("somebody/elses/video.mp4")

        assert found() == set()

    def test_finds_old_probes(self, put):
        key = put(f"probe/{uuid.uuid4()}")

        assert found() == {(Kind.STRAY, key)}

    def test_finds_a_row_whose_video_is_missing(self, clip):
        take, _ = clip(names=()), clip()

        assert found() == {(Kind.MISSING, take.video_key)}

    def test_finds_a_video_of_another_size(self, clip, put):
        take = clip()
        put(take.video_key, b"half")

        assert found() == {(Kind.DIFFERS, take.video_key)}

    def test_finds_a_missing_poster(self, clip):
        take = clip(names=("video.mp4", "preview.mp4"))

        assert found() == {(Kind.UNDERIVED, take.video_key)}

    def test_leaves_out_what_is_about_to_be_derived(self, clip):
        clip(names=("video.mp4",))
        Generation.objects.update(due_at=timezone.now())

        assert found() == set()

    def test_finds_a_copy_that_a_move_left(self, clip, put, bucket):
        take = clip("s3")
        key = put(take.video_key)

        assert found() == {(Kind.COPY, key)}

    def test_is_not_confused_by_files_beside_the_folders(self, clip, put):
        clip()
        put("generations/zzz")

        assert found() == set()


class TestRepair:
    def test_changes_nothing_without_being_told(self, clip, put):
        key = put(f"generations/{uuid.uuid4()}/video.mp4")

        said, status = run()

        assert f"object without a row: local:{key}" in said
        assert status == 0
        assert storage.exists("local", key)

    def test_deletes_objects_without_a_row(self, clip, put):
        take, key = clip(), put(f"generations/{uuid.uuid4()}/video.mp4")

        said, _ = run(repair=True)

        assert f"local:{key}: deleted" in said
        assert not storage.exists("local", key)
        assert storage.exists("local", take.video_key)

    def test_deletes_what_is_left_of_a_clip_that_was_deleted_for_good(self, purged, put):
        key = put(purged().video_key)

        run(repair=True)

        assert not storage.exists("local", key)

    def test_spares_an_object_whose_row_has_come_meanwhile(self, put):
        name = uuid.uuid4()
        key = put(f"generations/{name}/video.mp4")
        (orphan,) = orphans.find()
        GenerationFactory(uuid=name)

        assert orphans.repair(orphan) == "nothing left to do"
        assert storage.exists("local", key)

    def test_spares_a_copy_that_a_move_back_is_writing(self, clip, put, bucket):
        """The row names it next, and then the move deletes what it has copied."""
        take = clip("s3")
        put(take.video_key)
        (orphan,) = orphans.find()
        assert orphan.kind is Kind.COPY
        put(take.video_key, days=0)

        assert orphans.repair(orphan) == "nothing left to do"
        assert storage.exists("local", take.video_key)

    def test_deletes_a_copy_only_while_the_rows_own_object_is_there(self, clip, put, bucket):
        moved, broken = clip("s3"), clip("s3", names=())
        put(moved.video_key)
        put(broken.video_key)

        run(repair=True)

        assert not storage.exists("local", moved.video_key)
        assert storage.exists("local", broken.video_key)

    def test_points_a_row_to_its_video_in_another_storage(self, clip, put, bucket):
        take = clip("s3", names=())
        put(take.video_key)

        run(repair=True)

        take.refresh_from_db()
        assert take.storage == "local"

    def test_does_not_take_another_file_of_the_same_size_for_it(self, clip, put, bucket):
        take = clip("s3", names=())
        put(take.video_key, b"x" * len(BODY))

        _, status = run(repair=True)

        take.refresh_from_db()
        assert status == 1
        assert take.storage == "s3"

    def test_has_posters_made_again(self, clip):
        take = clip(names=("video.mp4",))

        said, _ = run(repair=True)

        take.refresh_from_db()
        assert "made again soon" in said
        assert take.due_at is not None

    def test_leaves_a_missing_video_to_a_person(self, clip):
        clip(names=())

        said, status = run(repair=True)

        assert status == 1
        assert "1 × row without its object" in said

    def test_says_that_everything_fits(self, clip):
        clip()

        assert run(repair=True) == ("Everything fits together.\n", 0)


class TestNightlyReport:
    def test_is_written_with_counts_and_examples(self, clip, put):
        take, key = clip(names=()), put(f"generations/{uuid.uuid4()}/video.mp4")

        tasks.find_orphans()

        report = orphan_report.latest()
        assert report["counts"] == {"MISSING": 1, "STRAY": 1}
        assert report["bytes"]["STRAY"] == len(BODY)
        assert report["examples"] == {"MISSING": [f"local:{take.video_key}"], "STRAY": [f"local:{key}"]}

    @pytest.mark.parametrize(("names", "level"), [((), "ERROR"), (("video.mp4",), "WARNING"), (None, "INFO")])
    def test_is_as_loud_as_what_it_found(self, clip, names, level, caplog):
        clip(**({} if names is None else {"names": names}))

        with caplog.at_level(logging.INFO, "generations.orphan_report"):
            orphan_report.search()

        assert [record.levelname for record in caplog.records] == [level]

    def test_ends_in_time_and_says_that_it_is_not_complete(self, clip, monkeypatch, caplog):
        clip()
        monkeypatch.setattr(orphan_report, "SEARCH_SECONDS", -1.0)

        report = orphan_report.search()

        assert report["complete"] is False
        assert "ran out of time" in caplog.text

    def test_is_made_once_a_day_however_often_beat_asks(self, clip):
        clip(names=())
        tasks.find_orphans()
        Generation.objects.all().delete()

        tasks.find_orphans()
        assert orphan_report.latest()["counts"] == {"MISSING": 1}

        OrphanSearch.objects.update(
            began_at=F("began_at") - timedelta(days=1), ended_at=F("ended_at") - timedelta(days=1)
        )
        tasks.find_orphans()
        assert orphan_report.latest()["counts"] == {}

    @pytest.mark.parametrize(("hours", "is_begun_again"), [(2, False), (4, True)])
    def test_is_begun_again_when_it_broke_off(self, hours, is_begun_again):
        OrphanSearch.objects.create(pk=1, began_at=timezone.now() - timedelta(hours=hours))

        tasks.find_orphans()

        assert (orphan_report.latest() is not None) == is_begun_again

    def test_is_none_before_the_first_night(self):
        assert orphan_report.latest() is None
