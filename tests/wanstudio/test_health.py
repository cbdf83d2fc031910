import logging
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.test import RequestFactory
from django.utils import timezone
from django.views import defaults

from generations import storage_refusal
from generations.models import Switchboard
from wanstudio import health


@pytest.fixture
def board(db):
    board = Switchboard.load()
    board.beat_at = board.storage_checked_at = timezone.now()
    board.save()
    return board


class TestHealthz:
    def test_asks_nobody(self, client):
        response = client.get("/healthz")  # without the database fixture a query would fail

        assert (response.status_code, response.content) == (200, b"ok")

    def test_is_never_kept(self, client):
        assert "no-store" in client.get("/healthz")["Cache-Control"]


class TestReadyz:
    def test_all_is_well(self, client, board):
        response = client.get("/readyz")

        assert response.status_code == 200
        assert response.json()["ready"] is True
        assert {"database", "broker", "beat", "storage"} < response.json().keys()

    @pytest.mark.parametrize(
        ("change", "part", "words"),
        [
            ({"beat_at": None}, "beat", "never been seen"),
            ({"beat_at": timedelta(seconds=31)}, "beat", "Last seen 31 s ago"),
            ({"storage_checked_at": None}, "storage", "not been checked yet"),
            ({"storage_checked_at": timedelta(hours=1)}, "storage", "last checked"),
            ({"storage_refused_since": timedelta(minutes=6)}, "storage", "Accepts no files since"),
        ],
    )
    def test_names_the_part_that_fails(self, client, board, change, part, words):
        for name, ago in change.items():
            setattr(board, name, ago and timezone.now() - ago)
        board.save()

        response = client.get("/readyz")

        assert response.status_code == 503
        assert response.json()["ready"] is False
        assert response.json()[part]["ok"] is False
        assert words in response.json()[part]["says"]

    @pytest.mark.parametrize(
        ("reason", "words"),
        [
            (storage_refusal.STORAGE, "Accepts no files since 2026-11-15 11:54 UTC."),
            (storage_refusal.DISK, "A machine's disk has been full since 2026-11-15 11:54 UTC."),
            (
                storage_refusal.BACKLOG,
                "20 rendered takes or more have waited to be saved since 2026-11-15 11:54 UTC.",
            ),
        ],
    )
    def test_says_why_nothing_is_saved(self, client, board, reason, words):
        with time_machine.travel(datetime(2026, 11, 15, 11, 54, tzinfo=UTC), tick=False):
            storage_refusal.begin(reason)

        assert client.get("/readyz").json()["storage"] == {"ok": False, "says": words}

    def test_before_the_first_start_of_anything(self, client, db):
        response = client.get("/readyz")

        assert response.status_code == 503
        assert not Switchboard.objects.exists()

    def test_not_ready_is_an_answer_and_no_error_in_the_log(self, client, db, caplog):
        with caplog.at_level(logging.INFO):
            client.get("/readyz")

        assert [(record.name, record.levelname) for record in caplog.records] == [("django.request", "INFO")]

    def test_without_a_database_it_still_answers(self, client, db, monkeypatch):
        def fail(*_args, **_kwargs):
            raise OperationalError

        monkeypatch.setattr(Switchboard.objects, "filter", fail)

        response = client.get("/readyz")

        assert response.status_code == 503
        assert response.json()["database"]["says"] == "The database does not answer."
        assert response.json()["beat"]["ok"] is False

    def test_broker_directory_that_is_gone(self, board, settings, tmp_path):
        settings.CELERY_BROKER_URL = "filesystem://"
        settings.BROKER_DIR = tmp_path / "gone"

        assert not health.broker().is_ok

    def test_broker_that_refuses(self, settings):
        settings.CELERY_BROKER_URL = "redis://127.0.0.1:9/0"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(health.app.conf, "broker_write_url", "redis://127.0.0.1:9/0")  # first: unset, it is the other
            patch.setattr(health.app.conf, "broker_url", "redis://127.0.0.1:9/0")
            assert health.broker().says == "Can't be reached."


class TestErrorPages:
    def test_not_found_is_calm(self, client, db):
        client.force_login(_person())

        response = client.get("/no/such/page")

        assert response.status_code == 404
        assert "There is nothing here" in response.content.decode()

    def test_server_error_needs_no_database(self, rf):
        response = defaults.server_error(rf.get("/"))

        assert response.status_code == 500
        assert "Something broke on our side" in response.content.decode()

    def test_bad_request(self, rf):
        assert "could not be read" in defaults.bad_request(rf.get("/"), ValueError()).content.decode()

    def test_forbidden_says_the_reason(self, rf):
        request = rf.get("/")
        request.user = AnonymousUser()

        page = defaults.permission_denied(request, PermissionDenied("Only owners may."))

        assert "Only owners may." in page.content.decode()

    def test_forged_form_is_told_in_words(self, db):
        from django.test import Client

        response = Client(enforce_csrf_checks=True).post("/accounts/login/")

        assert response.status_code == 403
        assert "Nothing was done" in response.content.decode()


@pytest.fixture
def rf():
    return RequestFactory()


def _person():
    from tests.factories import UserFactory

    return UserFactory()
