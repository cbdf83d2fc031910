"""Poster, preview and frame strip of a video, in one pass over its frames; runs inside media_process, no Django."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageStat

from generations import posters
from generations.media_probe import SAFE, Refused, picture_stream

PREVIEW_SIDE = 480  # pixels, as all sizes here
PREVIEW_SECONDS = 3
PREVIEW_FPS = 12
STRIP_HEIGHT = 90
STRIP_FRAMES = 8
DARK = 20  # mean luma of 255 below which a frame is taken for a fade


def derive(path: Path, *, directory: str, seconds: float) -> dict[str, Any]:
    """Write poster.webp, poster-small.webp, preview.mp4 and strip.webp into the directory."""
    target = Path(directory)
    with av.open(str(path), format="mp4", options=SAFE) as source:
        stream = picture_stream(source)
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = 2
        poster, strip = _Poster(), _Strip(seconds)
        with _Preview(target / "preview.mp4", stream.codec_context) as preview:
            for at, frame in _frames(source, stream):
                for picture in (poster, strip, preview):
                    picture.see(at, frame)
    poster.save(target)
    strip.save(target / "strip.webp")
    return {"width": stream.codec_context.width, "height": stream.codec_context.height}


def _frames(source: Any, stream: Any) -> Any:
    """Each frame with its second, from 0; a damaged packet is passed over."""
    first = None
    for packet in source.demux(stream):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            continue
        for frame in frames:
            at = frame.time or 0.0
            first = at if first is None else first
            yield at - first, frame
    if first is None:
        raise Refused("broken")


class _Poster:
    """The frame at one second, or the first bright one in steps of half a second after it, or the brightest seen."""

    def __init__(self) -> None:
        self.image: Image.Image | None = None
        self.luma = -1.0
        self.next_at = 0.0

    def see(self, at: float, frame: Any) -> None:
        if at < self.next_at or (self.luma >= DARK and self.next_at > 1):
            return
        self.next_at = max(1.0, at + 0.5)
        thumbnail = frame.to_image(width=32, height=18).convert("L")
        luma = ImageStat.Stat(thumbnail).mean[0]
        if luma > self.luma or luma >= DARK:
            self.luma = luma
            self.image = frame.to_image(**_box(frame, posters.SIDE))

    def save(self, directory: Path) -> None:
        if self.image is None:
            raise Refused("broken")
        self.image.save(directory / "poster.webp", quality=82, method=4)
        height = round(self.image.height * posters.SMALL_WIDTH / self.image.width)
        small = self.image.resize((posters.SMALL_WIDTH, height), Image.Resampling.LANCZOS)
        small.save(directory / "poster-small.webp", quality=78, method=4)


class _Strip:
    """Frames from the middles of equal parts, side by side; where the video ends early, its last frame goes on."""

    def __init__(self, seconds: float) -> None:
        self.times = [(index + 0.5) * seconds / STRIP_FRAMES for index in range(STRIP_FRAMES)]
        self.images: list[Image.Image] = []
        self.last: Any = None

    def see(self, at: float, frame: Any) -> None:
        self.last = frame
        while len(self.images) < STRIP_FRAMES and at >= self.times[len(self.images)]:
            self.images.append(self._small(frame))

    def _small(self, frame: Any) -> Image.Image:
        width = max(1, round(frame.width * STRIP_HEIGHT / frame.height))
        image: Image.Image = frame.to_image(width=width, height=STRIP_HEIGHT)
        return image

    def save(self, path: Path) -> None:
        images = self.images + [self._small(self.last)] * (STRIP_FRAMES - len(self.images))
        strip = Image.new("RGB", (sum(image.width for image in images), STRIP_HEIGHT))
        for index, image in enumerate(images):
            strip.paste(image, (index * image.width, 0))
        strip.save(path, quality=70, method=4)


class _Preview:
    """The first seconds without sound, small enough to be fetched on hover; the index comes first, so it starts."""

    def __init__(self, path: Path, codec: Any) -> None:
        self.container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        options = {"preset": "veryfast", "crf": "31", "threads": "1", "g": str(PREVIEW_FPS * PREVIEW_SECONDS)}
        self.stream: Any = self.container.add_stream("libx264", rate=PREVIEW_FPS, options=options)
        self.size = _box(codec, PREVIEW_SIDE)
        self.stream.width, self.stream.height = self.size["width"], self.size["height"]
        self.stream.pix_fmt = "yuv420p"
        self.count = 0

    def __enter__(self) -> "_Preview":
        return self

    def __exit__(self, *error: object) -> None:
        if not any(error):
            self.container.mux(self.stream.encode(None))
        self.container.close()

    def see(self, at: float, frame: Any) -> None:
        if at >= PREVIEW_SECONDS or at < self.count / PREVIEW_FPS:
            return
        small = frame.reformat(**self.size, format="yuv420p")
        small.pts, small.time_base = self.count, Fraction(1, PREVIEW_FPS)
        self.container.mux(self.stream.encode(small))
        self.count += 1


def _box(picture: Any, side: int) -> dict[str, int]:
    width, height = posters.fitted((picture.width, picture.height), side)
    return {"width": width, "height": height}
