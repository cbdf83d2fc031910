"""What goes over the wire, and what each way of failing means: could the task exist?"""

import logging
import socket
import threading
import time
import traceback
from datetime import UTC, datetime

import pytest

from dashscope_client import BadAnswer, Cause, DashScopeClient, DashScopeError, Rejected, Throttled, Unreachable
from dashscope_client.transport import new_session, parse_http_date
from tests.dashscope_client.conftest import KEY, drip, reply, reset

ID = "11111111-2222-4333-8444-555555555555"
CREATED = {"output": {"task_status": "PENDING", "task_id": ID}, "request_id": "r-1"}
RUNNING = {"output": {"task_status": "RUNNING", "task_id": ID}, "request_id": "r-2"}


def refused(code, message="", status=400):
    return reply(status, {"code": code, "message": message, "request_id": "r-9"})


def failure_of(act):
    with pytest.raises(DashScopeError) as caught:
        act()
    return caught.value


class TestCreateThatGotNoAnswer:
    def client(self, base_url):
        return DashScopeClient(base_url=base_url, api_key=KEY)

    def test_did_not_land_if_the_port_was_closed(self, closed_port, video):
        with self.client(f"http://127.0.0.1:{closed_port}/api/v1") as wan:
            error = failure_of(lambda: wan.create_video(video))

        assert type(error) is Unreachable
        assert error.transient
        assert not error.may_have_landed
        assert error.cause is Cause.UNREACHABLE

    def test_did_not_land_if_the_name_is_unknown(self, video, monkeypatch):
        def unknown(*args, **kwargs):
            raise socket.gaierror(-2, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        with self.client("http://nowhere.invalid/api/v1") as wan:
            error = failure_of(lambda: wan.create_video(video))

        assert type(error) is Unreachable
        assert not error.may_have_landed

    def test_did_not_land_if_the_connection_timed_out(self, video, monkeypatch):
        def slow(*args, **kwargs):
            raise TimeoutError("timed out")

        monkeypatch.setattr("urllib3.util.connection.create_connection", slow)
        with self.client("http://127.0.0.1:1/api/v1") as wan:
            error = failure_of(lambda: wan.create_video(video))

        assert type(error) is Unreachable
        assert not error.may_have_landed

    def test_did_not_land_if_time_was_over_before_a_connection(self, wire, video, monkeypatch):
        wire.says(reply(200, CREATED))
        from urllib3.util import connection

        def late(*args, **kwargs):
            time.sleep(0.3)
            return connect(*args, **kwargs)

        connect = connection.create_connection
        monkeypatch.setattr("urllib3.util.connection.create_connection", late)
        with self.client(wire.base_url) as wan:
            error = failure_of(lambda: wan.create_video(video, deadline=0.1))

        assert type(error) is Unreachable
        assert not error.may_have_landed
        assert wire.seen == []

    def test_may_have_landed_if_the_connection_was_reset(self, wire, wan, video):
        wire.says(reset)

        error = failure_of(lambda: wan.create_video(video))

        assert type(error) is Unreachable
        assert error.may_have_landed
        assert len(wire.seen) == 1

    def test_may_have_landed_if_the_connection_was_closed(self, wire, wan, video):
        wire.says(lambda sock: None)

        error = failure_of(lambda: wan.create_video(video))

        assert type(error) is Unreachable
        assert error.may_have_landed
        assert len(wire.seen) == 1

    def test_may_have_landed_if_the_answer_was_cut(self, wire, wan, video):
        wire.says(lambda sock: sock.sendall(reply(200, CREATED)[:-10]))

        error = failure_of(lambda: wan.create_video(video))

        assert type(error) is Unreachable
        assert error.may_have_landed

    def test_may_have_landed_if_nobody_answers_in_time(self, wire, wan, video):
        answered = threading.Event()
        wire.says(lambda sock: answered.wait(5))

        error = failure_of(lambda: wan.create_video(video, deadline=0.2))
        answered.set()

        assert type(error) is Unreachable
        assert error.may_have_landed
        assert "0.2 s" in error.message

    @pytest.mark.parametrize(
        "dripped", [reply(200, CREATED), b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 200], ids=["head", "body"]
    )
    def test_ends_in_time_though_each_byte_comes_in_time(self, wire, wan, video, dripped):
        wire.says(drip(dripped))
        started = time.monotonic()

        error = failure_of(lambda: wan.create_video(video, deadline=0.5))

        assert time.monotonic() - started < 3
        assert error.may_have_landed

    def test_may_have_landed_if_the_certificate_is_not_trusted(self, tls_wire, video):
        with self.client(tls_wire.base_url) as wan:
            error = failure_of(lambda: wan.create_video(video))

        assert type(error) is Unreachable
        assert error.may_have_landed
        assert "CERTIFICATE_VERIFY_FAILED" in error.message

    def test_ends_in_time_during_a_dripping_handshake(self, video):
        with socket.create_server(("127.0.0.1", 0)) as server:

            def handshake():
                sock, _ = server.accept()
                with sock:
                    drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 100)(sock)

            thread = threading.Thread(target=handshake)
            thread.start()
            started = time.monotonic()
            with self.client(f"https://127.0.0.1:{server.getsockname()[1]}/api/v1") as wan:
                error = failure_of(lambda: wan.create_video(video, deadline=0.5))
            took = time.monotonic() - started
            thread.join()

        assert took < 3
        assert error.may_have_landed


