"""Backups of what can't be had again: the database, the secrets and, when wanted, local files.

A backup is a directory. Its manifest is written last and holds every file's checksum, so a directory without one is no
backup. The studio may run while one is made: the database comes first, so the files that it names are there when they
are copied.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import sqlite3
import subprocess
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.db.backends.postgresql.client import DatabaseClient
from django.utils import timezone

from generations import storage
from wanstudio import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.utils import CursorWrapper

MANIFEST = "manifest.json"
SECRETS = ("DJANGO_SECRET_KEY", "STUDIO_ENCRYPTION_KEYS", "STUDIO_SIGNING_KEY")
CONTENT_TYPE = "application/octet-stream"
PUBLIC, ASIDE, EMPTY = "public", "before_restore", "empty_before_restore"  # schemas of PostgreSQL
OWN_FUNCTIONS = """
SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = %s::regnamespace
AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""
STOP_SENDING = """
INSERT INTO {schema}.generations_switchboard (id, submitting) VALUES (1, false)
ON CONFLICT (id) DO UPDATE SET submitting = false
"""


class BackupError(Exception):
    """The text says what a person can do."""


@dataclass
class Manifest:
    """`files`: name below the backup's directory → [bytes, SHA-256]."""

    made_at: str
    version: str
    database: str
    files: dict[str, list[Any]] = field(default_factory=dict)
    secrets_elsewhere: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(size for size, _ in self.files.values())


def make(directory: Path, *, with_media: bool) -> Manifest:
    """Write a backup into a new or empty directory. Raises BackupError."""
    _prepare(directory)
    manifest = Manifest(timezone.now().isoformat(), settings.VERSION, connection.vendor)
    with _told("This backup is not complete. Delete it and take another one"):
        _dump(directory / "database")
        manifest.secrets_elsewhere = _copy_secrets(directory / "secrets")
        if with_media:
            _copy_media(directory)
        for path in _files(directory):
            path.chmod(0o600)
            manifest.files[path.relative_to(directory).as_posix()] = [path.stat().st_size, _sha256(path)]
        _write_durably(directory / MANIFEST, json.dumps(manifest.__dict__, indent=1))
    return manifest


@contextmanager
def _told(sentence: str) -> Iterator[None]:
    """Say what the disk, or a database on it, refused."""
    try:
        yield
    except (OSError, storage.StorageError, sqlite3.Error) as error:
        raise BackupError(f"{sentence}: {getattr(error, 'strerror', None) or error}") from error


def _prepare(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(directory.iterdir()):
            raise BackupError(f"{directory} is not empty: name a new directory for each backup.")
    except OSError as error:
        raise BackupError(f"{directory} can't be used: {error.strerror}.") from error


def _dump(path: Path) -> None:
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(path)) as target:
            connection.connection.backup(target)
    else:
        options = ["--format=custom", "--no-owner", "--no-privileges", "--exclude-table-data=studio_cache"]
        options.append(f"--exclude-schema={ASIDE}")
        _postgres("pg_dump", *options, "--file", str(path))


