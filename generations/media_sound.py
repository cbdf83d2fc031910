"""What is heard in an audio file, and a part of it as a file of its own; runs inside media_process, no Django."""

import base64
import math
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np

from generations.media_probe import SAFE, Refused, audio_kind

RATE = 16_000  # samples a second that are looked at
WINDOW = RATE // 100
PEAKS_PER_SECOND = 20
PEAKS_MOST = 1200
QUIET = 0.02  # of the loudest moment: 34 dB below it, under which pauses of speech lie
SILENT = 0.003  # of full scale: below it there is nothing to hear at all
PAUSE_SECONDS = 0.25  # shorter ones are gaps between syllables
SILENCES_MOST = 200
CUT_RATE_MOST = 48_000


def sound(path: Path) -> dict[str, Any]:
    """The loudest moment of each part (a byte each, as base64; full scale is 255), and the silences in seconds."""
    loud = np.concatenate([_loudness(block) for block in _blocks(path)] or [np.zeros(0)])
    if not len(loud):
        raise Refused("no_sound")
    seconds = len(loud) * WINDOW / RATE
    count = max(1, min(PEAKS_MOST, math.ceil(seconds * PEAKS_PER_SECOND), len(loud)))
    edges = np.linspace(0, len(loud), count, endpoint=False).astype(int)
    peaks = np.clip(np.maximum.reduceat(loud, edges) * 255, 0, 255).round().astype(np.uint8)
    return {"peaks": base64.b64encode(peaks.tobytes()).decode(), "silences": _silences(loud)}


def _blocks(path: Path) -> Iterator[Any]:
    """Mono samples from -1 to 1, in blocks of whole windows; the last one is filled up with nothing."""
    rest = np.zeros(0, np.float32)
    for samples in _samples(path, layout="mono", rate=RATE, form="flt"):
        joined = np.concatenate([rest, samples[:, 0]])
        whole = len(joined) // WINDOW * WINDOW
        rest = joined[whole:]
        if whole:
            yield joined[:whole]
    if len(rest):
        yield np.pad(rest, (0, WINDOW - len(rest)))


def _loudness(block: Any) -> Any:
    return np.abs(block).reshape(-1, WINDOW).max(axis=1)


def _silences(loud: Any) -> list[list[float]]:
    """Begin and end of each pause."""
    still = loud < max(SILENT, float(loud.max()) * QUIET)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], still.astype(np.int8), [0]])))
    pauses = edges.reshape(-1, 2) * WINDOW / RATE
    long_enough = pauses[pauses[:, 1] - pauses[:, 0] >= PAUSE_SECONDS][:SILENCES_MOST]
    return [[round(float(begin), 2), round(float(end), 2)] for begin, end in long_enough]


def cut(path: Path, *, start: float, seconds: float, target: str) -> dict[str, Any]:
    """Write this part as plain 16-bit wav, which loses nothing more and is within Wan's limits at any bit rate."""
    with av.open(str(path), format=audio_kind(path), options=SAFE) as source:
        codec = source.streams.audio[0].codec_context
        rate, channels = min(CUT_RATE_MOST, codec.sample_rate), min(2, codec.channels)
    skip, left = round(start * rate), round(seconds * rate)
    with wave.open(target, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        for samples in _samples(path, layout="mono" if channels == 1 else "stereo", rate=rate, form="s16"):
            part = samples[skip : skip + left]
            skip = max(0, skip - len(samples))
            left -= len(part)
            file.writeframes(part.astype("<i2").tobytes())
            if not left:
                break
        return {"seconds": round(file.getnframes() / rate, 3)}


def _samples(path: Path, *, layout: str, rate: int, form: str) -> Iterator[Any]:
    """Rows of a sample per channel; a damaged packet is passed over."""
    with av.open(str(path), format=audio_kind(path), options=SAFE) as source:
        stream = source.streams.audio[0]
        resampler = av.AudioResampler(format=form, layout=layout, rate=rate)
        for packet in source.demux(stream):
            try:
                frames: list[Any] = packet.decode()
            except av.error.InvalidDataError:
                continue
            for frame in frames:
                yield from _rows(resampler.resample(frame))
        yield from _rows(resampler.resample(None))


def _rows(frames: Any) -> Iterator[Any]:
    for frame in frames:
        yield frame.to_ndarray().reshape(-1, frame.layout.nb_channels)
