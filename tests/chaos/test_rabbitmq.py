"""The whole studio on RabbitMQ: takes are made; without it pages stay quick, and nothing is missing afterwards."""

from __future__ import annotations

import time
from contextlib import ExitStack

import pytest

from tests.chaos import wan
from tests.chaos.books import Books
from tests.chaos.person import Person, Wish
from tests.chaos.storm import fleet_of
from tests.rabbitmq import is_installed, rabbitmq
from tests.run import free_port

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.skipif(not is_installed(), reason="RabbitMQ is not installed (apt-get install rabbitmq-server)"),
]
PATIENCE = 240.0


@pytest.fixture
def studio(tmp_path):
    with ExitStack() as stack:
        broker = stack.enter_context(rabbitmq(tmp_path / "rabbitmq"))
        service = stack.enter_context(
            wan.running(tmp_path / "wan", "--render", "small", "--render-seconds", "0.5", "--seed", "1")
        )
        fleet = fleet_of(tmp_path, service.base_url, {"STUDIO_TEST_BROKER_URL": broker.url})
        stack.callback(fleet.stop, 10.0)
        port = free_port()
        fleet.add_studio(port)
        fleet.keep_running()
        person = Person(f"http://127.0.0.1:{port}")
        person.wait()
        person.sign_up()
        yield broker, fleet, person, Books(tmp_path / "studio.sqlite3")


def all_ready(books, fleet, count):
    """Every take is READY in time; workers that gave up without their broker are started again, as anywhere."""
    deadline = time.monotonic() + PATIENCE
    while books.by_status() != {"ready": count}:
        assert time.monotonic() < deadline, f"{dict(books.by_status())}\n{fleet.tails()}"
        fleet.keep_running()
        time.sleep(0.2)


class TestRabbitMQ:
    def test_carries_the_studio_and_may_die(self, studio):
        broker, fleet, person, books = studio
        person.press(Wish("A paper boat", takes=2))
        all_ready(books, fleet, 2)

        broker.kill()
        began = time.monotonic()
        person.press(Wish("A paper boat without a broker", takes=2))
        seconds = time.monotonic() - began
        broker.start()

        all_ready(books, fleet, 4)
        assert seconds < 10, "a press waited for a broker that was away"
