"""Settings of the whole project, every value from the environment.

With no DATABASE_URL the servers are the embedded ones below FOODSHARE_DATA_DIR. Defaults are safe for
production, but for what only the embedded servers on loopback may do without (TLS, a given key).
"""

import os
import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, parse_qsl, urlsplit

import environ
import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

T = TypeVar("T")
BASE_DIR = Path(__file__).resolve().parent.parent
POSTGRESQL_SCHEMES = {"postgres", "postgresql"}
REDIS_SCHEMES = {"redis", "rediss"}
HTTP_SCHEMES = {"http", "https"}
MAIL_SCHEMES = {"smtp", "smtp+tls", "smtp+ssl"}
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
TRUE, FALSE = {"true", "1", "yes", "on"}, {"false", "0", "no", "off"}

# Where the embedded servers keep their data; with DATABASE_URL set they are not used.
FOODSHARE_DATA_DIR = Path(os.environ.get("FOODSHARE_DATA_DIR") or BASE_DIR / ".data").absolute()
# Where `manage.py cluster` keeps a cluster on this machine.
FOODSHARE_CLUSTER_DIR = Path(os.environ.get("FOODSHARE_CLUSTER_DIR") or FOODSHARE_DATA_DIR / "cluster").absolute()
EMBEDDED_SERVERS = not os.environ.get("DATABASE_URL")

env = environ.Env()
if EMBEDDED_SERVERS:
    try:
        env.ENVIRON = {**import_string("ops.servers.environment")(FOODSHARE_DATA_DIR), **os.environ}
    except import_string("ops.servers.ServersError") as error:
        raise ImproperlyConfigured(f"FOODSHARE_DATA_DIR: {error}") from None


def read(name: str, cast: Callable[..., T], default: Any) -> T:
    """Read the variable `name` by `cast`; a bad value is an error that names the variable."""
    try:
        return cast(name, default=default)
    except (ValueError, TypeError, ImproperlyConfigured) as error:
        raise ImproperlyConfigured(f"{name} = {env.ENVIRON.get(name)!r}: {error}") from None


def read_count(name: str, default: int, least: int = 1, most: int = 10**9) -> int:
    """Read a whole number from `least` to `most`."""
    text: str = read(name, env.str, str(default)).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise ImproperlyConfigured(f"{name} = {text!r}: must be a whole number from {least} to {most}")
    return int(text)


def read_limit(name: str, most: int) -> int | None:
    """Read a whole number from 1 to `most`; None where nothing is set."""
    return read_count(name, 1, most=most) if (env.ENVIRON.get(name) or "").strip() else None


def read_switch(name: str, default: bool) -> bool:
    """Read a switch; a word that is neither yes nor no is an error, where environ's own takes it for no."""
    word: str = read(name, env.str, str(default)).strip().lower()
    if word not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} = {word!r}: must be true or false")
    return word in TRUE


def read_url(name: str, schemes: set[str], default: str = "") -> str:
    """Read one server's URL."""
    return check_url(name, read(name, env.str, default) or default, schemes)


def check_url(name: str, url: str, schemes: set[str]) -> str:
    """Return `url` if it has one of `schemes`, a host and what such a server needs; never print its password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from None
    if parts.scheme not in schemes:
        raise ImproperlyConfigured(f"{name}: must begin with {' or '.join(f'{s}://' for s in sorted(schemes))}")
    if port == 0 or not parts.hostname:
        raise ImproperlyConfigured(f"{name}: names no server")
    if schemes == POSTGRESQL_SCHEMES:
        check_database_url(name, parts)
    elif schemes == HTTP_SCHEMES:
        if parts.query or parts.fragment or parts.username:
            raise ImproperlyConfigured(f"{name}: must have no user, query or fragment")
    elif not re.fullmatch(r"(/[0-9]{0,4})?", parts.path, re.ASCII):
        raise ImproperlyConfigured(f"{name}: the database must be a number (…/0)")
    return url


def check_database_url(name: str, parts: SplitResult) -> None:
    """Raise ImproperlyConfigured unless the URL names a database, a user and known options only."""
    if len(parts.path) < 2:
        raise ImproperlyConfigured(f"{name}: names no database (…/foodshare)")
    if not parts.username:
        raise ImproperlyConfigured(f"{name}: names no user")
    check_options(name, parts.query)


def check_options(name: str, query: str) -> None:
    """Raise ImproperlyConfigured unless libpq knows all that is behind a URL's question mark."""
    try:
        options = dict(parse_qsl(query))
        psycopg.conninfo.make_conninfo(**options)
    except psycopg.ProgrammingError as error:
        raise ImproperlyConfigured(f"{name}: {error}".strip()) from None
    if options.get("sslmode", "prefer") not in SSL_MODES:  # libpq looks only when it connects
        raise ImproperlyConfigured(f"{name}: sslmode must be one of {', '.join(SSL_MODES)}")


