"""An endpoint sends as many queries for many rows as for one."""

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from foodshare.models import User
from groups.models import CommunityGroup
from groups.summary import refresh
from tests.factories import client_for, make_exchange, make_group, make_member, make_rating, make_user


def queries(client: APIClient, path: str, results: int) -> int:
    """How many queries `path` sends to show `results` rows."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(f"/api/v1/{path}?limit={results}")
    assert len(answer.json()["results"]) == results
    return len(captured)


def assert_constant(client: APIClient, path: str) -> None:
    client.get(f"/api/v1/{path}")  # the first request may do what later ones need not
    assert queries(client, path, 1) == queries(client, path, 12)


def belong_to_many(user: User) -> None:
    for _ in range(12):
        make_member(make_group(), user)


@pytest.mark.django_db
def test_list() -> None:
    user = make_user()
    belong_to_many(user)
    assert_constant(client_for(user), "groups")


@pytest.mark.django_db
def test_members() -> None:
    group: CommunityGroup = make_group()
    users = [make_member(group) for _ in range(12)]
    assert_constant(client_for(users[0]), f"groups/{group.pk}/members")


def test_discover(owner: BaseDatabaseWrapper) -> None:
    for _ in range(12):
        make_rating(make_exchange(status="completed"))
    refresh(owner)
    assert_constant(client_for(make_user()), "groups/discover")
