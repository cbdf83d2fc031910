import os
import signal
import subprocess
import sys
import time

import pytest
import requests

from tests.dashscope_simulator.conftest import CREATE

HEADERS = {"Authorization": "Bearer sk-alice", "X-DashScope-Async": "enable"}


@pytest.fixture
def launch(tmp_path):
    """Starts the command; the process and its base URL once it has said that it is ready."""
    running = []

    def launch(*options):
        command = [sys.executable, "-m", "dashscope_simulator", "--port", "0", "--data-dir", str(tmp_path), *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        running.append(process)
        return process, process.stdout.readline().rpartition(" ")[2].strip()

    yield launch
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


class TestCommand:
    def test_prints_its_base_url_and_ends_at_once_on_sigterm(self, launch):
        process, base_url = launch("--render", "none")
        health = requests.get(base_url.replace("/api/v1", "/healthz"), timeout=60)

        began = time.monotonic()
        process.send_signal(signal.SIGTERM)

        assert process.wait(60) == 0
        assert time.monotonic() - began < 5
        assert health.json() == {"status": "ok"}

    def test_an_accepted_task_survives_kill_9(self, launch):
        process, base_url = launch("--render", "none", "--render-seconds", "100")
        body = {"model": "wan2.7-t2v", "input": {"prompt": "a boat"}}
        answer = requests.post(base_url + CREATE, json=body, headers=HEADERS, timeout=60).json()
        os.kill(process.pid, signal.SIGKILL)

        _, base_url = launch("--render", "none")
        ledger = requests.get(base_url.replace("/api/v1", "/simulator/ledger"), timeout=60).json()

        assert [entry["task_id"] for entry in ledger] == [answer["output"]["task_id"]]
