"""A library moves into a bucket that checks what it is sent, and back out of it."""

from __future__ import annotations

import hashlib

import pytest

from generations import storage
from tests.factories import AudioFactory
from tests.operations.conftest import studio_dir  # noqa: F401  a fixture
from tests.operations.test_move_storage import NAMES, body_of, clip, keys, move, put  # noqa: F401  a fixture

pytestmark = [pytest.mark.radosgw, pytest.mark.django_db, pytest.mark.usefixtures("studio_dir", "bucket")]
VIDEO = bytes(range(256)) * 40_000  # 10 MB: larger than what is read at once
SONG = b"a song " * 1000


@pytest.fixture
def library(clip, tmp_path):  # noqa: F811
    """A clip with all its files and an audio, in local files."""
    take = clip(body=VIDEO)
    song = AudioFactory(size=len(SONG), sha256=hashlib.sha256(SONG).hexdigest())
    song.key = storage.audio_key(song.uuid, "mp3")
    song.save()
    put("local", song.key, SONG, tmp_path)
    return take, song


class TestMove:
    def test_brings_everything_to_the_bucket_and_back_unchanged(self, library):
        take, song = library
        all_keys = {storage.generation_key(take.uuid, name) for name in NAMES} | {song.key}

        for there, left in (("s3", "local"), ("local", "s3")):
            move(there, delete_source=True)

            for row in library:
                row.refresh_from_db()
                assert row.storage == there
            assert body_of(there, take.video_key) == VIDEO
            assert body_of(there, song.key) == SONG
            assert all_keys <= keys(there)
            assert not all_keys & keys(left)
