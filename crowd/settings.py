"""All settings, read from the environment (the README has the table); checked by crowd.kernel.checks.

Nothing has to be set for a site on this machine. A site for others sets CROWD_URL to its address, and then
`manage.py check --deploy` names everything else that is missing.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF, UNSAFE_INLINE
from kombu import Exchange, Queue

from crowd.kernel import environment as env
from crowd.kernel.postgres import server

BASE_DIR = Path(__file__).resolve().parent.parent
CROWD_DATA = server.data_folder()

# --- Who and where -----------------------------------------------------------------------------------------------
CROWD_URL = env.origin("CROWD_URL", "http://127.0.0.1:8000")
CROWD_LOCAL = urlsplit(CROWD_URL).hostname in ("127.0.0.1", "localhost", "::1")
DEBUG = env.flag("CROWD_DEBUG")
CROWD_DEMO = env.flag("CROWD_DEMO")  # a site for trying out: mail is not confirmed, nobody double-checks, time may jump

# A key of our own making is good enough for this machine only: elsewhere it would be lost with the container.
SECRET_KEY = env.text("CROWD_SECRET_KEY") or (env.kept_secret(CROWD_DATA / "secret_key") if CROWD_LOCAL else "")
SECRET_KEY_FALLBACKS = env.listing("CROWD_SECRET_KEY_FALLBACKS")
CROWD_MASTER_KEY = env.text("CROWD_MASTER_KEY") or (
    env.derived_key(SECRET_KEY, "crowd master key") if CROWD_LOCAL else ""
)

ALLOWED_HOSTS = [urlsplit(CROWD_URL).hostname or "localhost", *env.listing("CROWD_HOSTS")]
if CROWD_LOCAL:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [CROWD_URL]
CROWD_PROXIES = env.number("CROWD_PROXIES", 0)  # how many proxies of ours append to X-Forwarded-For

CROWD_SITE_NAME = env.text("CROWD_SITE_NAME", "Crowd")
CROWD_OPERATOR_NAME = env.text("CROWD_OPERATOR_NAME")
CROWD_OPERATOR_ADDRESS = env.text("CROWD_OPERATOR_ADDRESS")
CROWD_TERMS_FILE = env.text("CROWD_TERMS_FILE")
CROWD_PRIVACY_FILE = env.text("CROWD_PRIVACY_FILE")

# --- Money and fairness ------------------------------------------------------------------------------------------
CROWD_FEE_RATE = env.decimal("CROWD_FEE_RATE", "0.20")
CROWD_PAY_FLOOR = env.amounts("CROWD_PAY_FLOOR")  # by currency: what an hour of work pays at least
CROWD_CURRENCIES = env.listing("CROWD_CURRENCIES", "USD,EUR")  # XTS, test money, is always there besides
CROWD_APPEAL_DAYS = env.number("CROWD_APPEAL_DAYS", 14)
CROWD_APPEAL_DECISION_DAYS = env.number("CROWD_APPEAL_DECISION_DAYS", 7)  # undecided after so many, it is granted
CROWD_APPEAL_PEERS = env.number("CROWD_APPEAL_PEERS", 3)  # so many further workers are asked a contested task
# A requester's rejections go to staff first where they are so many (within a day), and such a share of all decided.
CROWD_HOLD_REJECTIONS_FROM = env.number("CROWD_HOLD_REJECTIONS_FROM", 10)
CROWD_HOLD_REJECTIONS_SHARE = env.decimal("CROWD_HOLD_REJECTIONS_SHARE", "0.30")
CROWD_PAYOUT_MINIMUM = env.decimal("CROWD_PAYOUT_MINIMUM", "1")  # units of the currency
CROWD_PAYOUT_HOLD_HOURS = env.number("CROWD_PAYOUT_HOLD_HOURS", 72)  # payouts wait so long after a changed profile
CROWD_PAYOUT_RECORD_DAYS = env.number("CROWD_PAYOUT_RECORD_DAYS", 3650)  # how long the law wants records of payouts
CROWD_TEST_MONEY_CAP = env.decimal("CROWD_TEST_MONEY_CAP", "1000000")  # XTS an organisation may hold
CROWD_TWO_PERSON_RULE = env.flag("CROWD_TWO_PERSON_RULE", default=not CROWD_DEMO)
CROWD_STAFF_SECOND_FACTOR = env.flag("CROWD_STAFF_SECOND_FACTOR", default=not CROWD_DEMO)
# Staff look at an organisation's first project for the public before workers see it.
CROWD_REVIEW_FIRST_PROJECT = env.flag("CROWD_REVIEW_FIRST_PROJECT", default=not CROWD_DEMO)
CROWD_REPORTS_TO_PAUSE = env.number("CROWD_REPORTS_TO_PAUSE", 3)  # so many workers' reports, and staff look again
CROWD_BOARD_ANSWERS = env.number("CROWD_BOARD_ANSWERS", 10)  # accepted ones, and a worker may read the workers' board
CROWD_WARNED_MINUTES = env.number("CROWD_WARNED_MINUTES", 120)  # of content with a warning, of one worker in 24 hours
# Within how many hours staff promise to answer, by what it is about (crowd.talk.states.Category).
HELP = {"money": 24, "account": 24, "work": 48, "posting": 48, "harm": 12, "other": 72}
CROWD_HELP_HOURS = HELP | {
    about: int(hours)
    for about, hours in env.pairs("CROWD_HELP_HOURS", form="[0-9]+", example="money=12,other=96", known=HELP).items()
}
# Public keys by site: their workers' records count here.
CROWD_TRUSTED_SITES = env.pairs("CROWD_TRUSTED_SITES", form=".+", example="https://other.example=KEY")
CROWD_CLOCK_MAY_SHIFT = env.flag("CROWD_CLOCK_MAY_SHIFT", default=CROWD_DEMO)

# --- Apps --------------------------------------------------------------------------------------------------------
OURS = [
    "crowd.kernel",
    "crowd.users",
    "crowd.notices",
    "crowd.ledger",
    "workers",
    "qualifications",
    "crowd.projects",
    "crowd.payouts",
    "crowd.assignments",
    "crowd.bonuses",
    "crowd.talk",
    "crowd.consensus",
    "crowd.gold",
    "crowd.guidance",
    "crowd.rules",
    "crowd.review",
    "crowd.operations",
    "crowd.api",
    "crowd.web",
]
INSTALLED_APPS = [
    *OURS,
    "crowd.kernel.admin_app.ReadOnlyAdminConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # of allauth's pages
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.headless",
    "allauth.usersessions",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]
MIDDLEWARE = [
    "crowd.web.short_way.ShortWay",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crowd.web.policy.PolicyMiddleware",
    "crowd.kernel.outage.OutageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "workers.sign_in.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "crowd.users.activity.ActivityMiddleware",
    "crowd.kernel.zone.ReaderZoneMiddleware",
    "crowd.web.page_time.PageTime",
    "crowd.web.errors.ErrorPages",
]
ROOT_URLCONF = "crowd.urls"
WSGI_APPLICATION = "crowd.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "crowd.web.navigation.site",
            ],
        },
    },
]

# --- Database, cache, jobs ---------------------------------------------------------------------------------------
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": env.database(url) if (url := env.text("DATABASE_URL")) else server.settings(CROWD_DATA)}
DATABASES["default"] |= {
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
    "TEST": {"NAME": env.text("CROWD_TEST_DATABASE", "test_crowd")},
}
# Django's own None forbids prepared statements altogether. This allows what asks for it (crowd.kernel.sql) and nothing
# else: no statement is ever run so often that it is prepared unasked.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("prepare_threshold", 2**31)
if env.flag("CROWD_TRANSACTION_POOLER"):  # each transaction may get another connection: nothing may stay on one
    DATABASES["default"]["OPTIONS"]["prepare_threshold"] = None
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
if url := env.text("DATABASE_REPLICA_URL"):  # for those who read much, and only while it is as fresh as they need it
    DATABASES["replica"] = env.replica(url, DATABASES["default"])
DATABASE_ROUTERS = ["crowd.kernel.replica.Router"]
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "crowd.kernel.cache.PatientRedisCache",
        "LOCATION": url,
        # Nobody waits longer for what he can do without, and then nobody asks for five seconds (crowd.kernel.cache).
        "OPTIONS": {"socket_timeout": 1},
    }
    if (url := env.cache("CACHE_URL"))
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Figures of large projects (crowd.web.requester.kept): jobs count what the site's processes show.
    "figures": {"BACKEND": "crowd.kernel.cache.PatientRedisCache", "LOCATION": url, "OPTIONS": {"socket_timeout": 1}}
    if url
    else {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": CROWD_DATA / "figures",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
    # Parts of pages that read alike for everybody, in the memory of each process: asking elsewhere would cost as much.
    "fragments": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "fragments",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}

CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL", "filesystem://localhost")
if CELERY_BROKER_URL.startswith("filesystem:"):
    CELERY_BROKER_TRANSPORT = "crowd.kernel.folder_broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(CROWD_DATA / "broker" / "messages"),
        "data_folder_out": str(CROWD_DATA / "broker" / "messages"),
        "control_folder": str(CROWD_DATA / "broker" / "control"),
        "polling_interval": 0.2,
    }
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # its messages would lie in the folder for ever
    for folder in ("messages", "control"):
        env.folder(CROWD_DATA / "broker" / folder)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever: after a long outage work resumes by itself too
# Publishing never holds up a request: a job message is only a hint, the sweeps find the work anyway.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
# Jobs with a queue of their own, by name or pattern: pay must not wait behind a large aggregation, nothing behind a
# slow mail server. The rest is short. A job worker serves all of them unless it is told which (--queues money).
QUEUES: dict[str, list[str]] = {
    "celery": [],
    "money": [
        "crowd.ledger.*",
        "crowd.payouts.*",
        "assignments.release",
        "assignments.top_up*",
        "consensus.settle_project",
        "review.grant_overdue",
    ],
    "aggregation": [
        "assignments.fold_skills",
        "consensus.aggregate_project",
        "consensus.close_project",
        "consensus.count_bias",
        "consensus.write_export",
        "crowd.operations.jobs.verify",
        "crowd.projects.jobs.process_upload",
        "gold.audit",
    ],
    "mail": ["notices.*"],
}
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in QUEUES]
CELERY_TASK_ROUTES = {job: {"queue": name} for name, of_it in QUEUES.items() for job in of_it}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 15 * 60
CELERY_TASK_TIME_LIMIT = 20 * 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(CROWD_DATA / "beat-schedule")
# Name of the entry -> {"task": "crowd.x.jobs.y", "schedule": seconds or celery.schedules.crontab}.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "fold accounts": {"task": "crowd.ledger.jobs.fold_accounts", "schedule": 600},
    "check ledger": {"task": "crowd.ledger.jobs.check_ledger", "schedule": 3600},
    "forget payout files": {"task": "crowd.payouts.jobs.forget_files", "schedule": 24 * 3600},
    "forget requests": {"task": "crowd.kernel.jobs.forget_idempotency_records", "schedule": 3600},
    "destroy due keys": {"task": "crowd.users.jobs.destroy_due_keys", "schedule": 3600},
    "lift overdue blocks": {"task": "workers.jobs.lift_overdue_blocks", "schedule": 60},
    "mail notices": {"task": "notices.sweep", "schedule": 30, "options": {"expires": 30}},
    "expire attempts": {"task": "qualifications.jobs.expire_attempts", "schedule": 60},
    "tell endings": {"task": "qualifications.jobs.tell_endings", "schedule": 3600},
    "forget documents": {"task": "qualifications.jobs.forget_documents", "schedule": 24 * 3600},
    "find imports": {"task": "crowd.projects.jobs.sweep_uploads", "schedule": 60},
    # A sweep that nobody came to run is worthless when the next one is there: it expires instead of piling up.
    "expire assignments": {"task": "assignments.expire", "schedule": 15, "options": {"expires": 15}},
    "recount answers": {"task": "assignments.recount_sweep", "schedule": 15, "options": {"expires": 15}},
    "find projects": {"task": "consensus.sweep", "schedule": 15, "options": {"expires": 15}},
    "find gold": {"task": "gold.sweep", "schedule": 60, "options": {"expires": 60}},
    "find exports": {"task": "consensus.sweep_exports", "schedule": 60, "options": {"expires": 60}},
    "find bias reports": {"task": "consensus.sweep_bias", "schedule": 60, "options": {"expires": 60}},
    "look at rules": {"task": "rules.sweep", "schedule": 60, "options": {"expires": 60}},
    "release rejections": {"task": "assignments.release", "schedule": 300},
    "find reviews": {"task": "review.sweep", "schedule": 60, "options": {"expires": 60}},
    "grant overdue appeals": {"task": "review.grant_overdue", "schedule": 300},
    "top up pay": {"task": "assignments.top_up_sweep", "schedule": 600, "options": {"expires": 600}},
    "fold standing": {"task": "assignments.fold_standing", "schedule": 300},
    "delete idle files": {"task": "assignments.sweep_contributions", "schedule": 3600},
    "fold skills": {"task": "assignments.fold_skills", "schedule": 3600},
    "find figures": {"task": "web.sweep_figures", "schedule": 60, "options": {"expires": 60}},
    "verify": {"task": "crowd.operations.jobs.verify", "schedule": 24 * 3600},
}

# --- Files -------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.folder(Path(env.text("CROWD_STATIC", str(CROWD_DATA / "static"))))
WHITENOISE_USE_FINDERS = CROWD_LOCAL  # no collectstatic on this machine
MEDIA_ROOT = CROWD_DATA / "media"
CROWD_EXPORT_DAYS = env.number("CROWD_EXPORT_DAYS", 7)  # how long an export that a job wrote is kept
CROWD_MEDIA_LINK_SECONDS = env.number("CROWD_MEDIA_LINK_SECONDS", 900)
CROWD_MEDIA_ORIGIN = env.origin("CROWD_MEDIA_ORIGIN")  # https://bucket.example: where the browser loads S3 media from
CROWD_UPLOAD_LIMIT_BYTES = env.number("CROWD_UPLOAD_LIMIT_BYTES", 2 * 1024**3)
# Media fetched at import: one file's size and time, and networks reached though not public ("10.1.0.0/16").
CROWD_FETCH_LIMIT_BYTES = env.number("CROWD_FETCH_LIMIT_BYTES", 100 * 1024**2)
CROWD_FETCH_SECONDS = env.number("CROWD_FETCH_SECONDS", 60)
CROWD_FETCH_ALLOW_PRIVATE = env.networks("CROWD_FETCH_ALLOW_PRIVATE")
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024**2
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
DATA_UPLOAD_MAX_NUMBER_FILES = 100
FILE_UPLOAD_PERMISSIONS = 0o640
CROWD_S3_BUCKET = env.text("CROWD_S3_BUCKET")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "crowd.kernel.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": CROWD_S3_BUCKET,
            "endpoint_url": env.text("CROWD_S3_ENDPOINT") or None,
            "region_name": env.text("CROWD_S3_REGION") or None,
            "default_acl": None,
            "file_overwrite": False,
            "querystring_expire": CROWD_MEDIA_LINK_SECONDS,
        },
    }
    if CROWD_S3_BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if CROWD_LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Sign-in -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "users.User"
SESSION_ENGINE = "workers.sign_in"
AUTHENTICATION_BACKENDS = [
    "workers.sign_in.PersonBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
CSRF_FAILURE_VIEW = "crowd.web.errors.csrf_failure"
ACCOUNT_ADAPTER = "crowd.users.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
# Whoever cannot send mail yet must still be able to sign in on his own machine.
ACCOUNT_EMAIL_VERIFICATION = "optional" if CROWD_LOCAL and (DEBUG or CROWD_DEMO) else "mandatory"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(CROWD_URL).scheme
ACCOUNT_SESSION_REMEMBER = None
# Before another address, to which the password could be sent, is added: a browser left open is not enough.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ALLAUTH_TRUSTED_PROXY_COUNT = CROWD_PROXIES
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = CROWD_LOCAL
MFA_TOTP_ISSUER = urlsplit(CROWD_URL).hostname
USERSESSIONS_TRACK_ACTIVITY = True  # the page tells it; written by crowd.users.activity

# --- REST --------------------------------------------------------------------------------------------------------
# How often one person may ask, by kind of request (crowd.api.throttles): "work=600/min,money=60/min" changes some.
RATES = {
    "read": "600/min",
    "work": "600/min",  # take, submit, return
    "write": "240/min",
    "money": "60/min",
    "heavy": "30/min",  # uploads, exports, aggregation
    "media": "1200/min",
}
CROWD_API_RATES = RATES | env.pairs(
    "CROWD_API_RATES", form="[0-9]+/(s|sec|min|m|hour|h|day|d)", example="work=600/min,money=60/min", known=RATES
)
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "NUM_PROXIES": CROWD_PROXIES,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Crowd labeling marketplace",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "PATH_CONVERTER_OVERRIDES": {"id": {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}},
    # The usual hook is left out: choices stand where they are used, for many of ours are called "state".
    "POSTPROCESSING_HOOKS": ["crowd.api.schema.introduced"],
}

# --- Mail, language, time ----------------------------------------------------------------------------------------
globals().update(env.email(env.text("EMAIL_URL"), CROWD_DATA / "mail"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("CROWD_MAIL_FROM", f"noreply@{urlsplit(CROWD_URL).hostname}")
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "crowd" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Security ----------------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not CROWD_LOCAL
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = not CROWD_LOCAL and env.flag("CROWD_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CROWD_PROXIES else None
SECURE_HSTS_SECONDS = env.number("CROWD_HSTS_SECONDS", 0 if CROWD_LOCAL else 30 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.flag("CROWD_HSTS_SUBDOMAINS")
# Whether all subdomains are https, for ever, is the operator's to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
MEDIA_SOURCES = [SELF, "blob:", *([CROWD_MEDIA_ORIGIN] if CROWD_MEDIA_ORIGIN else [])]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "style-src-attr": [UNSAFE_INLINE],  # the drawing tools place their marks by style attributes
        "img-src": [*MEDIA_SOURCES, "data:"],
        "media-src": MEDIA_SOURCES,
        "connect-src": MEDIA_SOURCES,
        "font-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "manifest-src": [SELF],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"plain outages": {"()": "crowd.kernel.outage.PlainOutages"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["plain outages"]}},
    "root": {"handlers": ["stderr"], "level": env.choice("CROWD_LOG_LEVEL", "WARNING", env.LEVELS)},
}
