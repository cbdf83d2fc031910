"""kill -9 beside the straight way: cancels, choices, breakers, retries, imports. Nothing is lost, nothing paid twice.

On SQLite alone: that locks and killed clients behave on PostgreSQL is test_crash's.
"""

from __future__ import annotations

import json
import signal
import sqlite3
import urllib.request
import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.generations.lifecycle.test_crash import Lab

pytestmark = pytest.mark.chaos
KILLED = -signal.SIGKILL


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("crash-choices"), {})
    yield lab
    lab.stop()


@pytest.fixture
def press(lab, request):
    """`press("words")` gives a take's key and its prompt, one of this test alone."""

    def press(words="", key="", **options):
        prompt = f"{request.node.name} {words}"
        return lab.press(prompt, key, **options), prompt

    return press


def query(lab, sql, *values):
    with closing(sqlite3.connect(lab.directory / "studio" / "studio.sqlite3")) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(sql, values)]


def change(lab, sql, *values):
    with closing(sqlite3.connect(lab.directory / "studio" / "studio.sqlite3", timeout=60)) as database:
        database.execute(sql, values)
        database.commit()


def long_ago(**delta):
    """As the studio's database has it."""
    return (datetime.now(UTC) - timedelta(**delta)).replace(tzinfo=None).isoformat(sep=" ")


def end_faults(lab):
    url = lab.wan_url.replace("/api/v1", "/simulator/faults")
    urllib.request.urlopen(urllib.request.Request(url, method="DELETE"), timeout=60).close()


def events(lab, take):
    rows = query(lab, "SELECT kind FROM generations_event WHERE generation_id = ? ORDER BY id", take)
    return [row["kind"] for row in rows]


def assert_ended_once(lab, take, status, kind):
    """Told once; nothing is reserved any more, and what it would have cost is possibly charged."""
    row = lab.row(take)
    price = float(row["price_per_second"]) * 2
    assert (row["status"], float(row["reserved"]), float(row["possibly_charged"])) == (status, 0, price)
    assert events(lab, take).count(kind) == 1


class TestCancel:
    @pytest.mark.parametrize("step", ["within the transaction of a move", "after a move is committed"])
    def test_of_a_waiting_take_happens_whole_or_not_at_all(self, lab, press, step):
        take, prompt = press()

        assert lab.act("cancel", take, step) == KILLED
        row = lab.row(take)
        assert row["status"] == ("queued" if step.startswith("within") else "canceled")
        assert (float(row["reserved"]) > 0) == (row["status"] == "queued")
        lab.act("cancel", take)

        row = lab.row(take)
        assert (row["status"], float(row["reserved"])) == ("canceled", 0)
        assert events(lab, take).count("canceled") == 1
        assert lab.created(prompt) == []

    @pytest.mark.parametrize("step", ["before Wan is asked to cancel", "after Wan has canceled"])
    def test_of_a_take_at_wan_is_tried_again_and_free(self, lab, press, step):
        key = f"sk-{len(step)}"  # an account of its own: its slots stay taken
        for number in range(5):
            press(f"{number} [fault: hang]", key)
        take, prompt = press(key=key)
        assert lab.work(take, until="pending") == 0
        assert lab.act("cancel", take) == 0

        assert lab.work(take, step) == KILLED
        assert lab.row(take)["status"] == "pending"
        assert lab.work(take, until="canceled") == 0

        (made,) = lab.created(prompt)
        assert (made["status"], made["billed_seconds"]) == ("CANCELED", None)
        assert (float(lab.row(take)["cost"]), float(lab.row(take)["reserved"])) == (0, 0)


