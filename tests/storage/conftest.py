"""The strict S3 server that tests/storage/radosgw.py runs, and an empty bucket in it as the studio's storage."""

from __future__ import annotations

import os
import socket
import uuid

import boto3
import pytest
from django.core.files.storage import storages

from generations import storage
from generations.storage_options import s3_options
from tests.generations.lifecycle.conftest import generate  # noqa: F401


@pytest.fixture(scope="session")
def strict():
    """The options of its storage, without a bucket's name."""
    endpoint = os.environ.get("RADOSGW_ENDPOINT_URL")
    if not endpoint:
        pytest.skip("needs a strict S3 server: make test-storage")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_CA_BUNDLE", os.environ["RADOSGW_AUTHORITY"])
        yield {
            "endpoint_url": endpoint,
            "region_name": "us-east-1",
            "access_key": os.environ["RADOSGW_ACCESS_KEY"],
            "secret_key": os.environ["RADOSGW_SECRET_KEY"],
        }


@pytest.fixture(scope="session")
def bucket_name(strict):
    """One bucket for all tests: making one takes a second. Names below localhost are loopback, as RFC 6761 has it."""
    resolve = socket.getaddrinfo

    def resolve_below_localhost(host, *args, **kwargs):
        return resolve("127.0.0.1" if str(host).endswith(".localhost") else host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", resolve_below_localhost)
        name = f"studio-{uuid.uuid4().hex[:8]}"
        client(strict).create_bucket(Bucket=name)
        yield name


def client(strict, **changes):
    return boto3.client(
        "s3",
        endpoint_url=strict["endpoint_url"],
        region_name=strict["region_name"],
        aws_access_key_id=strict["access_key"],
        aws_secret_access_key=changes.pop("secret_key", strict["secret_key"]),
        **changes,
    )


@pytest.fixture
def use(strict, bucket_name, settings):
    """Make the bucket the studio's storage, with other options when wanted: `use(signature_version="s3")`."""

    def use_options(**changes):
        options = s3_options(bucket=bucket_name, **(strict | changes))
        backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
        settings.STORAGES = settings.STORAGES | {"s3": backend}
        settings.AWS_STORAGE_BUCKET_NAME = bucket_name
        storage._at_endpoint.cache_clear()
        storage._signed.cache_clear()
        return options

    return use_options


@pytest.fixture
def bucket(use):
    return use()


@pytest.fixture
def wire(bucket):
    """Requests as they leave for the bucket."""
    sent = []
    events = storages["s3"].connection.meta.client.meta.events
    events.register("before-send.s3", lambda request, **_: sent.append(request))
    return sent
