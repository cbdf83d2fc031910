import io
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from dashscope_client import BadAnswer, Cause, Connections, DashScopeClient, Rejected, TaskStatus, Throttled
from tests.dashscope_client.conftest import KEY, reply

ID = "11111111-2222-4333-8444-555555555555"
CREATED = {"output": {"task_status": "PENDING", "task_id": ID}, "request_id": "r-1"}


def close_to_now(moment):
    return abs(datetime.now(UTC) - moment) < timedelta(seconds=10)


class TestCreateVideo:
    def test_returns_the_receipt(self, wire, wan, video):
        wire.says(reply(200, CREATED))

        created = wan.create_video(video)

        assert (created.task_id, created.status, created.request_id) == (ID, TaskStatus.PENDING, "r-1")
        assert created.server_date == datetime(2026, 11, 22, 10, tzinfo=UTC)
        assert close_to_now(created.answered_at)

    def test_posts_the_request_as_documented(self, wire, wan, video):
        wire.says(reply(200, CREATED))

        wan.create_video(video)

        (seen,) = wire.seen
        assert seen.method == "POST"
        assert seen.target == "/api/v1/services/aigc/video-generation/video-synthesis"
        assert seen.json == video.body()
        assert "狐狸".encode() in seen.body

    def test_sends_exactly_these_headers(self, wire, wan, video):
        wire.says(reply(200, CREATED))

        wan.create_video(video)

        headers = wire.seen[0].headers
        assert headers == {
            "host": f"127.0.0.1:{wire.port}",
            "user-agent": "dashscope-client/1.0",
            "accept": "application/json",
            "accept-encoding": "identity",
            "connection": "close",
            "content-type": "application/json",
            "content-length": str(len(wire.seen[0].body)),
            "authorization": f"Bearer {KEY}",
            "x-dashscope-async": "enable",
        }

    def test_asks_to_resolve_a_temporary_upload(self, wire, wan, video):
        wire.says(reply(200, CREATED))

        wan.create_video(replace(video, audio_url="oss://a/b.mp3"))

        assert wire.seen[0].headers["x-dashscope-ossresourceresolve"] == "enable"

    def test_names_the_workspace(self, wire, video):
        wire.says(reply(200, CREATED))

        with DashScopeClient(base_url=wire.base_url, api_key=KEY, workspace="ws-abc") as wan:
            wan.create_video(video)

        assert wire.seen[0].headers["x-dashscope-workspace"] == "ws-abc"

    def test_sends_even_half_a_character(self, wire, wan, video):
        wire.says(reply(200, CREATED))

        wan.create_video(replace(video, prompt="cut \ud83d"))

        assert wire.seen[0].json["input"]["prompt"] == "cut ?"


class TestGetTask:
    def test_asks_for_the_task(self, wire, wan):
        wire.says(reply(200, {"request_id": "r", "output": {"task_id": ID, "task_status": "RUNNING"}}))

        snapshot = wan.get_task(ID)

        assert snapshot.status is TaskStatus.RUNNING
        assert snapshot.server_date == datetime(2026, 11, 22, 10, tzinfo=UTC)
        assert close_to_now(snapshot.answered_at)
        (seen,) = wire.seen
        assert (seen.method, seen.target, seen.body) == ("GET", f"/api/v1/tasks/{ID}", b"")
        assert "x-dashscope-async" not in seen.headers
        assert "content-type" not in seen.headers

    def test_of_an_old_task_says_unknown(self, wire, wan):
        wire.says(reply(200, {"request_id": "r", "output": {"task_id": ID, "task_status": "UNKNOWN"}}))

        assert wan.get_task(ID).status is TaskStatus.UNKNOWN

    def test_of_a_failed_task_is_no_error(self, wire, wan):
        output = {"task_id": ID, "task_status": "FAILED", "code": "InternalError.Algo", "message": "inference"}
        wire.says(reply(200, {"request_id": "r", "output": output}))

        assert wan.get_task(ID).error_code == "InternalError.Algo"

    @pytest.mark.parametrize(
        "output", [None, {"task_status": "MELTED"}, {"task_id": "other", "task_status": "RUNNING"}]
    )
    def test_refuses_an_answer_about_something_else(self, wire, wan, output):
        wire.says(reply(200, {"request_id": "r-5", "output": output}))

        with pytest.raises(BadAnswer) as caught:
            wan.get_task(ID)

        assert not caught.value.may_have_landed
        assert caught.value.request_id == "r-5"

    def test_cannot_be_led_to_another_path(self, wire, wan):
        wire.says(reply(404, {"code": "NotFound", "message": "?"}))

        with pytest.raises(Rejected):
            wan.get_task("../uploads?x=1")

        assert wire.seen[0].target == "/api/v1/tasks/..%2Fuploads%3Fx%3D1"

    @pytest.mark.parametrize("nothing", ["", ".", ".."])
    def test_needs_an_id(self, wan, nothing):
        with pytest.raises(ValueError):
            wan.get_task(nothing)


