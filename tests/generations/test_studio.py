"""The studio page: what it shows of takes in every state, to whom, and at what price in queries."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from dashscope_client.causes import Cause
from generations.models import SubmitAttempt
from tests.factories import AccountFactory, GenerationFactory, ProjectFactory, ReadyFactory, SceneFactory

URL = "/studio/"


@pytest.fixture
def account(team):
    return AccountFactory(team=team)


@pytest.fixture
def scene(project, alice):
    return SceneFactory(project=project, created_by=alice)


@pytest.fixture
def take(scene, alice, account):
    """Makes a take of Alice's scene."""

    def take(status="queued", factory=GenerationFactory, **fields):
        return factory(scene=scene, owner=alice, account=account, status=status, **fields)

    return take


@pytest.fixture
def page(client, alice, project):
    """The project as Alice sees it."""
    client.force_login(alice)

    def page(**query):
        return client.get(URL, {"project": project.uuid, **query})

    return page


def card_of(page, take):
    """The take's card on the page; `page` may be one that is there already."""
    html = (page() if callable(page) else page).content.decode()
    return re.search(rf'<article class="take" id="take-{take.uuid}".*?</article>', html, re.DOTALL)[0]


class TestStates:
    """The state on screen is the state in the database."""

    def test_waiting_says_place_and_offers_cancel(self, page, take):
        card = card_of(page, take())

        assert 'data-state="waiting"' in card
        assert "Waiting here" in card
        assert "Next" in card
        assert "Cancel" in card

    def test_paused_says_so_instead_of_a_time(self, page, take):
        card = card_of(page, take(paused_at=timezone.now()))

        assert "Paused" in card
        assert "starts in" not in card

    def test_sending_and_sent(self, page, take):
        sending, sent = take("submitting"), take("pending", accepted_at=timezone.now())

        response = page()

        assert "Sending to Wan" in card_of(response, sending)
        assert "Accepted, not started yet" in card_of(response, sent)

    def test_rendering_says_how_long_and_how_long_usually(self, page, take):
        since = timezone.now() - timedelta(seconds=72)
        running = take("running", rendering_at=since, accepted_at=since)

        card = card_of(page, running)

        assert re.search(r"data-clock>1:1[234]<", card)
        assert 'data-state="rendering"' in card
        assert re.search(r'data-elapsed="7[234]"', card)
        assert "Cancel" not in card

    def test_progress_ends_short_of_the_end(self, page, take):
        since = timezone.now() - timedelta(hours=1)

        card = card_of(page, take("running", rendering_at=since, accepted_at=since))

        assert "longer than usual" in card
        assert 'aria-valuenow="95"' in card

    def test_saving_says_how_far(self, page, take):
        card = card_of(page, take("archiving", archived_bytes=62, expected_bytes=100, rendered_at=timezone.now()))

        assert "62%" in card
        assert "Saving to your storage" in card

    def test_ready_is_its_poster(self, page, take):
        ready = take("ready", ReadyFactory)

        card = card_of(page, ready)

        assert f"/generations/{ready.uuid}/poster" in card
        assert f'href="/generations/{ready.uuid}/"' in card
        assert "data-state" not in card
        assert "data-live" not in card

    @pytest.mark.parametrize(("size", "width"), [((1920, 1080), 1280), ((1080, 1920), 720), ((832, 624), 832)])
    def test_the_browser_chooses_between_two_sizes_of_a_poster(self, page, take, size, width):
        ready = take("ready", ReadyFactory, video_width=size[0], video_height=size[1])

        card = card_of(page, ready)

        address = f"/generations/{ready.uuid}/poster"
        assert f'src="{address}?size=small" srcset="{address}?size=small 480w, {address} {width}w"' in card
        assert 'sizes="auto, ' in card

    @pytest.mark.parametrize(
        ("fields", "ratio"),
        [
            ({"ratio": "9:16"}, "720/1280"),
            ({"ratio": "1:1", "resolution": "1080P"}, "1440/1440"),
            ({"video_width": 640, "video_height": 272}, "640/272"),  # what came is true, not what was ordered
        ],
    )
    def test_its_room_is_kept_before_the_poster_comes(self, page, take, fields, ratio):
        card = card_of(page, take("ready", ReadyFactory, **fields))

        width, height = ratio.split("/")
        assert f'style="--ratio: {ratio}"' in card
        (picture,) = re.findall(r"<img[^>]+>", card)
        for attribute in (f'width="{width}"', f'height="{height}"', 'loading="lazy"', 'decoding="async"'):
            assert attribute in picture

    def test_a_clip_without_its_poster_is_still_on_its_way(self, page, take):
        card = card_of(page, take("ready", ReadyFactory, derived_at=None))

        assert "Its poster is being made" in card
        assert "data-live" in card

    def test_failed_says_why_and_what_to_do(self, page, take):
        failed = take("failed", failure_cause=Cause.INPUT_INSPECTION.value, cost=0, due_at=None)

        card = card_of(page, failed)

        assert "Nothing was charged" in card
        assert f"/studio/?from={failed.uuid}" in card
        assert f"/generations/{failed.uuid}/retry" in card
        assert "data-live" not in card

    def test_canceled_says_what_it_may_have_cost(self, page, take):
        free, perhaps = take("canceled"), take("canceled", possibly_charged=Decimal("0.75"))

        response = page()

        assert "Nothing was charged." in card_of(response, free)
        assert "Possibly charged: US$\u00a00.75." in card_of(response, perhaps)

    @pytest.mark.parametrize(
        ("cause", "says"),
        [
            (Cause.INPUT_INSPECTION, "Possibly charged for an earlier one: US$\u00a00.75. Word it differently."),
            (Cause.INTERNAL_ERROR, "Try again. This try was free. Possibly charged for an earlier one: US$\u00a00.75."),
            (Cause.INVALID_PARAMETER, "Possibly charged for an earlier one: US$\u00a00.75. Change it and try again."),
            (None, "Wan could not make it. This try was free. Possibly charged for an earlier one: US$\u00a00.75."),
        ],
    )
    def test_failed_after_it_was_sent_again_tells_of_the_first_try(self, page, take, cause, says):
        said = {"failure_cause": cause.value if cause else "", "failure_message": "duration"}
        failed = take("failed", possibly_charged=Decimal("0.75"), cost=0, due_at=None, **said)

        card = card_of(page, failed)

        assert says in card
        assert "Nothing was charged" not in card

    def test_lost_tells_both_what_was_and_what_was_possibly_charged(self, page, take):
        lost = take("lost", possibly_charged=Decimal("0.75"), cost=Decimal("0.50"))

        assert "Charged: US$\u00a00.50. Possibly charged for an earlier try: US$\u00a00.75." in card_of(page, lost)

    @pytest.mark.parametrize("status", ["submitting", "uncertain"])
    def test_a_remembered_cancel_says_what_becomes_of_it(self, page, take, status):
        assert "if that is in time" in card_of(page, take(status, cancel_requested_at=timezone.now()))

    def test_uncertain_only_asks_when_a_person_has_to_decide(self, page, take, account):
        quiet, asking = take("uncertain"), take("uncertain")
        now = timezone.now()
        SubmitAttempt.objects.create(
            generation=asking, account=account, fence=1, started_at=now, outcome="unknown", person_asked_at=now
        )

        response = page()

        assert "nothing is sent twice" in card_of(response, quiet)
        assert "Send again" not in card_of(response, quiet)
        for choice in ("check", "again", "discard"):
            assert f'name="choice" value="{choice}"' in card_of(response, asking)

    @pytest.mark.parametrize(
        ("fields", "says"),
        [
            ({}, "Rendered. Saving to your storage, 21 hours left"),
            ({"tries": 1}, "It could not be fetched from Wan yet. We keep trying, 21 hours left"),
            ({"spool_host": "media-2"}, "Saving to your storage, a machine of the studio has its file"),
            (
                {"spool_host": "media-2", "tries": 3, "waiting_for": "storage"},
                "Your storage refused it. We keep trying, a machine of the studio has its file",
            ),
        ],
    )
    def test_saving_says_how_long_wan_keeps_it_or_that_it_is_here(self, page, take, fields, says):
        rendered_at = timezone.now() - timedelta(hours=2.5)

        assert says in card_of(page, take("archiving", rendered_at=rendered_at, **fields))

    def test_throttled_says_until_when(self, page, take, account):
        held_until = timezone.now() + timedelta(seconds=40)
        type(account).objects.update(held_until=held_until, held_for="throttled")

        time = timezone.localtime(held_until).strftime("%H:%M:%S")
        assert f"try again by ourselves, at {time}" in card_of(page, take("queued"))

    def test_lost_is_said(self, page, take):
        assert "24 hours ran out" in card_of(page, take("lost"))


