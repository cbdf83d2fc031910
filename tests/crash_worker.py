"""`python -m tests.crash_worker`: a worker in a process of its own that kills itself at a named step.

Reads commands, one JSON list per line:
- ["press", prompt, API key or "", with audio?] answers the take's key;
- ["work", key, step, until] forks a worker that runs the sweeps until the take is in the status `until` ("derived":
  its pictures are made, too, which takes two processes that decode and is left out otherwise), or to its death at the
  step, and answers first its pid, then its exit code (-9: killed);
- ["act", name, key, step] does the same with what a person does in a request, or an administrator with a command;
- ["crowd", keys, size] lets so many work at once.
A fork is as good as a fresh process here: it shares nothing but the loaded code.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import uuid
import wave
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import BinaryIO

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.db.models import Q  # noqa: E402
from django.test import override_settings  # noqa: E402

from accounts.models import User  # noqa: E402
from dashscope_client import DashScopeClient, TaskCreated, TaskStatus, Throttled  # noqa: E402
from generations import clock, media, moving, orphans, scheduling, storage, storage_backends  # noqa: E402
from generations.lifecycle import (  # noqa: E402
    answers,
    archive,
    breakers,
    cancel,
    decision,
    derive,
    desk,
    line,
    moves,
    press,
    purge,
    reconcile,
    retry,
    submit,
    trash,
    unrecognised,
    watch,
)
from generations.models import AudioTransfer, AudioUpload, Generation, Reading, SubmitAttempt, WanAccount  # noqa: E402
from teams.models import Project, Team  # noqa: E402
from wanstudio import backup  # noqa: E402

PATIENCE = 240.0  # seconds


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def write_half(_disk: object, source: BinaryIO, part: Path) -> None:
    source.seek(0)
    whole = source.read()
    part.write_bytes(whole[: len(whole) // 2])
    die()


# Where the worker dies: just before this function is called, for the first time unless another number is given; or in
# what stands in for it.
STEPS = {
    "before the attempt is committed": (submit, "move"),
    "before the audio is uploaded": (DashScopeClient, "upload_file"),
    "after the audio is uploaded, before it is noted": (AudioTransfer.objects, "update_or_create"),
    "before audio that is gone fails the take": (submit, "move"),
    "after the attempt, before the call": (DashScopeClient, "create_video"),
    "after the answer, before it is written": (submit, "accept"),
    "while the answer is written": (answers, "_bind"),
    "between the claim and the query": (watch, "ask"),
    "after the query, before its move": (watch, "apply"),
    "in the middle of the download": (archive._Progress, "add"),
    "after the download, before it is a spooled file": (media, "probe_video"),
    "after the spooled file, before the put": (archive, "_store"),
    "in the middle of the put": (storage_backends.Disk, "_write", write_half),
    "after the put, before READY": (archive, "move"),
    "before strange bytes are kept aside": (storage, "put_file"),
    "after strange bytes are kept aside, before it is noted": (archive, "note"),
    "after READY, before deriving": (derive, "derive"),
    "while deriving": (media, "derive"),
    "before a found task is linked": (reconcile, "_link"),
    "before certain absence is written": (reconcile, "_absent"),
    "before a lost answer is written": (submit, "refuse"),
    "before a stuck submit is given up": (reconcile, "_lose"),
    "after a refusal, before what follows": (answers, "_settle"),
    "before the breaker trips": (breakers, "trip"),
    "after the breaker has tripped": (answers, "_wait"),
    "before the breaker is lifted": (breakers, "lift"),
    "within the transaction of an answer": (answers, "move"),
    "within the transaction of a late take": (answers.ledger, "adjust"),
    "before a loss is written": (unrecognised, "move"),
    "within the transaction of a give-up": (reconcile, "move"),
    "before a person is asked": (decision, "note"),
    "within the transaction of a question": (decision, "tell"),
    "before the desk reads the list": (desk.listing, "read_list"),
    "after the desk has read the list, before it says so": (desk, "_unheld"),
    "before Wan is asked to cancel": (DashScopeClient, "cancel_task"),
    "after Wan has canceled": (DashScopeClient, "get_task"),
    "before a free failure is sent again": (watch, "_fail"),
    "within the transaction of a move": (moves.Event.objects, "create"),
    "after a move is committed": (moves.tally, "add"),
    "within the transaction of a press": (press, "_write_down"),
    "after a press is committed": (press.nudge, "submit"),
    "within the transaction of a choice": (decision, "move"),
    "after a choice is committed": (decision.nudge, "submit"),
    "within the transaction of an import": (desk, "move"),
    "within the transaction of a place": (line, "note"),
    "between two files that are deleted for good": (storage, "delete", 2),
    "after the files that are deleted for good, before the row": (purge, "F"),
    "between two files that are moved": (storage, "put_file", 2),
    "after the files are copied, before the row says so": (moving, "_tell"),
    "after the row says so, before the source goes": (storage, "delete", 2),  # the first is the probe's
    "between two strays that are deleted": (storage, "delete", 2),
    "while files are restored": (storage, "put_file", 2),
    "after the files, before the database is restored": (backup, "_load"),
    "after the database is restored": (backup, "_put_secrets"),
}


def press_once(prompt: str, key: str = "", with_audio: bool = False) -> int:
    """As somebody new in a team of its own; with a key, in the team whose Wan account has it."""
    from tests.factories import MembershipFactory, ProjectFactory, UserFactory

    user = UserFactory(email=f"{uuid.uuid4()}@example.com")
    team = team_with(key)
    MembershipFactory(team=team, user=user, role="owner")
    project = ProjectFactory(team=team)
    audio = stored_audio(project, user) if with_audio else None
    recipe = press.Recipe(prompt=prompt, sent_prompt=prompt, resolution="720P", ratio="16:9", duration=2, audio=audio)
    (take,) = press.press(recipe, user=user, project=project, scene=None, takes=1, token=uuid.uuid4())
    return take.pk


def stored_audio(project: Project, user: User) -> AudioUpload:
    from tests.factories import AudioFactory

    audio = AudioFactory.build(project=project, uploaded_by=user, kind="wav", seconds=3.0)
    with storage.workspace() as directory:
        path = directory / "sound.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(b"\x01\x02" * 24_000)
        stored = storage.put_file(path, storage.audio_key(audio.uuid, "wav"), content_type="audio/wav")
    audio.storage, audio.key, audio.size, audio.sha256 = stored.storage, stored.key, stored.size, stored.sha256
    audio.save()
    return audio


def team_with(key: str) -> Team:
    from tests.factories import AccountFactory, BudgetFactory, TeamFactory

    known = WanAccount.objects.filter(name=key, team__isnull=False).first() if key else None
    team = known.team if known else TeamFactory(uses_installation_account=not key)
    if key and not known:
        account = AccountFactory.build(team=team, name=key, origin=settings.DASHSCOPE_HTTP_BASE_URL)
        account.set_api_key(key)
        account.save()
    if not key:
        BudgetFactory(team=team, scope="installation", amount=1_000_000)
    return team


def act(name: str, key: int, step: str) -> int:
    """What the take's owner does, or a late answer of Wan ("hear TASK", "refuse"); 0 when it was done."""
    name, _, about = name.partition(" ")
    take = Generation.objects.select_related("account", "project", "scene", "owner").get(pk=key)
    acts = {
        "cancel": lambda: cancel.request(take, by=take.owner).is_heard,
        "retry": lambda: retry.again(take, by=take.owner, token=uuid.uuid5(take.uuid, "retry")),
        "import": lambda: import_stray(take),
        "read": lambda: read_list(take.account),
        "first": lambda: line.put(take, "first", by=take.owner),
        "pause": lambda: line.pause(take, by=take.owner),
        "resume": lambda: line.resume(take, by=take.owner),
        "end_demo": lambda: cancel.end_demo() > 0,
        "trash": lambda: trash.trash(take, by=take.owner),
        "purge": lambda: purge.purge(take, by=take.owner) is not None,
        "empty_trash": lambda: purge.sweep() > 0,
        "move": lambda: moving.move_all("s3", delete_source=True).left == 0,
        "repair": lambda: all(orphans.repair(orphan) for orphan in orphans.find()),
        "backup": lambda: backup.make(Path(about), with_media=True),
        "restore": lambda: backup.restore(Path(about)),
        "hear": lambda: answers.accept(sent(take), TaskCreated(about, TaskStatus.PENDING, "late", clock.now(), None)),
        "refuse": lambda: answers.refuse(sent(take), Throttled("no", http_status=429)),
    }
    set_up_bucket()
    arm(step)
    done = acts[name]() if name in acts else decision.decide(take, choice=name, by=take.owner)
    return 0 if done else 1


