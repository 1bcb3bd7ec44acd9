"""A reputation row for everyone who was there before reputation was."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BATCH = 5_000
# A batch of people in the order of their ids; of those, whoever has no row gets one.
INSERT = """
    WITH batch AS MATERIALIZED (
        SELECT id FROM users WHERE %(after)s::uuid IS NULL OR id > %(after)s::uuid
        ORDER BY id LIMIT %(size)s FOR KEY SHARE
    ), added AS (
        INSERT INTO user_global_reputation (user_id)
        SELECT id FROM batch ON CONFLICT (user_id) DO NOTHING
    )
    SELECT id FROM batch ORDER BY id DESC LIMIT 1
"""


def insert_missing(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add rows with the table's defaults, a batch a transaction; an interrupted run is simply run again."""
    after = None
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(INSERT, {"after": after, "size": BATCH})
            row = cursor.fetchone()
            if row is None:
                return
            (after,) = row


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("foodshare", "0008_extensions"),
        ("reputation", "0003_platform_indexes"),
    ]
    operations = [
        migrations.RunPython(insert_missing, migrations.RunPython.noop),
    ]
