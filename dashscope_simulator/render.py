"""One film: H.264 and AAC in an mp4 whose index comes first, of exactly the size and length that was ordered."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import OutputContainer
from numpy.typing import NDArray

from dashscope_simulator.compositor import frames
from dashscope_simulator.soundtrack import SAMPLE_RATE, Samples, decode_audio, fitted, quiet_bed

FPS = 30
_SMALL_SIDE = 160
_AUDIO_CHUNK = 1024


@dataclass(frozen=True, slots=True)
class Film:
    """`audio` is the path of the creator's file; None asks for a quiet bed. `duration` is in whole seconds."""

    path: str
    width: int
    height: int
    duration: int
    prompt: str
    seed: int = 0
    watermark: bool = False
    audio: str | None = None
    is_small: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def render(film: Film) -> None:
    """Writes the file whole or not at all."""
    making = Path(film.path).with_suffix(f".{os.getpid()}.{threading.get_ident()}.part")
    width, height = _small_size(film) if film.is_small else (film.width, film.height)
    try:
        with av.open(str(making), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            _encode(container, film, width, height)
        making.replace(film.path)
    finally:
        making.unlink(missing_ok=True)


def _encode(container: OutputContainer, film: Film, width: int, height: int) -> None:
    options = {"preset": "ultrafast", "threads": "1"} if film.is_small else {"preset": "veryfast", "threads": "2"}
    video = container.add_stream("libx264", rate=FPS, options={**options, "crf": "21", "tune": "stillimage"})
    video.width, video.height, video.pix_fmt = width, height, "yuv420p"
    video.time_base = Fraction(1, FPS)
    audio = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
    audio.bit_rate = 64000 if film.is_small else 160000
    for number, frame in enumerate(_frames(film, width, height)):
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        container.mux(video.encode(frame))
    container.mux(video.encode(None))
    for sound in _sound_frames(_samples(film)):
        container.mux(audio.encode(sound))
    container.mux(audio.encode(None))


def _frames(film: Film, width: int, height: int) -> Iterator[av.VideoFrame]:
    if film.is_small:
        return _small_frames(film, width, height)
    return frames(
        size=(width, height),
        prompt=film.prompt,
        seed=film.seed,
        duration=film.duration,
        watermark=film.watermark,
        fps=FPS,
    )


def _small_size(film: Film) -> tuple[int, int]:
    """A tiny picture of the same shape, with even sides as H.264 wants them."""
    scale = _SMALL_SIDE / max(film.width, film.height)
    return round(film.width * scale / 2) * 2, round(film.height * scale / 2) * 2


def _small_frames(film: Film, width: int, height: int) -> Iterator[av.VideoFrame]:
    """A soft gradient whose colour comes from the seed and which brightens with time."""
    rng = np.random.default_rng([film.seed, *film.prompt.encode()[:64]])
    blue, red = rng.integers(90, 166, 2)
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    planes[height : height + height // 4], planes[height + height // 4 :] = blue, red
    ramp = np.linspace(60, 150, height, dtype=np.float32)[:, None]
    for number in range(film.duration * FPS):
        planes[:height] = ramp + 60 * number / (film.duration * FPS)
        yield av.VideoFrame.from_ndarray(planes, format="yuv420p")


def _samples(film: Film) -> Samples:
    if film.audio:
        return fitted(decode_audio(Path(film.audio).read_bytes(), film.duration), film.duration)
    return quiet_bed(film.duration, film.seed, voices=1 if film.is_small else 5)


def _sound_frames(samples: Samples) -> Iterator[av.AudioFrame]:
    planar: NDArray[np.float32] = np.ascontiguousarray(samples.T)
    for start in range(0, planar.shape[1], _AUDIO_CHUNK):
        piece = np.ascontiguousarray(planar[:, start : start + _AUDIO_CHUNK])
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
        yield frame
