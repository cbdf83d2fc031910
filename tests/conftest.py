"""The cast and the doubles: alice owns, bob edits, vera watches, charlie is a stranger; Wan is the simulator."""

from __future__ import annotations

import gc
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.db import connection, connections
from django.utils import translation
from django.utils.module_loading import import_string
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from pytest_socket import socket_allow_hosts

from tests.factories import BudgetFactory, MembershipFactory, ProjectFactory, TeamFactory, UserFactory

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "django_db_serialized_rollback"}

# How fast a busy machine draws examples says nothing about the code.
hypothesis.register_profile("studio", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("studio")


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the database: `make test` runs it on PostgreSQL, too."""
    for item in items:
        if item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")


def pytest_collection_finish() -> None:
    """What is loaded now stays to the end: collecting garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    socket_allow_hosts(["127.0.0.1", "localhost", "::1"], allow_unix_socket=True)
    caches["memory"].clear()
    translation.deactivate()  # a request leaves the language that it was answered in


@pytest.fixture
def alice(db):
    return UserFactory(email="alice@example.com", name="Alice")


@pytest.fixture
def bob(db):
    return UserFactory(email="bob@example.com", name="Bob")


@pytest.fixture
def vera(db):
    return UserFactory(email="vera@example.com", name="Vera")


@pytest.fixture
def charlie(db):
    return UserFactory(email="charlie@example.com", name="Charlie")


@pytest.fixture
def team(alice, bob, vera):
    team = TeamFactory(uses_installation_account=True)
    for user, role in [(alice, "owner"), (bob, "editor"), (vera, "viewer")]:
        MembershipFactory(team=team, user=user, role=role)
    BudgetFactory(team=team, scope="installation", amount=1_000_000)
    return team


@pytest.fixture
def project(team):
    return ProjectFactory(team=team)


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """What Django asks a database once in a process is no test's query."""
    with django_db_blocker.unblock():
        assert connection.features.supports_json_field


@pytest.fixture(autouse=True)
def one_clock(monkeypatch):
    """The database's clock is this machine's and travels along; asking it, once a minute, is no test's query."""
    monkeypatch.setattr("generations.clock._offset", timedelta(0))
    monkeypatch.setattr("generations.clock._measured_at", float("inf"))


@pytest.fixture(autouse=True)
def uncounted(monkeypatch):
    """Counts for the metrics are written when a test says so, not with whatever request comes first."""
    monkeypatch.setattr("generations.tally.EVERY", float("inf"))


@pytest.fixture
def meanwhile(monkeypatch):
    """`meanwhile(form, verb)`, the form by its address: when it is checked, somebody else has just done that."""

    def meanwhile(name, verb):
        form = import_string(name)

        class Slow(form):
            def full_clean(self):
                if self.is_bound:
                    verb()
                super().full_clean()

        monkeypatch.setattr(name, Slow)

    return meanwhile


@pytest.fixture
def mid_month():
    """No month ends during the test."""
    with time_machine.travel(datetime(2026, 11, 15, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def simulator(tmp_path, settings):
    """Wan on localhost, rendering tiny films at once; the installation's account points to it."""
    from dashscope_simulator import Limits, Simulator
    from generations import wan

    with Simulator(data_dir=tmp_path / "wan", port=0, render="small", render_seconds=0.0, limits=Limits()) as simulator:
        settings.DASHSCOPE_HTTP_BASE_URL = simulator.base_url
        settings.STUDIO_DATA_DIR = tmp_path / "studio"
        settings.STORAGES = settings.STORAGES | {
            "local": {
                "BACKEND": "django.core.files.storage.FileSystemStorage",
                "OPTIONS": {"location": tmp_path / "studio" / "media", "base_url": None},
            }
        }
        yield simulator
        wan.close_clients()


@pytest.fixture
def way(db):
    """The workers' sweeps, run by hand: `way.turn()` lets all waiting time pass and runs each sweep once."""
    from tests.way import Way

    return Way()


@pytest.fixture
def at_once(transactional_db, tmp_path):
    """`at_once(verb, verb)` calls them at the same moment, each on a connection of its own; what they raise is raised.

    SQLite's test database is in memory, where nobody waits for a lock: for that while it is a file.
    """
    database = connections.settings["default"]
    is_memory = connection.vendor == "sqlite"

    def at_once(*verbs, seconds=60):
        start = threading.Barrier(len(verbs))

        def call(verb):
            try:
                start.wait(timeout=seconds)
                return verb()
            finally:
                connection.close()

        name, path = database["NAME"], tmp_path / "at-once.sqlite3"
        if is_memory:
            with closing(sqlite3.connect(path)) as file:
                connection.connection.backup(file)
            database["NAME"] = path
        try:
            with ThreadPoolExecutor(len(verbs)) as pool:
                return list(pool.map(call, verbs, timeout=seconds))
        finally:
            database["NAME"] = name
            if is_memory:
                with closing(sqlite3.connect(path)) as file:
                    file.backup(connection.connection)

    return at_once
