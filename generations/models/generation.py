from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Func, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dashscope_client import catalogue
from dashscope_client.causes import Cause
from generations.models.among import Among

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


OWN_CAUSES = {
    "audio-gone": _("The audio file is gone from your storage. %(charge)s Upload it once more."),
    "audio-damaged": _("The audio file in your storage is damaged. %(charge)s Upload it once more."),
}
CAUSES: dict[str, Cause] = {str(cause.value): cause for cause in Cause}
FAILS_AGAIN = (*OWN_CAUSES, *(name for name, cause in CAUSES.items() if cause.retry == "fix"))  # sent as it is


class Status(models.TextChoices):
    QUEUED = "queued", _("Waiting here")
    SUBMITTING = "submitting", _("Sending to Wan")
    UNCERTAIN = "uncertain", _("Checking")
    PENDING = "pending", _("At Wan")
    RUNNING = "running", _("Rendering")
    ARCHIVING = "archiving", _("Saving")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Canceled")
    LOST = "lost", _("Lost")


UNFINISHED = (
    Status.QUEUED,
    Status.SUBMITTING,
    Status.UNCERTAIN,
    Status.PENDING,
    Status.RUNNING,
    Status.ARCHIVING,
)
PRINT_RESOLUTION = "1080P"
AT_WAN = (Status.SUBMITTING, Status.PENDING, Status.RUNNING)


class Origin(models.TextChoices):
    """Why a take points to another one."""

    NEW = "", ""
    RETRY = "retry", _("Retry")
    SEED = "seed", _("Again with a new seed")
    REMIX = "remix", _("Remix")
    RETAKE = "retake", _("Retake of a shot")
    LATE = "late", _("Late answer")
    FOUND = "found", _("Found at Wan")
    PRINT = "print", _("Print at 1080P")


class Pick(models.IntegerChoices):
    """What the team thinks of keeping a take."""

    REJECTED = -1, _("Rejected")
    OPEN = 0, _("Not decided")
    PICKED = 1, _("Picked")


MOST_STARS = 5


class ArrayLength(Func):
    """Of a JSON array."""

    function = "JSON_ARRAY_LENGTH"

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, function="JSONB_ARRAY_LENGTH", **context)


# What filters look at, behind the sort key: a page of few matches among many takes is read from the index alone.
LOOKED_AT = (
    "status",
    "resolution",
    "ratio",
    "duration",
    "shot_count",
    "audio",
    "rating",
    "pick",
    "owner",
    "created_at",
    "cost",
)


GRID_INDEXES = {
    "kept": ("-id", *LOOKED_AT),
    "kept_long": ("-duration", "-id"),
    "kept_rated": ("-rating", "-id"),
}


