"""When a rating was revealed; until then it is hidden, and no event tells of it."""

from django.db import migrations

from foodshare.db.fields import TimestampField
from foodshare.db.operations import CreateIndexConcurrently, RunSQLFile

BATCH = 5_000
# A batch of ratings in the order of their ids; of those, whichever both sides could see when this ran is revealed.
# It was shown when the other side rated too, or two weeks after completion, whichever came first.
REVEAL = """
    WITH batch AS MATERIALIZED (
        SELECT id, exchange_id, rater_id, created_at FROM ratings
        WHERE %(after)s::uuid IS NULL OR id > %(after)s::uuid
        ORDER BY id LIMIT %(size)s FOR NO KEY UPDATE
    ), shown AS (
        UPDATE ratings SET revealed_at = greatest(batch.created_at, least(
            e.completed_at + interval '14 days',
            (SELECT min(other.created_at) FROM ratings other
             WHERE other.exchange_id = e.id AND other.rater_id <> batch.rater_id)))
        FROM batch JOIN exchanges e ON e.id = batch.exchange_id
        WHERE ratings.id = batch.id AND ratings.revealed_at IS NULL AND batch.rater_id IS NOT NULL
            AND (e.completed_at <= now() - interval '14 days' OR EXISTS (
                SELECT FROM ratings other WHERE other.exchange_id = e.id AND other.rater_id <> batch.rater_id))
    )
    SELECT id FROM batch ORDER BY id DESC LIMIT 1
"""
# Until now a rating was told when it was given, and again when it was changed. What is still hidden will be told
# when it is revealed; of what is revealed, the last word counts.
FORGET = """
    DELETE FROM outbox_events told USING ratings
    WHERE told.topic = 'reputation.events' AND told.payload ? 'previous_stars'
        AND ratings.id = (told.payload ->> 'rating_id')::uuid
        AND (ratings.revealed_at IS NULL OR EXISTS (
            SELECT FROM outbox_events later
            WHERE later.id > told.id AND later.user_id = told.user_id
                AND later.payload ->> 'rating_id' = told.payload ->> 'rating_id'))
"""


def reveal_shown(apps, schema_editor):
    """Set the column of ratings that are shown, a batch a transaction; an interrupted run is simply run again."""
    after = None
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(REVEAL, {"after": after, "size": BATCH})
            row = cursor.fetchone()
            if row is None:
                break
            (after,) = row
        cursor.execute(FORGET)


class Migration(migrations.Migration):
    atomic = False  # each step may be run again
    dependencies = [
        ("foodshare", "0015_outbox_delivery"),
    ]
    operations = [
        RunSQLFile("foodshare", "ratings_revealed_at", state_operations=[
            migrations.AddField("Rating", "revealed_at", TimestampField(blank=True, editable=False, help_text="Empty while it is hidden.", null=True)),
        ]),
        migrations.RunPython(reveal_shown, migrations.RunPython.noop),
        CreateIndexConcurrently("foodshare", "ratings_created_at_id_hidden_idx"),
        CreateIndexConcurrently("foodshare", "ratings_revealed_at_idx"),
    ]
