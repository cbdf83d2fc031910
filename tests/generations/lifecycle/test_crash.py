"""kill -9 of the worker at each step of the way: afterwards the clip is READY, and Wan has made and billed it once.

Once on SQLite and once on PostgreSQL with Redis: they differ in how rows are locked and what a killed client leaves.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.run import find, postgresql, redis

pytestmark = pytest.mark.chaos
ROOT = Path(__file__).parents[3]
STEPS = [
    "before the attempt is committed",
    "after the attempt, before the call",
    "after the answer, before it is written",
    "while the answer is written",
    "between the claim and the query",
    "after the query, before its move",
    "in the middle of the download",
    "after the download, before it is a spooled file",
    "after the spooled file, before the put",
    "in the middle of the put",
    "after the put, before READY",
    "after READY, before deriving",
    "while deriving",
]


class Lab:
    """The simulator and the worker's launcher, each a process of its own. `servers`: environment that names others."""

    def __init__(self, directory: Path, servers: dict[str, str]) -> None:
        self.directory, self.database_url = directory, servers.get("STUDIO_TEST_DATABASE_URL")
        simulator = ["-m", "dashscope_simulator", "--port", "0", "--render", "small", "--render-seconds", "0"]
        self.wan = self._start([*simulator, "--data-dir", str(directory / "wan"), "--die-with-parent"], {})
        self.wan_url = self.wan.stdout.readline().split()[-1]
        self.launcher = self._start(
            ["-m", "tests.crash_worker"],
            {
                "DJANGO_SETTINGS_MODULE": "tests.settings_crash",
                "STUDIO_TEST_DATA_DIR": str(directory / "studio"),
                "CRASH_WAN_URL": self.wan_url,
                **servers,
            },
        )
        assert self.launcher.stdout.readline().strip() == "ready"

    def _start(self, arguments: list[str], extra: dict[str, str]) -> subprocess.Popen[str]:
        others = ("STUDIO_TEST_DATABASE_URL", "STUDIO_TEST_BROKER_URL")
        kept = {name: value for name, value in os.environ.items() if name not in others}
        with (self.directory / f"{arguments[1]}.log").open("w") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=kept | extra,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def stop(self) -> None:
        for process in (self.launcher, self.wan):
            process.kill()
            process.communicate()

    def crowd(self, takes: list[int], size: int) -> int:
        return self._command("crowd", takes, size)

    def _command(self, *command: object) -> int:
        self.launcher.stdin.write(json.dumps(command) + "\n")
        self.launcher.stdin.flush()
        return int(self.launcher.stdout.readline())

    def press(self, prompt: str, key: str = "", *, with_audio: bool = False) -> int:
        return self._command("press", prompt, key, with_audio)

    def start(self, take: int, step: str = "", until: str = "ready") -> int:
        """The pid of a new worker."""
        return self._command("work", take, step, until)

    def work(self, take: int, step: str = "", until: str = "ready") -> int:
        """The exit code of a new worker, when it has ended."""
        self.start(take, step, until)
        return self.ended()

    def act(self, name: str, take: int, step: str = "") -> int:
        """The exit code of a process that does what a person does."""
        self._command("act", name, take, step)
        return self.ended()

    def ended(self) -> int:
        """Its exit code, when it has ended."""
        return int(self.launcher.stdout.readline())

    def control(self, path: str, body: object = None) -> object:
        url = self.wan_url.replace("/api/v1", f"/simulator/{path}")
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(url, data, timeout=60) as answer:
            return json.load(answer)

    def created(self, prompt: str) -> list[dict]:
        return [entry for entry in self.control("ledger") if entry["prompt"] == prompt]

    def row(self, take: int) -> dict | sqlite3.Row:
        query = f"SELECT * FROM generations_generation WHERE id = {take:d}"
        if self.database_url:
            with psycopg.connect(self.database_url, row_factory=dict_row) as database:
                return database.execute(query).fetchone()
        with closing(sqlite3.connect(self.directory / "studio" / "studio.sqlite3")) as database:
            database.row_factory = sqlite3.Row
            return database.execute(query).fetchone()

    def assert_ready_once(self, take: int, prompt: str) -> None:
        """READY with Wan's bytes, made once, billed once, and our books say the same."""
        row = self.row(take)
        (made,) = self.created(prompt)
        stored = self.directory / "studio" / "media" / row["video_key"]
        assert row["status"] == "ready"
        assert row["task_id"] == made["task_id"]
        assert hashlib.sha256(stored.read_bytes()).hexdigest() == row["video_sha256"] == made["video_sha256"]
        assert made["billed_seconds"] == 2
        assert (float(row["cost"]), float(row["reserved"])) == (float(row["price_per_second"]) * 2, 0)
        assert float(row["possibly_charged"]) == 0


