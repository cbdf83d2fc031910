"""Looking whether a key works at an address: by questions that cost nothing and change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashscope_client import (
    REGIONS,
    DashScopeClient,
    DashScopeError,
    Rejected,
    TaskStatus,
    Throttled,
    Unreachable,
    catalogue,
)
from generations.models.account_check import Verdict

if TYPE_CHECKING:
    from datetime import datetime

    from generations.models import WanAccount

TIMEOUT = 10.0
Answer = tuple[Verdict, str]  # and what its sentence names


def ask(base_url: str, key: str) -> tuple[DashScopeError | None, datetime | None]:
    """Why the list is refused (None: it is not), and the time by Wan's clock."""
    try:
        with DashScopeClient(base_url=base_url, api_key=key, timeout=TIMEOUT) as client:
            return None, client.list_tasks(page_size=1).server_date
    except DashScopeError as error:
        return error, error.server_date


def accepts(base_url: str, key: str) -> bool:
    return ask(base_url, key)[0] is None


def judge(account: WanAccount, key: str, *, known_task: str | None) -> Answer:
    """What is right or wrong about the key for this account; `known_task` is one that it must see."""
    refusal, _date = ask(account.base_url, key)
    if refusal is not None:
        return _refused(account, key, refusal)
    try:
        with DashScopeClient(base_url=account.base_url, api_key=key, timeout=TIMEOUT) as client:
            if known_task and client.get_task(known_task).status == TaskStatus.UNKNOWN:
                return Verdict.FOREIGN, ""
            client.check_model(catalogue.DEFAULT_MODEL)
    except Rejected:
        return Verdict.MODEL, catalogue.DEFAULT_MODEL
    except DashScopeError as error:
        return _trouble(error)
    return Verdict.FINE, ""


def _refused(account: WanAccount, key: str, refusal: DashScopeError) -> Answer:
    """The same key at other addresses tells a wrong key from a wrong setting."""
    if refusal.cause.breaker != "key":
        return _trouble(refusal)
    if account.base_url != catalogue.base_url(account.region, account.workspace_id or None):
        return Verdict.KEY, ""  # an address of its own says nothing about regions
    if account.workspace_id and accepts(catalogue.base_url(account.region, None), key):
        return Verdict.WORKSPACE, ""
    for region in REGIONS:
        if region != account.region and accepts(catalogue.base_url(region, None), key):
            return Verdict.REGION, region.title()
    return Verdict.KEY, ""


def _trouble(error: DashScopeError) -> Answer:
    if isinstance(error, Unreachable):
        return Verdict.UNREACHABLE, ""
    if isinstance(error, Throttled):
        return Verdict.BUSY, ""
    return Verdict.OTHER, str(error)[:200]
