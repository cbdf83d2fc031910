"""Two of each worker and two beats on PostgreSQL and Redis: they share the work, and nothing is done twice."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.chaos import wan
from tests.chaos.books import Books
from tests.chaos.person import Person, Wish
from tests.chaos.storm import fleet_of
from tests.run import find, free_port, postgresql, redis
from wanstudio.runner import services

pytestmark = pytest.mark.chaos
PATIENCE = 600.0
TAKES = 16


@pytest.fixture
def studio():
    if not (find("postgres") and find("redis-server")):
        pytest.fail("This needs PostgreSQL and Redis: tests/run.py installs them.")
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wanstudio-several-")))
        directory.chmod(0o755)  # for the user that PostgreSQL runs as
        servers = {
            "STUDIO_TEST_DATABASE_URL": stack.enter_context(postgresql(directory / "postgresql")),
            "STUDIO_TEST_BROKER_URL": stack.enter_context(redis(directory)),
        }
        service = stack.enter_context(wan.running(directory / "wan", "--render", "small", "--render-seconds", "1"))
        fleet = fleet_of(directory, service.base_url, servers)
        stack.callback(fleet.stop, 10.0)
        port = free_port()
        fleet.add_studio(port)
        for worker in services.workers():
            command = [word.replace("@%h", "@second") for word in worker.command]
            fleet.add(f"second {worker.name}", command, **worker.environment)
        person = Person(f"http://127.0.0.1:{port}")
        fleet.keep_running()
        person.wait()
        person.sign_up()
        yield service, fleet, person, Books(servers["STUDIO_TEST_DATABASE_URL"])


def test_share_the_work_and_do_nothing_twice(studio):
    service, fleet, person, books = studio
    deadline = time.monotonic() + PATIENCE
    while not fleet.works():
        assert time.monotonic() < deadline, fleet.tails()
        time.sleep(0.1)

    for number in range(TAKES // 4):
        person.press(Wish(f"A paper boat, number {number}", takes=4))
    while books.by_status() != {"ready": TAKES}:
        assert time.monotonic() < deadline, f"{dict(books.by_status())}\n{fleet.tails()}"
        time.sleep(0.1)

    counts, ledger = service.ask("counts"), service.ask("ledger")
    assert (counts["create"], counts["download"], len(ledger)) == (TAKES, TAKES, TAKES)
    assert sum(counts[name] for name in ("create_429", "query_429", "list_429")) == 0
    assert Counter(row["outcome"] for row in books.attempts()) == {"accepted": TAKES}
    saved = books.rows("SELECT kind FROM generations_event WHERE to_status = 'ready'")
    assert [row["kind"] for row in saved] == ["archived"] * TAKES
    at_work = [name for name, member in fleet.members.items() if not member.has_ended()]
    assert len(at_work) == 7, fleet.tails()
