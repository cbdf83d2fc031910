"""A RabbitMQ of a test's own: own ports, own directory, gone at its end. Debian's package, without its service."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.run import free_port, wait_for

PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # the one on the PATH changes to a user of its own
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}


def is_installed() -> bool:
    return PROGRAM.exists() and shutil.which("epmd") is not None


class RabbitMQ:
    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        for name in ("rabbitmq.conf", "environment"):
            (directory / name).touch()
        (directory / "plugins").write_text("[].")
        self.port = free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        self._environment = os.environ | {
            "HOME": str(directory),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(free_port()),
            "RABBITMQ_NODENAME": "studio@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_CONFIG_FILE": str(directory / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": str(directory / "environment"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(directory / "plugins"),
            "RABBITMQ_PLUGINS_EXPAND_DIR": str(directory / "expanded"),
            "RABBITMQ_MNESIA_BASE": str(directory / "data"),
            "RABBITMQ_LOG_BASE": str(directory / "log"),
            "RABBITMQ_PID_FILE": str(directory / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1",
        }
        self._names = subprocess.Popen(["epmd"], env=self._environment, **QUIET)  # else the server leaves one behind
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        self._process = subprocess.Popen([PROGRAM], env=self._environment, start_new_session=True, **QUIET)
        wait_for(self.port, 240.0)

    def kill(self) -> None:
        """With -9, and with all that it has started."""
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def end(self) -> None:
        self.kill()
        self._names.kill()
        self._names.wait()


@contextmanager
def rabbitmq(directory: Path):
    server = RabbitMQ(directory)
    try:
        server.start()
        yield server
    finally:
        server.end()
