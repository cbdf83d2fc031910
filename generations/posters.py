"""The two sizes of a poster, for those who make it and for the pages that choose between them."""

SIDE = 1280  # pixels, of the longer side; never enlarged
SMALL_WIDTH = 480


def width(size: tuple[int, int]) -> int:
    """How wide the large poster of a clip of this size is."""
    return fitted(size, SIDE)[0]


def fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Width and height that fit, both even as the encoder wants them, and never enlarged."""
    scale = min(1.0, side / max(size))
    across, up = (max(2, round(length * scale / 2) * 2) for length in size)
    return across, up