def import_stray(neighbour: Generation) -> Generation:
    """Take in the one task that nobody knows, into the project of that take."""
    desk.request(neighbour.account)
    Reading.objects.update(held_until=None)  # a killed process's hold has ended
    desk.sweep()
    (row,) = Reading.objects.get(account=neighbour.account).tasks
    return desk.adopt(neighbour.account, row["task_id"], project=neighbour.project, by=neighbour.owner)


def read_list(account: WanAccount) -> bool:
    """As somebody at the rescue desk asks for; whether it was read."""
    desk.request(account)
    desk.sweep()
    reading = Reading.objects.get(account=account)
    return reading.read_at is not None and reading.read_at >= reading.requested_at


def sent(take: Generation) -> SubmitAttempt:
    """The first attempt of the take; it may have become another's."""
    return SubmitAttempt.objects.filter(Q(generation=take) | Q(generation__parent=take)).earliest("pk")


def set_up_bucket() -> None:
    """A second storage for those who move files, or look for them in all; nothing else is stored here."""
    options = {"location": settings.STUDIO_DATA_DIR / "bucket"}
    bucket = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    override_settings(STORAGES=settings.STORAGES | {"s3": bucket}).enable()


def arm(step: str) -> None:
    if step in STEPS:
        owner, name, *which = STEPS[step]
        calls = count(1)
        real = getattr(owner, name)
        where = which[0] if which else 1
        dies = lambda *args, **options: die() if next(calls) == where else real(*args, **options)  # noqa: E731
        setattr(owner, name, where if callable(where) else dies)
    breakers.KEY_PROBE = breakers.BILLING_PROBE = timedelta(seconds=0.3)


