"""Nudges on commit: a broker that is away, or mute, holds nobody up."""

from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack

import pytest
from kombu.pools import producers

from tests.rabbitmq import is_installed, rabbitmq
from wanstudio import celery

PATIENCE = 2.5  # seconds; two tries of NUDGE_SECONDS, and a machine that is busy


@pytest.fixture
def broker(monkeypatch):
    """`broker("redis://…")` is what the studio talks to."""

    def use(url):
        for name in ("broker_write_url", "broker_url"):  # in this order: the first, unset, is the second
            monkeypatch.setattr(celery.app.conf, name, url)
        celery.app.conf.broker_transport_options = {"socket_timeout": 5} if url.startswith("redis") else {}
        celery._hints.cache_clear()

    usual = celery.app.conf.broker_transport_options
    yield use
    celery.app.conf.broker_transport_options = usual
    celery._hints.cache_clear()


@pytest.fixture
def mute():
    """The port of a server that takes connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(20)
        yield server.getsockname()[1]


def seconds_of_a_nudge():
    celery._hints()  # loading the transport's library is not what is measured
    began = time.monotonic()
    celery.nudge("generations.tasks.submit_due", "submit")
    return time.monotonic() - began


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
class TestNudge:
    def test_to_a_broker_that_is_away_is_given_up_at_once(self, broker, scheme):
        broker(f"{scheme}://127.0.0.1:9//")
        seconds_of_a_nudge()

        assert seconds_of_a_nudge() < PATIENCE

    def test_to_a_mute_one_as_well(self, broker, scheme, mute):
        broker(f"{scheme}://127.0.0.1:{mute}//")
        seconds_of_a_nudge()

        assert seconds_of_a_nudge() < PATIENCE


def test_a_nudge_is_given_up_while_all_connections_to_the_broker_are_in_use():
    pool = producers[celery._hints()]
    with ExitStack() as others:
        for _ in range(pool.limit):
            others.enter_context(pool.acquire(block=True))

        assert seconds_of_a_nudge() < PATIENCE


@pytest.mark.chaos
@pytest.mark.skipif(not is_installed(), reason="RabbitMQ is not installed (apt-get install rabbitmq-server)")
class TestRabbitMQ:
    def test_gets_the_message(self, broker, tmp_path):
        with rabbitmq(tmp_path / "rabbitmq") as server:
            broker(server.url)

            celery.nudge("generations.tasks.submit_due", "submit", account_id=7)

            with producers[celery._hints()].acquire(block=True) as producer:
                message = celery.app.amqp.queues["submit"].bind(producer.channel).get(no_ack=True)
            assert message.headers["task"] == "generations.tasks.submit_due"
            assert message.headers["expires"] is not None
            assert json.loads(message.body)[1] == {"account_id": 7}
