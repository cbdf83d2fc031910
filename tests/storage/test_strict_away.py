"""The strict server goes away in the middle of a put and stays away: nothing is half stored, nothing lost.

An hour of it is test_storage_away's: this server checks the time in signatures, so ours can't be moved.
"""

from __future__ import annotations

import hashlib

import pytest

from generations import storage
from generations.lifecycle import archive, tidy
from tests.generations.cut_line import cut_line
from tests.generations.lifecycle.conftest import rendered, travel  # noqa: F401  fixtures
from tests.generations.lifecycle.test_archive import downloads, rendered_take, save  # noqa: F401  fixtures

pytestmark = pytest.mark.radosgw
CUT_AFTER = 6_000  # bytes of the connection, its handshake included; every video is longer


@pytest.fixture
def line(strict, use):
    """The line to the bucket; https passes through it as it is."""
    port = strict["endpoint_url"].rpartition(":")[2]
    with cut_line(int(port)) as line:
        use(endpoint_url=strict["endpoint_url"].replace(port, str(line.port)))
        yield line


class TestAway:
    def test_stores_nothing_half_and_saves_the_clip_afterwards(
        self,
        line,
        rendered_take,  # noqa: F811
        save,  # noqa: F811
        simulator,
    ):
        take = rendered_take()
        line.cuts_after = CUT_AFTER
        assert len(simulator.video_bytes(take.task_id)) > CUT_AFTER

        for _ in range(3):
            assert (save(take).status, take.waiting_for, take.video_key) == ("archiving", "storage", "")
            tidy.sweep()
            assert line.is_away
            assert archive.spool_path(take).is_file()
        line.is_away, line.cuts_after = False, None
        assert storage.size("s3", storage.generation_key(take.uuid, "video.mp4")) is None

        assert save(take).status == "ready"
        with storage.open_object("s3", take.video_key) as chunks:
            stored = b"".join(chunks)
        assert stored == simulator.video_bytes(take.task_id)
        assert hashlib.sha256(stored).hexdigest() == take.video_sha256
        assert (downloads(simulator), len(simulator.ledger())) == (1, 1)
        assert not archive.spool_path(take).exists()
