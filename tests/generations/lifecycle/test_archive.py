"""From Wan's result to READY: downloads that go wrong, storage that refuses, and the 24 hours."""

from __future__ import annotations

import errno
import hashlib
import logging
import shutil
import socket
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.db import transaction

from generations import alarms, clock, ledger, media, pricing, storage, storage_refusal
from generations.cards import Deck
from generations.lifecycle import archive, derive, submit, tidy, watch
from generations.lifecycle.moves import move
from generations.models import Alarm, Generation, Status, Switchboard, WanAccount
from tests.factories import GenerationFactory
from tests.generations.lifecycle.conftest import fresh, kinds


@pytest.fixture
def rendered_take(generate, rendered, simulator, travel):
    """A take in ARCHIVING: `rendered_take("[fault: not_mp4=1]")`."""

    def make(words: str = ""):
        take = generate(f"A harbour {words}")
        submit.sweep()
        rendered()
        Generation.objects.update(due_at=clock.now())
        watch.sweep()
        assert fresh(take).status == "archiving"
        return take

    return make


@pytest.fixture
def save(travel):
    """One try to save the take, as when it is due."""

    def once(take):
        Generation.objects.filter(pk=take.pk).update(due_at=clock.now() - timedelta(seconds=1))
        archive.sweep()
        return fresh(take)

    return once


def downloads(simulator) -> int:
    return simulator.counts()["download"]


def media_root() -> Path:
    return storage._backend("local").root


class TestDownload:
    @pytest.mark.parametrize(
        "fault", ["cut_download", "wrong_length", "html_instead", "not_mp4", "truncated_mp4", "expired_url"]
    )
    def test_that_goes_wrong_is_repeated(self, rendered_take, save, simulator, fault):
        take = rendered_take(f"[fault: {fault}=1]")
        assert save(take).status == "archiving"
        assert (take.video_key, take.tries) == ("", 1)
        assert not storage.exists("local", storage.generation_key(take.uuid, "video.mp4"))

        save(take)

        assert take.status == "ready"
        assert storage.local_path("local", take.video_key).read_bytes() == simulator.video_bytes(take.task_id)
        assert len(simulator.ledger()) == 1

    def test_without_a_length_is_taken_when_it_ends_well(self, rendered_take, save, simulator):
        take = rendered_take("[fault: no_length=1]")

        assert save(take).status == "ready"
        assert take.video_size == len(simulator.video_bytes(take.task_id))

    def test_that_redirects_elsewhere_is_refused_and_said_loudly(self, rendered_take, save, simulator, caplog):
        simulator.faults.add("redirect_elsewhere", times=1)
        take = rendered_take()

        save(take)

        assert (take.status, take.waiting_for) == ("archiving", "host")
        assert "its result host or file is refused" in caplog.text
        assert save(take).status == "ready"
        assert take.waiting_for == ""

    @pytest.mark.parametrize("fault", ["not_mp4", "truncated_mp4"])
    def test_of_what_is_no_video_is_an_alarm(self, rendered_take, save, fault):
        take = rendered_take(f"[fault: {fault}=1]")

        save(take)
        alarms.sweep()

        assert take.waiting_for == "file"
        assert Alarm.objects.get().kind == "refused"

    @pytest.mark.parametrize(
        "url", ["https://elsewhere.example/a.mp4", "http://169.254.169.254/", "file:///etc/passwd"]
    )
    def test_from_a_wrong_host_is_never_fetched_and_a_fresh_url_asked_for(self, rendered_take, save, simulator, url):
        take = rendered_take()
        Generation.objects.update(result_url=url)

        save(take)

        assert (take.status, downloads(simulator)) == ("archiving", 0)
        assert take.result_url.startswith(simulator.origin)

    def test_leaves_no_part_behind(self, rendered_take, save, settings):
        take = rendered_take("[fault: cut_download=1]")

        save(take)
        save(take)

        assert list((settings.STUDIO_DATA_DIR / "spool").iterdir()) == []

    def test_on_a_full_disk_is_repeated(self, rendered_take, save, monkeypatch):
        def full(*_):
            raise OSError(errno.ENOSPC, "No space left on device")

        take = rendered_take()
        with monkeypatch.context() as patch:
            patch.setattr(archive.os, "fsync", full)
            save(take)

        assert (take.status, take.waiting_for) == ("archiving", "disk")
        assert "disk is full" in Deck([take]).card(take).line
        assert storage_refusal.why() == "disk"
        assert not take.events.filter(kind="store_again").exists()  # which tells that the file is kept here
        assert take.events.filter(kind="spool_again").exists()
        assert save(take).status == "ready"

    def test_shows_its_progress_and_keeps_the_claim(self, rendered_take, save, monkeypatch, settings):
        written = []
        real = archive.renew

        def renew(generation, **fields):
            written.append(fields)
            return real(generation, **fields)

        monkeypatch.setattr(archive, "PROGRESS_EVERY", 0.0)
        monkeypatch.setattr(archive, "renew", renew)

        take = save(rendered_take())

        assert take.status == "ready"
        assert take.expected_bytes == take.archived_bytes == take.video_size
        assert [fields["archived_bytes"] for fields in written if "archived_bytes" in fields][-1] == take.video_size

    def test_stops_when_the_claim_is_lost(self, rendered_take, save, monkeypatch):
        take = rendered_take()
        with monkeypatch.context() as patch:
            patch.setattr(archive, "renew", lambda *_, **__: False)
            save(take)

        assert (take.status, take.tries) == ("archiving", 0)
        assert save(take).status == "ready"


