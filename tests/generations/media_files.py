"""Small true media files for tests, made with PyAV."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 44100


def write_audio(
    path: Path,
    seconds: float,
    *,
    codec: str = "libmp3lame",
    container: str = "mp3",
    channels: int = 1,
    rate: int = RATE,
    silences=(),
):
    """A tone, with nothing to hear in `silences` (pairs of begin and end in seconds)."""
    with av.open(str(path), "w", format=container) as target:
        stream = target.add_stream(codec, rate=rate, layout="mono" if channels == 1 else "stereo")
        wave = (np.sin(np.arange(int(rate * seconds)) / 20) * 8000).astype(np.int16)
        for begin, end in silences:
            wave[int(begin * rate) : int(end * rate)] = 0
        for start in range(0, len(wave), rate):
            samples = np.repeat(wave[start : start + rate], channels)[np.newaxis]
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=stream.layout.name)
            frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return path


def write_video(
    path: Path, seconds: float = 2, *, size: tuple[int, int] = (320, 180), dark: float = 0, sound: bool = True
):
    """A brightening picture, black for the first `dark` seconds, 24 frames a second, with a tone."""
    with av.open(str(path), "w", format="mp4") as target:
        stream = target.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        tone = target.add_stream("aac", rate=RATE, layout="mono") if sound else None
        for index in range(int(seconds * 24)):
            level = 0 if index < dark * 24 else 100 + index % 100
            frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), level, np.uint8), format="rgb24")
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
        if tone:
            wave = np.sin(np.arange(int(RATE * seconds)) / 20).astype(np.float32)[np.newaxis]
            frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = RATE, 0
            target.mux(tone.encode(frame))
            target.mux(tone.encode(None))
    return path
