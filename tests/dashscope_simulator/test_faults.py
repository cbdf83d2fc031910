import io
import time

import av
import pytest
import requests

from dashscope_simulator.faults import FaultBook, faults_in


class TestFaultBook:
    def test_strikes_as_often_as_told(self):
        book = FaultBook()
        book.add("query_500", times=2)

        assert [book.take("query_500") is not None for _ in range(3)] == [True, True, False]

    def test_a_rate_is_repeatable_with_a_seed(self):
        books = [FaultBook(seed=4), FaultBook(seed=4)]
        for book in books:
            book.add("query_500", rate=0.5)

        one, two = ([book.take("query_500") is not None for _ in range(50)] for book in books)

        assert one == two
        assert 10 < sum(one) < 40

    def test_refuses_unknown_names(self):
        with pytest.raises(ValueError, match="Unknown fault 'typo'"):
            FaultBook().add("typo")

    def test_reads_prompts(self):
        found = faults_in(
            "a boat [fault: slow=2.5] [fault: fail=InternalError.Algo] [Fault: cut_download=1] [fault: nope]"
        )

        assert found == {"slow": {"seconds": 2.5}, "fail": {"code": "InternalError.Algo"}, "cut_download": {"times": 1}}


class TestAtSubmit:
    @pytest.mark.parametrize(
        ("name", "status", "code"),
        [
            ("throttle_create", 429, "Throttling.RateQuota"),
            ("reject=DataInspectionFailed", 400, "DataInspectionFailed"),
            ("arrears", 400, "Arrearage"),
            ("invalid_key", 401, "InvalidApiKey"),
            ("create_500_not_accepted", 500, "InternalError"),
        ],
    )
    def test_refuses_without_accepting(self, start, call, name, status, code):
        simulator = start()

        response = call(simulator).create(f"a boat [fault: {name}]")

        assert (response.status_code, response.json()["code"]) == (status, code)
        assert simulator.ledger() == []

    def test_drops_the_answer_after_accepting(self, start, call):
        simulator = start()
        simulator.faults.add("drop_create_answer", times=1)
        caller = call(simulator)

        with pytest.raises(requests.ConnectionError):
            caller.create()

        assert len(simulator.ledger()) == 1
        assert caller.create().status_code == 200

    def test_resets_before_accepting(self, start, call):
        simulator = start()

        with pytest.raises(requests.ConnectionError):
            call(simulator).create("[fault: reset_before_accept]")

        assert simulator.ledger() == []

    def test_breaks_after_accepting(self, start, call):
        simulator = start()
        caller = call(simulator)

        broken, nameless = caller.create("[fault: create_500]"), caller.create("[fault: create_2xx_without_id]")

        assert broken.status_code == 500
        assert "task_id" not in nameless.json()["output"]
        assert len(simulator.ledger()) == 2

    def test_delays_the_answer(self, start, call):
        began = time.monotonic()
        call(start()).create("[fault: delay_create_answer=0.3]")

        assert time.monotonic() - began >= 0.3


class TestInTask:
    def test_fails_late_with_the_code(self, start, call):
        simulator = start()
        caller = call(simulator)

        answer = caller.finished(caller.submit("[fault: fail=InternalError.Algo]"))

        assert answer["output"]["code"] == "InternalError.Algo"
        assert simulator.ledger()[0].billed_seconds is None

    def test_answers_with_strange_keys(self, start, call):
        caller = call(start())

        answer = caller.finished(
            caller.submit("boat [fault: actual_prompt] [fault: no_ratio] [fault: usage_float] [fault: unknown_keys]")
        )

        assert answer["output"]["actual_prompt"]
        assert "ratio" not in answer["usage"]
        assert isinstance(answer["usage"]["duration"], float)
        assert answer["usage"]["fps"] == 30

    @pytest.mark.parametrize(("name", "status"), [("query_500", 500), ("throttle_query", 429)])
    def test_queries_fail_so_many_times(self, start, call, name, status):
        caller = call(start())
        task_id = caller.submit(f"[fault: {name}=2]")

        codes = [caller.get(f"/tasks/{task_id}").status_code for _ in range(3)]

        assert codes == [status, status, 200]

    def test_garbage_is_not_json(self, start, call):
        caller = call(start())
        task_id = caller.submit("[fault: query_garbage]")

        with pytest.raises(ValueError):
            caller.get(f"/tasks/{task_id}").json()

    def test_lists_can_be_incomplete(self, start, call):
        simulator = start()
        caller = call(simulator)
        ids = [caller.submit(), caller.submit()]
        simulator.faults.add("list_incomplete", times=1, omit=1)

        listed = [entry["task_id"] for entry in caller.get("/tasks").json()["data"]]

        assert listed == ids[:1]


