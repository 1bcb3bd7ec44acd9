"""Triggers note what changed of profiles, relationships and ratings, and who is new."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

FUNCTIONS = (
    "pgtrigger_profile_truncate_noted_6ba1c",
    "pgtrigger_profile_update_noted_87451",
    "pgtrigger_profile_insert_noted_aae8a",
    "pgtrigger_profile_delete_noted_77fa4",
    "pgtrigger_rating_truncate_noted_0f3c0",
    "pgtrigger_rating_update_noted_66fde",
    "pgtrigger_rating_insert_noted_e7eb6",
    "pgtrigger_rating_delete_noted_943ac",
    "pgtrigger_relationship_truncate_noted_88a6f",
    "pgtrigger_relationship_update_noted_73cb8",
    "pgtrigger_relationship_insert_noted_9d524",
    "pgtrigger_relationship_delete_noted_38bce",
    "pgtrigger_person_insert_noted_a9f3d",
)


class Migration(migrations.Migration):

    dependencies = [
        ('foodshare', '0017_cache_invalidations'),
    ]

    operations = [
        # pgtrigger leaves the functions of removed triggers behind.
        migrations.RunSQL(migrations.RunSQL.noop, "DROP FUNCTION IF EXISTS " + ", ".join(FUNCTIONS)),
        pgtrigger.migrations.AddTrigger(
            model_name='profile',
            trigger=pgtrigger.compiler.Trigger(name='profile_truncate_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('profile', ARRAY['*']); RETURN NULL;", hash='9c6a97d5dc6b9baf1804521a3c71215b16065f20', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_profile_truncate_noted_6ba1c', table='profiles', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='profile',
            trigger=pgtrigger.compiler.Trigger(name='profile_update_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('profile', ARRAY(SELECT DISTINCT unnest(ARRAY[o.id::text, n.id::text]) FROM old_rows AS o JOIN new_rows AS n USING (id) WHERE (o.bio, o.interests, o.roles, o.location_city, o.location_state) IS DISTINCT FROM (n.bio, n.interests, n.roles, n.location_city, n.location_state))); RETURN NULL;", hash='72b0a348b016b2493a78caf662d78d7699aaaced', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_profile_update_noted_87451', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='profiles', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='profile',
            trigger=pgtrigger.compiler.Trigger(name='profile_insert_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('profile', ARRAY(SELECT DISTINCT unnest(ARRAY[id::text]) FROM new_rows)); RETURN NULL;", hash='865425ef289a97052aadc8d7c8aaffeb95772050', level='STATEMENT', operation='INSERT', pgid='pgtrigger_profile_insert_noted_aae8a', referencing='REFERENCING NEW TABLE AS new_rows ', table='profiles', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='profile',
            trigger=pgtrigger.compiler.Trigger(name='profile_delete_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('profile', ARRAY(SELECT DISTINCT unnest(ARRAY[id::text]) FROM old_rows)); RETURN NULL;", hash='ae104046c5866af344fa9b40c3293a573b622724', level='STATEMENT', operation='DELETE', pgid='pgtrigger_profile_delete_noted_77fa4', referencing='REFERENCING OLD TABLE AS old_rows ', table='profiles', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rating',
            trigger=pgtrigger.compiler.Trigger(name='rating_truncate_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('rating', ARRAY['*']); RETURN NULL;", hash='b9b03e2e3623a633015925ed2a34c0f8fa4ec871', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_rating_truncate_noted_0f3c0', table='ratings', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rating',
            trigger=pgtrigger.compiler.Trigger(name='rating_update_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('rating', ARRAY(SELECT DISTINCT unnest(ARRAY[o.exchange_id::text, n.exchange_id::text]) FROM old_rows AS o JOIN new_rows AS n USING (id) WHERE (o.exchange_id, o.rater_id, o.stars, o.revealed_at) IS DISTINCT FROM (n.exchange_id, n.rater_id, n.stars, n.revealed_at))); RETURN NULL;", hash='8d75789591449b83fd6dff4545ad431fe50ae835', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_rating_update_noted_66fde', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='ratings', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rating',
            trigger=pgtrigger.compiler.Trigger(name='rating_insert_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('rating', ARRAY(SELECT DISTINCT unnest(ARRAY[exchange_id::text]) FROM new_rows)); RETURN NULL;", hash='0ae246a5fcf94c9f8a3f0400bc2aded88797e877', level='STATEMENT', operation='INSERT', pgid='pgtrigger_rating_insert_noted_e7eb6', referencing='REFERENCING NEW TABLE AS new_rows ', table='ratings', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rating',
            trigger=pgtrigger.compiler.Trigger(name='rating_delete_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('rating', ARRAY(SELECT DISTINCT unnest(ARRAY[exchange_id::text]) FROM old_rows)); RETURN NULL;", hash='84649c39605bb7c09751d6ccfbdc4375777dc303', level='STATEMENT', operation='DELETE', pgid='pgtrigger_rating_delete_noted_943ac', referencing='REFERENCING OLD TABLE AS old_rows ', table='ratings', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relationship',
            trigger=pgtrigger.compiler.Trigger(name='relationship_truncate_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('relationship', ARRAY['*']); RETURN NULL;", hash='4a01daedbbf028d5e9ea91e44591820825ed390f', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_relationship_truncate_noted_88a6f', table='relationships', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relationship',
            trigger=pgtrigger.compiler.Trigger(name='relationship_update_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('relationship', ARRAY(SELECT DISTINCT unnest(ARRAY[o.from_user_id::text, o.to_user_id::text, n.from_user_id::text, n.to_user_id::text]) FROM old_rows AS o JOIN new_rows AS n USING (id) WHERE (o.from_user_id, o.to_user_id, o.type, o.status) IS DISTINCT FROM (n.from_user_id, n.to_user_id, n.type, n.status))); RETURN NULL;", hash='31212c527a67b9a1922b44f898f16589977785f5', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_relationship_update_noted_73cb8', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='relationships', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relationship',
            trigger=pgtrigger.compiler.Trigger(name='relationship_insert_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('relationship', ARRAY(SELECT DISTINCT unnest(ARRAY[from_user_id::text, to_user_id::text]) FROM new_rows)); RETURN NULL;", hash='834d00767aa15fbac0b8bb130f1aa4ac7a932847', level='STATEMENT', operation='INSERT', pgid='pgtrigger_relationship_insert_noted_9d524', referencing='REFERENCING NEW TABLE AS new_rows ', table='relationships', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='relationship',
            trigger=pgtrigger.compiler.Trigger(name='relationship_delete_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('relationship', ARRAY(SELECT DISTINCT unnest(ARRAY[from_user_id::text, to_user_id::text]) FROM old_rows)); RETURN NULL;", hash='8465043bae27ab3cfd01a3195a5cf3ce87003cf8', level='STATEMENT', operation='DELETE', pgid='pgtrigger_relationship_delete_noted_38bce', referencing='REFERENCING OLD TABLE AS old_rows ', table='relationships', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='person_insert_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('person', ARRAY(SELECT DISTINCT unnest(ARRAY[id::text]) FROM new_rows)); RETURN NULL;", hash='ce811fe91e5f8351f6e259b11c81772c609cebe6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_person_insert_noted_a9f3d', referencing='REFERENCING NEW TABLE AS new_rows ', table='users', when='AFTER')),
        ),
    ]
