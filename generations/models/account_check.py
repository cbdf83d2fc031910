from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Verdict(models.TextChoices):
    """What a look at an account found; the first thing that is wrong."""

    FINE = "fine", _("Key, region and model are right.")
    UNREACHABLE = "unreachable", _("Wan can't be reached from here. Try again in a moment.")
    BUSY = "busy", _("Wan asks for a pause. Try again in a minute.")
    KEY = "key", _("Wan refuses the key in every region: it is mistyped, deleted, or of another service.")
    REGION = (
        "region",
        _("The key is of another region: %(detail)s. Make an account for that region, or use another key."),
    )
    WORKSPACE = "workspace", _("The key is of this region, but not of the workspace. Correct one of the two.")
    FOREIGN = "foreign", _("The key is of another Wan account: it does not see this one's tasks.")
    MODEL = "model", _("The key is right, but the account may not use the model %(detail)s. Activate it at Alibaba.")
    OTHER = "other", _("Wan answers, but not as expected: %(detail)s")


SHORT = {
    Verdict.FINE: _("Working"),
    Verdict.UNREACHABLE: _("Wan could not be reached"),
    Verdict.BUSY: _("Wan asked for a pause"),
    Verdict.KEY: _("Wan refuses the key"),
    Verdict.REGION: _("The key is of another region"),
    Verdict.WORKSPACE: _("The key is of another workspace"),
    Verdict.FOREIGN: _("The key is of another Wan account"),
    Verdict.MODEL: _("The model is not activated"),
    Verdict.OTHER: _("Wan answers, but not as expected"),
}


class AccountCheck(models.Model):
    """Somebody asked whether an account works, or entered a new key, which counts only when Wan accepts it.

    A worker looks; the page waits for the verdict. `due_at` None: nothing to do.
    """

    account = models.OneToOneField("WanAccount", on_delete=models.CASCADE, related_name="check_row")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    new_key = models.BinaryField(null=True, editable=False, help_text="Encrypted; gone when it was looked at.")
    is_of_new_key = models.BooleanField(default=False)
    checked_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=12, choices=Verdict, blank=True)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="account_check_due", condition=models.Q(due_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.account} {self.verdict}"

    @property
    def is_waiting(self) -> bool:
        return self.due_at is not None

    @property
    def is_of_current_key(self) -> bool:
        """A new key that was refused says nothing of the one that stays."""
        return not self.is_of_new_key or self.verdict in (Verdict.FINE, Verdict.MODEL)

    @property
    def short(self) -> str:
        return str(SHORT[Verdict(self.verdict)]) if self.verdict else ""

    @property
    def is_fine(self) -> bool:
        return self.verdict == Verdict.FINE

    @property
    def sentence(self) -> str:
        return str(Verdict(self.verdict).label) % {"detail": self.detail} if self.verdict else ""

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Key, region and model, each "yes", "no" or "" for not known."""
        known = {
            Verdict.FINE: ("yes", "yes", "yes"),
            Verdict.KEY: ("no", "", ""),
            Verdict.FOREIGN: ("no", "yes", ""),
            Verdict.REGION: ("yes", "no", ""),
            Verdict.WORKSPACE: ("yes", "yes", ""),
            Verdict.MODEL: ("yes", "yes", "no"),
        }
        answers = known.get(Verdict(self.verdict), ("", "", "")) if self.verdict else ("", "", "")
        return list(zip((str(_("Key")), str(_("Region")), str(_("Model"))), answers, strict=True))
