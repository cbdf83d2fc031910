"""From scene to frame: the sky scaled up by the encoder's own scaler, then land, stars and caption drawn on its planes.

Everything after the scaling works on YUV planes in 8 bits, touching only the rows that change.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from dashscope_simulator.lettering import Caption, Lettering
from dashscope_simulator.nightscapes import choose_scene
from dashscope_simulator.palettes import Colour
from dashscope_simulator.scenery import Ridge, Scene, Stars
from dashscope_simulator.shots import parse_shots

Plane = NDArray[np.uint8]

_DITHER_SEED = 5


def frames(
    *, size: tuple[int, int], prompt: str, seed: int, duration: int, watermark: bool, fps: int
) -> Iterator[av.VideoFrame]:
    """The pictures of a film, without timestamps."""
    shots = parse_shots(prompt, duration)
    lettering = Lettering(size, prompt, shots, duration, watermark=watermark)
    painter = Painter(size)
    for number, shot in enumerate(shots):
        scene = choose_scene(prompt, shot.text, seed, number, size)
        for index in range(_frame_at(shot.start, fps), _frame_at(shot.end, fps)):
            t = index / fps
            frame = painter.paint(scene, t - shot.start)
            letter(frame, lettering, lettering.caption(number, int(t)), t)
            yield frame


def _frame_at(moment: float, fps: int) -> int:
    return round(moment * fps)


class Painter:
    def __init__(self, size: tuple[int, int]) -> None:
        self._width, self._height = size
        self._scaler = VideoReformatter()
        self._dither: dict[tuple[int, ...], NDArray[np.float32]] = {}
        self._rows = np.arange(self._height, dtype=np.float32)

    def paint(self, scene: Scene, t: float) -> av.VideoFrame:
        picture = scene.sky(t)
        picture += self._noise(picture.shape)
        small = av.VideoFrame.from_ndarray(np.clip(picture, 0, 255).astype(np.uint8), format="rgb24")
        frame = self._scaler.reformat(
            small,
            self._width,
            self._height,
            "yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BICUBIC,
        )
        luma, blue, red = planes(frame)
        if scene.stars is not None:
            _shine(luma, scene.stars, t)
        ridges = scene.ridges(t)
        for ridge, nearer in zip(ridges, [*ridges[1:], None], strict=False):
            self._fill(luma, blue, red, ridge, nearer)
        return frame

    def _noise(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Hides the steps between the 256 tones; the same in every frame, so that it costs no bits."""
        if shape not in self._dither:
            self._dither[shape] = np.random.default_rng(_DITHER_SEED).random(shape, np.float32) * 1.6 - 0.3
        return self._dither[shape]

    def _fill(self, luma: Plane, blue: Plane, red: Plane, ridge: Ridge, nearer: Ridge | None) -> None:
        low = self._height if nearer is None else min(int(nearer.line.max()) + 3, self._height)
        if ridge.floor is not None:
            low = min(low, round(ridge.floor))
        y, u, v = self._tones(ridge)
        _fill_plane(luma, ridge.line, y, low)
        half = ridge.line[::2] * 0.5
        _fill_plane(blue, half, u[::2], (low + 1) // 2)
        _fill_plane(red, half, v[::2], (low + 1) // 2)

    def _tones(self, ridge: Ridge) -> NDArray[np.float32]:
        share = np.clip((self._rows - ridge.high) / max(self._height - ridge.high, 1), 0, 1)
        top, bottom = _yuv(ridge.top), _yuv(ridge.bottom)
        return top[:, None] + (bottom - top)[:, None] * share


def _yuv(colour: Colour) -> NDArray[np.float32]:
    """BT.709, limited range."""
    red, green, blue = (value / 255 for value in colour)
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return np.array((16 + 219 * y, 128 + 224 * (blue - y) / 1.8556, 128 + 224 * (red - y) / 1.5748), np.float32)


def _fill_plane(plane: Plane, line: NDArray[np.float32], tones: NDArray[np.float32], low: int) -> None:
    """Paints rows below the line: blended around the line, plain further down."""
    first = max(int(line.min()) - 1, 0)
    solid = min(max(int(line.max()) + 2, first), low)
    if first < solid:
        band = plane[first:solid]
        rows = np.arange(first, solid, dtype=np.float32)[:, None]
        cover = np.clip(rows - line[None, :] + 0.5, 0, 1)
        band[:] = band + (tones[first:solid, None] - band) * cover + 0.5
    plane[solid:low] = (tones[solid:low, None] + 0.5).astype(np.uint8)


def _shine(luma: Plane, stars: Stars, t: float) -> None:
    light = stars.brightness * (0.8 + 0.2 * np.sin(stars.phase + 2.2 * t))
    luma[stars.y, stars.x] = np.minimum(luma[stars.y, stars.x] + light, 235).astype(np.uint8)


def planes(frame: av.VideoFrame) -> tuple[Plane, Plane, Plane]:
    """Writable views of the three planes of a yuv420p frame."""

    def view(number: int, width: int, height: int) -> Plane:
        plane: Any = frame.planes[number]
        return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:height, :width]

    half = frame.width // 2, frame.height // 2
    return view(0, frame.width, frame.height), view(1, *half), view(2, *half)


def letter(frame: av.VideoFrame, lettering: Lettering, caption: Caption, t: float) -> None:
    luma, blue, red = planes(frame)
    region = luma[caption.top :]
    region[:] = (region * caption.keep + caption.ink) >> 8
    rest = (256 - caption.chroma_keep) * np.uint16(128)
    for plane in (blue, red):
        area = plane[caption.top // 2 :][: len(caption.chroma_keep)]
        area[:] = (area * caption.chroma_keep + rest) >> 8
    opacity = lettering.progress(t)
    hairline = luma[lettering.line_top : lettering.line_top + lettering.line_height]
    hairline[:] = hairline + (232 - hairline) * opacity