class TestStudio:
    def test_scenes_stand_newest_first_with_their_newest_take_first(self, page, project, alice, scene, take):
        old = SceneFactory(
            project=project, created_by=alice, name="Older", latest_take_at=timezone.now() - timedelta(days=1)
        )
        GenerationFactory(scene=old, owner=alice)
        first, second = take(number=1), take(number=2)

        rows = page().context["stream"].rows

        assert [row.scene for row in rows] == [scene, old]
        assert rows[0].takes == [second, first]

    def test_trashed_takes_are_gone(self, page, take):
        gone = take("ready", ReadyFactory, trashed_at=timezone.now())

        html = page().content.decode()

        assert str(gone.uuid) not in html
        assert "Nothing here yet" in html

    def test_other_projects_are_not_mixed_in(self, page, team, alice):
        other = ReadyFactory(scene=SceneFactory(project=ProjectFactory(team=team)))

        assert f'id="take-{other.uuid}"' not in page().content.decode()

    def test_an_empty_project_offers_recipes(self, page):
        html = page().content.decode()

        assert "Nothing here yet" in html
        assert html.count('class="recipe"') == 3

    @pytest.mark.parametrize(("sample", "shots"), [("steam", 0), ("harbour", 0), ("lanterns", 3)])
    def test_a_recipe_fills_the_composer(self, page, sample, shots):
        composer = page(sample=sample).context["composer"]

        assert composer.form["prompt"].value()
        assert len(composer.shots) == shots
        assert composer.board_open == bool(shots)

    def test_the_recipes_teach_one_shot_a_dialogue_and_shots_with_sound(self, page):
        steam, harbour, lanterns = (page(sample=name).context["composer"] for name in ("steam", "harbour", "lanterns"))

        assert "No dialogue" in steam.form["prompt"].value()
        assert len(re.findall('"[^"]+[.?]"', harbour.form["prompt"].value())) == 2
        for form, sound in zip(lanterns.shots, ("voices", "rustles", "flute"), strict=True):
            assert sound in form["text"].value()

    def test_the_button_says_why_it_is_off(self, page):
        html = page().content.decode()

        assert re.search(r'id="generate" aria-disabled="true" aria-describedby="blocked send-facts"', html)
        assert "Write a prompt first." in html

    def test_the_button_says_what_it_costs(self, page, account):
        assert "US$\u00a00.75" in page().content.decode()

    def test_the_page_says_where_to_go_on(self, page, project, alice):
        for number in range(14):
            scene = SceneFactory(
                project=project,
                created_by=alice,
                name=f"Scene {number}",
                latest_take_at=timezone.now() - timedelta(hours=number),
            )
            GenerationFactory(scene=scene, owner=alice)
        first = page()

        second = page(before=first.context["stream"].older)

        assert [row.scene.name for row in first.context["stream"].rows] == [f"Scene {number}" for number in range(12)]
        assert [row.scene.name for row in second.context["stream"].rows] == ["Scene 12", "Scene 13"]
        assert second.context["stream"].older == ""

    @pytest.mark.parametrize("before", ["x", "1_", "_", "1e999_1", "nan_1", "-1e300_5"])
    def test_a_spoilt_cursor_is_the_first_page(self, page, take, before):
        take()

        response = page(before=before)

        assert "This is its beginning." in response.content.decode()
        assert len(response.context["stream"].takes) == 1

    def test_a_long_scene_shows_its_newest_takes(self, page, scene, take):
        for number in range(1, 31):
            take("ready", ReadyFactory, number=number)

        row = page().context["stream"].rows[0]
        alone = page(scene=scene.uuid).context["stream"].rows[0]

        assert (row.total, len(row.takes), row.takes[0].number) == (30, 24, 30)
        assert len(alone.takes) == 30

    def test_one_kind_can_be_chosen(self, page, take):
        failed, ready = take("failed"), take("ready", ReadyFactory)

        html = page(show="failed").content.decode()

        assert f'id="take-{failed.uuid}"' in html
        assert f'id="take-{ready.uuid}"' not in html


