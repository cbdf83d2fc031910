import io
import time
import wave

import numpy as np
import pytest
import requests

from dashscope_simulator import Limits, Simulator

CREATE = "/services/aigc/video-generation/video-synthesis"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.moment = 1_795_341_600.123

    def __call__(self):
        return self.moment

    def move(self, seconds):
        self.moment += seconds


class Caller:
    """A plain HTTP client of one account."""

    def __init__(self, simulator, key="sk-alice"):
        self.simulator, self.session = simulator, requests.Session()
        self.session.headers["Authorization"] = f"Bearer {key}"

    def create(self, prompt="a paper boat in the rain", *, headers=None, model="wan2.7-t2v", input=None, **parameters):
        body = {"model": model, "input": {"prompt": prompt, **(input or {})}, "parameters": parameters}
        return self.post(CREATE, json=body, headers={"X-DashScope-Async": "enable", **(headers or {})})

    def post(self, path, **arguments):
        return self.session.post(self.simulator.base_url + path, timeout=10, **arguments)

    def get(self, path, **arguments):
        return self.session.get(self.simulator.base_url + path, timeout=10, **arguments)

    def submit(self, *arguments, **parameters):
        """The id of an accepted task."""
        response = self.create(*arguments, **parameters)
        assert response.status_code == 200, response.text
        return response.json()["output"]["task_id"]

    def query(self, task_id):
        return self.get(f"/tasks/{task_id}").json()

    def finished(self, task_id, seconds=120):
        """The final answer of a task."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answer = self.query(task_id)
            if answer["output"]["task_status"] not in ("PENDING", "RUNNING"):
                return answer
            time.sleep(0.02)
        raise AssertionError(f"still {answer}")

    def status(self, task_id):
        return self.query(task_id)["output"]["task_status"]


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def start(tmp_path):
    """Starts simulators that end with the test; by default without limits on rates and with a placeholder film."""
    running = []

    def start(**options):
        options = {"render": "none", "limits": Limits.unlimited(running=5), "schedule_seconds": 0.0, **options}
        simulator = Simulator(options.pop("data_dir", tmp_path / "simulator"), **options)
        running.append(simulator)
        return simulator.start()

    yield start
    for simulator in running:
        simulator.stop()


@pytest.fixture
def call():
    callers = []

    def call(simulator, key="sk-alice"):
        callers.append(Caller(simulator, key))
        return callers[-1]

    yield call
    for caller in callers:
        caller.session.close()


def tone(seconds, hertz=440, rate=22050):
    """The bytes of a wav file."""
    samples = (np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * hertz / rate) * 12000).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(samples.tobytes())
    return file.getvalue()


def upload(caller, content, name="voice.wav", **changes):
    """Puts a file into the temporary space as the SDK does; the response and the oss:// URL."""
    data = caller.get("/uploads", params={"action": "getPolicy", "model": "wan2.7-t2v"}).json()["data"]
    key = f"{data['upload_dir']}/{name}"
    form = {
        "OSSAccessKeyId": data["oss_access_key_id"],
        "Signature": data["signature"],
        "policy": data["policy"],
        "key": key,
        "x-oss-object-acl": data["x_oss_object_acl"],
        "x-oss-forbid-overwrite": data["x_oss_forbid_overwrite"],
        "success_action_status": "200",
        **changes,
    }
    response = requests.post(data["upload_host"], data=form, files={"file": (name, content)}, timeout=60)
    return response, f"oss://{key}"