class TestTls:
    @pytest.fixture
    def wan(self, tls_wire, certificate, monkeypatch):
        monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))
        with DashScopeClient(base_url=tls_wire.base_url, api_key=KEY, timeout=5) as wan:
            yield wan

    def test_works_with_a_trusted_certificate(self, tls_wire, wan, video):
        tls_wire.says(reply(200, CREATED))

        assert wan.create_video(video).task_id == ID

    def test_ends_in_time_though_each_byte_comes_in_time(self, tls_wire, wan, video):
        tls_wire.says(drip(reply(200, CREATED)))
        started = time.monotonic()

        error = failure_of(lambda: wan.create_video(video, deadline=0.5))

        assert time.monotonic() - started < 3
        assert error.may_have_landed

    def test_fault_after_sending_may_have_landed(self, tls_wire, wan, video):
        tls_wire.says(lambda sock: socket.socket.send(sock, b"this is no record of TLS at all"))

        error = failure_of(lambda: wan.create_video(video))

        assert type(error) is Unreachable
        assert error.may_have_landed
        assert len(tls_wire.seen) == 1

    def test_keeps_its_connection_for_polls(self, tls_wire, wan):
        tls_wire.says(reply(200, RUNNING))

        wan.get_task(ID)
        wan.get_task(ID)

        assert [seen.connection for seen in tls_wire.seen] == [1, 1]


class TestCreateThatGotAStrangeAnswer:
    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(reply(502, b"<html>Bad Gateway</html>", content_type="text/html"), id="502 html"),
            pytest.param(refused("InternalError", "oops", 500), id="500 with a code"),
            pytest.param(refused("ServiceUnavailable", "", 503), id="503 with a code"),
            pytest.param(reply(200, {"request_id": "r"}), id="200 without output"),
            pytest.param(reply(200, {"output": {"task_status": "PENDING"}}), id="200 without id"),
            pytest.param(reply(200, {"code": "Throttling", "message": "?"}), id="200 with a code"),
            pytest.param(reply(200, b""), id="200 empty"),
            pytest.param(reply(200, b"[1]"), id="200 list"),
            pytest.param(reply(200, b"\xff\xfe{"), id="200 binary"),
            pytest.param(reply(200, b"[" * 100_000), id="200 deep"),
            pytest.param(reply(204), id="204"),
            pytest.param(reply(404, b"<html>", content_type="text/html"), id="404 html"),
            pytest.param(reply(429, b"slow down", content_type="text/plain"), id="429 text"),
            pytest.param(reply(403, {"message": "who are you"}), id="403 without a code"),
            pytest.param(reply(400, {"code": 400, "message": "x"}), id="400 with a number"),
            pytest.param(reply(302, b"", Location="/elsewhere"), id="302"),
            pytest.param(reply(307, b"", Location="/elsewhere"), id="307"),
            pytest.param(reply(200, b" " * (4 * 1024 * 1024 + 1)), id="too long"),
        ],
    )
    def test_may_have_landed(self, wire, wan, video, answer):
        wire.says(answer)

        error = failure_of(lambda: wan.create_video(video))

        assert type(error) is BadAnswer
        assert error.may_have_landed
        assert error.transient
        assert len(wire.seen) == 1

    def test_keeps_the_code_of_a_5xx(self, wire, wan, video):
        wire.says(refused("InternalError.Algo", "inference internal error.", 500))

        error = failure_of(lambda: wan.create_video(video))

        assert (error.code, error.http_status, error.request_id) == ("InternalError.Algo", 500, "r-9")
        assert error.cause is Cause.INTERNAL_ERROR

    def test_keeps_the_request_id_of_an_answer_without_task_id(self, wire, wan, video):
        wire.says(reply(200, {"request_id": "r-77"}))

        assert failure_of(lambda: wan.create_video(video)).request_id == "r-77"


