"""A library to look at and to measure with: plausible, findable, and never beside real clips by accident."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from generations import clock, gallery_seed
from generations.lens import Lens
from generations.models import Generation, Scene, SearchEntry, Status, Tag, WanAccount
from teams.models import Team
from tests.factories import AccountFactory, GenerationFactory


class TestSeedGallery:
    @pytest.fixture(autouse=True)
    def demo(self, settings, media_directory):
        settings.STUDIO_DEMO = True

    @pytest.fixture
    def alone(self, settings):
        """Run by itself, without what `make run` gives to its children."""
        settings.STUDIO_DEMO, settings.DASHSCOPE_API_KEY = False, ""

    @pytest.fixture
    def media_directory(self, settings, tmp_path):
        local = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "media"}}
        settings.STORAGES = settings.STORAGES | {"local": local}
        return tmp_path / "media"

    def test_fills_a_project_that_can_be_searched(self, alice, capsys):
        call_command("seed_gallery", clips=300, posters=2)

        takes = Generation.objects.filter(owner=alice)
        project = takes[0].project
        assert takes.count() == SearchEntry.objects.count() == 300
        assert 200 < takes.filter(status=Status.READY).count() < 300
        assert Lens(project, {"q": "海港"}).queryset(alice).exists()
        assert Lens(project, {"q": "harbour"}).queryset(alice).exists()
        assert str(project.uuid) in capsys.readouterr().out

    def test_the_newest_have_posters_and_the_page_shows_them(self, as_alice, alice, media_directory):
        call_command("seed_gallery", clips=50, posters=3)
        take = Generation.objects.filter(status=Status.READY).latest("pk")

        assert len(list(media_directory.rglob("*.webp"))) == 6
        assert b"".join(as_alice.get(f"/generations/{take.uuid}/poster?size=small").streaming_content)[8:12] == b"WEBP"
        assert str(take.uuid) in as_alice.get(f"/studio/?project={take.project.uuid}").content.decode()

    def test_more_can_be_added(self, alice):
        gallery_seed.fill(alice, 20)
        gallery_seed.fill(alice, 20)

        assert Generation.objects.count() == 40

    def test_they_were_made_when_it_is_said(self, alice):
        until, day = clock.now() - timedelta(days=9), timedelta(days=1)

        gallery_seed.fill(alice, 20, until=until, span=day)

        made = Generation.objects.order_by("created_at").values_list("created_at", flat=True)
        assert made[0] == until - day
        assert list(made) == [until - day + day / 20 * number for number in range(20)]

    def test_nothing_is_due(self, alice, way):
        call_command("seed_gallery", clips=20, posters=0)

        assert not Generation.objects.unfinished().exists()
        assert not Generation.objects.filter(due_at__isnull=False).exists()

    def test_a_large_one_is_mostly_other_peoples(self, alice, monkeypatch):
        monkeypatch.setattr(gallery_seed, "WHOLE", 20)
        monkeypatch.setattr(gallery_seed, "OTHERS", 50)

        gallery_seed.fill(alice, 200)

        assert Generation.objects.count() == 200
        assert Generation.objects.filter(owner=alice).count() == 20
        assert Generation.objects.values("owner").distinct().count() == 5

    def test_what_the_database_copies_is_as_good_as_what_was_written(self, alice, monkeypatch):
        monkeypatch.setattr(gallery_seed, "BATCH", 60)
        monkeypatch.setattr(gallery_seed, "WHOLE", 130)
        monkeypatch.setattr(gallery_seed, "OTHERS", 120)

        project = gallery_seed.fill(alice, 250)
        own = Generation.objects.filter(owner=alice).order_by("pk")
        copied = own[60]

        assert own.count() == 130
        assert set(own.values_list("project", "team")) == {(project.pk, project.team_id)}
        assert own.values("seed").distinct().count() == 130
        assert list(Lens(project, {"q": str(copied.seed)}).queryset(alice)) == [copied]
        assert sorted(own.values_list("created_at", flat=True)) == list(own.values_list("created_at", flat=True))
        assert {scene.project_id for scene in Scene.objects.filter(takes__in=own)} == {project.pk}
        assert copied.scene.latest_take_at == copied.scene.takes.latest("pk").created_at
        assert set(Tag.objects.filter(takes__in=own).values_list("team", flat=True)) == {project.team_id}
        assert own.filter(rating=5).count() == alice.favourites.count() > 0

    def test_takes_can_be_made_beside_copies(self, alice, monkeypatch):
        monkeypatch.setattr(gallery_seed, "BATCH", 20)
        gallery_seed.fill(alice, 60)

        take = GenerationFactory()

        assert take.pk == Generation.objects.latest("pk").pk

    def test_it_is_refused_beside_real_clips(self, settings, alice):
        settings.STUDIO_DEMO = False

        with pytest.raises(CommandError, match="has a Wan account"):
            call_command("seed_gallery", clips=5)

    def test_where_a_team_has_an_account_it_is_refused_without_a_key_too(self, alone, alice):
        AccountFactory()

        with pytest.raises(CommandError, match="has a Wan account"):
            call_command("seed_gallery", clips=5)

    def test_beside_a_demo_it_needs_no_environment_and_later_takes_go_where_they_went(self, alone, alice, settings):
        call_command("seed_gallery", clips=5, posters=0)
        settings.STUDIO_DEMO, settings.DASHSCOPE_API_KEY = True, "demo"

        account = WanAccount.objects.for_team(alice.personal_team)

        assert [account] == list(WanAccount.objects.all())
        assert account.is_installations
        assert account.api_key == "demo"

    def test_what_was_made_without_a_key_takes_no_take_once_there_is_one(self, alone, alice, settings):
        call_command("seed_gallery", clips=5, posters=0)
        settings.DASHSCOPE_API_KEY = "sk-real"
        Team.objects.filter(pk=alice.personal_team.pk).update(uses_installation_account=True)

        assert not WanAccount.objects.for_team(Team.objects.get(pk=alice.personal_team.pk)).is_demo

    def test_where_no_studio_has_run_it_says_so(self, monkeypatch):
        monkeypatch.setattr(connection.introspection, "table_names", list)

        with pytest.raises(CommandError, match="No studio has run in"):
            call_command("seed_gallery", clips=5)

    @pytest.mark.parametrize("options", [{"clips": 0}, {"clips": 5, "email": "nobody@example.com"}])
    def test_nonsense_gets_a_sentence(self, alice, options):
        with pytest.raises(CommandError):
            call_command("seed_gallery", **options)
