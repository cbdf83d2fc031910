import re

import pytest
import requests

from dashscope_simulator import Limits, account_of
from tests.dashscope_simulator.conftest import CREATE

HEADERS = {"X-DashScope-Async": "enable"}


class TestCreate:
    def test_accepts_and_answers_in_the_documented_order(self, start, call):
        response = call(start()).create()

        assert re.fullmatch(
            r'\{"output":\{"task_status":"PENDING","task_id":"[0-9a-f-]{36}"\},"request_id":"[0-9a-f-]{36}"\}',
            response.text,
        )

    @pytest.mark.parametrize("authorization", ["", "Bearer ", "Basic abc"])
    def test_without_key_is_401(self, start, authorization):
        response = requests.post(
            start().base_url + CREATE, json={}, headers={"Authorization": authorization}, timeout=60
        )

        assert response.status_code == 401
        assert response.json()["message"] == "No API-key provided."

    def test_without_async_header_is_403(self, start, call):
        response = call(start()).post(CREATE, json={"model": "wan2.7-t2v"})

        assert (response.status_code, response.json()["code"]) == (403, "AccessDenied")

    def test_rejects_what_is_not_json(self, start, call):
        response = call(start()).post(CREATE, data=b"{", headers=HEADERS)

        assert response.status_code == 400
        assert response.json()["message"].startswith("Required body invalid")

    def test_rejects_an_unknown_model_at_submit(self, start, call):
        response = call(start()).create(model="wan9")

        assert (response.status_code, response.json()["message"]) == (400, "Model not exist.")

    def test_get_is_not_supported(self, start, call):
        response = call(start()).get(CREATE)

        assert response.json()["message"] == "Request method 'GET' is not supported."

    @pytest.mark.parametrize(
        ("parameters", "field"),
        [
            ({"duration": "5"}, "duration"),
            ({"duration": 16}, "duration"),
            ({"duration": True}, "duration"),
            ({"resolution": "720p"}, "resolution"),
            ({"ratio": "2:1"}, "ratio"),
            ({"seed": -1}, "seed"),
            ({"watermark": "yes"}, "watermark"),
        ],
    )
    def test_judges_fields_inside_the_task(self, start, call, parameters, field):
        caller = call(start())

        answer = caller.finished(caller.submit(**parameters))

        assert answer["output"]["task_status"] == "FAILED"
        assert answer["output"]["code"] == "InvalidParameter"
        assert field in answer["output"]["message"]
        assert "usage" not in answer

    def test_missing_prompt_fails_inside_the_task(self, start, call):
        caller = call(start())

        answer = caller.finished(caller.submit(None))

        assert answer["output"]["message"] == "Field required: input.prompt"

    def test_strict_mode_judges_fields_at_submit(self, start, call):
        simulator = start(strict=True)

        response = call(simulator).create(duration=99)

        assert response.status_code == 400
        assert simulator.ledger() == []

    def test_objects_to_moderated_words(self, start, call):
        caller = call(start())

        answer = caller.finished(caller.submit("something nsfw"))

        assert answer["output"]["code"] == "DataInspectionFailed"


class TestQuery:
    def test_success_has_the_documented_keys(self, start, call):
        simulator = start()
        caller = call(simulator)

        answer = caller.finished(caller.submit("词 " * 3000, duration=7, resolution="720P", ratio="9:16"))

        assert list(answer) == ["request_id", "output", "usage"]
        assert list(answer["output"]) == [
            "task_id", "task_status", "submit_time", "scheduled_time", "end_time", "orig_prompt", "video_url",
        ]  # fmt: skip
        assert len(answer["output"]["orig_prompt"]) == 5000
        assert answer["usage"] == {
            "duration": 7,
            "input_video_duration": 0,
            "output_video_duration": 7,
            "video_count": 1,
            "ratio": "9:16",
            "SR": 720,
        }

    def test_times_are_in_utc_plus_8(self, start, call, clock):
        caller = call(start(now=clock))
        task_id = caller.submit()
        clock.move(1)

        answer = caller.finished(task_id)

        assert answer["output"]["submit_time"] == "2026-11-22 18:00:00.123"

    def test_usage_can_be_in_floats(self, start, call):
        caller = call(start(usage="float"))
        task_id = caller.submit()
        caller.finished(task_id)

        assert '"duration":5.0,"input_video_duration":0.0' in caller.get(f"/tasks/{task_id}").text

    def test_unknown_id_is_200_unknown(self, start, call):
        response = call(start()).get("/tasks/11111111-2222-4333-8444-555555555555")

        assert response.status_code == 200
        assert response.json()["output"]["task_status"] == "UNKNOWN"

    def test_another_account_does_not_see_the_task(self, start, call):
        simulator = start()
        task_id = call(simulator).submit()

        assert call(simulator, "sk-bob").status(task_id) == "UNKNOWN"

    def test_is_unknown_24_hours_after_the_end(self, start, call, clock):
        caller = call(start(now=clock))
        task_id = caller.submit()
        clock.move(1)
        caller.finished(task_id)

        clock.move(24 * 3600 - 60)
        before = caller.status(task_id)
        clock.move(120)

        assert (before, caller.status(task_id)) == ("SUCCEEDED", "UNKNOWN")

    def test_expire_forgets_one_task(self, start, call):
        simulator = start()
        caller = call(simulator)
        task_id, other = caller.submit(), caller.submit()

        simulator.expire(task_id)

        assert caller.status(task_id) == "UNKNOWN"
        assert caller.status(other) != "UNKNOWN"


