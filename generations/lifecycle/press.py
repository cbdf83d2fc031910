"""Generate was pressed: rows first, in one transaction; nothing else happens before they are committed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.notifying import tell
from dashscope_client import catalogue
from generations import clock, ledger, nearing, nudge, phrases, pricing, purse
from generations.lifecycle.made_before import as_asked, made_by
from generations.lifecycle.project_lock import hold_place, keep_place, require_open
from generations.lifecycle.refused import OverBudget, PriceChanged, Refused, telling_of_stops
from generations.models import Event, Generation, Origin, Scene, WanAccount
from screenings.models import Comment, Retake
from teams.activity import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from accounts.models import User
    from generations.models import AudioUpload
    from generations.shots import Shot
    from teams.models import Project


VERBS = {  # of an Activity, by how takes came about; the others are pressed
    Origin.RETRY: "retried",
    Origin.SEED: "retried",
    Origin.PRINT: "printed",
    Origin.FOUND: "imported",
    Origin.LATE: "turned_up",
}
MADE_ALREADY = (Origin.LATE, Origin.FOUND)  # Wan has them: refusing would not make them cheaper


@dataclass(frozen=True)
class Kin:
    """The take that others are made from, and how. Whoever makes one has checked that the person sees `parent`."""

    parent: Generation | None
    origin: Origin
    comment: Comment | None = None  # on `parent`, that the takes answer


ALONE = Kin(None, Origin.NEW)


@dataclass(frozen=True)
class Recipe:
    """What is rendered. `sent_prompt` is exactly what Wan receives; `duration` in seconds; `seed` None: drawn later."""

    prompt: str
    sent_prompt: str
    resolution: str
    ratio: str
    duration: int
    shots: Sequence[Shot] = ()
    negative_prompt: str = ""
    seed: int | None = None
    prompt_extend: bool = True
    watermark: bool = False
    audio: AudioUpload | None = None
    model: str = catalogue.DEFAULT_MODEL
    print_recipe: dict[str, Any] | None = None  # of a proof: what its print has differently
    fresh_seeds: bool = False  # a given seed is the first take's alone, the others draw theirs

    def fields(self, index: int = 0) -> dict[str, Any]:
        """Columns of take number `index` of a press: a given seed counts up unless fresh ones are wanted."""
        limit = catalogue.MODELS[self.model].seed_max + 1
        return {
            "model": self.model,
            "prompt": self.prompt,
            "shots": [{"text": shot.text, "seconds": shot.seconds} for shot in self.shots],
            "sent_prompt": self.sent_prompt,
            "negative_prompt": self.negative_prompt,
            "resolution": self.resolution,
            "ratio": self.ratio,
            "duration": self.duration,
            "seed": None if self.seed is None or (self.fresh_seeds and index) else (self.seed + index) % limit,
            "prompt_extend": self.prompt_extend,
            "watermark": self.watermark,
            "audio": self.audio,
            "print_recipe": self.print_recipe,
        }


@telling_of_stops()
def press(
    recipe: Recipe,
    *,
    user: User,
    project: Project,
    scene: Scene | None,
    takes: int,
    token: UUID,
    quoted: str = "",
    kin: Kin = ALONE,
) -> list[Generation]:
    """Make the takes of one press, all or none; the same token leads to the same takes. Raises Refused.

    MadeBefore of a token whose takes are of another recipe, or for another scene.

    `quoted` are the prices that the page showed (`pricing.quoted`); "" takes them as they are.
    """
    recipes = [recipe.fields(index) for index in range(takes)]
    made = made_by(user, token)
    if made:
        return as_asked(made, recipes, scene)
    account = account_for(project)
    require_quoted(account, quoted, {recipe.resolution}, recipe.model)
    try:
        return make(recipes, user=user, project=project, scene=scene, account=account, token=token, kin=kin)
    except (IntegrityError, OverBudget):  # the same press, at the same time, may have taken the budget's rest
        made = made_by(user, token)
        if not made:
            raise
        return as_asked(made, recipes, scene)


def account_for(project: Project) -> WanAccount:
    """The account that pays for a new take of the project. Raises Refused when nothing may be made in it."""
    require_open(project)
    account = WanAccount.objects.for_project(project)
    if account is None:
        raise Refused(_("Rendering is not set up yet. Ask your administrator."))
    return account


def require_quoted(
    account: WanAccount, quoted: str, resolutions: set[str], model: str = catalogue.DEFAULT_MODEL
) -> None:
    """Raises PriceChanged when a page showed other prices than the account's, which these takes would be made at."""
    if quoted and not pricing.is_as_quoted(account, quoted, resolutions, model):
        raise PriceChanged(_changed_words(account, model))


def _changed_words(account: WanAccount, model: str) -> str:
    if account.is_demo:
        return _("The price has changed: the simulator makes the takes now, at no cost. Press again to generate.")
    words = _("%(price)s at %(resolution)s")
    prices = [
        words % {"price": phrases.rate(pricing.quote(account, model, name, 1)), "resolution": name}
        for name in catalogue.MODELS[model].resolutions
    ]
    changed = _("The price has changed: a second costs %(prices)s now. Press again to generate.")
    return changed % {"prices": ", ".join(prices)}


