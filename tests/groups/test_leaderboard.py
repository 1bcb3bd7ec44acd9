"""A group's members by what they shared and completed there in the last 30 days."""

from typing import Any

import pytest
from django.db import connection

from foodshare.models import FoodPost, User
from groups.models import CommunityGroup
from groups.queries import rankings
from tests.factories import client_for, later, make_exchange, make_group, make_member, make_post, make_user
from tests.plans import buffers, selects, vacuum

FILL = """
INSERT INTO food_posts (title, pickup_time, created_at, author_id, group_id, status)
SELECT 'Bread', now(), now() - n * %(step)s::interval, %(author)s, %(group)s, 'completed'
FROM generate_series(1, %(number)s) AS n
"""
HAND_OVER = """
INSERT INTO exchanges (food_id, recipient_id, status, created_at)
SELECT id, %(recipient)s, 'completed', created_at FROM food_posts
"""


@pytest.fixture
def group(db: None) -> CommunityGroup:
    return make_group()


def board(reader: User, group: CommunityGroup) -> Any:
    answer = client_for(reader).get(f"/api/v1/groups/{group.pk}/leaderboard")
    assert answer.status_code == 200
    return answer.json()


def ranks(shown: Any) -> list[tuple[int, str, int, int]]:
    return [(each["rank"], each["user"]["name"], each["shared"], each["completed"]) for each in shown["results"]]


def share(giver: User, group: CommunityGroup, taker: User | None = None, **fields: Any) -> FoodPost:
    """A post, which `taker` has received."""
    post = make_post(giver, group, **fields)
    if taker:
        make_exchange(post, taker, status="completed")
        FoodPost.objects.filter(pk=post.pk).update(status="completed")
    return post


def test_both_sides_of_what_was_completed_count(group: CommunityGroup) -> None:
    ada, ben, cleo, dora = (make_member(group, make_user(name=name)) for name in ("Ada", "Ben", "Cleo", "Dora"))
    share(ada, group, taker=ben)
    share(ada, group)
    share(cleo, group)
    shown = board(ben, group)
    assert ranks(shown)[0] == (1, "Ada", 2, 1)
    assert sorted(ranks(shown)[1:]) == [(2, "Ben", 0, 1), (2, "Cleo", 1, 0)]
    assert shown["me"] == next(each for each in shown["results"] if each["user"]["name"] == "Ben")
    assert board(dora, group)["me"] == {
        "rank": None, "user": {"id": str(dora.pk), "name": "Dora", "image": None}, "shared": 0, "completed": 0}


def test_what_does_not_count(group: CommunityGroup) -> None:
    ada, gone, elsewhere = make_member(group), make_user(), make_group()
    make_member(elsewhere, ada)
    share(ada, elsewhere)
    share(ada, group, status="withdrawn")
    share(gone, group)
    share(make_member(group, make_user(is_active=False)), group)
    old = share(ada, group)
    FoodPost.objects.filter(pk=old.pk).update(created_at=later(days=-31))
    make_exchange(share(ada, group), make_member(group), status="confirmed")
    assert [row[2:] for row in ranks(board(ada, group))] == [(1, 0)]


def test_fifty_are_shown_and_oneself(group: CommunityGroup) -> None:
    for _ in range(rankings.LEADERS):
        share(person := make_member(group), group)
        share(person, group)
    share(last := make_member(group), group)
    client, path = client_for(last), f"/api/v1/groups/{group.pk}/leaderboard"
    assert len(selects(lambda: client.get(path))) <= 4  # whoever asks, the group, the membership, the ranking
    shown = board(last, group)
    assert len(shown["results"]) == rankings.LEADERS
    assert {each["rank"] for each in shown["results"]} == {1}
    assert shown["me"]["rank"] == rankings.LEADERS + 1


def test_only_members_see_it(group: CommunityGroup) -> None:
    path = f"/api/v1/groups/{group.pk}/leaderboard"
    waiting = make_member(group, make_user(), state="pending")
    assert [client_for(who).get(path).status_code for who in (make_user(), waiting)] == [403, 403]
    gone_over = make_member(group, make_user())
    gone_over.sharing_mode = "neighborhood"
    gone_over.save()
    assert client_for(gone_over).get(path).status_code == 403
    neighbors = make_group("neighborhood")
    unverified = make_member(neighbors, make_user("neighborhood"))
    assert client_for(unverified).get(f"/api/v1/groups/{neighbors.pk}/leaderboard").status_code == 403


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.slow
@pytest.mark.parametrize("posts", [10_000, 100_000])
def test_pages_touched(posts: int) -> None:
    """200 posts of the last 30 days, among all others: older ones of the group, and those of another."""
    group, busy = make_group(), make_group()
    giver, taker = make_member(group), make_member(group)
    with connection.cursor() as cursor:
        for where, number, step in ((group, posts // 2, "216 minutes"), (busy, posts // 2, "1 minute")):
            cursor.execute(FILL, {"step": step, "author": giver.pk, "group": where.pk, "number": number})
        cursor.execute(HAND_OVER, {"recipient": taker.pk})
    vacuum("food_posts", "exchanges", "users", "group_memberships")
    own: Any
    (first, second), own = rankings.leaderboard(group, taker)
    assert {first.pk, second.pk} == {giver.pk, taker.pk}
    assert own.completed == pytest.approx(199, abs=1)
    assert buffers(lambda: rankings.leaderboard(group, taker)) < 1_500
