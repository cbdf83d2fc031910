"""Writing down who did what: called by whoever does it, in the transaction that does it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from dashscope_client import catalogue
from generations import clock
from generations.models import Generation
from generations.models.account import OWN_PRICES
from teams.models import Activity, Project, Team
from teams.verbs import VERBS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User
    from generations.models import WanAccount


def record(
    verb: str,
    at: Team | Project | Generation,
    *,
    by: User | None = None,
    person: User | None = None,
    count: int = 1,
    **data: Any,
) -> Activity:
    """`by` None: the studio itself. `data`: the labels that the verb's sentence names, and nothing secret."""
    activity = Activity(verb=verb, at=clock.now(), actor=by, person=person, count=count, data=data, **_place(at))
    _require_words(activity)
    activity.save()
    return activity


def record_takes(verb: str, keys: Sequence[int], *, by: User, **data: Any) -> None:
    """One line for each project of these takes; its scene is named if it is a single one."""
    takes = Generation.objects.filter(pk__in=keys).select_related("scene").order_by("project", "pk")
    lines = []
    for _project, of_project in groupby(takes, key=lambda take: take.project_id):
        some = list(of_project)
        scenes = {take.scene.name for take in some}
        label = {"scene": scenes.pop()} if len(scenes) == 1 else {}
        lines.append(
            Activity(verb=verb, at=clock.now(), actor=by, count=len(some), data=label | data, **_place(some[0]))
        )
    for line in lines:
        _require_words(line)
    Activity.objects.bulk_create(lines)


def record_prices(old: WanAccount, new: WanAccount, *, by: User) -> None:
    """Which of a team's account's own prices became which; nothing where all stayed, and of the installation's."""
    changed = [size for size in OWN_PRICES if old.own_price(size) != new.own_price(size)]
    if new.team and changed:
        prices = {size: [_price(account, size) for account in (old, new)] for size in changed}
        record("account_priced", new.team, by=by, name=new.name, prices=prices)


def _price(account: WanAccount, resolution: str) -> dict[str, Any]:
    own = account.own_price(resolution)
    amount = account.list_price(catalogue.DEFAULT_MODEL, resolution) if own is None else own
    return {"amount": str(amount), "currency": account.currency, "is_listed": own is None}


def _place(at: Team | Project | Generation) -> dict[str, Any]:
    if isinstance(at, Generation):
        return {"team_id": at.team_id, "project_id": at.project_id, "generation": at}
    if isinstance(at, Project):
        return {"team_id": at.team_id, "project": at}
    return {"team": at}


def _require_words(activity: Activity) -> None:
    """A verb that nobody can tell is an error of ours."""
    if activity.verb not in VERBS:
        raise KeyError(activity.verb)
