"""Copying a whole database into another one, of another kind if need be (`manage.py copy_database`).

Rows go as they are, keys included, in one transaction of the target, from one consistent view of the source.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import environ
from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, DataError, connections, transaction

from accounts.models import User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import Model

TARGET = "target"
BATCH = 200


class CopyError(Exception):
    """The text says what a person can do."""


def copy(url: str, say: Callable[[str], Any]) -> int:
    """Copy everything into the empty database at `url` and say how many rows that were. Raises CopyError."""
    with _connected(url):
        try:
            call_command("migrate", database=TARGET, interactive=False, verbosity=0)
        except DatabaseError as error:
            raise CopyError(f"The target can't be used: {_first_line(error)}") from error
        if User.objects.using(TARGET).exists():
            raise CopyError("There are people in the target: name an empty database.")
        call_command("flush", database=TARGET, interactive=False, inhibit_post_migrate=True, verbosity=0)
        models = _models()
        with _snapshot(), transaction.atomic(using=TARGET):
            total = sum(_copy_table(model, say) for model in models)
        _reset_sequences(models)
    return total


@contextmanager
def _connected(url: str) -> Iterator[None]:
    settings = connections.configure_settings({"default": environ.Env.db_url_config(url)})["default"]
    used = connections["default"].settings_dict
    if all(str(settings[part]) == str(used[part]) for part in ("ENGINE", "NAME", "HOST", "PORT")):
        raise CopyError("The target is the database in use.")
    connections.settings[TARGET] = settings
    try:
        yield
    finally:
        connections[TARGET].close()
        del connections[TARGET], connections.settings[TARGET]


@contextmanager
def _snapshot() -> Iterator[None]:
    """One view of the source for all tables. SQLite's transactions also keep writers out as long as it takes."""
    with transaction.atomic(using="default"):
        if connections["default"].vendor == "postgresql":
            with connections["default"].cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _models() -> list[type[Model]]:
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if model._meta.managed and not model._meta.proxy]


def _copy_table(model: type[Model], say: Callable[[str], Any]) -> int:
    rows: Any = model._base_manager
    fields = [field for field in model._meta.local_concrete_fields if not field.generated]
    copied, last = 0, None
    while batch := list((rows.filter(pk__gt=last) if last is not None else rows).order_by("pk")[:BATCH]):
        try:
            rows.using(TARGET)._insert(batch, fields=fields, using=TARGET, raw=True)  # raw: no "now", no new keys
        except (DataError, ValueError) as error:
            raise CopyError(f"A {model._meta.verbose_name} can't be copied: {_first_line(error)}") from error
        copied, last = copied + len(batch), batch[-1].pk
    if rows.using(TARGET).count() != copied:
        raise CopyError(f"{model._meta.db_table} has not as many rows in the target as it should.")
    if copied:
        say(f"{copied:>9}  {model._meta.db_table}")
    return copied


def _reset_sequences(models: list[type[Model]]) -> None:
    """The next key of each table comes after those that were copied."""
    statements = connections[TARGET].ops.sequence_reset_sql(no_style(), models)
    with connections[TARGET].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