class TestSlots:
    def test_five_run_and_the_rest_wait_in_order(self, start, call, clock):
        simulator = start(now=clock, render_seconds=10)
        caller = call(simulator)
        ids = [caller.submit(f"film {number}") for number in range(7)]
        clock.move(1)
        first = [caller.status(task_id) for task_id in ids]

        clock.move(10)
        caller.finished(ids[0])
        for task_id in ids[1:5]:
            caller.finished(task_id)

        assert first == ["RUNNING"] * 5 + ["PENDING"] * 2
        clock.move(0.1)
        assert [caller.status(task_id) for task_id in ids[5:]] == ["RUNNING", "RUNNING"]
        assert simulator.counts()["max_running"] == 5

    def test_a_full_queue_is_429(self, start, call, clock):
        simulator = start(now=clock, limits=Limits(creates_per_second=1000, running=1, pending=2))
        caller = call(simulator)
        answers = [caller.create() for _ in range(4)]

        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].json()["code"] == "Throttling.RateQuota"
        assert simulator.counts()["create_429"] == 1

    def test_accounts_do_not_share_slots(self, start, call, clock):
        simulator = start(now=clock, limits=Limits(running=1), render_seconds=10)
        ids = [(caller := call(simulator, key), caller.submit()) for key in ("sk-alice", "sk-bob")]
        clock.move(1)

        assert [caller.status(task_id) for caller, task_id in ids] == ["RUNNING", "RUNNING"]

    def test_gives_up_after_three_hours(self, start, call, clock):
        caller = call(start(now=clock))
        task_id = caller.submit("[fault: hang]")
        clock.move(3 * 3600 - 1)
        before = caller.status(task_id)
        clock.move(2)

        assert before == "RUNNING"
        assert caller.finished(task_id)["output"]["code"] == "InternalError.Timeout"


class TestRates:
    def test_the_sixth_create_of_a_second_is_429(self, start, call, clock):
        simulator = start(now=clock, limits=Limits())
        caller = call(simulator)
        codes = [caller.create().status_code for _ in range(6)]
        clock.move(1.01)

        assert codes == [200] * 5 + [429]
        assert caller.create().status_code == 200
        assert len(simulator.ledger()) == 6

    @pytest.mark.parametrize("path", ["/tasks/x", "/tasks"])
    def test_queries_and_lists_have_20_each(self, start, call, clock, path):
        caller = call(start(now=clock, limits=Limits()))

        assert [caller.get(path).status_code for _ in range(21)] == [200] * 20 + [429]


class TestCancel:
    def test_a_pending_task_is_canceled(self, start, call, clock):
        caller = call(start(now=clock, schedule_seconds=5))
        task_id = caller.submit()

        response = caller.post(f"/tasks/{task_id}/cancel")

        assert list(response.json()) == ["request_id"]
        assert caller.status(task_id) == "CANCELED"

    def test_a_running_task_is_not(self, start, call, clock):
        caller = call(start(now=clock, render_seconds=10))
        task_id = caller.submit()
        clock.move(1)

        response = caller.post(f"/tasks/{task_id}/cancel")

        assert (response.status_code, response.json()["code"]) == (400, "UnsupportedOperation")

    def test_frees_its_place_for_the_next(self, start, call, clock):
        caller = call(start(now=clock, schedule_seconds=5, limits=Limits(running=1), render_seconds=10))
        first, second = caller.submit(), caller.submit()
        caller.post(f"/tasks/{first}/cancel")
        clock.move(6)

        assert caller.status(second) == "RUNNING"


