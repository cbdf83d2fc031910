"""Clients of the Wan service, one per account and thread of work."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography.fernet import InvalidToken
from django.conf import settings

from dashscope_client import Cause, DashScopeClient, Rejected, ResultHosts
from generations import clock
from generations.models import WanAccount

if TYPE_CHECKING:
    from datetime import datetime

logger = logging.getLogger(__name__)
_local = threading.local()
SKEW_WORTH_SAVING = 1.0


def client_for(account: WanAccount) -> DashScopeClient:
    """A client that keeps its connection; a new one when the key or the address has changed.

    Raises Rejected (KEY_REFUSED) when the account has no key, or one that can't be read or sent.
    """
    clients: dict[int, tuple[tuple[str, str], DashScopeClient]] = _local.__dict__.setdefault("clients", {})
    try:
        identity = (account.base_url, account.api_key)
    except InvalidToken:
        raise Rejected("The account's key can't be decrypted.", cause=Cause.KEY_REFUSED) from None
    known = clients.get(account.pk)
    if known and known[0] == identity:
        return known[1]
    if known:
        known[1].close()
        del clients[account.pk]
    try:
        client = DashScopeClient(base_url=identity[0], api_key=identity[1])
    except ValueError as error:
        raise Rejected(str(error), cause=Cause.KEY_REFUSED) from None
    clients[account.pk] = (identity, client)
    return client


def close_clients() -> None:
    """Close this thread's clients (at the end of a process or a test)."""
    for _, client in _local.__dict__.pop("clients", {}).values():
        client.close()


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