@pytest.fixture(scope="module", params=["SQLite", "PostgreSQL and Redis"])
def lab(request, tmp_path_factory):
    with ExitStack() as stack:
        servers = {}
        if request.param != "SQLite":
            if not (find("postgres") and find("redis-server")):
                pytest.fail("This needs PostgreSQL and Redis: tests/run.py installs them.")
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wanstudio-crash-")))
            directory.chmod(0o755)  # for the user that PostgreSQL runs as
            servers["STUDIO_TEST_DATABASE_URL"] = stack.enter_context(postgresql(directory / "postgresql"))
            servers["STUDIO_TEST_BROKER_URL"] = stack.enter_context(redis(directory))
        lab = Lab(tmp_path_factory.mktemp("crash"), servers)
        yield lab
        lab.stop()


class TestKill:
    @pytest.mark.parametrize("step", STEPS)
    def test_at_any_step_costs_neither_the_clip_nor_a_second_create(self, lab, step):
        prompt = f"A harbour, {step}"
        take = lab.press(prompt)
        until = "derived" if "deriving" in step else "ready"

        lab.start(take, step, until)
        assert lab.ended() == -signal.SIGKILL
        lab.start(take, "", until)

        assert lab.ended() == 0
        lab.assert_ready_once(take, prompt)

    def test_while_the_answer_is_awaited_costs_neither(self, lab):
        prompt = "A harbour, while the answer is awaited [fault: delay_create_answer=0.9]"
        take = lab.press(prompt)

        pid = lab.start(take)
        deadline = time.monotonic() + 60
        while not lab.created(prompt) and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)
        assert lab.ended() == -signal.SIGKILL
        assert lab.row(take)["status"] == "submitting"
        lab.start(take)

        assert lab.ended() == 0
        lab.assert_ready_once(take, prompt)

    @pytest.mark.parametrize(
        ("fault", "step"),
        [
            ("drop_create_answer=1", "before a found task is linked"),
            ("create_500_not_accepted=1", "before certain absence is written"),
        ],
    )
    def test_while_a_lost_answer_is_looked_for_costs_neither(self, lab, fault, step):
        prompt = f"A harbour, {step} [fault: {fault}]"
        take = lab.press(prompt)

        lab.start(take, step)
        assert lab.ended() == -signal.SIGKILL
        lab.start(take)

        assert lab.ended() == 0
        lab.assert_ready_once(take, prompt)

    def test_again_and_again_on_the_way_of_one_clip_costs_neither(self, lab):
        prompt = "A harbour, again and again"
        take = lab.press(prompt)
        for step in ("while the answer is written", "before a found task is linked", "after the put, before READY"):
            lab.start(take, step)
            assert lab.ended() == -signal.SIGKILL
        lab.start(take)

        assert lab.ended() == 0
        lab.assert_ready_once(take, prompt)


class TestThreeWorkersAtOnce:
    def test_send_and_save_each_take_once_and_stay_within_wans_limits(self, lab):
        prompts = [f"A harbour for three, {n}" for n in range(6)]
        takes = [lab.press(prompt) for prompt in prompts]
        before = lab.control("counts")

        assert lab.crowd(takes, 3) == 0

        after = lab.control("counts")
        for take, prompt in zip(takes, prompts, strict=True):
            lab.assert_ready_once(take, prompt)
        assert (after["create"] - before["create"], after["download"] - before["download"]) == (6, 6)
        assert (after["create_429"], after["query_429"], after["list_429"]) == (0, 0, 0)
