import re
import uuid

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from generations import phrases
from generations.lifecycle import trash
from generations.models import Event, Generation, Outcome, SubmitAttempt
from tests.factories import AccountFactory, GenerationFactory, ReadyFactory, SceneFactory

ACTIONS = ["cancel", "retry", "decide", "trash", "restore"]
HTMX = {"HX-Request": "true", "HX-Target": "stage"}


def from_tile(take):
    return {"HX-Request": "true", "HX-Target": f"take-{take.uuid}"}


def url(name, take):
    return reverse(f"generations:{name}", args=[take.uuid])


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def kinds(take):
    return list(Event.objects.filter(generation=take).values_list("kind", flat=True))


@pytest.fixture
def scene(project, alice):
    AccountFactory(team=project.team)
    return SceneFactory(project=project, created_by=alice, takes_made=100_000)


@pytest.fixture
def take(scene):
    return GenerationFactory(scene=scene)


@pytest.fixture
def uncertain(scene):
    take = GenerationFactory(scene=scene, status="uncertain", price_per_second="0.1", reserved="0.5")
    SubmitAttempt.objects.create(
        generation=take,
        account=take.account,
        fence=1,
        started_at=timezone.now(),
        outcome="unknown",
        person_asked_at=timezone.now(),
    )
    return take


class TestWho:
    @pytest.mark.parametrize("name", ACTIONS)
    def test_viewer_gets_403_in_words(self, client, vera, take, name):
        client.force_login(vera)

        response = client.post(url(name, take))

        assert response.status_code == 403
        assert "You can watch and comment here" in response.content.decode()

    @pytest.mark.parametrize("name", ACTIONS)
    def test_stranger_gets_404(self, client, charlie, take, name):
        client.force_login(charlie)

        assert client.post(url(name, take)).status_code == 404

    @pytest.mark.parametrize("name", ACTIONS)
    def test_guest_is_sent_to_sign_in(self, client, take, name):
        assert client.post(url(name, take))["Location"].startswith(reverse("account_login"))

    @pytest.mark.parametrize("name", ACTIONS)
    def test_a_fragment_without_a_session_reloads_the_page(self, client, take, name):
        response = client.post(url(name, take), headers=HTMX)

        assert response.status_code == 401
        assert response["HX-Refresh"] == "true"

    @pytest.mark.parametrize("name", ACTIONS)
    def test_following_a_link_does_nothing(self, as_alice, take, name):
        assert as_alice.get(url(name, take)).status_code == 405


class TestCancel:
    def test_what_waits_here_is_canceled(self, client, bob, take):
        client.force_login(bob)

        response = client.post(url("cancel", take))

        take.refresh_from_db()
        assert take.status == "canceled"
        assert response.status_code == 303
        assert response["Location"] == take.get_absolute_url()
        assert said(response) == ["Canceled. Nothing was charged."]

    def test_of_what_was_sent_again_tells_of_the_first_try(self, as_alice, uncertain):
        as_alice.post(url("decide", uncertain), {"choice": "again"})

        response = as_alice.post(url("cancel", uncertain))

        uncertain.refresh_from_db()
        price = phrases.money(phrases.Price(uncertain.price, "USD"))
        assert (uncertain.status, uncertain.possibly_charged) == ("canceled", uncertain.price)
        assert said(response)[-1] == f"Canceled. Possibly charged: {price}."
        assert "Nothing was charged" not in as_alice.get(uncertain.get_absolute_url()).content.decode()

    def test_goes_back_to_the_page_that_asked(self, as_alice, take):
        response = as_alice.post(url("cancel", take), {"next": "/studio/?project=x"}, headers=HTMX)

        assert response["Location"] == "/studio/?project=x"

    def test_does_not_follow_a_foreign_next(self, as_alice, take):
        response = as_alice.post(url("cancel", take), {"next": "https://evil.example/"})

        assert response["Location"] == take.get_absolute_url()

    def test_too_late_is_a_conflict(self, as_alice, scene):
        take = GenerationFactory(scene=scene, status="running")

        response = as_alice.post(url("cancel", take))

        assert response.status_code == 409
        assert "Too late to cancel" in response.content.decode()

    def test_too_late_brings_a_fragment_up_to_date(self, as_alice, scene):
        take = GenerationFactory(scene=scene, status="running")

        response = as_alice.post(url("cancel", take), headers=HTMX)

        assert response.status_code == 303
        assert "Too late" in said(response)[0]

    def test_a_tile_gets_itself_fresh_and_a_toast(self, as_alice, take):
        shown = as_alice.post(url("cancel", take), headers=from_tile(take)).content.decode()

        assert f'id="take-{take.uuid}"' in shown
        assert 'data-state="canceled"' in shown
        assert 'hx-swap-oob="innerHTML"' in shown
        assert "Canceled. Nothing was charged." in shown

    def test_a_tile_that_was_too_late_shows_the_truth(self, as_alice, scene):
        take = GenerationFactory(scene=scene, status="running")

        response = as_alice.post(url("cancel", take), headers=from_tile(take))

        assert response.status_code == 409
        assert 'data-state="rendering"' in response.content.decode()


