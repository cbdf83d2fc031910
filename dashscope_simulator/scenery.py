"""Procedural landscapes: calm, slow film stills in motion. A scene answers two questions about a moment.

`sky(t)` is the soft part, a small float picture that is scaled up; `ridges(t)` are the crisp parts in front of it,
given as lines in full-size pixels below which the land is filled. Keeping edges analytic makes them sharp and their
motion smooth at a tenth of the cost of painting every pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dashscope_simulator.palettes import DUNES, DUSK, SEA, Colour, Palette, mixed
from dashscope_simulator.texture import Field, drifted, firs, ridge_line, smooth_noise

Picture = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ridge:
    """Everything below `line` (a y per column) is land: `top` colour at `high`, `bottom` at the picture's foot."""

    line: Field
    top: Colour
    bottom: Colour
    high: float
    floor: float | None = None
    """The land ends at this y; None: at the foot of the picture."""


@dataclass(frozen=True, slots=True)
class Stars:
    x: NDArray[np.intp]
    y: NDArray[np.intp]
    brightness: Field
    phase: Field


class Scene(Protocol):
    shrink: int
    stars: Stars | None

    def sky(self, t: float) -> Picture: ...

    def ridges(self, t: float) -> list[Ridge]: ...


def gradient(stops: tuple[Colour, ...], values: NDArray[Any]) -> Picture:
    """Colours along the stops for values in 0…1, with an extra last axis."""
    places = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(values, places, [stop[c] for stop in stops]) for c in range(3)], axis=-1).astype(
        np.float32
    )


def _stars(rng: np.random.Generator, width: int, height: int, strength: float) -> Stars | None:
    count = int(420 * strength * width * height / 2e6)
    if count == 0:
        return None
    y = (rng.random(count) ** 1.3 * height * 0.6).astype(np.intp)
    brightness = rng.random(count) ** 3 * strength * (1 - y / (height * 0.62)) * 190
    return Stars(rng.integers(0, width, count), y, brightness.astype(np.float32), rng.random(count, np.float32) * 6.28)


class Land:
    """A line of land that passes by: nearer ones faster."""

    def __init__(
        self,
        rng: np.random.Generator,
        width: int,
        *,
        base: float,
        rise: float,
        scale: float,
        speed: float,
        trees: float = 0,
    ) -> None:
        count = int(width * 1.25 + abs(speed) * 16) + 64
        roughness = 0.42 if trees else 0.46
        self.line = base - rise * ridge_line(rng, count, scale=scale, roughness=roughness)
        if trees:
            self.line -= firs(rng, count, height=trees, spacing=max(trees * 0.3, 3.0))
        self.columns = np.arange(width, dtype=np.float32) + 32
        self.positions = np.arange(count, dtype=np.float32)
        self.speed = speed
        self.high = float(self.line.min())

    def at(self, t: float) -> Field:
        return np.interp(self.columns + self.speed * t, self.positions, self.line).astype(np.float32)


class Painted:
    """What the scenes share: a sky with a light in it, clouds that drift, a slight vignette."""

    shrink = 4

    def __init__(self, rng: np.random.Generator, width: int, height: int, palette: Palette, horizon: float) -> None:
        self.width, self.height, self.palette, self.horizon = width, height, palette, horizon
        self.w, self.h = width // self.shrink, height // self.shrink
        self.unit = min(width, height)
        self.rows, self.columns = np.mgrid[0 : self.h, 0 : self.w].astype(np.float32)
        self.v, self.u = self.rows / self.h, self.columns / self.w
        self.stars = _stars(rng, width, height, palette.stars)
        self.sun = float(rng.uniform(0.22, 0.78))
        distance = np.hypot((self.u - 0.5) * 1.1, self.v - 0.5)
        self.vignette = (1 - 0.42 * np.clip(distance - 0.3, 0, 1) ** 1.5)[..., None].astype(np.float32)
        self.backdrop = gradient(palette.sky, np.clip(self.v / horizon, 0, 1) ** 1.15)
        self.clouds = smooth_noise(rng, self.h, self.w * 2, cells=(6, 4), octaves=5)

    def glow(self, height: float, strength: float, spread: float) -> None:
        """Light around the sun's place, wider than high."""
        x, y = (self.u - self.sun) * self.width, (self.v - height) * self.height
        distance = np.hypot(x * 0.8, y * 1.15) / (self.unit * spread)
        amount = strength * np.exp(-(distance**1.15))[..., None]
        self.backdrop += (np.array(self.palette.light, np.float32) - self.backdrop) * np.clip(amount, 0, 1)

    def cloudy(self, t: float, amount: float) -> Picture:
        band = np.clip((drifted(self.clouds, 6 + t * self.w * 0.006, self.w) - 0.52) * 3.2, 0, 1)
        fade = np.clip(1 - np.abs(self.v / self.horizon - 0.62) * 1.9, 0, 1)
        tone = np.array(mixed(self.palette.sky[-1], self.palette.light, 0.4), np.float32)
        return self.backdrop + (tone - self.backdrop) * (band * fade * amount)[..., None]


