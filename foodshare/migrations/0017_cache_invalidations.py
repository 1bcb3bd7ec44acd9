"""Triggers note what changed of what the cache may hold, and the relay delivers it."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from foodshare.db.operations import RunSQLFile
from foodshare.models.cache import CurrentTransaction

FUNCTIONS = (
    "pgtrigger_account_truncate_noted_cd149",
    "pgtrigger_account_update_noted_f7156",
    "pgtrigger_account_delete_noted_9b507",
    "pgtrigger_person_truncate_noted_bf7b4",
    "pgtrigger_person_update_noted_ecf5a",
    "pgtrigger_person_delete_noted_19dad",
    "pgtrigger_token_truncate_noted_f6a16",
    "pgtrigger_token_update_noted_ec4c5",
    "pgtrigger_token_delete_noted_3c5ff",
)


class Migration(migrations.Migration):

    dependencies = [
        ('foodshare', '0016_revealed_ratings'),
        ('knox', '0009_extend_authtoken_field'),
    ]

    operations = [
        # pgtrigger leaves the functions of removed triggers behind.
        migrations.RunSQL(migrations.RunSQL.noop, "DROP FUNCTION IF EXISTS " + ", ".join(FUNCTIONS)),
        migrations.CreateModel(
            name='CacheInvalidation',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('change', models.CharField(help_text='As foodshare.cache.keys.CHANGES names it.', max_length=30)),
                ('subject', models.CharField(help_text='The id of what changed; * for very many.', max_length=150)),
                ('xid', models.BigIntegerField(db_default=CurrentTransaction(), help_text='The transaction that changed it.')),
            ],
            options={
                'db_table': 'cache_invalidations',
            },
        ),
        RunSQLFile("foodshare", "note_cache_invalidations"),
        migrations.CreateModel(
            name='WatchedToken',
            fields=[
            ],
            options={
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('knox.authtoken',),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='account_truncate_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('account', ARRAY['*']); RETURN NULL;", hash='096f62806bde9e6ebe0f2d470495bb47f51e6dc6', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_account_truncate_noted_cd149', table='users', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='account_update_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('account', ARRAY(SELECT DISTINCT unnest(ARRAY[o.id::text, n.id::text]) FROM old_rows AS o JOIN new_rows AS n USING (id) WHERE (o.name, o.image, o.is_active, o.sharing_mode, o.verification_level, o.email, o.is_staff, o.is_superuser, o.building_id, o.apartment, o.created_at) IS DISTINCT FROM (n.name, n.image, n.is_active, n.sharing_mode, n.verification_level, n.email, n.is_staff, n.is_superuser, n.building_id, n.apartment, n.created_at))); RETURN NULL;", hash='369c616123d03c8ec8b746287fc8874585931c46', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_account_update_noted_f7156', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='users', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='account_delete_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('account', ARRAY(SELECT DISTINCT unnest(ARRAY[id::text]) FROM old_rows)); RETURN NULL;", hash='4d7c5f333f8fef38efd01cdf0050e775829446ba', level='STATEMENT', operation='DELETE', pgid='pgtrigger_account_delete_noted_9b507', referencing='REFERENCING OLD TABLE AS old_rows ', table='users', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='person_truncate_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('person', ARRAY['*']); RETURN NULL;", hash='817080900b07b7a275a3c3007a4ecae0e42bcc18', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_person_truncate_noted_bf7b4', table='users', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='person_update_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('person', ARRAY(SELECT DISTINCT unnest(ARRAY[o.id::text, n.id::text]) FROM old_rows AS o JOIN new_rows AS n USING (id) WHERE (o.name, o.image, o.is_active) IS DISTINCT FROM (n.name, n.image, n.is_active))); RETURN NULL;", hash='17b14671a0c5898fdd50377255b748719769f309', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_person_update_noted_ecf5a', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='users', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='user',
            trigger=pgtrigger.compiler.Trigger(name='person_delete_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('person', ARRAY(SELECT DISTINCT unnest(ARRAY[id::text]) FROM old_rows)); RETURN NULL;", hash='4a303cf549fc5b78d684e380b24a50db38464be2', level='STATEMENT', operation='DELETE', pgid='pgtrigger_person_delete_noted_19dad', referencing='REFERENCING OLD TABLE AS old_rows ', table='users', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='watchedtoken',
            trigger=pgtrigger.compiler.Trigger(name='token_truncate_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('token', ARRAY['*']); RETURN NULL;", hash='c9b0b5f92358031af6af2a7e41ce5cc7cf43f43c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_token_truncate_noted_f6a16', table='knox_authtoken', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='watchedtoken',
            trigger=pgtrigger.compiler.Trigger(name='token_update_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('token', ARRAY(SELECT DISTINCT unnest(ARRAY[o.digest::text, n.digest::text]) FROM old_rows AS o JOIN new_rows AS n USING (digest) WHERE (o.expiry, o.user_id) IS DISTINCT FROM (n.expiry, n.user_id))); RETURN NULL;", hash='fff5b9f3de3dd1c651300b3b4117350745910804', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_token_update_noted_ec4c5', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='knox_authtoken', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='watchedtoken',
            trigger=pgtrigger.compiler.Trigger(name='token_delete_noted', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM note_cache_invalidations('token', ARRAY(SELECT DISTINCT unnest(ARRAY[digest::text]) FROM old_rows)); RETURN NULL;", hash='97bf7617e6eaf327bd99f138acc633e7e3c1173e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_token_delete_noted_3c5ff', referencing='REFERENCING OLD TABLE AS old_rows ', table='knox_authtoken', when='AFTER')),
        ),
    ]
