"""`make test`: every test on SQLite and files, then those that use the database on PostgreSQL and Redis.

What is missing is installed where that is possible (as root on Debian), else named. The services belong to this run:
own ports, own directory, gone at its end. Every part runs, whatever became of those before; the exit status is 0 when
all went well. The last line is pytest's summary of the last part, the line before it starts names what has failed.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDED = {"chromium": "chromium", "redis-server": "redis-server", "postgres": "postgresql"}  # program: Debian package
SHELL = {"chromium-headless-shell": "chromium-headless-shell"}  # without it, the browser tests are slower
RABBITMQ = {"/usr/lib/rabbitmq/bin/rabbitmq-server": "rabbitmq-server"}  # without it, its tests are skipped
STRICT_S3 = {  # and so are these
    "radosgw": "radosgw",
    "ceph-mon": "ceph-mon",
    "ceph-osd": "ceph-osd",
    "ceph": "ceph-common",
    "openssl": "openssl",
}
GETTEXT = {"msgfmt": "gettext"}  # and this of the catalogues
PROXIES = {"nginx": "nginx-light", "caddy": "caddy"}  # and these of the manual's examples
PROCESSES = int(os.environ.get("TEST_PROCESSES", "2"))
PYTEST = [sys.executable, "-m", "pytest", "-n", str(PROCESSES), "--dist", "worksteal"]
ONE_BY_ONE = [*PYTEST, "-n", "0", "-m", "chaos"]
BESIDE = 10  # niceness of what uses the processors while others wait
NO_TESTS = 5  # pytest's exit status; right when the caller chose tests of one kind
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def find(program: str) -> str | None:
    """PostgreSQL's programs are not on Debian's PATH; of several versions the newest is taken."""
    found = shutil.which(program)
    if found or program not in ("postgres", "initdb", "pg_ctl"):
        return found
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: int(path.parts[4]))
    return str(versions[-1]) if versions else None


def install_missing() -> None:
    # One kind after the other: what is not to be had takes only its own kind with it.
    for programs in (NEEDED, SHELL, RABBITMQ, STRICT_S3, GETTEXT, PROXIES):
        install(missing(programs))
    if left := missing(NEEDED):
        sys.exit(f"The tests need {', '.join(left)}: install what is missing and run them again.")


def missing(programs: dict[str, str]) -> list[str]:
    return [package for program, package in programs.items() if not find(program)]


def install(packages: list[str]) -> None:
    """Try to; does nothing where it can't be done."""
    if not packages or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    say(f"Installing {', '.join(packages)}")
    apt_get("update", "-qq")
    apt_get("install", "-qq", "-y", "--no-install-recommends", *packages)


@cache  # the lists are fetched once
def apt_get(*arguments: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def say(text: str) -> None:
    print(f"── {text}", flush=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def as_postgres(command: list[str]) -> list[str]:
    """The server refuses to run as root."""
    return (
        ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command] if os.geteuid() == 0 else command
    )


@contextmanager
def postgresql(directory: Path):
    """A cluster of this run's own; its URL."""
    directory.mkdir()
    if os.geteuid() == 0:
        shutil.chown(directory, "postgres", "postgres")
    data, port = directory / "data", free_port()
    make = [
        find("initdb"),
        "-D",
        str(data),
        "-A",
        "trust",
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]
    subprocess.run(as_postgres(make), check=True, cwd="/", **QUIET)
    fast = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=160"
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={directory} {fast}"
    control = [find("pg_ctl"), "-D", str(data), "-w"]
    subprocess.run(
        as_postgres([*control, "-l", str(directory / "log"), "-o", options, "start"]), check=True, cwd="/", **QUIET
    )
    try:
        yield f"postgres://postgres@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(as_postgres([*control, "-m", "immediate", "stop"]), cwd="/", **QUIET)


@contextmanager
def redis(directory: Path):
    """A server of this run's own that keeps nothing on disk; its URL."""
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(directory)]
    server = subprocess.Popen([find("redis-server"), *options], **QUIET)
    try:
        wait_for(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


def wait_for(port: int, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def files_marked(mark: str) -> list[str]:
    """All that name the mark, for collecting thousands of tests to choose a hundred takes as long as some tests.

    Empty when none does, as for a choice of several marks.
    """
    return sorted(str(path) for path in ROOT.glob("tests/**/test_*.py") if f"mark.{mark}" in path.read_text())


def start(command: list[str], environment: dict[str, str], **options) -> subprocess.Popen:
    """In a process group of its own: Ctrl-C comes here, and is passed on once."""
    environment = {**os.environ, **environment}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, process_group=0, **options)


def wait(child: subprocess.Popen) -> int:
    try:
        return child.wait()
    except KeyboardInterrupt:
        interrupt(child)
        raise


def interrupt(child: subprocess.Popen) -> None:
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGINT)
        child.wait()