class Hills(Painted):
    """Layers of hills towards the last light, with firs on the near ones."""

    def __init__(self, rng: np.random.Generator, width: int, height: int, variant: int) -> None:
        super().__init__(rng, width, height, DUSK[variant % len(DUSK)], horizon=0.62)
        self.glow(0.56, 0.95, 0.34)
        self._layers: list[tuple[Land, Colour, Colour]] = []
        count = 5
        for number in range(count):
            depth = number / (count - 1)
            land = Land(
                rng,
                width,
                base=height * (0.62 + 0.27 * depth**1.1),
                rise=height * (0.13 + 0.07 * depth),
                scale=self.unit * (0.75 - 0.2 * depth),
                speed=self.unit * 0.028 * (0.12 + depth**1.6),
                trees=self.unit * 0.055 * (depth - 0.35) if depth > 0.6 else 0,
            )
            tone = mixed(self.palette.haze, self.palette.land, depth**0.8)
            mist = mixed(tone, self.palette.haze, 0.5 * (1 - depth) + 0.1)
            self._layers.append((land, tone, mist))

    def sky(self, t: float) -> Picture:
        return self.cloudy(t, 0.55) * self.vignette

    def ridges(self, t: float) -> list[Ridge]:
        return [Ridge(land.at(t), tone, mist, land.high) for land, tone, mist in self._layers]


class Dunes(Painted):
    """Dunes with a lit and a shaded side, meeting in a winding crest."""

    def __init__(self, rng: np.random.Generator, width: int, height: int, variant: int) -> None:
        super().__init__(rng, width, height, DUNES[variant % len(DUNES)], horizon=0.56)
        self.glow(0.44, 0.9, 0.28)
        self._layers = []
        for number in range(4):
            depth = number / 3
            common = {"scale": self.unit * (0.9 + 0.5 * depth), "speed": self.unit * 0.03 * (0.1 + depth**1.5)}
            land = Land(rng, width, base=height * (0.6 + 0.3 * depth), rise=height * (0.1 + 0.13 * depth), **common)
            land.line = _softened(land.line, int(self.unit * 0.06))
            lit = mixed(self.palette.haze, mixed(self.palette.light, self.palette.land, 0.55), 0.25 + 0.6 * depth)
            shade = mixed(self.palette.haze, self.palette.land, 0.35 + 0.65 * depth)
            fall = np.clip(ridge_line(rng, len(land.line), scale=self.unit * 0.8, octaves=2) - 0.42, 0, 1)
            self._layers.append((land, lit, shade, _softened(fall, 9) * height * (0.16 + 0.3 * depth)))

    def sky(self, t: float) -> Picture:
        return self.cloudy(t, 0.35) * self.vignette

    def ridges(self, t: float) -> list[Ridge]:
        found = []
        for land, lit, shade, fall in self._layers:
            line = land.at(t)
            found.append(Ridge(line, lit, mixed(lit, shade, 0.35), land.high))
            depth = np.interp(land.columns + land.speed * t, land.positions, fall).astype(np.float32)
            found.append(Ridge(line + depth, shade, mixed(shade, lit, 0.3), land.high))
        return found


