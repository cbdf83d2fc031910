import hashlib
import os
import time
import urllib.error
import urllib.request
from types import SimpleNamespace
from uuid import UUID

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, NoCredentialsError
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import storages

from generations import storage, storage_backends
from generations.storage_options import s3_options

UUID_ = UUID("6f1e1df6-52a2-4d0c-9d0e-0f6a3c2b1a00")
KEY = f"generations/{UUID_}/video.mp4"


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "video.mp4"
    path.write_bytes(os.urandom(300_000))
    return path


@pytest.fixture(params=["local", "s3"])
def place(request):
    """Each kind of storage in turn; the tests that take it hold for both."""
    request.getfixturevalue("media_directory" if request.param == "local" else "bucket")
    return request.param


def put(video, **kwargs):
    return storage.put_file(video, KEY, content_type="video/mp4", **kwargs)


def answered_without_a_network(client, video):
    """The requests, each answered as a storage would that has just been given the video."""
    sent = []

    def answer(request, **_):
        sent.append(request)
        headers = {"ETag": f'"{hashlib.md5(video.read_bytes()).hexdigest()}"', "Content-Length": "300000"}
        return AWSResponse(request.url, 200, headers, SimpleNamespace(stream=lambda: iter(())))

    client.meta.events.register("before-send.s3", answer)
    return sent


def kept(place):
    with storage.open_object(place, KEY) as chunks:
        return b"".join(chunks)


class TestKeys:
    def test_are_made_of_uuid_and_our_own_names(self):
        assert storage.generation_key(UUID_, "video.mp4") == KEY
        assert storage.audio_key(UUID_, "mp3") == f"audio/{UUID_}/source.mp3"

    @pytest.mark.parametrize("name", ["../x", "a/../../x", "", "a b.mp4", ".hidden", "/etc/passwd", "日.mp4"])
    def test_refuse_what_is_not_ours(self, name):
        with pytest.raises(SuspiciousFileOperation):
            storage.generation_key(UUID_, name)


class TestDefaultName:
    def test_is_local_without_a_bucket(self):
        assert storage.default_name() == "local"

    def test_is_s3_with_one(self, bucket):
        assert storage.default_name() == "s3"


class TestPutFile:
    def test_returns_what_was_verified(self, place, video):
        stored = put(video)

        body = video.read_bytes()
        assert stored == storage.Stored(
            place, KEY, 300_000, hashlib.sha256(body).hexdigest(), hashlib.md5(body).hexdigest()
        )
        assert kept(place) == body

    def test_overwrites_the_same_object_when_repeated(self, place, video):
        put(video)
        video.write_bytes(b"second")

        put(video)

        assert kept(place) == b"second"
        assert list(storage.iter_keys(place, "")) == [(KEY, 6)]

    def test_keeps_an_empty_file(self, place, video):
        video.write_bytes(b"")

        assert put(video).size == 0
        assert kept(place) == b""

    def test_refuses_a_file_that_changed_since_it_was_hashed(self, place, video):
        with pytest.raises(storage.StorageRefused) as caught:
            put(video, sha256="0" * 64)

        assert caught.value.transient
        assert not storage.exists(place, KEY)

    def test_can_be_told_another_storage(self, bucket, media_directory, video):
        assert put(video, storage="local").storage == "local"
        assert not storage.exists("s3", KEY)

    def test_says_when_the_source_is_gone(self, place, tmp_path):
        with pytest.raises(FileNotFoundError):
            put(tmp_path / "gone.mp4")


class TestPutOnDisk:
    def test_compares_what_the_disk_kept_with_known_digests(self, media_directory, video):
        with pytest.raises(storage.StorageRefused, match="differs"):
            put(video, sha256="0" * 64, md5="0" * 32)

        assert not list(media_directory.rglob("*.*4"))
        assert not list((media_directory / ".temporary").iterdir())

    def test_says_that_the_disk_is_full(self, media_directory, video, monkeypatch):
        def full(descriptor):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(storage_backends.os, "fsync", full)
        with pytest.raises(storage.StorageError, match="full") as caught:
            put(video)

        assert (caught.value.transient, caught.value.code) == (True, "ENOSPC")

    def test_says_that_the_disk_takes_nothing(self, media_directory, video):
        media_directory.write_text("a file where the directory should be")

        with pytest.raises(storage.StorageRefused, match="does not accept"):
            put(video)