class TestStorageDown:
    def test_keeps_the_file_and_downloads_nothing_twice(self, rendered_take, save, simulator, settings):
        take = rendered_take()
        media_root().parent.mkdir(parents=True, exist_ok=True)
        media_root().rmdir() if media_root().is_dir() else None
        media_root().write_text("not a directory")  # also root can't write below it

        for _ in range(2):
            save(take)
            assert (take.status, take.waiting_for) == ("archiving", "storage")
        assert archive.spool_path(take).is_file()
        assert Switchboard.load().storage_refused_since is not None
        media_root().unlink()

        assert save(take).status == "ready"
        assert downloads(simulator) == 1
        assert not archive.spool_path(take).exists()
        assert Switchboard.load().storage_refused_since is None

    def test_does_not_lose_the_take_after_a_day_while_the_file_is_there(self, rendered_take, save, travel):
        take = rendered_take()
        media_root().parent.mkdir(parents=True, exist_ok=True)
        media_root().rmdir() if media_root().is_dir() else None
        media_root().write_text("not a directory")
        save(take)
        travel(hours=30)
        tidy._sweep_spool()
        assert save(take).status == "archiving"
        media_root().unlink()

        assert save(take).status == "ready"

    def test_with_the_file_on_another_host_fetches_it_anew_while_wan_has_it(self, rendered_take, save, simulator):
        """A media worker that came back under another name and with an empty disk."""
        take = rendered_take()
        Generation.objects.update(spool_host="another-host")

        assert (save(take).status, take.spool_host) == ("ready", "")
        assert downloads(simulator) == 1

    def test_with_the_same_disk_under_another_name_stores_what_is_there(
        self, rendered_take, save, simulator, travel, monkeypatch
    ):
        take = rendered_take()
        media_root().parent.mkdir(parents=True, exist_ok=True)
        media_root().write_text("not a directory")
        save(take)
        media_root().unlink()
        monkeypatch.setattr(archive.socket, "gethostname", lambda: "another-host")
        travel(hours=30)

        assert save(take).status == "ready"
        assert downloads(simulator) == 1

    def test_with_the_file_on_another_host_is_no_loss_for_three_days_and_one_after_them(
        self, rendered_take, save, travel, caplog
    ):
        take = rendered_take()
        Generation.objects.update(spool_host="another-host")
        travel(hours=30)

        assert (save(take).status, take.waiting_for) == ("archiving", "away")
        assert "its file is on the media worker another-host" in caplog.text
        assert "is away" in Deck([take]).card(take).line
        travel(days=3)
        assert save(take).status == "lost"

    def test_is_over_when_a_host_comes_back_with_the_file_of_a_lost_take(
        self, rendered_take, save, travel, simulator, settings
    ):
        take = rendered_take()
        video = simulator.video_bytes(take.task_id)
        Generation.objects.update(spool_host="another-host")
        travel(days=5)
        save(take)
        travel(days=3)
        assert (save(take).status, take.due_at) == ("lost", None)
        archive.spool_path(take).parent.mkdir(parents=True, exist_ok=True)
        archive.spool_path(take).write_bytes(video)

        tidy.sweep()
        archive.sweep()

        assert fresh(take).status == "ready"
        assert storage.local_path("local", take.video_key).read_bytes() == video

    def test_with_the_file_gone_from_this_host_is_a_loss(self, rendered_take, save, travel, simulator):
        take = rendered_take()
        Generation.objects.update(spool_host=socket.gethostname())
        travel(hours=30)

        assert (save(take).status, take.spool_host) == ("lost", "")

    def test_a_half_written_object_is_not_ready(self, rendered_take, save, monkeypatch):
        take = rendered_take()

        def half(source, target, *_):
            target.write(source.read(1000))

        with monkeypatch.context() as patch:
            patch.setattr(shutil, "copyfileobj", half)
            save(take)

        assert (take.status, take.waiting_for, take.video_key) == ("archiving", "storage", "")
        assert not storage.exists("local", storage.generation_key(take.uuid, "video.mp4"))
        assert save(take).status == "ready"

    def test_a_crash_of_the_probe_does_not_blame_the_storage(self, rendered_take, save, monkeypatch):
        def crash(_):
            raise media.MediaCrashed("exit -9")

        take = rendered_take()
        with monkeypatch.context() as patch:
            patch.setattr(media, "probe_video", crash)
            save(take)

        assert (take.status, take.waiting_for) == ("archiving", "")
        assert Switchboard.load().storage_refused_since is None