@dataclass
class Run:
    """`extra`: what the caller adds to each pytest."""

    extra: list[str]
    times: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def part(self, name: str, command: list[str], **environment: str) -> None:
        began = time.monotonic()
        say(name)
        status = wait(start(command, environment))
        self._ended(name, status, time.monotonic() - began)

    @contextmanager
    def beside(self, name: str, command: list[str]):
        """Run it while the block runs, and show afterwards what it said."""
        began = time.monotonic()
        with tempfile.TemporaryFile() as said, ThreadPoolExecutor(1) as watcher:
            child = start(command, {}, stdout=said, stderr=subprocess.STDOUT)
            ending = watcher.submit(lambda: (child.wait(), time.monotonic() - began))
            try:
                yield
                say(f"{name}, beside the others")
                status, seconds = ending.result()
            finally:
                interrupt(child)
                said.seek(0)
                shutil.copyfileobj(said, sys.stdout.buffer)
                sys.stdout.flush()
        self._ended(name, status, seconds)

    def pytest(self, choice: str, *options: str) -> list[str]:
        places = [] if self.extra else files_marked(choice)
        return [*PYTEST, "-m", choice, *options, *places, *self.extra]

    def _ended(self, name: str, status: int, seconds: float) -> None:
        self.times.append(f"{name} {seconds:.0f} s")
        if status and not (self.extra and status == NO_TESTS):
            self.failed.append(name)

    def sum_up(self) -> None:
        say(f"So far {time.monotonic() - self.began:.0f} s: {'; '.join(self.times)}")
        if self.failed:
            say(f"FAILED: {'; '.join(self.failed)}")


def deaths() -> list[str]:
    """Of single workers, not of whole studios; they wait for leases much of their time."""
    return [path for path in files_marked("chaos") if "/tests/chaos/" not in path]


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    run = Run(sys.argv[1:])
    install_missing()
    everywhere = "not e2e and not chaos and not live and not radosgw"
    with ExitStack() as beside:
        # Apart from the others: Playwright leaves an event loop behind in its process, in which Django refuses to work.
        beside.enter_context(run.beside("Browser and real processes", run.pytest("e2e")))
        if not run.extra:
            strict = [sys.executable, "-m", "tests.storage.radosgw", "--if-possible", "-q"]
            beside.enter_context(run.beside("Strict S3 server", strict))
        run.part("SQLite and files", ["nice", "-n", str(BESIDE), *run.pytest(everywhere)])
    # The storms have the cores to themselves, for what is killed every two seconds must come back in between.
    run.part("Storms", [*ONE_BY_ONE, *(run.extra or ["tests/chaos"])])
    with ExitStack() as services:
        directory = Path(services.enter_context(tempfile.TemporaryDirectory(prefix="wanstudio-services-")))
        directory.chmod(0o755)
        servers = {
            "STUDIO_TEST_DATABASE_URL": services.enter_context(postgresql(directory / "postgresql")),
            "STUDIO_TEST_BROKER_URL": services.enter_context(redis(directory)),
        }
        run.sum_up()
        if not run.extra:
            command = ["nice", "-n", str(BESIDE), *ONE_BY_ONE, *deaths()]
            services.enter_context(run.beside("Deaths at every step", command))
        # One process more, for each waits while its server works.
        run.part("PostgreSQL and Redis", run.pytest(f"database and {everywhere}", "-n", str(PROCESSES + 1)), **servers)
    return 1 if run.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
