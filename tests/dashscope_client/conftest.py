"""A server on loopback that says exactly what a test wants, byte by byte, and remembers what it was told."""

import json
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from dashscope_client import DashScopeClient, VideoRequest

KEY = "sk-0123456789abcdef0123456789abcdef"
DATE = "Sun, 22 Nov 2026 10:00:00 GMT"


@dataclass
class Seen:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def json(self):
        return json.loads(self.body)


def reply(status=200, body=b"", *, content_type="application/json", length=None, **headers):
    """A whole HTTP answer as bytes."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Whatever", f"Date: {DATE}", f"Content-Type: {content_type}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def reset(sock):
    """End the connection the rude way."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drip(data):
    """One byte each tenth of a second, until the other side has had enough."""

    def act(sock):
        try:
            for byte in data:
                sock.sendall(bytes([byte]))
                time.sleep(0.1)
        except OSError:
            pass

    return act


class Wire(socketserver.ThreadingTCPServer):
    """Answers each request with the next of `replies` (the last one again and again): bytes, or a function of the
    socket after which the connection is closed."""

    daemon_threads = False
    request_queue_size = 20

    def __init__(self, context: ssl.SSLContext | None = None):
        self.seen: list[Seen] = []
        self.replies: deque[bytes | Callable] = deque()
        self.context = context
        self.connections = 0
        super().__init__(("127.0.0.1", 0), Conversation)

    def says(self, *replies):
        self.replies.extend(replies)

    def next_reply(self):
        return self.replies.popleft() if len(self.replies) > 1 else self.replies[0]

    def handle_error(self, request, client_address):
        pass

    @property
    def port(self):
        return self.server_address[1]

    @property
    def origin(self):
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"

    @property
    def base_url(self):
        return f"{self.origin}/api/v1"


class Conversation(socketserver.BaseRequestHandler):
    def handle(self):
        self.server.connections += 1
        number = self.server.connections
        sock = self.request
        sock.settimeout(10)
        if self.server.context:
            sock = self.server.context.wrap_socket(sock, server_side=True)
        with sock, sock.makefile("rb") as stream:
            while seen := self.hear(stream, number):
                self.server.seen.append(seen)
                answer = self.server.next_reply()
                if callable(answer):
                    answer(sock)
                    return
                sock.sendall(answer)

    def hear(self, stream, number):
        try:
            first = stream.readline().decode().split()
            if not first:
                return None
            headers = {}
            while line := stream.readline().strip().decode():
                name, _, value = line.partition(":")
                headers[name.strip().lower()] = value.strip()
            body = stream.read(int(headers.get("content-length", 0)))
        except OSError:
            return None
        return Seen(first[0], first[1], headers, body, number)


def serve(wire):
    thread = threading.Thread(target=wire.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield wire
    finally:
        wire.shutdown()
        thread.join()
        wire.server_close()


@pytest.fixture
def wire():
    yield from serve(Wire())


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A file with a key and a self-signed certificate for 127.0.0.1."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls_wire(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    yield from serve(Wire(context))


@pytest.fixture
def closed_port():
    """A port nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture
def wan(wire):
    with DashScopeClient(base_url=wire.base_url, api_key=KEY, timeout=5) as wan:
        yield wan


@pytest.fixture
def video():
    return VideoRequest(
        "wan2.7-t2v",
        "A fox 狐狸 says: 'hi'",
        resolution="720P",
        ratio="16:9",
        duration=5,
        prompt_extend=True,
        watermark=False,
        seed=7,
    )
