"""Pressing Generate in tests, without the form."""

from __future__ import annotations

import uuid
from dataclasses import replace

from generations.lifecycle.press import Recipe, press

RECIPE = Recipe(
    prompt="A paper boat in the rain",
    sent_prompt="A paper boat in the rain",
    resolution="720P",
    ratio="16:9",
    duration=2,
)


def press_once(prompt: str = RECIPE.prompt, *, user, project, scene=None, **fields):
    recipe = replace(RECIPE, prompt=prompt, sent_prompt=fields.pop("sent_prompt", prompt), **fields)
    (take,) = press(recipe, user=user, project=project, scene=scene, takes=1, token=uuid.uuid4())
    return take
