"""The tests' settings for one part of the bench: Wan at BENCH_WAN_URL, every interval times BENCH_SCALE."""

import os

from generations.storage_options import s3_options
from tests import settings as tests_settings
from tests.settings import *  # noqa: F403

SCALE = float(os.environ.get("BENCH_SCALE", "1"))
FASTEST_TICK = 0.1  # seconds; below that beat itself would be measured

DASHSCOPE_HTTP_BASE_URL = os.environ.get("BENCH_WAN_URL", "http://127.0.0.1:9/api/v1")
LOOK_FIRST = tests_settings.LOOK_FIRST * SCALE
LOOK_PENDING = tests_settings.LOOK_PENDING * SCALE
LOOK_BEHIND = tests_settings.LOOK_BEHIND * SCALE
LOOK_EVERY = tests_settings.LOOK_EVERY * SCALE
USUAL_SECONDS = {name: seconds * SCALE for name, seconds in tests_settings.USUAL_SECONDS.items()}
CELERY_BEAT_SCHEDULE = {
    name: entry
    | {
        "schedule": max(FASTEST_TICK, entry["schedule"] * SCALE),
        "options": entry["options"] | {"expires": max(1.0, entry["schedule"] * SCALE)},
    }
    for name, entry in tests_settings.CELERY_BEAT_SCHEDULE.items()
    if isinstance(entry["schedule"], float)  # the others go by the clock
}
LOGGING["root"]["level"] = "WARNING"  # noqa: F405
if BUCKET_URL := os.environ.get("BENCH_BUCKET_URL"):
    BUCKET = s3_options(
        bucket="library",
        endpoint_url=BUCKET_URL,
        region_name="us-east-1",
        access_key="key",
        secret_key="secret",
        addressing_style="path",
    )
    STORAGES["s3"] = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": BUCKET}  # noqa: F405
