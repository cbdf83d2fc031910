"""Activities as people read them: sentences with links, neighbours that belong together told as one, day by day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property
from html import unescape
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, strip_tags
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generations import cursor, phrases
from generations.forms import as_uuid
from teams.models import Role, Scope
from teams.verbs import VERBS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.http import QueryDict
    from django.utils.safestring import SafeString

    from accounts.models import User
    from teams.models import Activity, Team
    from teams.models.activity import ActivityQuerySet
    from teams.verbs import Verb

PAGE = 60
PANEL = 6


class Entry:
    """One thing to read: an activity, or neighbours of one kind about one scene. `count` None: as they say."""

    def __init__(self, activities: list[Activity], *, count: int | None = None, verb: str = "") -> None:
        self.activity = activities[0]  # the newest
        self.verb: Verb = VERBS[verb or self.activity.verb]
        self.count = sum(activity.count for activity in activities) if count is None else count

    @property
    def icon(self) -> str:
        return self.verb.icon

    @property
    def actor(self) -> User | None:
        return self.activity.actor

    @property
    def at(self) -> datetime:
        return self.activity.at

    @property
    def sentence(self) -> SafeString:
        words: Any = self.verb.says
        template = str(words % _Keep(count=self.count))
        named: dict[str, str] = {name: conditional_escape(value) for name, value in self._labels.items()}
        what = capfirst(self._what) if template.startswith("%(what)s") else self._what
        named["who"] = format_html("<b>{}</b>", self._labels["who"])
        named["links"] = self._links
        named["what"] = format_html('<a class="plain" href="{}">{}</a>', self.url, what) if self.url else what
        return mark_safe(template % named)  # noqa: S308 (every name in it is escaped)

    @property
    def text(self) -> str:
        """Without links, for mail and for the title of a window."""
        return unescape(strip_tags(self.sentence))

    @cached_property
    def url(self) -> str:
        """Where what it is about can be looked at; "" when it is nowhere or elsewhere by now."""
        take = self.activity.generation
        return take.get_absolute_url() if take and self._is_here else ""

    @property
    def _is_here(self) -> bool:
        """A take that was moved since may be somewhere that the reader does not see."""
        take = self.activity.generation
        return take is not None and take.project_id == self.activity.project_id

    @property
    def _what(self) -> str:
        take, scene = self.activity.generation, self.activity.data.get("scene", "")
        if take and self._is_here and (self.count == 1 or self.verb.kind == Kind.TALK):  # many words, one take
            return _("take %(number)s of %(scene)s") % {"number": take.number, "scene": take.scene.name}
        if take and self._is_here and not scene and self.verb.adds_up:
            scene = take.scene.name
        words = {"count": self.count, "scene": scene}
        if scene:
            return ngettext("a take of %(scene)s", "%(count)s takes of %(scene)s", self.count) % words
        return ngettext("a take", "%(count)s takes", self.count) % words

    @property
    def _labels(self) -> dict[str, Any]:
        """What the sentence may name besides the takes."""
        data, person = self.activity.data, self.activity.person
        labels = {"name": "", "to": "", **data, "who": self._who, "person": person.display_name if person else ""}
        labels["role"] = Role(data["role"]).label if data.get("role") in Role.values else ""
        labels["scope"], labels["prices"] = self._scope, self._prices
        if "month" in data:
            labels["month"] = date_format(date.fromisoformat(data["month"]), "F Y")
        if data.get("is_over"):  # a month that was over when something was still paid in it
            labels["scope"] = _("%(scope)s for %(month)s") % labels
        if "amount" in data:
            labels["amount"] = phrases.money(phrases.Price(Decimal(data["amount"]), data["currency"]))
        return labels

    @property
    def _who(self) -> str:
        """A guest chose their name freely, so it may be a member's: it is never told without saying so."""
        if self.actor:
            return self.actor.display_name
        guest = self.activity.data.get("guest")
        return _("%(name)s (guest)") % {"name": guest} if guest else _("Somebody")

    @property
    def _links(self) -> SafeString:
        """To the list of them."""
        person = self.activity.person
        if self.activity.verb != "links_stay" or person is None:
            return mark_safe("")
        address = links_of(self.activity.team, person)
        words = ngettext("%(count)s screening link", "%(count)s screening links", self.count) % {"count": self.count}
        return format_html('<a class="plain" href="{}">{}</a>', address, words)

    @property
    def _prices(self) -> str:
        """Of a second, by resolution; activities of before they were noted have none."""
        changes = [
            _("%(resolution)s from %(old)s to %(new)s") % {"resolution": size, "old": _rate(old), "new": _rate(new)}
            for size, (old, new) in self.activity.data.get("prices", {}).items()
        ]
        return ", ".join(changes) or _("which ones was not noted")

    @property
    def _scope(self) -> str:
        data, person = self.activity.data, self.activity.person
        if data.get("scope") == Scope.PERSON:
            return person.display_name if person else _("each person")
        if data.get("scope") == Scope.PROJECT:
            return str(data.get("name", ""))
        return _("the team")


