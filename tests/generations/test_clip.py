import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse
from django.utils import timezone

from generations import labels, urls
from generations.models import Event, SubmitAttempt, WanAccount
from screenings.models import Comment, Retake, Verdict
from tests.factories import AudioFactory, GenerationFactory, ReadyFactory, SceneFactory

OF_A_TAKE = [
    pattern.name
    for pattern in urls.urlpatterns
    if isinstance(pattern, URLPattern) and "<uuid:uuid>" in str(pattern.pattern)
]


@pytest.fixture
def scene(project, alice):
    return SceneFactory(project=project, created_by=alice, name="Fishing boat")


def page(client, take, **headers):
    return client.get(reverse("generations:detail", args=[take.uuid]), headers=headers)


def text(response):
    return response.content.decode()


class TestWho:
    @pytest.mark.parametrize("name", OF_A_TAKE)
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_stranger_gets_404_everywhere(self, client, charlie, scene, name, method):
        take = ReadyFactory(scene=scene)
        client.force_login(charlie)

        response = getattr(client, method)(reverse(f"generations:{name}", args=[take.uuid]))

        assert response.status_code in (404, 405)
        assert (
            response.status_code == 404
            or getattr(client, "get" if method == "post" else "post")(
                reverse(f"generations:{name}", args=[take.uuid])
            ).status_code
            == 404
        )

    def test_the_walk_is_not_empty(self):
        assert {"detail", "video", "poster", "download", "cancel", "retry", "decide", "trash", "restore"} <= set(
            OF_A_TAKE
        )

    def test_guest_is_sent_to_sign_in(self, client, scene):
        for known in (ReadyFactory(scene=scene).uuid, uuid.uuid4()):
            response = client.get(reverse("generations:detail", args=[known]))

            assert response["Location"].startswith(reverse("account_login"))

    def test_unknown_take_is_404(self, as_alice):
        assert as_alice.get(reverse("generations:detail", args=[uuid.uuid4()])).status_code == 404

    def test_viewer_sees_the_recipe_and_no_actions(self, client, vera, scene):
        client.force_login(vera)

        shown = text(page(client, ReadyFactory(scene=scene)))

        assert "A small fishing boat" in shown
        assert '/trash"' not in shown
        assert "use=all" not in shown

    def test_editor_sees_actions(self, client, bob, scene):
        client.force_login(bob)
        take = ReadyFactory(scene=scene)

        shown = text(page(client, take))

        assert f"/generations/{take.uuid}/trash" in shown
        assert f"from={take.uuid}&amp;use=remix" in shown


