"""What people do: numbers from the planner's statistics, and what waits for moderators."""

from collections.abc import Collection, Iterator

from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from foodshare.admin.base import count_past_limit
from foodshare.admin.overview import WAITING
from foodshare.models import ExchangeStatus, PostStatus
from ops.monitoring.figures import Figure
from ops.monitoring.rows import fetch

TABLES = "SELECT relname::text, greatest(reltuples, 0)::float FROM pg_class WHERE oid = ANY(%s::regclass[])"
STATUSES = """
    SELECT greatest(reltuples, 0)::float, coalesce(most_common_vals::text::text[], '{}'),
           coalesce(most_common_freqs, '{}')
    FROM pg_stats JOIN pg_class ON pg_class.oid = %(table)s::regclass
    WHERE schemaname = current_schema() AND tablename = %(table)s AND attname = 'status'
"""
STATUSED = (("food_posts", "foodshare_posts", PostStatus.values),
            ("exchanges", "foodshare_exchanges", ExchangeStatus.values))


def by_status(connection: BaseDatabaseWrapper, table: str, statuses: Collection[str]) -> dict[str, float]:
    """Estimated rows of a table by their status; nothing before it was analyzed. Those that the statistics do not know,
    as they are rare, have equal parts of what is left, as the planner takes them to."""
    found: dict[str, float] = {}
    for rows, values, shares in fetch(lambda *columns: columns, connection, STATUSES, {"table": table}):
        common = dict(zip(values, shares, strict=True))
        left = max(0.0, 1 - sum(shares)) / max(1, len(set(statuses) - set(common)))
        found = {status: rows * common.get(status, left) for status in statuses}
    return found


def figures() -> Iterator[Figure]:
    connection = connections["owner"]
    rows = dict(fetch(lambda *columns: columns, connection, TABLES, [["users", "community_groups"]]))
    yield "foodshare_people", {}, rows["users"]
    yield "foodshare_groups", {}, rows["community_groups"]
    for table, name, statuses in STATUSED:
        for status, count in by_status(connection, table, statuses).items():
            yield name, {"status": status}, count
    for title, label, condition, _ in WAITING:
        rows_waiting = apps.get_model(label)._default_manager.using("owner").filter(condition)
        yield "foodshare_moderation_waiting", {"queue": title.lower()}, count_past_limit(rows_waiting)
