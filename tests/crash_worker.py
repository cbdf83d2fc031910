"""`python -m tests.crash_worker`: a worker in a process of its own that kills itself at a named step.

Reads commands, one JSON list per line: ["press", prompt] answers the take's key; ["work", key, step] forks a worker
that runs the sweeps until the clip is done, or to its death at the step, and answers first its pid, then its exit
code (-9: killed); ["crowd", keys, size] lets so many work at once. A fork is as good as a fresh process here: it
shares nothing but the loaded code.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import uuid
from datetime import timedelta

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from dashscope_client import DashScopeClient  # noqa: E402
from generations import media, scheduling  # noqa: E402
from generations.lifecycle import answers, archive, derive, reconcile, submit, watch  # noqa: E402
from generations.lifecycle.press import Recipe, press  # noqa: E402
from generations.models import Generation  # noqa: E402

PATIENCE = 30.0  # seconds
# Where the worker dies: just before this function is called.
STEPS = {
    "before the attempt is committed": (submit, "move"),
    "after the attempt, before the call": (DashScopeClient, "create_video"),
    "after the answer, before it is written": (submit, "accept"),
    "while the answer is written": (answers, "_bind"),
    "between the claim and the query": (watch, "ask"),
    "after the query, before its move": (watch, "apply"),
    "in the middle of the download": (archive._Progress, "add"),
    "after the download, before it is a spooled file": (media, "probe_video"),
    "after the spooled file, before the put": (archive, "_store"),
    "after the put, before READY": (archive, "move"),
    "after READY, before deriving": (derive, "derive"),
    "while deriving": (media, "derive"),
    "before a found task is linked": (reconcile, "_link"),
    "before certain absence is written": (reconcile, "_absent"),
}


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def press_once(prompt: str) -> int:
    from tests.factories import BudgetFactory, MembershipFactory, ProjectFactory, TeamFactory, UserFactory

    team = TeamFactory(uses_installation_account=True)
    BudgetFactory(team=team, scope="installation", amount=1_000_000)
    user = UserFactory(email=f"{uuid.uuid4()}@example.com")
    MembershipFactory(team=team, user=user, role="owner")
    recipe = Recipe(prompt=prompt, sent_prompt=prompt, resolution="720P", ratio="16:9", duration=2)
    (take,) = press(recipe, user=user, project=ProjectFactory(team=team), scene=None, takes=1, token=uuid.uuid4())
    return take.pk


def work(key: int, step: str) -> int:
    if step in STEPS:
        setattr(*STEPS[step], die)
    scheduling.next_look = lambda *_: 0.2
    reconcile.ASK_CANDIDATE_EVERY = timedelta(seconds=0.3)
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        for sweep in (submit.sweep, watch.sweep, reconcile.sweep, archive.sweep, derive.sweep):
            sweep()
        if Generation.objects.filter(pk=key, derived_at__isnull=False).exists():
            return 0
        time.sleep(0.05)
    return 1


def forked(act, *args) -> None:
    """Run it in a child; answer the child's pid and its exit code."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        code = act(*args)
        connections.close_all()
        os._exit(code)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def crowd(keys: list[int], size: int) -> int:
    """So many workers at once; the sum of their exit codes."""
    connections.close_all()
    pids = []
    for _ in range(size):
        pid = os.fork()
        if pid == 0:
            codes = [work(key, "") for key in keys]
            connections.close_all()
            os._exit(max(codes))
        pids.append(pid)
    return sum(abs(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])) for pid in pids)


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    print("ready", flush=True)
    for line in sys.stdin:
        command, *args = json.loads(line)
        if command == "press":
            print(press_once(*args), flush=True)
        elif command == "crowd":
            print(crowd(*args), flush=True)
        else:
            forked(work, *args)


if __name__ == "__main__":
    main()
