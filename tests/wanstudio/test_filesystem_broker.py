import pytest
from kombu import Connection

from wanstudio import filesystem_broker
from wanstudio.celery import app
from wanstudio.filesystem_broker import Transport


@pytest.fixture
def broker(tmp_path):
    options = {name: str(tmp_path) for name in ("data_folder_in", "data_folder_out")}
    options["control_folder"] = str(tmp_path / "control")
    with Connection("filesystem://localhost", transport_options=options) as connection:
        yield Broker(connection)


class Broker:
    """Messages as the application sends them: each names its queue."""

    def __init__(self, connection):
        self._connection = connection
        self._channel = connection.channel()

    def put(self, body):
        self._connection.Producer(self._channel).publish(body, routing_key="watch")

    def get(self):
        message = self._channel.basic_get("watch", no_ack=True)
        return message and message.decode()


class TestMessages:
    def test_come_once_and_in_order(self, broker, tmp_path):
        for number in range(3):
            broker.put({"number": number})

        got = [broker.get() for _ in range(4)]

        assert got == [{"number": 0}, {"number": 1}, {"number": 2}, None]
        assert not list(tmp_path.glob("*.*"))

    def test_a_part_of_a_message_is_not_read(self, broker, tmp_path):
        (tmp_path / "1_killed.watch.part").write_text('{"bo')
        (tmp_path / "2_cut.watch.msg").write_text("")
        broker.put("whole")

        assert broker.get() == "whole"

    def test_another_queue_s_are_left(self, broker, tmp_path):
        (tmp_path / "1_x.media.msg").write_text("{}")

        assert broker.get() is None
        assert (tmp_path / "1_x.media.msg").exists()

    def test_a_worker_that_is_faster_gets_the_message(self, broker, monkeypatch):
        broker.put("one")
        monkeypatch.setattr("pathlib.Path.rename", _gone)

        assert broker.get() is None

    def test_the_application_uses_it(self):
        with app.connection_for_write() as connection:
            assert app.conf.broker_url != "filesystem://localhost" or isinstance(connection.transport, Transport)


def _gone(*_):
    raise FileNotFoundError


class TestForgetMessages:
    def test_leaves_nothing_but_other_files(self, tmp_path):
        for name in ("1.watch.msg", "2.watch.part", "3.watch.taken", "control"):
            (tmp_path / name).write_text("")

        filesystem_broker.forget_messages(tmp_path)

        assert [path.name for path in tmp_path.iterdir()] == ["control"]
