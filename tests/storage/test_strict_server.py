"""What only a server can prove that checks what it is sent; OSS refuses the same things in the same places."""

from __future__ import annotations

import hashlib
import os
import ssl
import time
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from botocore.exceptions import ClientError
from django.core.files.storage import storages

from generations import orphans, storage, storage_backends
from generations.lifecycle import archive
from tests.storage.conftest import client
from wanstudio.doctor import Mark, files

pytestmark = pytest.mark.radosgw
BODY = bytes(range(256)) * 40


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "video.mp4"
    path.write_bytes(BODY)
    return path


@pytest.fixture
def key():
    return storage.generation_key(uuid.uuid4(), "video.mp4")


@pytest.fixture
def kept(bucket, path, key):
    """A video that is in the bucket; its key."""
    storage.put_file(path, key, content_type="video/mp4")
    return key


def status_of(url, method="GET"):
    context = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), context=context) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


class TestPut:
    def test_keeps_what_was_sent(self, kept):
        with storage.open_object("s3", kept) as chunks:
            assert b"".join(chunks) == BODY
        assert storage.size("s3", kept) == len(BODY)

    def test_goes_to_the_buckets_own_host_in_one_plain_body(self, wire, kept):
        put = next(request for request in wire if request.method == "PUT")

        assert urlsplit(put.url).hostname.split(".")[1:] == ["s3", "localhost"]
        assert urlsplit(put.url).path == f"/{kept}"
        assert put.headers["content-length"] in (str(len(BODY)), str(len(BODY)).encode())
        assert "aws-chunked" not in str(put.headers.get("content-encoding", ""))
        assert not [name for name in put.headers if name.lower() in ("x-amz-trailer", "transfer-encoding")]
        assert put.headers["content-md5"]

    def test_is_refused_the_way_boto_sends_by_default(self, bucket, strict, bucket_name):
        with pytest.raises(ClientError) as refused:
            client(strict).put_object(Bucket=bucket_name, Key="default", Body=BODY)

        assert refused.value.response["Error"]["Code"] == "MissingContentLength"

    def test_is_refused_with_a_wrong_checksum(self, bucket, path, key):
        with path.open("rb") as source:
            stored = storage.Stored("s3", key, len(BODY), "0" * 64, "0" * 32)
            with pytest.raises(storage.StorageRefused) as refused:
                storage._backend("s3").put(source, stored, "video/mp4")

        assert refused.value.code == "BadDigest"
        assert not storage.exists("s3", key)

    def test_is_refused_with_a_wrong_secret(self, use, path, key):
        use(secret_key="mistyped")

        with pytest.raises(storage.StorageRefused) as refused:
            storage.put_file(path, key, content_type="video/mp4")

        assert refused.value.code == "SignatureDoesNotMatch"
        assert not refused.value.transient

    def test_works_with_the_older_signature_too(self, use, path, key):
        use(signature_version="s3")

        storage.put_file(path, key, content_type="video/mp4")

        assert storage.fetch_signed(storage.signed_url("s3", key)).body == BODY

    def test_sends_giants_in_parts_with_a_checksum_each(self, wire, tmp_path, key, monkeypatch):
        monkeypatch.setattr(storage_backends, "MULTIPART_ABOVE", 6 << 20)
        monkeypatch.setattr(storage_backends, "PART", 5 << 20)
        giant = tmp_path / "giant"
        giant.write_bytes(os.urandom(12 << 20))

        stored = storage.put_file(giant, key, content_type="video/mp4")

        parts = [request for request in wire if "partNumber" in request.url]
        assert len(parts) == 3
        assert all(part.headers["content-md5"] for part in parts)
        with storage.open_object("s3", key) as chunks:
            assert hashlib.sha256(b"".join(chunks)).hexdigest() == stored.sha256


