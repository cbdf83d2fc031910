from __future__ import annotations

import time
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from generations.lifecycle.press import Recipe, press
from generations.models import Event, SubmitAttempt, WanAccount
from tests.generations import books

RECIPE = Recipe(
    prompt="A paper boat in the rain",
    sent_prompt="A paper boat in the rain",
    resolution="720P",
    ratio="16:9",
    duration=2,
)


@pytest.fixture(autouse=True)
def balanced_books(request):
    """Whatever way the takes of a test went, the ledger adds up to their money."""
    is_walked = "project" in request.fixturenames
    if is_walked:
        request.getfixturevalue("project")  # goes after this one, and the database with it
    yield
    if is_walked:
        books.check()


@pytest.fixture
def generate(simulator, project, alice):
    """Press Generate as alice: `generate("a prompt", duration=3)` gives the take."""

    def press_once(prompt: str = RECIPE.prompt, *, user=alice, project=project, scene=None, **fields):
        recipe = replace(RECIPE, prompt=prompt, sent_prompt=fields.pop("sent_prompt", prompt), **fields)
        (take,) = press(recipe, user=user, project=project, scene=scene, takes=1, token=uuid.uuid4())
        return take

    return press_once


@pytest.fixture
def travel():
    """`travel(hours=24)` lets that time pass, for Wan as well as for us and our database."""
    with time_machine.travel(timezone.now(), tick=True) as traveller:
        yield lambda **delta: traveller.shift(timedelta(**delta))


@pytest.fixture
def only_travel():
    """As `travel`, and no other time passes, however slow the machine is."""
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield lambda **delta: traveller.shift(timedelta(**delta))


@pytest.fixture
def rendered(simulator):
    """Wait until every task at Wan has ended."""

    def wait() -> None:
        deadline = time.monotonic() + 120
        while any(entry.status in ("PENDING", "RUNNING") for entry in simulator.ledger()):
            assert time.monotonic() < deadline, "Wan is not done"
            time.sleep(0.01)

    return wait


def account() -> WanAccount:
    return WanAccount.objects.get()


def attempt_of(take) -> SubmitAttempt:
    return SubmitAttempt.objects.filter(generation=take).latest("pk")


def kinds(take) -> list[str]:
    return list(Event.objects.filter(generation=take).values_list("kind", flat=True))


def fresh(take):
    take.refresh_from_db()
    return take
