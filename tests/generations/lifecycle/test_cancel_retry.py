"""Cancel in each status, and new takes from old ones."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from generations import clock
from generations.lifecycle import cancel, retry, submit, watch
from generations.lifecycle.cancel import Answer
from generations.lifecycle.refused import Refused
from generations.models import Generation, Status, WanAccount
from generations.words import EVENTS
from tests.factories import AccountFactory, GenerationFactory
from tests.generations.lifecycle.conftest import fresh, kinds


@pytest.fixture
def waiting_at_wan(generate, simulator):
    """A take that is PENDING behind five that are rendered. Nobody asks for those, however slow the machine is."""
    *rendered, waiting = [generate(f"Harbour {n} [fault: hang]") for n in range(6)]
    submit.sweep()
    Generation.objects.filter(pk__in=[take.pk for take in rendered]).update(due_at=clock.now() + timedelta(hours=1))
    return fresh(waiting)


class TestCancel:
    def test_of_what_waits_here_is_free_and_at_once(self, generate, alice, simulator):
        take = generate()

        assert cancel.request(take, by=alice) == Answer.CANCELED

        assert (fresh(take).status, take.cost, take.reserved) == ("canceled", 0, 0)
        submit.sweep()
        assert simulator.counts()["create"] == 0

    def test_of_what_waits_at_wan_is_done_by_a_worker(self, waiting_at_wan, alice, simulator):
        assert cancel.request(waiting_at_wan, by=alice) == Answer.ASKED

        watch.sweep()

        assert (fresh(waiting_at_wan).status, waiting_at_wan.cost) == ("canceled", 0)
        assert simulator.task(waiting_at_wan.task_id).status == "CANCELED"

    def test_that_comes_too_late_says_so_and_goes_on(self, generate, alice, simulator):
        take = generate("A harbour [fault: hang]")
        submit.sweep()
        cancel.request(fresh(take), by=alice)
        while simulator.task(take.task_id).status == "PENDING":
            pass

        watch.sweep()

        assert (fresh(take).status, take.cancel_requested_at) == ("running", None)
        assert [kind for kind in kinds(take) if kind.startswith("cancel_")] == ["cancel_requested", "cancel_refused"]
        assert cancel.request(take, by=alice) == Answer.TOO_LATE

    def test_of_what_wan_does_not_recognise_says_no_more_than_is_known(self, generate, alice, simulator):
        take = generate("A harbour [fault: hang]")
        submit.sweep()
        while simulator.task(fresh(take).task_id).status == "PENDING":
            pass
        simulator.expire(take.task_id)
        cancel.request(take, by=alice)

        watch.sweep()

        assert (fresh(take).status, take.cancel_requested_at) == ("pending", None)
        assert kinds(take)[-2:] == ["cancel_refused", "unrecognised"]
        assert "rendering" not in EVENTS["cancel_refused"]

    def test_whose_answer_is_lost_is_settled_by_asking(self, waiting_at_wan, alice, simulator, monkeypatch):
        from dashscope_client import DashScopeClient, Unreachable

        real = DashScopeClient.cancel_task

        def lost(client, task_id):
            real(client, task_id)
            raise Unreachable("cut")

        monkeypatch.setattr(DashScopeClient, "cancel_task", lost)
        cancel.request(waiting_at_wan, by=alice)

        watch.sweep()

        assert fresh(waiting_at_wan).status == "canceled"

    def test_that_wan_refuses_for_the_key_is_tried_again(self, waiting_at_wan, alice, simulator):
        simulator.faults.add("invalid_key", times=2)
        cancel.request(waiting_at_wan, by=alice)
        watch.sweep()
        assert fresh(waiting_at_wan).cancel_requested_at is not None
        Generation.objects.update(due_at=clock.now())

        watch.sweep()

        assert fresh(waiting_at_wan).status == "canceled"

    @pytest.mark.django_db
    @pytest.mark.parametrize("status", ["submitting", "uncertain"])
    def test_of_what_is_on_its_way_is_remembered(self, status, alice):
        take = GenerationFactory(status=status)

        answer = cancel.request(take, by=alice)

        assert "as soon as we know whether Wan has it" in answer.sentence(take)
        assert cancel.request(take, by=alice) == answer

        assert (fresh(take).status, take.cancel_requested_at is None) == (status, False)

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("status", "answer"),
        [
            ("running", Answer.TOO_LATE),
            ("archiving", Answer.RENDERED),
            ("failed", Answer.FINISHED),
            ("canceled", Answer.FINISHED),
            ("lost", Answer.FINISHED),
        ],
    )
    def test_of_what_is_rendered_or_over_changes_nothing(self, status, answer, alice):
        take = GenerationFactory(status=status)

        assert cancel.request(take, by=alice) == answer

        assert (fresh(take).status, take.cancel_requested_at) == (status, None)

    @pytest.mark.django_db
    @pytest.mark.parametrize(("now", "answer"), [("submitting", Answer.REMEMBERED), ("running", Answer.TOO_LATE)])
    def test_sees_what_a_worker_has_done_meanwhile(self, now, answer, alice):
        take = GenerationFactory()
        Generation.objects.update(status=now)

        assert cancel.request(take, by=alice) == answer

        assert (fresh(take).cancel_requested_at is not None) == answer.is_heard


@pytest.mark.django_db
class TestEndDemo:
    def test_cancels_every_unfinished_take_of_the_simulator_only(self):
        demo, real = AccountFactory(is_demo=True), AccountFactory()
        takes = [GenerationFactory(account=demo, status=status) for status in Status if status != "ready"]
        other = GenerationFactory(account=real, status="running")

        assert cancel.end_demo() == 6

        ended = [fresh(take) for take in takes]
        assert sum(kinds(take) == ["demo_ended"] for take in ended) == 6
        assert {take.status for take in ended} == {"canceled", "failed", "lost"}
        assert fresh(other).status == "running"


class TestRetry:
    def test_makes_a_new_take_of_the_same_recipe_that_points_to_the_old_one(self, generate, alice):
        take = generate(duration=4, seed=11, negative_prompt="rain", watermark=True)
        cancel.request(take, by=alice)

        new = retry.again(take, by=alice, token=uuid.uuid4())

        assert (new.parent, new.origin, new.status, new.number) == (take, "retry", "queued", 2)
        assert retry.recipe_of(new) == retry.recipe_of(take)
        assert (new.scene, new.reserved) == (take.scene, new.price)
        assert kinds(take)[-1] == "retried"

    def test_can_ask_for_another_seed(self, generate, alice):
        new = retry.again(generate(seed=11), by=alice, token=uuid.uuid4(), new_seed=True)

        assert (new.seed, new.origin) == (None, "seed")

    def test_with_the_same_token_leads_to_the_same_take(self, generate, alice):
        take, token = generate(), uuid.uuid4()

        assert retry.again(take, by=alice, token=token) == retry.again(take, by=alice, token=token)
        assert Generation.objects.count() == 2

    def test_is_refused_without_an_account(self, generate, alice, settings):
        take = generate()
        settings.DASHSCOPE_API_KEY = ""

        with pytest.raises(Refused):
            retry.again(take, by=alice, token=uuid.uuid4())

        assert WanAccount.objects.count() == 1
