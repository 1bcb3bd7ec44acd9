"""The staff's two roles: moderator and support."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

APPS = ("foodshare", "groups", "reputation")

# Acting on a row (approve, resolve, suspend, withdraw) takes the right to change rows of its kind.
SUPPORT = (
    "foodshare.view_user", "foodshare.view_verificationrequest", "foodshare.view_exchange",
    "foodshare.view_foodpost", "foodshare.view_building", "foodshare.view_neighborhood",
    "groups.view_communitygroup", "groups.view_membership",
)
MODERATOR = (
    *SUPPORT,
    "foodshare.change_user", "foodshare.change_verificationrequest", "foodshare.change_exchange",
    "foodshare.change_foodpost", "foodshare.add_building", "foodshare.change_building",
    "foodshare.add_neighborhood", "foodshare.change_neighborhood", "foodshare.view_rating",
    "foodshare.view_modetransitionevent", "groups.change_communitygroup", "groups.view_groupactivitysummary",
    "reputation.view_userglobalreputation", "reputation.view_reputationevent",
)
ROLES = {"moderator": MODERATOR, "support": SUPPORT}


def create_roles(apps, schema_editor):
    """Make each role with its rights; the rows of the rights come here, as migrate makes them only at its end."""
    using = schema_editor.connection.alias
    for label in APPS:
        config = apps.get_app_config(label)
        config.models_module = True  # create_permissions passes over an app without, as all are in a migration
        create_permissions(config, verbosity=0, using=using, apps=apps)
    role_model, rights = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    granted = role_model.permissions.through  # role.permissions.add() would write through the router
    for name, labels in ROLES.items():
        role, _ = role_model.objects.using(using).get_or_create(name=name)
        granted.objects.using(using).bulk_create([
            granted(group_id=role.pk, permission_id=find(rights.objects.using(using), label).pk) for label in labels
        ], ignore_conflicts=True)


def find(rights, label):
    app, codename = label.split(".")
    return rights.get(content_type__app_label=app, codename=codename)


def remove_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias).filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("foodshare", "0008_extensions"),
        ("groups", "0005_platform_indexes"),
        ("reputation", "0003_platform_indexes"),
    ]
    operations = [
        migrations.RunPython(create_roles, remove_roles),
    ]
