"""How much is stored, for whom it is shown, and that the sum reads an index and no takes."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from generations import usage
from generations.models import Generation
from tests.factories import AccountFactory, AudioFactory, GenerationFactory, ProjectFactory, ReadyFactory, SceneFactory

pytestmark = pytest.mark.django_db
GB = 1024**3


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()


@pytest.fixture
def clips(project, alice):
    """Two clips of a gigabyte each, one of them in the trash, a take that has none, and audio."""
    scene = SceneFactory(project=project, created_by=alice)
    ReadyFactory(scene=scene, video_size=GB)
    ReadyFactory(scene=scene, video_size=GB, trashed_at=timezone.now())
    GenerationFactory(scene=scene)
    AudioFactory(project=project, size=GB // 2)
    return scene


@pytest.fixture
def disk(monkeypatch):
    def has(free):
        monkeypatch.setattr("generations.storage.free_bytes", lambda: free)

    has(100 * GB)
    return has


class TestStored:
    def test_is_clips_and_audio_of_the_team_trash_included(self, clips, team):
        ReadyFactory(video_size=7 * GB)  # another team's

        assert usage.usage_of_storage(team).stored == 2.5 * GB

    def test_leaves_out_what_was_purged(self, clips, team):
        Generation.objects.filter(trashed_at__isnull=False).update(purged_at=timezone.now())

        assert usage.usage_of_storage(team).stored == 1.5 * GB

    def test_is_nothing_for_a_new_team(self, team):
        assert usage.usage_of_storage(team).stored == 0

    def test_of_all_teams_together(self, clips, disk):
        ReadyFactory(video_size=7 * GB)

        assert usage.usage_of_installation() == usage.StorageUse(stored=9.5 * GB, free=100 * GB)

    def test_is_measured_at_most_every_five_minutes(self, clips, team, django_assert_num_queries):
        usage.usage_of_storage(team)
        with CaptureQueriesContext(connection) as queries:
            usage.usage_of_storage(team)

        assert not [query for query in queries if "SUM" in query["sql"]]

    def test_of_a_project_leaves_out_the_teams_others(self, clips, team, project):
        ReadyFactory(scene__project=ProjectFactory(team=team), video_size=7 * GB)

        assert usage.stored_bytes_of_project(project) == 2.5 * GB

    @pytest.mark.parametrize("is_of_project", [False, True])
    def test_is_summed_by_an_index_alone(self, clips, team, project, is_of_project):
        if connection.vendor != "sqlite":
            pytest.skip("PostgreSQL's planner decides by statistics that a test does not have")
        with CaptureQueriesContext(connection) as queries:
            usage._sum(team, project if is_of_project else None)
        (summed,) = [query["sql"] for query in queries if "video_size" in query["sql"]]
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {summed}")
            plan = " ".join(str(row) for row in cursor.fetchall())

        assert "COVERING INDEX take_bytes" in plan


class TestShown:
    @pytest.fixture
    def account(self, team):
        return AccountFactory(team=team)

    def test_to_owners_on_the_rescue_desk(self, as_alice, clips, account, disk):
        html = as_alice.get(reverse("generations:rescue_desk", args=[account.uuid])).content.decode()

        assert "2.5\xa0GB" in html
        assert "100.0\xa0GB" in html

    def test_to_owners_on_the_teams_page(self, as_alice, clips, team, disk):
        html = as_alice.get(team.get_absolute_url()).content.decode()

        assert "Free on the studio" in html
        assert "100.0\xa0GB" in html

    def test_to_all_who_see_it_on_the_projects_page(self, client, vera, clips, project):
        """In a request of its own: the page does not wait for the sum."""
        client.force_login(vera)
        address = f"{project.get_absolute_url()}?stored="

        assert f'hx-get="{address}"' in client.get(project.get_absolute_url()).content.decode()
        assert "2.5\xa0GB" in client.get(address, headers={"HX-Request": "true"}).content.decode()

    def test_not_to_editors(self, client, bob, clips, team, disk):
        client.force_login(bob)

        html = client.get(team.get_absolute_url()).content.decode()

        assert "Free on the studio" not in html

    def test_to_administrators_for_the_whole_installation(self, client, alice, clips, disk, settings):
        alice.is_superuser = True
        alice.save()
        ReadyFactory(video_size=7 * GB)
        own = AccountFactory(team=None)
        client.force_login(alice)

        html = client.get(reverse("generations:rescue_desk", args=[own.uuid])).content.decode()

        assert "9.5\xa0GB" in html

    @pytest.mark.parametrize(
        ("free", "words"), [(1 * GB, "nothing new is sent"), (5 * GB, "nothing new will be sent"), (20 * GB, None)]
    )
    def test_with_a_warning_when_space_runs_out(self, as_alice, account, disk, free, words):
        disk(free)

        html = as_alice.get(reverse("generations:rescue_desk", args=[account.uuid])).content.decode()

        assert (words in html) if words else "Below 2 GB" not in html

    def test_with_a_bucket_the_disk_is_for_clips_on_their_way(self, as_alice, account, disk, settings):
        settings.AWS_STORAGE_BUCKET_NAME = "studio"

        html = as_alice.get(reverse("generations:rescue_desk", args=[account.uuid])).content.decode()

        assert "on their way to the bucket" in html

    def test_where_the_disk_can_not_be_told_only_what_is_stored(self, as_alice, account, disk):
        disk(None)

        html = as_alice.get(reverse("generations:rescue_desk", args=[account.uuid])).content.decode()

        assert "Free on" not in html