class TestDownload:
    def url(self, start, call, fault):
        simulator = start()
        caller = call(simulator)
        answer = caller.finished(caller.submit(f"[fault: {fault}]"))
        return answer["output"]["video_url"], simulator.video_bytes(answer["output"]["task_id"])

    @pytest.mark.parametrize("fault", ["cut_download", "wrong_length"])
    def test_breaks_off(self, start, call, fault):
        url, _ = self.url(start, call, fault)

        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            requests.get(url, timeout=60)

    def test_no_length(self, start, call):
        url, content = self.url(start, call, "no_length")

        response = requests.get(url, timeout=60)

        assert "Content-Length" not in response.headers
        assert response.content == content

    def test_other_contents(self, start, call):
        url, _ = self.url(
            start, call, "html_instead=1] [fault: not_mp4=1] [fault: truncated_mp4=1] [fault: expired_url=1"
        )

        answers = [requests.get(url, timeout=60) for _ in range(5)]

        assert [answer.status_code for answer in answers] == [403, 200, 200, 200, 200]
        assert answers[1].headers["Content-Type"].startswith("text/html")
        assert b"ftyp" not in answers[2].content[:16]
        assert answers[4].content.startswith(answers[3].content)
        assert len(answers[3].content) < len(answers[4].content)

    def test_redirects_elsewhere(self, start, call):
        url, _ = self.url(start, call, "redirect_elsewhere=http://127.0.0.1:1/x")

        assert requests.get(url, timeout=5, allow_redirects=False).headers["Location"] == "http://127.0.0.1:1/x"


class TestControl:
    def test_faults_come_and_go_over_http(self, start, call):
        simulator = start()
        control = f"{simulator.origin}/simulator"

        requests.post(f"{control}/faults", json={"name": "invalid_key", "times": None}, timeout=60)
        refused = call(simulator).create()
        requests.delete(f"{control}/faults", timeout=60)

        assert refused.status_code == 401
        assert call(simulator).create().status_code == 200

    def test_unknown_faults_are_400(self, start):
        response = requests.post(f"{start().origin}/simulator/faults", json={"name": "typo"}, timeout=60)

        assert response.status_code == 400

    def test_ledger_counts_and_checksum(self, start, call):
        simulator = start()
        caller = call(simulator)
        task_id = caller.submit(watermark=False)
        caller.finished(task_id)
        control = f"{simulator.origin}/simulator"

        (entry,) = requests.get(f"{control}/ledger", timeout=60).json()
        counts = requests.get(f"{control}/counts", timeout=60).json()
        checksum = requests.get(f"{control}/video-sha256/{task_id}", timeout=60).json()

        assert (entry["status"], entry["billed_seconds"], entry["watermark_explicit"]) == ("SUCCEEDED", 5.0, True)
        assert (counts["create"], counts["accepted"]) == (1, 1)
        assert checksum["sha256"] == entry["video_sha256"]

    def test_films_become_small_at_once(self, start, call):
        simulator = start(render="full")
        control = f"{simulator.origin}/simulator"

        wrong = requests.post(f"{control}/films", json={"render": "huge"}, timeout=60)
        requests.post(f"{control}/films", json={"render": "small"}, timeout=60).raise_for_status()
        url = call(simulator).finished(call(simulator).submit(resolution="720P"))["output"]["video_url"]

        assert wrong.status_code == 400
        with av.open(io.BytesIO(requests.get(url, timeout=60).content)) as film:
            assert film.streams.video[0].width < 320
