"""`.env.example` names what is read and nothing else; a wrong value stops the start with one sentence naming it."""

from __future__ import annotations

import ast
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.config import Config
from django.core.exceptions import ImproperlyConfigured

from wanstudio import checks

ROOT = Path(__file__).resolve().parents[1]
READERS = {path for app in ("accounts", "generations", "teams", "wanstudio") for path in (ROOT / app).rglob("*.py")}
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"}  # Django's, boto3's and requests' own
OWN = (
    "DASHSCOPE_",
    "AWS_",
    "STUDIO_",
    "DJANGO_",
    "EMAIL_",
    "CELERY_",
    "DATABASE_URL",
    "CACHE_URL",
    "PORT",
    "TIME_ZONE",
)
POSTGRES = "postgres://studio@localhost/studio"


def names_read() -> set[str]:
    """What the functions of wanstudio.environment and os.environ are asked for by name."""
    asked = r"(wanstudio\.)?env(ironment)?\.\w+|os\.environ\.\w+|os\.getenv"
    found = set()
    for node in (node for path in READERS for node in ast.walk(ast.parse(path.read_text()))):
        if isinstance(node, ast.Call) and node.args and re.fullmatch(asked, ast.unparse(node.func)):
            found.add(getattr(node.args[0], "value", None))
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            found.add(getattr(node.slice, "value", None))
    return {name for name in found if isinstance(name, str)} - NOT_OURS


def names_in_example() -> list[str]:
    return re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)


@pytest.fixture
def load(monkeypatch, tmp_path):
    """Executes the settings anew in an environment of these variables alone; returns them."""
    for name in [name for name in os.environ if name.startswith(OWN)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("STUDIO_DATA_DIR", str(tmp_path))

    def load(**variables: str) -> dict[str, object]:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "wanstudio" / "settings.py"))

    return load


