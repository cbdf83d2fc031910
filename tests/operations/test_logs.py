from __future__ import annotations

import json
import logging
import logging.config
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError
from django.urls import reverse

from dashscope_client import DashScopeClient
from generations import wan
from tests.factories import ReadyFactory
from wanstudio.logs import SECRETS, about

KEY = "sk-test-0123456789"
PROMPT = "A heron that nobody may read of"
PRESS = "6f1e1df6-52a2-4d0c-9d0e-0f6a3c2b1a00"


@pytest.fixture
def log(request):
    """Everything down to DEBUG, as the installation would write it: lines, or JSON with PostgreSQL."""
    style = getattr(request, "param", "json")
    out = StringIO()
    chosen = django_settings.LOGGING
    parts = {"filters": chosen["filters"], "formatters": chosen["formatters"]}
    handler = chosen["handlers"]["console"] | {"formatter": style, "stream": out}
    before = {name: logging.getLogger(name).level for name in ("", *chosen["loggers"])}
    kept = logging.getLogger().handlers[:]
    logging.config.dictConfig(
        {"version": 1, "disable_existing_loggers": False, **parts, "handlers": {"test": handler}}
        | {"root": {"handlers": ["test"], "level": "DEBUG"}}
    )
    logging.getLogger().handlers += kept
    for name in chosen["loggers"]:
        logging.getLogger(name).setLevel("DEBUG")
    yield out
    logging.getLogger().handlers = kept
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def lines(log):
    return [json.loads(line) for line in log.getvalue().splitlines()]


class TestId:
    @pytest.mark.django_db
    def test_is_on_the_lines_of_a_request_about_a_take(self, as_alice, log):
        take = ReadyFactory()

        as_alice.get(reverse("generations:detail", args=[take.uuid]))

        (line,) = [line for line in lines(log) if line["name"] == "django.request"]
        assert line["generation_id"] == str(take.uuid)

    @pytest.mark.django_db
    def test_is_not_on_the_lines_of_the_next_request(self, as_alice, log):
        as_alice.get(reverse("generations:detail", args=[ReadyFactory().uuid]))
        as_alice.get("/nowhere/")

        assert [line["generation_id"] for line in lines(log) if "/nowhere/" in line["message"]] == [""]

    @pytest.mark.django_db
    def test_is_on_the_lines_of_workers_and_client(self, generate, way, log):
        take = generate(PROMPT)

        way.until(take, "ready")

        told = {line["name"]: line["generation_id"] for line in lines(log)}
        assert told["generations.lifecycle.submit"] == str(take.uuid)
        by_client = [line for line in lines(log) if line["name"] == "dashscope_client" and "/tasks/" in line["message"]]
        assert by_client
        assert {line["generation_id"] for line in by_client} == {str(take.uuid)}

    @pytest.mark.parametrize("log", ["lines"], indirect=True)
    def test_is_short_on_plain_lines(self, log):
        with about("6f1e1df6-52a2-4d0c-9d0e-0f6a3c2b1a00"):
            logging.getLogger("generations").info("Archived")

        assert "INFO generations [6f1e1df6] Archived\n" in log.getvalue()


