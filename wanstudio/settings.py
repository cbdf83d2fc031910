"""All settings, read once from the environment (`.env.example` lists every variable).

Unset means the embedded default: SQLite, local files, the filesystem broker. A wrong value stops the start with one
sentence that names it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from csp.constants import SELF
from django.core.exceptions import ImproperlyConfigured
from kombu.entity import Queue

from generations.storage_options import s3_options
from wanstudio import environment as env
from wanstudio.schedule import BEAT

BASE_DIR = env.ROOT
VERSION = "0.1.0"

# Site ---------------------------------------------------------------------------------------------------------------
DEBUG = env.flag("DJANGO_DEBUG", default=False)
STUDIO_DEMO = env.flag("STUDIO_DEMO", default=False)
STUDIO_OPEN_SIGNUP = env.flag("STUDIO_OPEN_SIGNUP", default=STUDIO_DEMO)
STUDIO_BASE_URL = env.url("STUDIO_BASE_URL") or "http://127.0.0.1:8000"
STUDIO_TRUSTED_PROXIES = env.networks("STUDIO_TRUSTED_PROXIES")
STUDIO_DATA_DIR = env.directory("STUDIO_DATA_DIR", BASE_DIR / "var")
HTTPS = STUDIO_BASE_URL.startswith("https://")
HOST = urlsplit(STUDIO_BASE_URL).hostname or ""
ALLOWED_HOSTS = [HOST, "127.0.0.1", "localhost", "[::1]", *env.words("DJANGO_ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [STUDIO_BASE_URL]
ROOT_URLCONF = "wanstudio.urls"
WSGI_APPLICATION = "wanstudio.wsgi.application"

# Data ---------------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{STUDIO_DATA_DIR / 'studio.sqlite3'}")}
SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if SQLITE:
    # IMMEDIATE: a deferred read-to-write upgrade fails at once, the time-out does not help it. FULL: a paid task id
    # must survive a power cut.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA mmap_size=134217728;"
        "PRAGMA journal_size_limit=27103364;PRAGMA cache_size=2000;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Limits are counted in it: one that is full throws the lowest keys out first, and those are theirs.
    "default": env.parsed("CACHE_URL", "dbcache://studio_cache?max_entries=20000", "cache_url_config"),
    # For what each process may find out for itself: asking a database would cost as much as measuring.
    "memory": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "studio",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}

# Secrets ------------------------------------------------------------------------------------------------------------
SHARED_SECRETS = not SQLITE and not DEBUG
SECRETS_DIR = STUDIO_DATA_DIR / "secrets"
SECRET_KEY = env.own_secret("DJANGO_SECRET_KEY", SECRETS_DIR, required=SHARED_SECRETS)
STUDIO_ENCRYPTION_KEYS = env.encryption_keys("STUDIO_ENCRYPTION_KEYS", SECRETS_DIR, required=SHARED_SECRETS)
STUDIO_SIGNING_KEY = env.own_secret("STUDIO_SIGNING_KEY", SECRETS_DIR, required=SHARED_SECRETS)

# The Wan service ----------------------------------------------------------------------------------------------------
DASHSCOPE_API_KEY = env.matching("DASHSCOPE_API_KEY", r"[\x21-\x7e]{1,300}", "a key has no blanks in it.")
DASHSCOPE_REGION = env.choice("DASHSCOPE_REGION", ("singapore", "beijing"), "singapore")
DASHSCOPE_WORKSPACE_ID = env.matching(
    "DASHSCOPE_WORKSPACE_ID", r"[a-z0-9][a-z0-9-]{1,62}", "only small letters, digits and hyphens."
)
DASHSCOPE_HTTP_BASE_URL = env.url("DASHSCOPE_HTTP_BASE_URL", suffix="/api/v1")
STUDIO_RESULT_HOSTS = env.words("STUDIO_RESULT_HOSTS")
STUDIO_AUDIO_URLS = env.choice("STUDIO_AUDIO_URLS", ("upload", "storage"), "upload")
if STUDIO_DEMO and not DASHSCOPE_HTTP_BASE_URL:
    raise ImproperlyConfigured("STUDIO_DEMO needs DASHSCOPE_HTTP_BASE_URL, the simulator's address.")

# Seconds. POST_DEADLINE is the whole time of one create call; the other numbers are design rules of the way of a video.
POST_DEADLINE = 120.0
SUBMIT_LEASE = 150.0  # longer than the POST's deadline
STUCK_MARGIN = 60.0  # SUBMITTING older than the deadline and this has lost its worker
RECONCILE_READINGS = (30.0, 60.0)  # after the end of the connection
RECONCILE_ASK_AFTER = 600.0
WORK_LEASE = 60.0  # of a claimed row; longer work renews it
ARCHIVE_ALARM_AFTER = timedelta(hours=18)
WAN_KEEPS = timedelta(hours=24)
SWEEP_SECONDS = 20.0  # no sweep runs longer

# Seconds. When a task at Wan is asked for; USUAL_SECONDS until an account has a history (of a 5 s clip, published).
LOOK_FIRST = 3.0  # after the create: has it started?
LOOK_PENDING = 10.0  # in Wan's queue
LOOK_BEHIND = 120.0  # in Wan's queue behind as many of ours as it renders at once: the end of one is the time to ask
LOOK_EVERY = 4.4  # from the moment when the fastest were done
LOOK_DEMO = 2.0  # the same of the simulator, which renders in seconds
USUAL_SECONDS = {"720P": 120.0, "1080P": 180.0}

# Storage ------------------------------------------------------------------------------------------------------------
AWS_STORAGE_BUCKET_NAME = env.text("AWS_STORAGE_BUCKET_NAME")
AWS_S3_PUBLIC_ENDPOINT_URL = env.url("AWS_S3_PUBLIC_ENDPOINT_URL")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "wanstudio.static.StaticFiles"},
    "local": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": STUDIO_DATA_DIR / "media", "base_url": None},
    },
}
AWS_S3_ENDPOINT_URL = env.url("AWS_S3_ENDPOINT_URL")
AWS_S3_OPTIONS: dict[str, Any] = {
    "bucket": AWS_STORAGE_BUCKET_NAME,
    "endpoint_url": AWS_S3_ENDPOINT_URL or None,
    "region_name": env.text("AWS_S3_REGION_NAME") or None,
    "access_key": env.text("AWS_ACCESS_KEY_ID") or None,
    "secret_key": env.text("AWS_SECRET_ACCESS_KEY") or None,
    "addressing_style": env.choice("AWS_S3_ADDRESSING_STYLE", ("virtual", "path", "auto"), "virtual"),
    "signature_version": env.choice("AWS_S3_SIGNATURE_VERSION", ("s3v4", "s3"), "s3v4"),
}
if AWS_STORAGE_BUCKET_NAME:
    STORAGES["s3"] = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": s3_options(**AWS_S3_OPTIONS)}
elif STUDIO_AUDIO_URLS == "storage":
    raise ImproperlyConfigured("STUDIO_AUDIO_URLS=storage needs AWS_STORAGE_BUCKET_NAME: Wan can't fetch local files.")
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024  # a call sheet far too long still gets its words
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_200  # as many selected takes as one action does, and a few fields beside them
UPLOAD_BYTES_MOST = 512 * 1024 * 1024  # of one file; a clip of Wan has some tens of megabytes
FILE_UPLOAD_HANDLERS = [
    "wanstudio.upload.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_TEMP_DIR = None
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# Applications -------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "accounts",
    "teams",
    "generations",
    "screenings",
    "outbox",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "template_partials",
    "wanstudio",
]
MIDDLEWARE = [
    "wanstudio.middleware.ClientMiddleware",
    "wanstudio.middleware.AboutMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "wanstudio.middleware.SessionMiddleware",
    "wanstudio.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "wanstudio.middleware.SessionEndedMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "wanstudio.middleware.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "wanstudio.middleware.LimitMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wanstudio.context.studio",
            ],
        },
    }
]
STATIC_URL = "static/"
STATIC_ROOT = STUDIO_DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "wanstudio.static.Bundles",
]
WHITENOISE_USE_FINDERS = DEBUG

# People -------------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "generations:studio"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ALLAUTH_RATE_LIMIT_IPV6_PREFIX = 48  # the most that one site is commonly given (RFC 6177)
ACCOUNT_RATE_LIMITS = {  # beside allauth's own for sign-in, sign-up and reset
    "invite": "30/h/user,60/h/ip",
    "upload": "100/10m/user,300/10m/ip",
    "screening_passcode": "10/10m/key,60/d/key",  # by link and address: nobody shuts out another (docs/adr/0010)
    "screening_words": "30/m/ip",
}
EMAIL_URL = env.text("EMAIL_URL")
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_URL else "none"
ACCOUNT_EMAIL_NOTIFICATIONS = bool(EMAIL_URL)  # who changes password, address or second factor is told
ACCOUNT_FORMS = {"signup": "accounts.forms.SignupForm", "add_email": "accounts.forms.AddEmailForm"}
MFA_ADAPTER = "accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # browsers themselves allow it on localhost alone
MFA_FORMS = {
    "authenticate_webauthn": "accounts.passkeys.SecondFactorForm",
    "login_webauthn": "accounts.passkeys.LoginForm",
    "reauthenticate_webauthn": "accounts.passkeys.ReauthenticateForm",
    "add_webauthn": "accounts.passkeys.AddForm",
}
MFA_TOTP_ISSUER = "Wan Studio"
MFA_ALLOW_UNVERIFIED_EMAIL = not EMAIL_URL  # where no mail is sent, nobody could ever set up a second factor
EMAIL_TIMEOUT = 10
vars().update(env.parsed("EMAIL_URL", "consolemail://", "email_url_config"))
MAIL_TRANSPORT = vars()["EMAIL_BACKEND"]  # what the worker sends with
EMAIL_BACKEND = "outbox.backend.OutboxBackend"  # what everybody writes to
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"Wan Studio <studio@{HOST}>")

# Jobs ---------------------------------------------------------------------------------------------------------------
BROKER_DIR = STUDIO_DATA_DIR / "broker"
CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL", "filesystem://localhost")
if CELERY_BROKER_URL.startswith("filesystem"):
    BROKER_DIR.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR),
        "data_folder_out": str(BROKER_DIR),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
elif CELERY_BROKER_URL.startswith("redis"):
    # Sub-second: a nudge on commit must not hold up a page when the broker is away.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 0.5, "visibility_timeout": 300}
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": False, "connect_timeout": 0.5}
CELERY_TASK_QUEUES = [Queue("submit"), Queue("watch"), Queue("media")]
CELERY_TASK_DEFAULT_QUEUE = "watch"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # the next tick repairs what a lost message leaves
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_DB_REUSE_MAX = 10**9  # tasks; Celery would open a connection for each (wanstudio.celery.keep_connections)
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 0.5
CELERY_BROKER_POOL_LIMIT = 4
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(STUDIO_DATA_DIR / "beat")
CELERY_BEAT_SCHEDULE = BEAT

# Language and time --------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
# Those of screenings. Of a browser that asks for "zh" alone the first that begins so is chosen.
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文"), ("zh-hant", "繁體中文")]
# Those that all of the studio is translated into: half a page in another language helps nobody.
STUDIO_LANGUAGES = ["en"]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.zone("TIME_ZONE", "UTC")
USE_TZ = True
USE_I18N = True

# Security -----------------------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_SERIALIZER = "wanstudio.encryption.SessionSerializer"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = False  # the proxy in front does that; health checks come over http
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False
# The check's wishes for the two lines above and for a redirect of our own: other hosts of the domain aren't ours.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if STUDIO_TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
STORAGE_ORIGINS = [
    f"{parts.scheme}://{host}"
    for parts in [urlsplit(AWS_S3_PUBLIC_ENDPOINT_URL or AWS_S3_ENDPOINT_URL)]
    if parts.netloc
    for host in (parts.netloc, f"{AWS_STORAGE_BUCKET_NAME}.{parts.netloc}")
]
if AWS_STORAGE_BUCKET_NAME and not STORAGE_ORIGINS:
    STORAGE_ORIGINS = ["https://*.amazonaws.com"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "style-src": [SELF],
        "style-src-attr": ["'unsafe-inline'"],
        "script-src": [SELF],
        "img-src": [SELF, "data:", *STORAGE_ORIGINS],
        "media-src": [SELF, "blob:", *STORAGE_ORIGINS],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": [SELF],
    }
}

# Logs ---------------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "redact": {"()": "wanstudio.logs.Redact"},
        "context": {"()": "wanstudio.logs.Context"},
        "brief": {"()": "wanstudio.logs.Brief"},
        "asked": {"()": "wanstudio.logs.Asked"},
    },
    "formatters": {
        "lines": {"format": "{asctime} {levelname} {name} {generation}{message}", "style": "{"},
        "json": {
            "()": "wanstudio.logs.JsonLines",
            "format": "{asctime}{levelname}{name}{message}{generation_id}",
            "style": "{",
            "json_ensure_ascii": False,
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["context", "redact"],
            "formatter": "lines" if SQLITE or DEBUG else "json",
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        "dashscope_client": {"level": "WARNING"},
        "django.request": {"filters": ["asked"]},
        "django.security.DisallowedHost": {"filters": ["brief"]},
    },
}
