"""Seeded rows of a small platform: they keep the rules, and are as uneven as people are."""

from collections.abc import Iterator

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from ops.seed import seed
from reputation.rebuild import rebuild
from tests.databases import pristine, scratch_database
from tests.ops.seed.checks import broken
from tests.ops.seed.tools import AT, offenders

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("small")]


@pytest.fixture(scope="module")
def small(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database of these tests' own, which they only read."""
    shared = connections["owner"].settings_dict["NAME"]
    with django_db_blocker.unblock(), scratch_database("small", template=pristine(shared)):
        seed("small", at=AT)
        yield


def test_small_data_keep_every_rule_and_hold_every_state() -> None:
    assert broken() == {}
    assert {status for (status,) in offenders("SELECT DISTINCT status FROM exchanges")} == {
        "pending", "confirmed", "completed", "cancelled", "disputed"}
    assert {status for (status,) in offenders("SELECT DISTINCT status FROM food_posts")} == {
        "available", "claimed", "completed", "withdrawn", "expired"}
    assert not rebuild(lambda *_: None, check=True).totals
    assert offenders("SELECT stars FROM ratings GROUP BY stars ORDER BY stars") == [(1,), (2,), (3,), (4,), (5,)]


def test_a_few_people_know_very_many_and_most_know_few() -> None:
    assert offenders("""
        SELECT max(friends) > 400, percentile_cont(0.95) WITHIN GROUP (ORDER BY friends) <= 20, min(friends) = 0
        FROM (SELECT count(r.id) AS friends FROM users u LEFT JOIN relationships r ON r.from_user_id = u.id
              AND r.type = 'FRIEND' AND r.status = 'ACCEPTED' GROUP BY u.id) counted""") == [(True, True, True)]
    assert offenders("SELECT type, status FROM relationships GROUP BY 1, 2 ORDER BY 1, 2") == [
        ("BLOCK", "ACCEPTED"), ("FOLLOW", "ACCEPTED"), ("FRIEND", "ACCEPTED"), ("FRIEND", "PENDING")]


def test_a_fifth_of_all_messages_are_in_one_room_and_replies_reach_eight_levels() -> None:
    assert offenders("""
        SELECT max(messages) BETWEEN 0.18 * 100000 AND 0.25 * 100000, sum(messages)
        FROM (SELECT count(*) AS messages FROM messages GROUP BY room_id, conversation_id) counted""") == [
            (True, 100_000)]
    assert offenders("SELECT max(depth) FROM forum_posts") == [(8,)]


def test_a_few_groups_are_busy_and_some_are_empty() -> None:
    assert offenders("""
        SELECT min(posts) = 0, max(posts) > 5 * avg(posts),
               avg(posts) > 1.3 * percentile_cont(0.5) WITHIN GROUP (ORDER BY posts)
        FROM (SELECT count(p.id) AS posts FROM community_groups g LEFT JOIN food_posts p ON p.group_id = g.id
              GROUP BY g.id) counted""") == [(True, True, True)]