class TestDeadline:
    def test_alone_loses_nothing(self, rendered_take, save, travel, simulator):
        take = rendered_take("[fault: html_instead]")
        simulator.expire(take.task_id)  # the URL still answers, though with something else than a video
        Generation.objects.update(rendered_at=clock.now() - timedelta(hours=30))

        assert save(take).status == "archiving"

    def test_with_a_refused_url_and_a_forgotten_task_is_a_loss(self, rendered_take, save, travel, caplog):
        take = rendered_take()
        cost = fresh(take).cost
        travel(hours=24, minutes=1)

        save(take)

        assert (take.status, take.cost, take.reserved, take.possibly_charged) == ("lost", cost, 0, 0)
        assert "is lost" in caplog.text

    def test_a_refused_url_before_it_is_no_loss(self, rendered_take, save, travel, simulator):
        take = rendered_take()
        simulator.expire(take.task_id)
        simulator.expire_urls()
        travel(hours=23)

        assert save(take).status == "archiving"

    def test_lost_video_that_turns_up_after_all_is_saved(self, rendered_take, travel, simulator, way):
        take = rendered_take()
        simulator.expire(take.task_id)
        simulator.expire_urls()
        Generation.objects.update(rendered_at=clock.now() - timedelta(hours=25), due_at=clock.now())
        archive.sweep()
        assert fresh(take).status == "lost"
        record = simulator.task(take.task_id)
        record.is_expired, record.url_expires_at = False, int(clock.now().timestamp()) + 9000

        for _ in range(2):
            travel(hours=1, seconds=1)
            archive.sweep()

        assert fresh(take).status == "ready"
        assert take.cost == take.price

    def test_lost_without_a_seen_success_costs_what_it_costs_when_it_turns_up(
        self, generate, simulator, travel, rendered
    ):
        take = generate()
        submit.sweep()
        rendered()
        simulator.expire(fresh(take).task_id)
        for delta in ({"seconds": 10}, {"hours": 24, "minutes": 6}):
            travel(**delta)
            watch.sweep()
        assert (fresh(take).status, take.possibly_charged) == ("lost", take.price)
        record = simulator.task(take.task_id)
        record.is_expired, record.end_at = False, clock.now().timestamp()
        record.url_expires_at = int(record.end_at) + 9000

        for _ in range(3):
            travel(hours=1, seconds=1)
            archive.sweep()

        assert (fresh(take).status, take.cost, take.possibly_charged) == ("ready", take.price, 0)

    @pytest.fixture
    def lost_in_doubt(self, generate, simulator, travel, rendered):
        """A take that Wan forgot before anybody had asked: possibly charged. `remember(take)` brings it back."""

        def lose(words: str = ""):
            take = generate(f"A harbour {words}")
            submit.sweep()
            rendered()
            simulator.expire(fresh(take).task_id)
            for delta in ({"seconds": 10}, {"hours": 24, "minutes": 6}):
                travel(**delta)
                watch.sweep()
            assert (fresh(take).status, take.cost, take.possibly_charged) == ("lost", None, take.price)
            return take

        return lose

    def test_lost_of_which_wan_says_at_last_that_it_failed_was_free(self, lost_in_doubt, travel, simulator):
        take = lost_in_doubt("[fault: fail=InternalError]")
        record = simulator.task(take.task_id)
        record.is_expired, record.end_at = False, clock.now().timestamp()

        travel(hours=1, seconds=1)
        archive.sweep()

        assert (fresh(take).status, take.cost, take.possibly_charged, take.due_at) == ("lost", 0, 0, None)
        assert kinds(take)[-1] == "free_after_all"

    def test_lost_in_doubt_says_where_to_look(self, lost_in_doubt, as_alice, travel):
        take = lost_in_doubt()
        bill = "If it was rendered, it is on the account&#x27;s bill."
        later = "If it turns up after all, it is saved here by itself."

        page = as_alice.get(take.get_absolute_url()).content.decode()
        assert bill in page
        assert later in page

        for _ in range(50):
            travel(hours=1, seconds=1)
            archive.sweep()
        page = as_alice.get(take.get_absolute_url()).content.decode()
        assert bill in page
        assert later not in page

    def test_lost_although_the_list_did_not_have_it_costs_what_it_costs_when_it_turns_up(
        self, lost_in_doubt, simulator, travel
    ):
        take = lost_in_doubt()
        with transaction.atomic():
            ledger.adjust(take.pk, "listed_absent", **pricing.free_after_all(take))
        record = simulator.task(take.task_id)
        record.is_expired, record.end_at = False, clock.now().timestamp()
        record.url_expires_at = int(record.end_at) + 9000

        for _ in range(3):
            travel(hours=1, seconds=1)
            archive.sweep()

        assert (fresh(take).status, take.cost, take.possibly_charged) == ("ready", take.price, 0)

    def test_strange_bytes_are_kept_aside_shortly_before_it(self, rendered_take, save, travel, simulator):
        take = rendered_take("[fault: not_mp4]")
        save(take)
        assert not storage.exists("local", storage.generation_key(take.uuid, "quarantine.bin"))
        travel(hours=23, minutes=10)

        save(take)
        save(take)

        assert storage.size("local", storage.generation_key(take.uuid, "quarantine.bin")) == 65536
        assert kinds(take).count("quarantined") == 1

    def test_strange_bytes_that_a_dead_worker_put_aside_are_told(self, rendered_take, save, travel, monkeypatch):
        take = rendered_take("[fault: not_mp4]")
        travel(hours=23, minutes=10)
        with monkeypatch.context() as patch:
            patch.setattr(archive, "note", lambda *_, **__: None)
            save(take)
        assert storage.exists("local", storage.generation_key(take.uuid, "quarantine.bin"))

        save(take)

        assert kinds(take).count("quarantined") == 1

    def test_nearing_is_an_alarm_each_minute(self, rendered_take, travel, caplog, simulator):
        take = rendered_take()
        travel(hours=17)
        alarms.sweep()
        assert "Not saved since" not in caplog.text
        travel(hours=1, minutes=1)

        with caplog.at_level(logging.ERROR):
            alarms.sweep()

        assert "Not saved since" in caplog.text
        WanAccount.objects.update(is_demo=True)
        caplog.clear()
        alarms.sweep()
        assert "Not saved since" not in caplog.text
        assert fresh(take).status == "archiving"


