"""Print a proof: the same prompt and seed at full resolution and length, as a take that points to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from generations import proof
from generations.lifecycle.moves import locked, note
from generations.lifecycle.press import Kin, Refused, account_for, make, require_quoted, telling_of_stops
from generations.lifecycle.retry import recipe_of
from generations.models import Generation, Origin
from generations.models.generation import UNFINISHED, Status

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User


@telling_of_stops()
def print_take(take: Generation, *, by: User, token: UUID, quoted: str = "") -> Generation:
    """One print: the same token leads to the same take. Raises Refused when it has one already, or may have none.

    `quoted` as of a press.
    """
    account = account_for(take.project)
    with transaction.atomic():
        locked(take.pk)
        made = Generation.objects.filter(owner=by, press=token).first()
        if made:
            return made
        _refuse_second(take)
        require_quoted(account, quoted, {proof.print_fields(take)["resolution"]}, take.model)
        (made,) = make(
            [recipe_of(take) | proof.print_fields(take)],
            user=by,
            project=take.project,
            scene=take.scene,
            account=account,
            token=token,
            kin=Kin(take, Origin.PRINT),
        )
        note(take, "printed", actor=by, take=str(made.uuid))
    return made


def _refuse_second(take: Generation) -> None:
    if not take.is_printable:
        raise Refused(_("Only a finished clip of less than 1080P can be printed."))
    prints = Generation.objects.kept().filter(pk__in=_prints(take), status__in=(*UNFINISHED, Status.READY))
    first = prints.first()
    if first:
        raise Refused(_("Take %(number)s is its print already.") % {"number": first.number})


def _prints(take: Generation) -> list[int]:
    """With the retries of those that failed."""
    found: list[int] = []
    more = list(Generation.objects.filter(parent=take, origin=Origin.PRINT).values_list("pk", flat=True))
    while more:
        found += more
        more = list(Generation.objects.filter(parent__in=more, origin=Origin.RETRY).values_list("pk", flat=True))
    return found
