"""Print a proof: the same prompt and seed at full resolution and length, as a take that points to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from generations import proof
from generations.lifecycle.moves import locked, note
from generations.lifecycle.press import Kin, account_for, make, require_quoted
from generations.lifecycle.project_lock import stand_in_line
from generations.lifecycle.refused import Refused, telling_of_stops
from generations.lifecycle.retry import recipe_of, refuse_second
from generations.models import Generation, Origin

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
        stand_in_line(take.project)
        locked(take.pk)
        made = Generation.objects.filter(owner=by, press=token).first()
        if made:
            return made
        if not take.is_printable:
            raise Refused(_("Only a finished clip of less than 1080P can be printed."))
        refuse_second(take.pk)
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
