"""Triggers note what changed of talk and groups, for the cache."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

FUNCTIONS = (
    "pgtrigger_group_truncate_noted_6eaa5",
    "pgtrigger_group_update_noted_18da5",
    "pgtrigger_group_insert_noted_0f6c4",
    "pgtrigger_group_delete_noted_ea6b3",
    "pgtrigger_forum_truncate_noted_81a50",
    "pgtrigger_forum_update_noted_b6daf",
    "pgtrigger_forum_delete_noted_d95ef",
    "pgtrigger_forum_truncate_noted_6dd66",
    "pgtrigger_forum_update_noted_66b48",
    "pgtrigger_forum_insert_noted_2e231",
    "pgtrigger_forum_delete_noted_2a433",
    "pgtrigger_forum_truncate_noted_62d71",
    "pgtrigger_forum_update_noted_3bc02",
    "pgtrigger_forum_delete_noted_eb379",
    "pgtrigger_room_truncate_noted_6f3a5",
    "pgtrigger_room_update_noted_8585f",
    "pgtrigger_room_insert_noted_2091f",
    "pgtrigger_room_delete_noted_b0635",
    "pgtrigger_status_update_truncate_noted_e9d7c",
    "pgtrigger_status_update_update_noted_2439e",
    "pgtrigger_status_update_insert_noted_c4d1d",
    "pgtrigger_status_update_delete_noted_7995b",
    "pgtrigger_group_summary_truncate_noted_39d39",
    "pgtrigger_group_summary_update_noted_4d6be",
    "pgtrigger_group_summary_delete_noted_237d2",
)


class Migration(migrations.Migration):

    dependencies = [
        ('foodshare', '0017_cache_invalidations'),
        ('groups', '0013_group_activities'),
    ]

    operations = [
        # pgtrigger leaves the functions of removed triggers behind.
        migrations.RunSQL(migrations.RunSQL.noop, "DROP FUNCTION IF EXISTS " + ", ".join(FUNCTIONS)),
        migrations.CreateModel(
            name='WatchedExchange',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('foodshare.exchange',),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='communitygroup',
            trigger=pgtrigger.compiler.Trigger(name='group_truncate_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('group', ARRAY['*']); RETURN NULL;", hash='a32970f9c76646235994517d163b6ce6f83d0a0c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_group_truncate_noted_6eaa5', table='community_groups', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='communitygroup',
            trigger=pgtrigger.compiler.Trigger(name='group_update_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('group', ARRAY(SELECT DISTINCT unnest(ARRAY[o.id::text, n.id::text]) FROM old_rows AS o JOIN new_rows AS n USING (id) WHERE (o.name, o.group_type, o.city, o.member_count) IS DISTINCT FROM (n.name, n.group_type, n.city, n.member_count))); RETURN NULL;", hash='5d7fa6ae07c713006bf874549318ee740abd351f', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_group_update_noted_18da5', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='community_groups', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='communitygroup',
            trigger=pgtrigger.compiler.Trigger(name='group_insert_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('group', ARRAY(SELECT DISTINCT unnest(ARRAY[id::text]) FROM new_rows)); RETURN NULL;", hash='3bce25fe138e75803f93d4936c5ce6af92e101bf', level='STATEMENT', operation='INSERT', pgid='pgtrigger_group_insert_noted_0f6c4', referencing='REFERENCING NEW TABLE AS new_rows ', table='community_groups', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='communitygroup',
            trigger=pgtrigger.compiler.Trigger(name='group_delete_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('group', ARRAY(SELECT DISTINCT unnest(ARRAY[id::text]) FROM old_rows)); RETURN NULL;", hash='d1df5592d29bffdcd1f3764733bd92eca4bfd72d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_group_delete_noted_ea6b3', referencing='REFERENCING OLD TABLE AS old_rows ', table='community_groups', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='forumcategory',
            trigger=pgtrigger.compiler.Trigger(name='forum_truncate_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('forum', ARRAY['*']); RETURN NULL;", hash='29aaa28eac4090cc2f2c47754a7c6b8e57122b7e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_forum_truncate_noted_81a50', table='forum_categories', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='forumcategory',
            trigger=pgtrigger.compiler.Trigger(name='forum_update_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('forum', ARRAY(SELECT DISTINCT unnest(ARRAY[o.id::text, n.id::text]) FROM old_rows AS o JOIN new_rows AS n USING (id) WHERE (o.slug) IS DISTINCT FROM (n.slug))); RETURN NULL;", hash='1c37a54d744c948d308247039124eb731d4ef286', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_forum_update_noted_b6daf', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='forum_categories', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='forumcategory',
            trigger=pgtrigger.compiler.Trigger(name='forum_delete_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('forum', ARRAY(SELECT DISTINCT unnest(ARRAY[id::text]) FROM old_rows)); RETURN NULL;", hash='9bfd22efe531d38ea3631206ae77d1268697fde0', level='STATEMENT', operation='DELETE', pgid='pgtrigger_forum_delete_noted_d95ef', referencing='REFERENCING OLD TABLE AS old_rows ', table='forum_categories', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='forumpost',
            trigger=pgtrigger.compiler.Trigger(name='forum_truncate_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('forum', ARRAY['*']); RETURN NULL;", hash='da857fa83d8cebf16b458b171e0c549bef421747', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_forum_truncate_noted_6dd66', table='forum_posts', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='forumpost',
            trigger=pgtrigger.compiler.Trigger(name='forum_update_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('forum', ARRAY(SELECT DISTINCT unnest(ARRAY[o.category::text, n.category::text]) FROM old_rows AS o JOIN new_rows AS n USING (id) WHERE (o.thread_id, o.category, o.created_at, o.deleted_at) IS DISTINCT FROM (n.thread_id, n.category, n.created_at, n.deleted_at))); RETURN NULL;", hash='27f87f5f48899b178e26f632136a8f40e8157247', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_forum_update_noted_66b48', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='forum_posts', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='forumpost',
            trigger=pgtrigger.compiler.Trigger(name='forum_insert_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('forum', ARRAY(SELECT DISTINCT unnest(ARRAY[category::text]) FROM new_rows)); RETURN NULL;", hash='90a22ef78fcb83656a7aed971a547254ec612c5b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_forum_insert_noted_2e231', referencing='REFERENCING NEW TABLE AS new_rows ', table='forum_posts', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='forumpost',
            trigger=pgtrigger.compiler.Trigger(name='forum_delete_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('forum', ARRAY(SELECT DISTINCT unnest(ARRAY[category::text]) FROM old_rows)); RETURN NULL;", hash='11fa60b25308386caf8e95306a1164df17ffa07b', level='STATEMENT', operation='DELETE', pgid='pgtrigger_forum_delete_noted_2a433', referencing='REFERENCING OLD TABLE AS old_rows ', table='forum_posts', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='forumthread',
            trigger=pgtrigger.compiler.Trigger(name='forum_truncate_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('forum', ARRAY['*']); RETURN NULL;", hash='238a075a6c0214285f49d4526ed6b1d97e3f0319', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_forum_truncate_noted_62d71', table='forum_threads', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='forumthread',
            trigger=pgtrigger.compiler.Trigger(name='forum_update_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('forum', ARRAY(SELECT DISTINCT unnest(ARRAY[o.category::text, n.category::text]) FROM old_rows AS o JOIN new_rows AS n USING (id) WHERE (o.category, o.author_id, o.title, o.post_count, o.last_post_at, o.locked_at, o.created_at) IS DISTINCT FROM (n.category, n.author_id, n.title, n.post_count, n.last_post_at, n.locked_at, n.created_at))); RETURN NULL;", hash='286d114f5d941b121dde838527ff685e26bcc54d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_forum_update_noted_3bc02', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='forum_threads', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='forumthread',
            trigger=pgtrigger.compiler.Trigger(name='forum_delete_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('forum', ARRAY(SELECT DISTINCT unnest(ARRAY[category::text]) FROM old_rows)); RETURN NULL;", hash='13f193c403f549b57d9ab3411efe88e6c45fd8e1', level='STATEMENT', operation='DELETE', pgid='pgtrigger_forum_delete_noted_eb379', referencing='REFERENCING OLD TABLE AS old_rows ', table='forum_threads', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='message',
            trigger=pgtrigger.compiler.Trigger(name='room_truncate_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('room', ARRAY['*']); RETURN NULL;", hash='ab135aaaf3abe5cff92c566cde70034f651eda7f', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_room_truncate_noted_6f3a5', table='messages', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='message',
            trigger=pgtrigger.compiler.Trigger(name='room_update_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('room', ARRAY(SELECT DISTINCT unnest(ARRAY[o.room_id::text, n.room_id::text]) FROM old_rows AS o JOIN new_rows AS n USING (id) WHERE (o.room_id, o.sender_id, o.type, o.content, o.created_at, o.edited_at, o.deleted_at) IS DISTINCT FROM (n.room_id, n.sender_id, n.type, n.content, n.created_at, n.edited_at, n.deleted_at))); RETURN NULL;", hash='5f8903978dacffaf0cf6bb844ee5d0f160d8b9ba', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_room_update_noted_8585f', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='messages', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='message',
            trigger=pgtrigger.compiler.Trigger(name='room_insert_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('room', ARRAY(SELECT DISTINCT unnest(ARRAY[room_id::text]) FROM new_rows)); RETURN NULL;", hash='fcec95de777f4dc2a28e4d0a1cd3287895959d80', level='STATEMENT', operation='INSERT', pgid='pgtrigger_room_insert_noted_2091f', referencing='REFERENCING NEW TABLE AS new_rows ', table='messages', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='message',
            trigger=pgtrigger.compiler.Trigger(name='room_delete_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('room', ARRAY(SELECT DISTINCT unnest(ARRAY[room_id::text]) FROM old_rows)); RETURN NULL;", hash='0f5aaba270b8bd70d7b6ea0166fbc0192d826981', level='STATEMENT', operation='DELETE', pgid='pgtrigger_room_delete_noted_b0635', referencing='REFERENCING OLD TABLE AS old_rows ', table='messages', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='statusupdate',
            trigger=pgtrigger.compiler.Trigger(name='status_update_truncate_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('status_update', ARRAY['*']); RETURN NULL;", hash='124cf9a8a78d2a26cb9d5773436455edc9abaf21', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_status_update_truncate_noted_e9d7c', table='status_updates', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='statusupdate',
            trigger=pgtrigger.compiler.Trigger(name='status_update_update_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('status_update', ARRAY(SELECT DISTINCT unnest(ARRAY[o.author_id::text, n.author_id::text]) FROM old_rows AS o JOIN new_rows AS n USING (id) WHERE (o.author_id, o.group_id, o.content, o.created_at) IS DISTINCT FROM (n.author_id, n.group_id, n.content, n.created_at))); RETURN NULL;", hash='a238ddb7f2161496e82512d08a82167f269a394c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_status_update_update_noted_2439e', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='status_updates', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='statusupdate',
            trigger=pgtrigger.compiler.Trigger(name='status_update_insert_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('status_update', ARRAY(SELECT DISTINCT unnest(ARRAY[author_id::text]) FROM new_rows)); RETURN NULL;", hash='788a8f027127fe08e1659a796b1bc6793f1c8f88', level='STATEMENT', operation='INSERT', pgid='pgtrigger_status_update_insert_noted_c4d1d', referencing='REFERENCING NEW TABLE AS new_rows ', table='status_updates', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='statusupdate',
            trigger=pgtrigger.compiler.Trigger(name='status_update_delete_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('status_update', ARRAY(SELECT DISTINCT unnest(ARRAY[author_id::text]) FROM old_rows)); RETURN NULL;", hash='2dcd26c673079defa1c7fa9bab56b21a120c22bc', level='STATEMENT', operation='DELETE', pgid='pgtrigger_status_update_delete_noted_7995b', referencing='REFERENCING OLD TABLE AS old_rows ', table='status_updates', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='watchedexchange',
            trigger=pgtrigger.compiler.Trigger(name='group_summary_truncate_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('group_summary', ARRAY['*']); RETURN NULL;", hash='52416f1a925cd85b4685b83980ff024da0f99aac', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_group_summary_truncate_noted_39d39', table='exchanges', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='watchedexchange',
            trigger=pgtrigger.compiler.Trigger(name='group_summary_update_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('group_summary', ARRAY(SELECT DISTINCT p.group_id::text FROM old_rows AS o JOIN new_rows AS n USING (id) JOIN food_posts AS p ON p.id = n.food_id WHERE (o.status = 'completed') <> (n.status = 'completed') AND EXISTS (SELECT FROM ratings AS r WHERE r.exchange_id = n.id))); RETURN NULL;", hash='19ec6dcffdcf627f75912ff3e47019482a887a77', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_group_summary_update_noted_4d6be', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='exchanges', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='watchedexchange',
            trigger=pgtrigger.compiler.Trigger(name='group_summary_delete_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('group_summary', ARRAY(SELECT DISTINCT p.group_id::text FROM old_rows AS o JOIN food_posts AS p ON p.id = o.food_id WHERE o.status = 'completed')); RETURN NULL;", hash='d46d5517f31b5eaeba1e5f52b9ece8195551a4bb', level='STATEMENT', operation='DELETE', pgid='pgtrigger_group_summary_delete_noted_237d2', referencing='REFERENCING OLD TABLE AS old_rows ', table='exchanges', when='AFTER')),
        ),
    ]
