"""The storages, by a tiny object that goes the way of a clip: written, read, signed, ranged, deleted."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count

from generations import clock, orphan_report, storage
from generations.models import AudioUpload, Generation
from wanstudio.doctor.finding import Finding, fail, ok, warn

if TYPE_CHECKING:
    from collections.abc import Iterator

SOON = timedelta(minutes=10)  # by then the storage has a clip, if all is well
BODY = b"0123456789 the doctor was here"


def storages() -> Iterator[Finding]:
    """The default storage thoroughly; others that hold something must still be set up and readable."""
    default = storage.default_name()
    yield from _thoroughly(default)
    used = set(Generation.objects.exclude(storage="").order_by().values_list("storage", flat=True).distinct())
    used |= set(AudioUpload.objects.order_by().values_list("storage", flat=True).distinct())
    for name in sorted(used - {default}):
        yield _reachable(name)
    yield from _spooled()
    counts = (orphan_report.latest() or {}).get("counts", {})
    if counts.get("MISSING") or counts.get("DIFFERS"):
        yield fail("storage", "The last search missed files of clips: run manage.py find_orphans --repair.")


def _spooled() -> Iterator[Finding]:
    """What media workers have fetched and not stored yet: only the machine that is named can store it."""
    waiting = Generation.objects.unfinished().exclude(spool_host="").filter(status_changed_at__lt=clock.now() - SOON)
    for host, count in waiting.order_by().values_list("spool_host").annotate(count=Count("pk")).order_by("spool_host"):
        clips = "1 clip lies" if count == 1 else f"{count} clips lie"
        yield warn("storage", f"{clips} on the disk of the media worker {host} until the storage has them: keep it.")


def _thoroughly(name: str) -> Iterator[Finding]:
    where = (
        f"The bucket {settings.AWS_STORAGE_BUCKET_NAME}" if name == "s3" else f"{settings.STUDIO_DATA_DIR / 'media'}"
    )
    try:
        storage.write_probe(name)
    except storage.StorageError as error:
        yield fail("storage", f"{where} does not take files: {error}")
        return
    yield ok("storage", f"{where} takes files, gives them back and deletes them.")
    if name == "s3":
        yield from _signed(name)


def _signed(name: str) -> Iterator[Finding]:
    """What browsers and Wan do: fetch by signed URL at the public endpoint."""
    key = f"probe/{uuid.uuid4()}"
    try:
        with storage.workspace() as directory:
            (directory / "probe").write_bytes(BODY)
            storage.put_file(directory / "probe", key, content_type="text/plain", storage=name)
        url = storage.signed_url(name, key, expires=300)
        yield from _as_a_browser(url)
    except storage.StorageError as error:
        yield _out_of_reach(error)
    finally:
        storage.delete(name, key)


def _as_a_browser(url: str) -> Iterator[Finding]:
    whole = storage.fetch_signed(url)
    if whole.status != 200 or whole.body != BODY:
        yield fail("storage", f"A signed URL is not accepted (HTTP {whole.status}): check region, clock and endpoint.")
        return
    part = storage.fetch_signed(url, byte_range="bytes=2-5")
    if part.status == 206 and part.body == BODY[2:6]:
        yield ok("storage", "Signed URLs work at the public endpoint, with byte ranges.")
    else:
        yield fail("storage", f"Byte ranges are not served (HTTP {part.status}): videos could not be seeked.")
    if storage.fetch_signed(url.partition("?")[0]).status == 200:
        yield fail("storage", "The bucket is open: anybody can read its files without a signature. Make it private.")


def _out_of_reach(error: storage.StorageError) -> Finding:
    """From in here the public endpoint may be out of reach, in a network of containers for instance."""
    endpoint = settings.AWS_S3_PUBLIC_ENDPOINT_URL
    if endpoint and endpoint != settings.AWS_S3_ENDPOINT_URL:
        return warn("storage", f"This machine does not reach {endpoint}; make sure that browsers do. {error}")
    return fail("storage", f"A signed URL can't be fetched: {error}")


def _reachable(name: str) -> Finding:
    try:
        next(storage.iter_objects(name, "probe/"), None)
    except storage.StorageError as error:
        return fail("storage", f"Some files are in the storage “{name}”, which can't be read: {error}")
    return ok("storage", f"Some files are in the storage “{name}”, which answers.")