class TestRecall:
    def test_edit_prompt_brings_the_recipe_without_the_seed(self, page, take):
        composer = page(**{"from": take("failed", seed=9, ratio="1:1", negative_prompt="blur").uuid}).context[
            "composer"
        ]

        values = {name: composer.form[name].value() for name in ("prompt", "ratio", "negative_prompt", "seed")}
        assert values["ratio"] == "1:1"
        assert values["negative_prompt"] == "blur"
        assert not values["seed"]

    def test_everything_with_the_seed(self, page, take):
        shots = [{"text": "One", "seconds": 2}, {"text": "Two", "seconds": 3}]

        composer = page(**{"from": take(seed=9, shots=shots).uuid, "use": "all"}).context["composer"]

        assert composer.form["seed"].value() == 9
        assert [form["text"].value() for form in composer.shots] == ["One", "Two"]

    def test_the_seed_alone(self, page, take):
        composer = page(**{"from": take(seed=9).uuid, "use": "seed"}).context["composer"]

        assert composer.form["seed"].value() == 9
        assert not composer.form["prompt"].value()

    @pytest.mark.parametrize("name", ["from", "scene", "project"])
    def test_what_is_not_ours_does_not_exist(self, page, name):
        for given in (GenerationFactory().uuid, "x", "00000000-0000-0000-0000-000000000000"):
            assert page(**{name: given}).status_code == 404


