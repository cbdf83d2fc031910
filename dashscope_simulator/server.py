"""HTTP/1.1 in front of the service: routes, keep-alive, file delivery, and the wire faults.

Accepts what the vendor's SDKs send: `/tasks/` and `/tasks/{id}/` with a trailing slash and a stray query, a charset in
Content-Type, doubled user agents. The `/simulator/` routes serve tests in other processes, on loopback only.
"""

from __future__ import annotations

import json
import logging
import socket
import struct
import threading
import time
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from dashscope_simulator import answers
from dashscope_simulator.answers import Answer, Wire
from dashscope_simulator.errors import Refusal
from dashscope_simulator.results import Download

if TYPE_CHECKING:
    from dashscope_simulator.simulator import Simulator

logger = logging.getLogger(__name__)

CREATE_PATH = "/api/v1/services/aigc/video-generation/video-synthesis"
MAX_BODY = 101 * 1024 * 1024
_CHUNK = 256 * 1024


class SimulatorServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], simulator: Simulator) -> None:
        self.simulator = simulator
        self._connections: set[socket.socket] = set()
        self._idle = threading.Condition()
        super().__init__(address, Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._idle:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._idle:
            self._connections.discard(request)
            self._idle.notify_all()

    def close_connections(self, timeout: float = 5.0) -> None:
        """Ends kept-alive connections, so that no handler outlives the server."""
        with self._idle:
            for connection in self._connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # the peer was faster
            self._idle.wait_for(lambda: not self._connections, timeout)

    def handle_error(self, request: Any, client_address: Any) -> None:
        logger.debug("A connection broke", exc_info=True)

    def server_bind(self) -> None:
        """Without the reverse look-up of the host name, which can take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: SimulatorServer

    def do_GET(self) -> None:
        self._serve("GET")

    def do_HEAD(self) -> None:
        self._serve("HEAD")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def _serve(self, method: str) -> None:
        path, _, query = self.path.partition("?")
        try:
            body = self._body()
            answer = self._route(method, unquote(path), query, body)
        except Refusal as refusal:
            answer = answers.refused(refusal)
        except OSError:
            self.close_connection = True
            return
        except Exception:
            logger.exception("%s %s broke the simulator", method, path)
            answer = answers.refused(Refusal("InternalError"))
        if isinstance(answer, Download):
            self._send_file(answer)
        else:
            self._send(answer)

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length") or "0"
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True
            raise Refusal("BadRequest.TooLarge")
        return self.rfile.read(int(length)) if length != "0" else b""

    def _route(self, method: str, path: str, query: str, body: bytes) -> Answer | Download:
        if path.startswith("/api/v1/"):
            return self._api(method, path.rstrip("/"), dict(parse_qsl(query)), body)
        if path.startswith("/1d/") and method in ("GET", "HEAD"):
            self.server.simulator.count("download")
            return self.server.simulator.results.fetch(path, query, self.headers.get("Range"))
        if path == "/" and method == "POST":
            return self.server.simulator.uploads.receive(self.headers.get("Content-Type", ""), body)
        if path == "/healthz":
            return answers.as_json({"status": "ok"})
        if path.startswith("/simulator/") and self.client_address[0].startswith(("127.", "::1")):
            return self._control(method, path.removeprefix("/simulator/").rstrip("/"), body)
        return answers.refused(Refusal("NotFound"))

    def _api(self, method: str, path: str, query: dict[str, str], body: bytes) -> Answer:
        service = self.server.simulator.service
        account, key_id = service.authenticate(self.headers.get("Authorization"))
        if path == CREATE_PATH:
            self._only(method, "POST")
            is_async = self.headers.get("X-DashScope-Async", "").lower() == "enable"
            resolves = self.headers.get("X-DashScope-OssResourceResolve", "").lower() == "enable"
            return service.create(account, body, key_id=key_id, is_async=is_async, resolves_oss=resolves)
        if path == "/api/v1/tasks":
            self._only(method, "GET")
            return service.list_tasks(account, query)
        if path == "/api/v1/uploads":
            self._only(method, "GET")
            return self.server.simulator.uploads.credential(account, query)
        if path.startswith("/api/v1/tasks/"):
            task_id, _, verb = path.removeprefix("/api/v1/tasks/").partition("/")
            if verb == "cancel":
                self._only(method, "POST")
                return service.cancel(account, task_id)
            if not verb:
                self._only(method, "GET")
                return service.query(account, task_id)
        raise Refusal("NotFound")

    @staticmethod
    def _only(method: str, allowed: str) -> None:
        if method != allowed:
            raise Refusal("InvalidParameter", f"Request method '{method}' is not supported.")

    def _control(self, method: str, path: str, body: bytes) -> Answer:
        simulator = self.server.simulator
        if (method, path) == ("GET", "ledger"):
            return answers.as_json([asdict(entry) for entry in simulator.ledger()])
        if (method, path) == ("GET", "counts"):
            return answers.as_json(simulator.counts())
        if (method, path) == ("GET", "faults"):
            return answers.as_json([asdict(fault) for fault in simulator.faults.active()])
        if (method, path) == ("DELETE", "faults"):
            simulator.faults.clear()
            return answers.as_json({})
        if (method, path) == ("POST", "faults"):
            return self._add_fault(body)
        if (method, path) == ("POST", "films"):
            return self._choose_films(body)
        name, _, task_id = path.partition("/")
        if (method, name) == ("POST", "expire"):
            return self._about_task(lambda: simulator.expire(task_id))
        if (method, path) == ("POST", "expire-urls"):
            simulator.expire_urls()
            return answers.as_json({})
        if (method, name) == ("GET", "video-sha256"):
            return self._about_task(lambda: {"sha256": simulator.task(task_id).video_sha256})
        raise Refusal("NotFound")

    def _add_fault(self, body: bytes) -> Answer:
        try:
            wish = json.loads(body)
            fault = self.server.simulator.faults.add(
                wish["name"], wish.get("times"), wish.get("rate"), wish.get("args") or {}
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Refusal("InvalidParameter", str(error)) from None
        return answers.as_json(asdict(fault))

    def _choose_films(self, body: bytes) -> Answer:
        try:
            self.server.simulator.draw(json.loads(body)["render"])
        except (ValueError, KeyError, TypeError) as error:
            raise Refusal("InvalidParameter", str(error)) from None
        return answers.as_json({})

    @staticmethod
    def _about_task(act: Any) -> Answer:
        try:
            return answers.as_json(act() or {})
        except KeyError:
            raise Refusal("NotFound") from None

    # Sending

    def _head(self, status: int, headers: dict[str, str]) -> bytes:
        phrase = self.responses.get(status, ("", ""))[0]
        lines = [f"HTTP/1.1 {status} {phrase}", f"Date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self.close_connection:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _send(self, answer: Answer) -> None:
        if answer.delay:
            time.sleep(answer.delay)
        if answer.wire is not Wire.SEND:
            self._break_off(answer.wire)
            return
        headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body)), **answer.headers}
        body = b"" if self.command == "HEAD" else answer.body
        try:
            self.connection.sendall(self._head(answer.status, headers) + body)
        except OSError:
            self.close_connection = True

    def _break_off(self, wire: Wire) -> None:
        self.close_connection = True
        if wire is Wire.RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _send_file(self, download: Download) -> None:
        declared = download.size if download.declared is None else download.declared
        length = {"Transfer-Encoding": "chunked"} if download.is_chunked else {"Content-Length": str(declared)}
        if declared != download.size:
            self.close_connection = True
        headers = {"Content-Type": "video/mp4", **length, **download.headers}
        try:
            self.connection.sendall(self._head(download.status, headers))
            if self.command != "HEAD":
                time.sleep(download.delay)
                self._send_content(download)
        except OSError:
            self.close_connection = True

    def _send_content(self, download: Download) -> None:
        left = download.size
        with download.path.open("rb") as file:
            file.seek(download.start)
            while left > 0 and (piece := file.read(min(_CHUNK, left))):
                left -= len(piece)
                if download.is_chunked:
                    piece = b"%x\r\n%s\r\n" % (len(piece), piece)
                self.connection.sendall(piece)
        if download.is_chunked:
            self.connection.sendall(b"0\r\n\r\n")

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug(format, *args)