class GenerationQuerySet(models.QuerySet["Generation"]):
    """Fetching is checking: views fetch through visible_to or editable_by and nothing else."""

    def visible_to(self, user: User | AnonymousUser) -> GenerationQuerySet:
        return self._of_teams(user)

    def editable_by(self, user: User | AnonymousUser) -> GenerationQuerySet:
        from teams.models import EDITS

        return self._of_teams(user, role__in=EDITS)

    def _of_teams(self, user: User | AnonymousUser, **roles: Any) -> GenerationQuerySet:
        """Not of deleted projects: these are few, so leaving them out costs one look at their index."""
        from teams.models import Membership, Project

        if not user.is_authenticated:
            return self.none()
        mine = self.filter(Among("team", Membership.objects.current(user).filter(**roles).values("team")))
        return mine.exclude(project__in=Project.objects.deleted().values("pk"))

    def unfinished(self) -> GenerationQuerySet:
        """By status; the time that is still missing is what the index of unfinished takes goes by."""
        return self.filter(status__in=UNFINISHED, finished_at=None)

    def kept(self) -> GenerationQuerySet:
        return self.filter(trashed_at=None)

    def in_trash(self) -> GenerationQuerySet:
        return self.filter(trashed_at__isnull=False, purged_at__isnull=True)

    def stored(self) -> GenerationQuerySet:
        """With a video in a storage, trash included."""
        return self.filter(video_size__isnull=False, purged_at__isnull=True)

    def with_favourite_of(self, user: User) -> GenerationQuerySet:
        """Each with `is_favourite`, as this person has it."""
        from generations.models.favourite import Favourite

        mine = Favourite.objects.filter(person=user, generation=models.OuterRef("pk"))
        return self.annotate(is_favourite=models.Exists(mine))

    def with_prints(self) -> GenerationQuerySet:
        """Each with `has_prints`: whether it was ever printed, be the print there or not."""
        return self.annotate(
            has_prints=models.Exists(self.model.objects.filter(parent=models.OuterRef("pk"), origin=Origin.PRINT))
        )

    def holding_slots(self, now: datetime) -> GenerationQuerySet:
        """Takes that occupy Wan's slots: SUBMITTING, PENDING, RUNNING, and for 3 h UNCERTAIN."""
        is_recent = Q(status_changed_at__gt=now - timedelta(hours=3))
        holding = self.filter(status__in=(*AT_WAN, Status.UNCERTAIN))  # one list of statuses: by index in SQLite, too
        return holding.filter(~Q(status=Status.UNCERTAIN) | is_recent)