def _postgres(program: str, *options: str) -> None:
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    _run([program, *options, *arguments[1:-1], "--dbname", arguments[-1]], environment or {})


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    try:
        done = subprocess.run(  # noqa: S603  # a fixed program; the rest comes from DATABASE_URL
            command, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise BackupError(f"{command[0]} is not there: install postgresql-client of the server's version.") from error
    if done.returncode:
        raise BackupError(f"{command[0]} failed: {done.stderr.strip()[-1000:]}")


def _copy_secrets(target: Path) -> list[str]:
    """Those in use that are files; the names of the others. A file that the environment overrules is of no use."""
    elsewhere = []
    target.mkdir()
    for name in SECRETS:
        path = settings.SECRETS_DIR / name.lower()
        if environment.text(name) or not path.is_file():
            elsewhere.append(name)
        else:
            shutil.copy2(path, target)
    return elsewhere


def _copy_media(directory: Path) -> None:
    """Videos that still wait for their storage, local clips and audio: in this order, as what is stored meanwhile goes
    from the former to the latter.
    """
    spool = settings.STUDIO_DATA_DIR / "spool"
    for path in spool.glob("*.mp4") if spool.is_dir() else ():
        (directory / "spool").mkdir(exist_ok=True)
        with suppress(FileNotFoundError):  # stored since it was listed
            shutil.copy2(path, directory / "spool")
    for found in storage.iter_objects("local", ""):
        target = directory / "media" / found.key
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            storage.fetch_file("local", found.key, target)
        except storage.ObjectMissing:  # deleted since it was listed
            target.unlink(missing_ok=True)


def _files(directory: Path) -> Iterator[Path]:
    return (path for path in sorted(directory.rglob("*")) if path.is_file() and path.name != MANIFEST)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_durably(path: Path, text: str) -> None:
    with path.open("x") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


# Restore -------------------------------------------------------------------------------------------------------------


def read(directory: Path) -> Manifest:
    """The manifest of a whole and undamaged backup of this kind of database. Raises BackupError."""
    try:
        manifest = Manifest(**json.loads((directory / MANIFEST).read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise BackupError(f"{directory} holds no complete backup: it has no manifest that can be read.") from error
    with _told("The backup can't be read"):
        for name, (size, sha256) in manifest.files.items():
            path = directory / name
            if not path.is_file() or path.stat().st_size != size or _sha256(path) != sha256:
                raise BackupError(f"The backup is damaged: {name} is not what it was. Take another one.")
    if manifest.database != connection.vendor:
        words = f"This is a backup of {manifest.database}, but DATABASE_URL names {connection.vendor}"
        raise BackupError(f"{words}: restore it to {manifest.database}, then use manage.py copy_database.")
    return manifest


def restore(directory: Path) -> Manifest:
    """Put a backup in the place of what is there, with sending stopped. Raises BackupError.

    Files come first, as they are what a disk has no room for: until the database is replaced at once, all is as it was.
    """
    manifest = read(directory)
    with _told("The files can't be put into their places, and the database is as it was. Make room and repeat this"):
        _put_media(directory / "media")
        _put_spool(directory / "spool")
    load_failed = "The backup's database can't be loaded, and the one that was there stays"
    with _told(load_failed), storage.workspace() as workspace:
        _load(directory / "database", workspace)
    with _told("The database is the backup's, with sending stopped, but not all is in its place. Repeat with --force"):
        _put_secrets(directory / "secrets")
        _adopt_spool(directory / "spool")
    return manifest


def _load(path: Path, workspace: Path) -> None:
    """In one step, so that the database never stands there with sending on.

    What waited when the backup was made may have been sent since: sending it again would be paid twice.
    """
    if connection.vendor == "sqlite":
        copy = _private(workspace / "database")
        shutil.copyfile(path, copy)
        connection.ensure_connection()
        with closing(sqlite3.connect(copy)) as source:
            with source:
                source.execute(STOP_SENDING.format(schema="main"))
            source.backup(connection.connection)
    else:
        _load_postgres(path, _private(workspace / "database.sql"))


def _private(path: Path) -> Path:
    path.touch(mode=0o600)
    return path


def _load_postgres(path: Path, script: Path) -> None:
    """What is there steps aside, and comes back should the backup not load.

    Of a newer version it may have tables more, over which `pg_restore --clean` stumbles.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {ASIDE}")
            _shift(cursor, PUBLIC, ASIDE)
    except ProgrammingError as error:
        raise BackupError(f"The database's user must be allowed to create a schema in it: {error}") from error
    try:
        _run(["pg_restore", "--no-owner", "--file", str(script), str(path)])
        stop = STOP_SENDING.format(schema=PUBLIC)
        options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"]
        _postgres("psql", *options, f"--file={script}", f"--command={stop}")
    except BaseException:  # an interruption, too
        _bring_back()
        raise
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {ASIDE} CASCADE")


def _bring_back() -> None:
    """What had stepped aside for a restore that did not come to its end, unless people came after that."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [ASIDE])
        if not cursor.fetchone():
            return
        if not _has_people():
            cursor.execute(f"DROP SCHEMA IF EXISTS {EMPTY} CASCADE")
            cursor.execute(f"CREATE SCHEMA {EMPTY}")
            _shift(cursor, PUBLIC, EMPTY)
            _shift(cursor, ASIDE, PUBLIC)
            cursor.execute(f"DROP SCHEMA {EMPTY} CASCADE")
        cursor.execute(f"DROP SCHEMA {ASIDE} CASCADE")


def _tables(cursor: CursorWrapper, schema: str) -> list[str]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
    return [name for (name,) in cursor.fetchall()]


def _shift(cursor: CursorWrapper, schema: str, to: str) -> None:
    """Tables with their indexes, sequences and triggers, and functions that are no extension's."""
    for table in _tables(cursor, schema):
        cursor.execute(f"ALTER TABLE {schema}.{connection.ops.quote_name(table)} SET SCHEMA {to}")
    cursor.execute(OWN_FUNCTIONS, [schema])
    for (function,) in cursor.fetchall():
        cursor.execute(f"ALTER FUNCTION {function} SET SCHEMA {to}")


def _put_secrets(source: Path) -> None:
    """Those of the backup belong to its database. What was there is kept beside them."""
    settings.SECRETS_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in sorted(source.glob("*")) if source.is_dir() else ():
        target = settings.SECRETS_DIR / path.name
        if target.is_file() and target.read_bytes() != path.read_bytes():
            target.replace(target.with_name(f"{target.name}.before-{timezone.now():%Y%m%d-%H%M%S}"))
        shutil.copyfile(path, target)
        target.chmod(0o600)


def _put_media(source: Path) -> None:
    for path in _files(source) if source.is_dir() else ():
        key = path.relative_to(source).as_posix()
        storage.put_file(path, key, content_type=CONTENT_TYPE, storage="local")


def _put_spool(source: Path) -> None:
    """Under their names only when they are whole, as these would be stored without a further look."""
    spool = settings.STUDIO_DATA_DIR / "spool"
    for path in _files(source) if source.is_dir() else ():
        spool.mkdir(exist_ok=True)
        part = spool / f"{path.stem}.restored.part"
        shutil.copyfile(path, part)
        part.replace(spool / path.name)


def _adopt_spool(source: Path) -> None:
    """Videos that waited for their storage wait on this machine now."""
    from generations.models import Generation

    for path in _files(source) if source.is_dir() else ():
        waiting = Generation.objects.filter(uuid=path.stem).exclude(spool_host="")
        waiting.update(spool_host=socket.gethostname())


def holds_people() -> bool:
    """Whether the database is in use, so that restoring would overwrite something.

    An earlier restore that was cut off is undone first.
    """
    if connection.vendor == "postgresql":
        _bring_back()
    return _has_people()


def _has_people() -> bool:
    from accounts.models import User

    return User._meta.db_table in connection.introspection.table_names() and User.objects.exists()
