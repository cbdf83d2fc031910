"""Scenes of the night: city lights out of focus, and aurora over a dark ridge; and the choice among all scenes."""

from __future__ import annotations

import hashlib

import numpy as np

from dashscope_simulator.palettes import AURORA, CITY, CITY_LIGHTS, NIGHT, Colour, mixed
from dashscope_simulator.scenery import Dunes, Hills, Land, Painted, Picture, Ridge, Scene, Sea
from dashscope_simulator.texture import drifted, ridge_line


class CityLights(Painted):
    """Lights out of focus in three depths, drifting past each other and breathing."""

    def __init__(self, rng: np.random.Generator, width: int, height: int, variant: int) -> None:
        super().__init__(rng, width, height, CITY[variant % len(CITY)], horizon=0.75)
        self.glow(0.62, 0.4, 0.55)
        self.stars = None
        lights = CITY_LIGHTS[variant % len(CITY_LIGHTS)]
        self._layers = []
        for number in range(5):
            depth = number / 4
            layer = self._scatter(rng, lights, depth)
            self._layers.append((layer, self.w * (0.002 + 0.011 * depth), rng.uniform(0.25, 0.6), rng.uniform(0, 6.28)))

    def _scatter(self, rng: np.random.Generator, lights: tuple[Colour, ...], depth: float) -> Picture:
        margin = int(self.w * 0.22) + 8
        layer = np.zeros((self.h, self.w + margin, 3), np.float32)
        small = self.unit / self.shrink
        for _ in range(round((26 - 17 * depth) * max(self.w / self.h, 0.8))):
            radius = small * (0.016 + 0.068 * depth**1.2) * rng.uniform(0.75, 1.25)
            x = rng.uniform(0, layer.shape[1])
            y = self.h * np.clip(rng.normal(0.54, 0.1 + 0.14 * depth), 0.04, 0.97)
            colour = np.array(lights[rng.integers(len(lights))], np.float32)
            _add_disc(layer, (x, y), radius, colour * rng.uniform(0.16, 0.62) * (1 - 0.55 * depth))
        return layer

    def sky(self, t: float) -> Picture:
        picture = self.backdrop.copy()
        for layer, speed, pace, phase in self._layers:
            breath = np.float32(0.86 + 0.14 * np.sin(6.2832 * pace * t + phase))
            picture += drifted(layer, 4 + speed * t, self.w) * breath
        return picture * self.vignette

    def ridges(self, t: float) -> list[Ridge]:
        return []


def _add_disc(layer: Picture, centre: tuple[float, float], radius: float, colour: Picture) -> None:
    """A lens disc: even inside, a little brighter at the rim, soft at the edge."""
    x, y = centre
    left, right = max(int(x - radius - 3), 0), min(int(x + radius + 4), layer.shape[1])
    upper, lower = max(int(y - radius - 3), 0), min(int(y + radius + 4), layer.shape[0])
    if left >= right or upper >= lower:
        return
    rows, columns = np.mgrid[upper:lower, left:right].astype(np.float32)
    distance = np.hypot(columns - x, rows - y)
    inside = np.clip((radius - distance) / max(radius * 0.07, 1.2) + 0.5, 0, 1)
    rim = 0.78 + 0.22 * np.clip(distance / radius, 0, 1) ** 5
    layer[upper:lower, left:right] += (inside * rim)[..., None] * colour


