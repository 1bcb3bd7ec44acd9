"""Reputation from the cache is what the database would tell, and hides what it would hide."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connections, transaction
from rest_framework.test import APIClient

from foodshare.cache.keys import REPUTATION
from foodshare.cache.local import local
from foodshare.cache.server import Away
from foodshare.models import OutboxEvent, Rating, User
from foodshare.services import outbox
from reputation import cached, projection
from reputation.models import ReputationPrivacy, ReputationState, UserGlobalReputation
from tests.cache.conftest import Cache
from tests.cache.tools import kept, loaded
from tests.factories import (
    client_for,
    later,
    make_exchange,
    make_group,
    make_moderator,
    make_post,
    make_rating,
    make_user,
)
from tests.reputation.ledgers import apply_events, event
from tests.web.tools import wait_for

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def ada() -> User:
    """Somebody with a score on the rise."""
    user = make_user(created_at=later(days=-100))
    apply_events(user, [event("food_shared", later(days=-2))])
    return user


@pytest.fixture
def reader() -> User:
    return make_user()


@pytest.fixture
def client(reader: User) -> APIClient:
    return client_for(reader)


def path(user: User) -> str:
    return f"/api/v1/users/{user.pk}/reputation"


def rated(user: User) -> Rating:
    """A rating of food of theirs, not revealed yet."""
    rating: Rating = make_rating(make_exchange(make_post(user, make_group()), make_user(), status="completed"),
                                 revealed_at=None)
    return rating


def shared(user: User) -> OutboxEvent:
    return outbox.append(outbox.REPUTATION, "food_shared", user.pk)


def is_delivered(cache: Cache) -> bool:
    try:
        cache.deliver()
    except Away:
        return False
    return True


def project(event: OutboxEvent) -> None:
    """Apply one event as a consumer does."""
    with transaction.atomic():
        event.refresh_from_db()
        event.delete()
        projection.apply([event])


def test_it_is_told_as_the_database_has_it(cache: Cache, ada: User, client: APIClient) -> None:
    of_database, of_cache = loaded(cache, client, path(ada)), kept(cache, client, path(ada))
    assert (of_cache.status_code, of_cache.content) == (200, of_database.content)
    assert (of_cache.json()["reputation_trend"], of_cache.json()["account_age_days"]) == ("rising", 100)
    assert cache.redis.exists(f"user:reputation:{{{ada.pk}}}")


def score(points: str) -> Callable[[User], object]:
    return lambda user: UserGlobalReputation.objects.filter(pk=user.pk).update(overall_score=Decimal(points))


def saved(user: User) -> None:
    row = UserGlobalReputation.objects.get(pk=user.pk)
    row.trust_level = "established"
    row.save()


CHANGES: list[tuple[Callable[[User], object], str, object]] = [
    (score("81.00"), "overall_score", "81.00"),
    (saved, "trust_level", "established"),
    (lambda user: connections["owner"].cursor().execute(
        "UPDATE user_global_reputation SET total_food_claimed = 9 WHERE user_id = %s", [user.pk]),
     "total_food_claimed", 9),
    (lambda user: UserGlobalReputation.objects.bulk_update(
        [UserGlobalReputation(pk=user.pk, peak_reputation=Decimal("90.00"))], ["peak_reputation"]),
     "peak_reputation", "90.00"),
    (lambda user: ReputationState.objects.filter(pk=user.pk).update(state={}), "reputation_trend", "declining"),
    (lambda user: User.objects.filter(pk=user.pk).update(created_at=later(days=-7)), "account_age_days", 7),
    (lambda user: Rating.objects.update(revealed_at=later()), "avg_food_rating", "4.38"),
    (lambda user: Rating.objects.update(stars=1), "avg_food_rating", "2.88"),
    (lambda user: ReputationPrivacy.objects.create(user=user, show_score=False), "overall_score", None),
    (lambda user: ReputationPrivacy.objects.update(show_level=False), "trust_level", None),
    (lambda user: ReputationPrivacy.objects.all().delete(), "hidden", []),
]


def test_it_is_dropped_when_something_of_it_changes(cache: Cache, ada: User, client: APIClient) -> None:
    for _ in range(3):
        rated(ada)
    UserGlobalReputation.objects.filter(pk=ada.pk).update(reputation_trend="declining")  # without a memo that counts
    for change, field, value in CHANGES:
        assert kept(cache, client, path(ada)).json()[field] != value, field
        change(ada)
        assert kept(cache, client, path(ada)).json()[field] == value, field
        assert loaded(cache, client, path(ada)).json()[field] == value, field


def test_what_tells_of_the_stream_alone_drops_nothing(cache: Cache, ada: User, client: APIClient) -> None:
    kept(cache, client, path(ada))
    UserGlobalReputation.objects.update(stream_lag_seconds=5, reputation_sync_status="processing")
    cache.deliver()
    assert cache.redis.hexists(REPUTATION.key(ada.pk), "value")


def test_age_and_trend_are_as_of_now(cache: Cache, ada: User) -> None:
    cache.deliver()
    of_cache = cache.get(REPUTATION, ada.pk)
    for days, trend, age in ((0, "rising", 100), (27, "rising", 127), (29, "stable", 129)):
        told = cached.as_of(later(days=days), of_cache, [])
        assert (told["reputation_trend"], told["account_age_days"]) == (trend, age)


def test_each_reader_is_told_what_is_for_them(cache: Cache, ada: User, reader: User, client: APIClient) -> None:
    ReputationPrivacy.objects.create(user=ada, show_score=False, show_statistics=False)
    for some, hidden in ((client, ["score", "statistics"]), (client_for(ada), []), (client_for(make_moderator()), [])):
        cache.deliver()
        some.get(path(ada))
        told = some.get(path(ada))
        assert told.json()["hidden"] == hidden
        assert (told.json()["overall_score"] is None, told.json()["last_activity"] is None) == (bool(hidden),) * 2
        assert told.content == loaded(cache, some, path(ada)).content


def test_what_one_hides_is_hidden_at_once(cache: Cache, ada: User, client: APIClient) -> None:
    kept(cache, client, path(ada))
    client_for(ada).patch("/api/v1/me/reputation/privacy", {"show_score": False}, format="json")
    local.clear()  # as every process is told to drop it
    assert client.get(path(ada)).json()["hidden"] == ["score"]


def test_who_is_blocked_is_told_nothing_from_then_on(cache: Cache, ada: User, reader: User, client: APIClient) -> None:
    assert kept(cache, client, path(ada)).status_code == 200
    client_for(ada).post("/api/v1/relationships", {"to": str(reader.pk), "type": "BLOCK"}, format="json")
    assert client.get(path(ada)).status_code == 404
    assert kept(cache, client, path(ada)).status_code == 404


def test_whom_another_program_added_gets_a_row_that_is_kept(cache: Cache, client: APIClient) -> None:
    stranger = User.objects.create(name="Adopted")
    cache.deliver()
    assert client.get(path(stranger)).json()["overall_score"] == "75.00"
    assert kept(cache, client, path(stranger)).json()["overall_score"] == "75.00"
    assert client.get(path(User(name="Nobody"))).status_code == 404


def test_an_event_is_told_of_as_soon_as_it_is_applied(cache: Cache, ada: User, client: APIClient) -> None:
    before = kept(cache, client, path(ada)).json()
    project(shared(ada))
    local.clear()  # as every process is told to drop it
    now = client.get(path(ada)).json()
    assert now["total_food_shared"] == before["total_food_shared"] + 1
    assert Decimal(now["overall_score"]) > Decimal(before["overall_score"])


def test_events_of_people_of_whom_nothing_is_kept_are_not_loaded(cache: Cache, ada: User) -> None:
    project(shared(ada))
    assert not cache.redis.exists(REPUTATION.key(ada.pk))


def test_events_are_applied_while_the_cache_does_not_answer(cache: Cache, ada: User, client: APIClient) -> None:
    kept(cache, client, path(ada))
    told = shared(ada)
    with cache.valkey.paused():
        project(told)
        assert UserGlobalReputation.objects.get(pk=ada.pk).total_food_shared == 2
    wait_for(lambda: is_delivered(cache))
    assert kept(cache, client, path(ada)).json()["total_food_shared"] == 2


def test_nothing_is_kept_of_what_is_not_committed(cache: Cache, ada: User, client: APIClient) -> None:
    client.get("/api/v1/me")
    with transaction.atomic():
        score("11.00")(ada)
        assert client.get(path(ada)).json()["overall_score"] == "11.00"
        transaction.set_rollback(True)
    assert not cache.redis.exists(REPUTATION.key(ada.pk))
    assert kept(cache, client, path(ada)).json()["overall_score"] == "77.00"
