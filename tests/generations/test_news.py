"""What a poll tells of a view: takes that came into it since its page was drawn, and nothing twice."""

import re

import pytest
from django.utils import timezone

from generations.models import Generation
from tests.factories import AccountFactory, GenerationFactory, ProjectFactory, ReadyFactory, SceneFactory

URL = "/generations/status"


@pytest.fixture
def scene(project, alice):
    return SceneFactory(project=project, created_by=alice, name="Harbour")


@pytest.fixture
def account(team):
    return AccountFactory(team=team)


class Page:
    """An open grid: it knows what it was told."""

    def __init__(self, client, project, query=""):
        self.client, self.project = client, project
        self.learn(client.get(f"/studio/?project={project.uuid}{query}").content.decode())

    def learn(self, html):
        found = re.search(r'id="news"[^>]*data-view="([^"]*)" data-mark="([^"]*)"', html)
        if found:
            self.view, self.mark = (text.replace("&amp;", "&") for text in found.groups())
        queue = re.search(r'id="poller"[^>]*data-v="([^"]+)"', html)
        self.v = queue[1] if queue else self.v

    def poll(self, **changes):
        query = {"project": self.project.uuid, "view": self.view, "mark": self.mark, "v": self.v, **changes}
        response = self.client.get(URL, query, headers={"HX-Request": "true"})
        if response.status_code == 200:
            self.learn(response.content.decode())
        return response

    def told(self, **changes):
        """The takes that the next poll brings."""
        response = self.poll(**changes)
        template = re.search(r"<template>.*</template>", response.content.decode(), re.DOTALL)
        return set(re.findall(r'id="take-([^"]+)"', template[0])) if template else set()


@pytest.fixture
def page(client, alice, project, scene, account):
    client.force_login(alice)
    ReadyFactory(scene=scene, account=account, created_at=timezone.now() - timezone.timedelta(hours=1))
    return lambda query="": Page(client, project, query)


def ready(take):
    now = timezone.now()
    Generation.objects.filter(pk=take.pk).update(
        status="ready", ready_at=now, finished_at=now, derived_at=now, video_key="x", due_at=None
    )


class TestNews:
    def test_a_colleagues_take_comes_with_its_scene(self, page, scene, account, bob):
        opened = page()
        take = ReadyFactory(scene=scene, owner=bob, account=account)

        response = opened.poll()

        html = response.content.decode()
        assert f'id="take-{take.uuid}"' in html
        assert f'id="takes-{scene.uuid}"' in html
        assert "2 takes" in html
        assert "data-on-top" in html

    def test_it_comes_once(self, page, scene, account):
        opened = page()
        ReadyFactory(scene=scene, account=account)

        assert opened.told()
        assert opened.poll().status_code == 204

    def test_while_one_is_unfinished_the_poll_stays_silent(self, page, scene, account):
        opened = page()
        GenerationFactory(scene=scene, account=account, status="running")
        opened.told()

        assert opened.told() == set()
        assert opened.poll().status_code == 204

    def test_nothing_new_is_an_empty_answer(self, page):
        assert page().poll().status_code == 204

    def test_a_filter_waits_until_it_matches(self, page, scene, account):
        opened = page("&show=clips")
        take = GenerationFactory(scene=scene, account=account, status="running")
        assert opened.told() == set()

        ready(take)

        assert opened.told() == {str(take.uuid)}

    def test_a_search_brings_only_what_it_finds(self, page, scene, account):
        opened = page("&q=lighthouse")
        GenerationFactory(scene=scene, account=account, prompt="A boat")
        found = GenerationFactory(scene=scene, account=account, prompt="A lighthouse")

        assert opened.told() == {str(found.uuid)}

    def test_another_order_offers_a_fresh_page(self, page, scene, account):
        opened = page("&sort=rating")
        ReadyFactory(scene=scene, account=account)

        html = opened.poll().content.decode()

        assert "<template>" in html
        assert "data-on-top" not in html

    def test_one_scene_hears_of_its_own(self, page, scene, account, project):
        opened = page(f"&scene={scene.uuid}")
        ReadyFactory(scene=SceneFactory(project=project), account=account)
        take = ReadyFactory(scene=scene, account=account)

        assert opened.told() == {str(take.uuid)}

    def test_other_projects_are_silent(self, page, team, account):
        opened = page()
        ReadyFactory(scene=SceneFactory(project=ProjectFactory(team=team)), account=account)

        assert opened.poll().status_code == 204

    @pytest.mark.parametrize("mark", ["", "x", "1 2 3:forged"])
    def test_a_forged_mark_asks_nothing(self, page, scene, account, mark):
        opened = page()
        ReadyFactory(scene=scene, account=account)

        assert opened.poll(mark=mark).status_code == 204

    def test_a_mark_is_good_for_its_own_view(self, page, scene, account):
        opened, other = page(), page("&show=clips")
        ReadyFactory(scene=scene, account=account)

        assert opened.poll(mark=other.mark).status_code == 204

    def test_a_stranger_hears_nothing(self, page, scene, account, client, charlie, project):
        opened = page()
        take = ReadyFactory(scene=scene, account=account)
        client.force_login(charlie)

        assert str(take.uuid) not in opened.poll().content.decode()

    def test_asking_costs_one_query_more(self, page, django_assert_max_num_queries):
        opened = page()

        with django_assert_max_num_queries(12):
            assert opened.poll().status_code == 204
