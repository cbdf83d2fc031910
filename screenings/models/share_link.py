from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import models, transaction
from django.db.models import Count, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.notifying import tell
from generations.models import Generation, Status
from screenings.passcodes import weakness
from teams.activity import record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User
    from generations.models.generation import GenerationQuerySet

LASTS = timedelta(days=30)
MOST = 200  # clips of one screening


WATCHABLE: dict[str, Any] = {"status": Status.READY, "trashed_at": None, "purged_at": None, "project__deleted_at": None}


def _counted(rows: models.QuerySet[Any], what: str) -> Coalesce:
    """How many different ones of it, each row of the query around."""
    found = rows.order_by().annotate(one=Value(1)).values("one").annotate(count=Count(what, distinct=True))
    return Coalesce(Subquery(found.values("count")), 0)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    """Fetching is checking; a visitor fetches `by_token` and nothing else."""

    def visible_to(self, user: User | AnonymousUser) -> ShareLinkQuerySet:
        from teams.models import Project

        return self.filter(project__in=Project.objects.visible_to(user))

    def listed(self) -> ShareLinkQuerySet:
        """As a list shows them: the newest first, with who made and who revoked them, with `clip_count`, the clips that
        can be watched behind each, and `answered`, how many of these have got a verdict there.
        """
        from screenings.models import Verdict

        links = self.select_related("created_by", "revoked_by", "project", "scene")
        clips = Generation.objects.filter(shown__link=OuterRef("pk"), team=OuterRef("project__team"), **WATCHABLE)
        verdicts = Verdict.objects.filter(
            link=OuterRef("pk"),
            generation__shown__link=OuterRef("pk"),
            generation__team=OuterRef("project__team"),
            **{f"generation__{name}": value for name, value in WATCHABLE.items()},
        )
        counts = {"clip_count": _counted(clips, "pk"), "answered": _counted(verdicts, "generation")}
        return links.order_by("-created_at", "-pk").annotate(**counts)

    def still_open(self) -> ShareLinkQuerySet:
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), project__deleted_at=None)

    def by_token(self, token: str) -> ShareLinkQuerySet:
        """Of a deleted team there is none."""
        return self.filter(token_hash=hash_of(token), project__team__deleted_at=None)


