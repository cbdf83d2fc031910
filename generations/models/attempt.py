from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    OPEN = "open", _("No answer yet")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    NOT_LANDED = "not_landed", _("Did not reach Wan")
    UNKNOWN = "unknown", _("Answer lost")
    FOUND = "found", _("Found in Wan's list")
    ABSENT = "absent", _("Certainly not at Wan")
    RELEASED = "released", _("Given up by a person: possibly charged")


class SubmitAttempt(models.Model):
    """One create call. The row is committed before the first byte leaves; its answer is always recorded on it."""

    generation = models.ForeignKey("Generation", on_delete=models.PROTECT, related_name="attempts")
    account = models.ForeignKey("WanAccount", on_delete=models.PROTECT, related_name="+")
    fence = models.PositiveBigIntegerField()
    sent_with = models.CharField(max_length=16, blank=True, help_text="WanAccount.key_print of the key that sent it.")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="When the connection ended, with or without an answer.")
    answered_at = models.DateTimeField(null=True)
    clock_skew = models.FloatField(
        null=True, help_text="WanAccount.clock_skew by the clock of started_at; null: unknown."
    )
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    http_status = models.PositiveSmallIntegerField(null=True)
    code = models.CharField(max_length=80, blank=True)
    message = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=80, blank=True)
    task_id = models.CharField(max_length=80, null=True, unique=True)
    absent_readings = models.PositiveSmallIntegerField(
        default=0, help_text="Complete readings of Wan's list without it."
    )
    readings = models.PositiveSmallIntegerField(default=0)
    next_reading_at = models.DateTimeField(null=True)
    person_asked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["generation", "-id"], name="attempt_of_generation"),
            models.Index(fields=["outcome", "account", "next_reading_at"], name="attempt_to_reconcile"),
            models.Index(fields=["account", "-started_at"], name="attempt_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.generation_id} {self.outcome}"


class Candidate(models.Model):
    """A task of Wan's list that may be the lost answer of an attempt. Provisional: nothing of it is shown."""

    attempt = models.ForeignKey(SubmitAttempt, on_delete=models.CASCADE, related_name="candidates")
    task_id = models.CharField(max_length=80)
    is_excluded = models.BooleanField(default=False, help_text="Ended without a video, or belongs to another prompt.")
    ask_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "task_id"], name="candidate_once_per_attempt")]
        indexes = [models.Index(fields=["ask_at"], name="candidate_due", condition=models.Q(is_excluded=False))]

    def __str__(self) -> str:
        return self.task_id
