"""What `manage.py run` decides before anything starts: one runner per data directory, free ports, demo or not."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
import time
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

from wanstudio import environment as env
from wanstudio import filesystem_broker

SIMULATOR_PORT = 8787
PORT_PATIENCE = 3.0  # seconds that a runner which was just killed needs to give its ports back


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def port(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 65_536:
        raise ImproperlyConfigured(f"PORT is {value!r}: give a number from 1 to 65535.")
    return int(value)


def lock(directory: Path, address: Address) -> TextIO:
    """Hold the data directory as long as the returned file is open; refuse when another runner holds it."""
    directory.mkdir(parents=True, exist_ok=True)
    file = (directory / "run.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as held:
        file.seek(0)
        where = file.read().strip() or "another address"
        file.close()
        raise ImproperlyConfigured(f"Wan Studio already runs with the data in {directory}, at {where}.") from held
    file.truncate(0)
    file.write(address.url)
    file.flush()
    return file


def is_free(host: str, port: int, *, patience: float = 0.0) -> bool:
    """Whether a server could listen there within `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                if time.monotonic() > deadline:
                    return False
            else:
                return True
        time.sleep(0.1)


@dataclass
class HeldPort:
    """A port of this machine that no other runner takes as long as `hold` is open, before anything listens there, too.

    Two studios that start at the same moment would otherwise send their takes to one simulator.
    """

    number: int
    hold: TextIO

    def release(self) -> None:
        self.hold.close()


def simulator_port(directory: Path) -> HeldPort:
    """The data directory's own port, so that the simulator's older links go on working; a new one when it is taken."""
    memory = directory / "port"
    known = memory.read_text().strip() if memory.is_file() else ""
    wanted = port(known) if known.isdecimal() else SIMULATOR_PORT
    chosen = _hold(wanted, patience=PORT_PATIENCE if known else 0.0)
    while chosen is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            some = probe.getsockname()[1]
        chosen = _hold(some)
    directory.mkdir(parents=True, exist_ok=True)
    memory.write_text(f"{chosen.number}\n")
    return chosen


def _hold(number: int, *, patience: float = 0.0) -> HeldPort | None:
    """None when another runner has it, or something listens there."""
    try:
        hold = (Path(tempfile.gettempdir()) / f"wanstudio-port-{number}.lock").open("a")
    except OSError:  # another person's
        return None
    try:
        fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        hold.close()
        return None
    if is_free("127.0.0.1", number, patience=patience):
        return HeldPort(number, hold)
    hold.close()
    return None


def wants_demo(address: Address) -> bool:
    """No key anywhere, nobody outside this machine can reach it, and the environment leaves the choice to us."""
    if settings.DASHSCOPE_API_KEY or env.text("STUDIO_DEMO"):
        return False
    base = env.text("STUDIO_BASE_URL")
    if not address.is_loopback or (base and not is_loopback(urlsplit(base).hostname or "")):
        return False
    return not a_team_holds_a_key()


def a_team_holds_a_key() -> bool:
    """Asked before the migrations: a database without the table holds no keys."""
    from generations.models import WanAccount

    try:
        if WanAccount._meta.db_table not in connection.introspection.table_names():
            return False
        return WanAccount.objects.filter(encrypted_key__isnull=False).exists()
    except DatabaseError as wrong:
        reason = str(wrong).strip().splitlines()[0] if str(wrong).strip() else type(wrong).__name__
        raise ImproperlyConfigured(f"DATABASE_URL: the database can't be used ({reason}).") from wrong
    finally:
        connection.close()


def demo_environment(port: int) -> dict[str, str]:
    return {
        "STUDIO_DEMO": "1",
        "DASHSCOPE_API_KEY": "demo",
        "DASHSCOPE_HTTP_BASE_URL": f"http://127.0.0.1:{port}/api/v1",
    }


def children_environment(address: Address, simulator: int | None) -> dict[str, str]:
    """This process's environment, with the address people use and, in demo, the simulator instead of the service."""
    own = {"STUDIO_BASE_URL": env.text("STUDIO_BASE_URL", address.url), "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **own, **(demo_environment(simulator) if simulator else {})}


def forget_messages() -> None:
    if settings.CELERY_BROKER_URL.startswith("filesystem"):
        filesystem_broker.forget_messages(settings.BROKER_DIR)