def make(
    recipes: Sequence[dict[str, Any]],
    *,
    user: User,
    project: Project,
    scene: Scene | None,
    account: WanAccount,
    token: UUID,
    kin: Kin = ALONE,
    first_index: int = 0,
) -> list[Generation]:
    """Rows and their money in one transaction; the workers are told when it is committed. Raises Refused.

    `first_index` is the first one's number among the takes of the press.
    """
    now = clock.now()  # for budget and books: presses of a team wait for each other, also while a month ends
    with transaction.atomic():
        if kin.origin != Origin.LATE:  # which takes over what its parent holds
            needed = sum((_price(account, fields, kin)["reserved"] for fields in recipes), Decimal(0))
            paying: dict[str, Any] = {"user": user, "project": project, "account": account}
            month = purse.month_of(ledger.day_of(now, project.team))
            afford(needed, **paying, month=month, may_refuse=kin.origin not in MADE_ALREADY)
        if kin.origin not in MADE_ALREADY:
            hold_place(project)
        elif kin.origin == Origin.FOUND:
            keep_place(project)
        chosen, scene = scene, scene or _new_scene(recipes[0], user=user, project=project)
        place = {"team": project.team, "project": project, "owner": user, "press": token}
        takes = _rows(recipes, account, kin, first_index, scene=scene, created_at=now, status_changed_at=now, **place)
        for take in takes:
            take.save(force_insert=True)
        ledger.open_books(takes, like=kin.parent if kin.origin == Origin.LATE else None)
        _write_down(takes, user, kin, chosen)
        if kin.origin != Origin.LATE:  # nobody went there
            get_user_model().objects.filter(pk=user.pk).update(last_project=project)
        transaction.on_commit(partial(nudge.submit, account.pk))
    return takes


def _rows(
    recipes: Sequence[dict[str, Any]], account: WanAccount, kin: Kin, first_index: int, *, scene: Scene, **shared: Any
) -> list[Generation]:
    """The takes, not written yet, with the scene's next numbers and their prices."""
    first = _count_takes(scene, len(recipes)) - len(recipes) + 1
    return [
        Generation(
            **fields,
            **shared,
            **_price(account, fields, kin),
            parent=kin.parent,
            origin=kin.origin,
            account=account,
            currency=account.currency,
            scene=scene,
            number=first + index,
            press_index=first_index + index,
            due_at=shared["created_at"],
        )
        for index, fields in enumerate(recipes)
    ]


def _new_scene(first: dict[str, Any], *, user: User, project: Project) -> Scene:
    return Scene.objects.create(project=project, created_by=user, name=Scene.name_of(first))


def _write_down(takes: Sequence[Generation], user: User, kin: Kin, chosen: Scene | None) -> None:
    """Events of the takes, an activity of their team (a call sheet is told as a whole), and what they answer.

    What the press was given stays known by the events: the scene that was `chosen`, and seeds.
    """
    where = {} if chosen is None else {"scene": chosen.pk}
    Event.objects.bulk_create(
        [
            Event(
                generation=take,
                kind="pressed",
                to_status=take.status,
                actor=user,
                at=take.created_at,
                data=where if take.seed is None else where | {"seed": take.seed},
            )
            for take in takes
        ]
    )
    if takes[0].batch is None:
        verb = VERBS.get(kin.origin, "pressed")
        by = None if kin.origin == Origin.LATE else user
        activity = record(verb, takes[0], by=by, count=len(takes), scene=takes[0].scene.name)
        tell(activity, [user.pk])  # of what turned up by itself
    # Held, for it may be taken away meanwhile: then there is nothing to answer.
    if kin.comment and Comment.objects.select_for_update(no_key=True).filter(pk=kin.comment.pk).first():
        Retake.objects.bulk_create([Retake(generation=take, comment=kin.comment) for take in takes])


def _price(account: WanAccount, fields: dict[str, Any], kin: Kin) -> dict[str, Any]:
    """Columns of what a take with these fields costs: what turned up late was sent at its parent's price."""
    if kin.parent and kin.origin == Origin.LATE:
        price = kin.parent.price_per_second
    else:
        price = account.price_per_second(fields["model"], fields["resolution"])
    return {"price_per_second": price, "reserved": price * fields["duration"]}


def afford(
    needed: Decimal,
    *,
    user: User,
    project: Project,
    account: WanAccount,
    month: date | None = None,
    reader: User | None = None,
    may_refuse: bool = True,
) -> None:
    """Within the transaction that reserves it: raises Refused when a budget of that month does not allow the amount,
    in words for `reader` (None: `user`, who pays); else people are told of a budget that it brings near its end.

    Presses of the same team wait for each other here until they are committed.
    """
    if needed:
        found = purse.purse_of(project, user, account, month=month, lock=True)
        objection = found.objection(needed, reader) if may_refuse else ""
        if objection:
            lines = [line for line in found.lines if not line.allows(needed)]
            raise OverBudget(objection, nearing.Stop(lines, found, user, project, account))
        nearing.tell_of_press(found, needed, user=user, project=project)


def _count_takes(scene: Scene, more: int) -> int:
    """The number of the last of `more` new takes; the update locks the scene, so numbers are never given twice."""
    Scene.objects.filter(pk=scene.pk).update(takes_made=F("takes_made") + more, latest_take_at=clock.now())
    return Scene.objects.values_list("takes_made", flat=True).get(pk=scene.pk)
