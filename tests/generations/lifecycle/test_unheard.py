"""Sounds that nobody uses go after 30 days; whatever could bring one back keeps it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from generations import storage
from generations.lifecycle import unheard
from generations.models import AudioUpload, Draft
from generations.tasks import purge_trash
from tests.factories import AudioFactory, GenerationFactory, WaveformFactory
from tests.generations.conftest import media_directory  # noqa: F401  fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media_directory")]


@pytest.fixture
def sound(tmp_path):
    """`sound()` is one that was uploaded 31 days ago, with its file and its waveform."""

    def make(days=31, **fields):
        audio = AudioFactory(**fields)
        WaveformFactory(audio=audio)
        path = tmp_path / "sound"
        path.write_bytes(b"RIFF")
        storage.put_file(path, audio.key, content_type="audio/mpeg", storage="local")
        AudioUpload.objects.filter(pk=audio.pk).update(created_at=timezone.now() - timedelta(days=days))
        return audio

    return make


def is_there(audio):
    assert AudioUpload.objects.filter(pk=audio.pk).exists() == storage.exists("local", audio.key)
    return storage.exists("local", audio.key)


class TestUnused:
    def test_goes_with_its_file_after_30_days(self, sound):
        old, young = sound(), sound(days=29)

        purge_trash()

        assert not is_there(old)
        assert is_there(young)

    def test_part_goes_before_what_it_was_cut_from(self, sound):
        whole = sound()
        part = sound(original=whole, original_start=1.5)

        assert unheard.sweep() == 1
        assert (is_there(whole), is_there(part)) == (True, False)
        assert unheard.sweep() == 1
        assert not is_there(whole)

    def test_is_forgotten_even_while_its_storage_is_away(self, sound, monkeypatch):
        audio = sound()
        monkeypatch.setattr(storage, "delete", refuse)

        assert unheard.sweep() == 1

        assert not AudioUpload.objects.exists()
        assert storage.exists("local", audio.key)  # find_orphans names it, and --repair deletes it


def refuse(*_):
    raise storage.StorageRefused("away", code="", transient=True)


class TestUsed:
    def test_by_a_take_stays(self, sound):
        audio = sound()
        GenerationFactory(audio=audio, status="canceled")

        unheard.sweep()

        assert is_there(audio)

    @pytest.mark.parametrize("ended_at", [None, timezone.now()])
    def test_by_a_draft_stays(self, sound, alice, ended_at):
        audio = sound()
        Draft.objects.create(owner=alice, data={"audio_id": str(audio.uuid)}, writer=uuid.uuid4(), ended_at=ended_at)

        unheard.sweep()

        assert is_there(audio)

    @pytest.mark.parametrize("named", ["name", "uuid"])
    def test_by_the_text_of_a_call_sheet_stays(self, sound, alice, project, named):
        audio, other = sound(project=project, name='Old "Harbour".mp3'), sound(project=project, name="gulls.wav")
        elsewhere = sound(name='Old "Harbour".mp3')
        cell = str(getattr(audio, named)).lower().replace('"', '""')
        text = f'prompt,audio\nA boat,"{cell}"\n'
        Draft.objects.create(owner=alice, project=project, kind="sheet", data={"text": text}, writer=uuid.uuid4())

        unheard.sweep()

        assert [is_there(one) for one in (audio, other, elsewhere)] == [True, False, False]

    def test_by_a_take_that_is_made_at_the_same_moment_stays(self, sound, monkeypatch):
        audio = sound()
        monkeypatch.setattr(unheard, "_in_drafts", lambda _: GenerationFactory(audio=audio) and set())

        assert unheard.sweep() == 0

        assert is_there(audio)
