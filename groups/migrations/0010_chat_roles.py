"""What the staff's two roles may see and do of profiles, relationships, chat, status updates and the forum."""

from importlib import import_module

from django.contrib.auth.management import create_permissions
from django.db import migrations

find = import_module("foodshare.migrations.0009_staff_roles").find

APPS = ("foodshare", "groups")

# What people write to each other apart from any group is for moderators only.
SUPPORT = (
    "foodshare.view_profile", "groups.view_room", "groups.view_statusupdate", "groups.view_forumcategory",
    "groups.view_forumthread", "groups.view_forumpost",
)
MODERATOR = (
    *SUPPORT,
    "foodshare.change_profile", "foodshare.view_relationship", "groups.change_room", "groups.view_conversation",
    "groups.view_participant", "groups.view_message", "groups.change_message", "groups.change_statusupdate",
    "groups.change_forumcategory", "groups.change_forumthread", "groups.change_forumpost",
)
ROLES = {"moderator": MODERATOR, "support": SUPPORT}


def grant(apps, schema_editor):
    """Give each role its rights; the rows of the rights come here, as migrate makes them only at its end."""
    using = schema_editor.connection.alias
    for label in APPS:
        config = apps.get_app_config(label)
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


def granted_rights(apps, using):
    """The table between roles and rights; role.permissions.add() would write through the router."""
    return apps.get_model("auth", "Group").permissions.through.objects.using(using)


def roles(apps, using):
    """Of each role that is still there: its key and the keys of its rights."""
    rights = apps.get_model("auth", "Permission").objects.using(using)
    for role in apps.get_model("auth", "Group").objects.using(using).filter(name__in=ROLES):
        yield role.pk, [find(rights, label).pk for label in ROLES[role.name]]


class Migration(migrations.Migration):
    dependencies = [
        ("foodshare", "0012_social"),
        ("foodshare", "0009_staff_roles"),
        ("groups", "0009_partitioned_tables"),
    ]
    operations = [
        migrations.RunPython(grant, revoke),
    ]
