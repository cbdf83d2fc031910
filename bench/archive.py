"""Archiving a 200 MB file: memory of the worker above idle, and time against curl to a file plus one `put_object` of
it into the same bucket.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import time
from pathlib import Path

from bench.options import QUICK
from bench.table import show
from bench.workbench import memory, workbench

MEGABYTES = 50 if QUICK else 200
AIM_MEMORY, AIM_TIME = 64.0, 1.3


def main() -> None:
    with workbench(bucket=True) as bench:
        _small, large = _rendered(bench.maker(), bench.wan, 2)
        worker = subprocess.Popen(
            [sys.executable, "-m", "bench.archive", "--worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        worker.stdout.readline()  # the small one is archived: imports are done, connections are open
        _grow(Path(bench.wan.task(large.task_id).video_path))
        curl, put = _by_hand(bench.directory, large)
        worker.stdin.write("go\n")
        worker.stdin.flush()
        idle, most, seconds = map(float, worker.stdout.readline().split())
        worker.communicate()
        rows = [
            ["", "measured", "aim"],
            ["memory above idle", f"{most - idle:.0f} MB (idle {idle:.0f} MB)", f"≤ {AIM_MEMORY:.0f} MB"],
            ["curl to a file, then put_object", f"{curl:.2f} s + {put:.2f} s", ""],
            ["archiving with every check", f"{seconds:.2f} s", ""],
            ["against curl and put_object", f"{seconds / (curl + put):.2f} ×", f"≤ {AIM_TIME} ×"],
        ]
        show(f"Archiving {MEGABYTES} MB to a bucket, against curl and put_object", rows)


def _rendered(user, wan, count: int) -> list:
    """Takes that Wan has rendered and nobody has fetched yet."""
    from generations.lifecycle import submit, watch
    from tests.generations.pressing import press_once
    from tests.way import Way

    project = user.personal_team.projects.get()
    takes = [press_once(f"take {number}", user=user, project=project) for number in range(count)]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and any(take.status != "archiving" for take in takes):
        Way().pass_time()
        submit.sweep()
        watch.sweep()
        for take in takes:
            take.refresh_from_db()
    return takes


def _grow(path: Path) -> None:
    """Append an ignored box, so that the file is as large as it shall be and still a video."""
    size = MEGABYTES * 1024 * 1024 - path.stat().st_size
    with path.open("ab") as file:
        file.write(struct.pack(">I4s", size, b"free"))
        block = os.urandom(1 << 20)
        left = size - 8
        while left > 0:
            left -= file.write(block[:left])


def _by_hand(directory: Path, take) -> tuple[float, float]:
    """Seconds of the fetch and of the put: no digests but what boto3 makes by itself, no fsync, nothing asked back."""
    client = _client()
    target = directory / "by-hand.mp4"
    began = time.perf_counter()
    subprocess.run(["curl", "-sSf", "-o", str(target), take.result_url], check=True)
    fetched = time.perf_counter()
    with target.open("rb") as file:
        client.put_object(Bucket="library", Key="by-hand.mp4", Body=file)
    return fetched - began, time.perf_counter() - fetched


def _client():
    """As the first example of boto3's documentation makes it, warm."""
    import boto3

    url = os.environ["BENCH_BUCKET_URL"]
    client = boto3.Session("key", "secret", region_name="us-east-1").client("s3", endpoint_url=url)
    client.list_objects_v2(Bucket="library", MaxKeys=1)
    return client


def work() -> None:
    """The worker's side: archive what is due, once warm and once measured."""
    import django

    django.setup()
    from generations.lifecycle import archive
    from generations.models import Generation, Status

    takes = Generation.objects.filter(status=Status.ARCHIVING).order_by("pk")
    first, second = takes
    Generation.objects.filter(pk=second.pk).update(due_at=None)
    archive.sweep()
    print("warm", flush=True)
    sys.stdin.readline()
    Generation.objects.filter(pk=second.pk).update(due_at=first.created_at)
    idle = memory(os.getpid())
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    began = time.time()
    archive.sweep()
    second.refresh_from_db()
    assert second.status == Status.READY, second.status
    seconds = second.ready_at.timestamp() - began  # posters come after that
    print(idle, memory(os.getpid(), "VmHWM"), seconds, flush=True)


if __name__ == "__main__":
    work() if "--worker" in sys.argv else main()