class Aurora(Painted):
    """Curtains of light above a ridge with firs."""

    def __init__(self, rng: np.random.Generator, width: int, height: int, variant: int) -> None:
        super().__init__(rng, width, height, NIGHT[variant % len(NIGHT)], horizon=0.8)
        low, high = AURORA[variant % len(AURORA)]
        self._low, self._high = np.array(low, np.float32), np.array(high, np.float32)
        self._curtains = []
        for number in range(3):
            rays = ridge_line(rng, self.w * 3, scale=self.w * 0.05, octaves=5, roughness=0.62)
            veil = ridge_line(rng, self.w * 3, scale=self.w * 0.45, octaves=2)
            self._curtains.append(
                (0.36 + 0.1 * number + rng.uniform(-0.04, 0.04), rng.uniform(0, 6.28, 3).astype(np.float32), rays, veil)
            )
        trees = self.unit * 0.07
        self._far = Land(
            rng, width, base=height * 0.86, rise=height * 0.2, scale=self.unit * 0.6, speed=self.unit * 0.003
        )
        self._near = Land(
            rng,
            width,
            base=height * 0.97,
            rise=height * 0.1,
            scale=self.unit * 0.8,
            speed=self.unit * 0.012,
            trees=trees,
        )

    def sky(self, t: float) -> Picture:
        picture = self.backdrop.copy()
        for base, phases, rays, veil in self._curtains:
            self._hang(picture, t, base, phases, rays, veil)
        return picture * self.vignette

    def _hang(self, picture: Picture, t: float, base: float, phases: Picture, rays: Picture, veil: Picture) -> None:
        across = self.u[0]
        edge = (
            base
            + 0.075 * np.sin(across * 4.1 + phases[0] + t * 0.16)
            + 0.03 * np.sin(across * 9.7 + phases[1] - t * 0.27)
        )
        place = np.arange(self.w, dtype=np.float32)
        sample = np.arange(len(rays), dtype=np.float32)
        ray = np.interp(place + self.w * (0.5 + 0.012 * t), sample, rays)
        cover = np.clip(np.interp(place + self.w * (1 - 0.02 * t), sample, veil) * 1.7 - 0.55, 0, 1)
        above = edge[None, :] - self.v
        length = (0.07 + 0.2 * ray)[None, :]
        fall = np.where(above > 0, np.exp(-above / length), np.exp(above / 0.016)).astype(np.float32)
        strength = fall * (cover * (0.3 + 0.7 * ray) * 0.85)[None, :].astype(np.float32)
        tint = np.clip(above / 0.22, 0, 1)[..., None].astype(np.float32)
        picture += (self._low + (self._high - self._low) * tint) * strength[..., None]

    def ridges(self, t: float) -> list[Ridge]:
        far = mixed(self.palette.haze, self.palette.land, 0.35)
        near = self.palette.land
        return [
            Ridge(self._far.at(t), far, mixed(far, self.palette.haze, 0.4), self._far.high),
            Ridge(self._near.at(t), near, near, self._near.high),
        ]


Kind = type[Hills] | type[Dunes] | type[Sea] | type[CityLights] | type[Aurora]

_WORDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (
        Aurora,
        ("aurora", "northern light", "starry", "stars", "galaxy", "moonlit", "moonlight", "极光", "星空", "星", "月"),
    ),
    (
        CityLights,
        ("city", "street", "neon", "night", "lamp", "taxi", "bar", "tokyo", "城市", "霓虹", "街", "夜", "都市"),
    ),
    (
        Sea,
        ("sea", "ocean", "beach", "wave", "boat", "ship", "harbour", "harbor", "lake", "海", "沙滩", "船", "浪", "湖"),
    ),
    (Dunes, ("desert", "dune", "sand", "camel", "mars", "沙漠", "沙丘", "骆驼", "戈壁")),
    (Hills, ("mountain", "hill", "forest", "tree", "valley", "mist", "fox", "山", "森林", "林", "谷", "雾", "狐")),
)
_KINDS = tuple(kind for kind, _ in _WORDS)


def choose_scene(prompt: str, text: str, seed: int, number: int, size: tuple[int, int]) -> Scene:
    """The scene of shot `number`: what its words name, else what the prompt names, else one by chance of the seed."""
    digest = hashlib.sha256(f"{seed}:{prompt}".encode()).digest()
    kind = _named(text) or _named(prompt) or _KINDS[(digest[0] + number) % len(_KINDS)]
    rng = np.random.default_rng([*digest[:8], number])
    return kind(rng, size[0], size[1], digest[1] + number)


def _named(text: str) -> Kind | None:
    text = text.lower()
    found = [(text.find(word), kind) for kind, words in _WORDS for word in words if word in text]
    return min(found, key=lambda place: place[0])[1] if found else None
