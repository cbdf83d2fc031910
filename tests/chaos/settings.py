"""The tests' settings for one storm: every waiting time of the way scaled down, Wan at CHAOS_WAN_URL.

Once a worker or beat takes up its work, the file at CHAOS_SIGN is there.
"""

import os
from pathlib import Path

from celery.signals import beat_init, worker_ready

from tests.settings import *  # noqa: F403

DASHSCOPE_HTTP_BASE_URL = os.environ.get("CHAOS_WAN_URL", "http://127.0.0.1:9/api/v1")
POST_DEADLINE = 5.0
SUBMIT_LEASE = 7.0
STUCK_MARGIN = 2.0
RECONCILE_READINGS = (1.0, 2.0)
WORK_LEASE = 4.0
LOOK_FIRST = 0.5
LOOK_PENDING = 1.0
LOOK_BEHIND = 1.0
LOOK_EVERY = 0.5
USUAL_SECONDS = {"720P": 2.0, "1080P": 2.0}


def tell(**_: object) -> None:
    if sign := os.environ.get("CHAOS_SIGN"):
        Path(sign).touch()


worker_ready.connect(tell)
beat_init.connect(tell)
