"""Clients of the Wan service, one per account; all of a process that ask the same address share its connections."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cryptography.fernet import InvalidToken
from django.conf import settings

from dashscope_client import (
    Cause,
    Connections,
    DashScopeClient,
    DashScopeError,
    Rejected,
    ResultHosts,
    Throttled,
    Unreachable,
)
from generations import clock, tally, wan_keys
from generations.models import WanAccount

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from dashscope_client import TaskCreated, TaskPage, TaskSnapshot

logger = logging.getLogger(__name__)
_lock = threading.Lock()
_clients: dict[int, tuple[tuple[str, str], DashScopeClient]] = {}
_connections: dict[str, Connections] = {}
LONGEST_NAME = 40  # of a Wan account; what is longer is none
SKEW_WORTH_SAVING = 1.0


class CountedClient(DashScopeClient):
    """Counts, for the metrics, what is asked of Wan and what it throttles."""

    def __init__(self, account_id: int, **options: Any) -> None:
        super().__init__(**options)
        self._account_id = account_id

    def create_video(self, *args: Any, **options: Any) -> TaskCreated:
        with self._counted("create"):
            return super().create_video(*args, **options)

    def get_task(self, *args: Any, **options: Any) -> TaskSnapshot:
        with self._counted("query"):
            return super().get_task(*args, **options)

    def list_tasks(self, *args: Any, **options: Any) -> TaskPage:
        with self._counted("list"):
            return super().list_tasks(*args, **options)

    def cancel_task(self, *args: Any, **options: Any) -> None:
        with self._counted("cancel"):
            super().cancel_task(*args, **options)

    @contextmanager
    def _counted(self, operation: str) -> Iterator[None]:
        tally.add(f"calls:{operation}", self._account_id)
        try:
            yield
        except DashScopeError as error:
            if isinstance(error, Throttled):
                tally.add(f"throttled:{operation}", self._account_id)
            raise


class KeyUnproved(Unreachable):
    """The account's Wan account can't be reached: the environment's key may be of another one."""


def client_for(account: WanAccount) -> DashScopeClient:
    """The account's client; a new one when the key or the address has changed.

    Raises Rejected (KEY_REFUSED) when the account has no key, or one that can't be read or sent, and KeyUnproved.
    """
    if not wan_keys.is_proved(account):
        raise KeyUnproved("DASHSCOPE_API_KEY has changed and is not known to be of the same Wan account.")
    try:
        identity = (account.base_url, account.api_key)
    except InvalidToken:
        raise Rejected("The account's key can't be decrypted.", cause=Cause.KEY_REFUSED) from None
    with _lock:
        known = _clients.get(account.pk)
        if known and known[0] == identity:
            return known[1]
        client = _new_client(account, *identity)
        _clients[account.pk] = (identity, client)
    return client


def _new_client(account: WanAccount, base_url: str, api_key: str) -> DashScopeClient:
    try:
        if base_url not in _connections:
            _connections[base_url] = Connections(base_url)
        return CountedClient(account.pk, base_url=base_url, api_key=api_key, connections=_connections[base_url])
    except ValueError as error:
        raise Rejected(str(error), cause=Cause.KEY_REFUSED) from None


def close_clients() -> None:
    """Forget this process's clients and close what they share (at the end of a test)."""
    with _lock:
        _clients.clear()
        for shared in _connections.values():
            shared.close()
        _connections.clear()


def result_hosts(account: WanAccount) -> ResultHosts:
    """Where a result may come from: Alibaba's storage, the configured base URL's origin, and further named hosts."""
    origin = account.base_url.removesuffix("/api/v1") if settings.DASHSCOPE_HTTP_BASE_URL else None
    return ResultHosts(origin=origin, hosts=tuple(settings.STUDIO_RESULT_HOSTS))


def learn_clock(account: WanAccount, server_date: datetime | None) -> None:
    """Remember how far Wan's clock is ahead of ours, by the Date header of its answers."""
    if server_date is None:
        return
    skew = (server_date + timedelta(seconds=0.5) - clock.now()).total_seconds()
    if abs(skew - account.clock_skew) > SKEW_WORTH_SAVING:
        WanAccount.objects.filter(pk=account.pk).update(clock_skew=skew)
        account.clock_skew = skew


def learn_main_account(account: WanAccount, names: set[str]) -> None:
    """Remember what Wan's list calls the account whose tasks it shows: all of them have the same one.

    Several names mean that it is not what we take it for; an empty list says nothing.
    """
    name = next(iter(names)) if len(names) == 1 else ""
    if names and len(name) <= LONGEST_NAME and name != account.main_account:
        WanAccount.objects.filter(pk=account.pk).update(main_account=name)
        account.main_account = name


def learn_key(account: WanAccount, key_ids: set[str]) -> None:
    """Remember what Wan's list calls the present key: the one id of all that it has sent.

    Several ids, or an empty one, mean that it is not what we take it for, so that nothing may be excluded by it. No
    task of the present key on the list says nothing, unless the key has been changed.
    """
    learnt = next(iter(key_ids)) if len(key_ids) == 1 else ""
    if not key_ids and account.api_key_print == account.key_print:
        return
    if (learnt[:64], account.key_print) != (account.api_key_id, account.api_key_print):
        account.api_key_id, account.api_key_print = learnt[:64], account.key_print
        WanAccount.objects.filter(pk=account.pk).update(api_key_id=learnt[:64], api_key_print=account.api_key_print)