class ShareLink(models.Model):
    """A screening: some clips of a project, as they were chosen, for whoever has the address.

    The address holds a token of 256 bits, of which only the hash is kept: it is shown once, when it is made.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    project = models.ForeignKey("teams.Project", on_delete=models.PROTECT, related_name="share_links")
    scene = models.ForeignKey("generations.Scene", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    collection = models.ForeignKey(
        "generations.Collection", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField(_("title"), max_length=80)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    passcode = models.CharField(max_length=128, blank=True, editable=False, help_text="Hashed; empty: none is asked.")
    allows_download = models.BooleanField(_("Download"), default=False)
    shows_recipe = models.BooleanField(_("Recipe"), default=False)
    allows_comments = models.BooleanField(_("Comments and verdict"), default=True)
    expires_at = models.DateTimeField(_("works until"))
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    passcode_may_be_weak = models.BooleanField(
        default=False,
        editable=False,
        help_text="It was set before weak ones were refused; its hash does not tell.",
    )
    views = models.PositiveIntegerField(default=0, editable=False)
    last_seen_at = models.DateTimeField(null=True, editable=False)
    clips: models.ManyToManyField[Generation, Shown] = models.ManyToManyField(
        Generation, through="Shown", related_name="screenings"
    )

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("screening link")
        verbose_name_plural = _("screening links")
        indexes = [models.Index(fields=["project", "-created_at", "-id"], name="link_of_project")]

    def __str__(self) -> str:
        return self.name

    def renew_token(self) -> str:
        """A new token, to be saved and shown once; the old address is dead then."""
        token = secrets.token_urlsafe(32)
        self.token_hash = hash_of(token)
        return token

    def set_passcode(self, passcode: str) -> None:
        self.passcode = make_password(passcode) if passcode else ""
        self.passcode_may_be_weak = bool(passcode and weakness(passcode))

    def opens_with(self, passcode: str) -> bool:
        return check_password(passcode, self.passcode)

    def learn_strength_of(self, passcode: str) -> None:
        """Of the right one, as somebody gave it."""
        if self.passcode_may_be_weak and not weakness(passcode):
            ShareLink.objects.filter(pk=self.pk, passcode=self.passcode).update(passcode_may_be_weak=False)

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    @property
    def ended_at(self) -> datetime | None:
        """When it was revoked, ran out, or its project went; None while it works."""
        if self.revoked_at:
            return self.revoked_at
        if self.project.deleted_at:
            return self.project.deleted_at
        return self.expires_at if self.expires_at <= timezone.now() else None

    @property
    def source(self) -> GenerationQuerySet | None:
        """Clips that "Update" would show as well; None for a selection, which has no source."""
        clips = Generation.objects.kept().filter(status=Status.READY, team=self.project.team_id)
        if self.scene_id:
            return clips.filter(scene=self.scene_id).order_by("number")
        if self.collection_id:
            return clips.filter(collections=self.collection_id).order_by("collected__place", "collected__id")
        return None

    @property
    def watchable(self) -> GenerationQuerySet:
        """The clips of the snapshot that are still there and still the team's, in order."""
        kept = Generation.objects.filter(shown__link=self, team=self.project.team_id, **WATCHABLE)
        return kept.order_by("shown__place", "shown__id").select_related("scene", "account")

    def title_of(self, clip: Generation) -> str:
        """ "" where only its number tells it: nobody named the scene, its name is the beginning of a prompt."""
        return clip.scene.name if self.shows_recipe or clip.scene.is_named else ""

    def take_of(self, clip: Generation) -> int:
        """Its number in a scene whose title is told; 0 where only its place tells it."""
        return clip.number if self.title_of(clip) else 0

    @property
    def counts_answers(self) -> bool:
        """Of one that a list shows."""
        return self.allows_comments and self.clip_count > 1  # type: ignore[attr-defined]

    def caption(self, clip: Generation, number: int) -> str:
        title = self.title_of(clip)
        return f"{number} {title}" if title else gettext("Clip %(number)s") % {"number": number}

    @transaction.atomic
    def show(self, clips: Iterable[Generation]) -> int:
        """Add clips at the end, as many as a screening takes; those that are shown already stay where they are.

        Returns how many are new. One call after the other, so that two at once don't exceed the limit.
        """
        ShareLink.objects.select_for_update().only("pk").get(pk=self.pk)
        known = set(self.shown.values_list("generation", flat=True))
        new = [clip for clip in clips if clip.pk not in known][: max(0, MOST - len(known))]
        Shown.objects.bulk_create(
            Shown(link=self, generation=clip, place=len(known) + index) for index, clip in enumerate(new)
        )
        return len(new)

    def bring_up_to_date(self) -> tuple[int, int]:
        """Adds what the source has got since; how many are new, and how many found no room."""
        if self.source is None:
            return 0, 0
        fresh = self.source.exclude(shown__link=self)
        added = self.show(fresh[:MOST])
        return added, fresh.count()

    def count_view(self) -> None:
        """The first one is told to the project."""
        this, seen = ShareLink.objects.filter(pk=self.pk), {"views": F("views") + 1, "last_seen_at": timezone.now()}
        if self.views:
            this.update(**seen)
            return
        with transaction.atomic():
            if this.filter(views=0).update(**seen):
                tell(record("link_seen", self.project, name=self.name), [self.created_by_id])
            else:
                this.update(**seen)


class Shown(models.Model):
    """A clip's place in a screening."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="shown")
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="shown")
    place = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "generation"], name="once_per_screening")]
        indexes = [models.Index(fields=["link", "place", "id"], name="screening_in_order")]

    def __str__(self) -> str:
        return f"{self.link} · {self.place}"
