"""Proof, then print: short and cheap first, the picks in full, linked both ways."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from generations import proof
from generations.lifecycle.press import Recipe
from generations.models import Favourite, Generation, WanAccount
from generations.shots import Shot
from tests.factories import AccountFactory, GenerationFactory, ReadyFactory, SceneFactory

WHOLE = {"duration": 9, "shots": [], "sent_prompt": "A small fishing boat leaves the harbour at blue hour"}


@pytest.fixture
def account(team):
    return AccountFactory(team=team)


@pytest.fixture
def scene(project, alice):
    return SceneFactory(project=project, created_by=alice, takes_made=1000)  # the factories count their own takes


@pytest.fixture
def picked(scene, account, alice):
    """A proof that has rendered."""
    return ReadyFactory(
        scene=scene,
        owner=alice,
        account=account,
        duration=3,
        print_recipe=WHOLE,
        cost="0.30",
        price_per_second="0.1",
        seed=41,
    )


@pytest.fixture
def print_it(client):
    return lambda take, token=None: client.post(f"/generations/{take.uuid}/print", {"token": token or uuid.uuid4()})


def retried(client, take):
    """The take that follows one that failed free of charge."""
    Generation.objects.filter(pk=take.pk).update(status="failed", reserved=0)
    client.post(f"/generations/{take.uuid}/retry", {"token": uuid.uuid4()})
    return Generation.objects.get(parent=take)


def failing(takes):
    """The last of these, all of which have failed free of charge."""
    takes.update(status="failed", reserved=0)
    return takes.latest("pk")


def retry_all(client, project):
    view = f"project={project.uuid}&show=failed"
    client.post("/generations/retry-failed", {"project": project.uuid, "view": view, "token": uuid.uuid4()})


class TestShortened:
    @pytest.mark.parametrize(
        ("lengths", "seconds", "short"),
        [
            ([3, 3, 3], 3, [1, 1, 1]),
            ([9, 1], 3, [2, 1]),
            ([1, 1, 1, 1, 11], 5, [1, 1, 1, 1, 1]),
            ([2], 3, [2]),
            ([0, 0], 3, [0, 0]),
            ([], 3, []),
        ],
    )
    def test_keeps_every_shot_and_its_share(self, lengths, seconds, short):
        assert proof.shortened(lengths, seconds) == short

    def test_shots_in_the_prompt_are_shortened_as_well(self):
        text = "Harbour.\nShot 1 [0-5s] Wide.\nShot 2 [5-10s] Close."
        recipe = Recipe(prompt=text, sent_prompt=text, resolution="1080P", ratio="16:9", duration=10)

        short = proof.of(recipe)

        assert short.duration == 3
        assert short.sent_prompt == "Harbour.\nShot 1 [0-2s] Wide.\nShot 2 [2-3s] Close."
        assert short.print_recipe["sent_prompt"] == text

    def test_more_shots_than_seconds_get_a_second_each(self):
        shots = tuple(Shot(f"shot {n}", 3) for n in range(5))
        recipe = Recipe(prompt="", sent_prompt="…", resolution="1080P", ratio="16:9", duration=15, shots=shots)

        assert proof.of(recipe).duration == 5


class TestProof:
    def press(self, client, project, **fields):
        data = {"project": project.uuid, "prompt": "A boat", "duration": "10", "press": uuid.uuid4(), **fields}
        return client.post("/generations/", data)

    def test_is_short_and_keeps_the_whole_in_mind(self, as_alice, project, account):
        self.press(as_alice, project, proof="on", takes="2", resolution="1080P")

        takes = Generation.objects.all()
        assert [(take.resolution, take.duration) for take in takes] == [("720P", 3), ("720P", 3)]
        assert takes[0].print_recipe == {"duration": 10, "shots": [], "sent_prompt": "A boat"}
        assert takes[0].reserved == account.price_per_second(takes[0].model, "720P") * 3

    def test_price_and_summary_are_those_of_the_proof(self, as_alice, project, account):
        html = self.press(as_alice, project, proof="on", prompt="", duration="9").content.decode()

        assert "Proof, 3 of 9 s at 720P" in html
        assert "US$\u00a00.30" in html

    def test_what_is_shown_is_what_is_sent(self, as_alice, project, account):
        shots = {"shots-0-text": "Wide", "shots-0-seconds": "5", "shots-1-text": "Close", "shots-1-seconds": "5"}

        composer = self.press(as_alice, project, proof="on", seed="x", **shots).context["composer"]
        self.press(as_alice, project, proof="on", **shots)

        assert composer.compiled == "A boat\nShot 1 [0-2s] Wide\nShot 2 [2-3s] Close"
        assert composer.compiled == Generation.objects.get().sent_prompt

    def test_recall_brings_the_whole_back(self, as_alice, picked):
        html = as_alice.get(f"/studio/?from={picked.uuid}&use=all").content.decode()

        assert 'name="duration" value="9"' in html
        assert 'name="proof" id="proof" checked' in html.replace('class="" ', "")


class TestPrint:
    def test_same_prompt_and_seed_in_full(self, as_alice, picked, print_it):
        answer = print_it(picked)

        made = Generation.objects.get(origin="print")
        assert answer.status_code == 303
        assert (made.resolution, made.duration, made.seed, made.sent_prompt) == ("1080P", 9, 41, picked.sent_prompt)
        assert made.parent == picked
        assert not made.is_proof
        assert made.scene == picked.scene

    def test_shots_have_their_full_length_again_and_the_page_says_so(self, as_alice, picked, print_it):
        whole = "Harbour.\nShot 1 [0-5s] Wide.\nShot 2 [5-9s] Close."
        shots = [{"text": "Wide.", "seconds": 5}, {"text": "Close.", "seconds": 4}]
        picked.sent_prompt = "Harbour.\nShot 1 [0-2s] Wide.\nShot 2 [2-3s] Close."
        picked.print_recipe = {"duration": 9, "shots": shots, "sent_prompt": whole}
        picked.save()
        before = as_alice.get(f"/generations/{picked.uuid}/").content.decode()

        print_it(picked)

        made = Generation.objects.get(origin="print")
        assert (made.sent_prompt, made.shots, made.duration, made.seed) == (whole, shots, 9, picked.seed)
        assert "The same words and seed, the shots at their full length." in before
        for take in (picked, made):
            assert (
                "the print has the shots at their full length" in as_alice.get(take.get_absolute_url()).content.decode()
            )

    def test_any_clip_of_720p_is_printed_at_its_own_length(self, as_alice, scene, account, alice, print_it):
        print_it(ReadyFactory(scene=scene, owner=alice, account=account, duration=5))

        assert Generation.objects.get(origin="print").duration == 5

    def test_the_same_press_twice_is_one_print(self, as_alice, picked, print_it):
        token = uuid.uuid4()

        print_it(picked, token)
        again = print_it(picked, token)

        assert again.status_code == 303
        assert Generation.objects.filter(origin="print").count() == 1

    def test_a_second_print_is_refused_in_words(self, as_alice, picked, print_it):
        print_it(picked)

        answer = print_it(picked)

        assert answer.status_code == 409
        assert "is its print already" in answer.content.decode()

    def test_a_failed_print_may_be_repeated(self, as_alice, picked, print_it, alice):
        print_it(picked)
        Generation.objects.filter(origin="print").update(status="failed")

        assert print_it(picked).status_code == 303

    def test_a_failed_print_is_not_retried_beside_another_one(self, as_alice, picked, print_it, project):
        print_it(picked)
        failed = failing(Generation.objects.filter(parent=picked))
        print_it(picked)
        shown = as_alice.get("/studio/", {"project": project.uuid, "show": "failed"})

        again = as_alice.post(f"/generations/{failed.uuid}/retry", {"token": uuid.uuid4()})
        retry_all(as_alice, project)

        assert (again.status_code, "is its print already" in again.content.decode()) == (409, True)
        assert shown.context["retry"] is None
        assert failed.children.count() == 0

    def test_of_failed_prints_of_one_proof_the_newest_is_retried(self, as_alice, picked, print_it, project):
        for _each in range(2):
            print_it(picked)
            failing(Generation.objects.filter(parent=picked))

        retry_all(as_alice, project)

        first, second = Generation.objects.filter(parent=picked).order_by("pk")
        assert (first.children.count(), second.children.count()) == (0, 1)

    def test_the_retry_of_a_print_that_is_pressed_twice_is_one(self, as_alice, picked, print_it):
        print_it(picked)
        failed = failing(Generation.objects.filter(parent=picked))
        token = uuid.uuid4()

        answers = [as_alice.post(f"/generations/{failed.uuid}/retry", {"token": token}) for _each in range(2)]

        assert [answer.status_code for answer in answers] == [303, 303]
        assert failed.children.count() == 1

    def test_the_retry_of_a_failed_one_is_the_print(self, as_alice, picked, print_it):
        print_it(picked)
        first = Generation.objects.get(origin="print")
        second = retried(as_alice, first)
        last = retried(as_alice, second)

        before, after = (as_alice.get(f"/generations/{take.uuid}/").content.decode() for take in (picked, last))
        answer = print_it(picked)

        assert answer.status_code == 409
        assert f"Take {last.number} is its print already" in answer.content.decode()
        assert f"/generations/{picked.uuid}/print" not in before
        assert "Both have the same prompt and seed." in before
        assert "the proof, 3" in after
        # A proof of 3 s at US$ 0.10 and the print of 9 s at US$ 0.15 that did not fail.
        assert "Proofs and prints of this scene: US$\u00a01.65." in before

    @pytest.mark.parametrize("fields", [{"resolution": "1080P"}, {"status": "failed", "ready_at": None}])
    def test_only_small_clips_are_printed(self, as_alice, scene, account, alice, print_it, fields):
        take = ReadyFactory(scene=scene, owner=alice, account=account, **fields)

        assert print_it(take).status_code == 409

    def test_without_a_token_is_a_bad_request(self, as_alice, picked):
        assert as_alice.post(f"/generations/{picked.uuid}/print").status_code == 400

    @pytest.mark.parametrize(("person", "status"), [("bob", 303), ("vera", 403), ("charlie", 404)])
    def test_is_for_editors(self, client, request, picked, print_it, person, status):
        client.force_login(request.getfixturevalue(person))

        assert print_it(picked).status_code == status
        assert Generation.objects.filter(origin="print").exists() == (status == 303)

    def test_is_refused_where_nothing_renders(self, as_alice, picked, print_it, team):
        WanAccount.objects.filter(team=team).update(team=None, is_demo=False)
        team.uses_installation_account = False
        team.save()

        answer = print_it(picked)

        assert answer.status_code == 409
        assert "not set up yet" in answer.content.decode()


class TestPages:
    def test_the_pair_is_linked_both_ways_and_says_what_was_saved(self, as_alice, picked, print_it, scene, alice):
        for seed in (42, 43):
            GenerationFactory(
                scene=scene,
                owner=alice,
                account=picked.account,
                duration=3,
                print_recipe=WHOLE,
                status="ready",
                ready_at=picked.ready_at,
                video_key="x",
                finished_at=picked.ready_at,
                due_at=None,
                cost="0.30",
                price_per_second="0.1",
                seed=seed,
            )
        print_it(picked)
        made = Generation.objects.get(origin="print")

        before, after = (as_alice.get(f"/generations/{take.uuid}/").content.decode() for take in (picked, made))

        assert f"/generations/{made.uuid}/" in before
        assert f"/generations/{picked.uuid}/" in after
        assert "need not look the same" in before
        assert "need not look the same" in after
        # Three proofs of 3 s at US$ 0.10 and a print of 9 s at US$ 0.15, against three of 9 s at US$ 0.15.
        assert "US$\u00a02.25. All at 1080P at once: US$\u00a04.05. Saved: US$\u00a01.80." in after

    def test_what_was_saved_is_told_at_the_prices_that_were_paid(self, as_alice, picked, print_it):
        print_it(picked)
        WanAccount.objects.update(own_price_1080p="9")

        # A proof of 3 s at US$ 0.10 and its print of 9 s at US$ 0.15.
        html = as_alice.get(f"/generations/{picked.uuid}/").content.decode()
        assert "US$\u00a01.65. All at 1080P at once: US$\u00a01.35." in html

    def test_nothing_is_told_of_a_proof_from_before_other_prices(self, as_alice, picked, scene, account, print_it):
        others = {"duration": 3, "print_recipe": WHOLE, "cost": "0.30", "price_per_second": "0.1"}
        ReadyFactory(scene=scene, owner=picked.owner, account=account, **others)
        print_it(picked)
        before = as_alice.get(f"/generations/{picked.uuid}/").content.decode()
        WanAccount.objects.update(own_price_720p="0.05")

        after = as_alice.get(f"/generations/{picked.uuid}/").content.decode()

        assert "All at 1080P at once: US$\u00a02.70." in before
        assert "All at 1080P at once" not in after

    def test_an_editor_is_offered_the_print_with_its_price(self, as_alice, picked):
        html = as_alice.get(f"/generations/{picked.uuid}/").content.decode()

        assert "Print at 1080P" in html
        assert "US$\u00a01.35" in html

    def test_a_proof_that_is_not_seen_is_not_told(self, as_alice, scene, account, alice):
        hidden = ReadyFactory(scene=SceneFactory(), number=4711, duration=3, print_recipe=WHOLE)
        made = ReadyFactory(scene=scene, owner=alice, account=account, parent=hidden, origin="print")

        html = as_alice.get(f"/generations/{made.uuid}/").content.decode()

        assert str(hidden.uuid) not in html
        assert "4711" not in html

    def test_a_viewer_is_not(self, client, vera, picked):
        client.force_login(vera)

        assert f"/generations/{picked.uuid}/print" not in client.get(f"/generations/{picked.uuid}/").content.decode()

    def test_the_card_has_the_button_and_says_proof(self, as_alice, picked, project):
        html = as_alice.get(f"/studio/?project={project.uuid}").content.decode()

        assert f'action="/generations/{picked.uuid}/print"' in html
        assert ">Proof</span>" in html

    def test_the_card_answers_a_press_with_a_toast_and_offers_it_no_more(self, as_alice, alice, picked):
        Favourite.objects.create(person=alice, generation=picked)
        headers = {"HX-Request": "true", "HX-Target": f"take-{picked.uuid}"}

        answer = as_alice.post(f"/generations/{picked.uuid}/print", {"token": uuid.uuid4()}, headers=headers)

        html = answer.content.decode()
        assert "will be its print" in html
        assert f"{picked.uuid}/print" not in html
        assert 'data-favourite="1"' in html

    def test_the_cards_of_a_pair_say_what_each_is(self, as_alice, alice, scene, account, picked, print_it, project):
        print_it(picked)
        failed = failing(Generation.objects.filter(parent=picked))
        ReadyFactory(scene=scene, owner=alice, account=account, parent=failed, origin="retry", resolution="1080P")

        html = as_alice.get("/studio/", {"project": project.uuid}).content.decode()

        assert f"{picked.uuid}/print" not in html
        assert (html.count(">Proof</span>"), html.count(">Print</span>")) == (1, 1)

    def test_a_proof_whose_print_is_in_the_trash_can_be_printed(self, as_alice, picked, print_it, project):
        print_it(picked)
        Generation.objects.filter(parent=picked).update(trashed_at=timezone.now())

        html = as_alice.get("/studio/", {"project": project.uuid}).content.decode()

        assert f'action="/generations/{picked.uuid}/print"' in html
