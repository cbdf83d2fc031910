"""Waveforms are drawn once by a worker, and their failure costs nothing but the picture."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from generations import media, storage
from generations.lifecycle import listen
from generations.models import Waveform
from tests.factories import AudioFactory, WaveformFactory
from tests.generations.media_files import write_audio


@pytest.fixture
def stored(db, project, tmp_path, settings):
    """An audio whose file is there, and which nobody has listened to."""
    local = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "media"}}
    settings.STORAGES = settings.STORAGES | {"local": local}
    audio = AudioFactory(project=project)
    path = write_audio(tmp_path / "a.mp3", 4, silences=[(1, 2)])
    storage.put_file(path, audio.key, content_type="audio/mpeg")
    return WaveformFactory(audio=audio, peaks=b"", silences=[], due_at=timezone.now() - timedelta(seconds=1))


class TestSweep:
    def test_draws_what_is_due_once(self, stored, django_assert_num_queries):
        listen.sweep()

        stored.refresh_from_db()
        assert len(stored.peaks) == pytest.approx(81, abs=2)
        assert [round(second) for second in stored.silences[0]] == [1, 2]
        assert stored.due_at is None
        with django_assert_num_queries(3):  # a transaction around one look
            listen.sweep()

    def test_waits_longer_after_each_failure_and_gives_up(self, stored, monkeypatch):
        def crash(path):
            raise media.MediaCrashed("timeout")

        monkeypatch.setattr(media, "listen", crash)
        moment = timezone.now()

        with time_machine.travel(moment, tick=False) as now:
            for _try in range(listen.TRIES):
                listen.sweep()
                listen.sweep()
                now.shift(600)

        stored.refresh_from_db()
        assert (stored.tries, stored.due_at) == (listen.TRIES, None)
        assert not stored.peaks

    def test_a_missing_file_is_a_failure_like_others(self, project):
        WaveformFactory(audio=AudioFactory(project=project), peaks=b"", due_at=timezone.now())

        listen.sweep()

        assert Waveform.objects.get().tries == 1
