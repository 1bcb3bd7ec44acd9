"""What the health pages say while servers come and go: sockets nobody answers stand for servers that are down."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings
from redis import Redis

ALIASES = ["default", *configured.REPLICA_ALIASES]
pytestmark = pytest.mark.django_db(databases=ALIASES)


@pytest.fixture(autouse=True)
def live() -> None:
    """A live process has just shown that it runs."""
    with Redis.from_url(configured.REDIS_URL) as client:
        client.set(configured.LIVE_SIGN, "1", ex=60)


def ready() -> tuple[int, Any]:
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()


@contextmanager
def nobody() -> Iterator[int]:
    """A port that takes connections and never answers, as a server that hangs does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def hanging(alias: str) -> Iterator[None]:
    """Health looks for the database `alias` where nobody answers."""
    config = connections[alias].settings_dict
    before = {key: config[key] for key in ("HOST", "PORT")}
    with nobody() as port:
        config.update(HOST="127.0.0.1", PORT=port)
        try:
            yield
        finally:
            config.update(before)


def test_the_process_lives_without_asking_any_server(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert Client().get("/healthz").json() == {"status": "ok"}


def test_all_parts_are_named_and_up() -> None:
    status, data = ready()
    assert (status, data["status"], data["down"]) == (200, "ready", [])
    assert set(data["parts"]) == {"primary", *configured.REPLICA_ALIASES, "migrations", "cache", "streams", "live"}
    assert all(part["up"] for part in data["parts"].values())


def test_a_hanging_primary_is_a_503() -> None:
    with hanging("default"):
        status, data = ready()
    assert (status, data["status"], data["down"]) == (503, "unavailable", ["migrations", "primary"])


@pytest.mark.skipif(not configured.REPLICA_ALIASES, reason="REPLICA_URL names no replica")
@pytest.mark.slow
def test_a_hanging_replica_is_named_and_done_without() -> None:
    with hanging("replica"):
        status, data = ready()
    assert (status, data["status"], data["down"]) == (200, "degraded", ["replica"])


@pytest.mark.slow
@pytest.mark.parametrize(("variable", "names"), [("REDIS_URL", ["cache", "live"]), ("STREAM_URL", ["streams"])])
def test_a_hanging_valkey_is_named_and_done_without(variable: str, names: list[str], settings: Settings) -> None:
    with nobody() as port:
        setattr(settings, variable, f"redis://127.0.0.1:{port}/0")
        status, data = ready()
    assert (status, data["status"], data["down"]) == (200, "degraded", names)


def test_a_live_process_that_does_not_run_is_named_and_done_without(settings: Settings) -> None:
    settings.LIVE_SIGN = "live:nobody"
    status, data = ready()
    assert (status, data["status"], data["down"]) == (200, "degraded", ["live"])
    assert "serve_live" in data["parts"]["live"]["problem"]


def test_a_server_that_refuses_is_named_too(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert ready()[1]["down"] == ["cache", "live"]


def test_no_answer_tells_where_a_server_is_or_who_asks(settings: Settings) -> None:
    settings.REDIS_URL = "redis://:s3cret@127.0.0.1:1/0"
    assert ready()[1]["parts"]["cache"]["problem"] == "does not answer"


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_migration_that_is_not_applied_is_a_503() -> None:
    applied = MigrationRecorder.Migration.objects.using("owner").filter(app="knox", name="0001_initial")
    row = applied.get()
    applied.delete()
    status, data = ready()
    row.save(using="owner", force_insert=True)
    assert (status, data["down"]) == (503, ["migrations"])
    assert "knox.0001_initial" in data["parts"]["migrations"]["problem"]
