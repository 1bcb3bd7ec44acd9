"""Seeded rows keep the platform's rules."""

import pytest
from django.db import connections

from ops.seed import seed
from tests.ops.seed.rules import RULES
from tests.ops.seed.tools import AT, offenders

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def broken() -> dict[str, list[tuple[object, ...]]]:
    """By rule, some of the rows that break it."""
    return {rule: rows[:3] for rule, query in RULES.items() if (rows := offenders(query))}


def test_demo_data_keep_every_rule() -> None:
    seed("demo", at=AT)
    assert broken() == {}


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
    assert offenders("SELECT stars FROM ratings GROUP BY stars ORDER BY stars") == [(1,), (2,), (3,), (4,), (5,)]


@pytest.mark.slow
@pytest.mark.usefixtures("exact_summary")
def test_a_few_groups_are_busy_and_some_are_empty() -> None:
    seed("small", at=AT)
    assert offenders("""
        SELECT min(posts) = 0, max(posts) > 5 * avg(posts),
               avg(posts) > 1.3 * percentile_cont(0.5) WITHIN GROUP (ORDER BY posts)
        FROM (SELECT count(p.id) AS posts FROM community_groups g LEFT JOIN food_posts p ON p.group_id = g.id
              GROUP BY g.id) counted""") == [(True, True, True)]