class TestRestoredDatabase:
    """An older database is put in place: it knows nothing of what was saved since, and Wan has forgotten it."""

    @pytest.fixture
    def restored(self, rendered_take, save, simulator, travel, monkeypatch):
        take = rendered_take()
        with monkeypatch.context() as patch:
            patch.setattr(archive, "move", Mock(side_effect=RuntimeError))
            assert save(take).status == "archiving"
        archive.spool_path(take).unlink()
        simulator.expire(take.task_id)
        simulator.expire_urls()
        travel(hours=26)
        return take

    @pytest.fixture
    def stored(self, restored):
        path = storage.local_path("local", storage.generation_key(restored.uuid, "video.mp4"))
        assert path
        return path

    @pytest.mark.parametrize("is_lost", [False, True])
    def test_finds_the_clip_in_its_storage(self, restored, stored, save, simulator, monkeypatch, is_lost):
        before, sha256 = downloads(simulator), hashlib.sha256(stored.read_bytes()).hexdigest()
        if is_lost:
            with monkeypatch.context() as patch:
                patch.setattr(storage, "exists", lambda *_: False)
                assert save(restored).status == "lost"
            before = downloads(simulator)

        assert save(restored).status == "ready"

        assert restored.video_sha256 == sha256 == hashlib.sha256(stored.read_bytes()).hexdigest()
        assert downloads(simulator) == before
        assert not archive.spool_path(restored).exists()

    def test_finds_the_clip_of_a_take_that_was_at_wan(self, generate, rendered, simulator, save, travel, stored):
        take = generate("A lighthouse")
        submit.sweep()
        rendered()
        shutil.copytree(stored.parent, stored.parent.with_name(str(take.uuid)))
        simulator.expire(fresh(take).task_id)
        travel(hours=25)
        for _ in range(2):
            Generation.objects.filter(pk=take.pk).update(due_at=clock.now())
            watch.sweep()
        assert fresh(take).status == "archiving"

        assert save(take).status == "ready"

        assert kinds(take)[-2:] == ["found_stored", "archived"]
        assert take.cost == take.price

    def test_takes_no_damaged_file_for_it(self, restored, stored, save):
        stored.write_bytes(b"half")

        assert save(restored).status == "lost"
        assert not list(archive.spool_path(restored).parent.iterdir())