class TestWhoSees:
    def test_anonymous_is_sent_to_sign_in(self, client, project):
        assert client.get(URL, {"project": project.uuid}).status_code == 302

    def test_a_stranger_sees_nothing(self, client, charlie, project, take):
        client.force_login(charlie)

        assert client.get(URL, {"project": project.uuid}).status_code == 404

    def test_a_viewer_watches(self, client, vera, project, take):
        queued, failed = take(), take("failed")
        client.force_login(vera)

        response = client.get(URL, {"project": project.uuid})

        html = response.content.decode()
        assert str(queued.uuid) in html
        assert "You can watch and comment here. Ask Alice to make you an editor." in html
        assert 'id="composer"' not in html
        assert "Cancel" not in card_of(response, queued)
        assert "retry" not in card_of(response, failed)

    def test_without_a_project_it_is_the_last_used(self, client, bob, project):
        bob.last_project = project
        bob.save()
        client.force_login(bob)

        assert client.get(URL).context["project"] == project


class TestPage:
    def test_unfinished_takes_are_polled(self, page, take):
        take()

        assert "data-polling" in page().content.decode()

    def test_finished_takes_are_not(self, page, take):
        take("ready", ReadyFactory)

        html = page().content.decode()
        assert "data-polling" not in html
        assert "Takes are on their way" not in html

    def test_without_script_there_is_a_way_to_see_more(self, page, take):
        take()

        assert re.search(r'<noscript>.*href="/studio/\?project=', page().content.decode())

    def test_what_the_page_says_is_heard_politely(self, page):
        assert '<div class="visually-hidden" id="announce" role="status" aria-live="polite">' in page().content.decode()

    def test_no_script_in_the_page(self, page, take):
        take()

        html = page().content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)", html)
        assert "hx-on" not in html
        assert "onclick" not in html

    def test_what_was_typed_is_text(self, page, take):
        take(prompt="<script>alert(1)</script>", failure_cause="", status="failed")

        assert "<script>alert" not in page().content.decode()

    def test_a_page_of_clips_costs_few_queries(self, page, project, alice, account, django_assert_max_num_queries):
        for number in range(12):
            scene = SceneFactory(project=project, created_by=alice, name=f"Scene {number}")
            ReadyFactory.create_batch(6, scene=scene, owner=alice, account=account)

        with django_assert_max_num_queries(10):
            response = page()

        assert response.content.decode().count('<article class="take"') == 72

    def test_scenes_further_down_cost_no_more(self, page, project, alice, account, django_assert_max_num_queries):
        for number in range(20):
            scene = SceneFactory(project=project, created_by=alice, name=f"Scene {number}")
            ReadyFactory.create_batch(3, scene=scene, owner=alice, account=account)
        before = page().context["stream"].older

        with django_assert_max_num_queries(10):
            response = page(before=before)

        assert response.content.decode().count('<article class="take"') == 24

    def test_every_state_at_once_costs_no_more(self, page, project, alice, account, django_assert_max_num_queries):
        now = timezone.now()
        for number in range(6):
            scene = SceneFactory(project=project, created_by=alice, name=f"Scene {number}")
            common = {"scene": scene, "owner": alice, "account": account}
            ReadyFactory.create_batch(6, **common)
            GenerationFactory.create_batch(2, **common)
            GenerationFactory(status="running", rendering_at=now, duration=2 + number, **common)
            GenerationFactory(status="uncertain", **common)
        page()  # what is cached for half a minute is cached

        with django_assert_max_num_queries(10):
            response = page()

        assert response.content.decode().count('<article class="take"') == 60
