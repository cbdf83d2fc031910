"""The two kinds of places objects lie in, a disk and a bucket, behind storage.py, which alone may import this.

Every exception of boto3 and the operating system leaves here as a StorageError.
"""

import base64
import errno
import hashlib
import math
import os
import shutil
import uuid as uuids
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

# The other half of storage.py, apart only for its length.
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError  # noqa: TID251
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CHUNK = 256 << 10
MULTIPART_ABOVE = 1 << 30  # one put is verified as a whole and has a meaningful ETag, so parts are for giants only
PART = 32 << 20
CACHE_CONTROL = "private, max-age=31536000, immutable"
TEMPORARY = ".temporary"  # a directory beside the objects, on their file system, so that a rename is atomic


class StorageError(Exception):
    """The storage did not do it. `transient`: the same call may succeed later, without a person changing anything."""

    def __init__(self, sentence: str | Promise, *, transient: bool, code: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.transient, self.code = sentence, transient, code

    def __str__(self) -> str:
        return f"{self.sentence} ({self.code})" if self.code else str(self.sentence)


class StorageRefused(StorageError):
    """The storage answered and said no, or kept something else than what was sent."""


class ObjectMissing(StorageError):
    """There is no object of that key."""


@dataclass(frozen=True)
class Stored:
    """An object that was written and verified; digests are lower-case hex."""

    storage: str
    key: str
    size: int
    sha256: str
    md5: str


@dataclass(frozen=True)
class Listed:
    """An object as a listing tells of it."""

    key: str
    size: int
    modified_at: datetime


@dataclass(frozen=True)
class Fetched:
    """What a browser gets for a signed URL."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Part(Iterator[bytes]):
    """Chunks of which the first is there already. A class, for its `close`."""

    def __init__(self, chunks: Any) -> None:
        self.chunks = chunks
        self.ready = [next(chunks, b"")]

    def __next__(self) -> bytes:
        return self.ready.pop() if self.ready else next(self.chunks)

    def close(self) -> None:
        self.chunks.close()


class Disk:
    def __init__(self, files: Any) -> None:
        self.files = files
        self.root = Path(files.location)

    def path(self, key: str) -> Path:
        return Path(self.files.path(key))

    def put(self, source: BinaryIO, stored: Stored, content_type: str) -> None:
        target, part = self.path(stored.key), self.root / TEMPORARY / f"{uuids.uuid4().hex}.part"
        with explained():
            target.parent.mkdir(parents=True, exist_ok=True)
            part.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._write(source, part)
                self._verify(part, stored)
                part.replace(target)
                _synchronise(target.parent)
            finally:
                part.unlink(missing_ok=True)

    def _write(self, source: BinaryIO, part: Path) -> None:
        source.seek(0)
        with part.open("xb") as file:
            shutil.copyfileobj(source, file, CHUNK)
            file.flush()
            os.fsync(file.fileno())

    def _verify(self, part: Path, stored: Stored) -> None:
        with part.open("rb") as file:
            kept = (os.fstat(file.fileno()).st_size, *digests(file))
        if kept != (stored.size, stored.sha256, stored.md5):
            raise StorageRefused(_("What the disk kept differs from what was written."), transient=True, code="digest")

    def size(self, key: str) -> int:
        with explained():
            return self.path(key).stat().st_size

    def delete(self, key: str) -> None:
        with explained():
            self.path(key).unlink(missing_ok=True)

    def chunks(self, key: str, start: int = 0, stop: int | None = None) -> Any:
        with explained(), self.path(key).open("rb") as file:
            left = math.inf if stop is None else stop - start
            file.seek(start)
            while left > 0 and (chunk := file.read(int(min(CHUNK, left)))):
                left -= len(chunk)
                yield chunk

    def objects(self, prefix: str) -> Iterator[Listed]:
        start = self.path(prefix.rpartition("/")[0] or ".")
        for directory, below, names in os.walk(start):
            below[:] = sorted(name for name in below if name != TEMPORARY)
            for name in sorted(names):
                path = Path(directory, name)
                key = path.relative_to(self.root).as_posix()
                if not key.startswith(prefix):
                    continue
                try:
                    stat = path.stat()
                except FileNotFoundError:  # deleted since its directory was read
                    continue
                yield Listed(key, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))


class Bucket:
    """The client is the storage's own: one per thread, with the options of storage_options."""

    def __init__(self, files: Any) -> None:
        self.files = files
        self.name = files.bucket_name

    @property
    def client(self) -> Any:
        return self.files.connection.meta.client

    def put(self, source: BinaryIO, stored: Stored, content_type: str) -> None:
        about = {
            "Bucket": self.name,
            "Key": stored.key,
            "ContentType": content_type,
            "CacheControl": CACHE_CONTROL,
            "Metadata": {"sha256": stored.sha256},
        }
        source.seek(0)
        with explained():
            if stored.size > MULTIPART_ABOVE:
                self._put_parts(source, about)
            else:
                answer = self.client.put_object(Body=source, ContentMD5=_base64(stored.md5), **about)
                etag = answer.get("ETag", "").strip('"').lower()
                if "-" not in etag and etag != stored.md5:  # with a dash it is opaque: encrypted or in parts
                    raise StorageRefused(_("The storage kept something else than it was sent."), transient=True)
            if self.size(stored.key) != stored.size:
                raise StorageRefused(_("The storage kept a file of another size."), transient=True, code="size")

    def _put_parts(self, source: BinaryIO, about: dict[str, Any]) -> None:
        upload = {"Bucket": self.name, "Key": about["Key"]}
        upload["UploadId"] = self.client.create_multipart_upload(**about)["UploadId"]
        try:
            parts: list[dict[str, Any]] = []
            while body := source.read(PART):
                number, md5 = len(parts) + 1, hashlib.md5(body, usedforsecurity=False).hexdigest()
                answer = self.client.upload_part(Body=body, PartNumber=number, ContentMD5=_base64(md5), **upload)
                parts.append({"PartNumber": number, "ETag": answer["ETag"]})
            self.client.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)
        except BaseException:
            self.client.abort_multipart_upload(**upload)  # OSS cannot list them, so nobody would find it later
            raise

    def size(self, key: str) -> int:
        with explained():
            return int(self.client.head_object(Bucket=self.name, Key=key)["ContentLength"])

    def delete(self, key: str) -> None:
        with explained():
            self.client.delete_object(Bucket=self.name, Key=key)

    def chunks(self, key: str, start: int = 0, stop: int | None = None) -> Any:
        part = {} if (start, stop) == (0, None) else {"Range": f"bytes={start}-{'' if stop is None else stop - 1}"}
        with explained():
            body = self.client.get_object(Bucket=self.name, Key=key, **part)["Body"]
            try:
                yield from body.iter_chunks(CHUNK)
            finally:
                body.close()

    def objects(self, prefix: str) -> Iterator[Listed]:
        with explained():
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix):
                for entry in page.get("Contents", ()):
                    yield Listed(entry["Key"], entry["Size"], entry["LastModified"])


