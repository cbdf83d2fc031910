"""Every fault that the simulator can make, and what the creator reads on the card right after it."""

from __future__ import annotations

import time
from typing import NamedTuple

import pytest

from dashscope_simulator.faults import NAMES
from generations import clock
from generations.cards import Deck
from generations.lifecycle import archive, reconcile, submit, watch
from generations.models import Candidate, Generation, SubmitAttempt
from tests.generations.lifecycle.conftest import fresh
from tests.generations.lifecycle.test_prepare import audio, sound  # noqa: F401  fixtures

BUSY = "Wan is busy. We keep your place and try again by ourselves"
NOT_KNOWN = "We don't know yet whether Wan accepted this; nothing is sent twice."
AT_WAN = "Accepted, not started yet"
NOT_FETCHED = "It could not be fetched from Wan yet. We keep trying, 23 hours left"
NO_VIDEO = "What Wan delivered is no video. We fetch it again"
SAVED = "Saved"


class Seen(NamedTuple):
    """`words` in the prompt bring the fault about; without them it strikes everybody. `until`: the last step made."""

    until: str
    status: str
    reads: str
    words: str = ""
    lost: bool = False  # the answer of the create was lost before


SEEN = {
    "throttle_create": Seen("submit", "queued", BUSY, "=1"),
    "reject": Seen("submit", "failed", "Nothing was charged", "=InvalidParameter"),
    "invalid_key": Seen(
        "submit", "queued", "Wan has refused this account's key and not accepted it since. Its owners have been told"
    ),
    "arrears": Seen("submit", "queued", "Wan asks for payment or activation on this account", "=1"),
    "reset_before_accept": Seen("submit", "uncertain", NOT_KNOWN, "=1"),
    "create_500_not_accepted": Seen("submit", "uncertain", NOT_KNOWN, "=1"),
    "create_500": Seen("submit", "uncertain", NOT_KNOWN, "=1"),
    "create_2xx_without_id": Seen("submit", "uncertain", NOT_KNOWN, "=1"),
    "drop_create_answer": Seen("submit", "uncertain", NOT_KNOWN, "=1"),
    "delay_create_answer": Seen("submit", "pending", AT_WAN, "=0.2"),
    "fail": Seen("watch", "failed", "Wan's content check refused the prompt or the audio", "=DataInspectionFailed"),
    "fail_fast": Seen("watch", "queued", "Wan failed on its side, free of charge. It is sent again", "=InternalError"),
    "hang": Seen("watch", "running", "of perhaps", "=3600"),
    "slow": Seen("watch", "running", "of perhaps", "=600"),
    "actual_prompt": Seen("save", "ready", SAVED, "=A rewritten boat"),
    "no_ratio": Seen("save", "ready", SAVED),
    "usage_float": Seen("save", "ready", SAVED),
    "unknown_keys": Seen("save", "ready", SAVED),
    "throttle_query": Seen("watch", "pending", AT_WAN, "=1"),
    "query_500": Seen("watch", "pending", AT_WAN, "=1"),
    "query_garbage": Seen("watch", "pending", AT_WAN, "=1"),
    "unknown_task": Seen("watch", "pending", "Wan does not recognise the task right now. We keep asking", "=1"),
    "list_500": Seen("read", "uncertain", NOT_KNOWN, lost=True),
    "list_throttle": Seen("read", "uncertain", NOT_KNOWN, lost=True),
    "list_incomplete": Seen("read", "uncertain", NOT_KNOWN, lost=True),
    "upload_403": Seen("submit", "queued", "The audio could not be handed to Wan yet"),
    "upload_fail": Seen("submit", "queued", "The audio could not be handed to Wan yet"),
    "cut_download": Seen("save", "archiving", NOT_FETCHED, "=1"),
    "wrong_length": Seen("save", "archiving", NOT_FETCHED, "=1"),
    "no_length": Seen("save", "ready", SAVED, "=1"),
    "slow_download": Seen("save", "ready", SAVED, "=0.2"),
    "html_instead": Seen("save", "archiving", NOT_FETCHED, "=1"),
    "expired_url": Seen("save", "archiving", NOT_FETCHED, "=1"),
    "redirect_elsewhere": Seen("save", "archiving", "lies at an address that this studio does not fetch from"),
    "not_mp4": Seen("save", "archiving", NO_VIDEO, "=1"),
    "truncated_mp4": Seen("save", "archiving", NO_VIDEO, "=1"),
}
TIMES = {"invalid_key": 3, "redirect_elsewhere": 1, "upload_403": 3, "upload_fail": 3}


def card(take):
    return Deck([fresh(take)], can_edit=True).card(take)


@pytest.fixture
def go(generate, rendered, simulator, travel, request):
    """Press, and make the steps up to the one that meets the fault."""

    def until(fault: str, seen: Seen) -> Generation:
        words = "[fault: drop_create_answer=1]" if seen.lost else ""
        if seen.words or fault in ("no_ratio", "usage_float", "unknown_keys"):
            words = f"[fault: {fault}{seen.words}]"
        else:
            simulator.faults.add(fault, times=TIMES.get(fault, 5))
        needs_audio = fault.startswith("upload")
        given = {"audio": request.getfixturevalue("audio")} if needs_audio else {}
        take = generate(f"A harbour {words}", **given)
        submit.sweep()
        if seen.until == "read":
            travel(seconds=31)
            reconcile.sweep()
        if seen.until in ("watch", "save"):
            _wait_for(simulator, seen, rendered)
            Generation.objects.filter(pk=take.pk).update(due_at=clock.now())
            watch.sweep()
        if seen.until == "save":
            archive.sweep()
        return fresh(take)

    return until


def _wait_for(simulator, seen, rendered):
    if seen.status != "running":
        rendered()
        return
    deadline = time.monotonic() + 120
    while simulator.ledger()[0].status != "RUNNING":
        assert time.monotonic() < deadline, "Wan has not begun"
        time.sleep(0.01)


class TestEveryFault:
    def test_of_the_simulator_is_named_here(self):
        assert SEEN.keys() == NAMES.keys()

    @pytest.mark.parametrize("fault", sorted(SEEN))
    def test_is_told_in_words(self, go, fault):
        seen = SEEN[fault]

        take = go(fault, seen)

        assert take.status == seen.status
        assert seen.reads in card(take).summary

    @pytest.mark.parametrize("fault", ["list_500", "list_throttle"])
    def test_of_the_list_alone_decides_nothing(self, go, fault, simulator):
        go(fault, SEEN[fault])

        assert not Candidate.objects.exists()
        assert SubmitAttempt.objects.get().absent_readings == 0
        assert len(simulator.ledger()) == 1
