"""The recipe that a downloaded clip carries: one top-level `uuid` box behind the bytes of the original.

Players skip a box they do not know (ISO/IEC 14496-12, §4.2 and §11.1), so nothing is remuxed and the archived original
stays as it is. The box holds a JSON object: the recipe, an HMAC over its canonical form and the id of the key. The
recipe names the film by its SHA-256, so a valid HMAC holds both together: nobody changed either since, nor put the box
behind another film. It never means that values may be trusted, and what is read here is typed but unchecked. Reading
seeks from box to box and never holds more than MOST bytes of a file.
"""

from __future__ import annotations

import hashlib
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
CHUNK = 1 << 20
SALT = "wanstudio.recipe"
TEXTS = ("model", "prompt", "sent_prompt", "negative_prompt", "resolution", "ratio")


class Seal(Enum):
    """What the signature says of a recipe."""

    OWN = _("Filled from a clip of this studio. Its film and its recipe are unaltered.")
    UNSEEN = _("Filled from a clip of this studio. Its recipe is unaltered; its film was not looked at.")
    MOVED = _(
        "This recipe is unaltered, but the film in the file is not the one that was made by it. "
        "Look it over before you press."
    )
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


def read(file: IO[Any], film: str = "") -> Found:
    """The recipe of an mp4, or of a box alone. Raises NoRecipe, whatever the bytes are.

    `film` is the SHA-256 of a file without its box, from whoever kept that file and gives the box alone; "" if unknown.
    """
    begin, end, body = _find(file)
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:  # no UTF-8 is a ValueError as well
        raise NoRecipe(_("The recipe in this file is damaged.")) from error
    recipe = content.get("recipe") if isinstance(content, dict) else None
    if not isinstance(recipe, dict):
        raise NoRecipe(_("The recipe in this file is damaged."))
    seal = _seal(content, recipe)
    if seal is Seal.OWN:
        seal = _seal_of_film(recipe, _digest_without(file, begin, end) if begin else film)
    return Found(recipe, seal)


def _find(file: IO[Any]) -> tuple[int, int, bytes]:
    """Where our box begins and ends, and what it holds."""
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
            return at, at + size, _body(file, at + head + 16, size - head - 16)
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


def _seal(content: dict[str, Any], recipe: dict[str, Any]) -> Seal:
    key, given = content.get("key"), content.get("hmac")
    if not isinstance(key, str) or not isinstance(given, str):
        return Seal.NONE
    if key != key_id():
        return Seal.OTHERS
    is_valid = hmac.compare_digest(given.encode(errors="replace"), _hmac(recipe).encode())
    return Seal.OWN if is_valid else Seal.ALTERED


def _seal_of_film(recipe: dict[str, Any], film: str) -> Seal:
    """Of a recipe that is ours."""
    video = recipe.get("video")
    signed = video.get("sha256") if isinstance(video, dict) else None
    if not signed or not film:
        return Seal.UNSEEN
    return Seal.OWN if film.lower() == signed else Seal.MOVED


def _digest_without(file: IO[Any], begin: int, end: int) -> str:
    """SHA-256 of all bytes but those from `begin` to `end`."""
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(min(CHUNK, begin - file.tell())):
        digest.update(chunk)
    file.seek(end)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _hmac(recipe: dict[str, Any]) -> str:
    """Over the values, not their spelling: what is used is what is signed."""
    canonical = json.dumps(recipe, sort_keys=True, separators=(",", ":"))
    return salted_hmac(SALT, canonical, secret=settings.STUDIO_SIGNING_KEY, algorithm="sha256").hexdigest()