class TestReady:
    def test_plays(self, as_alice, scene):
        take = ReadyFactory(scene=scene)

        shown = text(page(as_alice, take))

        assert f'src="/generations/{take.uuid}/video"' in shown
        assert f'src="/generations/{take.uuid}/strip"' in shown
        assert f'href="/generations/{take.uuid}/download"' in shown

    def test_says_what_it_cost(self, as_alice, scene):
        shown = text(page(as_alice, ReadyFactory(scene=scene, cost="0.50")))

        assert re.search(r"<dt>Cost</dt>\s*<dd>US\$\u00a00\.50</dd>", shown)

    def test_without_poster_there_is_no_broken_image(self, as_alice, scene):
        shown = text(page(as_alice, ReadyFactory(scene=scene, derived_at=None)))

        assert "/poster" not in shown
        assert "/strip" not in shown
        assert "/video" in shown

    def test_tells_the_recipe(self, as_alice, scene, alice):
        audio = AudioFactory(project=scene.project, uploaded_by=alice)
        take = ReadyFactory(
            scene=scene, audio=audio, negative_prompt="blur", seed=0, watermark=True, render_seconds=124
        )

        shown = text(page(as_alice, take))

        for words in ["1280 × 720, 16:9", "5 s", "blur", "harbour-theme.mp3, 8.2 s", "wan2.7-t2v", "US$", "2 min 4 s"]:
            assert words in shown
        assert 'data-copy="0"' in shown

    def test_rewrite_that_wan_did_not_tell(self, as_alice, scene):
        assert "did not say how" in text(page(as_alice, ReadyFactory(scene=scene, prompt_extend=True)))
        assert "did not say how" not in text(page(as_alice, ReadyFactory(scene=scene, prompt_extend=False)))

    def test_rewrite(self, as_alice, scene):
        take = ReadyFactory(scene=scene, actual_prompt="Glass-still water")

        shown = text(as_alice.get(take.get_absolute_url(), {"in": "sort=longest"}))

        assert "Glass-still water" in shown
        assert 'href="?in=sort%3Dlongest&amp;prompt=changes#prompt-versions"' in shown

    def test_shots_with_their_seconds(self, as_alice, scene):
        shots = [{"text": "The harbour wakes", "seconds": 2}, {"text": "A rope", "seconds": 3}]

        shown = text(page(as_alice, ReadyFactory(scene=scene, shots=shots)))

        assert "Shot 2, 2–5 s" in shown
        assert "The harbour wakes" in shown

    def test_a_shot_is_opened_in_the_view_that_one_came_from(self, as_alice, scene):
        take = ReadyFactory(scene=scene, shots=[{"text": "The harbour wakes", "seconds": 5}])

        shown = text(as_alice.get(take.get_absolute_url(), {"in": "sort=longest"}))

        assert 'href="?in=sort%3Dlongest&amp;shot=1"' in shown

    def test_prompts_are_text(self, as_alice, scene):
        shown = text(page(as_alice, ReadyFactory(scene=scene, prompt="<script>alert(1)</script>")))

        assert "<script>alert" not in shown

    def test_policy_holds(self, as_alice, scene):
        response = page(as_alice, ReadyFactory(scene=scene))

        assert "unsafe-inline" not in response["Content-Security-Policy"].split("style-src-attr")[0]
        assert "<style" not in text(response)
        assert "onclick" not in text(response)

    def test_is_a_few_queries(self, as_alice, alice, scene, django_assert_max_num_queries):
        first = ReadyFactory(scene=scene, owner=alice)
        take = ReadyFactory(
            scene=scene, owner=alice, parent=first, origin="remix", prompt_extend=True, verdict="approved"
        )
        ReadyFactory(scene=scene, owner=alice, parent=take, origin="remix")
        labels.tag([take.pk], ["night", "client A"], by=alice)
        labels.write_note(take, "The second one for the client.", by=alice)
        comment = Comment.objects.create(generation=take, person=alice, text="Too dark", second=1.0)
        Comment.objects.create(generation=take, person=alice, text="Brighter now", parent=comment)
        Verdict.objects.create(generation=take, person=alice, word="approved")
        Event.objects.create(generation=take, kind="pressed", actor=alice)
        common = {"scene": scene, "owner": alice, "account": take.account}
        GenerationFactory(**common)
        GenerationFactory(status="running", rendering_at=timezone.now(), duration=2, **common)
        GenerationFactory(status="uncertain", **common)

        with django_assert_max_num_queries(10):
            shown = text(page(as_alice, take))

        for words in ("client A", "The second one for the client.", "Too dark", "Brighter now"):
            assert words in shown

    @pytest.mark.parametrize("status", ["queued", "running", "uncertain", "failed"])
    def test_is_a_few_queries_before_it_is_a_clip_too(
        self, as_alice, alice, scene, status, django_assert_max_num_queries
    ):
        take = GenerationFactory(scene=scene, owner=alice, status=status, rendering_at=timezone.now())
        GenerationFactory.create_batch(3, scene=scene, owner=alice, account=take.account)

        with django_assert_max_num_queries(10):
            page(as_alice, take)


