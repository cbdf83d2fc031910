from __future__ import annotations

import uuid

import pytest

from generations.lifecycle.press import Recipe, press

RECIPE = Recipe(
    prompt="A paper boat in the rain",
    sent_prompt="A paper boat in the rain",
    resolution="720P",
    ratio="16:9",
    duration=2,
)


@pytest.fixture
def generate(simulator, project, alice):
    """Press Generate as alice: `generate("a prompt", duration=3)` gives the take."""

    def press_once(prompt: str = RECIPE.prompt, *, user=alice, project=project, scene=None, **fields):
        from dataclasses import replace

        recipe = replace(RECIPE, prompt=prompt, sent_prompt=fields.pop("sent_prompt", prompt), **fields)
        (take,) = press(recipe, user=user, project=project, scene=scene, takes=1, token=uuid.uuid4())
        return take

    return press_once
