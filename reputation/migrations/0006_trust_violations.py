"""What moderators should look at, and their right to."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

from foodshare.db.fields import DatabaseNow, TimestampField

find = import_module("foodshare.migrations.0009_staff_roles").find
granted_rights = import_module("groups.migrations.0010_chat_roles").granted_rights

ROLES = {"moderator": ("reputation.view_trustviolation", "reputation.change_trustviolation")}


def grant(apps, schema_editor):
    """Give the role its rights; the rows of the rights come here, as migrate makes them only at its end."""
    using = schema_editor.connection.alias
    config = apps.get_app_config("reputation")
    config.models_module = True  # create_permissions passes over an app without, as all are in a migration
    create_permissions(config, verbosity=0, using=using, apps=apps)
    granted = granted_rights(apps, using)
    for role, rights in roles(apps, using):
        granted.bulk_create([granted.model(group_id=role, permission_id=right) for right in rights],
                            ignore_conflicts=True)


def revoke(apps, schema_editor):
    using = schema_editor.connection.alias
    for role, rights in roles(apps, using):
        granted_rights(apps, using).filter(group_id=role, permission_id__in=rights).delete()


def roles(apps, using):
    """Of each role that is still there: its key and the keys of its rights."""
    rights = apps.get_model("auth", "Permission").objects.using(using)
    for role in apps.get_model("auth", "Group").objects.using(using).filter(name__in=ROLES):
        yield role.pk, [find(rights, label).pk for label in ROLES[role.name]]


class Migration(migrations.Migration):
    dependencies = [
        ("foodshare", "0009_staff_roles"),
        ("groups", "0010_chat_roles"),
        ("reputation", "0005_reputation_states"),
    ]
    operations = [
        migrations.CreateModel(
            name="TrustViolation",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=50)),
                ("details", models.JSONField(default=dict, help_text="The evidence.")),
                ("stream_id", models.CharField(max_length=100, null=True)),
                ("created_at", TimestampField(help_text="When it was found.")),
                ("processed_at", TimestampField(db_default=DatabaseNow(), help_text="When it came here.")),
                ("reviewed_at", TimestampField(null=True)),
                ("note", models.TextField(blank=True, db_default="", help_text="What the moderator found.")),
                ("reviewed_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("user", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "trust_violations",
                "indexes": [models.Index(fields=["-reviewed_at", "-created_at", "-id"], name="trust_violations_queue_idx")],
            },
        ),
        migrations.RunPython(grant, revoke),
    ]
