"""What people brought from before the ledger becomes the first event of it, so that a replay gives their rows.

Only what the live rows tell is carried: of partners, groups and ratings they tell no more than numbers, which cannot
be carried on, so that these begin anew. The memos are made when they are needed.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BATCH = 5_000
# Of a batch of people in the order of their ids: whose history was seeded as one event, or who have a row that is not
# document A's default and no event.
OPEN = """
    WITH batch AS MATERIALIZED (
        SELECT r.*, u.created_at AS joined FROM user_global_reputation r JOIN users u ON u.id = r.user_id
        WHERE %(after)s::uuid IS NULL OR r.user_id > %(after)s::uuid
        ORDER BY r.user_id LIMIT %(size)s FOR UPDATE OF r
    ), opened AS MATERIALIZED (
        SELECT batch.*, coalesce(seeded.id, gen_random_uuid()) AS event_id,
               coalesce(seeded.new_score, overall_score, 75) AS score,
               coalesce(last_activity, reputation_updated_at, joined) AS at
        FROM batch
        LEFT JOIN reputation_events seeded ON seeded.user_id = batch.user_id AND seeded.event_type = 'seeded_history'
        WHERE seeded.id IS NOT NULL OR (
            NOT EXISTS (SELECT FROM reputation_events e WHERE e.user_id = batch.user_id)
            AND (overall_score, trust_level, total_food_shared, total_food_claimed, total_exchanges_completed,
                 total_groups_participated, avg_food_rating, avg_recipient_rating, reliability_score,
                 reported_incidents, resolved_disputes, community_contributions, account_age_days, peak_reputation,
                 reputation_trend, last_stream_event_id)
                IS DISTINCT FROM (75, 'developing', 0, 0, 0, 0, 0, 0, 75, 0, 0, 0, 0, 75, 'stable', NULL))
    ), events AS (
        INSERT INTO reputation_events
            (id, user_id, event_type, impact_score, previous_score, new_score, description, processed_at, created_at)
        SELECT event_id, user_id, 'opening_balance', score - 75, 75, score,
            json_build_object(
                'raw', (score - 75)::text, 'why', 'what the person brought from before the ledger',
                'carried', json_build_object(
                    'score', score::text, 'shared', coalesce(total_food_shared, 0),
                    'claimed', coalesce(total_food_claimed, 0), 'exchanges', coalesce(total_exchanges_completed, 0),
                    'incidents', coalesce(reported_incidents, 0), 'resolved', coalesce(resolved_disputes, 0),
                    'contributions', coalesce(community_contributions, 0),
                    'last_activity', to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.US+00:00'))),
            at, at
        FROM opened
        ON CONFLICT (id) DO UPDATE SET
            event_type = EXCLUDED.event_type, impact_score = EXCLUDED.impact_score,
            previous_score = EXCLUDED.previous_score, description = EXCLUDED.description,
            processed_at = EXCLUDED.processed_at, created_at = EXCLUDED.created_at
    ), rows AS (
        UPDATE user_global_reputation r SET
            overall_score = score,
            trust_level = CASE
                WHEN score >= 80 AND o.total_exchanges_completed >= 20 AND at - joined >= interval '60 days' THEN 'trusted'
                WHEN score >= 70 AND o.total_exchanges_completed >= 5 THEN 'established'
                WHEN score >= 48 THEN 'developing' ELSE 'concerning' END,
            total_food_shared = coalesce(o.total_food_shared, 0), total_food_claimed = coalesce(o.total_food_claimed, 0),
            total_exchanges_completed = coalesce(o.total_exchanges_completed, 0), total_groups_participated = 0,
            avg_food_rating = 0, avg_recipient_rating = 0,
            reliability_score = least(99.99, round(100 * (coalesce(o.total_exchanges_completed, 0) + 2.25)
                                                   / (coalesce(o.total_exchanges_completed, 0) + 3), 2)),
            reported_incidents = coalesce(o.reported_incidents, 0), resolved_disputes = coalesce(o.resolved_disputes, 0),
            community_contributions = coalesce(o.community_contributions, 0),
            account_age_days = greatest(extract(day FROM at - joined), 0), last_activity = at,
            reputation_updated_at = at, peak_reputation = greatest(score, 75),
            reputation_trend = CASE WHEN joined::date <= at::date - 30 OR abs(score - 75) <= 1 THEN 'stable'
                                    WHEN score > 75 THEN 'rising' ELSE 'declining' END,
            last_stream_event_id = event_id
        FROM opened o WHERE o.user_id = r.user_id
    )
    SELECT user_id FROM batch ORDER BY user_id DESC LIMIT 1
"""


def open_ledgers(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Open the ledgers, a batch a transaction; an interrupted run is simply run again."""
    after = None
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(OPEN, {"after": after, "size": BATCH})
            row = cursor.fetchone()
            if row is None:
                return
            (after,) = row


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("reputation", "0008_ranks"),
    ]
    operations = [
        migrations.RunPython(open_ledgers, migrations.RunPython.noop),
    ]
