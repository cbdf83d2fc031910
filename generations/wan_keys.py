"""What a new API key of an account must look like and see: one of another account would let rows point to nowhere."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from generations import clock
from generations.models import SubmitAttempt

if TYPE_CHECKING:
    from generations.models import WanAccount

KEY = re.compile(r"[\x21-\x7e]{1,300}")
WITHIN = timedelta(hours=23)  # Wan forgets a task after 24 hours


def known_task(account: WanAccount) -> str | None:
    """The latest task of the account that Wan must still know."""
    since = clock.now() - WITHIN
    recent = SubmitAttempt.objects.filter(account=account.pk, started_at__gt=since, task_id__isnull=False)
    return recent.order_by("-started_at").values_list("task_id", flat=True).first() if account.pk else None
