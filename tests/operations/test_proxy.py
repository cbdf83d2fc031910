"""The proxy examples of docs/deployment.md, word for word in front of a server: what reaches the studio, and what not.

Skipped for a proxy that is not installed (`apt-get install nginx-light caddy`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from requests.adapters import HTTPAdapter

from tests.run import free_port, wait_for

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "deployment.md").read_text()
HOST = "studio.example"
NGINX = """\
daemon off;
{user}
pid {directory}/pid;
error_log {directory}/error.log;
events {{}}
http {{
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
{text}
}}
"""


def example(language: str, **own: str) -> str:
    """The document's text; `own` is what each place has of its own, and has to stand in it."""
    text = re.search(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)[1]
    for theirs, ours in own.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    return text


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that have come."""

    def do_GET(self) -> None:
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(206 if "Range" in self.headers else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class ToProxy(HTTPAdapter):
    """Sends what is for the studio's name to the proxy's port of this machine."""

    def __init__(self, port: int, plain_port: int, certificate: Path) -> None:
        self._ports = {"https": port, "http": plain_port}
        self._certificate = certificate
        super().__init__()

    def send(self, request, **options):
        scheme = request.url.partition(":")[0]
        request.url = request.url.replace(f"//{HOST}", f"//127.0.0.1:{self._ports[scheme]}", 1)
        request.headers["Host"] = HOST
        return super().send(request, **options | {"verify": str(self._certificate)})

    def init_poolmanager(self, *args, **options):
        super().init_poolmanager(*args, server_hostname=HOST, assert_hostname=HOST, **options)


def certificate(directory: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public, private = directory / "public.pem", directory / "private.pem"
    public.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    private.write_bytes(key.private_bytes(*plain))
    return public, private


def nginx(directory: Path, upstream: str, ports: tuple[int, int], public: Path, private: Path) -> list[str]:
    text = example(
        "nginx",
        **{
            "listen 443 ssl": f"listen 127.0.0.1:{ports[0]} ssl",
            "listen 80": f"listen 127.0.0.1:{ports[1]}",
            f"/etc/letsencrypt/live/{HOST}/fullchain.pem": str(public),
            f"/etc/letsencrypt/live/{HOST}/privkey.pem": str(private),
            "/var/log/nginx/studio.log": str(directory / "access.log"),
            "http://127.0.0.1:8000": upstream,
        },
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (directory / "nginx.conf").write_text(NGINX.format(user=user, directory=directory, text=text))
    command = [shutil.which("nginx"), "-p", str(directory), "-c", str(directory / "nginx.conf")]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert tested.returncode == 0, tested.stderr
    return command


def caddy(directory: Path, upstream: str, ports: tuple[int, int], public: Path, private: Path) -> list[str]:
    own = {
        f"{HOST} {{": f"https://{HOST}:{ports[0]} {{\n    tls {public} {private}",
        "127.0.0.1:8000": upstream.removeprefix("http://"),
    }
    options = f"{{\n    admin off\n    http_port {ports[1]}\n    https_port {ports[0]}\n}}\n"
    (directory / "Caddyfile").write_text(options + example("caddyfile", **own))
    return [shutil.which("caddy"), "run", "--adapter", "caddyfile", "--config", str(directory / "Caddyfile")]


@contextmanager
def proxy(make, directory: Path, upstream: str):
    """A session to the studio's name, through that proxy."""
    if not shutil.which(make.__name__):
        pytest.skip(f"{make.__name__} is not installed")
    public, private = certificate(directory)
    ports = (free_port(), free_port())
    command = make(directory, upstream, ports, public, private)
    home = {**os.environ, "XDG_DATA_HOME": str(directory), "XDG_CONFIG_HOME": str(directory)}
    with (directory / "output").open("wb") as output:
        server = subprocess.Popen(command, env=home, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        for port in ports:
            wait_for(port, 30)
        with requests.Session() as session:
            session.trust_env = False
            for scheme in ("https://", "http://"):
                session.mount(scheme, ToProxy(*ports, public))
            yield session
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def echo():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("make", [nginx, caddy])
class TestWhatTheStudioSees:
    def test_is_the_clients_address_and_scheme_whatever_the_client_says(self, make, tmp_path, echo):
        forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"}
        with proxy(make, tmp_path, echo) as session:
            seen = session.get(f"https://{HOST}/studio/", headers=forged).json()

        assert seen["host"] == HOST
        assert seen["x-forwarded-proto"] == "https"
        assert seen["x-forwarded-for"] == "127.0.0.1"

    def test_are_the_ranges_a_player_asks_for(self, make, tmp_path, echo):
        with proxy(make, tmp_path, echo) as session:
            answer = session.get(f"https://{HOST}/generations/x/video", headers={"Range": "bytes=5-9"})

        assert answer.status_code == 206
        assert answer.json()["range"] == "bytes=5-9"

    @pytest.mark.django_db(transaction=True)
    def test_is_enough_to_sign_in_through_it(self, make, tmp_path, request, settings, alice):
        """Which Django refuses when the origin of the form is not where it believes to be."""
        settings.STUDIO_TRUSTED_PROXIES = [ip_network("127.0.0.1")]
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, HOST]
        alice.set_password("a long way home")
        alice.save()
        studio = request.getfixturevalue("live_server").url
        with proxy(make, tmp_path, studio) as session:
            address = f"https://{HOST}/accounts/login/"
            page = session.get(address)
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
            cookie = re.search(r"csrftoken=[^;]+", page.headers["Set-Cookie"])[0]
            form = {"login": alice.email, "password": "a long way home", "csrfmiddlewaretoken": token}
            sent = {"Origin": f"https://{HOST}", "Cookie": cookie}
            answer = session.post(address, form, headers=sent, allow_redirects=False)

        assert answer.status_code == 302, answer.text


class TestNginx:
    def test_sends_plain_requests_to_https(self, tmp_path, echo):
        with proxy(nginx, tmp_path, echo) as session:
            answer = session.get(f"http://{HOST}/studio/?q=boat", allow_redirects=False)

        assert (answer.status_code, answer.headers["Location"]) == (301, f"https://{HOST}/studio/?q=boat")

    def test_refuses_what_is_larger_than_the_largest_sound(self, tmp_path, echo):
        with proxy(nginx, tmp_path, echo) as session:
            answer = session.post(f"https://{HOST}/generations/", headers={"Content-Length": str(65 * 1024**2)})

        assert answer.status_code == 413

    def test_logs_no_address_that_is_a_key(self, tmp_path, echo):
        keys = ["s/secret-token/", "teams/join/secret-token/", "accounts/password/reset/key/secret-token/"]
        with proxy(nginx, tmp_path, echo) as session:
            for path in [*keys, "studio/"]:
                session.get(f"https://{HOST}/{path}")

        log = (tmp_path / "access.log").read_text()
        assert "/studio/" in log
        assert "secret-token" not in log
