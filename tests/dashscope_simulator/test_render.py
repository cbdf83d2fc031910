import av
import numpy as np
import pytest

from dashscope_simulator import lettering
from dashscope_simulator.records import SIZES
from dashscope_simulator.render import FPS, Film, render
from dashscope_simulator.shots import Shot, parse_shots
from dashscope_simulator.soundtrack import SAMPLE_RATE, decode_audio
from tests.dashscope_simulator.conftest import tone


@pytest.fixture
def shoot(tmp_path):
    def shoot(prompt="a fox in the misty forest", *, size=(1280, 720), duration=1, **options):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.mp4"
        render(Film(str(path), *size, duration, prompt, **options))
        return path

    return shoot


def sound_of(path):
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1).T


def pictures_of(path, *numbers):
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        return [frames[number].to_ndarray(format="rgb24").astype(int) for number in numbers]


class TestRender:
    @pytest.mark.parametrize("size", [size for sizes in SIZES.values() for size in sizes.values()])
    def test_has_the_exact_size_and_frames(self, shoot, size):
        with av.open(str(shoot(size=size))) as container:
            video, audio = container.streams.video[0], container.streams.audio[0]

            assert (video.width, video.height) == size
            assert (video.codec_context.name, video.pix_fmt, audio.codec_context.name) == ("h264", "yuv420p", "aac")
            assert (video.frames, video.average_rate, audio.rate) == (FPS, FPS, 48000)
            assert container.duration == 1_000_000

    @pytest.mark.parametrize("is_small", [True, False])
    def test_lasts_as_long_as_ordered(self, shoot, is_small):
        with av.open(str(shoot(duration=3, is_small=is_small))) as container:
            assert container.duration == 3_000_000
            assert container.streams.video[0].frames == 90

    def test_has_its_index_in_front(self, shoot):
        content = shoot().read_bytes()

        assert 0 < content.index(b"moov") < content.index(b"mdat")

    def test_leaves_no_part_behind(self, shoot):
        assert [file.suffix for file in shoot().parent.iterdir()] == [".mp4"]

    def test_cut_changes_the_picture(self, shoot):
        path = shoot("Shot 1 [0-1s] a fox in the forest Shot 2 [1-2s] the sea at sunset", duration=2)

        before, cut, after = pictures_of(path, 10, 29, 30)

        assert np.abs(before - cut).mean() * 4 < np.abs(cut - after).mean()

    def test_watermark_is_in_the_corner(self, shoot):
        (plain,), (marked,) = (pictures_of(shoot(watermark=flag), 5) for flag in (False, True))

        difference = np.abs(plain - marked).max(axis=2) > 40

        assert difference[600:, 1100:].sum() > 100
        assert difference[:600].sum() == 0

    def test_seed_changes_the_picture(self, shoot):
        (one,), (two,) = (pictures_of(shoot(seed=seed), 5) for seed in (1, 2))

        assert np.abs(one - two).mean() > 3


class TestSound:
    @pytest.mark.parametrize("is_small", [True, False])
    def test_carries_the_creators_audio_then_silence(self, shoot, tmp_path, is_small):
        file = tmp_path / "voice"
        file.write_bytes(tone(2))

        sound = sound_of(shoot(duration=4, audio=str(file), is_small=is_small))
        given = decode_audio(file.read_bytes(), 2)

        heard, meant = sound[4800:91200, 0], given[4800:91200, 0]
        assert np.corrcoef(heard, meant)[0, 1] > 0.98
        assert np.abs(sound[int(2.1 * SAMPLE_RATE) :]).max() < 0.01

    def test_longer_audio_is_cut(self, shoot, tmp_path):
        file = tmp_path / "voice"
        file.write_bytes(tone(6))

        with av.open(str(shoot(duration=2, audio=str(file), is_small=True))) as container:
            assert container.duration == 2_000_000

    def test_without_audio_there_is_a_quiet_bed(self, shoot):
        assert 0.005 < np.abs(sound_of(shoot(duration=3))).max() < 0.5


class TestParseShots:
    @pytest.mark.parametrize(
        "prompt",
        [
            "城市清晨。第1个镜头[0-3秒] 全景：桥 第2个镜头[3-6秒] 中景：人",
            "镜头1[0-3秒]全景：桥，镜头2[3-6秒]中景：人",
            "Overall. Shot 1 [0-3s] wide: bridge. Shot 2 [3-6s] medium: people",
        ],
    )
    def test_reads_both_languages(self, prompt):
        assert [(shot.start, shot.end) for shot in parse_shots(prompt, 6)] == [(0, 3), (3, 6)]

    def test_divides_evenly_without_times(self):
        shots = parse_shots("Shot 1: a, Shot 2: b; Shot 3: c", 6)

        assert shots == [Shot(0, 2, "a"), Shot(2, 4, "b"), Shot(4, 6, "c")]

    def test_leaves_out_what_comes_after_the_end(self):
        assert [shot.end for shot in parse_shots("Shot 1 [0-3s] a Shot 2 [3-6s] b Shot 3 [6-9s] c", 5)] == [3, 5]

    def test_is_one_shot_otherwise(self):
        assert parse_shots("just a boat", 5) == [Shot(0, 5, "just a boat")]


class TestLettering:
    def test_breaks_chinese_anywhere_and_ends_with_an_ellipsis(self):
        face = lettering.font(20)

        lines = lettering.wrapped("极光在雪山上空缓缓流动" * 20, face, 300, 3)

        assert len(lines) == 3
        assert lines[-1].endswith("…")
        assert all(face.getlength(line) <= 300 for line in lines)

    def test_works_without_any_font(self, monkeypatch, shoot):
        monkeypatch.setattr(lettering, "_font_file", lambda: None)
        lettering.font.cache_clear()

        assert shoot("极光 northern lights").exists()
        lettering.font.cache_clear()

    def test_keeps_faults_and_emoji_off_the_picture(self):
        assert lettering.cleaned("a fox 🦊 [fault: hang]\n runs") == "a fox runs"


class TestFullMode:
    def test_a_child_process_renders_the_ordered_size(self, start, call):
        simulator = start(render="full")
        caller = call(simulator)

        answer = caller.finished(caller.submit(duration=2, resolution="720P", ratio="3:4"), seconds=150)

        path = simulator.task(answer["output"]["task_id"]).video_path
        with av.open(path) as container:
            assert (container.streams.video[0].width, container.streams.video[0].height) == (832, 1104)
