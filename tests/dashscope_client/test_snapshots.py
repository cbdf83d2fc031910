from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashscope_client.snapshots import (
    Malformed,
    TaskStatus,
    Usage,
    parse_created,
    parse_page,
    parse_snapshot,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ID = "11111111-2222-4333-8444-555555555555"
WHEN = {"answered_at": NOW, "server_date": None}

SUCCEEDED = {
    "request_id": "r-1",
    "output": {
        "task_id": ID,
        "task_status": "SUCCEEDED",
        "submit_time": "2026-11-22 18:00:00.123",
        "scheduled_time": "2026-11-22 18:00:00.160",
        "end_time": "2026-11-22 18:02:10.987",
        "orig_prompt": "a paper boat in the rain",
        "video_url": "https://x.aliyuncs.com/a.mp4?Expires=1&OSSAccessKeyId=LTAI&Signature=s%3D",
    },
    "usage": {
        "duration": 10,
        "input_video_duration": 0,
        "output_video_duration": 10,
        "video_count": 1,
        "ratio": "16:9",
        "SR": 720,
    },
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def snapshot(output=None, **top):
    output = {"task_id": ID, "task_status": "RUNNING", **(output or {})}
    return parse_snapshot({"output": output, **top}, task_id=ID, **WHEN)


def one_of(keys):
    return st.fixed_dictionaries({}, optional=dict.fromkeys(keys, json_values))


class TestSnapshot:
    def test_of_a_success_has_everything(self):
        snap = parse_snapshot(SUCCEEDED, task_id=ID, **WHEN)

        assert snap.status is TaskStatus.SUCCEEDED
        assert snap.request_id == "r-1"
        assert snap.video_url.endswith("Signature=s%3D")
        assert snap.orig_prompt == "a paper boat in the rain"
        assert snap.actual_prompt is None
        assert snap.usage == Usage(Decimal(10), Decimal(10), 1, "720P", "16:9")
        assert (snap.error_code, snap.error_message) == ("", "")
        assert snap.answered_at == NOW

    def test_turns_the_service_time_into_utc(self):
        snap = parse_snapshot(SUCCEEDED, task_id=ID, **WHEN)

        assert snap.submit_time == datetime(2026, 11, 22, 10, 0, 0, 123000, tzinfo=UTC)
        assert snap.submit_time.utcoffset().total_seconds() == 0
        assert snap.end_time == datetime(2026, 11, 22, 10, 2, 10, 987000, tzinfo=UTC)

    @pytest.mark.parametrize("status", ["PENDING", "CANCELED", "UNKNOWN"])
    def test_needs_only_a_status(self, status):
        snap = parse_snapshot({"output": {"task_status": status}}, task_id=ID, **WHEN)

        assert snap.task_id == ID
        assert snap.status == status
        assert snap.submit_time is snap.end_time is snap.usage is snap.video_url is None

    def test_of_a_failure_says_why(self):
        snap = snapshot({"task_status": "FAILED", "code": "InvalidParameter", "message": "The size is not match x"})

        assert (snap.error_code, snap.error_message) == ("InvalidParameter", "The size is not match x")

    def test_hides_signatures_in_what_a_failure_says(self):
        snap = snapshot({"task_status": "FAILED", "code": "InvalidURL", "message": "no https://a/b?Signature=secret"})

        assert "secret" not in snap.error_message

    def test_keeps_its_address_and_prompts_out_of_its_repr(self):
        shown = repr(parse_snapshot(SUCCEEDED, task_id=ID, **WHEN))

        assert "Signature" not in shown
        assert "boat" not in shown

    def test_ignores_what_it_does_not_know(self):
        assert snapshot({"task_metrics": {"TOTAL": 1}}, fps=30, usage={"fps": 30}).usage == Usage(*[None] * 5)

    @pytest.mark.parametrize(
        "output",
        [
            None,
            "x",
            [],
            {},
            {"task_status": None},
            {"task_status": "MELTED"},
            {"task_status": 7},
            {"task_id": "other", "task_status": "RUNNING"},
        ],
    )
    def test_refuses_what_is_none(self, output):
        with pytest.raises(Malformed):
            parse_snapshot({"output": output}, task_id=ID, **WHEN)

    @pytest.mark.parametrize("bad", ["", "soon", "2026-13-01 00:00:00", None, [], 12, "0001-01-01 00:00:00"])
    def test_does_without_a_time_it_cannot_read(self, bad):
        assert snapshot({"submit_time": bad}).submit_time is None

    @pytest.mark.parametrize("text", ["2026-11-22 18:00:00", "2026-11-22T18:00:00.000", "2026-11-22T10:00:00Z"])
    def test_reads_times_in_other_dress(self, text):
        assert snapshot({"submit_time": text}).submit_time == datetime(2026, 11, 22, 10, tzinfo=UTC)

    @given(
        one_of(["submit_time", "end_time", "orig_prompt", "video_url", "code", "message", "actual_prompt"]),
        one_of(["duration", "output_video_duration", "video_count", "ratio", "SR"]) | json_values,
    )
    def test_survives_anything_in_optional_places(self, output, usage):
        snap = snapshot(output, usage=usage)

        assert snap.status is TaskStatus.RUNNING
        assert snap.usage is None or snap.usage.duration is None or snap.usage.duration.is_finite()


class TestUsage:
    @pytest.mark.parametrize("number", [5, 5.0, "5", "5.0", " 5 "])
    def test_takes_numbers_as_they_come(self, number):
        usage = snapshot(usage={"duration": number, "video_count": number}).usage

        assert usage.duration == Decimal(5)
        assert usage.video_count == 5

    def test_keeps_fractions_exact(self):
        assert snapshot(usage={"duration": 5.1}).usage.duration == Decimal("5.1")

    @pytest.mark.parametrize("bad", [None, True, "many", "NaN", float("inf"), [], {}, "1e999999"])
    def test_does_without_what_is_no_number(self, bad):
        assert snapshot(usage={"duration": bad, "ratio": "1:1"}).usage.duration is None

    @pytest.mark.parametrize("lines", [720, 720.0, "720", "720P", "720p", "720.0"])
    def test_names_the_resolution_as_the_request_does(self, lines):
        assert snapshot(usage={"SR": lines}).usage.resolution == "720P"

    @pytest.mark.parametrize("bad", [None, "", "HD", 0, -1, 720.5, True])
    def test_does_without_a_resolution_it_cannot_read(self, bad):
        assert snapshot(usage={"SR": bad, "ratio": "1:1"}).usage.resolution is None

    @pytest.mark.parametrize("none", [None, {}, "x", []])
    def test_may_be_missing(self, none):
        assert snapshot(usage=none).usage is None


class TestCreated:
    def test_is_a_receipt(self):
        created = parse_created({"output": {"task_status": "PENDING", "task_id": ID}, "request_id": "r"}, **WHEN)

        assert (created.task_id, created.status, created.request_id) == (ID, TaskStatus.PENDING, "r")

    @pytest.mark.parametrize("status", [None, "", "MELTED", 3])
    def test_keeps_the_id_whatever_the_status(self, status):
        created = parse_created({"output": {"task_status": status, "task_id": ID}}, **WHEN)

        assert (created.task_id, created.status) == (ID, TaskStatus.PENDING)

    @pytest.mark.parametrize("output", [None, {}, {"task_id": ""}, {"task_id": None}, {"task_id": "x" * 201}, "x"])
    def test_is_none_without_an_id(self, output):
        with pytest.raises(Malformed):
            parse_created({"output": output}, **WHEN)


class TestPage:
    ROW = {
        "api_key_id": "15",
        "caller_parent_id": "17",
        "gmt_create": 1795341600123,
        "start_time": 1795341600160,
        "model_name": "wan2.7-t2v",
        "region": "cn-beijing",
        "request_id": "r",
        "status": "RUNNING",
        "task_id": ID,
    }

    def page(self, **answer):
        return parse_page({"total": 1, "data": [self.ROW], **answer}, page_no=1, page_size=50, server_date=None)

    def test_lists_tasks_with_times_in_utc(self):
        (task,) = self.page().tasks

        assert task.task_id == ID
        assert task.status is TaskStatus.RUNNING
        assert (task.api_key_id, task.caller_parent_id) == ("15", "17")
        assert task.gmt_create == datetime.fromtimestamp(1795341600.123, UTC)
        assert task.end_time is None

    @pytest.mark.parametrize("bad", [None, "", "soon", 0, -5, 9e14, True])
    def test_does_without_a_time_it_cannot_read(self, bad):
        assert self.page(data=[{**self.ROW, "gmt_create": bad}]).tasks[0].gmt_create is None

    def test_says_how_much_there_is(self):
        page = self.page(total=101, total_page=3, page_no=2, page_size=50.0)

        assert (page.total, page.total_pages, page.page_no, page.page_size) == (101, 3, 2, 50)

    def test_works_out_the_number_of_pages(self):
        assert self.page(total=101).total_pages == 3
        assert self.page(total=0, data=[]).total_pages == 0

    def test_may_be_empty(self):
        assert self.page(total=0, data=None).tasks == ()

    def test_lists_a_task_in_a_new_status(self):
        assert self.page(data=[{**self.ROW, "status": "MELTED"}]).tasks[0].status is TaskStatus.UNKNOWN

    @pytest.mark.parametrize("key_id", [15, "15"])
    def test_reads_a_key_id_written_as_a_number(self, key_id):
        assert self.page(data=[{**self.ROW, "api_key_id": key_id}]).tasks[0].api_key_id == "15"

    @pytest.mark.parametrize(
        "answer",
        [
            {"total": None},
            {"total": "many"},
            {"total": -1},
            {"data": "x"},
            {"data": {}},
            {"data": ["x"]},
            {"data": [{}]},
        ],
    )
    def test_refuses_what_could_hide_a_task(self, answer):
        with pytest.raises(Malformed):
            self.page(**answer)

    @given(one_of(["gmt_create", "start_time", "end_time", "api_key_id", "region", "status", "model_name"]))
    def test_survives_anything_in_optional_places(self, row):
        page = self.page(data=[{**row, "task_id": ID}])

        assert page.tasks[0].task_id == ID
