"""Settings of one deployment, all read from the environment.

Nothing set means the embedded default: one process, SQLite, in-memory channel layer and broker, data under ./var.
DATABASE_URL and REDIS_URL make it a production deployment. Every variable is described in docs/operations.md.
"""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from chat_server import environment as env
from chat_server.logs import logging_config
from chat_server.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where things are kept -------------------------------------------------------------------------------------------

XINQIAO_DATA = env.private_directory(Path(env.text("XINQIAO_DATA") or BASE_DIR / "var"))
XINQIAO_KEYFILE = Path(env.text("XINQIAO_KEYFILE") or XINQIAO_DATA / "keys" / "kek.json")
# Recordings, in sealed segments.
XINQIAO_MEDIA = Path(env.text("XINQIAO_MEDIA") or XINQIAO_DATA / "media")
# Where telephone exchanges put recorded calls, a directory for each (transcription/folder.py); none: nowhere.
XINQIAO_EXCHANGE_FOLDER = Path(env.text("XINQIAO_EXCHANGE_FOLDER")) if env.text("XINQIAO_EXCHANGE_FOLDER") else None
XINQIAO_KEYRING = env.text("XINQIAO_KEYRING", "file")
XINQIAO_DEPLOYMENT = env.text("XINQIAO_DEPLOYMENT")
XINQIAO_VAULT_ADDRESS = env.text("XINQIAO_VAULT_ADDRESS")
XINQIAO_VAULT_TOKEN_FILE = env.text("XINQIAO_VAULT_TOKEN_FILE")
XINQIAO_VAULT_MOUNT = env.text("XINQIAO_VAULT_MOUNT", "transit")
XINQIAO_VAULT_KEY = env.text("XINQIAO_VAULT_KEY", "xinqiao")
XINQIAO_KMS_KEYS = env.listed("XINQIAO_KMS_KEYS")
XINQIAO_PKCS11_MODULE = env.text("XINQIAO_PKCS11_MODULE")
XINQIAO_PKCS11_TOKEN = env.text("XINQIAO_PKCS11_TOKEN")
XINQIAO_PKCS11_PIN_FILE = env.text("XINQIAO_PKCS11_PIN_FILE")
XINQIAO_SUITE = env.choice("XINQIAO_SUITE", "cobblestone", "sm")
XINQIAO_LEDGER_KEYFILE = Path(env.text("XINQIAO_LEDGER_KEYFILE") or XINQIAO_KEYFILE.with_name("ledger.key"))
XINQIAO_FRONTEND = Path(env.text("XINQIAO_FRONTEND") or BASE_DIR / "frontend" / "dist")

DATABASES = {"default": env.database(XINQIAO_DATA)}
EMBEDDED = DATABASES["default"]["ENGINE"].endswith("sqlite3")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Who may connect, and how ----------------------------------------------------------------------------------------

XINQIAO_DEMO = env.flag("XINQIAO_DEMO")
XINQIAO_DEMO_ANYWHERE = env.flag("XINQIAO_DEMO_ANYWHERE")
# Loopback always: health checks ask by address.
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *env.listed("XINQIAO_ALLOWED_HOSTS")]
# Origins that may open a socket or post a form, beside the host's own: https://chat.example.org
XINQIAO_ORIGINS = env.listed("XINQIAO_ORIGINS")
CSRF_TRUSTED_ORIGINS = XINQIAO_ORIGINS

SECRET_KEY = env.text("XINQIAO_SECRET_KEY")
if not SECRET_KEY and EMBEDDED:
    SECRET_KEY = env.secret_file(XINQIAO_DATA / "secret-key")
if not SECRET_KEY:
    raise ImproperlyConfigured("XINQIAO_SECRET_KEY must be set when DATABASE_URL is")

# Never an option: Django's debug page prints local variables, which hold what patients wrote.
DEBUG = False

XINQIAO_HTTPS = env.flag("XINQIAO_HTTPS", default=any(origin.startswith("https://") for origin in XINQIAO_ORIGINS))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = XINQIAO_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if XINQIAO_HTTPS else 0
if XINQIAO_HTTPS:
    # Safe only behind a proxy that sets this header itself, as deploy/nginx.conf does.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
# The prefix makes browsers refuse a cookie that another host of the domain set, or that came without TLS.
_HOST = "__Host-" if XINQIAO_HTTPS else ""
SESSION_COOKIE_NAME = f"{_HOST}xinqiao_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.number("XINQIAO_SESSION_HOURS", 12) * 3600
CSRF_COOKIE_NAME = f"{_HOST}xinqiao_csrf"
CSRF_COOKIE_SAMESITE = "Lax"

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
# Over this Django would put a body into a temporary file in clear; chat_server/bodies.py answers 413 long before.
FILE_UPLOAD_MAX_MEMORY_SIZE = 4_194_304
# Recordings are sealed as they stream in, outside Django; its own handlers would write them to a temporary file.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