def leave_underived(generation: Generation, *_: object) -> None:
    Generation.objects.filter(pk=generation.pk).update(due_at=None)


def work(key: int, step: str, until: str = "ready") -> int:
    sweeps = [submit.sweep, watch.sweep, reconcile.sweep, archive.sweep]
    if until == "derived":
        sweeps.append(derive.sweep)
    else:
        derive.derive = leave_underived
    arm(step)
    scheduling.next_look = lambda take, _now: 0.2 if take.pk == key else 2.0
    reconcile.ASK_CANDIDATE_EVERY = timedelta(seconds=0.3)
    goal = Q(derived_at__isnull=False) if until == "derived" else Q(status=until)
    reached = Generation.objects.filter(goal, pk=key).exists
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        Generation.objects.filter(pk=key, waiting_for="retry").update(due_at=clock.now())
        was_there = reached()  # then it is to be worked on, and to be there still
        for sweep in sweeps:
            sweep()
            if not was_there and reached():  # where the next sweep may already take it further
                return 0
        if reached():
            return 0
        time.sleep(0.05)
    return 1


def forked(job, *args) -> None:
    """Run it in a child; answer the child's pid and its exit code."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        code = job(*args)
        connections.close_all()
        os._exit(code)
    print(pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def crowd(keys: list[int], size: int) -> int:
    """So many workers at once; the sum of their exit codes. None dies, so no claim needs to run out."""
    connections.close_all()
    pids = []
    for _ in range(size):
        pid = os.fork()
        if pid == 0:
            settings.WORK_LEASE = 60.0
            codes = [work(key, "") for key in keys]
            connections.close_all()
            os._exit(max(codes))
        pids.append(pid)
    return sum(abs(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])) for pid in pids)


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    print("ready", flush=True)
    for order in sys.stdin:
        command, *args = json.loads(order)
        if command == "press":
            print(press_once(*args), flush=True)
        elif command == "crowd":
            print(crowd(*args), flush=True)
        elif command == "act":
            forked(act, *args)
        else:
            forked(work, *args)


if __name__ == "__main__":
    main()