def _softened(line: Field, reach: int) -> Field:
    """A moving average that keeps the length."""
    kernel = np.hanning(reach * 2 + 1)
    padded = np.pad(line, reach, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid").astype(np.float32)


class Sea(Painted):
    """The sun over the sea and its glitter on the water."""

    shrink = 2

    def __init__(self, rng: np.random.Generator, width: int, height: int, variant: int) -> None:
        super().__init__(rng, width, height, SEA[variant % len(SEA)], horizon=0.54)
        self.glow(0.47, 0.95, 0.3)
        self._paint_disc(0.45)
        self._first = round(self.h * self.horizon)
        self._paint_water()
        self._prepare_glitter(rng)
        self._backdrop = self.backdrop * self.vignette
        side = 1 if self.sun < 0.5 else -1
        self._headland = Land(rng, width, base=0, rise=height * 0.045, scale=self.unit * 0.25, speed=self.unit * 0.002)
        place = np.linspace(0, 1, width, dtype=np.float32)
        reach = np.clip((place if side > 0 else 1 - place) * 2.6 - 1.55, -1, 1)
        self._reach = height * 0.05 * (1 - reach) ** 1.2

    def _paint_disc(self, height: float) -> None:
        x, y = (self.u - self.sun) * self.width, (self.v - height) * self.height
        edge = np.clip((self.unit * 0.058 - np.hypot(x, y)) / self.shrink + 0.5, 0, 1)[..., None]
        self.backdrop += (np.array((255, 247, 226), np.float32) - self.backdrop) * edge * 0.94

    def _paint_water(self) -> None:
        depth = (np.arange(self.h - self._first, dtype=np.float32) + 0.5) / (self.h - self._first)
        near, far = self.palette.land, mixed(self.palette.sky[-2], self.palette.land, 0.35)
        tones = gradient((far, mixed(far, near, 0.6), near), depth**0.8)
        self.backdrop[self._first :] = tones[:, None, :]
        self.depth = depth[:, None]

    def _prepare_glitter(self, rng: np.random.Generator) -> None:
        """Waves get longer and further apart towards the viewer: rows and columns into a field of noise."""
        self._waves = smooth_noise(rng, 512, 512, cells=(56, 14), octaves=3)
        self._waves = np.minimum(self._waves, self._waves[::-1])  # tiles down as well as across
        stretch = 0.1 + 0.9 * self.depth
        self._row = np.log(0.06 + self.depth) * 230 + 1024
        across = (self.columns[0] - self.sun * self.w)[None, :]
        self._column = across / (stretch * self.unit / 620) + 40960
        width = self.unit / self.shrink * (0.05 + 0.2 * self.depth)
        self._path = np.exp(-((across / width) ** 2)) * (1 - 0.5 * self.depth)
        self._sheen = 0.16 * np.exp(-((across / (width * 3.2)) ** 2))
        self._shine = np.array(self.palette.light, np.float32)

    def _ripples(self, down: float, across: float) -> Picture:
        """The field of waves, moved; between two rows by interpolation, as the movement is slow."""
        columns = (self._column + across).astype(np.int32) & 511
        rows = (self._row + down).astype(np.int32)
        part = (self._row + down - rows).astype(np.float32)
        near, far = self._waves[rows & 511, columns], self._waves[(rows + 1) & 511, columns]
        return near + (far - near) * part

    def sky(self, t: float) -> Picture:
        picture = self._backdrop.copy()
        both = self._ripples(t * 26, t * 6) + self._ripples(200 + t * 15, 100 - t * 8)
        sparkle = np.clip((both - 0.89) * 5.5, 0, 1) * self._path + self._sheen * both
        water = picture[self._first :]
        water += (self._shine - water) * np.clip(sparkle, 0, 1)[..., None]
        return picture

    def ridges(self, t: float) -> list[Ridge]:
        line = self.height * self.horizon + self._headland.at(t) + self._reach - self.height * 0.03
        tone = mixed(self.palette.haze, self.palette.land, 0.55)
        foot = self.height * self.horizon + 1
        return [
            Ridge(
                np.where(line < foot, line, self.height * 2).astype(np.float32),
                tone,
                tone,
                foot - self.height * 0.06,
                foot,
            )
        ]
