"""A studio for one part of the bench: own data, own simulator, real processes, and Django set up in this process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.chaos.fleet import Fleet
from tests.chaos.person import Person
from tests.run import ROOT, free_port, postgresql, redis, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accounts.models import User
    from dashscope_simulator import Simulator
    from dashscope_simulator.records import TaskRecord


@dataclass
class Workbench:
    directory: Path
    fleet: Fleet
    wan: Simulator
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *names: str) -> None:
        """Some of "web", "control", "media", "beat"; returns when the web, if asked for, answers."""
        for name in names:
            self.fleet.members[name].start()
        if "web" in names:
            Person(self.url).wait()

    def tasks(self) -> list[TaskRecord]:
        """All that the simulator ever accepted."""
        return [self.wan.task(entry.task_id) for entry in self.wan.ledger()]

    def unscheduled(self, count: int) -> int:
        """How many of `count` takes Wan has not begun to render."""
        return count - sum(task.scheduled_at is not None for task in self.tasks())

    def maker(self, email: str = "maker@example.com") -> User:
        from accounts.models import User

        return User.objects.create_superuser(email, "bench")


@contextmanager
def workbench(
    *, scale: float = 1.0, servers: bool = False, bucket: bool = False, **wan_options: Any
) -> Iterator[Workbench]:
    """Once per process: Django's settings can't be changed. `servers`: PostgreSQL and Redis; `bucket`: instead of
    local files a bucket "library" of an S3 server.
    """
    from dashscope_simulator import Simulator

    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wanstudio-bench-")))
        directory.chmod(0o755)
        wan = Simulator(data_dir=directory / "wan", **{"render": "none", **wan_options})
        stack.enter_context(wan)
        environment = {"STUDIO_TEST_DATA_DIR": str(directory), "BENCH_WAN_URL": wan.base_url, "BENCH_SCALE": str(scale)}
        if servers:
            environment["STUDIO_TEST_DATABASE_URL"] = stack.enter_context(postgresql(directory / "postgresql"))
            environment["STUDIO_TEST_BROKER_URL"] = stack.enter_context(redis(directory))
        if bucket:
            environment["BENCH_BUCKET_URL"] = stack.enter_context(s3_server())
        set_up_django(environment)
        fleet, port = Fleet(directory, dict(os.environ), mark=f"STUDIO_TEST_DATA_DIR={directory}"), free_port()
        fleet.add_studio(port)
        stack.callback(fleet.stop, 10.0)
        yield Workbench(directory, fleet, wan, port)


@contextmanager
def s3_server() -> Iterator[str]:
    """Its URL; with an empty bucket "library"."""
    import boto3

    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, 60.0)
        client = boto3.Session("key", "secret", region_name="us-east-1").client(
            "s3", endpoint_url=f"http://127.0.0.1:{port}"
        )
        client.create_bucket(Bucket="library")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()


def set_up_django(environment: dict[str, str]) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
        **environment,
    }
    prepare = [sys.executable, "manage.py", "prepare"]
    subprocess.run(prepare, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    import django

    django.setup()


def memory(pid: int, field: str = "VmRSS") -> float:
    """MB of a process; `VmHWM` is the most it ever had."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
