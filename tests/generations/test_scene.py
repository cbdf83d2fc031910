"""Who named a scene, of those that are older than the question."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from tests.factories import GenerationFactory, SceneFactory

PROMPT = "A boat leaves  the harbour\nat blue hour, and the lamps on the quay are lit one by one while rain sets in"


@pytest.mark.django_db
class TestFindNamed:
    find = staticmethod(import_module("generations.migrations.0002_scene_is_named").find_named)

    @pytest.mark.parametrize(
        ("name", "is_named"),
        [
            ("A boat leaves the harbour at blue hour, and the lamps on the quay are lit one…", False),
            ("A boat", False),
            ("Close-up of a lamp", False),
            ("Opening", True),
        ],
    )
    def test_tells_a_name_from_the_beginning_of_a_prompt(self, name, is_named):
        scene = SceneFactory(name=name)
        GenerationFactory(scene=scene, prompt="Something else")
        GenerationFactory(scene=scene, prompt=PROMPT, shots=[{"text": "Close-up of a lamp", "seconds": 5}])

        self.find(apps, SimpleNamespace(connection=connection))

        scene.refresh_from_db()
        assert scene.is_named == is_named