def fetch(url: str, headers: Mapping[str, str]) -> Fetched:
    """GET a signed URL as a browser does: without a key, through the environment's proxy. Only for small objects."""
    from botocore.awsrequest import AWSRequest  # noqa: TID251  as above
    from botocore.httpsession import URLLib3Session  # noqa: TID251  as above
    from botocore.utils import get_environ_proxies  # noqa: TID251  as above

    authorities = os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE") or True
    session = URLLib3Session(verify=authorities, proxies=get_environ_proxies(url), timeout=(5, 20))
    try:
        with explained():
            answer = session.send(AWSRequest("GET", url, headers=dict(headers)).prepare())
            return Fetched(answer.status_code, answer.headers, answer.content)
    finally:
        session.close()


@contextmanager
def explained() -> Iterator[None]:
    """Say what boto3 or the operating system raised as a StorageError."""
    try:
        yield
    except ClientError as error:
        raise _answered(error) from error
    except NoCredentialsError as error:
        raise StorageRefused(_("The storage has no access key."), transient=False, code="NoCredentials") from error
    except BotoCoreError as error:
        raise StorageError(_("The storage can't be reached."), transient=True, code=type(error).__name__) from error
    except FileNotFoundError as error:
        raise ObjectMissing(_("The file is not in the storage."), transient=False) from error
    except OSError as error:
        code = errno.errorcode.get(error.errno or 0, type(error).__name__)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(_("The disk is full."), transient=True, code=code) from error
        raise StorageRefused(_("The disk does not accept files."), transient=True, code=code) from error


def _answered(error: ClientError) -> StorageError:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code == "NoSuchBucket":
        return StorageRefused(_("The storage has no such bucket."), transient=False, code=code)
    if code in ("NoSuchKey", "404") or status == 404:
        return ObjectMissing(_("The file is not in the storage."), transient=False, code=code)
    if code == "BadDigest":
        return StorageRefused(_("The file was damaged on its way to the storage."), transient=True, code=code)
    if status >= 500 or status == 429:
        return StorageError(_("The storage is busy or out of order."), transient=True, code=code)
    return StorageRefused(_("The storage refuses the request."), transient=False, code=code)


def digests(file: BinaryIO) -> tuple[str, str]:
    """SHA-256 and MD5 of the whole file."""
    file.seek(0)
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    while chunk := file.read(CHUNK):
        sha256.update(chunk)
        md5.update(chunk)
    return sha256.hexdigest(), md5.hexdigest()


def _base64(md5: str) -> str:
    return base64.b64encode(bytes.fromhex(md5)).decode()


def _synchronise(directory: Path) -> None:
    """Make a rename outlive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