class TestUnfinishedAndEnded:
    @pytest.mark.parametrize(
        ("status", "words"),
        [
            ("queued", "Waiting here"),
            ("submitting", "Sending to Wan"),
            ("pending", "Accepted, not started yet"),
            ("running", "Rendering"),
            ("archiving", "Saving to your storage"),
            ("uncertain", "nothing is sent twice"),
        ],
    )
    def test_says_what_is_going_on_and_goes_on_asking(self, as_alice, scene, status, words):
        shown = text(page(as_alice, GenerationFactory(scene=scene, status=status)))

        assert words in shown
        assert "data-live" in shown
        assert 'id="poller"' in shown
        assert "<video" not in shown

    @pytest.mark.parametrize(
        "status", ["queued", "submitting", "uncertain", "pending", "running", "archiving", "failed"]
    )
    def test_is_a_few_queries(self, as_alice, alice, scene, status):
        parent = ReadyFactory(scene=scene, owner=alice)
        now = timezone.now()
        take = GenerationFactory(
            scene=scene, owner=alice, account=parent.account, status=status, parent=parent, rendering_at=now
        )
        comment = Comment.objects.create(generation=parent, person=alice, text="Too dark", second=1.0)
        Comment.objects.create(generation=take, person=alice, text="Waiting for it", parent=None)
        Retake.objects.create(comment=comment, generation=take)
        page(as_alice, take)

        with CaptureQueriesContext(connection) as asked:
            page(as_alice, take)

        assert len(asked) <= 10, [query["sql"] for query in asked]

    def test_failed_says_cause_cost_and_next_step(self, as_alice, scene):
        take = GenerationFactory(
            scene=scene,
            status="failed",
            failure_cause="input-inspection",
            failure_code="DataInspectionFailed",
            due_at=None,
        )

        shown = text(page(as_alice, take))

        assert "Nothing was charged" in shown
        assert "change it first" in shown
        assert "DataInspectionFailed" in shown
        assert "Try again with a new seed" not in shown

    @pytest.mark.parametrize(
        ("message", "says"),
        [
            ("the parameters must conform to the specification: parameters.duration", "a setting: Length. Nothing"),
            ("The size is not match 1*1", "a setting: Resolution. Nothing"),
            ("duration and ratio", "one of the settings. Nothing"),
            ("something else", "one of the settings. Nothing"),
        ],
    )
    def test_refused_for_a_setting_names_it_on_the_card(self, as_alice, scene, message, says):
        said = {"failure_cause": "invalid-parameter", "failure_code": "InvalidParameter", "failure_message": message}
        GenerationFactory(scene=scene, status="failed", due_at=None, **said)

        shown = text(as_alice.get(f"/studio/?project={scene.project.uuid}"))

        assert f"Wan did not accept {says} was charged." in shown

    def test_owner_has_to_act(self, as_alice, scene):
        take = GenerationFactory(scene=scene, status="failed", failure_cause="arrears", due_at=None)

        assert "when an owner has seen to it" in text(page(as_alice, take))

    def test_failure_of_wan_may_be_tried_again(self, as_alice, scene):
        take = GenerationFactory(scene=scene, status="failed", failure_cause="internal-error", due_at=None)

        assert "may well pass on another try" in text(page(as_alice, take))

    def test_lost_may_turn_up(self, as_alice, scene):
        shown = text(page(as_alice, GenerationFactory(scene=scene, status="lost", due_at=timezone.now(), cost="0.50")))

        assert "24 hours ran out" in shown
        assert "If it turns up after all" in shown

    def test_discarded_may_be_on_the_bill(self, as_alice, scene):
        take = GenerationFactory(scene=scene, status="canceled", possibly_charged="0.50", due_at=None)

        shown = text(page(as_alice, take))

        assert "on the bill" in shown
        assert "Possibly US$" in shown

    @pytest.mark.parametrize(
        ("take", "says"),
        [
            ({"status": "ready", "cost": "0.20"}, "US$\u00a00.20, possibly US$\u00a00.30 more"),
            ({"status": "queued", "reserved": "0.20"}, "US$\u00a00.20 reserved, possibly US$\u00a00.30 more"),
            ({"status": "lost", "cost": "0.20"}, "US$\u00a00.20, possibly US$\u00a00.30 more"),
            ({"status": "failed", "cost": "0"}, "Possibly US$\u00a00.30"),
        ],
    )
    def test_sent_again_costs_what_it_cost_and_what_the_first_try_possibly_did(self, as_alice, scene, take, says):
        factory = ReadyFactory if take["status"] == "ready" else GenerationFactory

        shown = text(page(as_alice, factory(scene=scene, possibly_charged="0.30", **take)))

        assert f">{says}<" in shown

    def test_three_choices_when_only_a_person_can_tell(self, as_alice, scene):
        take = GenerationFactory(scene=scene, status="uncertain", price_per_second="0.15", currency="USD")
        WanAccount.objects.update(own_price_720p="0.50")  # of what is pressed from now on
        SubmitAttempt.objects.create(
            generation=take,
            account=take.account,
            fence=1,
            started_at=timezone.now(),
            outcome="unknown",
            person_asked_at=timezone.now(),
        )

        shown = text(page(as_alice, take))

        for choice in ["check", "again", "discard"]:
            assert f'value="{choice}"' in shown
        assert 'Send again <span class="price">· US$\xa00.75</span>' in shown
        assert "Sent again, it costs the price of its press again." in shown

    def test_seed_that_is_not_drawn_yet(self, as_alice, scene):
        assert "Drawn when it is sent" in text(page(as_alice, GenerationFactory(scene=scene, seed=None)))


class TestAround:
    def test_tells_the_story_in_words(self, as_alice, alice, scene):
        take = ReadyFactory(scene=scene)
        Event.objects.create(generation=take, kind="pressed", actor=alice)
        Event.objects.create(generation=take, kind="accepted")

        shown = text(page(as_alice, take))

        assert "Generate was pressed" in shown
        assert "Wan accepted it" in shown

    def test_trashed_can_be_restored(self, as_alice, scene):
        take = ReadyFactory(scene=scene, trashed_at=timezone.now())

        shown = text(page(as_alice, take))

        assert f"/generations/{take.uuid}/restore" in shown
        assert f"/generations/{take.uuid}/trash" not in shown

    def test_points_to_its_family(self, as_alice, scene):
        parent = ReadyFactory(scene=scene, number=1)
        child = ReadyFactory(scene=scene, number=2, parent=parent, origin="seed")

        assert parent.get_absolute_url() in text(page(as_alice, child))
        assert child.get_absolute_url() in text(page(as_alice, parent))
