"""Faults on demand: by name (`FaultBook.add`, `POST /simulator/faults`) or by words in one prompt.

`[fault: fail=InternalError.Algo]` in a prompt attaches the fault to that task alone. For faults that repeat (a
throttled create, a failing query, a cut download) `[fault: name=3]` means three times and `[fault: name]` always.
"""

from __future__ import annotations

import random
import re
import threading
from dataclasses import dataclass, field
from typing import Any

# name -> the argument a bare value in a prompt (or `value=`) stands for
NAMES: dict[str, str] = {
    # asked at submit
    "throttle_create": "times", "reject": "code", "invalid_key": "times", "arrears": "times",
    "reset_before_accept": "times", "create_500_not_accepted": "times",
    "create_500": "times", "create_2xx_without_id": "times", "drop_create_answer": "times",
    "delay_create_answer": "seconds",
    # attached to the task when it is accepted
    "fail": "code", "fail_fast": "code", "hang": "seconds", "slow": "seconds",
    "actual_prompt": "text", "no_ratio": "times", "usage_float": "times", "unknown_keys": "times",
    # asked at each query, list or upload
    "throttle_query": "times", "query_500": "times", "query_garbage": "times", "unknown_task": "times",
    "list_500": "times", "list_throttle": "times", "list_incomplete": "omit",
    "upload_403": "times", "upload_fail": "times",
    # asked at each download
    "cut_download": "times", "wrong_length": "times", "no_length": "times", "html_instead": "times",
    "expired_url": "times", "redirect_elsewhere": "url", "not_mp4": "times", "truncated_mp4": "times",
    "slow_download": "seconds",
}  # fmt: skip

ATTACHED = ("fail", "fail_fast", "hang", "slow", "actual_prompt", "no_ratio", "usage_float", "unknown_keys")
DOWNLOAD = (
    "expired_url", "redirect_elsewhere", "html_instead", "not_mp4", "truncated_mp4", "cut_download", "wrong_length",
    "no_length", "slow_download",
)  # fmt: skip

_IN_PROMPT = re.compile(r"\[fault:\s*([a-z0-9_]+)\s*(?:=\s*([^\]]*?)\s*)?\]", re.IGNORECASE)


@dataclass(slots=True)
class Fault:
    """`times` None: until cleared. `rate` None: always, otherwise the probability of each occasion."""

    name: str
    times: int | None = None
    rate: float | None = None
    args: dict[str, Any] = field(default_factory=dict)


class FaultBook:
    def __init__(self, seed: int | None = None) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._taken: dict[tuple[str, str], int] = {}
        self._random = random.Random(seed)

    def add(
        self,
        name: str,
        times: int | None = None,
        rate: float | None = None,
        args: dict[str, Any] | None = None,
        **more: Any,
    ) -> Fault:
        """Raises ValueError for an unknown name. `more` is merged into `args` (`add("slow", seconds=3)`)."""
        if name not in NAMES:
            raise ValueError(f"Unknown fault {name!r}; known: {', '.join(sorted(NAMES))}")
        fault = Fault(name, times, rate, _named_args(name, {**(args or {}), **more}))
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()
            self._taken.clear()

    def active(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)

    def take(
        self, name: str, *, own: dict[str, dict[str, Any]] | None = None, scope: str = ""
    ) -> dict[str, Any] | None:
        """Arguments of the fault if it strikes now, else None. `own` are a prompt's faults, counted within `scope`."""
        if own and name in own:
            return self._take_own(name, own[name], scope)
        if not self._faults:
            return None
        with self._lock:
            return self._take_global(name)

    def _take_own(self, name: str, args: dict[str, Any], scope: str) -> dict[str, Any] | None:
        times = args.get("times")
        if times is None:
            return args
        with self._lock:
            taken = self._taken.get((scope, name), 0)
            self._taken[scope, name] = taken + 1
        return args if taken < times else None

    def _take_global(self, name: str) -> dict[str, Any] | None:
        for fault in self._faults:
            if fault.name != name or (fault.rate is not None and self._random.random() >= fault.rate):
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
            return fault.args
        return None


def faults_in(prompt: object) -> dict[str, dict[str, Any]]:
    """The faults a prompt asks for; unknown names are ignored, as they are only words."""
    if not isinstance(prompt, str) or "[fault" not in prompt.lower():
        return {}
    found: dict[str, dict[str, Any]] = {}
    for name, value in _IN_PROMPT.findall(prompt):
        if name.lower() in NAMES:
            found[name.lower()] = _named_args(name.lower(), {"value": value} if value else {})
    return found


def _named_args(name: str, args: dict[str, Any]) -> dict[str, Any]:
    args = dict(args)
    if "value" in args:
        args[NAMES[name]] = args.pop("value")
    for key, kind in (("times", int), ("seconds", float), ("omit", int)):
        if key in args:
            try:
                args[key] = kind(args[key])
            except (TypeError, ValueError):
                del args[key]
    return args
