"""Before the create call: the audio where Wan can fetch it."""

from __future__ import annotations

import hashlib
import shutil
import wave

import pytest

from generations import storage
from generations.cards import Deck
from generations.lifecycle import submit, watch
from generations.models import AudioTransfer, SubmitAttempt
from tests.factories import AudioFactory
from tests.generations.conftest import bucket, s3_server  # noqa: F401  fixtures
from tests.generations.lifecycle.conftest import account, fresh, kinds


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "sound.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x01\x02" * 24_000)
    return path


@pytest.fixture
def audio(simulator, project, alice, sound):
    audio = AudioFactory.build(project=project, uploaded_by=alice, kind="wav", seconds=3.0)
    stored = storage.put_file(sound, storage.audio_key(audio.uuid, "wav"), content_type="audio/wav")
    audio.storage, audio.key, audio.size, audio.sha256 = stored.storage, stored.key, stored.size, stored.sha256
    audio.save()
    return audio


def uploads(simulator) -> int:
    return simulator.counts()["upload"]


class TestUpload:
    def test_lets_wan_hear_the_stored_bytes(self, generate, audio, sound, simulator, rendered):
        generate(audio=audio)

        submit.sweep()
        rendered()

        (entry,) = simulator.ledger()
        assert entry.status == "SUCCEEDED"
        assert entry.audio_sha256 == hashlib.sha256(sound.read_bytes()).hexdigest()

    def test_is_used_again_for_less_than_a_day(self, generate, audio, simulator, travel):
        generate(audio=audio)
        submit.sweep()
        travel(hours=23, minutes=59)
        generate(audio=audio)
        submit.sweep()
        assert uploads(simulator) == 1

        travel(minutes=2)
        generate(audio=audio)
        submit.sweep()

        assert uploads(simulator) == 2
        assert AudioTransfer.objects.count() == 1

    @pytest.mark.parametrize("fault", ["upload_403", "upload_fail"])
    def test_that_fails_waits_with_its_reason_and_holds_up_nobody(self, generate, audio, simulator, only_travel, fault):
        simulator.faults.add(fault, times=2)
        take, silent = generate(audio=audio), generate("Without a sound")

        submit.sweep()

        assert (fresh(take).status, take.waiting_for, take.tries) == ("queued", "audio", 1)
        assert fresh(silent).status == "pending"
        assert kinds(take) == ["pressed", "audio_waits"]
        only_travel(seconds=6)
        submit.sweep()
        assert (fresh(take).tries, kinds(take)) == (2, ["pressed", "audio_waits"])
        only_travel(seconds=11)
        submit.sweep()
        assert fresh(take).status == "pending"

    def test_of_a_file_that_is_gone_fails_the_take_free_of_charge(self, generate, audio, simulator):
        take = generate(audio=audio)
        storage.delete(audio.storage, audio.key)

        submit.sweep()

        assert (fresh(take).status, take.failure_cause) == ("failed", "audio-gone")
        assert (take.cost, take.reserved) == (0, 0)
        assert simulator.counts()["create"] == 0

    def test_of_a_file_of_another_size_fails_the_take_and_says_so(self, generate, audio, simulator, tmp_path):
        take = generate(audio=audio)
        (tmp_path / "half.wav").write_bytes(b"RIFF")
        storage.put_file(tmp_path / "half.wav", audio.key, content_type="audio/wav")

        submit.sweep()

        assert (fresh(take).status, take.failure_cause) == ("failed", "audio-damaged")
        assert (take.cost, take.reserved) == (0, 0)
        assert "The audio file in your storage is damaged." in Deck([take], can_edit=True).card(take).summary
        assert (uploads(simulator), simulator.counts()["create"]) == (0, 0)

    def test_waits_for_a_disk_that_is_full(self, generate, audio, simulator, monkeypatch):
        def full(*_):
            raise OSError(28, "No space left on device")

        take = generate(audio=audio)
        monkeypatch.setattr(shutil, "copyfileobj", full)
        monkeypatch.setattr(storage, "fetch_file", full)

        submit.sweep()

        assert (fresh(take).status, take.waiting_for) == ("queued", "audio")

    def test_opens_no_attempt_before_it_is_done(self, generate, audio, simulator):
        simulator.faults.add("upload_fail")
        generate(audio=audio)

        submit.sweep()

        assert not SubmitAttempt.objects.exists()
        assert account().submit_fence == 0


class TestStorageUrls:
    @pytest.fixture
    def audio(self, simulator, bucket, project, alice, sound, settings):  # noqa: F811
        settings.STUDIO_AUDIO_URLS = "storage"
        audio = AudioFactory.build(project=project, uploaded_by=alice, kind="wav")
        stored = storage.put_file(sound, storage.audio_key(audio.uuid, "wav"), content_type="audio/wav")
        audio.storage, audio.key, audio.size = stored.storage, stored.key, stored.size
        audio.save()
        return audio

    def test_are_signed_for_an_hour_and_nothing_is_uploaded(self, simulator, generate, audio):
        take = generate(audio=audio)

        submit.sweep()

        address = simulator.task(fresh(take).task_id).request["input"]["audio_url"]
        assert address.startswith("http")
        assert audio.key in address
        assert "X-Amz-Expires=3600&" in address
        assert "Signature=" in address
        assert uploads(simulator) == 0

    @pytest.mark.parametrize(("minutes", "status"), [(5, "failed"), (70, "queued")])
    def test_that_ran_out_in_wans_queue_is_signed_anew(
        self, simulator, generate, audio, travel, rendered, minutes, status
    ):
        """A failure is free; only an address that cannot have run out yet says that the file is out of Wan's reach."""
        take = generate("A harbour [fault: fail=InvalidFile.DownloadFailed]", audio=audio)
        submit.sweep()
        rendered()
        travel(minutes=minutes)

        watch.sweep()

        assert fresh(take).status == status
        assert take.cost == 0 if status == "failed" else take.waiting_for == "retry"
