"""Triggers note what changed of what is told of people's reputation."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

FUNCTIONS = (
    "pgtrigger_reputation_truncate_noted_4defa",
    "pgtrigger_reputation_update_noted_433a2",
    "pgtrigger_reputation_insert_noted_8557a",
    "pgtrigger_reputation_delete_noted_dea55",
    "pgtrigger_reputation_truncate_noted_ddf4b",
    "pgtrigger_reputation_update_noted_12461",
    "pgtrigger_reputation_insert_noted_6edcc",
    "pgtrigger_reputation_delete_noted_b7758",
    "pgtrigger_reputation_truncate_noted_eec10",
    "pgtrigger_reputation_update_noted_c1f52",
    "pgtrigger_reputation_insert_noted_08e5c",
    "pgtrigger_reputation_delete_noted_e3a70",
)


class Migration(migrations.Migration):

    dependencies = [
        ('foodshare', '0017_cache_invalidations'),
        ('reputation', '0011_sync'),
    ]

    operations = [
        # pgtrigger leaves the functions of removed triggers behind.
        migrations.RunSQL(migrations.RunSQL.noop, "DROP FUNCTION IF EXISTS " + ", ".join(FUNCTIONS)),
        pgtrigger.migrations.AddTrigger(
            model_name='reputationprivacy',
            trigger=pgtrigger.compiler.Trigger(name='reputation_truncate_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('reputation', ARRAY['*']); RETURN NULL;", hash='51965674f60f098958fd64769c9dff39ec1f3fdc', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_reputation_truncate_noted_4defa', table='reputation_privacy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reputationprivacy',
            trigger=pgtrigger.compiler.Trigger(name='reputation_update_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('reputation', ARRAY(SELECT DISTINCT unnest(ARRAY[o.user_id::text, n.user_id::text]) FROM old_rows AS o JOIN new_rows AS n USING (user_id) WHERE (o.show_score, o.show_level, o.show_statistics, o.show_trend) IS DISTINCT FROM (n.show_score, n.show_level, n.show_statistics, n.show_trend))); RETURN NULL;", hash='d157eef3abefddbf257877533a95ec0082c31543', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_reputation_update_noted_433a2', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='reputation_privacy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reputationprivacy',
            trigger=pgtrigger.compiler.Trigger(name='reputation_insert_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('reputation', ARRAY(SELECT DISTINCT unnest(ARRAY[user_id::text]) FROM new_rows)); RETURN NULL;", hash='0d2aa1e02b6710472bcafe9e8a1caa82cd28a643', level='STATEMENT', operation='INSERT', pgid='pgtrigger_reputation_insert_noted_8557a', referencing='REFERENCING NEW TABLE AS new_rows ', table='reputation_privacy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reputationprivacy',
            trigger=pgtrigger.compiler.Trigger(name='reputation_delete_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('reputation', ARRAY(SELECT DISTINCT unnest(ARRAY[user_id::text]) FROM old_rows)); RETURN NULL;", hash='d64ea1638ad1d40966610772db229ea01411e0f3', level='STATEMENT', operation='DELETE', pgid='pgtrigger_reputation_delete_noted_dea55', referencing='REFERENCING OLD TABLE AS old_rows ', table='reputation_privacy', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reputationstate',
            trigger=pgtrigger.compiler.Trigger(name='reputation_truncate_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('reputation', ARRAY['*']); RETURN NULL;", hash='cd962add13a27d8e3ba616b2d8aac3535c33a6a0', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_reputation_truncate_noted_ddf4b', table='reputation_states', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reputationstate',
            trigger=pgtrigger.compiler.Trigger(name='reputation_update_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('reputation', ARRAY(SELECT DISTINCT unnest(ARRAY[o.user_id::text, n.user_id::text]) FROM old_rows AS o JOIN new_rows AS n USING (user_id) WHERE (o.state) IS DISTINCT FROM (n.state))); RETURN NULL;", hash='23cf50664d8328acfe7702a7aa509e17167ca9d0', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_reputation_update_noted_12461', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='reputation_states', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reputationstate',
            trigger=pgtrigger.compiler.Trigger(name='reputation_insert_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('reputation', ARRAY(SELECT DISTINCT unnest(ARRAY[user_id::text]) FROM new_rows)); RETURN NULL;", hash='79452c0b2c889d5226e339e846c858958a9208b4', level='STATEMENT', operation='INSERT', pgid='pgtrigger_reputation_insert_noted_6edcc', referencing='REFERENCING NEW TABLE AS new_rows ', table='reputation_states', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reputationstate',
            trigger=pgtrigger.compiler.Trigger(name='reputation_delete_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('reputation', ARRAY(SELECT DISTINCT unnest(ARRAY[user_id::text]) FROM old_rows)); RETURN NULL;", hash='54a1168add5d8b7ebf85a6c6a931c30e690ecd06', level='STATEMENT', operation='DELETE', pgid='pgtrigger_reputation_delete_noted_b7758', referencing='REFERENCING OLD TABLE AS old_rows ', table='reputation_states', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='userglobalreputation',
            trigger=pgtrigger.compiler.Trigger(name='reputation_truncate_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('reputation', ARRAY['*']); RETURN NULL;", hash='9afa363016cf59428908fd6e501556fff6d83145', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_reputation_truncate_noted_eec10', table='user_global_reputation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='userglobalreputation',
            trigger=pgtrigger.compiler.Trigger(name='reputation_update_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('reputation', ARRAY(SELECT DISTINCT unnest(ARRAY[o.user_id::text, n.user_id::text]) FROM old_rows AS o JOIN new_rows AS n USING (user_id) WHERE (o.overall_score, o.trust_level, o.total_food_shared, o.total_food_claimed, o.total_exchanges_completed, o.total_groups_participated, o.reliability_score, o.community_contributions, o.last_activity, o.peak_reputation, o.reputation_trend, o.reputation_updated_at) IS DISTINCT FROM (n.overall_score, n.trust_level, n.total_food_shared, n.total_food_claimed, n.total_exchanges_completed, n.total_groups_participated, n.reliability_score, n.community_contributions, n.last_activity, n.peak_reputation, n.reputation_trend, n.reputation_updated_at))); RETURN NULL;", hash='3ef0a9d8348ebd7b90fc307eec82e95c3d9cd957', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_reputation_update_noted_c1f52', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='user_global_reputation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='userglobalreputation',
            trigger=pgtrigger.compiler.Trigger(name='reputation_insert_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('reputation', ARRAY(SELECT DISTINCT unnest(ARRAY[user_id::text]) FROM new_rows)); RETURN NULL;", hash='4eefbf0209123a403cae847f5bf9115c62b5e3dc', level='STATEMENT', operation='INSERT', pgid='pgtrigger_reputation_insert_noted_08e5c', referencing='REFERENCING NEW TABLE AS new_rows ', table='user_global_reputation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='userglobalreputation',
            trigger=pgtrigger.compiler.Trigger(name='reputation_delete_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('reputation', ARRAY(SELECT DISTINCT unnest(ARRAY[user_id::text]) FROM old_rows)); RETURN NULL;", hash='827be445263e700402c688f5290f799e504d2af7', level='STATEMENT', operation='DELETE', pgid='pgtrigger_reputation_delete_noted_e3a70', referencing='REFERENCING OLD TABLE AS old_rows ', table='user_global_reputation', when='AFTER')),
        ),
    ]
