"""What people do: numbers from the planner's statistics, and what waits for moderators."""

from collections.abc import Iterator

from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.admin.base import count_past_limit
from foodshare.admin.overview import WAITING
from ops.monitoring.figures import Figure
from ops.monitoring.rows import fetch

TABLES = "SELECT relname::text, greatest(reltuples, 0)::float FROM pg_class WHERE oid = ANY(%s::regclass[])"
STATUSES = """
    SELECT value, share * greatest(reltuples, 0)
    FROM pg_stats JOIN pg_class ON pg_class.oid = %(table)s::regclass,
         unnest(most_common_vals::text::text[], most_common_freqs) AS common (value, share)
    WHERE schemaname = current_schema() AND tablename = %(table)s AND attname = 'status'
"""


def by_status(connection: BaseDatabaseWrapper, table: str) -> dict[str, float]:
    """Estimated rows of a table by their status; nothing before it was analyzed."""
    return dict(fetch(lambda *columns: columns, connection, STATUSES, {"table": table}))


def figures() -> Iterator[Figure]:
    connection = connections["owner"]
    rows = dict(fetch(lambda *columns: columns, connection, TABLES, [["users", "community_groups"]]))
    yield "foodshare_people", {}, rows["users"]
    yield "foodshare_groups", {}, rows["community_groups"]
    for table, name in (("food_posts", "foodshare_posts"), ("exchanges", "foodshare_exchanges")):
        for status, count in by_status(connection, table).items():
            yield name, {"status": status}, count
    for title, label, condition, _ in WAITING:
        rows_waiting = apps.get_model(label)._default_manager.using("owner").filter(condition)
        yield "foodshare_moderation_waiting", {"queue": title.lower()}, count_past_limit(rows_waiting)
