"""A line to a server on loopback that can be cut in the middle of what it carries, and is dead until it is mended."""

from __future__ import annotations

import socket
import socketserver
import threading
from contextlib import contextmanager


class CutLine(socketserver.ThreadingTCPServer):
    """`cuts_after` bytes of one connection it breaks, and then `is_away`."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, target: int) -> None:
        super().__init__(("127.0.0.1", 0), _Pipe)
        self.target, self.is_away, self.cuts_after = target, False, None

    @property
    def port(self) -> int:
        return self.server_address[1]


class _Pipe(socketserver.BaseRequestHandler):
    server: CutLine

    def handle(self):
        if self.server.is_away:
            return
        with socket.create_connection(("127.0.0.1", self.server.target)) as behind:
            back = threading.Thread(target=_pour, args=(behind, self.request, None), daemon=True)
            back.start()
            if _pour(self.request, behind, self.server):
                self.server.is_away = True
            behind.close()


def _pour(source, target, server):
    """Copy until the end; True when the line was cut, as `server.cuts_after` wants it."""
    passed = 0
    try:
        while block := source.recv(8192):
            passed += len(block)
            if server and server.cuts_after and passed > server.cuts_after:
                return True
            target.sendall(block)
    except OSError:
        pass
    return False


@contextmanager
def cut_line(target: int):
    """A working line to that port."""
    with CutLine(target) as line:
        threading.Thread(target=line.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield line
        line.shutdown()
