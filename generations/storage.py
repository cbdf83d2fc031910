"""Where files are kept, and the only module that knows how: the disk below STUDIO_DATA_DIR, or an S3/OSS bucket.

Rows remember the storage's name ("local" or "s3", aliases of Django's STORAGES) and the object's key, so a change of
settings moves only new objects. Keys carry no user text. Whatever goes wrong is a StorageError. Sizes are bytes, times
seconds.
"""

import os
import re
import shutil
import time
import uuid as uuids
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import InvalidStorageError, storages
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from generations.storage_backends import (
    TEMPORARY,
    Bucket,
    Disk,
    Fetched,
    Listed,
    ObjectMissing,
    Part,
    StorageError,
    StorageRefused,
    Stored,
    digests,
    explained,
    fetch,
)

__all__ = [
    "Fetched",
    "Listed",
    "ObjectMissing",
    "Part",
    "StorageError",
    "StorageRefused",
    "Stored",
]  # the rest of the interface is defined here

SIGNED_MOST = 3600  # seconds that a signed URL is good for, whoever gets it
SIGNING_WINDOW = 600  # the same URL for ten minutes, so that browsers find what they have cached
KEY = re.compile(r"[a-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


def default_name() -> str:
    """The storage new objects go to."""
    return "s3" if "s3" in settings.STORAGES else "local"


def generation_key(uuid: uuids.UUID | str, name: str) -> str:
    """`name` is one of ours: video.mp4, poster.webp, poster-small.webp, preview.mp4, strip.webp, quarantine.bin."""
    return _checked(f"generations/{uuid}/{name}")


def audio_key(uuid: uuids.UUID | str, kind: str) -> str:
    """`kind` is "mp3" or "wav"."""
    return _checked(f"audio/{uuid}/source.{kind}")


def put_file(
    path: Path,
    key: str,
    *,
    content_type: str,
    sha256: str | None = None,
    md5: str | None = None,
    storage: str | None = None,
) -> Stored:
    """Store the file and verify what the storage has; a repeated call overwrites the same object.

    Digests the caller already has spare a reading, and are compared with what arrives. Raises StorageError, and OSError
    when the source itself cannot be read.
    """
    name = storage or default_name()
    with path.open("rb") as source:
        size = os.fstat(source.fileno()).st_size
        if not (sha256 and md5):
            read_sha256, read_md5 = digests(source)
            if (sha256 or read_sha256).lower() != read_sha256 or (md5 or read_md5).lower() != read_md5:
                raise StorageRefused(_("The file changed before it could be stored."), transient=True, code="digest")
            sha256, md5 = read_sha256, read_md5
        stored = Stored(name, _checked(key), size, sha256.lower(), md5.lower())
        _backend(name).put(source, stored, content_type)
    return stored


def exists(storage: str, key: str) -> bool:
    return size(storage, key) is not None


def find(key: str) -> str | None:
    """The storage that has such an object; None when none has."""
    return next((name for name in names() if exists(name, key)), None)


def size(storage: str, key: str) -> int | None:
    """None when there is no such object."""
    try:
        return _backend(storage).size(_checked(key))
    except ObjectMissing:
        return None


def delete(storage: str, key: str) -> None:
    """Deleting what is not there is no error."""
    _backend(storage).delete(_checked(key))


def delete_prefix(storage: str, prefix: str) -> int:
    """Delete all below a "directory/" and say how many. One call each: in bulk OSS wants an MD5 that boto3 lacks."""
    if not prefix.endswith("/"):
        raise ValueError("A prefix to delete ends with a slash.")
    keys = [key for key, _size in iter_keys(storage, prefix)]
    for key in keys:
        delete(storage, key)
    return len(keys)


def local_path(storage: str, key: str) -> Path | None:
    """The object as a local file; None when it is elsewhere or missing. A climbing key is SuspiciousFileOperation."""
    backend = _backend(storage)
    if not isinstance(backend, Disk):
        return None
    path = backend.path(_checked(key))
    return path if path.is_file() else None


def signed_url(
    storage: str,
    key: str,
    *,
    expires: int = SIGNED_MOST,
    download_name: str | None = None,
    content_type: str | None = None,
) -> str:
    """A URL that needs no sign-in, at the public endpoint, for at least `expires` seconds less ten minutes.

    Only for buckets: ValueError for "local", and for more than SIGNED_MOST.
    """
    backend = _backend(storage)
    if expires > SIGNED_MOST:
        raise ValueError(f"Signed URLs are good for {SIGNED_MOST} seconds at most.")
    if not isinstance(backend, Bucket):
        raise ValueError("Only objects in a bucket have signed URLs.")
    window = int(time.time() // SIGNING_WINDOW) if expires >= 3 * SIGNING_WINDOW else time.time_ns()
    return _signed(_public(storage, backend.files), _checked(key), expires, download_name, content_type, window)


@contextmanager
def open_object(storage: str, key: str) -> Iterator[Iterator[bytes]]:
    """The object in chunks of at most 256 KiB, and never all of it in memory. An object cut short is a StorageError."""
    chunks = _backend(storage).chunks(_checked(key))
    first = next(chunks, b"")  # so that a missing object is said here and not in the middle of a response
    try:
        yield _joined(first, chunks)
    finally:
        chunks.close()


def open_part(storage: str, key: str, start: int, stop: int) -> Part:
    """Bytes `start` up to `stop`, which must be a part of the object, in chunks; closing it ends the reading.

    A missing object is said at once.
    """
    return Part(_backend(storage).chunks(_checked(key), start, stop))


def fetch_file(storage: str, key: str, path: Path) -> None:
    """Copy the object to a local file, for those who need a path."""
    with open_object(storage, key) as chunks, path.open("wb") as target:
        target.writelines(chunks)


def iter_objects(storage: str, prefix: str) -> Iterator[Listed]:
    """Each object whose key begins with the prefix, in the order of keys' directories."""
    return _backend(storage).objects(prefix)


def iter_keys(storage: str, prefix: str) -> Iterator[tuple[str, int]]:
    """Key and size of each object whose key begins with the prefix."""
    return ((found.key, found.size) for found in iter_objects(storage, prefix))


def fetch_signed(url: str, *, byte_range: str = "") -> Fetched:
    """What a browser gets for a signed URL of a small object; `byte_range` as in "bytes=0-9". For checks only."""
    return fetch(url, {"Range": byte_range} if byte_range else {})


def names() -> list[str]:
    """Every storage that is set up and may hold objects."""
    return [name for name in ("local", "s3") if name in settings.STORAGES]


def places(storage: str) -> list[str]:
    """Every storage that may hold files of a row that names this one, or none: a move may have left a copy behind."""
    return sorted({*names(), storage or default_name()})


def write_probe(storage: str | None = None) -> None:
    """Write, read back and delete a tiny object; StorageRefused says why new work would be lost."""
    name = storage or default_name()
    body = uuids.uuid4().hex.encode()
    sha256, md5 = digests(BytesIO(body))
    key = f"probe/{uuids.uuid4()}"
    try:
        _backend(name).put(BytesIO(body), Stored(name, key, len(body), sha256, md5), "text/plain")
        with open_object(name, key) as chunks:
            kept = b"".join(chunks)
        delete(name, key)
    except StorageError as error:
        raise StorageRefused(error.sentence, transient=error.transient, code=error.code) from error
    if kept != body:
        raise StorageRefused(_("The storage gives back something else than it was given."), transient=False)


@contextmanager
def workspace() -> Iterator[Path]:
    """A local directory that is gone afterwards; what a killed worker leaves in it is swept."""
    directory = _temporary() / uuids.uuid4().hex
    with explained():
        directory.mkdir(parents=True)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def sweep_temporary(older_than_seconds: float) -> int:
    """Remove what killed workers left and nobody has written to since; say how many entries."""
    border = time.time() - older_than_seconds
    swept = 0
    for entry in _temporary().glob("*"):
        try:
            newest = max(part.stat().st_mtime for part in (entry, *entry.rglob("*")))
        except FileNotFoundError:  # its worker is alive and has just cleaned up
            continue
        if newest < border:
            shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink(missing_ok=True)
            swept += 1
    return swept


def free_bytes() -> int | None:
    """Free space for the data directory; None when it cannot be told."""
    try:
        return shutil.disk_usage(settings.STUDIO_DATA_DIR).free
    except OSError:
        return None


def _backend(storage: str) -> Disk | Bucket:
    try:
        files: Any = storages[storage]
    except InvalidStorageError as error:
        sentence = _("The storage this file is in is not set up any more.")
        raise StorageRefused(sentence, transient=False, code=storage) from error
    return Bucket(files) if hasattr(files, "bucket_name") else Disk(files)


def _public(storage: str, files: Any) -> Any:
    """The same bucket as browsers and Wan reach it."""
    endpoint = settings.AWS_S3_PUBLIC_ENDPOINT_URL
    return _at_endpoint(storage, files, endpoint) if endpoint else files


@lru_cache(maxsize=8)
def _at_endpoint(storage: str, files: Any, endpoint_url: str) -> Any:
    """A second storage, kept as long as the first, which only signs."""
    backend: Any = settings.STORAGES[storage]
    return storages.create_storage({**backend, "OPTIONS": {**backend["OPTIONS"], "endpoint_url": endpoint_url}})


@lru_cache(maxsize=4096)
def _signed(
    files: Any, key: str, expires: int, download_name: str | None, content_type: str | None, window: int
) -> str:
    query = {
        "ResponseContentDisposition": content_disposition_header(True, download_name) if download_name else None,
        "ResponseContentType": content_type,
    }
    params = {"Bucket": files.bucket_name, "Key": key} | {name: value for name, value in query.items() if value}
    with explained():
        url: str = files.connection.meta.client.generate_presigned_url("get_object", Params=params, ExpiresIn=expires)
    return url


def _checked(key: str) -> str:
    if not KEY.fullmatch(key):
        raise SuspiciousFileOperation(f"Not a key of ours: {key!r}")
    return key


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _temporary() -> Path:
    return Disk(storages["local"]).root / TEMPORARY
