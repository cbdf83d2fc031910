"""A new take from an old one's recipe, pointing to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations import prints
from generations.lifecycle.made_before import made_by
from generations.lifecycle.moves import locked, note
from generations.lifecycle.press import Kin, account_for, make, require_quoted
from generations.lifecycle.project_lock import stand_in_line
from generations.lifecycle.refused import OverBudget, PriceChanged, Refused, telling_of_stops
from generations.models import Generation, Origin, Status
from generations.models.generation import FAILS_AGAIN
from generations.payers import JOINED, Payers, Total
from teams.models import Project, Team
from wanstudio.locks import hold

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
    """What "retry all failed" takes up: this person's to change, not in the trash, not retried before, and not
    `left_out_among`.
    """
    return _failed(takes, by).exclude(failure_cause__in=FAILS_AGAIN)


def left_out_among(takes: GenerationQuerySet, *, by: User) -> GenerationQuerySet:
    """What failed for its recipe and would do so again."""
    return _failed(takes, by).filter(failure_cause__in=FAILS_AGAIN)


def _failed(takes: GenerationQuerySet, by: User) -> GenerationQuerySet:
    known = takes.editable_by(by).kept().exclude(origin=Origin.FOUND, sent_prompt="")
    return known.filter(status=Status.FAILED, children=None)


def newest_failed(takes: GenerationQuerySet, *, by: User, most: int) -> list[Generation]:
    """Those that are retried at once, with what their price takes; of the prints of one proof the newest, if no other
    is finished or on its way.
    """
    failed = failed_among(takes, by=by).select_related("team", "scene", "owner", "account", "audio", *JOINED)
    newest = list(failed.order_by("-created_at", "-pk")[:most])
    proofs = prints.proofs_of(newest)
    printed = {*prints.of(proofs.values()).values()}
    found = []
    for take in newest:
        if proofs.get(take.pk) not in printed:
            found.append(take)
            printed |= {proofs[take.pk]} if take.pk in proofs else set()
    return found


@telling_of_stops()
def all_failed(takes: GenerationQuerySet, *, by: User, token: UUID, quoted: str = "") -> list[Generation]:
    """Retry the newest 50 of them; the same token makes the same takes. All or none: raises Refused.

    `quoted` is the Total that the page showed; "" takes it as it is.
    """
    with transaction.atomic():
        held = _hold_places(failed_among(takes, by=by))  # who retries the same takes waits here, as does a second press
        made = made_by(by, token)
        if made:
            return made
        newest = newest_failed(takes.filter(project__in=held), by=by, most=MOST_AT_ONCE)
        hold(Generation.objects.filter(pk__in=[take.pk for take in newest]))
        total = Total(newest, Payers())
        if newest and quoted and total.quoted != quoted:
            raise PriceChanged(_other_total(len(newest), total))
        return [again(take, by=by, token=token, index=index) for index, take in enumerate(newest)]


def _hold_places(takes: GenerationQuerySet) -> list[int]:
    """The projects of all of them, before the first take is made: presses of one project hold no other."""
    places = takes.order_by()
    hold(Team.objects.filter(pk__in=places.values("team")))
    return hold(Project.objects.filter(pk__in=places.values("project")))


def _other_total(count: int, total: Total) -> str:
    words = ngettext(
        "It is %(count)s take now, for %(price)s. Press again to retry.",
        "It is %(count)s takes now, for %(price)s. Press again to retry.",
        count,
    )
    return words % {"count": count, "price": total.words or _("nothing")}


@telling_of_stops()
def again(
    generation: Generation, *, by: User, token: UUID, index: int = 0, new_seed: bool = False, quoted: str = ""
) -> Generation:
    """Make one new take in the same scene, number `index` of a press; the same token leads to the same take.

    Raises Refused. `quoted` as of a press.
    """
    mine = Generation.objects.filter(owner=by, press=token, press_index=index)
    made = mine.first()
    if made:
        return made
    if not generation.is_repeatable:
        raise Refused(_("Wan has not told what this take was made from, so it can't be made again. Nothing was sent."))
    account = account_for(generation.project)
    require_quoted(account, quoted, {generation.resolution}, generation.model)
    recipe = recipe_of(generation) | ({"seed": None} if new_seed else {})
    try:
        with transaction.atomic():
            made = None if new_seed else _hold_proof(generation, mine)
            if made:
                return made
            (take,) = make(
                [recipe],
                user=by,
                project=generation.project,
                scene=generation.scene,
                account=account,
                token=token,
                kin=Kin(generation, Origin.SEED if new_seed else Origin.RETRY),
                first_index=index,
            )
    except (IntegrityError, OverBudget):
        made = mine.first()
        if made is None:
            raise
        return made
    note(generation, "retried", actor=by, take=str(take.uuid))
    return take


def _hold_proof(generation: Generation, press: GenerationQuerySet) -> Generation | None:
    """Within the transaction that retries a print: locks its proof, of which no second one is made.

    What the same press has made a moment ago, if it has. Raises Refused.
    """
    proof = prints.proofs_of([generation]).get(generation.pk)
    if proof is None:
        return None
    stand_in_line(generation.project)
    locked(proof)
    made = press.first()
    if made is None:
        refuse_second(proof)
    return made


def refuse_second(proof: int) -> None:
    """Within the transaction that prints it, which holds its row. Raises Refused when it has a print."""
    first = Generation.objects.filter(pk__in=prints.of([proof])).order_by("pk").first()
    if first:
        raise Refused(_("Take %(number)s is its print already.") % {"number": first.number})
