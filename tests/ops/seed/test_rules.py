"""Seeded rows keep the platform's rules."""

import pytest
from django.db import connections

from ops.seed import seed
from reputation.rebuild import rebuild
from tests.ops.seed.checks import broken
from tests.ops.seed.tools import AT, offenders

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.mark.slow
def test_demo_data_keep_every_rule() -> None:
    seed("demo", at=AT)
    assert broken() == {}


def test_in_one_group_of_the_demo_trusted_people_go_first() -> None:
    seed("demo", at=AT)
    assert offenders("""
        SELECT claim_minutes_trusted, claim_minutes_others, claim_minutes_concerning
        FROM community_groups WHERE claim_minutes_others > 0""") == [(2, 5, 30)]


def test_a_broken_rule_is_noticed() -> None:
    seed("demo", at=AT)
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE food_posts SET status = 'completed' WHERE status = 'available'")
    assert list(broken()) == ["a post is completed exactly when its exchange is, or was before a dispute"]


@pytest.mark.slow
@pytest.mark.usefixtures("exact_summary")
def test_small_data_keep_every_rule_and_hold_every_state() -> None:
    seed("small", at=AT)
    assert broken() == {}
    assert {status for (status,) in offenders("SELECT DISTINCT status FROM exchanges")} == {
        "pending", "confirmed", "completed", "cancelled", "disputed"}
    assert {status for (status,) in offenders("SELECT DISTINCT status FROM food_posts")} == {
        "available", "claimed", "completed", "withdrawn", "expired"}
    assert not rebuild(lambda *_: None, check=True).totals
    assert offenders("SELECT stars FROM ratings GROUP BY stars ORDER BY stars") == [(1,), (2,), (3,), (4,), (5,)]


@pytest.mark.slow
def test_a_broken_rule_of_what_people_say_is_noticed() -> None:
    seed("demo", at=AT)
    for change in ("UPDATE forum_threads SET post_count = post_count + 1",
                   "UPDATE conversations SET last_message_at = created_at - interval '1 day'",
                   "UPDATE messages m SET sender_id = (SELECT admin_user_id FROM community_groups WHERE id NOT IN ("
                   "SELECT group_id FROM group_memberships WHERE user_id = m.sender_id) LIMIT 1) "
                   "WHERE room_id IS NOT NULL"):
        with connections["owner"].cursor() as cursor:
            cursor.execute(change)
    assert {"a category is open, a thread in it knows how many posts it has, and the last",
            "a conversation knows its last message", "in a room its group's active members write"} <= set(broken())


@pytest.mark.slow
@pytest.mark.usefixtures("exact_summary")
def test_a_few_people_know_very_many_and_most_know_few() -> None:
    seed("small", at=AT)
    assert offenders("""
        SELECT max(friends) > 400, percentile_cont(0.95) WITHIN GROUP (ORDER BY friends) <= 20, min(friends) = 0
        FROM (SELECT count(r.id) AS friends FROM users u LEFT JOIN relationships r ON r.from_user_id = u.id
              AND r.type = 'FRIEND' AND r.status = 'ACCEPTED' GROUP BY u.id) counted""") == [(True, True, True)]
    assert offenders("SELECT type, status FROM relationships GROUP BY 1, 2 ORDER BY 1, 2") == [
        ("BLOCK", "ACCEPTED"), ("FOLLOW", "ACCEPTED"), ("FRIEND", "ACCEPTED"), ("FRIEND", "PENDING")]


@pytest.mark.slow
@pytest.mark.usefixtures("exact_summary")
def test_a_fifth_of_all_messages_are_in_one_room_and_replies_reach_eight_levels() -> None:
    seed("small", at=AT)
    assert offenders("""
        SELECT max(messages) BETWEEN 0.18 * 100000 AND 0.25 * 100000, sum(messages)
        FROM (SELECT count(*) AS messages FROM messages GROUP BY room_id, conversation_id) counted""") == [
            (True, 100_000)]
    assert offenders("SELECT max(depth) FROM forum_posts") == [(8,)]


@pytest.mark.slow
@pytest.mark.usefixtures("exact_summary")
def test_a_few_groups_are_busy_and_some_are_empty() -> None:
    seed("small", at=AT)
    assert offenders("""
        SELECT min(posts) = 0, max(posts) > 5 * avg(posts),
               avg(posts) > 1.3 * percentile_cont(0.5) WITHIN GROUP (ORDER BY posts)
        FROM (SELECT count(p.id) AS posts FROM community_groups g LEFT JOIN food_posts p ON p.group_id = g.id
              GROUP BY g.id) counted""") == [(True, True, True)]


def test_the_ledger_of_demo_data_folds_to_what_is_kept_of_it() -> None:
    seed("demo", at=AT)
    found = rebuild(lambda *_: None, check=True)
    assert (found.people, found.totals, found.differences) == (50, {}, [])
    assert found.events > 40
