"""What an uploaded audio file or a downloaded video is; runs inside media_process, without Django."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import av

SAFE = {"protocol_whitelist": "file,pipe"}
WIDEST = 4096
UNKNOWN_SIZES = (0, 0xFFFFFFFF)  # what a wav has when it was written to a pipe


class Refused(Exception):
    """The file is not what it should be; the word and its numbers become a sentence in media.py."""

    def __init__(self, reason: str, **values: float | str) -> None:
        super().__init__(reason)
        self.reason, self.values = reason, values


def audio(path: Path, *, longest: float) -> dict[str, Any]:
    """Facts of an mp3 or wav that was decoded to its end, or until it is longer than `longest` seconds."""
    kind = audio_kind(path)
    with av.open(str(path), format=kind, options=SAFE) as container:
        if len(container.streams.audio) != 1:
            raise Refused("several_streams" if container.streams.audio else "no_audio")
        stream = container.streams.audio[0]
        if kind == "wav" and not stream.codec_context.name.startswith("pcm_"):
            raise Refused("compressed_wav")
        seconds, errors = _played(container, stream, longest)
        declared = _declared_wav(path) if kind == "wav" else _declared_mp3(path, stream)
        if seconds > longest:
            raise Refused("too_long", seconds=max(seconds, declared or 0))
        if seconds == 0:
            raise Refused("no_sound")
        if declared is not None and abs(seconds - declared) > max(0.25, declared / 20):
            raise Refused("cut", kind=kind, declared=declared, seconds=seconds)
        if errors > 1:
            raise Refused("broken")
        return {
            "format": kind,
            "seconds": round(seconds, 3),
            "sample_rate": stream.codec_context.sample_rate,
            "channels": stream.codec_context.channels,
        }


def audio_kind(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(12)
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    layer_3 = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 == 0x02
    if head[:3] == b"ID3" or layer_3:
        return "mp3"
    raise Refused("not_audio")


def _played(container: Any, stream: Any, longest: float) -> tuple[float, int]:
    """Seconds that can be decoded, and how many packets could not."""
    seconds, errors = 0.0, 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            errors += 1
            continue
        seconds += sum(frame.samples / frame.sample_rate for frame in frames)
        if seconds > longest:
            break
    return seconds, errors


def _declared_mp3(path: Path, stream: Any) -> float | None:
    """What the header says; None without a Xing or VBRI header, when FFmpeg only guesses from the bit rate."""
    with path.open("rb") as file:
        head = file.read(10)
        if head[:3] == b"ID3":
            size = 0
            for byte in head[6:10]:
                size = size << 7 | byte & 0x7F
            file.seek(10 + size)
        else:
            file.seek(0)
        first_frames = file.read(4096)
    if stream.duration is None or not any(mark in first_frames for mark in (b"Xing", b"Info", b"VBRI")):
        return None
    return float(stream.duration * stream.time_base)


def _declared_wav(path: Path) -> float | None:
    """Size of the data chunk by the byte rate; None when the writer did not know it."""
    with path.open("rb") as file:
        file.seek(12)
        byte_rate = 0
        while len(head := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", head)
            if name == b"data":
                return None if size in UNKNOWN_SIZES or not byte_rate else size / byte_rate
            body = file.read(min(size, 64))
            if name == b"fmt " and len(body) >= 16:
                byte_rate = struct.unpack_from("<I", body, 8)[0]
            file.seek(size - len(body) + size % 2, 1)
    return None


def video(path: Path) -> dict[str, Any]:
    """Facts of an MP4 whose boxes are all there and which demuxes to its end; frames are not decoded."""
    _require_whole_boxes(path)
    with av.open(str(path), format="mp4", options=SAFE) as container:
        stream = picture_stream(container)
        packets = 0
        for packet in container.demux(stream):
            if packet.is_corrupt:
                raise Refused("cut")
            packets += packet.size > 0
        if not packets:
            raise Refused("no_video")
        if packets < stream.frames:
            raise Refused("cut")
        sound = container.streams.audio
        return {
            "width": stream.codec_context.width,
            "height": stream.codec_context.height,
            "seconds": round(seconds_of(container, stream), 3),
            "fps": round(float(stream.average_rate or 0), 3),
            "video_codec": stream.codec_context.name,
            "audio_codec": sound[0].codec_context.name if sound else None,
            "frames": stream.frames or None,
        }


def _require_whole_boxes(path: Path) -> None:
    """Begins with 'ftyp', and no top-level box is longer than what is left of the file."""
    end = path.stat().st_size
    with path.open("rb") as file:
        if file.read(12)[4:8] != b"ftyp":
            raise Refused("not_video")
        for _name, start, size in _boxes(file, end):
            if start + size > end:
                raise Refused("cut")


def _boxes(file: BinaryIO, end: int) -> Iterator[tuple[bytes, int, int]]:
    start = 0
    while start < end:
        file.seek(start)
        head = file.read(16)
        if len(head) < 8:
            raise Refused("cut")
        size, name = struct.unpack_from(">I4s", head)
        if size == 1 and len(head) == 16:
            size = struct.unpack_from(">Q", head, 8)[0]
        elif size == 0:  # to the end of the file
            size = end - start
        if size < 8:
            raise Refused("broken")
        yield name, start, size
        start += size


def picture_stream(container: Any) -> Any:
    """The first video stream that is no cover picture."""
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            if not (0 < stream.codec_context.width <= WIDEST and 0 < stream.codec_context.height <= WIDEST):
                raise Refused("too_wide", width=stream.codec_context.width, height=stream.codec_context.height)
            return stream
    raise Refused("no_video")


def seconds_of(container: Any, stream: Any) -> float:
    if stream.duration is not None:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base
