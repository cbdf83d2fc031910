import json
import os
import struct
import subprocess
import sys
from types import SimpleNamespace

import av
import pytest
from django.utils import translation
from PIL import Image

from generations import media
from tests.generations.media_files import write_audio, write_video


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """True files that tests read, cut and disguise, but never change."""
    directory = tmp_path_factory.mktemp("media")
    return SimpleNamespace(
        mp3=write_audio(directory / "tone.mp3", 4),
        wav=write_audio(directory / "tone.wav", 4, codec="pcm_s16le", container="wav", channels=2),
        mp4=write_video(directory / "clip.mp4", 4, dark=1.6),
    )


@pytest.fixture(scope="session")
def derived(files, tmp_path_factory):
    return media.derive(files.mp4, tmp_path_factory.mktemp("derived"), seconds=4)


def changed(tmp_path, name, body):
    path = tmp_path / name
    path.write_bytes(body)
    return path


def refusal(probe, path):
    with pytest.raises(media.MediaRefused) as caught:
        probe(path)
    return caught.value.reason, str(caught.value.sentence)


class TestProbeAudio:
    def test_knows_an_mp3(self, files):
        facts = media.probe_audio(files.mp3)

        assert (facts.format, facts.sample_rate, facts.channels) == ("mp3", 44100, 1)
        assert facts.seconds == pytest.approx(4, abs=0.1)

    def test_knows_a_wav(self, files):
        assert media.probe_audio(files.wav) == media.AudioFacts("wav", 4.0, 44100, 2)

    def test_minds_the_content_and_not_the_name(self, files, tmp_path):
        path = changed(tmp_path, "-i http:__x.m3u8", files.mp3.read_bytes())

        assert media.probe_audio(path).format == "mp3"

    def test_takes_an_mp3_with_a_cover_picture(self, files, tmp_path):
        picture = b"image/png\0\3\0" + b"\x89PNG\r\n\x1a\n" + os.urandom(3000)
        frame = b"APIC" + struct.pack(">IH", len(picture) + 1, 0) + b"\0" + picture
        size = len(frame)
        tag = b"ID3\3\0\0" + bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0)) + frame
        body = files.mp3.read_bytes()
        path = changed(tmp_path, "cover.mp3", tag + body[10 + body[9] :])

        assert media.probe_audio(path).seconds == pytest.approx(4, abs=0.1)

    def test_takes_an_mp3_without_a_length_in_its_header(self, files, tmp_path):
        body = files.mp3.read_bytes()
        start = max(body.find(b"Info"), body.find(b"Xing"))
        path = changed(tmp_path, "plain.mp3", body[:start] + b"\0\0\0\0" + body[start + 4 :])

        assert media.probe_audio(path).seconds == pytest.approx(4, abs=0.2)

    def test_takes_a_wav_that_was_written_to_a_pipe(self, files, tmp_path):
        body = files.wav.read_bytes()
        start = body.find(b"data") + 4
        path = changed(tmp_path, "piped.wav", body[:start] + b"\xff\xff\xff\xff" + body[start + 4 :])

        assert media.probe_audio(path).seconds == pytest.approx(4, abs=0.01)

    @pytest.mark.parametrize(
        "body",
        [
            b"MZ\x90\0" + bytes(5000),
            b"#EXTM3U\n#EXTINF:4,\nhttp://127.0.0.1:9/a.ts\n",
            b"ffconcat version 1.0\nfile /etc/passwd\n",
            b"<html><audio src=x></html>",
            b"PK\3\4" + bytes(5000),
            bytes(5000),
            b"\xff",
            b"OggS" + bytes(500),
        ],
    )
    def test_refuses_other_things_by_any_name(self, tmp_path, body):
        path = changed(tmp_path, "song.mp3", body)

        assert refusal(media.probe_audio, path) == ("not_audio", "This is not an mp3 or wav file.")

    def test_refuses_a_video_by_the_name_of_an_mp3(self, files, tmp_path):
        path = changed(tmp_path, "song.mp3", files.mp4.read_bytes())

        assert refusal(media.probe_audio, path)[0] == "not_audio"

    def test_refuses_random_bytes_behind_a_true_beginning(self, tmp_path):
        path = changed(tmp_path, "song.mp3", b"ID3\4\0\0\0\0\0\0" + b"\xff\xfb\x90\x64" + os.urandom(20000))

        assert refusal(media.probe_audio, path)[0] in {"broken", "no_sound", "cut", "too_short"}

    def test_refuses_a_scrambled_mp3(self, files, tmp_path):
        body = bytearray(files.mp3.read_bytes())
        for start in range(3000, len(body) - 400, 1500):
            body[start : start + 400] = bytes(400)

        assert refusal(media.probe_audio, changed(tmp_path, "song.mp3", body))[0] in {"broken", "cut"}

    def test_refuses_an_mp3_that_is_cut_off(self, files, tmp_path):
        body = files.mp3.read_bytes()
        path = changed(tmp_path, "song.mp3", body[: len(body) // 2])

        reason, sentence = refusal(media.probe_audio, path)
        assert reason == "cut"
        assert sentence == "This mp3 is cut off: it says 4.0 s but only 2.0 s can be played."

    def test_refuses_a_wav_that_is_cut_off(self, files, tmp_path):
        body = files.wav.read_bytes()
        path = changed(tmp_path, "song.wav", body[: len(body) // 2])

        assert refusal(media.probe_audio, path)[1].startswith("This wav is cut off: it says 4.0 s but only 2.0 s")

    def test_refuses_the_header_of_a_wav(self, files, tmp_path):
        body = files.wav.read_bytes()
        path = changed(tmp_path, "song.wav", body[: body.find(b"data") + 8])

        assert refusal(media.probe_audio, path)[0] == "no_sound"

    def test_refuses_hours_in_few_bytes(self, tmp_path):
        hour = bytes(1000 * 3600)  # 8 bits at 1 kHz
        form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 1000, 1000, 1, 8)
        data = b"WAVE" + form + struct.pack("<4sI", b"data", len(hour)) + hour
        path = changed(tmp_path, "song.wav", b"RIFF" + struct.pack("<I", len(data)) + data)

        reason, sentence = refusal(media.probe_audio, path)
        assert (reason, sentence) == (
            "too_long",
            "This file is 3600 s long, up to 600 s can be kept here to be trimmed.",
        )

    def test_refuses_a_compressed_wav(self, tmp_path):
        path = write_audio(tmp_path / "song.wav", 3, codec="adpcm_ima_wav", container="wav")

        assert refusal(media.probe_audio, path)[0] == "compressed_wav"

    @pytest.mark.parametrize(
        ("seconds", "reason", "sentence"),
        [
            (601.05, "too_long", "This file is 601.1 s long, up to 600 s can be kept here to be trimmed."),
            (1.98, "too_short", "This file is 1.9 s long, Wan takes 2 to 30 s."),
        ],
    )
    def test_refuses_lengths_nobody_can_use(self, tmp_path, seconds, reason, sentence):
        path = write_audio(tmp_path / "tone.mp3", seconds, rate=8000)

        assert refusal(media.probe_audio, path) == (reason, sentence)

    def test_refuses_too_many_bytes_without_reading_them(self, tmp_path):
        path = tmp_path / "song.wav"
        with path.open("wb") as file:
            file.truncate(60 * 1024 * 1024 + 1)

        assert refusal(media.probe_audio, path) == ("too_large", "This file has 60.1 MB, up to 60 MB can be kept here.")

    def test_refuses_nothing_at_all(self, tmp_path):
        assert refusal(media.probe_audio, changed(tmp_path, "song.mp3", b""))[0] == "empty"


class TestListen:
    def test_finds_peaks_and_silences(self, tmp_path):
        path = write_audio(tmp_path / "speech.wav", 8, codec="pcm_s16le", container="wav", silences=[(2, 3.5), (7, 8)])

        sound = media.listen(path)

        assert len(sound.peaks) == 160
        assert sound.silences == [pytest.approx([2, 3.5], abs=0.02), pytest.approx([7, 8], abs=0.02)]
        assert max(sound.peaks[42:68]) <= 1 < 50 < min(sound.peaks[2:38])

    def test_keeps_a_long_file_small(self, tmp_path):
        assert len(media.listen(write_audio(tmp_path / "song.mp3", 100)).peaks) == 1200

    def test_refuses_what_is_no_audio(self, files):
        with pytest.raises(media.MediaRefused):
            media.listen(files.mp4)


class TestCutAudio:
    def test_writes_the_part_that_was_asked_for(self, tmp_path):
        path = write_audio(tmp_path / "a.wav", 8, codec="pcm_s16le", container="wav", channels=2, silences=[(0, 3)])

        seconds = media.cut_audio(path, tmp_path / "part.wav", start=2, seconds=4.5)

        assert seconds == 4.5
        assert media.probe_audio(tmp_path / "part.wav") == media.AudioFacts("wav", 4.5, 44100, 2)
        assert media.listen(tmp_path / "part.wav").silences == [pytest.approx([0, 1], abs=0.02)]

    def test_ends_where_the_file_ends(self, files, tmp_path):
        assert media.cut_audio(files.wav, tmp_path / "part.wav", start=3, seconds=5) == pytest.approx(1, abs=0.01)


class TestAudioTrouble:
    @pytest.mark.parametrize(
        ("seconds", "size", "words"),
        [
            (30, 15 * 2**20, ""),
            (30.04, 10, "This file is 30.1 s long, Wan takes 2 to 30 s. Trim it here."),
            (20, 16 * 2**20, "This file has 16 MB, Wan takes up to 15 MB. Trim it here, which makes it smaller."),
        ],
    )
    def test_says_why_wan_would_refuse(self, seconds, size, words):
        assert media.audio_trouble(seconds, size, min_seconds=2, max_seconds=30, max_bytes=15 * 2**20) == words


class TestProbeVideo:
    def test_knows_an_mp4(self, files):
        assert media.probe_video(files.mp4) == media.VideoFacts(320, 180, 4.0, 24.0, "h264", "aac", 96)

    def test_knows_one_without_sound(self, tmp_path):
        assert media.probe_video(write_video(tmp_path / "mute.mp4", 1, sound=False)).audio_codec is None

    def test_takes_an_appended_box(self, files, tmp_path):
        path = changed(tmp_path, "clip.mp4", files.mp4.read_bytes() + struct.pack(">I4s", 24, b"uuid") + bytes(16))

        assert media.probe_video(path).frames == 96

    @pytest.mark.parametrize("share", [0.001, 0.3, 0.6, 0.99])
    def test_refuses_a_truncated_file(self, files, tmp_path, share):
        body = files.mp4.read_bytes()

        assert (
            refusal(media.probe_video, changed(tmp_path, "clip.mp4", body[: int(len(body) * share) + 12]))[0] == "cut"
        )

    def test_refuses_missing_frames_in_whole_boxes(self, files, tmp_path):
        body = files.mp4.read_bytes()
        start = body.find(b"mdat") - 4
        size = struct.unpack_from(">I", body, start)[0]
        path = changed(tmp_path, "clip.mp4", body[:start] + body[start + size :])

        assert refusal(media.probe_video, path)[0] in {"cut", "no_video", "broken"}

    def test_refuses_what_does_not_begin_as_mp4(self, files):
        assert refusal(media.probe_video, files.mp3) == ("not_video", "This is not an mp4 file.")

    @pytest.mark.parametrize(
        ("tail", "reason"),
        [(bytes(64), "broken"), (struct.pack(">I4s", 4, b"free"), "broken"), (b"\0\0", "cut"), (b"", "broken")],
    )
    def test_refuses_boxes_that_lie(self, tmp_path, tail, reason):
        path = changed(tmp_path, "clip.mp4", struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0) + tail)

        assert refusal(media.probe_video, path)[0] == reason

    def test_reads_boxes_of_64_bits(self, files, tmp_path):
        body = files.mp4.read_bytes() + struct.pack(">I4sQ", 1, b"free", 20) + bytes(4)

        assert media.probe_video(changed(tmp_path, "clip.mp4", body)).frames == 96
        assert refusal(media.probe_video, changed(tmp_path, "cut.mp4", body[:-1]))[0] == "cut"

    def test_refuses_sound_alone(self, tmp_path):
        path = write_audio(tmp_path / "tone.m4a", 2, codec="aac", container="mp4")

        assert refusal(media.probe_video, path)[0] == "no_video"

    def test_refuses_gigantic_pictures(self, tmp_path):
        path = write_video(tmp_path / "huge.mp4", 0.05, size=(4112, 64), sound=False)

        reason, sentence = refusal(media.probe_video, path)
        assert reason == "too_wide"
        assert "4112 × 64" in sentence


class TestDerive:
    def test_says_how_large_the_video_is(self, derived):
        assert (derived.width, derived.height) == (320, 180)

    def test_takes_a_poster_behind_the_black_beginning(self, derived):
        with Image.open(derived.poster) as poster, Image.open(derived.poster_small) as small:
            assert (poster.format, poster.size, small.format, small.size) == ("WEBP", (320, 180), "WEBP", (480, 270))
            assert poster.convert("L").getpixel((160, 90)) > 90

    def test_makes_a_short_mute_preview_that_starts_at_once(self, derived):
        body = derived.preview.read_bytes()

        with av.open(str(derived.preview)) as preview:
            assert not preview.streams.audio
            assert preview.duration / 1e6 == pytest.approx(3, abs=0.1)
            assert preview.streams.video[0].average_rate == 12
        assert body.find(b"moov") < body.find(b"mdat")
        assert len(body) < 50_000

    def test_lays_eight_frames_side_by_side(self, derived):
        with Image.open(derived.strip) as strip:
            assert strip.size == (8 * 160, 90)
            assert strip.convert("L").getpixel((80, 45)) < 20 < strip.convert("L").getpixel((1200, 45))

    def test_makes_large_and_upright_videos_fit(self, tmp_path):
        path = write_video(tmp_path / "tall.mp4", 0.5, size=(1080, 1920), sound=False)

        derived = media.derive(path, tmp_path, seconds=0.5)

        with Image.open(derived.poster) as poster, Image.open(derived.strip) as strip:
            assert poster.size == (720, 1280)
            assert strip.size == (8 * 51, 90)
        assert media.probe_video(derived.preview).width == 270

    def test_fills_the_strip_when_the_video_is_shorter_than_said(self, tmp_path):
        path = write_video(tmp_path / "short.mp4", 1, sound=False)

        with Image.open(media.derive(path, tmp_path, seconds=10).strip) as strip:
            assert strip.convert("L").getpixel((1200, 45)) > 90

    def test_settles_for_black_when_there_is_nothing_else(self, tmp_path):
        path = write_video(tmp_path / "night.mp4", 2, dark=9, sound=False)

        with Image.open(media.derive(path, tmp_path, seconds=2).poster) as poster:
            assert poster.convert("L").getpixel((160, 90)) < 20

    def test_refuses_frames_it_cannot_decode(self, files, tmp_path):
        body = bytearray(files.mp4.read_bytes())
        start = body.find(b"mdat") + 4
        body[start : body.find(b"moov") - 4] = bytes(body.find(b"moov") - 4 - start)

        assert (
            refusal(lambda path: media.derive(path, tmp_path, seconds=4), changed(tmp_path, "x.mp4", body))[0]
            == "broken"
        )


class TestProcess:
    def child(self, code, **environment):
        return subprocess.run(
            [sys.executable, "-c", code], cwd=media.ROOT, capture_output=True, text=True, env=os.environ | environment
        )

    def test_cannot_take_more_memory_than_it_may(self):
        code = "from generations import media_process; media_process.limit(); bytearray(2 << 30)"

        assert "MemoryError" in self.child(code).stderr

    def test_does_not_load_django(self):
        code = "from generations import media_pictures, media_process; import sys; print('django' in sys.modules)"

        assert self.child(code).stdout == "False\n"

    def test_loads_nothing_heavy_to_probe(self):
        code = "from generations import media_probe; import sys; print({'django', 'numpy', 'PIL'} & set(sys.modules))"

        assert self.child(code).stdout == "set()\n"

    def test_gets_none_of_our_secrets(self, files, monkeypatch):
        monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-secret")
        real, given = subprocess.run, []
        monkeypatch.setattr(
            subprocess, "run", lambda *args, **kwargs: given.append(kwargs["env"]) or real(*args, **kwargs)
        )

        media.probe_audio(files.mp3)

        assert "sk-secret" not in json.dumps(given)

    def test_that_takes_too_long_is_a_crash(self, files, monkeypatch):
        monkeypatch.setattr(media, "PROBE_TIMEOUT", 0.01)

        with pytest.raises(media.MediaCrashed, match="timeout"):
            media.probe_video(files.mp4)

    def test_that_dies_is_a_crash(self, files, monkeypatch, caplog):
        monkeypatch.setattr(media, "sys", SimpleNamespace(executable="/bin/false"))

        with pytest.raises(media.MediaCrashed, match="exit 1"):
            media.probe_video(files.mp4)
        assert "Media task video ended with 1" in caplog.text


class TestAudioFit:
    @pytest.mark.parametrize(
        ("seconds", "words"),
        [
            (5.0, ""),
            (5.2, ""),
            (4.8, ""),
            (12.4, "Wan uses the first 5 s of this 12.4 s file."),
            (1.0, "The last 4 s will be silent."),
            (2.5, "The last 2.5 s will be silent."),
        ],
    )
    def test_says_what_wan_does(self, seconds, words):
        assert media.audio_fit(seconds, 5) == words


class TestSentences:
    def test_wait_for_the_language_of_the_reader(self, tmp_path):
        path = changed(tmp_path, "song.mp3", b"")

        with translation.override("zh-hans"), pytest.raises(media.MediaRefused) as caught:
            media.probe_audio(path)

        assert not isinstance(caught.value.sentence, str)
