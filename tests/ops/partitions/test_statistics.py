"""The nightly ANALYZE reaches partitioned tables, of every level, which autovacuum never does."""

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from ops.tasks import analyze
from tests.databases import rows
from tests.ops.partitions.tools import made_at, make_person, open_category, write_status

PARENTS = ["forum_posts", "forum_posts_recipes", "messages", "status_updates"]
KNOWN = "SELECT DISTINCT tablename FROM pg_stats WHERE inherited AND schemaname = current_schema() ORDER BY 1"
WRITE = """
    WITH thread AS (INSERT INTO forum_threads (category, author_id, title) VALUES (%(category)s, %(person)s, 'x')
                    RETURNING id)
    INSERT INTO forum_posts (id, created_at, category, thread_id, author_id, content)
    SELECT gen_random_uuid(), %(at)s, %(category)s, id, %(person)s, 'x' FROM thread
"""


@pytest.fixture
def written(scratch: BaseDatabaseWrapper) -> None:
    """A row in each partitioned table."""
    at, person, category = made_at(), make_person(), open_category()
    write_status(person, at)
    with scratch.cursor() as cursor:
        cursor.execute(WRITE, {"category": category, "person": person, "at": at})
        cursor.execute("WITH talk AS (INSERT INTO conversations DEFAULT VALUES RETURNING id) INSERT INTO messages "
                       "(id, created_at, conversation_id, sender_id, content) "
                       "SELECT gen_random_uuid(), %s, id, %s, 'x' FROM talk", [at, person])


def test_every_parent_has_statistics(written: None) -> None:
    assert rows(KNOWN) == []
    analyze(timestamp=0)
    assert [table for (table,) in rows(KNOWN)] == PARENTS
