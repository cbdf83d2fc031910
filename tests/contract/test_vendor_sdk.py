"""The vendor's own SDK against the simulator: it must not notice the difference."""

import asyncio
import gc
import warnings
from http import HTTPStatus

import pytest
import requests

from dashscope_simulator import Limits, Simulator
from tests.dashscope_simulator.conftest import tone

# Its HTTP sessions are left to the garbage collector, and its dependencies use what is deprecated.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import dashscope
    from dashscope import VideoSynthesis
    from dashscope.aigc.video_synthesis import AioVideoSynthesis
    from dashscope.api_entities.aio_session import get_shared_aio_session

MODEL = "wan2.7-t2v"
KEY = "sk-test"
SAMPLE = {
    "model": MODEL,
    "prompt": "Fox 狐狸 says: 'hi'",
    "negative_prompt": "",
    "resolution": "720P",
    "ratio": "16:9",
    "duration": 5,
    "prompt_extend": True,
    "watermark": False,
    "seed": 12345,
    "api_key": KEY,
}


@pytest.fixture
def simulator(tmp_path, monkeypatch):
    with Simulator(tmp_path, render="none", limits=Limits.unlimited(running=5)) as simulator:
        monkeypatch.setattr(dashscope, "base_http_api_url", simulator.base_url)
        yield simulator
    gc.collect()


@pytest.fixture
def slow_start(tmp_path, monkeypatch):
    with Simulator(tmp_path, render="none", schedule_seconds=60) as simulator:
        monkeypatch.setattr(dashscope, "base_http_api_url", simulator.base_url)
        yield simulator
    gc.collect()


class TestVideoSynthesis:
    def test_call_waits_for_the_video(self, simulator):
        response = VideoSynthesis.call(**SAMPLE)

        assert response.status_code == HTTPStatus.OK
        assert response.output.task_status == "SUCCEEDED"
        assert response.output.orig_prompt == SAMPLE["prompt"]
        assert (response.usage["duration"], response.usage["SR"], response.usage["video_count"]) == (5, 720, 1)
        video = requests.get(response.output.video_url, timeout=60)
        assert video.content == simulator.video_bytes(response.output.task_id)

    def test_async_call_fetch_and_wait(self, simulator):
        created = VideoSynthesis.async_call(**SAMPLE)
        fetched = VideoSynthesis.fetch(created, api_key=KEY)
        done = VideoSynthesis.wait(created.output.task_id, api_key=KEY)

        assert created.output.task_status == "PENDING"
        assert fetched.output.task_id == created.output.task_id
        assert done.output.task_status == "SUCCEEDED"

    def test_list(self, simulator):
        created = VideoSynthesis.async_call(**SAMPLE)

        listed = VideoSynthesis.list(model_name=MODEL, page_no=1, page_size=5, api_key=KEY)

        assert listed.output["total"] == 1
        assert [entry["task_id"] for entry in listed.output["data"]] == [created.output.task_id]

    def test_cancel(self, slow_start):
        created = VideoSynthesis.async_call(**SAMPLE)

        canceled = VideoSynthesis.cancel(created, api_key=KEY)

        assert canceled.status_code == HTTPStatus.OK
        assert VideoSynthesis.fetch(created, api_key=KEY).output.task_status == "CANCELED"

    def test_a_local_file_is_uploaded(self, simulator, tmp_path):
        file = tmp_path / "voice sample.wav"
        file.write_bytes(tone(3))

        response = VideoSynthesis.call(**SAMPLE, audio_url=str(file))

        assert response.output.task_status == "SUCCEEDED"
        assert simulator.ledger()[0].audio_sha256 is not None

    def test_a_failed_task_carries_its_code(self, simulator):
        response = VideoSynthesis.call(**{**SAMPLE, "duration": 99})

        assert response.status_code == HTTPStatus.OK
        assert response.output.task_status == "FAILED"
        assert response.output["code"] == "InvalidParameter"

    def test_throttling_is_returned(self, simulator):
        simulator.faults.add("throttle_create", times=1)

        response = VideoSynthesis.async_call(**SAMPLE)

        assert (response.status_code, response.code) == (429, "Throttling.RateQuota")

    def test_an_html_error_is_unknown(self, simulator):
        simulator.faults.add("create_500", times=1, html=True)

        response = VideoSynthesis.async_call(**SAMPLE)

        assert (response.status_code, response.code) == (500, "Unknown")


def run(journey):
    """Runs a coroutine and closes the session the SDK keeps for its event loop."""

    async def journey_and_close():
        try:
            return await journey
        finally:
            await (await get_shared_aio_session()).close()

    return asyncio.run(journey_and_close())


class TestAioVideoSynthesis:
    def test_call_waits_for_the_video(self, simulator):
        response = run(AioVideoSynthesis.call(**SAMPLE))

        assert response.output.task_status == "SUCCEEDED"
        assert response.usage["ratio"] == "16:9"

    def test_async_call_fetch_and_list(self, simulator):
        async def journey():
            created = await AioVideoSynthesis.async_call(**SAMPLE)
            fetched = await AioVideoSynthesis.fetch(created, api_key=KEY)
            listed = await AioVideoSynthesis.list(api_key=KEY)
            return created, fetched, listed

        created, fetched, listed = run(journey())

        assert fetched.output.task_id == created.output.task_id
        assert listed.output["total"] == 1

    def test_cancel(self, slow_start):
        async def journey():
            created = await AioVideoSynthesis.async_call(**SAMPLE)
            return await AioVideoSynthesis.cancel(created, api_key=KEY)

        assert run(journey()).status_code == HTTPStatus.OK
        assert slow_start.ledger()[0].status == "CANCELED"


class TestClient:
    @pytest.fixture
    def client(self, simulator):
        client = dashscope.Client(api_key=KEY, base_url=simulator.base_url)
        yield client
        client.close()

    def test_generates(self, client, simulator):
        job = client.videos.generate(model=MODEL, prompt="a boat", resolution="720P", ratio="16:9", duration=5)

        assert (job.status, job.usage.duration) == ("SUCCEEDED", 5)
        assert requests.get(job.video_url, timeout=60).content == simulator.video_bytes(job.task_id)

    def test_creates_and_fetches_jobs(self, client):
        created = client.videos.jobs.create(model=MODEL, prompt="a boat")

        fetched = client.videos.jobs.fetch(created.task_id)

        assert fetched.task_id == created.task_id