class TestSecrets:
    @pytest.mark.django_db
    @pytest.mark.parametrize("log", ["lines", "json"], indirect=True)
    def test_are_nowhere_on_the_whole_way(self, generate, way, log, simulator):
        wan.close_clients()
        take = generate(f"{PROMPT} [fault: cut_download=1]")

        way.until(take, "ready")

        said = log.getvalue()
        assert "dashscope_client" in said  # it was listened to
        assert KEY not in said
        assert PROMPT not in said
        assert not [found for found in SECRETS.findall(said) if found != "…"]

    @pytest.mark.django_db
    def test_are_nowhere_with_a_bucket(self, generate, way, log, bucket):
        take = generate(PROMPT)

        way.until(take, "ready")

        said = log.getvalue()
        assert "botocore" in said
        assert PROMPT not in said
        assert not [found for found in SECRETS.findall(said) if found != "…"]

    @pytest.mark.django_db
    @pytest.mark.parametrize("log", ["lines", "json"], indirect=True)
    @pytest.mark.parametrize("breaks", [True, False])
    def test_are_nowhere_in_the_lines_of_a_press(self, as_alice, project, log, monkeypatch, breaks):
        def break_down(*_args, **_named):
            raise RuntimeError("Something is wrong")

        if breaks:
            monkeypatch.setattr("generations.lifecycle.press._rows", break_down)
            as_alice.raise_request_exception = False

        answer = as_alice.post("/generations/", {"prompt": PROMPT, "project": str(project.uuid), "press": PRESS})

        said = log.getvalue()
        assert answer.status_code == (500 if breaks else 303)
        assert ("Something is wrong" in said) == breaks
        assert PROMPT not in said

    @pytest.mark.parametrize("log", ["lines", "json"], indirect=True)
    def test_of_a_row_that_the_database_refuses_are_taken_out(self, log):
        """PostgreSQL's own words."""
        try:
            raise IntegrityError(
                'new row for relation "generations_generation" violates check constraint "ready_has_video"\n'
                f"DETAIL:  Failing row contains (7, {PROMPT} (again).\nAnd so on, null, 2026-11-30)."
            )
        except IntegrityError:
            logging.getLogger("django.request").exception("Internal Server Error: /generations/")

        assert "ready_has_video" in log.getvalue()
        assert "Failing row contains (…)" in log.getvalue()
        assert PROMPT not in log.getvalue()

    @pytest.mark.parametrize("log", ["lines", "json"], indirect=True)
    def test_are_taken_out_of_tracebacks(self, log):
        try:
            raise ValueError(f"https://oss.example/video.mp4?Signature=abc%2Fdef&key={KEY}")
        except ValueError:
            logging.getLogger("generations").exception("Bearer %s was refused", KEY)

        said = log.getvalue()
        assert "ValueError" in said
        assert KEY not in said
        assert "abc%2Fdef" not in said

    @pytest.mark.parametrize(
        "text",
        [
            "x-oss-signature=abcdef123",
            "X-Amz-Signature=abcdef123",
            "X-Amz-Credential=abcdef123/20260101/x/s3/aws4_request",
            "X-Amz-Security-Token=abcdef123",
            "OSSAccessKeyId=abcdef123&Expires=1",
            "Authorization: Bearer abcdef123",
            "Gone: /s/abcdef123abcdef123abcdef123abcdef123abcdef1/clips/6f1e1df6/video",
            "Gone: /teams/join/abcdef123abcdef123abcdef123abcdef123abcdef1/",
            "Forbidden: /accounts/password/reset/key/1-abcdef123abcdef123/",
            "Not Found: /accounts/confirm-email/abcdef123:abcdef123/",
        ],
    )
    def test_are_known_in_every_form(self, log, text):
        logging.getLogger("generations").warning("%s", text)

        assert "abcdef123" not in log.getvalue()

    @pytest.mark.django_db
    @pytest.mark.parametrize("log", ["lines", "json"], indirect=True)
    def test_of_links_are_not_in_the_lines_of_their_requests(self, client, log):
        """Whoever reads the log must not be able to open what is still locked, or join a team."""
        token = "abcdef123" * 5
        for url in (f"/s/{token}/", f"/teams/join/{token}/", f"/s/{token}/clips/x/video"):
            client.get(url)

        assert "/s/…/" in log.getvalue()
        assert "abcdef123" not in log.getvalue()

    def test_of_strangers_addresses_take_one_line(self, client, log):
        answer = client.get("/studio/", headers={"host": "evil.example"})

        (line,) = [line for line in lines(log) if line["name"] == "django.security.DisallowedHost"]
        assert answer.status_code == 400
        assert line["levelname"] == "WARNING"
        assert "evil.example" in line["message"]
        assert "exc_info" not in line

    def test_are_not_in_a_clients_repr(self):
        with DashScopeClient(base_url="http://127.0.0.1:9/api/v1", api_key=KEY) as client:
            assert KEY not in repr(client)
