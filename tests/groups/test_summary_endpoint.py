"""groups/{id}/summary: what a group shared in the last 30 days."""

from typing import Any

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.models import Exchange, Rating, User
from foodshare.services.ratings import rate
from groups.models import CommunityGroup
from groups.summary import refresh
from tests.factories import client_for, later, make_group, make_member, make_post, make_rating, make_user


def make_exchange(group: CommunityGroup, giver: User, stars: int, recipient: User | None = None,
                  **rating: Any) -> None:
    """A completed exchange with a rating by the recipient, a new person unless one is given."""
    exchange = Exchange.objects.create(food=make_post(giver, group), recipient=recipient or make_user(),
                                       status="completed", completed_at=later())
    make_rating(exchange, stars=stars, **rating)


def average(owner: BaseDatabaseWrapper, group: CommunityGroup) -> object:
    """The average that is shown of the group; the list of groups shows none."""
    refresh(owner)
    client = client_for(make_user())
    one = client.get(f"/api/v1/groups/{group.pk}/summary").json()["avg_rating"]
    (row,) = client.get("/api/v1/groups/discover").json()["results"]
    assert "avg_rating" not in row
    return one


def test_shows_the_row_of_the_view(owner: BaseDatabaseWrapper) -> None:
    group = make_group(city="Leipzig")
    user = make_member(group)
    for stars in (5, 4, 4):
        make_exchange(group, user, stars)
    post = make_post(user, group)
    refresh(owner)
    assert client_for(user).get(f"/api/v1/groups/{group.pk}/summary").json() == {
        "group_id": str(group.pk), "group_name": group.name, "group_type": "community", "city": "Leipzig",
        "member_count": 1, "active_members": 4, "active_members_scope": "platform", "food_posts_30d": 4,
        "avg_rating": "4.13", "successful_exchanges_30d": 3,
        "last_food_post": post.created_at.isoformat().replace("+00:00", "Z"), "refreshed": True,
    }


def test_an_average_waits_for_three_people(owner: BaseDatabaseWrapper) -> None:
    group = make_group()
    giver, regular = make_member(group), make_user()
    seen = []
    for recipient in (regular, regular, make_user(), make_user()):
        make_exchange(group, giver, 5, recipient)
        seen.append(average(owner, group))
    assert seen == [None, None, None, "4.44"]


def test_hidden_ratings_stay_out_of_the_average(owner: BaseDatabaseWrapper) -> None:
    group = make_group()
    giver = make_member(group)
    for _ in range(3):
        make_exchange(group, giver, 5)
    make_exchange(group, giver, 1, revealed_at=None)
    assert average(owner, group) == "4.38"
    rate(Rating.objects.get(stars=1).exchange, giver, 1)  # both have rated now
    assert average(owner, group) == "3.70"


@pytest.mark.django_db
def test_of_a_group_founded_since_the_refresh_is_zeros() -> None:
    group = make_group()
    make_member(group)
    answer = client_for(make_user()).get(f"/api/v1/groups/{group.pk}/summary")
    assert answer.status_code == 200
    assert answer.json() == {
        "group_id": str(group.pk), "group_name": group.name, "group_type": "community", "city": "",
        "member_count": 1, "active_members": 0, "active_members_scope": "platform", "food_posts_30d": 0,
        "avg_rating": None, "successful_exchanges_30d": 0, "last_food_post": None, "refreshed": False,
    }


@pytest.mark.django_db
def test_of_an_unknown_group_is_a_404() -> None:
    answer = client_for(make_user()).get("/api/v1/groups/00000000-0000-4000-8000-000000000000/summary")
    assert answer.status_code == 404