class TestDerivation:
    def test_follows_at_once_and_the_file_is_examined_once(self, rendered_take, save, monkeypatch):
        examined, examine = [], media.probe_video
        monkeypatch.setattr(media, "probe_video", lambda path: examined.append(path) or examine(path))

        take = save(rendered_take())

        assert round(take.video_seconds) == 2
        assert take.derived_at
        assert len(examined) == 1

    def test_that_fails_costs_no_clip_and_is_repeated(self, rendered_take, save, monkeypatch, travel):
        def crash(*_, **__):
            raise media.MediaCrashed("exit -9")

        with monkeypatch.context() as patch:
            patch.setattr(media, "derive", crash)
            take = save(rendered_take())
        assert (take.status, take.derived_at) == ("ready", None)
        assert kinds(take)[-1] == "derive_failed"

        travel(seconds=31)
        derive.sweep()

        assert fresh(take).derived_at is not None
        assert take.due_at is None

    def test_is_given_up_after_six_tries(self, rendered_take, save, monkeypatch, travel):
        def crash(*_, **__):
            raise media.MediaCrashed("exit -9")

        monkeypatch.setattr(media, "derive", crash)
        take = save(rendered_take())
        for _ in range(8):
            travel(hours=2)
            derive.sweep()

        assert (fresh(take).status, take.due_at, take.derive_note) == ("ready", None, "MediaCrashed")
        assert Deck([take]).card(take).line == "Saved. Its poster could not be made"

    @pytest.mark.parametrize("broken", ["probe_video", "derive"])
    def test_that_breaks_by_an_error_of_ours_is_given_up_as_well(
        self, rendered_take, save, monkeypatch, travel, caplog, broken
    ):
        take = save(rendered_take())
        calls = []

        def error(*_, **__):
            calls.append(1)
            raise ZeroDivisionError("no frame")

        monkeypatch.setattr(media, broken, error)
        Generation.objects.update(derived_at=None, due_at=clock.now())
        for _ in range(8):
            travel(hours=2)
            derive.sweep()

        assert (fresh(take).status, take.due_at, take.derive_note) == ("ready", None, "ZeroDivisionError")
        assert len(calls) == derive.TRIES
        assert "Making poster and preview broke" in caplog.text

    def test_without_room_for_a_copy_is_given_up_as_well(self, rendered_take, save, monkeypatch, travel):
        take = save(rendered_take())
        version = take.version

        def full():
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(storage, "workspace", full)
        Generation.objects.update(derived_at=None, due_at=clock.now())
        for _ in range(8):
            travel(hours=2)
            derive.sweep()

        assert (fresh(take).status, take.due_at, take.derive_note) == ("ready", None, "OSError")
        assert take.version >= version + 2  # the first failure and the last are shown


