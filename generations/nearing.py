"""A budget that comes near its end, or to it, is told once a month: to the team's owners, and to whose budget it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts.notifying import tell
from generations import purse
from teams.activity import record
from teams.models import Activity, Membership, Role, Scope

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from accounts.models import User
    from generations.models import WanAccount
    from generations.purse import Line, Purse
    from teams.models import Project


def tell_of_press(found: Purse, needed: Decimal, *, user: User, project: Project) -> None:
    """Within the transaction that reserves `needed`, under the team's lock: lines that it leads over."""
    for line in found.lines:
        if verb := line.crossed_by(needed):
            _tell(verb, line, found, user=user, project=project)


@dataclass(frozen=True)
class Stop:
    """A press of `user` in `project` that these lines of `purse` did not allow."""

    lines: Sequence[Line]
    purse: Purse
    user: User
    project: Project
    account: WanAccount


def tell_of_stop(stop: Stop) -> None:
    """It was refused and nothing is left of it."""
    with transaction.atomic():
        purse.purse_of(stop.project, stop.user, stop.account, lock=True)
        for line in stop.lines:
            _tell("budget_stops", line, stop.purse, user=stop.user, project=stop.project)


def _tell(verb: str, line: Line, found: Purse, *, user: User, project: Project) -> None:
    whose = user if line.scope == Scope.PERSON else None
    place = {"project": str(project.uuid), "name": project.name} if line.scope == Scope.PROJECT else {}
    month = found.month.isoformat()
    identity: dict[str, Any] = {"scope": str(line.scope), "currency": found.currency, "month": month} | place
    known = Activity.objects.of_team(project.team).filter(verb=verb, person=whose)
    asked = {f"data__{name}": value for name, value in identity.items() if name != "name"}
    if known.filter(**asked).exists():
        return
    if found.month < purse.this_month(project.team):
        identity["is_over"] = True
    activity = record(verb, project.team, person=whose, **identity)
    owners = Membership.objects.filter(team=project.team, role=Role.OWNER).values_list("user", flat=True)
    tell(activity, [*owners, *([user.pk] if whose else [])])