class TestRefusal:
    def test_is_an_answer(self, wire, wan, video):
        wire.says(refused("InvalidParameter", "Model not exist."))

        error = failure_of(lambda: wan.create_video(video))

        assert type(error) is Rejected
        assert not error.may_have_landed
        assert not error.transient
        assert (error.code, error.message) == ("InvalidParameter", "Model not exist.")
        assert error.cause is Cause.MODEL_NOT_FOUND
        assert error.server_date.isoformat() == "2026-11-22T10:00:00+00:00"
        assert str(error) == "InvalidParameter: Model not exist. (HTTP 400, request r-9)"

    @pytest.mark.parametrize(
        "code", ["Throttling", "Throttling.RateQuota", "Throttling.BurstRate", "Throttling.AllocationQuota", "New"]
    )
    def test_under_429_is_a_request_for_a_pause(self, wire, wan, video, code):
        wire.says(refused(code, "later", 429))

        error = failure_of(lambda: wan.create_video(video))

        assert type(error) is Throttled
        assert error.transient
        assert not error.may_have_landed

    @pytest.mark.parametrize(
        ("code", "message"),
        [
            ("CommodityNotPurchased", ""),
            ("PrepaidBillOverdue", ""),
            ("PostpaidBillOverdue", ""),
            ("BudgetLimitExceeded", ""),
            ("Throttling.AllocationQuota", "Free allocated quota exceeded."),
        ],
    )
    def test_for_money_is_no_throttling_though_it_comes_as_429(self, wire, wan, video, code, message):
        wire.says(refused(code, message, 429))

        error = failure_of(lambda: wan.create_video(video))

        assert type(error) is Rejected
        assert not error.transient
        assert error.cause.breaker == "billing"

    def test_of_the_key_trips_the_breaker(self, wire, wan):
        wire.says(refused("InvalidApiKey", "Invalid API-key provided.", 401))

        assert failure_of(wan.list_tasks).cause.breaker == "key"

    def test_never_says_of_a_query_that_it_may_have_landed(self, wire, wan):
        wire.says(reply(502, b"<html>", content_type="text/html"))

        assert not failure_of(lambda: wan.get_task(ID)).may_have_landed

    def test_takes_the_request_id_from_the_header_if_need_be(self, wire, wan):
        wire.says(reply(400, {"code": "Arrearage"}, x_request_id="r-header"))

        assert failure_of(lambda: wan.get_task(ID)).request_id == "r-header"


class TestServerDate:
    @pytest.mark.parametrize("text", [None, "", "soon", "Sun, 99 Nov 2026 10:00:00 GMT"])
    def test_may_be_missing(self, text):
        assert parse_http_date(text) is None

    @pytest.mark.parametrize(
        "text", ["Sun, 22 Nov 2026 10:00:00 GMT", "Sun, 22 Nov 2026 18:00:00 +0800", "Sun, 22 Nov 2026 10:00:00 -0000"]
    )
    def test_is_utc(self, text):
        assert parse_http_date(text) == datetime(2026, 11, 22, 10, tzinfo=UTC)


