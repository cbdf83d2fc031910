"""One storm: takes are pressed while a random process is killed with -9 every two seconds, until few are left."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.chaos import settings, wan
from tests.chaos.books import Books
from tests.chaos.fleet import Fleet
from tests.chaos.person import Person, Presses, Wish, wishes
from tests.run import ROOT, free_port, postgresql
from tests.wanstudio.test_runner import until

KILL_EVERY = 2.0  # seconds
CALM = 7  # takes that are unfinished when the killing ends: Wan's slots and the buffer
RENDER_SECONDS = 1.0
LIST_FAILS = 0.1  # times per kill
STUCK = 600.0  # seconds in which no take is finished

# What the last kill may cost a take: its lease runs out, its create is past its deadline, the list is read. When it was
# certainly not there, it goes the whole way once more, and nothing of that takes longer again.
LEASE = max(settings.WORK_LEASE, settings.SUBMIT_LEASE)
RECONCILE_GRACE = settings.STUCK_MARGIN + settings.RECONCILE_READINGS[1]
LONGEST_STANDSTILL = LEASE + settings.POST_DEADLINE + RECONCILE_GRACE
ONCE_MORE = LEASE + RENDER_SECONDS + settings.LOOK_PENDING
LONGEST_WAIT = LONGEST_STANDSTILL + ONCE_MORE


@dataclass
class Aftermath:
    """What can be said once the storm is over."""

    seed: int
    wishes: dict[str, Wish]  # by prompt
    takes: list[dict]
    stories: dict[int, str]  # by primary key
    attempts: list[dict]
    candidates: list[dict]
    ledger: list[dict]
    counts: dict[str, int]
    stored: dict[int, str]  # sha256 of the stored file by primary key
    kills: Counter[str]
    seconds: float
    start_seconds: float  # that the slowest start took
    calmed_in: float  # seconds from the last kill to the last finished take
    standstills: dict[int, float]  # by primary key: the longest time after the last kill in which nothing happened
    leftovers: list[str]
    tails: str

    @property
    def summary(self) -> str:
        return (
            f"CHAOS_SEED={self.seed}, {len(self.takes)} takes in {self.seconds:.0f} s, "
            f"{self.kills.total()} kills {dict(self.kills)}, {len(self.ledger)} creates, "
            f"{len(self.attempts)} attempts; a start takes {self.start_seconds:.1f} s; "
            f"done {self.calmed_in:.1f} s after the last kill (limit {LONGEST_WAIT:.0f} and two starts), the longest "
            f"standstill {max(self.standstills.values()):.1f} s (limit {LONGEST_STANDSTILL:.0f} and two starts)"
        )

    def tell(self, *takes: dict) -> str:
        """For a failing test: the seed, and all that happened to the takes at fault."""
        about = "\n".join(self.stories[take["id"]] for take in takes[:3])
        return f"{self.summary}\n{about}\n{self.tails}"


def storm(*, count: int, seed: int, servers: bool) -> Aftermath:
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wanstudio-storm-")))
        directory.chmod(0o755)
        database = stack.enter_context(postgresql(directory / "postgresql")) if servers else ""
        options = ("--render", "small", "--render-seconds", str(RENDER_SECONDS), "--seed", str(seed))
        service = stack.enter_context(wan.running(directory / "wan", *options))
        redis_port = free_port()
        servers = {"STUDIO_TEST_DATABASE_URL": database, "STUDIO_TEST_BROKER_URL": f"redis://127.0.0.1:{redis_port}/0"}
        fleet = fleet_of(directory, service.base_url, servers if database else {})
        if database:
            fleet.add_redis(redis_port)
        stack.callback(fleet.stop, 10.0)
        return Storm(fleet, Books(database or directory / "studio.sqlite3"), service, seed).run(count)


def fleet_of(directory: Path, wan_url: str, servers: dict[str, str]) -> Fleet:
    """Nobody yet, on a prepared database. `servers`: what names other ones than SQLite and files."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("STUDIO_", "CELERY_"))}
    environment |= {"DJANGO_SETTINGS_MODULE": "tests.chaos.settings", "STUDIO_TEST_DATA_DIR": str(directory)}
    environment |= {"CHAOS_WAN_URL": wan_url, "PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
    environment |= servers
    prepare = [sys.executable, "manage.py", "prepare"]
    subprocess.run(prepare, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return Fleet(directory, environment, mark=f"STUDIO_TEST_DATA_DIR={directory}")


class Storm:
    def __init__(self, fleet: Fleet, books: Books, service: wan.Wan, seed: int) -> None:
        self._fleet, self._books, self._wan, self._seed = fleet, books, service, seed
        self._chance = random.Random(seed)
        self._start_seconds = 0.0
        self._killed_at = datetime.now(UTC)

    def run(self, count: int) -> Aftermath:
        began = time.monotonic()
        port = self._start()
        presses = wishes(count, self._chance)
        person = Person(f"http://127.0.0.1:{port}")
        person.sign_up()
        pressing = Presses(person, presses, pause=0.1)
        pressing.start()
        self._kill_until_calm(pressing)
        calmed_in = self._wait_for_the_rest(6 * LONGEST_WAIT)
        self._fleet.stop(10.0)
        return self._look(presses, seconds=time.monotonic() - began, calmed_in=calmed_in)

    def _start(self) -> int:
        began, port = time.monotonic(), free_port()
        self._fleet.add_studio(port)
        until(self._fleet.works, seconds=STUCK, about=self._fleet.tails)
        Person(f"http://127.0.0.1:{port}").wait()
        self._start_seconds = time.monotonic() - began
        return port

    def _kill_until_calm(self, pressing: Presses) -> None:
        kill_at = moved_at = time.monotonic()
        finished = 0
        while pressing.is_alive() or self._books.unfinished() > CALM:
            if (now_finished := self._books.finished()) > finished:
                finished, moved_at = now_finished, time.monotonic()
            assert time.monotonic() < moved_at + STUCK, f"CHAOS_SEED={self._seed}: stuck\n{self._whats_left()}"
            self._fleet.keep_running()
            self._start_seconds = max(self._start_seconds, self._fleet.start_seconds)
            if time.monotonic() >= kill_at and self._fleet.kill_one(self._chance):
                kill_at = time.monotonic() + KILL_EVERY
                self._killed_at = datetime.now(UTC)
                if self._chance.random() < LIST_FAILS:
                    self._wan.add_fault("list_500")
            time.sleep(0.1)
        if pressing.error:
            raise pressing.error

    def _wait_for_the_rest(self, patience: float) -> float:
        began = time.monotonic()
        while self._books.unfinished():
            waited = time.monotonic() - began
            assert waited < patience, f"CHAOS_SEED={self._seed}: stuck\n{self._whats_left()}"
            self._fleet.keep_running()
            time.sleep(0.1)
        return time.monotonic() - began

    def _whats_left(self) -> str:
        left = [take for take in self._books.takes() if take["finished_at"] is None]
        stories = "\n".join(self._books.story(take) for take in left[:5])
        return f"{dict(self._books.by_status())}\n{stories}\n{self._fleet.tails()}"

    def _look(self, presses: list[Wish], *, seconds: float, calmed_in: float) -> Aftermath:
        takes = self._books.takes()
        return Aftermath(
            seed=self._seed,
            wishes={wish.prompt: wish for wish in presses},
            takes=takes,
            stories={take["id"]: self._books.story(take) for take in takes},
            attempts=self._books.attempts(),
            candidates=self._books.candidates(),
            ledger=self._wan.ask("ledger"),
            counts=self._wan.ask("counts"),
            stored={take["id"]: self._sha256(take) for take in takes if take["status"] == "ready"},
            kills=Counter(self._fleet.kills),
            seconds=seconds,
            start_seconds=self._start_seconds,
            calmed_in=calmed_in,
            standstills={take["id"]: self._books.standstill(take, self._killed_at) for take in takes},
            leftovers=self._fleet.leftovers(),
            tails=self._fleet.tails(),
        )

    def _sha256(self, take: dict) -> str:
        return hashlib.sha256((self._fleet.directory / "media" / take["video_key"]).read_bytes()).hexdigest()