# --- The hospital, as its patients know it ----------------------------------------------------------------------------

XINQIAO_HOSPITAL_ZH = env.text("XINQIAO_HOSPITAL_ZH", "信桥示范医院")
XINQIAO_HOSPITAL_EN = env.text("XINQIAO_HOSPITAL_EN", "Xinqiao Demonstration Hospital")
# Behind "Help" on every page of a patient, and beside a call that fails: a person can always be reached.
XINQIAO_HOSPITAL_PHONE = env.text("XINQIAO_HOSPITAL_PHONE", "010-5550-0100" if XINQIAO_DEMO else "")
XINQIAO_EMERGENCY_PHONE = env.text("XINQIAO_EMERGENCY_PHONE", "120")

# --- The application -------------------------------------------------------------------------------------------------

# Daphne is not an app here: it would install Twisted's reactor on import, before chat_server/web.py chooses the event loop.
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "channels",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "chat_server",
    "records",
    "transcription",
    "consult",
]

MIDDLEWARE = [
    "chat_server.middleware.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "chat_server.middleware.Sessions",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "chat_server.urls"
ASGI_APPLICATION = "chat_server.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

AUTH_USER_MODEL = "records.Person"
# Staff without a second factor set one up before anything else; "optional": only who has one shows it.
XINQIAO_STAFF_FACTOR = env.choice(
    "XINQIAO_STAFF_FACTOR", *(("optional", "required") if XINQIAO_DEMO else ("required", "optional"))
)
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
XINQIAO_PASSWORD_LENGTH = 12
_RULES = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_RULES}.MinimumLengthValidator", "OPTIONS": {"min_length": XINQIAO_PASSWORD_LENGTH}},
    {"NAME": f"{_RULES}.CommonPasswordValidator"},
    {"NAME": f"{_RULES}.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("login", "name", "mrn", "email")}},
]
# Single sign-on of staff with OpenID Connect. Empty issuer: there is none.
XINQIAO_OIDC_ISSUER = env.text("XINQIAO_OIDC_ISSUER")
XINQIAO_OIDC_CLIENT = env.text("XINQIAO_OIDC_CLIENT")
XINQIAO_OIDC_SECRET = env.text("XINQIAO_OIDC_SECRET")
XINQIAO_OIDC_CLAIM = env.text("XINQIAO_OIDC_CLAIM", "preferred_username")
XINQIAO_OIDC_NAME = env.text("XINQIAO_OIDC_NAME", "SSO")
# People are entered by the hospital's administrator: nobody signs up, and no address needs confirming.
ACCOUNT_ADAPTER = "records.sessions.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("browser",)
HEADLESS_FRONTEND_URLS = dict.fromkeys(
    ("account_confirm_email", "account_reset_password", "account_reset_password_from_key", "account_signup"), "/sign-in"
)
LOGIN_URL = "/sign-in"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "xinqiao_language"
TIME_ZONE = env.text("XINQIAO_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
USE_I18N = True

# --- Doorbells and jobs ----------------------------------------------------------------------------------------------

REDIS_URL = env.text("REDIS_URL")
# Deployments that share one Redis must differ here, or they take each other's jobs.
REDIS_PREFIX = env.text("XINQIAO_REDIS_PREFIX", "xinqiao")
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": REDIS_PREFIX, "expiry": 10},
    }
    if REDIS_URL
    else {"BACKEND": "chat_server.layers.ThreadSafeInMemoryChannelLayer"}
}

# Failed sign-ins and used tickets: every process counts the same ones.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": REDIS_PREFIX,
        "OPTIONS": {"serializer": "chat_server.caches.Json"},
    }
    if REDIS_URL
    else {"BACKEND": "chat_server.caches.FileCache", "LOCATION": env.private_directory(XINQIAO_DATA / "cache")}
}

CELERY_BROKER_URL = env.celery_broker(REDIS_URL)
# Empty: what the URL says.
CELERY_BROKER_TRANSPORT = "" if REDIS_URL else "chat_server.broker:Transport"
# Redis redelivers what was not acknowledged in this time: longer than the longest transcription, or it would run twice.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 12 * 3600, "global_keyprefix": f"{REDIS_PREFIX}:"} if REDIS_URL else {}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TASK_DEFAULT_QUEUE = "default"
# Minutes of transcription must never stand before a scheduled message. Voice notes go to the queue "voice" (transcription.jobs.QUEUES).
CELERY_TASK_ROUTES = {"transcription.*": {"queue": "transcription"}}
CELERY_TIMEZONE = TIME_ZONE
# Schedules are sweeps over rows and safe to repeat: beat keeps nothing on disk.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE = SCHEDULE