class TestGivenUpMeanwhile:
    def test_while_it_is_stored_it_keeps_the_file_and_is_saved_with_it(self, rendered_take, save, monkeypatch, travel):
        take = rendered_take()
        put = storage.put_file

        def slowly(path, key, **options):
            move(fresh(take), Status.LOST, "lost", reserved=0, due_at=clock.now())
            return put(path, key, **options)

        with monkeypatch.context() as patch:
            patch.setattr(storage, "put_file", slowly)
            save(take)
        assert fresh(take).status == "lost"
        Generation.objects.filter(pk=take.pk).update(result_url="")

        assert save(take).status == "ready"


class TestTwoMachines:
    @pytest.fixture
    def tidy_on(self, monkeypatch, simulator, db):
        def tidy_on(host, free):
            monkeypatch.setattr(socket, "gethostname", lambda: host)
            monkeypatch.setattr(storage, "free_bytes", lambda: free)
            tidy.sweep()

        return tidy_on

    def test_one_with_room_does_not_mend_the_full_disk_of_the_other(self, tidy_on):
        tidy_on("full", 1024**3)
        tidy_on("roomy", 1024**4)
        assert Switchboard.load().storage_refuses(clock.now())
        assert storage_refusal.first().host == "full"

        tidy_on("full", 1024**4)

        assert not Switchboard.load().storage_refuses(clock.now())

    def test_one_that_stores_does_not_mend_the_disk_that_refuses_the_other(self, rendered_take, save, tidy_on):
        take = rendered_take()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(storage, "write_probe", refuse)
            tidy_on("refusing", 1024**4)
        tidy_on("fine", 1024**4)

        assert save(take).status == "ready"

        assert Switchboard.load().storage_refused_since is not None

    def test_one_that_is_gone_holds_up_the_others_for_ten_minutes(self, tidy_on, travel):
        tidy_on("full", 1024**3)
        travel(minutes=9)
        tidy_on("roomy", 1024**4)
        assert Switchboard.load().storage_refuses(clock.now())
        travel(minutes=2)

        tidy_on("roomy", 1024**4)

        assert not Switchboard.load().storage_refuses(clock.now())

    def test_either_sees_that_a_backlog_is_over(self, tidy_on, project, alice, travel):
        GenerationFactory.create_batch(20, project=project, owner=alice, status="archiving")
        travel(minutes=31)
        tidy_on("one", 1024**4)
        assert storage_refusal.why() == "backlog"
        Generation.objects.update(status="failed")

        tidy_on("other", 1024**4)

        assert not Switchboard.load().storage_refuses(clock.now())


def refuse():
    raise storage.StorageRefused("Not now.", transient=True)