class TestAnswer:
    @pytest.mark.parametrize(
        ("fault", "step"),
        [
            ("drop_create_answer=1", "before a lost answer is written"),
            ("drop_create_answer=1", "before a stuck submit is given up"),
            ("throttle_create=1", "after a refusal, before what follows"),
            ("arrears=1", "before the breaker trips"),
            ("arrears=1", "after the breaker has tripped"),
            ("arrears=1", "while the answer is written"),  # of the take that is tried every ten minutes
        ],
    )
    def test_ends_as_one_clip_that_is_billed_once(self, lab, press, fault, step):
        take, prompt = press(f"[fault: {fault}]")
        if step == "before a stuck submit is given up":
            assert lab.work(take, "before a lost answer is written") == KILLED

        assert lab.work(take, step) == KILLED
        assert lab.work(take) == 0

        lab.assert_ready_once(take, prompt)
        assert query(lab, "SELECT breaker FROM generations_wanaccount WHERE breaker != ''") == []

    @pytest.mark.parametrize(
        ("times", "step"),
        [
            (2, "after the breaker has tripped"),
            (3, "before the breaker is lifted"),
        ],
    )
    def test_that_refuses_the_key_holds_the_take_until_the_key_is_right(self, lab, press, times, step):
        take, prompt = press()
        lab.control("faults", {"name": "invalid_key", "times": times})

        assert lab.work(take, step) == KILLED
        assert lab.work(take) == 0

        lab.assert_ready_once(take, prompt)
        assert query(lab, "SELECT breaker FROM generations_wanaccount WHERE breaker != ''") == []

    def test_that_refuses_the_take_is_asked_for_again_and_free(self, lab, press):
        take, prompt = press("[fault: reject=InvalidParameter]")

        assert lab.work(take, "after a refusal, before what follows") == KILLED
        assert lab.work(take, until="failed") == 0

        row = lab.row(take)
        assert (float(row["cost"]), float(row["reserved"])) == (0, 0)
        assert lab.created(prompt) == []


class TestFreeFailure:
    @pytest.mark.parametrize("step", ["before a free failure is sent again", "within the transaction of a move"])
    def test_is_sent_again_inside_the_take_and_billed_once(self, lab, press, step):
        take, prompt = press()
        lab.control("faults", {"name": "fail", "times": 1, "args": {"code": "InternalError"}})
        assert lab.work(take, until="pending") == 0

        assert lab.work(take, step) == KILLED
        assert lab.work(take) == 0

        first, second = lab.created(prompt)
        assert (first["billed_seconds"], second["billed_seconds"]) == (None, 2)
        assert (lab.row(take)["status"], lab.row(take)["auto_retries"]) == ("ready", 1)
        assert events(lab, take).count("retried_free") == 1


class TestChoice:
    """Of a person, about a take that nobody can tell of: its create was not accepted, and the list says nothing."""

    @pytest.fixture
    def uncertain(self, lab, press):
        take, prompt = press("[fault: create_500_not_accepted=1]")
        lab.control("faults", {"name": "list_500"})
        assert lab.work(take, until="uncertain") == 0
        yield take, prompt
        end_faults(lab)
        if lab.row(take)["status"] == "uncertain":  # what another test makes meanwhile would be doubted as well
            assert lab.act("discard", take) == 0

    @pytest.mark.parametrize("step", ["within the transaction of a choice", "after a choice is committed"])
    def test_to_send_again_sends_once_and_keeps_the_first_as_possibly_charged(self, lab, uncertain, step):
        take, prompt = uncertain
        assert lab.act("again", take, step) == KILLED
        is_done = not step.startswith("within")
        assert lab.row(take)["status"] == ("queued" if is_done else "uncertain")
        assert lab.created(prompt) == []

        assert lab.act("again", take) == (1 if is_done else 0)
        assert lab.work(take) == 0

        row = lab.row(take)
        assert len(lab.created(prompt)) == 1
        assert float(row["possibly_charged"]) == float(row["cost"]) == float(row["price_per_second"]) * 2
        assert events(lab, take).count("sent_again") == 1

    @pytest.mark.parametrize("step", ["within the transaction of a choice", "after a move is committed"])
    def test_to_discard_ends_it_once_and_possibly_charged(self, lab, uncertain, step):
        take, prompt = uncertain
        assert lab.act("discard", take, step) == KILLED
        lab.act("discard", take)

        assert_ended_once(lab, take, "canceled", "discarded")
        assert lab.created(prompt) == []

    def test_to_check_again_leads_to_the_truth(self, lab, uncertain):
        take, prompt = uncertain
        assert lab.act("check", take, "before a person is asked") == KILLED
        end_faults(lab)

        assert lab.act("check", take) == 0
        assert lab.work(take) == 0

        lab.assert_ready_once(take, prompt)

    @pytest.mark.parametrize("step", ["before a person is asked", "within the transaction of a question"])
    def test_is_asked_for_once(self, lab, uncertain, step):
        take, _prompt = uncertain
        began = long_ago(minutes=11)
        change(lab, "UPDATE generations_submitattempt SET started_at = ? WHERE generation_id = ?", began, take)

        assert lab.work(take, step) == KILLED
        (attempt,) = query(lab, "SELECT * FROM generations_submitattempt WHERE generation_id = ?", take)
        assert attempt["person_asked_at"] is None
        assert "person_asked" not in events(lab, take)
        for _ in range(2):
            assert lab.work(take, until="uncertain") == 0

        assert events(lab, take).count("person_asked") == 1
        told = query(lab, "SELECT id FROM accounts_notification WHERE person_id = ?", lab.row(take)["owner_id"])
        assert len(told) == 1

    def test_that_nobody_makes_for_a_day_ends_it_once(self, lab, uncertain):
        take, prompt = uncertain
        began = long_ago(hours=25)
        change(lab, "UPDATE generations_submitattempt SET started_at = ? WHERE generation_id = ?", began, take)

        assert lab.work(take, "within the transaction of a give-up") == KILLED
        assert lab.row(take)["status"] == "uncertain"
        assert lab.work(take, until="canceled") == 0

        assert_ended_once(lab, take, "canceled", "unanswered")
        assert lab.created(prompt) == []


