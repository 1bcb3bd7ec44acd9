"""Whether this process lives (`healthz`), and whether what it depends on is up (`readyz`)."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, partial, wraps
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from redis import Redis
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.retry import Retry

from foodshare.api.errors import error_response

TIMEOUT = 2  # seconds for one server; 2 is the least that the PostgreSQL client knows
NEEDED = {"primary", "migrations"}  # without the others the platform goes on, slower or later

logger = logging.getLogger(__name__)


def read_only(page: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The page for GET and HEAD, a 405 for other methods; Django's own check of forms would answer them in HTML."""

    @csrf_exempt
    @wraps(page)
    def answer(request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return page(request)
        refusal = error_response(405, "method_not_allowed", f'Method "{request.method}" not allowed.')
        refusal.headers["Allow"] = "GET, HEAD"
        return refusal

    return answer


@read_only
def alive(request: HttpRequest) -> JsonResponse:
    """Always well while the process can answer; looks at no server."""
    return JsonResponse({"status": "ok"})


@read_only
def ready(request: HttpRequest) -> JsonResponse:
    """Each part and whether it is up; 503 when a needed one is not. Answers within about 5 s whatever is down."""
    found = {name: outcome(name, future) for name, future in started(checks()).items()}
    down = {name for name, problem in found.items() if problem}
    status = "unavailable" if down & NEEDED else "degraded" if down else "ready"
    parts = {name: {"up": not problem, "needed": name in NEEDED, "problem": problem} for name, problem in found.items()}
    return JsonResponse({"status": status, "down": sorted(down), "parts": parts}, status=503 if down & NEEDED else 200)


def checks() -> dict[str, Callable[[], str]]:
    """What to look at. Connections are opened beside the pools, so that an exhausted pool is not waited for."""
    databases = {"primary": "default", **{alias: alias for alias in settings.REPLICA_ALIASES}}
    parameters = {name: connections[alias].get_connection_params() for name, alias in databases.items()}
    return {
        **{name: partial(check_database, values) for name, values in parameters.items()},
        "migrations": partial(check_migrations, parameters["primary"]),
        "cache": partial(check_cache, settings.REDIS_URL),
        "streams": partial(check_redis, settings.STREAM_URL),
        "live": partial(check_live, settings.REDIS_URL),
    }


def started(work: dict[str, Callable[[], str]]) -> dict[str, "Future[str]"]:
    """All checks at once, so that the answer takes as long as the slowest."""
    executor = ThreadPoolExecutor(len(work), thread_name_prefix="readyz")
    futures = {name: executor.submit(check) for name, check in work.items()}
    executor.shutdown(wait=False)
    return futures


def outcome(name: str, future: "Future[str]") -> str:
    """What is wrong with `name`, or nothing. Details, which may name hosts and people, go to the log only."""
    try:
        return future.result(timeout=2 * TIMEOUT)
    except Exception as error:  # whatever it is, the part is not up
        logger.warning("readyz: %s is down: %s", name, error)
        return "does not answer"


def query(parameters: dict[str, Any], statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(**parameters | {"connect_timeout": TIMEOUT}) as connection:
        connection.execute(f"SET statement_timeout = '{TIMEOUT}s'")
        return connection.execute(statement).fetchall()


def check_database(parameters: dict[str, Any]) -> str:
    query(parameters, "SELECT 1")
    return ""


def check_migrations(parameters: dict[str, Any]) -> str:
    try:
        applied = set(query(parameters, "SELECT app, name FROM django_migrations"))
    except psycopg.errors.UndefinedTable:
        applied = set()
    missing = sorted(".".join(key) for key in known_migrations() - applied)
    return f"{len(missing)} not applied, {missing[0]} first; run manage.py migrate" if missing else ""


@cache
def known_migrations() -> set[tuple[str, str]]:
    """Every migration of this code, by app and name."""
    return set(MigrationLoader(None).disk_migrations)


def check_redis(url: str) -> str:
    with Redis.from_url(url, socket_connect_timeout=TIMEOUT, socket_timeout=TIMEOUT) as client:
        client.ping()
    return ""


def cache_client(url: str) -> "Redis | RedisCluster":
    kind: type[Redis | RedisCluster] = RedisCluster if settings.REDIS_CLUSTER else Redis
    return kind.from_url(url, socket_connect_timeout=TIMEOUT, socket_timeout=TIMEOUT, retry=Retry(NoBackoff(), 0))


def check_cache(url: str) -> str:
    """Of a cluster, every node that keeps something."""
    with cache_client(url) as client:
        if isinstance(client, RedisCluster):
            client.ping(target_nodes=RedisCluster.PRIMARIES)
        else:
            client.ping()
    return ""


def check_live(url: str) -> str:
    """Each live process shows in Valkey that it runs and hears, as its public address may not be reached from here."""
    with cache_client(url) as client:
        return "" if client.exists(settings.LIVE_SIGN) else "no live process runs; start manage.py serve_live"
