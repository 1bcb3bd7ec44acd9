"""Every foreign key can be followed backwards by an index."""

import pytest
from django.db import connection, connections

from ops.monitoring.sources.constraints import foreign_keys_unindexed


@pytest.mark.django_db(databases=["default", "owner"])
def test_every_foreign_key_has_an_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE contype = 'f'")
        assert cursor.fetchone()[0] > 40
    assert foreign_keys_unindexed(connections["owner"]) == []


@pytest.mark.django_db(databases=["default", "owner"])
def test_one_without_is_found() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE followers (id int, user_id uuid REFERENCES users (id), late bool)")
        cursor.execute("CREATE INDEX ON followers (user_id) WHERE late")
        cursor.execute("CREATE INDEX ON followers (late, user_id)")
    found = foreign_keys_unindexed(connections["owner"])
    assert [(key.table, key.columns) for key in found] == [("followers", ["user_id"])]