class TestLateAnswer:
    @pytest.fixture
    def lost(self, lab, press):
        take, prompt = press("[fault: drop_create_answer=1]")
        lab.control("faults", {"name": "list_500"})
        assert lab.work(take, until="uncertain") == 0
        (made,) = lab.created(prompt)
        yield take, prompt, f"hear {made['task_id']}"
        end_faults(lab)

    def test_leads_to_the_clip(self, lab, lost):
        take, prompt, answer = lost
        assert lab.act(answer, take, "within the transaction of an answer") == KILLED
        assert lab.row(take)["status"] == "uncertain"

        assert lab.act(answer, take) == 0
        assert lab.work(take) == 0

        lab.assert_ready_once(take, prompt)

    @pytest.mark.parametrize("step", ["within the transaction of a late take", "within the transaction of an answer"])
    def test_about_a_discarded_take_makes_one_new_take(self, lab, lost, step):
        take, prompt, answer = lost
        assert lab.act("discard", take) == 0
        assert lab.act(answer, take, step) == KILLED
        assert query(lab, "SELECT id FROM generations_generation WHERE parent_id = ?", take) == []

        assert lab.act(answer, take) == 0
        (late,) = query(lab, "SELECT id FROM generations_generation WHERE parent_id = ?", take)
        assert lab.work(late["id"]) == 0

        lab.assert_ready_once(late["id"], prompt)
        assert float(lab.row(take)["possibly_charged"]) == 0

    def test_that_refuses_is_acted_on_although_its_worker_died(self, lab, press):
        take, prompt = press("[fault: create_500_not_accepted=1]")
        lab.control("faults", {"name": "list_500"})
        assert lab.work(take, until="uncertain") == 0

        assert lab.act("refuse", take, "after a refusal, before what follows") == KILLED
        end_faults(lab)
        assert lab.work(take) == 0

        lab.assert_ready_once(take, prompt)
        assert events(lab, take)[2:4] == ["answer_lost", "not_landed"]


