"""A ZIP of 1,000 clips as it leaves the server: memory above idle, and time beside reading the films."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

from bench.options import QUICK
from bench.table import show
from bench.workbench import memory, workbench

FEW, MANY = (20, 200) if QUICK else (50, 1_000)
MEGABYTES = 4
AIM_MEMORY = 16.0


def main() -> None:
    with workbench() as bench:
        user = bench.maker()
        paths = _clips(bench, user, MANY)
        few, many = _streamed(user, FEW), _streamed(user, MANY)
        began = time.perf_counter()
        for path in paths:
            subprocess.run(["cat", str(path)], stdout=subprocess.DEVNULL, check=True)
        by_hand = time.perf_counter() - began
        rows = [["", f"{FEW} clips", f"{MANY:,} clips", "aim"]]
        rows.append(["bytes sent", few["bytes"], many["bytes"], "the length that was told"])
        growth = f"≤ {AIM_MEMORY:.0f} MB, the same for both"
        rows.append(["memory above idle", f"{few['grown']:.1f} MB", f"{many['grown']:.1f} MB", growth])
        rows.append(["first byte", f"{few['first']:.2f} s", f"{many['first']:.2f} s", ""])
        rows.append(["all of it", f"{few['all']:.2f} s", f"{many['all']:.2f} s", ""])
        note = f"A `cat` of each of the {MANY:,} films takes {by_hand:.2f} s."
        show(f"ZIP of many clips of {MEGABYTES} MB from local files", rows, note=note)


def _clips(bench, user, count: int) -> list[Path]:
    """READY takes whose films are links to one file, so that the disk need not hold gigabytes."""
    from django.utils import timezone

    from bench.rows import queued
    from generations import storage
    from generations.models import Generation, Status

    film = bench.directory / "film.mp4"
    film.write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0" + os.urandom((MEGABYTES << 20) - 16))
    paths, now = [], timezone.now()
    root = Path(storage.storages["local"].location)
    for take in queued(user, count):
        key = storage.generation_key(take.uuid, "video.mp4")
        path = root / key
        path.parent.mkdir(parents=True)
        path.hardlink_to(film)
        paths.append(path)
        ready = {"status": Status.READY, "ready_at": now, "finished_at": now, "due_at": None, "seed": 7}
        stored = {"storage": "local", "video_key": key, "video_size": MEGABYTES << 20, "video_sha256": uuid.uuid4().hex}
        Generation.objects.filter(pk=take.pk).update(**ready, **stored)
    return paths


def _streamed(user, count: int) -> dict[str, float]:
    """By a server process of its own, as gunicorn would take it: chunk by chunk."""
    worker = [sys.executable, "-m", "bench.zip", "--worker", str(user.pk), str(count)]
    answer = subprocess.run(worker, check=True, capture_output=True, text=True).stdout.split()
    sent, idle, most, first, last = map(float, answer)
    return {"bytes": int(sent), "grown": most - idle, "first": first, "all": last}


def work(pk: int, count: int) -> None:
    import django

    django.setup()
    from django.test import Client

    from accounts.models import User
    from bench.rows import project_of
    from generations.models import Generation

    user = User.objects.get(pk=pk)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    takes = [str(take) for take in Generation.objects.values_list("uuid", flat=True)[:FEW]]
    asked = {"take": takes} if count == FEW else {"project": str(project_of(user).uuid)}
    for _chunk in client.get("/generations/zip", {"take": takes[:2]}).streaming_content:
        pass  # once, so that imports are done and templates are read
    idle = memory(os.getpid())
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    began = time.perf_counter()
    response = client.get("/generations/zip", asked)
    sent, first = 0, 0.0
    for chunk in response.streaming_content:
        first = first or time.perf_counter() - began
        sent += len(chunk)
    assert sent == int(response["Content-Length"]), (sent, response["Content-Length"])
    print(sent, idle, memory(os.getpid(), "VmHWM"), first, time.perf_counter() - began)


if __name__ == "__main__":
    if "--worker" in sys.argv:
        work(*map(int, sys.argv[-2:]))
    else:
        main()
