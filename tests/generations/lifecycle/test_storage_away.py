"""A bucket that goes away in the middle of a put and stays away for an hour: nothing is lost, nothing half is READY."""

from __future__ import annotations

import hashlib

import pytest

from generations import storage
from generations.lifecycle import archive, submit, tidy
from generations.models import Generation, Switchboard
from generations.storage_options import s3_options
from tests.generations.conftest import bucket, s3_server  # noqa: F401  fixtures
from tests.generations.cut_line import cut_line
from tests.generations.lifecycle.conftest import fresh, kinds
from tests.generations.lifecycle.test_archive import downloads, rendered_take, save  # noqa: F401  fixtures

CUT_AFTER = 4_000  # bytes of the connection; every video is longer


@pytest.fixture
def line(s3_server, bucket, settings):  # noqa: F811
    """The line to the bucket."""
    with cut_line(int(s3_server.rpartition(":")[2])) as line:
        options = s3_options(
            bucket=bucket["bucket_name"],
            endpoint_url=f"http://localhost:{line.port}",
            region_name="eu-central-1",
            access_key="key",
            secret_key="secret",
        )
        settings.STORAGES = settings.STORAGES | {
            "s3": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
        }
        yield line


class TestAway:
    @pytest.fixture
    def cut(self, line, rendered_take, save):  # noqa: F811
        """A take whose put was cut in its middle."""
        take = rendered_take()
        line.cuts_after = CUT_AFTER
        save(take)
        line.cuts_after = None
        return take

    def test_in_the_middle_of_a_put_leaves_nothing_half_stored(self, cut, line, simulator):
        assert line.is_away
        assert len(simulator.video_bytes(cut.task_id)) > CUT_AFTER
        assert (cut.status, cut.waiting_for, cut.video_key) == ("archiving", "storage", "")
        line.is_away = False
        assert storage.size("s3", storage.generation_key(cut.uuid, "video.mp4")) is None

    def test_for_an_hour_keeps_the_verified_file_and_saves_it_when_the_storage_is_back(
        self,
        cut,
        line,
        save,  # noqa: F811
        travel,
        simulator,
    ):
        for _ in range(7):
            travel(minutes=10)
            assert save(cut).status == "archiving"
            tidy.sweep()
            assert archive.spool_path(cut).is_file()

        line.is_away = False

        assert save(cut).status == "ready"
        with storage.open_object("s3", cut.video_key) as chunks:
            stored = b"".join(chunks)
        assert stored == simulator.video_bytes(cut.task_id)
        assert hashlib.sha256(stored).hexdigest() == cut.video_sha256
        assert downloads(simulator) == 1
        assert len(simulator.ledger()) == 1
        assert kinds(cut).count("store_again") == 1
        assert not archive.spool_path(cut).exists()

    def test_stops_new_takes_after_five_minutes_and_lets_them_go_on_afterwards(
        self, cut, line, generate, travel, simulator
    ):
        travel(minutes=6)
        waiting = generate("A kite over the dunes")
        submit.sweep()
        assert (fresh(waiting).status, waiting.waiting_for) == ("queued", "storage")
        assert len(simulator.ledger()) == 1

        line.is_away = False
        tidy.sweep()
        Generation.objects.filter(pk=waiting.pk).update(due_at=waiting.created_at)
        submit.sweep()

        assert Switchboard.load().storage_refused_since is None
        assert fresh(waiting).status == "pending"
