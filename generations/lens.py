"""What of the library is looked at: scope, search, filters and order, read from an address and written to one.

A lens says everything but the page: whoever acts on "all that match" (bulk actions, downloads, saved searches) reads
the same address and asks the same lens.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.models import User
from generations import search
from generations.lens_form import SHOWS, LensForm, Scope, Sort
from generations.models import Generation, Tagging, WanAccount
from generations.models.among import Among
from generations.models.tag import tag_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from generations.models.generation import GenerationQuerySet
    from teams.models import Project

ORDERS = {
    Sort.NEWEST: ("-id",),
    Sort.OLDEST: ("id",),
    Sort.LONGEST: ("-duration", "-id"),
    Sort.RATING: ("-rating", "-id"),
}
CONDITIONS: Mapping[str, Callable[[Any], Q]] = {
    "ended": lambda names: Q(status__in=names),
    "resolution": lambda names: Q(resolution__in=names),
    "ratio": lambda names: Q(ratio__in=names),
    "min_seconds": lambda seconds: Q(duration__gte=seconds),
    "max_seconds": lambda seconds: Q(duration__lte=seconds),
    "board": lambda _yes: Q(shot_count__gt=1),
    "audio": lambda _yes: Q(audio__isnull=False),
    "rating": lambda stars: Q(rating__gte=stars),
    "person": lambda uuids: Q(Among("owner", User.objects.filter(uuid__in=uuids).values("pk"))),
    "since": lambda day: Q(created_at__gte=_midnight(day)),
    "until": lambda day: Q(created_at__lt=_midnight(day + timedelta(days=1))),
    "min_price": lambda amount: Q(cost__gte=amount),
    "max_price": lambda amount: Q(cost__lte=amount),
    "currency": lambda code: Q(currency=code),
}


def _midnight(day: date) -> datetime:
    """In the person's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


@dataclass(frozen=True)
class Lens:
    """`values` holds only what was chosen and makes sense; `complaints` are sentences about the rest."""

    project: Project
    values: Mapping[str, Any] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()

    @classmethod
    def read(cls, query: QueryDict | str, project: Project) -> Lens:
        """From an address' query (`QueryDict`, or its text as a form sends it back). Never raises."""
        form = LensForm(QueryDict(query) if isinstance(query, str) else query)
        form.is_valid()
        chosen = {name: value for name, value in form.cleaned_data.items() if value not in (None, "", False, [])}
        if _has_price(chosen) and "currency" not in chosen and (account := WanAccount.objects.for_project(project)):
            chosen["currency"] = account.currency  # as the page names it
        return cls(project, _sensible(chosen), tuple(form.complaints))

    def queryset(self, user: User, terms: list[str] | None = None) -> GenerationQuerySet:
        """Everything that matches and `user` sees, in no order. `terms` are those of `terms_of`, if they are known."""
        takes = self._visible_to(user).kept().filter(self.scope_of(user), SHOWS[self.show].condition(user))
        for name, condition in CONDITIONS.items():
            if name in self.values:
                takes = takes.filter(condition(self.values[name]))
        for name in self.values.get("tag", ()):
            takes = takes.filter(pk__in=self._tagged(name))
        if "q" in self.values:
            takes = search.matching(takes, self.values["q"], self.terms_of(user) if terms is None else terms)
        return takes

    def _tagged(self, name: str) -> QuerySet[Tagging, Any]:
        tagged = Tagging.objects.filter(tag__key=tag_key(name))
        if self.scope != Scope.MINE:  # tags are a team's, and others' may be many
            tagged = tagged.filter(tag__team=self.project.team_id)
        return tagged.values_list("generation")

    def _visible_to(self, user: User) -> GenerationQuerySet:
        """A project is seen whole or not at all, and so is its team: asked once, not of each take."""
        if self.scope == Scope.MINE:
            return Generation.objects.visible_to(user)
        projects = type(self.project).objects
        seen = Generation.objects.filter(Exists(projects.visible_to(user).filter(pk=self.project.pk)))
        return seen.exclude(project__in=projects.deleted().values("pk")) if self.scope == Scope.TEAM else seen

    def terms_of(self, user: User) -> list[str]:
        """The scope again, as the search index knows it."""
        match self.scope:
            case Scope.MINE:
                return [search.owner_term(user.pk)]
            case Scope.TEAM:
                return self._terms_of_team
            case _:
                return [search.project_term(self.project.pk)]

    @cached_property
    def _terms_of_team(self) -> list[str]:
        projects = type(self.project).objects.filter(team=self.project.team_id)
        return [search.project_term(pk) for pk in projects.values_list("pk", flat=True)]

    def scope_of(self, user: User) -> Q:
        match self.scope:
            case Scope.MINE:
                return Q(owner=user)
            case Scope.TEAM:
                return Q(team=self.project.team_id)
            case _:
                return Q(project=self.project)

    @property
    def scope(self) -> str:
        return str(self.values.get("scope", Scope.PROJECT))

    @property
    def sort(self) -> str:
        return str(self.values.get("sort", Sort.NEWEST))

    @property
    def show(self) -> str:
        return str(self.values.get("show", ""))

    @property
    def order(self) -> tuple[str, ...]:
        """For order_by; always ends with the id, so that no two takes are equal."""
        return ORDERS[Sort(self.sort)]

    @property
    def is_plain(self) -> bool:
        """The whole project, newest first: shown scene by scene."""
        return not self.values

    @property
    def is_narrowed(self) -> bool:
        """Something is left out of the scope."""
        return bool(set(self.values) - {"scope", "sort"})

    def but(self, *names: str) -> Lens:
        """The same view without some of its choices."""
        return Lens(self.project, _sensible({name: self.values[name] for name in self.values if name not in names}))

    def within(self, scope: str) -> Lens:
        """The same choices in another scope."""
        return Lens(self.project, {**self.values, "scope": scope})

    @cached_property
    def query(self) -> str:
        """The address of this view, without `?`; reading it gives the same lens."""
        return self.query_with()

    def query_with(self, **changes: Any) -> str:
        """The same view with other values; None and "" take one away."""
        chosen = _sensible({**self.values, **changes})
        query = QueryDict(mutable=True)
        query["project"] = str(self.project.uuid)
        for name in LensForm.base_fields:
            value = chosen.get(name)
            if value not in (None, "", False, []):
                query.setlist(name, [_text(one) for one in value] if isinstance(value, list) else [_text(value)])
        return query.urlencode(safe=":")


def _sensible(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A currency says nothing without a price."""
    return values if _has_price(values) else {name: value for name, value in values.items() if name != "currency"}


def _has_price(values: Mapping[str, Any]) -> bool:
    return any(values.get(name) not in (None, "") for name in ("min_price", "max_price"))


def _text(value: UUID | date | object) -> str:
    return "1" if value is True else str(value)