# --- Who else vouches for the ledger ----------------------------------------------------------------------------------

# "URL KEY, URL KEY": witnesses to whom every checkpoint is shown, with the keys that they published.
XINQIAO_WITNESSES = env.listed("XINQIAO_WITNESSES")
XINQIAO_WITNESS_SECONDS = env.number("XINQIAO_WITNESS_SECONDS", 10)
# A time-stamping authority (RFC 3161), and the file with the certificates that its stamps are believed under.
XINQIAO_TSA_URL = env.text("XINQIAO_TSA_URL")
XINQIAO_TSA_CERTIFICATE = env.text("XINQIAO_TSA_CERTIFICATE")
XINQIAO_TSA_MINUTES = env.number("XINQIAO_TSA_MINUTES", 60)

# --- Limits ----------------------------------------------------------------------------------------------------------

# Commands of one person, over all sockets and requests of a process: so many a second, so many at once; 0 turns the limit off.
XINQIAO_FRAMES_PER_SECOND = env.number("XINQIAO_FRAMES_PER_SECOND", 50, least=0)
XINQIAO_FRAMES_BURST = env.number("XINQIAO_FRAMES_BURST", 300)

# Recipients of one broadcast that are written to in a second.
XINQIAO_BROADCAST_PER_SECOND = env.number("XINQIAO_BROADCAST_PER_SECOND", 50)

# --- Calls -----------------------------------------------------------------------------------------------------------

# How long a call rings, and how long a device whose connection is lost has to come back (seconds).
XINQIAO_CALL_RING_SECONDS = env.number("XINQIAO_CALL_RING_SECONDS", 60)
XINQIAO_CALL_GRACE_SECONDS = env.number("XINQIAO_CALL_GRACE_SECONDS", 30)
# Devices send through the relay alone: nobody learns the other's address.
XINQIAO_CALL_RELAY_ONLY = env.flag("XINQIAO_CALL_RELAY_ONLY")
# stun:host:port; turn:host:port?transport=udp. The secret is coturn's static-auth-secret; credentials end after so many seconds.
XINQIAO_STUN_URIS = env.listed("XINQIAO_STUN_URIS")
XINQIAO_TURN_URIS = env.listed("XINQIAO_TURN_URIS")
XINQIAO_TURN_SECRET = env.text("XINQIAO_TURN_SECRET")
XINQIAO_TURN_SECONDS = env.number("XINQIAO_TURN_SECONDS", 3600)
XINQIAO_CAPTIONED_CALLS = env.number("XINQIAO_CAPTIONED_CALLS", 1 if EMBEDDED else 0, least=0)  # at once; 0: no captions

# --- Rooms -----------------------------------------------------------------------------------------------------------

# Janus, on this machine: its socket (none: no rooms), and the two secrets of its configuration. See deploy/janus.
XINQIAO_JANUS_SOCKET = env.text("XINQIAO_JANUS_SOCKET")
XINQIAO_JANUS_API_SECRET = env.text("XINQIAO_JANUS_API_SECRET")
XINQIAO_JANUS_ADMIN_KEY = env.text("XINQIAO_JANUS_ADMIN_KEY")
# A room ends after so long, whatever happens.
XINQIAO_ROOM_HOURS = env.number("XINQIAO_ROOM_HOURS", 4)

# --- Retention -------------------------------------------------------------------------------------------------------

# Whose law gives the shortest times of keeping: cn or hipaa.
XINQIAO_RETENTION = env.choice("XINQIAO_RETENTION", "cn", "hipaa")
XINQIAO_OVERSIGHT = env.oversight()

# --- Uploads ---------------------------------------------------------------------------------------------------------

# Socket of ClamAV's daemon: unix:///run/clamav/clamd.ctl or tcp://host:3310. Empty: uploads are not scanned.
XINQIAO_CLAMD = env.text("XINQIAO_CLAMD")

# --- Speech ----------------------------------------------------------------------------------------------------------

# A directory, a size name (small, large-v3-turbo), or empty: the packaged weights where they are installed.
XINQIAO_SPEECH_MODEL = env.text("XINQIAO_SPEECH_MODEL")
# faster-whisper, or openai-whisper where that package is installed.
XINQIAO_SPEECH_ENGINE = env.text("XINQIAO_SPEECH_ENGINE", "faster-whisper")

# A file with names of medicines that are said here, beside those that come with the product: as many in a line as belong together.
XINQIAO_SPEECH_TERMS = Path(terms) if (terms := env.text("XINQIAO_SPEECH_TERMS")) else None

# --- Logs ------------------------------------------------------------------------------------------------------------

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_config(
    style=env.text("XINQIAO_LOG", "console" if EMBEDDED else "json"), level=env.text("XINQIAO_LOG_LEVEL", "INFO").upper()
)