class TestLoss:
    def test_is_written_once_and_a_video_that_is_there_after_all_is_saved(self, lab, press):
        take, prompt = press()
        assert lab.work(take, until="pending") == 0
        lab.control("faults", {"name": "unknown_task"})
        fields = "accepted_at = ?, unrecognised_since = ?"
        change(lab, f"UPDATE generations_generation SET {fields} WHERE id = ?", *[long_ago(hours=25)] * 2, take)

        assert lab.work(take, "before a loss is written") == KILLED
        assert lab.row(take)["status"] == "pending"
        assert lab.work(take, until="lost") == 0
        assert_ended_once(lab, take, "lost", "lost")

        end_faults(lab)
        change(lab, "UPDATE generations_generation SET due_at = ? WHERE id = ?", long_ago(seconds=1), take)
        assert lab.work(take, "after the put, before READY") == KILLED
        assert lab.row(take)["status"] == "lost"
        assert lab.work(take) == 0
        lab.assert_ready_once(take, prompt)


class TestStrangeBytes:
    @pytest.mark.parametrize(
        "step", ["before strange bytes are kept aside", "after strange bytes are kept aside, before it is noted"]
    )
    def test_are_kept_aside_and_told_once_and_the_video_that_comes_after_all_is_saved(self, lab, press, step):
        take, prompt = press()
        assert lab.work(take, until="pending") == 0
        lab.control("faults", {"name": "not_mp4"})
        assert lab.work(take, until="archiving") == 0
        nearly_over = "UPDATE generations_generation SET rendered_at = ?, due_at = ? WHERE id = ?"
        change(lab, nearly_over, long_ago(hours=23, minutes=10), long_ago(seconds=1), take)
        aside = lab.directory / "studio" / "media" / "generations" / str(uuid.UUID(lab.row(take)["uuid"]))

        assert lab.work(take, step) == KILLED
        assert events(lab, take).count("quarantined") == 0
        assert [path.name for path in aside.glob("*")] == ([] if step.startswith("before") else ["quarantine.bin"])
        for _ in range(2):
            change(lab, "UPDATE generations_generation SET due_at = ? WHERE id = ?", long_ago(seconds=1), take)
            assert lab.work(take, until="archiving") == 0

        assert (aside / "quarantine.bin").stat().st_size == 65536
        assert events(lab, take).count("quarantined") == 1
        end_faults(lab)
        assert lab.work(take) == 0
        lab.assert_ready_once(take, prompt)


class TestEndOfTheDemo:
    @pytest.mark.parametrize("step", ["within the transaction of a move", "after a move is committed"])
    def test_ends_each_take_once_and_frees_its_money(self, lab, press, step):
        key = f"sk-demo-{len(step)}"
        takes = [press(f"{number} [fault: hang]", key)[0] for number in range(3)]
        assert lab.work(takes[0], until="pending") == 0
        change(lab, "UPDATE generations_wanaccount SET is_demo = ? WHERE name = ?", True, key)

        assert lab.act("end_demo", takes[0], step) == KILLED
        ended = [lab.row(take)["status"] for take in takes].count("canceled")
        assert ended == (0 if step.startswith("within") else 1)
        lab.act("end_demo", takes[0])

        for take in takes:
            row = lab.row(take)
            assert (row["status"], float(row["reserved"]), float(row["cost"] or 0)) == ("canceled", 0, 0)
            assert events(lab, take).count("demo_ended") == 1


class TestAudio:
    @pytest.mark.parametrize(
        "step", ["before the audio is uploaded", "after the audio is uploaded, before it is noted"]
    )
    def test_is_handed_over_again_and_the_clip_is_made_once(self, lab, press, step):
        take, prompt = press(with_audio=True)

        assert lab.work(take, step) == KILLED
        assert lab.row(take)["status"] == "queued"
        assert lab.work(take) == 0

        lab.assert_ready_once(take, prompt)

    def test_that_is_gone_fails_the_take_for_free(self, lab, press):
        take, prompt = press(with_audio=True)
        for path in (lab.directory / "studio" / "media" / "audio").rglob("source.wav"):
            path.unlink()

        assert lab.work(take, "before audio that is gone fails the take") == KILLED
        assert lab.row(take)["status"] == "queued"
        assert lab.work(take, until="failed") == 0

        row = lab.row(take)
        assert (row["failure_cause"], float(row["cost"]), float(row["reserved"])) == ("audio-gone", 0, 0)
        assert lab.created(prompt) == []


