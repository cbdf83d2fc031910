"""Nothing is lost, nothing is paid twice, whatever process dies when.

CHAOS_TAKES (40; `make chaos`: 500) and CHAOS_SEED choose the storm. A failure prints the seed and the takes at fault.
"""

import os
import random
from collections import Counter

import pytest

from tests.chaos.storm import LONGEST_STANDSTILL, LONGEST_WAIT, storm
from tests.run import find

pytestmark = pytest.mark.chaos
TAKES = int(os.environ.get("CHAOS_TAKES", "40"))
SEED = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6))
ANSWERED_NO = ("refused", "not_landed")


class Storms:
    """What holds after every storm."""

    def test_every_take_is_ready_or_failed_for_wans_reason(self, after):
        wrong = [
            take
            for take in after.takes
            if (take["status"], take["failure_code"])
            != (("failed", code) if (code := after.wishes[take["prompt"]].code) else ("ready", ""))
        ]

        assert not wrong, after.tell(*wrong)

    def test_every_press_made_its_takes_once(self, after):
        made = Counter(take["prompt"] for take in after.takes)

        assert made == {prompt: wish.takes for prompt, wish in after.wishes.items()}, after.tell()

    def test_each_create_belongs_to_one_attempt(self, after):
        """A free failure whose answer was lost is known as an excluded candidate; everything else as the attempt's."""
        known = Counter(row["task_id"] for row in after.attempts if row["task_id"])
        excluded = {row["task_id"] for row in after.candidates if row["is_excluded"]}
        free = {entry["task_id"] for entry in after.ledger if entry["status"] == "FAILED"}
        accepted = {entry["task_id"] for entry in after.ledger}

        assert set(known) <= accepted, after.tell()
        assert set(known.values()) <= {1}, after.tell()
        assert accepted - set(known) <= free & excluded, after.tell()

    def test_no_attempt_was_accepted_twice(self, after):
        prompts = {take["id"]: take["prompt"] for take in after.takes}
        creates = Counter(entry["prompt"] for entry in after.ledger)
        posts = Counter(prompts[row["generation_id"]] for row in after.attempts if row["outcome"] not in ANSWERED_NO)

        assert creates <= posts, after.tell()

    def test_ready_was_billed_once_and_failed_never(self, after):
        paid = {entry["task_id"] for entry in after.ledger if entry["billed_seconds"]}
        bills = Counter(row["generation_id"] for row in after.attempts if row["task_id"] in paid)
        wrong = [take for take in after.takes if bills[take["id"]] != (take["status"] == "ready")]

        assert not wrong, after.tell(*wrong)
        assert len(paid) == bills.total(), after.tell()

    def test_stored_bytes_are_the_rendered_bytes(self, after):
        rendered = {entry["task_id"]: entry["video_sha256"] for entry in after.ledger}
        ready = [take for take in after.takes if take["status"] == "ready"]
        wrong = [take for take in ready if after.stored[take["id"]] != rendered[take["task_id"]]]

        assert not wrong, after.tell(*wrong)

    def test_nobody_stands_still_longer_than_lease_deadline_and_grace(self, after):
        limit = LONGEST_STANDSTILL + 2 * after.start_seconds
        still = [take for take in after.takes if after.standstills[take["id"]] > limit]

        assert not still, after.tell(*still)

    def test_all_are_done_after_one_way_more(self, after):
        assert after.calmed_in <= LONGEST_WAIT + 2 * after.start_seconds, after.tell()

    def test_wan_throttles_no_create_but_on_purpose(self, after):
        on_purpose = sum(after.wishes[take["prompt"]].throttled for take in after.takes)

        assert after.counts["create_429"] == on_purpose, after.tell()

    def test_no_process_is_left(self, after):
        assert after.leftovers == []


def _after(*, servers: bool):
    after = storm(count=TAKES, seed=SEED, servers=servers)
    print(f"\nStorm on {'PostgreSQL and Redis' if servers else 'SQLite and files'}: {after.summary}")
    return after


class TestOnSQLiteAndFiles(Storms):
    @pytest.fixture(scope="class")
    @classmethod
    def after(cls):
        return _after(servers=False)


class TestOnPostgreSQLAndRedis(Storms):
    @pytest.fixture(scope="class")
    @classmethod
    def after(cls):
        if not (find("postgres") and find("redis-server")):
            pytest.fail("This needs PostgreSQL and Redis: tests/run.py installs them.")
        return _after(servers=True)
