"""A strict S3 server on loopback: Ceph's object gateway with one disk in memory, over https, buckets as hosts.

It refuses what Alibaba OSS refuses (chunked bodies with trailers, wrong Content-MD5) and checks every signature. Needs
no service manager and takes about fifteen seconds to the first request; everything ends with the `with` block.

`python -m tests.storage.radosgw` starts one and runs the tests marked radosgw against it (`make test-storage`).
"""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.run import ROOT, STRICT_S3, free_port, install, missing

ACCESS_KEY, SECRET_KEY = "STUDIO", "secret-of-the-studio"
CONFIGURATION = """\
[global]
fsid={fsid}
mon host=[v1:127.0.0.1:{mon}]
mon initial members=a
public addr=127.0.0.1
auth cluster required=none
auth service required=none
auth client required=none
osd pool default size=1
osd pool default min size=1
osd pool default pg num=4
osd pool default pgp num=4
mon allow pool size one=true
mon warn on pool no redundancy=false
osd crush chooseleaf type=0
osd objectstore=memstore
memstore device bytes=2147483648
mon data={directory}/mon
osd data={directory}/osd
run dir={directory}/run
admin socket={directory}/run/$name.asok
log file={directory}/log/$name.log
keyring={directory}/keyring
osd max object name len=256
mon max pg per osd=1000
ms bind ipv4=true
ms bind msgr2=false
[client.rgw]
rgw frontends=beast ssl_endpoint=127.0.0.1:{port} ssl_certificate={directory}/ca.pem ssl_private_key={directory}/key.pem
rgw dns name=s3.localhost
rgw zone=default
rgw thread pool size=16
"""


class NotStarted(Exception):
    """The server did not come up; the text is the end of its logs."""


@dataclass(frozen=True)
class Server:
    port: int
    directory: Path

    @property
    def endpoint(self) -> str:
        return f"https://s3.localhost:{self.port}"

    @property
    def authority(self) -> Path:
        return self.directory / "ca.pem"

    @property
    def environment(self) -> dict[str, str]:
        """What tests/storage/conftest.py reads."""
        return {
            "RADOSGW_ENDPOINT_URL": self.endpoint,
            "RADOSGW_ACCESS_KEY": ACCESS_KEY,
            "RADOSGW_SECRET_KEY": SECRET_KEY,
            "RADOSGW_AUTHORITY": str(self.authority),
        }


@contextmanager
def radosgw(directory: Path):
    """A running server; NotStarted when it does not come up."""
    server = Server(free_port(), directory)
    _configure(server)
    ceph = ["ceph", "-c", f"{directory}/ceph.conf", "--connect-timeout", "20"]
    admin = ["radosgw-admin", "-c", f"{directory}/ceph.conf", "-n", "client.rgw"]
    with ExitStack() as stack:

        def start(*command: str, until: Callable[[], bool]) -> None:
            stack.enter_context(_running(directory, command, until))

        start("ceph-mon", "-i", "a", until=lambda: b"a=" in _said(*ceph, "mon", "stat"))
        _said("ceph-osd", "-c", f"{directory}/ceph.conf", "-i", "0", "--mkfs", "--osd-uuid", str(uuid.uuid4()))
        _call(*ceph, "osd", "create")
        start("ceph-osd", "-i", "0", until=lambda: b"1 up" in _said(*ceph, "osd", "stat"))
        _said(*ceph, "osd", "crush", "add", "osd.0", "1.0", "root=default")
        keys = [f"--access-key={ACCESS_KEY}", f"--secret={SECRET_KEY}"]
        _call(*admin, "user", "create", "--uid=studio", "--display-name=studio", *keys)
        start("radosgw", "-n", "client.rgw", until=lambda: _answers(server))
        yield server


def _configure(server: Server) -> None:
    directory, mon = server.directory, free_port()
    for name in ("mon", "osd", "run", "log"):
        (directory / name).mkdir(parents=True)
    hosts = "subjectAltName=DNS:s3.localhost,DNS:*.s3.localhost,IP:127.0.0.1"
    files = ["-keyout", f"{directory}/key.pem", "-out", f"{directory}/ca.pem"]
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    _call(*certificate, "-addext", hosts, *files)
    fsid, configuration = str(uuid.uuid4()), f"{directory}/ceph.conf"
    Path(configuration).write_text(
        CONFIGURATION.format(fsid=fsid, mon=mon, port=server.port, directory=directory)  # fmt: skip
    )
    monmap = f"{directory}/monmap"
    _call("monmaptool", "--create", "--fsid", fsid, "--addv", "a", f"[v1:127.0.0.1:{mon}]", monmap)
    _call("ceph-mon", "-c", configuration, "--mkfs", "-i", "a", "--monmap", monmap)


@contextmanager
def _running(directory: Path, command: Sequence[str], is_up: Callable[[], bool]):
    """A daemon that is up; NotStarted after a minute.

    One that ends is started again: Ceph's programs may send their first command before they know the cluster's id, and
    give up when the monitor says "wrong fsid".
    """
    program, *arguments = command
    process = None
    deadline = time.monotonic() + 60
    with (directory / "log" / f"{program}.out").open("w+b") as out:
        try:
            while process is None or not is_up():
                if process is None or process.poll() is not None:
                    command = [program, "-f", "-c", f"{directory}/ceph.conf", *arguments]
                    process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
                if time.monotonic() > deadline:
                    raise NotStarted((directory / "log" / f"{program}.out").read_text(errors="replace")[-2000:])
                time.sleep(0.1)
            yield
        finally:
            if process:
                process.kill()  # nothing in it is worth a farewell
                process.wait()


def _call(*command: str, tries: int = 5) -> bytes:
    """What the command says; again when it fails, for the same reason as above."""
    for _ in range(tries):
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
        if not done.returncode:
            return done.stdout
    raise NotStarted(f"{' '.join(command)}: {done.stderr.decode(errors='replace')[-2000:]}")


def _said(*command: str) -> bytes:
    """What a command that may fail says."""
    return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False).stdout


def _answers(server: Server) -> bool:
    context = ssl.create_default_context(cafile=server.authority)
    try:
        urllib.request.urlopen(f"https://127.0.0.1:{server.port}/", context=context, timeout=5).close()
    except OSError as error:
        return isinstance(error, urllib.error.HTTPError)
    return True


def main() -> int:
    """0 with a word when it can't be installed and `--if-possible` is given."""
    arguments = sys.argv[1:]
    is_optional = "--if-possible" in arguments
    install(missing(STRICT_S3))
    if packages := missing(STRICT_S3):
        print(f"── Skipped: the strict storage tests need {', '.join(packages)}; install them for make test-storage.")
        return 0 if is_optional else 1
    command = [sys.executable, "-m", "pytest", "-m", "radosgw", "tests/storage"]
    with tempfile.TemporaryDirectory(prefix="wanstudio-radosgw-") as directory, radosgw(Path(directory)) as server:
        rest = [argument for argument in arguments if argument != "--if-possible"]
        return subprocess.run(
            [*command, *rest], cwd=ROOT, env={**os.environ, **server.environment}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
