"""One total deadline over everything a request does.

The timeouts of sockets begin anew with every byte, so a server that drips keeps a caller for as long as it likes. A
`Deadline` shuts the socket down when its time is over, which ends whatever waits on it: handshake, sending, headers or
body. Only the lookup of the host's name cannot be interrupted; if time runs out during it, no connection is made.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Self

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError

_current: ContextVar["Deadline | None"] = ContextVar("deadline", default=None)


class Deadline:
    """A context of `seconds`, used once: entered, it runs; left, it is called off.

    Connections made or used again within `applied()` are watched until then. `passed` tells whether it struck.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = False
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._strike)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for watched in self._watched:
                watched.close()
            self._watched.clear()
        self._timer.join()  # nothing may strike after a connection went back to its pool

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Within it, the calling thread's connections come under this deadline."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    @property
    def is_watching(self) -> bool:
        return bool(self._watched)

    def watch(self, sock: Any) -> bool:
        """Watch a socket through a descriptor of its own, which survives TLS. False if time is over."""
        duplicate = socket.socket(fileno=os.dup(sock.fileno()))
        with self._lock:
            if self.passed:
                duplicate.close()
                return False
            self._watched.append(duplicate)
            return True

    def _strike(self) -> None:
        with self._lock:
            self.passed = True
            for watched in self._watched:
                try:
                    watched.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # already closed by the other side


def _watch_new(connection: HTTPConnection, sock: socket.socket) -> socket.socket:
    deadline = _current.get()
    if deadline is not None and not deadline.watch(sock):
        sock.close()
        raise ConnectTimeoutError(connection, "The deadline passed before a connection was made.")
    return sock


def _watch_kept(connection: HTTPConnection) -> None:
    deadline = _current.get()
    if deadline is not None and connection.sock is not None and not deadline.is_watching:
        deadline.watch(connection.sock)


class WatchedHTTPConnection(HTTPConnection):
    """A connection that puts itself under the current deadline, when it is made and each time it is used again."""

    def _new_conn(self) -> socket.socket:
        return _watch_new(self, super()._new_conn())

    def request(self, *args: Any, **kwargs: Any) -> None:
        _watch_kept(self)
        super().request(*args, **kwargs)


class WatchedHTTPSConnection(HTTPSConnection):
    """The same over TLS; the handshake is watched too."""

    def _new_conn(self) -> socket.socket:
        return _watch_new(self, super()._new_conn())

    def request(self, *args: Any, **kwargs: Any) -> None:
        _watch_kept(self)
        super().request(*args, **kwargs)
