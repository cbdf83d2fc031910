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
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient
from django.utils import timezone

from generations import storage

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = "manifest.json"
SECRETS = ("DJANGO_SECRET_KEY", "STUDIO_ENCRYPTION_KEYS", "STUDIO_SIGNING_KEY")
CONTENT_TYPE = "application/octet-stream"


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
    _dump(directory / "database")
    if settings.SECRETS_DIR.is_dir():
        shutil.copytree(settings.SECRETS_DIR, directory / "secrets", ignore=shutil.ignore_patterns(".*", "*.before-*"))
    manifest.secrets_elsewhere = [name for name in SECRETS if not (settings.SECRETS_DIR / name.lower()).is_file()]
    if with_media:
        _copy_media(directory)
    for path in _files(directory):
        path.chmod(0o600)
        manifest.files[path.relative_to(directory).as_posix()] = [path.stat().st_size, _sha256(path)]
    _write_durably(directory / MANIFEST, json.dumps(manifest.__dict__, indent=1))
    return manifest


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
        _postgres("pg_dump", *options, "--file", str(path))


def _postgres(program: str, *options: str) -> None:
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    command = [program, *options, *arguments[1:-1], "--dbname", arguments[-1]]
    try:
        done = subprocess.run(  # noqa: S603  # a fixed program; the rest comes from DATABASE_URL
            command, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise BackupError(f"{program} is not there: install postgresql-client of the server's version.") from error
    if done.returncode:
        raise BackupError(f"{program} failed: {done.stderr.strip()[-1000:]}")


def _copy_media(directory: Path) -> None:
    """Local clips and audio, and videos that still wait for their storage."""
    for found in storage.iter_objects("local", ""):
        target = directory / "media" / found.key
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            storage.fetch_file("local", found.key, target)
        except storage.ObjectMissing:  # deleted since it was listed
            target.unlink(missing_ok=True)
    spool = settings.STUDIO_DATA_DIR / "spool"
    for path in spool.glob("*.mp4") if spool.is_dir() else ():
        (directory / "spool").mkdir(exist_ok=True)
        shutil.copy2(path, directory / "spool")


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
    for name, (size, sha256) in manifest.files.items():
        path = directory / name
        if not path.is_file() or path.stat().st_size != size or _sha256(path) != sha256:
            raise BackupError(f"The backup is damaged: {name} is not what it was. Take another one.")
    if manifest.database != connection.vendor:
        words = f"This is a backup of {manifest.database}, but DATABASE_URL names {connection.vendor}"
        raise BackupError(f"{words}: restore it to {manifest.database}, then use manage.py copy_database.")
    return manifest


def restore(directory: Path) -> Manifest:
    """Put a backup in the place of what is there. Sending is stopped afterwards. Raises BackupError."""
    manifest = read(directory)
    _load(directory / "database")
    _put_secrets(directory / "secrets")
    _put_media(directory / "media")
    _put_spool(directory / "spool")
    _stop_sending()
    return manifest


def _load(path: Path) -> None:
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as source:
            source.backup(connection.connection)
    else:
        _postgres("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", str(path))


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
    """Videos that waited for their storage wait here now."""
    from generations.models import Generation

    spool = settings.STUDIO_DATA_DIR / "spool"
    for path in _files(source) if source.is_dir() else ():
        spool.mkdir(exist_ok=True)
        shutil.copyfile(path, spool / path.name)
        waiting = Generation.objects.filter(uuid=path.stem).exclude(spool_host="")
        waiting.update(spool_host=socket.gethostname())


def _stop_sending() -> None:
    """What waited when the backup was made may have been sent since: sending it again would be paid twice."""
    from generations.models import Switchboard

    board = Switchboard.load()
    Switchboard.objects.filter(pk=board.pk).update(submitting=False)


def holds_people() -> bool:
    """Whether the database is in use, so that restoring would overwrite something."""
    from accounts.models import User

    return User._meta.db_table in connection.introspection.table_names() and User.objects.exists()
