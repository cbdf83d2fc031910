"""Reading Wan's list of an account's tasks: all of it, or it proves nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dashscope_client import DashScopeError
from generations import clock, limiter, wan
from generations.models import Outcome, SubmitAttempt

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from dashscope_client import ListedTask, TaskPage
    from generations.models import WanAccount

CONTROL = timedelta(hours=23)
PAGE_SIZE = 50
MOST_PAGES = 400


class Incomplete(Exception):
    """The list was throttled, cut, refused, or lacks one of our own tasks: it proves nothing."""


def read_list(account: WanAccount, *, for_unrecognised: bool = False) -> list[ListedTask]:
    """Every task of Wan's default list (24 h, no time parameters). Raises Incomplete.

    `for_unrecognised`: tasks that Wan does not recognise may be missing, but others of ours have to be there.
    """
    control = _recognised_tasks(account) if for_unrecognised else _known_tasks(account)
    tasks: dict[str, ListedTask] = {}
    page_no = total_pages = 1
    total = 0
    while page_no <= total_pages:
        if page_no > MOST_PAGES:
            raise Incomplete(f"more than {MOST_PAGES} pages")
        page = _page(account, page_no)
        tasks |= {task.task_id: task for task in page.tasks}
        total_pages, page_no, total = page.total_pages, page_no + 1, page.total
    missing = control - tasks.keys()
    if missing or len(tasks) < total:
        raise Incomplete(f"{len(missing)} of our tasks are missing, {len(tasks)} of {total} tasks seen")
    if for_unrecognised and not control:
        raise Incomplete("no other task of ours shows that it is whole")
    ours = _sent_with_present_key(account)
    wan.learn_main_account(account, {task.caller_parent_id for task in tasks.values()})
    wan.learn_key(account, {task.api_key_id for task in tasks.values() if task.task_id in ours})
    return list(tasks.values())


def _page(account: WanAccount, page_no: int) -> TaskPage:
    if not limiter.wait_for_turn(account, "list", patience=10):
        raise Incomplete("no free slot")
    try:
        page = wan.client_for(account).list_tasks(page_no=page_no, page_size=PAGE_SIZE)
    except DashScopeError as error:
        raise Incomplete(str(error)) from error
    wan.learn_clock(account, page.server_date)
    return page


def _known_tasks(account: WanAccount) -> set[str]:
    return {task_id for task_id in _recent(account).values_list("task_id", flat=True) if task_id}


def _recognised_tasks(account: WanAccount) -> set[str]:
    recognised = _recent(account).filter(generation__unrecognised_since=None)
    return {task_id for task_id in recognised.values_list("task_id", flat=True) if task_id}


def _sent_with_present_key(account: WanAccount) -> set[str]:
    """Tasks whose ids came as the answer to a create with the key of today, and not from a list."""
    sent = _recent(account).filter(outcome=Outcome.ACCEPTED).exclude(sent_with="")
    return {
        task_id for task_id in sent.filter(sent_with=account.key_print).values_list("task_id", flat=True) if task_id
    }


def _recent(account: WanAccount) -> QuerySet[SubmitAttempt]:
    since = clock.now() - CONTROL
    return SubmitAttempt.objects.filter(account=account, started_at__gt=since, task_id__isnull=False)
