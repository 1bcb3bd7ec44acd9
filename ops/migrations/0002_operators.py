"""The staff's third role: operators, who see to alerts and to what the machinery keeps."""

from django.db import migrations

from foodshare.db.rights import rights_of

OPERATOR = (
    "ops.view_monitoringsample", "ops.cancel_query", "ops.view_alert", "ops.change_alert",
    "ops.view_alertsilence", "ops.add_alertsilence", "ops.change_alertsilence",
    "procrastinate.view_procrastinatejob", "foodshare.view_outboxevent", "foodshare.change_outboxevent",
    "reputation.view_eventstreamcheckpoint", "admin.view_logentry",
)
ROLES = {"operator": OPERATOR}
grant, revoke = rights_of(ROLES)


def roles(apps, schema_editor):
    return apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)


def create_roles(apps, schema_editor):
    for name in ROLES:
        roles(apps, schema_editor).get_or_create(name=name)


def remove_roles(apps, schema_editor):
    roles(apps, schema_editor).filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("foodshare", "0019_user_activity"),
        ("ops", "0001_monitoring"),
        ("procrastinate", "0001_initial"),
        ("reputation", "0012_reputation_noted"),
    ]
    operations = [
        migrations.RunPython(create_roles, remove_roles),
        migrations.RunPython(grant, revoke),
    ]
