"""`make test`: every test on SQLite and files, then those that use the database on PostgreSQL and Redis.

What is missing is installed where that is possible (as root on Debian), else named. The services belong to this run:
own ports, own directory, gone at its end. The last line is pytest's summary of the last run.
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
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDED = {"chromium": "chromium", "redis-server": "redis-server", "postgres": "postgresql"}  # program: Debian package
PYTEST = [sys.executable, "-m", "pytest", "-n", os.environ.get("TEST_PROCESSES", "2"), "--dist", "loadscope"]
WISHED = {"/usr/lib/rabbitmq/bin/rabbitmq-server": "rabbitmq-server"}  # its tests are skipped where it is not
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
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install(missing(NEEDED))
        install(missing(WISHED))
    if left := missing(NEEDED):
        sys.exit(f"The tests need {', '.join(left)}: install what is missing and run them again.")


def missing(programs: dict[str, str]) -> list[str]:
    return [package for program, package in programs.items() if not find(program)]


def install(packages: list[str]) -> None:
    if not packages:
        return
    say(f"Installing {', '.join(packages)}")
    quiet_apt = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", *command], env=quiet_apt, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


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
    fast = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"
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


def wait_for(port: int, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def pytest(name: str, arguments: list[str], *, alone: bool = False, **environment: str) -> int:
    started = time.monotonic()
    say(name)
    # Its own session: Ctrl-C comes here, and is passed on once.
    command = [*PYTEST, *(["-n", "0"] if alone else []), *arguments]
    child = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, start_new_session=True)
    try:
        status = child.wait()
    except KeyboardInterrupt:
        os.killpg(child.pid, signal.SIGINT)
        child.wait()
        raise
    TIMES.append(f"{name} {time.monotonic() - started:.0f} s")
    return 0 if arguments[2:] and status == NO_TESTS else status


def storage() -> int:
    """Against a strict S3 server, where that is installed or can be; elsewhere a line says that it was skipped."""
    started = time.monotonic()
    say("Strict S3 server")
    command = [sys.executable, "-m", "tests.storage.radosgw", "--if-possible", "-q"]
    status = subprocess.run(command, cwd=ROOT).returncode
    TIMES.append(f"Strict S3 server {time.monotonic() - started:.0f} s")
    return status


TIMES: list[str] = []


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    extra = sys.argv[1:]
    install_missing()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wanstudio-services-")))
        directory.chmod(0o755)
        files = pytest("SQLite and files", ["-m", "not e2e and not chaos and not live and not radosgw", *extra])
        # Apart from the others: Playwright leaves an event loop behind in its process, in which Django refuses to work.
        real = pytest("Browser and real processes", ["-m", "e2e and not chaos", *extra])
        # Alone: what is killed every two seconds must have the cores to come back in between.
        chaos = pytest("Chaos", ["-m", "chaos", *extra], alone=True)
        strict = 0 if extra else storage()
        servers = {
            "STUDIO_TEST_DATABASE_URL": stack.enter_context(postgresql(directory / "postgresql")),
            "STUDIO_TEST_BROKER_URL": stack.enter_context(redis(directory)),
        }
        say(f"So far: {'; '.join(TIMES)}")
        selection = ["-m", "database and not e2e and not chaos and not live and not radosgw", *extra]
        served = pytest("PostgreSQL and Redis", selection, **servers)
    return files or real or chaos or strict or served


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