class TestListTasks:
    def test_asks_for_a_page(self, wire, wan):
        row = {"task_id": ID, "status": "SUCCEEDED", "model_name": "wan2.7-t2v", "gmt_create": 1795341600123}
        wire.says(reply(200, {"total": 1, "data": [row], "total_page": 1, "page_no": 2, "page_size": 20}))

        page = wan.list_tasks(page_no=2, page_size=20, status="SUCCEEDED", model="wan2.7-t2v")

        assert [task.task_id for task in page.tasks] == [ID]
        assert page.server_date == datetime(2026, 11, 22, 10, tzinfo=UTC)
        parts = urlsplit(wire.seen[0].target)
        assert parts.path == "/api/v1/tasks"
        assert parse_qs(parts.query) == {
            "page_no": ["2"],
            "page_size": ["20"],
            "status": ["SUCCEEDED"],
            "model_name": ["wan2.7-t2v"],
        }

    def test_takes_a_status_by_its_name(self, wire, wan):
        wire.says(reply(200, {"total": 0, "data": []}))

        wan.list_tasks(status=TaskStatus.RUNNING)

        assert "status=RUNNING" in wire.seen[0].target

    def test_refuses_a_page_that_could_hide_tasks(self, wire, wan):
        wire.says(reply(200, {"data": []}))

        with pytest.raises(BadAnswer):
            wan.list_tasks()

    def test_may_be_throttled(self, wire, wan):
        wire.says(reply(429, {"code": "Throttling.RateQuota", "message": "Requests rate limit exceeded"}))

        with pytest.raises(Throttled):
            wan.list_tasks()


class TestCancelTask:
    def test_posts_nothing_to_the_task(self, wire, wan):
        wire.says(reply(200, {"request_id": "r"}))

        assert wan.cancel_task(ID) is None

        (seen,) = wire.seen
        assert (seen.method, seen.target, seen.body) == ("POST", f"/api/v1/tasks/{ID}/cancel", b"")
        assert seen.headers["content-length"] == "0"

    def test_can_come_too_late(self, wire, wan):
        message = "Failed to cancel the task, please confirm if the task is in PENDING status."
        wire.says(reply(400, {"code": "UnsupportedOperation", "message": message}))

        with pytest.raises(Rejected) as caught:
            wan.cancel_task(ID)

        assert caught.value.cause is Cause.CANCEL_TOO_LATE
        assert not caught.value.transient


