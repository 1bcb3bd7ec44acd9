"""Every foreign key can be followed backwards by an index."""

import pytest
from django.db import connection, connections

# Foreign keys whose columns, in any order, are not the first of any whole index, or of a partial one that leaves
# out rows without the key only.
UNINDEXED = """
    SELECT conrelid::regclass::text, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid
    WHERE contype = 'f' AND relnamespace = current_schema()::regnamespace AND NOT relispartition
      AND NOT EXISTS (
          SELECT FROM pg_index i
          WHERE indrelid = conrelid AND indisvalid
            AND (indpred IS NULL OR pg_get_expr(indpred, indrelid) = (
                 SELECT format('(%I IS NOT NULL)', attname) FROM pg_attribute
                 WHERE attrelid = conrelid AND attnum = conkey[1] AND cardinality(conkey) = 1))
            AND (SELECT array_agg(place ORDER BY place)
                 FROM unnest(indkey[0:cardinality(conkey) - 1]::smallint[]) AS place)
                = (SELECT array_agg(place ORDER BY place) FROM unnest(conkey) AS place))
    ORDER BY 1, 2
"""


@pytest.mark.django_db
def test_every_foreign_key_has_an_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE contype = 'f'")
        assert cursor.fetchone()[0] > 40
        cursor.execute(UNINDEXED)
        assert cursor.fetchall() == []


@pytest.mark.django_db(databases=["default", "owner"])
def test_one_without_is_found() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE followers (id int, user_id uuid REFERENCES users (id), late bool)")
        cursor.execute("CREATE INDEX ON followers (user_id) WHERE late")
        cursor.execute("CREATE INDEX ON followers (late, user_id)")
        cursor.execute(UNINDEXED)
        assert [table for table, _ in cursor.fetchall()] == ["followers"]
