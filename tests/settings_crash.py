"""Settings of the workers that test_crash kills: the tests', with the waiting scaled down to about a second."""

import os

from tests.settings import *  # noqa: F403

DASHSCOPE_HTTP_BASE_URL = os.environ["CRASH_WAN_URL"]
POST_DEADLINE = 1.0
SUBMIT_LEASE = 1.3
STUCK_MARGIN = 0.3
RECONCILE_READINGS = (0.3, 0.6)
WORK_LEASE = 0.6
LOOK_FIRST = 0.5
LOOK_PENDING = LOOK_BEHIND = 1.0
LOOK_EVERY = LOOK_DEMO = 0.5
if "STUDIO_TEST_BROKER_URL" not in os.environ:
    CELERY_BROKER_URL = "memory://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {}
