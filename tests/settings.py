"""Settings of the tests: the real ones, with an own data directory and nothing from the developer's environment.

`STUDIO_TEST_DATABASE_URL` and `STUDIO_TEST_BROKER_URL` choose PostgreSQL and Redis; unset, SQLite and files.
"""

import os
import tempfile

for name in list(os.environ):
    if name.startswith(("DASHSCOPE_", "AWS_", "STUDIO_", "DJANGO_", "EMAIL_", "CELERY_")) and name not in (
        "DJANGO_SETTINGS_MODULE",
        "STUDIO_TEST_DATABASE_URL",
        "STUDIO_TEST_BROKER_URL",
        "STUDIO_TEST_DATA_DIR",
    ):
        del os.environ[name]
os.environ["STUDIO_DATA_DIR"] = os.environ.get("STUDIO_TEST_DATA_DIR") or tempfile.mkdtemp(prefix="wanstudio-tests-")
os.environ["DASHSCOPE_API_KEY"] = "sk-test-0123456789"
os.environ["DASHSCOPE_HTTP_BASE_URL"] = "http://127.0.0.1:9/api/v1"
os.environ["STUDIO_OPEN_SIGNUP"] = "true"
os.environ["DJANGO_SECRET_KEY"] = "tests-only-" + "x" * 40
os.environ["STUDIO_ENCRYPTION_KEYS"] = "ZmFrZS1rZXktZm9yLXRlc3RzLW9ubHktMDEyMzQ1Njc="
os.environ["STUDIO_SIGNING_KEY"] = "tests-only"
if database := os.environ.get("STUDIO_TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = database
if broker := os.environ.get("STUDIO_TEST_BROKER_URL"):
    os.environ["CELERY_BROKER_URL"] = broker

from wanstudio.settings import *  # noqa: E402, F403
from wanstudio.settings import LANGUAGES, STATIC_ROOT, STORAGES  # noqa: E402

STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STUDIO_LANGUAGES = [code for code, _name in LANGUAGES]
