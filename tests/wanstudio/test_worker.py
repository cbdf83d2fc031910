"""What a worker's pool process does when its worker is gone."""

from __future__ import annotations

import subprocess
import sys

from tests.run import ROOT

# The child is as late as on a busy machine: its worker has died before it looks for it.
LATE = """
import os, time
from wanstudio import celery
celery.note_worker()
worker = os.getpid()
if os.fork():
    os._exit(0)
while os.getppid() == worker:
    time.sleep(0.01)
celery.end_with_worker()
time.sleep(600)
"""


class TestPoolProcess:
    def test_ends_though_its_worker_died_before_it_was_there(self):
        done = subprocess.run([sys.executable, "-c", LATE], cwd=ROOT, capture_output=True, timeout=120)

        assert (done.returncode, done.stderr) == (0, b"")
