"""The tray says how long takes of this account usually take, what that rests on, and why each one waits."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.cache import cache
from django.utils import timezone

from generations.models import Switchboard
from generations.words import WAITING
from tests.factories import AccountFactory, GenerationFactory, SceneFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(team):
    cache.clear()
    return AccountFactory(team=team)


@pytest.fixture
def queued(project, alice, account):
    scene = SceneFactory(project=project, created_by=alice)
    return GenerationFactory.create_batch(3, scene=scene, account=account, resolution="1080P", duration=5)


@pytest.fixture
def tray(as_alice, project):
    """Its words."""

    def words():
        html = as_alice.get("/studio/", {"project": project.uuid}).content.decode()
        tray = html[html.index('id="queue-tray"') : html.index('id="me"')]
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", tray)))

    return words


def rendered(account, *seconds):
    for each in seconds:
        moment = timezone.now() - timedelta(minutes=each)
        fields = {"resolution": "1080P", "duration": 5, "render_seconds": each, "rendered_at": moment}
        GenerationFactory(account=account, status="canceled", finished_at=moment, **fields)


class TestUsualTime:
    def test_is_the_accounts_own_for_this_size(self, tray, account, queued):
        rendered(account, 100, 110, 120, 125, 128, 130, 135, 140, 150, 160, 240)

        assert "5 s · 1080P: usually 2:10, 9 of 10 within 2:40." in tray()

    def test_is_a_stated_guess_until_it_has_some(self, tray, account, queued):
        rendered(account, 100, 110, 120, 125)

        assert "5 s · 1080P: perhaps 3:00, a first guess until this account has rendered a few." in tray()

    def test_of_other_sizes_and_accounts_says_nothing(self, tray, queued, team):
        rendered(AccountFactory(team=team), 100, 110, 120, 125, 128, 130)

        assert "a first guess" in tray()


class TestWhy:
    def test_is_the_place_and_when_it_starts(self, tray, queued):
        words = tray()

        assert "all done in about" in words
        assert "Next · starts in" in words
        assert "3rd · starts in" in words

    def test_is_the_administrators_stop_on_each(self, tray, queued):
        Switchboard.objects.update_or_create(pk=Switchboard.load().pk, defaults={"submitting": False})

        words = tray()

        assert words.count(str(WAITING["stopped"])) == 3
        assert "starts in" not in words
        assert "all done in" not in words

    @pytest.mark.parametrize("breaker", ["key", "billing"])
    def test_is_what_wan_wants_of_the_account(self, tray, account, queued, breaker):
        type(account).objects.filter(pk=account.pk).update(
            breaker=breaker, breaker_since=timezone.now(), breaker_probe_at=timezone.now() + timedelta(minutes=1)
        )

        assert tray().count(str(WAITING[breaker])) == 3
