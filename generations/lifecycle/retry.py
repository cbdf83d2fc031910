"""A new take from an old one's recipe, pointing to it."""

from __future__ import annotations

import uuid as uuids
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from generations.lifecycle.moves import note
from generations.lifecycle.press import Kin, account_for, make, telling_of_stops
from generations.models import Generation, Origin, Status

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User
    from generations.models.generation import GenerationQuerySet

MOST_AT_ONCE = 50
RECIPE = (
    "model",
    "prompt",
    "shots",
    "sent_prompt",
    "negative_prompt",
    "resolution",
    "ratio",
    "duration",
    "seed",
    "prompt_extend",
    "watermark",
    "audio",
    "print_recipe",
)


def recipe_of(generation: Generation) -> dict[str, Any]:
    """Columns that make the same recipe again."""
    return {name: getattr(generation, name) for name in RECIPE}


def failed_among(takes: GenerationQuerySet, *, by: User) -> GenerationQuerySet:
    """What "retry all failed" takes up: failed, this person's to change, not in the trash, not retried before."""
    return takes.editable_by(by).kept().filter(status=Status.FAILED, children=None)


@telling_of_stops()
def all_failed(takes: GenerationQuerySet, *, by: User, token: UUID) -> list[Generation]:
    """Retry the newest 50 of them; the same token makes the same takes. All or none: raises Refused."""
    failed = failed_among(takes, by=by).select_related("team", "project", "scene", "owner", "account", "audio")
    with transaction.atomic():
        newest = failed.order_by("-created_at", "-pk")[:MOST_AT_ONCE]
        return [again(take, by=by, token=uuids.uuid5(token, str(take.uuid))) for take in newest]


@telling_of_stops()
def again(generation: Generation, *, by: User, token: UUID, new_seed: bool = False) -> Generation:
    """Make one new take in the same scene; the same token leads to the same take. Raises Refused."""
    made = Generation.objects.filter(owner=by, press=token).first()
    if made:
        return made
    account = account_for(generation.project)
    recipe = recipe_of(generation) | ({"seed": None} if new_seed else {})
    try:
        (take,) = make(
            [recipe],
            user=by,
            project=generation.project,
            scene=generation.scene,
            account=account,
            token=token,
            kin=Kin(generation, Origin.SEED if new_seed else Origin.RETRY),
        )
    except IntegrityError:
        return Generation.objects.get(owner=by, press=token)
    note(generation, "retried", actor=by, take=str(take.uuid))
    return take
