"""The recipe that a downloaded clip carries: one top-level `uuid` box behind the bytes of the original.

Players skip a box they do not know (ISO/IEC 14496-12, §4.2 and §11.1), so nothing is remuxed and the archived original
stays as it is. The box holds a JSON object: the recipe, an HMAC over its canonical form and the id of the key. A valid
HMAC means that nobody changed the recipe since; it never means that its values may be trusted, and what is read here
is typed but unchecked. Reading seeks from box to box and never holds more than MOST bytes of a file.
"""

from __future__ import annotations

import hmac
import json
import os
import struct
from dataclasses import dataclass
from enum import Enum
from typing import IO, TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from generations.models import Generation

KIND = UUID("6f0c7a52-93c4-5d1e-8a3b-2b7f5e1d9c64").bytes  # ours alone; never to be changed
FORMAT = 1
MOST = 512 << 10  # bytes of a box: a recipe has four texts of up to 5,000 characters
BOXES_MOST = 20_000  # a fragmented film of an hour has some thousands
SALT = "wanstudio.recipe"
TEXTS = ("model", "prompt", "sent_prompt", "negative_prompt", "resolution", "ratio")


class Seal(Enum):
    """What the signature says of a recipe."""

    OWN = _("Filled from a clip of this studio. Its recipe is unaltered.")
    ALTERED = _("Filled from a clip whose recipe was altered after it was downloaded. Look it over before you press.")
    OTHERS = _("Filled from a clip of another studio. Whether its recipe was altered can't be told here.")
    NONE = _("Filled from a clip whose recipe is not signed. It may have been altered.")


class NoRecipe(Exception):
    """The file holds none that can be read; `sentence` says why."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


@dataclass(frozen=True)
class Found:
    """A recipe as it lay in a file: an object, of whose values nothing is known."""

    recipe: dict[str, Any]
    seal: Seal


def recipe_of(take: Generation) -> dict[str, Any]:
    """What makes this clip again, and which bytes it belongs to; no names of people, no money."""
    recipe: dict[str, Any] = {name: getattr(take, name) for name in TEXTS}
    recipe |= {name: getattr(take, name) for name in ("shots", "duration", "seed", "prompt_extend", "watermark")}
    if take.rewritten_prompt:
        recipe["rewritten_prompt"] = take.rewritten_prompt
    if take.audio:
        recipe["audio"] = {"name": take.audio.name, "sha256": take.audio.sha256}
    recipe["take"] = str(take.uuid)
    recipe["video"] = {"sha256": take.video_sha256, "size": take.video_size}
    return recipe


def box(take: Generation) -> bytes:
    """The same bytes each time for the same recipe and key. `audio` should be joined."""
    recipe = recipe_of(take)
    body = json.dumps(
        {"wanstudio": FORMAT, "key": key_id(), "hmac": _hmac(recipe), "recipe": recipe}, ensure_ascii=False
    ).encode()
    return struct.pack(">I4s", 24 + len(body), b"uuid") + KIND + body


def key_id() -> str:
    """Tells this installation's key from others' without telling the key."""
    return salted_hmac(SALT, "key id", secret=settings.STUDIO_SIGNING_KEY, algorithm="sha256").hexdigest()[:16]


def read(file: IO[Any]) -> Found:
    """The recipe of an mp4, or of a box alone. Raises NoRecipe, whatever the bytes are."""
    at, body = _find(file)
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:  # no UTF-8 is a ValueError as well
        raise NoRecipe(_("The recipe in this file is damaged.")) from error
    recipe = content.get("recipe") if isinstance(content, dict) else None
    if not isinstance(recipe, dict):
        raise NoRecipe(_("The recipe in this file is damaged."))
    return Found(recipe, _seal(content, recipe, at))


def _find(file: IO[Any]) -> tuple[int, bytes]:
    """Where our box begins and what it holds."""
    end = file.seek(0, os.SEEK_END)
    at = 0
    for _turn in range(BOXES_MOST):
        file.seek(at)
        header = file.read(32)
        size, head, kind = _measured(header, end - at)
        if at == 0 and kind not in (b"ftyp", b"uuid"):
            raise NoRecipe(_("This is no mp4 file."))
        if size > end - at:
            raise NoRecipe(_("This file is cut off, so its recipe is missing."))
        if kind == b"uuid" and header[head : head + 16] == KIND:
            return at, _body(file, at + head + 16, size - head - 16)
        at += size
        if at == end:
            break
    raise NoRecipe(_("This file carries no recipe. Clean copies and clips from elsewhere have none."))


def _measured(header: bytes, left: int) -> tuple[int, int, bytes]:
    """Size of the box, of its header, and its kind."""
    if not header:
        raise NoRecipe(_("This file is empty."))
    if len(header) < 8:
        raise NoRecipe(_("This file is cut off, so its recipe is missing."))
    size, kind = struct.unpack_from(">I4s", header)
    head = 8
    if size == 1 and len(header) >= 16:
        size, head = struct.unpack_from(">Q", header, 8)[0], 16
    elif size == 0:
        size = left
    if size < head:
        raise NoRecipe(_("This is no mp4 file."))
    return size, head, kind


def _body(file: IO[Any], at: int, size: int) -> bytes:
    if not 0 <= size <= MOST:
        raise NoRecipe(_("The recipe in this file is damaged."))
    file.seek(at)
    return bytes(file.read(size))


def _seal(content: dict[str, Any], recipe: dict[str, Any], at: int) -> Seal:
    """`at` is where the box began: behind another video than its own it was moved (0: the box came alone)."""
    key, given = content.get("key"), content.get("hmac")
    if not isinstance(key, str) or not isinstance(given, str):
        return Seal.NONE
    if key != key_id():
        return Seal.OTHERS
    video = recipe.get("video")
    is_moved = at and (not isinstance(video, dict) or video.get("size") not in (at, None))
    is_valid = hmac.compare_digest(given.encode(errors="replace"), _hmac(recipe).encode())
    return Seal.OWN if is_valid and not is_moved else Seal.ALTERED


def _hmac(recipe: dict[str, Any]) -> str:
    """Over the values, not their spelling: what is used is what is signed."""
    canonical = json.dumps(recipe, sort_keys=True, separators=(",", ":"))
    return salted_hmac(SALT, canonical, secret=settings.STUDIO_SIGNING_KEY, algorithm="sha256").hexdigest()