class Generation(models.Model):
    """One take: a recipe, its way through Wan, and the archived clip. Only lifecycle moves `status`."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey("teams.Team", on_delete=models.PROTECT, related_name="generations")
    project = models.ForeignKey("teams.Project", on_delete=models.PROTECT, related_name="generations")
    scene = models.ForeignKey("Scene", on_delete=models.PROTECT, related_name="takes")
    number = models.PositiveIntegerField(_("take"), help_text="Counts within the scene, from 1.")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="generations")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.NEW, blank=True)
    press = models.UUIDField(
        _("press"), help_text="The form's token: the same press sent twice makes one set of takes."
    )
    press_index = models.PositiveSmallIntegerField(default=0)
    batch = models.ForeignKey("Batch", on_delete=models.PROTECT, null=True, blank=True, related_name="takes")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    # Recipe
    model = models.CharField(_("model"), max_length=60, default=catalogue.DEFAULT_MODEL)
    prompt = models.TextField(_("prompt"), blank=True, help_text="As written: the prompt, or the line for all shots.")
    shots = models.JSONField(_("shots"), default=list, blank=True, help_text='[{"text": str, "seconds": int}]')
    shot_count = models.GeneratedField(
        expression=ArrayLength(F("shots")), output_field=models.PositiveSmallIntegerField(), db_persist=True
    )
    sent_prompt = models.TextField(_("what Wan receives"))
    negative_prompt = models.TextField(_("negative prompt"), blank=True)
    resolution = models.CharField(_("resolution"), max_length=8)
    ratio = models.CharField(_("ratio"), max_length=8)
    duration = models.PositiveSmallIntegerField(_("duration"), help_text="Seconds.")
    seed = models.PositiveIntegerField(_("seed"), null=True, blank=True)
    prompt_extend = models.BooleanField(_("let Wan rewrite the prompt"), default=True)
    watermark = models.BooleanField(_("visible AI mark"), default=False)
    audio = models.ForeignKey("AudioUpload", on_delete=models.PROTECT, null=True, blank=True, related_name="takes")
    print_recipe = models.JSONField(
        _("its print"), null=True, blank=True, help_text="Of a proof: the columns that its print has differently."
    )

    # The way
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED, editable=False)
    status_changed_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False, help_text="Grows with every visible change.")
    account = models.ForeignKey("WanAccount", on_delete=models.PROTECT, related_name="generations")
    due_at = models.DateTimeField(
        null=True, default=timezone.now, editable=False, help_text="When a worker looks next."
    )
    queue_rank = models.IntegerField(default=0, editable=False, help_text="Within its owner's line; smaller first.")
    lease_token = models.UUIDField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False, help_text="Failed tries of the current step.")
    waiting_for = models.CharField(max_length=20, blank=True, editable=False, help_text="A word of words.WAITING.")
    auto_retries = models.PositiveSmallIntegerField(default=0, editable=False)
    cancel_requested_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    trashed_at = models.DateTimeField(null=True, blank=True, editable=False)

    # What Wan said
    task_id = models.CharField(max_length=80, blank=True, editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)
    rendering_at = models.DateTimeField(null=True, editable=False)
    rendered_at = models.DateTimeField(
        null=True, editable=False, help_text="Wan's end_time: its 24 hours count from here."
    )
    render_seconds = models.FloatField(null=True, editable=False)
    unrecognised_since = models.DateTimeField(null=True, editable=False)
    result_url = models.TextField(blank=True, editable=False)
    actual_prompt = models.TextField(blank=True, editable=False)
    failure_code = models.CharField(max_length=80, blank=True, editable=False)
    failure_message = models.CharField(max_length=500, blank=True, editable=False)
    failure_cause = models.CharField(max_length=40, blank=True, editable=False, help_text="A dashscope_client.Cause.")

    # The clip
    storage = models.CharField(max_length=20, blank=True, editable=False)
    video_key = models.CharField(max_length=200, blank=True, editable=False)
    video_size = models.PositiveBigIntegerField(null=True, editable=False)
    video_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    archived_bytes = models.PositiveBigIntegerField(default=0, editable=False)
    expected_bytes = models.PositiveBigIntegerField(null=True, editable=False)
    spool_host = models.CharField(max_length=120, blank=True, editable=False)
    ready_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    video_width = models.PositiveSmallIntegerField(null=True, editable=False)
    video_height = models.PositiveSmallIntegerField(null=True, editable=False)
    video_seconds = models.FloatField(null=True, editable=False)
    video_fps = models.FloatField(null=True, editable=False)
    derived_at = models.DateTimeField(null=True, editable=False)
    derive_note = models.CharField(max_length=200, blank=True, editable=False)

    # What people think of it
    open_comments = models.PositiveIntegerField(default=0, editable=False, help_text="Threads nobody has settled.")
    verdict = models.CharField(max_length=8, blank=True, editable=False, help_text="The newest one's word.")
    rating = models.PositiveSmallIntegerField(_("rating"), default=0, editable=False, help_text="1 to 5; 0: none.")
    pick = models.SmallIntegerField(_("pick"), choices=Pick, default=Pick.OPEN, editable=False)
    purged_at = models.DateTimeField(
        null=True, editable=False, help_text="Its objects were deleted for good; the row stays for family and money."
    )

    # Money
    price_per_second = models.DecimalField(max_digits=10, decimal_places=6, default=Decimal(0), editable=False)
    currency = models.CharField(max_length=3, default="USD", editable=False)
    reserved = models.DecimalField(max_digits=10, decimal_places=4, default=Decimal(0), editable=False)
    cost = models.DecimalField(max_digits=10, decimal_places=4, null=True, editable=False)
    possibly_charged = models.DecimalField(max_digits=10, decimal_places=4, default=Decimal(0), editable=False)

    has_prints = True  # unless `with_prints` says otherwise
    is_favourite = False  # of whom `with_favourite_of` asked for
    asks_person: bool | None = None  # only a person can say what to do; None: nobody has looked

    objects = GenerationQuerySet.as_manager()

    class Meta:
        verbose_name = _("take")
        verbose_name_plural = _("takes")
        constraints = [
            models.UniqueConstraint(fields=["owner", "press", "press_index"], name="one_take_per_press"),
            models.UniqueConstraint(fields=["scene", "number"], name="take_number_in_scene"),
            models.CheckConstraint(
                condition=~Q(status="ready") | Q(ready_at__isnull=False, video_key__gt=""), name="ready_has_a_video"
            ),
            models.CheckConstraint(condition=Q(rating__lte=MOST_STARS), name="rating_up_to_five"),
        ]
        indexes = [
            models.Index(fields=["status", "due_at"], name="take_due", condition=Q(due_at__isnull=False)),
            # Whole: SQLite uses no index whose condition is on a value that comes as a parameter, as `status` does.
            models.Index(fields=["account", "status"], name="take_of_account"),
            models.Index(fields=["status", "-id"], name="take_by_status"),  # administration looks at all teams
            models.Index(fields=["project", "-created_at", "-id"], name="take_of_project"),
            models.Index(fields=["team", "-created_at", "-id"], name="take_of_team"),
            # Of what is kept: without a condition SQLite takes them for questions that have better ones.
            *(
                models.Index(fields=[scope, *keys], name=f"{name}_of_{scope}", condition=Q(trashed_at__isnull=True))
                for scope in ("project", "team", "owner")
                for name, keys in GRID_INDEXES.items()
            ),
            models.Index(
                fields=["team", "-trashed_at", "-id"],
                name="take_in_trash",
                condition=Q(trashed_at__isnull=False, purged_at__isnull=True),
            ),
            models.Index(
                fields=["trashed_at"],
                name="take_to_purge",
                condition=Q(trashed_at__isnull=False, purged_at__isnull=True),
            ),
            # All that usage.py asks for, so that no row is read.
            models.Index(
                fields=["team", "project", "purged_at", "video_size"],
                name="take_bytes",
                condition=Q(video_size__isnull=False),
            ),
            models.Index(
                fields=["purged_at"],
                name="take_being_purged",
                condition=Q(purged_at__isnull=False, video_size__isnull=False),
            ),
            models.Index(
                fields=["account", "resolution", "duration", "-rendered_at"],
                name="take_render_time",
                condition=Q(render_seconds__isnull=False),
            ),
            # The last: of indexes that cost the same by its reckoning SQLite takes the one that was made last, and
            # `take_of_team` reads all that the team has ever made.
            models.Index(
                fields=["team", "created_at", "id"], name="take_unfinished", condition=Q(finished_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scene.name} · {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Whatever path makes a take also makes it findable."""
        from generations import search

        if not self._state.adding:
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            super().save(*args, **kwargs)
            search.add(self)

    def get_absolute_url(self) -> str:
        return reverse("generations:detail", args=[self.uuid])

    @property
    def is_finished(self) -> bool:
        return self.status not in UNFINISHED

    @property
    def is_ready(self) -> bool:
        """The clip is there to be watched."""
        return self.status == Status.READY and self.purged_at is None

    @property
    def is_proof(self) -> bool:
        return self.print_recipe is not None

    @property
    def is_print(self) -> bool:
        return self.origin == Origin.PRINT

    @property
    def is_repeatable(self) -> bool:
        """Its recipe is known: Wan does not tell that of each task that was found there."""
        return self.origin != Origin.FOUND or bool(self.sent_prompt)

    @property
    def is_printable(self) -> bool:
        """A clip that could be had at a higher resolution."""
        return self.is_ready and self.is_repeatable and self.resolution != PRINT_RESOLUTION

    @property
    def is_demo(self) -> bool:
        return self.account.is_demo

    @property
    def size(self) -> tuple[int, int]:
        """Pixels: of the archived file once it was measured, else what Wan documents for resolution and ratio."""
        if self.video_width and self.video_height:
            return self.video_width, self.video_height
        return catalogue.MODELS[self.model].size(self.resolution, self.ratio)

    @property
    def rewritten_prompt(self) -> str:
        """The prompt as Wan rewrote it, where it said so and changed something."""
        return self.actual_prompt if self.prompt_extend and self.actual_prompt != self.sent_prompt else ""

    @property
    def price(self) -> Decimal:
        return self.price_per_second * self.duration