class TestTidy:
    def test_stops_new_takes_at_once_when_the_disk_is_nearly_full(self, monkeypatch, db, simulator):
        monkeypatch.setattr(storage, "free_bytes", lambda: 1024**3)

        tidy.sweep()

        assert Switchboard.load().storage_refuses(clock.now())
        assert storage_refusal.why() == "disk"

    def test_stops_new_takes_when_twenty_wait_to_be_saved(self, project, alice, travel):
        GenerationFactory.create_batch(20, project=project, owner=alice, status="archiving")
        travel(minutes=31)

        tidy.sweep()

        assert Switchboard.load().storage_refuses(clock.now())
        assert storage_refusal.why() == "backlog"

    def test_stops_new_takes_when_the_probe_fails_for_five_minutes(self, db, simulator, travel, settings):
        settings.STUDIO_DATA_DIR.mkdir(parents=True)
        media_root().write_text("not a directory")
        tidy.sweep()
        assert not Switchboard.load().storage_refuses(clock.now())
        travel(seconds=301)
        tidy.sweep()
        assert Switchboard.load().storage_refuses(clock.now())
        media_root().unlink()

        tidy.sweep()

        assert not Switchboard.load().storage_refuses(clock.now())

    def test_a_clip_that_is_stored_does_not_make_room(self, rendered_take, save, monkeypatch):
        take = rendered_take()
        monkeypatch.setattr(storage, "free_bytes", lambda: 1024**3)
        tidy.sweep()

        assert save(take).status == "ready"

        assert Switchboard.load().storage_refuses(clock.now())
        monkeypatch.setattr(storage, "free_bytes", lambda: 3 * 1024**3)
        tidy.sweep()
        assert not Switchboard.load().storage_refuses(clock.now())

    def test_a_clip_that_is_stored_ends_no_backlog(self, rendered_take, save, project, alice, travel):
        take = rendered_take()
        stuck = GenerationFactory.create_batch(25, project=project, owner=alice, status="archiving", due_at=None)
        travel(minutes=31)
        tidy.sweep()

        assert save(take).status == "ready"

        assert Switchboard.load().storage_refuses(clock.now())
        Generation.objects.filter(pk__in=[take.pk for take in stuck[:6]]).update(status="failed")
        tidy.sweep()
        assert not Switchboard.load().storage_refuses(clock.now())

    def test_sweeps_parts_of_killed_downloads_and_keeps_what_is_needed(self, rendered_take, travel, settings):
        take = rendered_take()
        spool = settings.STUDIO_DATA_DIR / "spool"
        spool.mkdir(parents=True)
        for name in (f"{take.uuid}.mp4", f"{take.uuid}.x.part", "11111111-1111-4111-8111-111111111111.mp4"):
            (spool / name).write_bytes(b"x")
        travel(hours=2)

        tidy._sweep_spool()

        assert [path.name for path in spool.iterdir()] == [f"{take.uuid}.mp4"]

    def test_sweeps_the_file_of_a_lost_clip_that_was_deleted_for_good(self, simulator, db, travel, settings):
        take = GenerationFactory(status="lost", due_at=None, purged_at=clock.now())
        spool = settings.STUDIO_DATA_DIR / "spool"
        spool.mkdir(parents=True)
        (spool / f"{take.uuid}.mp4").write_bytes(b"x")
        travel(hours=2)

        tidy._sweep_spool()

        assert list(spool.iterdir()) == []

    def test_is_not_disturbed_by_a_file_that_is_stored_meanwhile(self, simulator, db, settings, monkeypatch):
        spool = settings.STUDIO_DATA_DIR / "spool"
        spool.mkdir(parents=True)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "iterdir", lambda self: iter([self / "gone.mp4"]))

            tidy._sweep_spool()


class TestTwoArchivers:
    def test_at_once_lead_to_one_ready(self, rendered_take):
        take = rendered_take()
        first, second = (Generation.objects.select_related("account").get(pk=take.pk) for _ in range(2))
        spooled = archive._download(first)
        twin = archive.Spooled(spooled.path.with_suffix(".twin"), spooled.sha256, spooled.md5)
        shutil.copy(spooled.path, twin.path)

        archive._store(first, spooled)
        with pytest.raises(archive.LostClaim):
            archive._store(second, twin)

        assert (fresh(take).status, kinds(take).count("archived")) == ("ready", 1)
