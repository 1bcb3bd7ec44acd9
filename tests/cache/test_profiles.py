"""A profile from the cache is what the database would show, to whom it would be shown."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connections, transaction
from rest_framework.test import APIClient

from foodshare.cache.keys import PROFILE
from foodshare.cache.local import local
from foodshare.models import Profile, Relationship, User
from foodshare.services import moderation, relationships
from tests.admin.conftest import logged_in
from tests.admin.rows import url
from tests.cache.conftest import Cache
from tests.cache.tools import kept, loaded
from tests.factories import client_for, make_moderator, make_user

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def ada() -> User:
    user = make_user(name="Ada")
    Profile.objects.create(user=user, bio="I bake.", interests=["bread"])
    return user


@pytest.fixture
def reader() -> User:
    return make_user()


@pytest.fixture
def client(reader: User) -> APIClient:
    return client_for(reader)


def path(user: User) -> str:
    return f"/api/v1/profiles/{user.pk}"


def saved(user: User, **changes: str) -> None:
    for name, value in changes.items():
        setattr(user, name, value)
    user.save()


def owners(statement: str) -> Callable[[User], object]:
    """A change by the owner role, outside of Django."""
    return lambda user: connections["owner"].cursor().execute(statement, [user.pk])


def test_it_is_sent_as_it_is_kept(cache: Cache, ada: User, client: APIClient) -> None:
    of_database, of_cache = loaded(cache, client, path(ada)), kept(cache, client, path(ada))
    assert of_cache.json()["bio"] == "I bake."
    assert (of_cache.status_code, of_cache.content) == (200, of_database.content)
    headers = {"Content-Type", "Cache-Control", "ETag", "Vary", "Allow"}
    assert {name: of_cache.get(name) for name in headers} == {name: of_database.get(name) for name in headers}
    assert cache.redis.exists(f"user:profile:{{{ada.pk}}}")


def test_an_id_may_be_written_in_capitals(cache: Cache, ada: User, client: APIClient) -> None:
    assert kept(cache, client, f"/api/v1/profiles/{str(ada.pk).upper()}").json()["id"] == str(ada.pk)
    assert cache.redis.exists(PROFILE.key(ada.pk))


CHANGES: list[tuple[Callable[[User], object], str, object]] = [
    (lambda user: saved(user, name="Grace"), "name", "Grace"),
    (lambda user: User.objects.filter(pk=user.pk).update(name="Ann"), "name", "Ann"),
    (lambda user: User.objects.bulk_update([User(pk=user.pk, name="Eve")], ["name"]), "name", "Eve"),
    (owners("UPDATE users SET image = 'https://example.org/a.png' WHERE id = %s"), "image", "https://example.org/a.png"),
    (lambda user: Profile.objects.filter(user=user).update(location_city="Ghent"), "city", "Ghent"),
    (owners("UPDATE profiles SET roles = '[\"driver\"]' WHERE id = %s"), "roles", ["driver"]),
    (lambda user: Profile.objects.filter(user=user).delete(), "bio", ""),
    (lambda user: Profile.objects.bulk_create([Profile(user=user, bio="I cook.")]), "bio", "I cook."),
]


def test_it_is_dropped_when_something_of_it_changes(cache: Cache, ada: User, client: APIClient) -> None:
    for change, field, value in CHANGES:
        assert kept(cache, client, path(ada)).json()[field] != value
        change(ada)
        assert kept(cache, client, path(ada)).json()[field] == value


def test_it_is_dropped_when_the_admin_changes_it(cache: Cache, ada: User, client: APIClient) -> None:
    kept(cache, client, path(ada))
    answer = logged_in(make_moderator()).post(url(User, "change", ada.pk), {"name": "Grace", "email": ada.email})
    assert answer.status_code == 302
    assert kept(cache, client, path(ada)).json()["name"] == "Grace"


def test_what_one_writes_is_seen_at_once(cache: Cache, ada: User, client: APIClient) -> None:
    own = client_for(ada)
    for address, field, value in (("/api/v1/me", "name", "Grace"), (path(ada), "bio", "I cook.")):
        kept(cache, client, path(ada))
        kept(cache, own, path(ada))
        assert own.patch(address, {field: value}, format="json").status_code == 200
        assert own.get(path(ada)).json()[field] == value
        local.clear()  # as every process is told to drop it
        assert client.get(path(ada)).json()[field] == value


def test_who_is_blocked_sees_nothing_from_then_on(cache: Cache, ada: User, client: APIClient, reader: User) -> None:
    own = client_for(ada)
    assert kept(cache, client, path(ada)).status_code == 200
    answer = own.post("/api/v1/relationships", {"to": str(reader.pk), "type": "BLOCK"}, format="json")
    assert client.get(path(ada)).status_code == 404
    assert kept(cache, client, path(ada)).status_code == 404
    assert kept(cache, own, path(reader)).status_code == 200
    relationships.end(ada, answer.json()["id"])
    assert kept(cache, client, path(ada)).status_code == 200


INSERT = "INSERT INTO relationships (from_user_id, to_user_id, type, status) VALUES (%s, %s, 'BLOCK', 'ACCEPTED')"
BLOCKS: list[Callable[[Relationship], object]] = [
    lambda block: block.save(),
    lambda block: Relationship.objects.bulk_create([block]),
    lambda block: connections["owner"].cursor().execute(INSERT, [block.from_user_id, block.to_user_id]),
]


def test_a_block_counts_however_it_was_written(cache: Cache, ada: User, client: APIClient, reader: User) -> None:
    for write in BLOCKS:
        assert kept(cache, client, path(ada)).status_code == 200
        write(Relationship(from_user=ada, to_user=reader, type="BLOCK", status="ACCEPTED"))
        assert kept(cache, client, path(ada)).status_code == 404
        Relationship.objects.update(type="FOLLOW")
        assert kept(cache, client, path(ada)).status_code == 200
        Relationship.objects.all().delete()


def test_who_is_suspended_is_shown_to_nobody_from_then_on(cache: Cache, ada: User, client: APIClient) -> None:
    kept(cache, client, path(ada))
    moderation.suspend(ada, make_moderator())
    local.clear()
    assert client.get(path(ada)).status_code == 404
    moderation.reactivate(ada, make_moderator())
    local.clear()
    assert client.get(path(ada)).status_code == 200


def test_a_suspension_counts_however_it_was_written(cache: Cache, ada: User, client: APIClient) -> None:
    kept(cache, client, path(ada))
    User.objects.filter(pk=ada.pk).update(is_active=False)
    refused = kept(cache, client, path(ada))
    assert (refused.status_code, refused.content) == (404, loaded(cache, client, path(ada)).content)


def test_that_there_is_nobody_is_kept_until_there_is(cache: Cache, client: APIClient) -> None:
    nobody = User(pk=uuid4(), name="Later")
    refused = kept(cache, client, path(nobody))
    assert (refused.status_code, refused.content) == (404, loaded(cache, client, path(nobody)).content)
    User.objects.bulk_create([nobody])
    assert kept(cache, client, path(nobody)).json()["name"] == "Later"


def test_nothing_is_kept_of_what_is_not_committed(cache: Cache, ada: User, client: APIClient) -> None:
    client.get("/api/v1/me")
    with transaction.atomic():
        User.objects.filter(pk=ada.pk).update(name="Grace")
        assert client.get(path(ada)).json()["name"] == "Grace"
        transaction.set_rollback(True)
    assert not cache.redis.exists(PROFILE.key(ada.pk))
    assert kept(cache, client, path(ada)).json()["name"] == "Ada"
