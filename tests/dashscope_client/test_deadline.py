"""The clock over a connection, without a connection."""

import socket
import threading

import pytest

from dashscope_client.deadline import Deadline


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


class TestDeadline:
    def test_ends_a_wait(self, pair):
        ours, _ = pair

        with Deadline(0.05) as limit:
            limit.watch(ours)
            got = ours.recv(1)

        assert got == b""
        assert limit.passed

    def test_leaves_a_finished_connection_usable(self, pair):
        ours, theirs = pair

        with Deadline(60) as limit:
            limit.watch(ours)
        theirs.sendall(b"x")

        assert ours.recv(1) == b"x"
        assert not limit.passed

    def test_watches_nothing_once_it_has_passed(self, pair):
        with Deadline(0) as limit:
            limit._timer.join()

            assert not limit.watch(pair[0])
            assert not limit.is_watching

    def test_does_not_mind_a_connection_that_is_gone(self):
        with socket.socket() as never_connected, Deadline(0.05) as limit:
            limit.watch(never_connected)
            limit._timer.join()

        assert limit.passed

    def test_leaves_no_thread_behind(self):
        before = threading.active_count()

        with Deadline(60):
            pass

        assert threading.active_count() == before