class TestConnections:
    def test_are_shared_by_polls_and_fresh_for_each_create(self, wire, wan, video):
        wire.says(
            reply(200, RUNNING), reply(200, CREATED), reply(200, CREATED), reply(200, RUNNING), reply(200, RUNNING)
        )

        wan.get_task(ID)
        wan.create_video(video)
        wan.create_video(video)
        wan.get_task(ID)
        wan.get_task(ID)

        poll, first, second, again, once_more = [seen.connection for seen in wire.seen]
        assert poll == again == once_more
        assert len({poll, first, second}) == 3
        assert wire.seen[1].headers["connection"] == "close"

    def test_serve_several_threads(self, wire, wan):
        wire.says(reply(200, RUNNING))
        got = []

        threads = [
            threading.Thread(target=lambda: got.extend(wan.get_task(ID).status for _ in range(10))) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert got == ["RUNNING"] * 80

    def test_end_in_time_for_polls_too(self, wire):
        wire.says(reply(200, RUNNING), drip(reply(200, RUNNING)))
        with DashScopeClient(base_url=wire.base_url, api_key=KEY, timeout=0.5) as wan:
            wan.get_task(ID)
            started = time.monotonic()

            error = failure_of(lambda: wan.get_task(ID))

        assert type(error) is Unreachable
        assert time.monotonic() - started < 3
        assert [seen.connection for seen in wire.seen] == [1, 1]

    def test_carry_no_cookies(self, wire, wan):
        wire.says(reply(200, RUNNING, Set_Cookie="a=b"))

        wan.get_task(ID)
        wan.get_task(ID)

        assert "cookie" not in wire.seen[1].headers

    def test_go_straight_to_loopback_whatever_the_proxy(self, wire, closed_port, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        wire.says(reply(200, RUNNING))

        with DashScopeClient(base_url=wire.base_url, api_key=KEY) as wan:
            assert wan.get_task(ID).status == "RUNNING"

    @pytest.mark.parametrize("host", ["localhost", "studio.localhost", "127.0.0.2", "[::1]"])
    def test_know_loopback_by_all_its_names(self, host):
        assert not new_session(f"http://{host}:8787/api/v1").trust_env

    def test_go_through_the_proxy_to_elsewhere(self, wire, video, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", wire.origin)
        monkeypatch.delenv("NO_PROXY", raising=False)
        wire.says(reply(200, CREATED))

        with DashScopeClient(base_url="http://wan.invalid/api/v1", api_key=KEY) as wan:
            wan.create_video(video)

        assert wire.seen[0].target.startswith("http://wan.invalid/api/v1/services/")

    def test_may_have_landed_if_the_proxy_refuses(self, closed_port, video, monkeypatch):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port}")
        monkeypatch.delenv("NO_PROXY", raising=False)

        with DashScopeClient(base_url="http://wan.invalid/api/v1", api_key=KEY) as wan:
            assert failure_of(lambda: wan.create_video(video)).may_have_landed

    def test_do_not_read_netrc(self, wire, tmp_path, monkeypatch):
        (tmp_path / "netrc").write_text("machine wan.invalid login me password hunter2\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        monkeypatch.setenv("HTTP_PROXY", wire.origin)
        monkeypatch.delenv("NO_PROXY", raising=False)
        wire.says(reply(200, RUNNING))

        with DashScopeClient(base_url="http://wan.invalid/api/v1", api_key=KEY) as wan:
            wan.get_task(ID)

        assert wire.seen[0].headers["authorization"] == f"Bearer {KEY}"


class TestSecrecy:
    def failures(self, wire, wan, video):
        echo = f"Incorrect API key provided: {KEY}; see https://a/b?OSSAccessKeyId=LTAIx&Signature=abcdef"
        wire.says(refused("InvalidApiKey", echo, 401), reply(500, {"code": KEY, "message": echo}), reset)
        return [failure_of(lambda: wan.create_video(video)) for _ in range(3)]

    def test_holds_in_everything_an_error_shows(self, wire, wan, video):
        for error in self.failures(wire, wan, video):
            shown = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))

            assert KEY not in shown
            assert "LTAIx" not in shown
            assert "abcdef;" not in shown

    def test_leaves_no_library_error_behind(self, wire, wan, video):
        for error in self.failures(wire, wan, video):
            assert error.__cause__ is None
            assert error.__context__ is None

    def test_holds_in_the_log(self, wire, wan, video, caplog):
        caplog.set_level(logging.DEBUG)

        self.failures(wire, wan, video)

        assert KEY not in caplog.text
        assert "fox" not in caplog.text

    def test_holds_in_the_client_itself(self, wan):
        assert KEY not in repr(wan)

    @pytest.mark.parametrize("key", ["", "sk-a b", "sk-abc\n", "sk-é", "\tsk-abc"])
    def test_holds_when_a_key_cannot_be_sent(self, key):
        with pytest.raises(ValueError) as caught:
            DashScopeClient(base_url="http://127.0.0.1/api/v1", api_key=key)

        assert "sk-" not in str(caught.value)


class TestLog:
    def test_has_one_line_for_each_call(self, wire, wan, video, caplog):
        caplog.set_level(logging.INFO, logger="dashscope_client")
        wire.says(reply(200, CREATED), reply(200, {"total": 0, "data": []}))

        wan.create_video(video)
        wan.list_tasks()

        lines = [record.getMessage() for record in caplog.records if record.name == "dashscope_client"]
        assert len(lines) == 2
        assert lines[0].startswith("POST /api/v1/services/aigc/video-generation/video-synthesis: 200 in ")
        assert lines[0].endswith("request r-1")
        assert lines[1].startswith("GET /api/v1/tasks: 200")
        assert "?" not in lines[1]


class TestBaseUrl:
    @pytest.mark.parametrize(
        "url", ["", "dashscope.aliyuncs.com", "ftp://a/api/v1", "https://", "https://u:p@a/api/v1", "https://a/v1?x=1"]
    )
    def test_must_be_one(self, url):
        with pytest.raises(ValueError):
            DashScopeClient(base_url=url, api_key=KEY)

    def test_may_end_in_a_slash(self, wire):
        wire.says(reply(200, RUNNING))

        with DashScopeClient(base_url=wire.base_url + "/", api_key=KEY) as wan:
            wan.get_task(ID)

        assert wire.seen[0].target == f"/api/v1/tasks/{ID}"
