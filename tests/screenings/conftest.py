from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from screenings.models import ShareLink
from tests.factories import ReadyFactory, SceneFactory
from tests.generations.conftest import bucket, s3_server, wire  # noqa: F401  fixtures

VIDEO = b"\x00\x00\x00\x18ftypisom" + b"x" * 5000


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    local = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "media"}}
    settings.STORAGES = settings.STORAGES | {"local": local}
    return tmp_path / "media"


@pytest.fixture
def scene(project, alice):
    return SceneFactory(project=project, created_by=alice)


@pytest.fixture
def clip(scene, alice, media):
    def clip(**fields):
        take = ReadyFactory(scene=scene, owner=alice, duration=5, prompt="A secret prompt", **fields)
        path = media / take.video_key
        path.parent.mkdir(parents=True)
        path.write_bytes(VIDEO)
        return take

    return clip


@pytest.fixture
def share(project, alice):
    """A link to these clips; its `address` is what a visitor gets."""

    def share(*clips, passcode="", **fields):
        defaults = {"name": "Client cut", "created_by": alice, "expires_at": timezone.now() + timedelta(days=30)}
        link = ShareLink(project=project, **defaults | fields)
        token = link.renew_token()
        link.set_passcode(passcode)
        link.save()
        link.show(list(clips))
        link.address = f"/s/{token}/"
        return link

    return share


class Visitor(Client):
    """Files that are sent are closed, as a server does it."""

    def request(self, **request):
        response = super().request(**request)
        if response.streaming:
            response.close()
        return response


@pytest.fixture
def visitor():
    return Visitor()
