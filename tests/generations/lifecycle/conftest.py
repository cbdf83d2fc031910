from __future__ import annotations

from functools import partial

import pytest

from tests.generations.pressing import press_once


@pytest.fixture
def generate(simulator, project, alice):
    """Press Generate as alice: `generate("a prompt", duration=3)` gives the take."""
    return partial(press_once, user=alice, project=project)
