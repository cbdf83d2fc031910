"""`manage.py run` as a real process: what it starts, and that nothing survives it."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OWN = ("DASHSCOPE_", "AWS_", "STUDIO_", "DJANGO_", "EMAIL_", "CELERY_", "DATABASE_URL", "CACHE_URL")
COMMANDS = {
    "simulator": "dashscope_simulator",
    "web": "gunicorn",
    "control": "control@",
    "media": "media@",
    "beat": "wanstudio beat",
}
pytestmark = pytest.mark.e2e
PATIENCE = 150.0  # seconds: other tests keep the machine busy


def until(condition, seconds: float = PATIENCE, *, about=lambda: ""):
    """The condition's first true value; fails when it does not come in time."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"did not happen in time\n{about()}"
        time.sleep(0.05)
    return value


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes(data: Path) -> dict[int, str]:
    """The command lines of all living processes of the studio on this data directory, by their environment."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"STUDIO_DATA_DIR={data}".encode() not in (entry / "environ").read_bytes().split(b"\0"):
                continue
            if (entry / "stat").read_text().rpartition(") ")[2][0] != "Z":
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


class Studio:
    """A started runner with its output in a file."""

    def __init__(self, data: Path, *, port: int | None = None, **environment: str) -> None:
        self.data, self.port = data, port or free_port()
        data.mkdir(exist_ok=True)
        self.log = data / f"output-{self.port}"
        if "DASHSCOPE_API_KEY" not in environment:
            self._have_a_simulator_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
        with self.log.open("w") as output:
            self.popen = subprocess.Popen(
                [sys.executable, "manage.py", "run", "--port", str(self.port)],
                cwd=ROOT,
                env={**kept, "STUDIO_DATA_DIR": str(data), "PYTHONWARNINGS": "", **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def _have_a_simulator_port(self) -> None:
        """The usual one may be taken by another test's studio, also between the end of this one and its next start."""
        memory = self.data / "simulator" / "port"
        if not memory.exists():
            memory.parent.mkdir(exist_ok=True)
            memory.write_text(f"{free_port()}\n")

    @property
    def output(self) -> str:
        return self.log.read_text()

    def is_up(self) -> bool:
        """Whether it said so, and each of its processes has become what it is to be."""
        assert self.popen.poll() is None, self.output
        return "Wan Studio is ready" in self.output and all(self.child(name) for name in COMMANDS)

    def child(self, name: str) -> int | None:
        """The process of that service, not one of its own children."""
        for pid, command in processes(self.data).items():
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
            if COMMANDS[name] in command and parent == self.popen.pid and "child.py" not in command:
                return pid
        return None

    def status(self, path: str) -> int:
        """What the web process answers; 0 when it does not."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            try:
                connection.request("GET", path)
                return connection.getresponse().status
            except OSError:
                return 0

    def end(self, sign: int) -> None:
        self.popen.send_signal(sign)

    def clean(self) -> None:
        for pid in {self.popen.pid, *processes(self.data)}:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.popen.wait()


def parent_of(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])
    except OSError:
        return None


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("runner") / "data"


@pytest.fixture
def start(data):
    """Starts a runner on the module's data directory; later starts find what the first has prepared."""
    started = []

    def start(directory: Path = data, **options) -> Studio:
        started.append(Studio(directory, **options))
        return started[-1]

    yield start
    for studio in started:
        studio.clean()


@pytest.fixture
def studio(start):
    studio = start()
    until(studio.is_up, about=lambda: studio.output)
    return studio


class TestDemo:
    def test_serves_alone_and_brings_back_what_dies(self, studio, start):
        assert studio.status("/healthz") == 200
        assert f"Open http://127.0.0.1:{studio.port} and press “Continue as demo creator”." in studio.output

        second = start(port=free_port())

        assert second.popen.wait(timeout=PATIENCE) == 1
        assert f"Wan Studio already runs with the data in {studio.data}" in second.output
        assert second.output.count("\n") == 1

        killed = {name: studio.child(name) for name in COMMANDS}
        offspring = {pid for pid in processes(studio.data) if parent_of(pid) in killed.values()}
        for pid in killed.values():
            os.kill(pid, signal.SIGKILL)

        until(lambda: not (offspring & set(processes(studio.data))))
        until(lambda: all(studio.child(name) not in (None, pid) for name, pid in killed.items()))
        for name in COMMANDS:
            assert f"{name} ended by signal 9; starting it again" in studio.output
        until(lambda: studio.status("/healthz") == 200)

    @pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=["interrupt", "terminate"])
    def test_a_signal_leaves_no_process(self, studio, sign):
        studio.end(sign)

        assert studio.popen.wait(timeout=PATIENCE) == 0
        until(lambda: not processes(studio.data))
        assert studio.output.endswith("Stopping …\nStopped.\n")

    def test_a_second_signal_ends_the_waiting(self, studio):
        studio.end(signal.SIGTERM)
        until(lambda: "Stopping" in studio.output)
        studio.end(signal.SIGTERM)

        assert studio.popen.wait(timeout=9) == 0
        until(lambda: not processes(studio.data))

    def test_kill_leaves_no_process_and_the_next_start_finds_the_simulator(self, studio, start):
        port = (studio.data / "simulator" / "port").read_text().strip()

        studio.end(signal.SIGKILL)

        studio.popen.wait(timeout=PATIENCE)
        until(lambda: not processes(studio.data))

        again = start()
        until(again.is_up, about=lambda: again.output)
        assert f"--port {port} " in processes(studio.data)[again.child("simulator")]


class TestKey:
    def test_with_a_key_there_is_no_demo(self, start, tmp_path):
        studio = start(tmp_path, DASHSCOPE_API_KEY="sk-nobody", DASHSCOPE_HTTP_BASE_URL="http://127.0.0.1:9/api/v1")

        until(lambda: "is ready" in studio.output, about=lambda: studio.output)

        assert "demo" not in studio.output
        assert studio.child("simulator") is None
        assert not (studio.data / "simulator").exists()


class TestRefusals:
    def test_port_in_use(self, start):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]

            studio = start(port=port)

            assert studio.popen.wait(timeout=PATIENCE) == 1
        assert studio.output == f"Port {port} of 127.0.0.1 is in use: choose another, like PORT={port + 1}.\n"

    def test_database_out_of_reach(self, start):
        secrets = dict.fromkeys(["DJANGO_SECRET_KEY", "STUDIO_SIGNING_KEY"], "x" * 60)
        keys = "ZmFrZS1rZXktZm9yLXRlc3RzLW9ubHktMDEyMzQ1Njc="
        url = f"postgres://nobody@127.0.0.1:{free_port()}/studio"

        studio = start(DATABASE_URL=url, STUDIO_ENCRYPTION_KEYS=keys, **secrets)

        assert studio.popen.wait(timeout=PATIENCE) == 1
        assert studio.output.startswith("DATABASE_URL: the database can't be used (")
        assert studio.output.count("\n") == 1
