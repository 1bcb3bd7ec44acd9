"""What will be asked for soon is loaded beforehand, evenly, and what is there is left alone."""

import io
import json
import time
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from knox.crypto import hash_token
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from foodshare import tasks
from foodshare.cache import aside, store, warming
from foodshare.cache.keys import PATTERNS, TOKEN, Pattern
from foodshare.cache.warming import FILLERS, Filler, Pace, Warmed
from foodshare.exceptions import Missing
from foodshare.models import User
from groups.queries import rankings
from tests.cache.conftest import Cache
from tests.factories import later, make_room, make_user, token_for

committing = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
AT_ONCE = 1e6  # values a second


def digests(most: int) -> list[str]:
    """Those of all tokens, in a fixed order."""
    return [hash_token(text) for text in TEXTS][:most]


TEXTS: list[str] = []
TOKENS = Filler(TOKEN, f"{__name__}.digests", 100)


@pytest.fixture
def person() -> User:
    return make_user(name="Ada")


@pytest.fixture
def tokens(person: User) -> list[str]:
    TEXTS[:] = [token_for(person) for _ in range(3)]
    return digests(3)


def warm(limit: int | None = None) -> Warmed:
    [result] = warming.warm([TOKENS], Pace(AT_ONCE), limit)
    return result


@committing
def test_readers_find_what_was_loaded(cache: Cache, tokens: list[str]) -> None:
    assert warm() == Warmed("token", listed=3, loaded=3)
    cache.deliver()
    with CaptureQueriesContext(connection) as queries:
        assert [cache.get(TOKEN, digest)["user"]["name"] for digest in tokens] == ["Ada"] * 3
    assert not queries.captured_queries


@committing
def test_what_is_fresh_is_left_alone(cache: Cache, tokens: list[str]) -> None:
    assert warm(limit=2) == Warmed("token", listed=2, loaded=2)
    cache.redis.hset(TOKEN.key(tokens[0]), "fresh_until", time.time() - 1)
    assert warm() == Warmed("token", listed=3, fresh=1, loaded=2)
    assert warm() == Warmed("token", listed=3, fresh=3)


@committing
def test_what_is_changed_meanwhile_is_not_kept(cache: Cache, tokens: list[str], person: User) -> None:
    """The value is loaded and stored by a process that hears nothing; the relay drops it all the same."""
    User.objects.update(name="Grace")
    warm()
    User.objects.update(name="Hedy")
    cache.deliver()
    assert store.read(TOKEN.key(tokens[0])) is None
    assert cache.get(TOKEN, tokens[0])["user"]["name"] == "Hedy"


@committing
def test_what_somebody_else_loads_is_passed_over(cache: Cache, tokens: list[str]) -> None:
    assert store.lease(TOKEN.key(tokens[0]))
    assert warm() == Warmed("token", listed=3, loaded=2, passed=1)


@committing
def test_nothing_is_stored_of_what_is_not_committed(cache: Cache, tokens: list[str]) -> None:
    with transaction.atomic():
        User.objects.update(name="Grace")
        assert not aside.warm(TOKEN, tokens[0])
        transaction.set_rollback(True)
    assert store.read(TOKEN.key(tokens[0])) is None


def gone(id: Any) -> None:
    raise Missing


@committing
def test_what_is_gone_is_passed_over(cache: Cache) -> None:
    pattern = Pattern("gone", "test:gone:{}", f"{__name__}.gone", "tests")
    filler = Filler(pattern, "foodshare.cache.warming.the_only_one", 1)
    assert warming.warm([filler], Pace(AT_ONCE)) == [Warmed("gone", listed=1, passed=1)]


def test_the_pace_is_even() -> None:
    now = 100.0
    slept: list[float] = []
    pace = Pace(10, clock=lambda: now, sleep=slept.append)
    for _ in range(3):
        pace.wait()
    now = 105.0
    pace.wait()
    pace.wait()
    assert slept == pytest.approx([0.1, 0.2, 0.1])


@pytest.mark.django_db
def test_every_filler_names_what_exists() -> None:
    for name, filler in FILLERS.items():
        assert PATTERNS[name] is filler.pattern
        assert [*filler.ids(0)] == []


@pytest.mark.django_db
def test_the_rooms_written_in_last_come_first() -> None:
    quiet, older, newer = make_room(), make_room(last_message_at=later(hours=-2)), make_room(last_message_at=later())
    assert rankings.busiest_rooms(9) == [newer.pk, older.pk]
    assert quiet.pk not in rankings.busiest_rooms(9)
    assert rankings.busiest_rooms(1) == [newer.pk]


@committing
def test_the_command_tells_what_it_did(cache: Cache) -> None:
    output = io.StringIO()
    call_command("warm_cache", "--only", "global_feed", "--rate", "100", "--json", stdout=output)
    [told] = json.loads(output.getvalue())["patterns"]
    assert told == {"pattern": "global_feed", "listed": 1, "fresh": 0, "loaded": 1, "passed": 0}
    output = io.StringIO()
    call_command("warm_cache", "--only", "global_feed", stdout=output)
    assert output.getvalue() == "global_feed: 0 loaded, 1 fresh, 0 passed over\n"


@pytest.mark.django_db
def test_without_the_server_the_command_fails_in_words(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    with pytest.raises(CommandError, match="server is away") as refusal:
        call_command("warm_cache", "--only", "global_feed")
    assert refusal.value.returncode == 1


@pytest.mark.parametrize("arguments", [["--only", "nothing"], ["--rate", "0"], ["--limit", "-1"], ["--rate", "x"]])
def test_wrong_use_is_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("warm_cache", *arguments)


@committing
def test_a_job_is_deferred_once() -> None:
    tasks.warm_soon("token", "profile")
    tasks.warm_soon("token", "profile")
    tasks.warm_soon("group_summary")
    jobs = ProcrastinateJob.objects.order_by("id")
    assert [job.args for job in jobs] == [{"names": ["token", "profile"]}, {"names": ["group_summary"]}]
    assert all(job.scheduled_at for job in jobs)
