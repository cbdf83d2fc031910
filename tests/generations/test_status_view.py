"""GET /generations/status: one poll per page, silent as long as nothing changed."""

import re
import uuid

import pytest
from django.utils import timezone

from generations.models import Generation
from tests.factories import AccountFactory, GenerationFactory, ReadyFactory, SceneFactory

URL = "/generations/status"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def scene(project, alice):
    return SceneFactory(project=project, created_by=alice)


@pytest.fixture
def take(scene, alice, team):
    return GenerationFactory(scene=scene, owner=alice, account=AccountFactory(team=team), number=3)


class Poll:
    """What the script of the page does: reads ids and hashes from the HTML and asks with them."""

    def __init__(self, client, project):
        self.client, self.project = client, project
        self.html = client.get("/studio/", {"project": project.uuid}).content.decode()

    def __call__(self, ids=None, v=None):
        cards = re.findall(r'data-take="([^"]+)" data-v="([^"]+)"[^>]* data-live', self.html)
        pill = re.search(r'id="poller"[^>]*data-v="([^"]+)"', self.html)[1]
        ids = [card[0] for card in cards] if ids is None else ids
        v = ".".join([pill, *(card[1] for card in cards)]) if v is None else v
        query = {"project": self.project.uuid, "ids": ",".join(map(str, ids)), "v": v}
        return self.client.get(URL, query, headers=HTMX)


@pytest.fixture
def poll(client, alice, project, take):
    client.force_login(alice)
    return Poll(client, project)


class TestStatus:
    def test_nothing_changed_is_an_empty_answer(self, poll):
        response = poll()

        assert response.status_code == 204
        assert response.content == b""

    def test_a_changed_card_comes_out_of_band(self, poll, take):
        Generation.objects.filter(pk=take.pk).update(status="pending", accepted_at=timezone.now(), version=1)

        html = poll().content.decode()

        assert re.search(rf'id="take-{take.uuid}"[^>]*data-state="sent"[^>]*hx-swap-oob="true"', html)
        assert 'id="queue-pill" hx-swap-oob="true"' in html
        assert html.lstrip().startswith('<div id="poller"')
        assert "data-polling" in html

    def test_what_wan_has_not_started_counts_as_waiting(self, poll, take):
        Generation.objects.filter(pk=take.pk).update(status="pending", accepted_at=timezone.now())

        html = poll().content.decode()

        assert "1 waiting" in html
        assert "1 rendering" not in html

    def test_only_changed_cards_come(self, poll, take, scene, alice, client, project):
        other = GenerationFactory(scene=scene, owner=alice, account=take.account, status="submitting")
        poll = Poll(client, project)
        Generation.objects.filter(pk=other.pk).update(status="pending", accepted_at=timezone.now())

        html = poll().content.decode()

        assert f'id="take-{other.uuid}"' in html
        assert f'id="take-{take.uuid}"' not in html

    def test_the_last_change_ends_the_polling_and_is_announced(self, poll, take):
        now = timezone.now()
        Generation.objects.filter(pk=take.pk).update(
            status="ready", ready_at=now, finished_at=now, derived_at=now, video_key="x", due_at=None
        )

        response = poll()

        html = response.content.decode()
        assert response.headers["HX-Trigger"] == "recount"
        assert 'id="poller"' in html
        assert "data-polling" not in html
        assert "Take 3 is ready." in html
        assert 'hx-swap-oob="innerHTML:#announce"' in html

    def test_the_new_page_knows_what_it_was_told(self, poll, take, client, project):
        Generation.objects.filter(pk=take.pk).update(status="submitting")
        poll.html = poll().content.decode().replace(' data-live data-state="sending"', " data-live")

        assert poll().status_code == 204

    def test_without_hashes_everything_is_sent(self, poll, take):
        assert f'id="take-{take.uuid}"' in poll(v="").content.decode()

    @pytest.mark.parametrize("v", ["x", "a.b.c.d.e", "..", "%00"])
    def test_spoilt_hashes_are_no_harm(self, poll, v):
        assert poll(v=v).status_code == 200

    def test_what_is_not_ours_is_ignored(self, poll):
        others = ReadyFactory()

        html = poll(ids=[others.uuid, uuid.uuid4(), "x", "", "'"], v="").content.decode()

        assert "take-" not in re.sub(r'id="tray-[^"]*"', "", html)

    def test_a_poll_has_an_end(self, poll):
        assert poll(ids=[uuid.uuid4()] * 500).status_code in (200, 204)

    def test_it_is_never_cached(self, poll):
        assert "no-store" in poll(v="").headers["Cache-Control"]

    def test_a_few_queries(self, poll, scene, alice, take, client, project, django_assert_max_num_queries):
        GenerationFactory.create_batch(20, scene=scene, owner=alice, account=take.account)
        poll = Poll(client, project)

        with django_assert_max_num_queries(12):
            assert poll().status_code == 204


class TestWhoAsks:
    def test_an_ended_session_reloads_the_page(self, client, take):
        response = client.get(URL, {"ids": take.uuid}, headers=HTMX)

        assert response.status_code == 401
        assert response.headers["HX-Refresh"] == "true"

    def test_a_stranger_learns_nothing(self, client, charlie, take):
        client.force_login(charlie)

        response = client.get(URL, {"ids": take.uuid, "project": take.project.uuid, "v": ""}, headers=HTMX)

        assert str(take.uuid) not in response.content.decode()

    def test_a_viewer_gets_cards_without_buttons(self, client, vera, take, project):
        client.force_login(vera)

        html = Poll(client, project)(v="").content.decode()

        assert f'id="take-{take.uuid}"' in html
        assert "Cancel" not in html