class TestList:
    def test_newest_first_in_pages(self, start, call, clock):
        caller = call(start(now=clock))
        ids = []
        for _ in range(3):
            ids.append(caller.submit())
            clock.move(1)

        answer = caller.get("/tasks/", params={"page_no": 2, "page_size": 2}).json()

        assert (answer["total"], answer["total_page"], answer["page_no"]) == (3, 2, 2)
        assert [entry["task_id"] for entry in answer["data"]] == ids[:1]

    def test_entries_have_no_result(self, start, call):
        simulator = start()
        caller = call(simulator)
        caller.finished(caller.submit())

        (entry,) = caller.get("/tasks").json()["data"]

        assert entry["status"] == "SUCCEEDED"
        assert entry["caller_uid"] == account_of("sk-alice")
        assert entry["gmt_create"] == int(simulator.ledger()[0].accepted_at * 1000)
        assert "video_url" not in entry

    def test_several_keys_of_one_account_are_told_apart(self, start, call):
        simulator = start()
        call(simulator).submit()
        call(simulator, "sk-alice~2").submit()
        call(simulator, "sk-alicia").submit()

        entries = call(simulator).get("/tasks").json()["data"]

        assert {entry["caller_uid"] for entry in entries} == {account_of("sk-alice")}
        assert len({entry["api_key_id"] for entry in entries}) == 2

    def test_filters_by_time_and_status(self, start, call, clock):
        caller = call(start(now=clock, schedule_seconds=10_000))
        old = caller.submit()
        clock.move(3600)
        caller.submit()
        window = {"start_time": "20261122175900", "end_time": "20261122180100", "status": "PENDING"}

        answer = caller.get("/tasks", params=window).json()

        assert [entry["task_id"] for entry in answer["data"]] == [old]
        assert caller.get("/tasks", params={"status": "FAILED"}).json()["data"] == []

    def test_a_window_over_24_hours_is_refused(self, start, call):
        response = call(start()).get("/tasks", params={"start_time": "20261120000000", "end_time": "20261122000000"})

        assert response.status_code == 400


class TestDownload:
    def test_serves_whole_and_in_ranges(self, start, call):
        simulator = start()
        caller = call(simulator)
        answer = caller.finished(caller.submit())
        url, content = answer["output"]["video_url"], simulator.video_bytes(answer["output"]["task_id"])

        whole = requests.get(url, timeout=60)
        part = requests.get(url, headers={"Range": "bytes=10-19"}, timeout=60)
        head = requests.head(url, timeout=60)

        assert (whole.content, whole.headers["Content-Type"]) == (content, "video/mp4")
        assert (part.status_code, part.content) == (206, content[10:20])
        assert (head.headers["Content-Length"], head.content) == (str(len(content)), b"")

    def test_a_changed_signature_is_403(self, start, call):
        caller = call(start())
        url = caller.finished(caller.submit())["output"]["video_url"]

        assert requests.get(url.replace("Expires=1", "Expires=2"), timeout=60).status_code == 403
        assert requests.get(url.partition("?")[0], timeout=60).status_code == 403

    def test_the_url_expires(self, start, call, clock):
        caller = call(start(now=clock))
        task_id = caller.submit()
        clock.move(1)
        url = caller.finished(task_id)["output"]["video_url"]
        clock.move(24 * 3600 + 1)

        response = requests.get(url, timeout=60)

        assert (response.status_code, "AccessDenied" in response.text) == (403, True)

    def test_expire_urls(self, start, call):
        simulator = start()
        caller = call(simulator)
        url = caller.finished(caller.submit())["output"]["video_url"]

        simulator.expire_urls()

        assert requests.get(url, timeout=60).status_code == 403


class TestRestart:
    def test_everything_is_found_again(self, start, call, tmp_path):
        first = start(data_dir=tmp_path)
        caller = call(first)
        done = caller.submit()
        video_url = caller.finished(done)["output"]["video_url"]
        ledger = first.ledger()
        first.stop()

        second = start(data_dir=tmp_path, port=int(first.origin.rpartition(":")[2]))

        assert second.ledger() == ledger
        assert ledger[0].billed_seconds == 5.0
        assert requests.get(video_url, timeout=60).content == second.video_bytes(done)

    def test_unfinished_tasks_go_on(self, start, call, tmp_path, clock):
        first = start(data_dir=tmp_path, now=clock, render_seconds=10, limits=Limits(running=1))
        ids = [call(first).submit() for _ in range(2)]
        clock.move(1)
        first.ledger()
        first.stop()

        second = start(data_dir=tmp_path, now=clock, render_seconds=10, limits=Limits(running=1))
        caller = call(second)
        before = [caller.status(task_id) for task_id in ids]
        clock.move(10)
        caller.finished(ids[0])
        clock.move(10)

        assert before == ["RUNNING", "PENDING"]
        assert caller.finished(ids[1])["output"]["task_status"] == "SUCCEEDED"
