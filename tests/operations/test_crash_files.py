"""kill -9 of what deletes, moves, repairs and restores files: repeated, it comes to its end, and no clip is lost.

On SQLite alone: that locks and killed clients behave on PostgreSQL is test_crash's.
"""

from __future__ import annotations

import hashlib
import os
import time
import uuid

import pytest

from tests.generations.lifecycle.test_crash import Lab
from tests.generations.lifecycle.test_crash_choices import KILLED, change, press, query  # noqa: F401

pytestmark = pytest.mark.chaos


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("crash-files"), {})
    yield lab
    lab.stop()


@pytest.fixture
def clip(lab, press):  # noqa: F811
    """A clip with its poster."""
    take, _ = press()
    assert lab.work(take) == 0
    folder(lab, take).joinpath("poster.webp").write_bytes(b"a poster")
    return take


def folder(lab, take, place="media"):
    return lab.directory / "studio" / place / "generations" / str(uuid.UUID(lab.row(take)["uuid"]))


def files(directory):
    return sorted(path.name for path in directory.glob("*"))


def make_old(directory):
    for path in directory.rglob("*"):
        os.utime(path, (time.time() - 2 * 86_400,) * 2)


def video(lab, take):
    """The digest of the clip where its row says that it is."""
    place = {"local": "media", "s3": "bucket"}[lab.row(take)["storage"]]
    return hashlib.sha256((folder(lab, take, place) / "video.mp4").read_bytes()).hexdigest()


class TestPurge:
    @pytest.mark.parametrize(
        "step",
        ["between two files that are deleted for good", "after the files that are deleted for good, before the row"],
    )
    def test_is_brought_to_its_end_by_the_next_sweep(self, lab, clip, step):
        size = lab.row(clip)["video_size"]
        assert lab.act("trash", clip) == 0

        assert lab.act("purge", clip, step) == KILLED
        row = lab.row(clip)
        assert row["purged_at"] is not None
        assert (row["storage"], row["video_size"]) == ("local", size)
        assert len(files(folder(lab, clip))) == (1 if step.startswith("between") else 0)
        lab.act("empty_trash", clip)

        assert files(folder(lab, clip)) == []
        assert (lab.row(clip)["storage"], lab.row(clip)["video_size"]) == ("", None)
        assert lab.act("repair", clip) == 0


class TestMove:
    @pytest.mark.parametrize(
        "step",
        [
            "between two files that are moved",
            "after the files are copied, before the row says so",
            "after the row says so, before the source goes",
        ],
    )
    def test_has_the_clip_where_its_row_says_and_leaves_no_copy_in_the_end(self, lab, clip, step):
        sha256 = lab.row(clip)["video_sha256"]

        assert lab.act("move", clip, step) == KILLED
        assert video(lab, clip) == sha256
        assert lab.act("move", clip) == 0
        make_old(lab.directory / "studio" / "media")
        assert lab.act("repair", clip) == 0

        assert lab.row(clip)["storage"] == "s3"
        assert video(lab, clip) == sha256
        assert files(folder(lab, clip)) == []
        assert files(folder(lab, clip, "bucket")) == ["poster.webp", "video.mp4"]


class TestRepair:
    def test_deletes_the_other_strays_the_next_time_and_no_clip(self, lab, clip):
        strays = [lab.directory / "studio" / "media" / "generations" / str(uuid.uuid4()) for _ in range(3)]
        for stray in strays:
            stray.mkdir()
            (stray / "video.mp4").write_bytes(b"nobody's")
        make_old(lab.directory / "studio" / "media")

        assert lab.act("repair", clip, "between two strays that are deleted") == KILLED
        assert sum(len(files(stray)) for stray in strays) == 2
        assert lab.act("repair", clip) == 0

        assert [files(stray) for stray in strays] == [[], [], []]
        assert video(lab, clip) == lab.row(clip)["video_sha256"]


class TestRestore:
    @pytest.fixture
    def place(self, lab, clip, tmp_path):
        """A backup, after which the clip got a note and its files were lost."""
        assert lab.act(f"backup {tmp_path / 'backup'}", clip) == 0
        change(lab, "UPDATE generations_generation SET derive_note = 'of today' WHERE id = ?", clip)
        for path in folder(lab, clip).iterdir():
            path.unlink()
        yield tmp_path / "backup"
        change(lab, "UPDATE generations_switchboard SET submitting = ?", True)

    @pytest.mark.parametrize("step", ["while files are restored", "after the files, before the database is restored"])
    def test_before_the_database_leaves_it_as_it_was(self, lab, clip, place, step):
        assert lab.act(f"restore {place}", clip, step) == KILLED
        assert lab.row(clip)["derive_note"] == "of today"
        self.assert_comes_to_its_end(lab, clip, place)

    def test_after_the_database_has_stopped_sending(self, lab, clip, place):
        assert lab.act(f"restore {place}", clip, "after the database is restored") == KILLED
        assert lab.row(clip)["derive_note"] == ""
        assert query(lab, "SELECT submitting FROM generations_switchboard") == [{"submitting": False}]
        self.assert_comes_to_its_end(lab, clip, place)

    def assert_comes_to_its_end(self, lab, clip, place):
        assert lab.act(f"restore {place}", clip) == 0
        assert lab.row(clip)["derive_note"] == ""
        assert query(lab, "SELECT submitting FROM generations_switchboard") == [{"submitting": False}]
        assert video(lab, clip) == lab.row(clip)["video_sha256"]
