"""The log of what happens in groups and neighborhoods."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from foodshare.db.fields import TimestampField
from foodshare.db.rights import rights_of

ROLES = {"moderator": ("groups.view_groupactivity",)}
grant, revoke = rights_of(ROLES)


class Migration(migrations.Migration):
    dependencies = [
        ("foodshare", "0015_outbox_delivery"),
        ("foodshare", "0009_staff_roles"),
        ("groups", "0012_claim_delays"),
    ]
    operations = [
        migrations.CreateModel(
            name="GroupActivity",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("event_type", models.CharField(max_length=50)),
                ("details", models.JSONField()),
                ("stream_id", models.CharField(max_length=100, null=True)),
                ("created_at", TimestampField()),
                ("processed_at", TimestampField()),
                ("group", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="activities", to="groups.communitygroup")),
                ("user", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "db_table": "group_activities",
                "verbose_name_plural": "group activities",
                "indexes": [
                    models.Index(fields=["group", "-created_at", "-id"], name="group_activities_group_idx"),
                    models.Index(fields=["-created_at", "-id"], name="group_activities_created_idx"),
                ],
            },
        ),
        migrations.RunPython(grant, revoke),
    ]