def _rate(price: dict[str, Any]) -> str:
    words = phrases.rate(phrases.Price(Decimal(price["amount"]), price["currency"]))
    return _("the list price of %(price)s") % {"price": words} if price["is_listed"] else words


def links_of(team: Team, person: User) -> str:
    """The address of the list of screening links that somebody made in a team."""
    return f"{reverse('screenings:index')}?{urlencode({'team': str(team.uuid), 'by': str(person.uuid)})}"


class _Keep(dict[str, Any]):
    """For a first `%` that fills in the number only: every other name stays as it is."""

    def __missing__(self, name: str) -> str:
        return f"%({name})s"


def entries(activities: Iterable[Activity]) -> list[Entry]:
    """Neighbours that add up become one for each scene, where the newest of it is."""
    found = []
    for _key, some in groupby(activities, key=_sameness):
        scenes: dict[int | None, list[Activity]] = {}
        for activity in some:
            scenes.setdefault(_scene(activity), []).append(activity)
        found += [Entry(of_scene) for of_scene in scenes.values()]
    return found


def _scene(activity: Activity) -> int | None:
    return activity.generation.scene_id if activity.generation else None


def _sameness(activity: Activity) -> tuple[Any, ...]:
    if not VERBS[activity.verb].adds_up or activity.generation is None:
        return (activity.pk,)
    return activity.verb, activity.actor_id, timezone.localdate(activity.at)


def latest(activities: ActivityQuerySet) -> list[Entry]:
    """The few for a panel."""
    return entries(activities.for_telling()[: 4 * PANEL])[:PANEL]


class History:
    """A page of what was done, filtered by `person` and `kind` of the address, from `before` on."""

    def __init__(self, name: str, activities: ActivityQuerySet, query: QueryDict) -> None:
        self.person = query.get("person", "")
        self.kind = query.get("kind", "") if query.get("kind") in Kind.values else ""
        self.kinds = Kind.choices
        self._list = f"activity {name} {self.person} {self.kind}"
        self._before = query.get("before", "")
        self._all = activities

    @cached_property
    def _rows(self) -> list[Activity]:
        """One more than is shown."""
        rows = self._all
        if self.person:
            uuid = as_uuid(self.person)
            rows = rows.filter(actor__uuid=uuid) if uuid else rows.none()
        if self.kind:
            rows = rows.filter(verb__in=[name for name, verb in VERBS.items() if verb.kind == self.kind])
        keys = cursor.read(self._list, self._before) if self._before else None
        if keys:
            rows = rows.filter(pk__lt=int(keys[0]))
        return list(rows.for_telling()[: PAGE + 1])

    @cached_property
    def days(self) -> list[tuple[date, list[Entry]]]:
        told = entries(self._rows[:PAGE])
        return [(day, list(of_day)) for day, of_day in groupby(told, key=lambda one: timezone.localdate(one.at))]

    @property
    def earlier(self) -> str:
        """The cursor of the next page; "" on the last."""
        return cursor.write(self._list, [self._rows[PAGE - 1].pk]) if len(self._rows) > PAGE else ""

    @property
    def is_filtered(self) -> bool:
        return bool(self.person or self.kind)
