from __future__ import annotations

import os
import shutil
import uuid
from contextlib import contextmanager
from io import StringIO

import psycopg
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from accounts.models import User
from generations.models import Generation
from tests.factories import GenerationFactory, ReadyFactory, SceneFactory, UserFactory
from wanstudio import copying

pytestmark = pytest.mark.django_db(transaction=True)

SQLITE = "django.db.backends.sqlite3"


@pytest.fixture(autouse=True)
def _allow_the_target(monkeypatch, django_db_blocker):
    """Test cases guard databases that are not in the settings; here one comes and goes."""
    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", django_db_blocker._real_ensure_connection)


@contextmanager
def database(directory, template=None):
    """The address of a file, or where the tests have a server, of a database of its own there: empty, or a copy."""
    url, name = os.environ.get("STUDIO_TEST_DATABASE_URL"), f"target_{uuid.uuid4().hex[:8]}"
    if not url:
        if template:
            shutil.copy(template.removeprefix("sqlite:///"), directory / name)
        yield f"sqlite:///{directory / name}"
        return
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template.rpartition('/')[2] if template else 'template1'}")
        yield f"{url.rpartition('/')[0]}/{name}"
        server.execute(f"DROP DATABASE {name}")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, run_studio):
    """A database with the studio's tables, made once, as an installation's are."""
    directory = tmp_path_factory.mktemp("prepared")
    with database(directory) as url:
        run_studio(
            {"STUDIO_DATA_DIR": str(directory / "data"), "DATABASE_URL": url, "DJANGO_DEBUG": "true"}, "migrate", "-v0"
        )
        yield url


@pytest.fixture
def target(tmp_path, prepared):
    """Nothing but tables."""
    with database(tmp_path, prepared) as url:
        yield url


@pytest.fixture
def empty(tmp_path, settings):
    """Not even tables; the command makes them by the migrations, which the tests' own database does without."""
    settings.MIGRATION_MODULES = {}
    with database(tmp_path) as url:
        yield url


def copy(url):
    out = StringIO()
    call_command("copy_database", to=url, stdout=out)
    return out.getvalue()


def rows_of(model, alias):
    return list(model._base_manager.using(alias).order_by("pk").values())


@pytest.fixture
def library():
    """Rows that point to each other in circles, and times that lie back."""
    user = UserFactory(name="Älice 船")
    user.last_project = user.personal_team.projects.get()
    user.save()
    scene = SceneFactory(created_by=user, project=user.last_project)
    parent = ReadyFactory(scene=scene, owner=user, shots=[{"text": "“wide” shot", "seconds": 2}])
    GenerationFactory(scene=scene, owner=user, parent=parent)
    User.objects.update(date_joined=timezone.now() - timezone.timedelta(days=400))
    return user


class TestCopyDatabase:
    def test_copies_every_row_of_every_table_as_it_is(self, empty, library):
        copy(empty)

        with copying._connected(empty):
            for model in copying._models():
                assert rows_of(model, "target") == rows_of(model, "default"), model
            assert User.objects.using("target").get(pk=library.pk).last_project_id == library.last_project_id

    def test_goes_on_counting_keys_after_the_copied_ones(self, target, library):
        copy(target)

        with copying._connected(target):
            fresh = Generation.objects.using("target").order_by("pk").last()
            before, fresh.pk, fresh.uuid, fresh.number = fresh.pk, None, uuid.uuid4(), 99
            fresh.press = uuid.uuid4()
            fresh.save(using="target", force_insert=True)
            assert fresh.pk > before

    def test_says_how_many_rows_of_what(self, target, library):
        said = copy(target)

        assert "2  generations_generation" in said
        assert "Set DATABASE_URL" in said

    def test_refuses_a_target_with_people(self, target, library):
        copy(target)

        with pytest.raises(CommandError, match="name an empty database"):
            copy(target)

    def test_leaves_no_half_copy_behind(self, target, library, monkeypatch):
        monkeypatch.setattr(copying, "_models", lambda: [User, apps.get_model("teams", "Team")])

        with pytest.raises(Exception, match="(?i)foreign key"):
            copy(target)

        with copying._connected(target):
            assert not User.objects.using("target").exists()

    def test_refuses_what_is_no_address(self):
        with pytest.raises(CommandError, match="can't be read"):
            copy("mysql://there")

    def test_refuses_the_database_in_use(self, tmp_path, monkeypatch):
        for part, value in [("ENGINE", SQLITE), ("NAME", str(tmp_path / "used")), ("HOST", ""), ("PORT", "")]:
            monkeypatch.setitem(connection.settings_dict, part, value)

        with pytest.raises(CommandError, match="database in use"):
            copy(f"sqlite:///{tmp_path / 'used'}")

    def test_says_when_the_target_does_not_answer(self):
        with pytest.raises(CommandError, match="The target can't be used"):
            copy("postgres://nobody@127.0.0.1:9/nothing")

    def test_forgets_the_target_afterwards(self, target):
        copy(target)

        assert "target" not in connections.settings


class TestFromSQLiteToPostgreSQL:
    def test_copies_a_library(self, target, tmp_path, run_studio):
        if not target.startswith("postgres"):
            pytest.skip("needs PostgreSQL: make test")
        source = {"STUDIO_DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": ""}
        run_studio(source, "migrate", "-v0")
        run_studio(source, "shell", "-v0", "-c", FILL)

        said = run_studio(source, "copy_database", "--to", target)

        assert "5  generations_generation" in said
        with copying._connected(target):
            rows = Generation.objects.using("target")
            assert rows.count() == 5
            assert rows.get(number=3).prompt == "Ein “Schiff” 船 3"
            assert rows.get(number=3).shots == [{"text": "weit", "seconds": 2}]


FILL = """
from tests.factories import ReadyFactory, SceneFactory
scene = SceneFactory()
for number in range(5):
    ReadyFactory(scene=scene, number=number, prompt=f"Ein “Schiff” 船 {number}", shots=[{"text": "weit", "seconds": 2}])
"""