def read_networks(name: str, default: str) -> list[IPv4Network | IPv6Network]:
    """Read addresses and networks, separated by commas."""
    text: str = read(name, env.str, default)
    try:
        return [ip_network(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from None


def read_libpq_url(name: str) -> str:
    """Read a URL that libpq alone uses, so that it may name several hosts; empty where none is set."""
    url: str = read(name, env.str, "")
    if url:
        check_libpq_url(name, url)
    return url


def check_libpq_url(name: str, url: str) -> None:
    """Raise ImproperlyConfigured unless libpq can use it. What libpq says of its hosts may show the password."""
    if not url.startswith(tuple(f"{scheme}://" for scheme in POSTGRESQL_SCHEMES)):
        raise ImproperlyConfigured(f"{name}: must begin with postgres:// or postgresql://")
    check_options(name, url.partition("?")[2])
    try:
        found = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise ImproperlyConfigured(f"{name}: must be as postgresql://user:password@host:5432,another:5432/foodshare"
                                   ) from None
    for key, meaning in (("host", "server"), ("dbname", "database (…/foodshare)"), ("user", "user")):
        if not found.get(key):
            raise ImproperlyConfigured(f"{name}: names no {meaning}")
    for port in f"{found.get('port', '')}".split(","):
        if port and not (port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65_535):
            raise ImproperlyConfigured(f"{name}: a port must be from 1 to 65535")


def check_mail_url(name: str, url: str) -> str:
    """Return the URL of a mail server if it is one; never print its password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}") from None
    if parts.scheme not in MAIL_SCHEMES or not parts.hostname or port == 0 or parts.path.strip("/") or parts.query:
        raise ImproperlyConfigured(f"{name}: must be as smtp+tls://user:password@host:587 (or smtp://, smtp+ssl://)")
    return url


def read_addresses(name: str) -> list[str]:
    """Read e-mail addresses, separated by commas."""
    addresses = [address.strip() for address in read(name, env.str, "").split(",") if address.strip()]
    for address in addresses:
        if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", address):
            raise ImproperlyConfigured(f"{name} = {address!r}: must be an e-mail address")
    return addresses


def read_webhook(name: str) -> str:
    """Read the address that a program takes messages at, which may hold a secret; empty where none is set."""
    url: str = read(name, env.str, "")
    if url and not re.fullmatch(r"https?://[^/\s@]+(/\S*)?", url):
        raise ImproperlyConfigured(f"{name}: must begin with https:// or http://, then name a host, without a user")
    return url


# --- Servers ------------------------------------------------------------------------------------------
DATABASE_URL = read_url("DATABASE_URL", POSTGRESQL_SCHEMES)
DATABASE_OWNER_URL = read_url("DATABASE_OWNER_URL", POSTGRESQL_SCHEMES, default=DATABASE_URL)
REPLICA_URLS = [check_url("REPLICA_URL", url.strip(), POSTGRESQL_SCHEMES)
                for url in read("REPLICA_URL", env.str, "").split(",") if url.strip()]
# Where Patroni tells of its members, which are read from besides.
PATRONI_URLS = [check_url("PATRONI_URL", url.strip(), HTTP_SCHEMES).rstrip("/")
                for url in read("PATRONI_URL", env.str, "").split(",") if url.strip()]
REDIS_URL = read_url("REDIS_URL", REDIS_SCHEMES, default="redis://127.0.0.1:6379/0")
STREAM_URL = read_url("STREAM_URL", REDIS_SCHEMES, default="redis://127.0.0.1:6380/0")
# Where people's programs reach `manage.py serve_live`, perhaps through a proxy.
LIVE_URL = read_url("LIVE_URL", HTTP_SCHEMES, default="http://127.0.0.1:8001").rstrip("/")
LIVE_SIGN = "live:alive"  # the cache's key that is there while one of these processes runs

SECRET_KEY = read("SECRET_KEY", env.str, "")
if not SECRET_KEY.strip():
    raise ImproperlyConfigured("SECRET_KEY: must be given once DATABASE_URL is: a long random text")
DEBUG = read_switch("DEBUG", False)
ALLOWED_HOSTS = read("ALLOWED_HOSTS", env.list, ["localhost", "127.0.0.1", "[::1]"])
if not any(host.strip() for host in ALLOWED_HOSTS):
    raise ImproperlyConfigured("ALLOWED_HOSTS: must name a host, or every request is refused")
CSRF_TRUSTED_ORIGINS = read("CSRF_TRUSTED_ORIGINS", env.list, [])

# --- Databases ----------------------------------------------------------------------------------------
# Document A's pools: size + overflow, timeout, recycle, pre-ping. A pool belongs to one process; only
# web processes open it (foodshare.wsgi says so), commands connect when they need to.
USE_POOLS = read_switch("FOODSHARE_USE_POOLS", False)
PRIMARY_POOL = {"min_size": read_count("POOL_SIZE", 20, least=0, most=1000),
                "max_overflow": read_count("POOL_OVERFLOW", 30, least=0, most=1000)}
REPLICA_POOL = {"min_size": read_count("REPLICA_POOL_SIZE", 10, least=0, most=1000),
                "max_overflow": read_count("REPLICA_POOL_OVERFLOW", 20, least=0, most=1000)}
for prefix, pool_sizes in (("", PRIMARY_POOL), ("REPLICA_", REPLICA_POOL)):
    if not sum(pool_sizes.values()):
        raise ImproperlyConfigured(f"{prefix}POOL_SIZE and {prefix}POOL_OVERFLOW: one of them must be more than 0")
POOL_TIMEOUT = read_count("POOL_TIMEOUT", 30, most=3600)  # seconds a request waits for a connection
POOL_RECYCLE = read_count("POOL_RECYCLE", 1800, most=86_400)  # seconds after which a connection is replaced


def database(name: str, url: str, pool: dict[str, int] | None = None) -> dict[str, Any]:
    """Django's settings of the server at `url`, named `name` in pg_stat_activity."""
    config: dict[str, Any] = environ.Env.db_url_config(url)
    config["ENGINE"] = "foodshare.db.backend"
    config["CONN_HEALTH_CHECKS"] = True  # the document's pool_pre_ping
    config["CONN_MAX_AGE"] = 0  # the pool keeps connections, not the thread
    config.setdefault("OPTIONS", {})
    config["OPTIONS"].setdefault("connect_timeout", 5)
    config["OPTIONS"].setdefault("tcp_user_timeout", 10_000)  # ms until a machine that vanished counts as lost
    config["OPTIONS"].setdefault("application_name", f"foodshare {name}")
    config["DISABLE_SERVER_SIDE_CURSORS"] = read_switch("DISABLE_SERVER_SIDE_CURSORS", False)
    if pool and USE_POOLS:
        config["OPTIONS"]["pool"] = pool_options(pool)
    return config


def pool_options(pool: dict[str, int]) -> dict[str, int]:
    """What Django hands to psycopg's pool."""
    return {"min_size": pool["min_size"], "max_size": sum(pool.values()),
            "timeout": POOL_TIMEOUT, "max_lifetime": POOL_RECYCLE}


# "default" is the primary under the runtime role, "owner" the same database under the role that migrates
# and maintains; "replica", "replica2", … are its standbys, read only.
REPLICA_ALIASES = [f"replica{n if n > 1 else ''}" for n in range(1, len(REPLICA_URLS) + 1)]
DATABASES = {
    "default": database("primary", DATABASE_URL, PRIMARY_POOL),
    "owner": database("owner", DATABASE_OWNER_URL),
    **{alias: database(alias, url, REPLICA_POOL) for alias, url in zip(REPLICA_ALIASES, REPLICA_URLS, strict=True)},
}
# The pools of a web process, for benchmarks to open in theirs.
POOLS = {"default": pool_options(PRIMARY_POOL), **dict.fromkeys(REPLICA_ALIASES, pool_options(REPLICA_POOL))}
READ_FROM_REPLICAS = read_switch("READ_FROM_REPLICAS", True) and bool(REPLICA_ALIASES or PATRONI_URLS)
# Seconds that a standby may be late before it is left out, and that a reader waits for one to replay what they wrote.
LAG_LIMIT = read_count("LAG_LIMIT_MS", 100, most=60_000) / 1000
READ_WAIT = read_count("READ_WAIT_MS", 20, least=0, most=1000) / 1000
DATABASE_ROUTERS = ["foodshare.db.router.ReplicaRouter"]
# A pooler such as PgBouncer, which DISABLE_SERVER_SIDE_CURSORS tells of, has an address of its own.
if not DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"]:
    for key in ("HOST", "PORT", "NAME"):
        if (DATABASES["owner"][key] or 5432) != (DATABASES["default"][key] or 5432):
            raise ImproperlyConfigured(f"DATABASE_OWNER_URL: must name the same {key.lower()} as DATABASE_URL")
RUNTIME_ROLE = DATABASES["default"]["USER"]
OWNER_ROLE = DATABASES["owner"]["USER"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache (document B's pool of 20, timeouts of 5 s and retry) -------------------------------------------
REDIS_CLUSTER = read_switch("REDIS_CLUSTER", False)  # REDIS_URL then names one node of it
if REDIS_CLUSTER and urlsplit(REDIS_URL).path.strip("/0"):
    raise ImproperlyConfigured("REDIS_URL: a cluster has database 0 only")
CACHE_PREFIX = read("CACHE_PREFIX", env.str, "")  # before every key, where several sites share a server
if not re.fullmatch(r"[!-z|~]*", CACHE_PREFIX):  # braces would decide on which node of a cluster all keys are
    raise ImproperlyConfigured(f"CACHE_PREFIX = {CACHE_PREFIX!r}: must have no space, brace, or other than ASCII")
# Seconds that a request waits for the cache's server, and for which that is left alone once it was found down.
CACHE_PATIENCE = read_count("CACHE_PATIENCE_MS", 250, most=5000) / 1000
CACHE_PAUSE = read_count("CACHE_PAUSE_MS", 2000, most=60_000) / 1000
CACHE_CHECKED = read_count("CACHE_CHECKED_ONE_IN", 1000)  # of so many hits one is compared with the database
CACHE_LOCAL_BYTES = read_count("CACHE_LOCAL_MB", 32, most=4096) * 2**20  # of each process's own tier
CACHE_VALUES = read_switch("CACHE_VALUES", True)  # whether more than tokens is kept
CACHE_POOL = 20


def cache_at(url: str, timeout: float, tries: int, is_cluster: bool) -> dict[str, Any]:
    """Django's settings of the cache's server, asked for `timeout` seconds and `tries` more times."""
    retry = Retry(ExponentialBackoff(cap=timeout / 10, base=0.01), tries)
    pool = {"max_connections": CACHE_POOL, "retry": retry}
    timeouts = {"socket_connect_timeout": timeout, "socket_timeout": timeout}
    options = {"SERIALIZER": "django_redis.serializers.json.JSONSerializer",
               "SOCKET_CONNECT_TIMEOUT": timeout, "SOCKET_TIMEOUT": timeout}
    if is_cluster:
        options |= {"CONNECTION_FACTORY": "foodshare.cache.server.ClusterFactory", "CLUSTER": pool | timeouts,
                    "CLIENT_CLASS": "foodshare.cache.server.ClusterClient"}
    else:
        options |= {"CONNECTION_FACTORY": "foodshare.cache.server.Factory",
                    "CONNECTION_POOL_CLASS": "foodshare.cache.server.Pool", "CONNECTION_POOL_KWARGS": pool}
    return {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": url, "KEY_PREFIX": CACHE_PREFIX,
            "OPTIONS": options}


def caches_at(url: str, is_cluster: bool) -> dict[str, dict[str, Any]]:
    """Django's caches: its own for whoever may wait, and that of requests."""
    return {"default": cache_at(url, 5, 1, is_cluster), "requests": cache_at(url, CACHE_PATIENCE, 0, is_cluster)}


CACHES = caches_at(REDIS_URL, REDIS_CLUSTER)

# --- Applications -------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "procrastinate.contrib.django",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "foodshare",
    "groups",
    "reputation",
    "ops",
]
MIDDLEWARE = [
    "ops.monitoring.requests.Counted",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "foodshare.api.middleware.RequestLimits",
    "foodshare.api.middleware.TrailingSlash",
    "foodshare.api.middleware.ConditionalReads",
    "foodshare.db.middleware.RetryReads",
    "foodshare.cache.middleware.OwnWrites",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "foodshare.urls"
WSGI_APPLICATION = "foodshare.wsgi.application"
TEMPLATES = [
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
# What a higher app adds when a person registers; each is called with the new User, in its transaction.
NEW_USER_STEPS = ["reputation.services.open_reputation"]
# What a higher app does when a person may see other things than before; each is called with the person's id, in
# the transaction of the change.
ACCESS_STEPS = ["groups.live.membership_changed"]
# Where a person of community mode may see and post food: called with the User, returns the groups.
SHARING_GROUPS = "groups.access.sharing_groups"
# From when a person may claim a post: called with the post and the User, returns the time, or None for now.
CLAIM_OPENS = "reputation.privileges.opens_at"

# Above this planner's cost the summary of groups is not refreshed by document A's own query, and its two
# definitions are compared on some groups only. A million took about ten seconds on two cores.
GROUP_SUMMARY_COST_LIMIT = read_count("GROUP_SUMMARY_COST_LIMIT", 1_000_000, most=10**15)

# --- Partitions ---------------------------------------------------------------------------------------
# How many periods a table keeps beside the present one; None: all. What becomes of the older partitions, and where
# archived ones go: each to a compressed file of its own, after which its rows are no longer in the database.
PARTITION_KEEP = {"messages": read_limit("MESSAGES_KEEP_MONTHS", most=1200),
                  "status_updates": read_limit("STATUS_UPDATES_KEEP_WEEKS", most=5200),
                  "forum_posts": read_limit("FORUM_POSTS_KEEP_MONTHS", most=1200)}
PARTITIONS_PAST = read("PARTITIONS_PAST", env.str, "detach").lower()
if PARTITIONS_PAST not in ("detach", "archive"):
    raise ImproperlyConfigured(f"PARTITIONS_PAST = {PARTITIONS_PAST!r}: must be detach or archive")
PARTITION_ARCHIVE_DIR = Path(read("PARTITION_ARCHIVE_DIR", env.str, "") or FOODSHARE_DATA_DIR / "archive").absolute()

# --- Backups ------------------------------------------------------------------------------------------
# A role with REPLICATION on the primary; where none is named there are no backups of ours.
BACKUP_URL = read_libpq_url("BACKUP_URL")
BACKUP_DIR = Path(read("BACKUP_DIR", env.str, "") or FOODSHARE_DATA_DIR / "backups").absolute()
BACKUP_KEEP_FULL = read_count("BACKUP_KEEP_FULL", 2, most=1000)
BACKUP_KEEP_DAYS = read_count("BACKUP_KEEP_DAYS", 14, most=36_500)
# age's files: whom backups are encrypted for, and the key that opens them.
BACKUP_RECIPIENTS = read("BACKUP_RECIPIENTS", env.str, "")
BACKUP_IDENTITY = read("BACKUP_IDENTITY", env.str, "")
POSTGRESQL_BIN = read("POSTGRESQL_BIN", env.str, "")  # where a server's own programs are, if not where Debian has them

# --- Alerts -------------------------------------------------------------------------------------------
# Whom the worker tells of alerts, and by what; see docs/alerts.md.
EMAIL_URL = check_mail_url("EMAIL_URL", read("EMAIL_URL", env.str, "") or "smtp://localhost")
vars().update(env.email_url_config(EMAIL_URL))
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = (read_addresses("EMAIL_FROM") or ["foodshare@localhost"])[0]
ALERT_EMAILS = read_addresses("ALERT_EMAILS")
ALERT_WEBHOOK_URL = read_webhook("ALERT_WEBHOOK_URL")
ALERT_WEBHOOK_SECRET = read("ALERT_WEBHOOK_SECRET", env.str, "")  # signs what is sent there
ALERT_REPEAT = timedelta(hours=read_count("ALERT_REPEAT_HOURS", 4, most=8760))
RUNBOOKS_URL = read("RUNBOOKS_URL", env.str, "").rstrip("/")  # where people read docs/runbooks

# --- People, tokens, security -------------------------------------------------------------------------
AUTH_USER_MODEL = "foodshare.User"
PASSWORD_HASHERS = ["foodshare.hashers.Argon2Hasher",
                    "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    *({"NAME": f"django.contrib.auth.password_validation.{name}"}
      for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator",
                   "CommonPasswordValidator", "NumericPasswordValidator")),
    {"NAME": "foodshare.passwords.TokensEnd"},
]
REST_KNOX = {"TOKEN_TTL": timedelta(days=read_count("TOKEN_DAYS", 30, most=3650)), "AUTO_REFRESH": False}
SECURE_SSL_REDIRECT = read_switch("SECURE_SSL_REDIRECT", not EMBEDDED_SERVERS)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = read_count("SECURE_HSTS_SECONDS", 0 if EMBEDDED_SERVERS else 31_536_000, least=0)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
if read_switch("BEHIND_TLS_PROXY", False):  # the proxy must set, and never pass on, this header
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
MAX_BODY_BYTES = DATA_UPLOAD_MAX_MEMORY_SIZE = read_count("MAX_BODY_BYTES", 1_048_576, least=1024)

# --- Monitoring ---------------------------------------------------------------------------------------
# Who may read /metrics: whoever sends the token, and these addresses or networks. None is taken for granted on servers
# of one's own: a proxy may be on this machine, and not every proxy says that it is one.
METRICS_TOKEN = read("METRICS_TOKEN", env.str, "").strip()
METRICS_ALLOWED = read_networks("METRICS_ALLOWED", "127.0.0.0/8,::1" if EMBEDDED_SERVERS else "")
# Where the servers' figures are kept for SHARED seconds, and where each web process counts.
MONITORING_DIR = Path(read("MONITORING_DIR", env.str, "") or FOODSHARE_DATA_DIR / "monitoring").absolute()

# --- API ----------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["foodshare.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["foodshare.api.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["foodshare.api.filters.StrictFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "foodshare.api.pagination.KeysetPagination",
    "DEFAULT_THROTTLE_CLASSES": ["foodshare.api.throttling.Posting"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "foodshare.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "URL_FORMAT_OVERRIDE": None,  # `format` is no parameter of ours
    "PAGE_SIZE": 20,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
# How often one person may post what, as DRF writes rates.
POSTING_RATES = {"messages": "60/min", "posts": "20/min", "conversations": "20/hour", "relationships": "60/hour",
                 "tickets": "60/min"}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "foodshare.api.errors.ErrorHandler",
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "FoodShare",
    "DESCRIPTION": "Share surplus food with verified neighbours or in community groups.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "foodshare.api.schema.add_errors"],
    "ENUM_NAME_OVERRIDES": {
        "SharingMode": "foodshare.models.SharingMode",
        "VerificationLevel": "foodshare.models.VerificationLevel",
        "VerificationState": "foodshare.models.RequestState",
        "PostStatus": "foodshare.models.PostStatus",
        "ExchangeStatus": "foodshare.models.ExchangeStatus",
        "MemberRole": "groups.models.MemberRole",
        "MemberState": "groups.models.MemberState",
        "MessageType": "groups.models.MessageType",
        "RelationshipType": "foodshare.models.RelationshipType",
        "RelationshipStatus": "foodshare.models.RelationshipStatus",
    },
}

# --- Time, text, files, log ---------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LOG_LEVEL = read("LOG_LEVEL", env.str, "WARNING").upper()
if LOG_LEVEL not in LOG_LEVELS:
    raise ImproperlyConfigured(f"LOG_LEVEL = {LOG_LEVEL!r}: must be one of {', '.join(LOG_LEVELS)}")
# Milliseconds from which a request, and a statement that it runs, is told of in the log; 0: never.
SLOW_REQUEST = read_count("SLOW_REQUEST_MS", 1000, least=0) / 1000
SLOW_STATEMENT = read_count("SLOW_STATEMENT_MS", 200, least=0) / 1000
STATIC_URL = "static/"
STATIC_ROOT = read("STATIC_ROOT", env.str, "") or None  # only for collectstatic, if another server has the files
WHITENOISE_USE_FINDERS = True  # serves the packages' files without a collectstatic step
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
                   "json": {"()": "ops.monitoring.slow.AsJSON"}},
    "filters": {"sparse": {"()": "foodshare.logs.Sparse", "seconds": 10.0}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"},
                 "slow": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django.db.backends": {"level": "WARNING"},  # no statement is ever echoed, whatever LOG_LEVEL says
        "django.request": {"level": "ERROR"},  # a client's mistake is answered, not logged
        "foodshare.slow": {"handlers": ["slow"], "level": "INFO", "propagate": False},
        "ops.monitoring": {"filters": ["sparse"]},  # it would tell of a server that is away at each look
        "psycopg.pool": {"filters": ["sparse"]},  # it tells of each attempt, dozens a second while a server is away
    },
}
LOGIN_REDIRECT_URL = "admin:index"  # for who opens the log-in page itself
UNFOLD = {
    "SITE_TITLE": "FoodShare",
    "SITE_HEADER": "FoodShare",
    "SITE_SYMBOL": "eco",
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "DASHBOARD_CALLBACK": "foodshare.admin.overview.overview",
    "SIDEBAR": {"navigation": "foodshare.admin.overview.navigation"},
}
