"""Noise to paint with: smooth fields, ridge lines, firs. Everything follows from the generator that is passed in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.float32]


def smooth_noise(
    rng: np.random.Generator, height: int, width: int, *, cells: tuple[float, float], octaves: int = 4
) -> Field:
    """A cloudy field in 0…1; `cells` is the number of coarsest cells down and across. It tiles across."""
    total = np.zeros((height, width), np.float32)
    weight_sum = 0.0
    for octave in range(octaves):
        rows, columns = (max(2, round(count * 2**octave)) for count in cells)
        grid = rng.random((rows + 1, columns), dtype=np.float32)
        grid = np.concatenate([grid, grid, grid], axis=1)
        image = Image.fromarray(grid).resize((width * 3, height), Image.Resampling.BICUBIC)
        weight = 0.5**octave
        total += weight * np.asarray(image)[:, width : 2 * width]
        weight_sum += weight
    return np.clip(total / weight_sum, 0, 1)


def ridge_line(
    rng: np.random.Generator, count: int, *, scale: float, octaves: int = 6, roughness: float = 0.5
) -> Field:
    """A fractal line in 0…1 of `count` points; `scale` is the length of its longest waves in points."""
    line = np.zeros(count, np.float64)
    positions = np.arange(count)
    for octave in range(octaves):
        step = max(scale / 2**octave, 2.0)
        knots = rng.random(int(count / step) + 4)
        place = positions / step
        left = place.astype(int)
        ease = place - left
        ease = ease * ease * (3 - 2 * ease)
        line += roughness**octave * (knots[left] * (1 - ease) + knots[left + 1] * ease)
    line -= line.min()
    return (line / line.max()).astype(np.float32)


def firs(rng: np.random.Generator, count: int, *, height: float, spacing: float) -> Field:
    """Heights of a row of firs over `count` points: jagged triangles of different size, with clearings."""
    line = np.zeros(count, np.float32)
    density = ridge_line(rng, count, scale=spacing * 40, octaves=3)
    position = 0.0
    while position < count:
        middle = int(position)
        tall = height * rng.uniform(0.45, 1.0) * (0.35 + 0.65 * float(density[middle]))
        half = max(int(tall * 0.2), 1)
        across = np.arange(max(middle - half, 0), min(middle + half + 1, count))
        slope = 1 - np.abs(across - middle) / (half + 1)
        branches = 1 - 0.22 * np.abs(((slope * 7) % 1.0) - 0.5)
        line[across] = np.maximum(line[across], tall * slope**1.15 * branches)
        position += spacing * rng.uniform(0.35, 1.6)
    return line


def drifted(field: Field, shift: float, width: int) -> Field:
    """A window of `width` columns, `shift` columns into a field that tiles; between columns by interpolation."""
    whole = int(np.floor(shift))
    part = np.float32(shift - whole)
    start = whole % (field.shape[1] - width - 1)
    near, far = field[:, start : start + width], field[:, start + 1 : start + width + 1]
    return near + (far - near) * part