class TestPutInBucket:
    def test_goes_out_plain_with_its_md5_to_the_bucket_as_host(self, bucket, wire, video):
        stored = put(video)

        request = wire[0]
        headers = {name.lower(): value for name, value in request.headers.items()}
        assert request.url.startswith(f"http://{bucket['bucket_name']}.localhost:")
        assert headers["content-md5"] == storage_backends._base64(stored.md5).encode()
        assert headers["content-length"] in (b"300000", "300000")
        assert "aws-chunked" not in str(headers)
        assert not [name for name in headers if name.startswith(("x-amz-trailer", "x-amz-checksum", "x-amz-sdk"))]
        assert "transfer-encoding" not in headers

    def test_goes_out_plain_over_https_too_where_boto3_would_send_chunks_with_a_trailer(self, settings, video):
        options = s3_options(
            bucket="bkt", endpoint_url="https://s3.oss-cn-hangzhou.aliyuncs.com", access_key="key", secret_key="secret"
        )
        s3 = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
        settings.STORAGES = settings.STORAGES | {"s3": s3}
        sent = answered_without_a_network(storages["s3"].connection.meta.client, video)

        put(video)

        assert [request.method for request in sent] == ["PUT", "HEAD"]
        assert sent[0].url == f"https://bkt.s3.oss-cn-hangzhou.aliyuncs.com/{KEY}"
        assert {"Content-MD5", "Content-Length"} <= set(sent[0].headers)
        assert not {"Content-Encoding", "Transfer-Encoding", "X-Amz-Trailer"} & set(sent[0].headers)
        assert sent[0].headers["X-Amz-Content-SHA256"] == b"UNSIGNED-PAYLOAD"

    def test_keeps_type_caching_and_checksum_with_the_object(self, bucket, video):
        stored = put(video)

        head = storages["s3"].connection.meta.client.head_object(Bucket=bucket["bucket_name"], Key=KEY)
        assert head["ContentType"] == "video/mp4"
        assert head["CacheControl"] == "private, max-age=31536000, immutable"
        assert head["Metadata"] == {"sha256": stored.sha256}

    def test_refuses_an_etag_that_is_not_its_md5(self, bucket, video, monkeypatch):
        client = storages["s3"].connection.meta.client
        monkeypatch.setattr(client, "put_object", lambda **kwargs: {"ETag": '"0123456789abcdef"'})

        with pytest.raises(storage.StorageRefused, match="something else"):
            put(video)

    def test_accepts_an_opaque_etag_and_upper_case(self, bucket, video, monkeypatch):
        client, real = storages["s3"].connection.meta.client, storages["s3"].connection.meta.client.put_object
        for change in (str.upper, lambda etag: '"opaque-3"'):
            monkeypatch.setattr(client, "put_object", lambda change=change, **kw: {"ETag": change(real(**kw)["ETag"])})
            assert put(video).size == 300_000

    def test_refuses_an_object_of_another_size(self, bucket, video, monkeypatch):
        client = storages["s3"].connection.meta.client
        monkeypatch.setattr(client, "head_object", lambda **kwargs: {"ContentLength": 299_999})

        with pytest.raises(storage.StorageRefused, match="another size"):
            put(video)


class TestPutInParts:
    @pytest.fixture(autouse=True)
    def small_parts(self, monkeypatch):
        monkeypatch.setattr(storage_backends, "MULTIPART_ABOVE", 6 << 20)
        monkeypatch.setattr(storage_backends, "PART", 5 << 20)

    def test_sends_each_with_its_md5(self, wire, video):
        video.write_bytes(os.urandom(7 << 20))

        put(video)

        parts = [request for request in wire if "partNumber" in request.url]
        assert len(parts) == 2
        assert all("Content-MD5" in request.headers for request in parts)
        assert kept("s3") == video.read_bytes()

    def test_leaves_no_upload_behind_when_one_fails(self, bucket, video, monkeypatch):
        video.write_bytes(os.urandom(7 << 20))
        client = storages["s3"].connection.meta.client
        monkeypatch.setattr(client, "upload_part", lambda **kwargs: 1 / 0)

        with pytest.raises(ZeroDivisionError):
            put(video)

        assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket["bucket_name"])


