"""Generate was pressed: rows first, in one transaction; nothing else happens before they are committed."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.notifying import tell
from dashscope_client import catalogue
from generations import clock, ledger, nearing, nudge, purse
from generations.models import Event, Generation, Origin, Scene, WanAccount
from screenings.models import Retake
from teams.activity import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from uuid import UUID

    from accounts.models import User
    from generations.models import AudioUpload
    from generations.shots import Shot
    from screenings.models import Comment
    from teams.models import Project


VERBS = {  # of an Activity, by how takes came about; the others are pressed
    Origin.RETRY: "retried",
    Origin.SEED: "retried",
    Origin.PRINT: "printed",
    Origin.FOUND: "imported",
    Origin.LATE: "turned_up",
}
MADE_ALREADY = (Origin.LATE, Origin.FOUND)  # Wan has them: refusing would not make them cheaper


class Refused(Exception):
    """Nothing was made; `sentence` tells the creator why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class OverBudget(Refused):
    """Refused by these lines of somebody's purse."""

    def __init__(self, sentence: str, stop: nearing.Stop) -> None:
        super().__init__(sentence)
        self.stop = stop


@contextmanager
def telling_of_stops() -> Iterator[None]:
    """Around the transaction that a budget may refuse: nothing is left of that, and people are told all the same."""
    try:
        yield
    except OverBudget as refusal:
        nearing.tell_of_stop(refusal.stop)
        raise


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
    kin: Kin = ALONE,
) -> list[Generation]:
    """Make the takes of one press, all or none; the same token leads to the same takes. Raises Refused."""
    made = _made_by(user, token)
    if made:
        return made
    account = account_for(project)
    recipes = [recipe.fields(index) for index in range(takes)]
    try:
        return make(recipes, user=user, project=project, scene=scene, account=account, token=token, kin=kin)
    except IntegrityError:
        made = _made_by(user, token)
        if not made:
            raise
        return made


def account_for(project: Project) -> WanAccount:
    """The account that pays for a new take of the project. Raises Refused when nothing may be made in it."""
    if not project.is_open:
        raise Refused(_("This project is archived. Take it out of the archive to make new takes in it."))
    account = WanAccount.objects.for_project(project)
    if account is None:
        raise Refused(_("Rendering is not set up yet. Ask your administrator."))
    return account


def make(
    recipes: Sequence[dict[str, Any]],
    *,
    user: User,
    project: Project,
    scene: Scene | None,
    account: WanAccount,
    token: UUID,
    kin: Kin = ALONE,
    booked_on: date | None = None,
) -> list[Generation]:
    """Rows and their money in one transaction; the workers are told when it is committed. Raises Refused.

    `booked_on` is the team's day that pays; None: today.
    """
    with transaction.atomic():
        if kin.origin not in MADE_ALREADY:
            needed = sum((_price(account, fields)["reserved"] for fields in recipes), Decimal(0))
            afford(needed, user=user, project=project, account=account)
        scene = scene or _new_scene(recipes[0], user=user, project=project)
        place = {"team": project.team, "project": project, "owner": user, "press": token}
        takes = _rows(recipes, account, scene=scene, parent=kin.parent, origin=kin.origin, **place)
        for take in takes:
            take.save(force_insert=True)
        _require_place(project)
        ledger.open_books(takes, day=booked_on)
        _write_down(takes, user, kin)
        get_user_model().objects.filter(pk=user.pk).update(last_project=project)
        transaction.on_commit(nudge.submit)
    return takes


def _rows(recipes: Sequence[dict[str, Any]], account: WanAccount, *, scene: Scene, **shared: Any) -> list[Generation]:
    """The takes, not written yet, with the scene's next numbers and their prices."""
    now = clock.now()
    first = _count_takes(scene, len(recipes)) - len(recipes) + 1
    return [
        Generation(
            **fields,
            **shared,
            **_price(account, fields),
            account=account,
            currency=account.currency,
            scene=scene,
            number=first + index,
            press_index=index,
            created_at=now,
            status_changed_at=now,
            due_at=now,
        )
        for index, fields in enumerate(recipes)
    ]


def _new_scene(first: dict[str, Any], *, user: User, project: Project) -> Scene:
    name = Scene.name_from(first["prompt"] or first["sent_prompt"])
    return Scene.objects.create(project=project, created_by=user, name=name)


def _write_down(takes: Sequence[Generation], user: User, kin: Kin) -> None:
    """Events of the takes, an activity of their team (a call sheet is told as a whole), and what they answer."""
    Event.objects.bulk_create(
        [
            Event(generation=take, kind="pressed", to_status=take.status, actor=user, at=take.created_at)
            for take in takes
        ]
    )
    if takes[0].batch is None:
        verb = VERBS.get(kin.origin, "pressed")
        by = None if kin.origin == Origin.LATE else user
        activity = record(verb, takes[0], by=by, count=len(takes), scene=takes[0].scene.name)
        tell(activity, [user.pk])  # of what turned up by itself
    if kin.comment is not None:
        Retake.objects.bulk_create([Retake(generation=take, comment=kin.comment) for take in takes])


def _price(account: WanAccount, fields: dict[str, Any]) -> dict[str, Any]:
    """Columns of what a take with these fields costs."""
    price = account.price_per_second(fields["model"], fields["resolution"])
    return {"price_per_second": price, "reserved": price * fields["duration"]}


def _require_place(project: Project) -> None:
    """Asked when the rows are written: from there on a move to another team waits for them."""
    if not type(project).objects.filter(pk=project.pk, team=project.team_id).exists():
        raise Refused(_("This project has just moved to another team. Reload the page and press again."))


def afford(needed: Decimal, *, user: User, project: Project, account: WanAccount, month: date | None = None) -> None:
    """Within the transaction that reserves it: raises Refused when a budget of that month does not allow the amount.

    Presses of the same team wait for each other here until they are committed.
    """
    if needed:
        found = purse.purse_of(project, user, account, month=month, lock=True)
        objection = found.objection(needed)
        if objection:
            lines = [line for line in found.lines if not line.allows(needed)]
            raise OverBudget(objection, nearing.Stop(lines, found.currency, user, project, account))
        nearing.tell_of_press(found, needed, user=user, project=project)


def _count_takes(scene: Scene, more: int) -> int:
    """The number of the last of `more` new takes; the update locks the scene, so numbers are never given twice."""
    Scene.objects.filter(pk=scene.pk).update(takes_made=F("takes_made") + more, latest_take_at=clock.now())
    return Scene.objects.values_list("takes_made", flat=True).get(pk=scene.pk)


def _made_by(user: User, token: UUID) -> list[Generation]:
    return list(Generation.objects.filter(owner=user, press=token).order_by("press_index"))
