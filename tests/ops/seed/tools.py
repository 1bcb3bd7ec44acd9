"""A date for the data, and what is counted and compared in it."""

from datetime import datetime
from typing import Any

from django.db import connections

AT = datetime(2026, 5, 1, 12)
TABLES = ("neighborhoods", "buildings", "users", "mode_transition_events", "verification_requests", "community_groups",
          "group_memberships", "food_posts", "exchanges", "ratings", "user_global_reputation", "reputation_events",
          "reputation_states", "profiles", "relationships", "rooms", "conversations", "conversation_participants",
          "messages", "status_updates", "forum_categories", "forum_threads", "forum_posts")


def checksums() -> dict[str, tuple[int, str]]:
    """Of each table: its rows, and a sum over the whole of every row, ids and times included."""
    with connections["owner"].cursor() as cursor:
        found = {}
        for table in TABLES:
            cursor.execute("SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text "
                           f"FROM {table} t")
            found[table] = cursor.fetchone()
    return found


def offenders(query: str) -> list[tuple[Any, ...]]:
    """The rows that break a rule, by a query that finds them."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(query)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
