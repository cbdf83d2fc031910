"""A studio's real processes, one by one killed with -9 and started again.

Used from the main thread only: on Linux the kernel ties a child's life to the thread that made it.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.run import ROOT, find
from wanstudio.runner import services

CHILD = ROOT / "wanstudio" / "runner" / "child.py"
WORKERS_SHARE = 0.9  # of the kills that hit a process which works again
SPARED = 1.5  # times the seconds that a start takes now: who was killed gets to work again, on a slow machine, too
OWN_SHARE = 0.7  # of the kills that hit the process itself; the others hit one of its children


@dataclass
class Member:
    name: str
    command: list[str]
    log: Path
    environment: dict[str, str]
    popen: subprocess.Popen | None = None
    starts: int = 0
    started_at: float = 0.0
    works_since: float | None = None

    @property
    def _sign(self) -> Path:
        return self.log.with_suffix(".works")

    def start(self) -> None:
        self._sign.unlink(missing_ok=True)
        detour = [sys.executable, "-I", "-S", str(CHILD), str(os.getpid())]
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                [*detour, *self.command],
                cwd=ROOT,
                env={**self.environment, "CHAOS_SIGN": str(self._sign)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.starts += 1
        self.started_at, self.works_since = time.monotonic(), None

    def looks_up(self) -> bool:
        """Whether it has taken up its work since it was asked last."""
        if self.works_since or not self._is_there():
            return False
        self.works_since = time.monotonic()
        return True

    def _is_there(self) -> bool:
        """Workers and beat say so; the web has processes that answer."""
        return bool(self._sign.exists() or self.name == "redis" or (self.name == "web" and self.children()))

    def has_ended(self) -> bool:
        return self.popen is None or self.popen.poll() is not None

    def children(self) -> list[int]:
        try:
            listed = Path(f"/proc/{self.popen.pid}/task/{self.popen.pid}/children").read_text()
        except OSError:
            return []
        return [int(pid) for pid in listed.split()]

    def signal(self, sign: signal.Signals) -> None:
        if not self.has_ended():
            self.popen.send_signal(sign)


@dataclass
class Fleet:
    """`members` run with one environment; `mark` is a value in it that only they have."""

    directory: Path
    environment: dict[str, str]
    mark: str
    members: dict[str, Member] = field(default_factory=dict)
    kills: list[str] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)  # seconds until work was taken up
    _aim: tuple[bool, bool, float] | None = None

    def add(self, name: str, command: list[str], **environment: str) -> Member:
        self.members[name] = Member(name, command, self.directory / f"{name}.log", self.environment | environment)
        return self.members[name]

    def add_studio(self, port: int) -> None:
        web, *workers = services.web("127.0.0.1", port, reload=False), *services.workers()
        self.add(web.name, [*web.command, "--workers", "1"])  # half the start
        for service in workers:
            self.add(service.name, service.command, **service.environment)

    def add_redis(self, port: int) -> None:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.add("redis", [find("redis-server"), *options, "--dir", str(self.directory)])

    def keep_running(self) -> None:
        """Start what does not run."""
        for member in self.members.values():
            if member.has_ended():
                member.start()
            elif member.looks_up() and member.name != "redis":  # which is there at once
                self.starts.append(member.works_since - member.started_at)

    def works(self) -> bool:
        """Whether all do; starts what does not run."""
        self.keep_running()
        return all(member.works_since for member in self.members.values())

    @property
    def start_seconds(self) -> float:
        """What a start takes on this machine now."""
        return max(self.starts[-3:])

    def kill_one(self, chance: random.Random) -> bool:
        """Most kills hit somebody who has worked for a while since the last one. False as long as nobody has.

        Whom it is to hit is drawn once: drawn anew at each look, it would soon be one of those that are starting.
        """
        if self._aim is None:
            self._aim = (chance.random() < WORKERS_SHARE, chance.random() < OWN_SHARE, chance.random())
        wants_worker, is_own, pick = self._aim
        before = time.monotonic() - SPARED * self.start_seconds
        running = [member for member in self.members.values() if not member.has_ended()]
        workers = [member for member in running if member.works_since and member.works_since < before]
        possible = workers if wants_worker else running
        if not possible:
            return False
        self._aim = None
        member = chance.choice(possible)
        children = member.children()
        victim = member.popen.pid
        if children and not is_own:
            victim = children[int(pick * len(children))]
        os.kill(victim, signal.SIGKILL)
        self.kills.append(member.name if victim == member.popen.pid else f"{member.name}'s child")
        return True

    def stop(self, grace: float) -> None:
        for member in self.members.values():
            member.signal(signal.SIGTERM)
        deadline = time.monotonic() + grace
        for member in self.members.values():
            if member.popen is None:
                continue
            try:
                member.popen.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                member.popen.kill()
                member.popen.wait()

    def leftovers(self, patience: float = 60.0) -> list[str]:
        """Command lines of processes of this fleet that are still there after `patience` seconds."""
        deadline = time.monotonic() + patience
        while (left := self._alive()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return left

    def _alive(self) -> list[str]:
        found = []
        for directory in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (directory / "environ").read_bytes():
                    found.append((directory / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue  # it has ended meanwhile
        return found

    def tails(self, lines: int = 15) -> str:
        parts = []
        for member in self.members.values():
            text = member.log.read_text(errors="replace") if member.log.is_file() else ""
            parts.append(f"── {member.name}, started {member.starts} times\n" + "\n".join(text.splitlines()[-lines:]))
        return "\n".join(parts)