@pytest.fixture
def manage(tmp_path):
    """Runs manage.py as a process in an environment of these variables alone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    kept |= {"STUDIO_DATA_DIR": str(tmp_path), "PYTHONWARNINGS": ""}

    def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=kept | variables, capture_output=True, text=True)

    return manage


class TestExample:
    def test_names_what_is_read(self):
        assert names_read() - set(names_in_example()) == set()

    def test_names_nothing_else(self):
        assert set(names_in_example()) - names_read() == set()

    def test_names_each_once(self):
        assert len(names_in_example()) == len(set(names_in_example()))

    def test_sets_nothing(self):
        lines = (ROOT / ".env.example").read_text().splitlines()
        assert [line for line in lines if line and not line.startswith("#")] == []

    def test_its_values_are_the_defaults(self, load, monkeypatch):
        monkeypatch.chdir(ROOT)
        lines = (ROOT / ".env.example").read_text().splitlines()
        values = dict(line[1:].split("=", 1) for line in lines if re.match(r"#[A-Z][A-Z0-9_]+=", line))
        del values["STUDIO_DATA_DIR"], values["DEFAULT_FROM_EMAIL"]  # beside the project; the host of the address
        plain = {name: value for name, value in load().items() if isinstance(value, (str, bool, int, list))}

        example = load(**values)

        assert plain == {name: example[name] for name in plain}


class TestWrongValues:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("CACHE_URL", "garbage"),
            ("CELERY_BROKER_URL", "garbage"),
            ("CELERY_BROKER_URL", "sqla+sqlite:///broker"),
            ("DASHSCOPE_API_KEY", "two words"),
            ("DASHSCOPE_HTTP_BASE_URL", "dashscope.example/api/v1"),
            ("DASHSCOPE_HTTP_BASE_URL", "https://dashscope.example/compatible-mode/v1"),
            ("DASHSCOPE_REGION", "mars"),
            ("DASHSCOPE_WORKSPACE_ID", "Not_One"),
            ("DATABASE_URL", "garbage"),
            ("DATABASE_URL", "mysql://studio@localhost/studio"),
            ("DJANGO_DEBUG", "perhaps"),
            ("EMAIL_URL", "garbage"),
            ("AWS_S3_ADDRESSING_STYLE", "sideways"),
            ("AWS_S3_ENDPOINT_URL", "s3.example"),
            ("AWS_S3_SIGNATURE_VERSION", "v5"),
            ("STUDIO_AUDIO_URLS", "carrier pigeon"),
            ("STUDIO_AUDIO_URLS", "storage"),
            ("STUDIO_BASE_URL", "studio.example"),
            ("STUDIO_DATA_DIR", "/dev/null/studio"),
            ("STUDIO_DEMO", "1"),
            ("STUDIO_ENCRYPTION_KEYS", "short"),
            ("STUDIO_OPEN_SIGNUP", "2"),
            ("STUDIO_TRUSTED_PROXIES", "10.0.0.1, the proxy"),
            ("TIME_ZONE", "Mars/Olympus_Mons"),
        ],
    )
    def test_are_named_in_one_sentence(self, load, name, value):
        with pytest.raises(ImproperlyConfigured) as wrong:
            load(**{name: value})

        sentence = str(wrong.value)
        assert name in sentence
        assert "\n" not in sentence
        assert sentence.endswith(".")

    def test_stop_the_start(self, manage):
        done = manage("check", DASHSCOPE_REGION="mars")

        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "DASHSCOPE_REGION is 'mars': choose one of singapore, beijing.\n"

    def test_port_of_the_runner(self, manage):
        done = manage("run", PORT="http")

        assert (done.returncode, done.stderr) == (1, "PORT is 'http': give a number from 1 to 65535.\n")

    @pytest.mark.parametrize("name", ["DATABASE_URL", "CELERY_BROKER_URL"])
    def test_do_not_repeat_passwords(self, load, name):
        with pytest.raises(ImproperlyConfigured) as wrong:
            load(**{name: "oracle://studio:geheim@localhost/studio"})

        assert "geheim" not in str(wrong.value)

    def test_postgresql_without_secrets(self, load):
        with pytest.raises(ImproperlyConfigured) as wrong:
            load(DATABASE_URL=POSTGRES)

        assert str(wrong.value) == "DJANGO_SECRET_KEY must be set when PostgreSQL is used and DJANGO_DEBUG is off."

    def test_postgresql_without_secrets_for_developers(self, load):
        assert load(DATABASE_URL=POSTGRES, DJANGO_DEBUG="true")["SQLITE"] is False


class TestProduction:
    def test_https_means_secure_cookies_and_a_year_of_https(self, load):
        made = load(STUDIO_BASE_URL="https://studio.example", STUDIO_TRUSTED_PROXIES="10.0.0.0/8")

        assert made["SESSION_COOKIE_SECURE"] is made["CSRF_COOKIE_SECURE"] is True
        assert made["SECURE_HSTS_SECONDS"] == 31_536_000
        assert made["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
        assert made["ALLOWED_HOSTS"] == ["studio.example", "127.0.0.1", "localhost", "[::1]"]
        assert made["DEBUG"] is False

    def test_without_a_proxy_nobody_says_that_it_was_https(self, load):
        assert load(STUDIO_BASE_URL="https://studio.example")["SECURE_PROXY_SSL_HEADER"] is None


class TestDeployCheck:
    def test_has_nothing_to_say(self, manage):
        public = {"STUDIO_BASE_URL": "https://studio.example", "STUDIO_TRUSTED_PROXIES": "10.0.0.1"}

        done = manage("check", "--deploy", "--fail-level", "WARNING", DASHSCOPE_API_KEY="sk-0123456789", **public)

        assert (done.returncode, done.stderr) == (0, "")
        assert "no issues" in done.stdout

    def test_refuses_the_demo(self, manage):
        demo = {"STUDIO_DEMO": "1", "DASHSCOPE_HTTP_BASE_URL": "http://127.0.0.1:9/api/v1"}

        done = manage("check", "--deploy", **demo)

        assert done.returncode == 1
        assert "wanstudio.E001" in done.stderr

    def test_refuses_sign_up_by_anybody_without_mail(self, settings):
        settings.STUDIO_OPEN_SIGNUP, settings.EMAIL_URL = True, ""
        assert [message.id for message in checks.mail_for_passwords(None)] == ["wanstudio.E002"]

        settings.EMAIL_URL = "smtp://mail.example"
        assert checks.mail_for_passwords(None) == []


class TestStorageCheck:
    def test_accepts_what_the_environment_makes(self, load, settings):
        settings.STORAGES = load(AWS_STORAGE_BUCKET_NAME="clips")["STORAGES"]

        assert checks.storage_options(None) == []

    def test_refuses_checksum_trailers(self, settings):
        settings.STORAGES = {"s3": {"OPTIONS": {"client_config": Config()}}}

        assert [message.id for message in checks.storage_options(None)] == ["wanstudio.E003"]

    def test_refuses_options_that_are_ignored(self, load, settings):
        storages = load(AWS_STORAGE_BUCKET_NAME="clips")["STORAGES"]
        storages["s3"]["OPTIONS"]["addressing_style"] = "virtual"
        settings.STORAGES = storages

        assert [message.id for message in checks.storage_options(None)] == ["wanstudio.E004"]


class TestSecrets:
    def test_are_made_once_and_readable_by_the_owner_only(self, load, tmp_path):
        names = ("SECRET_KEY", "STUDIO_ENCRYPTION_KEYS", "STUDIO_SIGNING_KEY")
        first, second = load(), load()

        assert [first[name] for name in names] == [second[name] for name in names]
        files = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()}
        assert files == dict.fromkeys(("django_secret_key", "studio_encryption_keys", "studio_signing_key"), 0o600)
