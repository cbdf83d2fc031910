"""Metrics for Prometheus, read from the database when asked for, so that every process gives the same answer.

An account is labelled by its number; `wanstudio_account_info` tells its name and team.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, F, Min, Q
from django.utils.crypto import salted_hmac
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from generations import clock, deadline, storage
from generations.lifecycle import breakers
from generations.models import UNFINISHED, Generation, Status, Switchboard, Tally, WanAccount
from outbox.models import Mail

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

# Tally's name up to a colon → metric, what it counts, label for what follows the colon.
COUNTERS = {
    "calls": ("wanstudio_wan_calls", "Calls to Wan.", "operation"),
    "throttled": ("wanstudio_wan_throttled", "Calls that Wan answered with 429.", "operation"),
    "ambiguous": ("wanstudio_ambiguous_creates", "Creates whose answer was lost.", None),
    "moved": ("wanstudio_takes_moved", "Moves of takes into a status.", "status"),
    "archive_seconds": ("wanstudio_archive_seconds", "Seconds from Wan's end of rendering until saved, in all.", None),
    "archived_bytes": ("wanstudio_archived_bytes", "Bytes of clips saved.", None),
}
LABELS = {"operation": ("create", "query", "list", "cancel"), "status": tuple(Status.values)}
NAMES = [
    f"{kind}:{detail}" if detail else kind
    for kind, (_, _, label) in COUNTERS.items()
    for detail in (LABELS[label] if label else [""])
]
# Spelled out, because SQLite uses a partial index only for conditions that it can read.
IS_UNFINISHED = "status IN ({})".format(", ".join(f"'{status.value}'" for status in UNFINISHED))


def token() -> str:
    """What a scraper shows as its bearer token; follows from STUDIO_SIGNING_KEY."""
    return salted_hmac(
        "wanstudio.metrics", "bearer", secret=settings.STUDIO_SIGNING_KEY, algorithm="sha256"
    ).hexdigest()


def is_token(value: str) -> bool:
    return hmac.compare_digest(value.encode(), token().encode())


def exposition() -> bytes:
    """All metrics in Prometheus's text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Studio())
    return generate_latest(registry)


class Studio(Collector):
    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        now = clock.now()
        yield from _takes(now)
        is_stopped = Q(pk__in=breakers.stopped().values("pk"))
        known = WanAccount.objects.order_by("pk").annotate(team_name=F("team__name"), is_stopped=is_stopped)
        accounts = list(known)
        yield from _accounts(accounts)
        yield from _counters(accounts)
        yield from _installation(now)
        yield from _mail(now)


def _takes(now: datetime) -> Iterator[Metric]:
    depth = GaugeMetricFamily("wanstudio_takes", "Unfinished takes.", labels=["account", "status"])
    age = GaugeMetricFamily(
        "wanstudio_takes_oldest_seconds", "How long the oldest has been there.", labels=["account", "status"]
    )
    margin = GaugeMetricFamily(
        "wanstudio_deadline_margin_seconds", "Least time left of Wan's 24 hours, not yet saved.", labels=["account"]
    )
    unfinished = Generation.objects.extra(where=[IS_UNFINISHED]).order_by().values("account", "status")  # noqa: S610
    ends: dict[str, datetime] = {}
    for row in unfinished.annotate(n=Count("pk"), since=Min("status_changed_at"), kept_since=Min(deadline.SINCE)):
        labels = [str(row["account"]), row["status"]]
        depth.add_metric(labels, row["n"])
        age.add_metric(labels, max(0.0, (now - row["since"]).total_seconds()))
        if row["status"] in (*deadline.AT_WAN, Status.ARCHIVING) and row["kept_since"]:
            end = row["kept_since"] + settings.WAN_KEEPS
            ends[labels[0]] = min(end, ends.get(labels[0], end))
    for account, end in ends.items():
        margin.add_metric([account], (end - now).total_seconds())
    yield from (depth, age, margin)


def _accounts(accounts: Iterable[Any]) -> Iterator[Metric]:
    info = GaugeMetricFamily("wanstudio_account_info", "Always 1.", labels=["account", "name", "team", "region"])
    slots = GaugeMetricFamily("wanstudio_slots", "Takes that Wan renders at once.", labels=["account"])
    breaker = GaugeMetricFamily(
        "wanstudio_breaker", "1 while nothing is sent on the account.", labels=["account", "reason"]
    )
    for row in accounts:
        label = str(row.pk)
        info.add_metric([label, row.name, row.team_name or "", row.region], 1)
        slots.add_metric([label], row.running_limit)
        if row.is_stopped:
            breaker.add_metric([label, row.breaker], 1)
    yield from (info, slots, breaker)


def _counters(accounts: Iterable[WanAccount]) -> Iterator[Metric]:
    """Those that never counted anything are 0: Prometheus sees no increase in a series that begins with 1."""
    families = {
        name: CounterMetricFamily(metric, about, labels=["account", label] if label else ["account"])
        for name, (metric, about, label) in COUNTERS.items()
    }
    counted = {(account, name): value for account, name, value in Tally.objects.values_list("account", "name", "value")}
    for account in accounts:
        for name in NAMES:
            kind, _, detail = name.partition(":")
            families[kind].add_metric(
                [str(account.pk), *([detail] if detail else [])], counted.get((account.pk, name), 0)
            )
    yield from families.values()


def _installation(now: datetime) -> Iterator[Metric]:
    board = Switchboard.objects.filter(pk=1).first() or Switchboard()
    refused = board.storage_refused_since
    facts: list[tuple[str, str, float | None]] = [
        ("submitting", "0 while an administrator has stopped sending.", float(board.submitting)),
        ("beat_age_seconds", "Since beat's last pulse.", _age(now, board.beat_at)),
        ("storage_refused_seconds", "How long the storage has not accepted files.", _age(now, refused) or 0.0),
        ("free_bytes", "Free space of the data directory of the machine that answers.", storage.free_bytes()),
    ]
    for name, about, value in facts:
        if value is not None:
            yield GaugeMetricFamily(f"wanstudio_{name}", about, value=value)


def _mail(now: datetime) -> Iterator[Metric]:
    waiting = Mail.objects.waiting().aggregate(n=Count("pk"), since=Min("created_at"))
    yield GaugeMetricFamily("wanstudio_mail_waiting", "Mail that is not sent yet.", value=waiting["n"])
    age = _age(now, waiting["since"]) or 0.0
    yield GaugeMetricFamily("wanstudio_mail_oldest_seconds", "How long the oldest of it waits.", value=age)
    failed = Mail.objects.failed().count()
    yield GaugeMetricFamily("wanstudio_mail_failed", "Mail given up in the last 30 days.", value=failed)


def _age(now: datetime, since: datetime | None) -> float | None:
    return None if since is None else max(0.0, (now - since).total_seconds())
