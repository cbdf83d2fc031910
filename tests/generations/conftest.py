"""An S3 server in the test process, and the studio's "s3" storage pointed at it."""

import socket
from functools import cache

import boto3
import pytest
from django.core.files.storage import storages
from moto.server import ThreadedMotoServer

from generations import media
from generations.storage_options import s3_options


@pytest.fixture(autouse=True)
def measured_media_process(monkeypatch):
    """Lets coverage into the process that decodes, which gets no environment but what it needs."""
    monkeypatch.setattr(media, "ENVIRONMENT", (*media.ENVIRONMENT, "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"))


@pytest.fixture(scope="session")
def s3_server():
    """The endpoint's URL. Names below localhost are made loopback, as RFC 6761 has it, so that buckets can be hosts."""
    resolve = socket.getaddrinfo

    def resolve_below_localhost(host, *args, **kwargs):
        return resolve("127.0.0.1" if str(host).endswith(".localhost") else host, *args, **kwargs)

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", resolve_below_localhost)
        yield f"http://localhost:{server.get_host_and_port()[1]}"
    server.stop()


@cache  # a session reads boto3's description of the service, which takes longer than the test
def s3_client(endpoint):
    return boto3.Session("key", "secret", region_name="eu-central-1").client("s3", endpoint_url=endpoint)


@pytest.fixture
def bucket(s3_server, settings, tmp_path_factory):
    """The options of an empty bucket that is the default storage now."""
    options = s3_options(
        bucket=f"bkt-{tmp_path_factory.mktemp('bucket').name.replace('_', '-')}",
        endpoint_url=s3_server,
        region_name="eu-central-1",
        access_key="key",
        secret_key="secret",
        addressing_style="virtual",
    )
    s3_client(s3_server).create_bucket(
        Bucket=options["bucket_name"], CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    settings.STORAGES = settings.STORAGES | {"s3": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}}
    return options


@pytest.fixture
def media_directory(settings, tmp_path):
    """An empty "local" storage."""
    local = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "media"}}
    settings.STORAGES = settings.STORAGES | {"local": local}
    return tmp_path / "media"


@pytest.fixture
def wire(bucket):
    """Requests as they leave for the bucket, by operation."""
    sent = []
    client = storages["s3"].connection.meta.client
    client.meta.events.register("before-send.s3", lambda request, **_: sent.append(request))
    return sent