class TestRetry:
    def again(self, client, take, headers=None, **data):
        return client.post(url("retry", take), {"token": uuid.uuid4(), **data}, headers=headers)

    @pytest.fixture
    def failed(self, scene):
        return GenerationFactory(scene=scene, status="failed", due_at=None)

    def test_makes_a_take_that_points_to_this_one(self, as_alice, failed):
        response = self.again(as_alice, failed)

        made = Generation.objects.get(parent=failed)
        assert (made.seed, made.prompt, made.status) == (failed.seed, failed.prompt, "queued")
        assert response.status_code == 303
        assert response["Location"] == made.get_absolute_url()

    def test_new_seed(self, as_alice, failed):
        self.again(as_alice, failed, seed="new")

        assert Generation.objects.get(parent=failed).seed is None

    def test_the_same_press_twice_is_one_take(self, as_alice, failed):
        for _ in range(2):
            as_alice.post(url("retry", failed), {"token": "0b9a2d3e-2f55-4f0a-8f0c-0d4d1f7a9a11"})

        assert Generation.objects.filter(parent=failed).count() == 1

    def test_a_tile_gets_itself_and_the_way_to_the_new_take(self, as_alice, failed):
        response = self.again(as_alice, failed, headers=from_tile(failed))

        shown = response.content.decode()
        assert f'id="take-{failed.uuid}"' in shown
        assert Generation.objects.get(parent=failed).get_absolute_url() in shown

    def test_needs_a_token(self, as_alice, failed):
        assert as_alice.post(url("retry", failed), {"token": "x"}).status_code == 400

    def test_unfinished_is_a_conflict(self, as_alice, take):
        response = self.again(as_alice, take)

        assert response.status_code == 409
        assert not Generation.objects.filter(parent=take).exists()

    def test_refusal_is_said_in_words(self, as_alice, project, alice, settings):
        settings.DASHSCOPE_API_KEY = ""
        failed = GenerationFactory(scene=SceneFactory(project=project, created_by=alice), status="failed", due_at=None)

        response = self.again(as_alice, failed)

        assert response.status_code == 409
        assert "not set up yet" in response.content.decode()


class TestDecide:
    def test_check_reads_the_list_again(self, as_alice, uncertain):
        as_alice.post(url("decide", uncertain), {"choice": "check"})

        assert SubmitAttempt.objects.get().next_reading_at is not None
        assert "checked_again" in kinds(uncertain)

    def test_again_sends_it_again(self, as_alice, uncertain):
        as_alice.post(url("decide", uncertain), {"choice": "again"})

        uncertain.refresh_from_db()
        assert uncertain.status == "queued"
        assert uncertain.possibly_charged > 0

    def test_discard_ends_it(self, as_alice, uncertain):
        response = as_alice.post(url("decide", uncertain), {"choice": "discard"})

        uncertain.refresh_from_db()
        assert uncertain.status == "canceled"
        assert SubmitAttempt.objects.get().outcome == Outcome.RELEASED
        assert "Discarded" in said(response)[0]

    def test_other_choices_do_nothing(self, as_alice, uncertain):
        assert as_alice.post(url("decide", uncertain), {"choice": "delete"}).status_code == 400

    def test_settled_meanwhile_is_a_conflict(self, as_alice, take):
        response = as_alice.post(url("decide", take), {"choice": "again"})

        assert response.status_code == 409
        assert "settled meanwhile" in response.content.decode()


class TestTrash:
    def test_to_the_trash_and_back(self, client, bob, scene):
        take = ReadyFactory(scene=scene)
        client.force_login(bob)

        client.post(url("trash", take))
        take.refresh_from_db()
        assert take.trashed_at is not None
        assert take.status == "ready"

        client.post(url("restore", take))
        take.refresh_from_db()
        assert take.trashed_at is None
        assert kinds(take) == ["trashed", "restored"]

    def test_a_tile_disappears(self, as_alice, take):
        shown = as_alice.post(url("trash", take), headers=from_tile(take)).content.decode()

        assert f'id="take-{take.uuid}" hidden></article>' in shown  # an undo brings it back there
        assert url("restore", take) in shown
        assert "Moved to trash." in shown

    def test_twice_is_a_conflict(self, as_alice, take):
        as_alice.post(url("trash", take))

        assert as_alice.post(url("trash", take)).status_code == 409
        assert kinds(take) == ["trashed"]

    @pytest.mark.parametrize(
        ("name", "back", "said"),
        [
            ("trash", "restore", "Somebody has moved it to the trash since. It stays there."),
            ("restore", "trash", "Somebody has restored it since. It stays."),
        ],
    )
    def test_undo_takes_back_only_ones_own(self, as_alice, bob, take, name, back, said):
        turn = {"trash": trash.trash, "restore": trash.restore}
        if name == "restore":
            trash.trash(take, by=bob)
        shown = as_alice.post(url(name, take), headers=from_tile(take)).content.decode()
        undo = dict(re.findall(r'name="(since)" value="([^"]*)"', shown[shown.index('id="messages"') :]))
        turn[back](take, by=bob)
        turn[name](take, by=bob)

        late = as_alice.post(url(back, take), undo, headers=from_tile(take))

        take.refresh_from_db()
        assert (late.status_code, take.trashed_at is not None) == (409, name == "trash")
        assert said in late.content.decode()
        undo["since"] = str(Event.objects.filter(generation=take).latest("pk").pk)
        assert as_alice.post(url(back, take), undo, headers=from_tile(take)).status_code == 200

    @pytest.mark.parametrize("since", ["", "x", "-1", "9" * 5000])
    def test_an_undo_of_nothing_known_is_the_act_itself(self, as_alice, take, since):
        assert as_alice.post(url("trash", take), {"since": since}).status_code == 303

    def test_restoring_what_is_not_there_is_a_conflict(self, as_alice, take):
        assert as_alice.post(url("restore", take)).status_code == 409

    def test_what_goes_on_goes_on(self, as_alice, take):
        as_alice.post(url("trash", take))

        take.refresh_from_db()
        assert take.status == "queued"
