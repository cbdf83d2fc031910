from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User

LONGEST = 4000
LONGEST_NAME = 60
NAMED = Q(person__isnull=False, guest="") | (Q(person=None) & ~Q(guest=""))


class Said(models.Model):
    """Who said it: somebody signed in, or the guest of a screening by the name they gave.

    `is_public` where guests read it.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    guest = models.CharField(max_length=LONGEST_NAME, blank=True)
    link = models.ForeignKey("screenings.ShareLink", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    is_public = False

    class Meta:
        abstract = True

    @property
    def name(self) -> str:
        if self.person is None:
            return self.guest
        return self.person.public_name if self.is_public else self.person.display_name

    @property
    def signature(self) -> str:
        """The name, with a word that it is a guest's, who may have chosen a member's."""
        return _("%(name)s (guest)") % {"name": self.guest} if self.guest else self.name

    @property
    def initial(self) -> str:
        return self.name[:1].upper()

    @property
    def hue(self) -> int:
        """Degrees: of a guest, by the name, so that it stays the same."""
        return self.person.hue if self.person else uuid.uuid5(uuid.NAMESPACE_OID, self.guest).int % 360


class Comment(Said):
    """Words on a clip, pinned to a second of it or (None) about the whole; an answer points to what it answers.

    One that was taken away, and that others rest on, has no text any more.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    generation = models.ForeignKey("generations.Generation", on_delete=models.PROTECT, related_name="comments")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="answers")
    second = models.FloatField(null=True)
    text = models.TextField(gettext_lazy("comment"), max_length=LONGEST)
    nobody: Sequence[str] = ()  # names after an @ that nobody has; of a comment that was just written
    mentioned: Sequence[str] = ()  # names to be marked; filled in where members read it
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = gettext_lazy("comment")
        verbose_name_plural = gettext_lazy("comments")
        constraints = [models.CheckConstraint(condition=NAMED, name="comment_by_somebody")]
        indexes = [models.Index(fields=["generation", "id"], name="comment_of_clip")]

    def __str__(self) -> str:
        return f"{self.name}: {self.text[:40]}"

    def settle(self, by: User | None) -> None:
        """Settled by somebody, or (None) open again; to be saved."""
        self.settled_at, self.settled_by = (timezone.now(), by) if by else (None, None)