class TestSignedUrl:
    def test_opens_the_file_at_the_buckets_own_host(self, kept):
        url = storage.signed_url("s3", kept, content_type="video/mp4", download_name="café 船.mp4")

        fetched = storage.fetch_signed(url)

        assert fetched.body == BODY
        assert urlsplit(url).hostname.endswith(".s3.localhost")
        assert fetched.headers["Content-Type"] == "video/mp4"
        assert "filename*=utf-8''caf%C3%A9%20%E8%88%B9.mp4" in fetched.headers["Content-Disposition"]

    def test_is_at_the_public_endpoint(self, kept, strict, settings):
        settings.AWS_S3_PUBLIC_ENDPOINT_URL = strict["endpoint_url"].replace("s3.localhost", "public.localhost")

        url = storage.signed_url("s3", kept)

        assert urlsplit(url).hostname.endswith(".public.localhost")

    def test_is_for_its_method_only(self, kept):
        assert status_of(storage.signed_url("s3", kept), "HEAD") == 403

    def test_is_needed(self, kept):
        assert status_of(storage.signed_url("s3", kept).partition("?")[0]) == 403

    @pytest.mark.parametrize("part", ["X-Amz-Signature", "X-Amz-Expires", "X-Amz-Date"])
    def test_is_void_when_tampered_with(self, kept, part):
        url = storage.signed_url("s3", kept)
        value = parse_qs(urlsplit(url).query)[part][0]
        other = value[:-1] + ("0" if value[-1] != "0" else "1")

        assert status_of(url.replace(value, other)) == 403

    def test_does_not_open_another_file(self, kept, path):
        neighbour = storage.generation_key(uuid.uuid4(), "video.mp4")
        storage.put_file(path, neighbour, content_type="video/mp4")

        assert status_of(storage.signed_url("s3", kept).replace(kept, neighbour)) == 403

    def test_expires(self, kept):
        with time_machine.travel(datetime.now(UTC) - timedelta(minutes=10)):
            expired = storage.signed_url("s3", kept, expires=300)
            valid = storage.signed_url("s3", kept, expires=1200)

        assert status_of(expired) == 403
        assert status_of(valid) == 200


class TestRanges:
    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            ("bytes=0-0", BODY[:1]),
            ("bytes=10-19", BODY[10:20]),
            ("bytes=10200-", BODY[10200:]),
            ("bytes=-5", BODY[-5:]),
        ],
    )
    def test_are_served(self, kept, asked, expected):
        fetched = storage.fetch_signed(storage.signed_url("s3", kept), byte_range=asked)

        assert fetched.status == 206
        assert fetched.body == expected
        assert fetched.headers["Content-Range"].endswith(f"/{len(BODY)}")

    def test_beyond_the_end_are_refused(self, kept):
        fetched = storage.fetch_signed(storage.signed_url("s3", kept), byte_range=f"bytes={len(BODY)}-")

        assert fetched.status == 416


class TestListing:
    def test_tells_key_size_and_age(self, kept):
        (found,) = storage.iter_objects("s3", f"{kept.rpartition('/')[0]}/")

        assert (found.key, found.size) == (kept, len(BODY))
        assert abs(found.modified_at.timestamp() - time.time()) < 60

    def test_is_in_the_order_that_the_search_for_orphans_needs(self, bucket, path):
        folders = [str(uuid.uuid4()) for _ in range(12)]
        for folder in folders:
            storage.put_file(path, storage.generation_key(folder, "video.mp4"), content_type="video/mp4")

        listed = [folder for folder, _ in orphans._folders("s3", "generations/")]

        assert listed == sorted(listed)
        assert set(folders) <= set(listed)

    def test_is_empty_after_deleting(self, kept):
        storage.delete_prefix("s3", f"{kept.rpartition('/')[0]}/")

        assert not storage.exists("s3", kept)


@pytest.mark.django_db
class TestDoctor:
    def test_finds_everything_in_order(self, bucket):
        assert [finding.mark for finding in files.storages()] == [Mark.OK, Mark.OK]

    def test_says_what_is_wrong_with_the_secret(self, use):
        use(secret_key="mistyped")

        (finding,) = files.storages()

        assert finding.mark is Mark.FAIL
        assert "SignatureDoesNotMatch" in finding.says


class TestTheWay:
    def test_ends_with_a_clip_that_a_browser_can_fetch(self, generate, way, simulator, use):
        use()
        take = generate()

        way.until(take, "ready")
        way.turn()

        take.refresh_from_db()
        assert take.storage == "s3"
        video = storage.fetch_signed(storage.signed_url("s3", take.video_key))
        assert video.body == simulator.video_bytes(take.task_id)
        assert hashlib.sha256(video.body).hexdigest() == take.video_sha256
        for name in orphans.DERIVED:
            derived = storage.signed_url("s3", storage.generation_key(take.uuid, name))
            assert storage.fetch_signed(derived).status == 200
        assert not archive.spool_path(take).exists()
        assert storages["s3"].bucket_name in storage.signed_url("s3", take.video_key)
