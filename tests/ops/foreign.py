"""A database as another program made it, and what is asked of it before and after its adoption."""

from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connections

from foodshare.db.operations import sql
from ops.verification import verify
from tests.databases import rows, run

TABLES = ("users", "food_posts", "exchanges", "ratings")
ROWS = """
    INSERT INTO users (name, image, is_active, created_at)
        SELECT 'Person ' || n, CASE WHEN n % 3 = 0 THEN 'https://example.org/' || n END, n % 50 <> 0,
               timestamp '2025-01-01' + n * interval '1 minute' FROM generate_series(1, {count}) n;
    INSERT INTO food_posts (group_id, status, pickup_time, created_at, title, author_id)
        SELECT {group}, CASE WHEN n % 4 = 0 THEN 'completed' ELSE 'available' END, created_at + interval '1 day',
               created_at, 'Bread ' || n, id FROM (SELECT *, row_number() OVER (ORDER BY created_at) n FROM users) u;
    INSERT INTO exchanges (food_id, recipient_id, status, created_at)
        SELECT id, author_id, 'completed', created_at FROM food_posts WHERE status = 'completed';
    INSERT INTO ratings (exchange_id, stars, created_at)
        SELECT id, 1 + (row_number() OVER ()) % 5, created_at FROM exchanges;
"""
COLUMNS = {
    "users": "id, name, image, is_active, created_at",
    "food_posts": "id, group_id, status, pickup_time, created_at, title, author_id",
    "exchanges": "id, food_id, recipient_id, status, created_at",
    "ratings": "id, exchange_id, stars, created_at",
}


def create_tables() -> None:
    for table in TABLES:
        run(sql("foodshare", table))


def fill(count: int, group: str = "NULL::uuid") -> None:
    run(ROWS.format(count=count, group=group))


def checksums() -> dict[str, tuple[Any, ...]]:
    """The number of rows and a checksum of the original columns, without what writers wrote meanwhile."""
    sums = {}
    for table, columns in COLUMNS.items():
        [sums[table]] = rows(f"SELECT count(*), md5(string_agg(md5(({columns})::text), '' ORDER BY id)) FROM {table} "
                             "WHERE created_at < '2026-06-01'")
    return sums


def failing() -> list[str]:
    return [finding.name for finding in verify(connections["owner"], connections["default"]) if finding.fails]


def adopt(*arguments: str) -> str:
    output = StringIO()
    call_command("adopt", *arguments, stdout=output, stderr=output, verbosity=0)
    return output.getvalue()
