"""Sliding-second rate limits per account and operation, and the counters tests read."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable

from dashscope_simulator.errors import throttled
from dashscope_simulator.records import Limits


class Throttle:
    def __init__(self, limits: Limits, now: Callable[[], float]) -> None:
        self._rates = {
            "create": limits.creates_per_second,
            "query": limits.queries_per_second,
            "list": limits.lists_per_second,
            "cancel": limits.cancels_per_second,
            "upload_policy": limits.uploads_per_second,
        }
        self._now = now
        self._lock = threading.Lock()
        self._moments: dict[tuple[str, str], deque[float]] = {}
        self.counts: Counter[str] = Counter()

    def count(self, name: str) -> None:
        with self._lock:
            self.counts[name] += 1

    def pass_or_refuse(self, operation: str, account: str) -> None:
        """Counts the request. Raises Refusal (429) above the rate; refused requests do not use it up."""
        with self._lock:
            self.counts[operation] += 1
            rate = self._rates[operation]
            if rate >= Limits.UNLIMITED:
                return
            now = self._now()
            moments = self._moments.setdefault((operation, account), deque())
            while moments and moments[0] <= now - 1.0:
                moments.popleft()
            if len(moments) < rate:
                moments.append(now)
                return
            self.counts[f"{operation}_429"] += 1
        raise throttled()

    def note_refusal(self, operation: str) -> None:
        """A 429 given for another reason than the rate: a full queue or a fault."""
        self.count(f"{operation}_429")
