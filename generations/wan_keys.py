"""Entering a new API key for an account: it must be a key of that very account, or rows would point to nowhere."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from dashscope_client import DashScopeClient, DashScopeError, TaskStatus
from generations import clock
from generations.models import SubmitAttempt

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from generations.models import WanAccount

KEY = re.compile(r"[\x21-\x7e]{1,300}")
WITHIN = timedelta(hours=23)  # Wan forgets a task after 24 hours


def objection(account: WanAccount, key: str) -> str | Promise:
    """Why this is no key for the account; "" when nothing speaks against it. Asks Wan, which costs nothing."""
    if not KEY.fullmatch(key):
        return _("A key has no blanks in it.")
    known = known_task(account)
    try:
        with DashScopeClient(base_url=account.base_url, api_key=key) as client:
            client.list_tasks(page_size=1)
            is_foreign = known is not None and client.get_task(known).status == TaskStatus.UNKNOWN
    except (DashScopeError, ValueError) as error:
        return _("Wan does not accept the key at %(url)s: %(error)s") % {"url": account.base_url, "error": error}
    return _("The key is of another Wan account: it does not see this one's tasks.") if is_foreign else ""


def known_task(account: WanAccount) -> str | None:
    """The latest task of the account that Wan must still know."""
    since = clock.now() - WITHIN
    recent = SubmitAttempt.objects.filter(account=account.pk, started_at__gt=since, task_id__isnull=False)
    return recent.order_by("-started_at").values_list("task_id", flat=True).first() if account.pk else None
