"""SIGTERM to real workers: what is in hand is finished, nothing more is begun, and the rest goes on later."""

from __future__ import annotations

import signal
import time
from collections import Counter
from contextlib import ExitStack

import pytest

from tests.chaos import wan
from tests.chaos.books import Books
from tests.chaos.person import Person, Wish
from tests.chaos.storm import fleet_of
from tests.run import free_port

pytestmark = pytest.mark.chaos
PATIENCE = 240.0
IN_HAND = 2  # files that a media worker has at once


class Studio:
    """Web, control worker and beat; the media worker waits to be started."""

    def __init__(self, directory, service, fleet) -> None:
        self.directory, self.wan, self.fleet = directory, service, fleet
        self.books = Books(directory / "studio.sqlite3")
        port = free_port()
        fleet.add_studio(port)
        self.media = fleet.members.pop("media")
        fleet.keep_running()
        self.person = Person(f"http://127.0.0.1:{port}")
        self.person.wait()
        self.person.sign_up()

    def statuses(self, words: str) -> Counter[str]:
        """Of the takes whose prompt begins so."""
        return Counter(take["status"] for take in self.books.takes() if take["prompt"].startswith(words))

    def until(self, condition) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"{dict(self.books.by_status())}\n{self.fleet.tails()}"
            self.fleet.keep_running()
            time.sleep(0.05)

    def end(self, member) -> None:
        """By itself, as one whose grace is long enough."""
        member.signal(signal.SIGTERM)
        assert member.popen.wait(timeout=PATIENCE) == 0, self.fleet.tails()


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    directory = tmp_path_factory.mktemp("sigterm")
    with ExitStack() as stack:
        options = ("--render", "small", "--render-seconds", "0.2", "--seed", "1")
        service = stack.enter_context(wan.running(directory / "wan", *options))
        fleet = fleet_of(directory, service.base_url, {})
        stack.callback(fleet.stop, 10.0)
        yield Studio(directory, service, fleet)


class TestControlWorker:
    def test_gets_the_answer_of_the_create_under_way_and_sends_no_other(self, studio):
        control = studio.fleet.members["control"]
        studio.person.press(Wish("A boat [fault: delay_create_answer=3]"))
        studio.person.press(Wish("A kite"))
        studio.until(lambda: any(entry["prompt"].startswith("A boat") for entry in studio.wan.ask("ledger")))
        assert (studio.statuses("A boat"), studio.statuses("A kite")) == ({"submitting": 1}, {"queued": 1})

        del studio.fleet.members["control"]
        studio.end(control)

        (made,) = [entry for entry in studio.wan.ask("ledger") if entry["prompt"].startswith(("A boat", "A kite"))]
        (attempt,) = [row for row in studio.books.attempts() if row["task_id"] == made["task_id"]]
        assert attempt["outcome"] == "accepted"
        assert (studio.statuses("A boat"), studio.statuses("A kite")) == ({"pending": 1}, {"queued": 1})

        studio.fleet.members |= {"control": control, "media": studio.media}
        studio.until(lambda: studio.statuses("A boat") + studio.statuses("A kite") == {"ready": 2})
        del studio.fleet.members["media"]
        studio.end(studio.media)


class TestMediaWorker:
    def test_finishes_the_files_in_hand_and_begins_no_other(self, studio):
        before = studio.wan.ask("counts")["download"]
        studio.person.press(Wish("A brook [fault: slow_download=4]", takes=4))
        studio.until(lambda: studio.statuses("A brook") == {"archiving": 4})
        studio.fleet.members["media"] = studio.media
        studio.until(lambda: studio.wan.ask("counts")["download"] == before + IN_HAND)

        del studio.fleet.members["media"]
        studio.end(studio.media)

        assert studio.statuses("A brook") == {"ready": IN_HAND, "archiving": 4 - IN_HAND}
        assert studio.wan.ask("counts")["download"] == before + IN_HAND
        left = [path for place in ("spool", "media/.temporary") for path in (studio.directory / place).glob("*")]
        assert left == []

        studio.fleet.members["media"] = studio.media
        studio.until(lambda: studio.statuses("A brook") == {"ready": 4})
        assert studio.wan.ask("counts")["download"] == before + 4
        del studio.fleet.members["media"]
        studio.end(studio.media)