class TestReading:
    def test_comes_in_bounded_chunks(self, place, video):
        put(video)

        with storage.open_object(place, KEY) as chunks:
            assert [len(chunk) for chunk in chunks] == [262_144, 37_856]

    def test_of_nothing_is_object_missing(self, place):
        with pytest.raises(storage.ObjectMissing), storage.open_object(place, KEY):
            pass

    def test_of_an_object_cut_short_is_an_error(self, bucket, video, monkeypatch):
        put(video)
        client, real = storages["s3"].connection.meta.client, storages["s3"].connection.meta.client.get_object

        def cut(**kwargs):
            answer = real(**kwargs)
            answer["Body"]._content_length = "300001"
            return answer

        monkeypatch.setattr(client, "get_object", cut)
        with pytest.raises(storage.StorageError) as caught, storage.open_object("s3", KEY) as chunks:
            b"".join(chunks)
        assert caught.value.transient

    def test_into_a_file_copies_it(self, place, video, tmp_path):
        put(video)

        storage.fetch_file(place, KEY, tmp_path / "copy")

        assert (tmp_path / "copy").read_bytes() == video.read_bytes()

    def test_size_and_exists_answer_for_what_is_there_and_what_is_not(self, place, video):
        put(video)

        assert (storage.size(place, KEY), storage.exists(place, KEY)) == (300_000, True)
        assert (storage.size(place, KEY + "x"), storage.exists(place, KEY + "x")) == (None, False)

    def test_from_a_storage_no_longer_set_up_is_refused(self):
        with pytest.raises(storage.StorageRefused, match="not set up any more"):
            storage.size("s3", KEY)


class TestLocalPath:
    def test_is_the_file(self, media_directory, video):
        put(video, storage="local")

        assert storage.local_path("local", KEY) == media_directory / KEY

    def test_is_none_for_the_bucket_and_for_nothing(self, bucket, media_directory):
        assert storage.local_path("s3", KEY) is None
        assert storage.local_path("local", KEY) is None

    def test_does_not_climb(self, media_directory):
        with pytest.raises(SuspiciousFileOperation):
            storage.local_path("local", "generations/../../secrets/key")


class TestDelete:
    def test_removes_and_minds_no_repetition(self, place, video):
        put(video)

        storage.delete(place, KEY)
        storage.delete(place, KEY)

        assert not storage.exists(place, KEY)

    def test_of_a_prefix_takes_only_what_is_below(self, place, video):
        put(video)
        storage.put_file(video, f"generations/{UUID_}/poster.webp", content_type="image/webp")
        storage.put_file(video, f"generations/{UUID_}0/poster.webp", content_type="image/webp")

        assert storage.delete_prefix(place, f"generations/{UUID_}/") == 2
        assert [key for key, _ in storage.iter_keys(place, "generations/")] == [f"generations/{UUID_}0/poster.webp"]

    def test_wants_the_slash(self, place):
        with pytest.raises(ValueError):
            storage.delete_prefix(place, "generations")


class TestSignedUrl:
    def test_plays_without_sign_in(self, bucket, video):
        put(video)

        with urllib.request.urlopen(storage.signed_url("s3", KEY, content_type="video/mp4")) as answer:
            assert answer.read() == video.read_bytes()
            assert answer.headers["Content-Type"] == "video/mp4"

    def test_names_the_download_in_any_script(self, bucket, video):
        put(video)

        with urllib.request.urlopen(storage.signed_url("s3", KEY, download_name="猫 1.mp4")) as answer:
            assert answer.headers["Content-Disposition"] == "attachment; filename*=utf-8''%E7%8C%AB%201.mp4"

    def test_is_made_for_the_public_endpoint(self, bucket, settings):
        settings.AWS_S3_PUBLIC_ENDPOINT_URL = "https://s3.oss-cn-hangzhou.aliyuncs.com"

        url = storage.signed_url("s3", KEY)

        assert url.startswith(f"https://{bucket['bucket_name']}.s3.oss-cn-hangzhou.aliyuncs.com/generations/")
        assert "X-Amz-Expires=3600" in url

    def test_stays_the_same_for_ten_minutes(self, bucket, time_machine):
        time_machine.move_to("2026-05-01T10:00:01Z", tick=False)
        first = storage.signed_url("s3", KEY)
        time_machine.move_to("2026-05-01T10:09:59Z", tick=False)
        second = storage.signed_url("s3", KEY)
        time_machine.move_to("2026-05-01T10:10:01Z", tick=False)

        assert first == second != storage.signed_url("s3", KEY)

    def test_uses_the_older_signature_when_told(self, settings):
        options = s3_options(bucket="bkt", access_key="key", secret_key="secret", signature_version="s3")
        s3 = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
        settings.STORAGES = settings.STORAGES | {"s3": s3}

        assert "AWSAccessKeyId=key" in storage.signed_url("s3", KEY)

    def test_is_not_for_local_files(self):
        with pytest.raises(ValueError):
            storage.signed_url("local", KEY)