class TestRetry:
    @pytest.mark.parametrize("step", ["within the transaction of a press", "after a press is committed"])
    def test_makes_one_new_take(self, lab, press, step):
        failed, prompt = press("[fault: fail_fast=InvalidParameter]")
        assert lab.work(failed, until="failed") == 0

        assert lab.act("retry", failed, step) == KILLED
        made = query(lab, "SELECT id FROM generations_generation WHERE parent_id = ?", failed)
        assert len(made) == (0 if step.startswith("within") else 1)
        assert lab.act("retry", failed) == 0

        (made,) = query(lab, "SELECT id FROM generations_generation WHERE parent_id = ?", failed)
        assert lab.work(made["id"], until="failed") == 0
        assert [entry["billed_seconds"] for entry in lab.created(prompt)] == [None, None]


class TestImport:
    @pytest.mark.parametrize("step", ["within the transaction of an import", "after a move is committed"])
    def test_from_the_rescue_desk_makes_one_take_and_saves_its_clip(self, lab, press, step):
        neighbour, _ = press()
        assert lab.work(neighbour) == 0
        prompt = f"A kite over the dunes, {step}"
        task = self.sent_past_us(lab, prompt)

        assert lab.act("import", neighbour, step) == KILLED
        if step.startswith("within"):
            assert query(lab, "SELECT id FROM generations_generation WHERE task_id = ?", task) == []
        (attempt,) = self.attempts(lab, task) or [None]
        if attempt is None:
            assert lab.act("import", neighbour) == 0
            (attempt,) = self.attempts(lab, task)
        assert lab.work(attempt["generation_id"]) == 0

        lab.assert_ready_once(attempt["generation_id"], prompt)

    @pytest.mark.parametrize(
        "step", ["before the desk reads the list", "after the desk has read the list, before it says so"]
    )
    def test_follows_a_reading_that_another_worker_repeats(self, lab, press, step):
        neighbour, _ = press()
        assert lab.work(neighbour) == 0
        assert lab.act("read", neighbour) == 0
        task = self.sent_past_us(lab, f"A lantern over the dunes, {step}")

        assert lab.act("read", neighbour, step) == KILLED
        assert task not in self.unknown(lab, neighbour)
        change(lab, "UPDATE generations_reading SET held_until = ?", long_ago(seconds=-60))
        assert lab.act("read", neighbour) == 1  # the dead one's hold
        change(lab, "UPDATE generations_reading SET held_until = ?", long_ago(seconds=1))
        assert lab.act("read", neighbour) == 0

        assert self.unknown(lab, neighbour).count(task) == 1
        assert lab.act("import", neighbour) == 0

    def unknown(self, lab, neighbour):
        account = lab.row(neighbour)["account_id"]
        (reading,) = query(lab, "SELECT tasks FROM generations_reading WHERE account_id = ?", account)
        return [row["task_id"] for row in json.loads(reading["tasks"])]

    def attempts(self, lab, task):
        return query(lab, "SELECT generation_id FROM generations_submitattempt WHERE task_id = ?", task)

    def sent_past_us(self, lab, prompt):
        body = {"model": "wan2.7-t2v", "input": {"prompt": prompt}, "parameters": {"duration": 2, "resolution": "720P"}}
        headers = {
            "Authorization": "Bearer sk-test-0123456789",
            "Content-Type": "application/json",
            "X-DashScope-Async": "enable",
        }
        url = f"{lab.wan_url}/services/aigc/video-generation/video-synthesis"
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["output"]["task_id"]


class TestLine:
    @pytest.mark.parametrize(
        ("name", "step"),
        [
            ("pause", "within the transaction of a move"),
            ("resume", "within the transaction of a move"),
            ("first", "within the transaction of a place"),
        ],
    )
    def test_keeps_its_takes_whatever_happens_to_a_press(self, lab, press, name, step):
        take, prompt = press()
        if name == "resume":
            assert lab.act("pause", take) == 0
        assert lab.act(name, take, step) == KILLED
        assert (lab.row(take)["paused_at"] is None) == (name != "resume")

        lab.act("resume", take)
        assert lab.work(take) == 0

        lab.assert_ready_once(take, prompt)