class TestUploadFile:
    def permission(self, wire, **changes):
        data = {
            "policy": "cG9saWN5",
            "signature": "c2lnbmF0dXJl",
            "upload_dir": "dashscope-instant/abc/2026-11-22/def",
            "upload_host": wire.origin,
            "expire_in_seconds": 300,
            "max_file_size_mb": 1,
            "oss_access_key_id": "LTAIxxxx",
            "x_oss_object_acl": "private",
            "x_oss_forbid_overwrite": "true",
            **changes,
        }
        return reply(200, {"request_id": "r", "data": data})

    def upload(self, wan, content=b"RIFF....", **changes):
        asked = {"model": "wan2.7-t2v", "filename": "a1b2.mp3", "size": len(content), **changes}
        return wan.upload_file(content=io.BytesIO(content), **asked)

    def test_returns_where_the_service_keeps_it(self, wire, wan):
        wire.says(self.permission(wire), reply(200))

        upload = self.upload(wan)

        assert upload.url == "oss://dashscope-instant/abc/2026-11-22/def/a1b2.mp3"
        assert close_to_now(upload.uploaded_at)
        assert upload.expires_at - upload.uploaded_at == timedelta(hours=48)

    def test_asks_for_permission_first(self, wire, wan):
        wire.says(self.permission(wire), reply(200))

        self.upload(wan)

        assert wire.seen[0].method == "GET"
        assert wire.seen[0].target == "/api/v1/uploads?action=getPolicy&model=wan2.7-t2v"
        assert wire.seen[0].headers["authorization"] == f"Bearer {KEY}"

    def test_posts_the_form_without_the_key_and_the_file_last(self, wire, wan):
        wire.says(self.permission(wire), reply(200))

        self.upload(wan, b"\x00\xff sound")

        seen = wire.seen[1]
        assert "authorization" not in seen.headers
        assert not any(name.startswith("x-dashscope") for name in seen.headers)
        assert KEY.encode() not in seen.body
        boundary = seen.headers["content-type"].split("boundary=")[1].encode()
        parts = [part.strip(b"\r\n") for part in seen.body.split(b"--" + boundary)[1:-1]]
        names = [part.split(b'name="')[1].split(b'"')[0].decode() for part in parts]
        assert names == [
            "OSSAccessKeyId",
            "Signature",
            "policy",
            "key",
            "x-oss-object-acl",
            "x-oss-forbid-overwrite",
            "success_action_status",
            "file",
        ]
        assert parts[3].endswith(b"\r\n\r\ndashscope-instant/abc/2026-11-22/def/a1b2.mp3")
        assert b'filename="a1b2.mp3"' in parts[-1]
        assert parts[-1].endswith(b"\x00\xff sound")

    def test_does_not_send_what_is_too_large(self, wire, wan):
        wire.says(self.permission(wire), reply(200))

        with pytest.raises(Rejected) as caught:
            self.upload(wan, b"x" * (1024 * 1024 + 1))

        assert caught.value.cause is Cause.AUDIO_SIZE
        assert len(wire.seen) == 1

    def test_takes_any_size_if_no_limit_is_named(self, wire, wan):
        wire.says(self.permission(wire, max_file_size_mb=None), reply(200))

        assert self.upload(wan, b"x" * (1024 * 1024 + 1))

    def test_of_an_expired_permission_can_be_tried_again(self, wire, wan):
        xml = b"<Error><Code>AccessDenied</Code><Message>Invalid according to Policy: Policy expired.</Message></Error>"
        wire.says(self.permission(wire), reply(403, xml, content_type="application/xml", x_oss_request_id="o-1"))

        with pytest.raises(Rejected) as caught:
            self.upload(wan)

        assert caught.value.cause is Cause.UPLOAD_EXPIRED
        assert caught.value.transient
        assert caught.value.request_id == "o-1"

    @pytest.mark.parametrize("status", [302, 403, 500])
    def test_refuses_an_answer_that_explains_nothing(self, wire, wan, status):
        wire.says(self.permission(wire), reply(status, b"no", content_type="text/plain", Location="/x"))

        with pytest.raises(BadAnswer):
            self.upload(wan)

        assert len(wire.seen) == 2

    @pytest.mark.parametrize(
        "host", ["http://127.0.0.1:1", "https://evil.example", "https://aliyuncs.com.evil.example", "file:///etc", ""]
    )
    def test_goes_only_to_the_service(self, wire, wan, host):
        wire.says(self.permission(wire, upload_host=host))

        with pytest.raises(BadAnswer):
            self.upload(wan)

    @pytest.mark.parametrize("missing", ["policy", "signature", "upload_dir", "upload_host", "oss_access_key_id"])
    def test_needs_the_whole_permission(self, wire, wan, missing):
        wire.says(self.permission(wire, **{missing: None}))

        with pytest.raises(BadAnswer):
            self.upload(wan)

    @pytest.mark.parametrize("size", [7, 9])
    def test_notices_a_wrong_size(self, wire, wan, size):
        wire.says(self.permission(wire))

        with pytest.raises(ValueError):
            self.upload(wan, b"12345678", size=size)

    @pytest.mark.parametrize("name", ["", "../x.mp3", "a b.mp3", "a/b.mp3", "é.mp3", 'a".mp3', "a\r\n.mp3", ".mp3"])
    def test_refuses_a_name_that_is_not_safe(self, wan, name):
        with pytest.raises(ValueError):
            self.upload(wan, filename=name)


class TestConnections:
    def test_are_shared_by_the_clients_of_several_keys(self, wire):
        wire.says(reply(200, {"total": 0, "data": []}))
        shared = Connections(wire.base_url)
        clients = [DashScopeClient(base_url=wire.base_url, api_key=key, connections=shared) for key in (KEY, "sk-2")]

        for wan in (*clients, *clients):
            wan.list_tasks()
        clients[0].close()
        clients[1].list_tasks()

        assert wire.connections == 1
        keys = [seen.headers["authorization"].removeprefix("Bearer ") for seen in wire.seen]
        assert keys == [KEY, "sk-2", KEY, "sk-2", "sk-2"]
        shared.close()

    def test_need_an_address_that_can_be_asked(self):
        with pytest.raises(ValueError):
            Connections("ftp://wan.example")


class TestClose:
    def test_ends_the_kept_connection(self, wire):
        ended = threading.Event()
        wire.says(reply(200, {"total": 0, "data": []}))
        shutdown = wire.shutdown_request

        def noticed(request):
            shutdown(request)
            ended.set()

        wire.shutdown_request = noticed
        wan = DashScopeClient(base_url=wire.base_url, api_key=KEY)
        wan.list_tasks()

        wan.close()

        assert ended.wait(5)
