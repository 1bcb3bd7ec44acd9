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


def test_the_ledger_of_demo_data_folds_to_what_is_kept_of_it() -> None:
    seed("demo", at=AT)
    found = rebuild(lambda *_: None, check=True)
    assert (found.people, found.totals, found.differences) == (50, {}, [])
    assert found.events > 40