class TestWriteProbe:
    def test_passes_and_leaves_nothing(self, place):
        storage.write_probe()

        assert list(storage.iter_keys(place, "")) == []

    def test_is_refused_without_the_bucket(self, bucket):
        storages["s3"].connection.meta.client.delete_bucket(Bucket=bucket["bucket_name"])

        with pytest.raises(storage.StorageRefused) as caught:
            storage.write_probe()
        assert (caught.value.transient, caught.value.code) == (False, "NoSuchBucket")

    def test_is_refused_when_nobody_answers(self, bucket, settings):
        options = bucket | {"endpoint_url": "http://127.0.0.1:9"}
        settings.STORAGES = settings.STORAGES | {"s3": settings.STORAGES["s3"] | {"OPTIONS": options}}

        with pytest.raises(storage.StorageRefused) as caught:
            storage.write_probe()
        assert caught.value.transient

    def test_notices_a_storage_that_forgets(self, media_directory, monkeypatch):
        monkeypatch.setattr(storage_backends.Disk, "chunks", lambda self, key: (chunk for chunk in [b"other"]))

        with pytest.raises(storage.StorageRefused, match="gives back"):
            storage.write_probe()


class TestTemporaryFiles:
    def test_of_a_workspace_are_gone_afterwards(self, media_directory):
        with storage.workspace() as directory:
            (directory / "part").write_bytes(b"x")

        assert not directory.exists()

    def test_of_killed_workers_are_swept_and_no_others(self, media_directory, video):
        put(video, storage="local")
        old, new = media_directory / ".temporary/old", media_directory / ".temporary/new"
        for directory in (old, new):
            directory.mkdir()
            (directory / "part").write_bytes(b"x")
        for path in (old, old / "part", new):
            os.utime(path, (time.time() - 7200,) * 2)

        assert storage.sweep_temporary(3600) == 1
        assert (old.exists(), new.exists(), storage.exists("local", KEY)) == (False, True, True)

    def test_are_no_objects(self, media_directory):
        with storage.workspace() as directory:
            (directory / "part").write_bytes(b"x")
            assert list(storage.iter_keys("local", "")) == []


class TestFreeBytes:
    def test_counts_the_data_directory(self):
        assert storage.free_bytes() > 0

    def test_is_none_when_it_cannot_be_told(self, settings, tmp_path):
        settings.STUDIO_DATA_DIR = tmp_path / "gone"

        assert storage.free_bytes() is None


class TestErrors:
    @pytest.mark.parametrize(
        ("code", "status", "kind", "transient"),
        [
            ("NoSuchBucket", 404, storage.StorageRefused, False),
            ("NoSuchKey", 404, storage.ObjectMissing, False),
            ("BadDigest", 400, storage.StorageRefused, True),
            ("SlowDown", 503, storage.StorageError, True),
            ("TooManyRequests", 429, storage.StorageError, True),
            ("AccessDenied", 403, storage.StorageRefused, False),
        ],
    )
    def test_say_whether_trying_again_helps(self, bucket, video, monkeypatch, code, status, kind, transient):
        answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}

        def refuse(**kwargs):
            raise ClientError(answer, "PutObject")

        monkeypatch.setattr(storages["s3"].connection.meta.client, "put_object", refuse)
        with pytest.raises(storage.StorageError) as caught:
            put(video)
        assert (type(caught.value), caught.value.transient, caught.value.code) == (kind, transient, code)
        assert str(caught.value).endswith(f". ({code})")

    def test_say_that_there_is_no_key(self, bucket, video, monkeypatch):
        def refuse(**kwargs):
            raise NoCredentialsError

        monkeypatch.setattr(storages["s3"].connection.meta.client, "put_object", refuse)
        with pytest.raises(storage.StorageRefused, match="no access key"):
            put(video)
