"""A new take from an old one's recipe, pointing to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from generations.lifecycle.moves import note
from generations.lifecycle.press import Refused, make
from generations.models import Generation, Origin, WanAccount

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User

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
)


def recipe_of(generation: Generation) -> dict[str, Any]:
    """Columns that make the same recipe again."""
    return {name: getattr(generation, name) for name in RECIPE}


def again(generation: Generation, *, by: User, token: UUID, new_seed: bool = False) -> Generation:
    """Make one new take in the same scene; the same token leads to the same take. Raises Refused."""
    made = Generation.objects.filter(owner=by, press=token).first()
    if made:
        return made
    account = WanAccount.objects.for_team(generation.team)
    if account is None:
        raise Refused(_("Rendering is not set up yet. Ask your administrator."))
    recipe = recipe_of(generation) | ({"seed": None} if new_seed else {})
    try:
        (take,) = make(
            [recipe],
            user=by,
            project=generation.project,
            scene=generation.scene,
            account=account,
            token=token,
            parent=generation,
            origin=Origin.SEED if new_seed else Origin.RETRY,
        )
    except IntegrityError:
        return Generation.objects.get(owner=by, press=token)
    note(generation, "retried", actor=by, take=str(take.uuid))
    return take
